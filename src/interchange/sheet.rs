//! Recordings as a table: a row for each config, with the kernel and the device in every row.
//!
//! The columns are `kernel,device`, one for each parameter, `time_ns,stage,reason,samples_ns`; their places count, so a
//! parameter may have any name. Cycles stand in columns `cycles` and `samples_cycles` instead. A config that failed has a stage and a reason and no time. Samples have spaces between.
//! A cell that reads as a number is one; a text that would read as a number is written in quotes of its own.

use std::io::{self, Write};

use csv::{ReaderBuilder, StringRecord, Writer};
use serde_json::Value as Json;

use super::error::Fault;
use super::json::as_value;
use super::time::is_time;
use super::{Entry, Recording, Unit, assemble, unfit};
use crate::record::{Rejection, Stage};
use crate::space::Value;

/// The columns before those of the parameters.
const FIRST: [&str; 2] = ["kernel", "device"];
/// The columns after those of the parameters.
fn last_columns(unit: Unit) -> [&'static str; 4] {
    let [number, samples] = columns(unit);
    [number, "stage", "reason", samples]
}

/// The columns with numbers in this unit.
fn columns(unit: Unit) -> [&'static str; 2] {
    match unit {
        Unit::Nanoseconds => ["time_ns", "samples_ns"],
        Unit::Cycles => ["cycles", "samples_cycles"],
    }
}

/// How many columns there are after those of the parameters.
const LAST: usize = 4;

/// Whether a text begins as a table of ours does.
pub(super) fn is_sheet(text: &str) -> bool {
    text.starts_with("kernel,device,")
}

pub(super) fn parse(text: &str) -> Result<Recording, Fault> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = reader.records().map(|row| row.map_err(|error| fault(1, error.to_string())));
    let header = rows.next().transpose()?.unwrap_or_default();
    let (unit, names) = names(&header)?;
    let mut of: Option<[String; 2]> = None;
    let mut entries = Vec::new();
    for row in rows {
        let row = Row::of(row?, unit, names.len())?;
        row.check_same(of.get_or_insert_with(|| row.subject()))?;
        entries.push(row.entry()?);
    }
    let [kernel, device] = of.ok_or_else(|| fault(1, "there is no row below the header".to_owned()))?;
    let params = assemble::params(&names, &entries);
    Ok(Recording { kernel, device, unit, entries: assemble::distinct(&params, entries), params })
}

/// The unit of the numbers, and the names of the parameters.
fn names(header: &StringRecord) -> Result<(Unit, Vec<String>), Fault> {
    let cells: Vec<&str> = header.iter().collect();
    let inner = |unit: Unit| Some((unit, cells.strip_prefix(&FIRST)?.strip_suffix(&last_columns(unit))?));
    let (unit, inner) = Unit::ALL.into_iter().find_map(inner).ok_or_else(|| {
        let last = last_columns(Unit::default()).join(",");
        let expected = format!("{}, a column for each parameter, {last}", FIRST.join(","));
        fault(1, format!("the columns are {}; expected {expected}", cells.join(",")))
    })?;
    Ok((unit, inner.iter().map(|&name| name.to_owned()).collect()))
}

/// A row with the right number of cells.
struct Row {
    cells: StringRecord,
    line: usize,
    unit: Unit,
    params: usize,
}

impl Row {
    fn of(cells: StringRecord, unit: Unit, params: usize) -> Result<Self, Fault> {
        let line = cells.position().map_or(1, |position| position.line() as usize);
        let columns = FIRST.len() + params + LAST;
        if cells.len() != columns {
            return Err(fault(line, format!("the row has {} cells; expected {columns} as in the header", cells.len())));
        }
        Ok(Self { cells, line, unit, params })
    }

    fn subject(&self) -> [String; 2] {
        [self.cells[0].to_owned(), self.cells[1].to_owned()]
    }

