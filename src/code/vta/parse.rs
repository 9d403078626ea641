//! Reads instructions from their text form.

use std::collections::BTreeMap;
use std::str::{FromStr, SplitWhitespace};

use super::text::FLAGS;
use super::{Alu, AluOperation, Gemm, Instruction, Loops, Memory, Operation, Tokens, Transfer};

/// Why a line is no instruction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum Unreadable {
    #[error("`{0}` is no instruction; write load, store, gemm, alu or finish")]
    Operation(String),
    #[error("`{0}` is no memory; write uop, wgt, inp, acc, out or acc8")]
    Memory(String),
    #[error("`{0}` is no operation on accumulators; write min, max, add, shr or mul")]
    Alu(String),
    #[error("`{field}` is missing; write `{field}={form}`")]
    Missing { field: &'static str, form: &'static str },
    #[error("`{field}={text}` cannot be read; write `{field}={form}`")]
    Value { field: &'static str, text: String, form: &'static str },
    #[error("`{0}` is no part of this instruction")]
    Unknown(String),
    #[error("`{0}` is there twice")]
    Twice(String),
}

/// Reads one instruction, as it prints itself.
///
/// # Errors
/// When a word is missing, unknown or no number; whether numbers fit into their fields is seen when they are encoded.
pub fn parse_instruction(line: &str) -> Result<Instruction, Unreadable> {
    let mut words = line.split_whitespace();
    let operation = words.next().unwrap_or_default();
    let second = if operation == "finish" || operation == "gemm" { "" } else { words.next().unwrap_or_default() };
    let mut words = Words::read(words)?;
    let tokens = words.tokens();
    let operation = match operation {
        "load" => Operation::Load(words.transfer(second)?),
        "store" => Operation::Store(words.transfer(second)?),
        "gemm" => Operation::Gemm(words.gemm()?),
        "alu" => Operation::Alu(words.alu(second)?),
        "finish" => Operation::Finish,
        other => return Err(Unreadable::Operation(other.to_owned())),
    };
    words.end()?;
    Ok(Instruction { tokens, operation })
}

/// The words of a line by what stands before their `=`, taken out as they are understood.
struct Words<'a> {
    by_name: BTreeMap<&'a str, &'a str>,
}

impl<'a> Words<'a> {
    fn read(words: SplitWhitespace<'a>) -> Result<Self, Unreadable> {
        let mut by_name = BTreeMap::new();
        for word in words {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            if by_name.insert(name, value).is_some() {
                return Err(Unreadable::Twice(name.to_owned()));
            }
        }
        Ok(Self { by_name })
    }

    fn end(self) -> Result<(), Unreadable> {
        match self.by_name.into_iter().next() {
            Some((name, _)) => Err(Unreadable::Unknown(name.to_owned())),
            None => Ok(()),
        }
    }

    fn flag(&mut self, name: &str) -> bool {
        // A flag with a value stays, and is told as unknown.
        self.by_name.get(name) == Some(&"") && self.by_name.remove(name).is_some()
    }

    fn tokens(&mut self) -> Tokens {
        let [pop_previous, pop_next, push_previous, push_next] = FLAGS.map(|name| self.flag(name));
        Tokens { pop_previous, pop_next, push_previous, push_next }
    }

    /// So many numbers with a separator between them.
    fn numbers<T: FromStr, const N: usize>(
        &mut self,
        field: &'static str,
        separator: &str,
        form: &'static str,
    ) -> Result<[T; N], Unreadable> {
        let text = self.by_name.remove(field).ok_or(Unreadable::Missing { field, form })?;
        let unreadable = || Unreadable::Value { field, text: text.to_owned(), form };
        let parts: Result<Vec<T>, _> = text.split(separator).map(str::parse).collect();
        parts.ok().and_then(|parts| parts.try_into().ok()).ok_or_else(unreadable)
    }

    fn number<T: FromStr>(&mut self, field: &'static str) -> Result<T, Unreadable> {
        let [number] = self.numbers(field, " ", "NUMBER")?;
        Ok(number)
    }

    fn transfer(&mut self, memory: &str) -> Result<Transfer, Unreadable> {
        let found = Memory::ALL.into_iter().find(|known| known.name() == memory);
        let memory = found.ok_or_else(|| Unreadable::Memory(memory.to_owned()))?;
        let [rows, columns] = self.numbers("size", "x", "ROWSxCOLUMNS")?;
        let padded = self.by_name.contains_key("pad");
        let pads = if padded { self.numbers("pad", ",", "TOP,BOTTOM,LEFT,RIGHT")? } else { [0; 4] };
        let [pad_top, pad_bottom, pad_left, pad_right] = pads;
        let (sram, dram, stride) = (self.number("sram")?, self.number("dram")?, self.number("stride")?);
        Ok(Transfer { memory, sram, dram, rows, columns, stride, pad_top, pad_bottom, pad_left, pad_right })
    }

    fn loops(&mut self) -> Result<Loops, Unreadable> {
        let [begin, end] = self.numbers("uop", "..", "BEGIN..END")?;
        let [outer, inner] = self.numbers("iter", "x", "OUTERxINNER")?;
        let destination = self.numbers("dst", ",", "OUTER,INNER")?;
        let source = self.numbers("src", ",", "OUTER,INNER")?;
        Ok(Loops { begin, end, outer, inner, destination, source })
    }

    fn gemm(&mut self) -> Result<Gemm, Unreadable> {
        let (reset, loops) = (self.flag("reset"), self.loops()?);
        Ok(Gemm { reset, loops, weight: self.numbers("wgt", ",", "OUTER,INNER")? })
    }

    fn alu(&mut self, operation: &str) -> Result<Alu, Unreadable> {
        let found = AluOperation::ALL.into_iter().find(|known| known.name() == operation);
        let operation = found.ok_or_else(|| Unreadable::Alu(operation.to_owned()))?;
        let (reset, loops) = (self.flag("reset"), self.loops()?);
        let use_immediate = self.by_name.contains_key("imm");
        let unused = self.by_name.contains_key("unused_imm");
        let immediate = match (use_immediate, unused) {
            (true, _) => self.number("imm")?,
            (false, true) => self.number("unused_imm")?,
            (false, false) => 0,
        };
        Ok(Alu { reset, loops, operation, use_immediate, immediate })
    }
}
