//! Rows of a chain, or parts of them: sweeps over blocks, and where inputs and outputs of a block lie.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::super::data::Data;
use super::Stored;
use super::block;
use super::node::{self, Value};
use super::program::{Pass, Program, Step, operands};
use super::{Node, Output};

/// What a worker needs to itself.
pub struct Buffers {
    pub values: Vec<f32>,
    /// The value of each node that does not vary, and reductions so far.
    once: Vec<f32>,
    /// Where each node's values of the block lie.
    each: Vec<*const f32>,
}

// SAFETY: the pointers are only used while a task runs, and lead to buffers of its own or to inputs.
unsafe impl Send for Buffers {}

impl Buffers {
    pub fn new(program: &Program) -> Self {
        let nodes = program.nodes.len();
        Self {
            values: vec![0.0; program.slots * program.block],
            once: vec![0.0; nodes],
            each: vec![std::ptr::null(); nodes],
        }
    }
}

/// Some units of a chain, one after the other.
pub struct Sweep<'a> {
    pub program: &'a Program,
    pub inputs: &'a [Data<'a>],
    pub outputs: &'a [Stored],
    pub units: Range<usize>,
    pub stream: bool,
    pub buffers: &'a mut Buffers,
}

/// A block: some elements of a row.
#[derive(Clone, Copy)]
struct Block {
    row: usize,
    first: usize,
    count: usize,
}

impl WithSimd for Sweep<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let program = self.program;
        let length = if program.is_merged { program.rows * program.row } else { program.row };
        let each = if program.is_merged { program.units() } else { program.blocks_each() };
        let is_part = program.is_merged || each > 1;
        for unit in self.units.clone() {
            let row = unit / each;
            let (first, end) = if is_part {
                let first = unit % each * program.block;
                (first, (first + program.block).min(length))
            } else {
                (0, length)
            };
            for (number, pass) in program.passes.iter().enumerate() {
                let is_last = number + 1 == program.passes.len();
                self.pass(simd, pass, row, first..end, is_last);
            }
        }
        block::settle(self.stream);
    }
}

