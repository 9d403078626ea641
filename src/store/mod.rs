//! The tuning database: one SQLite file that keeps every trial as it ends and that any SQLite tool can read.
//!
//! A record that [`Store::insert`] has returned for survives a kill and a power cut. Several processes may use one file
//! at once; on a network folder, only processes of the same machine. Beside it lies a small file for each process that
//! measures, to show that it is alive.

mod error;
mod facts;
mod filter;
mod flight;
mod owner;
mod probe;
mod row;
mod schema;
mod scratch;
mod source;
mod trust;
mod versions;

use std::path::{Path, PathBuf};
use std::time::Duration;

use directories::ProjectDirs;
use rusqlite::{Connection, Params, Transaction, TransactionBehavior, named_params, params_from_iter};

use crate::base::DeviceIdentity;
use crate::record::{Mode, Phase, Record};

pub use error::{StoreError, Trouble};
pub use filter::{Ending, Filter, TrialKey};
pub use flight::{End, Flight, boot};
pub use source::{Kin, Source};

use owner::Owner;
use trust::TRUSTED;

/// How long to wait for another process's write. Ours take milliseconds each.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection to the file. One per thread: it can be sent, not shared.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    /// The file by its real name, beside which those that measure have theirs; none in memory.
    file: Option<PathBuf>,
    /// This process as one that measures, since its first candidate set out.
    owner: Option<Owner>,
    /// Whether a candidate set out that has not landed.
    aloft: bool,
}

/// A run that was given up takes back what it had in flight.
impl Drop for Store {
    fn drop(&mut self) {
        self.give_up();
    }
}

impl Store {
    /// Opens the store in a file, made with its folders where there is none yet.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        connect(path).and_then(|connection| Self::prepare(connection, path)).map_err(|trouble| trouble.at(path))
    }

    /// A store that goes away with the process.
    pub fn in_memory() -> Result<Self, StoreError> {
        let path = Path::new(":memory:");
        let connection = Connection::open_in_memory().map_err(Trouble::from);
        connection.and_then(|connection| Self::prepare(connection, path)).map_err(|trouble| trouble.at(path))
    }

    /// Where a user's store lies unless told otherwise; `None` where the system names no folder for a user's data.
    pub fn default_path() -> Option<PathBuf> {
        Some(ProjectDirs::from("", "", "wgtune")?.data_local_dir().join("trials.db"))
    }

    /// The file, as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A run number that nobody else gets from this file.
    pub fn new_run(&mut self) -> Result<u64, StoreError> {
        draw_run(&mut self.connection).map_err(|error| self.error(error))
    }

    /// Keeps one trial.
    pub fn insert(&mut self, record: &Record) -> Result<(), StoreError> {
        self.insert_all(std::slice::from_ref(record))
    }

    /// Keeps several trials that ended together, such as a final race: all of them or none.
    pub fn insert_all(&mut self, records: &[Record]) -> Result<(), StoreError> {
        if let Some(unfit) = records.iter().find_map(row::unfit) {
            return Err(Trouble::Unfit(unfit).at(&self.path));
        }
        append(&mut self.connection, records).map_err(|error| self.error(error))
    }

    /// The newest record of exactly this measurement, if it was made already and no recheck has overturned it since.
    pub fn find(&self, key: &TrialKey) -> Result<Option<Record>, StoreError> {
        let Some(device) = self.device_id(key.device)? else { return Ok(None) };
        let clauses = format!(
            "WHERE code_hash = :code_hash AND workload = :workload AND device_id = :device \
             AND template = :template AND phase = :phase \
             AND checks = :checks AND zero_init = :zero_init AND cache = :cache AND {TRUSTED} \
             ORDER BY trial.id DESC LIMIT 1"
        );
        let values = named_params! {
            ":code_hash": key.code_hash, ":workload": key.workload, ":device": device, ":template": key.template,
            ":phase": key.phase.name(), ":checks": key.mode.checks, ":zero_init": key.mode.zero_init,
            ":cache": row::word(&key.mode.cache),
        };
        Ok(self.select(&clauses, values)?.pop())
    }

    /// The newest record of this program in this mode that was made here, whatever part of a run it was for.
    pub fn last_word(&self, key: &TrialKey) -> Result<Option<Record>, StoreError> {
        let Some(device) = self.device_id(key.device)? else { return Ok(None) };
        let clauses = "WHERE code_hash = :code_hash AND workload = :workload AND device_id = :device \
                       AND template = :template AND phase != 'imported' \
                       AND checks = :checks AND zero_init = :zero_init AND cache = :cache \
                       ORDER BY trial.id DESC LIMIT 1";
        let values = named_params! {
            ":code_hash": key.code_hash, ":workload": key.workload, ":device": device, ":template": key.template,
            ":checks": key.mode.checks, ":zero_init": key.mode.zero_init, ":cache": row::word(&key.mode.cache),
        };
        Ok(self.select(clauses, values)?.pop())
    }

    /// The records that a filter lets through, newest first.
    pub fn query(&self, filter: &Filter) -> Result<Vec<Record>, StoreError> {
        let (clauses, values) = filter.clauses();
        self.select(&clauses, params_from_iter(values))
    }

    /// The fastest known for a workload, on one device or on any: what the newest final race chose, or else the smallest
    /// median of all searches, each at the pace of its moment. What a recheck has rejected since is left out. Times by the
    /// device's clock come before times by the host's, and the two are not compared.
    pub fn best(
        &self,
        workload: &str,
        device: Option<&DeviceIdentity>,
        mode: Mode,
    ) -> Result<Option<Record>, StoreError> {
        let device = match device.map(|device| self.device_id(device)).transpose()? {
            Some(None) => return Ok(None),
            one_or_any => one_or_any.flatten(),
        };
        let newest_race = format!(
            "phase = 'final' AND {RIGHT} AND (run, device_id) = \
             (SELECT run, device_id FROM trial WHERE {TIMED} AND {TRUSTED} AND phase = 'final' ORDER BY id DESC LIMIT 1)"
        );
        for rung in [newest_race, format!("phase = 'search' AND {RIGHT}")] {
            // `device` comes before `host` in the alphabet too.
            let clauses = format!(
                "WHERE {TIMED} AND {TRUSTED} AND {rung} \
                 ORDER BY chosen DESC, clock, median_ns / ifnull(pace, 1), trial.id LIMIT 1"
            );
            let values = named_params! {
                ":workload": workload, ":device": device, ":checks": mode.checks, ":zero_init": mode.zero_init,
                ":cache": row::word(&mode.cache),
            };
            if let Some(best) = self.select(&clauses, values)?.pop() {
                return Ok(Some(best));
            }
        }
        Ok(None)
    }

    /// The records of one run's knockout or final race in the order in which they were kept, but for those that a recheck
    /// has rejected since.
    pub fn race(&self, run: u64, workload: &str, phase: Phase) -> Result<Vec<Record>, StoreError> {
        let clauses =
            format!("WHERE run = :run AND workload = :workload AND phase = :phase AND {TRUSTED} ORDER BY trial.id");
        self.select(&clauses, named_params! { ":run": run as i64, ":workload": workload, ":phase": phase.name() })
    }
}

