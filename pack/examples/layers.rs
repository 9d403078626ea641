//! Runs the layers of a network from a pack on every device of this machine, and compares them with a plain reference:
//! `cargo run -p wgtune-pack --features wgpu --example layers -- kernels.wgpack "matmul:f32:m64n48k32+bias+relu"`.
//! Without a workload it runs each that the pack was measured at.

use std::collections::BTreeSet;
use std::error::Error;
use std::time::{Duration, Instant};

use wgpu::{
    Adapter, Backends, Buffer, BufferDescriptor, BufferUsages, Device, DeviceDescriptor, Features, Instance,
    InstanceDescriptor, MapMode, PollType, Queue,
};
use wgtune_pack::gpu::{Bound, Loader, Prepared};
use wgtune_pack::{Distribution, ElementType, Fill, Pack, TensorSize, Workload};

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("name a pack: layers FILE [WORKLOAD]...")?;
    let file = std::fs::read(&path)?;
    let pack = Pack::open(file.clone())?;
    let mut lines: BTreeSet<String> = arguments.collect();
    if lines.is_empty() {
        let measured =
            |entry: &wgtune_pack::Entry| Some(pack.manifest().operations.get(&entry.operation)?.line(&entry.measured));
        lines = pack.manifest().entries.iter().filter_map(measured).collect();
    }
    let instance = Instance::new(InstanceDescriptor::new_without_display_handle());
    for adapter in pollster::block_on(instance.enumerate_adapters(Backends::all())) {
        println!("{} ({})", adapter.get_info().name, adapter.get_info().backend);
        let (device, queue) = open(&adapter)?;
        let mut loader = Loader::new(Pack::open(file.clone())?, &adapter, &device, &queue);
        for line in &lines {
            layer(&mut loader, &device, &queue, line)?;
        }
        // An application would store this and give it to the next loader: then nothing is tested or raced again.
        let _decisions = loader.decisions();
    }
    Ok(())
}

/// An application's device: with all limits, and the features that kernels may ask for.
fn open(adapter: &Adapter) -> Result<(Device, Queue), wgpu::RequestDeviceError> {
    let wanted =
        Features::SHADER_F16 | Features::SUBGROUP | Features::SHADER_FLOAT32_ATOMIC | Features::TIMESTAMP_QUERY;
    pollster::block_on(adapter.request_device(&DeviceDescriptor {
        required_features: adapter.features() & wanted,
        required_limits: adapter.limits(),
        ..Default::default()
    }))
}

/// Loads one layer, runs it, and prints on which grounds it was chosen, how long it takes and how far off it is.
fn layer(loader: &mut Loader, device: &Device, queue: &Queue, line: &str) -> Result<(), Box<dyn Error>> {
    let workload = Workload::parse(line)?;
    let started = Instant::now();
    let loaded = loader.load(&workload)?;
    let took = started.elapsed();
    println!("  {line}\n    {}: {}", loaded.choice().rung(), loaded.choice().reason());
    for miss in loaded.choice().misses() {
        println!("    passed over: {}: {}", miss.what, miss.why);
    }
    match loaded.race() {
        Some(Ok(race)) => {
            println!("    race: {} contenders, {} rounds, {:.0?}", race.laps.len(), race.rounds, race.took)
        }
        Some(Err(why)) => println!("    race: none, {why}"),
        None => {}
    }
    let Some(program) = loaded.program() else { return Ok(()) };
    let sizes = program.program();
    let inputs: Vec<Vec<f32>> = (1..).zip(sizes.inputs()).map(|(seed, tensor)| contents(seed, tensor)).collect();
    let buffers: Vec<Buffer> = inputs
        .iter()
        .zip(sizes.inputs())
        .map(|(values, tensor)| {
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            let buffer = buffer(device, Prepared::least_bytes(tensor), BufferUsages::STORAGE | BufferUsages::COPY_DST);
            queue.write_buffer(&buffer, 0, &bytes[..bytes.len().min(tensor.bytes as usize)]);
            buffer
        })
        .collect();
    let output =
        buffer(device, Prepared::least_bytes(&sizes.outputs()[0]), BufferUsages::STORAGE | BufferUsages::COPY_SRC);
    let outputs: Vec<Buffer> = sizes.outputs()[1..]
        .iter()
        .map(|tensor| buffer(device, Prepared::least_bytes(tensor), BufferUsages::STORAGE))
        .collect();
    let all_outputs: Vec<&Buffer> = std::iter::once(&output).chain(&outputs).collect();
    let bound = program.bind(&buffers.iter().collect::<Vec<_>>(), &all_outputs)?;
    let time = time(device, queue, &bound)?;
    let error = match reference(&workload, program, &inputs) {
        Some(want) => format!("largest error {:.1e}", largest_error(&read(device, queue, &output)?, &want)),
        None => "no reference".to_owned(),
    };
    println!("    {time:.1?} a run, loaded in {took:.1?}, {error}");
    Ok(())
}

