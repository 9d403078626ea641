//! What GEMM and ALU do with accumulators.

use super::chip::Chip;
use super::fault::{Fault, FaultKind};
use crate::code::vta::{Alu, AluOperation, Gemm, Loops, Memory, MicroOp};

/// The places that one execution of a micro-op uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub destination: usize,
    pub source: usize,
    pub weight: usize,
}

/// Calls with each execution, in order.
pub(super) fn each_place(list: &[MicroOp], loops: &Loops, weight: [u32; 2], mut visit: impl FnMut(Place)) {
    for outer in 0..loops.outer as usize {
        for inner in 0..loops.inner as usize {
            let offset = |[by_outer, by_inner]: [u32; 2]| outer * by_outer as usize + inner * by_inner as usize;
            let (destination, source, weight) = (offset(loops.destination), offset(loops.source), offset(weight));
            for micro_op in list {
                visit(Place {
                    destination: micro_op.destination as usize + destination,
                    source: micro_op.source as usize + source,
                    weight: micro_op.weight as usize + weight,
                });
            }
        }
    }
}

impl Chip {
    /// The micro-ops of an instruction, or why they are not there.
    pub fn list(&self, loops: &Loops, index: usize) -> Result<Vec<MicroOp>, Fault> {
        let depth = self.uop.len();
        let (begin, end) = (loops.begin as usize, loops.end as usize);
        if end > depth {
            let what = format!("micro-ops up to {end}, and uop holds {depth}");
            return Err(Fault::at(FaultKind::IndexOverrun, index, what));
        }
        Ok(self.uop.get(begin..end).unwrap_or_default().to_vec())
    }

    /// Whether all places of an instruction exist; `reads` says which memory sources and weights are in, if they are used.
    pub fn check_places(
        &self,
        list: &[MicroOp],
        loops: &Loops,
        weight: [u32; 2],
        reads: [Option<Memory>; 2],
        index: usize,
    ) -> Result<(), Fault> {
        if loops.executions() == 0 {
            return Ok(());
        }
        let farthest = |first: fn(&MicroOp) -> u32, [outer, inner]: [u32; 2]| {
            let first = u64::from(list.iter().map(first).max().unwrap_or(0));
            first + u64::from(loops.outer - 1) * u64::from(outer) + u64::from(loops.inner - 1) * u64::from(inner)
        };
        let [source, weights] = reads;
        let used = [
            (Some(Memory::Acc), farthest(|micro_op| micro_op.destination, loops.destination)),
            (source, farthest(|micro_op| micro_op.source, loops.source)),
            (weights, farthest(|micro_op| micro_op.weight, weight)),
        ];
        for (memory, last) in used {
            let Some(memory) = memory else { continue };
            let depth = self.hardware.depth(memory);
            if last >= depth as u64 {
                let what = format!("its loops lead to {memory} {last}, and {memory} holds {depth}");
                return Err(Fault::at(FaultKind::IndexOverrun, index, what));
            }
        }
        Ok(())
    }

    /// Multiplies; all places were checked.
    pub fn gemm(&mut self, gemm: &Gemm, list: &[MicroOp]) {
        let (batch, block) = (self.hardware.batch(), self.hardware.block());
        let Self { inp, wgt, acc, computed, .. } = self;
        if gemm.reset {
            let lanes = batch * block;
            each_place(list, &gemm.loops, gemm.weight, |place| {
                acc[place.destination * lanes..][..lanes].fill(0);
                computed[place.destination] = false;
            });
            return;
        }
        match (batch, block) {
            (1, 16) => each_place(list, &gemm.loops, gemm.weight, |place| {
                computed[place.destination] = true;
                product::<16>(acc, inp, wgt, place);
            }),
            (1, 32) => each_place(list, &gemm.loops, gemm.weight, |place| {
                computed[place.destination] = true;
                product::<32>(acc, inp, wgt, place);
            }),
            _ => each_place(list, &gemm.loops, gemm.weight, |place| {
                computed[place.destination] = true;
                let inputs = &inp[place.source * batch * block..][..batch * block];
                let weights = &wgt[place.weight * block * block..][..block * block];
                let sums = &mut acc[place.destination * batch * block..][..batch * block];
                for (sums, input) in sums.chunks_exact_mut(block).zip(inputs.chunks_exact(block)) {
                    for (sum, weights) in sums.iter_mut().zip(weights.chunks_exact(block)) {
                        *sum = sum.wrapping_add(dot(input, weights));
                    }
                }
            }),
        }
        self.counters.gemm_counter += gemm.loops.executions();
    }

    /// Computes on accumulators; all places were checked. An immediate goes to the destination's old value, as in the
    /// functional simulator.
    pub fn alu(&mut self, alu: &Alu, list: &[MicroOp]) {
        let lanes = self.hardware.lanes(Memory::Acc);
        let apply = operation(alu.operation);
        let Self { acc, computed, .. } = self;
        each_place(list, &alu.loops, [0; 2], |place| {
            computed[place.destination] = true;
            let to = place.destination * lanes;
            if alu.use_immediate {
                let second = i32::from(alu.immediate);
                acc[to..][..lanes].iter_mut().for_each(|lane| *lane = apply(*lane, second));
            } else {
                let from = place.source * lanes;
                for lane in 0..lanes {
                    acc[to + lane] = apply(acc[to + lane], acc[from + lane]);
                }
            }
        });
        self.counters.alu_counter += alu.loops.executions();
    }
}

/// One micro-op of a batch of one, for a block size that is known when this is compiled.
fn product<const BLOCK: usize>(acc: &mut [i32], inp: &[i16], wgt: &[i16], place: Place) {
    let input: &[i16; BLOCK] = inp[place.source * BLOCK..].first_chunk().expect("places were checked");
    let weights = &wgt[place.weight * BLOCK * BLOCK..][..BLOCK * BLOCK];
    let sums = &mut acc[place.destination * BLOCK..][..BLOCK];
    for (sum, weights) in sums.iter_mut().zip(weights.as_chunks::<BLOCK>().0) {
        *sum = sum.wrapping_add(dot(input, weights));
    }
}

/// The sum of products, wrapping as the machine's adders do.
fn dot(left: &[i16], right: &[i16]) -> i32 {
    let products = left.iter().zip(right).map(|(left, right)| i32::from(*left) * i32::from(*right));
    products.fold(0, i32::wrapping_add)
}

fn operation(operation: AluOperation) -> fn(i32, i32) -> i32 {
    match operation {
        AluOperation::Min => i32::min,
        AluOperation::Max => i32::max,
        AluOperation::Add => i32::wrapping_add,
        AluOperation::Shr => shifted,
        AluOperation::Mul => i32::wrapping_mul,
    }
}

/// To the right keeping the sign, or to the left; beyond 31 bits nothing but the sign is left, or nothing.
fn shifted(value: i32, by: i32) -> i32 {
    match by {
        0.. => value >> by.min(31),
        -31..0 => value << -by,
        _ => 0,
    }
}
