//! A tuned workload against the routines of its device's vendor: the winner and the default beside each of them, in rounds of
//! one race.

use serde::{Deserialize, Serialize};

use super::session::default_candidate;
use super::{TuneError, stored_config};
use crate::backend::{Backend, Entrant, EntrantReport, Timing};
use crate::base::paired::ratio;
use crate::base::stats::{CONFIDENCE, Estimate, median_interval};
use crate::code::routine::Routine;
use crate::measure::{Candidate, FINAL, Measure};
use crate::op::Signature;
use crate::record::{Clock, Mode, Numerics, Outcome, Record, Rejection, Vendor};
use crate::vendor::{Computes, Rival, Rivals, rivals};
use crate::workload::Workload;

/// What came of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Versus {
    /// The hash of the winner's program.
    pub code_hash: String,
    /// The libraries that there were.
    pub vendor: Vendor,
    /// How our kernels were compiled.
    pub mode: Mode,
    /// The winner, as it was in this race; none where it failed in it.
    pub winner: Option<Timed>,
    /// The default, unless it is the winner or failed.
    pub default: Option<Timed>,
    /// The routines.
    pub rivals: Vec<Met>,
    /// What was not compared and why, a sentence each.
    pub absent: Vec<String>,
}

/// The samples of one of ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timed {
    /// The median with its interval, in nanoseconds.
    pub time_ns: Estimate,
    /// Sample i was taken in round i.
    pub samples_ns: Vec<f64>,
}

/// One routine after the race.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Met {
    /// Whose it is.
    pub library: String,
    /// The library's version.
    pub version: String,
    /// Its name.
    pub routine: String,
    /// How much of the workload it computes.
    pub computes: Computes,
    /// Types and arithmetic in words.
    pub about: String,
    /// What it chose by itself, such as the algorithm.
    pub told: Option<String>,
    /// What became of it.
    #[serde(flatten)]
    pub ending: Ending,
}

/// What became of a routine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ending", rename_all = "snake_case")]
pub enum Ending {
    /// It is right, as far as it promises, and was timed.
    Timed {
        /// The median with its interval, in nanoseconds.
        time_ns: Estimate,
        /// How many times faster than it the winner is: below 1 where it is the faster one.
        winner_over: Option<Estimate>,
        /// The same of the default.
        default_over: Option<Estimate>,
        /// The largest error of what was checked, as a share of the error allowed; none of a yardstick.
        worst_error: Option<f64>,
        /// Sample i was taken in round i.
        samples_ns: Vec<f64>,
    },
    /// It has no time.
    Rejected {
        /// Why, with the stage.
        why: String,
    },
}

/// As native applications run, and as the libraries do.
const MODE: Mode = Mode::UNCHECKED;

/// As a final race, but for nobody leaving; a pass is a millisecond at least.
const BESIDE: Timing = Timing { elimination: None, budget_ns: 2e9, ..FINAL };

/// Races a tuned workload's winner and default against what there is of the vendor's routines, in a fresh process where there is
/// one. Each routine is verified by the gates of our kernels, as far as it promises to be right.
///
/// # Errors
/// As [`super::tune`]. That a routine fails is a result.
pub fn versus(
    backend: &mut dyn Backend,
    signature: &Signature,
    winner: &Record,
    vendor: &Vendor,
    seed: u64,
) -> Result<Option<Versus>, TuneError> {
    let Rivals { routines, mut absent } = rivals(signature, vendor);
    if routines.is_empty() {
        return Ok(None);
    }
    backend.renew();
    let refused = refused(backend, signature, &routines, seed)?;
    let mut measure = Measure::new(backend, signature.clone(), seed);
    let ours = ours(&mut measure, winner)?;
    let candidates: Vec<(&Candidate, Mode)> = ours.iter().map(|candidate| (candidate, MODE)).collect();
    let fit = routines.iter().zip(&refused).filter(|(_, why)| why.is_none());
    let entrants: Vec<Entrant> = fit.map(|(rival, _)| in_race(rival)).collect();
    let mut reports = measure.against(&candidates, &entrants, BESIDE)?.into_iter();
    let mut timed = ["winner", "default"].into_iter().zip(reports.by_ref().take(ours.len()).collect::<Vec<_>>());
    let mut next = || timed.next().and_then(|(who, report)| self::timed(who, report, &mut absent));
    let (winner_timed, default) = (next(), next());
    let met = routines.iter().zip(refused).map(|(rival, why)| {
        let report = why.map_or_else(|| reports.next().expect("one report per entrant"), EntrantReport::rejected);
        met(rival, report, winner_timed.as_ref(), default.as_ref())
    });
    let (code_hash, vendor, rivals) = (winner.code_hash.clone(), vendor.clone(), met.collect());
    Ok(Some(Versus { code_hash, vendor, mode: MODE, rivals, winner: winner_timed, default, absent }))
}

/// The winner, and the default if that is another one.
fn ours(measure: &mut Measure, winner: &Record) -> Result<Vec<Candidate>, TuneError> {
    let (template, config) = stored_config(measure.signature(), winner)?;
    let candidate = measure.candidate(&template, config);
    if let Some(ns) = winner.outcome.median_ns() {
        measure.learn_pace(&candidate, ns);
    }
    let default = default_candidate(measure)?;
    let other = Some(default).filter(|default| default.hash != candidate.hash);
    Ok(std::iter::once(candidate).chain(other).collect())
}

