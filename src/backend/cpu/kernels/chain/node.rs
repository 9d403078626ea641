//! Single nodes on blocks: two operands to one result, a function, a reduction.

use pulp::Simd;

use super::super::elementwise::{Function, map_each, map_with};
use super::super::vector::{load, store};
use super::{Operation, Reduction};

/// The value of a node over a block: one for all, or one for each element.
#[derive(Clone, Copy)]
pub enum Value {
    One(f32),
    Each(*const f32),
}

/// Values that are rounded up to vectors behind `count` elements are read and written too: buffers have room for them.
#[inline(always)]
unsafe fn join_each<S: Simd>(
    simd: S,
    [left, right]: [Value; 2],
    to: *mut f32,
    count: usize,
    join: impl Fn(S::f32s, S::f32s) -> S::f32s,
) {
    // SAFETY: the caller's promise.
    unsafe {
        match (left, right) {
            (Value::Each(left), Value::Each(right)) => {
                let whole = count - count % S::F32_LANES;
                let mut at = 0;
                while at < whole {
                    store::<S>(to.add(at), join(load::<S>(left.add(at)), load::<S>(right.add(at))));
                    at += S::F32_LANES;
                }
                if at < count {
                    let rest =
                        |from: *const f32| simd.partial_load_f32s(std::slice::from_raw_parts(from.add(at), count - at));
                    let value = join(rest(left), rest(right));
                    simd.partial_store_f32s(std::slice::from_raw_parts_mut(to.add(at), count - at), value);
                }
            }
            (Value::Each(left), Value::One(right)) => {
                let right = simd.splat_f32s(right);
                map_each(
                    simd,
                    left,
                    to,
                    count,
                    #[inline(always)]
                    |left| join(left, right),
                );
            }
            (Value::One(left), Value::Each(right)) => {
                let left = simd.splat_f32s(left);
                map_each(
                    simd,
                    right,
                    to,
                    count,
                    #[inline(always)]
                    |right| join(left, right),
                );
            }
            (Value::One(_), Value::One(_)) => unreachable!("what varies has an operand that varies"),
        }
    }
}

/// Joins operands, one of them with a value for each element.
///
/// # Safety
/// Operands and target must have `count` elements, and be the same or apart.
#[inline(always)]
pub unsafe fn join<S: Simd>(simd: S, operation: Operation, operands: [Value; 2], to: *mut f32, count: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        match operation {
            Operation::Add => join_each(
                simd,
                operands,
                to,
                count,
                #[inline(always)]
                |a, b| simd.add_f32s(a, b),
            ),
            Operation::Subtract => join_each(
                simd,
                operands,
                to,
                count,
                #[inline(always)]
                |a, b| simd.sub_f32s(a, b),
            ),
            Operation::Multiply => join_each(
                simd,
                operands,
                to,
                count,
                #[inline(always)]
                |a, b| simd.mul_f32s(a, b),
            ),
            Operation::Divide => join_each(
                simd,
                operands,
                to,
                count,
                #[inline(always)]
                |a, b| simd.div_f32s(a, b),
            ),
            Operation::Min => join_each(
                simd,
                operands,
                to,
                count,
                #[inline(always)]
                |a, b| simd.min_f32s(a, b),
            ),
            Operation::Max => join_each(
                simd,
                operands,
                to,
                count,
                #[inline(always)]
                |a, b| simd.max_f32s(a, b),
            ),
        }
    }
}

/// Joins two values.
pub fn join_once(operation: Operation, left: f32, right: f32) -> f32 {
    match operation {
        Operation::Add => left + right,
        Operation::Subtract => left - right,
        Operation::Multiply => left * right,
        Operation::Divide => left / right,
        Operation::Min => left.min(right),
        Operation::Max => left.max(right),
    }
}

/// The function of one value, by the same instructions as for many.
#[inline(always)]
pub fn call_once<S: Simd>(simd: S, function: Function, value: f32) -> f32 {
    let mut value = value;
    let pointer = &raw mut value;
    // SAFETY: one element, at one place.
    unsafe { map_with(simd, function, pointer, pointer, 1) };
    value
}

/// What a reduction begins with.
pub fn identity(reduction: Reduction) -> f32 {
    match reduction {
        Reduction::Sum => 0.0,
        Reduction::Max => f32::NEG_INFINITY,
        Reduction::Min => f32::INFINITY,
    }
}

/// Sums that are added up side by side, so that additions need not wait for each other.
const SIDE_BY_SIDE: usize = 4;

/// Takes `count` values into a reduction.
///
/// # Safety
/// There must be so many values.
#[inline(always)]
pub unsafe fn fold<S: Simd>(simd: S, reduction: Reduction, so_far: f32, value: Value, count: usize) -> f32 {
    let values = match value {
        Value::Each(values) => values,
        Value::One(value) if reduction == Reduction::Sum => return so_far + value * count as f32,
        Value::One(value) => return join_once(operation(reduction), so_far, value),
    };
    // SAFETY: the caller's promise.
    unsafe {
        match reduction {
            Reduction::Sum => {
                so_far
                    + simd.reduce_sum_f32s(fold_each(
                        simd,
                        0.0,
                        values,
                        count,
                        #[inline(always)]
                        |a, b| simd.add_f32s(a, b),
                    ))
            }
            Reduction::Max => so_far.max(simd.reduce_max_f32s(fold_each(
                simd,
                f32::NEG_INFINITY,
                values,
                count,
                #[inline(always)]
                |a, b| simd.max_f32s(a, b),
            ))),
            Reduction::Min => so_far.min(simd.reduce_min_f32s(fold_each(
                simd,
                f32::INFINITY,
                values,
                count,
                #[inline(always)]
                |a, b| simd.min_f32s(a, b),
            ))),
        }
    }
}

fn operation(reduction: Reduction) -> Operation {
    match reduction {
        Reduction::Sum => Operation::Add,
        Reduction::Max => Operation::Max,
        Reduction::Min => Operation::Min,
    }
}

#[inline(always)]
unsafe fn fold_each<S: Simd>(
    simd: S,
    identity: f32,
    values: *const f32,
    count: usize,
    join: impl Fn(S::f32s, S::f32s) -> S::f32s,
) -> S::f32s {
    let (lanes, mut at) = (S::F32_LANES, 0);
    let mut sums = [simd.splat_f32s(identity); SIDE_BY_SIDE];
    // SAFETY: the caller's promise.
    unsafe {
        while at + SIDE_BY_SIDE * lanes <= count {
            for (number, sum) in sums.iter_mut().enumerate() {
                *sum = join(*sum, load::<S>(values.add(at + number * lanes)));
            }
            at += SIDE_BY_SIDE * lanes;
        }
        while at + lanes <= count {
            sums[0] = join(sums[0], load::<S>(values.add(at)));
            at += lanes;
        }
        let mut total = join(join(sums[0], sums[1]), join(sums[2], sums[3]));
        while at < count {
            // The other lanes get what changes nothing.
            let mut one = simd.splat_f32s(identity);
            *(&raw mut one).cast::<f32>() = *values.add(at);
            total = join(total, one);
            at += 1;
        }
        total
    }
}
