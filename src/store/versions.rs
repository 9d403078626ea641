//! Which versions of a user's kernel the store has trials of.

use rusqlite::named_params;

use super::{Store, StoreError};

impl Store {
    /// How many trials were measured here of each version of a user's kernel: operators such as `smooth@1a2b3c4d`, in
    /// their order.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn versions(&self, name: &str) -> Result<Vec<(String, u64)>, StoreError> {
        // `A` follows `@`: the range is all workloads that begin with the name and `@`, by their index.
        let sql = "SELECT substr(workload, 1, instr(workload, ':') - 1) AS operator, count(*) AS trials FROM trial \
                   WHERE workload >= :name || '@' AND workload < :name || 'A' AND phase != 'imported' \
                   GROUP BY operator ORDER BY operator";
        let read = || {
            let version = |row: &rusqlite::Row| Ok((row.get("operator")?, row.get::<_, i64>("trials")?.unsigned_abs()));
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.query_map(named_params! { ":name": name }, version)?.collect::<Result<_, _>>()
        };
        read().map_err(|error| self.error(error))
    }
}
