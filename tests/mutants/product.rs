//! Mistakes in convolutions as matrix products.

use super::mutant::Edit::{Every, Once};
use super::mutant::{Family, Mutant, mutant};

pub const FAMILIES: &[Family] = &[
    Family {
        workload: "conv2d:f32:n2c24h7w9o12k3s2p1g3:nhwc+bias+residual",
        template: "conv2d/implicit_gemm",
        config: "wp=8 wo=2 tp=2 to=2 vec=2 prepack=1 filter_outer=1 stage_w=0 stage_x=1 bk=4 pad=1 vec_k=1 vec_p=2 \
                 unroll=2 prefetch=1 stages=1 split=4 band=1 baked=0 packed=0",
        mutants: SPLIT,
    },
    Family {
        workload: "conv2d:f32:n2c5h11w13o6k3p1+bias+relu",
        template: "conv2d/implicit_gemm",
        config: "wp=8 wo=2 tp=2 to=2 vec=1 prepack=0 filter_outer=0 stage_w=1 stage_x=1 bk=8 pad=1 vec_k=1 vec_p=2 \
                 unroll=2 prefetch=0 stages=2 split=1 band=2 baked=0 packed=0",
        mutants: STAGED,
    },
    Family {
        workload: "conv2d:f32:n3c10h6w6o9k1+bias",
        template: "conv2d/pointwise",
        config: "wp=4 wo=8 tp=4 to=2 vec=4 stage_a=1 stage_b=1 bk=8 pad=1 vec_k=2 vec_r=2 unroll=2 prefetch=0 stages=1 split=2 \
                 band=1 baked=0 packed=0",
        mutants: POINTWISE,
    },
];

const SPLIT: &[Mutant] = &[
    mutant("fetches the same slab again", &[Every("min(slab + 1u, slabs - 1u)", "slab")]),
    mutant("begins with the first slab in every share", &[Every("min(first_slab, slabs - 1u)", "0u")]),
    mutant("no barrier between staging and use", &[Once("    workgroupBarrier();\n    {", "    {")]),
    mutant("no barrier between use and the next staging", &[Once("    workgroupBarrier();\n  }\n", "  }\n")]),
    mutant("shares rounded down, so the last slabs are left out", &[Once("(slabs + 3u) / 4u", "slabs / 4u")]),
    mutant("shares overlap by a slab", &[Once("share * slabs_of_share", "share * (slabs_of_share - 1u)")]),
    mutant("shares stored over each other", &[Every("share * outputs + index", "index")]),
    mutant("second pass: last share forgotten", &[Once("  v += load_sums(index + 3u * outputs);\n", "")]),
    mutant("second pass: bias by pixel", &[Once("index % (shape.o / 2u)", "index / (shape.o / 2u) % (shape.o / 2u)")]),
    mutant(
        "second pass: last output not written",
        &[Once("(index >= outputs)) {\n    return;", "(index + 1u >= outputs)) {\n    return;")],
    ),
    mutant("places of the filter by column", &[Every("place / 3u", "place % 3u")]),
    mutant("edges repeated for the padding", &[Every("is_inside_0 & (start", "(start")]),
    mutant(
        "group ignored in the input",
        &[Once("* size_c + part * channels_in;\n  let pixel_1", "* size_c;\n  let pixel_1")],
    ),
    mutant("group ignored in the weights", &[Every("part * terms + place", "place")]),
    mutant(
        "weights of the next place at the end of the channels",
        &[Every("place * channels_in", "(place + 1u) % 9u * channels_in")],
    ),
    mutant(
        "prepare: channels outermost",
        &[
            Once("i / channels_out % channels_in", "i / (channels_out * 9u) % channels_in"),
            Once("i / (channels_out * channels_in) % 9u", "i / channels_out % 9u"),
        ],
    ),
];

const STAGED: &[Mutant] = &[
    mutant(
        "sum one step too long",
        &[
            Once("k < shape.c * 9u", "k <= shape.c * 9u"),
            Every("start + w_fast_0 < terms", "start + w_fast_0 <= terms"),
            Every("terms - 1u", "terms"),
        ],
    ),
    mutant("last slab left out", &[Once("(terms + 7u) / 8u", "terms / 8u")]),
    mutant(
        "rows and columns of the filter confused",
        &[Once("k % 9u / 3u", "k % 3u"), Once("let beside = k % 3u", "let beside = k % 9u / 3u")],
    ),
    mutant("padding of a staged tile forgotten in reading", &[Every("* 9u + lane_p", "* 8u + lane_p")]),
    mutant("a band as wide at its end as before", &[Once("min(2u, tiles_o - band_start)", "3u")]),
    mutant("no barrier between staging and use", &[Once("    workgroupBarrier();\n    for", "    for")]),
    mutant("all slabs staged in the same tile", &[Every("slab % 2u", "0u")]),
    mutant("second pixel of a vector is the first", &[Every("x_0_0.y", "x_0_0.x")]),
    mutant("images not told apart in the input", &[Once("(((pixel_0 / plane) * size_c) * size_h + y_0)", "(y_0)")]),
    mutant("columns of the last row wrap", &[Once("(x + beside < shape.w)", "(x + beside <= shape.w)")]),
    mutant("pixels not bounded", &[Every("(out_1 < pixels) & ", "")]),
];

const POINTWISE: &[Mutant] = &[
    mutant(
        "rows of A by the columns' number",
        &[Once("+ 1u, rows - 1u) * (size_k / 2u)", "+ 1u, rows - 1u) * column_vectors")],
    ),
    mutant("image ignored in the input", &[Once("image * size_k * column_vectors + ", "")]),
    mutant("image ignored in the output", &[Every("(image * rows + ", "(")]),
    mutant(
        "odd steps of A are the even ones",
        &[Once("Rows(a_fetched_0_0_0.y, a_fetched_0_0_1.y)", "Rows(a_fetched_0_0_0.x, a_fetched_0_0_1.x)")],
    ),
    mutant("columns not bounded", &[Every(" & (column_0 < column_vectors)", "")]),
    mutant("rows not bounded", &[Every("(row_1 < rows) & ", "")]),
    mutant(
        "second pass: bias by pixel",
        &[Once("let channel = index / (shape.oh * shape.ow / 4u) % shape.o", "let channel = index % shape.o")],
    ),
    mutant(
        "steps beyond the channels not zero",
        &[Every(", start + a_fast_0 * 2u < size_k)", ", true)"), Once(", start + b_slow_0 < size_k)", ", true)")],
    ),
    mutant("no barrier between use and the next staging", &[Once("    workgroupBarrier();\n  }\n", "  }\n")])
        .excused("each share has one slab, after which nothing is staged"),
];
