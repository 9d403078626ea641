//! Convolutions by the products of libraries, over pixels laid out as the columns of a matrix (im2col).

use crate::op::native::{FAER_VERSION, GEMM_VERSION, Library, MATRIXMULTIPLY_VERSION};

pub const GEMM: Library = Library {
    name: "conv2d/gemm",
    about: "native: im2col and the crate gemm, then the epilogue",
    library: "gemm",
    version: GEMM_VERSION,
    routine: "im2col",
};

pub const FAER: Library = Library {
    name: "conv2d/faer",
    about: "native: im2col and the crate faer, then the epilogue",
    library: "faer",
    version: FAER_VERSION,
    routine: "im2col",
};

pub const MATRIXMULTIPLY: Library = Library {
    name: "conv2d/matrixmultiply",
    about: "native: im2col and the crate matrixmultiply, then the epilogue",
    library: "matrixmultiply",
    version: MATRIXMULTIPLY_VERSION,
    routine: "im2col",
};
