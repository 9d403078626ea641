//! How often a loop runs, read from the form that naga lowers counted `for` loops to.
//!
//! Understood are `for (var k = start; k < bound; k += step)`, the same with `<=`, downward with `>`, `>=` and `-=`,
//! and by factors with `*=`, `<<=`, `/=` and `>>=`. Bound and step are made of constants, sizes from the uniform block
//! and the counters of outer loops. A start may be unknown, as that of a load shared by a workgroup
//! (`for (var i = local_index; i < TILE; i += WORKGROUP_SIZE)`): being unsigned it is at least 0, which gives an upper
//! bound. So does a start that repeats in the bound, as in a slice of a sum (`k = first; k < min(first + chunk, n)`).

use std::iter::successors;

use naga::{BinaryOperator, Block, Expression, Handle, LocalVariable, MathFunction, Statement};

use super::range::Range;
use super::values::Values;

/// A loop that can be counted.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) counter: Handle<LocalVariable>,
    /// How often the body runs, at most.
    pub(super) trips: u64,
    /// The counter's values in the body, if known.
    pub(super) range: Option<Range>,
}

/// Reads a loop; `before` are the statements of its block that precede it, `stores` tells how often a variable is
/// written to in the whole function.
///
/// # Errors
/// What keeps it from being counted, as the end of a sentence.
pub(super) fn read(
    values: &mut Values,
    stores: &[u32],
    before: &[Statement],
    body: &Block,
    continuing: &Block,
) -> Result<Counted, &'static str> {
    let head = body.iter().position(|s| !matches!(s, Statement::Emit(_))).ok_or("it has no condition")?;
    values.emit_all(&body[..head]);
    values.emit_all(continuing);
    let step = Step::read(values, continuing).ok_or("its counter's step is not of a known form")?;
    let condition = Condition::read(values, &body[head], step.counter).ok_or("its condition is not of a known form")?;
    let first = first(values, stores, before, step.counter)?;
    let bound = values.get(condition.bound);
    let run = Run { step, condition, first, start: first.map_or(Some(Range::exactly(0)), |e| values.get(e)), bound };
    let trips = if run.condition.up { run.upward(values) } else { run.downward() };
    let trips = trips.ok_or("its ends are not made of constants and uniforms, or its counter can overflow")?;
    Ok(Counted { counter: run.step.counter, trips, range: run.range() })
}

/// How the counter changes from trip to trip.
struct Step {
    counter: Handle<LocalVariable>,
    operator: BinaryOperator,
    /// What is added, subtracted, multiplied or divided by.
    amount: Range,
    /// What the counter's type can hold.
    outer: Range,
}

impl Step {
    /// Reads `k = k operator amount`, the only thing that may happen between two trips.
    fn read(values: &Values, continuing: &Block) -> Option<Self> {
        let (last, others) = continuing.split_last()?;
        let Statement::Store { pointer, value } = *last else { return None };
        if !others.iter().all(|s| matches!(s, Statement::Emit(_))) {
            return None;
        }
        let counter = values.variable(pointer)?;
        let Expression::Binary { op, left, right } = *values.expression(value) else { return None };
        let swapped = matches!(op, BinaryOperator::Add | BinaryOperator::Multiply);
        let amount = match (values.variable_read(left), values.variable_read(right)) {
            (Some(read), _) if read == counter => right,
            (_, Some(read)) if read == counter && swapped => left,
            _ => return None,
        };
        let (operator, amount) = match (op, values.get(amount)?) {
            (BinaryOperator::ShiftLeft, by) => (BinaryOperator::Multiply, Range::exactly(1).apply(op, by)?),
            (BinaryOperator::ShiftRight, by) => {
                (BinaryOperator::Divide, Range::exactly(1).apply(BinaryOperator::ShiftLeft, by)?)
            }
            known => known,
        };
        Some(Self { counter, operator, amount, outer: values.type_range(value)? })
    }
}

/// What must hold for another trip: the counter is below, or above, the bound.
struct Condition {
    up: bool,
    /// Whether the counter may equal the bound.
    inclusive: bool,
    bound: Handle<Expression>,
}

