//! Copying from one place of a GPU's memory to another: the yardstick of what moves bytes and computes little.

use cudarc::driver::sys;

use super::device::Device;
use super::memory::Memory;
use super::plan::{Buffers, Plan};
use super::status::call;

/// A copy of so many bytes, each read once and written once.
pub(super) struct Copy {
    from: Memory,
    to: Memory,
}

impl Copy {
    /// One that reads and writes so many bytes in all; what is copied is the largest input, again and again.
    ///
    /// # Errors
    /// Where there is no memory for it, or what arrives is not what was sent.
    pub fn plan(device: &Device, buffers: Buffers, moved: u64) -> Result<Self, String> {
        let input = buffers.largest_input().ok_or("there is nothing to copy")?;
        let bytes = usize::try_from(moved.div_ceil(2)).map_err(|error| error.to_string())?;
        let copy = Self { from: Memory::new(bytes)?, to: Memory::new(bytes)? };
        for start in (0..copy.from.bytes).step_by(input.bytes) {
            let part = input.bytes.min(copy.from.bytes - start);
            call!(sys::cuMemcpyDtoDAsync_v2(copy.from.at + start as u64, input.at, part, device.stream))?;
        }
        copy.enqueue(device, buffers)?;
        if copy.from.read(device)? != copy.to.read(device)? {
            return Err("what was copied is not what has arrived".to_owned());
        }
        Ok(copy)
    }
}

impl Plan for Copy {
    fn enqueue(&self, device: &Device, _buffers: Buffers) -> Result<(), String> {
        self.to.copy(device, &self.from)
    }

    fn told(&self) -> Option<String> {
        Some(format!("{} bytes read and as many written", self.from.bytes))
    }
}
