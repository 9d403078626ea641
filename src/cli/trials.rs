//! `wgtune trials`: what the store holds, filtered.

use clap::Args;

use super::error::Failure;
use super::subject::filed_workload;
use super::{StoreArgs, print, print_json, show, whole};
use crate::record::{Outcome, Phase, Record, Stage};
use crate::report::{self, Table};
use crate::store::{Ending, Filter};

#[derive(Args)]
#[command(after_help = "\
Examples: wgtune trials --workload \"matmul:f32:m256n256k256\" --phase final
          wgtune trials --ending verify --json
          wgtune trials --quarantined")]
pub(super) struct Options {
    #[command(flatten)]
    store: StoreArgs,
    /// Only this workload
    #[arg(long)]
    workload: Option<String>,
    /// Only this template, such as matmul/tiled
    #[arg(long)]
    template: Option<String>,
    /// Only devices whose name contains this
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Only this strategy
    #[arg(long)]
    strategy: Option<String>,
    /// Only this phase: search, knockout, final, recheck, repeat or imported
    #[arg(long, value_parser = phase)]
    phase: Option<Phase>,
    /// Only trials that ended so: timed, or rejected at limits, validate, compile, run, verify, timeout or crash
    #[arg(long, value_parser = ending)]
    ending: Option<Ending>,
    /// Only what is in quarantine: its last word is a crash or a timeout, so that it is not tried again; see
    /// `--retry-quarantined` of `wgtune tune`
    #[arg(long)]
    quarantined: bool,
    /// Only this run
    #[arg(long, allow_negative_numbers = true, value_parser = whole(0, u64::MAX))]
    run: Option<u64>,
    /// At most this many, the newest first; 0 for all
    #[arg(long, default_value_t = 50, allow_negative_numbers = true, value_parser = whole(0, u64::MAX))]
    limit: u64,
    /// Print one JSON record per line
    #[arg(long)]
    json: bool,
}

pub(super) fn phase(text: &str) -> Result<Phase, String> {
    let known = || Phase::ALL.map(Phase::name).join(", ");
    Phase::ALL.into_iter().find(|phase| phase.name() == text).ok_or_else(|| format!("phases are {}", known()))
}

fn ending(text: &str) -> Result<Ending, String> {
    if text == "timed" {
        return Ok(Ending::Timed);
    }
    let stage = Stage::ALL.into_iter().find(|stage| stage.name() == text);
    let known = || Stage::ALL.map(Stage::name).join(", ");
    stage.map(Ending::Rejected).ok_or_else(|| format!("endings are timed, {}", known()))
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let workload = options.workload.as_ref().map(|text| filed_workload(&options.store, text)).transpose()?;
    let filter = Filter {
        workload,
        template: options.template.clone(),
        device: options.device.clone(),
        strategy: options.strategy.clone(),
        phase: options.phase,
        ending: options.ending,
        quarantined: options.quarantined,
        run: options.run,
        limit: (options.limit > 0).then_some(options.limit as usize),
    };
    let mut store = options.store.open_existing()?;
    // Whoever took a run down is to be among them.
    store.recover()?;
    let records = store.query(&filter)?;
    if options.json {
        records.iter().try_for_each(print_json)
    } else if records.is_empty() {
        print("no trials match")
    } else {
        print(&table(&records).to_string())
    }
}

fn table(records: &[Record]) -> Table {
    let header = ["run", "trial", "phase", "mode", "workload", "template", "result", "values"];
    let mut table = Table::new(&header).left(8);
    for record in records {
        table.row([
            record.run.to_string(),
            record.trial.to_string(),
            record.phase.name().to_owned(),
            record.mode.name().to_owned(),
            record.workload.clone(),
            record.template.clone(),
            result(&record.outcome),
            show::values(record),
        ]);
    }
    table
}

fn result(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Timed { clock, .. } => report::taken(outcome.median_ns().unwrap_or(f64::NAN), *clock),
        Outcome::Rejected(rejection) => {
            format!("{}: {}", rejection.stage, rejection.why.lines().next().unwrap_or_default())
        }
    }
}
