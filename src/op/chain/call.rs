//! A chain as routines are asked for it.

use super::graph::{self, Graph};
use super::reducer::Fold;
use super::shape::{Input, Shape};
use crate::code::routine::{Call, ChainCall, ChainInput, ChainOutput, Node, Reduction};

/// Neighbouring axes are one where no input tells them apart, unless rows are reduced: they must stay as long as they are.
pub(super) fn of(whole: &Shape) -> Call {
    let shape = if whole.has_reductions() { whole.clone() } else { whole.collapsed() };
    let graph = Graph::of(&shape);
    let outputs = graph.outputs.iter().enumerate();
    Call::Chain(ChainCall {
        extents: shape.axes.iter().map(|(_, extent)| *extent).collect(),
        inputs: shape.inputs.iter().map(|input| ChainInput { strides: strides(&shape, input) }).collect(),
        outputs: outputs.map(|(at, &node)| ChainOutput { node, per_row: shape.is_per_row(at) }).collect(),
        nodes: graph.nodes.into_iter().map(node).collect(),
        element: shape.element,
    })
}

/// An input is dense in the order of its own axes.
fn strides(shape: &Shape, input: &Input) -> Vec<u64> {
    let stride = |axis: &String| {
        let inner = input.axes.iter().rev().take_while(|other| *other != axis);
        inner.filter_map(|inner| shape.extent(inner)).product()
    };
    let axes = shape.axes.iter().map(|(axis, _)| axis);
    axes.map(|axis| if input.axes.contains(axis) { stride(axis) } else { 0 }).collect()
}

fn node(node: graph::Node) -> Node {
    match node {
        graph::Node::Number(value) => Node::Number(value),
        graph::Node::Input(input) => Node::Input(input),
        graph::Node::Negate(inner) => Node::Negate(inner),
        graph::Node::Binary(operator, left, right) => Node::Binary(operator, left, right),
        graph::Node::Call(name, arguments) => Node::Function(name.to_owned(), arguments),
        graph::Node::Fold(fold, inner) => Node::Reduce(reduction(fold), inner),
    }
}

fn reduction(fold: Fold) -> Reduction {
    match fold {
        Fold::Sum => Reduction::Sum,
        Fold::Max => Reduction::Max,
        Fold::Min => Reduction::Min,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(text: &str) -> ChainCall {
        match of(&Shape::of(&text.parse().unwrap()).unwrap()) {
            Call::Chain(call) => call,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn inputs_lie_along_the_axes_that_they_name() {
        type Case = (&'static str, &'static [u64], &'static [&'static [u64]]);
        let cases: [Case; 4] = [
            ("chain:f32:r3c5:x*w[c]+s[r]*t[]", &[3, 5], &[&[5, 1], &[0, 1], &[1, 0], &[0, 0]]),
            ("chain:f32:b2r3c5:x[c,r]*y[b,c]", &[2, 3, 5], &[&[0, 1, 3], &[5, 0, 1]]),
            ("chain:f32:r3c5:x+y", &[15], &[&[1], &[1]]),
            ("chain:f32:b2r3c5:x-sum(x)", &[2, 3, 5], &[&[15, 5, 1]]),
        ];
        for (text, extents, strides) in cases {
            let call = call(text);
            assert_eq!(call.extents, extents, "{text}");
            let got: Vec<&[u64]> = call.inputs.iter().map(|input| input.strides.as_slice()).collect();
            assert_eq!(got, strides, "{text}");
        }
    }

    #[test]
    fn what_holds_all_along_a_row_is_one_value_of_it() {
        let call = call("chain:f32:r3c5:m=mean(x);d=x-m");
        let per_row: Vec<bool> = call.outputs.iter().map(|output| output.per_row).collect();
        assert_eq!(per_row, [true, false]);
        assert_eq!(call.varying(), [true, false, false, false, true]);
    }
}
