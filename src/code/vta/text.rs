//! Instructions as text, one line each: fields by name, then the tokens. [`parse_instruction`](super::parse_instruction)
//! reads it back.

use std::fmt;

use super::{Alu, Gemm, Instruction, Loops, MicroOp, Operation, Tokens, Transfer};

/// The names of the four flags, in the order of their bits.
pub(super) const FLAGS: [&str; 4] = ["pop_prev", "pop_next", "push_prev", "push_next"];

impl fmt::Display for Instruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.operation {
            Operation::Load(transfer) => write!(f, "load {transfer}")?,
            Operation::Store(transfer) => write!(f, "store {transfer}")?,
            Operation::Gemm(gemm) => write!(f, "gemm {gemm}")?,
            Operation::Alu(alu) => write!(f, "alu {alu}")?,
            Operation::Finish => f.write_str("finish")?,
        }
        write!(f, "{}", self.tokens)
    }
}

/// Each flag that is set, with a space before it.
impl fmt::Display for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pop_previous, pop_next, push_previous, push_next } = *self;
        let flags = FLAGS.iter().zip([pop_previous, pop_next, push_previous, push_next]);
        flags.filter(|(_, set)| *set).try_for_each(|(name, _)| write!(f, " {name}"))
    }
}

impl fmt::Display for Transfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory, sram, dram, rows, columns, stride, pad_top, pad_bottom, pad_left, pad_right } = self;
        write!(f, "{memory} sram={sram} dram={dram} size={rows}x{columns} stride={stride}")?;
        if [pad_top, pad_bottom, pad_left, pad_right].iter().any(|pad| **pad != 0) {
            write!(f, " pad={pad_top},{pad_bottom},{pad_left},{pad_right}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Loops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { begin, end, outer, inner, destination: [d_outer, d_inner], source: [s_outer, s_inner] } = self;
        write!(f, "uop={begin}..{end} iter={outer}x{inner} dst={d_outer},{d_inner} src={s_outer},{s_inner}")
    }
}

impl fmt::Display for Gemm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [outer, inner] = self.weight;
        write!(f, "{} wgt={outer},{inner}", self.loops)?;
        if self.reset { f.write_str(" reset") } else { Ok(()) }
    }
}

impl fmt::Display for Alu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operation.name(), self.loops)?;
        match (self.use_immediate, self.immediate) {
            (true, immediate) => write!(f, " imm={immediate}")?,
            (false, 0) => {}
            // The bits are there and mean nothing.
            (false, immediate) => write!(f, " unused_imm={immediate}")?,
        }
        if self.reset { f.write_str(" reset") } else { Ok(()) }
    }
}

impl fmt::Display for MicroOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dst={} src={} wgt={}", self.destination, self.source, self.weight)
    }
}
