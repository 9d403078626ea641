//! The loop: asks a searcher, measures, keeps every trial, races the finalists, and says how it went.

mod allot;
mod arm;
mod drift;
pub mod exhaustive;
mod finals;
mod knockout;
mod logbook;
mod recheck;
mod repeat;
mod search;
mod session;
mod versus;
mod warm;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::backend::{Backend, BufferRule, cold_copies};
use crate::base::paired::ratio;
use crate::base::stats::{CONFIDENCE, Estimate};
use crate::base::{DeviceFacts, DeviceIdentity, Language};
use crate::measure::{Costs, Measure, MeasureError, Prechecks};
use crate::op::{self, Shared, Signature, Template};
use crate::record::{CacheState, Mode, Numerics, Outcome, Record, Rejection, Stage};
use crate::search::{Choice, Init};
use crate::space::{Config, SpaceError, Value};
use crate::store::{Store, StoreError};

pub use arm::{Fate, TemplateReport};
pub use drift::{Rechecked, Verdict, last_recheck, recheck_winners, stored_winners};
pub use recheck::{recheck, stored_config};
pub use repeat::{Repeat, RepeatCheck, Standing, repeat_check};
use session::Session;
pub use versus::{Ending, Met, Timed, Versus, versus};
pub use warm::WarmStart;

/// How to tune.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How to search.
    pub strategy: Choice,
    /// Configs to try, the default included; those answered by the store count too.
    pub trials: usize,
    /// Stop the search after this long.
    pub time: Option<Duration>,
    /// Decides what is searched and what the inputs hold.
    pub seed: u64,
    /// What the search begins with.
    pub init: Init,
    /// How many configs are checked before the search where it begins so; unless that is said, until enough are valid.
    pub labels: Option<usize>,
    /// Whether what the store knows from other devices and near workloads tells the searcher where to look first.
    pub warm_start: bool,
    /// Measure with cold caches, cycling through inputs of so many bytes: more than the last-level cache holds.
    pub cold_bytes: Option<u64>,
    /// Search only these templates, such as `matmul/tiled`, or `tiled` for short; all of them where none is named. The
    /// default is tried all the same.
    pub templates: Vec<String>,
    /// Parameters narrowed to some of their values. The default is tried all the same. Templates that have no such parameter
    /// or value are not searched.
    pub fixed: Vec<(String, Vec<Value>)>,
    /// Whether candidates that crashed or hung are measured again.
    pub retry_quarantined: bool,
    /// Whether kernels may win of which two runs on the same inputs may differ.
    pub allow_nondeterministic: bool,
}

/// A hundred trials of the first strategy.
impl Default for Settings {
    fn default() -> Self {
        Self {
            strategy: Choice::default(),
            trials: 100,
            time: None,
            seed: 0,
            init: Init::Random,
            labels: None,
            warm_start: true,
            cold_bytes: None,
            templates: Vec::new(),
            fixed: Vec::new(),
            retry_quarantined: false,
            allow_nondeterministic: false,
        }
    }
}

impl Settings {
    /// Whether a kernel of these numerics may win.
    fn may_win(&self, numerics: Numerics) -> bool {
        self.allow_nondeterministic || numerics != Numerics::Nondeterministic
    }

    /// The state of the caches that is measured.
    pub fn cache(&self) -> CacheState {
        if self.cold_bytes.is_some() { CacheState::Cold } else { CacheState::Warm }
    }
}

/// Why a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StopReason {
    /// All trials were used.
    Trials,
    /// The time was used up.
    Time,
    /// Every config of all spaces was tried.
    Exhausted,
    /// Nothing was left, where of some template the last thousand configs that were asked for were all refused by checks.
    Refused,
    /// The watcher stopped it.
    Interrupted,
}

/// Is told what happens while it happens, and may end it.
pub trait Watch {
    /// Asked between two trials. The finalists are raced all the same, and what was measured is stored.
    fn wants_to_stop(&mut self) -> bool {
        false
    }
    /// These were in flight when a run before was ended, took it down as far as one can know, and are in quarantine now.
    fn recovered(&mut self, _crashed: &[Record]) {}
    /// The search begins, over so many raw configs of all templates together.
    fn started(&mut self, _workload: &str, _space: u128, _settings: &Settings) {}
    /// A trial has ended and is stored.
    fn trial(&mut self, _progress: &Progress) {}
    /// The search is over; so many entrants are raced.
    fn race(&mut self, _entrants: usize) {}
}

