//! Chains against f64 loops over single elements: every width, blocks below and above a row, both storage types.

use half::f16;

use super::*;

/// The value of a node at a place, by its meaning.
fn truth(chain: &Chain, inputs: &[Vec<f32>], node: usize, place: &[usize]) -> f64 {
    let at = |node: usize| truth(chain, inputs, node, place);
    match &chain.nodes[node] {
        Node::Number(number) => f64::from(*number),
        Node::Input(input) => {
            let index: usize = chain.inputs[*input].iter().zip(place).map(|(stride, at)| stride * at).sum();
            f64::from(inputs[*input][index])
        }
        Node::Negate(inner) => -at(*inner),
        Node::Binary(operation, left, right) => {
            let (left, right) = (at(*left), at(*right));
            match operation {
                Operation::Add => left + right,
                Operation::Subtract => left - right,
                Operation::Multiply => left * right,
                Operation::Divide => left / right,
                Operation::Min => left.min(right),
                Operation::Max => left.max(right),
            }
        }
        Node::Function(Function::Exp, inner) => at(*inner).exp(),
        Node::Function(Function::Silu, inner) => at(*inner) / (1.0 + (-at(*inner)).exp()),
        Node::Function(Function::Rsqrt, inner) => 1.0 / at(*inner).sqrt(),
        Node::Function(..) => unreachable!("not in these tests"),
        Node::Reduce(reduction, inner) => {
            let mut place = place.to_vec();
            let values = (0..*chain.extents.last().unwrap()).map(|at| {
                *place.last_mut().unwrap() = at;
                truth(chain, inputs, *inner, &place)
            });
            match reduction {
                Reduction::Sum => values.sum(),
                Reduction::Max => values.fold(f64::NEG_INFINITY, f64::max),
                Reduction::Min => values.fold(f64::INFINITY, f64::min),
            }
        }
    }
}

fn places(extents: &[usize]) -> Vec<Vec<usize>> {
    extents.iter().fold(vec![Vec::new()], |places, extent| {
        places.iter().flat_map(|place| (0..*extent).map(move |at| [&place[..], &[at]].concat())).collect()
    })
}

fn check(name: &str, chain: &Chain, all: &[Parameters]) {
    let reach = |strides: &Vec<usize>| {
        1 + chain.extents.iter().zip(strides).map(|(extent, stride)| (extent - 1) * stride).sum::<usize>()
    };
    let inputs: Vec<Vec<f32>> = chain
        .inputs
        .iter()
        .enumerate()
        .map(|(seed, strides)| (0..reach(strides)).map(|i| ((i * 37 + seed * 11) % 17) as f32 / 8.0 - 1.0).collect())
        .collect();
    let (row, places) = (*chain.extents.last().unwrap(), places(&chain.extents));
    let expected: Vec<Vec<f64>> = chain
        .outputs
        .iter()
        .map(|output| {
            let step = if output.per_row { row } else { 1 };
            places.iter().step_by(step).map(|place| truth(chain, &inputs, output.node, place)).collect()
        })
        .collect();
    for parameters in all {
        let mut plan = Plan::new(chain, parameters);
        let mut results: Vec<Vec<f32>> = expected.iter().map(|values| vec![f32::NAN; values.len()]).collect();
        let data: Vec<Data> = inputs.iter().map(|values| Data::F32(values)).collect();
        // Twice: nothing of the first run may matter in the second.
        for _ in 0..2 {
            plan.run(&data, results.iter_mut().map(|values| DataMut::F32(values)).collect());
        }
        let half: Vec<Vec<f16>> =
            inputs.iter().map(|values| values.iter().map(|v| f16::from_f32(*v)).collect()).collect();
        let data: Vec<Data> = half.iter().map(|values| Data::F16(values)).collect();
        let mut halves: Vec<Vec<f16>> = expected.iter().map(|values| vec![f16::NAN; values.len()]).collect();
        plan.run(&data, halves.iter_mut().map(|values| DataMut::F16(values)).collect());
        for ((expected, results), halves) in expected.iter().zip(&results).zip(&halves) {
            for (number, expected) in expected.iter().enumerate() {
                let (result, half) = (f64::from(results[number]), halves[number].to_f64());
                let is_near = |value: f64, bound: f64| (value - expected).abs() <= bound * (1.0 + expected.abs());
                assert!(is_near(result, 2e-6), "{name} {parameters:?}: element {number} is {result}, not {expected}");
                assert!(
                    is_near(half, 1e-3),
                    "{name} {parameters:?} in f16: element {number} is {half}, not {expected}"
                );
            }
        }
    }
}

