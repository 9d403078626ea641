//! The defaults that templates begin with: computed from recorded devices where there are any of the kind, else chosen by
//! hand.
//!
//! `defaults.jsonl` is what `wgtune default --json` printed; `scripts/portable-defaults.sh` makes it anew. GPUs and
//! software devices are different machines, so what one kind has shown says nothing of the other.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::base::{DeviceFacts, DeviceKind};
use crate::check::check;
use crate::op::{Shared, Signature, Template, closest, tuned_templates};
use crate::space::{Config, Space, Value};

/// Devices that are enough alike to share a default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Of any make.
    Gpu,
    /// Drivers that run kernels on the host's CPU.
    Software,
    /// The host's CPU itself.
    Processor,
    /// Simulated ones.
    Accelerator,
}

impl Class {
    /// That of a kind of device.
    pub fn of(kind: DeviceKind) -> Self {
        match kind {
            DeviceKind::Cpu => Self::Software,
            DeviceKind::Processor => Self::Processor,
            DeviceKind::Accelerator => Self::Accelerator,
            _ => Self::Gpu,
        }
    }

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gpu => "GPUs",
            Self::Software => "software devices",
            Self::Processor => "processors",
            Self::Accelerator => "accelerators",
        }
    }
}

/// One line of the file, as far as it decides anything.
#[derive(Deserialize)]
struct Line {
    template: String,
    class: Class,
    computed: Vec<Choice>,
    hand_made: Reach,
}

#[derive(Deserialize)]
struct Choice {
    values: BTreeMap<String, Value>,
    mean: f64,
}

/// Of the best, on the average.
#[derive(Deserialize)]
struct Reach {
    mean: f64,
}

/// Values by template and class, where they do better than the template's own default.
static COMPUTED: LazyLock<BTreeMap<(String, Class), BTreeMap<String, Value>>> =
    LazyLock::new(|| read(include_str!("defaults.jsonl")).expect("a test reads this file"));

fn read(text: &str) -> serde_json::Result<BTreeMap<(String, Class), BTreeMap<String, Value>>> {
    let line = |line: &str| {
        let Line { template, class, computed, hand_made } = serde_json::from_str(line)?;
        let better = computed.into_iter().next().filter(|choice| choice.mean > hand_made.mean);
        Ok(better.map(|choice| ((template, class), choice.values)))
    };
    text.lines().map(line).filter_map(Result::transpose).collect()
}

/// What a template begins with on a device: the computed default of the device's class, or the template's own where none
/// was computed or none does better, each repaired to the nearest legal config. `None` when the space is empty.
pub fn template_default(
    template: &dyn Template,
    signature: &Signature,
    device: &DeviceFacts,
    space: &Space,
) -> Option<Config> {
    let key = (template.name().to_owned(), Class::of(device.identity.kind));
    let computed = COMPUTED.get(&key).and_then(|values| nearest(space, values));
    computed.or_else(|| template.default(signature, space))
}

/// What a workload begins with on a device: the default of the first template whose default passes the check, or of the first.
/// `None` when no template has a legal config.
pub fn workload_default(signature: &Signature, device: &DeviceFacts) -> Option<(Shared<dyn Template>, Config)> {
    let templates = tuned_templates(signature, device.language()).into_iter();
    let mut defaults: Vec<(Shared<dyn Template>, Config)> = templates
        .filter_map(|template| {
            let space = template.space(signature, device);
            let config = template_default(&*template, signature, device, &space)?;
            Some((template, config))
        })
        .collect();
    let passes = |(template, config): &(Shared<dyn Template>, Config)| {
        template.emit(signature, config).is_ok_and(|program| check(&program, &signature.symbols, device).is_ok())
    };
    // What has no rival need not be asked.
    let first = if defaults.len() > 1 { defaults.iter().position(passes).unwrap_or(0) } else { 0 };
    (!defaults.is_empty()).then(|| defaults.swap_remove(first))
}

/// The config with these values, or the legal one nearest to them.
pub(super) fn nearest(space: &Space, values: &BTreeMap<String, Value>) -> Option<Config> {
    let ints: Vec<(&str, i64)> =
        values.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_int()?))).collect();
    space.config(values).ok().or_else(|| closest(space, &ints))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::{find_list, find_template, resolve};

    /// Every line is of a template that there is, and names its parameters.
    #[test]
    fn the_file_is_read_and_fits_the_templates() {
        for (name, class) in COMPUTED.keys() {
            let template = find_template(name).unwrap_or_else(|| panic!("there is no template {name}"));
            let mut device = DeviceFacts::boundless();
            device.identity.kind = match class {
                Class::Gpu => DeviceKind::DiscreteGpu,
                Class::Software => DeviceKind::Cpu,
                Class::Processor => DeviceKind::Processor,
                Class::Accelerator => DeviceKind::Accelerator,
            };
            let operator = format!("{}:", name.split('/').next().unwrap());
            let mut workloads = find_list("kernels").unwrap().workloads();
            workloads.retain(|text| text.starts_with(&operator));
            let signatures = workloads.iter().map(|text| resolve(text).unwrap());
            let signature = signatures.into_iter().find(|signature| template.applies(signature)).unwrap();
            let space = template.space(&signature, &device);
            let values = &COMPUTED[&(name.clone(), *class)];
            let known: Vec<&str> = space.params().iter().map(|param| param.name.as_str()).collect();
            assert!(values.keys().all(|name| known.contains(&name.as_str())), "{name}: {values:?}");
            assert!(template_default(&*template, &signature, &device, &space).is_some(), "{name}");
        }
    }

    /// One line for software devices, whose computed default reaches this much where the template's own reaches a half.
    #[test]
    fn a_computed_default_counts_in_its_class_and_where_it_does_better() {
        for (mean, counts) in [(0.75, true), (0.5, false), (0.25, false)] {
            let text = format!(
                r#"{{"template":"matmul/tiled","class":"software","computed":[{{"values":{{"wx":4}},"mean":{mean}}}],"hand_made":{{"mean":0.5}}}}"#
            );
            let read = read(&text).unwrap();
            let has = |class| read.contains_key(&("matmul/tiled".to_owned(), class));
            assert_eq!((has(Class::Software), has(Class::Gpu)), (counts, false), "a mean of {mean}");
        }
        assert!(read("nonsense").is_err());
    }
}
