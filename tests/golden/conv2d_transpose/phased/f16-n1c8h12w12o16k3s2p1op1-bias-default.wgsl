// conv2d_transpose:f16:n1c8h12w12o16k3s2p1op1+bias
// conv2d_transpose/phased
// wx=8 wy=4 wc=2 tw=2 to=4 vec=4 vec_c=1 vec_y=4 rows=1 prepack=1 stage_w=0 stage_x=0 bc=1 baked=1 packed=0
// prepare: kernel 0 on input 1, temporary `packed` of 2304 bytes
// run: kernel 1 on input 0, temporary `packed` of 2304 bytes, input 2, output 0

// kernel 0: grid 18, 1, 1; uniforms c, o; bindings w, packed (written)
enable f16;

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

@group(0) @binding(1) var<storage, read> w: array<f16>;

fn load_w(i: u32) -> f32 {
  return f32(w[i]);
}

@group(0) @binding(2) var<storage, read_write> packed: array<f16>;

fn store_packed(i: u32, v: f32) {
  packed[i] = f16(v);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  let i = group * 64u + local.x;
  let rows = shape.o;
  if ((group >= shape.workgroups) | (i >= shape.c * rows * 9u)) {
    return;
  }
  let row = i % rows;
  let column = i / rows % 9u;
  let block = i / (rows * 9u);
  store_packed(i, load_w((block * rows + row) * 9u + column));
}

// kernel 1: grid ceil(ow/32), 1*ceil(oh/8), n*1*ceil(o/1/8); uniforms c, h, w, o, oh, ow; bindings x, w, bias, y (written)
enable f16;

alias Value = vec4<f32>;
alias Sum = vec4<f32>;

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

@group(0) @binding(1) var<storage, read> x: array<f16>;

fn load_x(i: u32) -> f32 {
  return f32(x[i]);
}

@group(0) @binding(2) var<storage, read> w: array<vec4<f16>>;

fn load_w(i: u32) -> vec4<f32> {
  return vec4<f32>(w[i]);
}

@group(0) @binding(3) var<storage, read> bias: array<f16>;

fn load_bias(i: u32) -> f32 {
  return f32(bias[i]);
}

@group(0) @binding(4) var<storage, read_write> y: array<vec4<f16>>;

fn store_y(i: u32, v: vec4<f32>) {
  y[i] = vec4<f16>(v);
}

// One load of the input, zero beyond its edges.
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> f32 {
  let input_vectors = 8u;
  let size_h = 12u;
  let size_w = 12u;
  let y = min(at_y, size_h - 1u);
  let x = min(at_x, size_w - 1u);
  // By `&`: `&&` would branch, at every pixel.
  let is_inside = (at_y < size_h) & (at_x < size_w);
  return select(0.0, load_x(((image * input_vectors + channel) * size_h + y) * size_w + x), is_inside);
}

