//! Each data set is right for every workload, and finds what it is for.

use half::f16;

use super::{DataSet, inputs, materialise};
use crate::base::{Approx, Distribution, Tensor};
use crate::op::{OPERATORS, Signature, resolve};

/// One sum of products, of numbers as they are stored.
type Kernel = fn(&[(f32, f32)]) -> f32;

fn in_order(terms: &[(f32, f32)]) -> f32 {
    terms.iter().fold(0.0, |sum, (a, b)| sum + a * b)
}

fn fused_from_the_end(terms: &[(f32, f32)]) -> f32 {
    terms.iter().rev().fold(0.0, |sum, (a, b)| a.mul_add(*b, sum))
}

/// Four lanes, added in a tree, as vectors along the sum do.
fn in_lanes(terms: &[(f32, f32)]) -> f32 {
    let lane = |lane| terms.iter().skip(lane).step_by(4).fold(0.0, |sum, (a, b)| sum + a * b);
    (lane(0) + lane(1)) + (lane(2) + lane(3))
}

fn in_halves(terms: &[(f32, f32)]) -> f32 {
    if let [(a, b)] = terms {
        return a * b;
    }
    let (left, right) = terms.split_at(terms.len() / 2);
    in_halves(left) + in_halves(right)
}

fn without_the_last(terms: &[(f32, f32)]) -> f32 {
    in_order(&terms[..terms.len() - 1])
}

fn with_the_first_twice(terms: &[(f32, f32)]) -> f32 {
    in_order(terms) + terms[0].0 * terms[0].1
}

fn with_a_neighbour(terms: &[(f32, f32)]) -> f32 {
    let last = terms.len() - 1;
    in_order(&terms[..last]) + terms[last - 1].0 * terms[last].1
}

fn summed_in_f16(terms: &[(f32, f32)]) -> f32 {
    terms.iter().fold(0.0, |sum, (a, b)| half(sum + half(a * b)))
}

fn multiplied_in_f16(terms: &[(f32, f32)]) -> f32 {
    terms.iter().fold(0.0, |sum, (a, b)| sum + half(a * b))
}

/// Rounded to f16, subnormal numbers flushed to zero as many GPUs do.
fn half(value: f32) -> f32 {
    let rounded = f16::from_f32(value);
    if rounded.is_normal() || rounded.is_infinite() || rounded.is_nan() { rounded.to_f32() } else { 0.0 }
}

/// How many elements of a plain row-by-column matmul the reference rejects.
fn rejected(text: &str, data: DataSet, kernel: Kernel) -> usize {
    let signature = resolve(text).unwrap();
    let fills = inputs(&signature, data, 11).unwrap_or_else(|| panic!("{text}: {data:?} does not suit"));
    let tensors = materialise(&signature, &fills);
    let [m, n, k] = ["m", "n", "k"].map(|name| signature.symbols[name]);
    let terms = |row: u64, column: u64| -> Vec<(f32, f32)> {
        let at = |tensor: &Tensor, index: u64| tensor.values[index as usize];
        (0..k).map(|i| (at(&tensors[0], row * k + i), at(&tensors[1], i * n + column))).collect()
    };
    let element = signature.outputs[0].element;
    let reference = signature.operator.reference(&signature, tensors.clone());
    let wrong = |i: &u64| {
        let got = element.quantise(f64::from(kernel(&terms(i / n, i % n))));
        !reference.at(0, *i).admits(got)
    };
    (0..m * n).filter(wrong).count()
}

/// The sets that say something about a workload.
fn suitable(text: &str) -> Vec<DataSet> {
    let signature = resolve(text).unwrap();
    DataSet::ALL.into_iter().filter(|data| inputs(&signature, *data, 11).is_some()).collect()
}

/// Of both types, of odd and even length, short and long.
const MATMULS: [&str; 8] = [
    "matmul:f32:m9n8k2",
    "matmul:f32:m9n8k33",
    "matmul:f32:m9n8k64",
    "matmul:f32:m8n9k1021",
    "matmul:f16:m9n8k2",
    "matmul:f16:m9n8k33",
    "matmul:f16:m9n8k64",
    "matmul:f16:m8n9k512",
];

#[test]
fn right_sums_are_right_on_all_data() {
    let kernels: [Kernel; 4] = [in_order, fused_from_the_end, in_lanes, in_halves];
    for text in MATMULS.into_iter().chain(["matmul:f32:m8n9k4096", "matmul:f16:m8n9k4096", "matmul:f16:m3n5k1"]) {
        for data in suitable(text) {
            let wrong = kernels.map(|kernel| rejected(text, data, kernel));
            assert_eq!(wrong, [0; 4], "{text}, {data:?}");
        }
    }
}

