//! Elementwise functions of one vector of f32 values, by polynomials and without tables.

use pulp::Simd;

#[inline(always)]
fn splat<S: Simd>(simd: S, value: f32) -> S::f32s {
    simd.splat_f32s(value)
}

#[inline(always)]
fn fma<S: Simd>(simd: S, a: S::f32s, b: S::f32s, c: S::f32s) -> S::f32s {
    simd.mul_add_e_f32s(a, b, c)
}

/// The polynomial with these coefficients, the highest first.
#[inline(always)]
fn polynomial<S: Simd, const N: usize>(simd: S, x: S::f32s, coefficients: [f32; N]) -> S::f32s {
    let mut sum = splat(simd, coefficients[0]);
    for coefficient in &coefficients[1..] {
        sum = fma(simd, sum, x, splat(simd, *coefficient));
    }
    sum
}

/// max(x, 0).
#[inline(always)]
pub fn relu<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    simd.max_f32s(x, splat(simd, 0.0))
}

/// Magnitude.
#[inline(always)]
pub fn abs<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    simd.abs_f32s(x)
}

/// Square root.
#[inline(always)]
pub fn sqrt<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    simd.sqrt_f32s(x)
}

/// 1/sqrt(x).
#[inline(always)]
pub fn rsqrt<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    simd.div_f32s(splat(simd, 1.0), simd.sqrt_f32s(x))
}

/// 1.5·2²³: added to a number of small magnitude it rounds it to an integer, which its lowest bits then hold.
const ROUNDER: f32 = 12_582_912.0;

/// ln 2 as a number of few bits, so that its small multiples are exact, and what is missing.
const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];

/// Where e to the x is below the least normal f32, and where beyond the largest.
const EXP_RANGE: [f32; 2] = [-87.336_54, 88.722_83];

/// (exp(r) − 1 − r)/r² for |r| ≤ ln(2)/2, by the coefficients of Cephes' `expf`; the highest first.
const EXP: [f32; 6] = [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5];

/// e to the x: zero where it is no normal number.
#[inline(always)]
pub fn exp<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let value = exp_within(simd, x);
    let value = simd.select_f32s(simd.less_than_f32s(x, splat(simd, EXP_RANGE[0])), splat(simd, 0.0), value);
    simd.select_f32s(simd.greater_than_f32s(x, splat(simd, EXP_RANGE[1])), splat(simd, f32::INFINITY), value)
}

/// e to the x within its range: x = n·ln 2 + r, and n is added to the exponent of exp(r).
#[inline(always)]
fn exp_within<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let rounder = splat(simd, ROUNDER);
    let shifted = fma(simd, x, splat(simd, std::f32::consts::LOG2_E), rounder);
    let n = simd.sub_f32s(shifted, rounder);
    let r = fma(simd, n, splat(simd, -LN_2[0]), x);
    let r = fma(simd, n, splat(simd, -LN_2[1]), r);
    let square = simd.mul_f32s(r, r);
    let value = fma(simd, polynomial(simd, r, EXP), square, simd.add_f32s(r, splat(simd, 1.0)));
    let exponent = simd.wrapping_dyn_shl_u32s(simd.transmute_u32s_f32s(shifted), simd.splat_u32s(23));
    simd.transmute_f32s_u32s(simd.add_u32s(simd.transmute_u32s_f32s(value), exponent))
}

/// 1 + exp(−x), at most some 10³⁷: exponents are clamped, so that what is divided by it does not vanish too early.
#[inline(always)]
fn divisor<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let negative = simd.sub_f32s(splat(simd, 0.0), x);
    let clamped = simd.max_f32s(simd.min_f32s(negative, splat(simd, 86.0)), splat(simd, -86.0));
    simd.add_f32s(splat(simd, 1.0), exp_within(simd, clamped))
}

/// 1/(1+exp(−x)).
#[inline(always)]
pub fn sigmoid<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    simd.div_f32s(splat(simd, 1.0), divisor(simd, x))
}

/// x·sigmoid(x).
#[inline(always)]
pub fn silu<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    simd.div_f32s(x, divisor(simd, x))
}