impl Sweep<'_> {
    #[inline(always)]
    fn pass<S: Simd>(&mut self, simd: S, pass: &Pass, row: usize, elements: Range<usize>, is_last: bool) {
        for node in &pass.before {
            self.buffers.once[*node] = self.once(simd, *node, row);
        }
        for step in &pass.steps {
            if let Step::Fold { node } = step
                && let Node::Reduce(reduction, _) = &self.program.nodes[*node]
            {
                self.buffers.once[*node] = node::identity(*reduction);
            }
        }
        let mut first = elements.start;
        while first < elements.end {
            let count = self.program.block.min(elements.end - first);
            let block = Block { row, first, count };
            for step in &pass.steps {
                self.step(simd, step, block, is_last);
            }
            if is_last {
                self.store(block);
            }
            first += count;
        }
    }

    #[inline(always)]
    fn step<S: Simd>(&mut self, simd: S, step: &Step, block: Block, is_last: bool) {
        match step {
            Step::Once { node } => self.buffers.once[*node] = self.once(simd, *node, block.row),
            Step::Fold { node } => {
                if let Node::Reduce(reduction, inner) = &self.program.nodes[*node] {
                    let so_far = self.buffers.once[*node];
                    // SAFETY: the inner node's values of the block were written by an earlier step.
                    self.buffers.once[*node] =
                        unsafe { node::fold(simd, *reduction, so_far, self.value(*inner), block.count) };
                }
            }
            Step::Values { node, slot } => {
                // SAFETY: a slot has room for a block.
                let slot = unsafe { self.buffers.values.as_mut_ptr().add(slot * self.program.block) };
                let target = self.target(*node, block, is_last).unwrap_or(slot);
                self.buffers.each[*node] = self.values(simd, *node, block, target);
            }
        }
    }

    /// Where a node's values may be written at once instead of to a buffer: it is an output, and in f32.
    #[inline(always)]
    fn target(&self, node: usize, block: Block, is_last: bool) -> Option<*mut f32> {
        let is_input = matches!(self.program.nodes[node], Node::Input(_));
        if !is_last || is_input || self.stream {
            return None;
        }
        let mut outputs = self.program.outputs.iter().zip(self.outputs);
        let (_, stored) = outputs.find(|(output, _)| output.node == node && !output.per_row)?;
        match stored {
            // SAFETY: elements of this block, which no other task has.
            Stored::F32(values) => Some(unsafe { values.at(block.row * self.program.row + block.first) }),
            Stored::F16(_) => None,
        }
    }

    /// Writes a node's values of a block to the target, or finds them where they are.
    #[inline(always)]
    fn values<S: Simd>(&self, simd: S, node: usize, block: Block, to: *mut f32) -> *const f32 {
        // SAFETY: the target has room for the block; operands are values of the block, at the same place or apart.
        unsafe {
            match &self.program.nodes[node] {
                Node::Input(input) => return self.input(*input, block, to),
                Node::Negate(inner) => {
                    let negate = [Value::One(-0.0), self.value(*inner)];
                    node::join(simd, super::Operation::Subtract, negate, to, block.count);
                }
                Node::Binary(operation, left, right) => {
                    block::join(simd, *operation, [self.value(*left), self.value(*right)], to, block.count);
                }
                Node::Function(function, inner) => {
                    if let Value::Each(from) = self.value(*inner) {
                        block::call(simd, *function, from, to, block.count);
                    }
                }
                Node::Number(_) | Node::Reduce(..) => unreachable!("these do not vary"),
            }
        }
        to
    }

    #[inline(always)]
    fn value(&self, node: usize) -> Value {
        if self.program.varies[node] {
            Value::Each(self.buffers.each[node])
        } else {
            Value::One(self.buffers.once[node])
        }
    }

    /// The value of a node that does not vary.
    #[inline(always)]
    fn once<S: Simd>(&self, simd: S, node: usize, row: usize) -> f32 {
        let operand = |number: usize| {
            operands(&self.program.nodes[node])[number].map_or(0.0, |operand| self.buffers.once[operand])
        };
        match &self.program.nodes[node] {
            Node::Number(number) => *number,
            Node::Input(input) => self.inputs[*input].at(self.offset(*input, row)),
            Node::Negate(_) => -operand(0),
            Node::Binary(operation, ..) => node::join_once(*operation, operand(0), operand(1)),
            Node::Function(function, _) => node::call_once(simd, *function, operand(0)),
            Node::Reduce(..) => self.buffers.once[node],
        }
    }

    /// Where a row of an input begins.
    #[inline(always)]
    fn offset(&self, input: usize, row: usize) -> usize {
        let (extents, strides) = (&self.program.extents, &self.program.strides[input]);
        let (mut left, mut offset) = (row, 0);
        for axis in (0..extents.len().saturating_sub(1)).rev() {
            offset += left % extents[axis] * strides[axis];
            left /= extents[axis];
        }
        offset
    }

    /// An input's values of a block: where they are, if they lie so, or copied to the buffer.
    #[inline(always)]
    fn input(&self, input: usize, block: Block, to: *mut f32) -> *const f32 {
        // SAFETY: a buffer has room for a block.
        let to = unsafe { std::slice::from_raw_parts_mut(to, block.count) };
        let data = self.inputs[input];
        let stride = self.program.strides[input].last().copied().unwrap_or(0);
        if !self.program.is_merged {
            let first = self.offset(input, block.row) + block.first * stride;
            if let (Data::F32(values), 1) = (data, stride) {
                return values[first..first + block.count].as_ptr();
            }
            block::gather(data, first, stride, to);
            return to.as_ptr();
        }
        let (mut at, row_length) = (0, self.program.row);
        while at < to.len() {
            let (row, column) = ((block.first + at) / row_length, (block.first + at) % row_length);
            let count = (row_length - column).min(to.len() - at);
            block::gather(data, self.offset(input, row) + column * stride, stride, &mut to[at..at + count]);
            at += count;
        }
        to.as_ptr()
    }

    /// Stores the outputs of a block that are not where they belong yet.
    #[inline(always)]
    fn store(&self, block: Block) {
        for (output, stored) in self.program.outputs.iter().zip(self.outputs) {
            let Output { node, per_row } = *output;
            if per_row {
                if block.first == 0 {
                    // SAFETY: the element of this row, which no other task has.
                    unsafe { block::write_one(stored, block.row, self.buffers.once[node]) };
                }
                continue;
            }
            let place = block.row * self.program.row + block.first;
            // SAFETY: elements of this block, which no other task has; the node's values are there.
            unsafe {
                match self.value(node) {
                    Value::One(value) => block::fill(stored, place, block.count, value),
                    Value::Each(values) => block::write(stored, place, block.count, values, self.stream),
                }
            }
        }
    }
}
