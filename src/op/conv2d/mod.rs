//! 2-D convolution: y[n,o,·,·] = epilogue(Σ x·w) with stride, padding, dilation and groups, in NCHW or NHWC.

mod deal;
mod depthwise;
mod direct;
mod implicit_gemm;
mod libraries;
mod mixing;
mod naive;
mod native_blocks;
mod native_channels;
mod native_depthwise;
mod native_direct;
mod passes;
mod pointwise;
mod product;
mod reference;
mod shape;
mod vta;
mod winograd;

use super::data::Products;
use super::native::Naive;
use super::shared::ours;
use super::sizes::Resize;
use super::spatial::{self, Geometry, SumReference};
use super::{DataSet, Meaning, Operator, OperatorError, Reference, Shared, Signature, Template, meaningless};
use crate::base::{Distribution, Tensor};
use crate::code::routine::Call;
use crate::workload::{Dims, Workload};
use reference::ConvReference;
use shape::Shape;

/// Convolution over two spatial dimensions.
pub struct Conv2d;

impl Operator for Conv2d {
    fn name(&self) -> &str {
        "conv2d"
    }

    fn about(&self) -> &str {
        "2-D convolution with stride, padding, dilation and groups, with an epilogue"
    }

    fn grammar(&self) -> &str {
        "dims c h w o (output channels) k (filter; or kh kw) [n images] [s stride] [p padding] [d dilation] [g groups]; \
         layout nchw (default), nhwc; types f32, f16 (f32 sums), i8>i32>i8"
    }

    fn signature(&self, workload: &Workload) -> Result<Signature, OperatorError> {
        let shape = Shape::of(workload).map_err(|why| meaningless(workload, why))?;
        let products = shape.terms() as f64;
        spatial::signature(&Conv2d, workload, shape.canonical(workload), &shape, shape.w(), products)
    }

    fn reference(&self, signature: &Signature, inputs: Vec<Tensor>) -> Box<dyn Reference> {
        let shape = Shape::of(&signature.workload).expect("a signature's workload is understood");
        let epilogue = shape.epilogue(&signature.workload, &signature.outputs[0]).expect("as above");
        Box::new(ConvReference::new(SumReference { geometry: shape, epilogue, inputs }))
    }

    /// Terms cancel along the channels, or, where each group has one, along the filter.
    fn distributions(&self, signature: &Signature, data: DataSet) -> Option<Vec<Distribution>> {
        let shape = Shape::of(&signature.workload).expect("a signature's workload is understood");
        let (channels, filter) = (shape.c / shape.groups, shape.filter[0] * shape.filter[1]);
        let (stride, extent) = if channels == 1 { (1, filter) } else { (shape.w_step(), channels) };
        Products { terms: shape.terms(), stride, extent }.distributions(signature, data)
    }

    fn meaning(&self, signature: &Signature) -> Meaning {
        Shape::of(&signature.workload).expect("a signature's workload is understood").meaning(&signature.workload)
    }

    fn resized(&self, dims: &Dims, how: Resize) -> Dims {
        shape::resized(dims, how)
    }

    fn call(&self, signature: &Signature) -> Option<Call> {
        let shape = Shape::of(&signature.workload).expect("a signature's workload is understood");
        spatial::call(signature, &shape, false)
    }

    fn templates(&self) -> Vec<Shared<dyn Template>> {
        ours(&[
            &depthwise::Depthwise,
            &direct::Direct,
            &winograd::APART_2,
            &winograd::APART_4,
            &winograd::FUSED_2,
            &winograd::FUSED_4,
            &implicit_gemm::ImplicitGemm,
            &pointwise::Pointwise,
            &naive::Naive,
            &native_depthwise::NativeDepthwise,
            &native_direct::NativeDirect,
            &native_channels::NativeChannels,
            &winograd::NATIVE_2,
            &winograd::NATIVE_4,
            &libraries::GEMM,
            &libraries::FAER,
            &libraries::MATRIXMULTIPLY,
            &Naive { name: "conv2d/native_naive" },
            &vta::DIRECT,
            &vta::TVM,
            &vta::NAIVE,
        ])
    }

