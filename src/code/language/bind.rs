//! The values of the names that an expression or a template reads, as minijinja looks them up.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use minijinja::value::Object;

use super::facts::Facts;
use super::statement::MARK;
use super::{LanguageError, Lookup};
use crate::space::Value;

/// The names that are read, and what must be true of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Reads {
    names: BTreeSet<String>,
    /// The same in a row, for looking them up while evaluating.
    keys: Arc<[String]>,
    /// Where each is read first, in the order of the names.
    places: Vec<Range<usize>>,
    /// Where names are used as numbers.
    numbers: BTreeMap<String, Range<usize>>,
}

impl Reads {
    pub fn new(facts: &Facts) -> Self {
        let owned = |(name, at): (&&str, &Range<usize>)| ((*name).to_owned(), at.clone());
        Self {
            names: facts.reads.keys().map(|name| (*name).to_owned()).collect(),
            keys: facts.reads.keys().map(|name| (*name).to_owned()).collect(),
            places: facts.reads.values().cloned().collect(),
            numbers: facts.numbers.iter().map(owned).collect(),
        }
    }

    pub fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// The values of the names that are read, and of no other.
    pub fn bind(&self, names: &dyn Lookup) -> Result<minijinja::Value, LanguageError> {
        let bound = self.keys.iter().map(|name| match names.value(name) {
            Some(value) => self.value(name, value),
            None => Err(self.error(name, format!("`{name}` has no value; give it one, or correct its name"))),
        });
        let values = bound.collect::<Result<Vec<_>, _>>()?;
        Ok(minijinja::Value::from_object(Bound { keys: Arc::clone(&self.keys), values }))
    }

    /// An error about a name, where it is read first.
    fn error(&self, name: &str, why: String) -> LanguageError {
        let place = self.keys.iter().zip(&self.places).find(|(read, _)| *read == name);
        LanguageError::new(place.map(|(_, at)| at.clone()).unwrap_or_default(), why)
    }

    fn value(&self, name: &str, value: &Value) -> Result<minijinja::Value, LanguageError> {
        match value {
            Value::Int(value) => Ok(minijinja::Value::from(*value)),
            Value::Real(value) => Ok(minijinja::Value::from(*value)),
            Value::Text(text) if text.contains(MARK) => Err(self.error(
                name,
                format!(
                    "the text of `{name}` has the character {}, which is kept for wgtune; remove it",
                    MARK.escape_unicode()
                ),
            )),
            Value::Text(text) => match self.numbers.get(name) {
                Some(at) => Err(LanguageError::new(
                    at.clone(),
                    format!(
                        "`{name}` is the text `{text}` and is used as a number here; compare it with `==` or `in [..]`"
                    ),
                )),
                None => Ok(minijinja::Value::from(text.as_str())),
            },
        }
    }
}

/// Names in ascending order, and their values.
#[derive(Debug)]
struct Bound {
    keys: Arc<[String]>,
    values: Vec<minijinja::Value>,
}

impl Object for Bound {
    fn get_value(self: &Arc<Self>, key: &minijinja::Value) -> Option<minijinja::Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<minijinja::Value> {
        let index = self.keys.binary_search_by(|name| name.as_str().cmp(key)).ok()?;
        self.values.get(index).cloned()
    }
}