/// Dense strides of the axes that are not left out.
fn strides(extents: &[usize], without: &[usize]) -> Vec<usize> {
    let mut step = 1;
    let mut strides: Vec<usize> = (0..extents.len())
        .rev()
        .map(|axis| {
            if without.contains(&axis) {
                return 0;
            }
            step *= extents[axis];
            step / extents[axis]
        })
        .collect();
    strides.reverse();
    strides
}

fn chains(extents: &[usize]) -> Vec<(&'static str, Chain)> {
    let last = extents.len() - 1;
    let dense = strides(extents, &[]);
    let column = strides(extents, &(0..last).collect::<Vec<_>>());
    let row = strides(extents, &[last]);
    let scalar = vec![0; extents.len()];
    let mut turned = dense.clone();
    turned.reverse();
    let is_square = extents.iter().all(|extent| *extent == extents[0]);
    let each = |node| Output { node, per_row: false };
    use Node::{Binary, Function as Call, Input, Negate, Number, Reduce};
    use Operation::{Add, Divide, Max, Multiply, Subtract};
    let chain = |inputs: &[&Vec<usize>], nodes: Vec<Node>, outputs: Vec<Output>| Chain {
        extents: extents.to_vec(),
        inputs: inputs.iter().map(|strides| (*strides).clone()).collect(),
        nodes,
        outputs,
    };
    let mut chains = vec![
        (
            "silu(x*w[c]+b[c])",
            chain(
                &[&dense, &column, &column],
                vec![Input(0), Input(1), Binary(Multiply, 0, 1), Input(2), Binary(Add, 2, 3), Call(Function::Silu, 4)],
                vec![each(5)],
            ),
        ),
        (
            "softmax",
            chain(
                &[&dense],
                vec![
                    Input(0),
                    Reduce(Reduction::Max, 0),
                    Binary(Subtract, 0, 1),
                    Call(Function::Exp, 2),
                    Reduce(Reduction::Sum, 3),
                    Binary(Divide, 3, 4),
                ],
                vec![each(5)],
            ),
        ),
        (
            "normalisation, its scale and the least value as outputs too",
            chain(
                &[&dense, &row, &scalar],
                vec![
                    Input(0),
                    Binary(Multiply, 0, 0),
                    Reduce(Reduction::Sum, 1),
                    Input(2),
                    Number(7.0),
                    Binary(Add, 3, 4),
                    Binary(Add, 2, 5),
                    Call(Function::Rsqrt, 6),
                    Binary(Multiply, 0, 7),
                    Input(1),
                    Binary(Add, 9, 8),
                    Negate(10),
                    Reduce(Reduction::Min, 0),
                ],
                vec![each(11), Output { node: 7, per_row: true }, each(12), each(0)],
            ),
        ),
        (
            "rows and a number",
            chain(
                &[&row, &dense, &scalar],
                vec![Input(0), Input(1), Input(2), Binary(Subtract, 0, 1), Binary(Max, 3, 2), Binary(Divide, 4, 0)],
                vec![each(4), each(1)],
            ),
        ),
        ("the same all over", chain(&[&scalar], vec![Input(0), Negate(0)], vec![each(1)])),
    ];
    if is_square {
        chains.push(("turned", chain(&[&dense, &turned], vec![Input(0), Input(1), Binary(Add, 0, 1)], vec![each(2)])));
    }
    chains
}

#[test]
fn chains_are_right() {
    let mut all = Vec::new();
    for width in Width::available() {
        for (number, block) in [1, 16, 50, 4096].into_iter().enumerate() {
            let threads = 1 + number % 3;
            all.extend([false, true].map(|stream| Parameters { width, block, threads, stream }));
        }
    }
    for extents in [&[1][..], &[37], &[5, 3], &[4, 67], &[3, 2, 19], &[6, 6], &[2, 260], &[1, 131]] {
        for (name, chain) in chains(extents) {
            check(&format!("{name} of {extents:?}"), &chain, &all);
        }
    }
}
