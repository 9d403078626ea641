//! Drift: whether stored winners still are what their races said.
//!
//! Times of two moments are never compared. What is compared is how many times faster than the default a winner was in
//! its final race, and how many times faster it is in a race of now.

use std::cmp::Reverse;

use serde::Serialize;

use super::arm::default_config;
use super::recheck::{DEFAULT, NAIVE, WINNERS, recheck, stored_config};
use super::{Settings, TuneError, raced_speedup};
use crate::backend::Backend;
use crate::base::stats::Estimate;
use crate::base::{DeviceFacts, DeviceIdentity};
use crate::op::{Shared, Signature, Template, naive_template};
use crate::record::{Mode, Outcome, Phase, Record, Stage};
use crate::space::Config;
use crate::store::{Filter, Store};

/// How winners are compared.
const MODE: Mode = Mode::UNCHECKED;

/// An interval tells how far the rounds of one race scatter. Two races of the same programs differ by more: buffers lie
/// elsewhere, another process runs beside. Less than this share between the intervals is no drift.
const ORDINARY: f64 = 0.05;

/// What became of a stored winner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The intervals of both speed-ups over the default overlap, or nearly so.
    Holds,
    /// It is farther ahead of the default than it was.
    Faster,
    /// It is less far ahead of the default than it was.
    Slower,
    /// It was right and timed, but there is no speed-up over the default to compare, then or now.
    Unclear,
    /// This version of the program has no such workload, template or config.
    Gone,
    /// It does not compile, hangs, crashes, or is refused by the device's limits.
    Fails,
    /// Its result is wrong.
    Wrong,
}

impl Verdict {
    /// Every verdict, from good to bad.
    pub const ALL: [Self; 7] =
        [Self::Holds, Self::Faster, Self::Slower, Self::Unclear, Self::Gone, Self::Fails, Self::Wrong];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Faster => "faster",
            Self::Slower => "slower",
            Self::Unclear => "unclear",
            Self::Gone => "gone",
            Self::Fails => "fails",
            Self::Wrong => "wrong",
        }
    }

    /// Whether the winner must not be used as it is: the store no longer trusts it.
    pub fn is_rejected(self) -> bool {
        matches!(self, Self::Fails | Self::Wrong)
    }

    fn of(outcome: &Outcome, claimed: Option<Estimate>, now: Option<Estimate>) -> Self {
        match (outcome, claimed, now) {
            (Outcome::Rejected(rejection), ..) => match rejection.stage {
                Stage::Verify => Self::Wrong,
                Stage::Run => Self::Unclear,
                _ => Self::Fails,
            },
            (Outcome::Timed { .. }, Some(claimed), Some(now)) => Self::between(claimed, now),
            (Outcome::Timed { .. }, ..) => Self::Unclear,
        }
    }

    fn between(claimed: Estimate, now: Estimate) -> Self {
        if now.high * (1.0 + ORDINARY) < claimed.low {
            Self::Slower
        } else if now.low > claimed.high * (1.0 + ORDINARY) {
            Self::Faster
        } else {
            Self::Holds
        }
    }
}

/// A stored winner, and what was found now.
#[derive(Clone, Debug, Serialize)]
pub struct Rechecked {
    /// As it is stored.
    pub winner: Record,
    /// How many times faster than the default it was in its final race.
    pub claimed: Option<Estimate>,
    /// As it was measured now; `None` if it is gone.
    pub now: Option<Record>,
    /// How many times faster than the default it is now.
    pub speedup: Option<Estimate>,
    /// What became of it.
    pub verdict: Verdict,
    /// Why it is gone, fails or is wrong.
    pub why: Option<String>,
}

impl Rechecked {
    fn gone(winner: Record, why: String) -> Self {
        Self { winner, claimed: None, now: None, speedup: None, verdict: Verdict::Gone, why: Some(why) }
    }

