//! What portfolios come to, over recordings of one kernel on several devices.

use std::path::{Path, PathBuf};

use clap::Args;

use super::build::regret;
use crate::cli::error::Failure;
use crate::cli::{print, print_json};
use crate::interchange::{Recording, UNKNOWN, read, stem};
use crate::pack::{OnDevice, over_recordings};
use crate::report::{Table, percent};

#[derive(Args)]
#[command(after_help = "\
Example: wgtune pack portfolio convolution-a100.json.gz convolution-w7800.json.gz

Says what a pack would come to whose portfolio was chosen over these devices: the best of its configs, as the race at
load finds it, over the best of all. “Left out” is on a device that did not take part in the choice.")]
pub(super) struct Options {
    /// Recordings of one kernel, one for each device
    #[arg(required = true, num_args = 2.., value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How much slower than a device's own best a portfolio may be at worst
    #[arg(long, default_value_t = 0.05, allow_negative_numbers = true, value_parser = regret)]
    regret: f64,
    /// How many configs a portfolio has at most
    #[arg(long, default_value_t = 8, allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..=8))]
    most: u64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let recordings = options.files.iter().map(|file| named(file)).collect::<Result<Vec<Recording>, Failure>>()?;
    check(&recordings)?;
    let found = over_recordings(&recordings, options.most as usize, options.regret);
    if options.json {
        return print_json(&found);
    }
    let header = ["share of its own best", "configs", "portfolio", "one for all", "left out", "one, left out"];
    let mut table = Table::new(&header);
    for OnDevice { device, configs, portfolio, single, left_out, single_left_out } in &found.devices {
        let shares = [portfolio, single, left_out, single_left_out].map(|share| percent(*share));
        table.row([device.clone(), configs.to_string()].into_iter().chain(shares));
    }
    print(&format!(
        "{} configs chosen over {} devices\n\n{}",
        found.chosen,
        recordings.len(),
        table.to_string().trim_end()
    ))
}

/// A recording; where it does not say of which device, its file does.
fn named(file: &Path) -> Result<Recording, Failure> {
    let recording = read(file)?;
    let device = if recording.device == UNKNOWN { stem(file) } else { recording.device.clone() };
    Ok(Recording { device, ..recording })
}

/// Different kernels or units have no configs in common.
fn check(recordings: &[Recording]) -> Result<(), Failure> {
    let names = |recording: &Recording| {
        let mut names: Vec<String> = recording.params.iter().map(|param| param.name.clone()).collect();
        names.sort_unstable();
        names
    };
    let [first, rest @ ..] = recordings else { return Ok(()) };
    match rest.iter().find(|other| names(other) != names(first) || other.unit != first.unit) {
        Some(other) => {
            let (one, two) = (names(first).join(", "), names(other).join(", "));
            Err(Failure::input(format!("the recordings are of different kernels: parameters {one} and {two}")))
        }
        None => Ok(()),
    }
}
