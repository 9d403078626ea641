//! What searches with and without a start that knows about validity needed, as tables: one for each space, two for all.

use crate::replay::{Comparison, Middle, Needed, Quartiles, Ratio, Row, SpaceFacts, Starts};
use crate::report::{self, Table};

/// The spaces first, the summary last: that is where a terminal stops.
pub(super) fn all(starts: &Starts) -> String {
    let contestants = starts.results.len() / starts.spaces.len().max(1);
    let by_space = starts.results.chunks(contestants.max(1));
    let spaces: Vec<String> = starts.spaces.iter().zip(by_space).map(|(facts, rows)| space(facts, rows)).collect();
    [legend(starts), spaces.join("\n"), summary(starts)].join("\n")
}

fn legend(starts: &Starts) -> String {
    let Starts { runs, trials, seed, labels, .. } = starts;
    let labelled = match labels {
        Some(labels) => format!("until {labels} configs are labelled"),
        None => "until enough of them are valid".to_owned(),
    };
    format!(
        "{runs} runs of at most {trials} evaluations each, failed ones counted, from seed {seed}\n\
         medians and quartiles over the runs; a run that never arrives counts as {} evaluations, and a median\n\
         with a + behind it is but a lower bound, since half of the runs or more never arrive\n\
         +validity: the oracle is asked about configs beforehand, {labelled}\n",
        trials + 1
    )
}

fn space(facts: &SpaceFacts, rows: &[Row]) -> String {
    let SpaceFacts { space, configs, failures, known, optimum, clock } = facts;
    let share = report::percent((configs - failures) as f64 / *configs as f64);
    let heading = format!(
        "{space}: {configs} configs, {share} of them valid, optimum {}; the oracle knows {known} of {failures} failures",
        report::taken(*optimum, *clock)
    );
    let mut table = Table::new(&["", "to the optimum", "never", "within 2 %", "within 5 %", "first valid", "calls"]);
    for row in rows {
        let [optimum, within_2, within_5] = &row.needed[..] else { continue };
        table.row([
            row.contestant.clone(),
            needed(optimum),
            optimum.never.to_string(),
            needed(within_2),
            needed(within_5),
            report::percent(row.initial_valid.median),
            format!("{:.0}", row.calls.median),
        ]);
    }
    format!("{heading}\n\n{table}")
}

/// The median with the quartiles, such as `61 (40–95)`.
fn needed(needed: &Needed) -> String {
    let Quartiles { median, q1, q3 } = needed.trials;
    format!("{median:.0}{} ({q1:.0}–{q3:.0})", if needed.is_bound { "+" } else { "" })
}

fn summary(starts: &Starts) -> String {
    let spaces = starts.spaces.len();
    let mut text = format!(
        "all {spaces} spaces: ratios of medians, the median over the spaces and the lowest and highest of them\n"
    );
    text += "< and > are bounds, where medians of the runs are; “spread” is the width between the quartiles of the evaluations\n";
    text += "to the optimum, the median over the spaces\n\n";
    text +=
        &comparisons("evaluations with a start that knows about validity over those without", &starts.pairs, spaces);
    if let Some(first) = starts.against_stand_in.first() {
        let title = format!("evaluations over those of {}, which does as AutoTVM does", first.other);
        text += &format!("\n{}", comparisons(&title, &starts.against_stand_in, spaces));
    }
    if let Some(best) = &starts.best {
        text += &format!("\nsmallest share of the evaluations to the optimum: {best}\n");
    }
    text
}

fn comparisons(title: &str, comparisons: &[Comparison], spaces: usize) -> String {
    let header = ["", "optimum", "", "2 %", "5 %", "+ initial", "+ calls", "spread", "of", "less on"];
    let mut table = Table::new(&header);
    for comparison in comparisons {
        let [optimum, within_2, within_5] = &comparison.ratios[..] else { continue };
        table.row([
            comparison.one.clone(),
            bounded(optimum, optimum.trials.median),
            range(&optimum.trials),
            bounded(within_2, within_2.trials.median),
            bounded(within_5, within_5.trials.median),
            bounded(optimum, optimum.with_initial.median),
            bounded(optimum, optimum.with_calls.median),
            format!("{:.0}", optimum.widths.one),
            format!("{:.0}", optimum.widths.other),
            format!("{} of {spaces}", optimum.widths.narrower),
        ]);
    }
    format!("{title}\n\n{table}")
}

/// A ratio, marked where medians of some space are bounds.
fn bounded(ratio: &Ratio, value: f64) -> String {
    let mark = match (ratio.one_bounds > 0, ratio.other_bounds > 0) {
        (true, true) => "~",
        (true, false) => ">",
        (false, true) => "<",
        (false, false) => "",
    };
    format!("{mark}{value:.3}")
}

fn range(middle: &Middle) -> String {
    format!("{:.2}–{:.2}", middle.low, middle.high)
}
