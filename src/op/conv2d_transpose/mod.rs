//! Transposed 2-D convolution: each pixel of the input is spread over the output through a filter, as in an
//! up-convolution or the gradient of a convolution; with an epilogue, in NCHW or NHWC.

mod naive;
mod phase;
mod phased;
mod shape;

use super::data::Products;
use super::native::Naive;
use super::shared::ours;
use super::sizes::Resize;
use super::spatial::{self, Geometry, SumReference};
use super::{DataSet, Meaning, Operator, OperatorError, Reference, Shared, Signature, Template, meaningless};
use crate::base::{Distribution, Tensor};
use crate::code::routine::Call;
use crate::workload::{Dims, Workload};
use shape::Shape;

/// Transposed convolution over two spatial dimensions.
pub struct Conv2dTranspose;

impl Operator for Conv2dTranspose {
    fn name(&self) -> &str {
        "conv2d_transpose"
    }

    fn about(&self) -> &str {
        "transposed 2-D convolution with stride, padding, output padding, dilation and groups, with an epilogue"
    }

    fn grammar(&self) -> &str {
        "dims c h w o (output channels) k (filter; or kh kw) [n images] [s stride] [p padding] [op output padding] \
         [d dilation] [g groups]; layout nchw (default), nhwc; types f32, f16 (f32 sums)"
    }

    /// In s·s outputs each place of the filter is met once.
    fn signature(&self, workload: &Workload) -> Result<Signature, OperatorError> {
        let shape = Shape::of(workload).map_err(|why| meaningless(workload, why))?;
        let places = (shape.filter[0] * shape.filter[1]) as f64 / (shape.stride[0] * shape.stride[1]) as f64;
        let products = (shape.c / shape.groups) as f64 * places;
        spatial::signature(&Conv2dTranspose, workload, shape.canonical(workload), &shape, shape.w(), products)
    }

    fn reference(&self, signature: &Signature, inputs: Vec<Tensor>) -> Box<dyn Reference> {
        let shape = Shape::of(&signature.workload).expect("a signature's workload is understood");
        let epilogue = shape.epilogue(&signature.workload, &signature.outputs[0]).expect("as above");
        Box::new(SumReference { geometry: shape, epilogue, inputs })
    }

    /// Terms cancel along the channels, or, where each group has one, along the places of the filter that an output
    /// meets.
    fn distributions(&self, signature: &Signature, data: DataSet) -> Option<Vec<Distribution>> {
        let shape = Shape::of(&signature.workload).expect("a signature's workload is understood");
        let (channels, period) = (shape.c / shape.groups, shape.period()[1]);
        let met = shape.filter[1].div_ceil(period);
        let (stride, extent) = if channels > 1 {
            (shape.w_step(), channels)
        } else if shape.nhwc {
            (period * shape.o / shape.groups, met)
        } else {
            (period, met)
        };
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
        spatial::call(signature, &shape, true)
    }

    fn templates(&self) -> Vec<Shared<dyn Template>> {
        ours(&[&phased::Phased, &naive::Naive, &Naive { name: "conv2d_transpose/native_naive" }])
    }

