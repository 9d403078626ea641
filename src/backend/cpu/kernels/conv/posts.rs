//! An epilogue's steps, sorted into what micro-kernels do in registers and what is left for rows of results.

use super::super::elementwise::{Data, Function, Post};

/// A sequence of steps as micro-kernels take it: a bias to begin with, a residual, bounds; and the steps after these.
#[derive(Clone, Copy)]
pub struct Steps<'a> {
    pub bias: Option<Data<'a>>,
    /// Of f32 only: others are left.
    pub residual: Option<&'a [f32]>,
    /// Results are held within these.
    pub bounds: Option<[f32; 2]>,
    /// What remains to be done afterwards, in order.
    pub left: &'a [Post<'a>],
}

impl<'a> Steps<'a> {
    pub fn of(posts: &'a [Post<'a>]) -> Self {
        let (mut steps, mut left) = (Self { bias: None, residual: None, bounds: None, left: posts }, posts);
        if let [Post::Bias(bias), rest @ ..] = left {
            (steps.bias, left) = (Some(*bias), rest);
        }
        if let [Post::Residual(Data::F32(residual)), rest @ ..] = left {
            (steps.residual, left) = (Some(*residual), rest);
        }
        match left {
            [Post::Cap(cap), rest @ ..] => (steps.bounds, left) = (Some([0.0, *cap]), rest),
            [Post::Function(Function::Relu), rest @ ..] => {
                (steps.bounds, left) = (Some([0.0, f32::INFINITY]), rest);
            }
            _ => {}
        }
        Self { left, ..steps }
    }
}
