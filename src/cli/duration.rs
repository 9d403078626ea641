//! How long something may take, as people type it: seconds, or a number with its unit.

use std::time::Duration;

/// Reads a number of seconds, or one with a unit: `30`, `90s`, `8m`, `1.5h`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let (number, seconds) = match text.char_indices().next_back() {
        Some((at, 'h')) => (&text[..at], 3600.0),
        Some((at, 'm')) => (&text[..at], 60.0),
        Some((at, 's')) => (&text[..at], 1.0),
        _ => (text, 1.0),
    };
    let time = number.parse::<f64>().ok().and_then(|n| Duration::try_from_secs_f64(n * seconds).ok());
    let time = time.filter(|time| !time.is_zero());
    time.ok_or_else(|| "write a time above 0, such as 90s, 8m or 1.5h; without a unit it is seconds".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_may_have_a_unit() {
        for (text, seconds) in [("30", 30.0), ("90s", 90.0), ("8m", 480.0), ("1.5h", 5400.0), ("0.5s", 0.5)] {
            assert_eq!(duration(text), Ok(Duration::from_secs_f64(seconds)), "{text}");
        }
        for text in ["", "m", "-1s", "0s", "0", "nan", "nans", "infh", "8 min", "1e30h", "8µ"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
