//! `wgtune record`: measures every config of a narrowed space, and writes what came of it as a recording.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::error::Failure;
use super::progress::Parts;
use super::subject::resolve_all;
use super::{DeviceArgs, fix, print, print_json, whole};
use crate::base::DeviceKind;
use crate::interchange::{self, Format, Recording};
use crate::record::Clock;
use crate::report;
use crate::space::Value;
use crate::tune::check_templates;
use crate::tune::exhaustive::{Extent, Recorded, record_space};

#[derive(Args)]
#[command(after_help = "\
Example: wgtune record \"chain:f32:n4096:x+1\" --device software --fix wx=64,128 --output x.json

Each round visits every config in a new random order. A journal beside the output keeps each visit,
so that the same command goes on where it was stopped. The output is a cache file of Kernel Tuner.")]
pub(super) struct Options {
    /// What to compute, such as "matmul:f32:m512n512k256+bias+relu"; see `wgtune list`
    #[arg(value_name = "WORKLOAD")]
    workload: String,
    #[command(flatten)]
    device: DeviceArgs,
    /// The template whose configs are measured, such as matmul/tiled; see `wgtune list` [default: that of the default config]
    #[arg(long, value_name = "NAME")]
    template: Option<String>,
    /// Narrow a parameter to some of its values; may be given several times
    #[arg(long, value_name = "NAME=VALUE,…", value_parser = fix)]
    fix: Vec<(String, Vec<Value>)>,
    /// How often every config is visited [default: 3, and 1 on a simulator]
    #[arg(long, allow_negative_numbers = true, value_parser = whole(1, 1000))]
    rounds: Option<u64>,
    /// How many of the fastest are then raced side by side [default: 30, and 0 on a simulator]
    #[arg(long, allow_negative_numbers = true, value_parser = whole(0, 100))]
    top: Option<u64>,
    /// Samples of each in that race
    #[arg(long, default_value_t = 20, allow_negative_numbers = true, value_parser = whole(1, 1000))]
    top_samples: u64,
    /// So many random configs instead of all, to try it out
    #[arg(long, allow_negative_numbers = true, value_parser = whole(1, 1_000_000))]
    limit: Option<u64>,
    /// Decides the orders and what the inputs hold
    #[arg(long, default_value_t = 0, allow_negative_numbers = true, value_parser = whole(0, u64::MAX))]
    seed: u64,
    /// Visit again what crashed or hung before this recording was stopped
    #[arg(long)]
    retry_quarantined: bool,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let signature = resolve_all(std::slice::from_ref(&options.workload))?.remove(0);
    check_templates(&signature, options.template.as_slice())?;
    let output = &options.output;
    if output.exists() {
        return Err(Failure::input(format!("`{}` exists; remove it or name another output", output.display())));
    }
    let mut backend = options.device.open()?;
    let usual = Thoroughness::for_a(backend.facts().identity.kind);
    let extent = Extent {
        template: options.template.clone(),
        fixed: options.fix.clone(),
        limit: options.limit.map(|limit| limit as usize),
        rounds: options.rounds.map_or(usual.rounds, |rounds| rounds as usize),
        top: options.top.map_or(usual.top, |top| top as usize),
        top_samples: options.top_samples as usize,
        seed: options.seed,
        retry_quarantined: options.retry_quarantined,
    };
    let journal = journal(output);
    let mut bar = Parts::new();
    let mut told = |part: &str, done: usize, of: usize| bar.step(part, done, of);
    let recorded = record_space(backend.as_mut(), &signature, &extent, &journal, &mut told);
    bar.finish();
    let recorded = recorded?;
    let unwritten = |error| Failure::work(format!("`{}` could not be written: {error}", output.display()));
    write(&recorded.recording, output).map_err(unwritten)?;
    // It has done its work; where it stays nothing is lost.
    let _ = std::fs::remove_file(&journal);
    if options.json { print_json(&as_json(&recorded)) } else { print(&summary(&recorded, &extent)) }
}

/// How thoroughly a space is recorded, where nobody says.
struct Thoroughness {
    rounds: usize,
    top: usize,
}

impl Thoroughness {
    /// A simulator says the same each time.
    fn for_a(kind: DeviceKind) -> Self {
        let (rounds, top) = if kind == DeviceKind::Accelerator { (1, 0) } else { (3, 30) };
        Self { rounds, top }
    }
}

/// The journal lies beside the output.
fn journal(output: &Path) -> PathBuf {
    beside(output, ".part")
}

fn beside(output: &Path, ending: &str) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn counts(recording: &Recording) -> (usize, usize) {
    let timed = recording.entries.iter().filter(|entry| entry.result.is_ok()).count();
    (timed, recording.entries.len() - timed)
}

fn summary(recorded: &Recorded, extent: &Extent) -> String {
    let Recorded { recording, noise, legal, raced, kind, .. } = recorded;
    let (timed, failed) = counts(recording);
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let mut lines = vec![
        format!("{} on {}", recording.kernel, recording.device),
        format!("{timed} of {legal} configs timed in {} rounds, {failed} failed", extent.rounds),
    ];
    if let Some(best) = recording.best_ns() {
        lines.push(format!("best {}", report::taken(best, Clock::of(*kind))));
    }
    if extent.rounds > 1 {
        let [value, low, high] = [noise.spread.value, noise.spread.low, noise.spread.high].map(percent);
        lines.push(format!("between the rounds a config's times spread over {value} [{low}, {high}] (median config)"));
    }
    if noise.rounds > 0 {
        lines.push(format!(
            "{raced} of the fastest raced with {} samples each: medians known to ±{}; in {} of {} rounds another than \
             the best was ahead",
            extent.top_samples,
            percent(noise.half_width),
            noise.overtaken,
            noise.rounds
        ));
    }
    lines.join("\n")
}

fn as_json(recorded: &Recorded) -> serde_json::Value {
    let (timed, failed) = counts(&recorded.recording);
    json!({
        "workload": recorded.recording.kernel,
        "template": recorded.template,
        "device": recorded.recording.device,
        "legal": recorded.legal,
        "timed": timed,
        "failed": failed,
        "best_ns": recorded.recording.best_ns(),
        "raced": recorded.raced,
        "noise": recorded.noise,
    })
}

/// Writes a cache file of Kernel Tuner, which its own tools read too: whole or not at all, since a part of one would
/// stand in the way of going on.
fn write(recording: &Recording, path: &Path) -> std::io::Result<()> {
    let unfinished = beside(path, ".new");
    let written = write_to(recording, &unfinished).and_then(|()| std::fs::rename(&unfinished, path));
    if written.is_err() {
        // The first error is the one to tell; what stays is written over the next time.
        let _ = std::fs::remove_file(&unfinished);
    }
    written
}

fn write_to(recording: &Recording, path: &Path) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    interchange::write(recording, Format::KernelTuner, &mut file)?;
    // What is renamed must be on the disk before its name is.
    file.into_inner()?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<PathBuf> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    #[test]
    fn an_output_is_whole_or_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("x.json");
        std::fs::write(beside(&output, ".new"), "{ what a kill has left").unwrap();
        write(&Recording::default(), &output).unwrap();
        assert!(serde_json::from_slice::<serde_json::Value>(&std::fs::read(&output).unwrap()).is_ok());
        assert_eq!(names(folder.path()), std::slice::from_ref(&output));
        std::fs::remove_file(&output).unwrap();
        std::fs::create_dir(&output).unwrap();
        assert!(write(&Recording::default(), &output).is_err(), "a folder is in the way");
        assert_eq!(names(folder.path()), [output]);
    }
}
