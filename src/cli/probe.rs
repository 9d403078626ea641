//! `wgtune probe`: what a device can do at most, measured and kept, or shown as it was kept.

use clap::Args;

use super::error::Failure;
use super::{DeviceArgs, StoreArgs, note, print, print_json};
use crate::base::DeviceIdentity;
use crate::op::Signature;
use crate::probe::{ProbeError, probe};
use crate::record::Probe;
use crate::report::{self, Roofline, Table};
use crate::store::Store;

#[derive(Args)]
#[command(after_help = "\
Examples: wgtune probe --device cpu
          wgtune probe --show

The store keeps the numbers. From then on tables of that device tell how near a time is to what
the device allows.")]
pub(super) struct Options {
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    store: StoreArgs,
    /// Measure nothing: show what the store knows of all devices, or of those whose name contains that of --device
    #[arg(long)]
    show: bool,
    /// Print one JSON object per device
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let probes = if options.show { kept(options)? } else { vec![measured(options)?] };
    probes.iter().try_for_each(|probe| if options.json { print_json(probe) } else { print(&text(probe)) })
}

fn measured(options: &Options) -> Result<Probe, Failure> {
    // What is wrong with the store is worth knowing before anything is measured.
    let mut store = options.store.open()?;
    let mut backend = options.device.open()?;
    if backend.facts().accelerator.is_some() {
        let name = &backend.facts().identity.adapter;
        return Err(Failure::input(format!(
            "{name} is simulated, so there is nothing to find out; its name says what it can do"
        )));
    }
    let probe = probe(backend.as_mut(), &mut |quantity| note(&format!("probing: {quantity}")))?;
    store.insert_probe(&probe)?;
    Ok(probe)
}

fn kept(options: &Options) -> Result<Vec<Probe>, Failure> {
    let store = options.store.open_existing()?;
    let named = options.device.named().map(str::to_lowercase);
    let is_meant = |device: &DeviceIdentity| {
        named.as_ref().is_none_or(|name| device.adapter.to_lowercase().contains(name.as_str()))
    };
    let probes: Vec<Probe> = store.probes()?.into_iter().filter(|probe| is_meant(&probe.device)).collect();
    if probes.is_empty() {
        let which = named.map(|name| format!(" named like `{name}`")).unwrap_or_default();
        let path = store.path().display();
        return Err(Failure::work(format!(
            "the store `{path}` has no probe of a device{which}; make one: wgtune probe"
        )));
    }
    Ok(probes)
}

fn text(probe: &Probe) -> String {
    let DeviceIdentity { adapter, api, driver, driver_info, .. } = &probe.device;
    let about = [api, driver, driver_info].map(String::as_str).join(" ");
    format!("{adapter} ({}), probed on {}\n{}", about.trim(), report::date(probe.at_ms), table(probe))
}

/// A row for each number, and for each that could not be had.
fn table(probe: &Probe) -> Table {
    let mut table = Table::new(&["", "value", "95 % interval", "how"]).left(4);
    for reading in &probe.readings {
        let value = report::quantity(reading.quantity, reading.value.value);
        let interval = report::quantity_interval(reading.quantity, &reading.value);
        table.row([reading.quantity.to_string(), value, interval, reading.how.clone()]);
    }
    for missing in &probe.missing {
        table.row([missing.quantity.to_string(), format!("none: {}", missing.why)]);
    }
    table
}

/// What bounds a workload on a device, where the store has a probe of it.
pub(super) fn roofline(
    store: &Store,
    device: &DeviceIdentity,
    signature: &Signature,
) -> Result<Option<Roofline>, Failure> {
    Ok(store.probe(device)?.and_then(|probe| Roofline::of(&probe, signature)))
}

impl From<ProbeError> for Failure {
    fn from(error: ProbeError) -> Self {
        Self::work(error.to_string())
    }
}
