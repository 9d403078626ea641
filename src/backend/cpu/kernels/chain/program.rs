//! The order in which a chain's nodes are evaluated, and which buffers they share.

use super::{Chain, Node, Output};

/// A chain in the order of its evaluation.
pub struct Program {
    pub nodes: Vec<Node>,
    pub outputs: Vec<Output>,
    /// Extents and strides after axes that lie alike in all inputs became one.
    pub extents: Vec<usize>,
    pub strides: Vec<Vec<usize>>,
    pub rows: usize,
    /// Elements of a row.
    pub row: usize,
    /// Whether each node's value differs along a row.
    pub varies: Vec<bool>,
    /// Elements of a block, at most a row, or all elements where rows are merged.
    pub block: usize,
    /// Short rows without reductions are evaluated as one long one, with inputs copied to lie like it.
    pub is_merged: bool,
    /// Sweeps over a row, one after the other.
    pub passes: Vec<Pass>,
    /// Buffers that are needed at once.
    pub slots: usize,
}

/// One sweep over the blocks of a row.
#[derive(Default)]
pub struct Pass {
    /// Nodes that do not vary and are known before the sweep, in order.
    pub before: Vec<usize>,
    /// What is done for each block, in order.
    pub steps: Vec<Step>,
}

/// A node in a sweep.
pub enum Step {
    /// A value for each element, in that buffer.
    Values { node: usize, slot: usize },
    /// A reduction takes in the block.
    Fold { node: usize },
    /// A value of the row, known only now.
    Once { node: usize },
}

/// Rows below this many elements are merged.
const SHORT: usize = 256;

impl Program {
    pub fn new(chain: &Chain, block: usize) -> Self {
        let has_folds = chain.nodes.iter().any(|node| matches!(node, Node::Reduce(..)));
        let per_row = chain.outputs.iter().any(|output| output.per_row);
        let (extents, strides) = merged_axes(chain, has_folds || per_row);
        let (row, outer) = extents.split_last().map_or((1, &[][..]), |(row, outer)| (*row, outer));
        let rows = outer.iter().product();
        let is_merged = !has_folds && !per_row && row < SHORT.min(block) && rows > 1;
        let mut program = Self {
            nodes: chain.nodes.clone(),
            outputs: chain.outputs.clone(),
            rows,
            row,
            varies: Vec::new(),
            block: block.min(if is_merged { rows * row } else { row }),
            is_merged,
            passes: Vec::new(),
            slots: 0,
            extents,
            strides,
        };
        program.varies = program.varying();
        program.passes = if program.block >= row || !has_folds { vec![program.at_once()] } else { program.sweeps() };
        let slots = program.passes.iter_mut().map(|pass| share_slots(&program.nodes, &program.outputs, pass));
        program.slots = slots.max().unwrap_or(0);
        program
    }

    /// What tasks are made of: rows, or blocks where rows need no sweep as a whole.
    pub fn units(&self) -> usize {
        if self.is_merged { (self.rows * self.row).div_ceil(self.block) } else { self.rows * self.blocks_each() }
    }

    /// Units of a row.
    pub fn blocks_each(&self) -> usize {
        let has_folds = self.nodes.iter().any(|node| matches!(node, Node::Reduce(..)));
        if has_folds { 1 } else { self.row.div_ceil(self.block) }
    }

    fn varying(&self) -> Vec<bool> {
        let mut varies: Vec<bool> = Vec::new();
        for node in &self.nodes {
            varies.push(match node {
                Node::Number(_) | Node::Reduce(..) => false,
                Node::Input(input) if self.is_merged => self.strides[*input].iter().any(|stride| *stride > 0),
                Node::Input(input) => self.strides[*input].last().is_some_and(|stride| *stride > 0),
                node => operands(node).into_iter().flatten().any(|operand| varies[operand]),
            });
        }
        varies
    }

    /// One sweep in which a block is a whole row: all nodes in order.
    fn at_once(&self) -> Pass {
        let step = |node: usize| match &self.nodes[node] {
            Node::Reduce(..) => Step::Fold { node },
            _ if self.varies[node] => Step::Values { node, slot: 0 },
            _ => Step::Once { node },
        };
        Pass { before: Vec::new(), steps: (0..self.nodes.len()).map(step).collect() }
    }

