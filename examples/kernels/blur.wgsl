// An image of w × h pixels under a filter of K × K weights; beyond the edge lies black.
//
// A workgroup of WX × WY invocations computes WX·TX × WY pixels, TX neighbours along a row each. With `staged` it first loads
// the pixels under all its filters into workgroup memory.

override WX: u32 = 16u;  // invocations along a row
override WY: u32 = 8u;   // invocations along a column

const K = {{ K }}u;
const TX = {{ TX }}u;
const WIDE = WX * TX + K - 1u;
const HIGH = WY + K - 1u;

struct Shape {
    w: u32,
    h: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> image: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

// The pixel at a place that is K / 2 to the right of and below the one meant.
fn pixel(x: u32, y: u32) -> f32 {
    let inside = (x >= K / 2u) & (y >= K / 2u) & (x < shape.w + K / 2u) & (y < shape.h + K / 2u);
    let at = min(y - K / 2u, shape.h - 1u) * shape.w + min(x - K / 2u, shape.w - 1u);
    return select(0.0, image[at], inside);
}

{% if staged %}
var<workgroup> tile: array<f32, WIDE * HIGH>;

{% endif %}
@compute @workgroup_size(WX, WY)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let corner = vec2(group.x * WX * TX, group.y * WY);
    {% if staged %}
    for (var at = index; at < WIDE * HIGH; at += WX * WY) {
        tile[at] = pixel(corner.x + at % WIDE, corner.y + at / WIDE);
    }
    workgroupBarrier();
    {% endif %}
    let first = local.x * TX;
    {% for t in range(TX) %}
    var sum_{{ t }} = 0.0;
    {% endfor %}
    for (var row = 0u; row < K; row += 1u) {
        {% if unrolled %}
        {% for column in range(K) %}
        {
            let weight = weights[row * K + {{ column }}u];
            {% for t in range(TX) %}
            {% if staged %}
            sum_{{ t }} += weight * tile[(local.y + row) * WIDE + first + {{ t + column }}u];
            {% else %}
            sum_{{ t }} += weight * pixel(corner.x + first + {{ t + column }}u, corner.y + local.y + row);
            {% endif %}
            {% endfor %}
        }
        {% endfor %}
        {% else %}
        for (var column = 0u; column < K; column += 1u) {
            let weight = weights[row * K + column];
            {% for t in range(TX) %}
            {% if staged %}
            sum_{{ t }} += weight * tile[(local.y + row) * WIDE + first + column + {{ t }}u];
            {% else %}
            sum_{{ t }} += weight * pixel(corner.x + first + column + {{ t }}u, corner.y + local.y + row);
            {% endif %}
            {% endfor %}
        }
        {% endif %}
    }
    let y = corner.y + local.y;
    {% for t in range(TX) %}
    if (corner.x + first + {{ t }}u < shape.w && y < shape.h) {
        result[y * shape.w + corner.x + first + {{ t }}u] = sum_{{ t }};
    }
    {% endfor %}
}
