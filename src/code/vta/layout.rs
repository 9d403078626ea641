//! Where the fields of instructions lie for a configuration of the hardware, and encoding and decoding by that.

use super::fields::{Field, Packer};
use super::{
    Alu, AluOperation, Gemm, Hardware, HardwareError, Instruction, Loops, Memory, Operation, Tokens, Transfer,
};

/// The places of all fields. They follow from the sizes of the buffers: the fields of C structs of 64-bit units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    operation: Field,
    tokens: [Field; 4],
    transfer: [Field; 10],
    reset: Field,
    loops: [Field; 8],
    weight: [Field; 2],
    alu: [Field; 3],
    pub(super) micro_op: [Field; 3],
}

/// A number that does not fit into its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {value}, and its field holds {least} to {most}")]
pub struct Unencodable {
    /// The field's name.
    pub field: &'static str,
    /// The number.
    pub value: i128,
    /// The smallest that fits.
    pub least: i128,
    /// The largest that fits.
    pub most: i128,
}

/// Bits that are no instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum Undecodable {
    #[error("no instruction has the number {0}; they are 0 to 4")]
    Operation(u32),
    #[error("no memory has the number {0}; they are 0 to 5")]
    Memory(u32),
    #[error("no operation on accumulators has the number {0}; they are 0 to 4")]
    Alu(u32),
    #[error("the bits {0:#034x} are set and belong to no field of the instruction")]
    Spare(u128),
}

/// The numbers of instructions.
const LOAD: u32 = 0;
const STORE: u32 = 1;
const GEMM: u32 = 2;
const FINISH: u32 = 3;
const ALU: u32 = 4;

/// Instructions are 128 bits in units of 64, micro-ops one unit of 32.
const INSTRUCTION_BITS: u32 = 128;
const UNIT_BITS: u32 = 64;
const MICRO_OP_BITS: u32 = 32;

impl Layout {
    /// The layout of a configuration.
    pub fn new(hardware: &Hardware) -> Self {
        let (layout, _) = pack(hardware);
        layout
    }

    /// The 128 bits of an instruction.
    ///
    /// # Errors
    /// When a number does not fit into its field: nothing is cut off.
    pub fn encode(&self, instruction: &Instruction) -> Result<u128, Unencodable> {
        let number = match instruction.operation {
            Operation::Load(_) => LOAD,
            Operation::Store(_) => STORE,
            Operation::Gemm(_) => GEMM,
            Operation::Finish => FINISH,
            Operation::Alu(_) => ALU,
        };
        let Tokens { pop_previous, pop_next, push_previous, push_next } = instruction.tokens;
        let tokens = [pop_previous, pop_next, push_previous, push_next].map(i128::from);
        let operation = match &instruction.operation {
            Operation::Load(transfer) | Operation::Store(transfer) => put(&self.transfer, transfer_values(transfer)),
            Operation::Gemm(gemm) => self.encode_gemm(gemm),
            Operation::Alu(alu) => self.encode_alu(alu),
            Operation::Finish => Ok(0),
        };
        Ok(self.operation.put(number.into())? | put(&self.tokens, tokens)? | operation?)
    }

    fn encode_gemm(&self, gemm: &Gemm) -> Result<u128, Unencodable> {
        let weight = put(&self.weight, gemm.weight.map(i128::from))?;
        Ok(self.reset.put(gemm.reset.into())? | put(&self.loops, loop_values(&gemm.loops))? | weight)
    }

    fn encode_alu(&self, alu: &Alu) -> Result<u128, Unencodable> {
        let own = [alu.operation.number() as i128, alu.use_immediate.into(), alu.immediate.into()];
        Ok(self.reset.put(alu.reset.into())? | put(&self.loops, loop_values(&alu.loops))? | put(&self.alu, own)?)
    }

