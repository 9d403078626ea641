//! Rechecks: stored winners beside the default and the naive kernel once more.

use super::session::{default_candidate, naive_candidate, record_of};
use super::{Settings, TuneError, refuse_too_small};
use crate::backend::{Backend, Elimination, Timing};
use crate::base::DeviceFacts;
use crate::measure::{Candidate, FINAL, Measure};
use crate::op::{Signature, Template, find_template};
use crate::record::{Mode, Phase, Record};
use crate::space::Config;
use crate::store::Store;

/// Times the naive kernel, the default, these stored winners and the default once more side by side and stores what came of
/// it: one record for each, in that order. What the default differs from itself is the noise floor.
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
    let mut measure = Measure::new(backend, signature.clone(), settings.seed);
    measure.cold_bytes = settings.cold_bytes;
    let (_, default) = default_candidate(&mut measure)?;
    let mut candidates = vec![naive_candidate(&mut measure).unwrap_or_else(|| default.clone()), default];
    for winner in winners {
        let (template, config) = stored_config(signature, winner)?;
        candidates.push(measure.candidate(template, config));
    }
    candidates.push(candidates[1].clone());
    let entrants: Vec<(&Candidate, Mode)> = candidates.iter().map(|candidate| (candidate, mode)).collect();
    // Whoever asks for it wants to see it measured: nobody leaves.
    let timing = Timing { elimination: Some(Elimination { first: entrants.len() }), ..FINAL };
    let reports = measure.race(&entrants, timing)?;
    let run = store.new_run()?;
    let ended = candidates.iter().zip(reports).enumerate();
    let records: Vec<Record> = ended
        .map(|(trial, (candidate, report))| {
            let place = (Phase::Recheck, run, trial as u64);
            record_of(&measure, settings, candidate, mode, place, report)
        })
        .collect();
    store.insert_all(&records)?;
    Ok(records)
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
