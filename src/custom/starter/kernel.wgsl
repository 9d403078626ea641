// Smooths a row of n numbers: each becomes the mean of itself and its two neighbours.
//
// This is plain WGSL that every tool understands. `override` constants are what wgtune may tune: the file NAME.toml
// lists the values to try.

override WG: u32 = 64u;    // invocations of a workgroup
override ITEMS: u32 = 1u;  // numbers that one invocation computes

struct Shape {
    n: u32,
    weight: f32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    for (var item = 0u; item < ITEMS; item += 1u) {
        // Neighbouring invocations work on neighbouring numbers.
        let at = (group.x * ITEMS + item) * WG + local;
        if (at < shape.n) {
            let left = x[select(at - 1u, 0u, at == 0u)];
            let right = x[min(at + 1u, shape.n - 1u)];
            y[at] = shape.weight * (left + x[at] + right);
        }
    }
}