    /// The instruction of 128 bits, which are those that [`Layout::encode`] makes of it.
    ///
    /// # Errors
    /// When there is no such instruction, or bits are set that belong to no field.
    pub fn decode(&self, bits: u128) -> Result<Instruction, Undecodable> {
        match self.spare(bits)? {
            0 => self.decode_ignoring_spare(bits),
            spare => Err(Undecodable::Spare(spare)),
        }
    }

    /// The same, where bits that belong to no field are ignored, as the machine does.
    ///
    /// # Errors
    /// When there is no such instruction.
    pub fn decode_ignoring_spare(&self, bits: u128) -> Result<Instruction, Undecodable> {
        let [pop_previous, pop_next, push_previous, push_next] = self.tokens.each_ref().map(|flag| flag.get(bits) != 0);
        let tokens = Tokens { pop_previous, pop_next, push_previous, push_next };
        let operation = match self.operation.get(bits) {
            LOAD => Operation::Load(self.decode_transfer(bits)?),
            STORE => Operation::Store(self.decode_transfer(bits)?),
            GEMM => Operation::Gemm(self.decode_gemm(bits)),
            FINISH => Operation::Finish,
            ALU => Operation::Alu(self.decode_alu(bits)?),
            number => return Err(Undecodable::Operation(number)),
        };
        Ok(Instruction { tokens, operation })
    }

    /// The bits that are set and belong to no field of the instruction.
    fn spare(&self, bits: u128) -> Result<u128, Undecodable> {
        let own: &[&[Field]] = match self.operation.get(bits) {
            LOAD | STORE => &[&self.transfer],
            GEMM => &[&[self.reset], &self.loops, &self.weight],
            ALU => &[&[self.reset], &self.loops, &self.alu],
            FINISH => &[],
            number => return Err(Undecodable::Operation(number)),
        };
        let common = std::iter::once(&self.operation).chain(&self.tokens);
        let fields = common.chain(own.iter().copied().flatten());
        Ok(bits & !fields.fold(0, |mask, field| mask | field.mask()))
    }

    fn decode_transfer(&self, bits: u128) -> Result<Transfer, Undecodable> {
        let [memory, sram, dram, rows, columns, stride, pad_top, pad_bottom, pad_left, pad_right] =
            self.transfer.each_ref().map(|field| field.get(bits));
        let memory = Memory::of_number(memory.into()).ok_or(Undecodable::Memory(memory))?;
        Ok(Transfer { memory, sram, dram, rows, columns, stride, pad_top, pad_bottom, pad_left, pad_right })
    }

    fn decode_gemm(&self, bits: u128) -> Gemm {
        let weight = self.weight.each_ref().map(|field| field.get(bits));
        Gemm { reset: self.reset.get(bits) != 0, loops: self.decode_loops(bits), weight }
    }

    fn decode_alu(&self, bits: u128) -> Result<Alu, Undecodable> {
        let [number, use_immediate, immediate] = self.alu.each_ref().map(|field| field.get(bits));
        let operation = AluOperation::ALL.get(number as usize).copied().ok_or(Undecodable::Alu(number))?;
        let (reset, use_immediate) = (self.reset.get(bits) != 0, use_immediate != 0);
        // The field has 16 bits, whose highest is the sign.
        Ok(Alu { reset, loops: self.decode_loops(bits), operation, use_immediate, immediate: immediate as u16 as i16 })
    }

    fn decode_loops(&self, bits: u128) -> Loops {
        let [begin, end, outer, inner, d_outer, d_inner, s_outer, s_inner] =
            self.loops.each_ref().map(|field| field.get(bits));
        Loops { begin, end, outer, inner, destination: [d_outer, d_inner], source: [s_outer, s_inner] }
    }
}

/// Whether all fields of a configuration fit.
pub(super) fn check(hardware: &Hardware) -> Result<(), HardwareError> {
    let (_, taken) = pack(hardware);
    let rooms = [("GEMM", INSTRUCTION_BITS), ("ALU", INSTRUCTION_BITS), ("micro-ops", MICRO_OP_BITS)];
    for ((what, room), bits) in rooms.into_iter().zip(taken) {
        if bits > room {
            return Err(HardwareError::Fields { what, bits, room });
        }
    }
    Ok(())
}

