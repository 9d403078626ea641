//! Compares what a kernel wrote with what is true, guard zone included.

use super::contents::{is_intact, poison, stray};
use super::{BufferRule, Expected, Verified};
use crate::base::{Approx, Disagreement, Projection};

/// What a comparison found: how close the result is, or what is wrong in half a sentence.
pub type Compared = Result<Verified, String>;

/// Compares an output buffer, as read back, with the true values.
pub fn compare(rule: &BufferRule, bytes: &[u8], expected: &Expected) -> Compared {
    overrun(rule, bytes)?;
    let mut verified = Verified::NOTHING;
    for (i, want) in expected.values.iter().enumerate() {
        let index = expected.indices.as_ref().map_or(i as u64, |indices| indices[i]);
        let got = rule.element.decode(bytes, index as usize);
        if !want.admits(got) {
            return Err(disagreement(rule, bytes, expected, (index, got, *want)));
        }
        if want.bound > 0.0 && want.bound.is_finite() {
            verified.worst = verified.worst.max((got - want.value).abs() / want.bound);
        }
        verified.compared += u64::from(want.bound.is_finite());
    }
    if 2 * verified.compared < expected.values.len() as u64 {
        return Err(format!("less than half of `{}` has a defined value, so it cannot be checked", rule.name));
    }
    let wrong = expected.projections.iter().find_map(|projection| misprojection(rule, bytes, projection));
    wrong.map_or(Ok(verified), Err)
}

/// What a kernel did to the guard zone of an output, in words.
pub(super) fn overrun(rule: &BufferRule, bytes: &[u8]) -> Result<(), String> {
    if is_intact(rule, bytes) { Ok(()) } else { Err(format!("it writes beyond the end of `{}`", rule.name)) }
}

/// The first weighted sum that is wrong, in words.
fn misprojection(rule: &BufferRule, bytes: &[u8], projection: &Projection) -> Option<String> {
    let wrong = projection.disagreement(|index| rule.element.decode(bytes, index as usize))?;
    let Disagreement { first, got, want, .. } = wrong;
    let (name, mid, step) = (&rule.name, projection.mid, projection.inner);
    Some(format!("{mid} elements of `{name}`, from [{first}] on in steps of {step}, add up to {got} and not to {want}"))
}

/// The first element in which two results differ, in words. Zeros of both signs are equal.
pub fn differs(rule: &BufferRule, bytes: &[u8], other: &[u8]) -> Option<String> {
    let value = |bytes: &[u8], index: u64| rule.element.decode(bytes, index as usize);
    if bytes == other {
        return None;
    }
    let at = (0..rule.elements).find(|&index| value(bytes, index) != value(other, index))?;
    let (got, want) = (value(bytes, at), value(other, at));
    Some(format!("`{}`[{at}] is {got}, and the naive kernel, right wherever it was checked, has {want}", rule.name))
}

/// The first wrong element in words, and how many there are.
fn disagreement(rule: &BufferRule, bytes: &[u8], expected: &Expected, first: (u64, f64, Approx)) -> String {
    let (index, got, want) = first;
    let at = |i: usize| expected.indices.as_ref().map_or(i as u64, |indices| indices[i]);
    let wrong = expected.values.iter().enumerate();
    let wrong = wrong.filter(|(i, want)| !want.admits(rule.element.decode(bytes, at(*i) as usize))).count();
    let size = rule.element.bytes() as usize;
    let raw = &bytes[index as usize * size..(index as usize + 1) * size];
    let got = match raw {
        raw if !rule.is_filled() && raw == poison(rule.element) => "never written".to_owned(),
        raw if raw == stray(rule.element) => format!("{got}, as it lies beyond the ends of inputs,"),
        _ => format!("{got}"),
    };
    format!(
        "{wrong} of {} checked elements of `{}` are wrong, first [{index}]: {got} where {} ± {:.1e} is right",
        expected.values.len(),
        rule.name,
        want.value,
        want.bound,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::poisoned;
    use crate::base::ElementType;

    #[test]
    fn each_kind_of_wrong_result_is_told() {
        let rule = BufferRule { name: "y".to_owned(), element: ElementType::F32, elements: 3, fill: None, file: None };
        let want = |bound| vec![Approx { value: 1.0, bound }; 3];
        let all = Expected::all;
        let with = |values: [f32; 3], guard: u8| {
            let mut bytes = poisoned(&rule);
            bytes[..12].copy_from_slice(bytemuck::cast_slice(&values));
            bytes[12] = guard;
            bytes
        };
        let cases = [
            (with([1.0; 3], 0xa5), all(want(0.1)), None),
            (with([1.0, 1.05, 1.0], 0xa5), all(want(0.1)), None),
            (with([1.0, 1.0, 1.2], 0xa5), all(want(0.1)), Some("1 of 3 checked elements of `y` are wrong, first [2]")),
            (with([f32::NAN, 1.0, 1.0], 0xa5), all(want(0.1)), Some("first [0]: NaN")),
            (with([1.0; 3], 0), all(want(0.1)), Some("beyond the end of `y`")),
            (poisoned(&rule), all(want(0.1)), Some("never written")),
            (with([1.0; 3], 0xa5), all(want(f64::INFINITY)), Some("cannot be checked")),
            (with([9.0, 9.0, 1.0], 0xa5), Expected { indices: Some(vec![2]), ..all(vec![Approx::exact(1.0)]) }, None),
        ];
        for (bytes, expected, wrong) in cases {
            match (compare(&rule, &bytes, &expected), wrong) {
                (Ok(_), None) => {}
                (Err(why), Some(part)) if why.contains(part) => {}
                (got, _) => panic!("{got:?} where {wrong:?} is right"),
            }
        }
    }
}
