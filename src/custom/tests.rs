//! What makes another version of a kernel, and what does not; mistakes that only show when all is read.

use std::path::Path;

use super::{Arrays, CustomKernel};

const KERNEL: &str = r#"
name = "scale"
wgsl = '''
override WG: u32 = 64u;
override ITEMS: u32 = 1u;
struct Shape { n: u32, factor: f32 }
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    for (var i = 0u; i < ITEMS; i += 1u) {
        let at = id.x * ITEMS + i;
        if (at < shape.n) { y[at] = shape.factor * x[at]; }
    }
}
'''
sizes = { n = 1000 }
params = { WG = { values = [64, 128] } }
constraints = [{ expr = "WG <= 512" }]
buffers = { x = { type = "f32", size = "n", role = "input" }, y = { type = "f32", size = "n", role = "output" } }
uniforms = { shape = { factor = 2.5 } }
passes = [{ grid = ["ceil_div(n, WG)"] }]
# reference
check = { sizes = [{ n = 7 }] }
"#;

/// A plain kernel in place of the comment.
const REFERENCE: &str = r#"
[reference]
wgsl = '''
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x < arrayLength(&y)) { y[id.x] = 2.5 * x[id.x]; }
}
'''
passes = [{ grid = ["ceil_div(n, 64)"] }]
"#;

fn with_reference() -> String {
    KERNEL.to_owned() + REFERENCE
}

fn parse(text: &str) -> CustomKernel {
    CustomKernel::parse("scale.toml", text.to_owned(), Path::new("")).unwrap_or_else(|problem| panic!("{problem}"))
}

fn version(text: &str) -> String {
    parse(text).signature().unwrap().workload.operator
}

/// What is changed, and whether that makes another version where a plain kernel is the truth, and where the default is.
#[test]
fn what_decides_results_makes_another_version() {
    let cases = [
        ("shape.factor * x[at]", "x[at] * shape.factor", true, true),
        ("factor = 2.5", "factor = 3.5", true, true),
        ("role = \"output\" }", "role = \"output\", tolerance = { relative = 0.1 } }", true, true),
        ("[{ n = 7 }]", "[{ n = 7 }, { n = 9 }]", true, true),
        ("params = { WG", "params = { ITEMS = { values = [1, 2] }, WG", true, true),
        ("[64, 128]", "[64, 128, 256]", false, true),
        ("WG <= 512", "WG <= 256", false, true),
        ("n = 1000", "n = 2000", false, false),
        ("name = \"scale\"", "# a remark\nname = \"scale\"\nabout = \"scales\"", false, false),
    ];
    let texts = [with_reference(), KERNEL.to_owned()];
    for (find, replace, plain, default) in cases {
        for (text, changes) in texts.iter().zip([plain, default]) {
            let changed = text.replacen(find, replace, 1);
            assert_ne!(changed, *text, "{find}");
            assert_eq!(version(text) != version(&changed), changes, "{find} -> {replace}");
        }
    }
    let text = with_reference();
    assert_ne!(version(&text), version(&text.replace("2.5 * x", "2.6 * x")), "the reference");
    let host = parse(&text).with_reference(|data| Arrays::of([("y", data.get("x").to_vec())]));
    assert_ne!(version(&text), host.signature().unwrap().workload.operator, "a function");
}

#[test]
fn files_and_other_kernels_are_part_of_the_version() {
    let folder = tempfile::tempdir().unwrap();
    let parse = |text: &str| {
        let kernel = CustomKernel::parse("scale.toml", text.to_owned(), folder.path());
        kernel.unwrap_or_else(|problem| panic!("{problem}")).signature().unwrap().workload.operator
    };
    let other = folder.path().join("other.toml");
    std::fs::write(&other, KERNEL).unwrap();
    let text = KERNEL.replace("# reference", "reference = { kernel = \"other.toml\" }");
    let before = parse(&text);
    std::fs::write(&other, KERNEL.replace("factor = 2.5", "factor = 3.5")).unwrap();
    assert_ne!(before, parse(&text), "another kernel file");

    let write = |value: f32| {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1000,), }";
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        let padded = format!("{header:<117}\n");
        bytes.extend((padded.len() as u16).to_le_bytes());
        bytes.extend(padded.as_bytes());
        (0..1000).for_each(|_| bytes.extend(value.to_le_bytes()));
        std::fs::write(folder.path().join("y.npy"), bytes).unwrap();
    };
    let text = KERNEL.replace("# reference", "reference = { expected = { y = \"y.npy\" } }");
    let text =
        text.replace("role = \"input\"", "role = \"input\", fill = { constant = 1 }").replace("[{ n = 7 }]", "[]");
    write(2.5);
    let before = parse(&text);
    write(3.5);
    assert_ne!(before, parse(&text), "an expected file");
}

/// Parts of the message for a kernel with this change.
#[test]
fn what_makes_no_sense_as_a_whole_is_told() {
    let cases = [
        ("factor = 2.5 } }", "factor = 2.5 }, shpae = { n = 1 } }", "no uniform block `shpae`"),
        ("passes = [{ ", "passes = [{ bind = { z = \"y\" }, ", "`z`, which the WGSL does not declare"),
        ("passes = [{ ", "passes = [{ swap = [\"y\", \"q\"], ", "`q`, which is no buffer"),
        ("\"WG <= 512\"", "\"64 % (WG - 64) == 1\"", "by zero"),
        ("[{ n = 7 }]", "[{ n = 0 }]", "the size `n` is 0"),
        ("{ n = 1000 }", "{ n = 1000, step = 1 }", "`step` is no name for a size"),
        ("role = \"input\"", "role = \"input\", fill = { iota = [nan, 1] }", "NaN is no f32"),
        ("role = \"input\"", "role = \"input\", fill = { normal = [0, 1e38] }", "is no f32"),
        ("role = \"input\"", "role = \"input\", fill = { uniform = [-1e39, 1] }", "is no f32"),
        ("# reference", "reference = { expected = { y = \"none.npy\" } }", "cannot be read"),
    ];
    for (find, replace, part) in cases {
        let text = KERNEL.replacen(find, replace, 1);
        assert_ne!(text, KERNEL, "{find}");
        let problem = CustomKernel::parse("scale.toml", text, Path::new("")).err();
        let problem = problem.unwrap_or_else(|| panic!("{replace} is taken")).to_string();
        assert!(problem.contains(part), "{replace}: {problem}");
    }
    // A member that is called like a parameter takes its value.
    let named = KERNEL.replace("factor: f32", "ITEMS2: f32").replace("shape.factor", "shape.ITEMS2");
    let named = named.replace("uniforms = { shape = { factor = 2.5 } }", "");
    parse(&named.replace("params = { WG", "params = { ITEMS2 = { values = [1, 2] }, WG"));
    assert!(parse(KERNEL).at(&[("n".to_owned(), u64::MAX)]).is_err());
}
