//! `wgtune convert`: kernel files from T1 descriptions, and back.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::error::Failure;
use super::{note, print};
use crate::custom::{CustomKernel, Problem, read_t1, read_text, write_t1};

#[derive(Args)]
#[command(after_help = "\
Examples: wgtune convert convolution.t1.json convolution.toml
          wgtune convert convolution.toml convolution.t1.json

T1 is the description of kernels and spaces that Kernel Tuner, KTT and others share.")]
pub(super) struct Options {
    /// A T1 description (.json) or a kernel file (.toml)
    #[arg(value_name = "FROM")]
    from: PathBuf,
    /// What to write: the other of the two
    #[arg(value_name = "TO")]
    to: PathBuf,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let (from, to) = (&options.from, &options.to);
    let (text, remarks) = match (ending(from), ending(to)) {
        ("json", "toml") => {
            let text = read_text(from).map_err(Failure::input)?;
            let imported = read_t1(&text).map_err(|problem| of_file(from, &problem))?;
            (imported.toml, imported.remarks)
        }
        ("toml", "json") => {
            let exported =
                write_t1(&CustomKernel::load(from)?, &wgsl(from)).map_err(|problem| of_file(from, &problem))?;
            (exported.json + "\n", exported.remarks)
        }
        _ => {
            let message =
                "one file must be a T1 description that ends in .json, the other a kernel file that ends in .toml";
            return Err(Failure::input(message));
        }
    };
    let written = File::create_new(to).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        Failure::input(format!("`{}` cannot be written: {error}; name another file, or move it away", to.display()))
    })?;
    remarks.iter().for_each(|remark| note(remark));
    print(&format!("wrote {}", to.display()))
}

fn ending(path: &Path) -> &str {
    path.extension().and_then(|ending| ending.to_str()).unwrap_or_default()
}

/// The WGSL that a T1 description names for a kernel file: beside it, under its name.
fn wgsl(path: &Path) -> String {
    let file = path.with_extension("wgsl");
    file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn of_file(path: &Path, problem: &Problem) -> Failure {
    Failure::input(format!("`{}`: {}", path.display(), problem.message()))
}
