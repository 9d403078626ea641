//! A made-up record for tests of what keeps, sends and receives them; each test changes what it is about.

use wgtune::base::DeviceFacts;
use wgtune::record::{Clock, Mode, Outcome, Phase, RECORD_FORMAT, Record};

/// A timed search trial whose number decides its time and its program.
pub fn record(trial: u64) -> Record {
    Record {
        format: RECORD_FORMAT,
        tool: "0.1.0".into(),
        workload: "matmul:f32:m64n64k64".into(),
        template: "matmul/tiled".into(),
        values: Default::default(),
        code_hash: format!("{trial:064x}"),
        device: DeviceFacts::portable().identity,
        mode: Mode::UNCHECKED,
        phase: Phase::Search,
        outcome: timed(1000.0 + trial as f64),
        prepare_ns: None,
        worst_error: None,
        strategy: "random".into(),
        seed: 7,
        trial,
        run: 1,
        at_ms: 1_790_000_000_000 + trial,
        pace: None,
        chosen: false,
    }
}

/// Three samples around a median.
pub fn timed(median: f64) -> Outcome {
    Outcome::Timed { samples_ns: vec![median + 1.0, median, median - 1.0], clock: Clock::Device }
}
