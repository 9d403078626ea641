// conv2d_transpose:f32:n2c12h9w10o8k4s2p1g2:nhwc+residual+gelu
// conv2d_transpose/naive
// wx=16 wy=16 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(ow/16), ceil(oh/16), n*o; uniforms c, h, w, o, oh, ow; bindings x, w, residual, y (written)
alias Value = f32;

struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  c: u32,
  h: u32,
  w: u32,
  o: u32,
  oh: u32,
  ow: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> x: array<f32>;

fn load_x(i: u32) -> f32 {
  return x[i];
}

@group(0) @binding(2) var<storage, read> w: array<f32>;

fn load_w(i: u32) -> f32 {
  return w[i];
}

@group(0) @binding(3) var<storage, read> residual: array<f32>;

fn load_residual(i: u32) -> f32 {
  return residual[i];
}

@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn store_y(i: u32, v: f32) {
  y[i] = v;
}

// erf by Abramowitz and Stegun, 7.1.26: absolute error below 1.5e-7.
fn gelu(v: Value) -> Value {
  let x = abs(v) * 0.7071067811865476;
  let t = Value(1.0) / (1.0 + 0.3275911 * x);
  let series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let erf = 1.0 - series * exp(max(-x * x, Value(-80.0)));
  return 0.5 * (v + abs(v) * erf);
}

@compute @workgroup_size(16, 16)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let tiles_x = (shape.ow + 15u) / 16u;
  let tiles_y = (shape.oh + 15u) / 16u;
  let out_x = group % tiles_x * 16u + local.x;
  let out_y = group / tiles_x % tiles_y * 16u + local.y;
  let channel = group / (tiles_x * tiles_y) % shape.o;
  let image = group / (tiles_x * tiles_y * shape.o);
  if ((group >= shape.workgroups) | (out_x >= shape.ow) | (out_y >= shape.oh)) {
    return;
  }
  let channels_in = shape.c / 2u;
  let channels_out = shape.o / 2u;
  let first_channel = channel / channels_out * channels_in;
  var sum = 0.0;
  for (var fh = 0u; fh < 4u; fh += 1u) {
    for (var fw = 0u; fw < 4u; fw += 1u) {
      // Where this place of the filter lies on a pixel, it is `stride` times the pixel's position. Below zero it wraps.
      let at_y = out_y + 1u - fh;
      let at_x = out_x + 1u - fw;
      let is_row = (at_y < shape.h * 2u) & (at_y % 2u == 0u);
      let is_column = (at_x < shape.w * 2u) & (at_x % 2u == 0u);
      if (is_row & is_column) {
        let in_y = at_y / 2u;
        let in_x = at_x / 2u;
        for (var c = 0u; c < channels_in; c += 1u) {
          let source = first_channel + c;
          let pixel = load_x(((image * shape.h + in_y) * shape.w + in_x) * shape.c + source);
          sum += pixel * load_w(((source * 4u + fh) * 4u + fw) * channels_out + channel % channels_out);
        }
      }
    }
  }
  let index = ((image * shape.oh + out_y) * shape.ow + out_x) * shape.o + channel;
  var v = sum;
  v += load_residual(index);
  v = gelu(v);
  store_y(index, v);
}
