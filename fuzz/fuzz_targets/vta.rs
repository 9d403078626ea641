//! Any bytes as hardware, a stream for it and what lies in DRAM.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wgtune::backend::vta::{Dram, Engine};

#[path = "../stream.rs"]
mod stream;

/// Where DRAM begins, and how much there is.
const DRAM_BASE: u64 = 0x1000;
const DRAM_BYTES: usize = 1 << 14;

fuzz_target!(|input: &[u8]| {
    let [choice, count, rest @ ..] = input else { return };
    let machines = stream::machines();
    let hardware = &machines[usize::from(*choice) % machines.len()];
    let mut order = Engine::ALL;
    order.rotate_left(usize::from(choice / 4) % 3);
    let (stream, data) = rest.split_at(rest.len().min(16 * usize::from(*count)));
    let bytes = data.iter().copied().chain(std::iter::repeat(0)).take(DRAM_BYTES).collect();
    stream::survive(hardware, stream, &Dram { base: DRAM_BASE, bytes }, order);
});
