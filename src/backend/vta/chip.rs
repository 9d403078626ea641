//! The memories on the chip, and what LOAD and STORE do with them, exact to the byte.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::dram::Dram;
use super::fault::{Fault, FaultKind};
use super::operands::Shape;
use crate::code::vta::{Hardware, Layout, Memory, MicroOp, Transfer};

/// The seven counters of VTA's functional simulator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "they are called what that simulator calls them")]
pub struct Counters {
    pub inp_load_nbytes: u64,
    pub wgt_load_nbytes: u64,
    pub acc_load_nbytes: u64,
    pub uop_load_nbytes: u64,
    pub out_store_nbytes: u64,
    pub gemm_counter: u64,
    pub alu_counter: u64,
}

/// What lies on the chip; operands lie as products of vectors want them.
pub(super) struct Chip {
    pub hardware: Hardware,
    layout: Layout,
    pub shape: Shape,
    pub uop: Vec<MicroOp>,
    pub inp: Vec<i16>,
    pub wgt: Vec<i32>,
    pub acc: Vec<i32>,
    /// Whether GEMM or ALU wrote an accumulator last: hardware stores only what these write.
    pub computed: Vec<bool>,
    pub counters: Counters,
}

/// A row of a copy: elements on the chip, bytes in DRAM.
pub(super) struct Row {
    pub elements: Range<usize>,
    pub bytes: Range<usize>,
}

impl Chip {
    /// A chip full of zeros.
    pub fn new(hardware: &Hardware) -> Self {
        let (depth, shape) = (|memory| hardware.depth(memory), Shape::new(hardware));
        Self {
            hardware: hardware.clone(),
            layout: Layout::new(hardware),
            shape,
            uop: vec![MicroOp::default(); depth(Memory::Uop)],
            inp: vec![0; depth(Memory::Inp) * shape.inputs()],
            wgt: vec![0; depth(Memory::Wgt) * shape.weights()],
            acc: vec![0; depth(Memory::Acc) * hardware.lanes(Memory::Acc)],
            computed: vec![false; depth(Memory::Acc)],
            counters: Counters::default(),
        }
    }

    /// The elements that a LOAD writes, zeros included, or why it may not.
    pub fn footprint(&self, transfer: &Transfer, index: usize) -> Result<Range<usize>, Fault> {
        if let Some(fault) = overrun(&self.hardware, transfer, index) {
            return Err(fault);
        }
        let first = transfer.sram as usize;
        Ok(first..first + (transfer.width() * transfer.height()) as usize)
    }

    /// The rows of a copy, or why one is not there.
    pub fn rows(&self, transfer: &Transfer, dram: &Dram, index: usize) -> Result<Vec<Row>, Fault> {
        let element = self.hardware.element_bytes(transfer.memory);
        let row = |row: u32| {
            let first = u64::from(transfer.dram) + u64::from(row) * u64::from(transfer.stride);
            let bytes = dram.range(first * element, u64::from(transfer.columns) * element);
            let bytes = bytes.map_err(|what| Fault::at(FaultKind::DramOverrun, index, what))?;
            let from = u64::from(transfer.sram)
                + (u64::from(transfer.pad_top) + u64::from(row)) * transfer.width()
                + u64::from(transfer.pad_left);
            let from = from as usize;
            Ok(Row { elements: from..from + transfer.columns as usize, bytes })
        };
        (0..transfer.rows).map(row).collect()
    }

    /// Loads rows; the rest of the footprint becomes zeros.
    pub fn load(&mut self, transfer: &Transfer, footprint: Range<usize>, rows: &[Row], dram: &Dram) {
        let (memory, element) = (transfer.memory, self.hardware.element_bytes(transfer.memory));
        if transfer.elements() < footprint.len() as u64 {
            self.clear(memory, footprint.clone());
        }
        if matches!(memory, Memory::Acc | Memory::AccNarrow | Memory::Out) {
            self.computed[footprint].fill(false);
        }
        for row in rows {
            self.load_row(memory, row.elements.clone(), &dram.bytes[row.bytes.clone()]);
        }
        self.count(memory, transfer.elements(), element);
    }

