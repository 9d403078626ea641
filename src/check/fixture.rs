//! Kernels and devices for this room's tests.

use crate::base::{CooperativeMatrix, DeviceFacts, ElementType};
use crate::code::{Access, Binding, Kernel, Symbols};

/// A kernel of one workgroup of 8×8, with buffers `a` and `b` to read and `o` to write, and uniforms `m`, `n`, `k`.
/// Globals that begin with `enable` come first, as WGSL asks.
pub fn kernel(globals: &str, body: &str) -> Kernel {
    let (first, rest) = if globals.starts_with("enable") { (globals, "") } else { ("", globals) };
    let code = format!(
        "{first}
struct Sizes {{ first_workgroup: u32, workgroups: u32, m: u32, n: u32, k: u32 }}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> o: array<f32>;
{rest}
@compute @workgroup_size(8, 8)
fn main(@builtin(local_invocation_id) lid: vec3<u32>, @builtin(local_invocation_index) local: u32,
        @builtin(workgroup_id) group: vec3<u32>) {{
{body}
}}
"
    );
    Kernel {
        entry: "main".into(),
        code,
        uniforms: ["m", "n", "k"].map(String::from).into(),
        bindings: vec![binding("a", Access::Read), binding("b", Access::Read), binding("o", Access::ReadWrite)],
        workgroup_size: [8, 8, 1],
        grid: ["ceil(m/32)", "ceil(n/32)", "1"].map(|formula| formula.parse().unwrap()),
        declared: None,
    }
}

pub fn binding(name: &str, access: Access) -> Binding {
    Binding { name: name.into(), access }
}

/// m = 64, n = 96, k = 100, so that the fixture's grid is 2×3.
pub fn symbols() -> Symbols {
    [("m", 64), ("n", 96), ("k", 100)].map(|(name, size)| (name.to_owned(), size)).into()
}

pub fn portable() -> DeviceFacts {
    DeviceFacts::portable()
}

pub fn with_features(f16: bool, subgroups: bool) -> DeviceFacts {
    let mut device = portable();
    device.features.f16 = f16;
    device.features.subgroups = subgroups;
    device
}

/// A device whose subgroups of 32 multiply matrices of 8 × 8.
pub fn with_matrices() -> DeviceFacts {
    let mut device = portable();
    let (factors, sum) = (ElementType::F32, ElementType::F32);
    device.features.cooperative = vec![CooperativeMatrix { m: 8, n: 8, k: 8, factors, sum }];
    device.features.subgroup_size = [32, 32];
    device
}
