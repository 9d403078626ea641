//! From dispatches to launches: the workgroups of each, and the buffers that they are bound to.

use std::num::NonZeroU64;

use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, BindingResource, Buffer, BufferBinding, ComputePass,
    ComputePipeline,
};

use super::Error;
use super::pipeline::Group;
use super::places::{Place, What};
use super::prepared::{Prepared, padded};
use crate::{BufferRef, Dispatch, Kernel, VerifiedProgram};

/// A program bound to the buffers of its tensors. It keeps them alive.
#[derive(Clone, Debug)]
pub struct Bound {
    prepare: Vec<Launch>,
    run: Vec<Launch>,
}

impl Bound {
    /// Encodes what is done once for each set of constant weights; often nothing. It fills the program's temporaries, so that
    /// it is done again whenever the weights change, or the same [`Prepared`] was run on others.
    pub fn encode_prepare(&self, pass: &mut ComputePass<'_>) {
        self.prepare.iter().for_each(|launch| launch.encode(pass));
    }

    /// Encodes what is done for each result. [`Bound::encode_prepare`] must have been encoded before it at some time.
    pub fn encode(&self, pass: &mut ComputePass<'_>) {
        self.run.iter().for_each(|launch| launch.encode(pass));
    }

    pub(super) fn new(prepared: &Prepared, buffers: &Buffers<'_>) -> Self {
        let program = prepared.program.program();
        let launches = |dispatches: &[Dispatch]| {
            dispatches.iter().map(|dispatch| Launch::new(prepared, dispatch, buffers)).collect()
        };
        Self { prepare: launches(&program.prepare), run: launches(&program.run) }
    }
}

/// The buffers of all tensors.
pub(super) struct Buffers<'a> {
    pub inputs: &'a [&'a Buffer],
    pub outputs: &'a [&'a Buffer],
}

/// One dispatch with everything bound.
#[derive(Clone, Debug)]
struct Launch {
    pipeline: ComputePipeline,
    /// With their numbers.
    groups: Vec<(u32, BindGroup)>,
    workgroups: [u32; 3],
}

impl Launch {
    fn new(prepared: &Prepared, dispatch: &Dispatch, buffers: &Buffers<'_>) -> Self {
        let (kernel, shape) = (&prepared.pipelines[dispatch.kernel], &prepared.shapes[dispatch.kernel]);
        let bound = |group: &Group| (group.number, bind(prepared, dispatch, group, buffers));
        let groups = kernel.groups.iter().map(bound).collect();
        Self { pipeline: kernel.pipeline.clone(), groups, workgroups: shape.workgroups }
    }

    fn encode(&self, pass: &mut ComputePass<'_>) {
        let [x, y, z] = self.workgroups;
        pass.set_pipeline(&self.pipeline);
        self.groups.iter().for_each(|(number, group)| pass.set_bind_group(*number, group, &[]));
        pass.dispatch_workgroups(x, y, z);
    }
}

fn bind(prepared: &Prepared, dispatch: &Dispatch, group: &Group, buffers: &Buffers<'_>) -> BindGroup {
    let uniforms = &prepared.shapes[dispatch.kernel].uniforms;
    let resource = |what| match what {
        What::Uniform(number) => uniforms[number].as_entire_binding(),
        What::Storage { at, exact } => storage(prepared, dispatch.buffers[at], exact, buffers),
    };
    let entry = |place: &Place| BindGroupEntry { binding: place.binding, resource: resource(place.what) };
    let entries: Vec<_> = group.places.iter().map(entry).collect();
    prepared.device.create_bind_group(&BindGroupDescriptor { label: None, layout: &group.layout, entries: &entries })
}

/// The part of a buffer that a kernel may access: whole vectors and the guard zone, or the elements alone.
fn storage<'a>(
    prepared: &'a Prepared,
    reference: BufferRef,
    exact: bool,
    buffers: &Buffers<'a>,
) -> BindingResource<'a> {
    let program = &prepared.program;
    let (buffer, bytes) = match reference {
        BufferRef::Input(i) => (buffers.inputs[i], program.inputs()[i].bytes),
        BufferRef::Output(i) => (buffers.outputs[i], program.outputs()[i].bytes),
        BufferRef::Temporary(i) => (&prepared.temporaries[i], program.temporary_bytes()[i]),
    };
    let whole = padded(bytes).saturating_add(prepared.guard);
    let size = if exact { bytes.max(1).next_multiple_of(4) } else { whole };
    BindingResource::Buffer(BufferBinding { buffer, offset: 0, size: NonZeroU64::new(size) })
}

/// The workgroups of a kernel in each direction, none above the limit of one.
pub(super) fn workgroups(kernel: &Kernel, program: &VerifiedProgram, limit: u32) -> Result<[u32; 3], Error> {
    let refused = |why: String| Error::Program(format!("kernel `{}` {why}", kernel.entry));
    let total = kernel.workgroups(program.symbols()).and_then(|count| u32::try_from(count).ok());
    let (Some(grid), Some(total)) = (kernel.grid(program.symbols()), total) else {
        return Err(refused("has a grid without size".to_owned()));
    };
    if kernel.declared.is_none() {
        return Ok(fold(total, limit));
    }
    match grid.iter().find(|count| **count > u64::from(limit)) {
        Some(count) => {
            Err(refused(format!("is launched with {count} workgroups in a row, and this device has {limit}")))
        }
        None => Ok(grid.map(|count| count as u32)),
    }
}

/// Workgroups in x, y and z that are at least as many as wanted, none above the limit of one direction: kernels of the
/// tuner number them in one row, and those beyond the last do nothing.
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
