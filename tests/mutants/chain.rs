//! Mistakes in elementwise kernels and in those that reduce rows.

use super::mutant::Edit::{Every, Once};
use super::mutant::{Family, Mutant, mutant};

pub const FAMILIES: &[Family] = &[
    Family {
        workload: "chain:f32:b3r5c20:x[c,r]*y[b,c]-z[b]",
        template: "chain/flat",
        config: "wx=16 width=4 items=2 interleaved=1 unroll=2 striding=0 baked=1 packed=0",
        mutants: BROADCAST,
    },
    Family {
        workload: "chain:f32:n1001:gelu(x*w+b)",
        template: "chain/flat",
        config: "wx=32 width=1 items=4 interleaved=0 unroll=2 striding=0 baked=0 packed=0",
        mutants: GELU,
    },
    Family {
        workload: "chain:f16:r31c35:p=x*w[c];q=p+tanh(y)",
        template: "chain/flat",
        config: "wx=32 width=1 items=2 interleaved=1 unroll=1 striding=0 baked=0 packed=1",
        mutants: TWO_OUTPUTS,
    },
    Family {
        workload: "chain:f32:r31c17:relu(x)*sigmoid(y[c])",
        template: "chain/naive",
        config: "wx=256 packed=0",
        mutants: SIGMOID,
    },
    Family {
        workload: "chain:f16:n1001:exp(x)+y",
        template: "chain/naive",
        config: "wx=256 packed=0",
        mutants: EXPONENTIAL,
    },
    Family {
        workload: "chain:f16:r9c56:x*w[c]+y",
        template: "chain/flat",
        config: "wx=16 width=8 items=1 interleaved=1 unroll=1 striding=0 baked=1 packed=0",
        mutants: EIGHT_HALVES,
    },
    Family {
        workload: "chain:f32:r7c100:exp(x-amax(x))/sum(exp(x-amax(x)))",
        template: "chain/rows",
        config: "team=16 rows=2 width=4 keep=1 unroll=1 subgroups=0 baked=1 packed=0",
        mutants: SOFTMAX,
    },
    Family {
        workload: "chain:f32:r5c37:(x-mean(x))/sqrt(mean((x-mean(x))*(x-mean(x)))+0.00001)*g[c]+b[c]",
        template: "chain/rows",
        config: "team=8 rows=2 width=1 keep=0 unroll=2 subgroups=0 baked=0 packed=0",
        mutants: LAYER_NORM,
    },
    Family {
        workload: "chain:f32:r31c3:m=amax(x);d=x-m",
        template: "chain/rows",
        config: "team=4 rows=8 width=1 keep=2 unroll=1 subgroups=0 baked=1 packed=0",
        mutants: MAXIMUM,
    },
    Family {
        workload: "chain:f32:r9c500:sum(x*y)",
        template: "chain/rows",
        config: "team=32 rows=2 width=1 keep=0 unroll=4 subgroups=1 baked=1 packed=0",
        mutants: SUBGROUPS,
    },
];

const BROADCAST: &[Mutant] = &[
    mutant("an axis one too short", &[Once("i / 5u % 5u", "i / 5u % 4u")]),
    mutant("broadcast along the wrong axis", &[Once("load_in_z(at_b)", "load_in_z(at_r)")]),
    mutant("two axes confused", &[Once("at_b * 5u + at_c", "at_r * 5u + at_c")]),
    mutant("last vectors not written", &[Once("vectors = 75u", "vectors = 72u")]),
    mutant("last vectors: <= for <", &[Once("(i_0 < vectors)", "(i_0 <= vectors)")]),
    mutant("items one too near each other", &[Once("start + 16u", "start + 15u")]),
    mutant("number of the first workgroup ignored", &[Once("return shape.first_workgroup + (", "return (")]).split(1),
];

