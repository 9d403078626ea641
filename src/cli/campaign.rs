//! `wgtune campaign`: a list of workloads tuned within a given time, with a folder of results.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use clap::Args;

use super::duration::duration;
use super::error::Failure;
use super::progress::Bar;
use super::subject::{kernel_file, resolve};
use super::tune::stop_on_interrupt;
use super::vendor::VendorArgs;
use super::{DeviceArgs, note, print, print_json, whole};
use crate::backend::Backend;
use crate::base::stats::Estimate;
use crate::campaign::{Campaign, CampaignError, Folder, Found, Plan, Row, State, lists};
use crate::op::{Signature, read_list};
use crate::probe::probe;
use crate::record::Probe;
use crate::report::{self, Table};
use crate::search::Choice;
use crate::store::Store;
use crate::tune::Settings;

#[derive(Args)]
#[command(after_help = "\
Examples: wgtune campaign --time 8m
          wgtune campaign --time 90s --device software --workloads quick --out results/software

The device is probed, every workload gets a short search, and the rest of the time goes to
those furthest from what the device allows. The folder has the store, the results as Markdown
and JSON, and the device's numbers. It is written after each workload: whatever ends a campaign,
the same command goes on.")]
pub(super) struct Options {
    /// How long it may take, such as 90s, 8m or 1.5h; the last final race may run over
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_parser = duration)]
    time: Duration,
    #[command(flatten)]
    device: DeviceArgs,
    /// Lists (quick, all, gemm, conv, or an operator's name), files with a workload on each line, or workloads
    #[arg(long, value_name = "FILE|LIST", num_args = 1.., default_values_t = ["quick".to_owned()])]
    workloads: Vec<String>,
    /// The folder of the results [default: results/ and the device's name]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Configs to try per workload at most, the default included
    #[arg(long, default_value_t = 200, allow_negative_numbers = true, value_parser = whole(1, 1_000_000))]
    trials: u64,
    /// How to search; see `wgtune list`
    #[arg(long, default_value_t)]
    strategy: Choice,
    /// Decides what is searched and what the inputs hold
    #[arg(long, default_value_t = 0, allow_negative_numbers = true, value_parser = whole(0, u64::MAX))]
    seed: u64,
    #[command(flatten)]
    vendor: VendorArgs,
    /// Print the results as one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let started = Instant::now();
    let tasks = tasks(&options.workloads)?;
    let libraries = options.vendor.search(&options.device)?;
    let mut backend = options.device.open_with(Some(&libraries))?;
    let path = options.out.clone().unwrap_or_else(|| usual_folder(backend.as_ref()));
    let folder = Folder::open(&path, &backend.facts().identity)?;
    let mut store = Store::open(folder.store())?;
    let probe = known_probe(backend.as_mut(), &mut store)?;
    let settings = Settings {
        strategy: options.strategy.clone(),
        trials: options.trials as usize,
        seed: options.seed,
        ..Settings::default()
    };
    let vendor = options.vendor.found(backend.as_mut());
    let plan = Plan { tasks, settings, time: options.time, started, command: typed_command(), vendor };
    let mut campaign = Campaign::open(plan, folder, backend.as_ref(), probe)?;
    let interrupted = take_turns(&mut campaign, backend.as_mut(), &mut store)?;
    tell(options, &campaign, &path)?;
    if interrupted {
        return Err(Failure::interrupted());
    }
    let is_any = campaign.results().rows.iter().any(|row| row.found().is_some());
    if is_any { Ok(()) } else { Err(Failure::work("no workload has a result; the table says why".to_owned())) }
}

/// Until the time or the work is used up; whether somebody stopped it.
fn take_turns(campaign: &mut Campaign, backend: &mut dyn Backend, store: &mut Store) -> Result<bool, Failure> {
    let stop = stop_on_interrupt();
    while let Some(turn) = campaign.next() {
        if stop.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let typed = campaign.typed(&turn).to_owned();
        note(&format!("{typed}: {} of searching", report::time(turn.search.as_nanos() as f64)));
        let mut bar = Bar::new(stop.clone());
        let row = campaign.take(&turn, backend, store, &mut bar);
        bar.finish();
        note(&format!("{typed}: {}", in_short(row?)));
    }
    Ok(stop.load(Ordering::Relaxed))
}

fn in_short(row: &Row) -> String {
    match &row.state {
        State::Waiting => "no time for it yet".to_owned(),
        State::Failed { why } => why.clone(),
        State::Tuned(found) => {
            let over = found.over_default.as_ref().map(|over| format!(", {} over the default", report::ratio(over)));
            let share = found.roofline.map(|share| format!(", {} of the roofline", report::percent(share)));
            let time = report::taken(found.time_ns.value, found.clock);
            let beside = against(row).map(|told| format!(", {told}"));
            let more = [over, share, beside].map(Option::unwrap_or_default).concat();
            format!("{time}, {}{more}", found.rate)
        }
    }
}

fn tell(options: &Options, campaign: &Campaign, folder: &Path) -> Result<(), Failure> {
    if options.json {
        return print_json(campaign.results());
    }
    print(&table(&campaign.results().rows).to_string())?;
    print(&format!("all of it is in {}", folder.join("results.md").display()))
}

