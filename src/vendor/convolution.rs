//! What convolutions are compared with: cuDNN's algorithms, each kind by itself, since their errors differ.

use super::{Computes, Rival, Rivals, about, precisions, routine, sums};
use crate::backend::cuda::{Activation, Family, Fused, Precision, by_cudnn};
use crate::code::routine::{Call, ConvolutionCall};
use crate::op::find_template;
use crate::record::{Numerics, Vendor};

/// The largest tile of cuDNN's tiled Fourier transforms: 32×32.
const FOURIER_TILE: u64 = 32;

/// Rounding errors of a Fourier transform grow with the logarithm of its length (N. Higham, "Accuracy and Stability of Numerical
/// Algorithms", 2nd ed., theorem 24.2): ten stages of two directions of 32.
const FOURIER_FACTOR: f64 = 10.0;

pub(super) fn add(rivals: &mut Rivals, call: &ConvolutionCall, vendor: &Vendor) {
    let Some(version) = vendor.version("cudnn") else { return };
    if call.transposed {
        return rivals.absent.push("transposed convolutions are not asked of cuDNN".to_owned());
    }
    let fused = by_cudnn(&call.epilogue);
    let bare = ConvolutionCall { epilogue: Vec::new(), ..call.clone() };
    for (precision, family) in kinds(call) {
        let Some(numerics) = promise(precision, family) else { continue };
        let is_fused = fused.as_ref().is_ok_and(|fused| fuses(fused, family));
        let computes = if is_fused { Computes::Same } else { Computes::Bare };
        let call = Call::Convolution(if computes == Computes::Same { call.clone() } else { bare.clone() });
        let options = [(Family::OPTION.to_owned(), family.number())].into();
        let routine = routine("cudnn", version, precision.name(), call, options);
        let about = format!("{}, {}", about(precision), family.name());
        rivals.routines.push(Rival { routine, computes, about, numerics });
    }
}

/// Whether a family of algorithms has such an epilogue: only one that sums products adds something without a `relu` after it
/// (the manual of `cudnnConvolutionBiasActivationForward`).
fn fuses(fused: &Fused, family: Family) -> bool {
    family == Family::Sums || fused.adds_nothing() || fused.activation == Activation::Relu
}

/// Transforms are asked for in f32 alone, whose errors are known, and where the filter moves by single pixels.
fn kinds(call: &ConvolutionCall) -> Vec<(Precision, Family)> {
    let can_transform = call.stride == [1, 1] && call.dilation == [1, 1] && call.groups == 1 && call.filter != [1, 1];
    let families = |precision| {
        let all = precision == Precision::F32 && can_transform;
        Family::ALL.into_iter().filter(move |family| all || *family == Family::Sums)
    };
    precisions(call.element).flat_map(|precision| families(precision).map(move |family| (precision, family))).collect()
}

/// Winograd's algorithms are judged as ours with the larger tile.
fn promise(precision: Precision, family: Family) -> Option<Numerics> {
    match family {
        Family::Sums => Some(sums(precision)),
        Family::Winograd => find_template("conv2d/winograd_4").map(|template| template.numerics()),
        Family::Fourier => Some(Numerics::Bounded { factor: FOURIER_FACTOR, tile: FOURIER_TILE }),
    }
}
