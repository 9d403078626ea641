//! What products of matrices are compared with: cuBLAS, and cuBLASLt, which fuses epilogues and chooses among algorithms.

use std::collections::BTreeMap;

use super::{Computes, Rival, Rivals, about, precisions, routine, sums};
use crate::backend::cuda::{by_cublas, by_cublaslt};
use crate::code::routine::{Call, MatmulCall};
use crate::record::Vendor;

pub(super) fn add(rivals: &mut Rivals, call: &MatmulCall, vendor: &Vendor) {
    let bare = MatmulCall { epilogue: Vec::new(), ..call.clone() };
    let (plain, fused) = (by_cublas(&call.epilogue), by_cublaslt(&call.epilogue));
    for (library, fuses) in [("cublas", &plain), ("cublaslt", &fused)] {
        let Some(version) = vendor.version(library) else { continue };
        // Where neither has the epilogue, cuBLAS stands for the bare product.
        let computes = if fuses.is_ok() { Computes::Same } else { Computes::Bare };
        if let (Err(why), true) = (fuses, library == "cublaslt") {
            rivals.absent.push(why.clone());
            continue;
        }
        for precision in precisions(call.element) {
            let call = Call::Matmul(if computes == Computes::Same { call.clone() } else { bare.clone() });
            let routine = routine(library, version, precision.name(), call, BTreeMap::new());
            let (about, numerics) = (about(precision).to_owned(), sums(precision));
            rivals.routines.push(Rival { routine, computes, about, numerics });
        }
    }
}
