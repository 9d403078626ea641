//! Mistakes in Winograd's convolutions, whose results are judged less strictly.

use super::mutant::Edit::{Every, Once};
use super::mutant::{Family, Mutant, mutant};

pub const FAMILIES: &[Family] = &[
    Family {
        workload: "conv2d:f32:n2c5h7w9o6k3p1+bias",
        template: "conv2d/winograd_2",
        config: "wx=4 wy=4 tm=2 tn=4 vec=4 stage=1 bk=4 pad=1 unroll=1 wt=32 vt=1 baked=0 packed=0",
        mutants: APART,
    },
    Family {
        workload: "conv2d:f32:n1c6h9w11o8k3p1:nhwc+residual",
        template: "conv2d/winograd_4_fused",
        config: "wx=4 wy=4 vec=1 stage=1 bk=4 baked=1 packed=0",
        mutants: FUSED,
    },
];

const APART: &[Mutant] = &[
    mutant("a wrong constant for one tap", &[Once("q_1_0_odd = 0.5 * g_1_0;", "q_1_0_odd = 0.25 * g_1_0;")]),
    mutant("a wrong sign for two pixels", &[Once("p_2_0 = d_2_0 - d_1_0;", "p_2_0 = d_1_0 - d_2_0;")]),
    mutant("a wrong sign for one sum", &[Once("y_0_1 = a_0_1_minus - a_0_3;", "y_0_1 = a_0_1_minus + a_0_3;")]),
    mutant("padding ignored along the height", &[Once("tile_y * 2u - 1u", "tile_y * 2u")]),
    mutant("the edge repeated for padding", &[Once("pixel, (at_y < size_h) & (at_x < size_w)", "pixel, true")]),
    mutant("tiles one pixel apart", &[Once("tile_x * 2u - 1u", "tile_x - 1u")]),
    mutant("image ignored in the input", &[Once("(image * size_c + channel)", "channel")]),
    mutant("two points in one place", &[Once("(15u * size_c + channel)", "(14u * size_c + channel)")]),
    mutant("last channel counted again", &[Every(", k0 + s < size_c)", ", true)")]),
    mutant(
        "no barrier between staging and use",
        &[Once("    workgroupBarrier();\n    for (var kk", "    for (var kk")],
    ),
    mutant("no barrier between use and the next staging", &[Once("    workgroupBarrier();\n  }\n", "  }\n")]),
    mutant("padding of a staged tile forgotten in reading", &[Every("* 9u + local.y", "* 8u + local.y")]),
    mutant("rows: <= for <", &[Every("(first_y + 1u < size_oh)", "(first_y + 1u <= size_oh)")]),
    mutant("bias of the first channel for all", &[Every("load_bias(channel)", "load_bias(0u)")]),
    mutant("prepare: last filter not transformed", &[Once("i >= size_o * size_c", "i + 1u >= size_o * size_c")]),
    mutant("prepare: weights read as if inputs came first", &[Every("(o * size_c + c) * 9u", "(c * size_o + o) * 9u")]),
];

const FUSED: &[Mutant] = &[
    mutant("a constant of the filters' transform off by a hundredth", &[Every("0.041666668", "0.042")]),
    mutant("a four for a five", &[Once("- 5.0 * d_2_0;", "- 4.0 * d_2_0;")]),
    mutant("a wrong sign for two pixels", &[Once("p_1_0_even + p_1_0_odd", "p_1_0_even - p_1_0_odd")]),
    mutant("a four for an eight", &[Once("+ 8.0 * a_0_3_minus", "+ 4.0 * a_0_3_minus")]),
    mutant("a product added to its neighbour's sum", &[Once("m_5_5 += ", "m_5_4 += ")]),
    mutant("last tile not stored", &[Once("(tile >= tiles)", "(tile + 1u >= tiles)")]),
    mutant("last channels counted twice", &[Once("min(4u, size_c - c0)", "4u")]),
    mutant("all tiles of a slab in one place", &[Once("s * 144u + p", "s * 144u")]),
    mutant("all channels take the first's weights", &[Every("* 4u + local.y]", "* 4u]")]),
    mutant(
        "no barrier between staging and use",
        &[Once("    workgroupBarrier();\n    for (var cl", "    for (var cl")],
    ),
    mutant("no barrier between use and the next staging", &[Once("    workgroupBarrier();\n  }\n", "  }\n")]),
    mutant("residual of the first place for all", &[Every("load_residual(index)", "load_residual(0u)")]),
];