    fn new(store: &Store, winner: Record, now: Record, default: &Record) -> Result<Self, TuneError> {
        let (claimed, speedup) = if same_config(&winner, default) {
            (Some(ITSELF), Some(ITSELF))
        } else {
            (claim(store, &winner, default)?, raced_speedup(default, &now))
        };
        let verdict = Verdict::of(&now.outcome, claimed, speedup);
        let why = match &now.outcome {
            Outcome::Rejected(rejection) => Some(format!("rejected at {}: {}", rejection.stage, rejection.why)),
            Outcome::Timed { .. } => None,
        };
        Ok(Self { winner, claimed, now: Some(now), speedup, verdict, why })
    }
}

/// The default against itself.
const ITSELF: Estimate = Estimate { value: 1.0, low: 1.0, high: 1.0 };

/// The stored winners of each workload that was tuned on an adapter of this name, in the order of their first trials: one
/// for each identity of it (another driver, another shader compiler), the newest first, none with the same config twice.
///
/// # Errors
/// When the store cannot be read.
pub fn stored_winners(store: &Store, device: &DeviceIdentity) -> Result<Vec<(String, Vec<Record>)>, TuneError> {
    let mut found: Vec<(String, Vec<Record>)> = Vec::new();
    for (workload, identity) in store.tuned(&device.adapter, MODE)? {
        let Some(winner) = store.best(&workload, Some(&identity), MODE)? else { continue };
        match found.iter_mut().find(|(known, _)| *known == workload) {
            Some((_, winners)) => winners.push(winner),
            None => found.push((workload, vec![winner])),
        }
    }
    for (_, winners) in &mut found {
        winners.sort_by_key(|winner| Reverse(winner.at_ms));
        keep_first(winners);
    }
    Ok(found)
}

/// Keeps the first of each config.
fn keep_first(records: &mut Vec<Record>) {
    let mut kept: Vec<Record> = Vec::new();
    for record in records.drain(..) {
        if kept.iter().all(|other| !same_config(other, &record)) {
            kept.push(record);
        }
    }
    *records = kept;
}

/// Whether two records are of the same config: the programs of two versions of it may differ.
pub(super) fn same_config(one: &Record, other: &Record) -> bool {
    (&one.template, &one.values) == (&other.template, &other.values)
}

/// Checks and times stored winners of a workload beside the default and the naive kernel, and tells what became of each;
/// those that are gone come last. Without a signature, as of an operator that this version does not have, all are gone. What was measured is stored, and the store no longer trusts what was rejected.
///
/// # Errors
/// When the store or the temporary folder fails.
pub fn recheck_winners(
    backend: &mut dyn Backend,
    store: &mut Store,
    signature: Option<&Signature>,
    winners: Vec<Record>,
    settings: &Settings,
) -> Result<Vec<Rechecked>, TuneError> {
    let Some(signature) = signature else {
        let gone = |winner: Record| {
            let why = format!("no operator computes `{}`", winner.workload);
            Rechecked::gone(winner, why)
        };
        return Ok(winners.into_iter().map(gone).collect());
    };
    let (mut alive, mut gone) = (Vec::new(), Vec::new());
    for winner in winners {
        match stored_config(signature, &winner) {
            Ok(_) => alive.push(winner),
            Err(error) => gone.push(Rechecked::gone(winner, error.to_string())),
        }
    }
    let mut told = match judge(backend, store, signature, alive.clone(), settings) {
        Ok(told) => told,
        // The workload is out of reach of this version or of this device.
        Err(
            error @ (TuneError::NoTemplate { .. }
            | TuneError::OtherLanguage { .. }
            | TuneError::EmptySpace { .. }
            | TuneError::TooLarge { .. }),
        ) => alive.into_iter().map(|winner| Rechecked::gone(winner, error.to_string())).collect(),
        Err(error) => return Err(error),
    };
    confirm(&mut told, backend, store, signature, settings)?;
    told.extend(gone);
    Ok(told)
}

fn judge(
    backend: &mut dyn Backend,
    store: &mut Store,
    signature: &Signature,
    stored: Vec<Record>,
    settings: &Settings,
) -> Result<Vec<Rechecked>, TuneError> {
    let race = race(backend, store, signature, &stored, settings)?;
    let judged = stored.into_iter().zip(race.winners);
    judged.map(|(winner, now)| Rechecked::new(store, winner, now, &race.all[DEFAULT])).collect()
}

