//! Parameters: a name, a gloss, the values to choose from, and how those values lie to each other.

use super::{SpaceError, Value};

/// One choice that a template leaves open.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Its name in rules, configs and records.
    pub name: String,
    /// What it decides, in a line.
    pub about: String,
    /// What it can be, in the order in which they lie beside each other.
    pub values: Vec<Value>,
}

impl Param {
    /// A parameter with these values. A space checks them, not this.
    pub fn new<V: Into<Value>>(
        name: impl Into<String>,
        about: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        Self { name: name.into(), about: about.into(), values: values.into_iter().map(Into::into).collect() }
    }

    /// Where a value stands in the list.
    pub(super) fn position(&self, value: &Value) -> Result<u16, SpaceError> {
        let found = self.values.iter().position(|other| other == value);
        found.map(|position| position as u16).ok_or_else(|| SpaceError::NotAValue {
            param: self.name.clone(),
            value: value.to_string(),
            allowed: self.values.iter().map(Value::to_string).collect::<Vec<_>>().join(", "),
        })
    }
}

/// How the values of one parameter lie: what rules see of them, and which are close to each other.
#[derive(Debug)]
pub(super) struct Scale {
    /// What a rule sees of each position.
    numbers: Vec<i64>,
    /// The place of each position in ascending order; the position itself if a value is a text.
    ranks: Vec<u16>,
    /// Whether all values are numbers, so that some are closer than others.
    ordered: bool,
}

impl Scale {
    pub fn new(values: &[Value]) -> Self {
        let numbers = values.iter().enumerate().map(|(position, value)| value.as_int().unwrap_or(position as i64));
        let sizes: Option<Vec<f64>> = values.iter().map(Value::as_real).collect();
        let ranks = sizes.as_deref().map_or_else(|| (0..values.len() as u32).map(|i| i as u16).collect(), ranks);
        Self { numbers: numbers.collect(), ranks, ordered: sizes.is_some() }
    }

    /// The scale of the values that are left, in which rules see each value as they did here.
    pub fn narrowed(&self, left: Self, kept: &[u16]) -> Self {
        Self { numbers: kept.iter().map(|&position| self.number(position)).collect(), ..left }
    }

    /// All positions.
    pub fn positions(&self) -> impl Iterator<Item = u16> + use<> {
        (0..self.numbers.len()).map(|position| position as u16)
    }

    pub fn number(&self, position: u16) -> i64 {
        self.numbers[usize::from(position)]
    }

    /// How many single steps lie between two positions; all texts are one step apart.
    pub fn steps(&self, from: u16, to: u16) -> u32 {
        let rank = |position: u16| u32::from(self.ranks[usize::from(position)]);
        let steps = rank(from).abs_diff(rank(to));
        if self.ordered { steps } else { steps.min(1) }
    }

    /// The positions one step away.
    pub fn beside(&self, here: u16) -> impl Iterator<Item = u16> {
        (0..self.ranks.len()).map(|position| position as u16).filter(move |&other| self.steps(here, other) == 1)
    }

    /// The rank as a number from 0 to 1.
    pub fn unit(&self, position: u16) -> f64 {
        f64::from(self.ranks[usize::from(position)]) / (self.ranks.len() - 1).max(1) as f64
    }
}

fn ranks(sizes: &[f64]) -> Vec<u16> {
    let mut ascending: Vec<usize> = (0..sizes.len()).collect();
    ascending.sort_by(|&a, &b| sizes[a].total_cmp(&sizes[b]));
    let mut ranks = vec![0; sizes.len()];
    for (rank, &position) in ascending.iter().enumerate() {
        ranks[position] = rank as u16;
    }
    ranks
}
