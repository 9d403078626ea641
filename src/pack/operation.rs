//! A workload as packs know it: its meaning with free sizes, and its tensors over them.

use std::collections::BTreeMap;

use wgtune_pack::{Dims as PackDims, Operation, Tensor};

use super::PackError;
use crate::base::TensorSpec;
use crate::code::Formula;
use crate::op::Signature;
use crate::workload::{Dims, Workload};

/// A workload as an operation, and its sizes of the operation's free dims.
///
/// # Errors
/// When an extent of a tensor follows from no size.
pub fn operation(signature: &Signature) -> Result<(Operation, PackDims), PackError> {
    let meaning = signature.operator.meaning(signature);
    let workload = &signature.workload;
    let sized = Sized::new(signature)?;
    let tensors = |of: fn(&Signature) -> &[TensorSpec]| -> Result<Vec<Tensor>, PackError> {
        (0..of(signature).len()).map(|place| sized.tensor(of, place)).collect()
    };
    let (inputs, outputs) = (tensors(|signature| &signature.inputs)?, tensors(|signature| &signature.outputs)?);
    let size = |(name, usual): (&String, &Option<u64>)| Some((name.clone(), workload.dims.get(name).or(*usual)?));
    let sizes: PackDims = meaning.free.iter().filter_map(size).collect();
    let operation = Operation {
        operator: workload.operator.clone(),
        types: workload.types.to_string(),
        fixed: meaning.fixed_dims(&workload.dims),
        implied: meaning.implied,
        tail: tail(workload),
        free: meaning.free,
        order: meaning.order,
        sizes: meaning.sizes,
        inputs,
        outputs,
    };
    Ok((operation, sizes))
}

/// What follows the dims in the workload's line.
fn tail(workload: &Workload) -> String {
    let bare = Workload { layout: None, expression: None, steps: Vec::new(), ..workload.clone() }.to_string();
    workload.to_string().strip_prefix(&bare).unwrap_or_default().to_owned()
}

/// The same workload at other sizes of its free dims.
pub fn at(signature: &Signature, free: &PackDims) -> Option<Signature> {
    let mut sizes: BTreeMap<&str, u64> = free.iter().map(|(name, size)| (name.as_str(), *size)).collect();
    let said = signature.workload.dims.0.iter();
    let mut dims: Vec<(String, u64)> =
        said.map(|(name, size)| (name.clone(), sizes.remove(name.as_str()).unwrap_or(*size))).collect();
    dims.extend(sizes.into_iter().map(|(name, size)| (name.to_owned(), size)));
    let workload = Workload { dims: Dims(dims), ..signature.workload.clone() };
    signature.operator.signature(&workload).ok()
}

/// Where the primes begin that the dims of probes are: sizes that no two dims share, so that an extent names the dim that it comes
/// from. Large ones tell what follows from others apart, small ones are for operators of many dims.
const BEGINNINGS: [u64; 3] = [101, 11, 2];

/// A workload at its own sizes, and at others that tell its dims apart.
struct Sized<'s> {
    signature: &'s Signature,
    /// Where nothing may vary there are none.
    probes: Vec<Signature>,
}

