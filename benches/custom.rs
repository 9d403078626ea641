//! What kernels of a user cost beside our own: a kernel file raced against the built-in template that it repeats, a space of
//! 10⁸ points, and the time that emitting and checking take.
//!
//! `cargo bench --bench custom -- [race [DEVICE]] [large] [overhead]`, or all of them without a name. DEVICE is a number or
//! part of a name, as `wgtune devices` has it; without one it is the first that runs on the CPU.

#[path = "../tests/common/invented.rs"]
#[allow(dead_code, reason = "only its facts are needed")]
mod invented;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use wgtune::backend::wgpu::WgpuBackend;
use wgtune::backend::{Backend, DeviceChoice, EntrantReport, Timing};
use wgtune::base::stats::{CONFIDENCE, Estimate, median};
use wgtune::base::{DeviceFacts, Language, paired};
use wgtune::check::check;
use wgtune::custom::CustomKernel;
use wgtune::measure::{Candidate, FINAL, KNOCKOUT, Measure, Tier};
use wgtune::op::{Shared, Signature, Template, naive_template, resolve};
use wgtune::record::Mode;
use wgtune::report::{self, Table};
use wgtune::search::{Choice, Search, Task};

use invented::Invented;

/// The workload that both forms of the kernel compute.
const WORKLOAD: &str = "matmul:f32:m256n256k256";

/// What the files are called here: the kernel as one would write it, and in the words of the built-in one.
const FORMS: [(&str, &str); 2] =
    [("the file", "benches/custom/matmul.toml"), ("the file in its words", "benches/custom/numbered.toml")];

/// Races of the winners, each with inputs and an order of its own.
const RACES: u64 = 10;

/// A fixed number of rounds, so that all races have intervals of the same kind.
const ROUNDS: Timing =
    Timing { least_samples: 50, most_samples: 50, precision: 0.0, budget_ns: 60e9, elimination: None, ..FINAL };

/// Trials that the search in the large space is planned for.
const BUDGET: usize = 100;

/// How long each emission and each check is repeated.
const REPEATED: Duration = Duration::from_millis(500);

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    // Cargo says so where it runs benches, and not where it tests that they start.
    if !args.iter().any(|arg| arg == "--bench") {
        return Ok(());
    }
    let mut names = args.iter().map(String::as_str).filter(|arg| !arg.starts_with("--")).peekable();
    if names.peek().is_none() {
        return race(None).and_then(|()| large()).and_then(|()| overhead());
    }
    match (names.next(), names.next()) {
        (Some("race"), device) => race(device),
        (Some("large"), None) => large(),
        (Some("overhead"), None) => overhead(),
        _ => Err("say one of: race [DEVICE], large, overhead".into()),
    }
}

fn load(path: &str) -> Result<CustomKernel> {
    Ok(CustomKernel::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path))?)
}

/// The template that is tuned, with the workload.
fn tuned(kernel: &CustomKernel) -> Result<(Shared<dyn Template>, Signature)> {
    let signature = kernel.signature()?;
    let template = signature.operator.templates().into_iter().next().ok_or("a kernel has a template")?;
    Ok((template, signature))
}

/// Races the best of the built-in template, which is there twice so that it is seen what differs by chance, and the best of
/// each file.
fn race(device: Option<&str>) -> Result<()> {
    let mut backend = WgpuBackend::open(&device.map_or(DeviceChoice::Software, DeviceChoice::parse))?;
    println!("{WORKLOAD} on {}", backend.facts().identity.adapter);
    let signature = resolve(WORKLOAD)?;
    let built_in = naive_template(&signature, Language::Wgsl).ok_or("matmul has a naive template")?;
    let built_in = winner(&mut backend, "the built-in", &built_in, &signature)?;
    let mut winners = vec![built_in.clone(), Winner { name: "the built-in again", ..built_in }];
    for (name, file) in FORMS {
        let (template, own) = tuned(&load(file)?)?;
        winners.push(winner(&mut backend, name, &template, &own)?);
    }
    for mode in [Mode::UNCHECKED, Mode::CHECKED] {
        let races = (0..RACES).map(|seed| side_by_side(&mut backend, &signature, &winners, mode, seed));
        print_races(mode, &winners, &races.collect::<Result<Vec<_>>>()?);
    }
    Ok(())
}

