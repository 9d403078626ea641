//! `wgtune bench`: the stored best, the default and the naive kernel timed once more, interleaved.

use clap::Args;
use serde_json::json;

use super::cold::{ColdArgs, with_cache};
use super::error::Failure;
use super::probe::roofline;
use super::subject::{resolve_all, typed};
use super::tune::{race_header, race_row};
use super::vendor::{self, VendorArgs};
use super::{DeviceArgs, StoreArgs, print, print_json, show, whole};
use crate::backend::Backend;
use crate::op::Signature;
use crate::record::{CacheState, Mode, Outcome, Record, Vendor};
use crate::report::{self, Roofline, Table};
use crate::store::Store;
use crate::tune::{Settings, noise_floor, raced_speedup, recheck, versus};

#[derive(Args)]
#[command(after_help = "\
Examples: wgtune bench \"matmul:f32:m256n256k256\" --device software
          wgtune bench \"matmul:f32:m256n256k256\" --device 0 --also-from SwiftShader")]
pub(super) struct Options {
    /// Workloads that have been tuned on this device
    #[arg(required = true, value_name = "WORKLOAD")]
    workloads: Vec<String>,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    store: StoreArgs,
    /// Also time the best of a device whose name contains this
    #[arg(long, value_name = "NAME")]
    also_from: Option<String>,
    /// Time with run-time checks on, as browsers have them
    #[arg(long)]
    checked: bool,
    /// Time again what crashed or hung; see `wgtune trials --quarantined`
    #[arg(long)]
    retry_quarantined: bool,
    /// Also race the best and the default against the libraries of the device's vendor
    #[arg(long, conflicts_with_all = ["cold", "checked"])]
    vendor: bool,
    #[command(flatten)]
    libraries: VendorArgs,
    #[command(flatten)]
    cold: ColdArgs,
    /// Decides what the inputs hold
    #[arg(long, default_value_t = 1, allow_negative_numbers = true, value_parser = whole(0, u64::MAX))]
    seed: u64,
    /// Print one JSON object per workload
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let signatures = resolve_all(&options.workloads)?;
    let mut store = options.store.open_existing()?;
    let libraries = options.libraries.search_if(options.vendor, &options.device)?;
    let mut backend = options.device.open_with(libraries.as_ref())?;
    let vendor = options.vendor.then(|| options.libraries.found(backend.as_mut()));
    let typed = signatures.iter().zip(&options.workloads).map(|(signature, text)| typed(text, signature));
    let mut both = signatures.iter().zip(typed);
    both.try_for_each(|(signature, typed)| {
        bench(options, &mut store, backend.as_mut(), (signature, &typed), vendor.as_ref())
    })
}

fn bench(
    options: &Options,
    store: &mut Store,
    backend: &mut dyn Backend,
    (signature, typed): (&Signature, &str),
    vendor: Option<&Vendor>,
) -> Result<(), Failure> {
    let cold_bytes = options.cold.bytes(backend.facts());
    let mode = if options.checked { Mode::CHECKED } else { Mode::UNCHECKED };
    let mode = with_cache(mode, cold_bytes.is_some());
    let mut names = vec!["naive".to_owned(), "default".to_owned(), "best".to_owned()];
    let mut winners = vec![tuned_here(options, store, backend, signature, typed, mode)?];
    if let Some(other) = &options.also_from {
        let winner = show::best(store, signature, Some(other), mode)?
            .ok_or_else(|| show::unknown(&options.store, store, signature, typed, Some(other)))?;
        let same = if winner.code_hash == winners[0].code_hash { ", the same program" } else { "" };
        names.push(format!("best of {}{same}", winner.device.adapter));
        winners.push(winner);
    }
    let settings = Settings {
        trials: 0,
        seed: options.seed,
        retry_quarantined: options.retry_quarantined,
        cold_bytes,
        ..Settings::default()
    };
    let mut records = recheck(backend, store, signature, &winners, mode, &settings)?;
    let floor = records.pop().and_then(|twin| noise_floor(&records[1], &twin));
    let roof = roofline(store, &backend.facts().identity, signature)?;
    let versus =
        vendor.map(|vendor| versus(backend, signature, &winners[0], vendor, options.seed)).transpose()?.flatten();
    if options.json {
        let mut json = as_json(signature, &names, &records, floor, roof);
        if let Some(versus) = &versus {
            json["versus"] = json!(versus);
        }
        print_json(&json)?;
    } else {
        let cache = if cold_bytes.is_some() { ", cold" } else { "" };
        print(&format!("{} on {}, {}{cache}", signature.workload, backend.facts().identity.adapter, mode.name()))?;
        print(&table(signature, &names, &records, roof).to_string())?;
        print(&format!("noise floor (the default against itself): {}", report::floor(floor)))?;
        versus.iter().try_for_each(|versus| print(&vendor::told(versus)))?;
    }
    refuse_rejected(&names, &records)
}

fn tuned_here(
    options: &Options,
    store: &Store,
    backend: &dyn Backend,
    signature: &Signature,
    typed: &str,
    mode: Mode,
) -> Result<Record, Failure> {
    let workload = signature.workload.to_string();
    let device = &backend.facts().identity;
    let unknown = || {
        let cold = if mode.cache == CacheState::Cold { " --cold" } else { "" };
        let command = options.store.tuning(typed, options.device.named()) + cold;
        Failure::work(format!("`{workload}` has not been tuned on {}; tune it first: {command}", device.adapter))
    };
    store.best(&workload, Some(device), mode)?.ok_or_else(unknown)
}

fn table(signature: &Signature, names: &[String], records: &[Record], roof: Option<Roofline>) -> Table {
    let mut table = Table::new(&race_header(roof));
    for (name, record) in names.iter().zip(records) {
        match &record.outcome {
            Outcome::Rejected(rejection) => {
                let first = rejection.why.lines().next().unwrap_or_default();
                table.row([name.clone(), format!("rejected: {first}")]);
            }
            Outcome::Timed { .. } => table.row(race_row(name, &signature.work, record, Some(&records[1]), roof)),
        }
    }
    table
}

fn as_json(
    signature: &Signature,
    names: &[String],
    records: &[Record],
    noise_floor: Option<f64>,
    roof: Option<Roofline>,
) -> serde_json::Value {
    let share = |record: &Record| Some(roof?.share(&signature.work, record.outcome.median_ns()?));
    let entrants = names.iter().zip(records).map(|(name, record)| {
        let speedup = raced_speedup(&records[1], record);
        json!({ "name": name, "speedup_over_default": speedup, "roofline": share(record), "record": record })
    });
    json!({ "workload": signature.workload, "entrants": entrants.collect::<Vec<_>>(), "noise_floor": noise_floor })
}

fn refuse_rejected(names: &[String], records: &[Record]) -> Result<(), Failure> {
    // That another device's winner does not fit here is a result.
    let own = names.iter().zip(records).take(3);
    let wrong = own.into_iter().find_map(|(name, record)| match &record.outcome {
        Outcome::Rejected(rejection) => Some(format!("{name} was rejected at {}: {}", rejection.stage, rejection.why)),
        Outcome::Timed { .. } => None,
    });
    wrong.map_or(Ok(()), |why| Err(Failure::work(why)))
}
