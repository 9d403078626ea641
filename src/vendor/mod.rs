//! Which routines of vendors' libraries a workload is compared with, what each of them computes, and what it promises.
//!
//! Each arithmetic is a routine of its own, and a routine that lacks the workload's epilogue is named as the bare product that it
//! is: unlike things are never compared under one name.

mod convolution;
mod matmul;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::backend::cuda::{COPY, Precision};
use crate::code::Program;
use crate::code::routine::{Call, Routine};
use crate::op::Signature;
use crate::record::{Numerics, Vendor};

/// What a workload is compared with.
#[derive(Clone, Debug, Default)]
pub struct Rivals {
    /// The routines.
    pub routines: Vec<Rival>,
    /// What is not compared and why, a sentence each.
    pub absent: Vec<String>,
}

/// One routine.
#[derive(Clone, Debug)]
pub struct Rival {
    /// What is called.
    pub routine: Routine,
    /// How much of the workload it computes.
    pub computes: Computes,
    /// Types and arithmetic in words.
    pub about: String,
    /// What it promises of its results.
    pub numerics: Numerics,
}

/// How much of a workload a routine computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Computes {
    /// All of it.
    Same,
    /// Its sums, without the epilogue.
    Bare,
    /// Nothing: it moves as many bytes.
    Copy,
}

impl Computes {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "the same",
            Self::Bare => "the sums alone, without the epilogue",
            Self::Copy => "a copy of as many bytes",
        }
    }
}

impl Rival {
    /// The program that calls it.
    pub fn program(&self) -> Program {
        Program::routine(self.routine.clone())
    }

    /// Its name for people, such as `cublas tf32`.
    pub fn name(&self) -> String {
        format!("{} {}", self.routine.library, self.routine.name)
    }
}

/// The routines of the libraries there are that compute a workload, or as much of it as they have.
pub fn rivals(signature: &Signature, vendor: &Vendor) -> Rivals {
    let mut rivals = Rivals::default();
    match signature.operator.call(signature) {
        None | Some(Call::Probe(_) | Call::Accelerated(_)) => {
            rivals.absent.push("no routine is known that computes this".to_owned())
        }
        Some(Call::Matmul(call)) => matmul::add(&mut rivals, &call, vendor),
        Some(Call::Convolution(call)) => convolution::add(&mut rivals, &call, vendor),
        Some(Call::Chain(call)) => {
            let precision = Precision::ALL.into_iter().find(|precision| precision.element() == call.element);
            if let (Some(version), Some(precision)) = (vendor.version("cuda"), precision) {
                let about = format!("memory of the device, {}", precision.element());
                let routine = routine("cuda", version, COPY, Call::Chain(call), BTreeMap::new());
                rivals.routines.push(Rival { routine, computes: Computes::Copy, about, numerics: Numerics::Yardstick });
            }
        }
    }
    rivals
}

fn routine(library: &str, version: &str, name: &str, call: Call, options: BTreeMap<String, i64>) -> Routine {
    Routine { library: library.to_owned(), version: version.to_owned(), name: name.to_owned(), call, options }
}

/// The arithmetics in which elements of a type are computed.
fn precisions(element: crate::base::ElementType) -> impl Iterator<Item = Precision> {
    Precision::ALL.into_iter().filter(move |precision| precision.element() == element)
}

/// Types and arithmetic in words.
fn about(precision: Precision) -> &'static str {
    match precision {
        Precision::F32 => "f32, sums in f32, no TF32",
        Precision::Tf32 => "f32, factors rounded to TF32, sums in f32",
        Precision::F16 => "f16, sums in f32",
    }
}

/// Significant bits of TF32.
const TF32_BITS: u32 = 11;

/// What sums of products promise in an arithmetic.
fn sums(precision: Precision) -> Numerics {
    match precision {
        Precision::F32 | Precision::F16 => Numerics::Exact,
        Precision::Tf32 => Numerics::Narrow { bits: TF32_BITS },
    }
}

#[cfg(test)]
mod tests;
