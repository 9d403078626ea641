//! A made-up machine: it computes `x+1` for real, takes no time, and says times that follow from a program's hash. On
//! command it misbehaves, for one candidate or for all.

use std::io::Write;
use std::thread::sleep;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wgtune::backend::{BufferRule, Entrant, Executor, Job, Machine, Sample, poisoned, stamped_ns};
use wgtune::base::DeviceFacts;
use wgtune::record::{Clock, Rejection, Stage};

/// The variable that makes a process a worker with this machine, and holds its orders.
pub const ORDERS: &str = "WGTUNE_TEST_CHAOS";

/// The only workload that it can compute.
pub const WORKLOAD: &str = "chain:f32:r4c4:x+1";

/// In what way it misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    Panic,
    Abort,
    Segfault,
    HangInCompile,
    HangInRun,
    LostDevice,
    OutOfMemory,
    WrongResult,
    ChangingResult,
    WriteOutOfBounds,
    /// No candidate is to blame: it aborts over the inputs.
    AbortOverInputs,
    ZeroStamps,
    ZeroStampsNowAndThen,
    ReversedStampsNowAndThen,
    QuantisedStamps,
    DriftingClock,
    /// Its driver prints to standard output, without ends of lines.
    Chatter,
}

/// What it is told to do.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Orders {
    pub fault: Option<Fault>,
    /// The hash of the program that is hit; every one where there is none.
    pub culprit: Option<String>,
    /// Only where several run side by side.
    pub late: bool,
}

impl Orders {
    /// Those of this process, if it is a worker.
    pub fn of_this_process() -> Option<Self> {
        let text = std::env::var(ORDERS).ok()?;
        Some(serde_json::from_str(&text).expect("the test that has started this process writes them"))
    }

    fn hit(&self, job: &Job, hash: &str, fault: Fault) -> bool {
        let is_meant = self.culprit.as_ref().is_none_or(|culprit| culprit == hash);
        self.fault == Some(fault) && is_meant && (!self.late || job.entrants.len() > 1)
    }
}

/// The time that nothing but the program decides: 10 to 100 µs.
pub fn true_ns(hash: &str) -> f64 {
    let digits = u32::from_str_radix(&hash[..6], 16).expect("hexadecimal");
    1e4 + 9e4 * f64::from(digits) / f64::from(1 << 24)
}

/// Nanoseconds between the ticks of a quantised clock; as in browsers.
const TICK: u64 = 65_536;

/// After so many samples a drifting clock is 30 % slower, and stays so.
const DRIFTING: f64 = 1500.0;

pub struct Chaotic {
    facts: DeviceFacts,
    orders: Orders,
    lost: bool,
    /// Nanoseconds on its own clock.
    now: f64,
    samples: u64,
    runs: u64,
}

pub struct Compiled {
    hash: String,
}

impl Chaotic {
    pub fn new(orders: Orders) -> Executor<Self> {
        let mut facts = DeviceFacts::portable();
        facts.identity.adapter = "a made-up machine".to_owned();
        facts.features.timestamps = true;
        Executor::new(Self { facts, orders, lost: false, now: 1e9, samples: 0, runs: 0 })
    }

    fn misbehave_in_a_run(&mut self, job: &Job, hash: &str) -> Result<(), Rejection> {
        let is = |fault| self.orders.hit(job, hash, fault);
        if is(Fault::Panic) {
            panic!("on command");
        }
        if is(Fault::Abort) {
            std::process::abort();
        }
        if is(Fault::Segfault) {
            segfault();
        }
        if is(Fault::HangInRun) {
            hang();
        }
        if is(Fault::OutOfMemory) {
            allocate();
        }
        if is(Fault::LostDevice) {
            self.lost = true;
            return Err(Rejection::new(Stage::Crash, "the device was lost"));
        }
        Ok(())
    }

