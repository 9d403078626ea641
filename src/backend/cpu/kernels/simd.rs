//! How wide vectors are: what the processor at hand has, and running generic code with it.

use pulp::{Scalar, Simd, WithSimd};

use crate::base::vector_registers;

/// A set of vector instructions, named by how many f32 it computes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Width {
    /// One: no vector instructions; every processor has it.
    Scalar,
    /// Four: NEON.
    Four,
    /// Eight: AVX2 with FMA.
    Eight,
    /// Sixteen: AVX-512.
    Sixteen,
}

impl Width {
    /// Every width there is, on any processor, from narrow to wide.
    pub const ALL: [Self; 4] = [Self::Scalar, Self::Four, Self::Eight, Self::Sixteen];

    /// The width of so many f32, if there is one.
    pub fn of(lanes: usize) -> Option<Self> {
        Self::ALL.into_iter().find(|width| width.lanes() == lanes)
    }

    /// How many f32 a vector holds.
    pub fn lanes(self) -> usize {
        match self {
            Self::Scalar => 1,
            Self::Four => 4,
            Self::Eight => 8,
            Self::Sixteen => 16,
        }
    }

    /// How many vectors the registers hold.
    pub fn registers(self) -> usize {
        vector_registers(self.lanes())
    }

    /// Whether this processor has it.
    pub fn is_available(self) -> bool {
        self.run(Nothing).is_some()
    }

    /// The widths that this processor has, from narrow to wide.
    pub fn available() -> Vec<Self> {
        Self::ALL.into_iter().filter(|width| width.is_available()).collect()
    }

    /// Runs `work` compiled for this width; `None`, without running it, where the processor lacks it.
    #[inline]
    pub fn run<W: WithSimd>(self, work: W) -> Option<W::Output> {
        match self {
            Self::Scalar => run::<Scalar, W>(work),
            #[cfg(target_arch = "aarch64")]
            Self::Four => run::<pulp::aarch64::Neon, W>(work),
            #[cfg(target_arch = "x86_64")]
            Self::Eight => run::<pulp::x86::V3, W>(work),
            #[cfg(target_arch = "x86_64")]
            Self::Sixteen => run::<pulp::x86::V4, W>(work),
            #[allow(unreachable_patterns)]
            _ => None,
        }
    }
}

/// Instructions whose presence can be asked for by type: a function for one of them needs no other argument, so that
/// kernels can be plain function pointers.
pub trait Detect: Simd {
    /// The instructions, if this processor has them. Found out once; after that it costs a load.
    fn detect() -> Option<Self>;
}

impl Detect for Scalar {
    #[inline(always)]
    fn detect() -> Option<Self> {
        Some(Self::new())
    }
}

/// Implements [`Detect`] by `try_new`, which all but `Scalar` have.
macro_rules! detect {
    ($simd:ty) => {
        impl Detect for $simd {
            #[inline(always)]
            fn detect() -> Option<Self> {
                Self::try_new()
            }
        }
    };
}

#[cfg(target_arch = "aarch64")]
detect!(pulp::aarch64::Neon);
#[cfg(target_arch = "x86_64")]
detect!(pulp::x86::V3);
#[cfg(target_arch = "x86_64")]
detect!(pulp::x86::V4);

/// Runs `work` with the instructions `S`, if this processor has them.
#[inline(always)]
pub fn run<S: Detect, W: WithSimd>(work: W) -> Option<W::Output> {
    S::detect().map(|simd| simd.vectorize(work))
}

/// Work that only shows whether it can be run.
struct Nothing;

impl WithSimd for Nothing {
    type Output = ();

    fn with_simd<S: Simd>(self, _: S) {}
}
