//! Mistakes in matmul kernels.

use super::mutant::Edit::{Every, Once, Writable};
use super::mutant::{Family, Mutant, mutant};

pub const FAMILIES: &[Family] = &[
    Family {
        workload: "matmul:f32:m37n29k19+bias+relu",
        template: "matmul/tiled",
        config: "wx=8 wy=8 tm=2 tn=2 vec_n=1 vec_k=1 stage_a=1 stage_b=1 share_a=0 bk=8 pad=1 unroll=4 baked=0 packed=0",
        mutants: STAGED,
    },
    Family {
        workload: "matmul:f32:b3m17n36k20:nt+residual+silu",
        template: "matmul/tiled",
        config: "wx=8 wy=4 tm=2 tn=4 vec_n=4 vec_k=2 stage_a=1 stage_b=0 share_a=0 bk=16 pad=0 unroll=2 baked=1 packed=0",
        mutants: BATCHED,
    },
    Family {
        workload: "matmul:f32:b2m21n18k30:tn+gelu",
        template: "matmul/tiled",
        config: "wx=8 wy=4 tm=2 tn=2 vec_n=2 vec_k=1 stage_a=0 stage_b=0 share_a=0 bk=4 pad=0 unroll=4 baked=1 packed=0",
        mutants: UNROLLED,
    },
    Family {
        workload: "matmul:f32:m37n44k19+bias",
        template: "matmul/tiled",
        config: "wx=8 wy=1 tm=4 tn=4 vec_n=4 vec_k=1 stage_a=0 stage_b=0 share_a=8 bk=8 pad=0 unroll=2 baked=0 packed=0",
        mutants: SHARED,
    },
    Family {
        workload: "matmul:f32:b2m21n13k40+scale0.125+gelu_tanh",
        template: "matmul/naive",
        config: "wx=16 wy=16 packed=0",
        mutants: NAIVE,
    },
    Family {
        workload: "matmul:f32:m3n22k90:nt+bias",
        template: "matmul/vector",
        config: "invocations=32 team=8 tile=2 vec=2 vec_skinny=2 unroll=2 slab=0 split=1 subgroups=0 baked=0 packed=0",
        mutants: SKINNY,
    },
    Family {
        workload: "matmul:f32:m700n700k450",
        template: "matmul/tiled",
        config: "wx=16 wy=8 tm=4 tn=4 vec_n=4 vec_k=1 stage_a=1 stage_b=1 share_a=0 bk=16 pad=0 unroll=4 baked=1 packed=0",
        mutants: LARGE,
    },
];

const SHARED: &[Mutant] = &[
    mutant("every second step with the share of the one before", &[Every("(kk + 1u)", "kk")]),
    mutant("half of the lanes load what the others do", &[Once("subgroup_lane % 8u", "subgroup_lane % 4u")]),
    mutant("the first row shared for the second", &[Once("load_a(a_row_1 +", "load_a(a_row_0 +")]),
    mutant("one slab for every second", &[Once("k0 += 8u", "k0 += 16u")]),
];

const SKINNY: &[Mutant] = &[
    mutant("steps after the last whole body dropped", &[Once("i < rest;", "i < min(rest, 0u);")]),
    mutant("steps after the last whole body taken from the first", &[Once("first + whole + i;", "first + i;")]),
    mutant("half of a team not in the sum", &[Every("sums_0[first] + sums_0[first + 1u]", "sums_0[first]")]),
    mutant("a halving left out", &[Once("sums_1[rank] = sums_1[rank] + sums_1[rank + 2u];", "")]),
    mutant("teams that overlap", &[Once("let lane = rank / 8u;", "let lane = rank / 16u;")]),
    mutant("lines of a tile side by side", &[Once("let line_1 = tile + tiles;", "let line_1 = tile + 1u;")]),
    mutant("a tile beyond the last stored", &[Once("own < size_b * tiles", "own <= size_b * tiles")])
        .excused("No mistake: beyond the last tile comes the first once more, with the same results."),
    mutant("second row of A read for the third", &[Every("skinny + 2u * steps", "skinny + steps")]),
    mutant("two sums confused", &[Once("var v = acc_1_0;", "var v = acc_0_0;")]),
    mutant("bias of another line", &[Every("let channel = line_1;", "let channel = line_0;")]),
];

