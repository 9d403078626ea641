//! Errors of minijinja as sentences for the author of a kernel file.

use minijinja::{Error, ErrorKind, Value};

/// What happened, and what to do.
pub(super) fn explain(error: &Error) -> String {
    let detail = error.detail().unwrap_or("this cannot be calculated");
    match error.kind() {
        ErrorKind::OutOfFuel => "this takes too many steps; make its loops shorter".to_owned(),
        ErrorKind::InvalidOperation => invalid(detail),
        kind => format!("{detail} ({kind}); write it more simply"),
    }
}

/// What is wrong with a result that is infinite or no number.
pub(super) fn not_finite(value: &Value) -> String {
    format!("the result is {value}, not a finite number; make its factors smaller")
}

/// Functions of ours say all themselves; operators of minijinja only what they could not calculate.
fn invalid(detail: &str) -> String {
    match detail.strip_prefix("unable to calculate ") {
        Some(formula) if divides_by_zero(formula) => {
            format!("`{formula}` divides by zero; exclude that value or choose with `if`")
        }
        Some(formula) => format!("`{formula}` is too large; whole numbers end at 2^127, so divide earlier"),
        None if detail == "overflow" => "this is too large; whole numbers end at 2^127, so divide earlier".to_owned(),
        None if detail.starts_with("tried to use") || detail == "this cannot be calculated" => {
            "this is true or false, not a number; write `1 if .. else 0`".to_owned()
        }
        None => detail.to_owned(),
    }
}

fn divides_by_zero(formula: &str) -> bool {
    let Some((left, right)) = formula.rsplit_once(' ') else { return false };
    match left.rsplit_once(' ') {
        // Zero to a negative power is a division too.
        Some((base, "**")) => is_zero(base),
        Some((_, "/" | "//" | "%")) => is_zero(right),
        _ => false,
    }
}

fn is_zero(number: &str) -> bool {
    number.parse::<f64>() == Ok(0.0)
}
