//! Convolutions against plain f64 loops: every width, odd sizes, strides, dilations, groups, paddings, both storage types.

use half::f16;

use super::super::data::{Data, DataMut};
use super::super::elementwise::{Function, Post};
use super::super::simd::Width;
use super::blocks::Blocking;
use super::channels::{self, ByChannels};
use super::depthwise::{self, Depthwise};
use super::direct::{self, Direct};
use super::winograd::{self, Winograd};
use super::*;

/// Small integers, so that sums are exact in any order.
pub(super) fn values(count: usize, seed: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * 7919 + seed * 104_729 + i / 13) % 9) as f32 - 4.0).collect()
}

/// The true results without an epilogue.
pub(super) fn truth(shape: &Shape, input: &[f32], weights: &[f32]) -> Vec<f64> {
    let [height, width] = shape.out();
    let mut results = vec![0.0; shape.output_len()];
    for (number, result) in results.iter_mut().enumerate() {
        let [image, output, y, x] = position(shape, number, shape.outputs, [height, width]);
        let group = output / shape.outputs_each();
        for channel in 0..shape.depth() {
            for ky in 0..shape.kernel[0] {
                for kx in 0..shape.kernel[1] {
                    let row = (y * shape.stride[0] + ky * shape.dilation[0]).checked_sub(shape.padding[0]);
                    let column = (x * shape.stride[1] + kx * shape.dilation[1]).checked_sub(shape.padding[1]);
                    let (Some(row), Some(column)) = (row, column) else { continue };
                    if row < shape.height && column < shape.width {
                        let at = index(shape, [image, group * shape.depth() + channel, row, column]);
                        let weight = weights[shape.weight(output, channel, [ky, kx])];
                        *result += f64::from(input[at]) * f64::from(weight);
                    }
                }
            }
        }
    }
    results
}

fn position(shape: &Shape, number: usize, channels: usize, [height, width]: [usize; 2]) -> [usize; 4] {
    if shape.channels_last {
        let pixel = number / channels;
        [pixel / width / height, number % channels, pixel / width % height, pixel % width]
    } else {
        let plane = number / (height * width);
        [plane / channels, plane % channels, number / width % height, number % width]
    }
}

fn index(shape: &Shape, [image, channel, y, x]: [usize; 4]) -> usize {
    let Shape { channels, height, width, .. } = *shape;
    if shape.channels_last {
        ((image * height + y) * width + x) * channels + channel
    } else {
        ((image * channels + channel) * height + y) * width + x
    }
}

/// Shapes by their numbers, as a workload has them.
pub(super) fn shape(text: &str) -> Shape {
    let get = |name: &str, unsaid: usize| {
        let digits = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect::<String>();
        let at = text
            .match_indices(name)
            .map(|(at, _)| &text[at + name.len()..])
            .find(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()));
        at.map_or(unsaid, |rest| digits(rest).parse().unwrap())
    };
    let pair = |name: &str, unsaid| ["h", "w"].map(|way| get(&format!("{name}{way}"), get(name, unsaid)));
    Shape {
        images: get("n", 1),
        channels: get("c", 1),
        height: get("h", 1),
        width: get("w", 1),
        outputs: get("o", 1),
        kernel: pair("k", 1),
        stride: pair("s", 1),
        padding: pair("p", 0),
        dilation: pair("d", 1),
        groups: get("g", 1),
        channels_last: text.contains("nhwc"),
    }
}

pub(super) const SHAPES: &[&str] = &[
    "n1c3h9w11o5k3p1",
    "n2c4h7w7o6k3p1",
    "n1c2h13w10o7k3s2p1",
    "n1c3h15w17o4k7s2p3",
    "n1c5h6w9o9k1",
    "n1c5h7w9o3k1s2",
    "n2c4h9w8o6k3p2d2g2",
    "n1c6h8w7o6k3p1g6",
    "n1c3h8w19o8k2s3",
    "n1c2h5w5o2k5p4",
    "n1c3h6w6o4k3",
    "n1c1h1w1o1k1",
    "n1c2h11w12o3k2s3p1d3",
    "n1c2h40w30o13k3p1",
];

/// A convolution: input, weights, epilogue and output.
type Convolve<'a> = dyn FnMut(Data, Data, &[Post], DataMut) + 'a;

