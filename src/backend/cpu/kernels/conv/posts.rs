//! An epilogue's steps, sorted into what micro-kernels do in registers and what is left for rows of results.

use super::super::data::Data;
use super::super::elementwise::{Function, Post};

/// A sequence of steps as micro-kernels take it: a bias, a residual, bounds; and the steps after these. All are done to
/// finished sums: where sums cancel, a bias among them would be rounded with the largest of them.
#[derive(Clone, Copy)]
pub struct Steps<'a> {
    pub bias: Option<Data<'a>>,
    /// Of f32 only: others are left.
    pub residual: Option<&'a [f32]>,
    /// Results are held within these.
    pub bounds: Option<[f32; 2]>,
    /// What remains to be done afterwards, in order.
    pub left: &'a [Post<'a>],
    /// The same where there is a residual and it cannot be read in registers.
    after_bias: &'a [Post<'a>],
}

impl<'a> Steps<'a> {
    pub fn of(posts: &'a [Post<'a>]) -> Self {
        let (bias, after_bias) = match posts {
            [Post::Bias(bias), rest @ ..] => (Some(*bias), rest),
            _ => (None, posts),
        };
        let (residual, after_residual) = match after_bias {
            [Post::Residual(Data::F32(residual)), rest @ ..] => (Some(*residual), rest),
            _ => (None, after_bias),
        };
        let (bounds, left) = match after_residual {
            [Post::Cap(cap), rest @ ..] => (Some([0.0, *cap]), rest),
            [Post::Function(Function::Relu), rest @ ..] => (Some([0.0, f32::INFINITY]), rest),
            _ => (None, after_residual),
        };
        Self { bias, residual, bounds, left, after_bias }
    }

    /// The same for sums that do not lie as the output does: a residual, and what comes after it, is left.
    pub fn in_scratch(self) -> Self {
        match self.residual {
            Some(_) => Self { residual: None, bounds: None, left: self.after_bias, ..self },
            None => self,
        }
    }
}
