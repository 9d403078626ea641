//! The sizes for which an entry is valid: ranges of dims, and relations between formulas.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::limits::{MOST_CONDITIONS, MOST_NAMES};
use crate::{Dims, Formula, Operation, Symbols};

/// A predicate on the sizes of free dims. A dim without a range must be as measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Admits {
    /// The range of each dim that may vary.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dims: BTreeMap<String, Range>,
    /// What must hold besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}

/// The sizes that one dim may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Range {
    /// The least.
    pub least: u64,
    /// The most.
    pub most: u64,
    /// What they must be a multiple of.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub multiple_of: u64,
}

/// A relation between two formulas over the operation's symbols.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Condition {
    /// The left side.
    pub left: Formula,
    /// How the sides must relate.
    pub relation: Relation,
    /// The right side.
    pub right: Formula,
}

/// How two numbers relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Relation {
    /// The left is at most the right.
    #[serde(rename = "<=")]
    AtMost,
    /// Both are equal.
    #[serde(rename = "==")]
    Equal,
    /// The left is a multiple of the right.
    #[serde(rename = "%0")]
    MultipleOf,
}

impl Admits {
    /// Whether these sizes of the free dims are in range, for a program that was measured at others.
    pub(crate) fn covers(&self, measured: &Dims, dims: &Dims) -> bool {
        dims.iter().all(|(name, size)| match self.dims.get(name) {
            Some(range) => range.contains(*size),
            None => measured.get(name) == Some(size),
        })
    }

    /// Whether what must hold besides does.
    pub(crate) fn holds(&self, symbols: &Symbols) -> bool {
        self.conditions.iter().all(|condition| condition.holds(symbols))
    }

    /// How many numbers, symbols and operators its formulas have.
    pub(crate) fn terms(&self) -> usize {
        self.conditions.iter().map(|condition| condition.left.terms() + condition.right.terms()).sum()
    }

    /// What is absurd about it.
    pub(crate) fn check(&self, operation: &Operation) -> Result<(), String> {
        if self.dims.len() > MOST_NAMES || self.conditions.len() > MOST_CONDITIONS {
            return Err("its predicate has too many parts".to_owned());
        }
        self.dims.iter().try_for_each(|(name, range)| {
            range.check().map_err(|why| format!("its predicate on `{name}` {why}"))?;
            let is_free = operation.free.contains_key(name);
            if is_free { Ok(()) } else { Err(format!("its predicate is on `{name}`, which is no free dim")) }
        })
    }
}

impl Range {
    fn contains(&self, size: u64) -> bool {
        (self.least..=self.most).contains(&size) && size.is_multiple_of(self.multiple_of)
    }

    fn check(&self) -> Result<(), String> {
        if self.multiple_of == 0 || self.least > self.most {
            return Err(format!("is absurd: {} to {} by {}", self.least, self.most, self.multiple_of));
        }
        Ok(())
    }
}

impl Condition {
    /// Whether it holds; it does not where a side has no value.
    pub fn holds(&self, symbols: &Symbols) -> bool {
        let (Some(left), Some(right)) = (self.left.eval(symbols), self.right.eval(symbols)) else { return false };
        match self.relation {
            Relation::AtMost => left <= right,
            Relation::Equal => left == right,
            Relation::MultipleOf => right != 0 && left.is_multiple_of(right),
        }
    }
}

fn one() -> u64 {
    1
}

fn is_one(number: &u64) -> bool {
    *number == 1
}
