//! What commands are about: workloads by their line of text, and kernels by their file.

use std::path::Path;

use super::StoreArgs;
use super::error::Failure;
use crate::custom::{CustomKernel, Problem};
use crate::op::{self, Signature};
use crate::store::{Filter, Store};
use crate::tune::check_templates;
use crate::workload::Dims;

/// How the names of kernel files end.
const ENDING: &str = ".toml";

/// What a text on the command line means: a workload, or a kernel file, perhaps with sizes, as `stencil.toml:w512h512`.
pub(super) fn resolve(text: &str) -> Result<Signature, Failure> {
    if kernel_file(text).is_some() {
        return Ok(read_kernel(text)?.1);
    }
    op::resolve(text).map_err(|error| hint(text, Failure::from(error)))
}

/// The kernel of a file, and what it means for its sizes.
pub(super) fn read_kernel(text: &str) -> Result<(CustomKernel, Signature), Failure> {
    let (file, sizes) = kernel_file(text).unwrap_or((text, None));
    let kernel = CustomKernel::load(Path::new(file))?;
    let sizes = sizes.map(|sizes| sizes.parse::<Dims>()).transpose();
    let advice = |error| Failure::input(format!("{error}; write sizes after the file as {file}:n1000"));
    let sizes = sizes.map_err(advice)?;
    let signature = kernel.at(&sizes.map(|sizes| sizes.0).unwrap_or_default())?;
    Ok((kernel, signature))
}

/// The file that a text names, and the sizes that it adds.
pub(super) fn kernel_file(text: &str) -> Option<(&str, Option<&str>)> {
    if text.ends_with(ENDING) {
        return Some((text, None));
    }
    let at = text.find(&format!("{ENDING}:"))? + ENDING.len();
    Some((&text[..at], Some(&text[at + 1..])))
}

/// Whether a stored workload is that of a user's kernel: its operator is a name with a digest.
pub(super) fn is_custom(workload: &str) -> bool {
    workload.split(':').next().is_some_and(|operator| operator.contains('@'))
}

/// What to type for a workload: its line of text, or the file that it was read from.
pub(super) fn typed(text: &str, signature: &Signature) -> String {
    if kernel_file(text).is_some() { text.to_owned() } else { signature.workload.to_string() }
}

/// What the store has of a user's kernel: trials of this version, and of others.
pub(super) struct Versions {
    /// What the kernel is called in all its versions.
    pub name: String,
    pub of_this: u64,
    pub of_others: u64,
}

/// None for one of our own operators.
pub(super) fn versions(store: &Store, signature: &Signature) -> Result<Option<Versions>, Failure> {
    let this = &signature.workload.operator;
    let Some((name, _)) = this.split_once('@') else { return Ok(None) };
    let mut found = Versions { name: name.to_owned(), of_this: 0, of_others: 0 };
    for (operator, trials) in store.versions(name)? {
        *(if operator == *this { &mut found.of_this } else { &mut found.of_others }) += trials;
    }
    Ok(Some(found))
}

fn hint(text: &str, failure: Failure) -> Failure {
    if is_custom(text) {
        return Failure::input(format!("`{text}` is a version of a user's kernel: name its kernel file instead"));
    }
    failure
}

/// What all the workloads on the command line mean; nothing is begun when one of them is wrong or has no kernels.
pub(super) fn resolve_all(workloads: &[String]) -> Result<Vec<Signature>, Failure> {
    let signatures = workloads.iter().map(|text| resolve(text)).collect::<Result<Vec<_>, Failure>>()?;
    signatures.iter().try_for_each(|signature| check_templates(signature, &[]))?;
    Ok(signatures)
}

/// A workload's text as the store has it: one of ours in canonical form, or an imported one as it is there.
pub(super) fn filed_workload(store: &StoreArgs, text: &str) -> Result<String, Failure> {
    let error = match resolve(text) {
        Ok(signature) => return Ok(signature.workload.to_string()),
        Err(error) => error,
    };
    // A text that means nothing is worth saying first, whatever is wrong with the store.
    let Ok(store) = store.open_existing() else { return Err(error) };
    let imported = Filter { workload: Some(text.to_owned()), limit: Some(1), ..Filter::default() };
    if store.query(&imported)?.is_empty() { Err(error) } else { Ok(text.to_owned()) }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::shown(problem.to_string())
    }
}
