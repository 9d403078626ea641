//! Parameters, rules and the configs that obey them.

mod build;
mod config;
mod count;
mod eliminate;
mod estimate;
mod feature;
mod memory;
mod param;
mod plan;
mod repair;
mod restrict;
mod rule;
mod sample;
#[cfg(test)]
mod tests;
mod value;
mod walk;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

pub use build::{SpaceBuilder, SpaceError};
pub use config::Config;
pub use count::Removal;
use eliminate::Elimination;
pub use estimate::{Estimated, Sampled};
pub use feature::Feature;
pub use param::Param;
use param::Scale;
pub use rule::Rule;
pub use value::Value;
pub use walk::Walk;

/// The legal configs of a template: all combinations of its parameters' values that break no rule, or exactly the
/// points of a list.
///
/// Opening a space costs nothing, however many raw points it has: configs are found as they are asked for, and each
/// rule is applied as soon as the last parameter it reads is set.
///
/// ```
/// use wgtune::space::Space;
///
/// let space = Space::builder()
///     .param("wx", "invocations along N", [4i64, 8, 16])
///     .param("wy", "invocations along M", [4i64, 8, 16])
///     .rule("more invocations than the device allows", ["wx", "wy"], |[wx, wy]| wx * wy <= 64)
///     .build()?;
/// let configs: Vec<String> = space.iter().map(|config| config.to_string()).collect();
/// assert_eq!(configs.join(", "), "wx=4 wy=4, wx=4 wy=8, wx=4 wy=16, wx=8 wy=4, wx=8 wy=8, wx=16 wy=4");
/// # Ok::<(), wgtune::space::SpaceError>(())
/// ```
#[derive(Debug)]
pub struct Space {
    params: Arc<[Param]>,
    /// One for each parameter.
    scales: Vec<Scale>,
    /// The positions of each parameter that the rules about it alone allow.
    domains: Vec<Vec<u16>>,
    features: Vec<Feature>,
    law: Law,
    /// The legal points, once somebody wanted them listed; `None` inside when there are too many.
    listed: OnceLock<Option<Vec<Config>>>,
    /// What the legal points are counted and drawn by, once somebody wanted it; `None` inside where it costs much.
    elimination: OnceLock<Option<Elimination>>,
}

/// What makes a point legal.
#[derive(Debug)]
enum Law {
    /// All rules hold. `by_depth[d]` are those that can be told, and not earlier, once the first `d` parameters are
    /// set; rules about one parameter are not among them, as its domain obeys them already.
    Rules { rules: Vec<Rule>, by_depth: Vec<Vec<usize>> },
    /// It is one of these, which are sorted and distinct.
    Points(Vec<Config>),
}

impl Space {
    /// The parameters, in the order in which they are set.
    pub fn params(&self) -> &[Param] {
        &self.params
    }

    /// The rules; none for a space made from a list.
    pub fn rules(&self) -> &[Rule] {
        match &self.law {
            Law::Rules { rules, .. } => rules,
            Law::Points(_) => &[],
        }
    }

    /// The quantities that its author gave models to look at, beside the parameters.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The value of each feature for a config.
    pub fn feature_values(&self, config: &Config) -> Vec<f64> {
        let number = |param: usize| self.scales[param].number(config.positions()[param]);
        self.features.iter().map(|feature| feature.of(number)).collect()
    }

    /// The number of combinations of values before any rule, or the largest `u128` if there are more.
    pub fn raw_size(&self) -> u128 {
        self.params.iter().fold(1, |size, param| u128::saturating_mul(size, param.values.len() as u128))
    }

    /// All legal configs in ascending order, each found when it is asked for.
    pub fn iter(&self) -> Walk<&Space> {
        Walk::new(self)
    }

    /// Whether there is no legal config. Looks for the first one only.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Whether the config has this space's parameters and is legal in it.
    pub fn contains(&self, config: &Config) -> bool {
        config.params() == self.params() && self.allows(config.positions())
    }

    /// The legal configs one step away: one parameter differs, a number by going to the next larger or smaller value of
    /// its list, a text to any other.
    pub fn neighbours(&self, config: &Config) -> Vec<Config> {
        let mut positions = config.positions().to_vec();
        let mut found = Vec::new();
        for (param, scale) in self.scales.iter().enumerate() {
            let here = positions[param];
            for next in scale.beside(here) {
                positions[param] = next;
                if self.allows(&positions) {
                    found.push(self.at(&positions));
                }
            }
            positions[param] = here;
        }
        found
    }

