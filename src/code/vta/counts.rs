//! What a stream shows without being run: instructions by kind, what they move and how often they compute.

use super::{Gemm, Instruction, Memory, Operation, Transfer};

/// Counts of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamCounts {
    /// Instructions that copy to the chip.
    pub loads: u64,
    /// Instructions that copy from it.
    pub stores: u64,
    /// Instructions that multiply, without those that clear sums.
    pub products: u64,
    /// Instructions that clear sums.
    pub resets: u64,
    /// Instructions that compute on sums.
    pub alus: u64,
    /// Elements that are copied, by memory: micro-ops, weights, inputs, accumulators, results.
    pub moved: [u64; 5],
    /// Elements of zeros that copies put around the data.
    pub padded: u64,
    /// Micro-ops executed by products.
    pub multiplied: u64,
    /// Micro-ops executed by everything else that computes.
    pub computed: u64,
    /// Tokens that are waited for.
    pub waits: u64,
}

/// The memories, in the order of [`StreamCounts::moved`].
const MEMORIES: [Memory; 5] = [Memory::Uop, Memory::Wgt, Memory::Inp, Memory::Acc, Memory::Out];

impl StreamCounts {
    /// That of a stream.
    pub fn of(stream: &[Instruction]) -> Self {
        let mut counts = Self::default();
        stream.iter().for_each(|instruction| counts.add(instruction));
        counts
    }

    /// All of them as numbers, always in the same order.
    pub fn numbers(&self) -> Vec<u64> {
        let Self { loads, stores, products, resets, alus, moved, padded, multiplied, computed, waits } = *self;
        [loads, stores, products, resets, alus, padded, multiplied, computed, waits].into_iter().chain(moved).collect()
    }

    fn add(&mut self, Instruction { tokens, operation }: &Instruction) {
        self.waits += u64::from(tokens.pop_previous) + u64::from(tokens.pop_next);
        match operation {
            Operation::Load(transfer) => self.copy(transfer, |counts| &mut counts.loads),
            Operation::Store(transfer) => self.copy(transfer, |counts| &mut counts.stores),
            Operation::Gemm(Gemm { reset: true, loops, .. }) => {
                self.resets += 1;
                self.computed += loops.executions();
            }
            Operation::Gemm(gemm) => {
                self.products += 1;
                self.multiplied += gemm.loops.executions();
            }
            Operation::Alu(alu) => {
                self.alus += 1;
                self.computed += alu.loops.executions();
            }
            Operation::Finish => {}
        }
    }

    fn copy(&mut self, transfer: &Transfer, kind: fn(&mut Self) -> &mut u64) {
        *kind(self) += 1;
        self.padded += transfer.width() * transfer.height() - transfer.elements();
        let memory = MEMORIES.iter().position(|memory| *memory == transfer.memory);
        self.moved[memory.unwrap_or(MEMORIES.len() - 1)] += transfer.elements();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::vta::{Convolution, Epilogue, Hardware, Mode, Tiling, lower};

    /// A 1×1 convolution of 16 channels over 4×4 pixels in one tile: everything is loaded and computed once.
    #[test]
    fn a_stream_of_one_tile_moves_everything_once() {
        let convolution = Convolution {
            images: 1,
            image: [4, 4],
            inputs: 16,
            outputs: 16,
            filter: [1, 1],
            stride: [1, 1],
            padding: [0, 0],
        };
        let tiling = Tiling { pixels: [4, 4], inputs: 1, outputs: 1, output_threads: 1, row_threads: 1 };
        let epilogue = Epilogue { bias: false, shift: 8, clip: [-128, 127] };
        let lowered = lower(&Hardware::default(), &convolution, &epilogue, &tiling, Mode::Direct).unwrap();
        let counts = StreamCounts::of(&lowered.instructions);
        let [_, weights, inputs, sums, results] = counts.moved;
        assert_eq!((weights, inputs, sums, results), (1, 16, 0, 16));
        assert_eq!((counts.multiplied, counts.products, counts.padded), (16, 1, 0));
        assert_eq!(counts.numbers().len(), 14);
    }
}