impl Condition {
    /// Reads `if (condition) {} else { break; }`, or the same the other way round.
    fn read(values: &Values, head: &Statement, counter: Handle<LocalVariable>) -> Option<Self> {
        let Statement::If { condition, accept, reject } = head else { return None };
        let negated = match (&accept[..], &reject[..]) {
            ([], [Statement::Break]) => false,
            ([Statement::Break], []) => true,
            _ => return None,
        };
        let Expression::Binary { op, left, right } = *values.expression(*condition) else { return None };
        let (less, equal) = match op {
            BinaryOperator::Less => (true, false),
            BinaryOperator::LessEqual => (true, true),
            BinaryOperator::Greater => (false, false),
            BinaryOperator::GreaterEqual => (false, true),
            _ => return None,
        };
        let (mirrored, bound) = match (values.variable_read(left), values.variable_read(right)) {
            (Some(read), _) if read == counter => (false, right),
            (_, Some(read)) if read == counter => (true, left),
            _ => return None,
        };
        Some(Self { up: less ^ mirrored ^ negated, inclusive: equal ^ negated, bound })
    }
}

/// The expression that the counter starts from; `None` when it starts from zero by being declared.
fn first(
    values: &Values,
    stores: &[u32],
    before: &[Statement],
    counter: Handle<LocalVariable>,
) -> Result<Option<Handle<Expression>>, &'static str> {
    let stored = |statement: &Statement| match *statement {
        Statement::Store { pointer, value } if values.variable(pointer) == Some(counter) => Some(value),
        _ => None,
    };
    // One store is the step's; with another it must be the start, and lie right here to be sure to be executed.
    match stores[counter.index()] {
        1 => Ok(values.initial(counter)),
        2 => before.iter().rev().find_map(stored).map(Some).ok_or("its counter is also written elsewhere"),
        _ => Err("its counter is also written elsewhere"),
    }
}

/// All that decides how often a loop runs.
struct Run {
    step: Step,
    condition: Condition,
    /// The expression that the counter starts from, if there is one.
    first: Option<Handle<Expression>>,
    start: Option<Range>,
    bound: Option<Range>,
}

impl Run {
    /// The most trips of a counter that grows.
    fn upward(&self, values: &Values) -> Option<u64> {
        let (amount, start, largest) = (self.step.amount, self.smallest_start()?, self.step.outer.high);
        let end = self.bound.map(|bound| bound.high + i64::from(self.condition.inclusive));
        match self.step.operator {
            // The last step must not wrap around, or the loop would go on from below.
            BinaryOperator::Add if amount.low > 0 && end.is_none_or(|end| end - 1 + amount.high <= largest) => {
                let by_ends = end.map(|end| end - start);
                let by_offset = self.offset(values).map(|offset| offset + i64::from(self.condition.inclusive));
                let distance = by_ends.into_iter().chain(by_offset).min()?;
                Some(distance.max(0).unsigned_abs().div_ceil(amount.low.unsigned_abs()))
            }
            BinaryOperator::Multiply
                if amount.low > 1 && start > 0 && (end? - 1).checked_mul(amount.high)? <= largest =>
            {
                let (end, grow) = (end?, |value: &i64| value.checked_mul(amount.low));
                Some(successors(Some(start), grow).take_while(|value| *value < end).count() as u64)
            }
            _ => None,
        }
    }

    /// The most trips of a counter that shrinks.
    fn downward(&self) -> Option<u64> {
        let (amount, start) = (self.step.amount, self.start?.high);
        // The smallest value that still runs.
        let last = self.bound?.low + i64::from(!self.condition.inclusive);
        match self.step.operator {
            BinaryOperator::Subtract if amount.low > 0 && last - amount.high >= self.step.outer.low => {
                Some((start - last + 1).max(0).unsigned_abs().div_ceil(amount.low.unsigned_abs()))
            }
            // Zero stays zero when divided, so it must not run.
            BinaryOperator::Divide if amount.low > 1 && last > 0 => {
                let shrink = |value: &i64| Some(value / amount.low);
                Some(successors(Some(start), shrink).take_while(|value| *value >= last).count() as u64)
            }
            _ => None,
        }
    }

