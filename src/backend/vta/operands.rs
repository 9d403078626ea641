//! Inputs and weights as the host's vectors want them, and products of the two, exact to the bit.
//!
//! Operands are 16 bits wide, and two that are added into the same sum lie in one word: a vector of such words is multiplied
//! and added in pairs by one instruction. The weights of a pair of input channels lie side by side for [`GROUP`] outputs, so
//! that sums stay in their lanes and nothing is added across a vector:
//!
//! ```text
//! weights of an element: outputs / GROUP × pairs of inputs × GROUP words, each of two weights
//! inputs of an element:  rows of the batch × pairs of inputs, a number each; one more of 0 where a block is a single channel
//! ```

use super::compute::{Place, each_place};
use crate::code::vta::{Hardware, Loops, MicroOp};

/// Outputs whose sums are one vector of the host: AVX2 has eight lanes of 32 bits.
const GROUP: usize = 8;

/// The widest block that hardware can have.
const MOST_BLOCK: usize = 128;

/// What the elements of a configuration are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    batch: usize,
    block: usize,
}

/// The memories that GEMM uses.
pub(super) struct Memories<'a> {
    pub acc: &'a mut [i32],
    pub inp: &'a [i16],
    pub wgt: &'a [i32],
}

/// What an instruction goes through.
#[derive(Clone, Copy)]
pub(super) struct Rounds<'a> {
    pub list: &'a [MicroOp],
    pub loops: &'a Loops,
    pub weight: [u32; 2],
}

impl Shape {
    pub fn new(hardware: &Hardware) -> Self {
        Self { batch: hardware.batch(), block: hardware.block() }
    }

    /// Words of weights that lie behind each other for a group of outputs.
    fn pairs(self) -> usize {
        self.block.div_ceil(2)
    }

    fn group(self) -> usize {
        self.block.min(GROUP)
    }

    /// Numbers of an element of inputs.
    pub fn inputs(self) -> usize {
        self.batch * self.pairs() * 2
    }

    /// Words of an element of weights.
    pub fn weights(self) -> usize {
        self.pairs() * self.block
    }

    fn sums(self) -> usize {
        self.batch * self.block
    }

    /// Takes elements of inputs from DRAM.
    pub fn load_inputs(self, to: &mut [i16], from: &[u8], bits: u32) {
        if self.block > 1 {
            return widen(to, from, bits);
        }
        for (to, from) in to.chunks_exact_mut(2).zip(from.chunks_exact(bits as usize / 8)) {
            widen(&mut to[..1], from, bits);
        }
    }

    /// Takes elements of weights from DRAM, where each output has a row of inputs.
    pub fn load_weights(self, to: &mut [i32], from: &[u8], bits: u32) {
        let row_bytes = self.block * bits as usize / 8;
        let (pairs, group) = (self.pairs(), self.group());
        let mut wide = [0; MOST_BLOCK];
        for (to, from) in to.chunks_exact_mut(self.weights()).zip(from.chunks_exact(self.block * row_bytes)) {
            for (output, row) in from.chunks_exact(row_bytes).enumerate() {
                widen(&mut wide[..self.block], row, bits);
                let first = output / group * group * pairs + output % group;
                let words = to[first..].iter_mut().step_by(group);
                words.zip(wide.as_chunks().0).take(pairs).for_each(|(word, pair)| *word = packed(*pair));
            }
        }
    }

    /// Adds the products of all rounds to accumulators. All places were checked.
    pub fn multiply(self, memories: Memories, rounds: Rounds) {
        #[cfg(target_arch = "x86_64")]
        if self.group() == GROUP && is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has what the function is compiled for, and that is all that it asks for.
            return unsafe { wide::multiply(self, memories, rounds) };
        }
        self.multiply_plainly(memories, rounds);
    }

    /// The same without instructions that not every processor has.
    pub fn multiply_plainly(self, Memories { acc, inp, wgt }: Memories, Rounds { list, loops, weight }: Rounds) {
        each_place(list, loops, weight, |place| {
            self.each_row(acc, inp, wgt, place, |sums, inputs, weights| match self.group() {
                GROUP => add_products::<GROUP>(sums, inputs, weights),
                4 => add_products::<4>(sums, inputs, weights),
                2 => add_products::<2>(sums, inputs, weights),
                _ => add_products::<1>(sums, inputs, weights),
            });
        });
    }

    /// Calls with the sums and the inputs of each row of a batch, and the weights of a place.
    #[inline(always)]
    fn each_row(
        self,
        acc: &mut [i32],
        inp: &[i16],
        wgt: &[i32],
        place: Place,
        mut visit: impl FnMut(&mut [i32], &[[i16; 2]], &[i32]),
    ) {
        let sums = &mut acc[place.destination * self.sums()..][..self.sums()];
        let inputs = &inp[place.source * self.inputs()..][..self.inputs()];
        let weights = &wgt[place.weight * self.weights()..][..self.weights()];
        let rows = inputs.as_chunks().0.chunks_exact(self.pairs());
        for (sums, inputs) in sums.chunks_exact_mut(self.block).zip(rows) {
            visit(sums, inputs, weights);
        }
    }
}

/// Adds the products of a row of inputs, in groups of outputs.
fn add_products<const OUTPUTS: usize>(sums: &mut [i32], inputs: &[[i16; 2]], weights: &[i32]) {
    let weights = weights.as_chunks::<OUTPUTS>().0.chunks_exact(inputs.len());
    for (sums, weights) in sums.as_chunks_mut::<OUTPUTS>().0.iter_mut().zip(weights) {
        let mut group = *sums;
        for (pair, weights) in inputs.iter().zip(weights) {
            let input = packed(*pair);
            group = std::array::from_fn(|at| group[at].wrapping_add(product(input, weights[at])));
        }
        *sums = group;
    }
}

