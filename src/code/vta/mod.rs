//! VTA, the open tensor accelerator, as a language: hardware configurations, instructions, micro-ops, and their text form.
//!
//! Source: `apache/tvm-vta`, `include/vta/hw_spec.h` and `config/vta_config.json`; T. Moreau et al., "A Hardware-Software
//! Blueprint for Flexible Deep Learning Specialization" (2019).

/// Changes when what [`lower`] makes does: what was measured of other streams is not taken for theirs.
pub const VERSION: &str = "1";

mod builder;
mod convolution;
mod counts;
mod fields;
mod hardware;
mod instruction;
mod layout;
mod lower;
mod microop;
mod pack;
mod parse;
mod stream;
#[cfg(test)]
mod tests;
mod text;

pub use convolution::{Convolution, Epilogue, Mode, Refusal, Tiling};
pub use counts::StreamCounts;
pub use hardware::{Hardware, HardwareError, Memory};
pub use instruction::{Alu, AluOperation, Gemm, Instruction, Loops, Operation, Tokens, Transfer};
pub use layout::{Layout, Undecodable, Unencodable};
pub use lower::{Lowered, NotLowered, Places, lower};
pub use microop::MicroOp;
pub use parse::{Unreadable, parse_instruction};
pub use stream::{INSTRUCTION_BYTES, StreamError, assemble, decode_stream, disassemble, encode_stream};
