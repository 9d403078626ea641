//! The part of a campaign's page that sets winners against the libraries of the device's vendor.

use std::collections::BTreeMap;

use super::markdown::{code, escaped, line};
use super::results::{Results, Row};
use crate::base::stats::Estimate;
use crate::record::Vendor;
use crate::report;
use crate::tune::{Ending, Met, Versus};
use crate::vendor::Computes;

const HOW: &str = "Each routine ran beside our winner and the default in rounds of one race, on the same data and in passes of a \
millisecond at least. It was checked as our kernels are, as far as it promises. Ours were compiled without run-time checks. A \
ratio says how many times faster ours is: below 1 the routine is the faster one. Only rows that compute the same in the same \
arithmetic compare like with like.\n";

/// What there was, and how the winners did beside it.
pub(super) fn section(results: &Results) -> String {
    let told = results.vendor.as_ref().map_or_else(|| "No library was looked for.\n".to_owned(), libraries);
    let races: Vec<(&Row, &Versus)> =
        results.rows.iter().filter_map(|row| Some((row, row.found()?.versus.as_ref()?))).collect();
    let mut parts = vec!["## Against the vendor's libraries\n".to_owned(), told];
    if races.iter().any(|(_, versus)| !versus.rivals.is_empty()) {
        parts.extend([HOW.to_owned(), summary(&races), table(&races)]);
    }
    let absent: String =
        races.iter().flat_map(|(row, versus)| versus.absent.iter().map(|why| absent(row, why))).collect();
    parts.extend(Some(absent).filter(|lines| !lines.is_empty()));
    parts.join("\n")
}

fn libraries(vendor: &Vendor) -> String {
    let known: Vec<String> = vendor.libraries.iter().map(|one| format!("{} {}", one.name, one.version)).collect();
    let missing = vendor.missing.iter().map(|why| escaped(why) + ".");
    let on = (!known.is_empty()).then(|| format!("On {}: {}.", vendor.device, known.join(", ")));
    let nothing = known.is_empty().then(|| "Nothing is compared.".to_owned());
    on.into_iter().chain(nothing).chain(missing).collect::<Vec<_>>().join(" ") + "\n"
}

fn table(races: &[(&Row, &Versus)]) -> String {
    let header =
        ["workload", "routine", "arithmetic", "computes", "its time", "winner", "default", "largest error", "chose"];
    let rows = races.iter().flat_map(|(row, versus)| versus.rivals.iter().map(|met| line(&cells(row, met))));
    line(&header) + &line(&["---"; 9]) + &rows.collect::<String>()
}

fn cells(row: &Row, met: &Met) -> Vec<String> {
    let told = met.told.as_deref().map(escaped).unwrap_or_default();
    let mut cells = vec![
        code(&row.workload),
        format!("{} {} {}", met.library, met.version, met.routine),
        escaped(&met.about),
        met.computes.name().to_owned(),
    ];
    match &met.ending {
        Ending::Rejected { why } => cells.push(format!("rejected at {}", escaped(why))),
        Ending::Timed { time_ns, winner_over, default_over, worst_error, .. } => cells.extend([
            format!("{} {}", report::time(time_ns.value), report::interval(time_ns)),
            ratio(winner_over),
            ratio(default_over),
            worst_error.map(|worst| format!("{} of the bound", report::percent(worst))).unwrap_or_default(),
            told,
        ]),
    }
    cells
}

/// How the winners of one operator and type did, each against the fastest routine that computes the same, or against a copy.
fn summary(races: &[(&Row, &Versus)]) -> String {
    let mut groups: BTreeMap<(String, &str), Vec<f64>> = BTreeMap::new();
    for (row, versus) in races {
        let copy = || versus.rivals.iter().find_map(|met| copied(met).map(|over| ("a copy", over)));
        let routine = versus.closest().map(|(met, over)| (met.library_family(), over.value));
        if let Some((against, over)) = routine.or_else(copy) {
            let kind = row.workload.split(':').take(2).collect::<Vec<_>>().join(":");
            groups.entry((kind, against)).or_default().push(over);
        }
    }
    let header = ["winners of", "against", "workloads", "faster", "geometric mean", "best", "worst"];
    let lines = groups.iter().map(|((kind, against), over)| line(&of_group(kind, against, over)));
    line(&header) + &line(&["---"; 7]) + &lines.collect::<String>()
}

fn of_group(kind: &str, against: &str, over: &[f64]) -> [String; 7] {
    let times = |ratio: f64| format!("{ratio:.2}×");
    let mean = (over.iter().map(|ratio| ratio.ln()).sum::<f64>() / over.len() as f64).exp();
    let (best, worst) = over.iter().fold((0.0, f64::INFINITY), |(most, least), &one| (one.max(most), one.min(least)));
    let faster = over.iter().filter(|ratio| **ratio > 1.0).count();
    [code(kind), against.to_owned(), over.len().to_string(), faster.to_string(), times(mean), times(best), times(worst)]
}

/// How many times faster the winner is than a copy of as many bytes.
fn copied(met: &Met) -> Option<f64> {
    match &met.ending {
        Ending::Timed { winner_over: Some(over), .. } if met.computes == Computes::Copy => Some(over.value),
        _ => None,
    }
}

fn ratio(ratio: &Option<Estimate>) -> String {
    ratio.as_ref().map(report::ratio).unwrap_or_default()
}

fn absent(row: &Row, why: &str) -> String {
    format!("- {}: {}\n", code(&row.workload), escaped(why))
}
