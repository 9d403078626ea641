//! How much of the allowed error Winograd's convolutions use: in f32 on the host, on every data set, against f64.

use std::collections::HashMap;

use super::transforms::{Matrix, Transforms};
use super::{APART_2, APART_4, Winograd, shape};
use crate::base::{ElementType, Tensor};
use crate::op::conv2d::shape::Shape;
use crate::op::spatial::Geometry;
use crate::op::{DataSet, Template, inputs, materialise, resolve};

/// Few and many channels, odd sizes, windows that lie wholly in the padding, one channel alone.
const CASES: [&str; 6] = [
    "conv2d:f32:n1c8h13w11o6k3p1",
    "conv2d:f32:n1c64h9w10o2k3p1:nhwc",
    "conv2d:f32:n1c512h4w6o1k3p1",
    "conv2d:f32:n2c1h9w7o8k3p2",
    "conv2d:f32:n1c3h2w5o4k3p4",
    "conv2d:f16:n1c32h8w8o2k3p1",
];

/// Per cent of its bound that the largest error is, in the order of the data sets: small integers, random values, values
/// of one sign, large and tiny ones, zeros of both signs. F(2×2) computes whole numbers exactly, without having to.
const USED: [(&Winograd, [f64; 6]); 2] =
    [(&APART_2, [0.0, 7.0, 7.0, 0.0, 7.0, 0.0]), (&APART_4, [4.0, 7.0, 3.0, 1.0, 3.0, 2.0])];

#[test]
fn errors_use_a_part_of_what_is_allowed() {
    for (winograd, want) in USED {
        let used = DataSet::ALL.map(|data| (100.0 * most_used(winograd, data)).round());
        assert_eq!(used, want, "per cent of the bound, {}", winograd.name());
    }
}

/// The largest share of its bound that an error has, of all cases to which the data apply.
fn most_used(winograd: &Winograd, data: DataSet) -> f64 {
    CASES.iter().map(|text| used(winograd, text, data)).fold(0.0, f64::max)
}

fn used(winograd: &Winograd, text: &str, data: DataSet) -> f64 {
    let signature = resolve(text).unwrap();
    assert!(winograd.applies(&signature), "{text}");
    let Some(fills) = inputs(&signature, data, 5) else { return 0.0 };
    let shape = shape(&signature);
    let tensors = materialise(&signature, &fills);
    let results = convolved(winograd.transforms, &shape, &tensors);
    let reference = signature.operator.reference(&signature, tensors);
    let mut most = 0f64;
    for (index, got) in (0..).zip(results) {
        let want = reference.within(0, index, winograd.numerics());
        let got = shape.types.output.quantise(f64::from(got));
        assert!(want.admits(got), "{} on {text}, {}: {got} at {index} is not {want:?}", winograd.name, data.name());
        // Where halves are stored, most of the error is that of storing them.
        if shape.types.output == ElementType::F32 && want.bound.is_finite() && want.bound > 0.0 {
            most = most.max((got - want.value).abs() / want.bound);
        }
    }
    most
}

/// The whole output in f32, as the kernels compute it: tile by tile.
fn convolved(transforms: &Transforms, shape: &Shape, inputs: &[Tensor]) -> Vec<f32> {
    let size = transforms.tile() as u64;
    let mut tiles: HashMap<[u64; 4], Vec<f32>> = HashMap::new();
    let mut at = |index: u64| {
        let [image, o, y, x] = shape.output_position(index);
        let place = [image, o, y / size, x / size];
        let tile = tiles.entry(place).or_insert_with(|| results(transforms, shape, inputs, place));
        tile[(y % size * size + x % size) as usize]
    };
    (0..shape.y().iter().product()).map(&mut at).collect()
}

/// All results of one tile.
fn results(transforms: &Transforms, shape: &Shape, inputs: &[Tensor], [image, o, y, x]: [u64; 4]) -> Vec<f32> {
    let (tile, points) = (transforms.tile() as u64, transforms.points() as u64);
    let pixel = |c: u64, at: u64| {
        let y = (y * tile + at / points).wrapping_sub(shape.padding[0]);
        let x = (x * tile + at % points).wrapping_sub(shape.padding[1]);
        let is_inside = y < shape.h && x < shape.w;
        if is_inside { inputs[0].at(shape.x_index([image, c, y, x])) as f32 } else { 0.0 }
    };
    let mut sums = vec![0f32; (points * points) as usize];
    for c in 0..shape.c {
        let pixels: Vec<f32> = (0..points * points).map(|at| pixel(c, at)).collect();
        let taps: Vec<f32> = (0..9).map(|f| inputs[1].at(shape.w_index([o, c, f / 3, f % 3])) as f32).collect();
        let transformed = two_sided(transforms.pixels, &pixels).into_iter().zip(two_sided(transforms.taps, &taps));
        sums.iter_mut().zip(transformed).for_each(|(sum, (v, u))| *sum += v * u);
    }
    two_sided(transforms.results, &sums)
}

/// M·X·Mᵀ of a square X, in f32.
fn two_sided(matrix: Matrix, x: &[f32]) -> Vec<f32> {
    let width = matrix[0].len();
    let row_times =
        |row: &[f64], at: &dyn Fn(usize) -> f32| (0..).zip(row).map(|(i, m)| *m as f32 * at(i)).sum::<f32>();
    let half: Vec<Vec<f32>> =
        matrix.iter().map(|row| (0..width).map(|j| row_times(row, &|i| x[i * width + j])).collect()).collect();
    half.iter().flat_map(|half| matrix.iter().map(move |row| row_times(row, &|i| half[i]))).collect()
}
