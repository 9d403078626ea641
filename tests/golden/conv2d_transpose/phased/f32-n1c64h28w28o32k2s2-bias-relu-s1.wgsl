// conv2d_transpose:f32:n1c64h28w28o32k2s2+bias+relu
// conv2d_transpose/phased
// wx=4 wy=8 wc=32 tw=1 to=16 vec=4 vec_c=1 vec_y=1 rows=0 prepack=1 stage_w=1 stage_x=1 bc=1 baked=1 packed=0
// prepare: kernel 0 on input 1, temporary `packed` of 32768 bytes
// run: kernel 1 on input 0, temporary `packed` of 32768 bytes, input 2, output 0

// kernel 0: grid 128, 1, 1; uniforms c, o; bindings w, packed (written)
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
  let rows = shape.o;
  if ((group >= shape.workgroups) | (i >= shape.c * rows * 4u)) {
    return;
  }
  let row = i % rows;
  let column = i / rows % 4u;
  let block = i / (rows * 4u);
  store_packed(i, load_w((block * rows + row) * 4u + column));
}

// kernel 1: grid ceil(ow/8), 2*ceil(oh/16), n*1*ceil(o/1/512); uniforms c, h, w, o, oh, ow; bindings x, w, bias, y (written)
alias Value = f32;
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

@group(0) @binding(1) var<storage, read> x: array<f32>;

fn load_x(i: u32) -> f32 {
  return x[i];
}

@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;

