//! The T4 results schema that Kernel Tuner, KTT and BaCO share: a list of results, each with its configuration.
//!
//! The schema has no place for what was measured on what. We write the kernel, the device and the parameters' values
//! into its free `metadata`, and the exact failure into a field `wgtune` of a result; files of others do without. Cycles are an
//! objective of their own, and the unit of the file's times.
//! Schema: `T4/1.0.0/results-schema.json` in Kernel Tuner.

use std::io::{self, Write};

use serde_json::value::RawValue;

use super::error::Fault;
use super::failure::{self, Exact};
use super::json::{self, Document, Fields, Object};
use super::time::{MILLISECONDS, places, to_ns};
use super::{Entry, Recording, Unit, assemble};
use crate::record::Rejection;
use crate::space::{Param, Value};

const VERSION: &str = "1.0.0";
/// The word for a config that did not fail.
const CORRECT: &str = "correct";
const UNITS: &str = "seconds, milliseconds, microseconds, nanoseconds or cycles";

pub(super) fn parse(document: &Document, stem: &str) -> Result<Recording, Fault> {
    let file = File::of(document)?;
    let raws = document.results.iter().flatten();
    let results = raws.map(|raw| document.part("results", raw, "a list of objects").map(|fields| (*raw, fields)));
    let results = results.collect::<Result<Vec<(&RawValue, Object)>, Fault>>()?;
    let first = file.names(&results)?;
    let listed = file.params()?;
    // A file may list its parameters in another order than its results have them.
    let names = listed.as_ref().map_or(first, |params| params.iter().map(|param| param.name.clone()).collect());
    let entries = results.iter().map(|(raw, fields)| file.entry(&names, listed.as_deref(), raw, fields));
    let entries = entries.collect::<Result<Vec<Entry>, Fault>>()?;
    let params = listed.unwrap_or_else(|| assemble::params(&names, &entries));
    let named = |name: &str| file.metadata.get(name).and_then(json::text);
    Ok(Recording {
        kernel: named("kernel_name").unwrap_or_else(|| stem.to_owned()),
        device: named("device_name").unwrap_or_else(|| "unknown".to_owned()),
        unit: file.unit,
        entries: assemble::distinct(&params, entries),
        params,
    })
}

/// What holds for all results of a file.
struct File<'d, 'a> {
    document: &'d Document<'a>,
    metadata: Object<'a>,
    unit: Unit,
    /// From the file's unit of time to nanoseconds, or to cycles.
    places: i32,
}

impl<'d, 'a> File<'d, 'a> {
    fn of(document: &'d Document<'a>) -> Result<Self, Fault> {
        let metadata: Object = match document.field("metadata") {
            Some(raw) => document.part("metadata", raw, "an object")?,
            None => Object::default(),
        };
        let known = |name: String| match Unit::of_objective(&name) {
            Some(Unit::Cycles) => Some((Unit::Cycles, Unit::Cycles.places())),
            _ => places(&name).map(|places| (Unit::Nanoseconds, places)),
        };
        let (unit, places) = match metadata.get("timeunit") {
            Some(raw) => json::text(raw).and_then(known).ok_or_else(|| document.wrong("timeunit", raw, UNITS))?,
            None => (Unit::Nanoseconds, MILLISECONDS),
        };
        Ok(Self { document, metadata, unit, places })
    }

    /// The parameters in order: those of the first result.
    fn names(&self, results: &[(&'a RawValue, Object<'a>)]) -> Result<Vec<String>, Fault> {
        let Some((raw, fields)) = results.first() else {
            let what = "`results` is empty; expected a result for each config".to_owned();
            return Err(Fault { line: 1, what });
        };
        Ok(self.configuration(raw, fields)?.0.into_iter().map(|(name, _)| name).collect())
    }

