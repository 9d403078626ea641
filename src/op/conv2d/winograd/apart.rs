//! The space of Winograd's convolution in three kernels: its products are tiled as those of a matmul are.

use super::tiles_of;
use super::transforms::Transforms;
use crate::base::DeviceFacts;
use crate::op::conv2d::shape::Shape;
use crate::op::kernel::{MOST_ACCUMULATORS, MOST_STATEMENTS, closest, log2, packings, tiles, waste};
use crate::space::{Config, Space};

pub(super) fn space(transforms: &Transforms, shape: &Shape, device: &DeviceFacts) -> Space {
    let limits = &device.limits;
    let invocations = i64::from(limits.invocations_per_workgroup);
    let most = limits.workgroup_size.map(i64::from);
    let storage = i64::from(limits.workgroup_storage_bytes);
    let (channels, is_nhwc) = ([shape.c, shape.o].map(|size| size as i64), shape.nhwc);
    let [rows, columns] = products(shape, transforms);
    let points = (transforms.points() * transforms.points()) as i64;
    Space::builder()
        .param("wx", "invocations along the columns of the products", [4, 8, 16, 32])
        .param("wy", "invocations along their rows", [1, 2, 4, 8, 16])
        .param("tm", "rows per invocation", [1, 2, 4, 8])
        .param("tn", "columns per invocation", [1, 2, 4, 8])
        .param("vec", "columns per vector", [1, 2, 4])
        .param("stage", "slabs of both factors in workgroup memory", [0, 1])
        .param("bk", "input channels of a slab", [4, 8, 16, 32])
        .param("pad", "unused elements after each row of a slab", [0, 1])
        .param("unroll", "input channels in the body of the inner loop", [1, 2, 4])
        .param("wt", "invocations of a workgroup of the transforms", [32, 64, 128, 256])
        .param("vt", "channels per vector of the transforms", [1, 2, 4])
        .param("baked", "sizes as constants instead of uniforms", [0, 1])
        .param("packed", "f16 as halves of 32-bit words", packings(&[shape.types.input], device))
        .rule("fewer than 16 invocations leave every GPU idle", ["wx", "wy"], |[wx, wy]| wx * wy >= 16)
        .rule("more invocations than a workgroup may have", ["wx", "wy"], move |[wx, wy]| {
            wx * wy <= invocations && wx <= most[0] && wy <= most[1]
        })
        .rule("more invocations than a workgroup of the transforms may have", ["wt"], move |[wt]| {
            wt <= invocations.min(most[0])
        })
        .rule("a tile's columns are no multiple of the vectors", ["tn", "vec"], |[tn, vec]| tn % vec == 0)
        .rule("more accumulators than registers", ["tm", "tn"], |[tm, tn]| tm * tn <= MOST_ACCUMULATORS)
        .rule("an unrolled body of too many statements", ["tm", "tn", "vec", "unroll"], |[tm, tn, vec, unroll]| {
            tm * (tn / vec) * unroll <= MOST_STATEMENTS
        })
        .rule("without slabs, their length and padding mean nothing", ["stage", "bk", "pad"], |[stage, bk, pad]| {
            stage == 1 || (bk == 4 && pad == 0)
        })
        .rule("vectors of channels lie in NHWC alone, and divide them", ["vt"], move |[vt]| {
            vt == 1 || (is_nhwc && channels.iter().all(|channels| channels % vt == 0))
        })
        .rule(
            "more workgroup memory than the device has",
            ["wx", "wy", "tm", "tn", "vec", "stage", "bk", "pad"],
            move |values| staged_bytes(values) <= storage,
        )
        .feature("log2 of invocations", ["wx", "wy"], |[wx, wy]| log2(wx * wy))
        .feature("log2 of sums per invocation", ["tm", "tn"], |[tm, tn]| log2(tm * tn))
        .feature("log2 of products per load", ["tm", "tn"], |[tm, tn]| log2(tm * tn) - log2(tm + tn))
        .feature("log2 of workgroups", ["wx", "wy", "tm", "tn"], move |[wx, wy, tm, tn]| {
            log2(points * tiles(rows, wy * tm) * tiles(columns, wx * tn))
        })
        .feature("log2 of the waste", ["wx", "wy", "tm", "tn"], move |[wx, wy, tm, tn]| {
            waste(rows, wy * tm) + waste(columns, wx * tn)
        })
        .feature("log2 of statements", ["tm", "tn", "vec", "unroll"], |[tm, tn, vec, unroll]| {
            log2(tm * (tn / vec) * unroll)
        })
        .feature("log2 of bytes staged", ["wx", "wy", "tm", "tn", "vec", "stage", "bk", "pad"], |values| {
            log2(1 + staged_bytes(values))
        })
        .build()
        .expect("names are distinct and rules read existing ones")
}

pub(super) fn default(shape: &Shape, space: &Space) -> Option<Config> {
    let takes_vectors = shape.nhwc && shape.c.is_multiple_of(4) && shape.o.is_multiple_of(4);
    let wish = [
        ("wx", 16),
        ("wy", 8),
        ("tm", 4),
        ("tn", 4),
        ("vec", 4),
        ("stage", 1),
        ("bk", 16),
        ("pad", 0),
        ("unroll", 4),
        ("wt", 64),
        ("vt", if takes_vectors { 4 } else { 1 }),
        ("baked", 1),
        ("packed", 0),
    ];
    closest(space, &wish)
}

/// Rows and columns of the products of one point.
fn products(shape: &Shape, transforms: &Transforms) -> [i64; 2] {
    let [tiles, channels] = [tiles_of(shape, transforms), shape.o].map(|size| size as i64);
    if shape.nhwc { [tiles, channels] } else { [channels, tiles] }
}

/// Workgroup memory of the slabs of both factors.
fn staged_bytes([wx, wy, tm, tn, vec, stage, bk, pad]: [i64; 8]) -> i64 {
    4 * bk * stage * (wy * tm + pad + wx * tn + pad * vec)
}
