//! Many workloads on one device within a given time, for a machine that is borrowed for minutes.
//!
//! The device is probed, each workload gets a short search, and what time is left goes to those that are furthest from the
//! roofline. A folder keeps the store, the results and the device's numbers. It is written after each turn, so that
//! whatever ends a campaign, the same command goes on.

mod deal;
mod folder;
pub mod lists;
mod markdown;
mod results;
mod vendor;

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::backend::Backend;
use crate::measure::MeasureError;
use crate::op::Signature;
use crate::record::{Mode, Probe, Vendor};
use crate::report::Roofline;
use crate::store::{Store, StoreError};
use crate::tune::{Settings, StopReason, TuneError, Tuned, Versus, Watch, check_templates, tune, versus};

use deal::Standing;

pub use deal::Turn;
pub use folder::Folder;
pub use results::{Found, RESULTS_FORMAT, Results, Row, State};

/// Why a campaign cannot go on. What was measured before is in its folder.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum CampaignError {
    #[error("`{}` could not be written: {error}", path.display())]
    Unwritten { path: PathBuf, error: io::Error },
    #[error("`{}` cannot be read ({why}); move it away, or name another folder with --out", path.display())]
    Unread { path: PathBuf, why: String },
    #[error("`{}` holds results of {theirs}, and this is {ours}; name another folder with --out", path.display())]
    Elsewhere { path: PathBuf, theirs: String, ours: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Gone(TuneError),
}

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The workloads by what was typed, and what they mean; none twice.
    pub tasks: Vec<(String, Signature)>,
    /// How each is searched; its time is dealt out.
    pub settings: Settings,
    /// For everything from `started` on.
    pub time: Duration,
    /// When the time began.
    pub started: Instant,
    /// What to type to go on.
    pub command: String,
    /// What winners are compared with.
    pub vendor: Vendor,
}

/// What a turn takes beside its search, until the first has shown it.
const USUAL_OVERHEAD: Duration = Duration::from_secs(4);

/// A campaign under way.
pub struct Campaign {
    plan: Plan,
    folder: Folder,
    probe: Probe,
    results: Results,
    /// Seconds of the runs before this one.
    before_s: f64,
    /// The row of each task.
    places: Vec<usize>,
    /// Which tasks have failed in this run: another turn would fail again.
    failed: Vec<bool>,
    /// What a turn takes beside its search, as the newest has shown.
    overhead: Duration,
}

