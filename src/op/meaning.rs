//! What a workload means whatever its sizes: which dims may vary, and how all other sizes follow from them.

use std::collections::BTreeMap;

use super::Signature;
use crate::code::Formula;
use crate::workload::Dims;

/// The sizes of a workload as those who have only its text work them out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meaning {
    /// Dims that may vary, each with its size where a workload leaves it out.
    pub free: BTreeMap<String, Option<u64>>,
    /// Dims whose order is part of the meaning, in that order.
    pub order: Vec<String>,
    /// Dims that go without saying, with their sizes.
    pub implied: BTreeMap<String, u64>,
    /// Symbols that are no dims, over dims.
    pub sizes: BTreeMap<String, Formula>,
}

impl Meaning {
    /// Nothing may vary, so that every symbol is a number.
    pub fn fixed(signature: &Signature) -> Self {
        let dims = &signature.workload.dims;
        let others = signature.symbols.iter().filter(|(name, size)| dims.get(name) != Some(**size));
        Self { sizes: others.map(|(name, size)| (name.clone(), Formula::from(*size))).collect(), ..Self::default() }
    }

    /// These dims may vary, with their sizes where they are left out.
    pub fn with_free<const N: usize>(free: [(&str, Option<u64>); N]) -> Self {
        Self { free: free.map(|(name, usual)| (name.to_owned(), usual)).into(), ..Self::default() }
    }

    /// The dims of a workload in canonical form that must be as they are.
    pub fn fixed_dims(&self, dims: &Dims) -> BTreeMap<String, u64> {
        dims.0.iter().filter(|(name, _)| !self.free.contains_key(name)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::code::Symbols;
    use crate::op::{OPERATORS, resolve};
    use crate::workload::Dims;

    /// For every contract case and its neighbours: what the formulas say of the dims is what the signature says.
    #[test]
    fn sizes_follow_from_dims() {
        for operator in OPERATORS {
            for text in operator.contract() {
                let whole = resolve(text).unwrap();
                let meaning = operator.meaning(&whole);
                let mut all = operator.neighbours(&whole);
                all.push(whole);
                for signature in all {
                    let Dims(dims) = signature.workload.dims.clone();
                    let mut known: Symbols = meaning.implied.clone().into_iter().collect();
                    known.extend(meaning.free.iter().filter_map(|(name, usual)| Some((name.clone(), (*usual)?))));
                    known.extend(dims);
                    let sizes: Symbols =
                        meaning.sizes.iter().map(|(name, size)| (name.clone(), size.eval(&known).unwrap())).collect();
                    known.extend(sizes);
                    for (name, size) in &signature.symbols {
                        assert_eq!(known.get(name), Some(size), "`{name}` of {}", signature.workload);
                    }
                }
            }
        }
    }
}
