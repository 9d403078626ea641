//! Chains of elementwise operations and reductions as routines are asked for them.

use serde::{Deserialize, Serialize};

use super::Extents;
use crate::base::ElementType;
use crate::workload::Binary;

/// Expressions over inputs that are broadcast along some axes, with reductions along the last one. Arithmetic is in f32.
///
/// Rows lie along the last axis. All outputs are dense.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChainCall {
    /// The extent of each axis, slowest first.
    pub extents: Vec<u64>,
    /// How the inputs lie, in order.
    pub inputs: Vec<ChainInput>,
    /// The values, each after all that it is made of.
    pub nodes: Vec<Node>,
    /// What is stored, in order.
    pub outputs: Vec<ChainOutput>,
    /// The type of all elements.
    pub element: ElementType,
}

/// How an input of a chain lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainInput {
    /// Elements from one place along each axis to the next; 0 where it is the same all along.
    pub strides: Vec<u64>,
}

/// An output of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainOutput {
    /// The number of the node that is stored.
    pub node: usize,
    /// Whether there is one element for each row, instead of one for each place.
    pub per_row: bool,
}

/// One value of a chain; operands are numbers of nodes before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// A constant.
    Number(f32),
    /// An element of the input of that number.
    Input(usize),
    /// The opposite.
    Negate(usize),
    /// Two values joined by an operator.
    Binary(Binary, usize, usize),
    /// An elementwise function by its name in workloads.
    Function(String, Vec<usize>),
    /// All values of a row as one, which holds all along the row.
    Reduce(Reduction, usize),
}

/// How the values of a row become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    /// Their sum.
    Sum,
    /// The largest.
    Max,
    /// The smallest.
    Min,
}

impl ChainCall {
    /// The extent of the last axis.
    pub fn row(&self) -> u64 {
        self.extents.last().copied().unwrap_or(1)
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.extents.split_last().map_or(1, |(_, others)| others.iter().product())
    }

    /// Whether each node's value differs along a row.
    pub fn varying(&self) -> Vec<bool> {
        let mut varying = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let varies = match node {
                Node::Input(input) => self.inputs[*input].strides.last().is_some_and(|stride| *stride > 0),
                Node::Number(_) | Node::Reduce(..) => false,
                node => node.operands().iter().any(|operand| varying[*operand]),
            };
            varying.push(varies);
        }
        varying
    }

    pub(super) fn extents(&self) -> Extents {
        let reach = |input: &ChainInput| {
            let last = self.extents.iter().zip(&input.strides).map(|(extent, stride)| (extent - 1) * stride);
            1 + last.sum::<u64>()
        };
        let output = |output: &ChainOutput| if output.per_row { self.rows() } else { self.rows() * self.row() };
        Extents { inputs: self.inputs.iter().map(reach).collect(), outputs: self.outputs.iter().map(output).collect() }
    }

    pub(super) fn operations(&self) -> f64 {
        let is_done = |node: &&Node| !matches!(node, Node::Number(_) | Node::Input(_));
        self.nodes.iter().filter(is_done).count() as f64 * (self.rows() * self.row()) as f64
    }
}

impl Node {
    /// The nodes that it is made of.
    pub fn operands(&self) -> Vec<usize> {
        match self {
            Self::Number(_) | Self::Input(_) => Vec::new(),
            Self::Negate(inner) | Self::Reduce(_, inner) => vec![*inner],
            Self::Binary(_, left, right) => vec![*left, *right],
            Self::Function(_, arguments) => arguments.clone(),
        }
    }
}
