//! What native templates share: their programs, the choices that every processor has, the naive routine, libraries.

use crate::base::{DeviceFacts, Language, Processor};
use crate::code::Program;
use crate::code::routine::{Call, NATIVE, Routine};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

/// Changes when our native kernels do: what was measured with others is not taken for theirs.
pub const VERSION: &str = "1";

/// The processor of a device; of one without bounds, or one that is none, a boundless one.
pub fn processor(device: &DeviceFacts) -> Processor {
    device.processor.clone().unwrap_or_else(Processor::boundless)
}

/// The numbers of threads to choose from: powers of two, and all. Where nothing is known of a processor, any that one has.
pub fn threads(device: &DeviceFacts) -> Vec<i64> {
    let Some(processor) = &device.processor else { return (1..=MOST_THREADS).collect() };
    let most = i64::from(processor.threads);
    let mut threads: Vec<i64> =
        std::iter::successors(Some(1), |some| Some(2 * some)).take_while(|n| *n < most).collect();
    threads.push(most);
    threads
}

/// More than any processor has.
const MOST_THREADS: i64 = 1024;

/// The vector widths to choose from, in lanes of f32.
pub fn lanes(processor: &Processor) -> Vec<i64> {
    processor.lanes.iter().map(|lanes| i64::from(*lanes)).collect()
}

/// Vector registers of a width in lanes: 32 on AVX-512 and NEON, else 16.
pub fn registers(lanes: i64) -> i64 {
    if lanes == 4 || lanes == 16 { 32 } else { 16 }
}

/// What a workload computes; whoever asks applies to those that routines compute.
pub fn call(signature: &Signature) -> Call {
    signature.operator.call(signature).expect("native templates apply to what routines compute")
}

/// The program of one of our own routines, whose options are all parameters of a config.
pub fn program(name: &str, signature: &Signature, config: &Config) -> Program {
    routine(NATIVE, VERSION, name, signature, config)
}

/// The program of a library's routine.
pub fn routine(library: &str, version: &str, name: &str, signature: &Signature, config: &Config) -> Program {
    let options = config.values().into_iter().filter_map(|(name, value)| Some((name, value.as_int()?)));
    Program::routine(Routine {
        library: library.to_owned(),
        version: version.to_owned(),
        name: name.to_owned(),
        call: call(signature),
        options: options.collect(),
    })
}

/// The plainest routine of an operator, on all threads: what tuned ones are measured against.
pub struct Naive {
    /// `operator/native_naive`.
    pub name: &'static str,
}

impl Template for Naive {
    fn name(&self) -> &str {
        self.name
    }

    fn about(&self) -> &str {
        "native: plain loops, the baseline on processors"
    }

    fn language(&self) -> Language {
        Language::Native
    }

    fn applies(&self, signature: &Signature) -> bool {
        signature.operator.call(signature).is_some()
    }

    fn space(&self, _: &Signature, _: &DeviceFacts) -> Space {
        Space::builder().build().expect("nothing cannot contradict itself")
    }

    fn default(&self, _: &Signature, space: &Space) -> Option<Config> {
        space.iter().next()
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        Ok(program("naive", signature, config))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_threads_are_among_the_choices() {
        let of = |threads| {
            let mut device = DeviceFacts::portable();
            device.processor = Some(Processor { threads, ..Processor::boundless() });
            super::threads(&device)
        };
        assert_eq!(of(1), [1]);
        assert_eq!(of(2), [1, 2]);
        assert_eq!(of(6), [1, 2, 4, 6]);
        assert!(super::threads(&DeviceFacts::boundless()).contains(&6));
    }
}
