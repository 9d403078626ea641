//! Chains, a row at a time and a node at a time.

use super::functions::{Function, find};
use crate::code::routine::{ChainCall, Node, Reduction};
use crate::workload::Binary;

pub(in super::super) struct Chain {
    call: ChainCall,
    varying: Vec<bool>,
    /// Of the nodes that are calls of one.
    functions: Vec<Option<Function>>,
    reduces: bool,
}

/// Columns at once, where nothing needs all of a row.
const COLUMNS: usize = 4096;

/// A part of a row: its number, its first column, and the columns' number.
#[derive(Clone, Copy)]
struct Part {
    row: u64,
    start: usize,
    columns: usize,
}

impl Chain {
    pub fn new(call: &ChainCall) -> Result<Self, String> {
        let function = |node: &Node| match node {
            Node::Function(name, _) => find(name).map(Some),
            _ => Ok(None),
        };
        Ok(Self {
            varying: call.varying(),
            functions: call.nodes.iter().map(function).collect::<Result<_, _>>()?,
            reduces: call.nodes.iter().any(|node| matches!(node, Node::Reduce(..))),
            call: call.clone(),
        })
    }

    pub fn run(&self, inputs: &[&[f32]], outputs: &mut [Vec<f32>]) {
        let length = self.call.row() as usize;
        let step = if self.reduces { length } else { length.min(COLUMNS) };
        for row in 0..self.call.rows() {
            for start in (0..length).step_by(step) {
                let part = Part { row, start, columns: step.min(length - start) };
                let values = self.values(inputs, part);
                for (output, stored) in outputs.iter_mut().zip(&self.call.outputs) {
                    let value = &values[stored.node];
                    if stored.per_row {
                        output[row as usize] = value[0];
                    } else {
                        let at = row as usize * length + start;
                        (0..part.columns).for_each(|column| output[at + column] = value[column % value.len()]);
                    }
                }
            }
        }
    }

    /// Each node's values: one for each column where it varies, else one.
    fn values(&self, inputs: &[&[f32]], part: Part) -> Vec<Vec<f32>> {
        let mut values: Vec<Vec<f32>> = Vec::with_capacity(self.call.nodes.len());
        for (node, varies) in self.varying.iter().enumerate() {
            let columns = if *varies { part.columns } else { 1 };
            let value = (0..columns).map(|column| self.value(node, inputs, part, column, &values)).collect();
            values.push(value);
        }
        values
    }

    fn value(&self, node: usize, inputs: &[&[f32]], part: Part, column: usize, values: &[Vec<f32>]) -> f32 {
        let of = |operand: usize| values[operand][column % values[operand].len()];
        match &self.call.nodes[node] {
            Node::Number(value) => *value,
            Node::Input(input) => inputs[*input][self.index(*input, part.row, (part.start + column) as u64)],
            Node::Negate(inner) => -of(*inner),
            Node::Binary(Binary::Add, left, right) => of(*left) + of(*right),
            Node::Binary(Binary::Subtract, left, right) => of(*left) - of(*right),
            Node::Binary(Binary::Multiply, left, right) => of(*left) * of(*right),
            Node::Binary(Binary::Divide, left, right) => of(*left) / of(*right),
            Node::Function(_, operands) => {
                let function = self.functions[node].expect("found when it was made");
                let arguments = [0, 1].map(|at| operands.get(at).map_or(0.0, |operand| of(*operand)));
                function(&arguments[..operands.len()])
            }
            Node::Reduce(reduction, inner) => reduced(*reduction, &values[*inner]),
        }
    }

    /// Where an input's element for a place lies.
    fn index(&self, input: usize, row: u64, column: u64) -> usize {
        let strides = &self.call.inputs[input].strides;
        let axes = self.call.extents.iter().zip(strides).rev();
        let (_, index) = axes.enumerate().fold((row, 0), |(rest, index), (axis, (extent, stride))| match axis {
            0 => (rest, index + column * stride),
            _ => (rest / extent, index + rest % extent * stride),
        });
        index as usize
    }
}

/// All values of a row as one.
fn reduced(reduction: Reduction, values: &[f32]) -> f32 {
    match reduction {
        Reduction::Sum => values.iter().sum(),
        Reduction::Max => values.iter().copied().fold(f32::NEG_INFINITY, f32::max),
        Reduction::Min => values.iter().copied().fold(f32::INFINITY, f32::min),
    }
}
