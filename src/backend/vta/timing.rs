//! Cycles of a stream, as an event simulation: fetch, three engines in order, four queues of tokens, one read port. It does
//! not touch data.
//!
//! The costs are those of the pipelined core of VTA (`apache/tvm-vta`, `hardware/chisel`), as measured on its Verilog.

use std::collections::VecDeque;

use super::chip::overrun;
use super::engine::{Engine, Link};
use super::fault::{Fault, FaultKind};
use super::port::{Client, Issued, NEVER, Port};
use super::profile::Profile;
use super::reads::{BEAT_BYTES, Reads};
use crate::code::vta::{Hardware, Instruction, Memory, Operation, Transfer};

/// Instructions that fetch reads at once, and that a queue holds, with the one that its engine executes.
const BATCH: usize = 128;
const QUEUE: usize = 512;

/// Tokens that the semaphore of a link counts.
const MOST_TOKENS: usize = 255;

/// Beats of an instruction.
const INSTRUCTION_BEATS: u64 = 2;

/// From the launch to the first read command of fetch.
const LAUNCH: u64 = 1;

/// From the last beat of a batch at the port until its first instruction is handed out, from there to its engine, and from
/// the cycle after the last one until the next batch is asked for.
const TO_DRAIN: u64 = 2;
const TO_ENGINE: u64 = 1;
const TO_NEXT_BATCH: u64 = 1;

/// Cycles of GEMM and ALU beside those of their executions, to the cycle in which they end.
const COMPUTE_OVERHEAD: u64 = 6;

/// Cycles of a write command beside those of its elements, and of reading an element.
const WRITE_OVERHEAD: u64 = 2;
const STORE_READ: u64 = 1;

/// What a run took, or why it did not end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timed {
    /// Cycles from the launch to FINISH; none where it is not reached.
    pub cycles: Option<u64>,
    /// Cycles in which the load, compute and store engines were at work.
    pub busy: [u64; 3],
    /// Why it did not end, and tokens that were lost.
    pub faults: Vec<Fault>,
}

/// Times a stream. One that copies beyond the end of a memory on the chip has no time: such a copy has no bound.
pub fn time(hardware: &Hardware, instructions: &[Instruction], profile: &Profile) -> Timed {
    let beyond = |(index, instruction): (usize, &Instruction)| match &instruction.operation {
        Operation::Load(transfer) | Operation::Store(transfer) if transfer.elements() > 0 => {
            overrun(hardware, transfer, index)
        }
        _ => None,
    };
    if let Some(fault) = instructions.iter().enumerate().find_map(beyond) {
        return Timed { cycles: None, busy: [0; 3], faults: vec![fault] };
    }
    let mut clock = Clock::new(hardware, instructions, profile);
    let cycles = clock.run();
    if cycles.is_none() {
        clock.faults.push(clock.stuck());
    }
    Timed { cycles, busy: clock.busy, faults: clock.faults }
}

/// What can happen next: something in one of the engines, in fetch, or at the port.
const FETCH: usize = 3;
const PORT: usize = 4;

struct Clock<'a> {
    hardware: &'a Hardware,
    instructions: &'a [Instruction],
    profile: &'a Profile,
    /// When each of the five is to be looked at.
    next: [u64; 5],
    lanes: [Lane; 3],
    /// From when on the tokens of each link can be taken.
    tokens: [VecDeque<u64>; 4],
    port: Port<'a>,
    fetched: usize,
    /// The end of the batch that is handed out, and the cycle of its next instruction.
    batch_end: usize,
    drain_at: u64,
    /// The engine whose queue is full and stops fetch.
    stalled: Option<Engine>,
    finished: Option<u64>,
    busy: [u64; 3],
    faults: Vec<Fault>,
}

/// One engine with its queue.
#[derive(Default)]
struct Lane {
    /// From when on instructions can be started, and which.
    queue: VecDeque<(u64, usize)>,
    /// When the last [`QUEUE`] instructions ended.
    ended: VecDeque<u64>,
    handed: usize,
    done: usize,
    free: u64,
    reading: Option<Reading>,
}

/// A LOAD under way.
struct Reading {
    start: u64,
    index: usize,
    reads: Reads,
}