fn buffer(device: &Device, size: u64, usage: BufferUsages) -> Buffer {
    device.create_buffer(&BufferDescriptor { label: None, size, usage, mapped_at_creation: false })
}

/// Numbers of both signs; nothing else than f32 is compared.
fn contents(seed: u32, tensor: &TensorSize) -> Vec<f32> {
    let fill = Fill { seed, distribution: Distribution::Uniform { low: -1.0, high: 1.0 } };
    (0..tensor.elements).map(|index| fill.value(index) as f32).collect()
}

/// The time of one run, by the host's clock: the median of five samples, the first run left out.
fn time(device: &Device, queue: &Queue, bound: &Bound) -> Result<Duration, wgpu::PollError> {
    let pass = |is_first: bool| {
        let mut encoder = device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        if is_first {
            bound.encode_prepare(&mut pass);
        }
        bound.encode(&mut pass);
        drop(pass);
        let started = Instant::now();
        queue.submit([encoder.finish()]);
        device.poll(PollType::wait_indefinitely()).map(|_| started.elapsed())
    };
    pass(true)?;
    let mut samples = (0..5).map(|_| pass(false)).collect::<Result<Vec<_>, _>>()?;
    samples.sort_unstable();
    Ok(samples[2])
}

fn read(device: &Device, queue: &Queue, buffer: &Buffer) -> Result<Vec<f32>, Box<dyn Error>> {
    let readback = self::buffer(device, buffer.size(), BufferUsages::MAP_READ | BufferUsages::COPY_DST);
    let mut encoder = device.create_command_encoder(&Default::default());
    encoder.copy_buffer_to_buffer(buffer, 0, &readback, 0, buffer.size());
    queue.submit([encoder.finish()]);
    readback.map_async(MapMode::Read, .., |mapped| mapped.expect("nothing else uses it"));
    device.poll(PollType::wait_indefinitely())?;
    let bytes = readback.get_mapped_range(..)?.to_vec();
    Ok(bytes.as_chunks().0.iter().map(|word| f32::from_le_bytes(*word)).collect())
}

fn largest_error(got: &[f32], want: &[f64]) -> f64 {
    let errors = got.iter().zip(want).map(|(got, want)| (f64::from(*got) - want).abs());
    // What is no number is infinitely wrong.
    errors.map(|error| if error.is_nan() { f64::INFINITY } else { error }).fold(0.0, f64::max)
}