    /// How many of the host's numbers an element of a memory is.
    fn cells(&self, memory: Memory) -> usize {
        match memory {
            Memory::Inp => self.shape.inputs(),
            Memory::Wgt => self.shape.weights(),
            Memory::Uop | Memory::Acc | Memory::Out | Memory::AccNarrow => self.hardware.lanes(memory),
        }
    }

    fn clear(&mut self, memory: Memory, elements: Range<usize>) {
        let cells = elements.start * self.cells(memory)..elements.end * self.cells(memory);
        match memory {
            Memory::Uop => self.uop[cells].fill(MicroOp::default()),
            Memory::Inp => self.inp[cells].fill(0),
            Memory::Wgt => self.wgt[cells].fill(0),
            Memory::Acc | Memory::AccNarrow | Memory::Out => self.acc[cells].fill(0),
        }
    }

    fn load_row(&mut self, memory: Memory, elements: Range<usize>, from: &[u8]) {
        let to = elements.start * self.cells(memory)..elements.end * self.cells(memory);
        let (inp_bits, wgt_bits) = (self.hardware.inp_bits(), self.hardware.wgt_bits());
        match memory {
            Memory::Uop => self.load_micro_ops(to, from),
            Memory::Inp => self.shape.load_inputs(&mut self.inp[to], from, inp_bits),
            Memory::Wgt => self.shape.load_weights(&mut self.wgt[to], from, wgt_bits),
            Memory::Acc => {
                let words = from.as_chunks::<4>().0;
                self.acc[to].iter_mut().zip(words).for_each(|(lane, word)| *lane = i32::from_le_bytes(*word));
            }
            Memory::AccNarrow | Memory::Out if inp_bits == 8 => {
                self.acc[to].iter_mut().zip(from).for_each(|(lane, byte)| *lane = (*byte as i8).into());
            }
            Memory::AccNarrow | Memory::Out => {
                let words = from.as_chunks::<2>().0;
                self.acc[to].iter_mut().zip(words).for_each(|(lane, word)| *lane = i16::from_le_bytes(*word).into());
            }
        }
    }

    fn load_micro_ops(&mut self, to: Range<usize>, from: &[u8]) {
        for (micro_op, word) in self.uop[to].iter_mut().zip(from.as_chunks::<4>().0) {
            *micro_op = self.layout.decode_micro_op(u32::from_le_bytes(*word));
        }
    }

    fn count(&mut self, memory: Memory, elements: u64, element_bytes: u64) {
        let counters = &mut self.counters;
        match memory {
            Memory::Uop => counters.uop_load_nbytes += elements * element_bytes,
            Memory::Inp => counters.inp_load_nbytes += elements * element_bytes,
            Memory::Wgt => counters.wgt_load_nbytes += elements * element_bytes,
            // The simulator counts what comes to lie on the chip.
            _ => counters.acc_load_nbytes += elements * self.hardware.element_bytes(Memory::Acc),
        }
    }

    /// Stores rows: the low bits of each accumulator.
    pub fn store(&mut self, transfer: &Transfer, rows: &[Row], dram: &mut Dram) {
        let lanes = self.hardware.lanes(Memory::Out);
        let bytes = self.hardware.inp_bits() as usize / 8;
        for row in rows {
            let from = &self.acc[row.elements.start * lanes..row.elements.end * lanes];
            let to = &mut dram.bytes[row.bytes.clone()];
            if bytes == 1 {
                to.iter_mut().zip(from).for_each(|(byte, lane)| *byte = *lane as u8);
            } else {
                let words = to.as_chunks_mut::<2>().0;
                words.iter_mut().zip(from).for_each(|(word, lane)| *word = (*lane as i16).to_le_bytes());
            }
        }
        self.counters.out_store_nbytes += transfer.elements() * self.hardware.element_bytes(Memory::Out);
    }
}

/// Whether a copy goes beyond the end of a memory on the chip.
pub(super) fn overrun(hardware: &Hardware, transfer: &Transfer, index: usize) -> Option<Fault> {
    let (memory, depth) = (transfer.memory, hardware.depth(transfer.memory) as u64);
    let (first, elements) = (u64::from(transfer.sram), transfer.width() * transfer.height());
    let what = || format!("{elements} elements from {first} on, and {memory} holds {depth}");
    (first + elements > depth).then(|| Fault::at(FaultKind::BufferOverrun, index, what()))
}
