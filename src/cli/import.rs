//! `wgtune import`: trials that others have recorded, put into the store as what they are.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use super::error::Failure;
use super::{StoreArgs, print};
use crate::interchange::{Import, Recording, read};
use crate::op::resolve;
use crate::record::{Phase, Record};
use crate::store::{Filter, Store};

#[derive(Args)]
#[command(after_help = "\
Files are T4 results, cache files of Kernel Tuner or tables as `wgtune export` writes them.
Their trials are of the phase `imported`: they are listed, exported and learned from, and never
taken for measurements made here.

Example: wgtune import cache.json --workload \"matmul:f32:m256n256k256\"")]
pub(super) struct Options {
    /// What others have recorded, plain or gzipped
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    store: StoreArgs,
    /// File them under this workload [default: the kernel that the file names]
    #[arg(long)]
    workload: Option<String>,
    /// The device that they were measured on [default: the one that the file names]
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    // Nothing is begun when one of them is wrong.
    let recordings = options.files.iter().map(|file| Ok(read(file)?)).collect::<Result<Vec<Recording>, Failure>>()?;
    let mut store = options.store.open()?;
    options.files.iter().zip(&recordings).try_for_each(|(file, recording)| {
        let said = import(options, &mut store, recording)?;
        print(&format!("{}: {said}", file.display()))
    })
}

/// Puts those trials into the store that are not there yet, and says how many.
fn import(options: &Options, store: &mut Store, recording: &Recording) -> Result<String, Failure> {
    let mut import = Import {
        workload: workload(options.workload.as_ref().unwrap_or(&recording.kernel)),
        device: options.device.clone().unwrap_or_else(|| recording.device.clone()),
        run: 0,
        at_ms: now_ms(),
    };
    let known = known(store, &import.workload)?;
    let mut records = recording.records(&import);
    let all = records.len();
    records.retain(|record| !known.contains(&content(record)));
    let new = records.len();
    if new > 0 {
        import.run = store.new_run()?;
        records.iter_mut().for_each(|record| record.run = import.run);
        store.insert_all(&records)?;
    }
    let there = if new < all { format!(", {} were there already", all - new) } else { String::new() };
    Ok(format!("{new} trials of {} on {}{there}", import.workload, import.device))
}

/// What is in the store of a workload that was not measured here.
fn known(store: &Store, workload: &str) -> Result<HashSet<String>, Failure> {
    let filter = Filter { workload: Some(workload.to_owned()), phase: Some(Phase::Imported), ..Filter::default() };
    Ok(store.query(&filter)?.iter().map(content).collect())
}

/// All that makes two imported trials the same.
fn content(record: &Record) -> String {
    let content = (&record.device, &record.values, &record.outcome);
    serde_json::to_string(&content).expect("records are plain data")
}

/// A workload of ours in its canonical form; else the name of a kernel as it is.
fn workload(text: &str) -> String {
    resolve(text).map_or_else(|_| text.to_owned(), |signature| signature.workload.to_string())
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
