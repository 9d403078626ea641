//! What results of a user's kernel are held to: another kernel, files, or what the host computes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::buffer::BufferSpec;
use super::contents;
use super::description::Role;
use super::kernel::CustomKernel;
use super::plan::Plan;
use super::problem::{Checked, Problem};
use super::wgsl::Wgsl;
use crate::base::{Approx, Contents, Fill, TensorSpec};
use crate::code::{Program, Symbols};
use crate::op::{Filling, Judge, Reference, Signature, Truth};
use crate::record::Numerics;

/// What the truth is.
#[derive(Clone)]
pub(super) enum TruthSpec {
    /// What the kernel's own default config computes.
    Default,
    /// What a plain kernel over the same buffers, and perhaps some temporaries more, computes.
    Plan(Plan, Vec<BufferSpec>),
    /// What the default config of another kernel file computes.
    Kernel(CustomKernel),
    /// The contents of files, by output.
    Files(BTreeMap<String, (Contents, u64)>),
    /// What the host computes.
    Host(Host),
}

/// A function of the user's.
#[derive(Clone)]
pub(super) struct Host(pub Arc<dyn Fn(&Arrays) -> Arrays + Send + Sync>);

/// The contents of buffers by name, each number as a device would have it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrays {
    sizes: Symbols,
    values: BTreeMap<String, Vec<f64>>,
}

impl Arrays {
    /// Results by the names of their buffers.
    pub fn of<const N: usize>(results: [(&str, Vec<f64>); N]) -> Self {
        let values = results.into_iter().map(|(name, values)| (name.to_owned(), values)).collect();
        Self { sizes: Symbols::new(), values }
    }

    /// The contents of a buffer; nothing if there is none of that name.
    pub fn get(&self, name: &str) -> &[f64] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// A problem size; 0 if there is none of that name.
    pub fn size(&self, name: &str) -> usize {
        self.sizes.get(name).map_or(0, |size| *size as usize)
    }
}

impl TruthSpec {
    /// Whether there is a plain kernel beside the tuned one.
    pub fn has_kernel(&self) -> bool {
        matches!(self, Self::Plan(..) | Self::Kernel(_))
    }

    /// The program whose results are the truth; the default's where there is no other.
    pub fn program(&self, kernel: &CustomKernel, sizes: &Symbols) -> Checked<Program> {
        match self {
            Self::Plan(plan, buffers) => plan.program(&super::kernel::names(sizes), buffers),
            Self::Kernel(other) => other.default_program(sizes),
            _ => kernel.default_program(sizes),
        }
    }

    /// The texts of a kernel that is the truth.
    pub fn texts(&self) -> &[Wgsl] {
        match self {
            Self::Plan(plan, _) => &plan.texts,
            Self::Kernel(other) => &other.0.plan.texts,
            Self::Default | Self::Files(_) | Self::Host(_) => &[],
        }
    }

    /// Whether it says something of every output of a signature.
    pub fn check(&self, kernel: &CustomKernel, signature: &Signature) -> Checked<()> {
        match self {
            Self::Plan(..) | Self::Kernel(_) => self.program(kernel, &signature.symbols).map(drop),
            Self::Files(files) => {
                let told = |tensor: &TensorSpec| elements(files, tensor).map(drop).map_err(Problem::new);
                signature.outputs.iter().try_for_each(told)
            }
            Self::Default | Self::Host(_) => Ok(()),
        }
    }

    /// What of it no text says: which version another kernel is, and what lies in files.
    pub fn digest(&self) -> String {
        match self {
            Self::Kernel(other) => other.0.operator.clone(),
            Self::Files(files) => files.values().map(|(contents, _)| contents::digest(&contents.path)).collect(),
            Self::Default | Self::Plan(..) | Self::Host(_) => String::new(),
        }
    }

    /// How results on these contents are judged.
    pub fn of(&self, kernel: &CustomKernel, signature: &Signature, filling: &Filling) -> Result<Truth, String> {
        let judge = Tolerances::of(kernel);
        match self {
            Self::Default | Self::Plan(..) | Self::Kernel(_) => {
                let program = self.program(kernel, &signature.symbols).map_err(|problem| problem.to_string())?;
                Ok(Truth::Program(Box::new(program), Box::new(judge)))
            }
            Self::Files(files) => {
                let values =
                    |tensor: &TensorSpec| contents::values(elements(files, tensor)?, tensor.element, tensor.elements());
                known(&judge, signature, values)
            }
            Self::Host(Host(function)) => {
                let results = function(&arrays(signature, filling)?);
                known(&judge, signature, |tensor| {
                    let values = results.values.get(&tensor.name).ok_or_else(|| unknown(&tensor.name))?;
                    if values.len() as u64 != tensor.elements() {
                        let (name, has, wants) = (&tensor.name, values.len(), tensor.elements());
                        return Err(format!("the reference gives {has} elements for `{name}`, which has {wants}"));
                    }
                    Ok(values.clone())
                })
            }
        }
    }
}