    /// The two stamps of a pass that takes so long.
    fn stamps(&mut self, job: &Job, hash: &str, pass_ns: f64) -> (u64, u64) {
        let drift = f64::min(self.samples as f64 / DRIFTING, 1.0) * 0.3;
        let is = |fault| self.orders.hit(job, hash, fault);
        let pass_ns = if is(Fault::DriftingClock) { pass_ns * (1.0 + drift) } else { pass_ns };
        let (begin, end) = (self.now as u64, (self.now + pass_ns) as u64);
        // Passes begin anywhere between two ticks.
        self.now += pass_ns + 12_345.0;
        self.samples += 1;
        let third = self.samples.is_multiple_of(3);
        match (begin, end) {
            _ if is(Fault::ZeroStamps) || is(Fault::ZeroStampsNowAndThen) && third => (0, 0),
            (begin, end) if is(Fault::ReversedStampsNowAndThen) && third => (end, begin),
            (begin, end) if is(Fault::QuantisedStamps) => (begin / TICK * TICK, end / TICK * TICK),
            stamps => stamps,
        }
    }
}

impl Machine for Chaotic {
    type Compiled = Compiled;

    fn facts(&self) -> &DeviceFacts {
        &self.facts
    }

    fn provide(&mut self, job: &Job) -> Result<(), Rejection> {
        if self.orders.hit(job, "", Fault::AbortOverInputs) {
            std::process::abort();
        }
        Ok(())
    }

    fn compile(&mut self, job: &Job, entrant: &Entrant) -> Result<Compiled, Rejection> {
        let hash = entrant.program.hash();
        if self.orders.hit(job, &hash, Fault::HangInCompile) {
            hang();
        }
        Ok(Compiled { hash })
    }

    fn prepare(&mut self, _: &Job, _: &Compiled, _: usize) -> Result<Option<f64>, Rejection> {
        Ok(None)
    }

    fn outputs(&mut self, job: &Job, compiled: &Compiled, set: usize) -> Result<Vec<Vec<u8>>, Rejection> {
        self.misbehave_in_a_run(job, &compiled.hash)?;
        self.runs += 1;
        let is = |fault| self.orders.hit(job, &compiled.hash, fault);
        let mut bytes = plus_one(&job.gates[set - 1].inputs[0], &job.outputs[0]);
        if is(Fault::WrongResult) {
            bytes[3] ^= 0x80;
        }
        if is(Fault::ChangingResult) && self.runs.is_multiple_of(2) {
            bytes[0] ^= 1;
        }
        if is(Fault::WriteOutOfBounds) {
            bytes[job.outputs[0].data_bytes() as usize] = 0;
        }
        if is(Fault::Chatter) {
            print!("driver: shader compiled ");
            std::io::stdout().flush().expect("the supervisor listens");
        }
        Ok(vec![bytes])
    }

    fn sample(&mut self, job: &Job, compiled: &Compiled, repeats: u32) -> Result<Option<Sample>, Rejection> {
        self.misbehave_in_a_run(job, &compiled.hash)?;
        let pass_ns = true_ns(&compiled.hash) * f64::from(repeats);
        let (begin, end) = self.stamps(job, &compiled.hash, pass_ns);
        let ns = stamped_ns(begin, end, 1.0);
        Ok(ns.map(|ns| Sample { ns: ns / f64::from(repeats), clock: Clock::Device }))
    }

    fn warm_up(&self) -> Duration {
        Duration::ZERO
    }

    fn is_lost(&self) -> bool {
        self.lost
    }

    fn reopen(&mut self) -> Result<(), String> {
        self.lost = false;
        Ok(())
    }
}

/// What a right kernel makes of an input.
fn plus_one(input: &BufferRule, output: &BufferRule) -> Vec<u8> {
    let fill = input.fill.expect("an input has a rule");
    let mut bytes = Vec::new();
    for i in 0..output.elements {
        let x = output.element.quantise(fill.value(i)) as f32;
        output.element.encode(f64::from(x + 1.0), &mut bytes);
    }
    bytes.extend(&poisoned(output)[bytes.len()..]);
    bytes
}

fn hang() -> ! {
    loop {
        sleep(Duration::from_secs(1));
    }
}

/// A write to where nothing is mapped.
fn segfault() {
    let nowhere = std::ptr::without_provenance_mut::<u64>(4096 / 8);
    // SAFETY: none; ending this process by a fault is the purpose.
    unsafe { nowhere.write_volatile(1) };
}

/// Takes memory and uses it, up to 2 GiB, slowly enough to be seen.
fn allocate() {
    let mut held: Vec<Vec<u8>> = Vec::new();
    for _ in 0..128 {
        held.push(vec![1; 16 << 20]);
        sleep(Duration::from_millis(10));
    }
    hang();
}