    /// The legal configs that differ in one parameter, whatever the distance of its values.
    pub fn variants(&self, config: &Config) -> Vec<Config> {
        let mut positions = config.positions().to_vec();
        let mut found = Vec::new();
        for (param, domain) in self.domains.iter().enumerate() {
            let here = positions[param];
            for &next in domain.iter().filter(|&&next| next != here) {
                positions[param] = next;
                if self.allows(&positions) {
                    found.push(self.at(&positions));
                }
            }
            positions[param] = here;
        }
        found
    }

    /// The legal config at these positions, one for each parameter; `None` if there is none.
    pub fn legal(&self, positions: &[u16]) -> Option<Config> {
        let sizes = self.params.iter().map(|param| param.values.len());
        let exists = positions.len() == self.params.len()
            && positions.iter().zip(sizes).all(|(&position, size)| usize::from(position) < size);
        (exists && self.allows(positions)).then(|| self.at(positions))
    }

    /// The config as numbers from 0 to 1, one for each parameter: the rank of a number among its parameter's values (so
    /// powers of two come out evenly spaced), the position of a text.
    pub fn encode(&self, config: &Config) -> Vec<f64> {
        self.scales.iter().zip(config.positions()).map(|(scale, &position)| scale.unit(position)).collect()
    }

    /// The config with these values by parameter name: the inverse of [`Config::values`].
    pub fn config(&self, values: &BTreeMap<String, Value>) -> Result<Config, SpaceError> {
        if let Some(name) = values.keys().find(|name| self.params.iter().all(|param| param.name != **name)) {
            return Err(SpaceError::unknown(name, &self.params));
        }
        let position = |param: &Param| match values.get(&param.name) {
            Some(value) => param.position(value),
            None => Err(SpaceError::MissingParam { name: param.name.clone() }),
        };
        let positions = self.params.iter().map(position).collect::<Result<Vec<u16>, SpaceError>>()?;
        let config = self.at(&positions);
        match self.broken_rule(&positions) {
            Some(rule) => Err(SpaceError::Broken { config: config.to_string(), why: rule.why.clone() }),
            None if self.allows(&positions) => Ok(config),
            None => Err(SpaceError::NotListed { config: config.to_string() }),
        }
    }

    /// The first rule that these positions break, one for each parameter.
    pub fn broken_rule(&self, positions: &[u16]) -> Option<&Rule> {
        self.rules().iter().find(|rule| !self.holds(rule, positions))
    }

    /// Whether a full set of positions is legal.
    fn allows(&self, positions: &[u16]) -> bool {
        match &self.law {
            Law::Rules { .. } => self.broken_rule(positions).is_none(),
            Law::Points(_) => self.admits(positions),
        }
    }

    /// Whether the first parameters may be set like this, given that all but the last of them were admitted before and
    /// that each position is of its parameter's domain.
    fn admits(&self, prefix: &[u16]) -> bool {
        self.refusal(prefix).is_none()
    }

    /// Where [`Self::admits`] says no: the parameters that the broken rule reads. None are named for a list, in which a
    /// prefix once admitted always leads on.
    fn refusal(&self, prefix: &[u16]) -> Option<&[usize]> {
        match &self.law {
            Law::Rules { rules, by_depth } => {
                let mut due = by_depth[prefix.len()].iter().map(|&i| &rules[i]);
                due.find(|rule| !self.holds(rule, prefix)).map(|rule| rule.reads.as_slice())
            }
            Law::Points(points) => {
                let next = points.partition_point(|point| point.positions() < prefix);
                let found = points.get(next).is_some_and(|point| point.positions().starts_with(prefix));
                (!found).then_some(&[])
            }
        }
    }

    /// Whether a walk can begin: no rule forbids everything, and no parameter is without an allowed value.
    fn is_open(&self) -> bool {
        self.admits(&[]) && self.domains.iter().all(|domain| !domain.is_empty())
    }

    fn holds(&self, rule: &Rule, positions: &[u16]) -> bool {
        rule.holds(&self.scales, |param| positions[param])
    }

    /// The config at these positions, which must be legal ones.
    fn at(&self, positions: &[u16]) -> Config {
        Config::new(self.params.clone(), positions)
    }
}

impl<'a> IntoIterator for &'a Space {
    type Item = Config;
    type IntoIter = Walk<&'a Space>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
