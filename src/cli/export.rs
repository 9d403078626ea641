//! `wgtune export`: trials of the store as a file that other programs read.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::error::Failure;
use super::subject::filed_workload;
use super::{StoreArgs, trials, whole};
use crate::interchange::{Format, Mixed, Recording, identity, write};
use crate::record::{Mode, Phase, Record};
use crate::store::{Filter, Store};

#[derive(Args)]
#[command(after_help = "\
Of several trials of one config, the newest counts; its time is the median of its samples.

Example: wgtune export --workload \"matmul:f32:m256n256k256\" --format csv --output trials.csv")]
pub(super) struct Options {
    #[command(flatten)]
    store: StoreArgs,
    /// The workload, as it was tuned or imported
    #[arg(long)]
    workload: String,
    /// T4 results, Kernel Tuner's cache file or a table: t4, kernel-tuner or csv
    #[arg(long, value_parser = format)]
    format: Format,
    /// The file to write, `-` for standard output
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Only devices whose name, driver or compiler contains this
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Only this template, such as matmul/tiled
    #[arg(long)]
    template: Option<String>,
    /// Only trials with run-time checks or without: checked or unchecked
    #[arg(long, default_value = "unchecked", value_parser = mode)]
    mode: Mode,
    /// Only this phase: search, final, recheck or imported
    #[arg(long, default_value = "search", value_parser = trials::phase)]
    phase: Phase,
    /// Only this run
    #[arg(long, allow_negative_numbers = true, value_parser = whole(0, u64::MAX))]
    run: Option<u64>,
}

fn format(text: &str) -> Result<Format, String> {
    let known = || Format::ALL.map(Format::name).join(", ");
    Format::ALL.into_iter().find(|format| format.name() == text).ok_or_else(|| format!("formats are {}", known()))
}

fn mode(text: &str) -> Result<Mode, String> {
    let known = [Mode::CHECKED, Mode::UNCHECKED];
    known.into_iter().find(|mode| mode.name() == text).ok_or_else(|| "modes are checked, unchecked".to_owned())
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let workload = filed_workload(&options.store, &options.workload)?;
    let records = records(options, workload, &options.store.open_existing()?)?;
    let recording = Recording::from_records(&records).map_err(mixed)?;
    let mut bytes = Vec::new();
    write(&recording, options.format, &mut bytes).map_err(|error| {
        Failure::work(format!("the trials cannot be written as {} ({error})", options.format.name()))
    })?;
    put(&bytes, &options.output)
}

/// The trials that were asked for, newest first; a failure if there are none.
fn records(options: &Options, workload: String, store: &Store) -> Result<Vec<Record>, Failure> {
    let filter = Filter {
        workload: Some(workload.clone()),
        template: options.template.clone(),
        phase: Some(options.phase),
        run: options.run,
        ..Filter::default()
    };
    let device = options.device.as_ref().map(|name| name.to_lowercase());
    let is_on_it = |record: &Record| {
        device.as_ref().is_none_or(|name| identity(&record.device).to_lowercase().contains(name.as_str()))
    };
    let mut records = matching(store, &filter, options.mode)?;
    records.retain(is_on_it);
    if records.is_empty() {
        let (phase, mode) = (options.phase.name(), options.mode.name());
        let advice = format!("see `wgtune trials --workload \"{}\"` for what there is", options.workload);
        return Err(Failure::work(format!("no {mode} trials of phase {phase} of `{workload}` match; {advice}")));
    }
    Ok(records)
}

/// The trials of a mode that a filter lets through, newest first.
pub(super) fn matching(store: &Store, filter: &Filter, mode: Mode) -> Result<Vec<Record>, Failure> {
    let mut records = store.query(filter)?;
    records.retain(|record| record.mode == mode);
    Ok(records)
}

/// A file is of one thing: says by which option to choose it.
fn mixed(mixed: Mixed) -> Failure {
    let option = match mixed.what {
        what @ ("device" | "template") => what,
        _ => "run",
    };
    Failure::input(format!("{mixed}; choose one by --{option}"))
}

/// Writes to a file, or to standard output, whose reader may go away, as `head` does.
fn put(bytes: &[u8], output: &Path) -> Result<(), Failure> {
    if output != Path::new("-") {
        let failed = |error| Failure::work(format!("`{}` could not be written ({error})", output.display()));
        return std::fs::write(output, bytes).map_err(failed);
    }
    match std::io::stdout().write_all(bytes) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::output(&error)),
        _ => Ok(()),
    }
}
