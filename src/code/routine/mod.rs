//! Work that is not written in WGSL: native kernels of ours and routines of libraries, as plain data.

mod accelerated;
mod chain;
mod convolution;
mod matmul;
mod probe;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use accelerated::{AcceleratedCall, Operands};
pub use chain::{ChainCall, ChainInput, ChainOutput, Node, Reduction};
pub use convolution::ConvolutionCall;
pub use matmul::MatmulCall;
pub use probe::ProbeCall;

use crate::base::ElementType;

/// What one run of a program does where no kernel of it is text: which routine does it, what is computed, and how.
///
/// It is given all inputs of the workload, then all outputs, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Routine {
    /// Whose it is: `native` for ours, else the library.
    pub library: String,
    /// The library's version; ours changes when its kernels do, so that they are measured anew.
    pub version: String,
    /// Which of the library's routines, such as `blocked` or `sgemm`.
    pub name: String,
    /// What is computed.
    pub call: Call,
    /// How: the values of the config.
    pub options: BTreeMap<String, i64>,
}

/// What a routine computes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Products of matrices.
    Matmul(MatmulCall),
    /// A convolution of images, plain or transposed.
    Convolution(ConvolutionCall),
    /// Expressions, element by element or row by row.
    Chain(ChainCall),
    /// Fixed work that shows what a processor can do at most.
    Probe(ProbeCall),
    /// A convolution, or a product of matrices as one, cut for VTA.
    Accelerated(AcceleratedCall),
}

/// One step of an epilogue, on each output element before it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Post {
    /// Adds the value of the element's output channel; a matmul's channels are the columns of C.
    Bias {
        /// The number of the input that has one for each channel.
        input: usize,
    },
    /// Adds the same element of an input shaped like the output.
    Residual {
        /// The number of that input.
        input: usize,
    },
    /// Multiplies by a number.
    Scale(f32),
    /// `min(max(x, 0), cap)`.
    Cap(f32),
    /// An elementwise function by its name in workloads.
    Function(String),
}

/// How many elements the tensors of a call have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extents {
    /// Of each input.
    pub inputs: Vec<u64>,
    /// Of each output.
    pub outputs: Vec<u64>,
}

impl Routine {
    /// The value of an option.
    pub fn option(&self, name: &str) -> Option<i64> {
        self.options.get(name).copied()
    }

    /// How many threads of the host run it, where it says so; else all do.
    pub fn threads(&self) -> Option<i64> {
        self.option("threads")
    }
}

/// The library of our own routines.
pub const NATIVE: &str = "native";

impl Call {
    /// How many elements each tensor must have.
    pub fn extents(&self) -> Extents {
        match self {
            Self::Matmul(call) => call.extents(),
            Self::Convolution(call) => call.extents(),
            Self::Chain(call) => call.extents(),
            Self::Probe(call) => call.extents(),
            Self::Accelerated(call) => call.extents(),
        }
    }

    /// The type of all elements but those of a bias of integers. Arithmetic is in f32, or in i32.
    pub fn element(&self) -> ElementType {
        match self {
            Self::Matmul(call) => call.element,
            Self::Convolution(call) => call.element,
            Self::Chain(call) => call.element,
            Self::Probe(_) => ElementType::F32,
            Self::Accelerated(_) => ElementType::I8,
        }
    }

    /// Operations as the definition has them: a multiply-add counts as two.
    pub fn operations(&self) -> f64 {
        match self {
            Self::Matmul(call) => call.operations(),
            Self::Convolution(call) => call.operations(),
            Self::Chain(call) => call.operations(),
            // Whoever asks for it counts in operations or in bytes.
            Self::Probe(_) => 0.0,
            Self::Accelerated(call) => call.operations(),
        }
    }
}

/// The library, the routine, and how it is called.
impl fmt::Display for Routine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} {}", self.name, self.library, self.version)?;
        self.options.iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

/// The elements of the inputs that an epilogue adds, which are numbered from `first` on.
fn added(epilogue: &[Post], channels: u64, outputs: u64) -> impl Iterator<Item = u64> {
    epilogue.iter().filter_map(move |post| match post {
        Post::Bias { .. } => Some(channels),
        Post::Residual { .. } => Some(outputs),
        Post::Scale(_) | Post::Cap(_) | Post::Function(_) => None,
    })
}
