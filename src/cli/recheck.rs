//! `wgtune recheck`: times stored winners once more, as after a driver update, and says which no longer hold.

use clap::Args;
use rand::seq::SliceRandom;
use serde_json::json;

use super::error::Failure;
use super::subject::{is_custom, resolve, resolve_all, typed};
use super::{DeviceArgs, StoreArgs, note, print, print_json, whole};
use crate::backend::Backend;
use crate::base::seeded;
use crate::base::stats::Estimate;
use crate::op::Signature;
use crate::record::Record;
use crate::report::{self, Table};
use crate::store::Store;
use crate::tune::{Rechecked, Settings, Verdict, recheck_winners, stored_winners};

#[derive(Args)]
#[command(after_help = VERDICTS)]
pub(super) struct Options {
    /// Workloads that have been tuned on a device of this name; all of them unless named
    #[arg(value_name = "WORKLOAD")]
    workloads: Vec<String>,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    store: StoreArgs,
    /// Recheck so many of the workloads, drawn at random
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true, value_parser = whole(1, 1_000_000))]
    sample: Option<u64>,
    /// Time again what crashed or hung; see `wgtune trials --quarantined`
    #[arg(long)]
    retry_quarantined: bool,
    /// Decides which workloads are drawn and what the inputs hold
    #[arg(long, default_value_t = 2, allow_negative_numbers = true, value_parser = whole(0, u64::MAX))]
    seed: u64,
    /// Print one JSON object per workload
    #[arg(long)]
    json: bool,
}

const VERDICTS: &str = "\
Example: wgtune recheck --device software --sample 10

Each winner is checked and timed beside the default. It
  holds    if it is as far ahead of the default as in its final race,
  faster   if it is farther ahead, or slower if less far,
  unclear  if it was never raced against the default, or cannot be now,
  gone     if this version has no such workload, template or config,
  fails    if it is refused, does not compile, hangs or crashes,
  wrong    if its result is wrong.
What fails or is wrong is no longer trusted: `show` and `tune` leave it out until it has been
measured again. The exit code is then 1, else 0.";

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let named = resolve_all(&options.workloads)?;
    let mut store = options.store.open_existing()?;
    let mut backend = options.device.open()?;
    let found = chosen(options, &store, backend.as_ref(), &named)?;
    let settings =
        Settings { trials: 0, seed: options.seed, retry_quarantined: options.retry_quarantined, ..Settings::default() };
    let mut all: Vec<Rechecked> = Vec::new();
    for (workload, winners) in found {
        note(&format!("rechecking {workload}"));
        let of_list = named.iter().find(|signature| signature.workload.to_string() == workload).cloned();
        let signature = of_list.or_else(|| resolve(&workload).ok());
        let rechecked = recheck_winners(backend.as_mut(), &mut store, signature.as_ref(), winners, &settings)?;
        if options.json {
            print_json(&json!({ "workload": workload, "winners": rechecked }))?;
        }
        all.extend(rechecked);
    }
    if !options.json {
        print(&text(&backend.facts().identity.adapter, &all))?;
    }
    refuse_rejected(&all)
}

/// The workloads to recheck, each with its winners.
fn chosen(
    options: &Options,
    store: &Store,
    backend: &dyn Backend,
    named: &[Signature],
) -> Result<Vec<(String, Vec<Record>)>, Failure> {
    let device = &backend.facts().identity;
    let commands: Vec<String> =
        options.workloads.iter().zip(named).map(|(text, signature)| typed(text, signature)).collect();
    let named: Vec<String> = named.iter().map(|signature| signature.workload.to_string()).collect();
    let mut found = stored_winners(store, device)?;
    if named.is_empty() {
        leave_out_custom(&mut found);
    }
    let unknown = |workload: &str, typed: &str| {
        let command = options.store.tuning(typed, options.device.named());
        Failure::work(format!("`{workload}` has not been tuned on {}; tune it first: {command}", device.adapter))
    };
    let is_unknown = |(workload, _): &(&String, &String)| found.iter().all(|(known, _)| known != *workload);
    if let Some((workload, typed)) = named.iter().zip(&commands).find(is_unknown) {
        return Err(unknown(workload, typed));
    }
    if found.is_empty() {
        let path = store.path().display();
        return Err(Failure::work(format!(
            "the store `{path}` has nothing that was tuned on {}; tune something first, or name another by --db",
            device.adapter
        )));
    }
    found.retain(|(workload, _)| named.is_empty() || named.contains(workload));
    Ok(match options.sample {
        Some(count) => drawn(found, count as usize, options.seed),
        None => found,
    })
}

/// Kernels of users are known by their files only.
fn leave_out_custom(found: &mut Vec<(String, Vec<Record>)>) {
    let all = found.len();
    found.retain(|(workload, _)| !is_custom(workload));
    if found.len() < all {
        note(&format!("leaving out {} workloads of kernel files; name the files to recheck them", all - found.len()));
    }
}

/// So many of them, in the order in which they stood.
fn drawn<T>(all: Vec<T>, count: usize, seed: u64) -> Vec<T> {
    let mut random = seeded(seed, "recheck");
    let mut drawn: Vec<(usize, T)> = all.into_iter().enumerate().collect();
    drawn.shuffle(&mut random);
    drawn.truncate(count);
    drawn.sort_by_key(|(place, _)| *place);
    drawn.into_iter().map(|(_, one)| one).collect()
}

fn text(adapter: &str, all: &[Rechecked]) -> String {
    let mut table = Table::new(&["workload", "verdict", "over the default then", "now", "tuned"]).left(2);
    for one in all {
        table.row(row(one));
    }
    let why = all.iter().filter_map(|one| {
        let first = one.why.as_ref()?.lines().next().unwrap_or_default();
        Some(format!("{}: {}: {first}\n", one.winner.workload, one.verdict.name()))
    });
    format!("winners on {adapter}\n{table}{}{}", why.collect::<String>(), count(all))
}

fn row(one: &Rechecked) -> [String; 5] {
    let ratio = |estimate: &Option<Estimate>| estimate.as_ref().map_or("–".to_owned(), report::ratio);
    [
        one.winner.workload.clone(),
        one.verdict.name().to_owned(),
        ratio(&one.claimed),
        ratio(&one.speedup),
        report::date(one.winner.at_ms),
    ]
}

/// How many there are of each verdict.
fn count(all: &[Rechecked]) -> String {
    let of = |verdict: &Verdict| all.iter().filter(|one| one.verdict == *verdict).count();
    let counts = Verdict::ALL.iter().map(|verdict| (of(verdict), verdict.name())).filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, name)| format!("{count} {name}")).collect();
    format!("{} rechecked: {}", all.len(), counts.join(", "))
}

fn refuse_rejected(all: &[Rechecked]) -> Result<(), Failure> {
    let rejected: Vec<&Rechecked> = all.iter().filter(|one| one.verdict.is_rejected()).collect();
    let Some(first) = rejected.first() else { return Ok(()) };
    Err(Failure::work(format!(
        "{} of {} stored winners must not be used any more, the first of them that of `{}`; tune such workloads again",
        rejected.len(),
        all.len(),
        first.winner.workload
    )))
}
