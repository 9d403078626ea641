// c = a · b, row by row: one output per invocation, one multiply-add per step, nothing shared.

override WX: u32 = 16u; // invocations along n
override WY: u32 = 16u; // invocations along m

struct Shape {
    m: u32,
    n: u32,
    k: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

@compute @workgroup_size(WX, WY)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.y;
    let column = id.x;
    // Not `||`: to branch twice costs llvmpipe a tenth of its time here.
    if ((row >= shape.m) | (column >= shape.n)) {
        return;
    }
    var sum = 0.0;
    for (var k = 0u; k < shape.k; k += 1u) {
        sum += a[row * shape.k + k] * b[k * shape.n + column];
    }
    c[row * shape.n + column] = sum;
}
