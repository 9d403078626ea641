//! Mistakes in matmul kernels on f16, stored as such or packed by two.

use super::mutant::Edit::{Every, Once};
use super::mutant::{Family, Mutant, mutant};

pub const FAMILIES: &[Family] = &[
    Family {
        workload: "matmul:f16:m33n18k150",
        template: "matmul/tiled",
        config: "wx=8 wy=4 tm=2 tn=2 vec_n=2 vec_k=1 stage_a=1 stage_b=1 share_a=0 bk=8 pad=0 unroll=1 baked=0 packed=0",
        mutants: STORED,
    },
    Family {
        workload: "matmul:f16:m33n17k70:tt+residual",
        template: "matmul/tiled",
        config: "wx=4 wy=8 tm=1 tn=2 vec_n=1 vec_k=1 stage_a=0 stage_b=1 share_a=0 bk=8 pad=0 unroll=1 baked=0 packed=1",
        mutants: PACKED,
    },
];

const STORED: &[Mutant] = &[
    mutant(
        "sums in f16",
        &[
            Once("var acc_0_0 = Value(0.0);", "var acc_0_0 = vec2<f16>(0.0h);"),
            Once("acc_0_0 += b_0_0 * a_0_0;", "acc_0_0 += vec2<f16>(b_0_0 * a_0_0);"),
            Once("store_c(index, acc_0_0);", "store_c(index, Value(acc_0_0));"),
        ],
    ),
    mutant("products in f16", &[Once("acc_0_0 += b_0_0 * a_0_0;", "acc_0_0 += Value(vec2<f16>(b_0_0) * f16(a_0_0));")]),
    mutant(
        "products in f16 that saturate",
        &[Once("acc_0_0 += b_0_0 * a_0_0;", "acc_0_0 += clamp(b_0_0 * a_0_0, Value(-65504.0), Value(65504.0));")],
    ),
    mutant(
        "products below f16's normal range as zero",
        &[Once(
            "acc_0_0 += b_0_0 * a_0_0;",
            "acc_0_0 += select(b_0_0 * a_0_0, Value(0.0), abs(b_0_0 * a_0_0) < Value(0.00006103515625));",
        )],
    ),
    mutant(
        "results below 10⁻³ as zero",
        &[Once("vec2<f16>(v)", "vec2<f16>(select(v, vec2<f32>(0.0), abs(v) < vec2<f32>(0.001)))")],
    ),
    mutant(
        "results that saturate at 32 768",
        &[Once("vec2<f16>(v)", "vec2<f16>(clamp(v, vec2<f32>(-32768.0), vec2<f32>(32768.0)))")],
    ),
    mutant("results scaled by 16 in f16 on the way", &[Once("vec2<f16>(v)", "(vec2<f16>(v * 16.0) * 0.0625h)")]),
    mutant("last slab dropped where it is not whole", &[Once("k0 < size_k; k0", "k0 < size_k / 8u * 8u; k0")]),
    mutant(
        "no barrier between staging and use",
        &[Once("    workgroupBarrier();\n    for (var kk", "    for (var kk")],
    ),
];

const PACKED: &[Mutant] = &[
    mutant(
        "halves written without atomics",
        &[
            Once("c: array<atomic<u32>>", "c: array<u32>"),
            Once(
                "atomicAnd(&c[i >> 1u], ~(0xffffu << shift));\n  atomicOr(&c[i >> 1u], half);",
                "c[i >> 1u] = (c[i >> 1u] & ~(0xffffu << shift)) | half;",
            ),
        ],
    ),
    mutant("half not cleared before it is set", &[Once("  atomicAnd(&c[i >> 1u], ~(0xffffu << shift));\n", "")]),
    mutant("neighbour's half cleared too", &[Once("~(0xffffu << shift)", "0u")]),
    mutant(
        "halves exchanged in the store",
        &[Once("let shift = 16u * (i & 1u);", "let shift = 16u * (1u - (i & 1u));")],
    ),
    mutant(
        "always the lower half of A",
        &[Once("unpack2x16float(a[i >> 1u] >> (16u * (i & 1u)))", "unpack2x16float(a[i >> 1u])")],
    ),
    mutant(
        "A read as if it were not transposed",
        &[Once(
            "load_a(a_row_0 + min(k, size_k - 1u) * size_m)",
            "load_a(min(row_0, size_m - 1u) * size_k + min(k, size_k - 1u))",
        )],
    ),
    mutant(
        "sum rounded to f16 after each slab",
        &[Once(
            "    workgroupBarrier();\n  }\n",
            "    workgroupBarrier();\n    acc_0_0 = unpack2x16float(pack2x16float(vec2<f32>(acc_0_0, 0.0))).x;\n  }\n",
        )],
    ),
    mutant(
        "sum rounded to f16 before the residual",
        &[Every(
            "v += load_residual(index);",
            "v = unpack2x16float(pack2x16float(vec2<f32>(v, 0.0))).x + load_residual(index);",
        )],
    ),
    mutant("beyond K without zeros", &[Once("k < size_k);", "true);"), Once("k0 + q < k_vectors", "true")]),
];
