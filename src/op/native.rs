//! What native templates share: their programs, the choices that every processor has, the naive routine, libraries.

use crate::base::{DeviceFacts, ElementType, Language, Processor, sums_fit, vector_registers};
use crate::code::Program;
use crate::code::routine::{Call, NATIVE, Routine};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

/// Changes when our native kernels do: what was measured with others is not taken for theirs.
pub const VERSION: &str = "3";

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

/// Vector registers of a width in lanes.
pub fn registers(lanes: i64) -> i64 {
    vector_registers(lanes as usize) as i64
}

/// Whether a tile's sums fit into registers; [`sums_fit`] for the numbers of a space.
pub fn fits(rows: i64, vectors: i64, registers: i64) -> bool {
    sums_fit(rows as usize, vectors as usize, registers as usize)
}

/// The largest value of a parameter.
pub fn largest(space: &Space, name: &str) -> i64 {
    let param = space.params().iter().find(|param| param.name == name);
    let values = param.into_iter().flat_map(|param| &param.values);
    values.filter_map(|value| value.as_int()).max().unwrap_or(1)
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

/// The plainest routine of an operator, on all threads, chains on one: what tuned ones are measured against.
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

/// A routine of a library, whose only choice is the number of threads.
pub struct Library {
    /// `operator/name`.
    pub name: &'static str,
    pub about: &'static str,
    pub library: &'static str,
    pub version: &'static str,
    pub routine: &'static str,
}

/// The versions of libraries, as `Cargo.lock` has them.
pub const GEMM_VERSION: &str = "0.19.0";
pub const FAER_VERSION: &str = "0.24.4";
pub const MATRIXMULTIPLY_VERSION: &str = "0.3.11";

impl Template for Library {
    fn name(&self) -> &str {
        self.name
    }

    fn about(&self) -> &str {
        self.about
    }

    fn language(&self) -> Language {
        Language::Native
    }

    /// Halves would have to be widened first, and nobody calls a library for that.
    fn applies(&self, signature: &Signature) -> bool {
        signature.workload.types.input == ElementType::F32 && signature.operator.call(signature).is_some()
    }

    fn space(&self, _: &Signature, device: &DeviceFacts) -> Space {
        let space = Space::builder().param("threads", "threads that share the work", threads(device));
        space.build().expect("one parameter cannot contradict another")
    }

    fn default(&self, _: &Signature, space: &Space) -> Option<Config> {
        space.iter().last()
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        Ok(routine(self.library, self.version, self.routine, signature, config))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_that_are_linked() {
        let lock = include_str!("../../Cargo.lock");
        let libraries = [("gemm", GEMM_VERSION), ("faer", FAER_VERSION), ("matrixmultiply", MATRIXMULTIPLY_VERSION)];
        for (library, version) in libraries {
            assert!(lock.contains(&format!("name = \"{library}\"\nversion = \"{version}\"")), "{library} {version}");
        }
    }

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
