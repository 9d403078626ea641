//! Kernel files made of T1 descriptions, and the other way round.

use std::path::Path;

use crate::tool::{Place, report};

/// A description as other tuners write them.
const SCALE: &str = r#"{
    "General": { "BenchmarkName": "scale" },
    "ConfigurationSpace": {
        "TuningParameters": [
            { "Name": "block", "Type": "int", "Values": "[32, 64, 128]", "Default": 64 },
            { "Name": "tile", "Type": "int", "Values": [1, 2, 4] }
        ],
        "Conditions": [{ "Expression": "block * tile <= 256", "Parameters": ["block", "tile"] }]
    },
    "KernelSpecification": {
        "Language": "OpenCL", "KernelName": "scale", "KernelFile": "scale.cl",
        "LocalSize": { "X": "block" }, "GridDivX": ["block", "tile"], "ProblemSize": [1000],
        "Arguments": [
            { "Name": "x", "Type": "float", "MemoryType": "Vector", "AccessType": "ReadOnly", "FillType": "Random",
              "Size": "ProblemSize[0]", "FillValue": 1.0 },
            { "Name": "y", "Type": "float", "MemoryType": "Vector", "AccessType": "WriteOnly", "FillType": "Constant",
              "Size": "ProblemSize[0]", "FillValue": 0.0, "Output": 1 }
        ]
    }
}"#;

/// The same kernel in WGSL.
const WGSL: &str = "override block: u32;
override tile: u32;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(block)
fn scale(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    for (var i = 0u; i < tile; i += 1u) {
        let at = (group.x * tile + i) * block + local;
        if (at < arrayLength(&y)) {
            y[at] = 2.0 * x[at];
        }
    }
}
";

fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/kernels").join(name);
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_description_of_another_language_becomes_a_kernel_file() {
    let place = Place::new();
    place.write("scale.json", SCALE);
    let ran = place.here(&["convert", "scale.json", "scale.toml"]);
    let remark = "the kernel is written in OpenCL (`scale.cl`): write it in WGSL as `scale.wgsl`";
    assert!(ran.stderr.contains(remark), "{}", ran.stderr);
    assert_eq!(ran.good(), "wrote scale.toml\n");
    let unwritten = place.here(&["check", "scale.toml"]).is_failure(2, &["scale.wgsl` cannot be read", "scale.toml:"]);
    assert_eq!(unwritten, None);
    place.write("scale.wgsl", WGSL);
    let checked = place.here(&["check", "scale.toml"]).good();
    assert!(checked.contains("9 combinations of values, 8 legal configs"), "{checked}");
}

/// T1 has no uniform blocks and no references: what is lost is said, and the rest is the same.
#[test]
fn an_example_goes_there_and_back() {
    let place = Place::new();
    let there = place.here(&["convert", &example("stencil.toml"), "stencil.t1.json"]);
    for lost in ["the values of uniform blocks", "the reference and the tolerances"] {
        assert!(there.stderr.contains(&format!("T1 has no place for {lost}")), "{}", there.stderr);
    }
    there.good();
    place.here(&["convert", "stencil.t1.json", "stencil.toml"]).good();
    std::fs::copy(example("stencil.wgsl"), place.file("stencil.wgsl")).unwrap();
    let unsaid =
        place.here(&["check", "stencil.toml"]).is_failure(2, &["nothing says what", "`shape`", "stencil.wgsl:"]);
    assert_eq!(unsaid, None);
    let back = place.read("stencil.toml");
    place.write("stencil.toml", back + "\n[uniforms.shape]\nw = \"size_x\"\nh = \"size_y\"\nrate = 0.8\n");
    let counted = |file: &str| {
        let told = place.here(&["check", file, "--json"]).json().remove(0);
        [&told["raw"], &told["legal"], &told["default"], &told["invalid"]].map(ToString::to_string)
    };
    assert_eq!(counted("stencil.toml"), counted(&example("stencil.toml")));
}

#[test]
fn what_cannot_be_converted_is_told() {
    let place = Place::new();
    place.write("scale.json", SCALE);
    place.write("other.json", "{}");
    place.write("huge.json", " ".repeat((1 << 20) + 1));
    place.write("odd.json", SCALE.replace("block * tile <= 256", "block is 3\\u001b[2J"));
    place.write("here.toml", "");
    let reduction = example("reduction.toml");
    let cases: [(&[&str], &str); 9] = [
        (&["scale.json", "here.toml"], "`here.toml` cannot be written"),
        (&["scale.json", "nowhere/x.toml"], "`nowhere/x.toml` cannot be written"),
        (&["scale.json", "x.json"], "one file must be a T1 description that ends in .json"),
        (&["none.json", "x.toml"], "the file `none.json` cannot be read"),
        (&["other.json", "x.toml"], "this is no T1 description: missing field `ConfigurationSpace`"),
        (&["huge.json", "x.toml"], "it has more than 1048576 bytes"),
        (&["odd.json", "x.toml"], "`odd.json`: "),
        (&["here.toml", "x.json"], "missing field `name`"),
        (&[&reduction, "x.json"], "T1 describes one launch, and `reduction` has 2"),
    ];
    let failure = |(words, part): &(&[&str], &str)| {
        let ran = place.here(&[&["convert"], *words].concat());
        let obeyed = ran.stderr.contains('\u{1b}').then(|| format!("{}: {:?}", ran.line, ran.stderr));
        ran.is_failure(2, &[part]).or(obeyed)
    };
    report(cases.iter().filter_map(failure).collect());
    assert!(!Path::new(&place.file("x.toml")).exists() && !Path::new(&place.file("x.json")).exists());
}
