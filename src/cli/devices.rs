//! `wgtune devices`: the adapters of this machine.

use clap::Args;
use serde_json::json;

use super::error::Failure;
use super::{print, print_json};
use crate::backend::DeviceError;
use crate::backend::cpu;
use crate::backend::vta::{self, PROFILES, Profile, VTA};
use crate::backend::wgpu::{AdapterInfo, adapters, quirks};
use crate::base::{DeviceFacts, Processor};
use crate::code::vta::Hardware;
use crate::report::Table;

#[derive(Args)]
#[command(after_help = "Example: wgtune devices --json")]
pub(super) struct Options {
    /// Print one JSON object per device
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let processor = cpu::facts().map_err(DeviceError::from)?;
    let adapters = adapters();
    let simulated = PROFILES.iter().map(|profile| (profile, vta::facts(&Hardware::default(), profile)));
    if options.json {
        adapters.iter().try_for_each(print_json)?;
        print_json(&json!({ "index": "cpu", "facts": processor }))?;
        return simulated.into_iter().try_for_each(|(profile, facts)| {
            print_json(&json!({ "index": format!("{VTA}:{}", profile.name), "facts": facts }))
        });
    }
    let mut table = table(&adapters);
    table.row(of_processor(&processor));
    simulated.into_iter().for_each(|(profile, facts)| table.row(of_simulated(profile, &facts)));
    print(&table.to_string())?;
    adapters.iter().flat_map(limits_nobody_reports).try_for_each(|line| print(&line))?;
    print(
        "Without --device, the first discrete, integrated or virtual GPU is used, else the processor; software only by name.",
    )
}

fn table(adapters: &[AdapterInfo]) -> Table {
    let header =
        ["#", "name", "API", "type", "driver", "features", "invocations", "workgroup memory", "largest binding"];
    let mut table = Table::new(&header).left(6);
    for AdapterInfo { index, facts } in adapters {
        let (id, limits) = (&facts.identity, &facts.limits);
        table.row([
            index.to_string(),
            id.adapter.clone(),
            id.api.clone(),
            id.kind.name().to_owned(),
            format!("{} {}", id.driver, id.driver_info).trim().to_owned(),
            features(facts),
            limits.invocations_per_workgroup.to_string(),
            format!("{} KiB", limits.workgroup_storage_bytes / 1024),
            format!("{} MiB", limits.storage_binding_bytes >> 20),
        ]);
    }
    table
}

/// The row of the processor, which has neither invocations nor workgroups.
fn of_processor(facts: &DeviceFacts) -> [String; 9] {
    let (id, none) = (&facts.identity, || "—".to_owned());
    [
        "cpu".to_owned(),
        id.adapter.clone(),
        id.api.clone(),
        id.kind.name().to_owned(),
        format!("{} {}", id.driver, id.driver_info),
        facts.processor.as_ref().map(caches).unwrap_or_default(),
        none(),
        none(),
        none(),
    ]
}

/// The row of a simulated accelerator: what stands for its driver is the memory that it is simulated with.
fn of_simulated(profile: &Profile, facts: &DeviceFacts) -> [String; 9] {
    let (id, none) = (&facts.identity, || "—".to_owned());
    [
        format!("{VTA}:{}", profile.name),
        id.adapter.clone(),
        id.api.clone(),
        id.kind.name().to_owned(),
        profile.about.to_owned(),
        "i8, counts cycles".to_owned(),
        none(),
        none(),
        none(),
    ]
}

fn caches(processor: &Processor) -> String {
    let sizes = [processor.l1_bytes, processor.l2_bytes, processor.l3_bytes].map(|bytes| bytes >> 10);
    let known = ["L1", "L2", "L3"].into_iter().zip(sizes).filter(|(_, kib)| *kib > 0);
    known.map(|(name, kib)| format!("{name} {kib} KiB")).collect::<Vec<_>>().join(", ")
}

/// A line for each thing that is known of an adapter's driver and that no API reports.
fn limits_nobody_reports(adapter: &AdapterInfo) -> impl Iterator<Item = String> {
    let index = adapter.index;
    quirks::of(&adapter.facts.identity.driver).map(move |quirk| format!("{index}: {}; {}", quirk.what, quirk.advice))
}

fn features(facts: &DeviceFacts) -> String {
    let features = &facts.features;
    let [smallest, largest] = features.subgroup_size;
    let subgroups =
        if smallest == largest { format!("subgroup {smallest}") } else { format!("subgroup {smallest}–{largest}") };
    let known = [("timestamps", features.timestamps), ("f16", features.f16), (subgroups.as_str(), features.subgroups)];
    known.into_iter().filter(|(_, has)| *has).map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}
