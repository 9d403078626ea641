// The sum of n numbers in two passes: each workgroup sums WG·ITEMS of them, then one workgroup sums what those left.

override WG: u32 = 256u;    // invocations of a workgroup in the first pass
override ITEMS: u32 = 8u;   // numbers that one invocation adds up there
override LAST: u32 = 256u;  // invocations of the only workgroup in the second pass

struct Shape {
    n: u32,
    partials: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> partial: array<f32>;
@group(0) @binding(3) var<storage, read_write> total: array<f32, 1>;

var<workgroup> first: array<f32, WG>;
var<workgroup> last: array<f32, LAST>;

@compute @workgroup_size(WG)
fn partials(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    var sum = 0.0;
    for (var item = 0u; item < ITEMS; item += 1u) {
        let at = (group.x * ITEMS + item) * WG + local;
        if (at < shape.n) {
            sum += x[at];
        }
    }
    first[local] = sum;
    workgroupBarrier();
    for (var half = WG / 2u; half > 0u; half /= 2u) {
        if (local < half) {
            first[local] += first[local + half];
        }
        workgroupBarrier();
    }
    if (local == 0u) {
        partial[group.x] = first[0];
    }
}

@compute @workgroup_size(LAST)
fn rest(@builtin(local_invocation_index) local: u32) {
    var sum = 0.0;
    for (var at = local; at < shape.partials; at += LAST) {
        sum += partial[at];
    }
    last[local] = sum;
    workgroupBarrier();
    for (var half = LAST / 2u; half > 0u; half /= 2u) {
        if (local < half) {
            last[local] += last[local + half];
        }
        workgroupBarrier();
    }
    if (local == 0u) {
        total[0] = last[0];
    }
}
