//! Where the functional simulator of VTA and its hardware do not agree, and accumulators that are used too soon.

use std::ops::Range;

use super::chip::Chip;
use super::compute::each_place;
use super::fault::{Fault, FaultKind};
use crate::code::vta::{Alu, AluOperation, Loops, Memory, MicroOp, Operation};

/// From one micro-op of a GEMM to the next that adds to the same accumulator at least (`vta/runtime/runtime.cc` of TVM).
const SUM_DISTANCE: usize = 3;

/// Shifts by more bits than this have no meaning in C++, and are taken modulo 32 by hardware.
const MOST_SHIFT: i32 = 31;

/// Whether an operation moves data rather than tokens alone.
pub(super) fn moves_data(operation: &Operation) -> bool {
    match operation {
        Operation::Load(transfer) | Operation::Store(transfer) => transfer.columns > 0,
        Operation::Gemm(_) | Operation::Alu(_) => true,
        Operation::Finish => false,
    }
}

/// What can be seen of an instruction alone.
pub(super) fn of_instruction(chip: &Chip, index: usize, operation: &Operation) -> Option<Fault> {
    let told = |what: &str| Some(Fault::at(FaultKind::Divergence, index, what));
    match operation {
        Operation::Load(transfer) | Operation::Store(transfer) if transfer.rows == 0 && transfer.columns > 0 => {
            told("a copy of no rows is nothing to the simulator and stops hardware")
        }
        Operation::Load(transfer) if transfer.memory == Memory::AccNarrow && transfer.columns > 0 => {
            told("hardware cannot load acc8")
        }
        Operation::Load(transfer)
            if transfer.memory == Memory::Wgt && transfer.width() * transfer.height() != transfer.elements() =>
        {
            told("some hardware ignores the zeros around weights")
        }
        Operation::Gemm(gemm) if gemm.loops.executions() == 0 => told(NO_ROUNDS),
        Operation::Alu(alu) if alu.loops.executions() == 0 => told(NO_ROUNDS),
        Operation::Alu(alu) if alu.operation == AluOperation::Mul => told("hardware cannot multiply accumulators"),
        Operation::Gemm(gemm) if gemm.loops.end as usize > chip.uop.len().min(HARDWARE_MICRO_OPS) => {
            told("the pipelined core holds 2048 micro-ops")
        }
        _ => None,
    }
}

const NO_ROUNDS: &str = "loops of no rounds are nothing to the simulator, and counters of hardware wrap around";

/// Micro-ops that the pipelined core holds, whatever the configuration says.
const HARDWARE_MICRO_OPS: usize = 2048;

/// Whether a STORE finds what GEMM or ALU wrote: hardware keeps outputs in a memory of their own, which only these write.
pub(super) fn of_store(chip: &Chip, index: usize, footprint: Range<usize>) -> Option<Fault> {
    let stale = footprint.into_iter().find(|element| !chip.computed[*element])?;
    let what = format!("acc {stale} was not written by GEMM or ALU last, and hardware stores only what was");
    Some(Fault::at(FaultKind::Divergence, index, what))
}

/// What an ALU instruction does otherwise on hardware.
pub(super) fn of_alu(chip: &Chip, list: &[MicroOp], alu: &Alu, index: usize) -> Option<Fault> {
    let told = |what: String| Some(Fault::at(FaultKind::Divergence, index, what));
    if alu.use_immediate {
        if alu.operation == AluOperation::Shr && i32::from(alu.immediate).abs() > MOST_SHIFT {
            return told(format!("a shift by {} is taken modulo 32 by hardware", alu.immediate));
        }
        // Indices are linear in rounds: they are the same in all if they are in the first two of each loop.
        let corner = Loops { outer: alu.loops.outer.min(2), inner: alu.loops.inner.min(2), ..alu.loops };
        let mut apart = None;
        each_place(list, &corner, [0; 2], |place| {
            if place.destination != place.source {
                apart = Some(place);
            }
        });
        let place = apart?;
        let (source, destination) = (place.source, place.destination);
        return told(format!("with a number, hardware reads acc {source} and the simulator acc {destination}"));
    }
    if alu.operation != AluOperation::Shr {
        return None;
    }
    let lanes = chip.hardware.lanes(Memory::Acc);
    let mut odd = None;
    each_place(list, &alu.loops, [0; 2], |place| {
        let amounts = &chip.acc[place.source * lanes..][..lanes];
        odd = odd.or(amounts.iter().copied().find(|amount| !(0..=MOST_SHIFT).contains(amount)));
    });
    told(format!("a shift by {}, which hardware and the simulator take otherwise", odd?))
}