@compute @workgroup_size(8, 4, 2)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_oh = 24u;
  let size_ow = 24u;
  let channels_in = 8u;
  let channels_out = 16u;
  let channel_vectors = channels_out / 4u;
  let tiles_x = (size_ow + 31u) / 32u;
  let tiles_y = (size_oh + 7u) / 8u;
  let tiles_o = (channels_out + 7u) / 8u;
  let tile_x = group % tiles_x;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let image = group / (tiles_x * tiles_y * tiles_o);
  let tile_y = group / tiles_x % tiles_y;
  // The first row of the input that the tile meets, and its first column.
  let patch_y = tile_y * 4u;
  let patch_x = tile_x * 16u;
  let first_y = patch_y + local.y;
  let first_x = patch_x + local.x * 2u;
  let channel_0 = tile_o * 2u + local.z;
  let own_0 = channel_0;

  var acc_0_0_0 = Sum(0.0);
  var acc_0_1_0 = Sum(0.0);
  var acc_0_2_0 = Sum(0.0);
  var acc_0_3_0 = Sum(0.0);
  var acc_1_0_0 = Sum(0.0);
  var acc_1_1_0 = Sum(0.0);
  var acc_1_2_0 = Sum(0.0);
  var acc_1_3_0 = Sum(0.0);

  for (var c = 0u; c < channels_in; c += 1u) {
    {
      let x_0 = pixel_at(image, c, first_y, first_x);
      let x_1 = pixel_at(image, c, first_y, first_x + 1u);
      let x_2 = pixel_at(image, c, first_y, first_x + 2u);
      let w_1_0_0_0 = load_w((c * 9u + 3u) * channel_vectors + own_0);
      acc_0_1_0 += w_1_0_0_0 * x_1;
      acc_0_3_0 += w_1_0_0_0 * x_2;
      let w_1_1_0_0 = load_w((c * 9u + 4u) * channel_vectors + own_0);
      acc_0_0_0 += w_1_1_0_0 * x_0;
      acc_0_2_0 += w_1_1_0_0 * x_1;
      let w_1_2_0_0 = load_w((c * 9u + 5u) * channel_vectors + own_0);
      acc_0_1_0 += w_1_2_0_0 * x_0;
      acc_0_3_0 += w_1_2_0_0 * x_1;
      let w_2_0_0_0 = load_w((c * 9u + 6u) * channel_vectors + own_0);
      acc_1_1_0 += w_2_0_0_0 * x_1;
      acc_1_3_0 += w_2_0_0_0 * x_2;
      let w_2_1_0_0 = load_w((c * 9u + 7u) * channel_vectors + own_0);
      acc_1_0_0 += w_2_1_0_0 * x_0;
      acc_1_2_0 += w_2_1_0_0 * x_1;
      let w_2_2_0_0 = load_w((c * 9u + 8u) * channel_vectors + own_0);
      acc_1_1_0 += w_2_2_0_0 * x_0;
      acc_1_3_0 += w_2_2_0_0 * x_1;
    }
    {
      let x_0 = pixel_at(image, c, first_y + 1u, first_x);
      let x_1 = pixel_at(image, c, first_y + 1u, first_x + 1u);
      let x_2 = pixel_at(image, c, first_y + 1u, first_x + 2u);
      let w_0_0_0_0 = load_w(c * 9u * channel_vectors + own_0);
      acc_1_1_0 += w_0_0_0_0 * x_1;
      acc_1_3_0 += w_0_0_0_0 * x_2;
      let w_0_1_0_0 = load_w((c * 9u + 1u) * channel_vectors + own_0);
      acc_1_0_0 += w_0_1_0_0 * x_0;
      acc_1_2_0 += w_0_1_0_0 * x_1;
      let w_0_2_0_0 = load_w((c * 9u + 2u) * channel_vectors + own_0);
      acc_1_1_0 += w_0_2_0_0 * x_0;
      acc_1_3_0 += w_0_2_0_0 * x_1;
    }
  }

  let out_y = (tile_y * 4u + local.y) * 2u;
  let out_x = tile_x * 32u + local.x * 4u;
  if ((out_x < size_ow)) {
    {
      let channel = channel_0 * 4u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x) / 4u;
      var v = Value(acc_0_0_0.x, acc_0_1_0.x, acc_0_2_0.x, acc_0_3_0.x);
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x) / 4u;
      var v = Value(acc_0_0_0.y, acc_0_1_0.y, acc_0_2_0.y, acc_0_3_0.y);
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x) / 4u;
      var v = Value(acc_0_0_0.z, acc_0_1_0.z, acc_0_2_0.z, acc_0_3_0.z);
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 3u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x) / 4u;
      var v = Value(acc_0_0_0.w, acc_0_1_0.w, acc_0_2_0.w, acc_0_3_0.w);
      v += load_bias(channel);
      store_y(index, v);
    }
  }
  if ((out_x < size_ow)) {
    {
      let channel = channel_0 * 4u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x) / 4u;
      var v = Value(acc_1_0_0.x, acc_1_1_0.x, acc_1_2_0.x, acc_1_3_0.x);
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x) / 4u;
      var v = Value(acc_1_0_0.y, acc_1_1_0.y, acc_1_2_0.y, acc_1_3_0.y);
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x) / 4u;
      var v = Value(acc_1_0_0.z, acc_1_1_0.z, acc_1_2_0.z, acc_1_3_0.z);
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 3u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x) / 4u;
      var v = Value(acc_1_0_0.w, acc_1_1_0.w, acc_1_2_0.w, acc_1_3_0.w);
      v += load_bias(channel);
      store_y(index, v);
    }
  }
}
