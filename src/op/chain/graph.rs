//! A chain as a graph: each different value once, with what it is made of before it.

use super::reducer::{self, Fold};
use super::shape::Shape;
use crate::op::elementwise;
use crate::workload::{Binary, Expr};

/// The number of a node: all that it is made of have smaller ones.
pub(super) type Id = usize;

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Number(f32),
    /// The input of that position.
    Input(usize),
    Negate(Id),
    Binary(Binary, Id, Id),
    /// An elementwise function, by its name.
    Call(&'static str, Vec<Id>),
    /// A reduction along the last axis.
    Fold(Fold, Id),
}

impl Node {
    pub fn operands(&self) -> Vec<Id> {
        match self {
            Self::Number(_) | Self::Input(_) => Vec::new(),
            Self::Negate(inner) | Self::Fold(_, inner) => vec![*inner],
            Self::Binary(_, left, right) => vec![*left, *right],
            Self::Call(_, arguments) => arguments.clone(),
        }
    }
}

/// The values of a chain, each after all that it is made of.
pub(super) struct Graph {
    pub nodes: Vec<Node>,
    /// Whether a node's value differs along the last axis.
    pub varies: Vec<bool>,
    /// How many reductions one after the other must be done before a node's value is known.
    pub depth: Vec<usize>,
    /// The nodes of the outputs.
    pub outputs: Vec<Id>,
}

impl Graph {
    pub fn of(shape: &Shape) -> Self {
        let mut graph = Self { nodes: Vec::new(), varies: Vec::new(), depth: Vec::new(), outputs: Vec::new() };
        for (_, expr) in &shape.outputs.0 {
            let output = graph.add(shape, expr);
            graph.outputs.push(output);
        }
        graph
    }

    fn add(&mut self, shape: &Shape, expr: &Expr) -> Id {
        let node = match expr {
            Expr::Number(value) => Node::Number(*value as f32),
            Expr::Input { name, .. } => match shape.inputs.iter().position(|input| input.name == *name) {
                Some(input) => Node::Input(input),
                None => return self.outputs[shape.output(name).expect("checked by the signature")],
            },
            Expr::Negate(inner) => Node::Negate(self.add(shape, inner)),
            Expr::Binary { operator, left, right } => {
                let left = self.add(shape, left);
                Node::Binary(*operator, left, self.add(shape, right))
            }
            Expr::Call { function, arguments } => {
                let arguments: Vec<Id> = arguments.iter().map(|argument| self.add(shape, argument)).collect();
                return self.call(shape, function, arguments);
            }
        };
        self.node(shape, node)
    }

    /// A mean is a sum times the share of each value.
    fn call(&mut self, shape: &Shape, function: &str, arguments: Vec<Id>) -> Id {
        let Some(reducer) = reducer::find(function) else {
            let name = elementwise::find(function).expect("checked by the signature").name;
            return self.node(shape, Node::Call(name, arguments));
        };
        let folded = self.node(shape, Node::Fold(reducer.fold, arguments[0]));
        if !reducer.averages {
            return folded;
        }
        let share = self.node(shape, Node::Number((1.0 / shape.innermost() as f64) as f32));
        self.node(shape, Node::Binary(Binary::Multiply, folded, share))
    }

    /// The node that is equal to this one, or a new one.
    fn node(&mut self, shape: &Shape, node: Node) -> Id {
        if let Some(known) = self.nodes.iter().position(|known| *known == node) {
            return known;
        }
        let operands = node.operands();
        let depth = operands.iter().map(|operand| self.depth[*operand]).max().unwrap_or(0);
        let (varies, depth) = match &node {
            Node::Input(input) => (shape.varies_along_rows(&shape.inputs[*input]), depth),
            Node::Fold(..) => (false, depth + 1),
            _ => (operands.iter().any(|operand| self.varies[*operand]), depth),
        };
        self.nodes.push(node);
        self.varies.push(varies);
        self.depth.push(depth);
        self.nodes.len() - 1
    }

    /// Operations in all; a function and a step of a reduction count as one each.
    pub fn operations(&self, shape: &Shape) -> f64 {
        let (elements, rows) = (shape.elements() as f64, shape.rows() as f64);
        let mut operations = 0.0;
        for (id, node) in self.nodes.iter().enumerate() {
            operations += match node {
                Node::Number(_) | Node::Input(_) => 0.0,
                Node::Fold(..) => elements,
                _ if self.varies[id] || !shape.has_reductions() => elements,
                _ => rows,
            };
        }
        operations
    }

    /// The values that differ along the last axis and that these are made of, in order, with these.
    pub fn varying_parts(&self, roots: &[Id]) -> Vec<Id> {
        let mut wanted = vec![false; self.nodes.len()];
        roots.iter().for_each(|root| wanted[*root] = true);
        for id in (0..self.nodes.len()).rev().filter(|id| self.varies[*id]) {
            if wanted[id] {
                self.nodes[id].operands().into_iter().for_each(|operand| wanted[operand] = true);
            }
        }
        (0..self.nodes.len()).filter(|id| wanted[*id] && self.varies[*id]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(text: &str) -> (Shape, Graph) {
        let shape = Shape::of(&text.parse().unwrap()).unwrap();
        let graph = Graph::of(&shape);
        (shape, graph)
    }

    #[test]
    fn equal_values_are_one_node() {
        let (_, softmax) = graph("chain:f32:r4c8:exp(x-amax(x))/sum(exp(x-amax(x)))");
        // x, its maximum, the difference, the exponential, its sum, the quotient.
        assert_eq!(softmax.nodes.len(), 6);
        assert_eq!(softmax.depth, [0, 1, 1, 1, 2, 2]);
        assert_eq!(softmax.varies, [true, false, true, true, false, true]);
        let (_, both) = graph("chain:f32:r4c8:s=sum(x);m=mean(x)");
        assert_eq!(both.nodes.len(), 4, "a mean shares the sum: {:?}", both.nodes);
    }

    #[test]
    fn operations_are_counted_where_they_are_done() {
        let cases = [
            // A difference and an exponential, two steps of reductions, a quotient.
            ("chain:f32:r4c8:exp(x-amax(x))/sum(exp(x-amax(x)))", 32.0 * 5.0),
            // One step for each element, one product for each row.
            ("chain:f32:r4c8:mean(x)", 32.0 + 4.0),
            ("chain:f32:r4c8:s[r]*2+x", 64.0),
            ("chain:f32:n8:x*x+x*x", 16.0),
        ];
        for (text, operations) in cases {
            let (shape, graph) = graph(text);
            assert_eq!(graph.operations(&shape), operations, "{text}");
        }
    }
}
