//! Rechecks: stored winners beside the default and the naive kernel once more.

use super::logbook::{Logbook, Seat};
use super::session::{default_candidate, naive_candidate};
use super::{Settings, TuneError, refuse_too_small};
use crate::backend::{Backend, Elimination, Timing};
use crate::measure::{FINAL, Measure};
use crate::op::{Shared, Signature, Template, config_of};
use crate::record::{Mode, Phase, Record};
use crate::space::Config;
use crate::store::Store;

/// The places in a recheck, which are also the trial numbers of its records. Winners come from [`WINNERS`] on.
pub(super) const NAIVE: usize = 0;
pub(super) const DEFAULT: usize = 1;
pub(super) const WINNERS: usize = 2;

/// Times the naive kernel, the default, these stored winners and the default once more side by side and stores what came of
/// it: one record for each, in that order. What the default differs from itself is the noise floor. Those in quarantine are
/// not timed: of them it returns the last record.
///
/// # Errors
/// As [`super::tune`]; and when this version knows no config with a winner's values.
pub fn recheck(
    backend: &mut dyn Backend,
    store: &mut Store,
    signature: &Signature,
    winners: &[Record],
    mode: Mode,
    settings: &Settings,
) -> Result<Vec<Record>, TuneError> {
    refuse_too_small(signature, settings)?;
    store.recover()?;
    let isolated = backend.is_isolated();
    let mut measure = Measure::new(backend, signature.clone(), settings.seed);
    measure.cold_bytes = settings.cold_bytes;
    let default = default_candidate(&mut measure)?;
    let trusted = default.hash.clone();
    let mut candidates = vec![naive_candidate(&mut measure).unwrap_or_else(|| default.clone()), default];
    for winner in winners {
        let (template, config) = stored_config(signature, winner)?;
        let candidate = measure.candidate(&template, config);
        if let Some(ns) = winner.outcome.median_ns() {
            measure.learn_pace(&candidate, ns);
        }
        candidates.push(candidate);
    }
    candidates.push(candidates[1].clone());
    let seats: Vec<Seat> = candidates.iter().enumerate().map(|(at, candidate)| (candidate, mode, at as u64)).collect();
    let mut logbook = Logbook::open(store, settings, isolated)?;
    // Whoever asks for it wants to see it measured: nobody leaves before there are the least samples.
    let timing = Timing { elimination: Some(Elimination { first: seats.len() }), ..FINAL };
    logbook.race(&mut measure, Phase::Recheck, &seats, &trusted, timing, |_| ())
}

/// The template and config that a record names.
///
/// # Errors
/// As [`config_of`].
pub fn stored_config(signature: &Signature, record: &Record) -> Result<(Shared<dyn Template>, Config), TuneError> {
    config_of(signature, &record.template, &record.values)
        .map_err(|why| TuneError::Gone { template: record.template.clone(), why })
}