impl<'a> Clock<'a> {
    fn new(hardware: &'a Hardware, instructions: &'a [Instruction], profile: &'a Profile) -> Self {
        let mut clock = Self {
            hardware,
            instructions,
            profile,
            next: [NEVER; 5],
            lanes: Default::default(),
            tokens: Default::default(),
            port: Port::new(profile),
            fetched: 0,
            batch_end: 0,
            drain_at: 0,
            stalled: None,
            finished: None,
            busy: [0; 3],
            faults: Vec::new(),
        };
        clock.fetch(profile.launch + LAUNCH);
        clock
    }

    fn run(&mut self) -> Option<u64> {
        while self.finished.is_none() {
            let (who, now) = self.next.iter().copied().enumerate().min_by_key(|(_, at)| *at)?;
            match who {
                _ if now == NEVER => return None,
                PORT => self.issue(now),
                FETCH => self.drain(),
                engine => self.step(Engine::ALL[engine], now),
            }
        }
        self.finished
    }

    /// Asks for the next batch in this cycle, if there is one.
    fn fetch(&mut self, now: u64) {
        self.next[FETCH] = NEVER;
        let count = BATCH.min(self.instructions.len() - self.fetched);
        if count > 0 {
            self.batch_end = self.fetched + count;
            self.read(Client::Fetch, now, count as u64 * INSTRUCTION_BEATS);
        }
    }

    /// Takes a command in this cycle, which may be one to come: others that wait at the port may be issued before it.
    fn read(&mut self, client: Client, cycle: u64, beats: u64) {
        self.port.take(client, cycle, beats);
        self.next[PORT] = self.next[PORT].min(cycle + 1);
    }

    fn issue(&mut self, now: u64) {
        match self.port.issue(now) {
            Ok(issued) => {
                self.next[PORT] = self.port.next(now + 1);
                self.issued(issued, now);
            }
            Err(later) => self.next[PORT] = later,
        }
    }

    fn issued(&mut self, Issued { client, beats, first, last }: Issued, now: u64) {
        let engine = match client {
            Client::Fetch => {
                self.drain_at = last + TO_DRAIN;
                self.next[FETCH] = self.drain_at;
                return;
            }
            Client::Inp | Client::Wgt => Engine::Load,
            Client::Uop | Client::Acc => Engine::Compute,
        };
        let Some(mut reading) = self.lanes[engine as usize].reading.take() else { return };
        reading.reads.arrive(first, last, beats);
        if let Some(beats) = reading.reads.next() {
            self.lanes[engine as usize].reading = Some(reading);
            return self.read(client, now + 1, beats);
        }
        self.end(engine, reading.index, reading.start, reading.reads.done());
    }

    /// Hands out the batch, one instruction a cycle, as far as queues have room.
    fn drain(&mut self) {
        while self.fetched < self.batch_end {
            let engine = Engine::of(&self.instructions[self.fetched].operation);
            let lane = &mut self.lanes[engine as usize];
            if lane.handed >= lane.done + QUEUE {
                self.next[FETCH] = NEVER;
                self.stalled = Some(engine);
                return;
            }
            if let Some(before) = lane.handed.checked_sub(QUEUE) {
                let freed = lane.ended[lane.ended.len() - (lane.done - before)];
                self.drain_at = self.drain_at.max(freed + 1);
            }
            let available = self.drain_at + TO_ENGINE;
            lane.queue.push_back((available, self.fetched));
            lane.handed += 1;
            self.next[engine as usize] = self.next[engine as usize].min(available);
            self.fetched += 1;
            self.drain_at += 1;
        }
        self.fetch(self.drain_at + TO_NEXT_BATCH);
    }

    /// Starts the next instruction of an engine, if it is there with its tokens.
    fn step(&mut self, engine: Engine, now: u64) {
        let lane = &self.lanes[engine as usize];
        self.next[engine as usize] = NEVER;
        let (None, Some((available, index))) = (&lane.reading, lane.queue.front().copied()) else { return };
        let tokens = &self.instructions[index].tokens;
        let mut start = available.max(lane.free);
        for link in engine.pops(tokens) {
            let Some(token) = self.tokens[link as usize].front() else { return };
            start = start.max(*token);
        }
        if start > now {
            self.next[engine as usize] = start;
            return;
        }
        for link in engine.pops(tokens) {
            self.take(link, now, index);
        }
        self.lanes[engine as usize].queue.pop_front();
        self.begin(engine, index, start);
    }

