//! `wgtune schema`: the JSON Schema of kernel files.

use clap::Args;

use super::error::Failure;
use super::print;
use crate::custom::schema;

#[derive(Args)]
#[command(after_help = "\
Example: wgtune schema > kernel-file.schema.json

Editors that know JSON Schema then complete and check a kernel file whose first line is
#:schema kernel-file.schema.json")]
pub(super) struct Options {}

pub(super) fn run(_: &Options) -> Result<(), Failure> {
    print(&format!("{:#}", schema()))
}
