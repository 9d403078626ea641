//! One run of the tuner on one workload: what it works with and what it has found so far.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::allot::Allotment;
use super::arm::{Arm, Field, default_config};
use super::logbook::Logbook;
use super::{Rejected, Settings, StopReason, TemplateReport, TuneError, Tuned, chosen_templates, refuse_too_large};
use crate::base::stats::Estimate;
use crate::measure::{Candidate, Costs, Measure, Prechecks};
use crate::op::naive_template;
use crate::record::{Mode, Record, Stage};
use crate::store::Store;

pub(super) struct Session<'a> {
    pub measure: Measure<'a>,
    pub logbook: Logbook<'a>,
    pub settings: &'a Settings,
    /// The templates that are searched, in the order of the operator.
    pub arms: Vec<Arm>,
    /// Those that were wanted and cannot be, with their places among all.
    excluded: Vec<(usize, TemplateReport)>,
    /// Who gets which trial.
    pub allotment: Allotment,
    /// Without checks, as native applications may run and as is searched; and with all of them, as browsers do.
    pub modes: [Mode; 2],
    pub default: Candidate,
    /// The naive kernel, unless that is all there is.
    pub naive: Option<Candidate>,
    /// The fastest candidates of the search, the fastest first: no more than may be raced, however long the run.
    pub fastest: Vec<Standing>,
    /// The default's median, once it has been timed.
    pub default_ns: Option<f64>,
    pub trials: usize,
    pub remembered: usize,
    /// Wall time of the search, once it is over.
    pub search_ns: f64,
    /// Programs that have qualified for the final race, or have not.
    pub qualified: BTreeSet<String>,
    /// Those that have not, and those that are known not to.
    pub wrong: BTreeSet<String>,
    /// Whether the final race was held in a fresh process, once it was held.
    pub fresh: Option<bool>,
    pub rejected: BTreeMap<Stage, Rejected>,
    /// What the check refused before a trial was spent on it.
    pub refused: BTreeMap<Stage, Rejected>,
}

/// A candidate with its time in the search, at the sentinel's reference pace.
#[derive(Clone)]
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
        let default = default_candidate(&mut measure)?;
        let naive = naive_candidate(&mut measure).filter(|naive| naive.hash != default.hash);
        let Field { arms, excluded } = Field::new(&measure, settings, &default)?;
        store.keep_facts(measure.device())?;
        let logbook = Logbook::open(store, settings, isolated)?;
        measure.cold_bytes = settings.cold_bytes;
        Ok(Self {
            measure,
            logbook,
            settings,
            allotment: Allotment::new(arms.len(), settings.trials),
            arms,
            excluded,
            modes: [Mode::UNCHECKED, Mode::CHECKED].map(|mode| mode.with_cache(settings.cache())),
            default,
            naive,
            fastest: Vec::new(),
            default_ns: None,
            trials: 0,
            remembered: 0,
            search_ns: 0.0,
            qualified: BTreeSet::new(),
            wrong: BTreeSet::new(),
            fresh: None,
            rejected: BTreeMap::new(),
            refused: BTreeMap::new(),
        })
    }

    pub fn conclude(self, stop: StopReason, finalists: Vec<Record>, started: Instant) -> Tuned {
        let prechecks = self.arms.iter().map(|arm| arm.precheck.spent()).fold(Prechecks::default(), Prechecks::and);
        let Costs { emit_ns, check_ns, .. } = self.measure.costs;
        let (emit_ns, check_ns) = (emit_ns + prechecks.emit_ns, check_ns + prechecks.check_ns);
        let arms = self.arms.into_iter().enumerate();
        let mut templates: Vec<TemplateReport> = arms.map(|(at, arm)| arm.report(self.allotment.dropped(at))).collect();
        self.excluded.into_iter().for_each(|(place, report)| templates.insert(place, report));
        Tuned {
            workload: self.measure.signature().workload.to_string(),
            device: self.measure.device().identity.clone(),
            cache: self.settings.cache(),
            stop,
            trials: self.trials,
            remembered: self.remembered,
            templates,
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

/// The default of a workload on this device.
pub(super) fn default_candidate(measure: &mut Measure) -> Result<Candidate, TuneError> {
    chosen_templates(measure.signature(), measure.device(), &[])?;
    refuse_too_large(measure.signature(), measure.device())?;
    let (template, config) = default_config(measure.signature(), measure.device())?;
    Ok(measure.candidate(&template, config))
}

/// The naive kernel of a workload, in its only config.
pub(super) fn naive_candidate(measure: &mut Measure) -> Option<Candidate> {
    let template = naive_template(measure.signature(), measure.device().language())?;
    let space = template.space(measure.signature(), measure.device());
    let config = template.default(measure.signature(), &space)?;
    Some(measure.candidate(&template, config))
}
