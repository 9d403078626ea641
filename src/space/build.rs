//! Makes spaces: from parameters and rules, or from a list of points.

use std::collections::BTreeSet;

use thiserror::Error;

use super::feature::Quantity;
use super::memory::MOST_REMEMBERED;
use super::rule::{Condition, Pace};
use super::{Config, Feature, Law, Param, Rule, Scale, Space, Value};

/// Parameters and rules on their way to a [`Space`].
#[derive(Default)]
pub struct SpaceBuilder {
    params: Vec<Param>,
    rules: Vec<NamedRule>,
    features: Vec<NamedFeature>,
}

/// A rule whose parameters are not looked up yet.
struct NamedRule {
    why: String,
    reads: Vec<String>,
    condition: Box<Condition>,
    pace: Pace,
}

/// A feature whose parameters are not looked up yet.
struct NamedFeature {
    name: String,
    reads: Vec<String>,
    quantity: Box<Quantity>,
}

impl Space {
    /// Starts a space without parameters, whose only config is the empty one.
    pub fn builder() -> SpaceBuilder {
        SpaceBuilder::default()
    }

    /// A space whose legal points are exactly these rows, each with a value for every parameter in their order. Rows
    /// that occur twice count once.
    pub fn from_list(params: Vec<Param>, rows: impl IntoIterator<Item = Vec<Value>>) -> Result<Self, SpaceError> {
        check(&params)?;
        let mut space = Self::ruled(params, Vec::new());
        let points = rows.into_iter().map(|row| space.point(&row)).collect::<Result<BTreeSet<_>, _>>()?;
        space.law = Law::Points(points.into_iter().collect());
        Ok(space)
    }

    fn point(&self, row: &[Value]) -> Result<Config, SpaceError> {
        if row.len() != self.params.len() {
            return Err(SpaceError::Row { values: row.len(), params: self.params.len() });
        }
        let positions = self.params.iter().zip(row).map(|(param, value)| param.position(value));
        Ok(self.at(&positions.collect::<Result<Vec<_>, _>>()?))
    }

    fn ruled(params: Vec<Param>, rules: Vec<Rule>) -> Self {
        let scales = params.iter().map(|param| Scale::new(&param.values)).collect();
        Self::scaled(params, scales, rules)
    }

    /// The space of these parameters on scales that need not be those of their values.
    pub(super) fn scaled(params: Vec<Param>, scales: Vec<Scale>, mut rules: Vec<Rule>) -> Self {
        let mut room = MOST_REMEMBERED;
        rules.iter_mut().for_each(|rule| rule.make_room(&params, &mut room));
        let domains = (0..params.len()).map(|param| domain(param, &scales, rules.iter())).collect();
        let mut by_depth = vec![Vec::new(); params.len() + 1];
        for (i, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.reads.len() != 1) {
            by_depth[rule.reads.iter().max().map_or(0, |last| last + 1)].push(i);
        }
        let law = Law::Rules { rules, by_depth };
        let (listed, elimination) = Default::default();
        Self { params: params.into(), scales, domains, features: Vec::new(), law, listed, elimination }
    }
}

impl SpaceBuilder {
    /// Adds a parameter with a one-line gloss and the values to choose from. The walk through the space sets them in
    /// the order they are added.
    pub fn param<V: Into<Value>>(mut self, name: &str, about: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.params.push(Param::new(name, about, values));
        self
    }

    /// Adds a rule on the parameters it reads, with what is wrong where it does not hold.
    ///
    /// It sees a whole number as it is, and any other value as its position in its parameter's list, from 0. A rule
    /// that reads nothing allows everything or nothing.
    pub fn rule<const N: usize>(
        mut self,
        why: impl Into<String>,
        reads: [&str; N],
        holds: impl Fn([i64; N]) -> bool + Send + Sync + 'static,
    ) -> Self {
        let condition = Box::new(move |number: &dyn Fn(usize) -> i64| holds(std::array::from_fn(number)));
        let (why, reads) = (why.into(), reads.map(str::to_owned).into());
        self.rules.push(NamedRule { why, reads, condition, pace: Pace::Fast });
        self
    }

    /// Adds a rule as [`Self::rule`] does, on parameters that are known at run time only, whose numbers it gets in the
    /// order of `reads`.
    ///
    /// It may take its time, as an expression of a user does: its answers are remembered where there are no more than
    /// 2²⁰ combinations of the values it reads. So it must always answer the same.
    pub fn rule_over(
        mut self,
        why: impl Into<String>,
        reads: &[String],
        holds: impl Fn(&[i64]) -> bool + Send + Sync + 'static,
    ) -> Self {
        let count = reads.len();
        let condition =
            Box::new(move |number: &dyn Fn(usize) -> i64| holds(&(0..count).map(number).collect::<Vec<i64>>()));
        let (why, reads) = (why.into(), reads.to_vec());
        self.rules.push(NamedRule { why, reads, condition, pace: Pace::Slow(None) });
        self
    }

