//! Candidates in flight: on record before they start, so that one that takes the program or the machine with it is
//! known by name and not tried again.
//!
//! A flight that its process did not end is judged by the next one that looks:
//!
//! - An isolated one, while the machine stayed up: somebody ended the program. It is forgotten, and measured again.
//! - A single one else: it is kept as a crash.
//! - Several together, as in a race: nobody knows who it was. They are suspects, and free of it as soon as they land
//!   again. Those that are lost a second time are kept as crashes, all but the trusted: without a default nothing could
//!   be raced any more. Where only trusted ones flew, it was one of them.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row, params};

use super::owner::{Owner, Owners, Sign};
use super::{Store, StoreError, TrialKey, Trouble, row, writing};
use crate::record::{Outcome, Record, Rejection, Stage};

/// A candidate that is about to be measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Flight {
    /// Its record as far as it is known. What it has for an outcome does not count.
    pub record: Record,
    /// Whether a process of its own runs it, so that it cannot end this one.
    pub isolated: bool,
    /// Whether it is the last to be suspected, as the default is.
    pub trusted: bool,
}

impl Store {
    /// Puts candidates that are about to be measured together on record. What set out from here before and did not
    /// land is forgotten.
    ///
    /// # Errors
    /// When the file cannot be written, or a value is none that it can keep.
    pub fn depart(&mut self, flights: &[Flight]) -> Result<(), StoreError> {
        if let Some(unfit) = flights.iter().find_map(|flight| row::unfit(&flight.record)) {
            return Err(Trouble::Unfit(unfit).at(&self.path));
        }
        let boot = boot();
        self.try_depart(flights, boot.as_deref()).map_err(|trouble| trouble.at(&self.path))
    }

    fn try_depart(&mut self, flights: &[Flight], boot: Option<&str>) -> Result<(), Trouble> {
        let transaction = writing(&mut self.connection)?;
        if self.owner.is_none() {
            let owner = self.file.as_deref().map_or_else(|| Ok(Owner::alone()), Owner::beside);
            self.owner = Some(owner.map_err(|error| Trouble::NoAccess(error.to_string()))?);
        }
        let owner = &self.owner.as_ref().expect("just made").name;
        forget(&transaction, owner)?;
        for flight in flights {
            insert(&transaction, flight, owner, boot)?;
        }
        transaction.commit()?;
        self.aloft = true;
        Ok(())
    }

    /// Keeps what came of the candidates that set out last, and takes them off the record of flights: both or neither.
    ///
    /// # Errors
    /// As [`Store::insert_all`].
    pub fn land(&mut self, records: &[Record]) -> Result<(), StoreError> {
        if let Some(unfit) = records.iter().find_map(row::unfit) {
            return Err(Trouble::Unfit(unfit).at(&self.path));
        }
        self.try_land(records).map_err(|error| self.error(error))
    }

    fn try_land(&mut self, records: &[Record]) -> rusqlite::Result<()> {
        let transaction = writing(&mut self.connection)?;
        if let Some(owner) = &self.owner {
            forget(&transaction, &owner.name)?;
        }
        for suspect in rows(&transaction)?.iter().filter(|row| row.owner.is_none()) {
            // What only the machine is to blame for clears nobody.
            if records.iter().any(|record| record.outcome.is_lasting(record.device.kind) && suspect.is_same(record)) {
                remove(&transaction, suspect.id)?;
            }
        }
        for record in records {
            row::insert(&transaction, record)?;
        }
        transaction.commit()?;
        self.aloft = false;
        Ok(())
    }

    /// Judges the flights that their processes did not end, and keeps those that are to blame as crashes: it returns
    /// their records. Flights of processes that are alive are left alone.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn recover(&mut self) -> Result<Vec<Record>, StoreError> {
        self.recover_in(boot().as_deref()).map_err(|trouble| trouble.at(&self.path))
    }

    /// Recovers in a given start of the machine.
    pub(super) fn recover_in(&mut self, boot: Option<&str>) -> Result<Vec<Record>, Trouble> {
        let transaction = writing(&mut self.connection)?;
        let found = self.file.as_deref().map_or_else(|| Ok(Owners::default()), Owners::beside);
        let owners = found.map_err(|error| Trouble::NoAccess(error.to_string()))?;
        let (suspects, mut crews) = crews(rows(&transaction)?);
        if let Some(owner) = &self.owner {
            crews.remove(&owner.name);
        }
        let mut crashed = Vec::new();
        for (owner, crew) in &crews {
            let end = End::between(crew.first().and_then(|row| row.boot.as_deref()), boot);
            match owners.sign(owner) {
                Sign::Alive => continue,
                // Without locks only a machine that was started anew tells that a process has ended.
                Sign::Unknown if end == End::Program => continue,
                Sign::Unknown | Sign::Gone => crashed.extend(judge(&transaction, crew, &suspects, end)?),
            }
            forget(&transaction, owner)?;
        }
        crashed.iter().try_for_each(|record| row::insert(&transaction, record))?;
        transaction.commit()?;
        owners.remove_gone();
        Ok(crashed)
    }

    /// Takes back what set out and did not land: the run was given up between the two. A panic is no giving up.
    pub(super) fn give_up(&mut self) {
        if let Some(owner) = self.owner.as_ref().filter(|_| self.aloft && !std::thread::panicking()) {
            // At worst a candidate is taken for a crash.
            let _ = forget(&self.connection, &owner.name);
        }
    }
}

