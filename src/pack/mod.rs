//! Packs made from a store: the winners of each device with their evidence, and a few programs for devices that nobody has
//! measured on. The file and its reader are `wgtune-pack`, a package of its own.

mod admits;
mod build;
mod compare;
mod convert;
mod export;
mod gather;
mod operation;
mod portfolio;
mod recorded;
mod self_test;
mod verify;

use crate::store::StoreError;

pub use build::{Built, DeviceShare, Left, Settings, build};
pub use compare::{Change, diff, merge};
pub use convert::device;
pub use export::{header, raw, t4};
pub use portfolio::{Cover, Times, cover, share_of};
pub use recorded::{OnDevice, OverRecordings, over_recordings};
pub use verify::{Finding, verify};

/// Why a pack cannot be made or used.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum PackError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Pack(#[from] wgtune_pack::Error),
    #[error("`{workload}`: an extent of `{tensor}` follows from none of its sizes, so that no pack can hold it")]
    Extent { workload: String, tensor: String },
    #[error("the store has no timed winner in WGSL of {0}; tune first, on a GPU or with `--device software`")]
    Nothing(String),
    #[error("entry {entry}: {why}")]
    Entry { entry: String, why: String },
}
