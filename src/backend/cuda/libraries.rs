//! Which of the libraries are there, in a version that has what is called.
//!
//! `cudarc` loads a library at the first call of one of its functions, and panics where that fails. So nothing is called
//! before it was found here.

use cudarc::{cublas, cublaslt, cudnn, driver};

/// One of the libraries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Library {
    Driver,
    Blas,
    Lt,
    Dnn,
}

/// A library's name, its file, and the functions that are called.
struct About {
    name: &'static str,
    stem: &'static str,
    functions: &'static [&'static str],
}

const DRIVER: About = About {
    name: "CUDA's driver",
    stem: "cuda",
    functions: &[
        "cuCtxSetCurrent",
        "cuDeviceGet",
        "cuDeviceGetCount",
        "cuDeviceGetName",
        "cuDeviceGetPCIBusId",
        "cuDevicePrimaryCtxRetain",
        "cuDriverGetVersion",
        "cuEventCreate",
        "cuEventElapsedTime",
        "cuEventRecord",
        "cuEventSynchronize",
        "cuGraphDestroy",
        "cuGraphExecDestroy",
        "cuGraphInstantiateWithFlags",
        "cuGraphLaunch",
        "cuInit",
        "cuMemAlloc_v2",
        "cuMemFree_v2",
        "cuMemGetInfo_v2",
        "cuMemcpyDtoDAsync_v2",
        "cuMemcpyDtoHAsync_v2",
        "cuMemcpyHtoDAsync_v2",
        "cuStreamBeginCapture_v2",
        "cuStreamCreate",
        "cuStreamEndCapture",
        "cuStreamSynchronize",
    ],
};

const BLAS: About = About {
    name: "cuBLAS",
    stem: "cublas",
    functions: &[
        "cublasCreate_v2",
        "cublasDestroy_v2",
        "cublasGemmEx",
        "cublasGemmStridedBatchedEx",
        "cublasGetVersion_v2",
        "cublasSetMathMode",
        "cublasSetStream_v2",
        "cublasSetWorkspace_v2",
    ],
};

const LT: About = About {
    name: "cuBLASLt",
    stem: "cublasLt",
    functions: &[
        "cublasLtCreate",
        "cublasLtDestroy",
        "cublasLtGetVersion",
        "cublasLtMatmul",
        "cublasLtMatmulAlgoGetHeuristic",
        "cublasLtMatmulDescCreate",
        "cublasLtMatmulDescDestroy",
        "cublasLtMatmulDescSetAttribute",
        "cublasLtMatmulPreferenceCreate",
        "cublasLtMatmulPreferenceDestroy",
        "cublasLtMatmulPreferenceSetAttribute",
        "cublasLtMatrixLayoutCreate",
        "cublasLtMatrixLayoutDestroy",
        "cublasLtMatrixLayoutSetAttribute",
    ],
};

const DNN: About = About {
    name: "cuDNN",
    stem: "cudnn",
    functions: &[
        "cudnnConvolutionBiasActivationForward",
        "cudnnConvolutionForward",
        "cudnnCreate",
        "cudnnCreateActivationDescriptor",
        "cudnnCreateConvolutionDescriptor",
        "cudnnCreateFilterDescriptor",
        "cudnnCreateTensorDescriptor",
        "cudnnDestroy",
        "cudnnDestroyActivationDescriptor",
        "cudnnDestroyConvolutionDescriptor",
        "cudnnDestroyFilterDescriptor",
        "cudnnDestroyTensorDescriptor",
        "cudnnFindConvolutionForwardAlgorithmEx",
        "cudnnGetVersion",
        "cudnnSetActivationDescriptor",
        "cudnnSetConvolution2dDescriptor",
        "cudnnSetConvolutionGroupCount",
        "cudnnSetConvolutionMathType",
        "cudnnSetFilter4dDescriptor",
        "cudnnSetStream",
        "cudnnSetTensor4dDescriptor",
    ],
};

