//! Mistakes in blocked matmul kernels: slabs that are staged twice over, sums in parts, atomics.

use super::mutant::Edit::{Every, Once};
use super::mutant::{Family, Mutant, mutant};

pub const FAMILIES: &[Family] = &[
    Family {
        workload: "matmul:f32:b2m37n44k68:nt+bias+relu",
        template: "matmul/blocked",
        config: "bm=32 bn=32 tm=4 tn=4 lanes=8 lanes_n=4 bk=16 unroll=8 vec_a=4 vec_b=4 turn_a=2 turn_b=1 pad=4 \
                 pipeline=2 deal=0 band=4 split=2 baked=0 half_tiles=0 packed=0",
        mutants: IN_PARTS,
    },
    Family {
        workload: "matmul:f32:b2m70n72k41:tn+residual+silu",
        template: "matmul/blocked",
        config: "bm=64 bn=32 tm=8 tn=4 lanes=8 lanes_n=4 bk=8 unroll=4 vec_a=2 vec_b=4 turn_a=0 turn_b=0 pad=0 \
                 pipeline=1 deal=1 band=1 split=1 baked=0 half_tiles=0 packed=0",
        mutants: PREFETCHED,
    },
    Family {
        workload: "matmul:f32:b2m37n30k50+bias+gelu",
        template: "matmul/split_atomic",
        config: "bm=32 bn=32 tm=4 tn=8 lanes=8 lanes_n=4 bk=8 unroll=4 vec_a=2 vec_b=1 turn_a=0 turn_b=0 pad=0 \
                 pipeline=0 deal=1 band=0 split=2 baked=0 half_tiles=0 packed=0",
        mutants: ATOMIC,
    },
];

const IN_PARTS: &[Mutant] = &[
    mutant("no barrier after the first slab", &[Once("  workgroupBarrier();\n  for (var k0", "  for (var k0")]),
    mutant("no barrier between two slabs", &[Once("    workgroupBarrier();\n  }\n", "  }\n")]),
    mutant(
        "the next slab staged over the present one",
        &[Once("other_copy = 1u - this_copy", "other_copy = this_copy")],
    ),
    mutant("each part begins with the wrong copy", &[Once("first_copy = first / 16u % 2u", "first_copy = 0u")]),
    mutant("the same slab loaded again", &[Once("next = k0 + 16u", "next = k0")]),
    mutant("parts too short where slabs do not divide evenly", &[Once("(slabs + 1u) / 2u", "slabs / 2u")]),
    mutant("parts overlap by a slab", &[Once("min(first + length, size_k)", "min(first + length + 16u, size_k)")]),
    mutant(
        "the last slab dropped where it is not whole",
        &[
            Once("(size_k + 15u) / 16u", "size_k / 16u"),
            Once("min(first + length, size_k)", "min(first + length, slabs * 16u)"),
        ],
    ),
    mutant("part and batch confused", &[Once("part * shape.b + batch", "batch * shape.b + part")]),
    mutant("one part not added", &[Once("      v += part_1;\n", "")]),
    mutant("one part added twice", &[Once("v += part_1;", "v += part_0;")]),
    mutant(
        "bias added before the parts, and rounded with them",
        &[
            Once("    var v = Value(0.0);", "    var v = load_bias(index % (shape.n / 4u));"),
            Once("    v += load_bias(column);\n", ""),
        ],
    ),
    mutant(
        "bias added before the last part",
        &[
            Once("    v += load_bias(column);\n    v = relu(v);", "    v = relu(v);"),
            Once("      v += part_1;", "      v = relu(v + load_bias(index % (shape.n / 4u)));\n      v += part_1;"),
        ],
    ),
    mutant("half of the outputs not finished", &[Once("  finish(first + 128u, count);\n", "")]),
    mutant("a square turned half", &[Every("a_0_row_0_0.y, a_0_row_1_0.y", "a_0_row_1_0.y, a_0_row_0_0.y")]),
    mutant("a row of a square loaded twice", &[Once("tile.y * 32u + a_line_0 + 3u", "tile.y * 32u + a_line_0 + 2u")]),
    mutant("padding forgotten where rows are turned", &[Every("b_across_0 * 144u", "b_across_0 * 128u")]),
    mutant("sub-tiles of one row in the same place", &[Once("sub_tile % 2u * 16u + ", "")]),
    mutant("sub-tiles as high as wide", &[Once("sub_tile / 2u * 8u", "sub_tile / 2u * 16u")]),
    mutant("half of the invocations stage nothing", &[Every("if (local < 32u)", "if (local < 16u)")]),
    mutant(
        "beyond K without zeros",
        &[
            Every("next / 4u + a_step_0 < a_loads", "true"),
            Every("next / 4u + b_step_0 < b_loads", "true"),
            Every("next / 4u + b_step_1 < b_loads", "true"),
        ],
    ),
    mutant("zeros before K ends", &[Every("next / 4u + b_step_1 < b_loads", "next / 4u + b_step_1 + 1u < b_loads")]),
    mutant("parts counted with the batches", &[Once("(tiles_m * tiles_n * 2u)", "(tiles_m * tiles_n)")]),
    mutant("a band wider than C is high", &[Once("min(4u, tiles_m - first)", "4u")]),
    mutant("rows beyond M kept", &[Once("(row >= shape.m)", "(row > shape.m)")]),
];

