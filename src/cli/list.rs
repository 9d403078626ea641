//! `wgtune list`: what there is to choose from, made from the lists that the code itself follows.

use clap::Args;
use serde_json::json;

use super::error::Failure;
use super::{print, print_json};
use crate::op::chain::REDUCERS;
use crate::op::{FUNCTIONS, LISTS, OPERATORS, STEPS, find_list};
use crate::report::Table;
use crate::search::{STRATEGIES, Strategy};

#[derive(Args)]
#[command(after_help = "Examples: wgtune list\n          wgtune list resnet50")]
pub(super) struct Options {
    /// Print the workloads of this model or benchmark, one a line
    name: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    if let Some(name) = &options.name {
        return of_model(name, options.json);
    }
    if options.json {
        return print_json(&as_json());
    }
    for operator in OPERATORS {
        print(&format!("{}: {}\n  {}", operator.name(), operator.about(), operator.grammar()))?;
        let mut templates = Table::new(&["  template", ""]).left(2);
        operator.templates().iter().for_each(|t| templates.row([format!("  {}", t.name()), t.about().to_owned()]));
        print(&templates.to_string())?;
        let workloads = operator.workloads().iter().map(|workload| format!("  \"{workload}\""));
        print(&format!("  workloads, quoted for the shell:\n{}\n", workloads.collect::<Vec<_>>().join("\n")))?;
    }
    print("lists of workloads of real models and benchmarks (wgtune list NAME):")?;
    print(&pairs(LISTS.iter().map(|list| (list.name, list.about()))))?;
    print("steps that may follow a matmul or a convolution, each after a `+`:")?;
    print(&pairs(STEPS.iter().map(|(name, about)| (*name, *about))))?;
    print("functions of chains:")?;
    print(&pairs(FUNCTIONS.iter().map(|function| (function.name, function.about))))?;
    print("functions of chains that reduce:")?;
    print(&pairs(REDUCERS.iter().map(|reducer| (reducer.name, reducer.about))))?;
    print("strategies (--strategy), each with its options as name:option=value,option=value:")?;
    STRATEGIES.iter().try_for_each(|strategy| print(&with_options(strategy)))
}

fn of_model(name: &str, as_json: bool) -> Result<(), Failure> {
    let known = || LISTS.iter().map(|list| list.name).collect::<Vec<_>>().join(", ");
    let unknown = || Failure::input(format!("there is no list `{name}` of workloads; there are {}", known()));
    let list = find_list(name).ok_or_else(unknown)?;
    if as_json {
        return print_json(&json!({ "name": list.name, "about": list.about(), "workloads": list.workloads() }));
    }
    list.workloads().iter().try_for_each(|workload| print(workload))
}

fn with_options(strategy: &Strategy) -> String {
    let mut lines = vec![format!("  {}: {}", strategy.name, strategy.about)];
    let width = strategy.options.iter().map(|opt| opt.name.len()).max().unwrap_or(0);
    lines.extend(strategy.options.iter().map(|opt| {
        format!("    {:<width$}  {}: {} [default: {}]", opt.name, opt.about, opt.allowed_text(), opt.default_text())
    }));
    lines.join("\n")
}

fn pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<(&str, &str)> = pairs.collect();
    let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    pairs.iter().map(|(name, about)| format!("  {name:<width$}  {about}\n")).collect()
}

fn as_json() -> serde_json::Value {
    let operators = OPERATORS.iter().map(|operator| {
        let templates = operator.templates().into_iter().map(|t| json!({ "name": t.name(), "about": t.about() }));
        json!({
            "name": operator.name(),
            "about": operator.about(),
            "grammar": operator.grammar(),
            "templates": templates.collect::<Vec<_>>(),
            "workloads": operator.workloads(),
        })
    });
    let named = |name: &str, about: &str| json!({ "name": name, "about": about });
    json!({
        "operators": operators.collect::<Vec<_>>(),
        "lists": LISTS.iter().map(|list| named(list.name, list.about())).collect::<Vec<_>>(),
        "steps": STEPS.iter().map(|(name, about)| named(name, about)).collect::<Vec<_>>(),
        "functions": FUNCTIONS.iter().map(|f| named(f.name, f.about)).collect::<Vec<_>>(),
        "reductions": REDUCERS.iter().map(|reducer| named(reducer.name, reducer.about)).collect::<Vec<_>>(),
        "strategies": STRATEGIES.iter().map(strategy_as_json).collect::<Vec<_>>(),
    })
}

fn strategy_as_json(strategy: &Strategy) -> serde_json::Value {
    let options = strategy.options.iter().map(|opt| {
        json!({
            "name": opt.name,
            "about": opt.about,
            "allowed": opt.allowed_text(),
            "default": opt.default_text(),
        })
    });
    json!({ "name": strategy.name, "about": strategy.about, "options": options.collect::<Vec<_>>() })
}
