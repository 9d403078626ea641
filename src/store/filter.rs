//! Which records a question is about.

use rusqlite::ToSql;

use crate::base::DeviceIdentity;
use crate::record::{Mode, Phase, Record, Stage};

/// Which records to list; a field that is `None` asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Its line of text, in canonical form.
    pub workload: Option<String>,
    /// `operator/name`.
    pub template: Option<String>,
    /// A part of the adapter's name; ASCII letters match in either case.
    pub device: Option<String>,
    /// The name of the strategy that asked.
    pub strategy: Option<String>,
    /// The part of the run.
    pub phase: Option<Phase>,
    /// How the trial ended.
    pub ending: Option<Ending>,
    /// Whether only those are listed that were measured here, whose last word is a crash or a timeout: they are not
    /// tried again. Their last records are.
    pub quarantined: bool,
    /// The number of the run.
    pub run: Option<u64>,
    /// How many to list at most, the newest ones.
    pub limit: Option<usize>,
}

/// The part of an outcome that one filters by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With samples.
    Timed,
    /// At this stage.
    Rejected(Stage),
}

/// What makes two measurements the same measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrialKey<'a> {
    /// Its line of text, in canonical form.
    pub workload: &'a str,
    /// `operator/name`.
    pub template: &'a str,
    /// The hash of the emitted program.
    pub code_hash: &'a str,
    /// What it was measured on.
    pub device: &'a DeviceIdentity,
    /// How the program was compiled.
    pub mode: Mode,
    /// In which part of a run.
    pub phase: Phase,
}

impl<'a> TrialKey<'a> {
    /// The key by which a record is found again.
    pub fn of(record: &'a Record) -> Self {
        Self {
            workload: &record.workload,
            template: &record.template,
            code_hash: &record.code_hash,
            device: &record.device,
            mode: record.mode,
            phase: record.phase,
        }
    }
}

/// One condition with the value of its single `?`.
type Condition = (&'static str, Box<dyn ToSql>);

/// Crashes and timeouts after which the same was not measured again. What was imported was never tried here.
const QUARANTINED: &str = "stage IN ('timeout', 'crash') AND phase != ? AND NOT EXISTS \
     (SELECT 1 FROM trial AS later WHERE later.id > trial.id AND later.code_hash = trial.code_hash \
     AND later.workload = trial.workload AND later.device_id = trial.device_id AND later.template = trial.template \
     AND later.phase = trial.phase AND later.checks = trial.checks AND later.zero_init = trial.zero_init \
     AND later.cache = trial.cache)";

impl Filter {
    /// Everything that follows `SELECT … FROM …`, with its values in order.
    pub(super) fn clauses(&self) -> (String, Vec<Box<dyn ToSql>>) {
        let (conditions, mut values): (Vec<_>, Vec<_>) = self.conditions().into_iter().unzip();
        let condition = if conditions.is_empty() { "1".to_owned() } else { conditions.join(" AND ") };
        // A negative limit is none.
        values.push(Box::new(self.limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX))));
        (format!("WHERE {condition} ORDER BY trial.id DESC LIMIT ?"), values)
    }

    fn conditions(&self) -> Vec<Condition> {
        let text = |sql, text: &Option<String>| text.clone().map(|text| (sql, Box::new(text) as Box<dyn ToSql>));
        let name = |sql, name: Option<&'static str>| name.map(|name| (sql, Box::new(name) as Box<dyn ToSql>));
        let (timed, stage) = match self.ending {
            None => (None, None),
            Some(Ending::Timed) => (Some("timed"), None),
            Some(Ending::Rejected(stage)) => (None, Some(stage.name())),
        };
        [
            text("workload = ?", &self.workload),
            text("template = ?", &self.template),
            text("instr(lower(adapter), lower(?)) > 0", &self.device),
            text("strategy = ?", &self.strategy),
            name("phase = ?", self.phase.map(Phase::name)),
            name("outcome = ?", timed),
            name("stage = ?", stage),
            self.quarantined.then(|| (QUARANTINED, Box::new(Phase::Imported.name()) as Box<dyn ToSql>)),
            self.run.map(|run| ("run = ?", Box::new(run as i64) as Box<dyn ToSql>)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