/// Holds for a trial unless a final race, or what comes before it, has found its program to be wrong in some mode.
const RIGHT: &str = "NOT EXISTS (SELECT 1 FROM trial AS wrong WHERE wrong.code_hash = trial.code_hash \
                     AND wrong.workload = trial.workload AND wrong.device_id = trial.device_id \
                     AND wrong.phase = 'final' AND wrong.stage = 'verify')";

/// The timed trials of one workload in one mode, on one device or on any.
const TIMED: &str = "workload = :workload AND median_ns IS NOT NULL AND checks = :checks AND zero_init = :zero_init \
                     AND cache = :cache AND device_id = ifnull(:device, device_id)";

impl Store {
    /// Makes a connection safe to use, or refuses the file before anything in it is changed.
    fn prepare(mut connection: Connection, path: &Path) -> Result<Self, Trouble> {
        connection.busy_timeout(PATIENCE)?;
        schema::bring_up_to_date(&mut connection)?;
        if connection.is_readonly("main")? {
            return Err(Trouble::NoAccess("it is read-only".to_owned()));
        }
        prefer_write_ahead_log(&connection)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // On macOS an ordinary sync stops at the drive's cache.
        connection.pragma_update(None, "fullfsync", "ON")?;
        // Through a link others would look elsewhere.
        let file = std::fs::canonicalize(path).ok().filter(|_| connection.path().is_some_and(|path| !path.is_empty()));
        Ok(Self { connection, path: path.to_owned(), file, owner: None, aloft: false })
    }

    fn select(&self, clauses: &str, values: impl Params) -> Result<Vec<Record>, StoreError> {
        let read = || {
            let mut statement = self.connection.prepare_cached(&format!("{} {clauses}", row::SELECT))?;
            statement.query_map(values, row::record)?.collect::<Result<_, _>>()
        };
        read().map_err(|error| self.error(error))
    }

    fn device_id(&self, device: &DeviceIdentity) -> Result<Option<i64>, StoreError> {
        row::device_id(&self.connection, device).map_err(|error| self.error(error))
    }

    fn error(&self, error: rusqlite::Error) -> StoreError {
        Trouble::from(error).at(&self.path)
    }
}

fn connect(path: &Path) -> Result<Connection, Trouble> {
    if path.is_dir() {
        return Err(Trouble::IsFolder);
    }
    // SQLite reads some names as more than names (`file:x?mode=memory`); an absolute one is only a path.
    let absolute = std::path::absolute(path).map_err(Trouble::NoFolder)?;
    if let Some(folder) = absolute.parent() {
        make_folder(folder)?;
    }
    Ok(Connection::open(absolute)?)
}

fn make_folder(folder: &Path) -> Result<(), Trouble> {
    match folder.ancestors().find(|above| above.exists()) {
        Some(above) if !above.is_dir() => Err(Trouble::InFile(above.to_owned())),
        _ => std::fs::create_dir_all(folder).map_err(Trouble::NoFolder),
    }
}

/// With a write-ahead log readers and the writer do not wait for each other, and a trial costs one sync. Where there can
/// be none, or not now, the file keeps its old journal, which is as safe.
fn prefer_write_ahead_log(connection: &Connection) -> Result<(), Trouble> {
    match connection.pragma_update(None, "journal_mode", "WAL").map_err(Trouble::from) {
        Err(Trouble::Locked) | Ok(()) => Ok(()),
        other => other,
    }
}

fn draw_run(connection: &mut Connection) -> rusqlite::Result<u64> {
    let transaction = writing(connection)?;
    // Runs of records that came from elsewhere are taken too.
    let highest = "SELECT max(ifnull((SELECT max(run) FROM run), 0), ifnull((SELECT max(run) FROM trial), 0))";
    let run = transaction.query_row(highest, [], |row| row.get::<_, i64>(0))? + 1;
    transaction.execute("INSERT INTO run VALUES (?)", [run])?;
    transaction.commit()?;
    Ok(run as u64)
}

fn append(connection: &mut Connection, records: &[Record]) -> rusqlite::Result<()> {
    let transaction = writing(connection)?;
    for record in records {
        row::insert(&transaction, record)?;
    }
    transaction.commit()
}

/// A transaction that waits for its turn to write. One that starts reading would be refused as soon as it writes while
/// another process does.
fn writing(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

#[cfg(test)]
mod tests;