/// Runs a convolution in all ways that results come about: no steps, steps in registers, steps afterwards, f16.
pub(super) fn check(name: &str, shape: &Shape, convolve: &mut Convolve) {
    let (input, weights) = (values(shape.input_len(), 1), values(shape.weights_len(), 2));
    let (bias, residual) = (values(shape.outputs, 3), values(shape.output_len(), 4));
    let truth = truth(shape, &input, &weights);
    let channel = |number| position(shape, number, shape.outputs, shape.out())[1];
    let (bias_post, residual_post) = (Post::Bias(Data::F32(&bias)), Post::Residual(Data::F32(&residual)));
    type Expected<'a> = &'a dyn Fn(usize, f64) -> f64;
    let biased = |number: usize, sum: f64| sum + f64::from(bias[channel(number)]);
    let cases: [(&[Post], Expected); 5] = [
        (&[], &|_, sum| sum),
        (&[bias_post, Post::Cap(6.0)], &|number, sum| biased(number, sum).clamp(0.0, 6.0)),
        (&[bias_post, residual_post, Post::Function(Function::Relu)], &|number, sum| {
            (biased(number, sum) + f64::from(residual[number])).max(0.0)
        }),
        (&[residual_post], &|number, sum| sum + f64::from(residual[number])),
        (&[Post::Scale(0.5), bias_post, Post::Function(Function::Abs)], &|number, sum| {
            (sum * 0.5 + f64::from(bias[channel(number)])).abs()
        }),
    ];
    for (case, (posts, expected)) in cases.into_iter().enumerate() {
        let mut output = vec![f32::NAN; shape.output_len()];
        convolve(Data::F32(&input), Data::F32(&weights), posts, DataMut::F32(&mut output));
        for (number, value) in output.iter().enumerate() {
            let expected = expected(number, truth[number]);
            assert!(
                (f64::from(*value) - expected).abs() < 2e-3,
                "{name} {shape:?} case {case}: result {number} is {value}, not {expected}"
            );
        }
    }
    let half = |values: &[f32]| values.iter().map(|value| f16::from_f32(*value)).collect::<Vec<f16>>();
    let (input, weights, bias) = (half(&input), half(&weights), half(&bias));
    let posts = [Post::Bias(Data::F16(&bias)), Post::Function(Function::Relu)];
    let mut output = vec![f16::NAN; shape.output_len()];
    convolve(Data::F16(&input), Data::F16(&weights), &posts, DataMut::F16(&mut output));
    for (number, value) in output.iter().enumerate() {
        let expected = biased(number, truth[number]).max(0.0);
        assert!(
            (value.to_f64() - expected).abs() <= expected / 1000.0 + 2e-3,
            "{name} {shape:?} in f16: result {number} is {value}, not {expected}"
        );
    }
}

const BLOCKING: Blocking =
    Blocking { rows: 4, vectors: 3, pixels: 0, outputs: 0, depth: 0, pack: false, outputs_outer: false };

#[test]
fn direct_convolutions_are_right() {
    let blockings = [
        BLOCKING,
        Blocking { rows: 6, vectors: 2, pack: true, pixels: 1, outputs: 1, ..BLOCKING },
        Blocking { rows: 2, vectors: 4, pack: true, pixels: 2, outputs_outer: true, ..BLOCKING },
        Blocking { rows: 1, vectors: 1, outputs_outer: true, ..BLOCKING },
        Blocking { depth: 4, pack: true, ..BLOCKING },
        Blocking { rows: 3, depth: 7, outputs: 1, ..BLOCKING },
    ];
    for width in Width::available() {
        for (number, blocking) in blockings.into_iter().enumerate() {
            let parameters = direct::Parameters { width, blocking, threads: 1 + number % 2 };
            for text in SHAPES {
                let shape = shape(text);
                check(&format!("{parameters:?} {text}"), &shape, &mut |input, weights, posts, output| {
                    Direct::new(&shape, &parameters, weights).run(input, posts, output);
                });
            }
        }
    }
}

