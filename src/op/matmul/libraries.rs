//! Products of libraries, which are candidates like any other.

use crate::op::native::{FAER_VERSION, GEMM_VERSION, Library, MATRIXMULTIPLY_VERSION};

pub const GEMM: Library = Library {
    name: "matmul/gemm",
    about: "native: the crate gemm, then the epilogue",
    library: "gemm",
    version: GEMM_VERSION,
    routine: "gemm",
};

pub const FAER: Library = Library {
    name: "matmul/faer",
    about: "native: the crate faer, its longer side dealt to threads, then the epilogue",
    library: "faer",
    version: FAER_VERSION,
    routine: "matmul",
};

pub const MATRIXMULTIPLY: Library = Library {
    name: "matmul/matrixmultiply",
    about: "native: the crate matrixmultiply, its longer side dealt to threads, then the epilogue",
    library: "matrixmultiply",
    version: MATRIXMULTIPLY_VERSION,
    routine: "sgemm",
};
