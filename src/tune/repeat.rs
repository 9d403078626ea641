//! Repeat checks: the same search under other seeds, and how much it matters which of their winners one happens to get.
//!
//! Each repeat is a whole run, final race included, that sees nothing of what the store knows of this workload on this
//! device but the quarantine. It has a scratch store meanwhile: so a check that was killed goes on where it was. At its
//! end its trials are kept in the store, in a phase that nobody recalls. Then all winners are raced side by side.

use std::collections::BTreeMap;

use serde::Serialize;

use super::drift::race;
use super::knockout::survivors;
use super::recheck::DEFAULT;
use super::warm::sources_near;
use super::{Settings, StopReason, TuneError, Watch, raced_speedup, tune};
use crate::backend::Backend;
use crate::base::DeviceIdentity;
use crate::base::stats::{Estimate, median};
use crate::op::Signature;
use crate::record::{Mode, Phase, Record};
use crate::store::{Filter, Store};

/// The run of records that a scratch store was given: no run has this number.
const GIVEN: u64 = 0;

/// What the winners of several seeds are worth beside each other.
#[derive(Clone, Debug, Serialize)]
pub struct RepeatCheck {
    /// The winner of the run that was checked.
    pub winner: Standing,
    /// The default, whether or not it won anywhere.
    pub default: Standing,
    /// One for each further seed.
    pub repeats: Vec<Repeat>,
    /// How many repeats have the same winner as the run that was checked.
    pub same: usize,
    /// How many repeats have a winner whose time cannot be told from the best's.
    pub tied: usize,
    /// By how much the winners of the repeats are slower than the best of the race: the median, as a share.
    pub median_regret: Option<f64>,
    /// The largest such share.
    pub worst_regret: Option<f64>,
}

/// One search under another seed.
#[derive(Clone, Debug, Serialize)]
pub struct Repeat {
    /// Its seed.
    pub seed: u64,
    /// Configs that it tried.
    pub trials: usize,
    /// Its winner, if it found any.
    pub winner: Option<Standing>,
}

/// A winner in the race of all winners.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// As it was measured there.
    pub record: Record,
    /// How many times longer it takes than the best of that race; `None` if it was rejected.
    pub slowdown: Option<Estimate>,
}

impl Standing {
    fn new(record: Record, best: Option<&Record>) -> Self {
        let slowdown = best.and_then(|best| match best.code_hash == record.code_hash {
            true => Some(Estimate { value: 1.0, low: 1.0, high: 1.0 }),
            false => raced_speedup(&record, best),
        });
        Self { record, slowdown }
    }

    /// Whether its time cannot be told from the best's.
    pub fn is_tied(&self) -> bool {
        self.slowdown.is_some_and(|slowdown| slowdown.low <= 1.0)
    }

    /// By how much it is slower than the best, as a share.
    pub fn regret(&self) -> Option<f64> {
        self.slowdown.map(|slowdown| (slowdown.value - 1.0).max(0.0))
    }
}

/// Repeats the run that has just found `winner` under so many further seeds, and races the winners. `None` if the watcher
/// stopped it: the same call goes on from there.
///
/// # Errors
/// As [`tune`].
pub fn repeat_check(
    backend: &mut dyn Backend,
    store: &mut Store,
    signature: &Signature,
    settings: &Settings,
    winner: &Record,
    seeds: u64,
    watch: &mut dyn Watch,
) -> Result<Option<RepeatCheck>, TuneError> {
    let mut found: Vec<(u64, usize, Option<Record>)> = Vec::new();
    let mut scratches: Vec<Store> = Vec::new();
    for number in 1..=seeds {
        let settings = Settings { seed: settings.seed.wrapping_add(number), ..settings.clone() };
        let mut scratch = prepared(store, &scratches, signature, &backend.facts().identity, &settings)?;
        let tuned = tune(backend, &mut scratch, signature, &settings, watch)?;
        scratches.push(scratch);
        if tuned.stop == StopReason::Interrupted {
            return Ok(None);
        }
        found.push((settings.seed, tuned.trials, tuned.best(Mode::UNCHECKED).cloned()));
    }
    let winners: Vec<Record> =
        std::iter::once(winner).chain(found.iter().filter_map(|(.., best)| best.as_ref())).cloned().collect();
    // Inputs that none of the searches has seen.
    let settings = Settings { seed: settings.seed.wrapping_add(seeds + 1), ..settings.clone() };
    watch.race(winners.len());
    let raced = race(backend, store, signature, &winners, &settings)?;
    scratches.into_iter().try_for_each(|scratch| keep(store, scratch))?;
    Ok(Some(judge(&raced.all, raced.winners, found)))
}

