//! What the spaces of convolutions as matrix products share: a workgroup's tile, its staging, its shares of a sum.

use super::deal::each;
use super::shape::Shape;
use crate::base::DeviceFacts;
use crate::op::kernel::{MostUnrolled, least_invocations, log2, most_unrolled, packings, tiles, up_to, waste};
use crate::space::SpaceBuilder;

/// Most values that one invocation stages in a slab: they pass through registers.
const MOST_STAGED: i64 = 32;

/// Most accumulators and prefetched values together: these live as long as those.
const MOST_REGISTERS: i64 = 96;

/// Most pixels whose places an invocation keeps while it stages them: each takes three registers.
const MOST_PLACES: i64 = 8;

/// Pixels and channels of a tile that are never too many: a workgroup needs some invocations.
const SMALLEST_TILE: [i64; 2] = [16, 8];

/// Most workgroups that a sum is split for: no device has places for more.
const MOST_SHARES: i64 = 4096;

/// The sizes of a matrix product.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    /// Of all images.
    pub pixels: i64,
    /// Output channels of a group.
    pub channels: i64,
    /// Products that are as many matrix products, side by side.
    pub products: i64,
    /// All outputs.
    pub outputs: i64,
}

impl Extent {
    /// Of each group; pixels numbered through all images.
    pub fn of_groups(shape: &Shape) -> Self {
        let pixels = (shape.n * shape.out[0] * shape.out[1]) as i64;
        let (channels, products) = ((shape.o / shape.groups) as i64, shape.groups as i64);
        Self { pixels, channels, products, outputs: pixels * shape.o as i64 }
    }

    /// Of a filter of one pixel: an image each in NCHW, where pixels of several do not lie in a row.
    pub fn of_matrices(shape: &Shape) -> Self {
        let products = if shape.nhwc { 1 } else { shape.n as i64 };
        let all = Self::of_groups(shape);
        Self { pixels: all.pixels / products, products, ..all }
    }

    /// Workgroups, unless sums are split.
    pub fn workgroups(&self, [wp, wo, tp, to]: [i64; 4]) -> i64 {
        self.products * tiles(self.pixels, wp * tp) * tiles(self.channels, wo * to)
    }
}

/// The parameters of a tile: invocations, outputs of each, vectors of channels or pixels.
pub(super) fn tile(builder: SpaceBuilder, device: &DeviceFacts) -> SpaceBuilder {
    let [most_pixels, most_channels] = if device.is_software() { [64, 64] } else { [16, 32] };
    builder
        .param("wp", "invocations along the pixels", [1, 2, 4, 8, 16, 32, 64])
        .param("wo", "invocations along the channels", [1, 2, 4, 8, 16, 32, 64])
        .param("tp", "pixels per invocation", up_to(most_pixels))
        .param("to", "channels per invocation", up_to(most_channels))
}

/// The parameters that come last: shares of sums, the order of workgroups, and how sizes and f16 are written.
pub(super) fn last(builder: SpaceBuilder, shape: &Shape, device: &DeviceFacts) -> SpaceBuilder {
    builder
        .param("prefetch", "the next slab loaded while one is multiplied", [0, 1])
        .param("stages", "slabs in workgroup memory at a time", [1, 2])
        .param("split", "workgroups that share a sum", [1, 2, 4, 8, 16])
        .param("band", "tiles of channels for each tile of pixels in turn", [1, 2, 4, 8, 16])
        .param("baked", "sizes as constants instead of uniforms", [0, 1])
        .param("packed", "f16 as halves of 32-bit words", packings(&[shape.types.input], device))
}

