//! Timestamp queries around passes: what the device itself says of their time.

use wgpu::{
    Buffer, BufferDescriptor, BufferUsages, CommandEncoder, ComputePassDescriptor, ComputePassTimestampWrites, Device,
    Features, QUERY_SIZE, QuerySet, QuerySetDescriptor, QueryType, Queue,
};

use crate::gpu::Error;
use crate::gpu::readback::{read, staging, submit};

/// Timestamp queries around the pass of each contender.
pub(super) struct Stamps {
    queries: QuerySet,
    resolved: Buffer,
    pub period_ns: f64,
}

impl Stamps {
    pub fn new(device: &Device, queue: &Queue, contenders: usize) -> Option<Self> {
        let count = 2 * contenders as u32;
        let has_queries = device.features().contains(Features::TIMESTAMP_QUERY);
        has_queries.then(|| Self {
            queries: device.create_query_set(&QuerySetDescriptor { label: None, ty: QueryType::Timestamp, count }),
            resolved: device.create_buffer(&BufferDescriptor {
                label: Some("stamps"),
                size: u64::from(count) * u64::from(QUERY_SIZE),
                usage: BufferUsages::QUERY_RESOLVE | BufferUsages::COPY_SRC,
                mapped_at_creation: false,
            }),
            period_ns: f64::from(queue.get_timestamp_period()),
        })
    }

    pub fn around(&self, place: usize) -> ComputePassDescriptor<'_> {
        let first = 2 * place as u32;
        let writes = ComputePassTimestampWrites {
            query_set: &self.queries,
            beginning_of_pass_write_index: Some(first),
            end_of_pass_write_index: Some(first + 1),
        };
        ComputePassDescriptor { label: None, timestamp_writes: Some(writes) }
    }

    /// The stamps of so many passes, after what was encoded is done.
    pub fn read(
        &self,
        device: &Device,
        queue: &Queue,
        mut encoder: CommandEncoder,
        passes: usize,
    ) -> Result<Vec<[u64; 2]>, Error> {
        encoder.resolve_query_set(&self.queries, 0..2 * passes as u32, &self.resolved, 0);
        submit(device, queue, encoder, "a round of a race")?;
        // In a submission of its own: in one, some drivers copy before the stamps have landed.
        let mut encoder = device.create_command_encoder(&Default::default());
        let readback = staging(device, self.resolved.size());
        encoder.copy_buffer_to_buffer(&self.resolved, 0, &readback, 0, self.resolved.size());
        submit(device, queue, encoder, "a round of a race")?;
        let bytes = read(device, &readback)?;
        let ticks =
            bytes.chunks_exact(8).map(|tick| tick.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)));
        let ticks: Vec<u64> = ticks.collect();
        Ok(ticks.chunks_exact(2).take(passes).map(|pair| [pair[0], pair[1]]).collect())
    }
}