/// A watcher that looks away.
pub struct Unwatched;

impl Watch for Unwatched {}

/// The state of a search after one trial.
pub struct Progress<'a> {
    /// Trials that have ended.
    pub done: usize,
    /// The template of what was tried last.
    pub template: &'a str,
    /// How many templates are searched.
    pub templates: usize,
    /// What was tried last.
    pub config: &'a Config,
    /// What came of it.
    pub outcome: &'a Outcome,
    /// Whether the store knew the answer.
    pub remembered: bool,
    /// The default's time, if it has one.
    pub default_ns: Option<f64>,
    /// The best time so far.
    pub best_ns: Option<f64>,
    /// How many of the trials were rejected so far.
    pub rejected: usize,
}

/// What a run found.
#[derive(Clone, Debug, Serialize)]
pub struct Tuned {
    /// The workload's line of text.
    pub workload: String,
    /// What it was tuned on.
    pub device: DeviceIdentity,
    /// The state of the caches when samples began.
    pub cache: CacheState,
    /// Why the search ended.
    pub stop: StopReason,
    /// Configs that were tried, those answered by the store included.
    pub trials: usize,
    /// Trials that the store answered.
    pub remembered: usize,
    /// How each template did, in the order of the operator: those that were wanted, whether or not they could take part.
    /// The default counts where it is one of their configs.
    pub templates: Vec<TemplateReport>,
    /// How many of the trials each stage rejected, with the first reason.
    pub rejected: BTreeMap<Stage, Rejected>,
    /// How many configs each stage of the check refused before a trial was spent on them, with the first reason.
    pub refused: BTreeMap<Stage, Rejected>,
    /// What was checked before a trial was spent on it; the time is part of the costs.
    pub prechecks: Prechecks,
    /// Whether the final race was held in a fresh process; not known of one that the store remembers.
    pub fresh: Option<bool>,
    /// The step of the clock in nanoseconds, if anything was timed.
    pub resolution_ns: Option<f64>,
    /// Pairs of timestamps that were zero or reversed or longer than the host saw, and were taken again.
    pub impossible: u64,
    /// The final race, if anything could be raced: each finalist in both modes, and the default twice in one.
    pub finalists: Vec<Record>,
    /// The hash of the default's program.
    #[serde(skip)]
    pub default_hash: Option<String>,
    /// The hash of the naive kernel's program, where that is another one.
    #[serde(skip)]
    pub naive_hash: Option<String>,
    /// Where the time went.
    pub costs: Costs,
    /// Wall time of writing to the store, each commit synced, in nanoseconds.
    pub store_ns: f64,
    /// Wall time of everything, in nanoseconds.
    pub total_ns: f64,
}

/// Candidates that one stage rejected.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Rejected {
    /// How many.
    pub count: usize,
    /// The reason of the first.
    pub example: String,
}

impl Rejected {
    /// Counts one more.
    fn count(by_stage: &mut BTreeMap<Stage, Self>, rejection: &Rejection) {
        let rejected = by_stage.entry(rejection.stage).or_default();
        rejected.count += 1;
        if rejected.example.is_empty() {
            rejected.example.clone_from(&rejection.why);
        }
    }
}

