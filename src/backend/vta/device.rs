//! VTA as a device: its facts, and how it is named on the command line.

use super::machine::VtaMachine;
use super::profile::{PROFILES, Profile};
use crate::backend::Executor;
use crate::base::{DeviceFacts, DeviceIdentity, DeviceKind, DeviceLimits};
use crate::code::vta::{Hardware, HardwareError};

/// The simulator in this process.
pub type VtaBackend = Executor<VtaMachine>;

/// What `--device` begins with.
pub const VTA: &str = "vta";

/// Changes when the simulator does: what was measured by another is not taken for its results.
const SIMULATOR: &str = "simulator 1";

/// What the adapter's name begins with; the hardware's follows.
const ADAPTER: &str = "VTA ";

/// Bytes of one tensor at most: simulating more takes too long.
const MOST_BYTES: u64 = 1 << 30;

/// A name that means no simulated accelerator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum NoVta {
    #[error("VTA has no memory profile `{name}`; there are: {}", profiles())]
    Profile { name: String },
    #[error(transparent)]
    Hardware(#[from] HardwareError),
}

fn profiles() -> String {
    PROFILES.iter().map(|profile| profile.name).collect::<Vec<_>>().join(", ")
}

impl VtaBackend {
    /// Opens the accelerator that is called by its memory's profile and its hardware, such as
    /// `tsim:1x16_i8w8a32_15_15_18_17`; either may be left out.
    ///
    /// # Errors
    /// When there is no such profile, or no such hardware.
    pub fn open(name: &str) -> Result<Self, NoVta> {
        let (profile, hardware) = name.split_once(':').unwrap_or((name, ""));
        let profile = match profile {
            "" => &PROFILES[0],
            profile => Profile::named(profile).ok_or_else(|| NoVta::Profile { name: profile.to_owned() })?,
        };
        let hardware = if hardware.is_empty() { Hardware::default() } else { hardware.parse::<Hardware>()? };
        Ok(Self::new(VtaMachine::new(facts(&hardware, profile), hardware, profile)))
    }

    /// Opens the one of an identity that [`VtaBackend::open`] gave before.
    ///
    /// # Errors
    /// As for [`VtaBackend::open`].
    pub fn same(identity: &DeviceIdentity) -> Result<Self, NoVta> {
        let hardware = identity.adapter.strip_prefix(ADAPTER).unwrap_or_default();
        Self::open(&format!("{}:{hardware}", identity.driver))
    }
}

/// The hardware of an accelerator, by its adapter's name.
pub fn hardware_of(adapter: &str) -> Option<Hardware> {
    adapter.strip_prefix(ADAPTER)?.parse().ok()
}

/// What the accelerator is, as everyone else sees devices.
pub fn facts(hardware: &Hardware, profile: &Profile) -> DeviceFacts {
    let Profile { name, latency, gap, beat_tenths, alu_interval, launch, .. } = *profile;
    let beat = beat_tenths as f64 / 10.0;
    let portable = DeviceFacts::portable();
    DeviceFacts {
        identity: DeviceIdentity {
            adapter: format!("{ADAPTER}{hardware}"),
            vendor: 0,
            device: 0,
            driver: name.to_owned(),
            driver_info: format!(
                "{SIMULATOR}, {latency} cycles to the first beat, {gap} between commands, {beat} for a beat, \
                 {alu_interval} for an element of the ALU, {launch} to launch"
            ),
            api: VTA.to_owned(),
            kind: DeviceKind::Accelerator,
            compiler: String::new(),
            host: None,
        },
        limits: DeviceLimits { storage_binding_bytes: MOST_BYTES, buffer_bytes: MOST_BYTES, ..portable.limits },
        features: portable.features,
        processor: None,
        accelerator: Some(hardware.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Backend;

    #[test]
    fn names_mean_accelerators_and_identities_lead_back() {
        let cases = [
            ("", "tsim", "1x16_i8w8a32_15_15_18_17"),
            ("pynq-z1", "pynq-z1", "1x16_i8w8a32_15_15_18_17"),
            (":2x8_i8w8a32_12_14_15_14", "tsim", "2x8_i8w8a32_12_14_15_14"),
            ("ideal:1x32_i8w8a32_15_16_20_18", "ideal", "1x32_i8w8a32_15_16_20_18"),
        ];
        for (name, profile, hardware) in cases {
            let opened = VtaBackend::open(name).unwrap_or_else(|error| panic!("{name}: {error}"));
            let identity = opened.facts().identity.clone();
            assert_eq!((identity.driver.as_str(), identity.adapter.as_str()), (profile, &*format!("VTA {hardware}")));
            assert_eq!(VtaBackend::same(&identity).unwrap().facts(), opened.facts());
        }
        let wrong = [
            ("fast", "no memory profile `fast`; there are: tsim"),
            ("tsim:1x16", "`1x16` names no hardware"),
            ("tsim:1x16_i4w4a32_15_15_18_17", "LOG_INP_WIDTH is 2"),
            ("tsim:3x16_i8w8a32_15_15_18_17", "names no hardware"),
        ];
        for (name, part) in wrong {
            let error = VtaBackend::open(name).map(drop).unwrap_err().to_string();
            assert!(error.contains(part), "{name}: {error}");
        }
    }
}