    /// The counter's values in the body.
    fn range(&self) -> Option<Range> {
        let (bound, beside) = (self.bound?, i64::from(!self.condition.inclusive));
        let range = if self.condition.up {
            Range { low: self.smallest_start()?, high: bound.high - beside }
        } else {
            Range { low: bound.low + beside, high: self.start?.high }
        };
        (range.low <= range.high).then_some(range)
    }

    /// An unsigned counter that starts anywhere starts at 0 or above.
    fn smallest_start(&self) -> Option<i64> {
        self.start.map(|start| start.low).or((self.step.outer == Range::U32).then_some(0))
    }

    /// How far the bound lies above the start, at most, when it is written in terms of it.
    fn offset(&self, values: &Values) -> Option<i64> {
        let start = self.first?;
        let above = |bound: Handle<Expression>| match *values.expression(bound) {
            Expression::Binary { op: BinaryOperator::Add, left, right } if values.same(left, start) => {
                values.get(right)
            }
            Expression::Binary { op: BinaryOperator::Add, left, right } if values.same(right, start) => {
                values.get(left)
            }
            _ => None,
        };
        let offset = match *values.expression(self.condition.bound) {
            Expression::Math { fun: MathFunction::Min, arg, arg1: Some(arg1), .. } => {
                above(arg).or_else(|| above(arg1))
            }
            _ => above(self.condition.bound),
        };
        offset.map(|range| range.high)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{kernel, portable};
    use super::super::uniforms::Uniforms;
    use super::super::{parse, walk};

    /// How often the conditions of this body's loops are evaluated in all, with m = 64, n = 96, k = 100.
    fn iterations(body: &str) -> Result<u64, String> {
        let kernel = kernel("fn many() -> u32 { return 9u; } fn touch(p: ptr<function, u32>) { *p = 1u; }", body);
        let parsed = parse::parse(&kernel, &portable()).map_err(|r| r.why)?;
        let uniforms = Uniforms::sizes(&parsed.module, &[0, 6, 64, 96, 100]);
        let tally = walk::count(&kernel.code, &parsed, &uniforms, walk::Uncounted::Refused).map_err(|r| r.why)?;
        Ok(tally.counts.loop_iterations)
    }

    #[test]
    fn counted_loops_are_read() {
        // Loop, and how often its condition is evaluated.
        let cases = [
            ("for (var k = 0u; k < 10u; k++) {}", 11),
            ("for (var k = 3u; k < 10u; k += 4u) {}", 3),
            ("for (var k = 3u; k <= 11u; k += 4u) {}", 4),
            ("for (var k = 12u; k < 10u; k += 1u) {}", 1),
            ("for (var k = 0; k < 10; k = k + 3) {}", 5),
            ("for (var k = -4; k < 4; k = 2 + k) {}", 5),
            ("for (var k = 0u; 10u > k; k++) {}", 11),
            ("var k: u32; for (; k < 10u; k++) {}", 11),
            ("for (var k = 10u; k > 0u; k--) {}", 11),
            ("for (var k = 9; k >= 0; k -= 3) {}", 5),
            ("for (var s = 32u; s > 0u; s >>= 1u) {}", 7),
            ("for (var s = 32u; s >= 4u; s /= 2u) {}", 5),
            ("for (var s = 1u; s < 32u; s <<= 1u) {}", 6),
            ("for (var s = 1u; s < 33u; s *= 2u) {}", 7),
            // Bounds of sizes.
            ("for (var k = 0u; k < sizes.k; k += 8u) {}", 14),
            ("for (var k = 0u; k < (sizes.k + 7u) / 8u; k++) {}", 14),
            ("let s = sizes; let tiles = max(s.k, 7u) / 8u; for (var k = 0u; k < tiles; k++) {}", 13),
            ("for (var k = 0; k < i32(sizes.m); k++) {}", 65),
            ("for (var k = 0u; k < select(sizes.m, sizes.n, local > 3u); k++) {}", 97),
            ("for (var k = 0u; k < clamp(local, 2u, 5u); k++) {}", 6),
            ("for (var k = 0u; k < (sizes.k & 0xFFFFFFFCu) % 7u << 1u; k++) {}", 5),
            // Starts and bounds that depend on the invocation.
            ("for (var i = local; i < 256u; i += 64u) {}", 5),
            ("for (var i = lid.x; i < sizes.k; i += 8u) {}", 14),
            ("for (var i = many(); i < 10u; i++) {}", 11),
            ("for (var k = 0u; k < min(local, 12u); k++) {}", 13),
            ("for (var k = 0u; k < local % 12u; k++) {}", 12),
            ("for (var k = 0u; k < (local & 15u); k++) {}", 16),
            ("let first = group.x * 25u; for (var k = first; k < min(first + 25u, sizes.k); k += 5u) {}", 6),
            ("let first = group.x * 25u; for (var k = first; k < 25u + first; k += 5u) {}", 6),
            // Nests: the inner loop is entered on every trip of the outer one.
            ("for (var i = 0u; i < 3u; i++) { for (var k = 0u; k < 4u; k++) {} }", 4 + 3 * 5),
            ("for (var i = 0u; i < 3u; i++) { for (var k = i; k < i + 4u; k++) {} }", 4 + 3 * 5),
            ("for (var i = 0u; i < 3u; i++) { for (var k = 0u; k <= i; k++) {} }", 4 + 3 * 4),
            ("for (var i = 0u; i < 0u; i++) { for (var k = 0u; k < local; k++) {} }", 1),
            ("for (var i = 0u; i < 3u; i++) { if (i > 1u) { break; } if (i == 0u) { continue; } }", 4),
            ("var i = 0u; loop { if (i >= 5u) { break; } continuing { i += 1u; } }", 6),
        ];
        let wrong: Vec<_> = cases.into_iter().filter(|(body, want)| iterations(body).as_ref() != Ok(want)).collect();
        let got: Vec<_> =
            wrong.iter().map(|(body, want)| format!("{body}\n  {want}, not {:?}", iterations(body))).collect();
        assert!(got.is_empty(), "{}", got.join("\n"));
    }

    #[test]
    fn other_loops_are_refused() {
        let cases = [
            ("loop { if (local > 3u) { break; } }", "step"),
            ("var k = 0u; while (k < 10u) { k++; }", "step"),
            ("var k = 0u; loop { continuing { k++; break if k > 3u; } }", "break if"),
            ("for (var k = 0u; k < 10u && local > 2u; k++) {}", "condition"),
            ("for (var k = 0u; k != 10u; k++) {}", "condition"),
            ("for (var x = 0.0; x < 1.0; x += 0.1) {}", "step"),
            ("for (var k = 0u; k < 10u; k++) { k += 1u; }", "written elsewhere"),
            ("for (var k = 0u; k < 10u; k++) { touch(&k); }", "written elsewhere"),
            ("var k = 7u; if (local > 1u) { k = 0u; } for (; k < 10u; k++) {}", "written elsewhere"),
            ("for (var k = 0u; k < local; k++) {}", "ends"),
            ("for (var k = 0u; k < u32(b[0]); k++) {}", "ends"),
            ("for (var k = 0u; k < many(); k++) {}", "condition"),
            ("for (var k = i32(local); k < 10; k++) {}", "ends"),
            ("for (var k = local; k > 0u; k--) {}", "ends"),
            ("for (var k = 10u; k >= 0u; k--) {}", "ends"),
            ("for (var k = 10u; k > 0u; k -= 3u) {}", "ends"),
            ("for (var k = 0u; k < 10u; k--) {}", "ends"),
            ("for (var k = 0u; k < 10u; k += sizes.first_workgroup) {}", "ends"),
            ("for (var k = 0u; k <= 4294967295u; k++) {}", "ends"),
            ("for (var k = 0u; k < sizes.m - sizes.n; k++) {}", "ends"),
            ("for (var k = 0u; k < 10u; k <<= 1u) {}", "ends"),
            ("for (var k = 8u; k >= 0u; k /= 2u) {}", "ends"),
            ("for (var i = 0u; i < 3u; i++) {} for (var i = 0u; i < local; i++) {}", "ends"),
        ];
        for (body, piece) in cases {
            let why = iterations(body).unwrap_err();
            assert!(why.contains("trip count") && why.contains(piece), "{body}: {why}");
        }
    }
}
