//! Mistakes in depthwise convolutions.

use super::mutant::Edit::{Every, Once};
use super::mutant::{Family, Mutant, mutant};

pub const FAMILIES: &[Family] = &[
    Family {
        workload: "conv2d:f32:n2c6h17w20o12k3s2p2d2g6:nhwc+gelu",
        template: "conv2d/depthwise",
        config: "wx=4 wy=4 wc=4 tw=4 th=2 vec=2 vec_x=1 vec_y=1 prepack=1 stage=0 interior=0 unroll=1 baked=1 packed=0",
        mutants: CHANNELS,
    },
    Family {
        workload: "conv2d:f32:n1c12h21w28o12k3p1g12+bias+relu6",
        template: "conv2d/depthwise",
        config: "wx=1 wy=16 wc=8 tw=8 th=1 vec=1 vec_x=2 vec_y=1 prepack=0 stage=0 interior=1 unroll=0 baked=0 packed=0",
        mutants: INTERIOR,
    },
    Family {
        workload: "conv2d:f32:n2c5h11w13o10k3p1g5+bias",
        template: "conv2d/depthwise",
        config: "wx=4 wy=4 wc=4 tw=2 th=2 vec=1 vec_x=1 vec_y=1 prepack=0 stage=1 interior=0 unroll=1 baked=1 packed=0",
        mutants: STAGED,
    },
];

const CHANNELS: &[Mutant] = &[
    mutant("padding of 1 for 2", &[Once("out_y * 2u - 2u", "out_y * 2u - 1u")]),
    mutant("second output row with the filter's row of the first", &[Every("acc_1_0 += w_0_0", "acc_1_0 += w_1_0")]),
    mutant("the filter slides by one pixel", &[Every("acc_0_1 += w_0_0 * x_2", "acc_0_1 += w_0_0 * x_0")]),
    mutant("channels take their neighbour's input", &[Once("let source = own;", "let source = (own + 1u) % 6u;")]),
    mutant("the edge repeated for padding", &[Once("is_row & (at < row_length)", "true")]),
    mutant("the edge repeated for padding at the sides", &[Once("is_row & (at < row_length)", "is_row")]),
    mutant("channels not bounded, into the next pixel", &[Every(" & (channel < channel_vectors)", "")]),
    mutant("image ignored in the input", &[Every("(image * size_h + min", "(min")]),
    mutant("prepare: weights not transposed", &[Once("load_w(row * 9u + column)", "load_w(i)")]),
    mutant("prepare: last weight not packed", &[Once("i >= rows * 9u", "i + 1u >= rows * 9u")]),
];

const INTERIOR: &[Mutant] = &[
    mutant("the interior has one row too many", &[Once("(first_y + 3u <= size_h)", "(first_y + 2u <= size_h)")]),
    mutant("the interior has the right edge", &[Once(" & (first_x + 6u <= row_length)", "")]),
    mutant("the interior has the left edge", &[Once(" & (first_x < row_length)", "")]),
    mutant("strips begin one load late", &[Once("local.x * 4u - 1u", "local.x * 4u")]),
    mutant("the lane before", &[Every("acc_0_0 += w_0 * x_0.y", "acc_0_0 += w_0 * x_0.x")]),
    mutant("all channels take the first's filter", &[Every("load_w(own * 9u + fh", "load_w(fh")]),
    mutant("bias by place in the tile", &[Once("load_bias(own)", "load_bias(local.z)")]),
];

const STAGED: &[Mutant] = &[
    mutant("no barrier between staging and use", &[Once("  workgroupBarrier();\n", "")]),
    mutant("last pixel of a patch not staged", &[Once("t < 400u", "t < 399u")]),
    mutant("patches of all channels from the first", &[Once("t / 100u", "t / 400u")]),
    mutant("strips overlap in the patch", &[Every("+ local.x * 2u;", "+ local.x;")]),
    mutant("output channels take inputs in turn", &[Every(" / 2u;\n    let start", " % 5u;\n    let start")]),
];
