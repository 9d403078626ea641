//! What `wgtune tune` tells of the templates that it searched: how each did, and where its search began.

use crate::record::Clock;
use crate::report::{self, Table};
use crate::tune::{Fate, TemplateReport};

/// A line for each template.
pub(super) fn table(templates: &[TemplateReport], clock: Clock) -> Table {
    // The empty column lets what became of a template run on, aligned to the left.
    let mut table = Table::new(&["template", "trials", "rejected", "best in the search", "95 % interval", "", ""]);
    templates.iter().for_each(|template| table.row(row(template, clock)));
    table
}

fn row(report: &TemplateReport, clock: Clock) -> [String; 6] {
    let best = report.best_ns.map(|best| report::taken(best.value, clock));
    [
        report.template.clone(),
        report.trials.to_string(),
        report.rejected.to_string(),
        best.unwrap_or_else(|| "–".to_owned()),
        report.best_ns.map(|best| report::taken_interval(&best, clock)).unwrap_or_default(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::stats::Estimate;
    use crate::tune::WarmStart;

    fn report(template: &str, fate: Fate, why: Option<&str>, trials: usize, ns: Option<f64>) -> TemplateReport {
        TemplateReport {
            template: template.to_owned(),
            fate,
            why: why.map(str::to_owned),
            trials,
            best_ns: ns.map(|ns| Estimate { value: ns, low: 0.9 * ns, high: 1.1 * ns }),
            best: None,
            rejected: trials / 10,
            refused: 0,
            warm: None,
        }
    }

    #[test]
    fn each_template_has_a_line_that_says_what_became_of_it() {
        let templates = [
            report("matmul/tiled", Fate::Searched, None, 72, Some(1e6)),
            report(
                "matmul/blocked",
                Fate::Dropped,
                Some("dropped after 20 trials, 1.50 times the best time"),
                20,
                Some(1.5e6),
            ),
            report("matmul/vector", Fate::Exhausted, None, 8, None),
            report("matmul/large", Fate::Excluded, Some("refused: line 3\n   | 3"), 0, None),
        ];
        let want = "\
template        trials  rejected  best in the search       95 % interval
matmul/tiled        72         7             1.00 ms   [900 µs, 1.10 ms]
matmul/blocked      20         2             1.50 ms  [1.35 ms, 1.65 ms]  dropped after 20 trials, 1.50 times the best time
matmul/vector        8         0                   –                      every config tried
matmul/large         0         0                   –                      left out: refused: line 3
";
        assert_eq!(table(&templates, Clock::Device).to_string(), want);
    }

    #[test]
    fn warm_starts_name_their_template_where_there_are_several() {
        let warm = WarmStart { workload: "w".to_owned(), device: "d".to_owned(), trials: 5 };
        let warm = TemplateReport { warm: Some(warm), ..report("matmul/tiled", Fate::Searched, None, 72, None) };
        let cold = report("matmul/blocked", Fate::Searched, None, 72, None);
        let told = |templates: &[TemplateReport]| warm_starts(templates).collect::<Vec<_>>();
        assert_eq!(told(std::slice::from_ref(&warm)), ["warm start: 5 trials of w on d"]);
        assert_eq!(told(&[cold, warm]), ["warm start of matmul/tiled: 5 trials of w on d"]);
    }
}
