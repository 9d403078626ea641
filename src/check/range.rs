//! Whole numbers known by their smallest and largest value.

use naga::BinaryOperator;

/// All values from `low` to `high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) low: i64,
    pub(super) high: i64,
}

impl Range {
    /// What a `u32` can be.
    pub(super) const U32: Range = Range { low: 0, high: u32::MAX as i64 };
    /// What an `i32` can be.
    pub(super) const I32: Range = Range { low: i32::MIN as i64, high: i32::MAX as i64 };

    pub(super) fn exactly(value: impl Into<i64>) -> Self {
        let value = value.into();
        Self { low: value, high: value }
    }

    /// The single value, if it is one.
    pub(super) fn single(self) -> Option<i64> {
        (self.low == self.high).then_some(self.low)
    }

    /// Itself when every value of it lies in `outer`: what leaves its type wraps around, and is no longer known.
    pub(super) fn inside(self, outer: Self) -> Option<Self> {
        (outer.low <= self.low && self.high <= outer.high).then_some(self)
    }

    pub(super) fn min(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.min(other.high) }
    }

    pub(super) fn max(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.max(other.high) }
    }

    /// Values of either.
    pub(super) fn union(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// The values of `self operator other`, before they wrap; `None` when nothing useful is known.
    pub(super) fn apply(self, operator: BinaryOperator, other: Self) -> Option<Self> {
        use BinaryOperator as B;
        match operator {
            B::Add => self.ends(other, i64::checked_add),
            B::Subtract => self.ends(Self { low: other.high, high: other.low }, i64::checked_sub),
            // The rest is monotonic only without signs, and no size has one.
            _ if self.low < 0 || other.low < 0 => None,
            B::Multiply => self.ends(other, i64::checked_mul),
            B::Divide => self.ends(Self { low: other.high, high: other.low }, i64::checked_div),
            B::Modulo => self.modulo(other),
            B::And => self.and(other),
            B::ShiftLeft => self.ends(shift(other)?, i64::checked_mul),
            B::ShiftRight => self.ends(shift(other)?, i64::checked_div),
            _ => None,
        }
    }

    fn ends(self, other: Self, f: impl Fn(i64, i64) -> Option<i64>) -> Option<Self> {
        Some(Self { low: f(self.low, other.low)?, high: f(self.high, other.high)? })
    }

    fn modulo(self, other: Self) -> Option<Self> {
        if let (Some(left), Some(right)) = (self.single(), other.single()) {
            return Some(Self::exactly(left.checked_rem(right)?));
        }
        if self.high < other.low {
            return Some(self);
        }
        (other.low > 0).then_some(Self { low: 0, high: self.high.min(other.high - 1) })
    }

    fn and(self, other: Self) -> Option<Self> {
        if let (Some(left), Some(right)) = (self.single(), other.single()) {
            return Some(Self::exactly(left & right));
        }
        Some(Self { low: 0, high: self.high.min(other.high) })
    }
}

/// The power of two that a shift by one known number multiplies or divides by.
fn shift(by: Range) -> Option<Range> {
    by.single().filter(|by| *by < 32).map(|by| Range::exactly(1i64 << by))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every result of the operator on values of the two ranges must lie in the range that `apply` gives.
    #[test]
    fn a_range_holds_every_result() {
        use BinaryOperator as B;
        type Compute = fn(i64, i64) -> Option<i64>;
        let operators: [(B, Compute); 8] = [
            (B::Add, |a, b| Some(a + b)),
            (B::Subtract, |a, b| Some(a - b)),
            (B::Multiply, |a, b| Some(a * b)),
            (B::Divide, i64::checked_div),
            (B::Modulo, i64::checked_rem),
            (B::And, |a, b| Some(a & b)),
            (B::ShiftLeft, |a, b| Some(a << b)),
            (B::ShiftRight, |a, b| Some(a >> b)),
        ];
        let ends = [(0, 0), (3, 3), (0, 7), (1, 5), (4, 12), (-2, 3)];
        for (operator, compute) in operators {
            for ((a, b), (c, d)) in ends.iter().flat_map(|&left| ends.map(|right| (left, right))) {
                let (left, right) = (Range { low: a, high: b }, Range { low: c, high: d });
                let Some(range) = left.apply(operator, right) else { continue };
                for value in (a..=b).flat_map(|x| (c..=d).filter_map(move |y| compute(x, y))) {
                    let held = range.low <= value && value <= range.high;
                    assert!(held, "{left:?} {operator:?} {right:?} gives {value}, not in {range:?}");
                }
            }
        }
    }
}
