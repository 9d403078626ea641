//! Times of other programs as nanoseconds and back, exactly: the decimal point is moved, nothing is multiplied.

use serde_json::value::RawValue;

/// How many places the point moves from milliseconds, the unit of most files, to nanoseconds.
pub(super) const MILLISECONDS: i32 = 6;

/// How many places the point moves from a unit of this name to nanoseconds. Names are those that T4 files were seen to
/// have, misspelling included.
pub(super) fn places(unit: &str) -> Option<i32> {
    match unit.trim().to_ascii_lowercase().as_str() {
        "s" | "sec" | "second" | "seconds" => Some(9),
        "ms" | "millisecond" | "milliseconds" | "milisecond" | "miliseconds" => Some(MILLISECONDS),
        "us" | "µs" | "microsecond" | "microseconds" => Some(3),
        "ns" | "nanosecond" | "nanoseconds" => Some(0),
        _ => None,
    }
}

/// A JSON number in a unit as nanoseconds, rounded once; `None` if the text is no number, or none that is a time.
pub(super) fn to_ns(text: &str, places: i32) -> Option<f64> {
    let first = text.bytes().next()?;
    let is_number = first == b'-' || first.is_ascii_digit();
    let ns = is_number.then(|| moved(text, places))?;
    ns.filter(|ns| is_time(*ns))
}

/// Whether nanoseconds can be what a kernel took: nothing takes no time or less.
pub(super) fn is_time(ns: f64) -> bool {
    ns.is_finite() && ns > 0.0
}

/// Nanoseconds as a JSON number in a unit that [`to_ns`] reads back exactly. It always has a point or an exponent, so
/// that Python takes it for no whole number.
pub(super) fn from_ns(ns: f64, places: i32) -> Box<RawValue> {
    let shortest = format!("{ns:e}");
    let plain = moved(&shortest, -places).map(|number| format!("{number:?}"));
    let exact = plain.filter(|text| to_ns(text, places).map(f64::to_bits) == Some(ns.to_bits()));
    let text = exact.unwrap_or_else(|| with_exponent(&shortest, -places).unwrap_or(shortest));
    RawValue::from_string(text).expect("a finite number as Rust prints it is JSON")
}

/// The number that a decimal text means when its point is moved.
fn moved(text: &str, places: i32) -> Option<f64> {
    with_exponent(text, places)?.parse().ok()
}

fn with_exponent(text: &str, places: i32) -> Option<String> {
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    Some(format!("{digits}e{}", exponent.checked_add(places)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_moved_exactly() {
        for (text, places, ns) in [
            ("0.5229", 6, Some(522_900.0)),
            ("22", 6, Some(22e6)),
            ("1.5E-3", 9, Some(1.5e6)),
            ("7", 0, Some(7.0)),
            ("-1e2", 3, None),
            ("0.0", 6, None),
            ("1e-400", 6, None),
            ("\"7\"", 6, None),
            ("null", 6, None),
            ("1e308", 6, None),
            ("1e99999999999", 6, None),
        ] {
            assert_eq!(to_ns(text, places), ns, "{text}");
        }
    }

    #[test]
    fn every_time_comes_back() {
        let texts = ["1.0", "12345.678", "0.1", "3.3333333333333335", "1e-300", "1.7976931348623157e308", "5e-324"];
        for ns in texts.map(|text| text.parse::<f64>().unwrap()) {
            for places in [0, 3, 6, 9] {
                let text = from_ns(ns, places);
                assert_eq!(to_ns(text.get(), places), Some(ns), "{ns} as {text}");
                assert!(text.get().contains(['.', 'e']), "{ns} as {text}");
            }
        }
    }
}