/// Races those once more that have drifted: it counts only if it is found twice.
fn confirm(
    told: &mut [Rechecked],
    backend: &mut dyn Backend,
    store: &mut Store,
    signature: &Signature,
    settings: &Settings,
) -> Result<(), TuneError> {
    let drifted: Vec<&mut Rechecked> =
        told.iter_mut().filter(|one| matches!(one.verdict, Verdict::Slower | Verdict::Faster)).collect();
    let winners = drifted.iter().map(|one| one.winner.clone()).collect();
    let again = judge(backend, store, signature, winners, settings)?;
    drifted.into_iter().zip(again).for_each(|(one, again)| *one = again);
    Ok(())
}

/// Winners beside the default.
#[derive(Default)]
pub(super) struct Beside {
    /// Everything that was raced, once each; nothing where no winners were asked for.
    pub all: Vec<Record>,
    /// In the order in which they were asked for.
    pub winners: Vec<Record>,
}

/// Races winners with the default and the naive kernel, each config once.
pub(super) fn race(
    backend: &mut dyn Backend,
    store: &mut Store,
    signature: &Signature,
    winners: &[Record],
    settings: &Settings,
) -> Result<Beside, TuneError> {
    let Some(first) = winners.first() else { return Ok(Beside::default()) };
    let others = beside_plain(signature, backend.facts(), winners);
    let all = recheck(backend, store, signature, &others, first.mode, settings)?;
    // By their places: a record of the quarantine may name another config that emits the same program.
    let place = |winner: &Record| match others.iter().position(|other| same_config(other, winner)) {
        Some(at) => WINNERS + at,
        None if winner.template == all[DEFAULT].template => DEFAULT,
        None => NAIVE,
    };
    let winners = winners.iter().map(|winner| all[place(winner)].clone()).collect();
    Ok(Beside { all, winners })
}

/// The winners that are neither the default nor the naive kernel, which are raced anyway: none twice.
fn beside_plain(signature: &Signature, device: &DeviceFacts, winners: &[Record]) -> Vec<Record> {
    let naive = naive_template(signature, device.language()).and_then(|template| {
        let config = template.default(signature, &template.space(signature, device))?;
        Some((template, config))
    });
    let plain: Vec<(Shared<dyn Template>, Config)> =
        default_config(signature, device).ok().into_iter().chain(naive).collect();
    let is_plain = |winner: &Record| {
        plain.iter().any(|(template, config)| template.name() == winner.template && config.values() == winner.values)
    };
    let mut others: Vec<Record> = winners.iter().filter(|winner| !is_plain(winner)).cloned().collect();
    keep_first(&mut others);
    others
}

/// How many times faster than the default a winner was in its final race, where both were timed in it.
fn claim(store: &Store, winner: &Record, default: &Record) -> Result<Option<Estimate>, TuneError> {
    if winner.phase != Phase::Final {
        return Ok(None);
    }
    let race = store.race(winner.run, &winner.workload, Phase::Final)?;
    let of_then = |record: &&Record| record.mode == winner.mode && same_config(record, default);
    Ok(race.iter().find(of_then).and_then(|default| raced_speedup(default, winner)))
}

/// What the newest recheck since, under whatever driver, has found of a stored winner; `None` where there was none.
///
/// # Errors
/// When the store cannot be read.
pub fn last_recheck(store: &Store, winner: &Record) -> Result<Option<Rechecked>, TuneError> {
    let of_workload = Filter {
        workload: Some(winner.workload.clone()),
        device: Some(winner.device.adapter.clone()),
        phase: Some(Phase::Recheck),
        ..Filter::default()
    };
    let rechecks = store.query(&of_workload)?;
    let is_of_it = |record: &&Record| {
        let here = record.device.adapter == winner.device.adapter && record.mode == winner.mode;
        here && record.at_ms >= winner.at_ms && same_config(record, winner)
    };
    let Some(now) = rechecks.iter().find(is_of_it) else { return Ok(None) };
    let is_default = |record: &&Record| record.run == now.run && record.trial == DEFAULT as u64;
    let default = rechecks.iter().find(is_default);
    default.map(|default| Rechecked::new(store, winner.clone(), now.clone(), default)).transpose()
}
