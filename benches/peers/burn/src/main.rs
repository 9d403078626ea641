//! Burn as a peer: loads inputs, times an operator when asked to, saves its output. The lines are those of `../compare.py`.

use std::io::{BufRead, Write};
use std::time::Instant;

use burn::tensor::activation::gelu;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, DeviceKind, Tensor, TensorData};

type Work = Box<dyn Fn() -> Vec<f32>>;

/// An operator on its inputs: run once without looking at the result, and once for the result.
struct Loaded {
    run: Box<dyn Fn()>,
    result: Work,
}

fn main() {
    let device = Device::vulkan(DeviceKind::Cpu);
    let mut loaded: Option<Loaded> = None;
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = match words.as_slice() {
            ["load", operator, sizes @ .., folder] => {
                let sizes: Vec<usize> = sizes.iter().map(|size| size.parse().expect("a size")).collect();
                loaded = Some(load(operator, &sizes, folder, &device));
                "loaded".to_owned()
            }
            ["time", runs] => time(loaded.as_ref().expect("loaded"), runs.parse().expect("a count"), &device),
            ["save", file] => {
                let values = (loaded.as_ref().expect("loaded").result)();
                let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
                std::fs::write(file, bytes).expect("written");
                "saved".to_owned()
            }
            _ => panic!("`{line}` is not understood"),
        };
        println!("PEER {answer}");
        std::io::stdout().flush().expect("flushed");
    }
}

fn load(operator: &str, sizes: &[usize], folder: &str, device: &Device) -> Loaded {
    match (operator, sizes) {
        ("matmul", &[m, n, k]) => {
            let (a, b) = (read::<2>(folder, 0, [m, k], device), read::<2>(folder, 1, [k, n], device));
            pair(move || a.clone().matmul(b.clone()))
        }
        ("conv2d", &[c, h, w, o, k, p, g]) => {
            let x = read::<4>(folder, 0, [1, c, h, w], device);
            let weights = read::<4>(folder, 1, [o, c / g, k, k], device);
            pair(move || conv2d(x.clone(), weights.clone(), None, ConvOptions::new([1, 1], [p, p], [1, 1], g)))
        }
        ("gelu", &[n]) => {
            let x = read::<1>(folder, 0, [n], device);
            pair(move || gelu(x.clone()))
        }
        _ => panic!("no operator {operator} with sizes {sizes:?}"),
    }
}

fn pair<const D: usize>(compute: impl Fn() -> Tensor<D> + Clone + 'static) -> Loaded {
    let again = compute.clone();
    let run = move || {
        // Kept until the device is done: what nobody holds need not be computed.
        let result = compute();
        result.device().sync().expect("done");
        drop(result);
    };
    let result = move || again().into_data().to_vec::<f32>().expect("f32");
    Loaded { run: Box::new(run), result: Box::new(result) }
}

fn time(loaded: &Loaded, runs: usize, device: &Device) -> String {
    device.sync().expect("done");
    let once = || {
        let started = Instant::now();
        (loaded.run)();
        started.elapsed().as_secs_f64().to_string()
    };
    (0..runs).map(|_| once()).collect::<Vec<_>>().join(" ")
}

fn read<const D: usize>(folder: &str, input: usize, shape: [usize; D], device: &Device) -> Tensor<D> {
    let bytes = std::fs::read(format!("{folder}/{input}.bin")).expect("an input");
    let values: Vec<f32> = bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().expect("four"))).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}