    fn check_same(&self, of: &[String; 2]) -> Result<(), Fault> {
        let [kernel, device] = self.subject();
        if [&kernel, &device] == [&of[0], &of[1]] {
            return Ok(());
        }
        let what = format!("the row is of {kernel} on {device}; expected {} on {}, as in those above", of[0], of[1]);
        Err(fault(self.line, what))
    }

    fn entry(&self) -> Result<Entry, Fault> {
        let values = (0..self.params).map(|param| value(&self.cells[FIRST.len() + param])).collect();
        Ok(Entry { values, result: self.result()?, samples_ns: self.samples()? })
    }

    /// The cell of one of the last columns.
    fn last(&self, column: usize) -> &str {
        &self.cells[FIRST.len() + self.params + column]
    }

    fn result(&self) -> Result<Result<f64, Rejection>, Fault> {
        let [column, _] = columns(self.unit);
        match (self.last(0), self.last(1)) {
            ("", "") => Err(fault(self.line, format!("the row has neither `{column}` nor `stage`; expected one"))),
            ("", stage) => Ok(Err(Rejection::new(self.stage(stage)?, self.last(2)))),
            (time, "") => Ok(Ok(self.number(column, time)?)),
            _ => Err(fault(self.line, format!("the row has both `{column}` and `stage`; expected one"))),
        }
    }

    fn stage(&self, name: &str) -> Result<Stage, Fault> {
        let known = || Stage::ALL.map(Stage::name).join(", ");
        let stage = Stage::ALL.into_iter().find(|stage| stage.name() == name);
        stage.ok_or_else(|| fault(self.line, format!("`stage` is {name}; expected one of {}", known())))
    }

    fn samples(&self) -> Result<Vec<f64>, Fault> {
        let [_, column] = columns(self.unit);
        self.last(3).split_whitespace().map(|text| self.number(column, text)).collect()
    }

    fn number(&self, column: &str, text: &str) -> Result<f64, Fault> {
        let number = text.parse().ok().filter(|number: &f64| is_time(*number));
        let counted = if self.unit == Unit::Cycles { "cycles" } else { "nanoseconds" };
        number.ok_or_else(|| fault(self.line, format!("`{column}` is {text}; expected {counted} above 0")))
    }
}

fn fault(line: usize, what: String) -> Fault {
    Fault { line, what }
}

fn value(cell: &str) -> Value {
    match serde_json::from_str(cell) {
        Ok(Json::Number(number)) => as_value(&number),
        Ok(Json::String(text)) => Value::Text(text),
        _ => Value::Text(cell.to_owned()),
    }
}

/// What [`value`] reads back.
fn cell(of: &Value) -> String {
    let plain = match of {
        Value::Real(real) => format!("{real:?}"),
        other => other.to_string(),
    };
    if value(&plain) == *of { plain } else { Json::from(plain).to_string() }
}

pub(super) fn write(recording: &Recording, out: &mut impl Write) -> io::Result<()> {
    if recording.entries.is_empty() {
        return Err(unfit("a recording without configs has no place in a table".to_owned()));
    }
    let mut sheet = Writer::from_writer(out);
    let names = recording.params.iter().map(|param| param.name.as_str());
    sheet.write_record(FIRST.into_iter().chain(names).chain(last_columns(recording.unit)))?;
    for entry in &recording.entries {
        let subject = [recording.kernel.clone(), recording.device.clone()];
        sheet.write_record(subject.into_iter().chain(entry.values.iter().map(cell)).chain(last(entry)))?;
    }
    sheet.flush()
}

fn last(entry: &Entry) -> [String; 4] {
    let samples: Vec<String> = entry.samples_ns.iter().map(|ns| format!("{ns:?}")).collect();
    let samples = samples.join(" ");
    match &entry.result {
        Ok(ns) => [format!("{ns:?}"), String::new(), String::new(), samples],
        Err(Rejection { stage, why }) => [String::new(), stage.to_string(), why.clone(), samples],
    }
}
