//! Epilogues: the elementwise steps after a matmul or a convolution, in reference and in WGSL.

use super::elementwise::{self, Function};
use crate::base::{Approx, ElementType, Tensor, TensorSpec};
use crate::code::routine::Post;
use crate::workload::Step;

/// The steps of one workload, understood.
#[derive(Clone)]
pub struct Epilogue {
    steps: Vec<Action>,
    /// The inputs that the steps read, after the operator's own.
    pub inputs: Vec<TensorSpec>,
    /// Arithmetic operations per output element.
    pub flops: f64,
}

#[derive(Clone, Copy)]
enum Action {
    /// Adds the value of this output channel.
    Bias {
        input: usize,
    },
    /// Adds the same element of a tensor shaped like the output.
    Residual {
        input: usize,
    },
    Call(&'static Function),
    Scale(f64),
    /// `min(max(x, 0), cap)`.
    Cap(f64),
    /// Arithmetic shift to the right, integers only.
    Shift(u32),
    /// Saturation to the output type's range, integers only.
    Clip {
        low: f64,
        high: f64,
    },
}

/// The steps with their meaning, for help texts and messages.
pub const STEPS: &[(&str, &str)] = &[
    ("bias", "adds one value per output channel"),
    ("residual", "adds a tensor shaped like the output"),
    ("scaleN", "multiplies by the number N"),
    ("relu, reluN", "max(x, 0); with N also min(x, N)"),
    ("gelu, gelu_tanh, silu, sigmoid, tanh, abs", "as in chains"),
    ("shiftN", "integers: arithmetic shift right by N bits"),
    ("clip", "integers: saturates to the output type"),
];

/// The functions of one value that are defined for whatever a sum may be.
const ACTIVATIONS: [&str; 6] = ["gelu", "gelu_tanh", "silu", "sigmoid", "tanh", "abs"];

/// What an epilogue is attached to.
pub struct Site<'a> {
    /// The first index that the epilogue's own inputs get.
    pub first_input: usize,
    pub channels: u64,
    pub output: &'a TensorSpec,
    pub accumulator: ElementType,
}

impl Epilogue {
    /// Understands the steps, or says in half a sentence which of them means nothing here.
    pub fn new(steps: &[Step], site: &Site) -> Result<Self, String> {
        let mut epilogue = Self { steps: Vec::new(), inputs: Vec::new(), flops: steps.len() as f64 };
        for step in steps {
            let action = epilogue.understand(step, site)?;
            epilogue.steps.push(action);
        }
        if !site.accumulator.is_float() && !matches!(epilogue.steps.last(), Some(Action::Clip { .. })) {
            return Err("integer results must end in `+clip`, which saturates them to the output type".to_owned());
        }
        Ok(epilogue)
    }

    fn understand(&mut self, step: &Step, site: &Site) -> Result<Action, String> {
        let float = site.accumulator.is_float();
        if step.argument.is_some_and(|argument| !(argument as f32).is_finite()) {
            return Err(format!("step `{step}` has a number beyond f32"));
        }
        let action = match (step.name.as_str(), step.argument) {
            ("bias", None) => {
                let element = if float { site.output.element } else { site.accumulator };
                Action::Bias { input: self.add("bias", element, vec![site.channels], site)? }
            }
            ("residual", None) => {
                Action::Residual { input: self.add("residual", site.output.element, site.output.shape.clone(), site)? }
            }
            ("scale", Some(factor)) if float => Action::Scale(factor),
            ("relu", Some(cap)) if cap > 0.0 => Action::Cap(cap),
            ("shift", Some(bits)) if !float && (0.0..=31.0).contains(&bits) && bits.fract() == 0.0 => {
                Action::Shift(bits as u32)
            }
            ("clip", None) if !float => Action::Clip { low: -128.0, high: 127.0 },
            (name, None) => match elementwise::find(name) {
                Some(function) if name == "relu" || float && ACTIVATIONS.contains(&name) => Action::Call(function),
                _ => return Err(unknown(step)),
            },
            _ => return Err(unknown(step)),
        };
        Ok(action)
    }

    fn add(&mut self, name: &str, element: ElementType, shape: Vec<u64>, site: &Site) -> Result<usize, String> {
        if self.inputs.iter().any(|input| input.name == name) {
            return Err(format!("step `{name}` occurs twice"));
        }
        self.inputs.push(TensorSpec::new(name, element, &shape));
        Ok(site.first_input + self.inputs.len() - 1)
    }

    /// The true result after all steps; `channel` and `index` say which output element it is.
    pub fn apply(
        &self,
        inputs: &[Tensor],
        channel: u64,
        index: u64,
        accumulator: ElementType,
        value: Approx,
    ) -> Approx {
        let u = accumulator.roundoff();
        self.steps.iter().fold(value, |v, step| match step {
            Action::Bias { input } => v.plus(Approx::exact(inputs[*input].at(channel)), u),
            Action::Residual { input } => v.plus(Approx::exact(inputs[*input].at(index)), u),
            Action::Call(function) => function.apply(&[v]),
            Action::Scale(factor) => v.times(Approx::exact(f64::from(*factor as f32)), u),
            Action::Cap(cap) => v.map(v.value.clamp(0.0, f64::from(*cap as f32)), 1.0, 0.0, 0.0),
            Action::Shift(bits) => Approx::exact((v.value / f64::from(1u32 << bits)).floor()),
            Action::Clip { low, high } => Approx::exact(v.value.clamp(*low, *high)),
        })
    }

