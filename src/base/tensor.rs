//! Tensors as operators see them: a name, a type, a shape, and the rule that makes the contents.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Distribution, ElementType, Fill};

/// One input or output of an operator. Elements lie in row-major order, the last extent contiguous.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TensorSpec {
    /// Its name in kernels and messages.
    pub name: String,
    /// The type of its elements.
    pub element: ElementType,
    /// The extent of each axis.
    pub shape: Vec<u64>,
    /// What the contents of an input look like (outputs are poisoned instead).
    pub distribution: Distribution,
    /// Where its contents lie, instead of a rule for them.
    pub file: Option<Contents>,
    /// Whether an output holds such contents before a run, as an input does: kernels read it and change it.
    pub initial: bool,
}

/// The part of a file that a buffer's elements are taken from, little-endian, as they lie in the buffer.
///
/// Taken not to change while jobs name it: buffers are kept from one job to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// The file, in UTF-8.
    pub path: PathBuf,
    /// Where in it the first element begins, in bytes.
    pub offset: u64,
}

impl TensorSpec {
    /// A tensor with the usual distribution of its element type.
    pub fn new(name: &str, element: ElementType, shape: &[u64]) -> Self {
        let distribution = match element {
            ElementType::F32 | ElementType::F16 => Distribution::Uniform { low: -1.0, high: 1.0 },
            ElementType::I8 => Distribution::Integers { low: -127, high: 127 },
            ElementType::I32 => Distribution::Integers { low: -1000, high: 1000 },
            ElementType::U32 => Distribution::WholeNumbers { low: 0, high: 1000 },
        };
        Self { name: name.to_owned(), element, shape: shape.to_vec(), distribution, file: None, initial: false }
    }

    /// The rule for its contents under a seed.
    pub fn fill(&self, seed: u32) -> Fill {
        Fill { seed, distribution: self.distribution }
    }

    /// How many elements there are.
    pub fn elements(&self) -> u64 {
        self.shape.iter().product()
    }

    /// Bytes of the elements alone, without guard zones or padding.
    pub fn bytes(&self) -> u64 {
        self.elements() * self.element.bytes()
    }

    /// Makes the usual contents on the host, each value rounded to the element type.
    pub fn materialise(&self, seed: u32) -> Tensor {
        self.filled(self.fill(seed))
    }

    /// Makes the contents by another rule than the usual one.
    pub fn filled(&self, fill: Fill) -> Tensor {
        let values = (0..self.elements()).map(|i| self.element.quantise(fill.value(i)) as f32).collect();
        Tensor { shape: self.shape.clone(), values }
    }
}

/// Host values of one tensor. Every element type up to 24 significant bits fits f32 exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// The extent of each axis.
    pub shape: Vec<u64>,
    /// The elements in row-major order.
    pub values: Vec<f32>,
}

impl Tensor {
    /// The element at a flat row-major index, exactly.
    pub fn at(&self, index: u64) -> f64 {
        f64::from(self.values[index as usize])
    }
}
