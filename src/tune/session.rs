//! One run of the tuner on one workload: what it works with and what it has found so far.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use super::logbook::Logbook;
use super::{Rejected, Settings, StopReason, TuneError, Tuned, WarmStart, refuse_too_large, tuned_template};
use crate::base::stats::Estimate;
use crate::measure::{Candidate, Costs, Measure, Precheck};
use crate::op::{Shared, Template, naive_template};
use crate::record::{Mode, Record, Stage};
use crate::space::Space;
use crate::store::Store;

pub(super) struct Session<'a> {
    pub measure: Measure<'a>,
    pub logbook: Logbook<'a>,
    pub settings: &'a Settings,
    pub template: Shared<dyn Template>,
    /// Without checks, as native applications may run and as is searched; and with all of them, as browsers do.
    pub modes: [Mode; 2],
    pub space: Arc<Space>,
    /// Emits and checks what the searcher asks for, before a trial is spent on it.
    pub precheck: Arc<Precheck>,
    pub default: Candidate,
    /// The naive kernel, unless that is all there is.
    pub naive: Option<Candidate>,
    /// The fastest candidates of the search, the fastest first: no more than may be raced, however long the run.
    pub fastest: Vec<Standing>,
    /// The default's median, once it has been timed.
    pub default_ns: Option<f64>,
    pub trials: usize,
    pub remembered: usize,
    /// Programs that have qualified for the final race, or have not.
    pub qualified: BTreeSet<String>,
    /// Those that have not, and those that are known not to.
    pub wrong: BTreeSet<String>,
    /// What the searcher was told beforehand.
    pub warm: Option<WarmStart>,
    /// Whether the final race was held in a fresh process, once it was held.
    pub fresh: Option<bool>,
    pub rejected: BTreeMap<Stage, Rejected>,
    /// What the check refused before a trial was spent on it.
    pub refused: BTreeMap<Stage, Rejected>,
}

/// A candidate with its time in the search, at the sentinel's reference pace.
pub(super) struct Standing {
    pub candidate: Candidate,
    /// In nanoseconds.
    pub paced_ns: Estimate,
}

impl<'a> Session<'a> {
    pub fn new(
        mut measure: Measure<'a>,
        isolated: bool,
        store: &'a mut Store,
        settings: &'a Settings,
    ) -> Result<Self, TuneError> {
        let (space, default) = default_candidate(&mut measure)?;
        let naive = naive_candidate(&mut measure).filter(|naive| naive.hash != default.hash);
        let space = space.restricted(&settings.fixed)?;
        if space.is_empty() {
            let (workload, device) = (measure.signature().workload.to_string(), &measure.device().identity.adapter);
            return Err(TuneError::NothingLeft { workload, device: device.clone() });
        }
        let logbook = Logbook::open(store, settings, isolated)?;
        measure.cold_bytes = settings.cold_bytes;
        let precheck = measure.precheck(&default.template);
        Ok(Self {
            measure,
            logbook,
            settings,
            template: default.template.clone(),
            modes: [Mode::UNCHECKED, Mode::CHECKED].map(|mode| mode.with_cache(settings.cache())),
            space: Arc::new(space),
            precheck,
            default,
            naive,
            fastest: Vec::new(),
            default_ns: None,
            trials: 0,
            remembered: 0,
            qualified: BTreeSet::new(),
            wrong: BTreeSet::new(),
            warm: None,
            fresh: None,
            rejected: BTreeMap::new(),
            refused: BTreeMap::new(),
        })
    }

    pub fn conclude(self, stop: StopReason, finalists: Vec<Record>, started: Instant) -> Tuned {
        let prechecks = self.precheck.spent();
        let Costs { emit_ns, check_ns, .. } = self.measure.costs;
        let (emit_ns, check_ns) = (emit_ns + prechecks.emit_ns, check_ns + prechecks.check_ns);
        Tuned {
            workload: self.measure.signature().workload.to_string(),
            device: self.measure.device().identity.clone(),
            cache: self.settings.cache(),
            stop,
            trials: self.trials,
            remembered: self.remembered,
            warm: self.warm,
            fresh: self.fresh,
            resolution_ns: self.measure.resolution_ns,
            impossible: self.measure.impossible,
            rejected: self.rejected,
            refused: self.refused,
            prechecks,
            finalists,
            default_hash: Some(self.default.hash),
            naive_hash: self.naive.map(|naive| naive.hash),
            costs: Costs { emit_ns, check_ns, ..self.measure.costs },
            store_ns: self.logbook.spent_ns,
            total_ns: started.elapsed().as_secs_f64() * 1e9,
        }
    }
}

/// The space of the tuned template, and the default in it.
pub(super) fn default_candidate(measure: &mut Measure) -> Result<(Space, Candidate), TuneError> {
    let template = tuned_template(measure.signature())?;
    refuse_too_large(measure.signature(), measure.device())?;
    let space = template.space(measure.signature(), measure.device());
    let default = template.default(measure.signature(), &space).ok_or_else(|| TuneError::EmptySpace {
        workload: measure.signature().workload.to_string(),
        device: measure.device().identity.adapter.clone(),
    })?;
    let default = measure.candidate(&template, default);
    Ok((space, default))
}

/// The naive kernel of a workload, in its only config.
pub(super) fn naive_candidate(measure: &mut Measure) -> Option<Candidate> {
    let template = naive_template(measure.signature())?;
    let space = template.space(measure.signature(), measure.device());
    let config = template.default(measure.signature(), &space)?;
    Some(measure.candidate(&template, config))
}
