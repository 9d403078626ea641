//! Functions of f32 values on vectors, and the steps of an epilogue on rows of results.
//!
//! Meanings and error bounds are those of `src/op/elementwise.rs`; each function here keeps well within them.

use pulp::{Simd, WithSimd};

use super::data::Data;
use super::functions;
use super::simd::Width;
use super::vector::{load, run, store};

/// An elementwise function, by its name in workloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Relu,
    Gelu,
    GeluTanh,
    Silu,
    Sigmoid,
    Tanh,
    Exp,
    Log,
    Sqrt,
    Rsqrt,
    Abs,
    Min,
    Max,
}

/// Every function with its name.
pub const FUNCTIONS: [(&str, Function); 13] = [
    ("relu", Function::Relu),
    ("gelu", Function::Gelu),
    ("gelu_tanh", Function::GeluTanh),
    ("silu", Function::Silu),
    ("sigmoid", Function::Sigmoid),
    ("tanh", Function::Tanh),
    ("exp", Function::Exp),
    ("log", Function::Log),
    ("sqrt", Function::Sqrt),
    ("rsqrt", Function::Rsqrt),
    ("abs", Function::Abs),
    ("min", Function::Min),
    ("max", Function::Max),
];

impl Function {
    /// The function of that name, if kernels have it.
    pub fn find(name: &str) -> Option<Self> {
        FUNCTIONS.iter().find(|(known, _)| *known == name).map(|(_, function)| *function)
    }
}

/// Calls `$each` with the vector function of a `Function` of one argument, so that loops are compiled for each.
macro_rules! with_function {
    ($function:expr, |$name:ident| $each:expr) => {
        match $function {
            Function::Relu | Function::Min | Function::Max => {
                let $name = functions::relu;
                $each
            }
            Function::Gelu => {
                let $name = functions::gelu;
                $each
            }
            Function::GeluTanh => {
                let $name = functions::gelu_tanh;
                $each
            }
            Function::Silu => {
                let $name = functions::silu;
                $each
            }
            Function::Sigmoid => {
                let $name = functions::sigmoid;
                $each
            }
            Function::Tanh => {
                let $name = functions::tanh;
                $each
            }
            Function::Exp => {
                let $name = functions::exp;
                $each
            }
            Function::Log => {
                let $name = functions::log;
                $each
            }
            Function::Sqrt => {
                let $name = functions::sqrt;
                $each
            }
            Function::Rsqrt => {
                let $name = functions::rsqrt;
                $each
            }
            Function::Abs => {
                let $name = functions::abs;
                $each
            }
        }
    };
}

/// Replaces each value by the function of it. Functions of two arguments are no business of this one.
#[inline(always)]
pub fn apply_with<S: Simd>(simd: S, function: Function, values: &mut [f32]) {
    let pointer = values.as_mut_ptr();
    // SAFETY: source and target are the same slice, read before written vector by vector.
    unsafe { map_with(simd, function, pointer, pointer, values.len()) };
}

/// Writes the function of `count` values of `from` to `to`, which may be the same place.
///
/// # Safety
/// Both must be valid for `count` values, and either the same or apart.
#[inline(always)]
pub unsafe fn map_with<S: Simd>(simd: S, function: Function, from: *const f32, to: *mut f32, count: usize) {
    // SAFETY: the caller's promise.
    with_function!(function, |call| unsafe {
        map_each(
            simd,
            from,
            to,
            count,
            #[inline(always)]
            |v| call(simd, v),
        )
    });
}

/// [`map_with`] for any function of one vector.
///
/// # Safety
/// Both must be valid for `count` values, and either the same or apart.
#[inline(always)]
pub unsafe fn map_each<S: Simd>(
    simd: S,
    from: *const f32,
    to: *mut f32,
    count: usize,
    call: impl Fn(S::f32s) -> S::f32s,
) {
    let whole = count - count % S::F32_LANES;
    // SAFETY: only whole vectors within `count` are touched here, and the rest through slices of its length.
    unsafe {
        let mut at = 0;
        while at < whole {
            store::<S>(to.add(at), call(load::<S>(from.add(at))));
            at += S::F32_LANES;
        }
        if whole < count {
            let rest = std::slice::from_raw_parts(from.add(whole), count - whole);
            let value = call(simd.partial_load_f32s(rest));
            simd.partial_store_f32s(std::slice::from_raw_parts_mut(to.add(whole), count - whole), value);
        }
    }
}

