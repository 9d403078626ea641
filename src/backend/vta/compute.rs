//! What GEMM and ALU do with accumulators.

use super::chip::Chip;
use super::fault::{Fault, FaultKind};
use super::operands::{Memories, Rounds};
use super::places::places;
use crate::code::vta::{Alu, AluOperation, Gemm, Loops, Memory, MicroOp};

/// The places that one execution of a micro-op uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub destination: usize,
    pub source: usize,
    pub weight: usize,
}

/// Calls with each execution, in order. Inlined, so that what is called is compiled for the processor that its caller is for.
#[inline(always)]
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

/// The last place of all rounds; there is one at least.
pub(super) fn farthest(list: &[MicroOp], loops: &Loops, first: fn(&MicroOp) -> u32, [outer, inner]: [u32; 2]) -> u64 {
    let first = u64::from(list.iter().map(first).max().unwrap_or(0));
    first + u64::from(loops.outer - 1) * u64::from(outer) + u64::from(loops.inner - 1) * u64::from(inner)
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
        let [source, weights] = reads;
        let used = [
            (Some(Memory::Acc), farthest(list, loops, |micro_op| micro_op.destination, loops.destination)),
            (source, farthest(list, loops, |micro_op| micro_op.source, loops.source)),
            (weights, farthest(list, loops, |micro_op| micro_op.weight, weight)),
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
        let lanes = self.hardware.lanes(Memory::Acc);
        for range in places(list, &gemm.loops, |micro_op| micro_op.destination, gemm.loops.destination) {
            self.computed[range.clone()].fill(!gemm.reset);
            if gemm.reset {
                self.acc[range.start * lanes..range.end * lanes].fill(0);
            }
        }
        if gemm.reset {
            return;
        }
        let memories = Memories { acc: &mut self.acc, inp: &self.inp, wgt: &self.wgt };
        self.shape.multiply(memories, Rounds { list, loops: &gemm.loops, weight: gemm.weight });
        self.counters.gemm_counter += gemm.loops.executions();
    }

    /// Computes on accumulators; all places were checked. An immediate goes to the destination's old value, as in the
    /// functional simulator.
    pub fn alu(&mut self, alu: &Alu, list: &[MicroOp]) {
        for range in places(list, &alu.loops, |micro_op| micro_op.destination, alu.loops.destination) {
            self.computed[range].fill(true);
        }
        match alu.operation {
            AluOperation::Min => self.each_lane(alu, list, i32::min),
            AluOperation::Max => self.each_lane(alu, list, i32::max),
            AluOperation::Add => self.each_lane(alu, list, i32::wrapping_add),
            AluOperation::Shr if alu.use_immediate && alu.immediate >= 0 => self.each_lane(alu, list, shifted_right),
            AluOperation::Shr => self.each_lane(alu, list, shifted),
            AluOperation::Mul => self.each_lane(alu, list, i32::wrapping_mul),
        }
        self.counters.alu_counter += alu.loops.executions();
    }

    /// One loop for each operation, so that it is one of vectors.
    fn each_lane(&mut self, alu: &Alu, list: &[MicroOp], apply: impl Fn(i32, i32) -> i32) {
        let lanes = self.hardware.lanes(Memory::Acc);
        let (acc, immediate) = (&mut self.acc, i32::from(alu.immediate));
        each_place(list, &alu.loops, [0; 2], |place| {
            let to = place.destination * lanes..(place.destination + 1) * lanes;
            if alu.use_immediate {
                return acc[to].iter_mut().for_each(|lane| *lane = apply(*lane, immediate));
            }
            let from = place.source * lanes..(place.source + 1) * lanes;
            match acc.get_disjoint_mut([to.clone(), from]) {
                Ok([to, from]) => to.iter_mut().zip(from).for_each(|(lane, second)| *lane = apply(*lane, *second)),
                // Both are the same element.
                Err(_) => acc[to].iter_mut().for_each(|lane| *lane = apply(*lane, *lane)),
            }
        });
    }
}

/// By no less than nothing.
fn shifted_right(value: i32, by: i32) -> i32 {
    value >> by.min(31)
}

/// To the right keeping the sign, or to the left; beyond 31 bits nothing but the sign is left, or nothing.
fn shifted(value: i32, by: i32) -> i32 {
    match by {
        0.. => shifted_right(value, by),
        -31..0 => value << -by,
        _ => 0,
    }
}
