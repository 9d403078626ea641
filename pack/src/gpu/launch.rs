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
use crate::{BufferRef, Dispatch, Kernel, VerifiedProgram, fold};

/// A program bound to the buffers of its tensors. It keeps them alive.
#[derive(Clone, Debug)]
pub struct Bound {
    prepare: Vec<Launch>,
    run: Vec<Launch>,
}

impl Bound {
    /// Encodes what is done once for each set of constant weights; often nothing. It is done again whenever the weights change.
    pub fn encode_prepare(&self, pass: &mut ComputePass<'_>) {
        self.prepare.iter().for_each(|launch| launch.encode(pass));
    }

    /// Encodes what is done for each result. [`Bound::encode_prepare`] must have been encoded before it at some time.
    pub fn encode(&self, pass: &mut ComputePass<'_>) {
        self.run.iter().for_each(|launch| launch.encode(pass));
    }

    /// Encodes launches of no workgroups at all: drivers that compile at the first launch do it then.
    pub(super) fn encode_touch(&self, pass: &mut ComputePass<'_>) {
        let none = |launch: &Launch| Launch { workgroups: [0; 3], ..launch.clone() };
        self.prepare.iter().chain(&self.run).map(none).for_each(|launch| launch.encode(pass));
    }

    /// The same with about this share of the workgroups of each kernel in a run, and how large the share came out: it leaves no
    /// results. Kernels that have few beside others run all of them. None where a kernel may need all that it has, or the share
    /// would be all.
    pub(super) fn shortened(&self, share: f64) -> Option<(Self, f64)> {
        let few = self.few();
        let fewest = self.run.iter().map(|launch| launch.count).filter(|count| *count > few).min()?;
        let share = (share * f64::from(fewest)).ceil() / f64::from(fewest);
        if share >= 1.0 {
            return None;
        }
        let run: Option<Vec<Launch>> = self.run.iter().map(|launch| launch.shortened(share, few)).collect();
        match run {
            Some(run) => Some((Self { prepare: Vec::new(), run }, share)),
            // Too few of them for all shares to be about the same.
            None if self.run.iter().all(|launch| launch.is_divisible) => self.shortened(2.0 * share),
            None => None,
        }
    }

    /// Workgroups of a whole run, of the kernel that has the fewest of those that have many.
    pub(super) fn workgroups(&self) -> u32 {
        let few = self.few();
        self.run.iter().map(|launch| launch.count).filter(|count| *count > few).min().unwrap_or(1)
    }

    /// Whether no kernel has more than a handful of workgroups: how long all of them take does not follow from some.
    pub(super) fn is_handful(&self) -> bool {
        self.run.iter().all(|launch| launch.count <= FEW)
    }

    /// Kernels with so many workgroups at most run whole in each part.
    fn few(&self) -> u32 {
        if self.is_handful() { 1 } else { FEW }
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
    /// Temporaries that are not those of the [`Prepared`].
    pub prepared: &'a [Option<Buffer>],
}

/// One dispatch with everything bound.
#[derive(Clone, Debug)]
struct Launch {
    pipeline: ComputePipeline,
    /// With their numbers.
    groups: Vec<(u32, BindGroup)>,
    workgroups: [u32; 3],
    /// How many workgroups that is.
    count: u32,
    /// Most in one direction.
    limit: u32,
    /// Whether its workgroups are numbered in one row and know nothing of each other, as those of the tuner's kernels.
    is_divisible: bool,
}

/// How far the share of a kernel's workgroups may be from that of the others.
const MOST_UNEVEN: f64 = 0.05;

/// Kernels with so many workgroups at most run whole beside parts of others: they add to what a part takes, and to a whole run no
/// more than that.
const FEW: u32 = 16;

impl Launch {
    fn new(prepared: &Prepared, dispatch: &Dispatch, buffers: &Buffers<'_>) -> Self {
        let (kernel, shape) = (&prepared.pipelines[dispatch.kernel], &prepared.shapes[dispatch.kernel]);
        let bound = |group: &Group| (group.number, bind(prepared, dispatch, group, buffers));
        let groups = kernel.groups.iter().map(bound).collect();
        let (workgroups, limit) = (shape.workgroups, prepared.device.limits().max_compute_workgroups_per_dimension);
        let count = workgroups.iter().fold(1u32, |count, side| count.saturating_mul(*side));
        let is_divisible = prepared.program.program().kernels[dispatch.kernel].declared.is_none();
        Self { pipeline: kernel.pipeline.clone(), groups, workgroups, count, limit, is_divisible }
    }

    fn shortened(&self, share: f64, few: u32) -> Option<Self> {
        if self.is_divisible && self.count <= few {
            return Some(self.clone());
        }
        let whole = f64::from(self.count);
        let count = (share * whole).round().max(1.0);
        let is_even = (count / whole / share - 1.0).abs() <= MOST_UNEVEN;
        let workgroups = fold(count as u32, self.limit)?;
        (self.is_divisible && is_even).then(|| Self { workgroups, ..self.clone() })
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
        BufferRef::Temporary(i) => {
            (buffers.prepared[i].as_ref().unwrap_or(&prepared.temporaries[i]), program.temporary_bytes()[i])
        }
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
        let no_room =
            || refused(format!("has {total} workgroups, and this device launches up to {limit} in a direction"));
        return fold(total, limit).ok_or_else(no_room);
    }
    match grid.iter().find(|count| **count > u64::from(limit)) {
        Some(count) => {
            Err(refused(format!("is launched with {count} workgroups in a row, and this device has {limit}")))
        }
        None => Ok(grid.map(|count| count as u32)),
    }
}
