// conv2d_transpose:f16:n1c8h12w12o16k3s2p1op1+bias
// conv2d_transpose/phased
// wx=4 wy=2 wc=8 tw=1 to=8 vec=4 vec_c=1 vec_y=1 rows=1 prepack=1 stage_w=1 stage_x=0 bc=16 baked=1 packed=0
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

// kernel 1: grid ceil(ow/8), 1*ceil(oh/4), n*1*ceil(o/1/64); uniforms c, h, w, o, oh, ow; bindings x, w, bias, y (written)
enable f16;

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

@group(0) @binding(4) var<storage, read_write> y: array<f16>;

fn store_y(i: u32, v: f32) {
  y[i] = f16(v);
}

var<workgroup> w_tile: array<Sum, 2304>;

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

@compute @workgroup_size(4, 2, 8)
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
  let tiles_x = (size_ow + 7u) / 8u;
  let tiles_y = (size_oh + 3u) / 4u;
  let tiles_o = (channels_out + 63u) / 64u;
  let tile_x = group % tiles_x;
  let tile_o = group / (tiles_x * tiles_y) % tiles_o;
  let image = group / (tiles_x * tiles_y * tiles_o);
  let tile_y = group / tiles_x % tiles_y;
  // The first row of the input that the tile meets, and its first column.
  let patch_y = tile_y * 2u;
  let patch_x = tile_x * 4u;
  let first_y = patch_y + local.y;
  let first_x = patch_x + local.x;
  let channel_0 = tile_o * 16u + local.z;
  let channel_1 = tile_o * 16u + 8u + local.z;

  var acc_0_0_0 = Sum(0.0);
  var acc_0_0_1 = Sum(0.0);
  var acc_0_1_0 = Sum(0.0);
  var acc_0_1_1 = Sum(0.0);
  var acc_1_0_0 = Sum(0.0);
  var acc_1_0_1 = Sum(0.0);
  var acc_1_1_0 = Sum(0.0);
  var acc_1_1_1 = Sum(0.0);

  let local_index = (local.z * 2u + local.y) * 4u + local.x;
  for (var c0 = 0u; c0 < channels_in; c0 += 16u) {
    for (var t = local_index; t < 2304u; t += 64u) {
      let o = t % 16u;
      let fw = t / 16u % 3u;
      let met = t / 48u % 3u;
      let s = t / 144u;
      let source_o = min(tile_o * 16u + o, channel_vectors - 1u);
      let source_c = min(c0 + s, channels_in - 1u);
      let fh = met;
      w_tile[t] = load_w((source_c * 9u + fh * 3u + fw) * channel_vectors + source_o);
    }
    workgroupBarrier();
    for (var cl = 0u; cl < min(16u, channels_in - c0); cl += 1u) {
      let c = c0 + cl;
      {
        let x_0 = pixel_at(image, c, first_y, first_x);
        let x_1 = pixel_at(image, c, first_y, first_x + 1u);
        let w_1_0_0_0 = w_tile[((cl * 3u + 1u) * 3u) * 16u + local.z];
        let w_1_0_0_1 = w_tile[((cl * 3u + 1u) * 3u) * 16u + 8u + local.z];
        acc_0_1_0 += w_1_0_0_0 * x_1;
        acc_0_1_1 += w_1_0_0_1 * x_1;
        let w_1_1_0_0 = w_tile[((cl * 3u + 1u) * 3u + 1u) * 16u + local.z];
        let w_1_1_0_1 = w_tile[((cl * 3u + 1u) * 3u + 1u) * 16u + 8u + local.z];
        acc_0_0_0 += w_1_1_0_0 * x_0;
        acc_0_0_1 += w_1_1_0_1 * x_0;
        let w_1_2_0_0 = w_tile[((cl * 3u + 1u) * 3u + 2u) * 16u + local.z];
        let w_1_2_0_1 = w_tile[((cl * 3u + 1u) * 3u + 2u) * 16u + 8u + local.z];
        acc_0_1_0 += w_1_2_0_0 * x_0;
        acc_0_1_1 += w_1_2_0_1 * x_0;
        let w_2_0_0_0 = w_tile[((cl * 3u + 2u) * 3u) * 16u + local.z];
        let w_2_0_0_1 = w_tile[((cl * 3u + 2u) * 3u) * 16u + 8u + local.z];
        acc_1_1_0 += w_2_0_0_0 * x_1;
        acc_1_1_1 += w_2_0_0_1 * x_1;
        let w_2_1_0_0 = w_tile[((cl * 3u + 2u) * 3u + 1u) * 16u + local.z];
        let w_2_1_0_1 = w_tile[((cl * 3u + 2u) * 3u + 1u) * 16u + 8u + local.z];
        acc_1_0_0 += w_2_1_0_0 * x_0;
        acc_1_0_1 += w_2_1_0_1 * x_0;
        let w_2_2_0_0 = w_tile[((cl * 3u + 2u) * 3u + 2u) * 16u + local.z];
        let w_2_2_0_1 = w_tile[((cl * 3u + 2u) * 3u + 2u) * 16u + 8u + local.z];
        acc_1_1_0 += w_2_2_0_0 * x_0;
        acc_1_1_1 += w_2_2_0_1 * x_0;
      }
      {
        let x_0 = pixel_at(image, c, first_y + 1u, first_x);
        let x_1 = pixel_at(image, c, first_y + 1u, first_x + 1u);
        let w_0_0_0_0 = w_tile[(cl * 3u * 3u) * 16u + local.z];
        let w_0_0_0_1 = w_tile[(cl * 3u * 3u) * 16u + 8u + local.z];
        acc_1_1_0 += w_0_0_0_0 * x_1;
        acc_1_1_1 += w_0_0_0_1 * x_1;
        let w_0_1_0_0 = w_tile[(cl * 3u * 3u + 1u) * 16u + local.z];
        let w_0_1_0_1 = w_tile[(cl * 3u * 3u + 1u) * 16u + 8u + local.z];
        acc_1_0_0 += w_0_1_0_0 * x_0;
        acc_1_0_1 += w_0_1_0_1 * x_0;
        let w_0_2_0_0 = w_tile[(cl * 3u * 3u + 2u) * 16u + local.z];
        let w_0_2_0_1 = w_tile[(cl * 3u * 3u + 2u) * 16u + 8u + local.z];
        acc_1_1_0 += w_0_2_0_0 * x_0;
        acc_1_1_1 += w_0_2_0_1 * x_0;
      }
    }
    workgroupBarrier();
  }

  let out_y = (tile_y * 2u + local.y) * 2u;
  let out_x = tile_x * 8u + local.x * 2u;
  if ((channel_0 < channel_vectors)) {
    {
      let channel = channel_0 * 4u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_0.x;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_0.y;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_0.z;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 3u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_0.w;
      v += load_bias(channel);
      store_y(index, v);
    }
  }
  if ((channel_0 < channel_vectors)) {
    {
      let channel = channel_0 * 4u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_0.x;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_0.y;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_0.z;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 3u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_0.w;
      v += load_bias(channel);
      store_y(index, v);
    }
  }
  if ((channel_1 < channel_vectors)) {
    {
      let channel = channel_1 * 4u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_1.x;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_1 * 4u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_1.y;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_1 * 4u + 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_1.z;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_1 * 4u + 3u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x);
      var v = acc_0_0_1.w;
      v += load_bias(channel);
      store_y(index, v);
    }
  }
  if ((channel_1 < channel_vectors)) {
    {
      let channel = channel_1 * 4u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_1.x;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_1 * 4u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_1.y;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_1 * 4u + 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_1.z;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_1 * 4u + 3u;
      let index = (((image * channels_out + channel) * size_oh + out_y) * size_ow + out_x + 1u);
      var v = acc_0_1_1.w;
      v += load_bias(channel);
      store_y(index, v);
    }
  }
  if ((channel_0 < channel_vectors)) {
    {
      let channel = channel_0 * 4u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x);
      var v = acc_1_0_0.x;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x);
      var v = acc_1_0_0.y;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x);
      var v = acc_1_0_0.z;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 3u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x);
      var v = acc_1_0_0.w;
      v += load_bias(channel);
      store_y(index, v);
    }
  }
  if ((channel_0 < channel_vectors)) {
    {
      let channel = channel_0 * 4u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x + 1u);
      var v = acc_1_1_0.x;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x + 1u);
      var v = acc_1_1_0.y;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x + 1u);
      var v = acc_1_1_0.z;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_0 * 4u + 3u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x + 1u);
      var v = acc_1_1_0.w;
      v += load_bias(channel);
      store_y(index, v);
    }
  }
  if ((channel_1 < channel_vectors)) {
    {
      let channel = channel_1 * 4u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x);
      var v = acc_1_0_1.x;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_1 * 4u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x);
      var v = acc_1_0_1.y;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_1 * 4u + 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x);
      var v = acc_1_0_1.z;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_1 * 4u + 3u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x);
      var v = acc_1_0_1.w;
      v += load_bias(channel);
      store_y(index, v);
    }
  }
  if ((channel_1 < channel_vectors)) {
    {
      let channel = channel_1 * 4u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x + 1u);
      var v = acc_1_1_1.x;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_1 * 4u + 1u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x + 1u);
      var v = acc_1_1_1.y;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_1 * 4u + 2u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x + 1u);
      var v = acc_1_1_1.z;
      v += load_bias(channel);
      store_y(index, v);
    }
    {
      let channel = channel_1 * 4u + 3u;
      let index = (((image * channels_out + channel) * size_oh + out_y + 1u) * size_ow + out_x + 1u);
      var v = acc_1_1_1.w;
      v += load_bias(channel);
      store_y(index, v);
    }
  }
}
