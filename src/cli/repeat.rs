//! `wgtune tune --repeat-check`: the search under further seeds, and what their winners are worth beside each other.

use super::error::Failure;
use super::progress::Bar;
use super::{note, show};
use crate::backend::Backend;
use crate::base::stats::median_interval;
use crate::op::Signature;
use crate::record::{Clock, Mode, Outcome, Record};
use crate::report::{self, Table};
use crate::store::Store;
use crate::tune::{Progress, RepeatCheck, Settings, Standing, StopReason, Tuned, Watch, repeat_check};

/// Repeats a run that has found something, unless it was stopped. `None` if it was, or if the repeats were.
pub(super) fn check(
    backend: &mut dyn Backend,
    store: &mut Store,
    signature: &Signature,
    settings: &Settings,
    tuned: &Tuned,
    seeds: u64,
    bar: Bar,
) -> Result<Option<RepeatCheck>, Failure> {
    let Some(winner) = tuned.best(Mode::UNCHECKED) else { return Ok(None) };
    if tuned.stop == StopReason::Interrupted {
        return Ok(None);
    }
    let mut watch = Numbered { bar, number: 0, of: seeds };
    let checked = repeat_check(backend, store, signature, settings, winner, seeds, &mut watch);
    watch.bar.finish();
    Ok(checked?)
}

/// Says which of the searches it is.
struct Numbered {
    bar: Bar,
    number: u64,
    of: u64,
}

impl Watch for Numbered {
    fn wants_to_stop(&mut self) -> bool {
        self.bar.wants_to_stop()
    }

    fn recovered(&mut self, crashed: &[Record]) {
        self.bar.recovered(crashed);
    }

    fn started(&mut self, workload: &str, space: u128, settings: &Settings) {
        self.number += 1;
        note(&format!("repeat check, search {} of {} with seed {}", self.number, self.of, settings.seed));
        self.bar.started(workload, space, settings);
    }

    fn trial(&mut self, progress: &Progress) {
        self.bar.trial(progress);
    }

    fn race(&mut self, entrants: usize) {
        self.bar.race(entrants);
    }
}

/// The winner of each seed in the race of all, and what follows of it.
pub(super) fn text(check: &RepeatCheck) -> String {
    let count = check.repeats.len();
    // The empty column lets the configs before it run on, aligned to the left.
    let mut table = Table::new(&["seed", "trials", "time", "95 % interval", "times the best's", "config", ""]);
    table.row(row("above", "", Some(&check.winner)));
    for repeat in &check.repeats {
        table.row(row(&repeat.seed.to_string(), &repeat.trials.to_string(), repeat.winner.as_ref()));
    }
    table.row(row("default", "", Some(&check.default)));
    let regret = |share: Option<f64>| share.map_or("–".to_owned(), report::percent);
    format!(
        "repeat check: the winners of {count} further seeds in one race, unchecked\n{table}\
         same winner as above: {} of {count}\n\
         tied with the best of the race within its interval: {} of {count}\n\
         selection regret (how much slower a seed's winner is than the best): median {}, worst {}\n",
        check.same,
        check.tied,
        regret(check.median_regret),
        regret(check.worst_regret),
    )
}

fn row(name: &str, trials: &str, standing: Option<&Standing>) -> Vec<String> {
    let words = |rest: &[String]| [&[name.to_owned(), trials.to_owned()], rest].concat();
    let Some(Standing { record, slowdown }) = standing else { return words(&["found nothing".to_owned()]) };
    let config = format!("{} {}", record.template, show::values(record));
    if let Outcome::Rejected(rejection) = &record.outcome {
        let rejected = format!("rejected at {}", rejection.stage);
        return words(&[rejected, String::new(), String::new(), config]);
    }
    let (estimate, clock) =
        (median_interval(record.outcome.samples_ns()), record.outcome.clock().unwrap_or(Clock::Device));
    let slowdown = slowdown.as_ref().map(report::ratio).unwrap_or_default();
    words(&[report::taken(estimate.value, clock), report::taken_interval(&estimate, clock), slowdown, config])
}
