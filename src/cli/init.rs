//! What searches begin with, as options that several commands share.

use clap::Args;

use super::error::Failure;
use super::whole;
use crate::record::Stage;
use crate::search::Init;

/// What a search begins with.
#[derive(Args)]
pub(super) struct InitArgs {
    /// What the search begins with: `validity` asks beforehand which configs are valid, beside valid ones above all, and
    /// measures first what is valid and lies apart
    #[arg(long, default_value_t, value_name = "START")]
    pub init: Init,
    /// Configs that `--init validity` asks about, 1000 in the paper that it comes from [default: until enough are valid]
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true, value_parser = whole(1, 1_000_000))]
    labels: Option<u64>,
}

impl InitArgs {
    /// How many configs are asked about, where that is said.
    pub fn labels(&self) -> Result<Option<usize>, Failure> {
        match self.labels {
            Some(_) if self.init != Init::Validity => Err(Failure::input(
                "--labels is for a search that asks beforehand; add --init validity, or leave it out",
            )),
            labels => Ok(labels.map(|labels| labels as usize)),
        }
    }
}

/// Reads the name of a stage.
pub(super) fn stage(text: &str) -> Result<Stage, String> {
    let names = || Stage::ALL.map(Stage::name).join(", ");
    Stage::ALL.into_iter().find(|stage| stage.name() == text).ok_or_else(|| format!("stages are {}", names()))
}
