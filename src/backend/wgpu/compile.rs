//! From a program to pipelines and the dispatches that run it.

use std::borrow::Cow;

use wgpu::{
    BindGroupLayout, BindGroupLayoutDescriptor, BindGroupLayoutEntry, BindingType, BufferBindingType, ComputePipeline,
    ComputePipelineDescriptor, Device, PipelineCompilationOptions, PipelineLayout, PipelineLayoutDescriptor, Queue,
    ShaderModuleDescriptor, ShaderRuntimeChecks, ShaderSource, ShaderStages,
};

use super::buffers::{Temporary, Tensors};
use super::launch::{Bound, Launch};
use super::places::{Place, What, places};
use super::scopes::Scopes;
use crate::backend::{Entrant, Job};
use crate::base::DeviceLimits;
use crate::code::{Access, Binding, BufferRef, Kernel, Program};
use crate::record::{CacheState, Mode, Rejection, Stage};

/// A program ready to run.
pub struct Compiled {
    /// One launch for each dispatch that does nothing: drivers that put compiling off do it then. Kernels whose author
    /// declared the interface would do something, so they are launched with no workgroups at all. That suffices: with 3000
    /// operations in a row, llvmpipe (Mesa 22.3.6) takes 1.8 s until it has been touched so and 13 ms for the first run,
    /// SwiftShader 1.0 s and 8 ms.
    pub(super) touch: Vec<Launch>,
    /// Bound to each set of inputs.
    pub(super) sets: Vec<Launches>,
    pub(super) temporaries: Vec<Temporary>,
    /// The inputs that some kernel could change.
    pub(super) writable: Vec<usize>,
    /// The run bound to each copy of set 0, where caches are to be cold.
    pub(super) copies: Vec<Vec<Launch>>,
}

impl Compiled {
    /// So many runs to time: on set 0, or where caches are to be cold on one copy after the other, from `first` on.
    pub(super) fn runs(&self, first: usize, repeats: u32) -> Vec<&[Launch]> {
        let one = |repeat: usize| match self.copies.len() {
            0 => self.sets[0].run.as_slice(),
            copies => self.copies[(first + repeat) % copies].as_slice(),
        };
        (0..repeats as usize).map(one).collect()
    }
}

/// A program's dispatches on one set of inputs.
pub(super) struct Launches {
    pub prepare: Vec<Launch>,
    pub run: Vec<Launch>,
}

/// Compiles an entrant's kernels and binds them to the job's tensors.
pub(super) fn compile(
    device: &Device,
    queue: &Queue,
    limits: &DeviceLimits,
    job: &Job,
    entrant: &Entrant,
    tensors: &Tensors,
) -> Result<Compiled, Rejection> {
    let references = entrant.program.check_references(job.inputs.len(), job.outputs.len());
    references.map_err(|why| Rejection::new(Stage::Validate, why))?;
    let scopes = Scopes::open(device);
    let compiled = Builder { device, queue, limits, job, entrant, tensors }.program();
    scopes.close(Stage::Compile)?;
    compiled
}

/// Everything that a program is made ready from.
pub(super) struct Builder<'a> {
    pub device: &'a Device,
    pub queue: &'a Queue,
    pub limits: &'a DeviceLimits,
    pub job: &'a Job,
    pub entrant: &'a Entrant,
    pub tensors: &'a Tensors,
}

/// A kernel's pipeline with the groups that its buffers are bound in.
pub(super) struct Pipeline {
    pub pipeline: ComputePipeline,
    pub groups: Vec<Group>,
}

/// One bind group of a kernel.
pub(super) struct Group {
    pub number: u32,
    pub layout: BindGroupLayout,
    pub places: Vec<Place>,
}