    /// The parameters with all their values, where the file lists them.
    fn params(&self) -> Result<Option<Vec<Param>>, Fault> {
        let Some(raw) = self.metadata.get("tune_params") else { return Ok(None) };
        let lists: Object = self.document.part("tune_params", raw, "an object with a list for each parameter")?;
        let param = |(name, raw): &(String, &'a RawValue)| {
            let values: Vec<&RawValue> = self.document.part(name, raw, "a list of values")?;
            let values = values.into_iter().map(|raw| self.document.value(name, raw));
            Ok(Param::new(name, "", values.collect::<Result<Vec<Value>, Fault>>()?))
        };
        lists.0.iter().map(param).collect::<Result<Vec<Param>, Fault>>().map(Some)
    }

    fn configuration(&self, raw: &'a RawValue, fields: &Object<'a>) -> Result<Object<'a>, Fault> {
        const EXPECTED: &str = "an object with a value for each parameter";
        let missing = || self.document.fault(raw, format!("the result has no `configuration`; expected {EXPECTED}"));
        self.document.part("configuration", fields.get("configuration").ok_or_else(missing)?, EXPECTED)
    }

    /// A result; its values are looked up by name, and must be listed where the file lists any.
    fn entry(
        &self,
        names: &[String],
        listed: Option<&[Param]>,
        raw: &'a RawValue,
        fields: &Object<'a>,
    ) -> Result<Entry, Fault> {
        let config = self.configuration(raw, fields)?;
        let value = |(at, name): (usize, &String)| {
            let missing = || self.document.fault(raw, format!("the result has no value for the parameter `{name}`"));
            let raw = config.get(name).ok_or_else(missing)?;
            let value = self.document.value(name, raw)?;
            let Some(params) = listed else { return Ok(value) };
            assemble::listed(&params[at], value).ok_or_else(|| self.document.wrong(name, raw, assemble::LISTED))
        };
        let values = names.iter().enumerate().map(value).collect::<Result<Vec<Value>, Fault>>()?;
        if let Some((name, raw)) = config.0.iter().find(|(name, _)| !names.contains(name)) {
            let place = if listed.is_some() { "`tune_params`" } else { "the first result" };
            let what = format!("the parameter `{name}` is not in {place}; expected the same ones in all");
            return Err(self.document.fault(raw, what));
        }
        Ok(Entry { values, result: self.result(raw, fields)?, samples_ns: self.samples(fields)? })
    }

    fn result(&self, raw: &'a RawValue, fields: &Object<'a>) -> Result<Result<f64, Rejection>, Fault> {
        const EXPECTED: &str = "correct, timeout, compile, runtime, correctness or constraints";
        let missing = || self.document.fault(raw, format!("the result has no `invalidity`; expected {EXPECTED}"));
        let invalidity = fields.get("invalidity").ok_or_else(missing)?;
        let word: String = self.document.part("invalidity", invalidity, EXPECTED)?;
        if word == CORRECT {
            return self.time(raw, fields);
        }
        if let Some(exact) = fields.get("wgtune") {
            let exact: Exact = self.document.part("wgtune", exact, "an object with a stage and a reason")?;
            return Ok(Err(exact.rejection()));
        }
        let rejection = failure::named(&word).ok_or_else(|| self.document.wrong("invalidity", invalidity, EXPECTED))?;
        let measured = self.measurement(raw, fields).ok().and_then(|(_, value, _)| json::text(value));
        Ok(Err(Rejection { why: measured.unwrap_or(word), ..rejection }))
    }

    /// The objective of a config that was measured.
    fn time(&self, raw: &'a RawValue, fields: &Object<'a>) -> Result<Result<f64, Rejection>, Fault> {
        let (name, value, unit) = self.measurement(raw, fields)?;
        let places = unit.as_deref().and_then(places);
        let is_time = self.unit == Unit::Nanoseconds && (places.is_some() || name.contains("time"));
        if !is_time && self.unit.objective() != name {
            let expected = match self.unit {
                Unit::Nanoseconds => "a time: nothing else can be searched for",
                Unit::Cycles => "`cycles`, the file's unit of time",
            };
            return Err(self.document.fault(raw, format!("the objective is `{name}`; expected {expected}")));
        }
        let failed = || json::text(value).and_then(|name| failure::named(&name));
        match to_ns(value.get(), places.unwrap_or(self.places)) {
            Some(ns) => Ok(Ok(ns)),
            None => failed().map(Err).ok_or_else(|| self.document.wrong(&name, value, failure::EXPECTED)),
        }
    }

    /// Name, value and unit of the first objective.
    fn measurement(
        &self,
        raw: &'a RawValue,
        fields: &Object<'a>,
    ) -> Result<(String, &'a RawValue, Option<String>), Fault> {
        let objectives: Vec<String> = match fields.get("objectives") {
            Some(raw) => self.document.part("objectives", raw, "a list of names")?,
            None => Vec::new(),
        };
        let objective = objectives.into_iter().next().unwrap_or_else(|| "time".to_owned());
        let missing = || self.document.fault(raw, format!("the result has no measurement of `{objective}`"));
        let list = fields.get("measurements").ok_or_else(missing)?;
        let list: Vec<Object> = self.document.part("measurements", list, "a list of objects")?;
        let is_it = |one: &&Object| one.get("name").and_then(json::text).as_ref() == Some(&objective);
        let found = list.iter().find(is_it).ok_or_else(missing)?;
        let value = found.get("value").ok_or_else(missing)?;
        Ok((objective, value, found.get("unit").and_then(json::text)))
    }

    fn samples(&self, fields: &Object<'a>) -> Result<Vec<f64>, Fault> {
        let Some(times) = fields.get("times") else { return Ok(Vec::new()) };
        let times: Object = self.document.part("times", times, "an object")?;
        let Some(raw) = times.get("runtimes") else { return Ok(Vec::new()) };
        let wrong = || self.document.wrong("runtimes", raw, "a list of numbers above 0");
        let list: Vec<&RawValue> = self.document.part("runtimes", raw, "a list of numbers above 0")?;
        list.into_iter().map(|time| to_ns(time.get(), self.places).ok_or_else(wrong)).collect()
    }
}

