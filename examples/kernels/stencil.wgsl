// One step of heat flow on a grid of w × h cells, row by row: each cell moves towards the mean of its four neighbours.
// Cells beyond the edge are as those on it.
//
// A workgroup of WX × WY invocations computes a tile of WX·TX × WY·TY cells; those of one invocation lie WX (and WY)
// apart, so that neighbouring invocations read neighbouring cells.

override WX: u32 = 16u; // invocations along a row
override WY: u32 = 8u;  // invocations along a column
override TX: u32 = 1u;  // cells of one invocation along a row
override TY: u32 = 1u;  // cells of one invocation along a column

struct Shape {
    w: u32,
    h: u32,
    rate: f32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> before: array<f32>;
@group(0) @binding(2) var<storage, read_write> after: array<f32>;

@compute @workgroup_size(WX, WY)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    for (var j = 0u; j < TY; j += 1u) {
        let y = (group.y * TY + j) * WY + local.y;
        if (y >= shape.h) {
            continue;
        }
        let row = y * shape.w;
        let above = select(y - 1u, 0u, y == 0u) * shape.w;
        let below = min(y + 1u, shape.h - 1u) * shape.w;
        for (var i = 0u; i < TX; i += 1u) {
            let x = (group.x * TX + i) * WX + local.x;
            if (x < shape.w) {
                let left = select(x - 1u, 0u, x == 0u);
                let right = min(x + 1u, shape.w - 1u);
                let here = before[row + x];
                let around = before[row + left] + before[row + right] + before[above + x] + before[below + x];
                after[row + x] = here + shape.rate * (0.25 * around - here);
            }
        }
    }
}
