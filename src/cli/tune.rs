//! `wgtune tune`: searches, races the finalists, and prints what was found and where the time went.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::cold::ColdArgs;
use super::duration::duration;
use super::error::Failure;
use super::init::InitArgs;
use super::probe::roofline;
use super::progress::Bar;
use super::subject::{Versions, resolve_all, versions};
use super::{DeviceArgs, StoreArgs, fix, note, print, print_json, repeat, show, templates, warn, whole};
use crate::backend::Backend;
use crate::base::Language;
use crate::base::stats::median_interval;
use crate::op::{Signature, Work};
use crate::record::{CacheState, Clock, Mode, Outcome, Record, Stage};
use crate::report::{self, Roofline, Table};
use crate::search::Choice;
use crate::space::Value;
use crate::store::Store;
use crate::tune::{Rejected, RepeatCheck, Settings, StopReason, Tuned, check_templates, raced_speedup, tune};

#[derive(Args)]
#[command(after_help = "\
Example: wgtune tune \"matmul:f32:m512n512k256+bias+relu\" --device software --trials 50

Each trial is stored as it ends. The same command again goes on where it was stopped, and repeats nothing.")]
pub(super) struct Options {
    /// What to compute, one line each, such as "matmul:f32:m512n512k256+bias+relu", see `wgtune list`; or kernel files,
    /// such as stencil.toml or stencil.toml:w512h512
    #[arg(required = true, value_name = "WORKLOAD")]
    workloads: Vec<String>,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    store: StoreArgs,
    /// How to search, as `name` or `name:option=value,…`; see `wgtune list`
    #[arg(long, default_value_t)]
    strategy: Choice,
    /// Configs to try per workload, the default included
    #[arg(long, default_value_t = 100, allow_negative_numbers = true, value_parser = whole(1, 1_000_000))]
    trials: u64,
    /// Stop searching a workload after this time, such as 30s or 5m
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_parser = duration)]
    time: Option<Duration>,
    /// Decides what is searched and what the inputs hold
    #[arg(long, default_value_t = 0, allow_negative_numbers = true, value_parser = whole(0, u64::MAX))]
    seed: u64,
    #[command(flatten)]
    init: InitArgs,
    /// Search without regard to what the store knows from other devices and near workloads
    #[arg(long)]
    no_warm_start: bool,
    /// Measure again what crashed or hung; see `wgtune trials --quarantined`
    #[arg(long)]
    retry_quarantined: bool,
    /// Let kernels win of which two runs on the same inputs may differ, such as those that add by float atomics
    #[arg(long)]
    allow_nondeterministic: bool,
    #[command(flatten)]
    cold: ColdArgs,
    /// Search only this template, such as matmul/tiled; may be given several times; see `wgtune list`
    #[arg(long, value_name = "NAME")]
    template: Vec<String>,
    /// Narrow a parameter to some of its values; may be given several times. Templates without it are not searched
    #[arg(long, value_name = "NAME=VALUE,…", value_parser = fix)]
    fix: Vec<(String, Vec<Value>)>,
    /// Then search anew with so many further seeds, race all winners side by side, and tell how much the choice of the
    /// seed matters
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true, value_parser = whole(2, 50), conflicts_with = "cold")]
    repeat_check: Option<u64>,
    /// Also print each winner's WGSL
    #[arg(long)]
    wgsl: bool,
    /// Print one JSON object per workload
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let signatures = resolve_all(&options.workloads)?;
    signatures.iter().try_for_each(|signature| check_templates(signature, &options.template))?;
    let labels = options.init.labels()?;
    let mut store = options.store.open()?;
    let mut backend = options.device.open()?;
    let settings = Settings {
        strategy: options.strategy.clone(),
        trials: options.trials as usize,
        time: options.time,
        seed: options.seed,
        init: options.init.init,
        labels,
        warm_start: !options.no_warm_start,
        cold_bytes: options.cold.bytes(backend.facts()),
        templates: options.template.clone(),
        fixed: options.fix.clone(),
        retry_quarantined: options.retry_quarantined,
        allow_nondeterministic: options.allow_nondeterministic,
    };
    let stop = stop_on_interrupt();
    for (at, signature) in signatures.iter().enumerate() {
        let ended = one(options, backend.as_mut(), &mut store, signature, &settings, &stop)?;
        let is_done = ended.is_whole && at + 1 == signatures.len();
        if stop.load(Ordering::Relaxed) && !is_done {
            return Err(Failure::interrupted());
        }
        ended.winner?;
    }
    Ok(())
}

