//! Texts for review: every help page as a golden, and lists that name everything there is.

use std::path::PathBuf;

use wgtune::op::{FUNCTIONS, OPERATORS, STEPS};
use wgtune::search::STRATEGIES;

use crate::common::golden::{Goldens, Texts};
use crate::tool::{report, wgtune};

#[test]
fn help_pages_are_as_reviewed() {
    let main = wgtune(&["--help"]).good();
    let commands = commands(&main);
    assert!(commands.contains(&"tune".to_owned()), "{commands:?}");
    let pages = commands.iter().map(|name| (PathBuf::from(format!("{name}.txt")), wgtune(&[name, "--help"]).good()));
    let mut texts: Texts = pages.collect();
    let without_example = texts.iter().filter(|(_, page)| !page.contains("Example"));
    let mut failures: Vec<String> =
        without_example.map(|(path, _)| format!("{} shows no example", path.display())).collect();
    texts.insert("wgtune.txt".into(), main);
    let goldens = Goldens { folder: "tests/golden/help", others: &[], test: "command_line" };
    failures.extend(goldens.blessed_or_differences(&texts));
    report(failures);
}

/// The commands that the program's help lists, but for `help` itself.
fn commands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn lists_name_everything_there_is() {
    let text = wgtune(&["list"]).good();
    let json = wgtune(&["list", "--json"]).json().remove(0);
    let at = |list: &str| json[list].as_array().unwrap_or_else(|| panic!("no list {list}: {json}")).clone();
    let is_in = |list: &str, name: &str| at(list).iter().any(|entry| entry["name"] == name);
    let templates: Vec<_> = OPERATORS.iter().flat_map(|operator| operator.templates()).collect();
    let listed_templates: Vec<_> =
        at("operators").iter().flat_map(|operator| operator["templates"].as_array().unwrap().clone()).collect();
    let mut wanted: Vec<(&str, bool)> = Vec::new();
    wanted.extend(OPERATORS.iter().map(|operator| (operator.name(), is_in("operators", operator.name()))));
    wanted.extend(STRATEGIES.iter().map(|strategy| (strategy.name, is_in("strategies", strategy.name))));
    wanted.extend(FUNCTIONS.iter().map(|function| (function.name, is_in("functions", function.name))));
    wanted.extend(STEPS.iter().map(|(name, _)| (*name, is_in("steps", name))));
    wanted.extend(templates.iter().map(|t| (t.name(), listed_templates.iter().any(|entry| entry["name"] == t.name()))));
    let missing = wanted.iter().filter(|(name, in_json)| !in_json || !text.contains(name));
    report(missing.map(|(name, in_json)| format!("{name} is not listed (in JSON: {in_json})")).collect());
}

#[test]
fn the_version_is_the_packages() {
    assert_eq!(wgtune(&["--version"]).good(), format!("wgtune {}\n", env!("CARGO_PKG_VERSION")));
}
