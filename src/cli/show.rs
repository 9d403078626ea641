//! `wgtune show`: the best config that the store knows for a workload, and its WGSL.

use clap::Args;
use serde_json::json;

use super::cold::with_cache;
use super::error::Failure;
use super::probe::roofline;
use super::subject::{Versions, resolve, typed, versions};
use super::{StoreArgs, print, print_json, warn};
use crate::backend::vta::hardware_of;
use crate::base::DeviceFacts;
use crate::base::stats::median_interval;
use crate::check::{KernelFacts, check};
use crate::code::Program;
use crate::code::routine::Call;
use crate::code::vta::disassemble;
use crate::op::Signature;
use crate::record::{Clock, Mode, Record};
use crate::report;
use crate::store::{Filter, Store};
use crate::tune::{Rechecked, Verdict, last_recheck, stored_config};

#[derive(Args)]
#[command(after_help = "Example: wgtune show \"matmul:f32:m512n512k256+bias+relu\" --wgsl")]
pub(super) struct Options {
    /// The workload, as it was tuned
    #[arg(value_name = "WORKLOAD")]
    workload: String,
    #[command(flatten)]
    store: StoreArgs,
    /// Only results of devices whose name contains this
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// The best among those timed with run-time checks on, as browsers have them
    #[arg(long)]
    checked: bool,
    /// The best among those timed with cold caches
    #[arg(long)]
    cold: bool,
    /// Print the kernels
    #[arg(long)]
    wgsl: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let signature = resolve(&options.workload)?;
    let store = options.store.open_existing()?;
    let mode = with_cache(if options.checked { Mode::CHECKED } else { Mode::UNCHECKED }, options.cold);
    let best = best(&store, &signature, options.device.as_deref(), mode)?.ok_or_else(|| {
        let command = typed(&options.workload, &signature);
        unknown(&options.store, &store, &signature, &command, options.device.as_deref())
    })?;
    let program = program(&signature, &best)?;
    let recheck = last_recheck(&store, &best)?;
    let roof = roofline(&store, &best.device, &signature)?;
    let share = best.outcome.median_ns().and_then(|ns| Some(roof?.share(&signature.work, ns)));
    if options.json {
        let program = options.wgsl.then_some(program);
        return print_json(&json!({ "best": best, "roofline": share, "program": program, "recheck": recheck }));
    }
    print(&describe(&signature, &best, share))?;
    if let Some(found) = recheck.as_ref().and_then(drifted) {
        print(&found)?;
    }
    print(&facts(&signature, &program)?)?;
    if options.wgsl {
        print(&wgsl(&best, &program))?;
    }
    Ok(())
}

/// The best record of a workload, on any device or on those of that name.
pub(super) fn best(
    store: &Store,
    signature: &Signature,
    device: Option<&str>,
    mode: Mode,
) -> Result<Option<Record>, Failure> {
    let workload = signature.workload.to_string();
    let Some(name) = device else {
        return Ok(store.best(&workload, None, mode)?);
    };
    let filter =
        Filter { workload: Some(workload.clone()), device: Some(name.to_owned()), limit: Some(1), ..Filter::default() };
    let Some(newest) = store.query(&filter)?.into_iter().next() else { return Ok(None) };
    Ok(store.best(&workload, Some(&newest.device), mode)?)
}

/// Says that the store has no result of a workload, and what to type for one.
pub(super) fn unknown(
    options: &StoreArgs,
    store: &Store,
    signature: &Signature,
    typed: &str,
    device: Option<&str>,
) -> Failure {
    let (workload, path) = (&signature.workload, store.path().display());
    let place = device.map(|name| format!(" on a device named like `{name}`")).unwrap_or_default();
    let others = match versions(store, signature) {
        Err(failure) => return failure,
        Ok(versions) => versions.map(|versions| of_others(&versions)).unwrap_or_default(),
    };
    let command = options.tuning(typed, device);
    Failure::work(format!(
        "the store `{path}` knows no result for `{workload}`{place}{others}; tune it first: {command}"
    ))
}

/// A kernel whose text has changed is another version, of which nothing is known.
fn of_others(Versions { name, of_this, of_others }: &Versions) -> String {
    match (of_this, of_others) {
        (0, 1..) => format!(": `{name}` has changed, and its {of_others} trials so far are of other versions"),
        _ => String::new(),
    }
}

