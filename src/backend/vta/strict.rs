//! Where the functional simulator of VTA and its hardware do not agree, and accumulators that are used too soon.

use std::ops::Range;

use super::chip::Chip;
use super::compute::each_place;
use super::fault::{Fault, FaultKind};
use crate::code::vta::{Alu, AluOperation, Memory, MicroOp, Operation};

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
        let mut apart = None;
        each_place(list, &alu.loops, [0; 2], |place| {
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
    let mut before = None;
    let mut found = None;
    each_place(list, &alu.loops, [0; 2], |place| {
        let reads = [Some(place.destination), (!alu.use_immediate).then_some(place.source)];
        if found.is_none() && before.is_some() && reads.contains(&before) {
            found = before;
        }
        before = Some(place.destination);
    });
    let what = format!("acc {} is read by the execution after the one that wrote it", found?);
    Some(Fault::at(FaultKind::Hazard, index, what))
}
