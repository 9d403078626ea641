//! Rechecks: stored winners beside the default and the naive kernel once more.

use super::logbook::{Logbook, Seat};
use super::session::{default_candidate, naive_candidate};
use super::{Settings, TuneError};
use crate::backend::Backend;
use crate::base::DeviceFacts;
use crate::measure::{FINAL, Measure};
use crate::op::{Signature, Template, find_template};
use crate::record::{Mode, Phase, Record};
use crate::space::Config;
use crate::store::Store;

/// Times the naive kernel, the default and these stored winners side by side and stores what came of it: one record
/// for each, in that order. Those in quarantine are not timed: of them it returns the last record.
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
    store.recover()?;
    let isolated = backend.is_isolated();
    let mut measure = Measure::new(backend, signature.clone(), settings.seed);
    let (_, default) = default_candidate(&mut measure)?;
    let trusted = default.hash.clone();
    let mut candidates = vec![naive_candidate(&mut measure).unwrap_or_else(|| default.clone()), default];
    for winner in winners {
        let (template, config) = stored_config(signature, winner)?;
        candidates.push(measure.candidate(template, config));
    }
    let seats: Vec<Seat> = candidates.iter().enumerate().map(|(at, candidate)| (candidate, mode, at as u64)).collect();
    let mut logbook = Logbook::open(store, settings, isolated)?;
    logbook.race(&mut measure, Phase::Recheck, &seats, &trusted, FINAL)
}

/// The template and config that a record names. Where it was measured it was legal; elsewhere it may not fit.
///
/// # Errors
/// When this version knows no such template or no config with these values.
pub fn stored_config(signature: &Signature, record: &Record) -> Result<(&'static dyn Template, Config), TuneError> {
    let gone = |why: String| TuneError::Gone { template: record.template.clone(), why };
    let template = find_template(&record.template).ok_or_else(|| gone("no template has that name".to_owned()))?;
    let space = template.space(signature, &DeviceFacts::boundless());
    let config = space.config(&record.values).map_err(|e| gone(e.to_string()))?;
    Ok((template, config))
}
