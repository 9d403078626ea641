// conv2d_transpose:f32:n1c64h28w28o32k2s2+bias+relu
// conv2d_transpose/phased
// wx=8 wy=1 wc=4 tw=4 to=2 vec=2 vec_c=1 vec_y=1 rows=0 prepack=0 stage_w=1 stage_x=0 bc=16 baked=0 packed=0
// run: kernel 0 on input 0, input 1, input 2, output 0

// kernel 0: grid ceil(ow/64), 2*ceil(oh/2), n*1*ceil(o/1/8); uniforms c, h, w, o, oh, ow; bindings x, w, bias, y (written)
alias Value = f32;
alias Sum = vec2<f32>;

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

@group(0) @binding(3) var<storage, read> bias: array<f32>;

fn load_bias(i: u32) -> f32 {
  return bias[i];
}

@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn store_y(i: u32, v: f32) {
  y[i] = v;
}

fn relu(v: Value) -> Value {
  return max(v, Value(0.0));
}

var<workgroup> w_tile: array<Sum, 128>;

// One load of the input, zero beyond its edges.
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> f32 {
  let input_vectors = shape.c;
  let size_h = shape.h;
  let size_w = shape.w;
  let y = min(at_y, size_h - 1u);
  let x = min(at_x, size_w - 1u);
  // By `&`: `&&` would branch, at every pixel.
  let is_inside = (at_y < size_h) & (at_x < size_w);
  return select(0.0, load_x(((image * input_vectors + channel) * size_h + y) * size_w + x), is_inside);
}

@compute @workgroup_size(8, 1, 4)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_oh = shape.oh;
  let size_ow = shape.ow;
  let channels_in = shape.c;
  let channels_out = shape.o;
  let channel_vectors = channels_out / 2u;
  let tiles_x = (size_ow + 63u) / 64u;
  let tiles_y = (size_oh + 1u) / 2u * 2u;
  let tiles_o = (channels_out + 7u) / 8u;
  let tile_x = group % tiles_x;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let image = group / (tiles_x * tiles_y * tiles_o);
  let tile_y = group / tiles_x % tiles_y / 2u;
  // The row of its blocks that this workgroup takes, and the first row of the filter that it meets.
  let row = group / tiles_x % tiles_y % 2u;
  let first_place = row % 2u;
  // The first row of the input that the tile meets, and its first column.
  let patch_y = tile_y + row / 2u;
  let patch_x = tile_x * 32u;
  let first_y = patch_y + local.y;
  let first_x = patch_x + local.x * 4u;
  let channel_0 = tile_o * 4u + local.z;

  var acc_0_0_0 = Sum(0.0);
  var acc_0_1_0 = Sum(0.0);
  var acc_0_2_0 = Sum(0.0);
  var acc_0_3_0 = Sum(0.0);
  var acc_0_4_0 = Sum(0.0);
  var acc_0_5_0 = Sum(0.0);
  var acc_0_6_0 = Sum(0.0);
  var acc_0_7_0 = Sum(0.0);

  let local_index = (local.z + local.y) * 8u + local.x;
  for (var c0 = 0u; c0 < channels_in; c0 += 16u) {
    for (var t = local_index; t < 128u; t += 32u) {
      let o = t % 4u;
      let fw = t / 4u % 2u;
      let met = t / 8u % 1u;
      let s = t / 8u;
      let source_o = min(tile_o * 4u + o, channel_vectors - 1u);
      let source_c = min(c0 + s, channels_in - 1u);
      let fh = first_place + met * 2u;
      w_tile[t] = Sum(
        load_w((source_c * channels_out + source_o * 2u) * 4u + fh * 2u + fw),
        load_w((source_c * channels_out + source_o * 2u + 1u) * 4u + fh * 2u + fw),
      );
    }
    workgroupBarrier();
    for (var cl = 0u; cl < min(16u, channels_in - c0); cl += 1u) {
      let c = c0 + cl;
      let x_0 = pixel_at(image, c, first_y, first_x);
      let x_1 = pixel_at(image, c, first_y, first_x + 1u);
      let x_2 = pixel_at(image, c, first_y, first_x + 2u);
      let x_3 = pixel_at(image, c, first_y, first_x + 3u);
      let w_f_0_0_0 = w_tile[cl * 2u * 4u + local.z];
      acc_0_0_0 += w_f_0_0_0 * x_0;
      acc_0_2_0 += w_f_0_0_0 * x_1;
      acc_0_4_0 += w_f_0_0_0 * x_2;
      acc_0_6_0 += w_f_0_0_0 * x_3;
      let w_f_1_0_0 = w_tile[(cl * 2u + 1u) * 4u + local.z];
      acc_0_1_0 += w_f_1_0_0 * x_0;
      acc_0_3_0 += w_f_1_0_0 * x_1;
      acc_0_5_0 += w_f_1_0_0 * x_2;
      acc_0_7_0 += w_f_1_0_0 * x_3;
    }
    workgroupBarrier();
  }

  let out_y = (tile_y + local.y) * 2u + row;
  let out_x = tile_x * 64u + local.x * 8u;
  if ((out_y < size_oh) & (out_x < size_ow) & (channel_0 < channel_vectors)) {
    {
      let channel = channel_0 * 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_0.x;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 2u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_0.y;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
  }
  if ((out_y < size_oh) & (out_x + 1u < size_ow) & (channel_0 < channel_vectors)) {
    {
      let channel = channel_0 * 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_0.x;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 2u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_0.y;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
  }
  if ((out_y < size_oh) & (out_x + 2u < size_ow) & (channel_0 < channel_vectors)) {
    {
      let channel = channel_0 * 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 2u);
      var v = acc_0_2_0.x;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 2u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 2u);
      var v = acc_0_2_0.y;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
  }
  if ((out_y < size_oh) & (out_x + 3u < size_ow) & (channel_0 < channel_vectors)) {
    {
      let channel = channel_0 * 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 3u);
      var v = acc_0_3_0.x;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 2u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 3u);
      var v = acc_0_3_0.y;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
  }
  if ((out_y < size_oh) & (out_x + 4u < size_ow) & (channel_0 < channel_vectors)) {
    {
      let channel = channel_0 * 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 4u);
      var v = acc_0_4_0.x;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 2u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 4u);
      var v = acc_0_4_0.y;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
  }
  if ((out_y < size_oh) & (out_x + 5u < size_ow) & (channel_0 < channel_vectors)) {
    {
      let channel = channel_0 * 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 5u);
      var v = acc_0_5_0.x;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 2u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 5u);
      var v = acc_0_5_0.y;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
  }
  if ((out_y < size_oh) & (out_x + 6u < size_ow) & (channel_0 < channel_vectors)) {
    {
      let channel = channel_0 * 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 6u);
      var v = acc_0_6_0.x;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 2u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 6u);
      var v = acc_0_6_0.y;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
  }
  if ((out_y < size_oh) & (out_x + 7u < size_ow) & (channel_0 < channel_vectors)) {
    {
      let channel = channel_0 * 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 7u);
      var v = acc_0_7_0.x;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 2u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 7u);
      var v = acc_0_7_0.y;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
  }
}
