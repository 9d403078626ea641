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
    let probe = probe(signature);
    let tensors = |of: fn(&Signature) -> &[TensorSpec]| -> Result<Vec<Tensor>, PackError> {
        let pairs = of(signature).iter().zip(of(&probe));
        pairs.map(|(here, there)| tensor(here, there, [signature, &probe])).collect()
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

/// Sizes that no two dims share, so that an extent names the dim that it comes from: primes.
const PRIMES: [u64; 12] = [101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157];

/// The workload at sizes that tell its dims apart; itself where none may vary.
fn probe(signature: &Signature) -> Signature {
    let free = signature.operator.meaning(signature).free;
    let sizes = free.keys().cloned().zip(PRIMES).collect();
    at(signature, &sizes).unwrap_or_else(|| signature.clone())
}

fn tensor(here: &TensorSpec, there: &TensorSpec, of: [&Signature; 2]) -> Result<Tensor, PackError> {
    let extents = here.shape.iter().zip(&there.shape).map(|(&here, &there)| extent([here, there], of));
    let extents: Option<Vec<Formula>> = extents.collect();
    let extents = extents.ok_or_else(|| {
        let (workload, tensor) = (of[0].workload.to_string(), here.name.clone());
        PackError::Extent { workload, tensor }
    })?;
    Ok(Tensor { name: here.name.clone(), element: super::convert::element(here.element), extents })
}

/// The size that an extent is at both of two workloads, else the number that it is at both.
fn extent([here, there]: [u64; 2], of: [&Signature; 2]) -> Option<Formula> {
    let dims = |signature: &Signature| -> BTreeMap<String, u64> {
        let Dims(dims) = signature.workload.dims.clone();
        dims.into_iter().chain(signature.symbols.clone()).collect()
    };
    let (sizes, others) = (dims(of[0]), dims(of[1]));
    let mut names = sizes.iter().filter(|(name, size)| **size == here && others.get(*name) == Some(&there));
    let name = names.next().and_then(|(name, _)| name.parse().ok());
    // What does not vary is a number, whichever size it happens to equal.
    if here == there { Some(Formula::from(here)) } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::{OPERATORS, resolve};

    /// Every contract case: its line means the operation, at its sizes and at those of its neighbours, and tensors have the
    /// extents that the operator gives them.
    #[test]
    fn tensors_have_their_extents_at_all_sizes() {
        let mut failures = Vec::new();
        for text in OPERATORS.iter().flat_map(|operator| operator.contract()) {
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