/// What holds for tiles and shares, whatever is staged; `fast` is the direction of x, 0 for pixels.
pub(super) fn rules(builder: SpaceBuilder, extent: Extent, fast: usize, device: &DeviceFacts) -> SpaceBuilder {
    let invocations = i64::from(device.limits.invocations_per_workgroup);
    let most = device.limits.workgroup_size.map(i64::from);
    let binding =
        i64::try_from(device.limits.storage_binding_bytes.min(device.limits.buffer_bytes)).unwrap_or(i64::MAX);
    let (least, MostUnrolled { accumulators, .. }) = (least_invocations(device), most_unrolled(device));
    builder
        .rule("too few invocations to keep any device busy", ["wp", "wo"], move |[p, o]| p * o >= least)
        .rule("more invocations than a workgroup may have", ["wp", "wo"], move |size| {
            size[0] * size[1] <= invocations && size[fast] <= most[0] && size[1 - fast] <= most[1]
        })
        .rule("more accumulators than registers", ["tp", "to"], move |[tp, to]| tp * to <= accumulators)
        .rule("half of a tile lies beyond the pixels", ["wp", "tp"], move |[wp, tp]| {
            wp * tp < 2 * extent.pixels.max(SMALLEST_TILE[0])
        })
        .rule("half of a tile lies beyond the channels", ["wo", "to"], move |[wo, to]| {
            wo * to < 2 * extent.channels.max(SMALLEST_TILE[1])
        })
        .rule("a band of more tiles than there are", ["wo", "to", "band"], move |[wo, to, band]| {
            band == 1 || band < 2 * tiles(extent.channels, wo * to)
        })
        .rule(
            "more shares of sums than any device has places",
            ["wp", "wo", "tp", "to", "split"],
            move |[wp, wo, tp, to, split]| split == 1 || split * extent.workgroups([wp, wo, tp, to]) <= MOST_SHARES,
        )
        .rule("parts of sums beyond the largest binding", ["split"], move |[split]| {
            split == 1 || split * extent.outputs * 4 <= binding
        })
}

/// What the body that is unrolled over vectors and steps of the sum must fit.
pub(super) fn unrolling_rule(builder: SpaceBuilder, device: &DeviceFacts) -> SpaceBuilder {
    let MostUnrolled { statements, stores, .. } = most_unrolled(device);
    builder.rule(
        "an unrolled body of too many statements",
        ["tp", "to", "vec", "unroll"],
        move |[tp, to, vec, unroll]| tp * to / vec * (unroll + stores) <= statements,
    )
}

/// The features of tiles and shares.
pub(super) fn features(builder: SpaceBuilder, extent: Extent) -> SpaceBuilder {
    builder
        .feature("log2 of invocations", ["wp", "wo"], |[wp, wo]| log2(wp * wo))
        .feature("log2 of outputs per invocation", ["tp", "to"], |[tp, to]| log2(tp * to))
        .feature("log2 of products per load", ["tp", "to"], |[tp, to]| log2(tp * to) - log2(tp + to))
        .feature("log2 of the tile's pixels", ["wp", "tp"], |[wp, tp]| log2(wp * tp))
        .feature("log2 of the tile's channels", ["wo", "to"], |[wo, to]| log2(wo * to))
        .feature("log2 of workgroups", ["wp", "wo", "tp", "to", "split"], move |[wp, wo, tp, to, split]| {
            log2(split * extent.workgroups([wp, wo, tp, to]))
        })
        .feature("log2 of the waste", ["wp", "wo", "tp", "to"], move |[wp, wo, tp, to]| {
            waste(extent.pixels, wp * tp) + waste(extent.channels, wo * to)
        })
}

/// What is staged of one operand: the places of a slab of a tile, `values` at each.
#[derive(Clone, Copy)]
pub(super) struct Staged {
    /// Along the direction in which neighbouring invocations stage neighbours, and along the other.
    pub places: [i64; 2],
    /// Elements of a place.
    pub values: i64,
}

impl Staged {
    /// Whether registers hold what each of so many invocations stages.
    pub fn fits(&self, invocations: i64) -> bool {
        self.each(invocations) <= MOST_STAGED
    }

    /// Whether each of so many invocations has something to stage, and registers for it beside its accumulators.
    pub fn can_be_prefetched(&self, invocations: i64, accumulators: i64) -> bool {
        let [fast, slow] = self.places;
        fast * slow >= invocations && self.each(invocations) + accumulators <= MOST_REGISTERS
    }

    /// Whether registers hold the places of the pixels that each stages, `vec_p` in each place of one direction.
    pub fn keeps_places(&self, invocations: i64, direction: usize, vec_p: i64) -> bool {
        each(invocations, self.places)[direction] * vec_p <= MOST_PLACES
    }

    fn each(&self, invocations: i64) -> i64 {
        let [fast, slow] = each(invocations, self.places);
        fast * slow * self.values
    }
}
