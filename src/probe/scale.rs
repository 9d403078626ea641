//! How much probing kernels in WGSL do: enough to fill a device, and over long before a watchdog barks.

use crate::backend::GUARD_BYTES;
use crate::base::{DeviceFacts, DeviceKind};

/// How much is done on one device.
pub(super) struct Scale {
    /// Invocations that compute; a power of two.
    pub invocations: u64,
    /// Bytes of the buffer that is larger than caches; a power of two.
    pub bytes: u64,
    /// Rows and columns of a matrix; a multiple of 16.
    pub matrix: u64,
}

impl Scale {
    /// By the kind of a device, and what it can bind.
    pub fn of(facts: &DeviceFacts) -> Self {
        let (invocations, bytes, matrix) = match facts.identity.kind {
            // A million invocations are a few waves of the largest, and few have caches of more than 96 MiB.
            DeviceKind::DiscreteGpu => (1 << 20, 256 << 20, 1024),
            DeviceKind::IntegratedGpu | DeviceKind::VirtualGpu | DeviceKind::Other => (1 << 18, 128 << 20, 512),
            // A processor is asked by routines, with sizes of their own, and a simulation not at all.
            DeviceKind::Cpu | DeviceKind::Processor | DeviceKind::Accelerator => (1 << 12, 64 << 20, 128),
        };
        let bound = facts.limits.storage_binding_bytes.min(facts.limits.buffer_bytes);
        let room = bound.saturating_sub(GUARD_BYTES).max(1 << 20);
        Self { invocations, bytes: bytes.min(1 << room.ilog2()), matrix }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_fit_what_a_device_binds() {
        let mut facts = DeviceFacts::portable();
        let mut bytes = |kind, most| {
            facts.identity.kind = kind;
            (facts.limits.storage_binding_bytes, facts.limits.buffer_bytes) = (most, u64::MAX);
            Scale::of(&facts).bytes
        };
        assert_eq!(bytes(DeviceKind::DiscreteGpu, u64::MAX), 256 << 20);
        assert_eq!(bytes(DeviceKind::DiscreteGpu, 128 << 20), 64 << 20, "the guard zone takes its room");
        assert_eq!(bytes(DeviceKind::IntegratedGpu, (128 << 20) + 256), 128 << 20);
        assert_eq!(bytes(DeviceKind::Cpu, u64::MAX), 64 << 20);
    }
}