#[test]
fn convolutions_by_channels_are_right() {
    let shapes = [(6, 2), (5, 2), (4, 3), (8, 1), (1, 1), (12, 1)];
    for width in Width::available() {
        for (number, (pixels, vectors)) in shapes.into_iter().enumerate() {
            let (pixel_block, output_block, outputs_outer) = (number % 3, number % 2, number % 2 == 1);
            let threads = 1 + number % 2;
            let parameters =
                channels::Parameters { width, pixels, vectors, pixel_block, output_block, outputs_outer, threads };
            for text in SHAPES {
                for channels_last in [false, true] {
                    let shape = Shape { channels_last, ..shape(text) };
                    check(&format!("{parameters:?} {text}"), &shape, &mut |input, weights, posts, output| {
                        ByChannels::new(&shape, &parameters, weights).run(input, posts, output);
                    });
                }
            }
        }
    }
}

/// Sums of large terms that cancel must not swallow a small bias.
#[test]
fn biases_are_added_to_finished_sums() {
    for width in Width::available() {
        for channels_last in [false, true] {
            let shape = Shape { channels_last, ..shape("n1c8h5w6o9k1") };
            let terms = |channel: usize| if channel.is_multiple_of(2) { 1e9 } else { -1e9 };
            let input: Vec<f32> =
                (0..shape.input_len()).map(|number| terms(position(&shape, number, 8, [5, 6])[1])).collect();
            let (weights, bias) = (vec![1.0; shape.weights_len()], vec![0.5; shape.outputs]);
            let mut output = vec![f32::NAN; shape.output_len()];
            let (posts, weights) = ([Post::Bias(Data::F32(&bias)), Post::Cap(6.0)], Data::F32(&weights));
            let by_channels = channels::Parameters {
                width,
                pixels: 6,
                vectors: 1,
                pixel_block: 0,
                output_block: 0,
                outputs_outer: false,
                threads: 1,
            };
            ByChannels::new(&shape, &by_channels, weights).run(Data::F32(&input), &posts, DataMut::F32(&mut output));
            assert_eq!(output, vec![0.5; shape.output_len()], "by channels, {width:?}");
            if !channels_last {
                let direct = direct::Parameters { width, blocking: BLOCKING, threads: 1 };
                Direct::new(&shape, &direct, weights).run(Data::F32(&input), &posts, DataMut::F32(&mut output));
                assert_eq!(output, vec![0.5; shape.output_len()], "direct, {width:?}");
            }
        }
    }
}

const DEPTHWISE: &[&str] = &[
    "n2c5h9w11o5k3p1g5",
    "n1c19h13w10o19k3s2p1g19",
    "n1c3h7w70o6k3p1g3",
    "n1c3h9w41o3k3g3",
    "n1c9h6w7o9k5p2d2g9",
    "n1c1h4w5o3k3p3g1",
    "n1c8h7w37o8k3s2g8",
    "n1c2h3w3o2k1g2",
];

#[test]
fn depthwise_convolutions_are_right() {
    for width in Width::available() {
        for (number, strip) in [1, 2, 3, 4, 8].into_iter().enumerate() {
            let parameters = depthwise::Parameters { width, strip, block: 1 + number % 3, threads: 1 + number % 2 };
            for text in DEPTHWISE {
                for channels_last in [false, true] {
                    let shape = Shape { channels_last, ..shape(text) };
                    if !depthwise::applies(&shape) {
                        continue;
                    }
                    check(&format!("{parameters:?} {text}"), &shape, &mut |input, weights, posts, output| {
                        Depthwise::new(&shape, &parameters, weights).run(input, posts, output);
                    });
                }
            }
        }
    }
}

#[test]
fn winograd_is_right() {
    let shapes = [
        "n2c3h9w11o5k3p1",
        "n1c4h7w7o6k3p1",
        "n1c2h33w18o3k3",
        "n1c5h3w40o7k3p2",
        "n1c1h28w28o9k3p1",
        "n3c4h1w2o8k3p3",
        "n1c3h2w5o4k3p4",
    ];
    for width in Width::available() {
        for (number, (size, tile_rows)) in [(2, 0), (4, 0), (2, 1), (4, 2)].into_iter().enumerate() {
            let blocking = Blocking { rows: 3 + number % 2, pack: number == 1, outputs_outer: number == 2, ..BLOCKING };
            let parameters = winograd::Parameters { width, size, tile_rows, blocking, threads: 1 + number % 2 };
            for text in shapes {
                let shape = shape(text);
                assert!(winograd::applies(&shape));
                check(&format!("{parameters:?} {text}"), &shape, &mut |input, weights, posts, output| {
                    Winograd::new(&shape, &parameters, weights).run(input, posts, output);
                });
            }
        }
    }
}