    fn contract(&self) -> &'static [&'static str] {
        &[
            "conv2d:f32:n1c1h1w1o1k1",
            "conv2d:f32:n1c3h7w17o7k3p1",
            "conv2d:f32:n2c17h9w7o33k1",
            "conv2d:f32:n1c8h16w16o16k3p1+bias+relu",
            "conv2d:f32:n1c4h33w17o8k5s2p2+gelu",
            "conv2d:f32:n1c6h20w20o12k3p2d2g3",
            "conv2d:f32:n1c16h14w14o16k3p1g16+bias+relu6",
            "conv2d:f32:n1c8h12w12o16kh1kw7sh2sw1ph0pw3+residual+silu",
            "conv2d:f32:n1c7h8w127o4k3p1:nhwc",
            "conv2d:f32:n2c8h10w10o20k3s2p1:nhwc+bias+residual+gelu_tanh",
            "conv2d:f32:n1c12h9w9o12k3p1g12:nhwc",
            "conv2d:f32:n1c20h7w7o12k3p1+bias",
            "conv2d:f32:n2c10h6w6o9k1+residual",
            "conv2d:f32:n3c16h7w7o20k1:nhwc+bias+silu",
            "conv2d:f32:n2c16h8w8o32k1",
            "conv2d:f32:n1c16h8w8o32k3p1:nhwc+bias",
            "conv2d:f32:n1c16h9w9o8k1s2:nhwc",
            "conv2d:f32:n2c24h7w9o12k3s2p1g3:nhwc+residual",
            "conv2d:f16:n1c3h9w11o7k3p1",
            "conv2d:f16:n1c8h4w12o16k1+bias+relu",
            "conv2d:f16:n1c8h12w12o16k3p1:nhwc+bias+relu",
            "conv2d:f16:n1c4h8w8o8k2s2+residual",
            "conv2d:f32:n2c6h16w24o12k5s2p2g6+bias+silu",
            "conv2d:f16:n1c8h11w12o8k3p1d2g8+residual+relu",
            "conv2d:f16:n2c8h9w10o16kh3kw2sh2sw1ph1pw0g8:nhwc+bias",
            "conv2d:f32:n2c5h6w9o6k3p2+bias+residual",
            "conv2d:f32:n3c4h1w2o8k3p3:nhwc",
            "conv2d:f16:n1c20h10w13o12k3:nhwc+bias+silu",
            "conv2d:i8>i32>i8:n1c32h8w8o32k3p1+shift8+relu+clip",
            "conv2d:i8>i32>i8:n2c20h9w7o17k3s2p1+bias+shift6+clip",
            "conv2d:i8>i32>i8:n1c48h5w6o32k1:nhwc+bias+relu+shift7+clip",
            "conv2d:i8>i32>i8:n1c16h11w10o40kh5kw3sh2sw1ph2pw1+shift9+relu6+clip",
        ]
    }

    fn workloads(&self) -> &'static [&'static str] {
        &[
            "conv2d:f32:n1c64h28w28o64k3p1",
            "conv2d:f32:n1c64h56w56o64k3p1+bias+relu",
            "conv2d:f32:n1c3h224w224o64k7s2p3",
            "conv2d:f32:n1c128h28w28o256k3s2p1",
            "conv2d:f16:n1c256h14w14o256k3p1:nhwc+bias+relu",
            "conv2d:f32:n1c96h112w112o96k3s2p1g96",
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_and_canonical_forms() {
        let cases = [
            ("conv2d:f32:n1c64h28w28o64k3p1", "conv2d:f32:n1c64h28w28o64k3p1", [1, 64, 28, 28]),
            ("conv2d:f32:c3h7w9o2kh3kw3s1p0d1g1:nchw", "conv2d:f32:n1c3h7w9o2k3", [1, 2, 5, 7]),
            ("conv2d:f32:n2c4h9w9o6kh3kw1sh2sw1ph1pw0", "conv2d:f32:n2c4h9w9o6kh3kw1sh2sw1ph1pw0", [2, 6, 5, 9]),
            ("conv2d:f32:n1c4h9w9o6k3d2g2:nhwc+relu", "conv2d:f32:n1c4h9w9o6k3d2g2:nhwc+relu", [1, 5, 5, 6]),
        ];
        for (text, canonical, shape) in cases {
            let signature = crate::op::resolve(text).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(signature.workload.to_string(), canonical);
            assert_eq!(signature.outputs[0].shape, shape, "{text}");
        }
    }

    /// By hand: x = [[1,2],[3,4]], a 2×2 filter of [[1,10],[100,1000]], padding 1.
    #[test]
    fn the_reference_pads_with_zeros() {
        for layout in ["nchw", "nhwc"] {
            let signature = crate::op::resolve(&format!("conv2d:f32:n1c1h2w2o1k2p1:{layout}")).unwrap();
            let tensor = |values: &[f32]| Tensor { shape: vec![], values: values.to_vec() };
            let inputs = vec![tensor(&[1.0, 2.0, 3.0, 4.0]), tensor(&[1.0, 10.0, 100.0, 1000.0])];
            let reference = Conv2d.reference(&signature, inputs);
            let got: Vec<f64> = (0..9).map(|i| reference.at(0, i).value).collect();
            assert_eq!(got, [1000.0, 2100.0, 200.0, 3010.0, 4321.0, 402.0, 30.0, 43.0, 4.0], "{layout}");
        }
    }

    #[test]
    fn groups_keep_to_their_own_channels() {
        let signature = crate::op::resolve("conv2d:f32:n1c2h1w1o2k1g2").unwrap();
        let tensor = |values: &[f32]| Tensor { shape: vec![], values: values.to_vec() };
        let reference = Conv2d.reference(&signature, vec![tensor(&[2.0, 3.0]), tensor(&[5.0, 7.0])]);
        assert_eq!((reference.at(0, 0).value, reference.at(0, 1).value), (10.0, 21.0));
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        let cases = [
            ("conv2d:f32:n1c3h8w8o4", "dim `k` is missing"),
            ("conv2d:f32:n1c3h8w8o4k3kh3kw3", "both `k` and `kh`"),
            ("conv2d:f32:n1c3h8w8o4k9", "the filter covers 9 pixels"),
            ("conv2d:f32:n1c3h8w8o4k3g2", "groups"),
            ("conv2d:f32:n1c3h8w8o4k3s0", "stride must be at least 1"),
            ("conv2d:f32:n1c3h8w8o4k3z1", "no dim `z`"),
            ("conv2d:f32:n1c3h8w8o4k3:nt", "no layout `nt`"),
            ("conv2d:i8:n1c3h8w8o4k3", "no kernels for types"),
            ("conv2d:u32:n1c3h8w8o4k3", "no kernels for types `u32`"),
            ("conv2d:f32:n1c3h8w8o4k3p99999999", "padding"),
        ];
        for (text, message) in cases {
            let error = crate::op::resolve(text).expect_err(text).to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}
