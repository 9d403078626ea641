//! `wgtune check`: all that can be said of a kernel file without a device.

use clap::Args;
use serde_json::json;

use super::error::Failure;
use super::subject::{kernel_file, read_kernel};
use super::{print, print_json, warn};
use crate::custom::{Amount, Survey};
use crate::report::Table;

#[derive(Args)]
#[command(after_help = "\
Example: wgtune check stencil.toml

Reads the file and all that it names, works out its expressions, has naga validate the kernels of the
default, of each value of each parameter and of some configs at random, counts the legal configs, and
says what each constraint takes away.")]
pub(super) struct Options {
    /// The kernel file, perhaps with other sizes, as `stencil.toml:w512h512`
    #[arg(value_name = "FILE")]
    file: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    if kernel_file(&options.file).is_none() {
        let file = &options.file;
        return Err(Failure::input(format!("`{file}` is no kernel file: those end in .toml; see `wgtune new`")));
    }
    let (kernel, signature) = read_kernel(&options.file)?;
    let survey = kernel.survey(&signature);
    if options.json {
        print_json(&as_json(&survey))?;
    } else {
        print(&text(&survey))?;
    }
    if !survey.default_is_legal {
        warn(&format!("the defaults break a constraint; searches begin with {}", survey.default));
    }
    match survey.invalid.first() {
        None => Ok(()),
        Some((config, why)) => Err(Failure::input(format!("the config `{config}` has no valid kernel: {why}"))),
    }
}

fn text(survey: &Survey) -> String {
    let mut lines = vec![survey.workload.clone()];
    lines.push(format!("{} combinations of values, {} legal configs", raw(survey.raw), amount(&survey.legal)));
    if !survey.constraints.is_empty() {
        let mut table = Table::new(&["constraint", "breaks it", "and no other", "why"]).left(1);
        for cut in &survey.constraints {
            table.row([cut.expr.clone(), amount(&cut.broken), amount(&cut.only), cut.why.clone()]);
        }
        lines.push(table.to_string());
    }
    lines.push(format!("default: {}", survey.default));
    lines.push(format!("kernels of {} configs looked at, {} of them invalid", survey.looked_at, survey.invalid.len()));
    if let (count @ 1.., Some(why)) = &survey.beyond_limits {
        lines.push(format!("{count} of them need more than WebGPU's default limits, such as: {why}"));
    }
    lines.extend(survey.remarks.iter().map(|remark| format!("note: {remark}")));
    lines.join("\n")
}

/// More than can be counted is told as that.
fn raw(count: u128) -> String {
    if count == u128::MAX { format!("more than {:.0e}", count as f64) } else { count.to_string() }
}

fn amount(amount: &Amount) -> String {
    match amount {
        Amount::Exactly(count) => count.to_string(),
        Amount::About(estimate) => {
            format!("about {:.3e} [{:.3e}, {:.3e}]", estimate.value, estimate.low, estimate.high)
        }
    }
}

fn as_json(survey: &Survey) -> serde_json::Value {
    let number = |amount: &Amount| match amount {
        Amount::Exactly(count) => json!({ "exactly": count.to_string() }),
        Amount::About(estimate) => json!({ "about": estimate.value, "low": estimate.low, "high": estimate.high }),
    };
    let cuts = survey.constraints.iter();
    let cuts = cuts.map(
        |cut| json!({ "expr": cut.expr, "why": cut.why, "broken": number(&cut.broken), "only": number(&cut.only) }),
    );
    let invalid = survey.invalid.iter().map(|(config, why)| json!({ "config": config, "why": why }));
    json!({
        "workload": survey.workload,
        "raw": survey.raw.to_string(),
        "legal": number(&survey.legal),
        "constraints": cuts.collect::<Vec<_>>(),
        "default": survey.default,
        "default_is_legal": survey.default_is_legal,
        "looked_at": survey.looked_at,
        "beyond_limits": survey.beyond_limits.0,
        "invalid": invalid.collect::<Vec<_>>(),
        "remarks": survey.remarks,
    })
}
