// The exclusive prefix sum of n whole numbers, in three passes: each workgroup scans WG·ITEMS numbers and leaves their sum,
// one workgroup scans those sums, and each workgroup adds what came before it.
//
// Within a workgroup each invocation scans ITEMS neighbours, and the sums of all are scanned in log2(WG) steps
// (W. D. Hillis and G. L. Steele, "Data Parallel Algorithms", 1986).

override WG: u32 = 128u;    // invocations of a workgroup in the first and third pass
override ITEMS: u32 = 4u;   // numbers of one invocation there
override LAST: u32 = 128u;  // invocations of the workgroup that scans the sums

struct Shape {
    n: u32,
    blocks: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> sums: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;

var<workgroup> shared_sums: array<u32, max(WG, LAST)>;

// The sum of the values of all invocations before this one, of so many.
fn before(local: u32, value: u32, count: u32) -> u32 {
    shared_sums[local] = value;
    workgroupBarrier();
    for (var step = 1u; step < count; step *= 2u) {
        var other = 0u;
        if (local >= step) {
            other = shared_sums[local - step];
        }
        workgroupBarrier();
        shared_sums[local] += other;
        workgroupBarrier();
    }
    return shared_sums[local] - value;
}

@compute @workgroup_size(WG)
fn blocks(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let first = (group.x * WG + local) * ITEMS;
    var sum = 0u;
    for (var item = 0u; item < ITEMS; item += 1u) {
        if (first + item < shape.n) {
            sum += x[first + item];
        }
    }
    var running = before(local, sum, WG);
    if (local == WG - 1u) {
        sums[group.x] = running + sum;
    }
    for (var item = 0u; item < ITEMS; item += 1u) {
        if (first + item < shape.n) {
            y[first + item] = running;
            running += x[first + item];
        }
    }
}

@compute @workgroup_size(LAST)
fn offsets(@builtin(local_invocation_index) local: u32) {
    let each = (shape.blocks + LAST - 1u) / LAST;
    let first = local * each;
    let end = min(first + each, shape.blocks);
    var sum = 0u;
    for (var at = first; at < end; at += 1u) {
        sum += sums[at];
    }
    var running = before(local, sum, LAST);
    for (var at = first; at < end; at += 1u) {
        let value = sums[at];
        sums[at] = running;
        running += value;
    }
}

@compute @workgroup_size(WG)
fn add(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let offset = sums[group.x];
    for (var item = 0u; item < ITEMS; item += 1u) {
        let at = (group.x * ITEMS + item) * WG + local;
        if (at < shape.n) {
            y[at] += offset;
        }
    }
}
