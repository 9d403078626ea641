// conv2d:f32:n2c6h17w20o12k3s2p2d2g3:nhwc+gelu
// conv2d/direct
// wx=4 wy=4 wz=4 th=1 tw=4 to=2 vec=2 prepack=1 stage_w=1 stage_x=1 share_x=0 bc=4 pad=0 unroll=0 baked=1 packed=0
// prepare: kernel 0 on input 1, temporary `packed` of o*(c/3)*9*4 bytes
// run: kernel 1 on input 0, temporary `packed` of o*(c/3)*9*4 bytes, output 0

// kernel 0: grid ceil(o*(c/3)*9/64), 1, 1; uniforms c, o; bindings w, packed (written)
struct Shape {
  first_workgroup: u32,
  workgroups: u32,
  c: u32,
  o: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn workgroup_index(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
}

@group(0) @binding(1) var<storage, read> w: array<f32>;

fn load_w(i: u32) -> f32 {
  return w[i];
}

@group(0) @binding(2) var<storage, read_write> packed: array<f32>;

fn store_packed(i: u32, v: f32) {
  packed[i] = v;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let i = group * 64u + local.x;
  let channels_in = shape.c / 3u;
  let channels_out = shape.o / 3u;
  if ((group >= shape.workgroups) | (i >= shape.o * channels_in * 9u)) {
    return;
  }
  let o = i % channels_out;
  let f = i / channels_out % 9u;
  let c = i / (channels_out * 9u) % channels_in;
  let part = i / (channels_out * 9u * channels_in);
  let channel = part * channels_out + o;
  store_packed(i, load_w((channel * 9u + f) * channels_in + c));
}

// kernel 1: grid ceil(ow/16), ceil(oh/4), n*3*ceil(o/3/8); uniforms c, h, w, o, oh, ow; bindings x, w, y (written)
alias Value = vec2<f32>;

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

@group(0) @binding(2) var<storage, read> w: array<vec2<f32>>;

fn load_w(i: u32) -> vec2<f32> {
  return w[i];
}

@group(0) @binding(3) var<storage, read_write> y: array<vec2<f32>>;

fn store_y(i: u32, v: vec2<f32>) {
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

var<workgroup> w_tile: array<Value, 144>;
var<workgroup> x_tile: array<f32, 1540>;

// One element of the input, zero in the padding.
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> f32 {
  let size_c = 6u;
  let size_h = 17u;
  let size_w = 20u;
  let y = min(at_y, size_h - 1u);
  let x = min(at_x, size_w - 1u);
  // By `&`: `&&` would branch, at every pixel.
  let is_inside = (at_y < size_h) & (at_x < size_w);
  return select(0.0, load_x(((image * size_h + y) * size_w + x) * size_c + channel), is_inside);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) local_index: u32,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_oh = 9u;
  let size_ow = 10u;
  let channels_in = 2u;
  let channels_out = 4u;
  let channel_vectors = channels_out / 2u;
  let tiles_x = (size_ow + 15u) / 16u;
  let tiles_y = (size_oh + 3u) / 4u;
  let tiles_o = (channels_out + 7u) / 8u;
  let tile_x = group % tiles_x;
  let tile_y = group / tiles_x % tiles_y;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let part = group / (tiles_x * tiles_y * tiles_o) % 3u;
  let image = group / (tiles_x * tiles_y * tiles_o * 3u);

  let local_x = local_index % 4u;
  let local_y = local_index / 4u % 4u;
  let local_z = local_index / 16u;
  let out_y = tile_y * 4u + local_y;
  let out_x = tile_x * 16u + local_x * 4u;
  let channel_0 = tile_o * 4u + local_z;

  var acc_0_0_0 = Value(0.0);
  var acc_0_1_0 = Value(0.0);
  var acc_0_2_0 = Value(0.0);
  var acc_0_3_0 = Value(0.0);

  for (var c0 = 0u; c0 < channels_in; c0 += 4u) {
    for (var t = local_index; t < 144u; t += 64u) {
      let o = t % 4u;
      let f = t / 4u % 9u;
      let s = t / 36u;
      let source_o = min(tile_o * 4u + o, channel_vectors - 1u);
      let source_c = min(c0 + s, channels_in - 1u);
      w_tile[(s * 9u + f) * 4u + o] = load_w((part * channels_in * 9u + source_c * 9u + f) * channel_vectors + source_o);
    }
    for (var t = local_index; t < 1540u; t += 64u) {
      let x = t % 35u;
      let y = t / 35u % 11u;
      let s = t / 385u;
      let source_y = tile_y * 8u + y - 2u;
      let source_x = tile_x * 32u + x - 2u;
      let source_c = part * channels_in + min(c0 + s, channels_in - 1u);
      x_tile[(s * 11u + y) * 35u + x] = pixel_at(image, source_c, source_y, source_x);
    }
    workgroupBarrier();
    for (var cl = 0u; cl < min(4u, channels_in - c0); cl += 1u) {
      for (var fh = 0u; fh < 3u; fh += 1u) {
        for (var fw = 0u; fw < 3u; fw += 1u) {
          let w_0 = w_tile[(cl * 9u + fh * 3u + fw) * 4u + local_z];
          let x_0_0 = x_tile[(cl * 11u + local_y * 2u + fh * 2u) * 35u + local_x * 8u + fw * 2u];
          acc_0_0_0 += w_0 * x_0_0;
          let x_0_1 = x_tile[(cl * 11u + local_y * 2u + fh * 2u) * 35u + local_x * 8u + 2u + fw * 2u];
          acc_0_1_0 += w_0 * x_0_1;
          let x_0_2 = x_tile[(cl * 11u + local_y * 2u + fh * 2u) * 35u + local_x * 8u + 4u + fw * 2u];
          acc_0_2_0 += w_0 * x_0_2;
          let x_0_3 = x_tile[(cl * 11u + local_y * 2u + fh * 2u) * 35u + local_x * 8u + 6u + fw * 2u];
          acc_0_3_0 += w_0 * x_0_3;
        }
      }
    }
    workgroupBarrier();
  }

  if ((out_y < size_oh) & (out_x < size_ow) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y) * size_ow + out_x) * (channel_vectors * 3u) + channel;
    var v = acc_0_0_0;
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 1u) * (channel_vectors * 3u) + channel;
    var v = acc_0_1_0;
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 2u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 2u) * (channel_vectors * 3u) + channel;
    var v = acc_0_2_0;
    v = gelu(v);
    store_y(index, v);
  }
  if ((out_y < size_oh) & (out_x + 3u < size_ow) & (channel_0 < channel_vectors)) {
    let channel = part * channel_vectors + channel_0;
    let index = ((image * size_oh + out_y) * size_ow + out_x + 3u) * (channel_vectors * 3u) + channel;
    var v = acc_0_3_0;
    v = gelu(v);
    store_y(index, v);
  }
}
