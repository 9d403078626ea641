//! The simulator as a machine that executes jobs: results of whole runs on data, cycles of the timing alone.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::tensors::{dram, results};
use super::{Checks, Engine, Fault, FaultKind, Profile, run, time};
use crate::backend::{BufferRule, Entrant, Job, Machine, Sample, filled, poisoned};
use crate::base::{DeviceFacts, ElementType};
use crate::code::routine::{AcceleratedCall, Call, Routine};
use crate::code::vta::{Hardware, Lowered};
use crate::record::{Clock, Rejection, Stage};

/// A simulated accelerator with the inputs of the jobs that it was given.
pub struct VtaMachine {
    facts: DeviceFacts,
    hardware: Hardware,
    profile: &'static Profile,
    /// Set 0 is what is timed on, those from 1 on are what the gates check on.
    sets: Vec<Vec<Input>>,
}

#[derive(Clone)]
struct Input {
    rule: BufferRule,
    bytes: Arc<[u8]>,
}

/// A stream that is ready to run.
pub struct Compiled {
    stream: Arc<Stream>,
    /// The same in each run and on any data.
    cycles: OnceCell<Result<u64, Rejection>>,
    /// A run on the inputs of the first gate, begun when the stream was compiled: those of a job's entrants go side by side.
    ahead: RefCell<Option<JoinHandle<Left>>>,
    /// What the newest run left, and on which inputs: a run on the same ones would leave the same.
    ran: RefCell<Option<Ran>>,
}

/// A run that is over: the inputs that it had, and the outputs that it left.
struct Ran {
    inputs: Vec<BufferRule>,
    outputs: Vec<Vec<u8>>,
}

/// A stream with what it is a stream of.
struct Stream {
    hardware: Hardware,
    call: AcceleratedCall,
    lowered: Lowered,
}

/// The outputs after a run, or what went wrong.
type Left = Result<Vec<Vec<u8>>, Rejection>;

/// The set of inputs that candidates are checked on first.
const FIRST_GATE: usize = 1;

/// What is looked for in a run: all that would make hardware compute something else.
const CHECKS: Checks = Checks { races: true, hazards: true, strict: false };

impl VtaMachine {
    pub(super) fn new(facts: DeviceFacts, hardware: Hardware, profile: &'static Profile) -> Self {
        Self { facts, hardware, profile, sets: Vec::new() }
    }

    fn input(&self, rule: &BufferRule) -> Result<Input, Rejection> {
        let known = self.sets.iter().flatten().find(|input| input.rule == *rule);
        match known {
            Some(known) => Ok(known.clone()),
            None => Ok(Input { rule: rule.clone(), bytes: filled(rule)?.into() }),
        }
    }

    /// Begins a run on the inputs of the first gate, if there is one.
    fn begin(&self, job: &Job, stream: &Arc<Stream>) -> Option<JoinHandle<Left>> {
        let (inputs, output, stream) = (self.sets.get(FIRST_GATE)?.clone(), job.outputs[0].clone(), stream.clone());
        thread::Builder::new().spawn(move || stream.run(&inputs, &output)).ok()
    }

    fn time(&self, compiled: &Compiled) -> Result<u64, Rejection> {
        let timed = time(&self.hardware, &compiled.stream.lowered.instructions, self.profile);
        match (timed.faults.first(), timed.cycles) {
            (None, Some(cycles)) => Ok(cycles),
            (Some(fault), _) => Err(rejection(fault)),
            (None, None) => Err(Rejection::new(Stage::Timeout, "the stream does not end")),
        }
    }
}

impl Stream {
    /// Runs on these inputs, from a chip full of zeros.
    fn run(&self, inputs: &[Input], output: &BufferRule) -> Left {
        let numbers: Vec<Vec<i32>> = inputs.iter().map(|input| numbers(&input.rule, &input.bytes)).collect();
        let Self { hardware, call, lowered } = self;
        let mut dram = dram(hardware, call, lowered, &numbers);
        let ran = run(hardware, &lowered.instructions, &mut dram, CHECKS, Engine::ALL);
        if let Some(fault) = ran.faults.first() {
            return Err(rejection(fault));
        }
        let mut left = poisoned(output);
        let bytes = results(hardware, call, lowered, &dram).into_iter().map(|number| number as i8 as u8);
        left.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        Ok(vec![left])
    }
}

impl Machine for VtaMachine {
    type Compiled = Compiled;

    fn facts(&self) -> &DeviceFacts {
        &self.facts
    }

    fn provide(&mut self, job: &Job) -> Result<(), Rejection> {
        let rules = std::iter::once(&job.inputs).chain(job.gates.iter().map(|gate| &gate.inputs));
        let sets = rules.map(|rules| rules.iter().map(|rule| self.input(rule)).collect());
        self.sets = sets.collect::<Result<_, _>>()?;
        Ok(())
    }