    /// The steps as one linear function of the sum; `None` where one of them is not linear.
    pub fn linear(&self) -> Option<Linear> {
        let mut linear = Linear { scale: 1.0, added: Vec::new() };
        for step in &self.steps {
            match step {
                Action::Bias { input } => linear.added.push(Added { input: *input, is_bias: true, scale: 1.0 }),
                Action::Residual { input } => linear.added.push(Added { input: *input, is_bias: false, scale: 1.0 }),
                Action::Scale(factor) => linear.rescale(f64::from(*factor as f32)),
                Action::Call(_) | Action::Cap(_) | Action::Shift(_) | Action::Clip { .. } => return None,
            }
        }
        Some(linear)
    }

    /// The steps as routines are asked for them. Integer steps have none: no routine computes on integers.
    pub fn posts(&self) -> Option<Vec<Post>> {
        let post = |step: &Action| match step {
            Action::Bias { input } => Some(Post::Bias { input: *input }),
            Action::Residual { input } => Some(Post::Residual { input: *input }),
            Action::Call(function) => Some(Post::Function(function.name.to_owned())),
            Action::Scale(factor) => Some(Post::Scale(*factor as f32)),
            Action::Cap(cap) => Some(Post::Cap(*cap as f32)),
            Action::Shift(_) | Action::Clip { .. } => None,
        };
        self.steps.iter().map(post).collect()
    }

    /// The steps as VTA has them after each other: a bias, a shift, and the range of the results; `None` where they are others,
    /// or in another order.
    pub fn integer_steps(&self) -> Option<IntegerSteps> {
        let mut found = IntegerSteps { bias: false, shift: 0, clip: [i8::MIN.into(), i8::MAX.into()] };
        // What may come next: what has been met is not met again, nor what stands before it.
        let mut next = 0;
        for step in &self.steps {
            let place = match step {
                Action::Bias { .. } => 0,
                // The only function that integers have is max(x, 0): before a shift it does the same as after it.
                Action::Call(_) => next.max(1),
                Action::Shift(_) => 1,
                Action::Cap(_) => 2,
                Action::Clip { .. } => 3,
                Action::Residual { .. } | Action::Scale(_) => return None,
            };
            if place < next {
                return None;
            }
            match step {
                Action::Call(_) => found.clip[0] = 0,
                Action::Shift(bits) => found.shift = *bits,
                Action::Cap(cap) => found.clip = [0, cap.floor().min(i8::MAX.into()) as i16],
                step => found.bias |= matches!(step, Action::Bias { .. }),
            }
            next = if matches!(step, Action::Call(_)) { place } else { place + 1 };
        }
        Some(found)
    }

    /// The steps as WGSL statements on a variable `v` of type `Value`; `bias` and `residual` are WGSL expressions that
    /// load the values to be added.
    pub fn statements(&self, bias: &str, residual: &str) -> Vec<String> {
        let statement = |step: &Action| match step {
            Action::Bias { .. } => format!("v += {bias};"),
            Action::Residual { .. } => format!("v += {residual};"),
            Action::Call(function) => format!("v = {}(v);", function.wgsl),
            Action::Scale(factor) => format!("v *= {:?};", *factor as f32),
            Action::Cap(cap) => format!("v = clamp(v, Value(0.0), Value({:?}));", *cap as f32),
            Action::Shift(_) | Action::Clip { .. } => unreachable!("integer epilogues have no WGSL template"),
        };
        self.steps.iter().map(statement).collect()
    }

    /// The functions whose definitions the statements need.
    pub fn functions(&self) -> Vec<&'static str> {
        let calls = self.steps.iter().filter_map(|step| match step {
            Action::Call(function) => Some(function.name),
            _ => None,
        });
        calls.collect()
    }
}

/// The epilogue of integers in the only order in which VTA has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntegerSteps {
    /// Whether each output channel has a number that is added.
    pub bias: bool,
    /// Bits that are shifted out to the right.
    pub shift: u32,
    /// The smallest and the largest result.
    pub clip: [i16; 2],
}

/// A linear epilogue: the sum times `scale`, and what is added to it.
pub struct Linear {
    pub scale: f64,
    pub added: Vec<Added>,
}

/// An input that a linear epilogue adds, times `scale`.
pub struct Added {
    pub input: usize,
    /// One value for each output channel; otherwise one for each output element.
    pub is_bias: bool,
    pub scale: f64,
}

impl Linear {
    fn rescale(&mut self, factor: f64) {
        self.scale *= factor;
        self.added.iter_mut().for_each(|added| added.scale *= factor);
    }
}

fn unknown(step: &Step) -> String {
    let known: Vec<String> = STEPS.iter().map(|(name, about)| format!("{name} ({about})")).collect();
    format!("step `{step}` means nothing here; steps are {}", known.join("; "))
}
