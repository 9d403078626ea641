//! `wgtune devices`: the adapters of this machine.

use clap::Args;

use super::error::Failure;
use super::{print, print_json};
use crate::backend::wgpu::{AdapterInfo, DeviceError, adapters, quirks};
use crate::report::Table;

#[derive(Args)]
#[command(after_help = "Example: wgtune devices --json")]
pub(super) struct Options {
    /// Print one JSON object per device
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let adapters = adapters();
    if adapters.is_empty() {
        return Err(DeviceError::None.into());
    }
    if options.json {
        return adapters.iter().try_for_each(print_json);
    }
    print(&table(&adapters).to_string())?;
    adapters.iter().flat_map(limits_nobody_reports).try_for_each(|line| print(&line))?;
    print("Without --device, the first discrete, integrated or virtual GPU is used; software devices only by name.")
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

/// A line for each thing that is known of an adapter's driver and that no API reports.
fn limits_nobody_reports(adapter: &AdapterInfo) -> impl Iterator<Item = String> {
    let index = adapter.index;
    quirks::of(&adapter.facts.identity.driver).map(move |quirk| format!("{index}: {}; {}", quirk.what, quirk.advice))
}

fn features(facts: &crate::base::DeviceFacts) -> String {
    let features = &facts.features;
    let [smallest, largest] = features.subgroup_size;
    let subgroups =
        if smallest == largest { format!("subgroup {smallest}") } else { format!("subgroup {smallest}–{largest}") };
    let known = [("timestamps", features.timestamps), ("f16", features.f16), (subgroups.as_str(), features.subgroups)];
    known.into_iter().filter(|(_, has)| *has).map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}