const STAGED: &[Mutant] = &[
    mutant(
        "no barrier between staging and use",
        &[Once("    workgroupBarrier();\n    for (var kk", "    for (var kk")],
    ),
    mutant("no barrier between use and the next staging", &[Once("    workgroupBarrier();\n  }\n", "  }\n")]),
    mutant("last slab dropped where it is not whole", &[Once("k0 < size_k; k0", "k0 < size_k / 8u * 8u; k0")]),
    mutant("first slab dropped", &[Once("var k0 = 0u;", "var k0 = 8u;")]),
    mutant("staged beyond K without zeros", &[Once("k0 + q < k_vectors", "true"), Once("k0 + s < size_k", "true")]),
    mutant(
        "last product of K counted twice",
        &[Once("k0 + q < k_vectors", "k0 + q <= k_vectors"), Once("k0 + s < size_k", "k0 + s <= size_k")],
    ),
    mutant(
        "staged beyond K not at all, so what lay there is used",
        &[
            Once(
                "      a_tile[q * 17u + r] = value;",
                "      if (k0 + q < k_vectors) { a_tile[q * 17u + r] = value; }",
            ),
            Once("      b_tile[s * 17u + c] = select", "      if (k0 + s < size_k) { b_tile[s * 17u + c] = select"),
            Once("k0 + s < size_k);\n", "k0 + s < size_k); }\n"),
        ],
    ),
    mutant("padding of a staged tile forgotten in reading", &[Every("a_tile[kk * 17u", "a_tile[kk * 16u")]),
    mutant("A's rows as far apart as C's", &[Once("size_m - 1u)) * k_vectors;", "size_m - 1u)) * n_vectors;")]),
    mutant("tiles along N and M confused", &[Once("group % tiles_n;", "group % tiles_m;")]),
    mutant("last column of tiles not counted", &[Once("(size_n + 15u) / 16u", "size_n / 16u")]),
    mutant("a tile starts one column late", &[Once("column_1 = tile_n * 16u + 8u", "column_1 = tile_n * 16u + 9u")]),
    mutant("rows: <= for <", &[Every("(row_1 < size_m)", "(row_1 <= size_m)")]),
    mutant("rows: last one missing", &[Every("(row_0 < size_m)", "(row_0 < size_m - 1u)")]),
    mutant("columns: <= for <, into the next row", &[Every("(column_1 < n_vectors)", "(column_1 <= n_vectors)")]),
    mutant("one unrolled product missing", &[Once("      acc_1_1 += b_3_1 * a_1_3;\n", "")]),
    mutant("an accumulator starts at 1", &[Once("var acc_1_0 = Value(0.0)", "var acc_1_0 = Value(1.0)")]),
    mutant("two accumulators confused", &[Once("var v = acc_0_1;", "var v = acc_1_0;")]),
    mutant("bias by row", &[Every("load_bias(column_0)", "load_bias(row_0)")]),
    mutant(
        "bias twice",
        &[Every("    v += load_bias(column_1);", "    v += load_bias(column_1);\n    v += load_bias(column_1);")],
    ),
    mutant("bias missing in half of the columns", &[Every("    v += load_bias(column_1);\n", "")]),
    mutant(
        "relu before the bias",
        &[Every("    v += load_bias(column_0);\n    v = relu(v);", "    v = relu(v);\n    v += load_bias(column_0);")],
    ),
    mutant("relu that leaks one percent", &[Once("max(v, Value(0.0))", "max(v, 0.01 * v)")]),
    mutant("relu that gives NaN below zero", &[Once("max(v, Value(0.0))", "v * sqrt(v) / sqrt(v)")]),
    mutant("relative error of 10⁻³", &[Once("c[i] = v;", "c[i] = 1.001 * v;")]),
    mutant("relative error of 10⁻⁶", &[Once("c[i] = v;", "c[i] = 1.000001 * v;")]),
    mutant("one element wrong by 1", &[Once("c[i] = v;", "c[i] = select(v, v + 1.0, i == 700u);")]),
    mutant("one element not written", &[Once("c[i] = v;", "if (i != 500u) { c[i] = v; }")]),
    mutant("stored one element late", &[Once("c[i] = v;", "c[i + 1u] = v;")]),
    mutant(
        "a copy of a value 200 bytes beyond the end",
        &[Once("c[i] = v;", "c[i] = v;\n  if (i == 0u) { c[shape.m * shape.n + 50u] = v; }")],
    ),
    mutant("added to what the output held", &[Once("c[i] = v;", "c[i] = c[i] + v;")]),
    mutant("neighbour's element overwritten", &[Once("c[i] = v;", "c[i] = v;\n  c[i ^ 1u] = v;")]),
    mutant(
        "an element of A changed at the end",
        &[Writable("a", "array<f32>"), Once("c[i] = v;", "c[i] = v;\n  if (i == 0u) { a[5] = 0.0; }")],
    ),
    mutant(
        "written just beyond the end of the bias",
        &[Writable("bias", "array<f32>"), Once("c[i] = v;", "c[i] = v;\n  if (i == 0u) { bias[shape.n] = v; }")],
    ),
    mutant("number of the first workgroup ignored", &[Once("return shape.first_workgroup + (", "return (")]).split(2),
    mutant("last workgroup skipped", &[Once("group >= shape.workgroups", "group + 1u >= shape.workgroups")]),
    mutant(
        "half of the workgroup stages nothing",
        &[Once(
            "    for (var t = local_index; t < 128u; t += 64u) {\n      let c",
            "    for (var t = local_index / 2u; t < 128u; t += 64u) {\n      let c",
        )],
    ),
    mutant(
        "a sum through workgroup memory that all invocations share",
        &[
            Once("var<workgroup> a_tile", "var<workgroup> shared_sum: f32;\nvar<workgroup> a_tile"),
            Once("      acc_0_0 += b_0_0 * a_0_0;", "      shared_sum = b_0_0 * a_0_0;\n      acc_0_0 += shared_sum;"),
        ],
    )
    .excused("The driver's compiler hands on what was stored instead of reading it back: nothing goes wrong here."),
    mutant("staged beyond K without zeros, in A alone", &[Once("k0 + q < k_vectors", "true")])
        .excused("No mistake: the zeros of B stand against them, and nothing beyond the end is read."),
    mutant("rows beyond M read for staging", &[Once("min(tile_m * 16u + r, size_m - 1u)", "(tile_m * 16u + r)")])
        .excused("What is read beyond the end of A goes into rows that are not stored; devices bound such reads."),
    mutant(
        "one more barrier",
        &[Once("    workgroupBarrier();\n  }\n", "    workgroupBarrier();\n    workgroupBarrier();\n  }\n")],
    )
    .excused("No mistake: it costs time, and timing will tell."),
];

