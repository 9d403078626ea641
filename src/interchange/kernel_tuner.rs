//! Kernel Tuner's cache files and the T4 results schema, read into recordings.

use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::Value as Json;

use super::{Entry, Recording};
use crate::record::{Rejection, Stage};
use crate::space::{Param, Value};

/// Reads a recording from a file.
///
/// # Errors
/// When the file cannot be read or is in none of the formats.
pub fn read(path: &Path) -> Result<Recording, String> {
    let bytes = std::fs::read(path).map_err(|e| e.to_string())?;
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        GzDecoder::new(&bytes[..]).read_to_string(&mut text).map_err(|e| e.to_string())?;
    } else {
        text = String::from_utf8(bytes).map_err(|e| e.to_string())?;
    }
    let json: Json = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    if json.get("results").is_some() { t4(&json) } else { cache(&json) }.ok_or_else(|| "malformed".to_owned())
}

fn cache(json: &Json) -> Option<Recording> {
    let names: Vec<&str> = json["tune_params_keys"].as_array()?.iter().filter_map(Json::as_str).collect();
    let params: Vec<Param> = names
        .iter()
        .map(|n| Param::new(*n, "", json["tune_params"][n].as_array().into_iter().flatten().map(value)))
        .collect();
    let mut entries = Vec::new();
    for e in json["cache"].as_object()?.values() {
        let values = names.iter().map(|n| value(&e[n])).collect();
        let result = e["time"].as_f64().map(|ms| ms * 1e6).ok_or_else(|| {
            let why = e["time"].as_str().unwrap_or("").to_owned();
            Rejection::new(if why.starts_with("Comp") { Stage::Compile } else { Stage::Run }, why)
        });
        entries.push(Entry { values, result, samples_ns: vec![] });
    }
    Some(Recording {
        kernel: json["kernel_name"].as_str()?.to_owned(),
        device: json["device_name"].as_str()?.to_owned(),
        params,
        entries,
    })
}

fn t4(json: &Json) -> Option<Recording> {
    let results = json["results"].as_array()?;
    let names: Vec<String> = results[0]["configuration"].as_object()?.keys().cloned().collect();
    let mut lists: Vec<Vec<Json>> = vec![vec![]; names.len()];
    let mut entries = Vec::new();
    for r in results {
        let values: Vec<Json> = names.iter().map(|n| r["configuration"][n].clone()).collect();
        for (list, v) in lists.iter_mut().zip(&values) {
            if !list.contains(v) {
                list.push(v.clone());
            }
        }
        let time = r["measurements"].as_array()?.iter().find(|m| m["name"] == "time")?;
        let result = time["value"].as_f64().map(|ms| ms * 1e6).ok_or_else(|| {
            let why = r["invalidity"].as_str().unwrap_or("").to_owned();
            Rejection::new(if why.starts_with("comp") { Stage::Compile } else { Stage::Run }, why)
        });
        entries.push(Entry { values: values.iter().map(value).collect(), result, samples_ns: vec![] });
    }
    let params = names
        .iter()
        .zip(lists)
        .map(|(n, mut l)| {
            l.sort_by(|a, b| a.as_f64().partial_cmp(&b.as_f64()).unwrap());
            Param::new(n.clone(), "", l.iter().map(value))
        })
        .collect();
    Some(Recording { kernel: "t4".into(), device: "unknown".into(), params, entries })
}

fn value(json: &Json) -> Value {
    match json {
        Json::Number(n) => n.as_i64().map_or_else(|| Value::Real(n.as_f64().unwrap_or(0.0)), Value::Int),
        Json::String(s) => Value::Text(s.clone()),
        other => Value::Text(other.to_string()),
    }
}
