//! Runs a small network from a pack on every device of this machine, and compares with the reference:
//! `cargo run --example 05_pack`, or with a pack of these layers after it.

use std::error::Error;

use wgpu::{
    Adapter, Backends, Buffer, BufferDescriptor, BufferUsages, Instance, InstanceDescriptor, MapMode, PollType,
};
use wgtune::backend::DeviceChoice;
use wgtune::backend::wgpu::WgpuBackend;
use wgtune::base::Tensor;
use wgtune::op::{Signature, resolve};
use wgtune::store::Store;
use wgtune::tune::{Settings, Unwatched, tune};
use wgtune_pack::gpu::{Loader, Prepared};
use wgtune_pack::{Pack, Workload};

/// A picture of 16×16 pixels becomes ten numbers. Each layer reads what the one before has written, and weights of its own.
const LAYERS: [&str; 3] =
    ["conv2d:f32:n1c3h16w16o8k3p1+bias+relu", "conv2d:f32:n1c8h16w16o4k1+bias+relu", "matmul:f32:m1n10k1024+bias"];

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let layers = LAYERS.iter().map(|layer| resolve(layer)).collect::<Result<Vec<Signature>, _>>()?;
    let bytes = match std::env::args().nth(1) {
        Some(file) => std::fs::read(file)?,
        None => built(&layers)?,
    };
    let want = reference(&layers);
    let instance = Instance::new(InstanceDescriptor::new_without_display_handle());
    for adapter in pollster::block_on(instance.enumerate_adapters(Backends::all())) {
        println!("\n{}", adapter.get_info().name);
        let got = on_device(&adapter, Pack::open(bytes.clone())?, &layers)?;
        let error = got.iter().zip(&want).map(|(got, want)| (got - want).abs()).fold(0.0, f32::max);
        let largest = want.iter().map(|value| value.abs()).fold(0.0, f32::max);
        println!("largest error {:.1e} of {largest:.1}", error);
        if error > 1e-4 * largest {
            return Err("that is more than rounding explains".into());
        }
    }
    Ok(())
}

/// Tunes the layers on the best device of this machine and packs the winners, as `wgtune tune` and `wgtune pack build` do.
fn built(layers: &[Signature]) -> Result<Vec<u8>, Box<dyn Error>> {
    let open = |choice| WgpuBackend::open(&choice);
    let mut device = open(DeviceChoice::Automatic).or_else(|_| open(DeviceChoice::Software))?;
    let mut store = Store::in_memory()?;
    let settings = Settings { trials: 8, ..Settings::default() };
    for layer in layers {
        tune(&mut device, &mut store, layer, &settings, &mut Unwatched)?;
    }
    let settings = wgtune::pack::Settings {
        name: "network".to_owned(),
        licence: "MIT OR Apache-2.0".to_owned(),
        regret: 0.05,
        most: 8,
        secret: None,
    };
    let built = wgtune::pack::build(&store, layers, &settings)?;
    println!("a pack of {} entries, {} bytes", built.entries, built.bytes.len());
    Ok(built.bytes)
}

/// The network's output on a device, each layer by what the pack has for it.
fn on_device(adapter: &Adapter, pack: Pack, layers: &[Signature]) -> Result<Vec<f32>, Box<dyn Error>> {
    let (device, queue) = pollster::block_on(adapter.request_device(&Default::default()))?;
    let mut loader = Loader::new(pack, adapter, &device, &queue);
    let mut programs = Vec::new();
    for layer in LAYERS {
        let loaded = loader.load(&Workload::parse(layer)?)?;
        println!("{layer}: {}", loaded.choice().reason());
        programs.push(loaded.into_program().ok_or("the pack has nothing for this device")?);
    }
    let buffer =
        |size, usage| device.create_buffer(&BufferDescriptor { label: None, size, usage, mapped_at_creation: false });
    let filled = |tensor: &Tensor| {
        let bytes: Vec<u8> = tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let buffer = buffer((bytes.len() as u64).next_multiple_of(16), BufferUsages::STORAGE | BufferUsages::COPY_DST);
        queue.write_buffer(&buffer, 0, &bytes);
        buffer
    };
    let mut encoder = device.create_command_encoder(&Default::default());
    let mut last = filled(&weights(&layers[0])[0]);
    for (layer, program) in layers.iter().zip(&programs) {
        let weights: Vec<Buffer> = weights(layer)[1..].iter().map(filled).collect();
        let inputs: Vec<&Buffer> = [&last].into_iter().chain(&weights).collect();
        let output = buffer(
            Prepared::least_bytes(&program.program().outputs()[0]),
            BufferUsages::STORAGE | BufferUsages::COPY_SRC,
        );
        program.encode(&mut encoder.begin_compute_pass(&Default::default()), &inputs, &[&output])?;
        last = output;
    }
    let readback = buffer(last.size(), BufferUsages::MAP_READ | BufferUsages::COPY_DST);
    encoder.copy_buffer_to_buffer(&last, 0, &readback, 0, last.size());
    queue.submit([encoder.finish()]);
    readback.map_async(MapMode::Read, .., |_| ());
    device.poll(PollType::wait_indefinitely())?;
    let bytes = readback.get_mapped_range(..)?.to_vec();
    let numbers = bytes.chunks_exact(4).map(|word| f32::from_le_bytes([word[0], word[1], word[2], word[3]]));
    Ok(numbers.take(layers[2].outputs[0].elements() as usize).collect())
}

/// Made-up contents of a layer's inputs: the first is what the layer before writes, but of the first layer the picture.
fn weights(layer: &Signature) -> Vec<Tensor> {
    layer.inputs.iter().enumerate().map(|(seed, tensor)| tensor.materialise(seed as u32)).collect()
}

/// The network's output by the operators' references.
fn reference(layers: &[Signature]) -> Vec<f32> {
    let mut last = weights(&layers[0]).swap_remove(0);
    for layer in layers {
        let mut inputs = weights(layer);
        // The layer before lies in memory as this one reads it.
        inputs[0].values = last.values;
        let (reference, output) = (layer.operator.reference(layer, inputs), &layer.outputs[0]);
        let values = (0..output.elements()).map(|index| reference.at(0, index).value as f32).collect();
        last = Tensor { shape: output.shape.clone(), values };
    }
    last.values
}
