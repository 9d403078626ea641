//! Our own chains: plans of sweeps over rows, as calls and options ask for them.

use super::kernels::chain::{Chain, Node, Operation, Output, Parameters, Plan, Reduction};
use super::kernels::elementwise::Function;
use super::operand::{Operand, Target, borrowed};
use super::routines::{Ready, Setting};
use crate::code::routine::{self, Call, ChainCall};
use crate::workload::Binary;

/// A chain made ready.
pub(super) struct Chained(Plan);

impl Chained {
    /// # Errors
    /// When an option is missing or cannot be, or kernels do not know a function.
    pub fn new(setting: &Setting) -> Result<Self, String> {
        let Call::Chain(call) = &setting.routine.call else { return Err("it is for chains alone".to_owned()) };
        let parameters = Parameters {
            width: setting.width()?,
            block: setting.size("block")?.max(1),
            threads: setting.threads,
            stream: setting.size("stream")? == 1,
        };
        Ok(Self(Plan::new(&chain(call)?, &parameters)))
    }
}

impl Ready for Chained {
    fn run(&mut self, inputs: &[Operand], outputs: &mut [Target]) {
        self.0.run(inputs, outputs.iter_mut().map(borrowed).collect());
    }
}

fn chain(call: &ChainCall) -> Result<Chain, String> {
    let sizes = |sizes: &[u64]| sizes.iter().map(|size| *size as usize).collect::<Vec<usize>>();
    let output = |output: &routine::ChainOutput| Output { node: output.node, per_row: output.per_row };
    Ok(Chain {
        extents: sizes(&call.extents),
        inputs: call.inputs.iter().map(|input| sizes(&input.strides)).collect(),
        nodes: call.nodes.iter().map(node).collect::<Result<_, String>>()?,
        outputs: call.outputs.iter().map(output).collect(),
    })
}

fn node(node: &routine::Node) -> Result<Node, String> {
    Ok(match node {
        routine::Node::Number(value) => Node::Number(*value),
        routine::Node::Input(input) => Node::Input(*input),
        routine::Node::Negate(inner) => Node::Negate(*inner),
        routine::Node::Binary(operator, left, right) => Node::Binary(operation(*operator), *left, *right),
        routine::Node::Function(name, operands) => match (name.as_str(), operands.as_slice()) {
            ("min", [left, right]) => Node::Binary(Operation::Min, *left, *right),
            ("max", [left, right]) => Node::Binary(Operation::Max, *left, *right),
            (name, [operand]) => {
                let function = Function::find(name).ok_or_else(|| format!("no kernel knows the function `{name}`"))?;
                Node::Function(function, *operand)
            }
            (name, operands) => return Err(format!("no kernel has `{name}` of {} values", operands.len())),
        },
        routine::Node::Reduce(reduction, inner) => Node::Reduce(reduced(*reduction), *inner),
    })
}

fn operation(operator: Binary) -> Operation {
    match operator {
        Binary::Add => Operation::Add,
        Binary::Subtract => Operation::Subtract,
        Binary::Multiply => Operation::Multiply,
        Binary::Divide => Operation::Divide,
    }
}

fn reduced(reduction: routine::Reduction) -> Reduction {
    match reduction {
        routine::Reduction::Sum => Reduction::Sum,
        routine::Reduction::Max => Reduction::Max,
        routine::Reduction::Min => Reduction::Min,
    }
}
