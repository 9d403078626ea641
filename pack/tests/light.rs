//! An application that loads packs takes on little: few packages, and none that build C.

use std::collections::BTreeSet;
use std::process::Command;

/// Packages that an application gets, this one included.
const MOST: usize = 20;

/// What the tuner needs and a loader must not.
const HEAVY: &[&str] = &["rusqlite", "libsqlite3-sys", "clap", "wgpu", "naga", "cc", "flate2", "sha2", "wgtune"];

#[test]
fn few_packages_come_along() {
    check(&packages("wgtune-pack", &[]));
}

/// Beside those that an application has that draws or computes with wgpu.
#[test]
fn few_packages_come_along_to_a_gpu() {
    let (all, theirs) = (packages("wgtune-pack", &["--features", "wgpu"]), packages("wgpu", &[]));
    assert!(all.iter().any(|package| package.starts_with("wgpu ")), "{all:#?}");
    check(&all.difference(&theirs).cloned().collect());
}

fn check(packages: &BTreeSet<String>) {
    let heavy = |package: &&String| HEAVY.contains(&package.split_whitespace().next().unwrap_or_default());
    assert_eq!(packages.iter().filter(heavy).collect::<Vec<_>>(), Vec::<&String>::new());
    assert!(packages.len() <= MOST, "{} packages:\n{packages:#?}", packages.len());
    println!("{} packages", packages.len());
}

/// A package and all that it brings, by name and version.
fn packages(package: &str, features: &[&str]) -> BTreeSet<String> {
    let options = "--edges normal,build --prefix none --offline --locked".split(' ');
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--package", package]).args(options).args(features);
    let tree = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    String::from_utf8(tree.stdout).unwrap().lines().map(name_and_version).collect()
}

/// What tells packages apart: not the marks that a tree puts behind one that it has shown before.
fn name_and_version(line: &str) -> String {
    line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}
