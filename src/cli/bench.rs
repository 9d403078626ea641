//! `wgtune bench`: the stored best, the default and the naive kernel timed once more, interleaved.

use clap::Args;
use serde_json::json;

use super::error::Failure;
use super::{DeviceArgs, StoreArgs, print, print_json, resolve_all, show};
use crate::backend::Backend;
use crate::base::stats::{median_interval, speedup};
use crate::measure::{Candidate, FINAL, Measure};
use crate::op::Signature;
use crate::record::{Mode, Outcome};
use crate::report::{self, Table};
use crate::store::Store;
use crate::tune::{naive_template, tuned_template};

#[derive(Args)]
#[command(after_help = "Example: wgtune bench \"matmul:f32:m256n256k256\" --device software")]
pub(super) struct Options {
    /// Workloads that have been tuned on this device
    #[arg(required = true, value_name = "WORKLOAD")]
    workloads: Vec<String>,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    store: StoreArgs,
    /// Time with run-time checks on, as browsers have them
    #[arg(long)]
    checked: bool,
    /// Decides what the inputs hold
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print one JSON object per workload
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let signatures = resolve_all(&options.workloads)?;
    let store = options.store.open()?;
    let mut backend = options.device.open()?;
    signatures.iter().try_for_each(|signature| bench(options, &store, &mut backend, signature))
}

fn bench(options: &Options, store: &Store, backend: &mut dyn Backend, signature: &Signature) -> Result<(), Failure> {
    let mode = if options.checked { Mode::CHECKED } else { Mode::UNCHECKED };
    let mut measure = Measure::new(backend, signature.clone(), options.seed);
    let candidates = candidates(&mut measure, store, signature, mode)?;
    let entrants: Vec<(&Candidate, Mode)> = candidates.iter().map(|(_, candidate)| (candidate, mode)).collect();
    let reports = measure.race(&entrants, FINAL).map_err(|e| Failure::work(format!("writing the reference: {e}")))?;
    let outcomes: Vec<(&str, Outcome)> =
        candidates.iter().zip(reports).map(|((name, _), report)| (*name, report.outcome)).collect();
    if options.json {
        let entrants = outcomes.iter().map(|(name, outcome)| json!({ "name": name, "outcome": outcome }));
        print_json(&json!({
            "workload": signature.workload,
            "mode": mode,
            "entrants": entrants.collect::<Vec<_>>(),
            "speedup_over_default": speedup(samples(&outcomes[1].1), samples(&outcomes[2].1), 0),
        }));
    } else {
        print(&format!("{} on {}, {}", signature.workload, measure.device().identity.adapter, mode.name()));
        print(&table(signature, &outcomes).to_string());
    }
    failed(&outcomes)
}

/// The naive kernel, the default, and the best that the store knows of this device.
fn candidates(
    measure: &mut Measure,
    store: &Store,
    signature: &Signature,
    mode: Mode,
) -> Result<Vec<(&'static str, Candidate)>, Failure> {
    let workload = signature.workload.to_string();
    let best = store.best(&workload, Some(&measure.device().identity), mode)?.ok_or_else(|| {
        Failure::work(format!("`{workload}` has not been tuned on this device; type: wgtune tune \"{workload}\""))
    })?;
    let (template, config) = show::config(signature, &best)?;
    let tuned = tuned_template(signature)?;
    let naive = naive_template(signature).unwrap_or(tuned);
    let mut candidates = Vec::new();
    for (name, template) in [("naive", naive), ("default", tuned)] {
        let space = template.space(signature, measure.device());
        let default = template.default(signature, &space);
        let default = default.ok_or_else(|| Failure::work(format!("{} has no legal config here", template.name())))?;
        candidates.push((name, measure.candidate(template, default)));
    }
    candidates.push(("best", measure.candidate(template, config)));
    Ok(candidates)
}

fn table(signature: &Signature, outcomes: &[(&str, Outcome)]) -> Table {
    let mut table = Table::new(&["", "time", "95 % interval", "rate", "against the default", "samples"]);
    let default = samples(&outcomes[1].1);
    for (name, outcome) in outcomes {
        match outcome {
            Outcome::Rejected(rejection) => table.row([(*name).to_owned(), format!("rejected: {}", rejection.why)]),
            Outcome::Timed { samples_ns, .. } => {
                let estimate = median_interval(samples_ns);
                table.row([
                    (*name).to_owned(),
                    report::time(estimate.value),
                    report::interval(&estimate),
                    report::rate(&signature.work, estimate.value),
                    report::ratio(&speedup(default, samples_ns, 0)),
                    samples_ns.len().to_string(),
                ]);
            }
        }
    }
    table
}

fn samples(outcome: &Outcome) -> &[f64] {
    match outcome {
        Outcome::Timed { samples_ns, .. } => samples_ns,
        Outcome::Rejected(_) => &[],
    }
}

fn failed(outcomes: &[(&str, Outcome)]) -> Result<(), Failure> {
    let wrong = outcomes.iter().find_map(|(name, outcome)| match outcome {
        Outcome::Rejected(rejection) => Some(format!("{name} was rejected at {}: {}", rejection.stage, rejection.why)),
        Outcome::Timed { .. } => None,
    });
    wrong.map_or(Ok(()), |why| Err(Failure::work(why)))
}