/// What is right, computed in the plainest way: products of matrices and convolutions in f32, with bias and relu.
fn reference(workload: &Workload, program: &Prepared, inputs: &[Vec<f32>]) -> Option<Vec<f64>> {
    let is_f32 = |tensor: &TensorSize| tensor.element == ElementType::F32;
    let steps: Vec<&str> = workload.tail.split('+').skip(1).collect();
    let is_known = matches!(workload.tail.split('+').next(), Some("" | ":nn" | ":nchw"));
    let has_known_steps = matches!(steps[..], [] | ["bias"] | ["relu"] | ["bias", "relu"]);
    if !is_known || !has_known_steps || !program.program().inputs().iter().all(is_f32) {
        return None;
    }
    let size = |name: &str| program.program().symbols().get(name).map(|size| *size as usize);
    let (sums, channels, inner) = match workload.operator.as_str() {
        "matmul" => (products([size("b")?, size("m")?, size("n")?, size("k")?], inputs), size("n")?, 1),
        "conv2d" => {
            let convolution = Convolution::new(&size)?;
            (convolution.sums(inputs), convolution.o, convolution.out[0] * convolution.out[1])
        }
        _ => return None,
    };
    let bias = inputs.get(2).filter(|_| steps.contains(&"bias"));
    let with_steps = sums.into_iter().enumerate().map(|(at, sum)| {
        let sum = sum + bias.map_or(0.0, |bias| f64::from(bias[at / inner % channels]));
        if steps.contains(&"relu") { sum.max(0.0) } else { sum }
    });
    Some(with_steps.collect())
}

fn products([b, m, n, k]: [usize; 4], inputs: &[Vec<f32>]) -> Vec<f64> {
    let (left, right) = (&inputs[0], &inputs[1]);
    let element = |at: usize| {
        let (batch, row, column) = (at / (m * n), at / n % m, at % n);
        let term =
            |i: usize| f64::from(left[(batch * m + row) * k + i]) * f64::from(right[(batch * k + i) * n + column]);
        (0..k).map(term).sum()
    };
    (0..b * m * n).map(element).collect()
}

/// The sizes of a convolution; pairs are vertical and horizontal.
struct Convolution {
    n: usize,
    c: usize,
    o: usize,
    groups: usize,
    image: [usize; 2],
    out: [usize; 2],
    filter: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    dilation: [usize; 2],
}

impl Convolution {
    fn new(size: &dyn Fn(&str) -> Option<usize>) -> Option<Self> {
        let pair = |name: &str, unsaid: Option<usize>| {
            let along = |axis: &str| size(&format!("{name}{axis}")).or(size(name)).or(unsaid);
            Some([along("h")?, along("w")?])
        };
        Some(Self {
            n: size("n")?,
            c: size("c")?,
            o: size("o")?,
            groups: size("g").unwrap_or(1),
            image: [size("h")?, size("w")?],
            out: [size("oh")?, size("ow")?],
            filter: pair("k", None)?,
            stride: pair("s", Some(1))?,
            padding: pair("p", Some(0))?,
            dilation: pair("d", Some(1))?,
        })
    }

    fn sums(&self, inputs: &[Vec<f32>]) -> Vec<f64> {
        let [oh, ow] = self.out;
        let all = (0..self.n * self.o * oh * ow).map(|at| (at / (self.o * oh * ow), at / (oh * ow) % self.o, at));
        all.map(|(n, o, at)| self.sum(inputs, n, o, [at / ow % oh, at % ow])).collect()
    }

    fn sum(&self, inputs: &[Vec<f32>], n: usize, o: usize, at: [usize; 2]) -> f64 {
        let ([kh, kw], [h, w], c) = (self.filter, self.image, self.c / self.groups);
        let first = o / (self.o / self.groups) * c;
        let taps = (0..c * kh * kw).filter_map(|tap| {
            let (channel, places) = (tap / (kh * kw), [tap / kw % kh, tap % kw]);
            let pixel = |axis: usize| {
                let moved = at[axis] * self.stride[axis] + places[axis] * self.dilation[axis];
                moved.checked_sub(self.padding[axis]).filter(|pixel| *pixel < self.image[axis])
            };
            let place = ((n * self.c + first + channel) * h + pixel(0)?) * w + pixel(1)?;
            Some(f64::from(inputs[0][place]) * f64::from(inputs[1][o * c * kh * kw + tap]))
        });
        taps.sum()
    }
}