    /// A sweep for all reductions that need no other first, one for those that need only these, and so on; the last
    /// one stores.
    fn sweeps(&self) -> Vec<Pass> {
        let depth = self.depth();
        let last = depth.iter().max().copied().unwrap_or(0);
        let mut passes = Vec::new();
        for level in 0..=last {
            let folds: Vec<usize> = (0..self.nodes.len())
                .filter(|node| matches!(self.nodes[*node], Node::Reduce(..)) && depth[*node] == level + 1)
                .collect();
            let outputs = self.outputs.iter().map(|output| output.node).filter(|_| level == last);
            let wanted = self.parts(folds.iter().copied().chain(outputs));
            let mut pass = Pass::default();
            for node in 0..self.nodes.len() {
                let is_fold = matches!(self.nodes[node], Node::Reduce(..));
                if self.varies[node] && wanted[node] {
                    pass.steps.push(Step::Values { node, slot: 0 });
                } else if folds.contains(&node) {
                    pass.steps.push(Step::Fold { node });
                } else if !self.varies[node] && !is_fold && depth[node] == level {
                    pass.before.push(node);
                }
            }
            passes.push(pass);
        }
        passes
    }

    /// How many reductions one after the other must be done before a node's value is known.
    fn depth(&self) -> Vec<usize> {
        let mut depth: Vec<usize> = Vec::new();
        for node in &self.nodes {
            let below = operands(node).into_iter().flatten().map(|operand| depth[operand]).max().unwrap_or(0);
            depth.push(below + usize::from(matches!(node, Node::Reduce(..))));
        }
        depth
    }

    /// The varying values that these are made of, with these.
    fn parts(&self, roots: impl Iterator<Item = usize>) -> Vec<bool> {
        let mut wanted = vec![false; self.nodes.len()];
        roots.for_each(|root| wanted[root] = true);
        for node in (0..self.nodes.len()).rev() {
            let is_root_fold = matches!(self.nodes[node], Node::Reduce(..));
            if wanted[node] && (self.varies[node] || is_root_fold) {
                for operand in operands(&self.nodes[node]).into_iter().flatten() {
                    // Reductions below were done by earlier sweeps.
                    wanted[operand] |= self.varies[operand];
                }
            }
        }
        wanted
    }
}

/// The nodes that a node is made of.
pub fn operands(node: &Node) -> [Option<usize>; 2] {
    match node {
        Node::Number(_) | Node::Input(_) => [None, None],
        Node::Negate(inner) | Node::Function(_, inner) | Node::Reduce(_, inner) => [Some(*inner), None],
        Node::Binary(_, left, right) => [Some(*left), Some(*right)],
    }
}

/// Extents and strides with neighbouring axes made one where no input tells them apart; the last axis stays if it is
/// what rows lie along.
fn merged_axes(chain: &Chain, keeps_rows: bool) -> (Vec<usize>, Vec<Vec<usize>>) {
    let mut extents: Vec<usize> = Vec::new();
    let mut strides: Vec<Vec<usize>> = vec![Vec::new(); chain.inputs.len()];
    for (axis, extent) in chain.extents.iter().enumerate() {
        let is_row = keeps_rows && axis + 1 == chain.extents.len();
        let goes_on = |(merged, input): (&Vec<usize>, &Vec<usize>)| {
            merged.last().is_some_and(|above| *above == input[axis] * extent)
        };
        if !is_row && !extents.is_empty() && strides.iter().zip(&chain.inputs).all(goes_on) {
            *extents.last_mut().expect("it is not empty") *= extent;
            strides.iter_mut().zip(&chain.inputs).for_each(|(merged, input)| {
                *merged.last_mut().expect("as many as extents") = input[axis];
            });
        } else {
            extents.push(*extent);
            strides.iter_mut().zip(&chain.inputs).for_each(|(merged, input)| merged.push(input[axis]));
        }
    }
    (extents, strides)
}

/// Gives each value a buffer, which the next value gets as soon as nobody reads it any more; says how many there are.
fn share_slots(nodes: &[Node], outputs: &[Output], pass: &mut Pass) -> usize {
    let mut last_use = vec![0; nodes.len()];
    for (at, step) in pass.steps.iter().enumerate() {
        let (Step::Values { node, .. } | Step::Fold { node } | Step::Once { node }) = step;
        operands(&nodes[*node]).into_iter().flatten().for_each(|operand| last_use[operand] = at);
    }
    // Outputs are stored when a block is done.
    outputs.iter().for_each(|output| last_use[output.node] = usize::MAX);
    let (mut free, mut slots) = (Vec::new(), 0);
    let mut held: Vec<(usize, usize)> = Vec::new();
    for (at, step) in pass.steps.iter_mut().enumerate() {
        let Step::Values { node, slot } = step else { continue };
        // An operand's buffer may be that of the result: elements are read before they are written.
        held.retain(|(node, slot)| {
            let is_read = last_use[*node] > at;
            if !is_read {
                free.push(*slot);
            }
            is_read
        });
        *slot = free.pop().unwrap_or_else(|| {
            slots += 1;
            slots - 1
        });
        held.push((*node, *slot));
    }
    slots
}
