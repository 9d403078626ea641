//! From a dispatch to launches: the workgroups of each, and the buffers that they are bound to.

use std::num::NonZeroU64;

use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, BindingResource, Buffer, BufferBinding, BufferUsages, ComputePass,
    ComputePipeline,
};

use super::buffers::{Temporary, with_contents};
use super::compile::{Builder, Group, Pipeline};
use super::places::{Place, What};
use crate::code::{BufferRef, Dispatch, Kernel, fold};
use crate::record::{Rejection, Stage};

/// One dispatch with everything bound.
pub(super) struct Launch {
    pipeline: ComputePipeline,
    /// With their numbers.
    groups: Vec<(u32, BindGroup)>,
    workgroups: [u32; 3],
}

impl Launch {
    pub fn encode(&self, pass: &mut ComputePass<'_>) {
        let [x, y, z] = self.workgroups;
        pass.set_pipeline(&self.pipeline);
        self.groups.iter().for_each(|(number, group)| pass.set_bind_group(*number, group, &[]));
        pass.dispatch_workgroups(x, y, z);
    }
}

/// What one launch does of a dispatch.
#[derive(Clone, Copy)]
struct Part {
    /// The workgroups' numbers, for kernels that are told them. Folding a grid may launch more; those from `end` on do
    /// nothing.
    first: u32,
    end: u32,
    workgroups: [u32; 3],
}

/// A program's pipelines with the buffers that its dispatches are bound to.
pub(super) struct Bound<'a> {
    pub builder: &'a Builder<'a>,
    pub pipelines: &'a [Pipeline],
    pub temporaries: &'a [Temporary],
    pub inputs: &'a [Buffer],
}

impl Bound<'_> {
    pub fn launches(&self, dispatches: &[Dispatch]) -> Result<Vec<Launch>, Rejection> {
        let mut launches = Vec::new();
        for dispatch in dispatches {
            let parts = self.builder.parts(self.kernel(dispatch))?;
            launches.extend(parts.into_iter().map(|part| self.launch(dispatch, part)));
        }
        Ok(launches)
    }

    /// A launch that does nothing.
    pub fn touch(&self, dispatch: &Dispatch) -> Launch {
        let workgroups = if self.kernel(dispatch).declared.is_some() { [0; 3] } else { [1; 3] };
        self.launch(dispatch, Part { first: 0, end: 0, workgroups })
    }

    fn kernel(&self, dispatch: &Dispatch) -> &Kernel {
        &self.builder.entrant.program.kernels[dispatch.kernel]
    }

    fn launch(&self, dispatch: &Dispatch, part: Part) -> Launch {
        let Pipeline { pipeline, groups } = &self.pipelines[dispatch.kernel];
        let uniforms = self.builder.uniforms(self.kernel(dispatch), part);
        let groups = groups.iter().map(|group| (group.number, self.bind(dispatch, group, &uniforms)));
        Launch { pipeline: pipeline.clone(), groups: groups.collect(), workgroups: part.workgroups }
    }

    fn bind(&self, dispatch: &Dispatch, group: &Group, uniforms: &[Buffer]) -> BindGroup {
        let resource = |what| match what {
            What::Uniform(number) => uniforms[number].as_entire_binding(),
            What::Storage { at, exact } => self.storage(dispatch.buffers[at], exact),
        };
        let entry = |place: &Place| BindGroupEntry { binding: place.binding, resource: resource(place.what) };
        let entries: Vec<_> = group.places.iter().map(entry).collect();
        self.builder.device.create_bind_group(&BindGroupDescriptor {
            label: Some(&self.kernel(dispatch).entry),
            layout: &group.layout,
            entries: &entries,
        })
    }

    /// A buffer, whole or without its guard zone. All sets of inputs have the sizes of the first.
    fn storage(&self, reference: BufferRef, exact: bool) -> BindingResource<'_> {
        let Builder { job, tensors, .. } = self.builder;
        let (buffer, bytes) = match reference {
            BufferRef::Input(i) => (&self.inputs[i], job.inputs[i].data_bytes()),
            BufferRef::Output(i) => (&tensors.outputs[i].buffer, job.outputs[i].data_bytes()),
            BufferRef::Temporary(i) => (&self.temporaries[i].buffer, self.temporaries[i].bytes),
        };
        // Bound sizes are whole words, and none is empty.
        let size = NonZeroU64::new(bytes.max(1).next_multiple_of(4)).filter(|_| exact);
        BindingResource::Buffer(BufferBinding { buffer, offset: 0, size })
    }
}

impl Builder<'_> {
    /// The launches of a kernel: one, or several where its grid is to be split.
    fn parts(&self, kernel: &Kernel) -> Result<Vec<Part>, Rejection> {
        if kernel.declared.is_some() {
            return Ok(vec![Part { first: 0, end: 0, workgroups: self.own_grid(kernel)? }]);
        }
        let total = kernel.workgroups(&self.job.symbols).and_then(|n| u32::try_from(n).ok());
        let total = total.ok_or_else(|| Rejection::new(Stage::Limits, "the grid has more than 2^32 workgroups"))?;
        let most = self.entrant.most_workgroups.map_or(u32::MAX, |most| u32::try_from(most.max(1)).unwrap_or(u32::MAX));
        let limit = self.limits.workgroups_per_dimension;
        let part = |first: u32| {
            let end = first.saturating_add(most).min(total);
            let workgroups = fold((end - first).max(1), limit).ok_or_else(|| no_room(end - first, limit))?;
            Ok(Part { first, end, workgroups })
        };
        (0..total).step_by(most as usize).map(part).collect()
    }

    /// The grid as the kernel's author has it: it can be neither split nor folded.
    fn own_grid(&self, kernel: &Kernel) -> Result<[u32; 3], Rejection> {
        let refused = |why: String| Rejection::new(Stage::Limits, format!("kernel `{}` {why}", kernel.entry));
        let none = || refused("has a grid whose size is no number below 2^64".to_owned());
        let grid = kernel.grid(&self.job.symbols).ok_or_else(none)?;
        let limit = self.limits.workgroups_per_dimension;
        if let Some((count, axis)) = grid.into_iter().zip(["x", "y", "z"]).find(|(count, _)| *count > u64::from(limit))
        {
            return Err(refused(format!(
                "is launched with {count} workgroups in {axis}, and this device allows {limit}; use larger workgroups or \
                 another direction"
            )));
        }
        Ok(grid.map(|count| count as u32))
    }

    /// The contents of a kernel's uniform blocks.
    fn uniforms(&self, kernel: &Kernel, part: Part) -> Vec<Buffer> {
        let Some(declared) = &kernel.declared else { return vec![self.shape(kernel, part)] };
        declared.blocks.iter().map(|block| self.uniform(&block.name, block.words.clone())).collect()
    }

    fn shape(&self, kernel: &Kernel, Part { first, end, .. }: Part) -> Buffer {
        let sizes = kernel.uniforms.iter().map(|name| self.size(name).expect("checked before anything is bound"));
        self.uniform("shape", [first, end].into_iter().chain(sizes).collect())
    }

    fn uniform(&self, name: &str, mut words: Vec<u32>) -> Buffer {
        words.resize(words.len().next_multiple_of(4), 0);
        with_contents(self.device, self.queue, name, bytemuck::cast_slice(&words), BufferUsages::UNIFORM)
    }
}

fn no_room(count: u32, limit: u32) -> Rejection {
    let why = format!(
        "{count} workgroups are launched at once, and this device has no room for them: {limit} in a direction"
    );
    Rejection::new(Stage::Limits, why)
}