/// Those routines that compute the sums alone are checked as what they are, beforehand: on the workload without its epilogue. Why
/// one is wrong, by its place.
fn refused(
    backend: &mut dyn Backend,
    signature: &Signature,
    rivals: &[Rival],
    seed: u64,
) -> Result<Vec<Option<Rejection>>, TuneError> {
    let mut refused = vec![None; rivals.len()];
    let bare: Vec<usize> = (0..rivals.len()).filter(|at| rivals[*at].computes == Computes::Bare).collect();
    if bare.is_empty() {
        return Ok(refused);
    }
    let workload = Workload { steps: Vec::new(), ..signature.workload.clone() };
    let without = signature.operator.signature(&workload).expect("a workload without its steps makes sense too");
    let entrants: Vec<Entrant> = bare.iter().map(|at| entrant(&rivals[*at], rivals[*at].numerics)).collect();
    let reports = Measure::new(backend, without, seed).verify_routines(&entrants)?;
    for (at, report) in bare.into_iter().zip(reports) {
        refused[at] = if let Outcome::Rejected(rejection) = report.outcome { Some(rejection) } else { None };
    }
    Ok(refused)
}

fn entrant(rival: &Rival, numerics: Numerics) -> Entrant {
    Entrant { numerics, ..Entrant::whole(rival.program(), MODE) }
}

/// Results without the epilogue are not those of the workload.
fn in_race(rival: &Rival) -> Entrant {
    let numerics = if rival.computes == Computes::Same { rival.numerics } else { Numerics::Yardstick };
    entrant(rival, numerics)
}

/// One of ours; where it failed, that is told among what was not compared.
fn timed(who: &str, report: EntrantReport, absent: &mut Vec<String>) -> Option<Timed> {
    match report.outcome {
        Outcome::Timed { clock: Clock::Host, .. } => {
            absent.push(format!("the {who} was timed by the host's clock, and routines by the device's"));
            None
        }
        Outcome::Timed { samples_ns, .. } => Some(Timed { time_ns: median_interval(&samples_ns), samples_ns }),
        Outcome::Rejected(Rejection { stage, why }) => {
            absent.push(format!("the {who} failed in this race at {stage}: {why}"));
            None
        }
    }
}

fn met(rival: &Rival, report: EntrantReport, winner: Option<&Timed>, default: Option<&Timed>) -> Met {
    let told = report.told.clone();
    let worst_error = report.verified.map(|verified| verified.worst);
    let ending = match report.outcome {
        Outcome::Rejected(Rejection { stage, why }) => Ending::Rejected { why: format!("{stage}: {why}") },
        Outcome::Timed { samples_ns, .. } => Ending::Timed {
            time_ns: median_interval(&samples_ns),
            winner_over: winner.and_then(|winner| over(winner, &samples_ns)),
            default_over: default.and_then(|default| over(default, &samples_ns)),
            worst_error,
            samples_ns,
        },
    };
    let Routine { library, version, name, .. } = rival.routine.clone();
    Met { library, version, routine: name, computes: rival.computes, about: rival.about.clone(), told, ending }
}

/// How many times faster one of ours is, by the rounds of both; `None` where those are too few for an interval.
fn over(ours: &Timed, routine_ns: &[f64]) -> Option<Estimate> {
    let over = ratio(&ours.samples_ns, routine_ns, CONFIDENCE);
    Some(over).filter(|Estimate { low, high, .. }| *low > 0.0 && high.is_finite())
}

impl Versus {
    /// A comparison that came to nothing, for a reason.
    pub fn none(winner: &Record, vendor: &Vendor, why: String) -> Self {
        let (code_hash, vendor) = (winner.code_hash.clone(), vendor.clone());
        Self { code_hash, vendor, mode: MODE, winner: None, default: None, rivals: Vec::new(), absent: vec![why] }
    }

    /// The fastest routine that computes the same in the workload's own type, with how many times faster the winner is.
    pub fn closest(&self) -> Option<(&Met, &Estimate)> {
        let timed = |met: &'_ Met| match &met.ending {
            Ending::Timed { winner_over: Some(over), .. } if met.is_alike() => Some(over.value),
            _ => None,
        };
        let best = self.rivals.iter().filter_map(|met| Some((timed(met)?, met)));
        let (_, met) = best.min_by(|one, other| one.0.total_cmp(&other.0))?;
        let Ending::Timed { winner_over: Some(over), .. } = &met.ending else { return None };
        Some((met, over))
    }
}

impl Met {
    /// The name under which results are summed up: cuBLAS and cuBLASLt are two doors of one house.
    pub fn library_family(&self) -> &'static str {
        match self.library.as_str() {
            "cublas" | "cublaslt" => "cuBLAS",
            "cudnn" => "cuDNN",
            _ => "other libraries",
        }
    }

    /// Whether it computes the same with the same rounding: f32 without TF32, f16 with sums in f32.
    pub fn is_alike(&self) -> bool {
        self.computes == Computes::Same && self.routine != "tf32"
    }
}
