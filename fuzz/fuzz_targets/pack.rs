//! Any bytes as a pack: opened, chosen from, and looked into.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wgtune_pack::{Capability, Device, DeviceKind};

#[path = "../../pack/tests/common/survive.rs"]
mod survive;

fuzz_target!(|input: &[u8]| {
    survive::survive(input, &[Device::unknown(), known()]);
});

/// The device that the packs of the corpus have entries for.
fn known() -> Device {
    Device {
        adapter: "NVIDIA H100 80GB HBM3".to_owned(),
        vendor: 0x10de,
        device: 0x2330,
        driver: "NVIDIA".to_owned(),
        driver_info: "570.86.15".to_owned(),
        api: "vulkan".to_owned(),
        compiler: "naga 30.0.1".to_owned(),
        kind: DeviceKind::DiscreteGpu,
        capability: Capability { f16: true, subgroup_size: Some([32, 32]), ..Capability::portable() },
        ..Device::unknown()
    }
}
