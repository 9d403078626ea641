//! Micro-ops: the three indices that an instruction's loops add to.

use super::layout::{Layout, Unencodable};

/// One micro-op.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MicroOp {
    /// Of the accumulator that is written.
    pub destination: u32,
    /// Of the input, or of the accumulator that is the second operand.
    pub source: u32,
    /// Of the weight; 0 for the ALU.
    pub weight: u32,
}

impl Layout {
    /// The 32 bits of a micro-op.
    ///
    /// # Errors
    /// When an index has more bits than its field.
    pub fn encode_micro_op(&self, micro_op: &MicroOp) -> Result<u32, Unencodable> {
        let values = [micro_op.destination, micro_op.source, micro_op.weight];
        let fields = self.micro_op.iter().zip(values);
        let bits = fields.map(|(field, value)| field.put(i128::from(value))).sum::<Result<u128, _>>()?;
        Ok(u32::try_from(bits).expect("the fields of micro-ops take at most 32 bits"))
    }

    /// The micro-op of 32 bits. Bits beyond its fields, which some configurations have, are ignored as the machine does.
    pub fn decode_micro_op(&self, bits: u32) -> MicroOp {
        let [destination, source, weight] = self.micro_op.each_ref().map(|field| field.get(bits.into()));
        MicroOp { destination, source, weight }
    }
}