/// The file of an output, as long as that is.
fn elements<'a>(files: &'a BTreeMap<String, (Contents, u64)>, tensor: &TensorSpec) -> Result<&'a Contents, String> {
    let (contents, elements) = files.get(&tensor.name).ok_or_else(|| unknown(&tensor.name))?;
    let wanted = tensor.elements();
    if *elements != wanted {
        return Err(format!("the expected `{}` has {elements} elements, and the output has {wanted}", tensor.name));
    }
    Ok(contents)
}

fn unknown(output: &str) -> String {
    format!("the reference says nothing of the output `{output}`: give it a result too")
}

/// Judges by values that are known.
fn known(
    judge: &Tolerances,
    signature: &Signature,
    values: impl Fn(&TensorSpec) -> Result<Vec<f64>, String>,
) -> Result<Truth, String> {
    let admitted = |(output, tensor): (usize, &TensorSpec)| {
        let values: Vec<Option<f64>> =
            values(tensor)?.into_iter().map(|value| Some(tensor.element.quantise(value))).collect();
        Ok(judge.admitted(output, &values))
    };
    let outputs = signature.outputs.iter().enumerate().map(admitted).collect::<Result<_, String>>()?;
    Ok(Truth::Elements(Box::new(Known(outputs))))
}

/// What inputs and in-out buffers hold, on the host.
fn arrays(signature: &Signature, filling: &Filling) -> Result<Arrays, String> {
    let initial = signature.outputs.iter().zip(&filling.outputs);
    let initial = initial.filter_map(|(tensor, fill)| Some((tensor, (*fill)?)));
    let filled = signature.inputs.iter().zip(filling.inputs.iter().copied()).chain(initial);
    let values = filled.map(|(tensor, fill)| Ok((tensor.name.clone(), host(tensor, fill)?)));
    Ok(Arrays { sizes: signature.symbols.clone(), values: values.collect::<Result<_, String>>()? })
}

fn host(tensor: &TensorSpec, fill: Fill) -> Result<Vec<f64>, String> {
    match &tensor.file {
        Some(contents) => contents::values(contents, tensor.element, tensor.elements()),
        None => Ok((0..tensor.elements()).map(|index| tensor.element.quantise(fill.value(index))).collect()),
    }
}

/// The relative and the absolute tolerance of each output.
struct Tolerances(Vec<(f64, f64)>);

impl Tolerances {
    fn of(kernel: &CustomKernel) -> Self {
        let outputs = kernel.0.buffers.iter().filter(|buffer| matches!(buffer.role, Role::Output | Role::InOut));
        let tolerance =
            |buffer: &BufferSpec| (buffer.tolerance.relative.unwrap_or(0.0), buffer.tolerance.absolute.unwrap_or(0.0));
        Self(outputs.map(tolerance).collect())
    }
}

impl Judge for Tolerances {
    fn admitted(&self, output: usize, values: &[Option<f64>]) -> Vec<Approx> {
        let (relative, absolute) = self.0[output];
        let finite = values.iter().flatten().filter(|value| value.is_finite());
        let (count, squares) = finite.fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value * value));
        let scale = if count > 0.0 { f64::sqrt(squares / count) } else { 0.0 };
        let admitted = |value: &Option<f64>| match value {
            Some(value) if value.is_finite() => {
                Approx { value: *value, bound: absolute + relative * value.abs().max(scale) }
            }
            // Where the truth itself has no number, nothing can be asked.
            _ => Approx::UNDEFINED,
        };
        values.iter().map(admitted).collect()
    }
}

/// Results that were worked out beforehand.
struct Known(Vec<Vec<Approx>>);

impl Reference for Known {
    fn within(&self, output: usize, index: u64, _: Numerics) -> Approx {
        self.0[output].get(index as usize).copied().unwrap_or(Approx::UNDEFINED)
    }
}

/// The host knows nothing.
pub(super) struct Unknown;

impl Reference for Unknown {
    fn within(&self, _: usize, _: u64, _: Numerics) -> Approx {
        Approx::UNDEFINED
    }
}