fn table(rows: &[Row]) -> Table {
    let header = ["", "time", "rate", "of the roofline", "against the default", "against the naive kernel", "trials"];
    // Most machines have none of the libraries.
    let last = rows.iter().any(|row| against(row).is_some()).then_some("against a library");
    let mut table = Table::new(&header.into_iter().chain(last).collect::<Vec<_>>());
    for row in rows {
        match row.found() {
            Some(found) => {
                table.row(cells(row, found).into_iter().chain(last.map(|_| against(row).unwrap_or_default())))
            }
            None => table.row([row.workload.clone(), in_short(row)]),
        }
    }
    table
}

/// How a winner did beside the fastest routine that computes the same.
fn against(row: &Row) -> Option<String> {
    let (met, over) = row.found()?.versus.as_ref()?.closest()?;
    Some(format!("{} over {} {}", report::ratio(over), met.library, met.routine))
}

fn cells(row: &Row, found: &Found) -> [String; 7] {
    let ratio = |ratio: &Option<Estimate>| ratio.as_ref().map(report::ratio).unwrap_or_default();
    [
        row.workload.clone(),
        report::taken(found.time_ns.value, found.clock),
        found.rate.clone(),
        found.roofline.map(report::percent).unwrap_or_default(),
        ratio(&found.over_default),
        ratio(&found.over_naive),
        found.trials.to_string(),
    ]
}

/// What the words after --workloads mean, each workload once; nothing is begun when one of them is wrong.
pub(super) fn tasks(words: &[String]) -> Result<Vec<(String, Signature)>, Failure> {
    let mut tasks: Vec<(String, Signature)> = Vec::new();
    for word in words {
        for (text, signature) in meant(word)? {
            if tasks.iter().all(|(_, other)| other.workload != signature.workload) {
                tasks.push((text, signature));
            }
        }
    }
    Ok(tasks)
}

/// A list, a workload, a kernel file or a file of those.
fn meant(word: &str) -> Result<Vec<(String, Signature)>, Failure> {
    let resolved = |text: &str| Ok((text.to_owned(), resolve(text)?));
    if let Some(list) = lists::named(word) {
        return list.into_iter().map(resolved).collect();
    }
    let is_file = kernel_file(word).is_none() && Path::new(word).exists();
    match (is_file, word.contains(':') || kernel_file(word).is_some()) {
        (true, _) => of_file(word),
        (false, true) => Ok(vec![resolved(word)?]),
        (false, false) => Err(Failure::input(format!(
            "`{word}` is no list, no file and no workload; the lists are {}",
            lists::names().join(", ")
        ))),
    }
}

fn of_file(path: &str) -> Result<Vec<(String, Signature)>, Failure> {
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| Failure::input(format!("the list `{path}` cannot be read: {error}")))?;
    let lines = read_list(&text);
    if lines.is_empty() {
        return Err(Failure::input(format!("the list `{path}` has no workload; write one on each line")));
    }
    let resolved = |(number, line): (usize, &str)| match resolve(line) {
        Ok(signature) => Ok((line.to_owned(), signature)),
        Err(failure) => Err(failure.at(&format!("{path}:{number}"))),
    };
    lines.into_iter().map(resolved).collect()
}

/// What the folder's store knows of the device, or else what it tells now.
fn known_probe(backend: &mut dyn Backend, store: &mut Store) -> Result<Probe, Failure> {
    if let Some(known) = store.probe(&backend.facts().identity)? {
        return Ok(known);
    }
    let probe = probe(backend, &mut |quantity| note(&format!("probing: {quantity}")))?;
    store.insert_probe(&probe)?;
    Ok(probe)
}

/// `results/` and the adapter's name in letters that every file system takes.
fn usual_folder(backend: &dyn Backend) -> PathBuf {
    let name = backend.facts().identity.adapter.to_lowercase();
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    Path::new("results").join(words.collect::<Vec<_>>().join("-"))
}

/// The command as it was typed, quoted for a shell.
fn typed_command() -> String {
    let quoted = |word: String| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:".contains(c);
        let plain = !word.is_empty() && word.chars().all(is_plain);
        if plain { word } else { format!("'{}'", word.replace('\'', r"'\''")) }
    };
    std::iter::once("wgtune".to_owned()).chain(std::env::args().skip(1).map(quoted)).collect::<Vec<_>>().join(" ")
}

impl From<CampaignError> for Failure {
    fn from(error: CampaignError) -> Self {
        match error {
            CampaignError::Store(error) => error.into(),
            CampaignError::Unread { .. } | CampaignError::Elsewhere { .. } => Self::input(error.to_string()),
            CampaignError::Gone(error) => error.into(),
            CampaignError::Unwritten { .. } => Self::work(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_lists_or_workloads_and_none_is_taken_twice() {
        let count =
            |words: &[&str]| tasks(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).unwrap().len();
        let gemm = count(&["gemm"]);
        assert!(gemm > 1);
        assert_eq!(count(&["gemm", "matmul", "matmul:f32:m256n256k256"]), gemm);
        assert_eq!(count(&["gemm", "matmul:f32:m7n7k7"]), gemm + 1);
        assert!(tasks(&["nonsense".to_owned()]).is_err());
    }
}
