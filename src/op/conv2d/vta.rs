//! Convolutions of bytes on VTA.

use super::shape::Shape;
use crate::code::routine::Operands;
use crate::code::vta::Convolution;
use crate::op::Signature;
use crate::op::vta::{Asked, Cuts, Vta};
use crate::workload::Types;

pub const DIRECT: Vta = Vta { name: "conv2d/vta_direct", cuts: Cuts::Direct, asked };
pub const TVM: Vta = Vta { name: "conv2d/vta_tvm", cuts: Cuts::Tvm, asked };
pub const NAIVE: Vta = Vta { name: "conv2d/vta_naive", cuts: Cuts::Plain, asked };

fn asked(signature: &Signature) -> Option<Asked> {
    let shape = Shape::of(&signature.workload).expect("a signature's workload is understood");
    if shape.types != Types::INTEGERS || shape.groups != 1 || shape.dilation != [1, 1] {
        return None;
    }
    let epilogue = shape.epilogue(&signature.workload, &signature.outputs[0]).expect("as above").integer_steps()?;
    let pair = |[height, width]: [u64; 2]| [height as u32, width as u32];
    let convolution = Convolution {
        images: shape.n as u32,
        image: pair([shape.h, shape.w]),
        inputs: shape.c as u32,
        outputs: shape.o as u32,
        filter: pair(shape.filter),
        stride: pair(shape.stride),
        padding: pair(shape.padding),
    };
    let operands = Operands::Images { channels_last: shape.nhwc };
    Asked { convolution, epilogue: epilogue.into(), operands }.possible()
}
