//! Who stages what: the places of a tile are dealt to the invocations in turn, so that neighbours load neighbours.

use serde::Serialize;

/// The places that one invocation stages, as expressions of its `local_index`: each of `fast` with each of `slow`.
///
/// All sizes are powers of two, so they divide one another, and each invocation comes back to the same few places in
/// one direction. What belongs to such a place is then found once, before the loop.
#[derive(Serialize)]
pub(super) struct Deal {
    /// Along the direction in which neighbouring invocations stage neighbours.
    pub fast: Vec<String>,
    /// Along the other direction.
    pub slow: Vec<String>,
    /// How many invocations stage at all, where not all do.
    pub some: Option<i64>,
}

impl Deal {
    /// Deals `fast` × `slow` places to so many invocations.
    pub fn new(invocations: i64, [fast, slow]: [i64; 2]) -> Self {
        let some = (fast * slow < invocations).then_some(fast * slow);
        let [many_fast, many_slow] = each(invocations, [fast, slow]);
        let (fasts, slows): (Vec<String>, Vec<String>) = if fast <= invocations {
            let step = invocations / fast;
            let slow_place = |i: i64| format!("local_index / {fast}u + {}u", i * step);
            (vec![format!("local_index % {fast}u")], (0..many_slow).map(slow_place).collect())
        } else {
            let fast_place = |i: i64| format!("local_index + {}u", i * invocations);
            ((0..many_fast).map(fast_place).collect(), (0..many_slow).map(|i| format!("{i}u")).collect())
        };
        Self { fast: fasts, slow: slows, some }
    }
}

/// How many places in each direction one invocation gets.
pub(super) fn each(invocations: i64, [fast, slow]: [i64; 2]) -> [i64; 2] {
    let many_fast = (fast / invocations).max(1);
    [many_fast, (fast * slow / invocations / many_fast).max(1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of `local_index`, or a number, with ` % a`, ` / a` and ` + b` after it.
    fn value(expression: &str, local_index: i64) -> i64 {
        let number = |text: &str| match text.strip_suffix('u') {
            Some(digits) => digits.parse().unwrap(),
            None => local_index,
        };
        let words: Vec<&str> = expression.split(' ').collect();
        words[1..].chunks(2).fold(number(words[0]), |value, step| match step[0] {
            "%" => value % number(step[1]),
            "/" => value / number(step[1]),
            _ => value + number(step[1]),
        })
    }

    #[test]
    fn each_place_is_dealt_once() {
        let cases = [(64, [16, 8]), (64, [128, 4]), (64, [4, 4]), (32, [32, 32]), (16, [64, 2]), (8, [4, 2])];
        for (invocations, [fast, slow]) in cases {
            let deal = Deal::new(invocations, [fast, slow]);
            assert_eq!(each(invocations, [fast, slow]), [deal.fast.len() as i64, deal.slow.len() as i64]);
            let mut places = Vec::new();
            for index in 0..deal.some.unwrap_or(invocations) {
                let pairs = deal.fast.iter().flat_map(|f| deal.slow.iter().map(move |s| (f, s)));
                places.extend(pairs.map(|(f, s)| (value(f, index), value(s, index))));
            }
            places.sort_unstable();
            let all: Vec<(i64, i64)> = (0..fast).flat_map(|f| (0..slow).map(move |s| (f, s))).collect();
            assert_eq!(places, all, "{fast} x {slow} places and {invocations} invocations");
        }
    }
}
