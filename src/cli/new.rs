//! `wgtune new`: a kernel file to begin with.

use std::io::ErrorKind;
use std::path::Path;

use clap::Args;

use super::error::Failure;
use super::print;
use crate::custom::{is_name, write_starter};

#[derive(Args)]
#[command(after_help = "Example: wgtune new smooth && wgtune tune smooth.toml --device software")]
pub(super) struct Options {
    /// What the kernel is called: lower-case letters, digits, `-` and `_`
    #[arg(value_name = "NAME")]
    name: String,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let name = &options.name;
    if !is_name(name) {
        return Err(Failure::input(format!(
            "`{name}` is no name for a kernel: use up to 64 lower-case letters, digits, `-` and `_`, with a letter first"
        )));
    }
    let written = write_starter(Path::new(""), name).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::input(format!(
            "`{name}.toml` or `{name}.wgsl` is here already; choose another name, or move it away"
        )),
        _ => Failure::work(format!("the files of `{name}` cannot be written here: {error}")),
    })?;
    let [toml, wgsl] = written.map(|path| path.display().to_string());
    print(&format!("wrote {toml} and {wgsl}; try `wgtune check {toml}`, then `wgtune tune {toml}`"))
}
