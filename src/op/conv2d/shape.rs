//! The sizes of one convolution, read from a workload's dims.

use crate::base::{ElementType, TensorSpec};
use crate::code::Symbols;
use crate::op::epilogue::{Epilogue, Site};
use crate::op::sizes::{self, Resize};
use crate::workload::{Dims, Layout, Types, Workload};

/// Sizes and choices; pairs are [height, width].
#[derive(Clone)]
pub(super) struct Shape {
    pub types: Types,
    pub nhwc: bool,
    pub n: u64,
    pub c: u64,
    pub h: u64,
    pub w: u64,
    pub o: u64,
    pub filter: [u64; 2],
    pub stride: [u64; 2],
    pub padding: [u64; 2],
    pub dilation: [u64; 2],
    pub groups: u64,
    /// Height and width of the output.
    pub out: [u64; 2],
}

/// The dims that are one size for both directions, or one each: name, the value that goes without saying, gloss.
const PAIRS: [(&str, Option<u64>, &str); 4] =
    [("k", None, "filter"), ("s", Some(1), "stride"), ("p", Some(0), "padding"), ("d", Some(1), "dilation")];

/// Largest filter, stride, padding and dilation: positions must stay far below the wrap of 32 bits.
const LARGEST: u64 = 65_535;

impl Shape {
    pub fn of(workload: &Workload) -> Result<Self, String> {
        check_words(workload)?;
        let dims = &workload.dims;
        let dim = |name: &str| dims.get(name).ok_or_else(|| format!("dim `{name}` is missing"));
        let [filter, stride, padding, dilation] = read_pairs(dims)?;
        let (c, h, w, o) = (dim("c")?, dim("h")?, dim("w")?, dim("o")?);
        let groups = dims.get("g").unwrap_or(1);
        if groups == 0 || !c.is_multiple_of(groups) || !o.is_multiple_of(groups) {
            return Err(format!("{groups} groups must divide both the {c} input and the {o} output channels evenly"));
        }
        let out = [
            output_size(h, filter[0], stride[0], padding[0], dilation[0])?,
            output_size(w, filter[1], stride[1], padding[1], dilation[1])?,
        ];
        let (types, n) = (workload.types, dims.get("n").unwrap_or(1));
        let nhwc = workload.layout == Some(Layout::Nhwc);
        Ok(Self { types, nhwc, n, c, h, w, o, filter, stride, padding, dilation, groups, out })
    }

    /// The number of products in each output's sum, padding included.
    pub fn terms(&self) -> u64 {
        self.c / self.groups * self.filter[0] * self.filter[1]
    }

    pub fn x(&self) -> [u64; 4] {
        self.layout([self.n, self.c, self.h, self.w])
    }

    pub fn w(&self) -> [u64; 4] {
        self.layout([self.o, self.c / self.groups, self.filter[0], self.filter[1]])
    }

    pub fn y(&self) -> [u64; 4] {
        self.layout([self.n, self.o, self.out[0], self.out[1]])
    }

    /// [n, c, h, w] in the order in which it is stored.
    fn layout(&self, [n, c, h, w]: [u64; 4]) -> [u64; 4] {
        if self.nhwc { [n, h, w, c] } else { [n, c, h, w] }
    }

    pub fn x_index(&self, position: [u64; 4]) -> u64 {
        flat(self.x(), self.layout(position))
    }

    pub fn w_index(&self, position: [u64; 4]) -> u64 {
        flat(self.w(), self.layout(position))
    }

    /// From one input channel to the next in the image and in the weights, in elements.
    pub fn channel_steps(&self) -> [u64; 2] {
        if self.nhwc { [1, 1] } else { [self.h * self.w, self.filter[0] * self.filter[1]] }
    }

    /// [image, channel, y, x] of a flat output index.
    pub fn output_position(&self, index: u64) -> [u64; 4] {
        let [_, a, b, c] = self.y();
        let stored = [index / (a * b * c), index / (b * c) % a, index / c % b, index % c];
        let [n, a, b, c] = stored;
        if self.nhwc { [n, c, a, b] } else { stored }
    }

    pub fn symbols(&self) -> Symbols {
        let sizes = [
            ("n", self.n),
            ("c", self.c),
            ("h", self.h),
            ("w", self.w),
            ("o", self.o),
            ("oh", self.out[0]),
            ("ow", self.out[1]),
        ];
        sizes.map(|(name, size)| (name.to_owned(), size)).into()
    }

    pub fn epilogue(&self, workload: &Workload, output: &TensorSpec) -> Result<Epilogue, String> {
        let site = Site { first_input: 2, channels: self.o, output, accumulator: self.types.accumulator };
        Epilogue::new(&workload.steps, &site)
    }

