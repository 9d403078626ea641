//! Looking at packs: what is in one, whether it holds, what differs between two.

use std::path::PathBuf;

use clap::Args;
use wgtune_pack::{Entry, Mode, Pack, PublicKey, Role};

use super::{of_file, open, public};
use crate::cli::error::Failure;
use crate::cli::{print, print_json};
use crate::pack::{self, Change};
use crate::report::{Table, date, time};

#[derive(Args)]
pub(super) struct Show {
    /// The pack
    #[arg(value_name = "FILE.wgpack")]
    file: PathBuf,
    /// Show all of one entry, by the beginning of its id: its evidence too
    #[arg(long, value_name = "ID")]
    entry: Option<String>,
    /// Print the manifest as JSON, or the entry with its evidence
    #[arg(long)]
    json: bool,
}

pub(super) fn show(options: &Show) -> Result<(), Failure> {
    let pack = open(&options.file)?;
    match &options.entry {
        Some(id) => show_entry(options, &pack, id),
        None if options.json => print_json(pack.manifest()),
        None => print(overview(&pack).trim_end()),
    }
}

fn overview(pack: &Pack) -> String {
    let manifest = pack.manifest();
    let said = |text: &str, otherwise: &str| if text.is_empty() { otherwise.to_owned() } else { in_line(text) };
    let mut text = format!(
        "{}: format {}, by {} with naga {} and wgpu {}; {}\nrecords of {} to {}; hash {}\n",
        in_line(&manifest.name),
        manifest.format,
        said(&manifest.tool, "several tools or an unknown one"),
        said(&manifest.naga, "of several versions"),
        said(&manifest.wgpu, "of several versions"),
        said(&manifest.licence, "no licence named"),
        date(manifest.first_ms),
        date(manifest.last_ms),
        pack.hash(),
    );
    for device in manifest.devices.values() {
        let architecture = device.architecture().unwrap_or_else(|| "unknown architecture".to_owned());
        let line = format!("device {}: {}, {} ({architecture})", device.adapter, device.driver_info, device.compiler);
        text += &format!("{}\n", in_line(&line));
    }
    let mut table = Table::new(&["workload", "device", "template", "checked", "unchecked", "sizes", "entry"]).left(3);
    for entry in &manifest.entries {
        let said = |mode| {
            entry.times.get(&mode).map_or("–".to_owned(), |times| {
                format!("{} ({:.2}×)", time(times.median_ns), times.ratio_to_default[1])
            })
        };
        let row = [
            manifest.operations[&entry.operation].line(&entry.measured),
            owner(pack, entry),
            entry.template.clone(),
            said(Mode::Checked),
            said(Mode::Unchecked),
            sizes(entry),
            short(&entry.id),
        ];
        table.row(row.map(|cell| in_line(&cell)));
    }
    text += &format!("\n{table}");
    for portfolio in &manifest.portfolios {
        let ids: Vec<String> = portfolio.entries.iter().map(|id| short(id)).collect();
        let operation =
            manifest.operations.get(&portfolio.operation).map_or("?", |operation| operation.operator.as_str());
        let (operation, devices) = (in_line(operation), portfolio.of_devices);
        text += &format!("portfolio of {operation} over {devices} devices: {}\n", ids.join(" "));
    }
    for quarantine in &manifest.quarantine {
        text += &format!("quarantined {}: {}\n", quarantine.program, in_line(&quarantine.why));
    }
    for skipped in pack.skipped() {
        text += &format!("skipped {}: {}\n", in_line(&skipped.what), in_line(&skipped.why));
    }
    text
}

/// Digits of an id that tell it apart for people.
const SHORT: usize = 8;

fn short(id: &str) -> String {
    id.chars().take(SHORT).collect()
}

/// A text of a pack as a terminal may show it, which obeys control characters.
fn in_line(text: &str) -> String {
    text.replace(char::is_control, "?")
}

fn owner(pack: &Pack, entry: &Entry) -> String {
    match (pack.manifest().device_of(entry), entry.role) {
        (Some(device), _) => device.adapter.clone(),
        (None, Role::Default) => "any: the default".to_owned(),
        (None, Role::Tuned) => "any".to_owned(),
    }
}

