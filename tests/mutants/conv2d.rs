//! Mistakes in convolution kernels.

use super::mutant::Edit::{Every, Once, Writable};
use super::mutant::{Family, Mutant, mutant};

pub const FAMILIES: &[Family] = &[
    Family {
        workload: "conv2d:f32:n2c6h17w20o12k3s2p2d2g3:nhwc+gelu",
        template: "conv2d/direct",
        config: "wx=4 wy=4 wz=1 th=1 tw=2 to=4 vec=4 prepack=1 stage_w=0 stage_x=0 share_x=0 bc=1 pad=0 unroll=0 baked=1 packed=0",
        mutants: GROUPED,
    },
    Family {
        workload: "conv2d:f32:n2c5h11w13o6k3p1+bias+relu",
        template: "conv2d/direct",
        config: "wx=4 wy=4 wz=2 th=1 tw=2 to=2 vec=2 prepack=0 stage_w=1 stage_x=1 share_x=0 bc=2 pad=1 unroll=0 baked=0 packed=0",
        mutants: STAGED,
    },
    Family {
        workload: "conv2d:f16:n1c5h9w11o6kh2kw3sh1sw2ph0pw1+residual",
        template: "conv2d/direct",
        config: "wx=4 wy=4 wz=1 th=1 tw=2 to=2 vec=2 prepack=1 stage_w=0 stage_x=1 share_x=0 bc=2 pad=0 unroll=0 baked=0 packed=1",
        mutants: PACKED,
    },
    Family {
        workload: "conv2d:f32:n2c5h11w13o32k3p1+bias",
        template: "conv2d/direct",
        config: "wx=1 wy=1 wz=8 th=2 tw=4 to=4 vec=4 prepack=1 stage_w=0 stage_x=0 share_x=8 bc=1 pad=0 unroll=2 baked=0 packed=0",
        mutants: SHARED,
    },
    Family {
        workload: "conv2d:f32:n1c4h9w11o6k3p1g2+bias",
        template: "conv2d/naive",
        config: "wx=16 wy=16 packed=0",
        mutants: NAIVE,
    },
];

const GROUPED: &[Mutant] = &[
    mutant("padding of 1 for 2", &[Once("out_y * 2u - 2u", "out_y * 2u - 1u")]),
    mutant("stride ignored along the width", &[Once("first_x = out_x * 2u", "first_x = out_x")]),
    mutant("dilation ignored along the width", &[Every("fw * 2u", "fw")]),
    mutant("filter upside down", &[Every("first_y + fh * 2u", "first_y + (2u - fh) * 2u")]),
    mutant("last row of the filter dropped", &[Once("fh < 3u", "fh < 2u")]),
    mutant("group ignored in the input", &[Every("part * channels_in + c, first_y", "c, first_y")]),
    mutant("group ignored in the weights", &[Once("(part * channels_in * 9u + c * 9u", "(c * 9u")]),
    mutant("group ignored in the output", &[Every("part * channel_vectors + channel_0", "channel_0")]),
    mutant("the edge repeated for padding", &[Once(", is_inside);", ", true);")]),
    mutant("the edge repeated for padding at the sides", &[Once("(at_y < size_h) & (at_x < size_w)", "at_y < size_h")]),
    mutant(
        "height and width confused",
        &[Once("(at_y < size_h) & (at_x < size_w)", "(at_y < size_w) & (at_x < size_h)")],
    ),
    mutant("rows: <= for <", &[Every("(out_y < size_oh)", "(out_y <= size_oh)")]),
    mutant("groups forgotten in the image's number", &[Once("tiles_o * 3u)", "tiles_o)")]),
    mutant(
        "packed weights changed by the last workgroup, for the next run",
        &[Writable("w", "array<vec4<f32>>"), Once("y[i] = v;", "y[i] = v;\n  if (i == 539u) { w[4] = w[5]; }")],
    )
    .split(1),
    mutant(
        "prepare: weights read as NCHW",
        &[Once("(channel * 9u + f) * channels_in + c", "(channel * channels_in + c) * 9u + f")],
    ),
    mutant(
        "prepare: last weight not packed",
        &[Once("i >= shape.o * channels_in * 9u", "i + 1u >= shape.o * channels_in * 9u")],
    ),
    mutant(
        "prepare: one weight too many packed",
        &[Once("i >= shape.o * channels_in * 9u", "i > shape.o * channels_in * 9u")],
    ),
];

