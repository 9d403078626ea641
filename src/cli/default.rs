//! `wgtune default`: the config of a template that comes nearest to the best on all devices that were measured.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde_json::json;

use super::error::Failure;
use super::{StoreArgs, print, print_json, whole};
use crate::interchange::UNKNOWN;
use crate::op::{OPERATORS, Shared, Template, find_template, resolve};
use crate::predict::{Class, Portable, PredictError, Source, hand_made, portable};
use crate::record::{Mode, Phase, Record};
use crate::report::{self, Table};
use crate::store::{Filter, Store};

#[derive(Args)]
#[command(after_help = "\
A config's share of a workload on a device is the time of the best that was measured there over
its own. Shares are averaged over the workloads of a device, then over devices. What was not
measured is forecast from the device's other trials of the workload, to the config's disadvantage.
GPUs and software devices are told apart.

Examples: wgtune default
          wgtune default matmul/tiled --top 5")]
pub(super) struct Options {
    /// Only these templates [default: all with enough trials]
    #[arg(value_name = "TEMPLATE")]
    templates: Vec<String>,
    #[command(flatten)]
    store: StoreArgs,
    /// Only devices whose name contains this; may be given several times
    #[arg(long, value_name = "NAME")]
    device: Vec<String>,
    /// Print so many configs, the best first
    #[arg(long, default_value_t = 1, allow_negative_numbers = true, value_parser = whole(1, 1000))]
    top: u64,
    /// Print one JSON object per template
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let store = options.store.open()?;
    let mut found = 0;
    for template in templates(&options.templates)? {
        let before = found;
        let mut reason = None;
        for (class, sources) in sources(&store, &*template, &options.device)? {
            match compute(&*template, &sources, options.top as usize) {
                Ok((best, hand)) => show(&*template, class, &best, &hand, options.json).map(|()| found += 1)?,
                Err(error) => reason = Some(error),
            }
        }
        // Asked for by name, it is told; else there is simply nothing to say of it.
        if let Some(error) = reason.filter(|_| found == before && !options.templates.is_empty()) {
            return Err(Failure::work(error.to_string()));
        }
    }
    if found == 0 {
        let hint = "tune some workloads on each device first, 10 trials or more, or import recordings";
        return Err(Failure::work(format!("the store has too few trials for any default; {hint}")));
    }
    Ok(())
}

type Computed = (Vec<Portable>, Portable);

fn compute(template: &dyn Template, sources: &[Source], top: usize) -> Result<Computed, PredictError> {
    Ok((portable(template, sources, top)?, hand_made(template, sources)?))
}

fn templates(names: &[String]) -> Result<Vec<Shared<dyn Template>>, Failure> {
    if names.is_empty() {
        return Ok(OPERATORS.iter().flat_map(|operator| operator.templates()).collect());
    }
    let unknown = |name: &String| Failure::input(format!("there is no template `{name}`; `wgtune list` names all"));
    names.iter().map(|name| find_template(name).ok_or_else(|| unknown(name))).collect()
}

/// What the store has of a template, for each class of devices: trials of searches, and imported ones whose parameters are
/// the template's.
fn sources(
    store: &Store,
    template: &dyn Template,
    devices: &[String],
) -> Result<BTreeMap<Class, Vec<Source>>, Failure> {
    let mut groups: BTreeMap<(Class, String, String), Vec<Record>> = BTreeMap::new();
    for (name, phase) in [(template.name(), Phase::Search), (UNKNOWN, Phase::Imported)] {
        let filter = Filter { template: Some(name.to_owned()), phase: Some(phase), ..Filter::default() };
        for record in store.query(&filter)? {
            let device = record.device.adapter.to_lowercase();
            if devices.is_empty() || devices.iter().any(|part| device.contains(&part.to_lowercase())) {
                let class = Class::of(record.device.kind);
                let key = (class, record.device.adapter.clone(), record.workload.clone());
                groups.entry(key).or_default().push(record);
            }
        }
    }
    let mut classes: BTreeMap<Class, Vec<Source>> = BTreeMap::new();
    for ((class, device, workload), records) in groups {
        classes.entry(class).or_default().extend(source(template, device, &workload, &records));
    }
    // One that never was searched is told as one with too few trials.
    if classes.is_empty() {
        classes.insert(Class::Gpu, Vec::new());
    }
    Ok(classes)
}

/// One workload on one device, unless it is none of the template's.
fn source(template: &dyn Template, device: String, workload: &str, records: &[Record]) -> Option<Source> {
    let signature = resolve(workload).ok().filter(|signature| template.applies(signature))?;
    let comparable = |record: &&Record| record.mode == Mode::UNCHECKED || record.phase == Phase::Imported;
    let timed =
        records.iter().filter(comparable).filter_map(|record| Some((record.values.clone(), record.paced_ns()?)));
    Some(Source { device, signature, trials: timed.collect() })
}

fn show(
    template: &dyn Template,
    class: Class,
    best: &[Portable],
    hand: &Portable,
    as_json: bool,
) -> Result<(), Failure> {
    let name = template.name();
    if as_json {
        return print_json(&json!({ "template": name, "class": class, "computed": best, "hand_made": hand }));
    }
    let devices: BTreeSet<&str> = hand.shares.iter().map(|share| share.device.as_str()).collect();
    let workloads = hand.shares.len();
    let (class, devices) = (class.name(), devices.len());
    print(&format!("{name} on {class}: workloads searched {workloads}, devices {devices}"))?;
    for one in best {
        print(&format!("  computed   {}  {}", shares(one), values(one)))?;
    }
    print(&format!("  hand-made  {}  {}", shares(hand), values(hand)))?;
    if best[0].mean <= hand.mean {
        print("  the hand-made default stays: what is computed does no better on the average")?;
    }
    let mut table = Table::new(&["  device", "workload", "computed", "", "hand-made"]).left(2);
    for (share, by_hand) in best[0].shares.iter().zip(&hand.shares) {
        let how = if share.is_measured { "" } else { "forecast" };
        table.row([
            format!("  {}", share.device),
            share.workload.clone(),
            report::percent(share.share),
            how.to_owned(),
            report::percent(by_hand.share),
        ]);
    }
    print(&table.to_string())
}

fn shares(portable: &Portable) -> String {
    let measured = portable.shares.iter().filter(|share| share.is_measured).count();
    let (mean, worst) = (report::percent(portable.mean), report::percent(portable.worst));
    format!("mean {mean}, worst {worst}, {measured} of {} measured", portable.shares.len())
}

fn values(portable: &Portable) -> String {
    let values = portable.values.iter().map(|(name, value)| format!("{name}={value}"));
    values.collect::<Vec<_>>().join(" ")
}