/// Why a run could not go on. What was measured before is in the store.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum TuneError {
    #[error(
        "no template can compute `{workload}` on any device: use f32 or f16 (i8>i32>i8 is for VTA alone, as far as docs/vta.md \
         says), or bring a kernel of your own (`wgtune new`)"
    )]
    NoTemplate { workload: String },
    #[error("`{workload}` has no kernel in what {device} runs; name another device by --device")]
    OtherLanguage { workload: String, device: String },
    #[error("`{workload}` leaves no legal config on {device}: its tiles do not fit the device's limits")]
    EmptySpace { workload: String, device: String },
    #[error(
        "`{workload}` needs {bytes} bytes for `{tensor}`, and {device} binds at most {limit}; choose smaller sizes or \
         another device"
    )]
    TooLarge { workload: String, tensor: String, bytes: u64, device: String, limit: u64 },
    #[error("the stored config of {template} is unknown to this version ({why}); tune the workload again")]
    Gone { template: String, why: String },
    #[error("the fixed values leave no legal config of `{workload}` on {device}; fix fewer of them")]
    NothingLeft { workload: String, device: String },
    #[error("no template of `{workload}` can be searched on {device}: {why}")]
    NoneLeft { workload: String, device: String, why: String },
    #[error("no template `{name}` is tuned for `{workload}`; there are: {known}")]
    UnknownTemplate { name: String, workload: String, known: String },
    #[error("`{workload}` has more configs than can be listed (65536), let alone measured; fix some values")]
    TooManyConfigs { workload: String },
    #[error(
        "`{workload}` reads {bytes} bytes, which fit any cache {copies} times; there is no cold run of it, so measure it \
         without --cold"
    )]
    TooSmallForCold { workload: String, bytes: u64, copies: u64 },
    #[error("a value cannot be fixed: {0}")]
    Fixed(#[from] SpaceError),
    #[error("the journal `{}` {why}", path.display())]
    Journal { path: PathBuf, why: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Measure(#[from] MeasureError),
}

/// Tunes one workload on one device. Every trial is in the store before the next begins, so that a run that was
/// killed goes on where it stopped: what the store knows is not measured again. Each candidate is there too while it is
/// measured: one that took a run down is not tried again.
///
/// # Errors
/// When there is nothing to tune, or the store or the temporary folder fails. Candidates that fail are outcomes.
pub fn tune(
    backend: &mut dyn Backend,
    store: &mut Store,
    signature: &Signature,
    settings: &Settings,
    watch: &mut dyn Watch,
) -> Result<Tuned, TuneError> {
    let started = Instant::now();
    refuse_too_small(signature, settings)?;
    let crashed = store.recover()?;
    if !crashed.is_empty() {
        watch.recovered(&crashed);
    }
    let isolated = backend.is_isolated();
    let measure = Measure::new(backend, signature.clone(), settings.seed);
    let mut session = Session::new(measure, isolated, store, settings)?;
    let stop = session.search(watch)?;
    session.search_ns = started.elapsed().as_secs_f64() * 1e9;
    let finalists = session.finals(stop, watch)?;
    Ok(session.conclude(stop, finalists, started))
}

/// Refuses a workload with a tensor that the device cannot bind.
fn refuse_too_large(signature: &Signature, device: &DeviceFacts) -> Result<(), TuneError> {
    let limit = device.limits.storage_binding_bytes.min(device.limits.buffer_bytes);
    let tensors = signature.inputs.iter().chain(&signature.outputs);
    let sizes = tensors.map(|tensor| (tensor, BufferRule::output(tensor).buffer_bytes()));
    let too_large = sizes.into_iter().find(|(_, bytes)| *bytes > limit);
    too_large.map_or(Ok(()), |(tensor, bytes)| {
        Err(TuneError::TooLarge {
            workload: signature.workload.to_string(),
            tensor: tensor.name.clone(),
            bytes,
            device: device.identity.adapter.clone(),
            limit,
        })
    })
}

/// Copies of the inputs at most, to cycle through where caches are to be cold.
const MOST_COPIES: u64 = 1024;

/// Refuses cold caches for a workload that fits them too often to be ever found cold.
fn refuse_too_small(signature: &Signature, settings: &Settings) -> Result<(), TuneError> {
    let bytes = signature.inputs.iter().map(|input| BufferRule::output(input).data_bytes()).sum();
    let copies = settings.cold_bytes.map_or(0, |cold| cold_copies(bytes, cold));
    match copies {
        0..=MOST_COPIES => Ok(()),
        _ => Err(TuneError::TooSmallForCold { workload: signature.workload.to_string(), bytes, copies }),
    }
}

/// Whether a workload has templates, and those of these names, for whatever device.
///
/// # Errors
/// When there is none, or none of such a name.
pub fn check_templates(signature: &Signature, names: &[String]) -> Result<(), TuneError> {
    let templates: Vec<_> =
        Language::ALL.into_iter().flat_map(|language| op::tuned_templates(signature, language)).collect();
    if templates.is_empty() {
        return Err(TuneError::NoTemplate { workload: signature.workload.to_string() });
    }
    named(signature, templates, names).map(drop)
}

/// The templates that are tuned for a workload on a device, or those of them that are named, with their operator or without,
/// in the order of the operator.
///
/// # Errors
/// When there is none, or none of such a name.
pub fn chosen_templates(
    signature: &Signature,
    device: &DeviceFacts,
    names: &[String],
) -> Result<Vec<Shared<dyn Template>>, TuneError> {
    let templates = op::tuned_templates(signature, device.language());
    if templates.is_empty() {
        check_templates(signature, names)?;
        let (workload, device) = (signature.workload.to_string(), device.identity.adapter.clone());
        return Err(TuneError::OtherLanguage { workload, device });
    }
    named(signature, templates, names)
}

fn named(
    signature: &Signature,
    mut templates: Vec<Shared<dyn Template>>,
    names: &[String],
) -> Result<Vec<Shared<dyn Template>>, TuneError> {
    let workload = || signature.workload.to_string();
    let is_called = |template: &Shared<dyn Template>, name: &String| {
        let full = template.name();
        full == name || full.rsplit_once('/').is_some_and(|(_, short)| short == name)
    };
    if let Some(name) = names.iter().find(|name| !templates.iter().any(|template| is_called(template, name))) {
        let known = templates.iter().map(|template| template.name()).collect::<Vec<_>>().join(", ");
        return Err(TuneError::UnknownTemplate { name: name.clone(), workload: workload(), known });
    }
    templates.retain(|template| names.is_empty() || names.iter().any(|name| is_called(template, name)));
    Ok(templates)
}

impl Tuned {
    /// What the final race chose in a mode: the fastest if it is measurably faster than the default, else the default.
    pub fn best(&self, mode: Mode) -> Option<&Record> {
        self.finalists.iter().find(|record| record.mode == mode.with_cache(self.cache) && record.chosen)
    }

    /// Whether something was searched and raced, and the default stays in a mode since nothing is measurably faster.
    pub fn keeps_default(&self, mode: Mode) -> bool {
        self.best(mode).is_some_and(|best| Some(best.code_hash.as_str()) == self.default_hash.as_deref())
    }

    fn unchecked(&self) -> Mode {
        Mode::UNCHECKED.with_cache(self.cache)
    }

    /// How far apart two measurements of the same kernel may lie, as a share: from the default against itself in the
    /// final race.
    pub fn noise_floor(&self) -> Option<f64> {
        let hash = self.default_hash.as_deref()?;
        let mut twins =
            self.finalists.iter().filter(|record| record.code_hash == hash && record.mode == self.unchecked());
        noise_floor(twins.next()?, twins.next()?)
    }

    /// The default as it did in the race.
    pub fn default(&self, mode: Mode) -> Option<&Record> {
        self.finalist(self.default_hash.as_deref()?, mode)
    }

    /// The naive kernel as it did in the race.
    pub fn naive(&self, mode: Mode) -> Option<&Record> {
        self.finalist(self.naive_hash.as_deref()?, mode)
    }

    /// The finalist with this program in that mode, be it timed or rejected.
    pub fn finalist(&self, hash: &str, mode: Mode) -> Option<&Record> {
        self.finalists.iter().find(|record| record.code_hash == hash && record.mode == mode.with_cache(self.cache))
    }

    /// The share of the run that was neither compiling, running nor gating kernels.
    pub fn own_share(&self) -> f64 {
        let Costs { compile_ns, run_ns, gate_ns, .. } = self.costs;
        1.0 - (compile_ns + run_ns + gate_ns) / self.total_ns
    }

    /// The share of the run that went into making references and checking results.
    pub fn gate_share(&self) -> f64 {
        self.costs.gate_ns / self.total_ns
    }
}

/// How far the interval of the ratio of two records of the same kernel and race is from 1, as a share.
pub fn noise_floor(one: &Record, other: &Record) -> Option<f64> {
    let Estimate { low, high, .. } = ratio(one.outcome.samples_ns(), other.outcome.samples_ns(), CONFIDENCE);
    Some((1.0 - low).max(high - 1.0)).filter(|floor| floor.is_finite())
}

/// How many times faster one raced record is than another of the same race, by the rounds that both were in; `None` where
/// those are too few for an interval.
pub fn raced_speedup(base: &Record, new: &Record) -> Option<Estimate> {
    let speedup = ratio(new.outcome.samples_ns(), base.outcome.samples_ns(), CONFIDENCE);
    Some(speedup).filter(|Estimate { low, high, .. }| *low > 0.0 && high.is_finite())
}