    /// Adds a quantity that matters to a machine and that follows from the parameters it reads, such as a product of
    /// two of them: searchers with a model look at it beside the parameters. It sees what a rule sees.
    pub fn feature<const N: usize>(
        mut self,
        name: &str,
        reads: [&str; N],
        quantity: impl Fn([i64; N]) -> f64 + Send + Sync + 'static,
    ) -> Self {
        let quantity = Box::new(move |number: &dyn Fn(usize) -> i64| quantity(std::array::from_fn(number)));
        self.features.push(NamedFeature { name: name.to_owned(), reads: reads.map(str::to_owned).into(), quantity });
        self
    }

    /// The space, unless parameters or rules make no sense. That a config exists is not checked: see
    /// [`Space::is_empty`].
    pub fn build(self) -> Result<Space, SpaceError> {
        check(&self.params)?;
        let rules = self.rules.into_iter().map(|rule| rule.resolve(&self.params)).collect::<Result<Vec<_>, _>>()?;
        let features = self.features.into_iter().map(|feature| feature.resolve(&self.params));
        let features = features.collect::<Result<Vec<_>, _>>()?;
        Ok(Space { features, ..Space::ruled(self.params, rules) })
    }
}

impl NamedRule {
    fn resolve(self, params: &[Param]) -> Result<Rule, SpaceError> {
        let unknown = |name: &str| SpaceError::UnknownInRule {
            why: self.why.clone(),
            name: name.to_owned(),
            known: names(params),
        };
        let reads = indices(&self.reads, params).map_err(|name| unknown(&name))?;
        Ok(Rule::new(self.why, reads, self.condition, self.pace))
    }
}

impl NamedFeature {
    fn resolve(self, params: &[Param]) -> Result<Feature, SpaceError> {
        let unknown =
            |name: String| SpaceError::UnknownInFeature { feature: self.name.clone(), name, known: names(params) };
        let reads = indices(&self.reads, params).map_err(unknown)?;
        Ok(Feature::new(self.name, reads, self.quantity))
    }
}

/// Where each parameter stands, or the first that does not exist.
fn indices(reads: &[String], params: &[Param]) -> Result<Vec<usize>, String> {
    reads.iter().map(|name| params.iter().position(|param| param.name == *name).ok_or_else(|| name.clone())).collect()
}

/// The positions of a parameter that obey those of the rules that are about it alone.
pub(super) fn domain<'a>(param: usize, scales: &[Scale], rules: impl Iterator<Item = &'a Rule> + Clone) -> Vec<u16> {
    let allowed =
        |position| rules.clone().filter(|rule| rule.reads == [param]).all(|rule| rule.holds(scales, |_| position));
    scales[param].positions().filter(|&position| allowed(position)).collect()
}

/// Positions are stored as `u16`.
const MOST_VALUES: usize = 1 << 16;

fn check(params: &[Param]) -> Result<(), SpaceError> {
    for (i, param) in params.iter().enumerate() {
        let name = || param.name.clone();
        if params[..i].iter().any(|other| other.name == param.name) {
            return Err(SpaceError::DuplicateParam { name: name() });
        }
        if param.values.is_empty() {
            return Err(SpaceError::NoValues { param: name() });
        }
        if param.values.len() > MOST_VALUES {
            return Err(SpaceError::TooManyValues { param: name(), count: param.values.len() });
        }
        if let Some(value) = param.values.iter().enumerate().find(|(i, value)| param.values[..*i].contains(value)) {
            return Err(SpaceError::DuplicateValue { param: name(), value: value.1.to_string() });
        }
    }
    Ok(())
}

fn names(params: &[Param]) -> String {
    params.iter().map(|param| param.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Why a space or a config cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum SpaceError {
    #[error("parameter `{name}` is declared twice")]
    DuplicateParam { name: String },
    #[error("parameter `{param}` has no values")]
    NoValues { param: String },
    #[error("parameter `{param}` has {count} values, more than 65536")]
    TooManyValues { param: String, count: usize },
    #[error("parameter `{param}` lists {value} twice")]
    DuplicateValue { param: String, value: String },
    #[error("the rule \"{why}\" reads `{name}`, which is not a parameter; there are: {known}")]
    UnknownInRule { why: String, name: String, known: String },
    #[error("the feature `{feature}` reads `{name}`, which is not a parameter; there are: {known}")]
    UnknownInFeature { feature: String, name: String, known: String },
    #[error("a point has {values} values where there are {params} parameters")]
    Row { values: usize, params: usize },
    #[error("no parameter `{name}`; there are: {known}")]
    UnknownParam { name: String, known: String },
    #[error("no value for parameter `{name}`")]
    MissingParam { name: String },
    #[error("`{param}` cannot be {value}; it can be: {allowed}")]
    NotAValue { param: String, value: String, allowed: String },
    #[error("`{config}` is not legal: {why}")]
    Broken { config: String, why: String },
    #[error("`{config}` is not one of the listed points")]
    NotListed { config: String },
}

impl SpaceError {
    pub(super) fn unknown(name: &str, params: &[Param]) -> Self {
        Self::UnknownParam { name: name.to_owned(), known: names(params) }
    }
}