/// Whether the list of a GEMM adds to an accumulator too soon after it did so before. Rounds of loops are not looked at, as the
/// runtime does not: the pipelined core forwards sums.
pub(super) fn of_sums(list: &[MicroOp], index: usize) -> Option<Fault> {
    let again = |at: &usize| {
        let before = &list[at.saturating_sub(SUM_DISTANCE - 1)..*at];
        before.iter().any(|micro_op| micro_op.destination == list[*at].destination)
    };
    let at = (0..list.len()).find(again)?;
    let what =
        format!("micro-op {at} of its list adds to the same accumulator as one of the {} before", SUM_DISTANCE - 1);
    Some(Fault::at(FaultKind::Hazard, index, what))
}

/// Whether ALU reads what the execution before wrote: hardware reads the old value.
pub(super) fn of_elements(list: &[MicroOp], alu: &Alu, index: usize) -> Option<Fault> {
    let found = if alu.use_immediate { rewritten(list, &alu.loops) } else { reread(list, &alu.loops) };
    let what = format!("acc {} is read by the execution after the one that wrote it", found?);
    Some(Fault::at(FaultKind::Hazard, index, what))
}

/// A destination that the next execution has too: in the list, from a round of the inner loop to the next, or of the outer.
fn rewritten(list: &[MicroOp], loops: &Loops) -> Option<u32> {
    if loops.executions() == 0 {
        return None;
    }
    let [by_outer, by_inner] = loops.destination;
    let (first, last) = (list.first()?.destination, list.last()?.destination);
    let end = last + (loops.inner - 1) * by_inner;
    let in_list = list.windows(2).find(|two| two[0].destination == two[1].destination).map(|two| two[0].destination);
    let in_round = || (loops.inner > 1 && last == first + by_inner).then_some(last);
    let in_turn = || (loops.outer > 1 && end == first + by_outer).then_some(end);
    in_list.or_else(in_round).or_else(in_turn)
}

/// A destination that is a destination or a source of the next execution.
fn reread(list: &[MicroOp], loops: &Loops) -> Option<u32> {
    let (mut before, mut found) = (None, None);
    each_place(list, loops, [0; 2], |place| {
        if before == Some(place.destination) || before == Some(place.source) {
            found = found.or(before);
        }
        before = Some(place.destination);
    });
    found.map(|place| place as u32)
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;
    use crate::base::seeded;

    #[test]
    fn a_destination_of_two_executions_in_a_row_is_found() {
        let mut random = seeded(8, "vta hazards");
        let mut seen = [0; 2];
        for _ in 0..4_000 {
            let mut number = |most: u32| random.random_range(0..=most);
            let list: Vec<MicroOp> =
                (0..number(4)).map(|_| MicroOp { destination: number(9), ..MicroOp::default() }).collect();
            let (end, outer, inner, destination) = (list.len() as u32, number(3), number(3), [number(9), number(4)]);
            let loops = Loops { begin: 0, end, outer, inner, destination, ..Loops::default() };
            let mut all = Vec::new();
            each_place(&list, &loops, [0; 2], |place| all.push(place.destination as u32));
            let right = all.windows(2).any(|two| two[0] == two[1]);
            let found = rewritten(&list, &loops);
            assert_eq!(found.is_some(), right, "{list:?} {loops:?}");
            assert!(found.is_none_or(|found| all.windows(2).any(|two| two == [found; 2])), "{list:?} {loops:?}");
            seen[usize::from(right)] += 1;
        }
        assert!(seen.iter().all(|count| *count > 200), "{seen:?}");
    }
}
