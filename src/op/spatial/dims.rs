//! Dims that are one size for both directions or one each, the words of such workloads, and their other sizes.

use super::Sizes;
use crate::op::Meaning;
use crate::op::sizes::{self, Resize};
use crate::workload::{Dims, Layout, Types, Workload};

/// A dim that is one size for both directions, or one each under its name with `h` and `w`.
pub struct Pair {
    pub name: &'static str,
    /// The value that goes without saying.
    pub unsaid: Option<u64>,
    pub gloss: &'static str,
}

/// Largest filter, stride, padding and dilation: positions must stay far below the wrap of 32 bits.
const LARGEST: u64 = 65_535;

/// The dims that are one size.
const SINGLES: [&str; 6] = ["n", "c", "h", "w", "o", "g"];

/// [height, width] of each pair, or what is wrong with one.
pub fn read_pairs<const N: usize>(dims: &Dims, pairs: &[Pair; N]) -> Result<[[u64; 2]; N], String> {
    let mut sizes = [[0; 2]; N];
    for (size, pair) in sizes.iter_mut().zip(pairs) {
        *size = read_pair(dims, pair)?;
    }
    Ok(sizes)
}

fn read_pair(dims: &Dims, Pair { name, unsaid, gloss }: &Pair) -> Result<[u64; 2], String> {
    let pair = match (dims.get(name), dims.get(&format!("{name}h")), dims.get(&format!("{name}w"))) {
        (Some(both), None, None) => [both, both],
        (None, None, None) => unsaid.map(|size| [size, size]).ok_or(format!("dim `{name}` is missing"))?,
        (None, Some(height), Some(width)) => [height, width],
        (None, ..) => return Err(format!("`{name}h` and `{name}w` belong together")),
        (Some(_), ..) => return Err(format!("both `{name}` and `{name}h`/`{name}w` are given")),
    };
    if *unsaid != Some(0) && pair.contains(&0) {
        return Err(format!("{gloss} must be at least 1"));
    }
    if pair.iter().any(|size| *size > LARGEST) {
        return Err(format!("{gloss} must be at most {LARGEST}"));
    }
    Ok(pair)
}

/// Groups of channels: they divide those of input and output.
pub fn read_groups(dims: &Dims, c: u64, o: u64) -> Result<u64, String> {
    let groups = dims.get("g").unwrap_or(1);
    if groups == 0 || !c.is_multiple_of(groups) || !o.is_multiple_of(groups) {
        return Err(format!("{groups} groups must divide both the {c} input and the {o} output channels evenly"));
    }
    Ok(groups)
}

/// The same workload with its dims in order and without what goes without saying.
pub fn canonical<const N: usize>(
    sizes: &Sizes,
    workload: &Workload,
    pairs: &[Pair; N],
    values: [[u64; 2]; N],
) -> Workload {
    let singles = [("n", sizes.n), ("c", sizes.c), ("h", sizes.h), ("w", sizes.w), ("o", sizes.o)];
    let mut dims: Vec<(String, u64)> = singles.map(|(name, size)| (name.to_owned(), size)).into();
    for (Pair { name, unsaid, .. }, [height, width]) in pairs.iter().zip(values) {
        if height != width {
            dims.extend([(format!("{name}h"), height), (format!("{name}w"), width)]);
        } else if *unsaid != Some(height) {
            dims.push(((*name).to_owned(), height));
        }
    }
    if sizes.groups != 1 {
        dims.push(("g".to_owned(), sizes.groups));
    }
    let layout = workload.layout.filter(|layout| *layout != Layout::Nchw);
    Workload { dims: Dims(dims), layout, ..workload.clone() }
}

/// Of a workload in canonical form: images, channels and pixels may vary, unless groups tie channels together; `output` is how
/// the outputs of an axis follow from the pixels, which are given by name.
pub fn meaning(dims: &Dims, pairs: &[Pair], output: impl Fn(usize, &str) -> String) -> Meaning {
    let mut meaning = Meaning::with_free([("n", Some(1)), ("h", None), ("w", None)]);
    if dims.get("g").is_none() {
        meaning.free.extend(["c", "o"].map(|name| (name.to_owned(), None)));
        meaning.implied.insert("g".to_owned(), 1);
    }
    let is_unsaid = |pair: &&Pair| dims.get(pair.name).is_none() && dims.get(&format!("{}h", pair.name)).is_none();
    let unsaid = pairs.iter().filter(is_unsaid).filter_map(|pair| Some((pair.name.to_owned(), pair.unsaid?)));
    meaning.implied.extend(unsaid);
    meaning.sizes = [("oh", output(0, "h")), ("ow", output(1, "w"))]
        .map(|(name, formula)| (name.to_owned(), formula.parse().expect("it is a formula")))
        .into();
    meaning
}

/// Refuses layouts, expressions and dims that the operator does not have, and types that are none of these.
pub fn check_words(workload: &Workload, pairs: &[Pair], types: &[Types]) -> Result<(), String> {
    let operator = &workload.operator;
    let in_pair = |name: &str, pair: &Pair| {
        name.strip_prefix(pair.name).is_some_and(|direction| ["", "h", "w"].contains(&direction))
    };
    let known = |name: &str| SINGLES.contains(&name) || pairs.iter().any(|pair| in_pair(name, pair));
    if let Some((name, _)) = workload.dims.0.iter().find(|(name, _)| !known(name)) {
        let optional: Vec<&str> = pairs.iter().filter(|pair| pair.unsaid.is_some()).map(|pair| pair.name).collect();
        let optional = optional.join(" ");
        return Err(format!("{operator} has no dim `{name}`; its dims are n c h w o k and optionally {optional} g"));
    }
    if !types.contains(&workload.types) {
        let known = types.iter().map(Types::to_string).collect::<Vec<_>>().join(" or ");
        return Err(format!("{operator} has no kernels for types `{}`; write {known}", workload.types));
    }
    if workload.expression.is_some() {
        return Err(format!("{operator} takes steps such as `+bias+relu`, not an expression"));
    }
    match workload.layout {
        None | Some(Layout::Nchw | Layout::Nhwc) => Ok(()),
        Some(other) => Err(format!("{operator} has no layout `{}`; write nchw or nhwc", other.name())),
    }
}

/// Groups, and output channels of each, of an excerpt.
const EXCERPT_GROUPS: u64 = 2;
const EXCERPT_CHANNELS: u64 = 8;

/// Pixels in each direction of an excerpt, padding not counted.
pub const EXCERPT_PIXELS: u64 = 8;

/// Image and channels in another size, filter and all else as they are; `pixels` says how much of a height (`h`) or
/// width (`w`) an excerpt keeps. Of several groups each changes alike; where each has one input channel, their number
/// changes instead.
pub fn resized(dims: &Dims, how: Resize, pixels: impl Fn(&str) -> u64) -> Dims {
    let get = |name: &str| dims.get(name).unwrap_or(1).max(1);
    let (groups, parts_in, parts_out) = (get("g"), get("c") / get("g"), get("o") / get("g"));
    let is_depthwise = groups > 1 && parts_in == 1;
    let new_groups = match how {
        Resize::Excerpt => groups.min(EXCERPT_GROUPS),
        _ if is_depthwise => how.stepped(groups, true),
        _ => groups,
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

/// One dim of a pair in the direction `h` or `w`, at least 1 where it says nothing.
pub fn one_of(dims: &Dims, name: &str, direction: &str) -> u64 {
    let get = |name: &str| dims.get(name).unwrap_or(1).max(1);
    get(&format!("{name}{direction}")).max(get(name))
}
