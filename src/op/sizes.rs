//! The same workload in other sizes: neighbours at which tiles do not divide, and small excerpts.

use super::Signature;
use crate::workload::Dims;

/// How the dims of a workload change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resize {
    /// Every size that is free goes one up or down.
    Step {
        /// Up, or down where the size is large enough.
        up: bool,
        /// Sizes along which vectors lie go by as many as keeps them multiples of the vectors.
        vectors: bool,
    },
    /// Fewer outputs, each with as long a sum: at most about 4096 in all.
    Excerpt,
}

/// The largest vectors that templates load, in elements.
const LARGEST_VECTOR: u64 = 4;

impl Resize {
    /// A size after the step; `along_vectors` says whether vectors may lie along it. An excerpt leaves it.
    pub fn stepped(self, size: u64, along_vectors: bool) -> u64 {
        let Self::Step { up, vectors } = self else { return size };
        let step = if vectors && along_vectors { LARGEST_VECTOR.min(1 << size.trailing_zeros()) } else { 1 };
        if up { size + step } else { size - if size > step { step } else { 0 } }
    }

    /// The size of a batch, which no tile covers: an excerpt has one.
    pub fn of_batch(self, size: u64) -> u64 {
        if self == Self::Excerpt { 1 } else { size }
    }

    /// A size after the step, or at most `most` of it in an excerpt.
    pub fn of(self, size: u64, along_vectors: bool, most: u64) -> u64 {
        if self == Self::Excerpt { size.min(most) } else { self.stepped(size, along_vectors) }
    }
}

/// The same workload with sizes just above and below, in canonical form: all by one, and those along which vectors lie
/// by a vector, so that there are neighbours also for configs that demand whole vectors. At most four; a config need
/// not be legal at each.
pub fn near_sizes(signature: &Signature) -> Vec<Signature> {
    let steps = [(true, false), (false, false), (true, true), (false, true)];
    let resized = steps.map(|(up, vectors)| resized(signature, Resize::Step { up, vectors }));
    let mut near: Vec<Signature> = Vec::new();
    for other in resized.into_iter().flatten() {
        if [signature].into_iter().chain(&near).all(|known| known.workload != other.workload) {
            near.push(other);
        }
    }
    near
}

/// A small workload whose outputs are made as those of this one.
pub(super) fn excerpt(signature: &Signature) -> Signature {
    resized(signature, Resize::Excerpt).unwrap_or_else(|| signature.clone())
}

/// `None` where the new size means nothing, such as an image smaller than its filter.
fn resized(signature: &Signature, how: Resize) -> Option<Signature> {
    let operator = &signature.operator;
    operator.signature(&operator.resized_workload(&signature.workload, how)).ok()
}

/// Changes each dim by its name.
pub(super) fn each(dims: &Dims, size: impl Fn(&str, u64) -> u64) -> Dims {
    Dims(dims.0.iter().map(|(name, old)| (name.clone(), size(name, *old))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::{OPERATORS, resolve};

    #[test]
    fn neighbours_are_one_above_and_below() {
        let cases: [(&str, &[&str]); 9] = [
            ("matmul:f32:m1n1k1", &["m2n2k2"]),
            ("matmul:f32:b3m17n32k20:nt+relu", &["b3m18n33k21", "b3m16n31k19", "b3m18n36k24", "b3m16n28k16"]),
            ("conv2d:f32:n1c3h7w17o7k7", &["n1c4h8w18o8k7"]),
            ("conv2d:f32:n1c6h20w20o12k3p2d2g3", &["n1c9h21w21o15k3p2d2g3", "n1c3h19w19o9k3p2d2g3"]),
            ("conv2d:f32:n1c16h14w14o16k3p1g16", &["n1c17h15w15o17k3p1g17", "n1c15h13w13o15k3p1g15"]),
            ("conv2d:f32:n2c8h9w9o16k1", &["n2c9h10w10o17k1", "n2c7h8w8o15k1", "n2c12h10w10o20k1", "n2c4h8w8o12k1"]),
            ("conv2d_transpose:f32:n1c6h7w8o4k3s2p1op1g2", &["n1c8h8w9o6k3s2p1op1g2", "n1c4h6w7o2k3s2p1op1g2"]),
            ("chain:f32:r7c64:x+y", &["r8c65", "r6c63", "r8c68", "r6c60"]),
            ("chain:f32:n1:x", &["n2"]),
        ];
        for (text, want) in cases {
            let near = near_sizes(&resolve(text).unwrap());
            let got: Vec<String> = near.iter().map(|near| near.workload.dims.to_string()).collect();
            assert!(want.iter().all(|want| got.iter().any(|got| got == want)), "{text}: {got:?}");
            assert!(got.len() <= 4, "{text}: {got:?}");
        }
    }

    #[test]
    fn every_workload_has_neighbours_and_an_excerpt() {
        for operator in OPERATORS {
            for text in operator.contract().iter().chain(operator.workloads()) {
                let signature = resolve(text).unwrap();
                let near = near_sizes(&signature);
                assert!(!near.is_empty(), "{text}");
                for other in near.iter().chain([&excerpt(&signature)]) {
                    let name = other.workload.to_string();
                    assert_eq!(resolve(&name).unwrap().workload.to_string(), name);
                    assert_eq!(other.inputs.len(), signature.inputs.len(), "{text}");
                }
                let (small, terms) =
                    (excerpt(&signature), |s: &Signature| s.work.flops / s.outputs[0].elements() as f64);
                assert_eq!(terms(&small), terms(&signature), "{text}: {}", small.workload);
                assert!(small.outputs[0].elements() <= 8192, "{text}: {}", small.workload);
            }
        }
    }
}
