//! Records and numbers as text for people: times, rates, ratios with their intervals, aligned tables, curves.

pub mod curves;
mod table;

use crate::base::stats::Estimate;
use crate::op::Work;

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

/// How fast a workload ran: GFLOP/s where arithmetic bounds it, GB/s where traffic does.
pub fn rate(work: &Work, ns: f64) -> String {
    let (amount, unit) = if work.is_arithmetic() { (work.flops, "GFLOP/s") } else { (work.bytes, "GB/s") };
    format!("{} {unit}", significant(amount / ns))
}

/// A ratio with its interval, such as `2.41× [2.35, 2.48]`.
pub fn ratio(estimate: &Estimate) -> String {
    format!("{:.2}× [{:.2}, {:.2}]", estimate.value, estimate.low, estimate.high)
}

/// The interval of a time, such as `[3.1, 3.3] ms`.
pub fn interval(estimate: &Estimate) -> String {
    format!("[{}, {}]", time(estimate.low), time(estimate.high))
}

/// How far apart two measurements of the same thing may lie, such as `±0.8 %`.
pub fn floor(share: Option<f64>) -> String {
    share.map_or("unknown".to_owned(), |share| format!("±{}", percent(share)))
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
        let arithmetic = Work { flops: 1e9, bytes: 1e6 };
        let traffic = Work { flops: 1e6, bytes: 1e9 };
        assert_eq!((rate(&arithmetic, 1e6).as_str(), rate(&traffic, 1e7).as_str()), ("1000 GFLOP/s", "100 GB/s"));
        assert_eq!(ratio(&Estimate { value: 2.414, low: 2.35, high: 2.479 }), "2.41× [2.35, 2.48]");
    }
}
