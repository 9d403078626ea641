//! Results as a page of Markdown.

use super::results::{Found, Results, Row, State};
use super::vendor;
use crate::base::stats::Estimate;
use crate::record::Probe;
use crate::report;

/// The whole page.
pub(super) fn markdown(results: &Results, probe: &Probe) -> String {
    let device = &results.device;
    let about = [&device.api, &device.driver, &device.driver_info].map(String::as_str).join(" ");
    let host = device.host.as_ref().map(|host| format!(", on {host}")).unwrap_or_default();
    [
        format!("# {} ({}){host}\n", device.adapter, about.trim()),
        format!("wgtune {}, {} in all.\n", results.tool, report::time(1e9 * results.spent_s)),
        format!("```sh\n{}\n```\n", results.command),
        "Times are medians with their 95 % intervals, ratios are of paired rounds of one race, the roofline is that of the \
         numbers below.\n"
            .to_owned(),
        rows(results),
        vendor::section(results),
        "## What the device can do\n".to_owned(),
        numbers(probe),
    ]
    .join("\n")
}

fn rows(results: &Results) -> String {
    let mut lines = line(&[
        "workload",
        "winner",
        "time",
        "rate",
        "of the roofline",
        "over the default",
        "over the naive kernel",
        "checked",
        "trials",
    ]);
    lines += &line(&["---"; 9]);
    for row in &results.rows {
        lines += &match &row.state {
            State::Tuned(found) => line(&cells(row, found)),
            State::Failed { why } => line(&[code(&row.workload), escaped(why)]),
            State::Waiting => line(&[code(&row.workload), "no time for it yet".to_owned()]),
        };
    }
    lines
}

fn cells(row: &Row, found: &Found) -> [String; 9] {
    let stays = if found.keeps_default { " (the default)" } else { "" };
    let ratio = |ratio: &Option<Estimate>| ratio.as_ref().map(report::ratio).unwrap_or_default();
    let checked = found.checked_ns.as_ref().map(|time| {
        let over =
            found.checked_over_default.as_ref().map(|over| format!(", {} over the default", report::ratio(over)));
        format!("{}{}", report::taken(time.value, found.clock), over.unwrap_or_default())
    });
    [
        code(&row.workload),
        format!("{}{stays} {}", found.template, code(&found.config())),
        format!(
            "{} {}",
            report::taken(found.time_ns.value, found.clock),
            report::taken_interval(&found.time_ns, found.clock)
        ),
        found.rate.clone(),
        found.roofline.map(report::percent).unwrap_or_default(),
        ratio(&found.over_default),
        ratio(&found.over_naive),
        checked.unwrap_or_default(),
        found.trials.to_string(),
    ]
}

fn numbers(probe: &Probe) -> String {
    let mut lines = line(&["", "value", "95 % interval", "how"]) + &line(&["---"; 4]);
    for reading in &probe.readings {
        let value = report::quantity(reading.quantity, reading.value.value);
        let interval = report::quantity_interval(reading.quantity, &reading.value);
        lines += &line(&[reading.quantity.to_string(), value, interval, escaped(&reading.how)]);
    }
    for missing in &probe.missing {
        lines += &line(&[missing.quantity.to_string(), format!("none: {}", escaped(&missing.why))]);
    }
    lines
}

pub(super) fn line(cells: &[impl AsRef<str>]) -> String {
    format!("| {} |\n", cells.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(" | "))
}

pub(super) fn code(text: &str) -> String {
    format!("`{}`", escaped(text))
}

/// In a table a bar begins a cell and a line break ends the table, also within code.
pub(super) fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