impl Builder<'_> {
    fn program(&self) -> Result<Compiled, Rejection> {
        let Entrant { program, mode, .. } = self.entrant;
        program.kernels.iter().try_for_each(|kernel| self.check_sizes(kernel))?;
        let pipelines = program.kernels.iter().map(|kernel| self.pipeline(kernel, *mode));
        let pipelines = pipelines.collect::<Result<Vec<_>, Rejection>>()?;
        let temporaries = self.temporaries(program)?;
        let bound = |inputs| Bound { builder: self, pipelines: &pipelines, temporaries: &temporaries, inputs };
        let all = program.prepare.iter().chain(&program.run);
        let first = bound(&self.tensors.sets[0]);
        let touch = all.map(|dispatch| first.touch(dispatch)).collect();
        let sets = self.tensors.sets.iter().map(|inputs| {
            let set = bound(inputs);
            Ok(Launches { prepare: set.launches(&program.prepare)?, run: set.launches(&program.run)? })
        });
        let sets = sets.collect::<Result<_, Rejection>>()?;
        let copies = self.tensors.copies.iter().filter(|_| mode.cache == CacheState::Cold);
        let copies = copies.map(|inputs| bound(inputs).launches(&program.run)).collect::<Result<_, Rejection>>()?;
        Ok(Compiled { touch, sets, temporaries, writable: writable_inputs(program), copies })
    }

    fn check_sizes(&self, kernel: &Kernel) -> Result<(), Rejection> {
        let fits = |name: &&String| self.size(name).is_some();
        let missing = kernel.uniforms.iter().find(|name| !fits(name));
        let why = |name| format!("uniform `{name}` has no value that fits 32 bits");
        missing.map_or(Ok(()), |name| Err(Rejection::new(Stage::Validate, why(name))))
    }

    pub fn size(&self, name: &str) -> Option<u32> {
        self.job.symbols.get(name).and_then(|size| u32::try_from(*size).ok())
    }

    fn temporaries(&self, program: &Program) -> Result<Vec<Temporary>, Rejection> {
        let make = |spec: &crate::code::Temporary| {
            let bytes = spec.bytes.eval(&self.job.symbols).filter(|bytes| *bytes <= self.limits.storage_binding_bytes);
            let bytes = bytes.ok_or_else(|| {
                Rejection::new(Stage::Limits, format!("temporary `{}` of {} bytes is too large", spec.name, spec.bytes))
            })?;
            Ok(Temporary::new(self.device, &spec.name, bytes))
        };
        program.temporaries.iter().map(make).collect()
    }

    fn pipeline(&self, kernel: &Kernel, mode: Mode) -> Result<Pipeline, Rejection> {
        let groups = self.groups(kernel)?;
        let checks = if mode.checks { ShaderRuntimeChecks::checked() } else { ShaderRuntimeChecks::unchecked() };
        let source = ShaderModuleDescriptor {
            label: Some(&kernel.entry),
            source: ShaderSource::Wgsl(Cow::Borrowed(&kernel.code)),
        };
        // SAFETY: those who make jobs have had `check` validate the text and count its loops, unless its author declared
        // the interface: then a loop may never end, and the process is to be one that can be ended. Inputs and outputs
        // end in guard zones within the bound range, unless the text asks for their lengths. What an unchecked candidate
        // could still do wrong, its gate is for.
        let module = unsafe { self.device.create_shader_module_trusted(source, checks) };
        let pipeline = self.device.create_compute_pipeline(&ComputePipelineDescriptor {
            label: Some(&kernel.entry),
            layout: Some(&self.pipeline_layout(&groups)),
            module: &module,
            entry_point: Some(&kernel.entry),
            compilation_options: PipelineCompilationOptions {
                zero_initialize_workgroup_memory: mode.zero_init,
                ..Default::default()
            },
            cache: None,
        });
        Ok(Pipeline { pipeline, groups })
    }

    /// By number, with nothing where the text leaves a number out.
    fn pipeline_layout(&self, groups: &[Group]) -> PipelineLayout {
        let mut layouts = vec![None; groups.last().map_or(0, |group| group.number as usize + 1)];
        groups.iter().for_each(|group| layouts[group.number as usize] = Some(&group.layout));
        let descriptor = PipelineLayoutDescriptor { label: None, bind_group_layouts: &layouts, immediate_size: 0 };
        self.device.create_pipeline_layout(&descriptor)
    }

    /// In the order of their numbers.
    fn groups(&self, kernel: &Kernel) -> Result<Vec<Group>, Rejection> {
        let places = places(kernel).map_err(|why| Rejection::new(Stage::Validate, why))?;
        let most = self.device.limits().max_bind_groups;
        if let Some((number, _)) = places.last_key_value().filter(|(number, _)| **number >= most) {
            let why = format!("kernel `{}` has @group({number}); groups 0 to {} are allowed", kernel.entry, most - 1);
            return Err(Rejection::new(Stage::Limits, why));
        }
        let group =
            |(number, places): (u32, Vec<Place>)| Group { number, layout: self.layout(kernel, &places), places };
        Ok(places.into_iter().map(group).collect())
    }

    fn layout(&self, kernel: &Kernel, places: &[Place]) -> BindGroupLayout {
        let entry = |place: &Place| BindGroupLayoutEntry {
            binding: place.binding,
            visibility: ShaderStages::COMPUTE,
            ty: BindingType::Buffer {
                ty: buffer_type(kernel, place),
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        };
        let entries: Vec<_> = places.iter().map(entry).collect();
        self.device.create_bind_group_layout(&BindGroupLayoutDescriptor { label: None, entries: &entries })
    }
}

fn buffer_type(kernel: &Kernel, place: &Place) -> BufferBindingType {
    match place.what {
        What::Uniform(_) => BufferBindingType::Uniform,
        What::Storage { at, .. } => {
            BufferBindingType::Storage { read_only: kernel.bindings[at].access == Access::Read }
        }
    }
}

/// The inputs that a program binds for writing.
fn writable_inputs(program: &Program) -> Vec<usize> {
    let mut inputs = Vec::new();
    for dispatch in program.prepare.iter().chain(&program.run) {
        let bindings = &program.kernels[dispatch.kernel].bindings;
        inputs.extend(dispatch.buffers.iter().zip(bindings).filter_map(|bound| match bound {
            (BufferRef::Input(input), Binding { access: Access::ReadWrite, .. }) => Some(*input),
            _ => None,
        }));
    }
    inputs.sort_unstable();
    inputs.dedup();
    inputs
}