    fn contract(&self) -> &'static [&'static str] {
        &[
            "conv2d_transpose:f32:n1c1h1w1o1k1",
            "conv2d_transpose:f32:n1c16h9w7o12k2s2+bias+relu",
            "conv2d_transpose:f32:n2c5h8w11o7k4s2p1+residual+silu",
            "conv2d_transpose:f32:n1c8h7w9o8k3s2p1op1",
            "conv2d_transpose:f32:n1c6h9w8o9k3s3p1d2g3",
            "conv2d_transpose:f32:n1c4h6w5o8k2s3op2+gelu",
            "conv2d_transpose:f32:n1c8h10w10o8kh1kw5sh1sw4ph0pw2g8",
            "conv2d_transpose:f32:n2c12h7w6o20k4s2p1:nhwc+bias+residual+gelu_tanh",
            "conv2d_transpose:f32:n1c8h9w9o8k5p2:nhwc+relu6",
            "conv2d_transpose:f16:n1c8h6w7o16k2s2:nhwc+bias+relu",
            "conv2d_transpose:f16:n1c6h8w6o4k4s2p1+residual",
        ]
    }

    fn workloads(&self) -> &'static [&'static str] {
        &[
            "conv2d_transpose:f32:n1c128h56w56o64k2s2+bias",
            "conv2d_transpose:f32:n1c1024h28w28o512k2s2+bias",
            "conv2d_transpose:f32:n16c512h8w8o256k4s2p1+relu",
            "conv2d_transpose:f32:n1c21h32w32o21k4s2p1",
            "conv2d_transpose:f32:n1c128h64w64o64k3s2p1op1",
            "conv2d_transpose:f16:n1c256h32w32o128k4s2p1:nhwc+bias+relu",
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(text: &str) -> Signature {
        crate::op::resolve(text).unwrap_or_else(|e| panic!("{e}"))
    }

    fn results(text: &str, x: &[f32], w: &[f32]) -> Vec<f64> {
        let tensor = |values: &[f32]| Tensor { shape: vec![], values: values.to_vec() };
        let signature = signature(text);
        let reference = Conv2dTranspose.reference(&signature, vec![tensor(x), tensor(w)]);
        (0..signature.outputs[0].elements()).map(|i| reference.at(0, i).value).collect()
    }

    #[test]
    fn shapes_and_canonical_forms() {
        let cases = [
            ("conv2d_transpose:f32:c4h7w9o6k2s2", "conv2d_transpose:f32:n1c4h7w9o6k2s2", [1, 6, 14, 18]),
            ("conv2d_transpose:f32:n2c4h8w8o6k4s2p1op0g2", "conv2d_transpose:f32:n2c4h8w8o6k4s2p1g2", [2, 6, 16, 16]),
            ("conv2d_transpose:f32:n1c4h7w7o6k3s2p1op1", "conv2d_transpose:f32:n1c4h7w7o6k3s2p1op1", [1, 6, 14, 14]),
            (
                "conv2d_transpose:f32:n1c4h5w6o2k3s3d2oph2opw0:nhwc",
                "conv2d_transpose:f32:n1c4h5w6o2k3s3oph2opw0d2:nhwc",
                [1, 19, 20, 2],
            ),
        ];
        for (text, canonical, shape) in cases {
            let signature = signature(text);
            assert_eq!(signature.workload.to_string(), canonical);
            assert_eq!(signature.outputs[0].shape, shape, "{text}");
        }
    }

    /// By hand: each pixel of x = [1, 2] lays the filter [1, 10, 100] down, two apart.
    #[test]
    fn pixels_are_spread_through_the_filter() {
        for layout in ["nchw", "nhwc"] {
            let of = |dims: &str| {
                results(&format!("conv2d_transpose:f32:{dims}:{layout}"), &[1.0, 2.0], &[1.0, 10.0, 100.0])
            };
            let line = |rest: &str| of(&format!("n1c1h1w2o1kh1kw3sh1sw2ph0pw{rest}"));
            assert_eq!(line("0"), [1.0, 10.0, 102.0, 20.0, 200.0]);
            assert_eq!(line("1"), [10.0, 102.0, 20.0]);
            assert_eq!(line("1oph0opw1"), [10.0, 102.0, 20.0, 200.0]);
            assert_eq!(line("0dh1dw2"), [1.0, 0.0, 12.0, 0.0, 120.0, 0.0, 200.0], "dilated");
        }
    }

    /// Weights are [c, o/g, kh, kw], in NHWC [c, kh, kw, o/g].
    #[test]
    fn groups_keep_to_their_own_channels() {
        let got = results("conv2d_transpose:f32:n1c2h1w1o4k1g2", &[2.0, 3.0], &[1.0, 10.0, 100.0, 1000.0]);
        assert_eq!(got, [2.0, 20.0, 300.0, 3000.0]);
        let w = [1.0, 2.0, 10.0, 20.0, 3.0, 4.0, 30.0, 40.0];
        let got = results("conv2d_transpose:f32:n1c2h1w1o2kh1kw2:nhwc", &[1.0, 100.0], &w);
        assert_eq!(got, [301.0, 402.0, 3010.0, 4020.0]);
    }

    /// ⟨conv(y), x⟩ = ⟨y, conv_transpose(x)⟩ with the same weights, which lie the same way.
    #[test]
    fn it_is_the_transpose_of_a_convolution() {
        let transposed = signature("conv2d_transpose:f32:n2c6h5w4o4k3s2p1op1d2g2");
        let [height, width] = [transposed.outputs[0].shape[2], transposed.outputs[0].shape[3]];
        let plain = signature(&format!("conv2d:f32:n2c4h{height}w{width}o6k3s2p1d2g2"));
        assert_eq!(plain.outputs[0].shape, transposed.inputs[0].shape);
        assert_eq!(plain.inputs[1].shape, transposed.inputs[1].shape);
        let fills = crate::op::inputs(&transposed, DataSet::Integers, 3).expect("the data suits");
        let of_transposed = crate::op::materialise(&transposed, &fills);
        let of_plain = crate::op::materialise(&plain, &fills);
        let dot = |signature: &Signature, inputs: [&Tensor; 2], other: &Tensor| -> f64 {
            let reference = signature.operator.reference(signature, inputs.map(Tensor::clone).into());
            (0..signature.outputs[0].elements()).map(|i| reference.at(0, i).value * other.at(i)).sum()
        };
        let (x, y, w) = (&of_transposed[0], &of_plain[0], &of_transposed[1]);
        assert_eq!(dot(&transposed, [x, w], y), dot(&plain, [y, w], x));
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        let cases = [
            ("conv2d_transpose:f32:n1c3h8w8o4", "dim `k` is missing"),
            ("conv2d_transpose:f32:n1c3h8w8o4k3op1", "output padding 1 must be less than the stride 1"),
            ("conv2d_transpose:f32:n1c3h1w1o4k2p1", "leaves nothing of 2 pixels"),
            ("conv2d_transpose:f32:n1c3h8w8o4k3g2", "groups"),
            ("conv2d_transpose:f32:n1c3h8w8o4k3s0", "stride must be at least 1"),
            ("conv2d_transpose:f32:n1c3h8w8o4k3z1", "conv2d_transpose has no dim `z`"),
            ("conv2d_transpose:f32:n1c3h8w8o4k3:nt", "no layout `nt`"),
            ("conv2d_transpose:i8:n1c3h8w8o4k3", "no kernels for types"),
            ("conv2d_transpose:f32:n1c1h99999999w1o1kh1kw1sh65535sw1", "at most 2^31"),
        ];
        for (text, message) in cases {
            let error = crate::op::resolve(text).expect_err(text).to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}
