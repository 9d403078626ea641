//! What a bench found out as tables: one pair for each space, one for all of them.

use super::Loaded;
use crate::base::stats::Estimate;
use crate::replay::{Bench, Contestant, Reach, Report, Score, Spread, Standing, Summary};
use crate::report::{self, Table};

/// More than there are columns: all of them to the left, so that the means stand above their medians and quartiles.
const ALL: usize = usize::MAX;

/// All tables, the summary last: that is where a terminal stops.
pub(super) fn all(bench: &Bench, report: &Report, loaded: &[Loaded]) -> String {
    let by_space = report.results.chunks(bench.contestants.len());
    let spaces = loaded.iter().zip(by_space).enumerate().map(|(number, (loaded, scores))| {
        let tables = [heading(loaded), fractions(scores), costs(scores, number, &report.summary)];
        tables.join("\n") + &warm_lines(bench, loaded, scores)
    });
    let spaces = spaces.collect::<Vec<_>>().join("\n");
    format!("{}\n\n{spaces}\n{}", legend(&report.summary), summary(&report.summary))
}

fn legend(summary: &Summary) -> String {
    let Summary { runs, trials, seed, .. } = summary;
    format!(
        "{runs} runs of {trials} evaluations each, failed ones counted, from seed {seed}\n\
         fractions are the optimum over the best time so far; ± is half the 95 % interval of the mean"
    )
}

fn heading(loaded: &Loaded) -> String {
    let (name, replay) = (&loaded.subject.name, &loaded.subject.replay);
    let (configs, failures, best) =
        (replay.configs(), replay.failures(), report::taken(replay.best_ns(), replay.unit().clock()));
    format!("{name}: {configs} configs, {failures} of them fail, optimum {best}\n")
}

/// Three lines for each strategy, a column for each number of evaluations.
fn fractions(scores: &[Score]) -> String {
    let evaluations = scores.iter().take(1).flat_map(|score| score.fraction.keys());
    let header = ["fraction".to_owned(), "after".to_owned()].into_iter();
    let header: Vec<String> = header.chain(evaluations.map(usize::to_string)).collect();
    let mut table = Table::new(&header.iter().map(String::as_str).collect::<Vec<_>>()).left(ALL);
    for score in scores {
        let mut row = |name: &str, what: &str, cell: fn(&Spread) -> String| {
            table.row([name.to_owned(), what.to_owned()].into_iter().chain(score.fraction.values().map(cell)));
        };
        row(&score.strategy, "mean", with_half_width);
        row("", "median", |spread| format!("{:.3}", spread.median));
        row("", "quartiles", |spread| format!("{:.3}–{:.3}", spread.q1, spread.q3));
    }
    table.to_string()
}

fn with_half_width(spread: &Spread) -> String {
    format!("{:.3} ±{:.3}", spread.mean, (spread.high - spread.low) / 2.0)
}

/// What each strategy needed on a space, and how far it is from the best one there.
fn costs(scores: &[Score], space: usize, summary: &Summary) -> String {
    let of_best = of_best(summary);
    let header = ["", "evaluations to 95 %", "never", "failed", &of_best, "own ms: mean", "worst"];
    let mut table = Table::new(&header);
    for (score, standing) in scores.iter().zip(&summary.strategies) {
        let reach = &score.to_95;
        table.row([
            score.strategy.clone(),
            reached(reach, summary.trials),
            format!("{} of {}", reach.never, score.runs),
            format!("{:.1}", score.failed.mean),
            estimate(&standing.by_space[space].ratio),
            format!("{:.3}", score.ask_ms.mean),
            format!("{:.3}", score.ask_ms.worst),
        ]);
    }
    table.to_string()
}

fn of_best(summary: &Summary) -> String {
    format!("of the best at {}", summary.compared_at)
}

fn estimate(estimate: &Estimate) -> String {
    format!("{:.3} [{:.3}, {:.3}]", estimate.value, estimate.low, estimate.high)
}

/// The median with the quartiles, such as `61 (40–95)` or `> 200 (152–> 200)`.
fn reached(reach: &Reach, trials: usize) -> String {
    let [median, q1, q3] = [reach.median, reach.q1, reach.q3].map(|number| evaluations(number, trials));
    if reach.q1.is_infinite() { median } else { format!("{median} ({q1}–{q3})") }
}

fn evaluations(number: f64, trials: usize) -> String {
    if number.is_finite() { format!("{number:.0}") } else { format!("> {trials}") }
}

/// For each strategy that also started warm, what that brought.
fn warm_lines(bench: &Bench, loaded: &Loaded, scores: &[Score]) -> String {
    if bench.contestants.iter().all(|contestant| !contestant.is_warm) {
        return String::new();
    }
    let (told, dropped) = (loaded.subject.warm.len(), loaded.dropped);
    let known = format!("\nwarm: told of {told} configs beforehand; {dropped} more do not exist here\n");
    let pairs = bench.contestants.iter().zip(scores).collect::<Vec<_>>();
    let lines = pairs.chunks_exact(2).map(|pair| warm_line(pair[0], pair[1], bench.trials));
    lines.fold(known, |text, line| text + &line)
}

/// Contestants come in pairs, the cold one first.
fn warm_line(cold: (&Contestant, &Score), warm: (&Contestant, &Score), trials: usize) -> String {
    let [before, after] = [cold, warm].map(|(_, score)| score.to_95.median);
    let ratio = after / before;
    let ratio = if ratio.is_finite() && before.is_finite() { format!(", {ratio:.2}×") } else { String::new() };
    let [before, after] = [before, after].map(|median| evaluations(median, trials));
    format!("  {}: 95 % after {before} evaluations, {after} warm{ratio}\n", cold.0.label())
}

/// The means of a single space stand above already.
fn summary(summary: &Summary) -> String {
    let standings = standings(summary);
    match summary.spaces {
        1 => standings,
        spaces => format!("all {spaces} spaces, each counts the same\n\n{}\n{standings}", means(&summary.strategies)),
    }
}

fn means(strategies: &[Standing]) -> String {
    let evaluations = strategies.iter().take(1).flat_map(|standing| standing.fraction.keys());
    let header: Vec<String> = ["mean after".to_owned()].into_iter().chain(evaluations.map(usize::to_string)).collect();
    let mut table = Table::new(&header.iter().map(String::as_str).collect::<Vec<_>>()).left(ALL);
    for standing in strategies {
        table.row([standing.strategy.clone()].into_iter().chain(standing.fraction.values().map(with_half_width)));
    }
    table.to_string()
}

fn standings(summary: &Summary) -> String {
    let mut table =
        Table::new(&["", &of_best(summary), "lowest", "on", &format!("worst run at {}", summary.trials), "on"])
            .left(ALL);
    for standing in &summary.strategies {
        let ratios = standing.by_space.iter();
        let lowest = ratios.min_by(|a, b| a.ratio.value.total_cmp(&b.ratio.value));
        table.row([
            standing.strategy.clone(),
            estimate(&standing.against_best),
            lowest.map_or(String::new(), |against| format!("{:.3}", against.ratio.value)),
            lowest.map_or(String::new(), |against| against.space.clone()),
            format!("{:.3}", standing.worst.fraction),
            standing.worst.space.clone(),
        ]);
    }
    table.to_string()
}
