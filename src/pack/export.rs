//! Packs for those who do not read packs: WGSL with JSON beside it, a header of tables for C++, T4.

use std::collections::BTreeMap;

use serde_json::json;
use wgtune_pack as pack;
use wgtune_pack::{Entry, Pack};

use super::PackError;
use super::verify::widest;
use crate::interchange::{Entry as Tried, Recording, Unit};
use crate::space::{Param, Value};

/// A file of an export: its name, and what is in it.
pub type File = (String, String);

/// Each program as files of its own: a text for each kernel, and JSON that says all else a WebGPU host needs, with every number
/// worked out for the measured sizes beside the formulas.
///
/// # Errors
/// The first entry whose program cannot be read, with the reason.
pub fn raw(pack: &Pack) -> Result<Vec<File>, PackError> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let manifest = pack.manifest();
    for entry in &manifest.entries {
        let operation = &manifest.operations[&entry.operation];
        let verified = pack.program(entry, &entry.measured, &widest()).map_err(|why| unreadable(entry, why))?;
        for kernel in &verified.program().kernels {
            let text = verified.text(kernel).unwrap_or_default();
            files.insert(format!("{}.wgsl", kernel.text), text.to_owned());
        }
        let grid = |kernel: &pack::Kernel| kernel.grid(verified.symbols());
        let uniforms = |kernel: &pack::Kernel| -> Vec<Option<u64>> {
            kernel.uniforms.iter().map(|name| verified.symbols().get(name).copied()).collect()
        };
        let measured: Vec<_> = verified
            .program()
            .kernels
            .iter()
            .map(|kernel| json!({ "entry": kernel.entry, "grid": grid(kernel), "uniforms": uniforms(kernel) }))
            .collect();
        let content = json!({
            "workload": operation.line(&entry.measured),
            "device": manifest.device_of(entry),
            "entry": entry,
            "operation": operation,
            "program": verified.program(),
            "reserved_uniforms": pack::RESERVED_UNIFORMS,
            "at_measured_sizes": {
                "symbols": verified.symbols(),
                "kernels": measured,
                "temporary_bytes": verified.temporary_bytes(),
                "input_bytes": bytes(verified.inputs()),
                "output_bytes": bytes(verified.outputs()),
            },
        });
        let text = serde_json::to_string_pretty(&content).expect("plain data serialises");
        files.insert(format!("{}.json", entry.id), text + "\n");
    }
    Ok(files.into_iter().collect())
}

fn bytes(tensors: &[pack::TensorSize]) -> Vec<u64> {
    tensors.iter().map(|tensor| tensor.bytes).collect()
}

fn unreadable(entry: &Entry, why: String) -> PackError {
    PackError::Entry { entry: entry.id.clone(), why }
}

/// The head of a header: what its rows are.
const HEADER: &str = "\
// Parameters of tuned kernels by device, for runtimes whose kernels are templates of their own.
// One row for each entry: WGTUNE_ENTRY(architecture, vendor, adapter, operator, types, tail, dims, template, parameters,
// median time in ns, times the default). Define WGTUNE_ENTRY, include this file, undefine it.
";

/// A table for C++ of what was tuned: a row for each entry with times, to be included with `WGTUNE_ENTRY` defined.
///
/// # Errors
/// When evidence cannot be read.
pub fn header(pack: &Pack, mode: pack::Mode) -> Result<String, PackError> {
    let manifest = pack.manifest();
    let mut rows = Vec::new();
    for entry in &manifest.entries {
        let (Some(times), Some(device)) = (entry.times.get(&mode), manifest.device_of(entry)) else { continue };
        let operation = &manifest.operations[&entry.operation];
        let evidence = evidence_of(pack, entry)?;
        let parameters = evidence.map_or_else(BTreeMap::new, |evidence| evidence.values);
        let texts = [
            device.architecture().unwrap_or_default(),
            format!("{:#06x}", device.vendor),
            device.adapter.clone(),
            operation.operator.clone(),
            operation.types.clone(),
            operation.tail.clone(),
            words(entry.measured.iter().chain(&operation.fixed)),
            entry.template.clone(),
            words(parameters.iter()),
        ];
        // JSON's quotes are C++'s for all that can be in such a text.
        let texts = texts.map(|text| serde_json::to_string(&in_line(&text)).expect("text serialises")).join(", ");
        let [_, ratio, _] = times.ratio_to_default;
        rows.push(format!("WGTUNE_ENTRY({texts}, {:?}, {ratio:?})", times.median_ns));
    }
    rows.sort_unstable();
    let [name, tool] = [&manifest.name, &manifest.tool].map(|text| in_line(text));
    Ok(format!("{HEADER}// {name}: {tool}, {}\n{}\n", mode.name(), rows.join("\n")))
}

/// A text that stays in its line: a comment would end at the end of one.
fn in_line(text: &str) -> String {
    let is_end = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.replace(is_end, " ")
}

fn evidence_of(pack: &Pack, entry: &Entry) -> Result<Option<pack::Evidence>, PackError> {
    let failed = |why| match why {
        pack::Error::Archive(why) => unreadable(entry, format!("its evidence cannot be read: {why}")),
        other => other.into(),
    };
    pack.evidence(entry).map_err(failed)
}

fn words<'a, V: ToString + 'a>(pairs: impl Iterator<Item = (&'a String, &'a V)>) -> String {
    pairs.map(|(name, value)| format!("{name}={}", value.to_string())).collect::<Vec<_>>().join(" ")
}

/// A recording for each device, workload and template: the winner with those runners-up that are of its template. Each has a name.
///
/// # Errors
/// When evidence cannot be read.
pub fn t4(pack: &Pack, mode: pack::Mode) -> Result<Vec<(String, Recording)>, PackError> {
    let manifest = pack.manifest();
    let mut recordings = Vec::new();
    for entry in &manifest.entries {
        let (Some(device), Some(evidence)) = (manifest.device_of(entry), evidence_of(pack, entry)?) else { continue };
        let Some(measured) = evidence.modes.get(&mode) else { continue };
        let tried = |values: &BTreeMap<String, serde_json::Value>, ns: f64, samples_ns: Vec<f64>| Tried {
            values: values.values().map(value).collect(),
            result: Ok(ns),
            samples_ns,
        };
        let median = crate::base::stats::median(&measured.samples_ns);
        let mut entries = vec![tried(&evidence.values, median, measured.samples_ns.clone())];
        let names: Vec<&String> = evidence.values.keys().collect();
        let of_template = measured
            .runners_up
            .iter()
            .filter(|other| other.template == entry.template && other.values.keys().collect::<Vec<_>>() == names);
        entries.extend(of_template.map(|other| tried(&other.values, other.median_ns, Vec::new())));
        let param = |(at, name): (usize, &&String)| {
            let mut values: Vec<Value> = Vec::new();
            entries.iter().for_each(|entry| {
                if !values.contains(&entry.values[at]) {
                    values.push(entry.values[at].clone());
                }
            });
            Param::new(name.as_str(), "", values)
        };
        let params = names.iter().enumerate().map(param).collect();
        let recording = Recording {
            kernel: evidence.workload.clone(),
            device: device.adapter.clone(),
            unit: Unit::Nanoseconds,
            params,
            entries,
        };
        recordings.push((entry.id.clone(), recording));
    }
    Ok(recordings)
}

/// A value of a parameter as evidence has it.
fn value(json: &serde_json::Value) -> Value {
    serde_json::from_value(json.clone()).unwrap_or_else(|_| Value::Text(json.to_string()))
}
