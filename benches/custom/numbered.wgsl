// c = a · b as matmul/naive writes it: workgroups are numbered linearly, so that a grid could be split, and there is a batch
// of one.

override WX: u32 = 16u; // invocations along n
override WY: u32 = 16u; // invocations along m

struct Shape {
    first_workgroup: u32,
    workgroups: u32,
    m: u32,
    n: u32,
    k: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
    return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@compute @workgroup_size(WX, WY)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    let group = workgroup_index(workgroup, workgroups);
    let tiles_n = (shape.n + WX - 1u) / WX;
    let tiles_m = (shape.m + WY - 1u) / WY;
    let column = group % tiles_n * WX + local.x;
    let row = group / tiles_n % tiles_m * WY + local.y;
    let batch = group / (tiles_n * tiles_m);
    if ((group >= shape.workgroups) | (row >= shape.m) | (column >= shape.n)) {
        return;
    }
    var sum = 0.0;
    for (var k = 0u; k < shape.k; k += 1u) {
        sum += a[(batch * shape.m + row) * shape.k + k] * b[(batch * shape.k + k) * shape.n + column];
    }
    c[(batch * shape.m + row) * shape.n + column] = sum;
}
