//! Data races: two engines use one place, one of them writes, and no chain of tokens puts one before the other.
//!
//! Tokens match in order on each link, so what happens before what follows from the stream alone (vector clocks, Mattern
//! 1989): nothing has to be tried in several orders.

use std::ops::Range;

use super::engine::Engine;
use super::fault::{Fault, FaultKind};

/// For each engine, how many of its instructions are known to be over.
pub(super) type Known = [u32; 3];

/// Bytes of DRAM that are one place.
const GRAIN_BYTES: usize = 4;

/// A memory that engines share: one writes it, others read it.
pub(super) struct Shared {
    name: &'static str,
    writer: Engine,
    /// The last instruction of the writer that wrote each place, numbered from 1.
    written: Vec<u32>,
    /// The last one of each reader that read it.
    read: Vec<(Engine, Vec<u32>)>,
}

impl Shared {
    pub fn new(name: &'static str, places: usize, writer: Engine, readers: &[Engine]) -> Self {
        let read = readers.iter().map(|reader| (*reader, vec![0; places])).collect();
        Self { name, writer, written: vec![0; places], read }
    }

    /// DRAM of so many bytes.
    pub fn dram(bytes: usize) -> Self {
        Self::new("DRAM", bytes.div_ceil(GRAIN_BYTES), Engine::Store, &[Engine::Load, Engine::Compute])
    }

    /// The places of bytes of DRAM.
    pub fn grains(bytes: &Range<usize>) -> Range<usize> {
        bytes.start / GRAIN_BYTES..bytes.end.div_ceil(GRAIN_BYTES)
    }

    /// A reader's `number`th instruction reads places; with which of the writer's it races, if any.
    pub fn reads(&mut self, engine: Engine, number: u32, known: &Known, places: Range<usize>) -> Option<Conflict> {
        let over = known[self.writer as usize];
        let latest = self.written[places.clone()].iter().copied().max().unwrap_or(0);
        if let Some((_, read)) = self.read.iter_mut().find(|(reader, _)| *reader == engine) {
            read[places].fill(number);
        }
        (latest > over).then_some(Conflict { memory: self.name, engine: self.writer, number: latest })
    }

    /// The writer's `number`th instruction writes places; with which of a reader's it races, if any.
    pub fn writes(&mut self, number: u32, known: &Known, places: Range<usize>) -> Option<Conflict> {
        self.written[places.clone()].fill(number);
        self.read.iter().find_map(|(reader, read)| {
            let latest = read[places.clone()].iter().copied().max().unwrap_or(0);
            let over = known[*reader as usize];
            (latest > over).then_some(Conflict { memory: self.name, engine: *reader, number: latest })
        })
    }
}

/// The other side of a race.
pub(super) struct Conflict {
    pub memory: &'static str,
    pub engine: Engine,
    /// Among its engine's instructions, from 1.
    pub number: u32,
}

impl Conflict {
    /// The fault, where the other instruction has this number in the stream.
    pub fn fault(&self, index: usize, other: usize) -> Fault {
        let what =
            format!("it and instruction {other} use the same place of {} with no token between them", self.memory);
        Fault::at(FaultKind::Race, index, what)
    }
}
