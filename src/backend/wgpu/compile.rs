//! From a program to pipelines and the dispatches that run it.

use std::borrow::Cow;

use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, BindGroupLayout, BindGroupLayoutDescriptor, BindGroupLayoutEntry,
    BindingType, Buffer, BufferBindingType, BufferUsages, ComputePass, ComputePipeline, ComputePipelineDescriptor,
    Device, PipelineCompilationOptions, PipelineLayoutDescriptor, Queue, ShaderModuleDescriptor, ShaderRuntimeChecks,
    ShaderSource, ShaderStages,
};

use super::buffers::{Temporary, Tensors, with_contents};
use super::scopes::Scopes;
use crate::backend::{Entrant, Job};
use crate::base::DeviceLimits;
use crate::code::{Access, Binding, BufferRef, Dispatch, Kernel, Program};
use crate::record::{CacheState, Mode, Rejection, Stage};

/// A program ready to run.
pub struct Compiled {
    /// One launch for each dispatch that does nothing: drivers that put compiling off do it then.
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

/// One dispatch with everything bound.
pub(super) struct Launch {
    pipeline: ComputePipeline,
    groups: BindGroup,
    workgroups: [u32; 3],
}

impl Launch {
    pub fn encode(&self, pass: &mut ComputePass<'_>) {
        let [x, y, z] = self.workgroups;
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.groups, &[]);
        pass.dispatch_workgroups(x, y, z);
    }
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

/// Everything that a launch is made from.
struct Builder<'a> {
    device: &'a Device,
    queue: &'a Queue,
    limits: &'a DeviceLimits,
    job: &'a Job,
    entrant: &'a Entrant,
    tensors: &'a Tensors,
}

/// A range of workgroups. Folding a grid may launch more; those from `end` on do nothing.
#[derive(Clone, Copy)]
struct Chunk {
    first: u32,
    end: u32,
}

const NOTHING: Chunk = Chunk { first: 0, end: 0 };

/// A kernel's pipeline with the layout that its buffers are bound by.
struct Pipeline {
    pipeline: ComputePipeline,
    layout: BindGroupLayout,
}

