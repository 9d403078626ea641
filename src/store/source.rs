//! Sources: all that was measured of one workload on one device, for searches that start from elsewhere.

use rusqlite::named_params;

use super::{Store, StoreError, row};
use crate::base::DeviceIdentity;
use crate::record::{Mode, Phase, Record};

/// One workload on one device, with some timed results of one template.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Its line of text.
    pub workload: String,
    /// What it was measured on.
    pub device: DeviceIdentity,
    /// How many trials were timed; one that was repeated counts each time.
    pub timed: u64,
}

/// Which results of all workloads and devices are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Kin<'a> {
    /// Of what emitted them: the values of two templates do not mean the same.
    pub template: &'a str,
    /// How they were compiled.
    pub mode: Mode,
    /// In which parts of runs they were measured.
    pub phases: &'a [Phase],
}

impl Kin<'_> {
    /// The condition on trials, with `:template`, `:checks`, `:zero_init` and `:cache` open.
    fn condition(&self) -> String {
        // Names of phases are words of ours.
        let phases: Vec<String> = self.phases.iter().map(|phase| format!("'{}'", phase.name())).collect();
        format!(
            "template = :template AND checks = :checks AND zero_init = :zero_init AND cache = :cache AND phase IN ({})",
            phases.join(", ")
        )
    }
}

impl Store {
    /// Every workload and device with timed results of this kind, in the order in which they first came.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn sources(&self, kin: &Kin) -> Result<Vec<Source>, StoreError> {
        let sql = format!(
            "SELECT workload, count(median_ns) AS timed, {} FROM trial JOIN device ON device.id = trial.device_id \
             WHERE {} GROUP BY workload, device_id HAVING timed > 0 ORDER BY min(trial.id)",
            row::IDENTITY,
            kin.condition()
        );
        let read = || {
            let mut statement = self.connection.prepare_cached(&sql)?;
            let values = named_params! {
                ":template": kin.template, ":checks": kin.mode.checks, ":zero_init": kin.mode.zero_init,
                ":cache": row::word(&kin.mode.cache),
            };
            let source = |row: &rusqlite::Row| {
                let timed = row.get::<_, i64>("timed")?.unsigned_abs();
                Ok(Source { workload: row.get("workload")?, device: row::device(row)?, timed })
            };
            statement.query_map(values, source)?.collect::<Result<_, _>>()
        };
        read().map_err(|error| self.error(error))
    }

    /// The results of a source, the newest first and at most so many.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn of_source(&self, source: &Source, kin: &Kin, limit: usize) -> Result<Vec<Record>, StoreError> {
        let Some(device) = self.device_id(&source.device)? else { return Ok(Vec::new()) };
        let clauses = format!(
            "WHERE workload = :workload AND device_id = :device AND {} ORDER BY trial.id DESC LIMIT :limit",
            kin.condition()
        );
        let values = named_params! {
            ":workload": source.workload, ":device": device, ":limit": limit as i64,
            ":template": kin.template, ":checks": kin.mode.checks, ":zero_init": kin.mode.zero_init,
            ":cache": row::word(&kin.mode.cache),
        };
        self.select(&clauses, values)
    }
}