const BATCHED: &[Mutant] = &[
    mutant("batch ignored in A", &[Once("(batch * size_m + min(", "(min(")]),
    mutant("batch ignored in B", &[Every("(batch * size_n + ", "(")]),
    mutant("batch ignored in C", &[Every("(batch * size_m + row_", "(row_")]),
    mutant("two lanes of B exchanged", &[Once("Value(b_0_0_0.x, b_0_0_1.x,", "Value(b_0_0_1.x, b_0_0_0.x,")]),
    mutant("a lane of A staged twice", &[Once("= value.y;", "= value.x;")]),
    mutant(
        "columns not bounded, into the next row",
        &[Once("(row_1 < size_m) & (column_0 < n_vectors)", "row_1 < size_m")],
    ),
    mutant("residual at the column alone", &[Every("load_residual(index)", "load_residual(column_0)")]),
    mutant(
        "residual after the activation",
        &[Every(
            "    v += load_residual(index);\n    v = silu(v);",
            "    v = silu(v);\n    v += load_residual(index);",
        )],
    ),
    mutant("activation twice", &[Every("    v = silu(v);", "    v = silu(v);\n    v = silu(v);")]),
    mutant(
        "activation missing in every second row",
        &[Once(
            "var v = acc_1_0;\n    v += load_residual(index);\n    v = silu(v);",
            "var v = acc_1_0;\n    v += load_residual(index);",
        )],
    ),
    mutant("sigmoid with the wrong sign", &[Once("exp(min(-v,", "exp(min(v,")]),
    mutant("sigmoid clamped at 8", &[Once("Value(80.0)", "Value(8.0)")]),
    mutant(
        "exp by exp2 with a constant of five digits",
        &[Once("exp(min(-v, Value(80.0)))", "exp2(1.4427 * min(-v, Value(80.0)))")],
    ),
    mutant(
        "last workgroup skipped in the last part of a split grid",
        &[Once("group >= shape.workgroups", "(group >= shape.workgroups) | (shape.first_workgroup > 14u)")],
    )
    .split(4),
];

