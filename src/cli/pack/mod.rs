//! `wgtune pack`: packs of tuned kernels made, looked at, checked, joined, compared, signed and exported.

mod build;
mod export;
mod look;
mod portfolio;
mod sign;

use std::path::Path;

use clap::{Args, Subcommand};
use wgtune_pack::{Mode, Pack, PublicKey, SecretKey};

use super::error::Failure;

#[derive(Args)]
#[command(after_help = "\
Examples: wgtune pack build --from trials.db --workloads resnet18 -o resnet18.wgpack
          wgtune pack show resnet18.wgpack
          wgtune pack verify resnet18.wgpack

A pack has the winners of a store with their evidence, for programs that load them by the crate wgtune-pack.
docs/pack-format.md describes the file.")]
pub(super) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a pack of the winners that a store has of some workloads
    Build(build::Options),
    /// Show what is in a pack
    Show(look::Show),
    /// Check hashes, the signature, the texts, the predicates and the evidence of a pack
    Verify(look::Verify),
    /// Make one pack of several, such as those of several devices
    Merge(build::Merge),
    /// Show what differs between two packs
    Diff(look::Diff),
    /// Make a pair of keys to sign packs with
    Keygen(sign::Keygen),
    /// Sign a pack, in place of the signature that it may have
    Sign(sign::Sign),
    /// Say what portfolios would come to, over recordings of one kernel on several devices
    Portfolio(portfolio::Options),
    /// Write a pack as WGSL and JSON, as a table for C++, or as T4
    Export(export::Options),
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    match &options.command {
        Command::Build(options) => build::run(options),
        Command::Show(options) => look::show(options),
        Command::Verify(options) => look::verify(options),
        Command::Merge(options) => build::merge(options),
        Command::Diff(options) => look::diff(options),
        Command::Keygen(options) => sign::keygen(options),
        Command::Sign(options) => sign::sign(options),
        Command::Portfolio(options) => portfolio::run(options),
        Command::Export(options) => export::run(options),
    }
}

/// Opens a pack; a failure names its file.
fn open(path: &Path) -> Result<Pack, Failure> {
    Pack::open(read(path)?).map_err(|error| of_file(path, &error))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let refuse = |error| Failure::input(format!("`{}` cannot be read: {error}", path.display()));
    std::fs::read(path).map_err(refuse)
}

fn of_file(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::input(format!("`{}`: {error}", path.display()))
}

/// Writes a file whole or not at all: what is under its name is a pack at all times.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::work(format!("`{}` could not be written: {error}", path.display()));
    let part = path.with_added_extension("part");
    std::fs::write(&part, bytes).map_err(failed)?;
    std::fs::rename(&part, path).map_err(failed)
}

/// What the name of a public key's file ends with.
const PUBLIC: &str = "pub";

/// The secret key in a file.
fn secret(path: &Path) -> Result<SecretKey, Failure> {
    // Both are so many digits: what was signed by the other one, nobody could verify.
    if path.extension().is_some_and(|ending| ending == PUBLIC) {
        return Err(of_file(path, &"this is a public key by its name; sign with the secret one"));
    }
    let text = String::from_utf8(read(path)?).unwrap_or_default();
    text.trim().parse().map_err(|error| of_file(path, &error))
}

/// A public key, or the file that has it.
fn public(text: &str) -> Result<PublicKey, String> {
    let in_file = || std::fs::read_to_string(text).ok()?.trim().parse().ok();
    let key = text.parse().ok().or_else(in_file);
    key.ok_or_else(|| format!("`{text}` is neither a public key of 64 hexadecimal digits nor a file with one"))
}

/// Reads the name of a mode.
fn mode(text: &str) -> Result<Mode, String> {
    let known = [Mode::Checked, Mode::Unchecked];
    known.into_iter().find(|mode| mode.name() == text).ok_or_else(|| "modes are checked, unchecked".to_owned())
}
