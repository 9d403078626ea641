//! Recordings from entries: the values of parameters where a file does not list them, and each config once.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::Entry;
use crate::space::{Param, Value};

/// What a message says that was expected of a value in a file that lists all of them.
pub(super) const LISTED: &str = "one of the values in `tune_params`";

/// The value as its parameter lists it, if it does: 1 and 1.0 are the same to Python.
pub(super) fn listed(param: &Param, value: Value) -> Option<Value> {
    let same = |other: &&Value| value.as_real().is_some() && other.as_real() == value.as_real();
    if param.values.contains(&value) { Some(value) } else { param.values.iter().find(same).cloned() }
}

/// The position of each value in its parameter's list; `None` if one is not there.
pub(super) fn positions(params: &[Param], values: &[Value]) -> Option<Vec<u16>> {
    let position = |(param, value): (&Param, &Value)| {
        let found = param.values.iter().position(|other| other == value)?;
        u16::try_from(found).ok()
    };
    (params.len() == values.len()).then(|| params.iter().zip(values).map(position).collect())?
}

/// Parameters of these names with the values that occur: numbers ascending, then texts in the order of the alphabet.
pub(super) fn params(names: &[String], entries: &[Entry]) -> Vec<Param> {
    let values = |column: usize| {
        let mut values: Vec<&Value> = entries.iter().map(|entry| &entry.values[column]).collect();
        values.sort_by(|a, b| order(a, b));
        values.dedup();
        values.into_iter().cloned()
    };
    names.iter().enumerate().map(|(column, name)| Param::new(name, "", values(column))).collect()
}

/// Each config once, where it came first. Of those that occur twice the last counts, as when other programs read a file.
pub(super) fn distinct(params: &[Param], entries: Vec<Entry>) -> Vec<Entry> {
    let mut places: HashMap<Vec<u16>, usize> = HashMap::with_capacity(entries.len());
    let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
    for entry in entries {
        let place = positions(params, &entry.values).map(|key| *places.entry(key).or_insert(kept.len()));
        match place.and_then(|place| kept.get_mut(place)) {
            Some(earlier) => *earlier = entry,
            None => kept.push(entry),
        }
    }
    kept
}

fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        _ => numbers(a, b),
    }
}

/// Numbers by size and before texts; of equal ones the whole number first.
fn numbers(a: &Value, b: &Value) -> Ordering {
    match (a.as_real(), b.as_real()) {
        (Some(x), Some(y)) => x.total_cmp(&y).then_with(|| b.as_int().cmp(&a.as_int())),
        (x, y) => y.is_some().cmp(&x.is_some()),
    }
}