const UNROLLED: &[Mutant] = &[
    mutant("what is left of K dropped", &[Once("var k = whole; k < size_k", "var k = whole; k < whole")]),
    mutant(
        "first of what is left of K dropped",
        &[Once("var k = whole; k < size_k", "var k = whole + 1u; k < size_k")],
    ),
    mutant("unrolled steps beyond K", &[Once("size_k / 4u * 4u", "(size_k + 3u) / 4u * 4u")]),
    mutant("A's columns as far apart as B's", &[Every("* size_m);", "* size_n);")]),
    mutant(
        "last column replaced by the one before",
        &[Once("min(column_0, n_vectors - 1u)", "min(column_0, n_vectors - 2u)")],
    ),
    mutant("lanes exchanged in the store", &[Once("c[i] = v;", "c[i] = v.yx;")]),
    mutant(
        "gelu by tanh for gelu",
        &[Once(
            "return 0.5 * (v + abs(v) * erf);",
            "return v / (1.0 + exp(-1.5957691216057308 * (v + 0.044715 * v * v * v)));",
        )],
    ),
    mutant(
        "erf of three terms, good to 2.5·10⁻⁵",
        &[
            Once("0.3275911 * x", "0.47047 * x"),
            Once(
                "t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))",
                "t * (0.3480242 + t * (-0.0958798 + t * 0.7478556))",
            ),
        ],
    ),
    mutant("a coefficient of erf wrong by 10⁻⁵", &[Once("1.421413741", "1.421427955")]),
    mutant("activation missing in every second row", &[Once("var v = acc_1_0;\n    v = gelu(v);", "var v = acc_1_0;")]),
];

const NAIVE: &[Mutant] = &[
    mutant("first product dropped", &[Once("var k = 0u; k < shape.k", "var k = 1u; k < shape.k")]),
    mutant("last product dropped", &[Once("k < shape.k;", "k < shape.k - 1u;")]),
    mutant(
        "last product dropped in one element",
        &[Once(
            "  let index =",
            "  if ((row == 20u) & (column == 12u)) {\n    sum -= load_a((batch * shape.m + row + 1u) * shape.k - 1u) * \
             load_b((batch * shape.k + shape.k - 1u) * shape.n + column);\n  }\n  let index =",
        )],
    ),
    mutant(
        "B read as if it were transposed",
        &[Once("(batch * shape.k + k) * shape.n + column", "(batch * shape.n + column) * shape.k + k")],
    ),
    mutant("scale missing", &[Once("  v *= 0.125;\n", "")]),
    mutant("scale wrong by 10⁻³", &[Once("0.125", "0.125125")]),
    mutant("scale wrong by 10⁻⁵", &[Once("0.125", "0.12500125")]),
    mutant("cubic coefficient of gelu_tanh of three digits", &[Once("0.044715", "0.0447")]),
    mutant("rows: > for >=, into the next batch", &[Once("row >= shape.m", "row > shape.m")]),
    mutant("tiles along M forgotten in the batch", &[Once("group / (tiles_n * tiles_m)", "group / tiles_n")]),
    mutant(
        "sums of fixed point",
        &[Once(
            "sum += load_a(a_index) * load_b(b_index);",
            "sum += round(65536.0 * load_a(a_index) * load_b(b_index)) / 65536.0;",
        )],
    ),
    mutant(
        "sums of 16 bits of mantissa",
        &[Once("  let index =", "  sum = bitcast<f32>(bitcast<u32>(sum) & 0xffffff80u);\n  let index =")],
    ),
];

const LARGE: &[Mutant] = &[
    mutant(
        "one element of 490 000 wrong by 1",
        &[Once("c[i] = v;", "c[i] = select(v, v + vec4<f32>(0.0, 1.0, 0.0, 0.0), i == 54321u);")],
    ),
    mutant("two neighbours exchanged, once", &[Once("c[i] = v;", "c[i] = select(v, v.xzyw, i == 99999u);")]),
    mutant("last slab dropped where it is not whole", &[Once("k0 < size_k; k0", "k0 < size_k / 16u * 16u; k0")]),
    mutant(
        "one workgroup of 242 skipped",
        &[Once("group >= shape.workgroups", "(group >= shape.workgroups) | (group == 123u)")],
    ),
];