    fn compile(&mut self, job: &Job, entrant: &Entrant) -> Result<Compiled, Rejection> {
        let refused = |why: String| Rejection::new(Stage::Compile, why);
        let call = match &entrant.program.routine {
            Some(Routine { call: Call::Accelerated(call), .. }) => call,
            _ => return Err(refused("this device runs streams of VTA and nothing else".to_owned())),
        };
        check_tensors(job, call).map_err(refused)?;
        let lowered = call.lower(&self.hardware).map_err(|why| refused(why.to_string()))?;
        let stream = Arc::new(Stream { hardware: self.hardware.clone(), call: call.clone(), lowered });
        let ahead = RefCell::new(self.begin(job, &stream));
        Ok(Compiled { stream, cycles: OnceCell::new(), ahead, ran: RefCell::new(None) })
    }

    fn prepare(&mut self, _: &Job, _: &Compiled, _: usize) -> Result<Option<f64>, Rejection> {
        Ok(None)
    }

    /// A run that would repeat the last one is not made: nothing in a simulation is left to chance.
    fn outputs(&mut self, job: &Job, compiled: &Compiled, set: usize) -> Result<Vec<Vec<u8>>, Rejection> {
        let inputs: Vec<BufferRule> = self.sets[set].iter().map(|input| input.rule.clone()).collect();
        if let Some(ran) = compiled.ran.borrow().as_ref().filter(|ran| ran.inputs == inputs) {
            return Ok(ran.outputs.clone());
        }
        let ahead = if set == FIRST_GATE { compiled.ahead.take() } else { None };
        let outputs = match ahead {
            Some(ahead) => ahead.join().map_err(|_| Rejection::new(Stage::Crash, "the simulator panicked"))??,
            None => compiled.stream.run(&self.sets[set], &job.outputs[0])?,
        };
        *compiled.ran.borrow_mut() = Some(Ran { inputs, outputs: outputs.clone() });
        Ok(outputs)
    }

    fn sample(&mut self, _: &Job, compiled: &Compiled, _: u32) -> Result<Option<Sample>, Rejection> {
        let cycles = compiled.cycles.get_or_init(|| self.time(compiled)).clone()?;
        Ok(Some(Sample { ns: cycles as f64, clock: Clock::Cycles }))
    }

    /// A pass of nothing shows that cycles are counted one by one.
    fn empty_pass(&mut self, _: &Job) -> Result<Option<Sample>, Rejection> {
        Ok(Some(Sample { ns: 1.0, clock: Clock::Cycles }))
    }

    fn warm_up(&self) -> Duration {
        Duration::ZERO
    }

    fn is_lost(&self) -> bool {
        false
    }

    fn reopen(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn told(&self, compiled: &Compiled) -> Option<String> {
        let Lowered { instructions, micro_ops, .. } = &compiled.stream.lowered;
        Some(format!("{} instructions, {} micro-ops", instructions.len(), micro_ops.len()))
    }
}

/// The elements of an input.
fn numbers(rule: &BufferRule, bytes: &[u8]) -> Vec<i32> {
    match rule.element {
        ElementType::I8 => bytes.iter().take(rule.elements as usize).map(|byte| i32::from(*byte as i8)).collect(),
        _ => {
            bytes.as_chunks::<4>().0.iter().take(rule.elements as usize).map(|word| i32::from_le_bytes(*word)).collect()
        }
    }
}

/// What a fault makes of a candidate: hardware would run beyond its memories, never end, or compute something else.
fn rejection(fault: &Fault) -> Rejection {
    let stage = match fault.kind {
        FaultKind::Undecodable
        | FaultKind::Illegal
        | FaultKind::BufferOverrun
        | FaultKind::IndexOverrun
        | FaultKind::DramOverrun => Stage::Run,
        FaultKind::Deadlock
        | FaultKind::TooLong
        | FaultKind::NoFinish
        | FaultKind::TokenLimit
        | FaultKind::QueueLimit => Stage::Timeout,
        FaultKind::LeftoverTokens
        | FaultKind::Dropped
        | FaultKind::Hazard
        | FaultKind::Race
        | FaultKind::Divergence => Stage::Verify,
    };
    Rejection::new(stage, fault.to_string())
}

/// Whether the job's tensors are those that a call is about.
fn check_tensors(job: &Job, call: &AcceleratedCall) -> Result<(), String> {
    let extents = Call::Accelerated(call.clone()).extents();
    let fits = |rules: &[BufferRule], elements: &[u64]| {
        let typed =
            |(at, rule): (usize, &BufferRule)| rule.element == if at == 2 { ElementType::I32 } else { ElementType::I8 };
        rules.iter().map(|rule| &rule.elements).eq(elements) && rules.iter().enumerate().all(typed)
    };
    let mut inputs = std::iter::once(&job.inputs).chain(job.gates.iter().map(|gate| &gate.inputs));
    if !inputs.all(|rules| fits(rules, &extents.inputs)) || !fits(&job.outputs, &extents.outputs) {
        return Err("the tensors have other sizes or types than it was asked for".to_owned());
    }
    Ok(())
}
