//! Chains of elementwise operations and reductions along rows: evaluated block by block, each value of a block in a buffer.

mod block;
mod node;
mod program;
mod row;

#[cfg(test)]
mod tests;

use super::data::{Data, DataMut};
use super::elementwise::Function;
use super::share::{Target, share};
use super::simd::Width;
use super::vector::run;
use program::Program;
use row::{Buffers, Sweep};

/// What a chain computes. Rows lie along the last axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// The extent of each axis, slowest first.
    pub extents: Vec<usize>,
    /// For each input the elements from one place to the next along each axis; 0 where it is the same all along.
    pub inputs: Vec<Vec<usize>>,
    /// The values, each after all that it is made of.
    pub nodes: Vec<Node>,
    /// What is stored, in order; all outputs are dense.
    pub outputs: Vec<Output>,
}

/// An output: a node, stored once for each place, or once for each row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Output {
    pub node: usize,
    pub per_row: bool,
}

/// One value; operands are numbers of nodes before it.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Number(f32),
    /// An element of the input of that number.
    Input(usize),
    Negate(usize),
    Binary(Operation, usize, usize),
    /// A function of one value.
    Function(Function, usize),
    /// All values of a row as one.
    Reduce(Reduction, usize),
}

/// How two values become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Min,
    Max,
}

/// How the values of a row become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    Sum,
    Max,
    Min,
}

/// How a chain is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    pub width: Width,
    /// Elements of a block: each value of a block has a buffer of so many. Rows with reductions that are longer are
    /// gone over once for each reduction that waits for another one, and once more; shorter ones once.
    pub block: usize,
    pub threads: usize,
    /// Whether outputs go past the caches, where the processor can; f32 only.
    pub stream: bool,
}

/// A chain made ready.
pub struct Plan {
    program: Program,
    parameters: Parameters,
    workers: Vec<Buffers>,
}

/// Tasks for each thread, so that none waits long for the last one.
const TASKS_EACH: usize = 4;

impl Plan {
    /// Orders a chain's work and takes working memory.
    pub fn new(chain: &Chain, parameters: &Parameters) -> Self {
        let program = Program::new(chain, parameters.block.max(1));
        let buffers = || Buffers::new(&program);
        let workers = (0..parameters.threads.max(1)).map(|_| buffers()).collect();
        Self { program, parameters: *parameters, workers }
    }

    /// Evaluates the chain: inputs in order, each with all elements that its strides reach; outputs likewise.
    pub fn run(&mut self, inputs: &[Data], outputs: Vec<DataMut>) {
        let Self { program, parameters, workers } = self;
        for (output, values) in program.outputs.iter().zip(&outputs) {
            let each = if output.per_row { 1 } else { program.row };
            assert_eq!(values.len(), program.rows * each, "output of a chain");
        }
        for (strides, values) in program.strides.iter().zip(inputs) {
            let last: usize = program.extents.iter().zip(strides).map(|(extent, stride)| (extent - 1) * stride).sum();
            assert!(last < values.len(), "input of a chain");
        }
        let outputs: Vec<Stored> = outputs.into_iter().map(Stored::of).collect();
        let units = program.units();
        let tasks = if workers.len() == 1 { 1 } else { (workers.len() * TASKS_EACH).min(units) };
        share(workers, tasks, |task, buffers| {
            let units = task * units / tasks..(task + 1) * units / tasks;
            let stream = parameters.stream;
            run(parameters.width, Sweep { program, inputs, outputs: &outputs, units, stream, buffers });
        });
    }
}

/// Where an output is stored.
enum Stored {
    F32(Target<f32>),
    F16(Target<half::f16>),
}

impl Stored {
    fn of(output: DataMut) -> Self {
        match output {
            DataMut::F32(values) => Self::F32(Target::of(values)),
            DataMut::F16(values) => Self::F16(Target::of(values)),
        }
    }
}
