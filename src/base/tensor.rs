//! Tensors as operators see them: a name, a type, a shape, and the rule that makes the contents.

use serde::{Deserialize, Serialize};

use super::{ElementType, Fill};

/// One input or output of an operator. Elements lie in row-major order, the last extent contiguous.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TensorSpec {
    pub name: String,
    pub element: ElementType,
    pub shape: Vec<u64>,
    /// How the contents of an input are made (outputs are poisoned instead).
    pub fill: Fill,
}

impl TensorSpec {
    pub fn elements(&self) -> u64 {
        self.shape.iter().product()
    }

    /// Bytes of the elements alone, without guard zones or padding.
    pub fn bytes(&self) -> u64 {
        self.elements() * self.element.bytes()
    }

    /// Makes the contents on the host, each value rounded to the element type.
    pub fn materialise(&self) -> Tensor {
        let values = (0..self.elements()).map(|i| self.element.quantise(self.fill.value(i)) as f32).collect();
        Tensor { shape: self.shape.clone(), values }
    }
}

/// Host values of one tensor. Every element type up to 24 significant bits fits f32 exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    pub shape: Vec<u64>,
    pub values: Vec<f32>,
}

impl Tensor {
    /// The element at a flat row-major index, exactly.
    pub fn at(&self, index: u64) -> f64 {
        f64::from(self.values[index as usize])
    }
}
