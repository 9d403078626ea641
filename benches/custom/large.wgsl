// c = a · b, row by row, in tiles of WY·TY × WX·TX: a workgroup copies BK columns of a and BK rows of b to its memory, and
// every invocation adds their products to its TY × TX outputs.

override WX: u32 = 16u;
override WY: u32 = 8u;
const TX = {{ TX }}u;
const TY = {{ TY }}u;
override BK: u32 = 16u;
override PAD_A: u32 = 0u;
override PAD_B: u32 = 0u;

const STRIDE_A = BK + PAD_A;
const STRIDE_B = WX * TX + PAD_B;

struct Shape {
    m: u32,
    n: u32,
    k: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

var<workgroup> tile_a: array<f32, WY * TY * STRIDE_A>;
var<workgroup> tile_b: array<f32, BK * STRIDE_B>;

@compute @workgroup_size(WX, WY)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let row = group.y * WY * TY;
    let column = group.x * WX * TX;
    var sums: array<f32, TX * TY>;
    for (var k = 0u; k < shape.k; k += BK) {
        for (var at = lane; at < WY * TY * BK; at += WX * WY) {
            let y = at / BK;
            let x = at % BK;
            let inside = row + y < shape.m && k + x < shape.k;
            tile_a[y * STRIDE_A + x] = select(0.0, a[min((row + y) * shape.k + k + x, shape.m * shape.k - 1u)], inside);
        }
        for (var at = lane; at < BK * WX * TX; at += WX * WY) {
            let y = at / (WX * TX);
            let x = at % (WX * TX);
            let inside = k + y < shape.k && column + x < shape.n;
            tile_b[y * STRIDE_B + x] = select(0.0, b[min((k + y) * shape.n + column + x, shape.k * shape.n - 1u)], inside);
        }
        workgroupBarrier();
        for (var step = 0u; step < BK; step += {{ UNROLL }}u) {
{% for i in range(UNROLL) %}
            for (var y = 0u; y < TY; y += 1u) {
                let left = tile_a[(y * WY + local.y) * STRIDE_A + step + {{ i }}u];
                for (var x = 0u; x < TX; x += 1u) {
                    sums[y * TX + x] += left * tile_b[(step + {{ i }}u) * STRIDE_B + x * WX + local.x];
                }
            }
{% endfor %}
        }
        workgroupBarrier();
    }
    for (var y = 0u; y < TY; y += 1u) {
        for (var x = 0u; x < TX; x += 1u) {
            let i = row + y * WY + local.y;
            let j = column + x * WX + local.x;
            if (i < shape.m && j < shape.n) {
                c[i * shape.n + j] = sums[y * TX + x];
            }
        }
    }
}
