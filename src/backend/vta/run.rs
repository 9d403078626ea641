//! Runs a stream on data: each engine in order, tokens between them, until nothing can go on.

use std::collections::VecDeque;

use super::chip::{Chip, Counters};
use super::dram::Dram;
use super::engine::{Engine, Link};
use super::fault::{Fault, FaultKind};
use super::places::places;
use super::races::{Conflict, Known, Shared};
use super::strict;
use crate::code::vta::{Alu, Gemm, Hardware, Instruction, Loops, Memory, MicroOp, Operation, Transfer};

/// What is looked for beside what ends a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    /// Places that engines share without a token.
    pub races: bool,
    /// Accumulators that are used sooner than hardware has written them.
    pub hazards: bool,
    /// Whatever the functional simulator and the hardware do not agree about.
    pub strict: bool,
}

impl Checks {
    /// All of them.
    pub const ALL: Self = Self { races: true, hazards: true, strict: true };
}

/// What a run left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// What was counted.
    pub counters: Counters,
    /// What was wrong, in the order in which it was met. Overruns and illegal instructions end a run.
    pub faults: Vec<Fault>,
}

/// Runs a stream on an image of DRAM. The engines take turns in this order, each until it waits; without races it makes no
/// difference.
pub fn run(
    hardware: &Hardware,
    instructions: &[Instruction],
    dram: &mut Dram,
    checks: Checks,
    order: [Engine; 3],
) -> Ran {
    let mut run = Run::new(hardware, instructions, dram, checks);
    if let Err(fault) = run.all(order) {
        run.faults.push(fault);
    } else {
        run.end();
    }
    Ran { counters: run.chip.counters, faults: run.faults }
}

/// Faults of one kind beyond these are more of the same.
const MOST_FAULTS: usize = 16;

/// Executions of micro-ops that one run may have: a hundred times those of a large layer. Loops can name 2⁴¹ of them.
const MOST_EXECUTIONS: u64 = 1 << 26;

/// Multiplications that one run may have: those of so many executions on the usual hardware. Other hardware has up to 2²⁰ in
/// each.
const MOST_PRODUCTS: u64 = MOST_EXECUTIONS << 8;

struct Run<'a> {
    instructions: &'a [Instruction],
    dram: &'a mut Dram,
    checks: Checks,
    chip: Chip,
    /// The instructions of each engine, and how many of them are over.
    programs: [Vec<usize>; 3],
    over: [usize; 3],
    /// What the instructions of each engine know to be over.
    known: [Known; 3],
    tokens: [VecDeque<Known>; 4],
    finished: bool,
    /// Executions of micro-ops so far.
    executions: u64,
    shared: Option<Memories>,
    faults: Vec<Fault>,
}

struct Memories {
    inp: Shared,
    wgt: Shared,
    out: Shared,
    dram: Shared,
}

impl<'a> Run<'a> {
    fn new(hardware: &Hardware, instructions: &'a [Instruction], dram: &'a mut Dram, checks: Checks) -> Self {
        let mut programs: [Vec<usize>; 3] = Default::default();
        let end = finish(instructions).map_or(instructions.len(), |index| index + 1);
        for (index, instruction) in instructions[..end].iter().enumerate() {
            programs[Engine::of(&instruction.operation) as usize].push(index);
        }
        let depth = |memory| hardware.depth(memory);
        let shared = checks.races.then(|| Memories {
            inp: Shared::new("inp", depth(Memory::Inp), Engine::Load, &[Engine::Compute]),
            wgt: Shared::new("wgt", depth(Memory::Wgt), Engine::Load, &[Engine::Compute]),
            out: Shared::new("acc", depth(Memory::Acc), Engine::Compute, &[Engine::Store]),
            dram: Shared::dram(dram.bytes.len()),
        });
        Self {
            instructions,
            dram,
            checks,
            chip: Chip::new(hardware),
            programs,
            over: [0; 3],
            known: [[0; 3]; 3],
            tokens: Default::default(),
            finished: false,
            executions: 0,
            shared,
            faults: Vec::new(),
        }
    }

    fn all(&mut self, order: [Engine; 3]) -> Result<(), Fault> {
        loop {
            let mut went_on = false;
            for engine in order {
                while self.step(engine)? {
                    went_on = true;
                }
            }
            if !went_on {
                return Ok(());
            }
        }
    }

    /// Executes the next instruction of an engine, if its tokens are there.
    fn step(&mut self, engine: Engine) -> Result<bool, Fault> {
        let lane = engine as usize;
        let Some(index) = self.programs[lane].get(self.over[lane]).copied() else { return Ok(false) };
        let instruction = self.instructions[index];
        if engine.pops(&instruction.tokens).any(|link| self.tokens[link as usize].is_empty()) {
            return Ok(false);
        }
        for link in engine.pops(&instruction.tokens) {
            let token = self.tokens[link as usize].pop_front().unwrap_or_default();
            self.known[lane].iter_mut().zip(token).for_each(|(known, over)| *known = over.max(*known));
        }
        self.over[lane] += 1;
        self.execute(engine, index, &instruction.operation)?;
        self.known[lane][lane] = self.over[lane] as u32;
        for link in engine.pushes(&instruction.tokens) {
            self.tokens[link as usize].push_back(self.known[lane]);
        }
        Ok(true)
    }