fn load_w(i: u32) -> vec4<f32> {
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

var<workgroup> w_tile: array<Sum, 256>;
var<workgroup> x_tile: array<f32, 32>;

// One load of the input, zero beyond its edges.
fn pixel_at(image: u32, channel: u32, at_y: u32, at_x: u32) -> f32 {
  let input_vectors = 64u;
  let size_h = 28u;
  let size_w = 28u;
  let y = min(at_y, size_h - 1u);
  let x = at_x;
  // By `&`: `&&` would branch, at every pixel.
  let is_inside = (at_y < size_h);
  return select(0.0, load_x(((image * input_vectors + channel) * size_h + y) * size_w + x), is_inside);
}

@compute @workgroup_size(4, 8, 32)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let group = workgroup_index(workgroup, workgroups);
  if (group >= shape.workgroups) {
    return;
  }
  let size_oh = 56u;
  let size_ow = 56u;
  let channels_in = 64u;
  let channels_out = 32u;
  let channel_vectors = channels_out / 4u;
  let tiles_x = (size_ow + 7u) / 8u;
  let tiles_y = (size_oh + 15u) / 16u * 2u;
  let tiles_o = (channels_out + 511u) / 512u;
  let tile_x = group % tiles_x;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let image = group / (tiles_x * tiles_y * tiles_o);
  let tile_y = group / tiles_x % tiles_y / 2u;
  // The row of its blocks that this workgroup takes, and the first row of the filter that it meets.
  let row = group / tiles_x % tiles_y % 2u;
  let first_place = row % 2u;
  // The first row of the input that the tile meets, and its first column.
  let patch_y = tile_y * 8u + row / 2u;
  let patch_x = tile_x * 4u;
  let channel_0 = tile_o * 128u + local.z;
  let channel_1 = tile_o * 128u + 32u + local.z;
  let channel_2 = tile_o * 128u + 64u + local.z;
  let channel_3 = tile_o * 128u + 96u + local.z;

  var acc_0_0_0 = Sum(0.0);
  var acc_0_0_1 = Sum(0.0);
  var acc_0_0_2 = Sum(0.0);
  var acc_0_0_3 = Sum(0.0);
  var acc_0_1_0 = Sum(0.0);
  var acc_0_1_1 = Sum(0.0);
  var acc_0_1_2 = Sum(0.0);
  var acc_0_1_3 = Sum(0.0);

  let local_index = (local.z * 8u + local.y) * 4u + local.x;
  for (var c0 = 0u; c0 < channels_in; c0 += 1u) {
    for (var t = local_index; t < 256u; t += 1024u) {
      let o = t % 128u;
      let fw = t / 128u % 2u;
      let met = t / 256u % 1u;
      let s = t / 256u;
      let source_o = min(tile_o * 128u + o, channel_vectors - 1u);
      let source_c = c0 + s;
      let fh = first_place + met * 2u;
      w_tile[t] = load_w((source_c * 4u + fh * 2u + fw) * channel_vectors + source_o);
    }
    for (var t = local_index; t < 32u; t += 1024u) {
      let x = t % 4u;
      let y = t / 4u % 8u;
      let s = t / 32u;
      let source_c = c0 + s;
      x_tile[t] = pixel_at(image, source_c, patch_y + y, patch_x + x);
    }
    workgroupBarrier();
    let x_0 = x_tile[local.y * 4u + local.x];
    let w_f_0_0_0 = w_tile[local.z];
    let w_f_0_0_1 = w_tile[32u + local.z];
    let w_f_0_0_2 = w_tile[64u + local.z];
    let w_f_0_0_3 = w_tile[96u + local.z];
    acc_0_0_0 += w_f_0_0_0 * x_0;
    acc_0_0_1 += w_f_0_0_1 * x_0;
    acc_0_0_2 += w_f_0_0_2 * x_0;
    acc_0_0_3 += w_f_0_0_3 * x_0;
    let w_f_1_0_0 = w_tile[128u + local.z];
    let w_f_1_0_1 = w_tile[160u + local.z];
    let w_f_1_0_2 = w_tile[192u + local.z];
    let w_f_1_0_3 = w_tile[224u + local.z];
    acc_0_1_0 += w_f_1_0_0 * x_0;
    acc_0_1_1 += w_f_1_0_1 * x_0;
    acc_0_1_2 += w_f_1_0_2 * x_0;
    acc_0_1_3 += w_f_1_0_3 * x_0;
    workgroupBarrier();
  }

  let out_y = (tile_y * 8u + local.y) * 2u + row;
  let out_x = tile_x * 8u + local.x * 2u;
  if ((out_y < size_oh) & (channel_0 < channel_vectors)) {
    {
      let channel = channel_0 * 4u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_0.x;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_0.y;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_0.z;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 3u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_0.w;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
  }
  if ((out_y < size_oh) & (channel_0 < channel_vectors)) {
    {
      let channel = channel_0 * 4u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_0.x;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_0.y;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_0.z;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 3u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_0.w;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
  }
  if ((out_y < size_oh) & (channel_1 < channel_vectors)) {
    {
      let channel = channel_1 * 4u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_1.x;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_1 * 4u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_1.y;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_1 * 4u + 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_1.z;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_1 * 4u + 3u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_1.w;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
  }
  if ((out_y < size_oh) & (channel_1 < channel_vectors)) {
    {
      let channel = channel_1 * 4u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_1.x;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_1 * 4u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_1.y;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_1 * 4u + 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_1.z;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_1 * 4u + 3u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_1.w;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
  }
  if ((out_y < size_oh) & (channel_2 < channel_vectors)) {
    {
      let channel = channel_2 * 4u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_2.x;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_2 * 4u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_2.y;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_2 * 4u + 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_2.z;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_2 * 4u + 3u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_2.w;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
  }
  if ((out_y < size_oh) & (channel_2 < channel_vectors)) {
    {
      let channel = channel_2 * 4u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_2.x;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_2 * 4u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_2.y;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_2 * 4u + 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_2.z;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_2 * 4u + 3u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_2.w;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
  }
  if ((out_y < size_oh) & (channel_3 < channel_vectors)) {
    {
      let channel = channel_3 * 4u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_3.x;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_3 * 4u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_3.y;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_3 * 4u + 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_3.z;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_3 * 4u + 3u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_3.w;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
  }
  if ((out_y < size_oh) & (channel_3 < channel_vectors)) {
    {
      let channel = channel_3 * 4u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_3.x;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_3 * 4u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_3.y;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_3 * 4u + 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_3.z;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
    {
      let channel = channel_3 * 4u + 3u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_3.w;
      v += load_bias(channel);
      v = relu(v);
      store_y(index, v);
    }
  }
}
