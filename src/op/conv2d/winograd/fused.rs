//! The space of Winograd's convolution in one kernel: a tile and some output channels per invocation.

use super::tiles_of;
use super::transforms::Transforms;
use crate::base::DeviceFacts;
use crate::op::conv2d::shape::Shape;
use crate::op::kernel::{MOST_ACCUMULATORS, closest, log2, packings, tiles, waste};
use crate::space::{Config, Space};

pub(super) fn space(transforms: &Transforms, shape: &Shape, device: &DeviceFacts) -> Space {
    let limits = &device.limits;
    let invocations = i64::from(limits.invocations_per_workgroup);
    let most = limits.workgroup_size.map(i64::from);
    let storage = i64::from(limits.workgroup_storage_bytes);
    let points = (transforms.points() * transforms.points()) as i64;
    let [all_tiles, channels] = [tiles_of(shape, transforms), shape.o].map(|size| size as i64);
    Space::builder()
        .param("wx", "invocations along tiles", [4, 8, 16, 32])
        .param("wy", "invocations along output channels", [1, 2, 4, 8, 16])
        .param("vec", "output channels per invocation, in a vector", [1, 2, 4])
        .param("stage", "slab of the weights in workgroup memory, beside that of the tiles", [0, 1])
        .param("bk", "input channels of a slab", [1, 2, 4, 8, 16])
        .param("baked", "sizes as constants instead of uniforms", [0, 1])
        .param("packed", "f16 as halves of 32-bit words", packings(&[shape.types.input], device))
        .rule("fewer than 16 invocations leave every GPU idle", ["wx", "wy"], |[wx, wy]| wx * wy >= 16)
        .rule("more invocations than a workgroup may have", ["wx", "wy"], move |[wx, wy]| {
            wx * wy <= invocations && wx <= most[0] && wy <= most[1]
        })
        .rule("output channels are no multiple of the vectors", ["vec"], move |[vec]| channels % vec == 0)
        .rule("more accumulators than registers", ["vec"], move |[vec]| points * vec <= MOST_ACCUMULATORS)
        .rule("more workgroup memory than the device has", ["wx", "wy", "vec", "stage", "bk"], move |values| {
            staged_bytes(points, values) <= storage
        })
        .feature("log2 of invocations", ["wx", "wy"], |[wx, wy]| log2(wx * wy))
        .feature("log2 of output channels per tile transformed", ["wy", "vec"], |[wy, vec]| log2(wy * vec))
        .feature("log2 of workgroups", ["wx", "wy", "vec"], move |[wx, wy, vec]| {
            log2(tiles(all_tiles, wx) * tiles(channels, wy * vec))
        })
        .feature("log2 of the waste", ["wx", "wy", "vec"], move |[wx, wy, vec]| {
            waste(all_tiles, wx) + waste(channels, wy * vec)
        })
        .feature("log2 of bytes staged", ["wx", "wy", "vec", "stage", "bk"], move |values| {
            log2(staged_bytes(points, values))
        })
        .build()
        .expect("names are distinct and rules read existing ones")
}

pub(super) fn default(space: &Space) -> Option<Config> {
    // Each workgroup transforms its tiles anew, so it should have many output channels.
    let wish = [("wx", 8), ("wy", 16), ("vec", 4), ("stage", 0), ("bk", 2), ("baked", 1), ("packed", 0)];
    closest(space, &wish)
}

/// Workgroup memory of the transformed tiles of a slab, and of its weights.
fn staged_bytes(points: i64, [wx, wy, vec, stage, bk]: [i64; 5]) -> i64 {
    4 * bk * points * (wx + stage * wy * vec)
}