/// Two operands in one word.
#[inline(always)]
fn packed([low, high]: [i16; 2]) -> i32 {
    i32::from(low) & 0xffff | i32::from(high) << 16
}

/// The sum of the products of the two operands in each word, wrapping as the machine's adders do.
fn product(left: i32, right: i32) -> i32 {
    let low = i32::from(left as i16) * i32::from(right as i16);
    low.wrapping_add((left >> 16) * (right >> 16))
}

/// Widens signed numbers of 8 or 16 bits.
fn widen(to: &mut [i16], from: &[u8], bits: u32) {
    if bits == 8 {
        to.iter_mut().zip(from).for_each(|(lane, byte)| *lane = i16::from(*byte as i8));
    } else {
        to.iter_mut().zip(from.as_chunks::<2>().0).for_each(|(lane, word)| *lane = i16::from_le_bytes(*word));
    }
}

/// With AVX2.
#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64::{__m256i, _mm256_add_epi32, _mm256_madd_epi16, _mm256_set1_epi32};

    use bytemuck::cast;

    use super::{GROUP, Memories, Rounds, Shape, each_place, packed};

    /// Stands for a block that is not known when this is compiled.
    const ANY: usize = 0;

    /// [`Shape::multiply`] of blocks of [`GROUP`] or more.
    #[target_feature(enable = "avx2")]
    pub fn multiply(shape: Shape, memories: Memories, rounds: Rounds) {
        match (shape.batch, shape.block) {
            (1, 16) => rows::<16>(shape, memories, rounds),
            (1, 32) => rows::<32>(shape, memories, rounds),
            _ => rows::<ANY>(shape, memories, rounds),
        }
    }

    #[target_feature(enable = "avx2")]
    fn rows<const BLOCK: usize>(shape: Shape, memories: Memories, rounds: Rounds) {
        let shape = if BLOCK == ANY { shape } else { Shape { batch: 1, block: BLOCK } };
        let (Memories { acc, inp, wgt }, Rounds { list, loops, weight }) = (memories, rounds);
        each_place(list, loops, weight, |place| {
            shape.each_row(acc, inp, wgt, place, |sums, inputs, weights| {
                let sums = sums.as_chunks_mut::<GROUP>().0;
                let weights = weights.as_chunks::<GROUP>().0.chunks_exact(shape.pairs());
                for (sums, weights) in sums.iter_mut().zip(weights) {
                    let mut vector = cast::<_, __m256i>(*sums);
                    for (pair, weights) in inputs.iter().zip(weights) {
                        let input = _mm256_set1_epi32(packed(*pair));
                        // Two products are beyond 32 bits only where all four operands are -2¹⁵, and wrap around there.
                        vector = _mm256_add_epi32(vector, _mm256_madd_epi16(input, cast(*weights)));
                    }
                    *sums = cast(vector);
                }
            });
        });
    }
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;
    use crate::base::{Random, seeded};

    /// Operands of all kinds, the smallest most of all: the sum of two of its squares is beyond 32 bits.
    fn operands(count: usize, bits: u32, random: &mut Random) -> Vec<i16> {
        let least = -(1i32 << (bits - 1));
        let mut one = || if random.random_bool(0.5) { least } else { random.random_range(least..-least) };
        (0..count).map(|_| one() as i16).collect()
    }

    fn bytes(operands: &[i16], bits: u32) -> Vec<u8> {
        operands.iter().flat_map(|operand| operand.to_le_bytes().into_iter().take(bits as usize / 8)).collect()
    }

    /// Every shape that hardware can have: sums are those of the definition, with and without wide vectors.
    #[test]
    fn products_of_every_shape_are_those_of_the_definition() {
        let mut random = seeded(8, "vta products");
        for (batch, block) in (0..=4).flat_map(|batch| (0..=7).map(move |block| (1 << batch, 1 << block))) {
            for (inp_bits, wgt_bits) in [(8, 8), (16, 8), (8, 16), (16, 16)] {
                let shape = Shape { batch, block };
                let (inputs, weights) = (
                    operands(3 * batch * block, inp_bits, &mut random),
                    operands(2 * block * block, wgt_bits, &mut random),
                );
                let (mut inp, mut wgt) = (vec![0; 3 * shape.inputs()], vec![0; 2 * shape.weights()]);
                shape.load_inputs(&mut inp, &bytes(&inputs, inp_bits), inp_bits);
                shape.load_weights(&mut wgt, &bytes(&weights, wgt_bits), wgt_bits);
                let before: Vec<i32> = (0..2 * shape.sums()).map(|_| random.random()).collect();

                let list = [MicroOp { destination: 1, source: 2, weight: 1 }];
                let loops = Loops { begin: 0, end: 1, outer: 1, inner: 1, ..Loops::default() };
                let rounds = Rounds { list: &list, loops: &loops, weight: [0; 2] };
                let (mut fast, mut plain) = (before.clone(), before.clone());
                shape.multiply(Memories { acc: &mut fast, inp: &inp, wgt: &wgt }, rounds);
                shape.multiply_plainly(Memories { acc: &mut plain, inp: &inp, wgt: &wgt }, rounds);

                let mut right = before;
                for (row, output) in (0..batch).flat_map(|row| (0..block).map(move |output| (row, output))) {
                    let sum = &mut right[shape.sums() + row * block + output];
                    for at in 0..block {
                        let input = inputs[(2 * batch + row) * block + at];
                        let weight = weights[(block + output) * block + at];
                        *sum = sum.wrapping_add(i32::from(input) * i32::from(weight));
                    }
                }
                assert!(fast == right && plain == right, "{batch}x{block}, {inp_bits} by {wgt_bits} bits");
            }
        }
    }
}
