//! An application that loads packs takes on little: few packages, and none that build C.

use std::collections::BTreeSet;
use std::process::Command;

/// Packages that an application gets with the default features, this one included.
const MOST: usize = 40;

/// What the tuner needs and a loader must not.
const HEAVY: &[&str] = &["rusqlite", "libsqlite3-sys", "clap", "wgpu", "naga", "cc", "wgtune"];

#[test]
fn few_packages_come_along() {
    let options = "tree --package wgtune-pack --edges normal,build --prefix none --offline --locked";
    let mut cargo = Command::new(env!("CARGO"));
    let tree = cargo.args(options.split(' ')).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let text = String::from_utf8(tree.stdout).unwrap();
    let packages: BTreeSet<String> = text.lines().map(name_and_version).collect();
    let heavy = |package: &&String| HEAVY.contains(&package.split_whitespace().next().unwrap_or_default());
    assert_eq!(packages.iter().filter(heavy).collect::<Vec<_>>(), Vec::<&String>::new());
    assert!(packages.len() <= MOST, "{} packages:\n{packages:#?}", packages.len());
}

/// What tells packages apart: not the marks that a tree puts behind one that it has shown before.
fn name_and_version(line: &str) -> String {
    line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}
