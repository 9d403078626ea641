//! T1 there and back, and what is refused by name.

use std::collections::BTreeMap;
use std::path::Path;

use super::python::{Scope, from_python, to_python};
use super::{read_t1, write_t1};
use crate::custom::CustomKernel;

#[test]
fn python_is_understood_or_refused_by_name() {
    let sizes = ["size_x".to_owned(), "size_y".to_owned()];
    let values = BTreeMap::from([("filter".to_owned(), vec![3, 15, 7])]);
    let scope = Scope { sizes: &sizes, values: &values };
    let cases = [
        ("use_padding==0 or block_size_x % 32 != 0", Ok("use_padding == 0 or block_size_x % 32 != 0")),
        ("(ProblemSize[0]+max(filter)-1) * ProblemSize[1]", Ok("(size_x + 15 - 1) * size_y")),
        ("min(filter, 2) <= a**2 // b", Ok("min(filter, 2) <= a ** 2 // b")),
        ("min(filter) == 3 and not flag", Ok("3 == 3 and not flag")),
        ("staged == True", Ok("staged == 1")),
        ("method in ['a', \"b\"]", Ok("method in [\"a\", \"b\"]")),
        ("a << 2", Err("`<<`")),
        ("a & 3 == 0", Err("`&`")),
        ("len(filter) > 2", Err("`len`")),
        ("lambda x: x", Err("`lambda`")),
        ("math.ceil(a)", Err("`math`")),
        ("max(other)", Err("`other`")),
        ("ProblemSize[2]", Err("`ProblemSize[2]`")),
        ("a ==", Err("not understood")),
        ("'a", Err("without an end")),
        ("__import__('os')", Err("not understood")),
    ];
    for (python, want) in cases {
        match (from_python(python, &scope), want) {
            (Ok(ours), Ok(want)) if ours == want => {}
            (Err(why), Err(part)) if why.contains(part) => {}
            (got, want) => panic!("{python}: {got:?} where {want:?} is right"),
        }
    }
}

#[test]
fn our_expressions_become_python() {
    let size = |name: &str| (name == "n").then(|| "1000".to_owned());
    let cases = [
        ("ceil_div(n, WG * ITEMS)", Ok("(-(-(1000) // (WG * ITEMS)))")),
        ("round_up(a, 4) <= max(b, 2)", Ok("(-(-(a) // (4)) * (4)) <= max(b, 2)")),
        ("not staged or a % b == 0", Ok("not staged or a % b == 0")),
        ("is_power_of_two(a)", Err("`is_power_of_two`")),
    ];
    for (ours, want) in cases {
        match (to_python(ours, &size), want) {
            (Ok(python), Ok(want)) if python == want => {}
            (Err(why), Err(part)) if why.contains(part) => {}
            (got, want) => panic!("{ours}: {got:?} where {want:?} is right"),
        }
    }
}

/// A description as tools write them, of a CUDA kernel.
const CONVOLUTION: &str = r#"{
    "General": { "BenchmarkName": "convolution_x", "OutputFormat": "JSON" },
    "ConfigurationSpace": {
        "TuningParameters": [
            { "Name": "block_size_x", "Type": "int", "Values": "[16, 32, 48]", "Default": 16 },
            { "Name": "tile", "Type": "int", "Values": [1, 2], "Default": 7 },
            { "Name": "filter_width", "Type": "int", "Values": "[15]" }
        ],
        "Conditions": [
            { "Expression": "block_size_x*tile <= 64 or tile==1", "Parameters": ["block_size_x", "tile"] }
        ]
    },
    "KernelSpecification": {
        "Language": "CUDA", "KernelName": "convolution_kernel", "KernelFile": "convolution.cu",
        "GlobalSizeType": "CUDA", "LocalSize": { "X": "block_size_x", "Y": "1", "Z": "1" },
        "GlobalSize": { "X": "4096 // block_size_x" }, "GridDivX": ["block_size_x", "tile"],
        "ProblemSize": [4096, 64],
        "Arguments": [
            { "Name": "image", "Type": "float", "MemoryType": "Vector", "AccessType": "ReadOnly", "FillType": "Random",
              "Size": "(ProblemSize[0]+max(filter_width)-1)*ProblemSize[1]", "FillValue": 1.0 },
            { "Name": "count", "Type": "int32", "MemoryType": "Scalar", "AccessType": "ReadOnly", "FillType": "Constant",
              "FillValue": 12 },
            { "Name": "result", "Type": "float", "MemoryType": "Vector", "AccessType": "WriteOnly", "FillType": "Constant",
              "Size": "ProblemSize[0]*ProblemSize[1]", "FillValue": 0.0, "Output": 1 }
        ]
    }
}"#;