/// A function of which only the address is asked for.
type Function = unsafe extern "C" fn();

impl Library {
    /// Loads it, and makes sure that every function that is called is there.
    ///
    /// # Errors
    /// As a sentence, where it is not there or too old.
    pub fn load(self) -> Result<(), String> {
        let About { name, stem, functions } = self.about();
        if !self.is_there() {
            return Err(format!("{name} was not found: there is no `lib{stem}` among the libraries of this machine"));
        }
        let lacking: Vec<&str> = functions.iter().copied().filter(|function| !self.has(function)).collect();
        if lacking.is_empty() {
            return Ok(());
        }
        Err(format!("{name} is of a version that has no {}; versions of CUDA 12 and 13 have it", lacking.join(", ")))
    }

    fn about(self) -> About {
        match self {
            Self::Driver => DRIVER,
            Self::Blas => BLAS,
            Self::Lt => LT,
            Self::Dnn => DNN,
        }
    }

    fn is_there(self) -> bool {
        // SAFETY: loading a library runs what it does at its start, as everything that links to it would.
        unsafe {
            match self {
                Self::Driver => driver::sys::is_culib_present(),
                Self::Blas => cublas::sys::is_culib_present(),
                Self::Lt => cublaslt::sys::is_culib_present(),
                Self::Dnn => cudnn::sys::is_culib_present(),
            }
        }
    }

    fn has(self, function: &str) -> bool {
        let name = function.as_bytes();
        // SAFETY: the library is there, and nothing found in it is called here.
        unsafe {
            match self {
                Self::Driver => driver::sys::culib().get::<Function>(name).is_ok(),
                Self::Blas => cublas::sys::culib().get::<Function>(name).is_ok(),
                Self::Lt => cublaslt::sys::culib().get::<Function>(name).is_ok(),
                Self::Dnn => cudnn::sys::culib().get::<Function>(name).is_ok(),
            }
        }
    }
}

/// The version as people write it, of a number that counts 10 000 for each major version and 100 for each minor one, or
/// from 1000 to 9999 as cuDNN did up to version 8: 1000 for each major one.
pub(super) fn version(number: usize) -> String {
    let major = if number < 10_000 { 1000 } else { 10_000 };
    format!("{}.{}.{}", number / major, number % major / 100, number % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_they_are_counted() {
        for (number, want) in [(8907, "8.9.7"), (91_002, "9.10.2"), (120_304, "12.3.4"), (130_100, "13.1.0")] {
            assert_eq!(version(number), want);
        }
    }

    /// What is called and not in the lists would panic on a machine where it lacks; what is listed and not called would
    /// refuse one for nothing.
    #[test]
    fn every_function_that_is_called_is_looked_for() {
        let sources = [
            include_str!("blas.rs"),
            include_str!("copy.rs"),
            include_str!("device.rs"),
            include_str!("dnn.rs"),
            include_str!("graph.rs"),
            include_str!("lt.rs"),
            include_str!("machine.rs"),
            include_str!("memory.rs"),
        ];
        let named = |source: &'static str| source.split("sys::").skip(1).map(name).filter(|name| is_function(name));
        let mut called: Vec<&str> = sources.into_iter().flat_map(named).collect();
        called.push("cuEventElapsedTime");
        called.sort_unstable();
        called.dedup();
        let mut listed = [DRIVER, BLAS, LT, DNN].map(|about| about.functions.to_vec()).concat();
        listed.sort_unstable();
        assert_eq!(called, listed);
    }

    fn name(after: &str) -> &str {
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
        &after[..end]
    }

    /// The names of types begin with `CU` or end like one of these.
    fn is_function(name: &str) -> bool {
        let is_ours = ["cu", "cublas", "cublasLt", "cudnn"].iter().any(|prefix| {
            name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
        });
        is_ours && !["_t", "Context", "Struct"].iter().any(|end| name.ends_with(end))
    }
}
