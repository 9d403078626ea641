//! What `wgtune tune` tells of the templates that it searched: how each did, and where its search began.

use crate::report::{self, Table};
use crate::tune::{Fate, TemplateReport};

/// A line for each template.
pub(super) fn table(templates: &[TemplateReport]) -> Table {
    // The empty column lets what became of a template run on, aligned to the left.
    let mut table = Table::new(&["template", "trials", "rejected", "best in the search", "95 % interval", "", ""]);
    templates.iter().for_each(|template| table.row(row(template)));
    table
}

fn row(report: &TemplateReport) -> [String; 6] {
    let best = report.best_ns.map(|best| report::time(best.value));
    [
        report.template.clone(),
        report.trials.to_string(),
        report.rejected.to_string(),
        best.unwrap_or_else(|| "–".to_owned()),
        report.best_ns.as_ref().map(report::interval).unwrap_or_default(),
        became(report),
    ]
}

/// What became of it, where it was not searched to the end.
fn became(report: &TemplateReport) -> String {
    let why = report.why.as_deref().unwrap_or_default();
    let first = why.lines().next().unwrap_or_default();
    match report.fate {
        Fate::Searched => String::new(),
        Fate::Exhausted => "every config tried".to_owned(),
        Fate::Refused => "its last 1000 configs were refused by checks".to_owned(),
        Fate::Dropped => first.to_owned(),
        Fate::Excluded => format!("left out: {first}"),
    }
}

/// A line for each that was told of trials elsewhere; it names the template where there are several.
pub(super) fn warm_starts(templates: &[TemplateReport]) -> impl Iterator<Item = String> {
    templates.iter().filter_map(|report| {
        let warm = report.warm.as_ref()?;
        let of = if templates.len() > 1 { format!(" of {}", report.template) } else { String::new() };
        Some(format!("warm start{of}: {} trials of {} on {}", warm.trials, warm.workload, warm.device))
    })
}