/// A step after a product or a convolution, with the data it reads.
#[derive(Clone, Copy, Debug)]
pub enum Post<'a> {
    /// Adds the value of the output channel.
    Bias(Data<'a>),
    /// Adds the same element of a tensor shaped like the output.
    Residual(Data<'a>),
    /// Multiplies by a number.
    Scale(f32),
    /// `min(max(x, 0), cap)`.
    Cap(f32),
    /// A function of one value.
    Function(Function),
}

/// Which output channels the values of a row belong to.
#[derive(Clone, Copy, Debug)]
pub enum Channels {
    /// All to this one, as pixels of an image whose channels come first.
    One(usize),
    /// Each to the next, from this one on, as columns of a product.
    From(usize),
}

/// Applies steps to consecutive results: `first` is the number of the row's first element in the whole output.
pub fn finish(width: Width, posts: &[Post], row: &mut [f32], channels: Channels, first: usize) {
    run(width, Finish(posts, row, channels, first));
}

/// [`finish`] inside of code that is compiled for vectors already.
#[inline(always)]
pub fn finish_with<S: Simd>(simd: S, posts: &[Post], row: &mut [f32], channels: Channels, first: usize) {
    if !posts.is_empty() {
        finish_row(simd, posts, row, channels, first);
    }
}

/// Out of line, so that callers are not crowded by loops that they rarely need.
#[inline(never)]
fn finish_row<S: Simd>(simd: S, posts: &[Post], row: &mut [f32], channels: Channels, first: usize) {
    simd.vectorize(Finish(posts, row, channels, first));
}

struct Finish<'a>(&'a [Post<'a>], &'a mut [f32], Channels, usize);

impl WithSimd for Finish<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self(posts, row, channels, first) = self;
        posts.iter().for_each(|post| step(simd, post, row, channels, first));
    }
}

#[inline(always)]
fn step<S: Simd>(simd: S, post: &Post, row: &mut [f32], channels: Channels, first: usize) {
    let (pointer, count) = (row.as_mut_ptr(), row.len());
    // SAFETY: source and target are the same row of `count` values.
    unsafe {
        match (post, channels) {
            (Post::Bias(bias), Channels::One(channel)) => {
                let bias = simd.splat_f32s(bias.at(channel));
                map_each(
                    simd,
                    pointer,
                    pointer,
                    count,
                    #[inline(always)]
                    |v| simd.add_f32s(v, bias),
                );
            }
            (Post::Bias(bias), Channels::From(channel)) => add(simd, row, *bias, channel),
            (Post::Residual(residual), _) => add(simd, row, *residual, first),
            (Post::Scale(factor), _) => {
                let factor = simd.splat_f32s(*factor);
                map_each(
                    simd,
                    pointer,
                    pointer,
                    count,
                    #[inline(always)]
                    |v| simd.mul_f32s(v, factor),
                );
            }
            (Post::Cap(cap), _) => {
                let (zero, cap) = (simd.splat_f32s(0.0), simd.splat_f32s(*cap));
                map_each(
                    simd,
                    pointer,
                    pointer,
                    count,
                    #[inline(always)]
                    |v| simd.min_f32s(simd.max_f32s(v, zero), cap),
                );
            }
            (Post::Function(Function::Relu), _) => {
                map_each(
                    simd,
                    pointer,
                    pointer,
                    count,
                    #[inline(always)]
                    |v| functions::relu(simd, v),
                );
            }
            (Post::Function(function), _) => apply_rarely(simd, *function, row),
        }
    }
}

/// Functions of many instructions stay out of line: their loops would crowd those around them.
#[inline(never)]
fn apply_rarely<S: Simd>(simd: S, function: Function, row: &mut [f32]) {
    struct Apply<'a>(Function, &'a mut [f32]);
    impl WithSimd for Apply<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            apply_with(simd, self.0, self.1);
        }
    }
    simd.vectorize(Apply(function, row));
}

/// Values of f16 that are widened at a time.
const WIDENED: usize = 64;

/// Adds `addend` from `first` on to the row.
#[inline(always)]
fn add<S: Simd>(simd: S, row: &mut [f32], addend: Data, first: usize) {
    match addend {
        Data::F32(values) => add_f32(simd, row, &values[first..first + row.len()]),
        Data::F16(_) => {
            let mut wide = [0.0; WIDENED];
            for (number, part) in row.chunks_mut(WIDENED).enumerate() {
                let wide = &mut wide[..part.len()];
                addend.widen(first + number * WIDENED, wide);
                add_f32(simd, part, wide);
            }
        }
    }
}

#[inline(always)]
fn add_f32<S: Simd>(simd: S, row: &mut [f32], addend: &[f32]) {
    let (vectors, rest) = S::as_mut_simd_f32s(row);
    let (addends, addends_rest) = S::as_simd_f32s(addend);
    for (value, addend) in vectors.iter_mut().zip(addends) {
        *value = simd.add_f32s(*value, *addend);
    }
    for (value, addend) in rest.iter_mut().zip(addends_rest) {
        *value += addend;
    }
}

#[cfg(test)]
#[path = "elementwise_tests.rs"]
mod tests;
