//! Which device is meant, and opening it by whichever backend has it.

use serde::{Deserialize, Serialize};

use super::cpu::{CpuBackend, Unreadable};
use super::cuda::CudaMachine;
use super::vta::{NoVta, VTA, VtaBackend};
use super::wgpu::WgpuMachine;
use super::{Backend, Beside, Executor, Machine};
use crate::base::{DeviceIdentity, DeviceKind};

/// What the host's processor is called by.
pub(super) const PROCESSOR: &str = "cpu";

/// Which device a user asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceChoice {
    /// The first discrete, else the first integrated, else the first virtual GPU, else the host's processor; never software.
    Automatic,
    /// The host's processor, which runs native routines.
    Processor,
    /// A simulated VTA: the profile of its memory, and its hardware behind a colon; either may be missing.
    Vta(String),
    /// The first adapter that runs on the CPU.
    Software,
    /// The number that `wgtune devices` gives.
    Index(usize),
    /// Part of an adapter's name, any case.
    Name(String),
    /// Just this one.
    Identity(DeviceIdentity),
}

/// Why there is no device.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum DeviceError {
    #[error(
        "no Vulkan, Metal or DX12 adapter was found; install a driver (on Debian without a GPU: \
         `apt-get install mesa-vulkan-drivers`)"
    )]
    None,
    #[error("there is no hardware GPU here; type `--device software` to use {0}, which runs on the CPU")]
    OnlySoftware(String),
    #[error("there is no hardware GPU here; name one of these by --device: {known}")]
    NoHardware { known: String },
    #[error("no software adapter was found; install one (on Debian: `apt-get install mesa-vulkan-drivers`)")]
    NoSoftware,
    #[error("there is no device {index}; `wgtune devices` lists {count}, numbered from 0")]
    NoIndex { index: usize, count: usize },
    #[error("no device's name contains `{name}`; there are: {known}")]
    NoName { name: String, known: String },
    #[error("`{name}` could mean several devices: {matches}; give more of the name, or the number")]
    Ambiguous { name: String, matches: String },
    #[error("the device `{name}` is no longer there")]
    Gone { name: String },
    #[error("the device `{name}` could not be opened: {why}")]
    Open { name: String, why: String },
    #[error(transparent)]
    HeldBack(#[from] Unreadable),
    #[error(transparent)]
    NoVta(#[from] NoVta),
}

impl DeviceChoice {
    /// Reads what `--device` was given.
    pub fn parse(text: &str) -> Self {
        match text {
            "" | "auto" => Self::Automatic,
            "software" => Self::Software,
            PROCESSOR => Self::Processor,
            VTA => Self::Vta(String::new()),
            text if text.starts_with("vta:") => Self::Vta(text[VTA.len() + 1..].to_owned()),
            text => text.parse().map_or_else(|_| Self::Name(text.to_owned()), Self::Index),
        }
    }
}

/// Opens a device in this process. Where no GPU is found that may be taken by itself, that is the processor.
///
/// # Errors
/// When there is no such device, or it cannot be opened.
pub fn open(choice: &DeviceChoice) -> Result<Box<dyn Backend>, DeviceError> {
    let found = match choice {
        DeviceChoice::Processor => return processor(),
        DeviceChoice::Vta(name) => return Ok(Box::new(VtaBackend::open(name)?)),
        DeviceChoice::Identity(identity) if identity.kind == DeviceKind::Accelerator => {
            return Ok(Box::new(VtaBackend::same(identity)?));
        }
        DeviceChoice::Identity(identity) if identity.kind == DeviceKind::Processor => return same_processor(identity),
        choice => WgpuMachine::open(choice),
    };
    match (found, choice) {
        (Ok(machine), _) => Ok(Box::new(with_libraries(machine))),
        (Err(error), DeviceChoice::Automatic) if error.is_for_want_of_a_gpu() => processor(),
        (Err(error @ (DeviceError::None | DeviceError::NoName { .. })), DeviceChoice::Name(name)) => {
            processor_named(name)?.ok_or(error)
        }
        (Err(error), _) => Err(error),
    }
}

/// Beside a GPU's kernels what there is of its vendor's libraries, which are opened when they are first asked for.
fn with_libraries(machine: WgpuMachine) -> Executor<Beside<WgpuMachine, CudaMachine>> {
    Executor::new(Beside::new(machine, |host| CudaMachine::open(host.facts(), host.bus())))
}

fn processor() -> Result<Box<dyn Backend>, DeviceError> {
    Ok(Box::new(CpuBackend::open()?))
}

/// The processor, if it is the one that was opened before, held back as it was.
fn same_processor(identity: &DeviceIdentity) -> Result<Box<dyn Backend>, DeviceError> {
    let backend = processor()?;
    if backend.facts().identity == *identity {
        return Ok(backend);
    }
    Err(DeviceError::Gone { name: identity.adapter.clone() })
}

/// The processor, if this is a part of its name.
fn processor_named(name: &str) -> Result<Option<Box<dyn Backend>>, DeviceError> {
    let backend = processor()?;
    let is_it = backend.facts().identity.adapter.to_lowercase().contains(&name.to_lowercase());
    Ok(is_it.then_some(backend))
}

impl DeviceError {
    /// Whether there are adapters, if any, but none to be taken by itself.
    fn is_for_want_of_a_gpu(&self) -> bool {
        matches!(self, Self::None | Self::OnlySoftware(_) | Self::NoHardware { .. })
    }
}
