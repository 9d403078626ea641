//! Mistakes in elementwise kernels.

use super::mutant::Edit::Once;
use super::mutant::{Family, Mutant, mutant};

pub const FAMILIES: &[Family] = &[
    Family {
        workload: "chain:f32:b3r5c20:x[c,r]*y[b,c]-z[b]",
        template: "chain/flat",
        config: "wx=16 width=4 items=2 interleaved=1 unroll=2 baked=1 packed=0",
        mutants: BROADCAST,
    },
    Family {
        workload: "chain:f32:n1001:gelu(x*w+b)",
        template: "chain/flat",
        config: "wx=32 width=1 items=4 interleaved=0 unroll=2 baked=0 packed=0",
        mutants: GELU,
    },
    Family {
        workload: "chain:f16:r31c35:p=x*w[c];q=p+tanh(y)",
        template: "chain/flat",
        config: "wx=32 width=1 items=2 interleaved=1 unroll=1 baked=0 packed=1",
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
