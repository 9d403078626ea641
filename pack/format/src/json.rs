//! JSON, read and written in one way only, so that what reads and writes a type is compiled once.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Reads one value.
pub(crate) fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Writes one value, without spaces.
pub(crate) fn write(value: &impl Serialize) -> Result<Vec<u8>, String> {
    serde_json::to_vec(value).map_err(|error| error.to_string())
}

/// Writes one value with sorted keys, whatever map serde_json was built with.
pub(crate) fn write_sorted(value: &impl Serialize) -> Result<String, String> {
    Ok(sorted(read(&write(value)?)?).to_string())
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut pairs: Vec<(String, Value)> = map.into_iter().collect();
            pairs.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(pairs.into_iter().map(|(key, value)| (key, sorted(value))).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(sorted).collect()),
        other => other,
    }
}
