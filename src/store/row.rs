//! Records as rows of the `trial` and `device` tables, and back, exactly.

use std::error::Error;

use rusqlite::types::{Type, Value as Cell};
use rusqlite::{Connection, OptionalExtension, Params, Row, named_params, params_from_iter};
use serde::de::{DeserializeOwned, IntoDeserializer, value};
use serde::{Deserialize, Serialize};

use crate::base::DeviceIdentity;
use crate::record::{Mode, Outcome, Record, Rejection};
use crate::space::Value;

/// Rows that [`record`] reads; conditions follow it.
pub(super) const SELECT: &str = "SELECT trial.*, adapter, vendor, device, driver, driver_info, api, kind, compiler, \
     host FROM trial JOIN device ON device.id = trial.device_id";

/// The columns of a machine, for [`device`].
pub(super) const IDENTITY: &str = "adapter, vendor, device, driver, driver_info, api, kind, compiler, host";

const INSERT: &str = "INSERT INTO trial (workload, template, config, code_hash, device_id, checks, zero_init, cache, \
     phase, outcome, clock, samples_ns, median_ns, stage, why, prepare_ns, worst_error, strategy, \
     seed, trial, run, at_ms, tool, format, pace, chosen) \
     VALUES (:workload, :template, :config, :code_hash, :device_id, :checks, :zero_init, :cache, \
     :phase, :outcome, :clock, :samples_ns, :median_ns, :stage, :why, :prepare_ns, :worst_error, :strategy, \
     :seed, :trial, :run, :at_ms, :tool, :format, :pace, :chosen)";

/// What [`insert`] can write of an outcome: numbers that JSON has. Names the first that it has not.
pub(super) fn unfit(record: &Record) -> Option<String> {
    if let Some(sample) = record.outcome.samples_ns().iter().find(|sample| !sample.is_finite()) {
        return Some(format!("a sample of {sample} ns (trial {} of `{}`)", record.trial, record.workload));
    }
    let (name, value) = record.values.iter().find(|(_, value)| match value {
        Value::Real(real) => !real.is_finite(),
        _ => false,
    })?;
    Some(format!("the parameter {name} = {value} (trial {} of `{}`)", record.trial, record.workload))
}

/// Appends a record. To be called within a writing transaction.
pub(super) fn insert(connection: &Connection, record: &Record) -> rusqlite::Result<()> {
    let device_id = known_device(connection, &record.device)?;
    let outcome = OutcomeCells::of(&record.outcome);
    connection.prepare_cached(INSERT)?.execute(named_params! {
        ":workload": record.workload, ":template": record.template, ":config": json(&record.values),
        ":code_hash": record.code_hash, ":device_id": device_id,
        ":checks": record.mode.checks, ":zero_init": record.mode.zero_init, ":cache": word(&record.mode.cache),
        ":phase": record.phase.name(), ":outcome": outcome.kind, ":clock": outcome.clock,
        ":samples_ns": outcome.samples_ns, ":median_ns": outcome.median_ns,
        ":stage": outcome.stage, ":why": outcome.why,
        ":prepare_ns": record.prepare_ns, ":worst_error": record.worst_error,
        ":strategy": record.strategy, ":seed": record.seed as i64, ":trial": record.trial as i64,
        ":run": record.run as i64, ":at_ms": record.at_ms as i64, ":tool": record.tool, ":format": record.format,
        ":pace": record.pace, ":chosen": record.chosen,
    })?;
    Ok(())
}

/// The row of a device, made where there is none. To be called within a writing transaction.
pub(super) fn known_device(connection: &Connection, device: &DeviceIdentity) -> rusqlite::Result<i64> {
    match device_id(connection, device)? {
        Some(id) => Ok(id),
        None => insert_device(connection, device),
    }
}

/// The row of a device, if it ever measured.
pub(super) fn device_id(connection: &Connection, device: &DeviceIdentity) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT id FROM device WHERE adapter = ? AND vendor = ? AND device = ? AND driver = ? AND driver_info = ? \
             AND api = ? AND kind = ? AND compiler = ? AND ifnull(host, 0) = ifnull(?, 0)",
        )?
        .query_row(device_cells(device), |row| row.get(0))
        .optional()
}

