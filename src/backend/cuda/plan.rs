//! What a routine does in one run, ready to be put into the stream; and the fastest of several ways.

use std::rc::Rc;

use cudarc::driver::sys::CUdeviceptr;

use super::device::Device;
use super::memory::Memory;
use crate::base::ElementType;

/// In which arithmetic a routine computes; its name is that of the routine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Factors and sums in f32.
    F32,
    /// Factors rounded to TF32, whose significands have 11 bits; sums in f32.
    Tf32,
    /// Factors stored in f16, sums in f32.
    F16,
}

/// Which of cuDNN's algorithms a routine chooses from: results of other kinds have other errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Those that sum the products themselves.
    Sums,
    /// Winograd's, which transform tiles and filters.
    Winograd,
    /// Fourier transforms.
    Fourier,
}

impl Family {
    /// The option of a routine that tells it.
    pub const OPTION: &str = "family";

    /// All of them; the option's value is the place here.
    pub const ALL: [Self; 3] = [Self::Sums, Self::Winograd, Self::Fourier];

    /// The value of the option.
    pub fn number(self) -> i64 {
        self as i64
    }

    pub(super) fn of(number: Option<i64>) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|family| Some(family.number()) == number);
        known.ok_or_else(|| format!("there is no family {number:?} of algorithms"))
    }

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sums => "sums of products",
            Self::Winograd => "Winograd",
            Self::Fourier => "Fourier transforms",
        }
    }
}

/// The routine of CUDA's driver that copies as many bytes as a workload moves: what chains are measured against.
pub const COPY: &str = "copy";

impl Precision {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::F32, Self::Tf32, Self::F16];

    /// Its name, which is that of the routine.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Tf32 => "tf32",
            Self::F16 => "f16",
        }
    }

    /// What inputs and outputs are stored as.
    pub fn element(self) -> ElementType {
        match self {
            Self::F32 | Self::Tf32 => ElementType::F32,
            Self::F16 => ElementType::F16,
        }
    }

    /// That of a routine's name, for elements of a type.
    pub(super) fn of(name: &str, element: ElementType) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|precision| precision.name() == name);
        let known = known.ok_or_else(|| format!("there is no routine `{name}`"))?;
        if known.element() == element { Ok(known) } else { Err(format!("routine `{name}` is not for {element}")) }
    }
}

/// What one run is bound to.
#[derive(Clone, Copy)]
pub(super) struct Buffers<'a> {
    inputs: &'a [Rc<Memory>],
    outputs: &'a [(Memory, Memory)],
}

impl<'a> Buffers<'a> {
    pub fn new(inputs: &'a [Rc<Memory>], outputs: &'a [(Memory, Memory)]) -> Self {
        Self { inputs, outputs }
    }

    /// The numbers are those of the call, which were checked when it was compiled.
    pub fn input(&self, number: usize) -> CUdeviceptr {
        self.inputs[number].at
    }

    pub fn output(&self) -> CUdeviceptr {
        self.outputs[0].0.at
    }

    /// The one with most bytes.
    pub fn largest_input(&self) -> Option<&Memory> {
        self.inputs.iter().map(Rc::as_ref).max_by_key(|memory| memory.bytes)
    }
}

/// One way to do what a routine does.
pub(super) trait Plan {
    /// Puts one run into the stream.
    fn enqueue(&self, device: &Device, buffers: Buffers) -> Result<(), String>;

    /// What was chosen that nobody asked for, such as the algorithm.
    fn told(&self) -> Option<String> {
        None
    }
}

/// Runs of each plan from which the fastest is chosen.
const TRIALS: usize = 5;

/// The fastest of several plans, and how many of them ran at all.
///
/// # Errors
/// Where none runs: why the first did not.
pub(super) fn fastest<P: Plan>(device: &Device, buffers: Buffers, plans: Vec<P>) -> Result<(P, usize), String> {
    let (mut ran, mut why, mut best) = (0, "none is offered".to_owned(), None::<(P, f64)>);
    for (place, plan) in plans.into_iter().enumerate() {
        match least_ns(device, buffers, &plan) {
            Ok(ns) => {
                ran += 1;
                best = best.filter(|(_, least)| *least <= ns).or(Some((plan, ns)));
            }
            Err(error) if place == 0 => why = error,
            Err(_) => {}
        }
    }
    best.map(|(plan, _)| (plan, ran)).ok_or(why)
}

fn least_ns(device: &Device, buffers: Buffers, plan: &impl Plan) -> Result<f64, String> {
    // The first run pays for what libraries put off.
    plan.enqueue(device, buffers)?;
    device.finish()?;
    let mut least = f64::INFINITY;
    for _ in 0..TRIALS {
        least = least.min(device.timed(|| plan.enqueue(device, buffers))?.unwrap_or(f64::INFINITY));
    }
    Ok(least)
}

/// A library's object, which ends with this.
pub(super) struct Held<T> {
    pub raw: *mut T,
    free: fn(*mut T),
}

impl<T> Held<T> {
    /// One that is made by a function that writes where it is.
    pub fn make(make: impl FnOnce(*mut *mut T) -> Result<(), String>, free: fn(*mut T)) -> Result<Self, String> {
        let mut raw = std::ptr::null_mut();
        make(&mut raw)?;
        if raw.is_null() {
            Err("a library gives nothing and tells no error".to_owned())
        } else {
            Ok(Self { raw, free })
        }
    }
}

impl<T> Drop for Held<T> {
    fn drop(&mut self) {
        (self.free)(self.raw);
    }
}