/// The suspects, and the others by their owners.
fn crews(rows: Vec<Aloft>) -> (Vec<Aloft>, BTreeMap<String, Vec<Aloft>>) {
    let mut suspects = Vec::new();
    let mut crews: BTreeMap<String, Vec<Aloft>> = BTreeMap::new();
    for row in rows {
        match row.owner.clone() {
            None => suspects.push(row),
            Some(owner) => crews.entry(owner).or_default().push(row),
        }
    }
    (suspects, crews)
}

/// What ended a process that measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The machine was started anew since.
    Machine,
    /// The machine stayed up.
    Program,
    /// The system does not tell one start of the machine from another.
    Either,
}

impl End {
    /// What ended a process between two starts of the machine, as [`boot`] tells them.
    pub fn between(then: Option<&str>, now: Option<&str>) -> Self {
        match (then, now) {
            (Some(then), Some(now)) if then == now => Self::Program,
            (Some(_), Some(_)) => Self::Machine,
            _ => Self::Either,
        }
    }

    /// Why a candidate that was in flight is taken for a crash; `when` is what was done to it.
    pub fn why(self, when: &str) -> String {
        match self {
            Self::Machine => format!("the machine went down while {when}"),
            Self::Program => format!("the program ended while {when}; it may have been killed by hand"),
            Self::Either => format!("the machine or the program ended while {when}; it may have been killed by hand"),
        }
    }
}

/// The records of those to blame. The others of a race become suspects.
fn judge(connection: &Connection, crew: &[Aloft], suspects: &[Aloft], end: End) -> rusqlite::Result<Vec<Record>> {
    if end == End::Program && crew.iter().all(|row| row.flight.isolated) {
        return Ok(Vec::new());
    }
    let alone = crew.len() == 1;
    let spares = crew.iter().any(|row| !row.flight.trusted);
    let mut crashed = Vec::new();
    for row in crew {
        let before: Vec<_> = suspects.iter().filter(|suspect| suspect.is_same(&row.flight.record)).collect();
        if !alone && before.is_empty() {
            suspect(connection, row.id)?;
        } else if alone || !(spares && row.flight.trusted) {
            before.iter().try_for_each(|suspect| remove(connection, suspect.id))?;
            let when = if alone { "it ran" } else { "it was raced, for the second time" };
            crashed.push(row.crashed(end.why(when)));
        }
    }
    Ok(crashed)
}

/// A row of the table.
struct Aloft {
    id: i64,
    owner: Option<String>,
    boot: Option<String>,
    flight: Flight,
}

impl Aloft {
    /// Whether a record is of this measurement.
    fn is_same(&self, record: &Record) -> bool {
        TrialKey::of(&self.flight.record) == TrialKey::of(record)
    }

    fn crashed(&self, why: String) -> Record {
        Record { outcome: Outcome::Rejected(Rejection::new(Stage::Crash, why)), ..self.flight.record.clone() }
    }
}

fn insert(connection: &Connection, flight: &Flight, owner: &str, boot: Option<&str>) -> rusqlite::Result<()> {
    let sql = "INSERT INTO flight (owner, boot, isolated, trusted, record) VALUES (?, ?, ?, ?, ?)";
    let record = row::json(&flight.record);
    connection.prepare_cached(sql)?.execute(params![owner, boot, flight.isolated, flight.trusted, record])?;
    Ok(())
}

/// All rows in order. One whose record another version wrote, with other fields, says nothing to this one.
fn rows(connection: &Connection) -> rusqlite::Result<Vec<Aloft>> {
    let mut statement = connection.prepare_cached("SELECT * FROM flight ORDER BY id")?;
    let read = statement.query_map([], aloft)?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(read.into_iter().flatten().collect())
}

fn aloft(row: &Row) -> rusqlite::Result<Option<Aloft>> {
    let Ok(record) = serde_json::from_str(&row.get::<_, String>("record")?) else { return Ok(None) };
    let flight = Flight { record, isolated: row.get("isolated")?, trusted: row.get("trusted")? };
    Ok(Some(Aloft { id: row.get("id")?, owner: row.get("owner")?, boot: row.get("boot")?, flight }))
}

fn forget(connection: &Connection, owner: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM flight WHERE owner = ?")?.execute([owner]).map(drop)
}

fn remove(connection: &Connection, id: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM flight WHERE id = ?")?.execute([id]).map(drop)
}

fn suspect(connection: &Connection, id: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE flight SET owner = NULL WHERE id = ?")?.execute([id]).map(drop)
}

/// Which start of the machine this is, where the system numbers them: Linux does.
pub fn boot() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned())
}

#[cfg(test)]
mod tests;