const GELU: &[Mutant] = &[
    mutant("last items not computed", &[Once("item < 4u", "item < 2u")]),
    mutant("a coefficient of erf of five digits", &[Once("1.061405429", "1.0614")]),
    mutant("the scale of erf wrong by 3·10⁻⁵", &[Once("0.3275911", "0.3276")]),
    mutant("erf cut off too early", &[Once("Value(-80.0)", "Value(-8.0)")]),
    mutant("relative error of 10⁻⁵", &[Once("out_out[i] = v;", "out_out[i] = 1.00001 * v;")]),
    mutant("relative error of 10⁻⁶", &[Once("out_out[i] = v;", "out_out[i] = 1.000001 * v;")])
        .excused("Within the bound: erf's formula and WGSL's `exp` allow an error of 1.5·10⁻⁶ of the argument."),
    mutant("last element read one late", &[Once("load_in_x(i),", "load_in_x(i + i / (shape.elements - 1u)),")]),
];

const TWO_OUTPUTS: &[Mutant] = &[
    mutant(
        "outputs exchanged",
        &[Once("store_out_p(i, v_p);\n  store_out_q(i, v_q);", "store_out_p(i, v_q);\n  store_out_q(i, v_p);")],
    ),
    mutant("broadcast by row", &[Once("i % shape.size_c", "i / shape.size_c")]),
    mutant(
        "tanh by two exponentials that overflow",
        &[Once("return 2.0 * sigmoid(2.0 * v) - 1.0;", "return (exp(v) - exp(-v)) / (exp(v) + exp(-v));")],
    ),
    mutant(
        "tanh by a fraction of polynomials",
        &[Once(
            "return 2.0 * sigmoid(2.0 * v) - 1.0;",
            "return clamp(v * (27.0 + v * v) / (27.0 + 9.0 * v * v), -1.0, 1.0);",
        )],
    ),
    mutant(
        "tanh rounded to f16 before it is added",
        &[Once(
            "hyperbolic_tangent(inputs.v_y)",
            "unpack2x16float(pack2x16float(vec2<f32>(hyperbolic_tangent(inputs.v_y), 0.0))).x",
        )],
    ),
    mutant(
        "halves of one output written without atomics",
        &[
            Once("out_q: array<atomic<u32>>", "out_q: array<u32>"),
            Once(
                "atomicAnd(&out_q[i >> 1u], ~(0xffffu << shift));\n  atomicOr(&out_q[i >> 1u], half);",
                "out_q[i >> 1u] = (out_q[i >> 1u] & ~(0xffffu << shift)) | half;",
            ),
        ],
    ),
];

const SIGMOID: &[Mutant] = &[
    mutant(
        "reciprocal by a bit trick and one step of Newton's",
        &[Once(
            "return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));",
            "let d = 1.0 + exp(min(-v, 80.0));\n  let r = bitcast<f32>(0x7ef311c3u - bitcast<u32>(d));\n  \
             return r * (2.0 - d * r);",
        )],
    ),
    mutant(
        "reciprocal by a bit trick and two steps of Newton's",
        &[Once(
            "return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));",
            "let d = 1.0 + exp(min(-v, 80.0));\n  let r = bitcast<f32>(0x7ef311c3u - bitcast<u32>(d));\n  \
             let s = r * (2.0 - d * r);\n  return s * (2.0 - d * s);",
        )],
    ),
    mutant(
        "sigmoid that overflows to NaN",
        &[Once("return Value(1.0) / (Value(1.0) + exp(min(-v, Value(80.0))));", "return exp(v) / (1.0 + exp(v));")],
    ),
    mutant("relu as the absolute value", &[Once("max(v, Value(0.0))", "abs(v)")]),
    mutant("end: > for >=", &[Once("i >= shape.elements", "i > shape.elements")]),
    mutant("broadcast by row", &[Once("i % shape.size_c", "i / shape.size_c")]),
    mutant("results below 10⁻⁴ as zero", &[Once("out_out[i] = v;", "out_out[i] = select(v, 0.0, v < 0.0001);")]),
    mutant(
        "zero told by its bits, so that a negative one is divided by",
        &[Once(
            "sigmoid(inputs.v_y)",
            "sigmoid(select(inputs.v_y * inputs.v_y / inputs.v_y, 0.0, bitcast<u32>(inputs.v_y) == 0u))",
        )],
    ),
];

