//! Packs written for those who do not read packs.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use wgtune_pack::Mode;

use super::{mode, open, write};
use crate::cli::error::Failure;
use crate::cli::print;
use crate::interchange::{self, Format};
use crate::pack;

#[derive(Args)]
#[command(after_help = "\
Example: wgtune pack export app.wgpack --format raw --output app/")]
pub(super) struct Options {
    /// The pack
    #[arg(value_name = "FILE.wgpack")]
    file: PathBuf,
    /// raw: WGSL and JSON for each entry; cpp: a table to include; t4: results of winners and runners-up
    #[arg(long)]
    format: Kind,
    /// The folder to write into; of cpp the file
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
    /// Of which measurements, with run-time checks or without: checked or unchecked
    #[arg(long, default_value = "checked", value_parser = mode)]
    mode: Mode,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Raw,
    Cpp,
    T4,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let opened = open(&options.file)?;
    let output = &options.output;
    match options.format {
        Kind::Raw => {
            let files = pack::raw(&opened)?;
            folder(output)?;
            files.iter().try_for_each(|(name, text)| write(&output.join(name), text.as_bytes()))?;
            print(&format!("{} files in {}", files.len(), output.display()))
        }
        Kind::Cpp => {
            let text = pack::header(&opened, options.mode)?;
            write(output, text.as_bytes())?;
            let rows = text.lines().filter(|line| line.starts_with("WGTUNE_ENTRY")).count();
            print(&format!("{rows} rows in {}", output.display()))
        }
        Kind::T4 => {
            let recordings = pack::t4(&opened, options.mode)?;
            folder(output)?;
            for (name, recording) in &recordings {
                let mut bytes = Vec::new();
                let failed = |error| Failure::work(format!("entry {name} cannot be written as T4: {error}"));
                interchange::write(recording, Format::T4, &mut bytes).map_err(failed)?;
                write(&output.join(format!("{name}.t4.json")), &bytes)?;
            }
            print(&format!("{} files in {}", recordings.len(), output.display()))
        }
    }
}

fn folder(path: &Path) -> Result<(), Failure> {
    let failed = |error| Failure::work(format!("the folder `{}` could not be made: {error}", path.display()));
    std::fs::create_dir_all(path).map_err(failed)
}
