//! What several tests share: a software device, or a reasoned skip where there is none.

use wgtune::backend::wgpu::{DeviceChoice, WgpuBackend};

/// A test that cannot run here; the reason has been printed.
pub struct Skip;

/// Set by continuous integration, which installs a software device: then a missing one is a failure, not a skip.
const REQUIRE: &str = "WGTUNE_REQUIRE_DEVICE";

/// The software Vulkan device.
pub fn software_device() -> Result<WgpuBackend, Skip> {
    match WgpuBackend::open(&DeviceChoice::Software) {
        Ok(backend) => Ok(backend),
        Err(error) if std::env::var_os(REQUIRE).is_some() => panic!("{REQUIRE} is set, but {error}"),
        Err(error) => {
            eprintln!("SKIPPED: {error}");
            Err(Skip)
        }
    }
}