const EXPONENTIAL: &[Mutant] = &[
    mutant("exp by exp2 with a constant of three digits", &[Once("exp(inputs.v_x)", "exp2(1.443 * inputs.v_x)")]),
    mutant("exp rounded to f16 before the sum", &[Once("exp(inputs.v_x)", "f32(f16(exp(inputs.v_x)))")]),
    mutant("exp clamped at 5", &[Once("exp(inputs.v_x)", "exp(min(inputs.v_x, 5.0))")]),
    mutant("exp clamped at −5", &[Once("exp(inputs.v_x)", "exp(max(inputs.v_x, -5.0))")]),
];

const EIGHT_HALVES: &[Mutant] = &[
    mutant("second half from the first", &[Once("v_x[1]", "v_x[0]")]),
    mutant("broadcast by row", &[Once("load_in_w(at_c)", "load_in_w(i / 7u)")]),
    mutant(
        "halves exchanged",
        &[Once("mat2x4<f32>(first.v_out, second.v_out)", "mat2x4<f32>(second.v_out, first.v_out)")],
    ),
];

const SOFTMAX: &[Mutant] = &[
    mutant("maximum not subtracted", &[Every(" - largest_1", "")]),
    mutant("vectors beyond the end summed", &[Once("select(Value(0.0), t1_3, inside_1)", "t1_3")]),
    mutant("last vectors neither summed nor written", &[Once("lane + 16u < vectors", "lane + 17u < vectors")]),
    mutant("results of the first row for both", &[Every("let first = rank - member;", "let first = 0u;")]),
    mutant("last lane of vectors not summed", &[Once("(lanes_4.z + lanes_4.w)", "lanes_4.z")]),
    mutant(
        "a step of the tree left out",
        &[Once("if (member < 4u) {\n      parts_0[rank] = parts_0[rank] + parts_0[rank + 4u];\n    }", "")],
    ),
    mutant(
        "memory used again too early",
        &[Once("workgroupBarrier();\n    parts_0[rank] = sum_4;", "parts_0[rank] = sum_4;")],
    ),
    mutant("quotients by the maximum", &[Every(" / sum_4", " / largest_1")]),
    mutant("maximum begins with zero", &[Once("-3.4028234663852886e38", "0.0")]).excused(
        "No mistake here: any number near the maximum will do, and rows of a hundred numbers have one above zero.",
    ),
];

const LAYER_NORM: &[Mutant] = &[
    mutant("mean of one element too many", &[Every("0.027027028f", "0.02631579f")]),
    mutant(
        "last element not in the mean",
        &[Once(
            "lanes_1 += select(Value(0.0), v0_x, inside_0);",
            "lanes_1 += select(Value(0.0), v0_x, start + lane + 1u < vectors);",
        )],
    ),
    mutant("variance about zero", &[Once("t0_4 * t0_4", "v0_x * v0_x"), Once("t1_4 * t1_4", "v1_x * v1_x")]),
    mutant("a tenth of epsilon", &[Once("1e-5f", "1e-6f")]),
    mutant("scaled by row", &[Once("let v0_g = load_in_g(column_0)", "let v0_g = load_in_g(row)")]),
    mutant("no root", &[Once("sqrt(", "(")]),
    mutant("every other row", &[Once("group * 2u + rank / 8u", "group * 2u")]),
];

const MAXIMUM: &[Mutant] = &[
    mutant("maximum begins with zero", &[Once("-3.4028234663852886e38", "0.0")]),
    mutant(
        "beyond the end as zero",
        &[Once("lanes_1 = max(lanes_1, v0_x);", "lanes_1 = max(lanes_1, select(0.0, v0_x, lane < 3u));")],
    ),
    mutant("minimum", &[Once("lanes_1 = max(lanes_1, v0_x);", "lanes_1 = min(lanes_1, v0_x);")]),
    mutant("one value per row written a row late", &[Once("store_out_m(row, ", "store_out_m(row + 1u, ")]),
    mutant(
        "kept values of the row before",
        &[Once("let v0_x = kept_0[slot_0];", "let v0_x = kept_0[max(slot_0, 4u) - 4u];")],
    ),
];

const SUBGROUPS: &[Mutant] = &[
    mutant("first subgroup's part only", &[Once("parts_0[first + part]", "parts_0[first]")]),
    mutant("a subgroup's part left out", &[Once("var part = 1u;", "var part = 2u;")]),
    mutant("parts of the first row for both", &[Once("let first = rank / 32u * parts;", "let first = 0u;")]),
];
