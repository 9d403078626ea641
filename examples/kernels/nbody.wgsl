// The acceleration of each of n bodies by the gravity of all others, softened so that nothing is infinitely near.
//
// A body is (x, y, z, mass). One invocation works on one body, `UNROLL` others at a time; with `staged` a workgroup first loads
// WG of them into workgroup memory, and each invocation reads them from there.

override WG: u32 = 64u;  // invocations of a workgroup

struct Shape {
    n: u32,
    softening: f32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> bodies: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> pull: array<vec4<f32>>;

{% if staged %}
var<workgroup> tile: array<vec4<f32>, WG>;

{% endif %}
fn attraction(here: vec3<f32>, other: vec4<f32>) -> vec3<f32> {
    let away = other.xyz - here;
    let square = dot(away, away) + shape.softening;
    {% if inverse %}
    let near = inverseSqrt(square);
    return away * (other.w * near * near * near);
    {% else %}
    return away * (other.w / (square * sqrt(square)));
    {% endif %}
}

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let here = bodies[min(id.x, shape.n - 1u)].xyz;
    var sum = vec3<f32>();
    {% if staged %}
    for (var first = 0u; first < shape.n; first += WG) {
        // Beyond the end lies what has no mass.
        tile[local] = select(vec4<f32>(), bodies[min(first + local, shape.n - 1u)], first + local < shape.n);
        workgroupBarrier();
        for (var other = 0u; other < WG; other += {{ UNROLL }}u) {
            {% for i in range(UNROLL) %}
            sum += attraction(here, tile[other + {{ i }}u]);
            {% endfor %}
        }
        workgroupBarrier();
    }
    {% else %}
    let whole = shape.n / {{ UNROLL }}u * {{ UNROLL }}u;
    for (var other = 0u; other < whole; other += {{ UNROLL }}u) {
        {% for i in range(UNROLL) %}
        sum += attraction(here, bodies[other + {{ i }}u]);
        {% endfor %}
    }
    for (var other = whole; other < shape.n; other += 1u) {
        sum += attraction(here, bodies[other]);
    }
    {% endif %}
    if (id.x < shape.n) {
        pull[id.x] = vec4<f32>(sum, 0.0);
    }
}
