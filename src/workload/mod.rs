//! What to compute, never how: a workload and its one line of text.
//!
//! ```text
//! workload = operator ":" types ":" dims [":" layout] [":" expression] ("+" step)*
//! types    = type | type ">" type ">" type           storage; or input, accumulator, output
//! operator = name | name "@" digest                   a digest for a version of a user's kernel
//! dims     = (letters digits)+                        m512n512k256; letters may have `_` between them
//! step     = name [number]                            relu, shift8, scale0.125
//! ```
//!
//! An expression runs to the end of the line, so a workload that has one has no steps: its epilogue is part of it.
//! `Display` and `FromStr` are exact inverses. Which dims, layouts and steps make sense is the operator's business.

mod expression;
mod near;
mod parse;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::ElementType;

pub use expression::{Assignments, Binary, Expr, UNNAMED_OUTPUT};

/// A text that is no workload; the message says what was expected where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum WorkloadError {
    #[error("`{text}` is no workload: expected {expected}, as in `matmul:f32:m512n512k256+bias+relu`")]
    Shape { text: String, expected: &'static str },
    #[error(
        "`{text}` is no type: {why}; write one such as `f32`, or input, accumulator and output such as `i8>i32>i8`"
    )]
    Types { text: String, why: String },
    #[error("dims `{text}`: {why}; write names and sizes such as `m512n512k256`")]
    Dims { text: String, why: String },
    #[error("step `{text}`: expected a name, optionally with a number, such as `relu` or `shift8`")]
    Step { text: String },
    #[error("expression `{text}`, character {at}: expected {expected}")]
    Expression { text: String, at: usize, expected: String },
}

/// What to compute.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// The operator's name.
    pub operator: String,
    /// Element types.
    pub types: Types,
    /// Sizes.
    pub dims: Dims,
    /// How the tensors lie in memory, where it was written.
    pub layout: Option<Layout>,
    /// What a chain computes.
    pub expression: Option<Assignments>,
    /// Elementwise steps applied to the result, in order.
    pub steps: Vec<Step>,
}

/// Element types of storage and arithmetic. `f16` alone means f16 storage with f32 accumulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Types {
    /// Of the tensors that are read.
    pub input: ElementType,
    /// In which sums are kept.
    pub accumulator: ElementType,
    /// Of the tensor that is written.
    pub output: ElementType,
}

impl Types {
    /// Floats in and out.
    pub const FLOATS: [Self; 2] = [
        Self { input: ElementType::F32, accumulator: ElementType::F32, output: ElementType::F32 },
        Self { input: ElementType::F16, accumulator: ElementType::F32, output: ElementType::F16 },
    ];
    /// Bytes in and out, with sums in i32.
    pub const INTEGERS: Self = Self { input: ElementType::I8, accumulator: ElementType::I32, output: ElementType::I8 };

    /// The meaning of a single type name.
    pub fn of(storage: ElementType) -> Self {
        let accumulator = if storage == ElementType::F16 { ElementType::F32 } else { storage };
        Self { input: storage, accumulator, output: storage }
    }
}

/// Named sizes, in the order written; a name occurs once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dims(pub Vec<(String, u64)>);

impl Dims {
    /// The size of that name.
    pub fn get(&self, name: &str) -> Option<u64> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, size)| *size)
    }
}

/// The layout words: a closed list, so that no expression can be taken for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// A and B plain.
    Nn,
    /// A plain, B transposed.
    Nt,
    /// A transposed, B plain.
    Tn,
    /// Both transposed.
    Tt,
    /// Channels before pixels.
    Nchw,
    /// Channels innermost.
    Nhwc,
}

impl Layout {
    /// Every layout.
    pub const ALL: [Layout; 6] = [Self::Nn, Self::Nt, Self::Tn, Self::Tt, Self::Nchw, Self::Nhwc];

    /// Its word in workloads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nn => "nn",
            Self::Nt => "nt",
            Self::Tn => "tn",
            Self::Tt => "tt",
            Self::Nchw => "nchw",
            Self::Nhwc => "nhwc",
        }
    }
}

/// One elementwise step of an epilogue.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// Its number, where one was written.
    pub argument: Option<f64>,
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.operator, self.types, self.dims)?;
        if let Some(layout) = self.layout {
            write!(f, ":{}", layout.name())?;
        }
        if let Some(expression) = &self.expression {
            write!(f, ":{expression}")?;
        }
        self.steps.iter().try_for_each(|step| write!(f, "+{step}"))
    }
}

impl fmt::Display for Types {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::of(self.input) {
            write!(f, "{}", self.input)
        } else {
            write!(f, "{}>{}>{}", self.input, self.accumulator, self.output)
        }
    }
}

impl fmt::Display for Dims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(name, size)| write!(f, "{name}{size}"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.argument.map_or(Ok(()), |argument| write!(f, "{argument}"))
    }
}

impl Serialize for Workload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Workload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
