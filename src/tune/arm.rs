//! The templates that take part in a search: which they are, what is known of each, and what is told of it at the end.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::Serialize;

use super::allot::{Dropped, Score};
use super::session::Standing;
use super::{Settings, TuneError, WarmStart, chosen_templates};
use crate::base::DeviceFacts;
use crate::base::stats::Estimate;
use crate::measure::{Candidate, Measure, Precheck};
use crate::op::{Shared, Signature, Template};
use crate::predict::{template_default, workload_default};
use crate::record::{Oracle, Rejection, Stage};
use crate::space::{Config, Space, SpaceError, Value};

/// How one template did in a search.
#[derive(Clone, Debug, Serialize)]
pub struct TemplateReport {
    /// `operator/name`.
    pub template: String,
    /// How its part in the search ended.
    pub fate: Fate,
    /// Why it took no part or has left.
    pub why: Option<String>,
    /// Configs that were tried, those answered by the store included.
    pub trials: usize,
    /// Its best time in the search, in nanoseconds at the sentinel's pace.
    pub best_ns: Option<Estimate>,
    /// The values of the config that took it.
    pub best: Option<BTreeMap<String, Value>>,
    /// How many of the trials were rejected.
    pub rejected: usize,
    /// How many configs were refused by checks before a trial was spent on them.
    pub refused: usize,
    /// What its searcher was told beforehand, if anything.
    pub warm: Option<WarmStart>,
}

/// How a template's part in a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It was in the running to the end.
    Searched,
    /// Every config of it was tried.
    Exhausted,
    /// The last thousand of its configs that were asked for were all refused by checks.
    Refused,
    /// It was slower than others, who got its trials.
    Dropped,
    /// It took no part.
    Excluded,
}

/// Why a template cannot be searched here.
#[derive(Debug, thiserror::Error)]
enum Exclusion {
    #[error("no legal config on this device")]
    Empty,
    #[error(transparent)]
    Fixed(#[from] SpaceError),
    #[error("the fixed values leave no legal config")]
    NothingLeft,
    #[error("two of its runs may differ, so that it may not win unless that is allowed (--allow-nondeterministic)")]
    Nondeterministic,
    #[error("its default is refused at {}: {}", .0.stage, .0.why)]
    Refused(Rejection),
}

/// A template that takes part.
pub(super) struct Arm {
    pub template: Shared<dyn Template>,
    pub space: Arc<Space>,
    /// Emits and checks what the searcher asks for, before a trial is spent on it.
    pub precheck: Arc<Precheck>,
    /// What it begins with, as far as that was not tried. The workload's default is tried before all arms, and none of an arm.
    pub begins: VecDeque<Candidate>,
    /// The trials that it had.
    pub trials: usize,
    /// The fastest of them.
    pub best: Option<Standing>,
    /// How many of them were rejected.
    pub rejected: usize,
    /// What its searcher was told beforehand.
    pub warm: Option<WarmStart>,
    /// Whether it has nothing left to try, or met nothing but refusals.
    pub over: Option<Fate>,
}

/// Who is searched, and who is not with the places they would have had.
pub(super) struct Field {
    pub arms: Vec<Arm>,
    pub excluded: Vec<(usize, TemplateReport)>,
}

impl Field {
    /// The templates that are wanted, each with its space narrowed as that is wanted.
    ///
    /// # Errors
    /// When none of them can be searched.
    pub fn new(measure: &Measure, settings: &Settings, default: &Candidate) -> Result<Self, TuneError> {
        let mut field = Self { arms: Vec::new(), excluded: Vec::new() };
        let mut exclusions = Vec::new();
        let templates = chosen_templates(measure.signature(), measure.device(), &settings.templates)?;
        let has_choice = templates.len() > 1 || !settings.templates.is_empty();
        for (place, template) in templates.into_iter().enumerate() {
            let futile = has_choice && !settings.may_win(template.numerics());
            let arm =
                if futile { Err(Exclusion::Nondeterministic) } else { Arm::new(measure, &template, settings, default) };
            match arm {
                Ok(arm) => field.arms.push(arm),
                Err(why) => {
                    field.excluded.push((place, TemplateReport::of_excluded(&template, why.to_string())));
                    exclusions.push(why);
                }
            }
        }
        if field.arms.is_empty() {
            return Err(field.none(measure, exclusions));
        }
        Ok(field)
    }