    fn execute(&mut self, engine: Engine, index: usize, operation: &Operation) -> Result<(), Fault> {
        if self.checks.strict {
            self.note(strict::of_instruction(&self.chip, index, operation));
        }
        match operation {
            Operation::Load(transfer) | Operation::Store(transfer) if transfer.columns == 0 => Ok(()),
            Operation::Load(transfer) => self.load(engine, index, transfer),
            Operation::Store(transfer) => self.store(index, transfer),
            Operation::Gemm(gemm) => self.gemm(index, gemm),
            Operation::Alu(alu) => self.alu(index, alu),
            Operation::Finish => {
                self.finished = true;
                Ok(())
            }
        }
    }

    fn load(&mut self, engine: Engine, index: usize, transfer: &Transfer) -> Result<(), Fault> {
        if transfer.memory == Memory::Out {
            return Err(Fault::at(FaultKind::Illegal, index, "outputs cannot be loaded; load acc or acc8"));
        }
        let footprint = self.chip.footprint(transfer, index)?;
        let rows = self.chip.rows(transfer, self.dram, index)?;
        if let Some(shared) = &mut self.shared {
            let (number, known) = (self.over[engine as usize] as u32, &self.known[engine as usize]);
            let grains = rows.iter().map(|row| Shared::grains(&row.bytes));
            let mut conflicts: Vec<Conflict> =
                grains.filter_map(|grains| shared.dram.reads(engine, number, known, grains)).collect();
            conflicts.extend(match transfer.memory {
                Memory::Inp => shared.inp.writes(number, known, footprint.clone()),
                Memory::Wgt => shared.wgt.writes(number, known, footprint.clone()),
                Memory::Acc | Memory::AccNarrow => shared.out.writes(number, known, footprint.clone()),
                Memory::Uop | Memory::Out => None,
            });
            self.raced(index, conflicts);
        }
        self.chip.load(transfer, footprint, &rows, self.dram);
        Ok(())
    }

    fn store(&mut self, index: usize, transfer: &Transfer) -> Result<(), Fault> {
        let padded = transfer.width() * transfer.height() != transfer.elements();
        if transfer.memory != Memory::Out || padded {
            return Err(Fault::at(FaultKind::Illegal, index, "only outputs are stored, and without zeros around them"));
        }
        let footprint = self.chip.footprint(transfer, index)?;
        let rows = self.chip.rows(transfer, self.dram, index)?;
        if self.checks.strict {
            self.note(strict::of_store(&self.chip, index, footprint.clone()));
        }
        if let Some(shared) = &mut self.shared {
            let (number, known) = (self.over[Engine::Store as usize] as u32, &self.known[Engine::Store as usize]);
            let grains = rows.iter().map(|row| Shared::grains(&row.bytes));
            let mut conflicts: Vec<Conflict> =
                grains.filter_map(|grains| shared.dram.writes(number, known, grains)).collect();
            conflicts.extend(shared.out.reads(Engine::Store, number, known, footprint));
            self.raced(index, conflicts);
        }
        self.chip.store(transfer, &rows, self.dram);
        Ok(())
    }

    fn gemm(&mut self, index: usize, gemm: &Gemm) -> Result<(), Fault> {
        let list = self.list(&gemm.loops, index)?;
        let reads = if gemm.reset { [None; 2] } else { [Some(Memory::Inp), Some(Memory::Wgt)] };
        self.chip.check_places(&list, &gemm.loops, gemm.weight, reads, index)?;
        if self.checks.hazards && !gemm.reset {
            self.note(strict::of_sums(&list, index));
        }
        if let Some(shared) = &mut self.shared {
            let (number, known) = (self.over[Engine::Compute as usize] as u32, &self.known[Engine::Compute as usize]);
            let loops = &gemm.loops;
            let written = places(&list, loops, |micro_op| micro_op.destination, loops.destination).into_iter();
            let mut conflicts: Vec<Conflict> =
                written.filter_map(|range| shared.out.writes(number, known, range)).collect();
            if !gemm.reset {
                let inputs = places(&list, loops, |micro_op| micro_op.source, loops.source).into_iter();
                let weights = places(&list, loops, |micro_op| micro_op.weight, gemm.weight).into_iter();
                conflicts.extend(inputs.filter_map(|range| shared.inp.reads(Engine::Compute, number, known, range)));
                conflicts.extend(weights.filter_map(|range| shared.wgt.reads(Engine::Compute, number, known, range)));
            }
            self.raced(index, conflicts);
        }
        self.chip.gemm(gemm, &list);
        Ok(())
    }

