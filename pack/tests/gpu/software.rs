//! Software Vulkan devices to test on, or a reasoned skip where there is none.

use std::fmt;
use std::io::Write;

use wgpu::{
    Adapter, Backends, Buffer, BufferDescriptor, BufferUsages, Device, DeviceDescriptor, DeviceType, Features,
    Instance, InstanceDescriptor, InstanceFlags, MapMode, PollType, Queue,
};
use wgtune_pack::gpu::Prepared;

/// Set by continuous integration, which installs a software device: then a missing one is a failure, not a skip.
const REQUIRE: &str = "WGTUNE_REQUIRE_DEVICE";

/// An application with its device.
pub struct Machine {
    pub adapter: Adapter,
    pub device: Device,
    pub queue: Queue,
}

/// Each software device of this machine, opened with usual limits and those of the features that it has.
pub fn machines(features: Features) -> Vec<Machine> {
    let instance = Instance::new(InstanceDescriptor {
        backends: Backends::VULKAN,
        flags: InstanceFlags::empty(),
        ..InstanceDescriptor::new_without_display_handle()
    });
    let adapters = pollster::block_on(instance.enumerate_adapters(Backends::VULKAN)).into_iter();
    let software = adapters.filter(|adapter| adapter.get_info().device_type == DeviceType::Cpu);
    let machines: Vec<Machine> = software.map(|adapter| Machine::open(adapter, features)).collect();
    if machines.is_empty() {
        assert!(std::env::var_os(REQUIRE).is_none(), "{REQUIRE} is set, but there is no software Vulkan device");
        note_skip("there is no software Vulkan device");
    }
    machines
}

impl Machine {
    fn open(adapter: Adapter, features: Features) -> Self {
        let descriptor = DeviceDescriptor { required_features: features & adapter.features(), ..Default::default() };
        let (device, queue) = pollster::block_on(adapter.request_device(&descriptor)).unwrap();
        Self { adapter, device, queue }
    }

    pub fn buffer(&self, size: u64, usage: BufferUsages) -> Buffer {
        self.device.create_buffer(&BufferDescriptor { label: None, size, usage, mapped_at_creation: false })
    }

    /// The output of a program on these inputs, each element four bytes, as an application would run it.
    pub fn run(&self, program: &Prepared, inputs: &[&[f32]], elements: usize) -> Vec<f32> {
        let inputs: Vec<Buffer> = inputs.iter().map(|values| self.filled(values)).collect();
        let size = Prepared::least_bytes(&program.program().outputs()[0]);
        let output = self.buffer(size, BufferUsages::STORAGE | BufferUsages::COPY_SRC);
        let mut encoder = self.device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        program.encode(&mut pass, &inputs.iter().collect::<Vec<_>>(), &[&output]).unwrap();
        drop(pass);
        self.queue.submit([encoder.finish()]);
        self.read(&output, elements)
    }

    /// A tensor with these elements.
    pub fn filled(&self, values: &[f32]) -> Buffer {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let size = (bytes.len() as u64).next_multiple_of(16);
        let buffer = self.buffer(size, BufferUsages::STORAGE | BufferUsages::COPY_DST);
        self.queue.write_buffer(&buffer, 0, &bytes);
        buffer
    }

    /// The first elements of a tensor, after all that was submitted.
    pub fn read(&self, tensor: &Buffer, elements: usize) -> Vec<f32> {
        let readback = self.buffer(tensor.size(), BufferUsages::MAP_READ | BufferUsages::COPY_DST);
        let mut encoder = self.device.create_command_encoder(&Default::default());
        encoder.copy_buffer_to_buffer(tensor, 0, &readback, 0, tensor.size());
        self.queue.submit([encoder.finish()]);
        readback.map_async(MapMode::Read, .., |mapped| mapped.unwrap());
        self.device.poll(PollType::wait_indefinitely()).unwrap();
        let bytes = readback.get_mapped_range(..).unwrap().to_vec();
        bytes.chunks_exact(4).take(elements).map(|word| f32::from_le_bytes(word.try_into().unwrap())).collect()
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.adapter.get_info().name)
    }
}

/// Says why a test does not run, also in the file that `scripts/test.sh` shows at the end: runners hide what tests
/// that passed have printed.
fn note_skip(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    eprintln!("SKIPPED: {test}: {why}");
    if let Some(path) = std::env::var_os("WGTUNE_SKIPS") {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        file.and_then(|mut file| writeln!(file, "SKIPPED: {test}: {why}")).expect("the file for skips");
    }
}
