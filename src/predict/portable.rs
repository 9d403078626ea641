//! Portable defaults: the config that comes nearest to the best on the average of all devices that were measured.
//!
//! The measure is that of kernel-portability studies: the share of each device's own best speed that one config reaches,
//! as a mean over devices, each of them counting the same however many workloads were measured on it.
//!
//! Searches try other configs on every device, so few configs were measured everywhere. Where one was not, a random forest
//! that was fitted to the device's own trials of the workload says what it would take, one spread to its disadvantage.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::defaults::nearest;
use crate::base::DeviceFacts;
use crate::model::{Examples, FitError, Forest, ForestSettings, Model};
use crate::op::{Signature, Template};
use crate::space::{Config, Space, Value};

/// Fewer timed trials than these say too little of a workload on a device.
const LEAST_TRIALS: usize = 10;

/// How many of the fastest of each workload and device are looked at everywhere.
const FOREMOST: usize = 32;

/// The trials of one workload on one device by one template.
pub struct Source {
    /// The name of the device.
    pub device: String,
    /// What was measured.
    pub signature: Signature,
    /// Values by name, and nanoseconds that are comparable with each other.
    pub trials: Vec<(BTreeMap<String, Value>, f64)>,
}

/// How one config does on one device at one workload.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Share {
    /// The name of the device.
    pub device: String,
    /// The workload's line of text.
    pub workload: String,
    /// The time of the best that was measured there over this config's time: 1 at best.
    pub share: f64,
    /// Whether the config was measured there, and not forecast.
    pub is_measured: bool,
}

/// A config with what it reaches everywhere.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Portable {
    /// Its values by name. Where a workload does not admit them, the nearest legal config stands for it.
    pub values: BTreeMap<String, Value>,
    /// The mean over devices of the mean over their workloads.
    pub mean: f64,
    /// The smallest share.
    pub worst: f64,
    /// Where these are from, in the order of the sources.
    pub shares: Vec<Share>,
}

/// Why no default can be computed.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum PredictError {
    #[error("no workload has {LEAST_TRIALS} timed trials of {template} on one device; tune some, or import recordings")]
    TooFew { template: String },
    #[error("the trials of {workload} on {device} teach nothing: {why}")]
    Fit { workload: String, device: String, why: FitError },
}

/// The configs that do best on the average of these sources, the best first, at most so many.
///
/// # Errors
/// When no source has enough trials.
pub fn portable(template: &dyn Template, sources: &[Source], count: usize) -> Result<Vec<Portable>, PredictError> {
    let fields = fields(template, sources)?;
    let candidates: BTreeMap<String, BTreeMap<String, Value>> = fields.iter().flat_map(Field::foremost).collect();
    let mut all: Vec<Portable> = candidates.into_values().map(|values| judge(&fields, values)).collect();
    all.sort_by(|a, b| b.mean.total_cmp(&a.mean));
    all.truncate(count);
    Ok(all)
}

/// The template's own default with what it reaches everywhere. Its values are those at the first source.
///
/// # Errors
/// As [`portable`].
pub fn hand_made(template: &dyn Template, sources: &[Source]) -> Result<Portable, PredictError> {
    let fields = fields(template, sources)?;
    let shares = |field: &Field| field.default(template).and_then(|config| field.share(&config));
    let shares: Vec<Share> = fields.iter().filter_map(shares).collect();
    let values = fields.iter().find_map(|field| field.default(template)).map(|config| config.values());
    Ok(Portable::new(values.unwrap_or_default(), shares))
}

fn judge(fields: &[Field], values: BTreeMap<String, Value>) -> Portable {
    let share = |field: &Field| field.share(&nearest(&field.space, &values)?);
    let shares = fields.iter().filter_map(share).collect();
    Portable::new(values, shares)
}

impl Portable {
    fn new(values: BTreeMap<String, Value>, shares: Vec<Share>) -> Self {
        let mut devices: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for share in &shares {
            devices.entry(&share.device).or_default().push(share.share);
        }
        let mean = mean(devices.values().map(|shares| mean(shares.iter().copied())));
        let worst = shares.iter().map(|share| share.share).fold(f64::INFINITY, f64::min);
        Self { values, mean, worst, shares }
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0usize), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / count as f64 }
}

/// A source, understood: what was measured, and a forest for what was not.
struct Field<'a> {
    source: &'a Source,
    space: Space,
    measured_ns: HashMap<Config, f64>,
    best_ns: f64,
    forest: Forest,
}

/// The sources that say enough.
fn fields<'a>(template: &dyn Template, sources: &'a [Source]) -> Result<Vec<Field<'a>>, PredictError> {
    let fields = sources.iter().map(|source| Field::new(template, source));
    let fields: Vec<Field> = fields.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    if fields.is_empty() {
        return Err(PredictError::TooFew { template: template.name().to_owned() });
    }
    Ok(fields)
}

