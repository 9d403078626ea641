//! What is known about a processor that runs native routines, as plain data: so a space can fit its caches and vectors
//! without it.

use serde::{Deserialize, Serialize};

/// What a device's programs are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Kernels in WGSL, which a driver compiles.
    Wgsl,
    /// Routines that are compiled into this program: our own, and those of libraries.
    Native,
    /// Instruction streams of VTA.
    Vta,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 3] = [Self::Wgsl, Self::Native, Self::Vta];
}

/// Vector registers of a width in lanes of f32: 32 on AVX-512 and NEON, else 16.
pub const fn vector_registers(lanes: usize) -> usize {
    if lanes == 4 || lanes == 16 { 32 } else { 16 }
}

/// Whether the sums of a tile fit into so many registers, beside what is held of the operands: a vector of each of its
/// shorter side and one more.
pub const fn sums_fit(rows: usize, vectors: usize, registers: usize) -> bool {
    let held = if rows < vectors { rows } else { vectors };
    rows * vectors + held < registers
}

/// A processor: what it is, and what routines must know to be fast on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Processor {
    /// Its name, as it tells it.
    pub model: String,
    /// Threads that routines may use.
    pub threads: u32,
    /// The vector widths that it can use, in lanes of f32, ascending: 1 is scalar code, 4 NEON, 8 AVX2 with FMA, 16 AVX-512.
    pub lanes: Vec<u32>,
    /// Bytes of the first data cache of one core.
    pub l1_bytes: u64,
    /// Bytes of the second cache of one core.
    pub l2_bytes: u64,
    /// Bytes of the last cache, which cores share; 0 where there is none behind the second.
    pub l3_bytes: u64,
    /// How many of the threads share one last cache, 1 at least.
    pub l3_threads: u32,
    /// Bytes that are fetched together.
    pub line_bytes: u64,
}

impl Processor {
    /// One that every config of a native routine fits: for reading configs that were legal wherever they were measured.
    pub fn boundless() -> Self {
        Self {
            model: "any processor".into(),
            threads: 1 << 16,
            lanes: vec![1, 4, 8, 16],
            l1_bytes: 1 << 40,
            l2_bytes: 1 << 40,
            l3_bytes: 1 << 40,
            l3_threads: 1 << 16,
            line_bytes: 64,
        }
    }

    /// Lanes of f32 in its widest vector.
    pub fn widest(&self) -> u32 {
        self.lanes.last().copied().unwrap_or(1)
    }
}