/// A program that won, and its time in nanoseconds.
#[derive(Clone)]
struct Winner {
    name: &'static str,
    candidate: Candidate,
    ns: f64,
}

/// Emits every config, verifies all in full, and races them as a tuning run does.
fn winner(
    backend: &mut dyn Backend,
    name: &'static str,
    template: &Shared<dyn Template>,
    signature: &Signature,
) -> Result<Winner> {
    let space = template.space(signature, backend.facts());
    let mut measure = Measure::new(backend, signature.clone(), 0);
    let candidates: Vec<Candidate> = space.iter().map(|config| measure.candidate(template, config)).collect();
    // The first tells how fast the device is: then no grid is split by guess.
    measure.trial(candidates.first().ok_or("the space is not empty")?, Mode::UNCHECKED, None)?;
    let entrants: Vec<(&Candidate, Mode)> = candidates.iter().map(|one| (one, Mode::UNCHECKED)).collect();
    let reports = measure.race(&entrants, Some(KNOCKOUT), Some(Tier::Full))?;
    let right = reports.iter().filter(|report| report.verified.is_some()).count();
    let samples: Vec<&[f64]> = reports.iter().map(|report| report.outcome.samples_ns()).collect();
    let most = samples.iter().map(|samples| samples.len()).max().unwrap_or(0);
    let left: Vec<usize> = (0..samples.len()).filter(|&at| most > 0 && samples[at].len() == most).collect();
    let lanes: Vec<&[f64]> = left.iter().map(|&at| samples[at]).collect();
    let best = left[paired::fastest(&lanes).ok_or_else(|| format!("nothing was timed: {reports:?}"))?];
    let (candidate, ns) = (candidates[best].clone(), median(samples[best]));
    println!(
        "best of {name}: {} {}, {} ({right} of {} configs right)",
        template.name(),
        candidate.config,
        report::time(ns),
        samples.len()
    );
    Ok(Winner { name, candidate, ns })
}

/// The samples of the winners in one job of the first one's workload, on the same inputs and held to the same truth.
fn side_by_side(
    backend: &mut dyn Backend,
    signature: &Signature,
    winners: &[Winner],
    mode: Mode,
    seed: u64,
) -> Result<Vec<Vec<f64>>> {
    let mut measure = Measure::new(backend, signature.clone(), seed);
    measure.learn_pace(&winners[0].candidate, winners[0].ns);
    let entrants: Vec<(&Candidate, Mode)> = winners.iter().map(|winner| (&winner.candidate, mode)).collect();
    let reports = measure.race(&entrants, Some(ROUNDS), Some(Tier::Full))?;
    let samples = |report: &EntrantReport| match report.outcome.samples_ns() {
        [] => Err(format!("{:?}", report.outcome).into()),
        samples => Ok(samples.to_vec()),
    };
    reports.iter().map(samples).collect()
}

/// A line for each winner but the first: its time over that of the first, in all races together and in how many it differs.
fn print_races(mode: Mode, winners: &[Winner], races: &[Vec<Vec<f64>>]) {
    let checks = if mode.checks { "with run-time checks" } else { "without run-time checks" };
    println!("\n{checks}, {RACES} races of {} rounds", ROUNDS.most_samples);
    let mut table = Table::new(&["", "median", "times as long as the built-in", "races that say so", "furthest"]);
    let all = |at: usize| races.iter().flat_map(|race| race[at].iter().copied()).collect::<Vec<f64>>();
    for (at, winner) in winners.iter().enumerate() {
        let ratios = races.iter().map(|race| paired::ratio(&race[0], &race[at], CONFIDENCE));
        let differs = ratios.clone().filter(|ratio| ratio.low > 1.0 || ratio.high < 1.0).count();
        let furthest = ratios.map(|ratio| (ratio.value - 1.0).abs()).fold(0.0, f64::max);
        table.row([
            winner.name.to_owned(),
            report::time(median(&all(at))),
            wide(&paired::ratio(&all(0), &all(at), CONFIDENCE)),
            format!("{differs} of {RACES}"),
            report::percent(furthest),
        ]);
    }
    print!("{table}");
}

