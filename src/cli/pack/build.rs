//! Making packs: of a store, and of packs.

use std::path::PathBuf;

use clap::Args;

use super::{of_file, open, secret, write};
use crate::cli::campaign::tasks;
use crate::cli::error::Failure;
use crate::cli::{StoreArgs, print, print_json, warn};
use crate::op::Signature;
use crate::pack::{self, Built, DeviceShare, PackError, Settings};
use crate::report::{Table, percent};
use crate::store::Store;

#[derive(Args)]
#[command(after_help = "\
Example: wgtune pack build --from trials.db --workloads resnet18 matmul:f32:m512n512k512 -o app.wgpack

For each workload and device the store's winner goes in, with its evidence; for devices that nobody has measured
on a portfolio of programs that together stay close to every known device's own best; and the portable default.
The same records make the same bytes.")]
pub(super) struct Options {
    /// The store with the trials [default: wgtune/trials.db in the user's data folder]
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Lists (quick, all, gemm, conv, or an operator's name), files with a workload on each line, or workloads
    #[arg(long, value_name = "FILE|LIST", num_args = 1.., required = true)]
    workloads: Vec<String>,
    /// The file to write
    #[arg(short, long, value_name = "FILE.wgpack")]
    output: PathBuf,
    /// What the pack is called [default: the file's name]
    #[arg(long)]
    name: Option<String>,
    /// Under which licence its texts are, as an SPDX expression
    #[arg(long, default_value = "MIT OR Apache-2.0")]
    licence: String,
    /// How much slower than a device's own best a portfolio may be at worst
    #[arg(long, default_value_t = 0.05, allow_negative_numbers = true, value_parser = regret)]
    regret: f64,
    /// How many programs a portfolio has at most
    #[arg(long, default_value_t = 8, allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..=8))]
    most: u64,
    /// Sign with the secret key in this file
    #[arg(long, value_name = "FILE")]
    sign: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn regret(text: &str) -> Result<f64, String> {
    let regret = text.parse().ok().filter(|regret: &f64| (0.0..=10.0).contains(regret));
    regret.ok_or_else(|| "write a number from 0 to 10, such as 0.05 for 5 %".to_owned())
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let signatures: Vec<Signature> = tasks(&options.workloads)?.into_iter().map(|(_, signature)| signature).collect();
    let store: Store = StoreArgs { db: options.from.clone() }.open_existing()?;
    let settings = Settings {
        name: options.name.clone().unwrap_or_else(|| name_of(&options.output)),
        licence: options.licence.clone(),
        regret: options.regret,
        most: options.most as usize,
        secret: options.sign.as_deref().map(secret).transpose()?,
    };
    let built = pack::build(&store, &signatures, &settings)?;
    write(&options.output, &built.bytes)?;
    if options.json {
        return print_json(&serde_json::json!({
            "file": options.output, "bytes": built.bytes.len(), "entries": built.entries,
            "shares": built.shares, "left": built.left,
        }));
    }
    built.left.iter().for_each(|left| warn(&format!("`{}`: {}", left.workload, left.why)));
    print(told(options, &built).trim_end())
}

fn name_of(path: &std::path::Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn told(options: &Options, built: &Built) -> String {
    let (entries, bytes) = (built.entries, built.bytes.len());
    let head = format!("{}: {entries} entries, {bytes} bytes\n", options.output.display());
    format!(
        "{head}\nshare of each device's own best: the fastest of its newest final race over\n\n{}\n{}",
        details(&built.shares),
        summary(&built.shares)
    )
}

fn details(shares: &[DeviceShare]) -> String {
    let mut table =
        Table::new(&["workload", "device", "", "its entry", "portfolio", "one for all", "portable default"]).left(3);
    for share in shares {
        let said = |share: Option<f64>| share.map_or("–".to_owned(), percent);
        table.row([
            share.workload.clone(),
            share.device.clone(),
            share.mode.to_owned(),
            said(share.exact),
            said(share.portfolio),
            said(share.single),
            said(share.default),
        ]);
    }
    table.to_string()
}

/// A number of a device's share.
type Part = (&'static str, fn(&DeviceShare) -> Option<f64>);

const PARTS: [Part; 4] = [
    ("its entry", |share| share.exact),
    ("portfolio", |share| share.portfolio),
    ("one for all", |share| share.single),
    ("portable default", |share| share.default),
];

/// The mean and the worst over the workloads, by device and mode; what was never measured there does not count.
fn summary(shares: &[DeviceShare]) -> String {
    let mut kinds: Vec<(&str, &str)> = shares.iter().map(|share| (share.device.as_str(), share.mode)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut table = Table::new(&["device", "", "", "mean", "worst", "of workloads"]).left(3);
    for (device, mode) in kinds {
        let of: Vec<&DeviceShare> =
            shares.iter().filter(|share| share.device == device && share.mode == mode).collect();
        for (name, part) in PARTS {
            let known: Vec<f64> = of.iter().filter_map(|share| part(share)).collect();
            let (mean, worst) = match known.len() {
                0 => ("–".to_owned(), "–".to_owned()),
                count => {
                    let worst = known.iter().copied().fold(f64::INFINITY, f64::min);
                    (percent(known.iter().sum::<f64>() / count as f64), percent(worst))
                }
            };
            table.row([
                device.to_owned(),
                mode.to_owned(),
                name.to_owned(),
                mean,
                worst,
                format!("{} of {}", known.len(), of.len()),
            ]);
        }
    }
    table.to_string()
}

#[derive(Args)]
pub(super) struct Merge {
    /// Packs, such as those of several devices
    #[arg(required = true, num_args = 2.., value_name = "FILE.wgpack")]
    files: Vec<PathBuf>,
    /// The file to write
    #[arg(short, long, value_name = "FILE.wgpack")]
    output: PathBuf,
    /// What the pack is called [default: the file's name]
    #[arg(long)]
    name: Option<String>,
    /// Sign with the secret key in this file
    #[arg(long, value_name = "FILE")]
    sign: Option<PathBuf>,
}

pub(super) fn merge(options: &Merge) -> Result<(), Failure> {
    let packs = options.files.iter().map(|file| open(file)).collect::<Result<Vec<_>, Failure>>()?;
    for (file, pack) in options.files.iter().zip(&packs) {
        let skipped = pack.skipped().len();
        if skipped > 0 {
            warn(&format!("`{}`: {skipped} entries that cannot be read are left out", file.display()));
        }
    }
    let name = options.name.clone().unwrap_or_else(|| name_of(&options.output));
    let secret = options.sign.as_deref().map(secret).transpose()?;
    let bytes = pack::merge(&packs, &name, secret.as_ref())?;
    let merged = wgtune_pack::Pack::open(bytes.clone()).map_err(|error| of_file(&options.output, &error))?;
    write(&options.output, &bytes)?;
    let manifest = merged.manifest();
    let (entries, devices) = (manifest.entries.len(), manifest.devices.len());
    print(&format!("{}: {entries} entries of {devices} devices, {} bytes", options.output.display(), bytes.len()))
}

impl From<PackError> for Failure {
    fn from(error: PackError) -> Self {
        match error {
            PackError::Store(error) => error.into(),
            PackError::Nothing(_) => Self::work(error.to_string()),
            error => Self::input(error.to_string()),
        }
    }
}