/// The store of a repeat: as it was left, or else with what a repeat may know.
fn prepared(
    store: &Store,
    before: &[Store],
    signature: &Signature,
    device: &DeviceIdentity,
    settings: &Settings,
) -> Result<Store, TuneError> {
    let mut scratch = store.scratch(&format!("repeat-{}", settings.seed))?;
    if scratch.query(&Filter { limit: Some(1), ..Filter::default() })?.is_empty() {
        scratch.insert_all(&hints(store, signature, device, settings)?)?;
        for known in before.iter().chain([store]) {
            scratch.insert_all(&quarantined(known, signature, device, settings)?)?;
        }
    }
    Ok(scratch)
}

/// What starts searches from elsewhere.
fn hints(
    store: &Store,
    signature: &Signature,
    device: &DeviceIdentity,
    settings: &Settings,
) -> Result<Vec<Record>, TuneError> {
    if !settings.warm_start {
        return Ok(Vec::new());
    }
    let hints = sources_near(store, signature, device, Mode::UNCHECKED)?;
    Ok(hints.into_iter().map(|record| Record { run: GIVEN, ..record }).collect())
}

/// Who is in quarantine, as a search is to meet it.
fn quarantined(
    store: &Store,
    signature: &Signature,
    device: &DeviceIdentity,
    settings: &Settings,
) -> Result<Vec<Record>, TuneError> {
    if settings.retry_quarantined {
        return Ok(Vec::new());
    }
    let workload = Some(signature.workload.to_string());
    let found = store.query(&Filter { workload, quarantined: true, ..Filter::default() })?;
    let here = found.into_iter().filter(|record| record.device == *device);
    Ok(here.map(|record| Record { run: GIVEN, phase: Phase::Search, ..record }).collect())
}

/// Keeps what was measured in a scratch store, in the order in which it was, and removes that.
fn keep(store: &mut Store, scratch: Store) -> Result<(), TuneError> {
    let mut records = scratch.query(&Filter::default())?;
    records.retain(|record| record.run != GIVEN);
    records.reverse();
    let mut runs: BTreeMap<u64, u64> = BTreeMap::new();
    for record in &mut records {
        record.phase = Phase::Repeat;
        record.run = match runs.get(&record.run) {
            Some(run) => *run,
            None => *runs.entry(record.run).or_insert(store.new_run()?),
        };
    }
    store.insert_all(&records)?;
    Ok(scratch.discard()?)
}

/// Compares the winners by their race. The first of them is that of the run that was checked.
fn judge(all: &[Record], winners: Vec<Record>, found: Vec<(u64, usize, Option<Record>)>) -> RepeatCheck {
    // Medians of lanes that left at different times are not to be compared.
    let best = survivors(all, all[DEFAULT].mode).first().map(|&at| &all[at]);
    let mut standings = winners.into_iter().map(|record| Standing::new(record, best));
    let winner = standings.next().expect("the winner of the run that was checked");
    let default = Standing::new(all[DEFAULT].clone(), best);
    let repeats = found.into_iter().map(|(seed, trials, best)| {
        // Each that was found was raced, in this order.
        Repeat { seed, trials, winner: best.and_then(|_| standings.next()) }
    });
    let repeats: Vec<Repeat> = repeats.collect();
    let found = || repeats.iter().filter_map(|repeat| repeat.winner.as_ref());
    let regrets: Vec<f64> = found().filter_map(Standing::regret).collect();
    RepeatCheck {
        same: found().filter(|one| one.record.code_hash == winner.record.code_hash).count(),
        tied: found().filter(|one| one.is_tied()).count(),
        median_regret: (!regrets.is_empty()).then(|| median(&regrets)),
        worst_regret: regrets.iter().copied().reduce(f64::max),
        winner,
        default,
        repeats,
    }
}