impl Builder<'_> {
    fn program(&self) -> Result<Compiled, Rejection> {
        let Entrant { program, mode, .. } = self.entrant;
        program.kernels.iter().try_for_each(|kernel| self.check_sizes(kernel))?;
        let pipelines: Vec<Pipeline> = program.kernels.iter().map(|kernel| self.pipeline(kernel, *mode)).collect();
        let temporaries = self.temporaries(program)?;
        let bound = |inputs| Bound { builder: self, pipelines: &pipelines, temporaries: &temporaries, inputs };
        let all = program.prepare.iter().chain(&program.run);
        let first = bound(&self.tensors.sets[0]);
        let touch = all.map(|dispatch| first.launch(dispatch, NOTHING)).collect();
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

    fn size(&self, name: &str) -> Option<u32> {
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

    fn pipeline(&self, kernel: &Kernel, mode: Mode) -> Pipeline {
        let checks = if mode.checks { ShaderRuntimeChecks::checked() } else { ShaderRuntimeChecks::unchecked() };
        let source = ShaderModuleDescriptor {
            label: Some(&kernel.entry),
            source: ShaderSource::Wgsl(Cow::Borrowed(&kernel.code)),
        };
        // SAFETY: those who make jobs have had `check` validate the text and count its loops; inputs and outputs end
        // in guard zones within the bound range. What an unchecked candidate could still do wrong, its gate is for.
        let module = unsafe { self.device.create_shader_module_trusted(source, checks) };
        let layout = self.layout(kernel);
        let pipeline_layout = self.device.create_pipeline_layout(&PipelineLayoutDescriptor {
            label: None,
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let pipeline = self.device.create_compute_pipeline(&ComputePipelineDescriptor {
            label: Some(&kernel.entry),
            layout: Some(&pipeline_layout),
            module: &module,
            entry_point: Some(&kernel.entry),
            compilation_options: PipelineCompilationOptions {
                zero_initialize_workgroup_memory: mode.zero_init,
                ..Default::default()
            },
            cache: None,
        });
        Pipeline { pipeline, layout }
    }

    /// The uniform block at binding 0, then the storage buffers.
    fn layout(&self, kernel: &Kernel) -> BindGroupLayout {
        let entry = |binding: usize, ty| BindGroupLayoutEntry {
            binding: binding as u32,
            visibility: ShaderStages::COMPUTE,
            ty: BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
            count: None,
        };
        let storage =
            kernel.bindings.iter().enumerate().map(|(i, binding)| {
                entry(i + 1, BufferBindingType::Storage { read_only: binding.access == Access::Read })
            });
        let entries: Vec<_> = std::iter::once(entry(0, BufferBindingType::Uniform)).chain(storage).collect();
        self.device.create_bind_group_layout(&BindGroupLayoutDescriptor { label: None, entries: &entries })
    }

    /// The workgroups of one kernel: all, or in parts where the grid is to be split.
    fn chunks(&self, kernel: &Kernel) -> Result<impl Iterator<Item = Chunk>, Rejection> {
        let total = kernel.workgroups(&self.job.symbols).and_then(|n| u32::try_from(n).ok());
        let total = total.ok_or_else(|| Rejection::new(Stage::Limits, "the grid has more than 2^32 workgroups"))?;
        let most = self.entrant.most_workgroups.map_or(u32::MAX, |most| u32::try_from(most.max(1)).unwrap_or(u32::MAX));
        let firsts = (0..total).step_by(most as usize);
        Ok(firsts.map(move |first| Chunk { first, end: first.saturating_add(most).min(total) }))
    }

    fn uniforms(&self, kernel: &Kernel, Chunk { first, end }: Chunk) -> Buffer {
        let sizes = kernel.uniforms.iter().map(|name| self.size(name).expect("checked before anything is bound"));
        let mut words: Vec<u32> = [first, end].into_iter().chain(sizes).collect();
        words.resize(words.len().next_multiple_of(4), 0);
        with_contents(self.device, self.queue, "shape", bytemuck::cast_slice(&words), BufferUsages::UNIFORM)
    }
}

/// A program's pipelines with the buffers that its dispatches are bound to.
struct Bound<'a> {
    builder: &'a Builder<'a>,
    pipelines: &'a [Pipeline],
    temporaries: &'a [Temporary],
    inputs: &'a [Buffer],
}

impl Bound<'_> {
    fn launches(&self, dispatches: &[Dispatch]) -> Result<Vec<Launch>, Rejection> {
        let mut launches = Vec::new();
        for dispatch in dispatches {
            let chunks = self.builder.chunks(self.kernel(dispatch))?;
            launches.extend(chunks.map(|chunk| self.launch(dispatch, chunk)));
        }
        Ok(launches)
    }

    fn kernel(&self, dispatch: &Dispatch) -> &Kernel {
        &self.builder.entrant.program.kernels[dispatch.kernel]
    }

    fn launch(&self, dispatch: &Dispatch, chunk: Chunk) -> Launch {
        Launch {
            pipeline: self.pipelines[dispatch.kernel].pipeline.clone(),
            groups: self.bind(dispatch, &self.builder.uniforms(self.kernel(dispatch), chunk)),
            workgroups: fold((chunk.end - chunk.first).max(1), self.builder.limits.workgroups_per_dimension),
        }
    }

    fn bind(&self, dispatch: &Dispatch, uniforms: &Buffer) -> BindGroup {
        let buffers = dispatch.buffers.iter().map(|reference| match reference {
            BufferRef::Input(i) => &self.inputs[*i],
            BufferRef::Output(i) => &self.builder.tensors.outputs[*i].buffer,
            BufferRef::Temporary(i) => &self.temporaries[*i].buffer,
        });
        let all = std::iter::once(uniforms).chain(buffers).enumerate();
        let entries: Vec<_> = all
            .map(|(at, buffer)| BindGroupEntry { binding: at as u32, resource: buffer.as_entire_binding() })
            .collect();
        self.builder.device.create_bind_group(&BindGroupDescriptor {
            label: Some(&self.kernel(dispatch).entry),
            layout: &self.pipelines[dispatch.kernel].layout,
            entries: &entries,
        })
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

/// Workgroups in x, y and z that are at least as many as wanted, none above the limit of one direction.
fn fold(count: u32, limit: u32) -> [u32; 3] {
    if count <= limit {
        return [count, 1, 1];
    }
    let rows = count.div_ceil(limit);
    if rows <= limit {
        return [count.div_ceil(rows), rows, 1];
    }
    [limit, limit, rows.div_ceil(limit)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_fold_into_the_next_direction() {
        for count in [1, 7, 65_535, 65_536, 100_000, 4_000_000, 4_294_836_225, u32::MAX] {
            let [x, y, z] = fold(count, 65_535);
            assert!([x, y, z].iter().all(|n| (1..=65_535).contains(n)), "{count}: {x} {y} {z}");
            let total = u64::from(x) * u64::from(y) * u64::from(z);
            assert!(total >= u64::from(count), "{count}: {total}");
            assert!(z > 1 || total < u64::from(count) + u64::from(y), "{count}: {total} are too many");
        }
    }
}
