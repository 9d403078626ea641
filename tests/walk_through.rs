//! The walk-through of the documents, typed as it stands: its commands are run, its edits made, its outputs compared.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{note_skip, software_device};

const PAGE: &str = include_str!("../docs/your-own-kernel.md");

/// A fenced block of the page.
struct Block<'a> {
    language: &'a str,
    text: &'a str,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let fenced = page.split("```").skip(1).step_by(2);
    let block = |fenced| {
        let (language, text) = str::split_once(fenced, '\n').expect("a block has lines");
        Block { language, text }
    };
    fenced.map(block).collect()
}

#[test]
fn the_walk_through_is_as_it_is_told() {
    if cfg!(windows) {
        return note_skip("its commands are for a shell that Windows does not have");
    }
    if software_device().is_err() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let blocks = blocks(PAGE);
    for (number, Block { language, text }) in blocks.iter().enumerate() {
        match *language {
            "sh" => match blocks.get(number + 1) {
                Some(Block { language: "text", text: told }) => type_in(folder.path(), text, told),
                _ => type_in(folder.path(), text, "…"),
            },
            "diff" => edit(folder.path(), text),
            "toml" | "wgsl" => is_part(folder.path(), language, text),
            "text" => {}
            other => panic!("nothing is known of blocks of `{other}`"),
        }
    }
    let of = |language: &str| blocks.iter().filter(|block| block.language == language).count();
    assert!(of("sh") >= 8 && of("text") >= 8 && of("diff") >= 3, "the page has lost its blocks");
}

/// Runs a block and compares what it prints; where an error is told, it must fail.
fn type_in(folder: &Path, commands: &str, told: &str) {
    let program = Path::new(env!("CARGO_BIN_EXE_wgtune"));
    let others = std::env::var_os("PATH").unwrap_or_default();
    let paths = [program.parent().unwrap().to_owned()].into_iter().chain(std::env::split_paths(&others));
    let mut shell = Command::new("sh");
    shell.args(["-ec", &format!("exec 2>&1\n{commands}")]).current_dir(folder);
    shell.env("PATH", std::env::join_paths(paths).unwrap()).env_remove("RUST_LOG").env_remove("COLUMNS");
    // The store is in the user's data folder.
    shell.env("HOME", folder).env("XDG_DATA_HOME", folder.join("data"));
    let output = shell.output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.success(), !told.starts_with("error"), "{commands}{printed}");
    let measures = ["tune", "show"].iter().any(|word| commands.contains(&format!("wgtune {word} ")));
    let lines = |text: &str| text.lines().filter_map(|line| plain(line, measures)).collect::<Vec<_>>();
    let (told, printed) = (lines(told), lines(&printed));
    if let Err(line) = follows(&told, &printed) {
        panic!("{commands}does not print `{line}` in its place, but:\n{}", printed.join("\n"));
    }
}

/// A line without what differs from machine to machine; none for what goes on meanwhile.
fn plain(line: &str, measures: bool) -> Option<String> {
    if ["WARNING: ", "wgtune: tuning ", "wgtune: racing "].iter().any(|start| line.starts_with(start)) {
        return None;
    }
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = without_digest(&line);
    if !measures {
        return Some(line);
    }
    // Which config wins, and on what, is not told by the page.
    for start in ["best: smooth/kernel", "smooth/kernel"] {
        if line.starts_with(start) {
            return Some(start.to_owned());
        }
    }
    let line = line.split_once(" on llvmpipe").map_or(line.clone(), |(before, _)| before.to_owned());
    let line = line.split_once(" on SwiftShader").map_or(line.clone(), |(before, _)| before.to_owned());
    Some(without_figures(&line))
}

/// Versions are named by a digest, which every change of a starter changes.
fn without_digest(line: &str) -> String {
    let Some((before, after)) = line.split_once("smooth@") else { return line.to_owned() };
    format!("{before}smooth@#{}", after.trim_start_matches(|c: char| c.is_ascii_hexdigit()))
}

/// Each number is `#`, without its unit of time.
fn without_figures(line: &str) -> String {
    let mut plain = String::new();
    for c in line.chars() {
        let is_figure = c.is_ascii_digit() || (c == '.' && plain.ends_with('#'));
        if !(is_figure && plain.ends_with('#')) {
            plain.push(if is_figure { '#' } else { c });
        }
    }
    [" ns", " µs", " ms", " s"].iter().fold(plain + " ", |plain, unit| {
        [",", "]", " "].iter().fold(plain, |plain, end| plain.replace(&format!("#{unit}{end}"), &format!("#{end}")))
    })
}

/// Whether lines follow one another as told; a told `…` stands for any number of lines, and within a line for any text.
/// The first line that is not there otherwise.
fn follows<'a>(told: &'a [String], printed: &[String]) -> Result<(), &'a str> {
    let mut at = 0;
    let mut skips = false;
    for line in told {
        if line.trim() == "…" {
            skips = true;
            continue;
        }
        let found = printed[at..].iter().position(|printed| is_like(line, printed));
        match found {
            Some(0) => at += 1,
            Some(ahead) if skips => at += ahead + 1,
            _ => return Err(line),
        }
        skips = false;
    }
    let is_whole = skips || printed[at..].iter().all(|line| line.trim().is_empty());
    if is_whole { Ok(()) } else { Err("the end") }
}

fn is_like(told: &str, printed: &str) -> bool {
    let parts: Vec<&str> = told.split('…').collect();
    let [first, middle @ .., last] = parts.as_slice() else { return told.trim() == printed.trim() };
    let Some(mut rest) = printed.strip_prefix(first.trim_end()) else { return false };
    for part in middle {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.trim().ends_with(last.trim())
}

/// Makes the change of a `diff` block: its lines with `-` and with no sign stand in the file once.
fn edit(folder: &Path, diff: &str) {
    let (name, lines) = diff.strip_prefix("--- ").and_then(|diff| diff.split_once('\n')).expect("a file is named");
    let of = |sign: char| {
        let kept = lines.lines().filter(|line| line.starts_with([' ', sign]));
        kept.map(|line| line[1..].to_owned() + "\n").collect::<String>()
    };
    let path = folder.join(name);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches(&of('-')).count(), 1, "this does not stand once in {name}:\n{}", of('-'));
    fs::write(path, text.replace(&of('-'), &of('+'))).unwrap();
}

/// What is shown of a file stands in it.
fn is_part(folder: &Path, ending: &str, text: &str) {
    let path: PathBuf = folder.join("smooth").with_extension(ending);
    assert!(fs::read_to_string(&path).unwrap().contains(text), "this does not stand in {}:\n{text}", path.display());
}

#[test]
fn what_differs_is_found() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let cases = [
        ("a\nb", "a\nb\n", true),
        ("a", "a\nb", false),
        ("a\n…", "a\nb", true),
        ("…\nb", "a\nc\nb", true),
        ("…\nb", "a\nc", false),
        ("b", "a\nb", false),
        ("a … c", "a b c", true),
        ("a … c", "a b d", false),
        ("x `…` y", "x `z` y", true),
    ];
    let wrong = cases.iter().filter(|(told, printed, is_so)| follows(&lines(told), &lines(printed)).is_ok() != *is_so);
    assert_eq!(wrong.collect::<Vec<_>>(), Vec::<&(&str, &str, bool)>::new());
    assert_eq!(without_figures("best 415 µs [409 µs, 1.42 ms] 12"), without_figures("best 4.1 ms [0.9 s, 42 ms] 7"));
    assert_ne!(without_figures("best 415 µs"), without_figures("default 415 µs"));
}
