// conv2d_transpose:f16:n1c8h12w12o16k3s2p1op1+bias
// conv2d_transpose/phased
// wx=8 wy=8 wc=1 tw=2 to=4 vec=2 vec_c=1 vec_y=4 rows=0 prepack=1 stage_w=1 stage_x=1 bc=4 baked=1 packed=1
// prepare: kernel 0 on input 1, temporary `packed` of 2304 bytes
// run: kernel 1 on input 0, temporary `packed` of 2304 bytes, input 2, output 0

// kernel 0: grid 18, 1, 1; uniforms c, o; bindings w, packed (written)
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

@group(0) @binding(1) var<storage, read> w: array<u32>;

fn load_w(i: u32) -> f32 {
  return unpack2x16float(w[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(2) var<storage, read_write> packed: array<atomic<u32>>;

fn store_packed(i: u32, v: f32) {
  // The neighbour in the same word may be written by another invocation: touch this half only.
  let shift = 16u * (i & 1u);
  let half = (pack2x16float(vec2<f32>(v, 0.0)) & 0xffffu) << shift;
  atomicAnd(&packed[i >> 1u], ~(0xffffu << shift));
  atomicOr(&packed[i >> 1u], half);
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

// kernel 1: grid ceil(ow/32), 2*ceil(oh/16), n*1*ceil(o/1/4); uniforms c, h, w, o, oh, ow; bindings x, w, bias, y (written)
alias Value = vec4<f32>;
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

@group(0) @binding(1) var<storage, read> x: array<u32>;

fn load_x(i: u32) -> f32 {
  return unpack2x16float(x[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(2) var<storage, read> w: array<u32>;

fn load_w(i: u32) -> vec2<f32> {
  return unpack2x16float(w[i]);
}

@group(0) @binding(3) var<storage, read> bias: array<u32>;

fn load_bias(i: u32) -> f32 {
  return unpack2x16float(bias[i >> 1u] >> (16u * (i & 1u))).x;
}

@group(0) @binding(4) var<storage, read_write> y: array<vec2<u32>>;

fn store_y(i: u32, v: vec4<f32>) {
  y[i] = vec2<u32>(pack2x16float(v.xy), pack2x16float(v.zw));
}

var<workgroup> w_tile: array<Sum, 48>;
var<workgroup> x_tile: array<f32, 612>;

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

@compute @workgroup_size(8, 8, 1)
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
  let channel_vectors = channels_out / 2u;
  let tiles_x = (size_ow + 31u) / 32u;
  let tiles_y = (size_oh + 15u) / 16u * 2u;
  let tiles_o = (channels_out + 3u) / 4u;
  let tile_x = group % tiles_x;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let image = group / (tiles_x * tiles_y * tiles_o);
  let tile_y = group / tiles_x % tiles_y / 2u;
  // The row of its blocks that this workgroup takes, and the first row of the filter that it meets.
  let row = group / tiles_x % tiles_y % 2u;
  let first_place = (row + 1u) % 2u;
  // The first row of the input that the tile meets, and its first column.
  let patch_y = tile_y * 8u + (row + 1u) / 2u - 1u;
  let patch_x = tile_x * 16u;
  let channel_0 = tile_o * 2u + local.z;
  let channel_1 = tile_o * 2u + 1u + local.z;

  var acc_0_0_0 = Sum(0.0);
  var acc_0_0_1 = Sum(0.0);
  var acc_0_1_0 = Sum(0.0);
  var acc_0_1_1 = Sum(0.0);
  var acc_0_2_0 = Sum(0.0);
  var acc_0_2_1 = Sum(0.0);
  var acc_0_3_0 = Sum(0.0);
  var acc_0_3_1 = Sum(0.0);

  let local_index = (local.z * 8u + local.y) * 8u + local.x;
  for (var c0 = 0u; c0 < channels_in; c0 += 4u) {
    for (var t = local_index; t < 48u; t += 64u) {
      let o = t % 2u;
      let fw = t / 2u % 3u;
      let met = t / 6u % 2u;
      let s = t / 12u;
      let source_o = tile_o * 2u + o;
      let source_c = c0 + s;
      let fh = min(first_place + met * 2u, 3u - 1u);
      w_tile[t] = load_w((source_c * 9u + fh * 3u + fw) * channel_vectors + source_o);
    }
    for (var t = local_index; t < 612u; t += 64u) {
      let x = t % 17u;
      let y = t / 17u % 9u;
      let s = t / 153u;
      let source_c = c0 + s;
      x_tile[t] = pixel_at(image, source_c, patch_y + y, patch_x + x);
    }
    workgroupBarrier();
    for (var cl = 0u; cl < 4u; cl += 1u) {
      for (var met = 0u; met < 2u; met += 1u) {
        let fh = first_place + met * 2u;
        if (fh < 3u) {
          let x_0 = x_tile[(cl * 9u + local.y + 1u - met) * 17u + local.x * 2u];
          let x_1 = x_tile[(cl * 9u + local.y + 1u - met) * 17u + local.x * 2u + 1u];
          let x_2 = x_tile[(cl * 9u + local.y + 1u - met) * 17u + local.x * 2u + 2u];
          let w_f_0_0_0 = w_tile[((cl * 2u + met) * 3u) * 2u + local.z];
          let w_f_0_0_1 = w_tile[((cl * 2u + met) * 3u) * 2u + 1u + local.z];
          acc_0_1_0 += w_f_0_0_0 * x_1;
          acc_0_1_1 += w_f_0_0_1 * x_1;
          acc_0_3_0 += w_f_0_0_0 * x_2;
          acc_0_3_1 += w_f_0_0_1 * x_2;
          let w_f_1_0_0 = w_tile[((cl * 2u + met) * 3u + 1u) * 2u + local.z];
          let w_f_1_0_1 = w_tile[((cl * 2u + met) * 3u + 1u) * 2u + 1u + local.z];
          acc_0_0_0 += w_f_1_0_0 * x_0;
          acc_0_0_1 += w_f_1_0_1 * x_0;
          acc_0_2_0 += w_f_1_0_0 * x_1;
          acc_0_2_1 += w_f_1_0_1 * x_1;
          let w_f_2_0_0 = w_tile[((cl * 2u + met) * 3u + 2u) * 2u + local.z];
          let w_f_2_0_1 = w_tile[((cl * 2u + met) * 3u + 2u) * 2u + 1u + local.z];
          acc_0_1_0 += w_f_2_0_0 * x_0;
          acc_0_1_1 += w_f_2_0_1 * x_0;
          acc_0_3_0 += w_f_2_0_0 * x_1;
          acc_0_3_1 += w_f_2_0_1 * x_1;
        }
      }
    }
    workgroupBarrier();
  }

  let out_y = (tile_y * 8u + local.y) * 2u + row;
  let out_x = tile_x * 32u + local.x * 4u;
  if ((out_y < size_oh) & (out_x < size_ow)) {
    {
      let channel = channel_0 * 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x) / 4u;
      var v = Value(acc_0_0_0.x, acc_0_1_0.x, acc_0_2_0.x, acc_0_3_0.x);
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 2u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x) / 4u;
      var v = Value(acc_0_0_0.y, acc_0_1_0.y, acc_0_2_0.y, acc_0_3_0.y);
      v += load_bias(channel);
      store_y(index, v);
    }
  }
  if ((out_y < size_oh) & (out_x < size_ow)) {
    {
      let channel = channel_1 * 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x) / 4u;
      var v = Value(acc_0_0_1.x, acc_0_1_1.x, acc_0_2_1.x, acc_0_3_1.x);
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_1 * 2u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x) / 4u;
      var v = Value(acc_0_0_1.y, acc_0_1_1.y, acc_0_2_1.y, acc_0_3_1.y);
      v += load_bias(channel);
      store_y(index, v);
    }
  }
}
