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

/// Each text of `workloads/` is a list that has a name.
#[test]
fn no_list_of_workloads_is_forgotten() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("workloads");
    let stem = |file: std::fs::DirEntry| file.path().file_stem().unwrap().to_string_lossy().into_owned();
    let mut files: Vec<String> = std::fs::read_dir(folder).unwrap().map(|file| stem(file.unwrap())).collect();
    let mut listed: Vec<&str> = wgtune::op::LISTS.iter().map(|list| list.name).collect();
    files.sort();
    listed.sort_unstable();
    assert_eq!(files, listed);
}

/// Every template is told of, where it wins or why it does not.
#[test]
fn every_template_is_documented() {
    let text = include_str!("../docs/kernels.md");
    let templates = wgtune::op::OPERATORS.iter().flat_map(|operator| operator.templates());
    let missing: Vec<String> =
        templates.map(|template| format!("`{}`", template.name())).filter(|name| !text.contains(name)).collect();
    assert!(missing.is_empty(), "docs/kernels.md lacks {}", missing.join(", "));
}

/// What editors read is what the code reads. With `WGTUNE_BLESS` set it is written anew first.
#[test]
fn the_schema_of_kernel_files_is_that_of_the_code() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/kernel-file.schema.json");
    let made = format!("{:#}\n", wgtune::custom::schema());
    if std::env::var_os("WGTUNE_BLESS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(kept == made, "the schema has changed; `WGTUNE_BLESS=1 cargo test --test docs` writes it anew");
    let mut undescribed = Vec::new();
    without_description(&wgtune::custom::schema(), "", &mut undescribed);
    assert!(undescribed.is_empty(), "keys without a description, or open to others:\n{}", undescribed.join("\n"));
}

/// Keys that say nothing of themselves, and objects that would take any key.
fn without_description(schema: &serde_json::Value, at: &str, found: &mut Vec<String>) {
    let empty = serde_json::Map::new();
    let of = |key: &str| schema[key].as_object().unwrap_or(&empty).clone();
    for (name, property) in of("properties") {
        if property["description"].as_str().is_none_or(str::is_empty) {
            found.push(format!("{at}/{name}"));
        }
    }
    if schema["properties"].is_object() && schema["additionalProperties"] != false {
        found.push(format!("{at} takes other keys"));
    }
    for (name, definition) in of("definitions") {
        without_description(&definition, &name, found);
    }
}
