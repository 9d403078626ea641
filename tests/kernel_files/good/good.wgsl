// y = factor * x, ITEMS numbers by each invocation.
override WG: u32 = 64u;

struct Shape {
    n: u32,
    factor: f32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

fn scaled(value: f32) -> f32 {
    return shape.factor * value;
}

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    {% for item in range(ITEMS) %}
    let at_{{ item }} = id.x * {{ ITEMS }}u + {{ item }}u;
    if (at_{{ item }} < shape.n) {
        y[at_{{ item }}] = scaled(x[at_{{ item }}]);
    }
    {% endfor %}
}