/// A ratio to four digits: what is sought is smaller than a hundredth.
fn wide(ratio: &Estimate) -> String {
    format!("{:.4}× [{:.4}, {:.4}]", ratio.value, ratio.low, ratio.high)
}

/// From the file with 10⁸ points to the first config that is asked for, emitted and checked.
fn large() -> Result<()> {
    let started = Instant::now();
    let kernel = load("benches/custom/large.toml")?;
    let loaded = started.elapsed();
    let (template, signature) = tuned(&kernel)?;
    let started = Instant::now();
    let mut device = Invented::new(|_| Ok(1.0));
    let space = Arc::new(template.space(&signature, device.facts()));
    let oracle = Measure::new(&mut device, signature.clone(), 0).precheck(&template);
    let task = Task { oracle: Some(oracle), ..Task::new(space.clone(), BUDGET, 0) };
    let asked = Search::start(&Choice::default(), task).ask(1);
    let first = started.elapsed();
    println!("large: {} combinations of values, loaded in {loaded:.2?}", space.raw_size());
    println!("large: the first ask takes {first:.2?}: {}", asked.first().ok_or("nothing was asked for")?);
    println!("large: memory at most {}", memory());
    Ok(())
}

/// The process's memory at its highest so far, as Linux tells it.
fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.map_or("unknown".to_owned(), |peak| peak.trim().to_owned())
}

/// What the defaults of the example kernels, and of both forms of the matmul, take to emit and to check.
fn overhead() -> Result<()> {
    let mut table = Table::new(&["", "kernels", "bytes of WGSL", "emit", "check"]);
    let built_in = resolve(WORKLOAD)?;
    row(&mut table, &naive_template(&built_in, Language::Wgsl).ok_or("matmul has a naive template")?, &built_in)?;
    let mut files: Vec<PathBuf> = FORMS.iter().map(|(_, file)| PathBuf::from(file)).collect();
    files.extend(examples()?);
    for file in files {
        let (template, signature) = tuned(&load(&file.display().to_string())?)?;
        row(&mut table, &template, &signature)?;
    }
    print!("{table}");
    Ok(())
}

fn examples() -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/kernels"))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    Ok(files)
}

fn row(table: &mut Table, template: &Shared<dyn Template>, signature: &Signature) -> Result<()> {
    let device = DeviceFacts::portable();
    let default = template.default(signature, &template.space(signature, &device)).ok_or("no space here is empty")?;
    let emit = || template.emit(signature, &default);
    let program = emit().map_err(|rejection| rejection.why)?;
    check(&program, &signature.symbols, &device).map_err(|rejection| rejection.why)?;
    let bytes: usize = program.kernels.iter().map(|kernel| kernel.code.len()).sum();
    table.row([
        template.name().to_owned(),
        program.kernels.len().to_string(),
        bytes.to_string(),
        report::time(typical_ns(emit)),
        report::time(typical_ns(|| check(&program, &signature.symbols, &device))),
    ]);
    Ok(())
}

/// The median of what many calls take, in nanoseconds.
fn typical_ns<T>(call: impl Fn() -> T) -> f64 {
    let started = Instant::now();
    let mut times_ns = Vec::new();
    while started.elapsed() < REPEATED {
        let began = Instant::now();
        std::hint::black_box(call());
        times_ns.push(began.elapsed().as_secs_f64() * 1e9);
    }
    median(&times_ns)
}