    fn take(&mut self, link: Link, now: u64, index: usize) {
        let tokens = &mut self.tokens[link as usize];
        let under_way = if tokens.len() > MOST_TOKENS { tokens.partition_point(|from| *from <= now) } else { 0 };
        tokens.pop_front();
        let told = self.faults.iter().any(|fault| fault.kind == FaultKind::TokenLimit);
        if under_way > MOST_TOKENS && !told {
            let what = format!("{under_way} tokens from {}, and a semaphore counts {MOST_TOKENS}", link.name());
            self.faults.push(Fault::at(FaultKind::TokenLimit, index, what));
        }
    }

    fn begin(&mut self, engine: Engine, index: usize, start: u64) {
        let done = match &self.instructions[index].operation {
            Operation::Load(transfer) | Operation::Store(transfer) if transfer.elements() == 0 => start + 1,
            Operation::Load(transfer) => return self.load(engine, index, start, transfer),
            Operation::Store(transfer) => start + self.write(transfer),
            Operation::Gemm(gemm) => start + gemm.loops.executions() + COMPUTE_OVERHEAD,
            Operation::Alu(alu) => {
                let interval = if alu.use_immediate { self.profile.alu_interval } else { 2 };
                start + interval * alu.loops.executions() + COMPUTE_OVERHEAD
            }
            Operation::Finish => {
                self.finished = Some(start + 1);
                return;
            }
        };
        self.end(engine, index, start, done);
    }

    fn load(&mut self, engine: Engine, index: usize, start: u64, transfer: &Transfer) {
        let client = match transfer.memory {
            Memory::Uop => Client::Uop,
            Memory::Inp => Client::Inp,
            Memory::Wgt => Client::Wgt,
            Memory::Acc | Memory::Out | Memory::AccNarrow => Client::Acc,
        };
        let mut reads = Reads::new(self.hardware, transfer, start);
        let beats = reads.next().unwrap_or(0);
        self.lanes[engine as usize].reading = Some(Reading { start, index, reads });
        // The rows of zeros before the data are counted first.
        self.read(client, start + 1 + u64::from(transfer.pad_top), beats);
    }

    /// Cycles of a STORE to the one in which it ends.
    fn write(&self, transfer: &Transfer) -> u64 {
        let beats = self.hardware.element_bytes(transfer.memory).div_ceil(BEAT_BYTES);
        let mut commands = Reads::new(self.hardware, transfer, 0);
        let commands = std::iter::from_fn(|| commands.next()).count() as u64;
        transfer.elements() * (beats + STORE_READ) + WRITE_OVERHEAD * commands
    }

    /// An instruction ends in that cycle, and what waits for it can start in the next.
    fn end(&mut self, engine: Engine, index: usize, start: u64, done: u64) {
        let lane = &mut self.lanes[engine as usize];
        self.busy[engine as usize] += done + 1 - start;
        lane.free = done + 1;
        lane.done += 1;
        lane.ended.push_back(done);
        if lane.ended.len() > QUEUE {
            lane.ended.pop_front();
        }
        self.next[engine as usize] = done + 1;
        for link in engine.pushes(&self.instructions[index].tokens) {
            self.tokens[link as usize].push_back(done + 1);
            let reader = link.reader() as usize;
            self.next[reader] = self.next[reader].min(done + 1);
        }
        if self.stalled == Some(engine) {
            self.stalled = None;
            self.next[FETCH] = done + 1;
        }
    }

    /// Why nothing goes on.
    fn stuck(&self) -> Fault {
        let waiting = self.lanes.iter().filter_map(|lane| lane.queue.front().map(|(_, index)| *index)).min();
        match (self.stalled, waiting) {
            (Some(engine), Some(index)) => {
                let what = format!("{QUEUE} instructions wait with it for the {} engine", engine.name());
                Fault::at(FaultKind::QueueLimit, index, what)
            }
            (_, Some(index)) => Fault::at(FaultKind::Deadlock, index, "it waits for a token that never comes"),
            (_, None) => Fault::of_stream(FaultKind::NoFinish, "the stream has no FINISH"),
        }
    }
}