    fn alu(&mut self, index: usize, alu: &Alu) -> Result<(), Fault> {
        let list = self.list(&alu.loops, index)?;
        let source = (!alu.use_immediate).then_some(Memory::Acc);
        self.chip.check_places(&list, &alu.loops, [0; 2], [source, None], index)?;
        self.check_alu(index, alu, &list);
        if let Some(shared) = &mut self.shared {
            let (number, known) = (self.over[Engine::Compute as usize] as u32, &self.known[Engine::Compute as usize]);
            let written = places(&list, &alu.loops, |micro_op| micro_op.destination, alu.loops.destination).into_iter();
            let conflicts = written.filter_map(|range| shared.out.writes(number, known, range)).collect();
            self.raced(index, conflicts);
        }
        self.chip.alu(alu, &list);
        Ok(())
    }

    /// The micro-ops of an instruction, if it can be run within bounds.
    fn list(&mut self, loops: &Loops, index: usize) -> Result<Vec<MicroOp>, Fault> {
        self.executions += loops.executions();
        let hardware = &self.chip.hardware;
        let products = hardware.batch() * hardware.lanes(Memory::Wgt);
        let most = MOST_EXECUTIONS.min(MOST_PRODUCTS / products as u64);
        if self.executions > most {
            let what = format!("up to it {} micro-ops are executed, and at most {most} are run", self.executions);
            return Err(Fault::at(FaultKind::TooLong, index, what));
        }
        self.chip.list(loops, index)
    }

    fn check_alu(&mut self, index: usize, alu: &Alu, list: &[MicroOp]) {
        if self.checks.hazards {
            self.note(strict::of_elements(list, alu, index));
        }
        if self.checks.strict {
            self.note(strict::of_alu(&self.chip, list, alu, index));
        }
    }

    fn note(&mut self, fault: Option<Fault>) {
        let Some(fault) = fault else { return };
        let alike = self.faults.iter().filter(|other| other.kind == fault.kind).count();
        if alike < MOST_FAULTS {
            self.faults.push(fault);
        }
    }

    fn raced(&mut self, index: usize, conflicts: Vec<Conflict>) {
        if let Some(conflict) = conflicts.first() {
            let other = self.programs[conflict.engine as usize].get(conflict.number as usize - 1).copied();
            self.note(Some(conflict.fault(index, other.unwrap_or(index))));
        }
    }

    /// What is left when nothing can go on.
    fn end(&mut self) {
        let waiting = |lane: usize| self.programs[lane].get(self.over[lane]).copied();
        let waits: Vec<usize> = (0..3).filter_map(waiting).collect();
        if !self.finished {
            let fault = match waits.iter().min() {
                Some(first) => Fault::at(FaultKind::Deadlock, *first, self.waits_for(*first)),
                None => Fault::of_stream(FaultKind::NoFinish, "the stream has no FINISH"),
            };
            self.faults.push(fault);
            return;
        }
        for index in waits {
            let what = format!("FINISH ends the run, and it {}", self.waits_for(index));
            self.faults.push(Fault::at(FaultKind::Dropped, index, what));
        }
        let finish = finish(self.instructions).unwrap_or(self.instructions.len());
        if finish + 1 < self.instructions.len() {
            self.faults.push(Fault::at(FaultKind::Dropped, finish + 1, "it stands behind FINISH"));
        }
        self.check_end(finish);
        for link in Link::ALL {
            let left = self.tokens[link as usize].len();
            if left > 0 {
                let what = format!("{left} from {} are left for the next run", link.name());
                self.faults.push(Fault::of_stream(FaultKind::LeftoverTokens, what));
            }
        }
    }

    /// Whether FINISH waits for all that the other engines do.
    fn check_end(&mut self, finish: usize) {
        if !self.checks.races {
            return;
        }
        for engine in [Engine::Load, Engine::Store] {
            let (over, known) = (self.over[engine as usize], self.known[Engine::Compute as usize][engine as usize]);
            let program = &self.programs[engine as usize];
            let acts = |index: &&usize| strict::moves_data(&self.instructions[**index].operation);
            if let Some(index) = program[known as usize..over].iter().find(acts) {
                let what = format!("FINISH, instruction {finish}, does not wait for it");
                self.faults.push(Fault::at(FaultKind::Race, *index, what));
            }
        }
    }

    fn waits_for(&self, index: usize) -> String {
        let instruction = &self.instructions[index];
        let engine = Engine::of(&instruction.operation);
        let missing = engine.pops(&instruction.tokens).find(|link| self.tokens[*link as usize].is_empty());
        missing.map_or_else(|| "waits".to_owned(), |link| format!("waits for a token from {}", link.name()))
    }
}

/// The number of the first FINISH.
fn finish(instructions: &[Instruction]) -> Option<usize> {
    instructions.iter().position(|instruction| instruction.operation == Operation::Finish)
}
