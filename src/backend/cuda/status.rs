//! What CUDA's calls answer, as half a sentence.

use std::fmt::Debug;

use cudarc::cublas::sys::cublasStatus_t;
use cudarc::cudnn::sys::cudnnStatus_t;
use cudarc::driver::sys::CUresult;

/// An answer of one of the libraries.
pub(super) trait Status: Debug + PartialEq {
    /// The one that means that it was done.
    const SUCCESS: Self;
}

impl Status for CUresult {
    const SUCCESS: Self = Self::CUDA_SUCCESS;
}

impl Status for cublasStatus_t {
    const SUCCESS: Self = Self::CUBLAS_STATUS_SUCCESS;
}

impl Status for cudarc::cublaslt::sys::cublasStatus_t {
    const SUCCESS: Self = Self::CUBLAS_STATUS_SUCCESS;
}

impl Status for cudnnStatus_t {
    const SUCCESS: Self = Self::CUDNN_STATUS_SUCCESS;
}

/// What a call answered, unless it was done.
pub(super) fn done<S: Status>(name: &str, status: S) -> Result<(), String> {
    if status == S::SUCCESS { Ok(()) } else { Err(format!("{name} answers {status:?}")) }
}

/// Calls a function of a library and tells its name and its answer where it fails.
///
/// Who uses it keeps what the functions ask for: handles that are alive, pointers to as many bytes as other arguments say,
/// and a function that was found when its library was opened (`libraries.rs`).
macro_rules! call {
    ($library:ident::$function:ident($($argument:expr),* $(,)?)) => {
        $crate::backend::cuda::status::done(
            stringify!($function),
            // SAFETY: as said above.
            unsafe { $library::$function($($argument),*) },
        )
    };
}

pub(super) use call;