/// How the tuning of one workload ended.
struct Ended {
    /// Whether it found anything.
    winner: Result<(), Failure>,
    /// Whether nobody stopped it.
    is_whole: bool,
}

/// Tunes one workload and tells what was found; of text the first part before any repeats are begun.
fn one(
    options: &Options,
    backend: &mut dyn Backend,
    store: &mut Store,
    signature: &Signature,
    settings: &Settings,
    stop: &Arc<AtomicBool>,
) -> Result<Ended, Failure> {
    note_other_versions(store, signature)?;
    let mut bar = Bar::new(stop.clone());
    let tuned = tune(backend, store, signature, settings, &mut bar);
    bar.finish();
    let tuned = tuned?;
    let roof = roofline(store, &tuned.device, signature)?;
    let told = (!options.json).then(|| report(options, signature, &tuned, roof, None));
    let repeats = match options.repeat_check {
        Some(seeds) => repeat::check(backend, store, signature, settings, &tuned, seeds, Bar::new(stop.clone()))?,
        None => None,
    };
    let winner = told.unwrap_or_else(|| report(options, signature, &tuned, roof, repeats.as_ref()));
    if let Some(repeats) = repeats.as_ref().filter(|_| !options.json) {
        print(&repeat::text(repeats))?;
    }
    let is_whole = tuned.stop != StopReason::Interrupted && (repeats.is_some() || options.repeat_check.is_none());
    Ok(Ended { winner, is_whole })
}

/// Says once, before anything of it is known, that what was measured of a kernel is of other versions of its text.
fn note_other_versions(store: &Store, signature: &Signature) -> Result<(), Failure> {
    if let Some(Versions { name, of_this: 0, of_others: others @ 1.. }) = versions(store, signature)? {
        let this = &signature.workload.operator;
        note(&format!(
            "`{name}` has changed: its {others} trials so far are of other versions, and this one, {this}, is searched anew"
        ));
    }
    Ok(())
}

/// A flag that the first Ctrl-C sets; the second ends the process as usual.
pub(super) fn stop_on_interrupt() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    let handled = ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        note("stopping after this trial and the final race; Ctrl-C again ends at once, and what is stored stays");
    });
    if let Err(error) = handled {
        warn(&format!("Ctrl-C ends the program at once ({error}); finished trials are stored all the same."));
    }
    stop
}

fn report(
    options: &Options,
    signature: &Signature,
    tuned: &Tuned,
    roof: Option<Roofline>,
    repeats: Option<&RepeatCheck>,
) -> Result<(), Failure> {
    let best = tuned.best(Mode::UNCHECKED);
    if options.json {
        let mut told = as_json(options, signature, tuned, roof)?;
        if options.repeat_check.is_some() {
            told["repeat_check"] = json!(repeats);
        }
        print_json(&told)?;
    } else {
        let cache = if tuned.cache == CacheState::Cold { ", cold" } else { "" };
        print(&format!("{} on {}{cache}", tuned.workload, tuned.device.adapter))?;
        print(&race_table(&signature.work, tuned, roof).to_string())?;
        if tuned.templates.len() > 1 {
            print(&templates::table(&tuned.templates, Clock::of(tuned.device.kind)).to_string())?;
        }
        print(&summary(tuned))?;
    }
    let none = || {
        Failure::work(format!("no candidate for `{}` was both right and timed; try more with --trials", tuned.workload))
    };
    let best = best.ok_or_else(none)?;
    if options.wgsl && !options.json {
        print(&show::wgsl(best, &show::program(signature, best)?))?;
    }
    Ok(())
}