/// For which sizes it stands, such as `m 64–1024 by 8`.
fn sizes(entry: &Entry) -> String {
    let range = |(name, range): (&String, &wgtune_pack::Range)| match range.multiple_of {
        1 => format!("{name} {}–{}", range.least, range.most),
        step => format!("{name} {}–{} by {step}", range.least, range.most),
    };
    let ranges: Vec<String> = entry.admits.dims.iter().map(range).collect();
    if ranges.is_empty() { "as measured".to_owned() } else { ranges.join(", ") }
}

fn show_entry(options: &Show, pack: &Pack, id: &str) -> Result<(), Failure> {
    let mut found = pack.manifest().entries.iter().filter(|entry| entry.id.starts_with(id));
    let (Some(entry), None) = (found.next(), found.next()) else {
        let advice = "`wgtune pack show` lists them";
        return Err(Failure::input(format!("`{id}` begins the id of no entry, or of several; {advice}")));
    };
    let evidence = pack.evidence(entry).map_err(|error| of_file(&options.file, &error))?;
    let all = serde_json::json!({ "entry": entry, "evidence": evidence });
    match options.json {
        true => print_json(&all),
        false => print(&serde_json::to_string_pretty(&all).expect("plain data serialises")),
    }
}

#[derive(Args)]
pub(super) struct Verify {
    /// The pack
    #[arg(value_name = "FILE.wgpack")]
    file: PathBuf,
    /// A public key that must have signed it, or the file with it; one of several will do
    #[arg(long, value_name = "KEY", value_parser = public)]
    key: Vec<PublicKey>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn verify(options: &Verify) -> Result<(), Failure> {
    let pack = open(&options.file)?;
    let signed = if options.key.is_empty() {
        None
    } else {
        Some(pack.trust(&options.key).map_err(|error| of_file(&options.file, &error))?)
    };
    let findings = pack::verify(&pack);
    let entries = pack.manifest().entries.len();
    if options.json {
        print_json(&serde_json::json!({ "entries": entries, "signed": signed.is_some(), "findings": findings }))?;
    } else {
        findings.iter().try_for_each(|finding| print(&in_line(&format!("{}: {}", finding.entry, finding.why))))?;
    }
    if !findings.is_empty() {
        let wrong = findings.len();
        return Err(Failure::work(format!("{wrong} findings in `{}`; build it again", options.file.display())));
    }
    let by = if signed.is_some() { ", signed by a key that was named" } else { "" };
    if options.json { Ok(()) } else { print(&format!("{entries} entries hold{by}")) }
}

#[derive(Args)]
pub(super) struct Diff {
    /// The first pack
    #[arg(value_name = "FILE.wgpack")]
    one: PathBuf,
    /// The other
    #[arg(value_name = "OTHER.wgpack")]
    other: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn diff(options: &Diff) -> Result<(), Failure> {
    let changes = pack::diff(&open(&options.one)?, &open(&options.other)?);
    if options.json {
        return print_json(&changes);
    }
    if changes.is_empty() {
        return print("the same programs with the same times");
    }
    let mut table = Table::new(&["workload", "device", "", "before", "after", "times as fast"]).left(3);
    changes.iter().for_each(|change| table.row(row(change).map(|cell| in_line(&cell))));
    print(table.to_string().trim_end())
}

fn row(change: &Change) -> [String; 6] {
    let said = |found: &Option<(String, Option<f64>)>| match found {
        Some((template, Some(ns))) => format!("{template} {}", time(*ns)),
        Some((template, None)) => template.clone(),
        None => "–".to_owned(),
    };
    let ns = |found: &Option<(String, Option<f64>)>| found.as_ref().and_then(|(_, ns)| *ns);
    let ratio = ns(&change.before).zip(ns(&change.after)).map(|(before, after)| format!("{:.2}", before / after));
    let Change { device, workload, mode, before, after } = change;
    [workload.clone(), device.clone(), mode.clone(), said(before), said(after), ratio.unwrap_or_default()]
}
