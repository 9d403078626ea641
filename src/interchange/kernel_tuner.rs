//! Kernel Tuner's cache file: a header, then an entry for each config, appended as tuning goes on.
//!
//! Times are milliseconds, and `time` is the mean of `times`. Where the objective is `cycles`, both are cycles, and the mean is called so.
//! A config that failed has the name of its failure as `time`
//! or, since version 1.5, as `__error__`. Kernel Tuner's own reader closes a file that was left open (`read_cache` in
//! `kernel_tuner/util.py`); ours reads what is complete of it. What other programs do not know, the stage and the reason
//! of a failure, is written into a field `wgtune` that they pass over.

use std::io::{self, Write};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::Fault;
use super::failure::{self, Exact};
use super::json::{self, Document, Fields, Object};
use super::{Entry, Recording, Unit, assemble, unfit};
use crate::record::Rejection;
use crate::space::{Param, Value};

/// Fields of an entry beside its parameters.
const RESERVED: [&str; 11] = [
    "time",
    "cycles",
    "times",
    "compile_time",
    "verification_time",
    "benchmark_time",
    "strategy_time",
    "framework_time",
    "timestamp",
    "__error__",
    "wgtune",
];

pub(super) fn parse(document: &Document) -> Result<Recording, Fault> {
    let unit = unit(document)?;
    let names: Vec<String> = document.needed("tune_params_keys", "a list of names")?;
    let lists: Object = document.needed("tune_params", "an object with a list of values for each parameter")?;
    let params = names.iter().map(|name| param(document, name, &lists)).collect::<Result<Vec<Param>, Fault>>()?;
    let raws = document.entries.iter().flatten();
    let entries = raws.map(|raw| entry(document, unit, &params, raw)).collect::<Result<Vec<Entry>, Fault>>()?;
    Ok(Recording {
        kernel: document.needed("kernel_name", "a text")?,
        device: document.needed("device_name", "a text")?,
        unit,
        entries: assemble::distinct(&params, entries),
        params,
    })
}

/// One objective, or a list of several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Objective {
    One(String),
    Several(Vec<String>),
}

/// Other objectives may be ones of which more is better, and are in other units.
fn unit(document: &Document) -> Result<Unit, Fault> {
    let Some(raw) = document.field("objective") else { return Ok(Unit::default()) };
    let unit = match document.part("objective", raw, "a name")? {
        Objective::One(name) => Unit::of_objective(&name),
        Objective::Several(names) if names.len() == 1 => Unit::of_objective(&names[0]),
        Objective::Several(_) => None,
    };
    unit.ok_or_else(|| document.wrong("objective", raw, "`time` or `cycles`: nothing else can be searched for"))
}

fn param(document: &Document, name: &str, lists: &Object) -> Result<Param, Fault> {
    const EXPECTED: &str = "a list of values";
    let missing = || Fault { line: 1, what: format!("`tune_params` has no `{name}`; expected {EXPECTED}") };
    let raw = lists.get(name).ok_or_else(missing)?;
    let values: Vec<&RawValue> = document.part(name, raw, EXPECTED)?;
    let values = values.into_iter().map(|raw| document.value(name, raw)).collect::<Result<Vec<Value>, Fault>>()?;
    Ok(Param::new(name, "", values))
}

fn entry(document: &Document, unit: Unit, params: &[Param], raw: &RawValue) -> Result<Entry, Fault> {
    let fields: Object = document.part("entry", raw, "an object")?;
    let value = |param: &Param| {
        let missing = || document.fault(raw, format!("the entry has no value for the parameter `{}`", param.name));
        let raw = fields.get(&param.name).ok_or_else(missing)?;
        let value = document.value(&param.name, raw)?;
        assemble::listed(param, value).ok_or_else(|| document.wrong(&param.name, raw, assemble::LISTED))
    };
    Ok(Entry {
        values: params.iter().map(value).collect::<Result<Vec<Value>, Fault>>()?,
        result: result(document, unit, &fields, raw)?,
        samples_ns: samples(document, unit, &fields)?,
    })
}

fn result(document: &Document, unit: Unit, fields: &Object, raw: &RawValue) -> Result<Result<f64, Rejection>, Fault> {
    if let Some(exact) = fields.get("wgtune") {
        let exact: Exact = document.part("wgtune", exact, "an object with a stage and a reason")?;
        return Ok(Err(exact.rejection()));
    }
    let error = fields.get("__error__").filter(|error| json::text(error).is_some());
    let name = unit.objective();
    let missing = || document.fault(raw, format!("the entry has no `{name}`; expected {}", failure::EXPECTED));
    let time = error.or_else(|| fields.get(name)).ok_or_else(missing)?;
    if let Some(ns) = unit.read(time) {
        return Ok(Ok(ns));
    }
    let rejection = json::text(time).and_then(|name| failure::named(&name));
    rejection.map(Err).ok_or_else(|| document.wrong(name, time, failure::EXPECTED))
}