#[test]
fn dropped_and_doubled_terms_show_on_all_data() {
    for text in MATMULS {
        for data in suitable(text) {
            for kernel in [without_the_last as Kernel, with_the_first_twice] {
                let wrong = rejected(text, data, kernel);
                // Nothing is missed where a term is zero, or below what f16 can store.
                let few = data == DataSet::SignedZero || data == DataSet::Tiny && text.contains("f16");
                assert!(wrong >= if few { 1 } else { 36 }, "{text}, {data:?}: {wrong} of 72");
            }
        }
        assert!(rejected(text, DataSet::Integers, with_a_neighbour) >= 36, "{text}");
    }
}

#[test]
fn arithmetic_in_f16_shows() {
    let cases = [
        ("matmul:f32:m9n8k33", DataSet::Random),
        ("matmul:f32:m9n8k33", DataSet::Large),
        ("matmul:f32:m9n8k33", DataSet::Tiny),
        ("matmul:f16:m9n8k33", DataSet::Random),
        ("matmul:f16:m9n8k2", DataSet::Large),
        ("matmul:f16:m9n8k33", DataSet::Large),
        ("matmul:f16:m9n8k4096", DataSet::Large),
        ("matmul:f16:m9n8k64", DataSet::Tiny),
        ("matmul:f16:m9n8k512", DataSet::Tiny),
        ("matmul:f16:m9n8k512", DataSet::OneSign),
    ];
    for (text, data) in cases {
        for kernel in [summed_in_f16 as Kernel, multiplied_in_f16] {
            // Long sums of one sign forgive the products, whose errors are random, but not the sums, which stand still.
            if data != DataSet::OneSign || std::ptr::fn_addr_eq(kernel, summed_in_f16 as Kernel) {
                assert!(rejected(text, data, kernel) > 0, "{text}, {data:?}");
            }
        }
    }
}

/// Every set that says it suits gives results that are mostly defined; those on integers are exact where steps are.
#[test]
fn contract_cases_are_defined_and_exact() {
    let exact_steps = ["bias", "residual", "relu", "abs", "scale"];
    for text in OPERATORS.iter().flat_map(|operator| operator.contract()) {
        let signature = resolve(text).unwrap();
        for data in DataSet::ALL {
            let Some(values) = references(&signature, data) else {
                assert!(may_be_unsuitable(text, data), "{text}: {data:?} does not suit");
                continue;
            };
            let defined = values.iter().filter(|value| value.bound.is_finite()).count();
            assert!(2 * defined >= values.len(), "{text}, {data:?}: {defined} of {}", values.len());
            let is_exact = signature.workload.expression.is_none()
                && signature.workload.steps.iter().all(|step| exact_steps.contains(&step.name.as_str()));
            if is_exact && data == DataSet::Integers {
                assert!(values.iter().all(|value| value.bound == 0.0), "{text}");
            }
        }
    }
}

fn references(signature: &Signature, data: DataSet) -> Option<Vec<Approx>> {
    let fills = inputs(signature, data, 5)?;
    let reference = signature.operator.reference(signature, materialise(signature, &fills));
    let outputs = signature.outputs.iter().enumerate();
    Some(
        outputs
            .flat_map(|(o, tensor)| (0..tensor.elements()).map(|i| reference.at(o, i)).collect::<Vec<_>>())
            .collect(),
    )
}

/// Exponentials overflow, logarithms and quotients have no zeros, and f16 has no short sums of tiny products.
fn may_be_unsuitable(text: &str, data: DataSet) -> bool {
    match data {
        DataSet::OneSign | DataSet::Large | DataSet::Tiny | DataSet::SignedZero if text.contains(":i8>") => true,
        DataSet::Integers | DataSet::OneSign | DataSet::Large => text.contains("exp(x*"),
        DataSet::SignedZero => ["exp(x*", "log(", "/"].into_iter().any(|part| text.contains(part)),
        DataSet::Tiny => text.contains(":f16:") && !text.starts_with("chain"),
        DataSet::Random => false,
    }
}

#[test]
fn large_values_are_smaller_where_they_overflow() {
    let cases =
        [("chain:f32:n64:x+y", Some(200.0)), ("chain:f16:n64:exp(x)", Some(12.5)), ("chain:f32:n64:exp(x*99)", None)];
    for (text, magnitude) in cases {
        let fills = inputs(&resolve(text).unwrap(), DataSet::Large, 7);
        let high = fills.map(|fills| match fills[0].distribution {
            Distribution::Uniform { high, .. } => high,
            other => panic!("{text}: {other:?}"),
        });
        assert_eq!(high, magnitude, "{text}");
    }
}

/// The usual contents are what they were: a stored seed still tells what a kernel was checked on.
#[test]
fn random_data_are_the_usual_contents() {
    let signature = resolve("matmul:f32:m4n4k4+bias").unwrap();
    let fills = inputs(&signature, DataSet::Random, 7).unwrap();
    for (tensor, fill) in signature.inputs.iter().zip(&fills) {
        assert_eq!(tensor.filled(*fill), tensor.materialise(fill.seed));
        assert_eq!(fill.distribution, tensor.distribution);
    }
    assert_eq!(fills.iter().map(|fill| fill.seed).collect::<Vec<_>>(), [1_940_825_160, 808_248_427, 4_032_714_818]);
}