/// The naive kernel, the default and the best, without checks and, where they make a difference, with them.
fn race_table(work: &Work, tuned: &Tuned, roof: Option<Roofline>) -> Table {
    let mut table = Table::new(&race_header(roof));
    let best = tuned.best(Mode::UNCHECKED);
    let default = tuned.default(Mode::UNCHECKED);
    let rows = [
        ("naive", tuned.naive(Mode::UNCHECKED)),
        ("default", default),
        ("best", best),
        ("default, checked", tuned.default(Mode::CHECKED)),
        ("best, checked", best.and_then(|best| tuned.finalist(&best.code_hash, Mode::CHECKED))),
    ];
    let has_modes = tuned.device.kind.language() == Language::Wgsl;
    for (name, record) in rows.into_iter().take(if has_modes { 5 } else { 3 }) {
        match record {
            Some(record) => table.row(race_row(name, work, record, default, roof)),
            None => table.row([name, "none"]),
        }
    }
    table
}

/// What stands above the columns of [`race_row`].
pub(super) fn race_header(roof: Option<Roofline>) -> Vec<&'static str> {
    let mut header = vec!["", "time", "95 % interval", "rate", "against the default", "samples"];
    header.extend(roof.map(|_| "of the roofline"));
    header
}

/// One entrant of a race; how near it is to the roofline where that is known.
pub(super) fn race_row(
    name: &str,
    work: &Work,
    record: &Record,
    default: Option<&Record>,
    roof: Option<Roofline>,
) -> Vec<String> {
    if let Outcome::Rejected(rejection) = &record.outcome {
        return vec![name.to_owned(), format!("rejected at {}", rejection.stage)];
    }
    let (estimate, clock) =
        (median_interval(record.outcome.samples_ns()), record.outcome.clock().unwrap_or(Clock::Device));
    let speedup = default.and_then(|default| raced_speedup(default, record)).map(|ratio| report::ratio(&ratio));
    let mut cells = vec![
        name.to_owned(),
        report::taken(estimate.value, clock),
        report::taken_interval(&estimate, clock),
        report::taken_rate(work, estimate.value, clock),
        speedup.unwrap_or_default(),
        record.outcome.samples_ns().len().to_string(),
    ];
    cells.extend(roof.map(|roof| report::percent(roof.share(work, estimate.value))));
    cells
}

fn summary(tuned: &Tuned) -> String {
    let mut lines = Vec::new();
    if let Some(best) = tuned.best(Mode::UNCHECKED) {
        let stays = if tuned.keeps_default(Mode::UNCHECKED) { STAYS } else { "" };
        lines.push(format!("best: {} {}{stays}", best.template, show::values(best)));
        if let Some(ns) = best.prepare_ns {
            lines.push(format!("its prepare part, once per set of weights: {}", report::time(ns)));
        }
        if let Some(naive) = tuned.naive(Mode::UNCHECKED).and_then(|naive| raced_speedup(naive, best)) {
            lines.push(format!("best against the naive kernel: {}", report::ratio(&naive)));
        }
    }
    lines.push(trust(tuned));
    let why = match tuned.stop {
        StopReason::Trials => "all trials used",
        StopReason::Time => "time used up",
        StopReason::Exhausted => "every config tried",
        StopReason::Refused => "all of the last 1000 configs of a template were refused by checks",
        StopReason::Interrupted => "interrupted",
    };
    let rejected: usize = tuned.rejected.values().map(|rejected| rejected.count).sum();
    lines.push(format!("{} trials ({why}), {} from the store, {rejected} rejected", tuned.trials, tuned.remembered));
    lines.extend(by_stage(&tuned.rejected));
    let checks = &tuned.prechecks;
    if checks.refused > 0 {
        let time = report::time(checks.emit_ns + checks.check_ns);
        lines.push(format!("{} of {} refused by checks before a trial, {time}", checks.refused, checks.calls));
        lines.extend(by_stage(&tuned.refused));
    }
    lines.extend(templates::warm_starts(&tuned.templates));
    lines.push(spent(tuned));
    lines.join("\n") + "\n"
}

