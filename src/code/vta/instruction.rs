//! Instructions of VTA as data: four token flags, and what is done.

use super::Memory;

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Instruction {
    /// Which tokens it waits for and gives.
    pub tokens: Tokens,
    /// What it does.
    pub operation: Operation,
}

/// The tokens of an instruction. The engines stand in a row: load, compute, store; `previous` and `next` are neighbours there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tokens {
    /// Starts when there is a token from the previous engine, and takes it.
    pub pop_previous: bool,
    /// Starts when there is a token from the next engine, and takes it.
    pub pop_next: bool,
    /// Gives the previous engine a token at its end.
    pub push_previous: bool,
    /// Gives the next engine a token at its end.
    pub push_next: bool,
}

/// What an instruction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Copies from DRAM to a memory on the chip.
    Load(Transfer),
    /// Copies from a memory on the chip to DRAM.
    Store(Transfer),
    /// Multiplies matrices.
    Gemm(Gemm),
    /// Computes on accumulators.
    Alu(Alu),
    /// Ends the run.
    Finish,
}

/// A two-dimensional copy; everything is counted in elements of the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Transfer {
    /// Which memory on the chip.
    pub memory: Memory,
    /// The first element there; rows are dense.
    pub sram: u32,
    /// The first element in DRAM.
    pub dram: u32,
    /// Rows.
    pub rows: u32,
    /// Elements of a row. With 0 nothing is done but moving tokens.
    pub columns: u32,
    /// Elements from one row to the next in DRAM.
    pub stride: u32,
    /// Rows of zeros before the data.
    pub pad_top: u32,
    /// Rows of zeros after the data.
    pub pad_bottom: u32,
    /// Zeros before each row.
    pub pad_left: u32,
    /// Zeros after each row.
    pub pad_right: u32,
}

/// Two loops around a list of micro-ops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Loops {
    /// The first micro-op.
    pub begin: u32,
    /// The first that is no longer part.
    pub end: u32,
    /// Rounds of the outer loop.
    pub outer: u32,
    /// Rounds of the inner loop.
    pub inner: u32,
    /// What is added to destinations by each round of the outer and the inner loop.
    pub destination: [u32; 2],
    /// The same for sources.
    pub source: [u32; 2],
}

/// acc\[destination\] += inp\[source\] · wgt\[weight\]ᵀ for each micro-op of each round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Gemm {
    /// Writes zeros instead.
    pub reset: bool,
    /// The loops.
    pub loops: Loops,
    /// What is added to indices of weights by each round of the outer and the inner loop.
    pub weight: [u32; 2],
}

/// acc\[destination\] = operation(acc\[destination\], acc\[source\] or a number) for each micro-op of each round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Alu {
    /// A bit that the encoding has and the machine ignores.
    pub reset: bool,
    /// The loops.
    pub loops: Loops,
    /// Which operation.
    pub operation: AluOperation,
    /// Whether the second operand is the number.
    pub use_immediate: bool,
    /// The number.
    pub immediate: i16,
}

/// The operations on accumulators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AluOperation {
    /// The smaller one.
    Min,
    /// The larger one.
    Max,
    /// The sum, wrapping.
    Add,
    /// Shifted right, keeping the sign; by a negative number of bits, left.
    Shr,
    /// The product, wrapping; only the functional simulator of VTA has it.
    Mul,
}

impl AluOperation {
    /// All, in the order of their numbers in instructions.
    pub const ALL: [Self; 5] = [Self::Min, Self::Max, Self::Add, Self::Shr, Self::Mul];

    /// Its name in text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Min => "min",
            Self::Max => "max",
            Self::Add => "add",
            Self::Shr => "shr",
            Self::Mul => "mul",
        }
    }

    /// The number in instructions.
    pub fn number(self) -> u128 {
        Self::ALL.iter().position(|operation| *operation == self).expect("all are listed") as u128
    }
}

impl Transfer {
    /// A copy of rows without zeros around them.
    pub fn plain(memory: Memory, sram: u32, dram: u32, [rows, columns]: [u32; 2], stride: u32) -> Self {
        let [pad_top, pad_bottom, pad_left, pad_right] = [0; 4];
        Self { memory, sram, dram, rows, columns, stride, pad_top, pad_bottom, pad_left, pad_right }
    }

    /// A copy of nothing, which only moves tokens.
    pub fn nothing(memory: Memory) -> Self {
        Self::plain(memory, 0, 0, [0, 0], 0)
    }

    /// Elements of a row on the chip, zeros included.
    pub fn width(&self) -> u64 {
        u64::from(self.pad_left) + u64::from(self.columns) + u64::from(self.pad_right)
    }

    /// Rows on the chip, zeros included.
    pub fn height(&self) -> u64 {
        u64::from(self.pad_top) + u64::from(self.rows) + u64::from(self.pad_bottom)
    }

    /// Elements that are moved.
    pub fn elements(&self) -> u64 {
        u64::from(self.rows) * u64::from(self.columns)
    }
}

impl Loops {
    /// How often a micro-op is executed.
    pub fn executions(&self) -> u64 {
        let list = u64::from(self.end.saturating_sub(self.begin));
        list * u64::from(self.outer) * u64::from(self.inner)
    }
}
