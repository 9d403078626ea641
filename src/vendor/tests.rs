//! Which routines a workload gets, as a table.

use super::*;
use crate::op::resolve;
use crate::record::Library;

fn vendor(names: &[&str]) -> Vendor {
    let library = |name: &&str| Library { name: (*name).to_owned(), version: "13.0.1".to_owned() };
    Vendor { libraries: names.iter().map(library).collect(), ..Vendor::default() }
}

const ALL: [&str; 4] = ["cublas", "cublaslt", "cudnn", "cuda"];

fn told(text: &str, libraries: &[&str]) -> Vec<String> {
    let rivals = rivals(&resolve(text).unwrap(), &vendor(libraries));
    let mark = |computes| match computes {
        Computes::Same => "",
        Computes::Bare => " bare",
        Computes::Copy => " bytes",
    };
    let family = |rival: &Rival| rival.routine.option("family").map(|n| format!(" {n}")).unwrap_or_default();
    rivals.routines.iter().map(|rival| format!("{}{}{}", rival.name(), family(rival), mark(rival.computes))).collect()
}

#[test]
fn each_workload_has_its_rivals() {
    let cases: [(&str, &[&str], &[&str]); 14] = [
        ("matmul:f32:m8n8k8", &ALL, &["cublas f32", "cublas tf32", "cublaslt f32", "cublaslt tf32"]),
        ("matmul:f16:m8n8k8:nt", &ALL, &["cublas f16", "cublaslt f16"]),
        ("matmul:f16:m8n8k8", &["cublas"], &["cublas f16"]),
        ("matmul:f16:m8n8k8+bias+relu", &ALL, &["cublas f16 bare", "cublaslt f16"]),
        ("matmul:f16:m8n8k8+bias+gelu", &ALL, &["cublas f16 bare"]),
        ("matmul:i8>i32>i8:m8n8k8+clip", &ALL, &[]),
        ("conv2d:f16:n1c8h9w9o8k3p1:nhwc+bias+relu", &ALL, &["cudnn f16 0"]),
        ("conv2d:f32:n1c8h9w9o8k3p1", &ALL, &["cudnn f32 0", "cudnn f32 1", "cudnn f32 2", "cudnn tf32 0"]),
        (
            "conv2d:f32:n1c8h9w9o8k3p1+bias",
            &ALL,
            &["cudnn f32 0", "cudnn f32 1 bare", "cudnn f32 2 bare", "cudnn tf32 0"],
        ),
        ("conv2d:f32:n1c8h9w9o8k3s2+silu", &ALL, &["cudnn f32 0 bare", "cudnn tf32 0 bare"]),
        ("conv2d:f32:n1c8h9w9o8k1", &["cublas"], &[]),
        ("conv2d_transpose:f32:n1c8h9w9o8k2s2", &ALL, &[]),
        ("chain:f32:r64c64:gelu(x)+y", &ALL, &["cuda copy bytes"]),
        ("chain:f32:r64c64:gelu(x)+y", &["cublas"], &[]),
    ];
    for (text, libraries, want) in cases {
        assert_eq!(told(text, libraries), want, "{text} with {libraries:?}");
    }
}

#[test]
fn what_is_not_compared_is_told() {
    let absent = |text: &str| rivals(&resolve(text).unwrap(), &vendor(&ALL)).absent;
    assert_eq!(absent("matmul:f32:m8n8k8+bias+gelu"), ["cuBLASLt fuses no gelu as step 2 of an epilogue"]);
    assert_eq!(absent("conv2d_transpose:f32:n1c8h9w9o8k2s2"), ["transposed convolutions are not asked of cuDNN"]);
    assert_eq!(absent("matmul:f32:m8n8k8+bias"), [""; 0]);
}

/// Nothing is forgiven that a routine does not need.
#[test]
fn promises_are_those_of_the_arithmetic() {
    let numerics = |text: &str| -> Vec<Numerics> {
        rivals(&resolve(text).unwrap(), &vendor(&ALL)).routines.iter().map(|rival| rival.numerics).collect()
    };
    let narrow = Numerics::Narrow { bits: 11 };
    assert_eq!(numerics("matmul:f32:m8n8k8"), [Numerics::Exact, narrow, Numerics::Exact, narrow]);
    assert_eq!(numerics("matmul:f16:m8n8k8"), [Numerics::Exact; 2]);
    let of_convolution = numerics("conv2d:f32:n1c8h9w9o8k3p1");
    assert!(matches!(of_convolution[1], Numerics::Bounded { tile: 4, .. }), "{of_convolution:?}");
    assert_eq!(of_convolution[3], narrow);
}
