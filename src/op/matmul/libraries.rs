//! Products of libraries, which are candidates like any other.

use crate::base::{DeviceFacts, ElementType, Language};
use crate::code::Program;
use crate::op::native::{self, threads};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

/// A library with one routine for all products.
pub struct Library {
    name: &'static str,
    about: &'static str,
    library: &'static str,
    /// As `Cargo.lock` has it.
    version: &'static str,
    routine: &'static str,
}

pub const GEMM: Library = Library {
    name: "matmul/gemm",
    about: "native: the crate gemm, then the epilogue",
    library: "gemm",
    version: "0.19.0",
    routine: "gemm",
};

pub const MATRIXMULTIPLY: Library = Library {
    name: "matmul/matrixmultiply",
    about: "native: the crate matrixmultiply, rows dealt to threads, then the epilogue",
    library: "matrixmultiply",
    version: "0.3.11",
    routine: "sgemm",
};

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

    fn applies(&self, signature: &Signature) -> bool {
        signature.workload.types.input == ElementType::F32
    }

    fn space(&self, _: &Signature, device: &DeviceFacts) -> Space {
        let space = Space::builder().param("threads", "threads that share the work", threads(device));
        space.build().expect("one parameter cannot contradict another")
    }

    fn default(&self, _: &Signature, space: &Space) -> Option<Config> {
        space.iter().last()
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        Ok(native::routine(self.library, self.version, self.routine, signature, config))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_that_are_linked() {
        let lock = include_str!("../../../Cargo.lock");
        for Library { library, version, .. } in [GEMM, MATRIXMULTIPLY] {
            assert!(lock.contains(&format!("name = \"{library}\"\nversion = \"{version}\"")), "{library} {version}");
        }
    }
}
