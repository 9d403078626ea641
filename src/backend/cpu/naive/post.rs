//! What is done with a sum before it is stored.

use super::functions::{Function, find};
use crate::code::routine::Post;

/// One step, understood.
enum Step {
    Bias(usize),
    Residual(usize),
    Scale(f32),
    Cap(f32),
    Call(Function),
}

/// An epilogue, understood.
pub(super) struct Epilogue(Vec<Step>);

impl Epilogue {
    pub fn new(posts: &[Post]) -> Result<Self, String> {
        let step = |post: &Post| {
            Ok(match post {
                Post::Bias { input } => Step::Bias(*input),
                Post::Residual { input } => Step::Residual(*input),
                Post::Scale(factor) => Step::Scale(*factor),
                Post::Cap(cap) => Step::Cap(*cap),
                Post::Function(name) => Step::Call(find(name)?),
            })
        };
        Ok(Self(posts.iter().map(step).collect::<Result<_, String>>()?))
    }

    /// The element that is stored where this is the sum.
    pub fn apply(&self, inputs: &[&[f32]], channel: usize, index: usize, sum: f32) -> f32 {
        self.0.iter().fold(sum, |v, step| match step {
            Step::Bias(input) => v + inputs[*input][channel],
            Step::Residual(input) => v + inputs[*input][index],
            Step::Scale(factor) => v * factor,
            Step::Cap(cap) => v.max(0.0).min(*cap),
            Step::Call(function) => function(&[v]),
        })
    }
}
