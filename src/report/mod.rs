//! Records and numbers as text for people: times, rates, ratios with their intervals, aligned tables, curves.

pub mod curves;
mod roofline;
mod table;

use crate::base::stats::Estimate;
use crate::op::{Amount, Work};
use crate::record::{Clock, Quantity, Unit};

pub use roofline::Roofline;
pub use table::Table;

/// A duration in the unit that leaves one to three digits before the point.
pub fn time(ns: f64) -> String {
    let (value, unit) = match ns {
        ns if !ns.is_finite() => return "–".to_owned(),
        0.0 => return "0".to_owned(),
        ns if ns < 1e3 => (ns, "ns"),
        ns if ns < 1e6 => (ns / 1e3, "µs"),
        ns if ns < 1e9 => (ns / 1e6, "ms"),
        ns => (ns / 1e9, "s"),
    };
    format!("{} {unit}", significant(value))
}

/// What a trial took: a duration, or a number of cycles where those are what is counted.
pub fn taken(time: f64, clock: Clock) -> String {
    match clock {
        Clock::Cycles if time.is_finite() => format!("{time:.0} cycles"),
        _ => self::time(time),
    }
}

/// How fast a workload ran: in its own unit if it has one, else GFLOP/s where arithmetic bounds it, GB/s where traffic
/// does.
pub fn rate(work: &Work, ns: f64) -> String {
    if let Some(Amount { unit, count }) = &work.amount {
        return format!("{} {unit}/s", significant(count / ns * 1e9));
    }
    let (amount, unit) = if work.is_arithmetic() { (work.flops, "GFLOP/s") } else { (work.bytes, "GB/s") };
    format!("{} {unit}", significant(amount / ns))
}

/// The rate of what a trial took: where cycles are counted, operations in each.
pub fn taken_rate(work: &Work, time: f64, clock: Clock) -> String {
    match clock {
        Clock::Cycles => format!("{} OP/cycle", significant(work.flops / time)),
        Clock::Device | Clock::Host => rate(work, time),
    }
}

/// A number of a device in its unit, such as `1.23 TFLOP/s`.
pub fn quantity(asked: Quantity, value: f64) -> String {
    match asked.unit() {
        Unit::OperationsPerSecond => scaled(value, if asked.is_float() { "FLOP/s" } else { "OP/s" }),
        Unit::BytesPerSecond => scaled(value, "B/s"),
        Unit::Nanoseconds => time(value),
        Unit::Times => format!("{value:.2}×"),
    }
}

/// The interval of a number of a device, such as `[1.21 TFLOP/s, 1.24 TFLOP/s]`.
pub fn quantity_interval(asked: Quantity, Estimate { low, high, .. }: &Estimate) -> String {
    format!("[{}, {}]", quantity(asked, *low), quantity(asked, *high))
}

/// A rate with the prefix that leaves one to three digits before the point.
fn scaled(value: f64, unit: &str) -> String {
    let (value, prefix) = match value {
        value if value < 1e9 => (value / 1e6, 'M'),
        value if value < 1e12 => (value / 1e9, 'G'),
        value => (value / 1e12, 'T'),
    };
    format!("{} {prefix}{unit}", significant(value))
}

/// A ratio with its interval, such as `2.41× [2.35, 2.48]`.
pub fn ratio(estimate: &Estimate) -> String {
    format!("{:.2}× [{:.2}, {:.2}]", estimate.value, estimate.low, estimate.high)
}

/// The interval of a time, such as `[3.1, 3.3] ms`.
pub fn interval(estimate: &Estimate) -> String {
    taken_interval(estimate, Clock::Device)
}

/// The interval of what a trial took.
pub fn taken_interval(estimate: &Estimate, clock: Clock) -> String {
    format!("[{}, {}]", taken(estimate.low, clock), taken(estimate.high, clock))
}

/// How far apart two measurements of the same thing may lie, such as `±0.8 %`.
pub fn floor(share: Option<f64>) -> String {
    share.map_or("unknown".to_owned(), |share| format!("±{}", percent(share)))
}

/// The day of a moment in milliseconds since 1970, in UTC, such as `2026-10-04` (H. Hinnant, "chrono-Compatible Low-Level
/// Date Algorithms", `civil_from_days`, for days since 1970).
pub fn date(at_ms: u64) -> String {
    let days = at_ms / 86_400_000 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Years begin in March here, so that a leap day is the last of its year.
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = 400 * era + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A share in per cent.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// Three significant digits, without exponents.
fn significant(value: f64) -> String {
    let digits = if value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else if value >= 1.0 {
        2
    } else {
        3
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ElementType;

    /// Days as `date -u -d @SECONDS` prints them: first and last ones, leap days, and a year of a century without one.
    #[test]
    fn moments_print_their_day() {
        let cases = [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (951_868_799, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_735_689_599, "2024-12-31"),
            (1_790_000_000, "2026-09-21"),
            (4_107_542_400, "2100-03-01"),
        ];
        for (seconds, want) in cases {
            assert_eq!(date(1000 * seconds), want, "{seconds}");
        }
    }

    #[test]
    fn numbers_print_with_three_digits_and_their_unit() {
        let cases = [
            (0.0, "0"),
            (12.3, "12.3 ns"),
            (1234.0, "1.23 µs"),
            (12_345_678.0, "12.3 ms"),
            (2e9, "2.00 s"),
            (f64::NAN, "–"),
        ];
        for (ns, want) in cases {
            assert_eq!(time(ns), want);
        }
        let arithmetic = Work::new(1e9, 1e6);
        let traffic = Work::new(1e6, 1e9);
        assert_eq!((rate(&arithmetic, 1e6).as_str(), rate(&traffic, 1e7).as_str()), ("1000 GFLOP/s", "100 GB/s"));
        let cycles = [taken(517_369.0, Clock::Cycles), taken_rate(&arithmetic, 4e6, Clock::Cycles)];
        assert_eq!(cycles, ["517369 cycles", "250 OP/cycle"]);
        let quantities = [
            (Quantity::Arithmetic(ElementType::F32), 6.7e13, "67.0 TFLOP/s"),
            (Quantity::Arithmetic(ElementType::I32), 5e8, "500 MOP/s"),
            (Quantity::Copy, 3.35e12, "3.35 TB/s"),
            (Quantity::Read, 2.5e10, "25.0 GB/s"),
            (Quantity::Submission, 12_300.0, "12.3 µs"),
            (Quantity::Checks, 1.216, "1.22×"),
        ];
        for (asked, value, want) in quantities {
            assert_eq!(quantity(asked, value), want);
        }
        assert_eq!(ratio(&Estimate { value: 2.414, low: 2.35, high: 2.479 }), "2.41× [2.35, 2.48]");
    }
}
