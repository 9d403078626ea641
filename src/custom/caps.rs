//! How much a description may hold: more than any kernel needs is a mistake, or meant to keep us busy.

use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use toml::Spanned;

use super::description::{Description, Pass};
use super::problem::{Checked, Problem, Source};

/// Problem sizes.
pub(super) const MOST_SIZES: usize = 16;

/// Parameters.
pub(super) const MOST_PARAMS: usize = 64;

/// Constraints.
pub(super) const MOST_CONSTRAINTS: usize = 256;

/// Buffers, of the kernel and of the reference each.
pub(super) const MOST_BUFFERS: usize = 64;

/// Passes, of the kernel and of the reference each.
pub(super) const MOST_PASSES: usize = 64;

/// Uniform blocks of the kernel or of a pass, and members of one.
pub(super) const MOST_UNIFORMS: usize = 256;

/// Other sizes at which a winner must be right.
pub(super) const MOST_NEAR: usize = 64;

/// Refuses a description that has too much of something, at the first of it that is too much.
pub(super) fn refuse_excess(description: &Description, source: &Arc<Source>) -> Checked<()> {
    let Description { sizes, params, constraints, buffers, uniforms, passes, reference, check, .. } = description;
    let constraints = constraints.iter().map(|constraint| constraint.expr.span()).collect();
    let near = check.sizes.iter().map(|near| keys(near).first().cloned().unwrap_or(0..0)).collect();
    let mut counted = vec![
        ("sizes", MOST_SIZES, keys(sizes)),
        ("parameters", MOST_PARAMS, keys(params)),
        ("constraints", MOST_CONSTRAINTS, constraints),
        ("buffers", MOST_BUFFERS, keys(buffers)),
        ("passes", MOST_PASSES, launches(passes)),
        ("other sizes", MOST_NEAR, near),
    ];
    if let Some(reference) = reference {
        counted.push(("buffers of the reference", MOST_BUFFERS, keys(&reference.buffers)));
        counted.push(("passes of the reference", MOST_PASSES, launches(&reference.passes)));
    }
    let of_reference = reference.iter().flat_map(|reference| &reference.passes);
    let blocks = passes.iter().chain(of_reference).map(|pass| &pass.uniforms).chain([uniforms]);
    for blocks in blocks {
        counted.push(("uniform blocks", MOST_UNIFORMS, keys(blocks)));
        counted.extend(blocks.values().map(|members| ("members of a uniform block", MOST_UNIFORMS, keys(members))));
    }
    counted.into_iter().try_for_each(|(what, most, places)| match places.get(most) {
        None => Ok(()),
        Some(at) => {
            let message = format!("there are {} {what}, and at most {most} are possible", places.len());
            Err(Problem::new(message).at(source, at.clone(), "").help("leave some out"))
        }
    })
}

fn keys<T>(map: &IndexMap<Spanned<String>, T>) -> Vec<Range<usize>> {
    map.keys().map(Spanned::span).collect()
}

fn launches(passes: &[Pass]) -> Vec<Range<usize>> {
    passes.iter().map(|pass| pass.grid.first().map_or(0..0, Spanned::span)).collect()
}
