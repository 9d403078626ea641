//! What a user sees while a run goes on: a bar with the best so far against the default.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::note;
use crate::record::{Clock, Record};
use crate::report;
use crate::tune::{Progress, Settings, Watch};

/// A bar for work in several parts, each of so many steps; where standard error is no terminal, a line for each part.
pub(super) struct Parts {
    bar: ProgressBar,
    part: String,
}

impl Parts {
    pub fn new() -> Self {
        let style = ProgressStyle::with_template("{prefix} {bar:24} {pos}/{len}, {eta} left");
        Self { bar: ProgressBar::new(0).with_style(style.expect("a fixed template")), part: String::new() }
    }

    pub fn step(&mut self, part: &str, done: usize, of: usize) {
        if self.part != part {
            self.part = part.to_owned();
            self.bar.reset();
            self.bar.set_prefix(self.part.clone());
            if self.bar.is_hidden() {
                note(&format!("{part}: {of} configs"));
            }
        }
        self.bar.set_length(of as u64);
        self.bar.set_position(done as u64);
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// A progress bar on standard error; where that is no terminal, a line at each of the two parts.
pub(super) struct Bar {
    bar: ProgressBar,
    /// Set when the user wants it to end.
    stop: Arc<AtomicBool>,
    started: Instant,
    limit: Option<Duration>,
    /// What the newest timed trial was timed by.
    clock: Clock,
}

/// A bar that counts up to `total` and tells the time left; nothing where standard error is no terminal.
pub(super) fn counter(total: usize, what: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}, {eta} left").expect("a fixed template");
    ProgressBar::new(total as u64).with_style(style).with_message(what.to_owned())
}

impl Bar {
    pub fn new(stop: Arc<AtomicBool>) -> Self {
        Self { bar: ProgressBar::hidden(), stop, started: Instant::now(), limit: None, clock: Clock::Device }
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn time_left(&self, done: usize, trials: usize) -> Duration {
        let spent = self.started.elapsed();
        let by_trials = spent.mul_f64(trials.saturating_sub(done) as f64 / done.max(1) as f64);
        self.limit.map_or(by_trials, |limit| by_trials.min(limit.saturating_sub(spent)))
    }
}

impl Watch for Bar {
    fn wants_to_stop(&mut self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn recovered(&mut self, crashed: &[Record]) {
        let who = match crashed.len() {
            1 => "a candidate that ran when a run was ended is".to_owned(),
            count => format!("{count} candidates that ran when a run was ended are"),
        };
        note(&format!("{who} in quarantine; see `wgtune trials --quarantined`"));
    }

    fn started(&mut self, workload: &str, space: u128, settings: &Settings) {
        let style = ProgressStyle::with_template("{prefix}\n{bar:24} {pos}/{len} {msg}");
        self.bar = ProgressBar::new(settings.trials as u64);
        self.bar.set_style(style.expect("a fixed template"));
        self.bar.set_prefix(format!("{workload}: {} over {space} raw configs", settings.strategy));
        if self.bar.is_hidden() {
            note(&format!("tuning {workload}: {} trials, {}", settings.trials, settings.strategy));
        }
        self.started = Instant::now();
        self.limit = settings.time;
    }

    fn trial(&mut self, progress: &Progress) {
        self.clock = progress.outcome.clock().unwrap_or(self.clock);
        let best = progress.best_ns.map_or("–".to_owned(), |best| report::taken(best, self.clock));
        let against = match (progress.default_ns, progress.best_ns) {
            (Some(default), Some(best)) => format!(", {:.2}× the default", default / best),
            _ => String::new(),
        };
        let left = self.time_left(progress.done, self.bar.length().unwrap_or(0) as usize).as_secs();
        self.bar.set_position(progress.done as u64);
        let template = if progress.templates > 1 { format!("{}; ", progress.template) } else { String::new() };
        let rejected = progress.rejected;
        self.bar.set_message(format!("{template}best {best}{against}; {rejected} rejected; {left} s left"));
    }

    fn race(&mut self, entrants: usize) {
        self.bar.set_message(format!("racing the finalists, {entrants} entrants"));
        if self.bar.is_hidden() {
            note(&format!("racing the finalists, {entrants} entrants"));
        }
    }
}
