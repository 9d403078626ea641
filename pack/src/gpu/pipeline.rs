//! From a program's texts to pipelines: one thread for each kernel, since drivers take their time.

use std::borrow::Cow;
use std::thread;

use wgpu::{
    BindGroupLayout, BindGroupLayoutDescriptor, BindGroupLayoutEntry, BindingType, BufferBindingType, ComputePipeline,
    ComputePipelineDescriptor, Device, PipelineCompilationOptions, PipelineLayout, PipelineLayoutDescriptor,
    ShaderModuleDescriptor, ShaderSource, ShaderStages,
};

use super::Error;
use super::places::{Place, What, places};
use super::scopes::guarded;
use super::trust::Checks;
use crate::{Access, Kernel, Mode, VerifiedProgram};

/// A kernel's pipeline with the groups that its buffers are bound in.
#[derive(Debug)]
pub(super) struct Pipeline {
    pub pipeline: ComputePipeline,
    pub groups: Vec<Group>,
}

/// One bind group of a kernel.
#[derive(Debug)]
pub(super) struct Group {
    pub number: u32,
    pub layout: BindGroupLayout,
    pub places: Vec<Place>,
}

/// Stack of a thread that compiles: naga's reader recurses, and says itself that it may need more than is usual.
const STACK_BYTES: usize = 16 << 20;

/// Pipelines of all kernels, in their order, made side by side.
pub(super) fn pipelines(device: &Device, program: &VerifiedProgram, checks: Checks) -> Result<Vec<Pipeline>, Error> {
    thread::scope(|scope| {
        let kernels = program.program().kernels.iter();
        let makers = kernels.map(|kernel| {
            let make = move || guarded(device, || pipeline(device, program, kernel, checks));
            let spawned = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, make);
            spawned.map_err(|error| Error::Device(format!("no thread to compile in: {error}")))
        });
        let makers: Vec<_> = makers.collect();
        let made = makers.into_iter().map(|maker| maker?.join().unwrap_or_else(|_| Err(panicked())));
        made.collect()
    })
}

/// A fault of the compiler must not end the application.
fn panicked() -> Error {
    Error::Program("the compiler panicked".to_owned())
}

fn pipeline(device: &Device, program: &VerifiedProgram, kernel: &Kernel, checks: Checks) -> Result<Pipeline, Error> {
    let text = program.text(kernel).ok_or_else(|| Error::Program(format!("kernel `{}` has no text", kernel.entry)))?;
    let groups = groups(device, kernel)?;
    let source = ShaderSource::Wgsl(Cow::Borrowed(text));
    let module = checks.module(device, ShaderModuleDescriptor { label: Some(&kernel.entry), source });
    let pipeline = device.create_compute_pipeline(&ComputePipelineDescriptor {
        label: Some(&kernel.entry),
        layout: Some(&layout(device, &groups)),
        module: &module,
        entry_point: Some(&kernel.entry),
        compilation_options: PipelineCompilationOptions {
            zero_initialize_workgroup_memory: checks.mode() == Mode::Checked,
            ..Default::default()
        },
        cache: None,
    });
    Ok(Pipeline { pipeline, groups })
}

/// By number, with nothing where the text leaves a number out.
fn layout(device: &Device, groups: &[Group]) -> PipelineLayout {
    let mut layouts = vec![None; groups.last().map_or(0, |group| group.number as usize + 1)];
    groups.iter().for_each(|group| layouts[group.number as usize] = Some(&group.layout));
    device.create_pipeline_layout(&PipelineLayoutDescriptor {
        label: None,
        bind_group_layouts: &layouts,
        immediate_size: 0,
    })
}

/// In the order of their numbers.
fn groups(device: &Device, kernel: &Kernel) -> Result<Vec<Group>, Error> {
    let (places, most) = (places(kernel), device.limits().max_bind_groups);
    if let Some((number, _)) = places.last_key_value().filter(|(number, _)| **number >= most) {
        let name = &kernel.entry;
        return Err(Error::Program(format!("kernel `{name}` has @group({number}), and the device has {most} groups")));
    }
    let group = |(number, places): (u32, Vec<Place>)| {
        let entries: Vec<_> = places.iter().map(|place| entry(kernel, place)).collect();
        let layout = device.create_bind_group_layout(&BindGroupLayoutDescriptor { label: None, entries: &entries });
        Group { number, layout, places }
    };
    Ok(places.into_iter().map(group).collect())
}

fn entry(kernel: &Kernel, place: &Place) -> BindGroupLayoutEntry {
    let ty = match place.what {
        What::Uniform(_) => BufferBindingType::Uniform,
        What::Storage { at, .. } => {
            BufferBindingType::Storage { read_only: kernel.bindings[at].access == Access::Read }
        }
    };
    BindGroupLayoutEntry {
        binding: place.binding,
        visibility: ShaderStages::COMPUTE,
        ty: BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
        count: None,
    }
}