/// Writes a result in each line.
pub(super) fn write(recording: &Recording, out: &mut impl Write) -> io::Result<()> {
    let metadata = serde_json::to_string(&metadata(recording))?;
    write!(out, "{{\"schema_version\": \"{VERSION}\",\n\"metadata\": {metadata},\n\"results\": [")?;
    for (i, entry) in recording.entries.iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        write!(out, "{comma}\n{}", serde_json::to_string(&written(recording.unit, &recording.params, entry))?)?;
    }
    out.write_all(b"]}\n")
}

fn metadata(recording: &Recording) -> Fields {
    let lists = recording.params.iter().map(|param| &param.values);
    Fields::default()
        .with("timeunit", if recording.unit == Unit::Cycles { "cycles" } else { "milliseconds" })
        .with("kernel_name", &recording.kernel)
        .with("device_name", &recording.device)
        .with("tune_params", &Fields::default().with_all(&recording.params, lists))
}

fn written(unit: Unit, params: &[Param], entry: &Entry) -> Fields {
    let samples: Vec<Box<RawValue>> = entry.samples_ns.iter().map(|ns| unit.written(*ns)).collect();
    let times = Fields::default().with("runtimes", &samples);
    let time = Fields::default().with("name", unit.objective());
    let (invalidity, correctness, time) = match &entry.result {
        Ok(ns) => (CORRECT, 1, time.with("value", &unit.written(*ns))),
        Err(rejection) => (failure::t4(rejection.stage), 0, time.with("value", failure::kernel_tuner(rejection.stage))),
    };
    let fields = Fields::default()
        .with("configuration", &Fields::default().with_all(params, &entry.values))
        .with("times", &times)
        .with("invalidity", invalidity)
        .with("correctness", &correctness)
        .with("measurements", &[time.with("unit", if unit == Unit::Cycles { "cycles" } else { "ms" })])
        .with("objectives", &[unit.objective()]);
    match &entry.result {
        Ok(_) => fields,
        Err(rejection) => fields.with("wgtune", &Exact::of(rejection)),
    }
}