#[test]
fn what_others_wrote_becomes_a_kernel_file() {
    let imported = read_t1(CONVOLUTION).unwrap();
    for part in [
        "name = \"convolution_x\"",
        "source = \"convolution.wgsl\"",
        "size_x = 4096",
        "block_size_x * tile <= 64 or tile == 1",
        "(size_x + 15 - 1) * size_y",
        "ceil_div(size_x, block_size_x * tile)",
        "count = 12",
    ] {
        assert!(imported.toml.contains(part), "no `{part}` in:\n{}", imported.toml);
    }
    let said = imported.remarks.join("\n");
    assert!(said.contains("written in CUDA") && said.contains("`tile`, 7, is none"), "{said}");
}

#[test]
fn what_cannot_be_said_of_wgsl_is_refused() {
    let cases = [
        ("\"ProblemSize\": [4096, 64]", "\"ProblemSize\": []", "`ProblemSize` has 0"),
        (
            "\"Type\": \"float\", \"MemoryType\": \"Vector\", \"AccessType\": \"W",
            "\"Type\": \"double\", \"MemoryType\": \"Vector\", \"AccessType\": \"W",
            "`double`",
        ),
        ("\"FillType\": \"Random\"", "\"FillType\": \"Generator\"", "`generator`"),
        ("\"[16, 32, 48]\"", "\"[2**i for i in range(4)]\"", "the values of `block_size_x`"),
        ("or tile==1", "or tile is 1", "`is`"),
        ("\"TuningParameters\"", "\"Parameters\"", "no T1 description"),
    ];
    for (find, replace, part) in cases {
        assert!(CONVOLUTION.contains(find), "{find}");
        let error = read_t1(&CONVOLUTION.replace(find, replace)).expect_err(replace);
        assert!(error.message().contains(part), "{replace}: {}", error.message());
    }
}

#[test]
fn a_kernel_survives_the_journey() {
    let toml = r#"
name = "double"
wgsl = '''
override WG: u32 = 64u;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x < arrayLength(&y)) { y[id.x] = {{ TIMES }} * x[id.x]; }
}
'''
sizes = { size_x = 1000 }
params = { WG = { values = [32, 64], default = 64 }, TIMES = { values = [1.5, 2.5] } }
constraints = [{ expr = "ceil_div(size_x, WG) <= 30 and WG % 2 == 0" }]
buffers = { x = { type = "f32", size = "size_x", role = "input", fill = { uniform = [0, 1] } }, y = { type = "f32", size = "size_x", role = "output" } }
passes = [{ entry = "main", workgroup = ["WG"], grid = ["ceil_div(size_x, WG)"] }]
"#;
    let kernel = CustomKernel::parse("double.toml", toml.to_owned(), Path::new("")).unwrap_or_else(|e| panic!("{e}"));
    let exported = write_t1(&kernel, "double.wgsl").unwrap();
    let imported = read_t1(&exported.json).unwrap();
    // The text is in a file of its own there.
    let inline = format!("wgsl = '''{}'''", kernel.0.plan.texts[0].text());
    let toml = imported.toml.replace("source = \"double.wgsl\"", &inline);
    let again =
        CustomKernel::parse("again.toml", toml.clone(), Path::new("")).unwrap_or_else(|e| panic!("{e}\n{toml}"));
    let said = |kernel: &CustomKernel| {
        let survey = kernel.survey(&kernel.signature().unwrap());
        let params: Vec<_> =
            kernel.params().iter().map(|p| (p.name.clone(), p.values.clone(), p.default.clone())).collect();
        (survey.legal, survey.default, params, kernel.signature().unwrap().inputs)
    };
    assert_eq!(said(&again), said(&kernel));
}