impl<'s> Sized<'s> {
    fn new(signature: &'s Signature) -> Result<Self, PackError> {
        let free = signature.operator.meaning(signature).free;
        let probes: Vec<Signature> = probes(signature, &free).iter().filter_map(|sizes| at(signature, sizes)).collect();
        let sized = Self { signature, probes };
        match signature.outputs.first() {
            // Without a probe, what varies looks like a number.
            Some(tensor) if sized.probes.is_empty() && !free.is_empty() => Err(sized.refused(tensor)),
            _ => Ok(sized),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Signature> {
        std::iter::once(self.signature).chain(&self.probes)
    }

    fn refused(&self, tensor: &TensorSpec) -> PackError {
        PackError::Extent { workload: self.signature.workload.to_string(), tensor: tensor.name.clone() }
    }

    fn tensor(&self, of: fn(&Signature) -> &[TensorSpec], place: usize) -> Result<Tensor, PackError> {
        let tensor = &of(self.signature)[place];
        let at_all = |axis: usize| -> Option<Vec<u64>> {
            self.all().map(|sized| of(sized).get(place)?.shape.get(axis).copied()).collect()
        };
        let extents = (0..tensor.shape.len()).map(|axis| self.extent(&at_all(axis)?));
        let extents: Option<Vec<Formula>> = extents.collect();
        let extents = extents.ok_or_else(|| self.refused(tensor))?;
        Ok(Tensor { name: tensor.name.clone(), element: super::convert::element(tensor.element), extents })
    }

    /// What an extent of these values is: a number where they are all the same, else the size that has all of them.
    fn extent(&self, values: &[u64]) -> Option<Formula> {
        // What does not vary is a number, whichever size it happens to equal.
        let first = *values.first()?;
        if values.iter().all(|value| *value == first) {
            return Some(Formula::from(first));
        }
        let sizes: Vec<BTreeMap<String, u64>> = self.all().map(sizes).collect();
        let has_all = |name: &&String| sizes.iter().zip(values).all(|(sizes, value)| sizes.get(*name) == Some(value));
        sizes[0].keys().find(has_all)?.parse().ok()
    }
}

/// The dims and all other symbols.
fn sizes(signature: &Signature) -> BTreeMap<String, u64> {
    let Dims(dims) = signature.workload.dims.clone();
    dims.into_iter().chain(signature.symbols.clone()).collect()
}

/// Sizes of the free dims to try: primes that are no size of the workload's own, and its own with primes added, which an operator
/// takes whose sizes bound each other.
fn probes(signature: &Signature, free: &BTreeMap<String, Option<u64>>) -> Vec<PackDims> {
    if free.is_empty() {
        return Vec::new();
    }
    let own = sizes(signature);
    let at_primes = |first: u64| -> PackDims {
        let others = primes(first).filter(|prime| own.values().all(|size| size != prime));
        free.keys().cloned().zip(others).collect()
    };
    let size = |(name, usual): (&String, &Option<u64>)| own.get(name).copied().or(*usual).unwrap_or(1);
    let enlarged = free.iter().zip(primes(BEGINNINGS[0]));
    let enlarged = enlarged.map(|(dim, prime)| (dim.0.clone(), size(dim).saturating_add(prime))).collect();
    BEGINNINGS.map(at_primes).into_iter().chain([enlarged]).collect()
}

/// All primes from a number on.
fn primes(first: u64) -> impl Iterator<Item = u64> {
    let is_prime =
        |number: &u64| (2..).take_while(|part| part * part <= *number).all(|part| !number.is_multiple_of(part));
    (first..).filter(is_prime)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::{OPERATORS, resolve};

    /// Workloads whose sizes are primes as probes have them, that have other sizes which are equal by chance, that are too many
    /// for large primes, or that bound each other.
    const COINCIDENCES: [&str; 8] = [
        "matmul:f32:m107n109k103",
        "matmul:f32:b101m103n107k109:nt+bias",
        "matmul:f32:m2n11k13",
        "conv2d:f32:n101c103h107w109o2k3p1",
        "conv2d:f32:n1c14h16w18o8k3",
        "conv2d:f32:n1c2h300w310o3k250",
        "chain:f32:r101c103:x*s[r]+w[c]",
        "chain:f32:a2b3c2d3e2f3:gelu(x)",
    ];

    /// Every contract case and coincidence: its line means the operation, at its sizes and at those of its neighbours, and tensors have the
    /// extents that the operator gives them.
    #[test]
    fn tensors_have_their_extents_at_all_sizes() {
        let mut failures = Vec::new();
        for text in OPERATORS.iter().flat_map(|operator| operator.contract()).chain(&COINCIDENCES) {
            let signature = resolve(text).unwrap();
            let (operation, _) = operation(&signature).unwrap();
            // Neighbours with other groups are other operations.
            let is_same = |other: &Signature| {
                operation.fixed.iter().all(|(name, size)| other.workload.dims.get(name) == Some(*size))
            };
            let mut all = signature.operator.neighbours(&signature);
            all.retain(is_same);
            all.push(signature);
            for signature in all {
                let line = signature.workload.to_string();
                let workload = wgtune_pack::Workload::parse(&line).unwrap();
                let Some(dims) = operation.dims_of(&workload) else {
                    failures.push(format!("{line} does not mean the operation of {text}"));
                    continue;
                };
                let symbols = operation.symbols(&dims).unwrap();
                let sizes = operation.inputs(&symbols).unwrap().into_iter().chain(operation.outputs(&symbols).unwrap());
                for (size, tensor) in sizes.zip(signature.inputs.iter().chain(&signature.outputs)) {
                    if size.extents != tensor.shape || size.bytes != tensor.bytes() {
                        failures.push(format!("{line}: `{}` is {:?}, not {:?}", size.name, size.extents, tensor.shape));
                    }
                }
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }
}