const PREFETCHED: &[Mutant] = &[
    mutant("no barrier between staging and use", &[Once("    workgroupBarrier();\n    let next", "    let next")]),
    mutant("no barrier between use and staging", &[Once("    workgroupBarrier();\n  }\n", "  }\n")]),
    mutant(
        "the next slab loaded before this one is staged",
        &[
            Once("    let next = k0 + 8u;\n", ""),
            Once("    b_0_0_0 = fetch_b(b_at_0_0 + min(next + b_step_0, size_k - 1u) * b_loads);\n", ""),
            Once(
                "    let b_inside_0_0",
                "    let next = k0 + 8u;\n    b_0_0_0 = fetch_b(b_at_0_0 + min(next + b_step_0, size_k - 1u) * b_loads);\n    let b_inside_0_0",
            ),
        ],
    ),
    mutant(
        "the first slab not loaded",
        &[Once("  a_0_0_0 = fetch_a(a_at_0_0 + min(a_step_0, size_k - 1u) * a_loads);\n", "")],
    ),
    mutant("one load of a row forgotten", &[Every("a_1_0_1 = fetch_a(a_at_1_1", "a_1_0_1 = fetch_a(a_at_1_0")]),
    mutant(
        "rows of the second four where neighbours would be",
        &[Every("row + 8u, column, acc_4_0", "row + 4u, column, acc_4_0")],
    ),
    mutant(
        "two groups of four rows confused",
        &[Every("a_tile[a_from + kk * 16u + 2u]", "a_tile[a_from + kk * 16u + 1u]")],
    ),
    mutant("a step of K skipped", &[Once("      acc_3_0 += b_2_0 * a_2_0.w;\n", "")]),
    mutant(
        "columns and rows of tiles exchanged",
        &[Once("vec2<u32>(place % tiles_n, place / tiles_n)", "vec2<u32>(place / tiles_n, place % tiles_n)")],
    ),
    mutant(
        "residual of another batch",
        &[Once("load_residual(index)", "load_residual(index % (shape.m * shape.n / 4u))")],
    ),
];

const ATOMIC: &[Mutant] = &[
    mutant(
        "added to what C held",
        &[Every("store_c(first + 128u, vec2<f32>(0.0))", "store_c(first + 128u, c[first + 128u])")],
    ),
    mutant("one lane not added", &[Once("  atomicAdd(&c[index + 1u], sum.y);\n", "")]),
    mutant("the last part replaces the others", &[Every("atomicAdd(", "atomicStore(")]),
    mutant("half of C not started", &[Every("if (first + 128u < count)", "if (first + 128u < 0u)")]),
    mutant("rows dealt as neighbours", &[Once("row + 2u, column, acc_1_0", "row + 1u, column, acc_1_0")]),
    mutant(
        "a line of A read as its neighbour",
        &[Once("a_tile[a_from + kk / 4u + 4u]", "a_tile[a_from + kk / 4u + 2u]")],
    ),
];
