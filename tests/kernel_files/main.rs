//! Kernel files with one mistake each: what `wgtune check` says of it, kept as goldens.

#[path = "../common/golden.rs"]
mod golden;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use golden::{Goldens, Texts};
use table::{MISTAKES, Mistake};

const GOLDENS: Goldens = Goldens { folder: "tests/golden/kernel_files", others: &[], test: "kernel_files" };

/// A folder with the kernel file and its WGSL.
fn copy(folder: &Path) {
    for name in ["good.toml", "good.wgsl"] {
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kernel_files/good").join(name), folder.join(name))
            .unwrap();
    }
}

fn check(folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wgtune"));
    command.args(["check", "good.toml"]).current_dir(folder).env_remove("RUST_LOG").env_remove("COLUMNS");
    command.output().unwrap()
}

#[test]
fn the_file_without_a_mistake_passes() {
    let folder = tempfile::tempdir().unwrap();
    copy(folder.path());
    let output = check(folder.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What is said of a file with this mistake.
fn said(mistake: &Mistake, failures: &mut Vec<String>) -> String {
    let folder = tempfile::tempdir().unwrap();
    copy(folder.path());
    let path = folder.path().join(mistake.file);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches(mistake.find).count(), 1, "{}: `{}` does not stand there once", mistake.name, mistake.find);
    fs::write(&path, text.replace(mistake.find, mistake.replace)).unwrap();
    let Output { status, stdout, stderr } = check(folder.path());
    let said = String::from_utf8(stderr).unwrap();
    let points = ["good.toml:", "good.wgsl:"].iter().any(|file| said.contains(file));
    let wrong = [
        (status.code() != Some(2), "the exit code is not 2"),
        (!stdout.is_empty(), "something is printed"),
        (!points, "no line of a file is shown"),
        (said.lines().filter(|line| line.starts_with("error: ")).count() != 1, "there is not one message"),
        (said.contains("panicked"), "it panicked"),
        (said.len() > 4000, "it says too much"),
    ];
    let name = mistake.name;
    failures.extend(wrong.iter().filter(|(is_so, _)| *is_so).map(|(_, what)| format!("{name}: {what}:\n{said}")));
    said
}

#[test]
fn each_mistake_has_its_message() {
    let mut failures = Vec::new();
    let text = |mistake: &Mistake| (PathBuf::from(mistake.name).with_extension("txt"), said(mistake, &mut failures));
    let texts: Texts = MISTAKES.iter().map(text).collect();
    assert_eq!(texts.len(), MISTAKES.len(), "two mistakes of one name");
    failures.extend(GOLDENS.blessed_or_differences(&texts));
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}
