//! `wgtune replay`: compares strategies on recorded spaces, without a device.

mod insight;
mod load;
mod stored;
mod tables;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::error::Failure;
use super::init::{InitArgs, stage};
use super::progress::counter;
use super::{print, print_json, whole};
use crate::base::stats::{mean, quantile};
use crate::record::Stage;
use crate::replay::{Bench, Contestant, Foresight, Report, Run, at};
use crate::report::curves::{Curve, Panel, Point, places, svg};
use crate::search::{Choice, STRATEGIES};
use load::Loaded;
pub(super) use load::load;

#[derive(Args)]
#[command(after_help = "\
Example: wgtune replay convolution.json.gz matmul.json --strategy random --runs 50 --plot curves.svg

A recording has the time of every config, or that it failed, and answers in place of a device. Failed
configs count as evaluations. docs/replay.md says how to read the tables.")]
pub(super) struct Options {
    /// Recorded spaces: Kernel Tuner cache files, T4 results or CSV tables, plain or gzipped; or stores
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How to search, as `name` or `name:option=value,…`; several may be given; `all` is each but exhaustive
    #[arg(long, value_name = "STRATEGY", num_args = 1.., default_value = "all", value_parser = chosen)]
    strategy: Vec<Chosen>,
    /// Evaluations per run
    #[arg(long, default_value_t = 200, allow_negative_numbers = true, value_parser = whole(1, 1_000_000))]
    trials: u64,
    /// Runs of each strategy on each space
    #[arg(long, default_value_t = 20, allow_negative_numbers = true, value_parser = whole(1, 10_000))]
    runs: u64,
    /// The seed of the first run; each further run has the next
    #[arg(long, default_value_t = 0, allow_negative_numbers = true, value_parser = whole(0, u64::MAX))]
    seed: u64,
    /// Runs at once; give 1 to see what a searcher takes on an idle machine [default: one per core]
    #[arg(long, allow_negative_numbers = true, value_parser = whole(1, 1024))]
    threads: Option<u64>,
    /// A recording of the same kernel elsewhere: each strategy runs once more, told of it beforehand
    #[arg(long, value_name = "FILE")]
    warm_from: Option<PathBuf>,
    #[command(flatten)]
    init: InitArgs,
    /// The last stage at which the recording tells of failures when it is asked for `--init validity`
    #[arg(long, default_value_t = Foresight::default().knows, value_name = "STAGE", value_parser = stage)]
    knows: Stage,
    /// Draw the curves into this file
    #[arg(long, value_name = "FILE.svg", value_parser = picture)]
    plot: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What `--strategy` may say.
#[derive(Clone, Debug)]
enum Chosen {
    All,
    One(Choice),
}

fn chosen(text: &str) -> Result<Chosen, String> {
    if text == "all" {
        return Ok(Chosen::All);
    }
    let is_file = Path::new(text).exists();
    let advice = |error| if is_file { format!("{error}; write files before --strategy") } else { error };
    text.parse().map(Chosen::One).map_err(advice)
}

/// A file to draw into; nothing is run when it could not be written.
pub(super) fn picture(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if path.extension().is_none_or(|extension| extension != "svg") {
        return Err("write a file name that ends in .svg".to_owned());
    }
    match folder {
        Some(folder) if !folder.is_dir() => Err(format!("there is no folder `{}`", folder.display())),
        _ => Ok(path),
    }
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let contestants = contestants(options)?;
    let loaded = load(&options.files, options.warm_from.as_deref(), looks(&contestants))?;
    let bench = bench(options, contestants, &loaded);
    let bar = counter(bench.len(), "runs");
    let runs = bench.run(&|| bar.inc(1));
    bar.finish_and_clear();
    let report = Report::new(&bench, &runs);
    if let Some(path) = &options.plot {
        draw(path, &bench, &runs)?;
    }
    if options.json {
        return print_json(&report);
    }
    print(tables::all(&bench, &report, &loaded).trim_end())
}

fn bench(options: &Options, contestants: Vec<Contestant>, loaded: &[Loaded]) -> Bench {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    Bench {
        subjects: loaded.iter().map(|loaded| loaded.subject.clone()).collect(),
        contestants,
        trials: options.trials as usize,
        runs: options.runs as usize,
        seed: options.seed,
        stops_at_optimum: false,
        threads: options.threads.map_or_else(cores, |threads| threads as usize),
    }
}

/// Whether any strategy looks at what compiling shows.
pub(super) fn looks(contestants: &[Contestant]) -> bool {
    contestants.iter().any(|contestant| contestant.choice.looks())
}

/// Each strategy once, or twice where there is something to start warm from.
fn contestants(options: &Options) -> Result<Vec<Contestant>, Failure> {
    let (init, labels) = (options.init.init, options.init.labels()?);
    let foresight = Foresight { init, labels, knows: options.knows, ..Foresight::default() };
    let mut contestants: Vec<Contestant> = Vec::new();
    for choice in options.strategy.iter().flat_map(choices) {
        for is_warm in [false, true] {
            let contestant = Contestant { is_warm, foresight, ..Contestant::plain(choice.clone()) };
            let is_new = contestants.iter().all(|other| other.label() != contestant.label());
            if is_new && is_warm <= options.warm_from.is_some() {
                contestants.push(contestant);
            }
        }
    }
    Ok(contestants)
}

fn choices(chosen: &Chosen) -> Vec<Choice> {
    match chosen {
        Chosen::One(choice) => vec![choice.clone()],
        // Exhaustive search goes in one order whatever the seed: as a strategy for few trials it says nothing.
        Chosen::All => STRATEGIES.iter().filter(|s| s.name != "exhaustive").map(Choice::plain).collect(),
    }
}

pub(super) fn draw(path: &Path, bench: &Bench, runs: &[Vec<Vec<Run>>]) -> Result<(), Failure> {
    let title = format!("Best config found: mean over {} runs, bands between the quartiles", bench.runs);
    let picture = svg(&title, &panels(bench, runs)).map_err(|error| Failure::work(error.to_string()))?;
    fs::write(path, picture)
        .map_err(|error| Failure::work(format!("`{}` could not be written: {error}", path.display())))
}

/// One for each space, and one for all of them where there are several.
fn panels(bench: &Bench, runs: &[Vec<Vec<Run>>]) -> Vec<Panel> {
    let of_space = |space: usize| Panel {
        title: bench.subjects[space].name.clone(),
        curves: curves(bench, |contestant| runs[space][contestant].iter().collect()),
    };
    let mut panels: Vec<Panel> = (0..runs.len()).map(of_space).collect();
    if runs.len() > 1 {
        let of_all = |contestant: usize| runs.iter().flat_map(|runs| &runs[contestant]).collect();
        panels.push(Panel { title: format!("all {} spaces", runs.len()), curves: curves(bench, of_all) });
    }
    panels
}

fn curves<'a>(bench: &Bench, runs: impl Fn(usize) -> Vec<&'a Run>) -> Vec<Curve> {
    let curve = |(number, contestant): (usize, &Contestant)| {
        let runs = runs(number);
        let point = |evaluations| {
            let fractions: Vec<f64> = runs.iter().map(|run| at(&run.fraction, evaluations)).collect();
            let [low, high] = [0.25, 0.75].map(|share| quantile(&fractions, share));
            Point { evaluations, mean: mean(&fractions), low, high }
        };
        Curve { name: contestant.label(), points: places(bench.trials).into_iter().map(point).collect() }
    };
    bench.contestants.iter().enumerate().map(curve).collect()
}