/// A record's values as `name=value` words.
pub(super) fn values(record: &Record) -> String {
    record.values.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

fn describe(signature: &Signature, best: &Record, share: Option<f64>) -> String {
    let samples = best.outcome.samples_ns();
    let share = share.map(|share| format!("{} of the roofline, ", report::percent(share))).unwrap_or_default();
    let (estimate, clock) = (median_interval(samples), best.outcome.clock().unwrap_or(Clock::Device));
    format!(
        "{} on {} ({})\n{} {}\n{} {} ({}, {share}{} samples, {}, phase {})",
        best.workload,
        best.device.adapter,
        [&best.device.api, &best.device.driver, &best.device.driver_info].map(String::as_str).join(" ").trim(),
        best.template,
        values(best),
        report::taken(estimate.value, clock),
        report::taken_interval(&estimate, clock),
        report::taken_rate(&signature.work, estimate.value, clock),
        samples.len(),
        best.mode.name(),
        best.phase.name(),
    )
}

/// What a recheck has found, unless the winner is what it was.
fn drifted(recheck: &Rechecked) -> Option<String> {
    let now = recheck.now.as_ref()?;
    let found = match (recheck.verdict, &recheck.claimed, &recheck.speedup) {
        (Verdict::Slower | Verdict::Faster, Some(then), Some(speedup)) => {
            format!(
                "{}: {} over the default, {} when it was tuned",
                recheck.verdict.name(),
                report::ratio(speedup),
                report::ratio(then)
            )
        }
        (Verdict::Wrong | Verdict::Fails, ..) => {
            let why = recheck.why.as_deref().unwrap_or_default();
            format!("{}: {why}", if recheck.verdict == Verdict::Wrong { "wrong" } else { "failing" })
        }
        _ => return None,
    };
    let elsewhere = if now.device == recheck.winner.device { "" } else { " under another driver or compiler" };
    Some(format!("a recheck on {}{elsewhere} found it {found}; tune the workload again", report::date(now.at_ms)))
}

/// What naga's IR tells of each kernel, on a device of any size.
fn facts(signature: &Signature, program: &Program) -> Result<String, Failure> {
    if let Some(routine) = &program.routine {
        return Ok(format!("routine {routine}; {:.0} operations", routine.call.operations()));
    }
    let checked = check(program, &signature.symbols, &DeviceFacts::boundless());
    let checked = checked.map_err(|rejection| Failure::work(format!("the kernel is refused: {}", rejection.why)))?;
    let line = |(number, facts): (usize, &KernelFacts)| {
        let each = &facts.per_invocation;
        format!(
            "kernel {number}: {} workgroups of {} invocations, {} bytes of workgroup memory; each invocation: {} flops, {} loads and \
             {} stores in storage, {} and {} in workgroup memory, {} barriers",
            facts.workgroups,
            facts.invocations,
            facts.workgroup_bytes,
            each.flops,
            each.storage_loads.count,
            each.storage_stores.count,
            each.workgroup_loads.count,
            each.workgroup_stores.count,
            each.barriers,
        )
    };
    Ok(checked.iter().enumerate().map(line).collect::<Vec<_>>().join("\n"))
}

/// The kernels of a record's program, prepare kernels included. A stream is its instructions; another routine has no text, and
/// what it is asked for stands for it.
pub(super) fn wgsl(record: &Record, program: &Program) -> String {
    if let Some(routine) = &program.routine {
        let call = stream(record, &routine.call)
            .unwrap_or_else(|| serde_json::to_string_pretty(&routine.call).expect("plain data serialises"));
        return format!("// {} [{}]; routine {routine}\n{call}", record.template, values(record));
    }
    let kernel = |kernel: &crate::code::Kernel| {
        let [x, y, z] = &kernel.grid;
        format!("// {} [{}]; grid {x} × {y} × {z} workgroups\n{}", record.template, values(record), kernel.code)
    };
    program.kernels.iter().map(kernel).collect::<Vec<_>>().join("\n")
}

/// The instructions that a call is lowered to for the accelerator of a record, as text.
fn stream(record: &Record, call: &Call) -> Option<String> {
    let Call::Accelerated(call) = call else { return None };
    let hardware = hardware_of(&record.device.adapter)?;
    let lowered = call.lower(&hardware).ok()?;
    Some(disassemble(&lowered.instructions).trim_end().to_owned())
}

/// Emits a record's program anew, and says so when it is no longer what was measured.
pub(super) fn program(signature: &Signature, record: &Record) -> Result<Program, Failure> {
    let (template, config) = stored_config(signature, record)?;
    let program = template.emit(signature, &config);
    let program =
        program.map_err(|rejection| Failure::work(format!("its config has no kernel any more: {}", rejection.why)))?;
    if program.hash() != record.code_hash {
        warn("this version emits other code for that config than was measured; tune the workload again.");
    }
    Ok(program)
}
