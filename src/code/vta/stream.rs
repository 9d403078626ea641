//! Streams of instructions: as the bytes that lie in DRAM, and as text.

use super::{Instruction, Layout, Undecodable, Unencodable, Unreadable, parse_instruction};

/// Bytes of an instruction.
pub const INSTRUCTION_BYTES: usize = 16;

/// What is wrong with a stream, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum StreamError {
    #[error("a stream of {0} bytes ends within an instruction; each has 16")]
    Length(usize),
    #[error("instruction {index}: {why}")]
    Undecodable { index: usize, why: Undecodable },
    #[error("instruction {index}: {why}")]
    Unencodable { index: usize, why: Unencodable },
    #[error("line {line}: {why}")]
    Unreadable { line: usize, why: Unreadable },
}

/// The instructions of a stream of bytes. Bits that belong to no field are ignored, as the machine does.
///
/// # Errors
/// When the bytes end within an instruction, or there is no such instruction.
pub fn decode_stream(layout: &Layout, bytes: &[u8]) -> Result<Vec<Instruction>, StreamError> {
    let (words, rest) = bytes.as_chunks::<INSTRUCTION_BYTES>();
    if !rest.is_empty() {
        return Err(StreamError::Length(bytes.len()));
    }
    let decoded = words.iter().enumerate().map(|(index, word)| {
        let decoded = layout.decode_ignoring_spare(u128::from_le_bytes(*word));
        decoded.map_err(|why| StreamError::Undecodable { index, why })
    });
    decoded.collect()
}

/// The bytes of instructions.
///
/// # Errors
/// When a number does not fit into its field.
pub fn encode_stream(layout: &Layout, instructions: &[Instruction]) -> Result<Vec<u8>, StreamError> {
    let mut bytes = Vec::with_capacity(INSTRUCTION_BYTES * instructions.len());
    for (index, instruction) in instructions.iter().enumerate() {
        let bits = layout.encode(instruction).map_err(|why| StreamError::Unencodable { index, why })?;
        bytes.extend(bits.to_le_bytes());
    }
    Ok(bytes)
}

/// Reads instructions from text: one a line, empty lines and what follows a `#` left out.
///
/// # Errors
/// When a line is no instruction.
pub fn assemble(text: &str) -> Result<Vec<Instruction>, StreamError> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default()).enumerate();
    let lines = lines.filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| parse_instruction(line).map_err(|why| StreamError::Unreadable { line: number + 1, why }))
        .collect()
}

/// The text of instructions, which [`assemble`] reads back.
pub fn disassemble(instructions: &[Instruction]) -> String {
    instructions.iter().map(|instruction| format!("{instruction}\n")).collect()
}
