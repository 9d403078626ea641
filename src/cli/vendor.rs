//! Where the libraries of a device's vendor are looked for, and what is said of them.

use std::path::PathBuf;

use clap::Args;

use super::error::Failure;
use super::{DeviceArgs, note};
use crate::backend::Backend;
use crate::backend::cuda::{Search, SearchError};
use crate::base::stats::Estimate;
use crate::record::Vendor;
use crate::report::{self, Table};
use crate::tune::{Ending, Versus};

/// Where to look for libraries to compare with.
#[derive(Args)]
pub(super) struct VendorArgs {
    /// A folder with cuBLAS, cuBLASLt or cuDNN, or with Python wheels that have them; may be given several times
    #[arg(long, value_name = "FOLDER")]
    vendor_path: Vec<PathBuf>,
}

/// NVIDIA's number on the PCI bus.
const NVIDIA: u32 = 0x10de;

impl VendorArgs {
    /// Looks in the folders that are named.
    pub(super) fn search(&self, device: &DeviceArgs) -> Result<Search, Failure> {
        if device.in_process && !self.vendor_path.is_empty() {
            let why = "the loader of this process cannot be told of --vendor-path any more; leave out --in-process";
            return Err(Failure::input(why.to_owned()));
        }
        Search::new(&self.vendor_path).map_err(|error| match error {
            SearchError::Nothing(_) => Failure::input(error.to_string()),
            SearchError::Links(_) => Failure::work(error.to_string()),
        })
    }

    /// The same where it was asked for.
    pub(super) fn search_if(&self, asked: bool, device: &DeviceArgs) -> Result<Option<Search>, Failure> {
        if !asked && !self.vendor_path.is_empty() {
            return Err(Failure::input("--vendor-path says where --vendor looks; give both".to_owned()));
        }
        asked.then(|| self.search(device)).transpose()
    }

    /// What there is of the libraries of the device's vendor, which is also said.
    pub(super) fn found(&self, backend: &mut dyn Backend) -> Vendor {
        let identity = &backend.facts().identity;
        let is_likely = identity.vendor == NVIDIA || !self.vendor_path.is_empty();
        let adapter = identity.adapter.clone();
        let vendor = if is_likely {
            backend.vendor()
        } else {
            Vendor::none(format!("{adapter} is no GPU of NVIDIA's, whose libraries alone are compared with"))
        };
        let known: Vec<String> = vendor.libraries.iter().map(|one| format!("{} {}", one.name, one.version)).collect();
        if !known.is_empty() {
            note(&format!("compared with {} on {}", known.join(", "), vendor.device));
        }
        vendor.missing.iter().for_each(|why| note(&format!("not compared: {why}")));
        vendor
    }
}

/// A comparison as a table, and what was left out of it.
pub(super) fn told(versus: &Versus) -> String {
    let header = ["", "time", "best over it", "default over it", "arithmetic", "computes"];
    let mut table = Table::new(&header);
    let ratio = |ratio: &Option<Estimate>| ratio.as_ref().map(report::ratio).unwrap_or_default();
    for met in &versus.rivals {
        let name = format!("{} {}", met.library, met.routine);
        match &met.ending {
            Ending::Rejected { why } => table.row([name, format!("rejected at {why}")]),
            Ending::Timed { time_ns, winner_over, default_over, .. } => table.row([
                name,
                report::time(time_ns.value),
                ratio(winner_over),
                ratio(default_over),
                met.about.clone(),
                met.computes.name().to_owned(),
            ]),
        }
    }
    let absent = versus.absent.iter().map(|why| format!("\nnot compared: {why}"));
    format!("{table}{}", absent.collect::<String>())
}
