//! Mistakes in kernels of transposed convolutions.

use super::mutant::Edit::{Every, Once};
use super::mutant::{Family, Mutant, mutant};

pub const FAMILIES: &[Family] = &[
    Family {
        workload: "conv2d_transpose:f32:n2c12h9w10o8k4s2p1g2:nhwc+residual+gelu",
        template: "conv2d_transpose/phased",
        config: "wx=8 wy=4 wc=2 tw=2 to=4 vec=4 vec_c=2 vec_y=1 rows=1 prepack=0 stage_w=0 stage_x=0 bc=1 baked=1 packed=0",
        mutants: WHOLE_BLOCKS,
    },
    Family {
        workload: "conv2d_transpose:f16:n1c8h12w12o16k3s2p1op1+bias",
        template: "conv2d_transpose/phased",
        config: "wx=8 wy=8 wc=1 tw=2 to=4 vec=2 vec_c=1 vec_y=4 rows=0 prepack=1 stage_w=1 stage_x=1 bc=4 baked=1 packed=1",
        mutants: SINGLE_ROWS,
    },
    Family {
        workload: "conv2d_transpose:f32:n1c4h5w6o6k3s2p1op1g2",
        template: "conv2d_transpose/naive",
        config: "wx=16 wy=16 packed=0",
        mutants: NAIVE,
    },
];

const WHOLE_BLOCKS: &[Mutant] = &[
    mutant("tiles begin at the block's own input", &[Once("tile_y * 4u - 1u", "tile_y * 4u")]),
    mutant(
        "one column meets its neighbour's place",
        &[Once("acc_0_1_0 += w_3_0_0_0 * x_2.x", "acc_0_0_0 += w_3_0_0_0 * x_2.x")],
    ),
    mutant(
        "one place meets the next input",
        &[Once("acc_1_0_0 += w_2_1_0_0 * x_1.x", "acc_1_0_0 += w_2_1_0_0 * x_2.x")],
    ),
    mutant("second channel of a load with the first's weights", &[Every("source + 1u", "source")]),
    mutant("second channel of a load left out", &[Every(".y;", ".x;")]),
    mutant("group ignored in input and weights", &[Once("part * channels_in + c", "c")]),
    mutant("group ignored in the output", &[Every("part * channel_vectors + channel_0", "channel_0")]),
    mutant("the edge repeated beyond the input", &[Once(", is_inside);", ", true);")]),
    mutant("rows of blocks not spread by the stride", &[Once("(tile_y * 4u + local.z) * 2u", "tile_y * 4u + local.z")]),
    mutant("columns not bounded", &[Every(" & (out_x + 3u < size_ow)", "")]),
    mutant("channels not bounded, into the next group", &[Every(" & (channel_0 < channel_vectors)", "")]),
    mutant("weights as PyTorch lays them for NCHW", &[Every("* 16u + 5u)", "* 16u + 6u)")]),
];

const SINGLE_ROWS: &[Mutant] = &[
    mutant("rows of outputs begin at the filter's first", &[Once("(row + 1u) % 2u", "row % 2u")]),
    mutant("rows of outputs meet the inputs of the first", &[Once("+ (row + 1u) / 2u - 1u", "- 1u")]),
    mutant("a row beyond the filter is met", &[Once("if (fh < 3u) {", "if (fh < 4u) {")]),
    mutant("rows of the input in the filter's order", &[Every("local.y + 1u - met", "local.y + met")]),
    mutant("row of the block forgotten in the output", &[Once("* 2u + row", "* 2u")]),
    mutant("last channel of a patch not staged", &[Once("t < 612u", "t < 459u")]),
    mutant(
        "no barrier between staging and use",
        &[Once("    workgroupBarrier();\n    for (var cl", "    for (var cl")],
    ),
    mutant("no barrier between use and the next staging", &[Once("    workgroupBarrier();\n  }\n", "  }\n")]),
    mutant("bias of the vector's first channel", &[Every("channel_0 * 2u + 1u;\n", "channel_0 * 2u;\n")]),
    mutant("prepare: blocks of weights confused", &[Once("i / (rows * 9u)", "i / (rows * 3u)")]),
    mutant("prepare: weights not transposed", &[Once("load_w((block * rows + row) * 9u + column)", "load_w(i)")]),
];

const NAIVE: &[Mutant] = &[
    mutant("padding ignored along the width", &[Once("out_x + 1u - fw", "out_x - fw")]),
    mutant("no output lies between the pixels", &[Once("(at_x % 2u == 0u)", "true")]),
    mutant("one row beyond the input", &[Once("(at_y < shape.h * 2u)", "(at_y <= shape.h * 2u)")]),
    mutant("group ignored in input and weights", &[Once("first_channel + c", "c")]),
    mutant(
        "weights as those of a convolution",
        &[Once("source * channels_out + channel % channels_out", "channel * channels_in + c")],
    ),
];
