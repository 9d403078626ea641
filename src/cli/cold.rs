//! What is measured with cold caches, and how large those are thought to be.

use clap::Args;

use super::whole;
use crate::base::{DeviceFacts, DeviceKind};
use crate::record::{CacheState, Mode};

/// Whether caches are cold.
#[derive(Args)]
pub(super) struct ColdArgs {
    /// Cycle through copies of the inputs, so that no run finds them in the last-level cache
    #[arg(long)]
    cold: bool,
    /// The last-level cache's size in bytes, for --cold [default: the host's on software devices, else 128 MiB]
    #[arg(long, value_name = "BYTES", requires = "cold", value_parser = whole(1, 1 << 40))]
    cache_bytes: Option<u64>,
}

/// Larger than the last-level cache of nearly every GPU.
const OF_A_GPU: u64 = 128 << 20;

/// Where a host does not tell.
const OF_A_HOST: u64 = 64 << 20;

/// Copies hold so many times the cache: replacement is nowhere strictly the oldest first.
const TIMES: u64 = 2;

impl ColdArgs {
    /// How many bytes of inputs to cycle through, if caches are to be cold.
    pub fn bytes(&self, facts: &DeviceFacts) -> Option<u64> {
        self.cold.then(|| TIMES * self.cache_bytes.unwrap_or_else(|| last_level_cache(facts)))
    }
}

/// A mode with warm caches or cold ones.
pub(super) fn with_cache(mode: Mode, is_cold: bool) -> Mode {
    if is_cold { mode.with_cache(CacheState::Cold) } else { mode }
}

/// WebGPU does not tell: the host's where kernels run on it, and else more than most GPUs have.
fn last_level_cache(facts: &DeviceFacts) -> u64 {
    match facts.identity.kind {
        DeviceKind::Cpu | DeviceKind::Processor => host_cache().unwrap_or(OF_A_HOST),
        _ => OF_A_GPU,
    }
}

/// As Linux tells it, such as `32768K`.
fn host_cache() -> Option<u64> {
    let text = std::fs::read_to_string("/sys/devices/system/cpu/cpu0/cache/index3/size").ok()?;
    text.trim().strip_suffix('K')?.parse::<u64>().ok().map(|kib| kib << 10)
}