const STAGED: &[Mutant] = &[
    mutant(
        "no barrier between staging and use",
        &[Once("    workgroupBarrier();\n    for (var cl", "    for (var cl")],
    ),
    mutant("no barrier between use and the next staging", &[Once("    workgroupBarrier();\n  }\n", "  }\n")]),
    mutant("last channel counted twice", &[Once("min(2u, channels_in - c0)", "2u")]),
    mutant("padding of a staged tile forgotten in reading", &[Every("* 11u + local_x", "* 10u + local_x")]),
    mutant("last row of a patch not staged", &[Once("t < 120u", "t < 110u")]),
    mutant(
        "rows of a workgroup that go on into its depth",
        &[Once("local_y = local_index / 4u % 4u;", "local_y = local_index / 4u;")],
    ),
    mutant("padding ignored along the width", &[Once("x - 1u;", "x;")]),
    mutant("all channels of a workgroup take the first's weights", &[Once("* 3u + local_z]", "* 3u]")]),
    mutant("image ignored in the input", &[Once("(image * size_c + channel)", "channel")]),
    mutant("bias by place in the tile", &[Every("load_bias(channel)", "load_bias(local_z)")]),
    mutant(
        "one channel stored in two planes",
        &[Every("store_y(index + plane, v.y);", "store_y(index + plane, v.x);")],
    ),
    mutant("planes of the wrong size", &[Once("size_oh * size_ow", "size_ow * size_ow")]),
    mutant("channels not bounded, into the next image", &[Every(" & (channel_0 < channel_vectors)", "")]),
    mutant("last row of tiles not counted", &[Once("(size_oh + 3u) / 4u", "size_oh / 4u")]),
];

const SHARED: &[Mutant] = &[
    mutant(
        "a lane's share handed out for its neighbour's",
        &[Every("subgroupShuffle(held_0, 1u)", "subgroupShuffle(held_0, 0u)")],
    ),
    mutant("half of the lanes load what the others do", &[Once("subgroup_lane % 8u", "subgroup_lane % 4u")]),
    mutant("the second turn loads what the first did", &[Once("lane + 8u", "lane")]),
    mutant("a patch as wide as its outputs", &[Every("% 6u", "% 4u")]),
    mutant(
        "second row of outputs from the first row of pixels",
        &[Every("acc_1_0_0 += w_0_0_0 * x_1_0", "acc_1_0_0 += w_0_0_0 * x_0_0")],
    ),
    mutant("second row of outputs not bounded", &[Every("(out_y + 1u < size_oh) & ", "")]),
    mutant("padding not zero", &[Once(", is_inside);", ", true);")]),
];

const PACKED: &[Mutant] = &[
    mutant("second pixel one to the left", &[Once("local_x * 4u + 2u + fw", "local_x * 4u + 1u + fw")]),
    mutant("rows of the filter as long as it is high", &[Once("c * 6u + fh * 3u + fw", "c * 6u + fh * 2u + fw")]),
    mutant("residual of the neighbouring pixel", &[Every("load_residual(index + plane)", "load_residual(index + 1u)")]),
    mutant(
        "sums rounded to f16 at each product",
        &[
            Once("acc_0_0_0 += w_0 * x_0_0;", "acc_0_0_0 = unpack2x16float(pack2x16float(acc_0_0_0 + w_0 * x_0_0));"),
            Once("acc_0_1_0 += w_0 * x_0_1;", "acc_0_1_0 = unpack2x16float(pack2x16float(acc_0_1_0 + w_0 * x_0_1));"),
        ],
    ),
    mutant(
        "prepare: halves written without atomics",
        &[
            Once("packed: array<atomic<u32>>", "packed: array<u32>"),
            Once(
                "atomicAnd(&packed[i >> 1u], ~(0xffffu << shift));\n  atomicOr(&packed[i >> 1u], half);",
                "packed[i >> 1u] = (packed[i >> 1u] & ~(0xffffu << shift)) | half;",
            ),
        ],
    ),
];

const NAIVE: &[Mutant] = &[
    mutant("group ignored in the input", &[Once("first_channel + c", "c")]),
    mutant("padding ignored along the width", &[Once("out_x + fw - 1u", "out_x + fw")]),
    mutant("columns of the input: <= for <", &[Once("(in_x < shape.w)", "(in_x <= shape.w)")]),
    mutant("filter transposed", &[Once("* 3u + fh) * 3u + fw", "* 3u + fw) * 3u + fh")]),
    mutant("bias by column", &[Once("load_bias(channel)", "load_bias(out_x)")]),
];