    /// The same workload with its dims in order and without what goes without saying.
    pub fn canonical(&self, workload: &Workload) -> Workload {
        let sizes = [("n", self.n), ("c", self.c), ("h", self.h), ("w", self.w), ("o", self.o)];
        let mut dims: Vec<(String, u64)> = sizes.map(|(name, size)| (name.to_owned(), size)).into();
        let pairs = [self.filter, self.stride, self.padding, self.dilation];
        for ((name, unsaid, _), [height, width]) in PAIRS.into_iter().zip(pairs) {
            if height != width {
                dims.extend([(format!("{name}h"), height), (format!("{name}w"), width)]);
            } else if unsaid != Some(height) {
                dims.push((name.to_owned(), height));
            }
        }
        if self.groups != 1 {
            dims.push(("g".to_owned(), self.groups));
        }
        let layout = workload.layout.filter(|layout| *layout != Layout::Nchw);
        Workload { dims: Dims(dims), layout, ..workload.clone() }
    }
}

/// Groups, output channels of each, and pixels in each direction of an excerpt, padding not counted.
const EXCERPT_GROUPS: u64 = 2;
const EXCERPT_CHANNELS: u64 = 8;
const EXCERPT_PIXELS: u64 = 8;

/// Image and channels in another size, filter and all else as they are. Of several groups each changes alike; where
/// each has one input channel, their number changes instead.
pub(super) fn resized(dims: &Dims, how: Resize) -> Dims {
    let get = |name: &str| dims.get(name).unwrap_or(1).max(1);
    let one_of = |name: &str, direction: &str| get(&format!("{name}{direction}")).max(get(name));
    let (groups, parts_in, parts_out) = (get("g"), get("c") / get("g"), get("o") / get("g"));
    let is_depthwise = groups > 1 && parts_in == 1;
    let new_groups = match how {
        Resize::Excerpt => groups.min(EXCERPT_GROUPS),
        _ if is_depthwise => how.stepped(groups, true),
        _ => groups,
    };
    let pixels = |direction: &str| {
        let covered = (one_of("k", direction) - 1) * one_of("d", direction) + 1;
        covered + (EXCERPT_PIXELS - 1) * one_of("s", direction)
    };
    sizes::each(dims, |name, size| match name {
        "n" => how.of_batch(size),
        "g" => new_groups,
        "c" if is_depthwise => new_groups,
        "c" => new_groups * how.stepped(parts_in, true),
        "o" if is_depthwise && how != Resize::Excerpt => new_groups * parts_out,
        "o" => new_groups * how.of(parts_out, true, EXCERPT_CHANNELS),
        "h" | "w" => how.of(size, false, pixels(name)),
        _ => size,
    })
}

/// Refuses types, layouts, expressions and dims that no convolution has.
fn check_words(workload: &Workload) -> Result<(), String> {
    let known = |name: &str| {
        ["n", "c", "h", "w", "o", "g"].contains(&name)
            || PAIRS.iter().any(|(pair, ..)| name.strip_prefix(pair).is_some_and(|rest| ["", "h", "w"].contains(&rest)))
    };
    if let Some((name, _)) = workload.dims.0.iter().find(|(name, _)| !known(name)) {
        return Err(format!("conv2d has no dim `{name}`; its dims are n c h w o k and optionally s p d g"));
    }
    if ![Types::of(ElementType::F32), Types::of(ElementType::F16)].contains(&workload.types) {
        return Err(format!("conv2d has no kernels for types `{}`; write f32 or f16", workload.types));
    }
    if workload.expression.is_some() {
        return Err("conv2d takes steps such as `+bias+relu`, not an expression".to_owned());
    }
    match workload.layout {
        None | Some(Layout::Nchw | Layout::Nhwc) => Ok(()),
        Some(other) => Err(format!("conv2d has no layout `{}`; write nchw or nhwc", other.name())),
    }
}

fn read_pairs(dims: &Dims) -> Result<[[u64; 2]; 4], String> {
    let mut pairs = [[0; 2]; 4];
    for (pair, (name, unsaid, gloss)) in pairs.iter_mut().zip(PAIRS) {
        *pair = match (dims.get(name), dims.get(&format!("{name}h")), dims.get(&format!("{name}w"))) {
            (Some(both), None, None) => [both, both],
            (None, None, None) => unsaid.map(|size| [size, size]).ok_or(format!("dim `{name}` is missing"))?,
            (None, Some(height), Some(width)) => [height, width],
            (None, ..) => return Err(format!("`{name}h` and `{name}w` belong together")),
            (Some(_), ..) => return Err(format!("both `{name}` and `{name}h`/`{name}w` are given")),
        };
        if unsaid != Some(0) && pair.contains(&0) {
            return Err(format!("{gloss} must be at least 1"));
        }
        if pair.iter().any(|size| *size > LARGEST) {
            return Err(format!("{gloss} must be at most {LARGEST}"));
        }
    }
    Ok(pairs)
}

fn output_size(size: u64, filter: u64, stride: u64, padding: u64, dilation: u64) -> Result<u64, String> {
    let covered = (filter - 1) * dilation + 1;
    let padded = size.saturating_add(2 * padding);
    if covered > padded {
        return Err(format!("the filter covers {covered} pixels where there are {padded}, padding included"));
    }
    Ok((padded - covered) / stride + 1)
}

fn flat(shape: [u64; 4], position: [u64; 4]) -> u64 {
    shape.into_iter().zip(position).fold(0, |flat, (extent, at)| flat * extent + at)
}