    /// That nobody can be searched, and why.
    fn none(&self, measure: &Measure, mut exclusions: Vec<Exclusion>) -> TuneError {
        let workload = measure.signature().workload.to_string();
        let device = measure.device().identity.adapter.clone();
        match exclusions.pop() {
            Some(Exclusion::Fixed(error)) if exclusions.is_empty() => error.into(),
            Some(Exclusion::NothingLeft) if exclusions.is_empty() => TuneError::NothingLeft { workload, device },
            _ => {
                let why = |(_, report): &(usize, TemplateReport)| {
                    Some(format!("{}: {}", report.template, report.why.as_ref()?))
                };
                let why = self.excluded.iter().filter_map(why).collect::<Vec<_>>().join("; ");
                TuneError::NoneLeft { workload, device, why }
            }
        }
    }
}

impl Arm {
    fn new(
        measure: &Measure,
        template: &Shared<dyn Template>,
        settings: &Settings,
        default: &Candidate,
    ) -> Result<Self, Exclusion> {
        let space = template.space(measure.signature(), measure.device());
        if space.is_empty() {
            return Err(Exclusion::Empty);
        }
        let space = space.restricted(&settings.fixed)?;
        if space.is_empty() {
            return Err(Exclusion::NothingLeft);
        }
        let precheck = measure.precheck(template);
        let is_default = template.name() == default.template.name();
        let begins = begins(measure, template, &space, &precheck, is_default)?;
        let space = Arc::new(space);
        let (template, best, warm, over) = (template.clone(), None, None, None);
        Ok(Self { template, space, precheck, begins, trials: 0, best, rejected: 0, warm, over })
    }

    /// How it has done so far. Before it has tried all that it begins with it counts as new, so that this comes first: where
    /// trials are slow there may be time for little else.
    pub fn score(&self) -> Score {
        let best_ns = self.best.as_ref().map(|best| best.paced_ns.value);
        let trials = if self.begins.is_empty() { self.trials } else { 0 };
        Score { trials, best_ns, is_over: self.over.is_some() }
    }

    /// Notes a trial of its own.
    pub fn note(&mut self, candidate: &Candidate, result: &Result<Estimate, Stage>) {
        self.trials += 1;
        match result {
            Ok(paced_ns) if self.best.as_ref().is_none_or(|best| paced_ns.value < best.paced_ns.value) => {
                self.best = Some(Standing { candidate: candidate.clone(), paced_ns: *paced_ns });
            }
            Ok(_) => {}
            Err(_) => self.rejected += 1,
        }
    }

    /// What is told of it at the end.
    pub fn report(self, dropped: Option<Dropped>) -> TemplateReport {
        let (fate, why) = match (self.over, dropped) {
            (Some(over), _) => (over, None),
            (None, Some(dropped)) => (Fate::Dropped, Some(dropped.to_string())),
            (None, None) => (Fate::Searched, None),
        };
        TemplateReport {
            template: self.template.name().to_owned(),
            fate,
            why,
            trials: self.trials,
            best_ns: self.best.as_ref().map(|best| best.paced_ns),
            best: self.best.map(|best| best.candidate.config.values()),
            rejected: self.rejected,
            refused: self.precheck.spent().refused,
            warm: self.warm,
        }
    }
}

/// The default of a template, or what is nearest to it in a narrowed space, unless it is the workload's, which was tried; and
/// what else it begins with.
fn begins(
    measure: &Measure,
    template: &Shared<dyn Template>,
    space: &Space,
    precheck: &Precheck,
    is_default: bool,
) -> Result<VecDeque<Candidate>, Exclusion> {
    let (signature, device) = (measure.signature(), measure.device());
    let default = template_default(&**template, signature, device, space);
    let mut begins = VecDeque::new();
    if let Some(config) = default.as_ref().filter(|_| !is_default) {
        precheck.verdict(config).map_err(Exclusion::Refused)?;
        begins.extend(precheck.take(config));
    }
    let mut known: Vec<Config> = default.into_iter().collect();
    for start in template.starts(signature, device, space) {
        if !known.contains(&start) && precheck.verdict(&start).is_ok() {
            begins.extend(precheck.take(&start));
            known.push(start);
        }
    }
    Ok(begins)
}

impl TemplateReport {
    fn of_excluded(template: &Shared<dyn Template>, why: String) -> Self {
        Self {
            template: template.name().to_owned(),
            fate: Fate::Excluded,
            why: Some(why),
            trials: 0,
            best_ns: None,
            best: None,
            rejected: 0,
            refused: 0,
            warm: None,
        }
    }
}

/// The default of a workload: that of the first template whose default the check lets pass on this device. Where
/// it lets none pass, that of the first that has any config.
pub(super) fn default_config(
    signature: &Signature,
    device: &DeviceFacts,
) -> Result<(Shared<dyn Template>, Config), TuneError> {
    chosen_templates(signature, device, &[])?;
    workload_default(signature, device).ok_or_else(|| {
        let (workload, device) = (signature.workload.to_string(), device.identity.adapter.clone());
        TuneError::EmptySpace { workload, device }
    })
}