impl Campaign {
    /// Begins, or goes on where the folder's last run has stopped. The folder and the probe are of the device that the
    /// backend has open.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn open(plan: Plan, mut folder: Folder, backend: &dyn Backend, probe: Probe) -> Result<Self, CampaignError> {
        let past = folder.past.take();
        let before_s = past.as_ref().map_or(0.0, |past| past.spent_s);
        let mut rows = past.map(|past| past.rows).unwrap_or_default();
        let places = plan.tasks.iter().map(|(_, signature)| place(&mut rows, signature)).collect();
        let results = Results {
            format: RESULTS_FORMAT,
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            command: plan.command.clone(),
            device: backend.facts().identity.clone(),
            spent_s: before_s,
            vendor: Some(plan.vendor.clone()),
            rows,
        };
        folder.write_device(backend.facts(), &probe)?;
        let failed = vec![false; plan.tasks.len()];
        let overhead = USUAL_OVERHEAD;
        let mut campaign = Self { plan, folder, probe, results, before_s, places, failed, overhead };
        campaign.note_what_has_no_template();
        campaign.write()?;
        Ok(campaign)
    }

    /// What cannot be tuned anywhere needs no turn to say so, and takes no time from others.
    fn note_what_has_no_template(&mut self) {
        for task in 0..self.plan.tasks.len() {
            if let Err(error) = check_templates(&self.plan.tasks[task].1, &[]) {
                self.note(task, Err(error.to_string()));
            }
        }
    }

    /// What has been found so far.
    pub fn results(&self) -> &Results {
        &self.results
    }

    /// The next turn; none once the time or the work is used up.
    pub fn next(&self) -> Option<Turn> {
        let standings: Vec<Standing> = (0..self.plan.tasks.len()).map(|task| self.standing(task)).collect();
        deal::next(&standings, self.plan.time.saturating_sub(self.plan.started.elapsed()), self.overhead)
    }

    /// What was typed for the workload of a turn.
    pub fn typed(&self, turn: &Turn) -> &str {
        &self.plan.tasks[turn.at].0
    }

    fn standing(&self, task: usize) -> Standing {
        match self.row(task).found() {
            _ if self.failed[task] => Standing::Over,
            Some(found) if found.stop == StopReason::Interrupted => Standing::Untried,
            Some(found) if found.is_over(self.plan.settings.trials) => Standing::Over,
            Some(found) => Standing::Open { turns: found.turns, share: found.roofline },
            None => Standing::Untried,
        }
    }

    /// The row of a task.
    fn row(&self, task: usize) -> &Row {
        &self.results.rows[self.places[task]]
    }

    /// Takes a turn, and writes what came of it. A workload that cannot be tuned is a row with the reason.
    ///
    /// # Errors
    /// When the folder or the store fails: then nothing could be kept. When the device is gone for good.
    pub fn take(
        &mut self,
        turn: &Turn,
        backend: &mut dyn Backend,
        store: &mut Store,
        watch: &mut dyn Watch,
    ) -> Result<&Row, CampaignError> {
        let started = Instant::now();
        let settings = Settings { time: Some(turn.search), ..self.plan.settings.clone() };
        let state = match tune(backend, store, &self.plan.tasks[turn.at].1, &settings, watch) {
            Err(TuneError::Store(error)) => return Err(error.into()),
            Err(error @ TuneError::Measure(MeasureError::Gone { .. })) => return Err(CampaignError::Gone(error)),
            Err(error) => Err(error.to_string()),
            Ok(tuned) => {
                let versus = self.versus(turn.at, &tuned, backend);
                self.learn_overhead(&tuned, started.elapsed().saturating_sub(turn.search));
                self.found(turn.at, &tuned).map(|found| Found { versus, ..found })
            }
        };
        self.note(turn.at, state);
        self.write()?;
        Ok(self.row(turn.at))
    }

    /// The winner against the vendor's routines; what an earlier turn found of the same winner and the same libraries stands.
    fn versus(&self, task: usize, tuned: &Tuned, backend: &mut dyn Backend) -> Option<Versus> {
        let (signature, settings, vendor) = (&self.plan.tasks[task].1, &self.plan.settings, &self.plan.vendor);
        let winner = tuned.best(Mode::UNCHECKED)?;
        let known = self.row(task).found().and_then(|found| found.versus.clone());
        let is_same =
            |known: &Versus| known.code_hash == winner.code_hash && known.vendor.libraries == vendor.libraries;
        if let Some(known) = known.filter(is_same) {
            return Some(known);
        }
        if tuned.stop == StopReason::Interrupted || vendor.libraries.is_empty() {
            return None;
        }
        // What cannot be compared is no reason to lose what was tuned.
        let compared = versus(backend, signature, winner, vendor, settings.seed);
        compared.unwrap_or_else(|error| Some(Versus::none(winner, vendor, error.to_string())))
    }

    fn learn_overhead(&mut self, tuned: &Tuned, overhead: Duration) {
        // A search that ended by itself took less than it was dealt.
        if tuned.stop == StopReason::Time {
            self.overhead = overhead;
        }
    }

    fn found(&self, task: usize, tuned: &Tuned) -> Result<Found, String> {
        let signature = &self.plan.tasks[task].1;
        let turns = self.row(task).found().map_or(0, |found| found.turns) + 1;
        let found = Found::of(tuned, &signature.work, Roofline::of(&self.probe, signature), turns);
        found.ok_or_else(|| match tuned.rejected.iter().next() {
            Some((stage, rejected)) => {
                format!("no candidate was both right and timed; at {stage}: {}", rejected.example)
            }
            None => "no candidate was both right and timed".to_owned(),
        })
    }

    /// What is known already is kept where a turn failed or was broken off: its race was the better one.
    fn note(&mut self, task: usize, state: Result<Found, String>) {
        self.failed[task] = state.is_err();
        let row = &mut self.results.rows[self.places[task]];
        let is_complete = row.found().is_some_and(|found| found.stop != StopReason::Interrupted);
        match state {
            Ok(found) if found.stop == StopReason::Interrupted && is_complete => {}
            Ok(found) => row.state = State::Tuned(Box::new(found)),
            Err(why) if row.found().is_none() => row.state = State::Failed { why },
            Err(_) => {}
        }
    }

    fn write(&mut self) -> Result<(), CampaignError> {
        self.results.spent_s = self.before_s + self.plan.started.elapsed().as_secs_f64();
        self.folder.write_results(&self.results, &self.probe)
    }
}

/// The place of a workload's row, made where there is none.
fn place(rows: &mut Vec<Row>, signature: &Signature) -> usize {
    let workload = signature.workload.to_string();
    let known = rows.iter().position(|row| row.workload == workload);
    known.unwrap_or_else(|| {
        rows.push(Row::waiting(workload, &signature.work));
        rows.len() - 1
    })
}
