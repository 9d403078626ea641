//! The true values of a chain, in f64 with running error bounds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::reducer;
use super::shape::{Shape, reduced};
use crate::base::{Approx, ElementType, Tensor};
use crate::op::Reference;
use crate::op::elementwise::{self, stored};
use crate::record::Numerics;
use crate::workload::{Binary, Expr};

pub(super) struct ChainReference {
    shape: Shape,
    inputs: Vec<Tensor>,
    /// Every different reduction, after those inside it.
    reductions: Vec<Reduction>,
    /// The values of the reductions of rows that were asked for lately.
    known: Mutex<HashMap<u64, Arc<Vec<Approx>>>>,
}

struct Reduction {
    /// The whole call.
    call: Expr,
    /// How many outputs are before it, which it may use.
    outputs: usize,
}

/// Rows whose reductions are kept: elements are asked for row by row, by several threads at once.
const MOST_KNOWN: usize = 4096;

/// An element: the row, and the column within it.
#[derive(Clone, Copy)]
struct Place {
    row: u64,
    column: u64,
}

impl ChainReference {
    pub fn new(shape: Shape, inputs: Vec<Tensor>) -> Self {
        let mut reductions = Vec::new();
        for (outputs, (_, expr)) in shape.outputs.0.iter().enumerate() {
            collect(expr, outputs, &mut reductions);
        }
        Self { shape, inputs, reductions, known: Mutex::new(HashMap::new()) }
    }

    /// The values of all reductions of a row.
    fn row(&self, row: u64, numerics: Numerics) -> Arc<Vec<Approx>> {
        if self.reductions.is_empty() {
            return Arc::default();
        }
        if let Some(values) = self.known.lock().expect("nothing panics while it is held").get(&row) {
            return values.clone();
        }
        let values = Arc::new(self.reduce(row, numerics));
        let mut known = self.known.lock().expect("nothing panics while it is held");
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.insert(row, values.clone());
        values
    }

    fn reduce(&self, row: u64, numerics: Numerics) -> Vec<Approx> {
        let mut values = Vec::with_capacity(self.reductions.len());
        for Reduction { call, outputs } in &self.reductions {
            let Expr::Call { function, arguments } = call else { unreachable!("reductions are calls") };
            let terms: Vec<Approx> = (0..self.shape.innermost())
                .map(|column| {
                    let place = Place { row, column };
                    let earlier = self.outputs(*outputs, place, &values);
                    self.eval(&arguments[0], place, &earlier, &values)
                })
                .collect();
            values.push(reducer::find(function).expect("checked by the signature").apply(&terms, numerics));
        }
        values
    }

    /// The first so many outputs, each once, however often later ones use it; they are stored only at the end.
    fn outputs(&self, count: usize, place: Place, row: &[Approx]) -> Vec<Approx> {
        let mut values = Vec::with_capacity(count);
        for (_, expr) in &self.shape.outputs.0[..count] {
            values.push(self.eval(expr, place, &values, row));
        }
        values
    }

    /// The element of an input at a place.
    fn input(&self, position: usize, place: Place) -> f64 {
        let input = &self.shape.inputs[position];
        let flat = input.axes.iter().fold(0, |flat, axis| {
            let (mut rest, mut coordinate, mut extent) = (place.row * self.shape.innermost() + place.column, 0, 1);
            for (name, size) in self.shape.axes.iter().rev() {
                if name == axis {
                    (coordinate, extent) = (rest % size, *size);
                }
                rest /= size;
            }
            flat * extent + coordinate
        });
        self.inputs[position].at(flat)
    }

    /// The value of an expression at a place, given the outputs before it and the reductions of the row.
    fn eval(&self, expr: &Expr, place: Place, earlier: &[Approx], row: &[Approx]) -> Approx {
        let u = ElementType::F32.roundoff();
        let eval = |expr: &Expr| self.eval(expr, place, earlier, row);
        match expr {
            Expr::Number(value) => Approx::exact(f64::from(*value as f32)),
            Expr::Input { name, .. } => match self.shape.inputs.iter().position(|input| input.name == *name) {
                Some(position) => Approx::exact(self.input(position, place)),
                None => earlier[self.shape.output(name).expect("checked by the signature")],
            },
            Expr::Negate(inner) => {
                let inner = eval(inner);
                Approx { value: -inner.value, ..inner }
            }
            Expr::Binary { operator, left, right } => {
                let (left, right) = (eval(left), eval(right));
                match operator {
                    Binary::Add => left.plus(right, u),
                    Binary::Subtract => left.minus(right, u),
                    Binary::Multiply => left.times(right, u),
                    Binary::Divide => left.over(right, u),
                }
            }
            Expr::Call { .. } if reduced(expr).is_some() => {
                row[self.reductions.iter().position(|reduction| reduction.call == *expr).expect("all were collected")]
            }
            Expr::Call { function, arguments } => {
                let arguments: Vec<Approx> = arguments.iter().map(eval).collect();
                elementwise::find(function).expect("checked by the signature").apply(&arguments)
            }
        }
    }
}

/// Adds the reductions of an expression that are not there yet, inner ones first.
fn collect(expr: &Expr, outputs: usize, reductions: &mut Vec<Reduction>) {
    match expr {
        Expr::Number(_) | Expr::Input { .. } => {}
        Expr::Negate(inner) => collect(inner, outputs, reductions),
        Expr::Binary { left, right, .. } => {
            collect(left, outputs, reductions);
            collect(right, outputs, reductions);
        }
        Expr::Call { arguments, .. } => {
            arguments.iter().for_each(|argument| collect(argument, outputs, reductions));
            if reduced(expr).is_some() && reductions.iter().all(|known| known.call != *expr) {
                reductions.push(Reduction { call: expr.clone(), outputs });
            }
        }
    }
}

impl Reference for ChainReference {
    /// All elements of a row are needed for what is reduced along it; one value per row has that in its own cost.
    fn elements_for_one(&self, output: usize) -> u64 {
        let shares = !self.reductions.is_empty() && !self.shape.is_per_row(output);
        if shares { self.shape.innermost() } else { 1 }
    }

    /// Only reductions depend on the numerics, of which one reference is asked for one kind.
    fn within(&self, output: usize, index: u64, numerics: Numerics) -> Approx {
        let length = self.shape.innermost();
        let (row, column) = if self.shape.is_per_row(output) { (index, 0) } else { (index / length, index % length) };
        let reductions = self.row(row, numerics);
        let values = self.outputs(output + 1, Place { row, column }, &reductions);
        stored(values[output], self.shape.element)
    }
}