fn insert_device(connection: &Connection, device: &DeviceIdentity) -> rusqlite::Result<i64> {
    connection
        .prepare_cached(
            "INSERT INTO device (adapter, vendor, device, driver, driver_info, api, kind, compiler, host) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        )?
        .query_row(device_cells(device), |row| row.get(0))
}

/// Reads a row of [`SELECT`].
pub(super) fn record(row: &Row) -> rusqlite::Result<Record> {
    Ok(Record {
        format: row.get("format")?,
        tool: row.get("tool")?,
        workload: row.get("workload")?,
        template: row.get("template")?,
        values: from_json(row, "config")?,
        code_hash: row.get("code_hash")?,
        device: device(row)?,
        mode: Mode { checks: row.get("checks")?, zero_init: row.get("zero_init")?, cache: from_word(row, "cache")? },
        phase: from_word(row, "phase")?,
        outcome: outcome(row)?,
        prepare_ns: row.get("prepare_ns")?,
        worst_error: row.get("worst_error")?,
        strategy: row.get("strategy")?,
        seed: unsigned(row, "seed")?,
        trial: unsigned(row, "trial")?,
        run: unsigned(row, "run")?,
        at_ms: unsigned(row, "at_ms")?,
        pace: row.get("pace")?,
        chosen: row.get("chosen")?,
    })
}

/// The machine of a row that has the columns of [`IDENTITY`].
pub(super) fn device(row: &Row) -> rusqlite::Result<DeviceIdentity> {
    Ok(DeviceIdentity {
        adapter: row.get("adapter")?,
        vendor: row.get("vendor")?,
        device: row.get("device")?,
        driver: row.get("driver")?,
        driver_info: row.get("driver_info")?,
        api: row.get("api")?,
        kind: from_word(row, "kind")?,
        compiler: row.get("compiler")?,
        host: row.get("host")?,
    })
}

fn outcome(row: &Row) -> rusqlite::Result<Outcome> {
    match row.get::<_, String>("outcome")?.as_str() {
        "timed" => Ok(Outcome::Timed { samples_ns: from_json(row, "samples_ns")?, clock: from_word(row, "clock")? }),
        "rejected" => Ok(Outcome::Rejected(Rejection { stage: from_word(row, "stage")?, why: row.get("why")? })),
        other => Err(unreadable("outcome", format!("unknown outcome `{other}`").into())),
    }
}

/// The columns in which the two kinds of outcome differ; NULL where one has nothing to say.
#[derive(Default)]
struct OutcomeCells<'a> {
    kind: &'static str,
    clock: Option<&'static str>,
    samples_ns: Option<String>,
    median_ns: Option<f64>,
    stage: Option<&'static str>,
    why: Option<&'a str>,
}

impl<'a> OutcomeCells<'a> {
    fn of(outcome: &'a Outcome) -> Self {
        match outcome {
            Outcome::Timed { samples_ns, clock } => Self {
                kind: "timed",
                clock: Some(clock.name()),
                samples_ns: Some(json(samples_ns)),
                median_ns: outcome.median_ns(),
                ..Self::default()
            },
            Outcome::Rejected(Rejection { stage, why }) => {
                Self { kind: "rejected", stage: Some(stage.name()), why: Some(why), ..Self::default() }
            }
        }
    }
}

/// The identity in the order of the table's columns. Taken apart by name, so that a new field cannot be forgotten.
fn device_cells(identity: &DeviceIdentity) -> impl Params {
    let DeviceIdentity { adapter, vendor, device, driver, driver_info, api, kind, compiler, host } = identity;
    params_from_iter([
        Cell::from(adapter.clone()),
        Cell::from(*vendor),
        Cell::from(*device),
        Cell::from(driver.clone()),
        Cell::from(driver_info.clone()),
        Cell::from(api.clone()),
        Cell::from(word(kind)),
        Cell::from(compiler.clone()),
        Cell::from(host.clone()),
    ])
}

/// A value as JSON text.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("lists and maps of numbers and texts are JSON")
}

pub(super) fn from_json<T: DeserializeOwned>(row: &Row, column: &str) -> rusqlite::Result<T> {
    serde_json::from_str(&row.get::<_, String>(column)?).map_err(|error| unreadable(column, error.into()))
}

/// The name under which a unit variant is serialised, as in a record's JSON.
pub(super) fn word(value: &impl Serialize) -> String {
    json(value).trim_matches('"').to_owned()
}

fn from_word<T: for<'a> Deserialize<'a>>(row: &Row, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    T::deserialize(text.into_deserializer()).map_err(|error: value::Error| unreadable(column, error.into()))
}

/// The 64 bits that a signed column holds of an unsigned number.
fn unsigned(row: &Row, column: &str) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(|bits| bits as u64)
}

fn unreadable(column: &str, why: Box<dyn Error + Send + Sync>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, format!("column {column}: {why}").into())
}