fn samples(document: &Document, unit: Unit, fields: &Object) -> Result<Vec<f64>, Fault> {
    let Some(raw) = fields.get("times") else { return Ok(Vec::new()) };
    let wrong = || document.wrong("times", raw, "a list of numbers above 0");
    let times: Vec<&RawValue> = document.part("times", raw, "a list of numbers above 0")?;
    times.into_iter().map(|time| unit.read(time).ok_or_else(wrong)).collect()
}

/// Writes a closed cache file, an entry in each line, as Kernel Tuner 1.5 does: its test for a closed file looks at the
/// last three characters.
pub(super) fn write(recording: &Recording, out: &mut impl Write) -> io::Result<()> {
    if let Some(param) = recording.params.iter().find(|param| RESERVED.contains(&param.name.as_str())) {
        let name = &param.name;
        return Err(unfit(format!("a parameter named `{name}` has no place in a cache file of Kernel Tuner")));
    }
    let header = serde_json::to_string(&header(recording))?;
    // The object stays open for the entries.
    write!(out, "{},\n\"cache\": {{", header.strip_suffix('}').unwrap_or(&header))?;
    for (i, entry) in recording.entries.iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        let key = serde_json::to_string(&key(entry))?;
        let entry = serde_json::to_string(&written(recording.unit, &recording.params, entry))?;
        write!(out, "{comma}\n{key}: {entry}")?;
    }
    out.write_all(b"}\n}")
}

/// What identifies the space. The size of the problem is not known here, and Kernel Tuner needs some to replay.
fn header(recording: &Recording) -> Fields {
    let names: Vec<&str> = recording.params.iter().map(|param| param.name.as_str()).collect();
    let lists = recording.params.iter().map(|param| &param.values);
    Fields::default()
        .with("device_name", &recording.device)
        .with("kernel_name", &recording.kernel)
        .with("problem_size", &1)
        .with("tune_params_keys", &names)
        .with("tune_params", &Fields::default().with_all(&recording.params, lists))
        .with("objective", recording.unit.objective())
}

fn written(unit: Unit, params: &[Param], entry: &Entry) -> Fields {
    let fields = Fields::default().with_all(params, &entry.values);
    let fields = match &entry.result {
        Ok(ns) => fields.with(unit.objective(), &unit.written(*ns)),
        Err(rejection) => {
            fields.with(unit.objective(), failure::kernel_tuner(rejection.stage)).with("wgtune", &Exact::of(rejection))
        }
    };
    let samples: Vec<Box<RawValue>> = entry.samples_ns.iter().map(|ns| unit.written(*ns)).collect();
    let fields = if samples.is_empty() { fields } else { fields.with("times", &samples) };
    // What is not known took no time, as in the entries that Kernel Tuner's own cache answers. It needs the fields.
    let benchmark_ms = match unit {
        Unit::Nanoseconds => entry.samples_ns.iter().sum::<f64>() / 1e6,
        Unit::Cycles => 0.0,
    };
    ["compile_time", "verification_time", "strategy_time", "framework_time"]
        .iter()
        .fold(fields.with("benchmark_time", &benchmark_ms), |fields, name| fields.with(name, &0))
}

/// The values as Python prints them, with commas between: how Kernel Tuner finds an entry.
fn key(entry: &Entry) -> String {
    entry.values.iter().map(python).collect::<Vec<_>>().join(",")
}

fn python(value: &Value) -> String {
    match value {
        Value::Real(real) => python_float(*real),
        other => other.to_string(),
    }
}

/// A number as Python's `repr` prints it: the shortest digits that read back, with an exponent below 1e-4 and from 1e16
/// on.
fn python_float(real: f64) -> String {
    let text = format!("{real:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    match exponent {
        -4..16 => format!("{real:?}"),
        _ => format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_python_prints_them() {
        for (real, text) in [
            (0.5, "0.5"),
            (2.0, "2.0"),
            (-0.0, "-0.0"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (123_456_789.125, "123456789.125"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.25e100, "1.25e+100"),
        ] {
            assert_eq!(python_float(real), text);
        }
    }
}
