//! `wgtune experiment`: comparisons that judge a method, over recorded spaces and without a device.

mod tables;

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::error::Failure;
use super::init::stage;
use super::progress::counter;
use super::replay::{draw, load, looks, picture};
use super::{print, whole};
use crate::record::Stage;
use crate::replay::{Bench, Contestant, Foresight, Starts};
use crate::search::{Choice, Init};

#[derive(Args)]
#[command(after_help = "\
Example: wgtune experiment vta-init recordings/ --json starts.json --plot starts.svg")]
pub(super) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compare searches with and without a start that knows which configs are valid
    VtaInit(VtaInit),
}

#[derive(Args)]
#[command(after_help = "\
Example: wgtune experiment vta-init recordings/ --json starts.json --plot starts.svg

Spaces must be recorded whole, invalid configs too. `anneal` without a start does as AutoTVM does:
each invalid config that it proposes is a trial. docs/replay.md says how to read the tables.")]
struct VtaInit {
    /// Recorded spaces, as `wgtune replay` reads them; of a folder all its files
    #[arg(required = true, value_name = "FILES or FOLDER")]
    files: Vec<PathBuf>,
    /// Runs of each contestant on each space
    #[arg(long, default_value_t = 20, allow_negative_numbers = true, value_parser = whole(1, 10_000))]
    seeds: u64,
    /// Evaluations per run, at most
    #[arg(long, default_value_t = 500, allow_negative_numbers = true, value_parser = whole(1, 1_000_000))]
    trials: u64,
    /// The seed of the first run; each further run has the next
    #[arg(long, default_value_t = 0, allow_negative_numbers = true, value_parser = whole(0, u64::MAX))]
    seed: u64,
    /// Runs at once [default: one per core]
    #[arg(long, allow_negative_numbers = true, value_parser = whole(1, 1024))]
    threads: Option<u64>,
    /// The last stage at which the oracle knows of failures: limits, validate, compile, run, verify, timeout or crash
    #[arg(long, default_value_t = Foresight::default().knows, value_name = "STAGE", value_parser = stage)]
    knows: Stage,
    /// Configs that a start asks the oracle about, 1000 in the paper that it comes from [default: until enough are valid]
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true, value_parser = whole(1, 1_000_000))]
    labels: Option<u64>,
    /// Let annealing also choose by what compiling shows of four configs for each one measured, as ML²Tuner does; the
    /// recordings must be of this program's own templates
    #[arg(long)]
    compiled: bool,
    /// Let each strategy run twice more, with everything that it proposes shown to the oracle
    #[arg(long)]
    screened: bool,
    /// Write all numbers into this file
    #[arg(long, value_name = "FILE.json", value_parser = numbers)]
    json: Option<PathBuf>,
    /// Draw the curves into this file
    #[arg(long, value_name = "FILE.svg", value_parser = picture)]
    plot: Option<PathBuf>,
}

/// Who takes part: chance, what stands in for AutoTVM, and ours.
const SEARCHERS: [&str; 4] = ["random", "anneal", "bayes", "auto"];

/// What also looks at what compiling shows, of four configs for each one that is measured.
const LOOKS: &str = "anneal:compiled=4";

/// A file to write numbers into; nothing is run when it could not be written.
fn numbers(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => Err(format!("there is no folder `{}`", folder.display())),
        _ if path.is_dir() => Err(format!("`{text}` is a folder; write the name of a file")),
        _ => Ok(path),
    }
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    match &options.command {
        Command::VtaInit(options) => vta_init(options),
    }
}

fn vta_init(options: &VtaInit) -> Result<(), Failure> {
    let bench = bench(options)?;
    let bar = counter(bench.len(), "runs");
    let runs = bench.run(&|| bar.inc(1));
    bar.finish_and_clear();
    let starts = Starts::new(&bench, &runs);
    if let Some(path) = &options.plot {
        draw(path, &bench, &runs)?;
    }
    if let Some(path) = &options.json {
        let text = serde_json::to_string(&starts).expect("plain data serialises");
        fs::write(path, text + "\n")
            .map_err(|error| Failure::work(format!("`{}` could not be written: {error}", path.display())))?;
    }
    print(tables::all(&starts).trim_end())
}

fn bench(options: &VtaInit) -> Result<Bench, Failure> {
    let contestants = contestants(options);
    let loaded = load(&files(&options.files)?, None, looks(&contestants))?;
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Bench {
        subjects: loaded.into_iter().map(|loaded| loaded.subject).collect(),
        contestants,
        trials: options.trials as usize,
        runs: options.seeds as usize,
        seed: options.seed,
        stops_at_optimum: true,
        threads: options.threads.map_or_else(cores, |threads| threads as usize),
    })
}

fn contestants(options: &VtaInit) -> Vec<Contestant> {
    let ways = [(Init::Random, false), (Init::Validity, false), (Init::Random, true), (Init::Validity, true)];
    let ways = if options.screened { &ways[..] } else { &ways[..2] };
    let names = SEARCHERS.into_iter().chain(options.compiled.then_some(LOOKS));
    let choices = names.map(|name| name.parse().expect("it names strategies and their options"));
    let contestant = |choice: Choice, &(init, is_screened): &(Init, bool)| Contestant {
        foresight: Foresight {
            init,
            labels: options.labels.map(|labels| labels as usize).filter(|_| init == Init::Validity),
            is_screened,
            knows: options.knows,
        },
        ..Contestant::plain(choice)
    };
    choices.flat_map(|choice: Choice| ways.iter().map(move |way| contestant(choice.clone(), way))).collect()
}

/// The files as they are given, those of a folder in the order of their names.
fn files(given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for path in given {
        if path.is_dir() {
            found.extend(inside(path)?);
        } else {
            found.push(path.clone());
        }
    }
    Ok(found)
}

fn inside(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let refuse = |why: &str| Failure::input(format!("`{}`: {why}", folder.display()));
    let entries = fs::read_dir(folder).map_err(|error| refuse(&error.to_string()))?;
    let is_recording = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let kinds = [".json", ".csv", ".json.gz", ".csv.gz"];
        path.is_file() && !name.starts_with('.') && kinds.iter().any(|kind| name.ends_with(kind))
    };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_recording).collect();
    files.sort();
    if files.is_empty() { Err(refuse("there is no recording in it, such as `layer.csv.gz`")) } else { Ok(files) }
}
