//! The only place with unsafe code: programs that run without the checks that WebGPU asks for.
#![allow(unsafe_code, reason = "checks are left out nowhere else, and only where a caller vouches for the kernels")]

use wgpu::{Device, ShaderModule, ShaderModuleDescriptor, ShaderRuntimeChecks};

use super::{Error, Loader, Prepared};
use crate::{Mode, VerifiedProgram};

/// Whether checks are compiled in; only an unsafe call says that they are not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checks(Mode);

impl Checks {
    /// As WebGPU asks for them.
    pub const ON: Self = Self(Mode::Checked);

    /// The mode whose evidence counts.
    pub fn mode(self) -> Mode {
        self.0
    }

    /// A module of a text, which wgpu validates in any case.
    pub fn module(self, device: &Device, text: ShaderModuleDescriptor<'_>) -> ShaderModule {
        match self.0 {
            Mode::Checked => device.create_shader_module(text),
            // SAFETY: whoever made this by an unsafe call has vouched for the text.
            Mode::Unchecked => unsafe { device.create_shader_module_trusted(text, ShaderRuntimeChecks::unchecked()) },
        }
    }
}

/// Makes what runs of a program from a pack.
pub trait Prepare {
    /// Makes pipelines and buffers, with all run-time checks. It takes as long as the driver compiles: milliseconds, or
    /// seconds for the largest kernels.
    ///
    /// Errors where naga, wgpu or the driver refuses a kernel, or the device has no memory left.
    fn prepare(&self, device: &Device) -> Result<Prepared, Error>;

    /// Makes pipelines and buffers, with the run-time checks left out: indices, loops and divisors are not looked after,
    /// and workgroup memory is not zeroed.
    ///
    /// Errors as [`Prepare::prepare`] does.
    ///
    /// # Safety
    /// Its kernels must access no element outside of their buffers and arrays, run no endless loop, divide by no zero, and
    /// read nothing of workgroup memory that they have not written: whatever the buffers contain. A pack whose signature you
    /// trust, from a tuner that checks its kernels, is a reason to believe so.
    unsafe fn prepare_unchecked(&self, device: &Device) -> Result<Prepared, Error>;
}

impl Prepare for VerifiedProgram {
    fn prepare(&self, device: &Device) -> Result<Prepared, Error> {
        Prepared::new(self, device, Checks::ON)
    }

    unsafe fn prepare_unchecked(&self, device: &Device) -> Result<Prepared, Error> {
        Prepared::new(self, device, Checks(Mode::Unchecked))
    }
}

impl Loader {
    /// The same, with the run-time checks of all programs left out. Only evidence without checks counts then.
    ///
    /// # Safety
    /// All programs of the pack must be such that [`Prepare::prepare_unchecked`] may be called.
    pub unsafe fn unchecked(self) -> Self {
        self.with(Checks(Mode::Unchecked))
    }
}