impl<'a> Field<'a> {
    /// `None` where too few of the trials are of this version's space.
    fn new(template: &dyn Template, source: &'a Source) -> Result<Option<Self>, PredictError> {
        let space = template.space(&source.signature, &DeviceFacts::boundless());
        let mut measured_ns: HashMap<Config, f64> = HashMap::new();
        for (values, ns) in &source.trials {
            if let (Ok(config), true) = (space.config(values), ns.is_finite() && *ns > 0.0) {
                let known = measured_ns.entry(config).or_insert(*ns);
                *known = known.min(*ns);
            }
        }
        if measured_ns.len() < LEAST_TRIALS {
            return Ok(None);
        }
        let best_ns = measured_ns.values().copied().fold(f64::INFINITY, f64::min);
        let mut known: Vec<(&Config, f64)> = measured_ns.iter().map(|(config, ns)| (config, *ns)).collect();
        known.sort_by(|a, b| a.0.cmp(b.0));
        let (rows, targets) = known.into_iter().map(|(config, ns)| (row(&space, config), ns.ln())).unzip();
        let forest = Forest::fit(&Examples::new(rows, targets), &ForestSettings::default(), 0);
        let forest = forest.map_err(|why| PredictError::Fit {
            workload: source.signature.workload.to_string(),
            device: source.device.clone(),
            why,
        })?;
        Ok(Some(Self { source, space, measured_ns, best_ns, forest }))
    }

    /// The fastest configs: their values, and the text that names them.
    fn foremost(&self) -> Vec<(String, BTreeMap<String, Value>)> {
        let mut known: Vec<(&Config, f64)> = self.measured_ns.iter().map(|(config, ns)| (config, *ns)).collect();
        known.sort_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(b.0)));
        known.truncate(FOREMOST);
        known.into_iter().map(|(config, _)| (config.to_string(), config.values())).collect()
    }

    fn default(&self, template: &dyn Template) -> Option<Config> {
        template.default(&self.source.signature, &self.space)
    }

    fn share(&self, config: &Config) -> Option<Share> {
        let measured = self.measured_ns.get(config);
        let forecast = || {
            let expected = self.forest.predict(&row(&self.space, config));
            (expected.mean + expected.spread).exp()
        };
        let ns = measured.copied().unwrap_or_else(forecast);
        let share = (self.best_ns / ns).min(1.0);
        share.is_finite().then(|| Share {
            device: self.source.device.clone(),
            workload: self.source.signature.workload.to_string(),
            share,
            is_measured: measured.is_some(),
        })
    }
}

/// A config as a model sees it: its parameters and the space's features.
fn row(space: &Space, config: &Config) -> Vec<f64> {
    let mut row = space.encode(config);
    row.extend(space.feature_values(config));
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::seeded;
    use crate::op::{find_template, resolve};

    const WORKLOAD: &str = "matmul:f32:m256n256k256";

    /// Trials of sampled configs on a made-up device whose times are this function of the tile.
    fn source(device: &str, trials: usize, ns: impl Fn(i64) -> f64) -> Source {
        let signature = resolve(WORKLOAD).unwrap();
        let template = find_template("matmul/tiled").unwrap();
        let space = template.space(&signature, &DeviceFacts::portable());
        let mut random = seeded(7, device);
        let mut sampled = || {
            let config = space.sample(&mut random).unwrap();
            let time = ns(config.int("tm") * config.int("tn"));
            (config.values(), time)
        };
        let trials = (0..trials).map(|_| sampled()).collect();
        Source { device: device.to_owned(), signature, trials }
    }

    /// One device likes large tiles, the other small ones, and a third nearly all: the middle serves them best.
    #[test]
    fn the_middle_serves_devices_that_disagree() {
        let template = find_template("matmul/tiled").unwrap();
        let distance = |tile: i64, best: f64| 100.0 * (1.0 + ((tile as f64).log2() - best).abs());
        let sources = [
            source("large", 150, |tile| distance(tile, 6.0)),
            source("small", 150, |tile| distance(tile, 2.0)),
            source("any", 150, |tile| 100.0 + 0.01 * tile as f64),
        ];
        let best = portable(&*template, &sources, 3).unwrap();
        assert_eq!(best.len(), 3);
        assert!(best.windows(2).all(|pair| pair[0].mean >= pair[1].mean));
        let first = &best[0];
        assert_eq!(first.shares.len(), 3);
        assert!(first.worst <= first.mean && first.mean <= 1.0);
        let own_best = |device: usize| portable(&*template, &sources[device..=device], 1).unwrap()[0].mean;
        assert!((own_best(0) - 1.0).abs() < 1e-9, "alone, a device's best is its own");
        let hand = hand_made(&*template, &sources).unwrap();
        assert!(hand.mean <= first.mean, "{} by hand against {}", hand.mean, first.mean);
    }

    /// Each device counts the same, however many workloads were measured on it.
    #[test]
    fn devices_count_the_same() {
        let share = |device: &str, share| Share {
            device: device.to_owned(),
            workload: WORKLOAD.to_owned(),
            share,
            is_measured: true,
        };
        type Shares<'a> = &'a [(&'a str, f64)];
        let cases: [(Shares, f64, f64); 3] = [
            (&[("a", 1.0), ("a", 1.0), ("a", 1.0), ("b", 0.5)], 0.75, 0.5),
            (&[("a", 0.25), ("a", 0.75)], 0.5, 0.25),
            (&[("a", 1.0)], 1.0, 1.0),
        ];
        for (shares, mean, worst) in cases {
            let all = shares.iter().map(|(device, value)| share(device, *value)).collect();
            let portable = Portable::new(BTreeMap::new(), all);
            assert_eq!((portable.mean, portable.worst), (mean, worst), "{shares:?}");
        }
    }

    #[test]
    fn too_few_trials_are_told() {
        let template = find_template("matmul/tiled").unwrap();
        let error = portable(&*template, &[source("one", 5, |tile| tile as f64)], 1).unwrap_err().to_string();
        assert!(error.contains("10 timed trials of matmul/tiled"), "{error}");
    }
}
