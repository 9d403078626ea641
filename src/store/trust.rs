//! Which winners the store has, and which of its records a later recheck has taken the trust from.

use rusqlite::named_params;

use super::{Store, StoreError, row};
use crate::base::DeviceIdentity;
use crate::record::Mode;

/// Holds for a trial unless the newest recheck of the same config, workload, device and mode has rejected it. What a bad
/// moment of the machine rejected says nothing, nor does a crash or timeout in a race in which nobody was timed: there it
/// was rather the device that went away.
pub(super) const TRUSTED: &str = "NOT ifnull((SELECT later.outcome = 'rejected' FROM trial AS later \
     WHERE later.workload = trial.workload AND later.phase = 'recheck' AND later.id > trial.id \
     AND later.device_id = trial.device_id AND later.template = trial.template AND later.config = trial.config \
     AND later.checks = trial.checks AND later.zero_init = trial.zero_init AND later.cache = trial.cache \
     AND (later.outcome = 'timed' OR later.stage = 'verify' OR (later.stage != 'run' AND EXISTS \
     (SELECT 1 FROM trial AS beside WHERE beside.run = later.run AND beside.workload = later.workload \
     AND beside.outcome = 'timed'))) \
     ORDER BY later.id DESC LIMIT 1), 0)";

impl Store {
    /// Every workload that was tuned in a mode on an adapter of this name, once for each identity of it (another driver
    /// makes another), in the order in which they first came.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn tuned(&self, adapter: &str, mode: Mode) -> Result<Vec<(String, DeviceIdentity)>, StoreError> {
        let sql = format!(
            "SELECT workload, {} FROM trial JOIN device ON device.id = trial.device_id \
             WHERE adapter = :adapter AND phase IN ('search', 'final') AND median_ns IS NOT NULL \
             AND checks = :checks AND zero_init = :zero_init AND cache = :cache \
             GROUP BY workload, device_id ORDER BY min(trial.id)",
            row::IDENTITY
        );
        let read = || {
            let values = named_params! {
                ":adapter": adapter, ":checks": mode.checks, ":zero_init": mode.zero_init,
                ":cache": row::word(&mode.cache),
            };
            let tuned = |row: &rusqlite::Row| Ok((row.get("workload")?, row::device(row)?));
            self.connection.prepare_cached(&sql)?.query_map(values, tuned)?.collect::<Result<_, _>>()
        };
        read().map_err(|error| self.error(error))
    }
}