const STAYS: &str = " (the default: no config is measurably faster)";

/// How far the numbers can be trusted.
fn trust(tuned: &Tuned) -> String {
    let mut line = format!("noise floor (the default against itself): {}", report::floor(tuned.noise_floor()));
    if let Some(ns) = tuned.resolution_ns.filter(|_| Clock::of(tuned.device.kind) != Clock::Cycles) {
        line += &format!("; clock step {}", report::time(ns));
    }
    if let Some(fresh) = tuned.fresh {
        line += if fresh { "; final race in a fresh process" } else { "; final race in the process of the search" };
    }
    if tuned.impossible > 0 {
        line += &format!("; {} samples taken again for impossible timestamps", tuned.impossible);
    }
    line
}

/// A line for each stage, with the first line of its first reason.
fn by_stage(rejected: &BTreeMap<Stage, Rejected>) -> impl Iterator<Item = String> {
    rejected.iter().map(|(stage, rejected)| {
        let first = rejected.example.lines().next().unwrap_or_default();
        format!("  {} at {stage}, e.g. {first}", rejected.count)
    })
}

/// Where the time went. What is neither compiling, running nor gating kernels is our own work, writing included.
fn spent(tuned: &Tuned) -> String {
    let costs = &tuned.costs;
    if costs.run_ns == 0.0 {
        return format!("time {}: nothing was measured, the store knew it all", report::time(tuned.total_ns));
    }
    let measuring = costs.emit_ns + costs.check_ns + costs.compile_ns + costs.run_ns + costs.gate_ns;
    let other = tuned.total_ns - measuring - tuned.store_ns;
    format!(
        "time {}: emit {}, check {}, compile {}, run {}, gate {}, store {}, rest {}; own work {}, gate {}",
        report::time(tuned.total_ns),
        report::time(costs.emit_ns),
        report::time(costs.check_ns),
        report::time(costs.compile_ns),
        report::time(costs.run_ns),
        report::time(costs.gate_ns),
        report::time(tuned.store_ns),
        report::time(other.max(0.0)),
        report::percent(tuned.own_share()),
        report::percent(tuned.gate_share()),
    )
}

fn as_json(
    options: &Options,
    signature: &Signature,
    tuned: &Tuned,
    roof: Option<Roofline>,
) -> Result<serde_json::Value, Failure> {
    let best = tuned.best(Mode::UNCHECKED);
    let program = best.filter(|_| options.wgsl).map(|best| show::program(signature, best)).transpose()?;
    let against = |base: Option<&Record>| raced_speedup(base?, best?);
    Ok(json!({
        "workload": tuned.workload,
        "flops": signature.work.flops,
        "bytes": signature.work.bytes,
        "best": best,
        "default": tuned.default(Mode::UNCHECKED),
        "naive": tuned.naive(Mode::UNCHECKED),
        "speedup_over_default": against(tuned.default(Mode::UNCHECKED)),
        "speedup_over_naive": against(tuned.naive(Mode::UNCHECKED)),
        "keeps_default": tuned.keeps_default(Mode::UNCHECKED),
        "roofline": best.and_then(|best| Some(roof?.share(&signature.work, best.outcome.median_ns()?))),
        "noise_floor": tuned.noise_floor(),
        "own_share": tuned.own_share(),
        "gate_share": tuned.gate_share(),
        "program": program,
        "run": tuned,
    }))
}