/// Hyperbolic tangent, as 1 − 2/(1+exp(2x)).
#[inline(always)]
pub fn tanh<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let two = splat(simd, 2.0);
    let divisor = divisor(simd, simd.mul_f32s(x, splat(simd, -2.0)));
    simd.sub_f32s(splat(simd, 1.0), simd.div_f32s(two, divisor))
}

/// x·Φ(x) with Φ by tanh, which is x·sigmoid of a cubic polynomial.
#[inline(always)]
pub fn gelu_tanh<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let square = simd.mul_f32s(x, x);
    let slope = fma(simd, square, splat(simd, 1.595_769_2 * 0.044_715), splat(simd, 1.595_769_2));
    simd.div_f32s(x, divisor(simd, simd.mul_f32s(x, slope)))
}

/// log(1 − erf(t))/t for 0 ≤ t ≤ 4, the highest power first: a minimax fit of the error of erf, which is below 2·10⁻⁸.
const LOG_ERFC: [f32; 8] = [
    -3.143_995e-5,
    3.088_004_6e-4,
    -1.032_396_1e-3,
    -5.369_422e-4,
    1.958_396_8e-2,
    -0.102_919_62,
    -0.636_597_75,
    -1.128_380_3,
];

/// From here on erf is 1 in f32.
const ERF_END: f32 = 4.0;

/// x·Φ(x) with erf(t) = 1 − exp(log(1 − erf(t))).
#[inline(always)]
pub fn gelu<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let magnitude = simd.abs_f32s(x);
    let t = simd.min_f32s(simd.mul_f32s(magnitude, splat(simd, std::f32::consts::FRAC_1_SQRT_2)), splat(simd, ERF_END));
    let power = simd.mul_f32s(t, polynomial(simd, t, LOG_ERFC));
    let erf = simd.sub_f32s(splat(simd, 1.0), exp_within(simd, power));
    simd.mul_f32s(splat(simd, 0.5), fma(simd, magnitude, erf, x))
}

/// (log(1 + r) − r + r²/2)/r³ for √½ ≤ 1 + r ≤ √2, by the coefficients of Cephes' `logf`; the highest first.
const LOG: [f32; 9] = [
    7.037_684e-2,
    -0.115_146_1,
    0.116_769_99,
    -0.124_201_41,
    0.142_493_23,
    -0.166_680_57,
    0.200_007_14,
    -0.249_999_94,
    0.333_333_3,
];

/// Natural logarithm: x = m·2ⁿ with m near 1.
#[inline(always)]
pub fn log<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let half_root = simd.splat_u32s(std::f32::consts::FRAC_1_SQRT_2.to_bits());
    // Bits above those of √½ count in exponents; 128 is added so that the difference is not negative.
    let normal = simd.max_f32s(x, splat(simd, f32::MIN_POSITIVE));
    let above = simd.sub_u32s(simd.add_u32s(simd.transmute_u32s_f32s(normal), simd.splat_u32s(128 << 23)), half_root);
    let exponent = simd.wrapping_dyn_shr_u32s(above, simd.splat_u32s(23));
    let n = simd.sub_f32s(
        simd.transmute_f32s_u32s(simd.or_u32s(exponent, simd.splat_u32s(ROUNDER.to_bits()))),
        splat(simd, ROUNDER + 128.0),
    );
    let mantissa = simd.add_u32s(simd.and_u32s(above, simd.splat_u32s((1 << 23) - 1)), half_root);
    let r = simd.sub_f32s(simd.transmute_f32s_u32s(mantissa), splat(simd, 1.0));
    let square = simd.mul_f32s(r, r);
    let tail = simd.mul_f32s(simd.mul_f32s(polynomial(simd, r, LOG), r), square);
    let tail = fma(simd, n, splat(simd, LN_2[1]), tail);
    let tail = fma(simd, square, splat(simd, -0.5), tail);
    let value = fma(simd, n, splat(simd, LN_2[0]), simd.add_f32s(r, tail));
    let value = simd.select_f32s(simd.greater_than_f32s(x, splat(simd, f32::MAX)), x, value);
    let value = simd.select_f32s(simd.equal_f32s(x, splat(simd, 0.0)), splat(simd, f32::NEG_INFINITY), value);
    simd.select_f32s(simd.less_than_f32s(x, splat(simd, 0.0)), splat(simd, f32::NAN), value)
}
