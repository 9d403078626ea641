//! The documents say what the code says.

use wgtune::search::STRATEGIES;

/// Each option of each strategy stands in the table of its section, with its default and its gloss.
#[test]
fn the_options_of_strategies_are_documented() {
    let text = include_str!("../docs/search.md");
    let mut missing = Vec::new();
    for strategy in STRATEGIES {
        let heading = text.lines().find(|line| line.starts_with("## ") && line.contains(strategy.name));
        if heading.is_none() {
            missing.push(format!("no section on `{}`", strategy.name));
        }
        for opt in strategy.options {
            let row = format!("| `{}` | {} | {} |", opt.name, opt.default_text(), opt.about);
            if !text.contains(&row) {
                missing.push(row);
            }
        }
    }
    assert!(missing.is_empty(), "docs/search.md lacks:\n{}", missing.join("\n"));
}