/// The layout, and the bits that GEMM, ALU and micro-ops take.
fn pack(hardware: &Hardware) -> (Layout, [u32; 3]) {
    let index = |memory| hardware.index_bits(memory);
    let (uop, acc, inp, wgt) = (index(Memory::Uop), index(Memory::Acc), index(Memory::Inp), index(Memory::Wgt));

    let common = |packer: &mut Packer| {
        let operation = packer.field("opcode", 3);
        (operation, ["pop_prev", "pop_next", "push_prev", "push_next"].map(|name| packer.field(name, 1)))
    };
    let looped = |packer: &mut Packer| {
        let reset = packer.field("reset", 1);
        let fields = [("uop_begin", uop), ("uop_end", uop + 1), ("iter_out", 14), ("iter_in", 14)];
        let steps = [("dst_out", acc), ("dst_in", acc), ("src_out", inp), ("src_in", inp)];
        let [begin, end, outer, inner] = fields.map(|(name, bits)| packer.field(name, bits));
        let [d_outer, d_inner, s_outer, s_inner] = steps.map(|(name, bits)| packer.field(name, bits));
        (reset, [begin, end, outer, inner, d_outer, d_inner, s_outer, s_inner])
    };

    let mut packer = Packer::new(UNIT_BITS);
    let (operation, tokens) = common(&mut packer);
    let transfer = [("memory", 3), ("sram", 16), ("dram", 32), ("y_size", 16), ("x_size", 16), ("x_stride", 16)];
    let pads = ["y_pad_0", "y_pad_1", "x_pad_0", "x_pad_1"];
    let [memory, sram, dram, rows, columns, stride] = transfer.map(|(name, bits)| packer.field(name, bits));
    let [top, bottom, left, right] = pads.map(|name| packer.field(name, 4));
    let transfer = [memory, sram, dram, rows, columns, stride, top, bottom, left, right];

    let mut packer = Packer::new(UNIT_BITS);
    common(&mut packer);
    let (reset, loops) = looped(&mut packer);
    let weight = ["wgt_out", "wgt_in"].map(|name| packer.field(name, wgt));
    let gemm_bits = packer.taken();

    let mut packer = Packer::new(UNIT_BITS);
    common(&mut packer);
    looped(&mut packer);
    let [number, use_immediate, immediate] =
        [("alu_opcode", 3), ("use_imm", 1), ("imm", 16)].map(|(name, bits)| packer.field(name, bits));
    let alu = [number, use_immediate, Field { signed: true, ..immediate }];
    let alu_bits = packer.taken();

    let mut packer = Packer::new(MICRO_OP_BITS);
    let micro_op = [("dst", acc), ("src", inp), ("wgt", wgt)].map(|(name, bits)| packer.field(name, bits));
    let taken = [gemm_bits, alu_bits, packer.taken()];
    (Layout { operation, tokens, transfer, reset, loops, weight, alu, micro_op }, taken)
}

fn put<const N: usize>(fields: &[Field; N], values: [i128; N]) -> Result<u128, Unencodable> {
    fields.iter().zip(values).map(|(field, value)| field.put(value)).sum()
}

fn transfer_values(transfer: &Transfer) -> [i128; 10] {
    let Transfer { memory, sram, dram, rows, columns, stride, pad_top, pad_bottom, pad_left, pad_right } = *transfer;
    let memory = memory.number() as u32;
    [memory, sram, dram, rows, columns, stride, pad_top, pad_bottom, pad_left, pad_right].map(i128::from)
}

fn loop_values(loops: &Loops) -> [i128; 8] {
    let Loops { begin, end, outer, inner, destination, source } = *loops;
    [begin, end, outer, inner, destination[0], destination[1], source[0], source[1]].map(i128::from)
}
