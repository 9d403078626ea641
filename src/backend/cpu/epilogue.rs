//! Epilogues of calls as the kernels take them.

use super::kernels::Data;
use super::kernels::Width;
use super::kernels::elementwise::{Function, Post};
use crate::base::Processor;
use crate::code::routine;

/// One step, with the number of the input that it reads.
enum Step {
    Bias(usize),
    Residual(usize),
    Plain(Post<'static>),
}

/// The steps of a call, understood.
pub(super) struct Epilogue(Vec<Step>);

impl Epilogue {
    /// # Errors
    /// When kernels do not know a function.
    pub fn new(posts: &[routine::Post]) -> Result<Self, String> {
        let step = |post: &routine::Post| {
            Ok(match post {
                routine::Post::Bias { input } => Step::Bias(*input),
                routine::Post::Residual { input } => Step::Residual(*input),
                routine::Post::Scale(factor) => Step::Plain(Post::Scale(*factor)),
                routine::Post::Cap(cap) => Step::Plain(Post::Cap(*cap)),
                routine::Post::Function(name) => Step::Plain(Post::Function(function(name)?)),
            })
        };
        Ok(Self(posts.iter().map(step).collect::<Result<_, String>>()?))
    }

    /// With the inputs of a run.
    pub fn bind<'a>(&self, inputs: &[Data<'a>]) -> Vec<Post<'a>> {
        let bound = |step: &Step| match step {
            Step::Bias(input) => Post::Bias(inputs[*input]),
            Step::Residual(input) => Post::Residual(inputs[*input]),
            Step::Plain(post) => *post,
        };
        self.0.iter().map(bound).collect()
    }
}

fn function(name: &str) -> Result<Function, String> {
    Function::find(name).ok_or_else(|| format!("no kernel knows the function `{name}`"))
}

/// The widest vectors of a processor.
pub(super) fn widest(processor: &Processor) -> Width {
    Width::of(processor.widest() as usize).unwrap_or(Width::Scalar)
}
