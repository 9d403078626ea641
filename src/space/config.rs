//! Configs: one legal choice for each parameter of a space.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::{Param, Value};

/// A value for each parameter of a space. Only a space makes one, so a config in hand breaks no rule.
///
/// Configs compare, sort and hash by position alone: compare those of one space only.
#[derive(Clone)]
pub struct Config {
    params: Arc<[Param]>,
    positions: Box<[u16]>,
}

impl Config {
    /// The number that a parameter is set to.
    ///
    /// # Panics
    /// When there is no such parameter, or its value is not a whole number: both are mistakes of a template's author.
    pub fn int(&self, name: &str) -> i64 {
        let value = self.value(name).unwrap_or_else(|| panic!("no parameter `{name}` in `{self}`"));
        value.as_int().unwrap_or_else(|| panic!("`{name}` is not a whole number in `{self}`"))
    }

    /// What a parameter is set to; `None` if there is no such parameter.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.settings().find(|(param, _)| *param == name).map(|(_, value)| value)
    }

    /// The values by parameter name.
    pub fn values(&self) -> BTreeMap<String, Value> {
        self.settings().map(|(param, value)| (param.to_owned(), value.clone())).collect()
    }

    /// Where each value stands in its parameter's list.
    pub fn positions(&self) -> &[u16] {
        &self.positions
    }

    pub(super) fn new(params: Arc<[Param]>, positions: &[u16]) -> Self {
        Self { params, positions: positions.into() }
    }

    pub(super) fn params(&self) -> &[Param] {
        &self.params
    }

    fn settings(&self) -> impl Iterator<Item = (&str, &Value)> {
        let pairs = self.params.iter().zip(&self.positions);
        pairs.map(|(param, &position)| (param.name.as_str(), &param.values[usize::from(position)]))
    }
}

/// As `wx=8 wy=4`, in the order of the parameters.
impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (param, value)) in self.settings().enumerate() {
            let gap = if i == 0 { "" } else { " " };
            write!(f, "{gap}{param}={value}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Config({self})")
    }
}

impl PartialEq for Config {
    fn eq(&self, other: &Self) -> bool {
        self.positions == other.positions
    }
}

impl Eq for Config {}

impl Hash for Config {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.positions.hash(state);
    }
}

impl PartialOrd for Config {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Config {
    fn cmp(&self, other: &Self) -> Ordering {
        self.positions.cmp(&other.positions)
    }
}
