//! Two machines as one, for races between what only the one and what only the other can run: WGSL on a GPU, and routines of a
//! vendor's libraries on the same GPU.

use std::time::{Duration, Instant};

use super::{BufferRule, Entrant, Job, Machine, Sample};
use crate::base::DeviceFacts;
use crate::record::{Rejection, Stage, Vendor};

/// A host, which is the machine to everybody, and a guest, which runs the routines of libraries beside it. The guest is opened
/// when it is first needed, and what it holds is let go by the first job that does not need it.
pub struct Beside<H, G> {
    host: H,
    guest: Guest<H, G>,
    /// Whether the guest holds a job's data.
    holds: bool,
    /// Why it does not hold those of the newest job that it has a part in.
    refused: Option<Rejection>,
}

/// Opens a guest on the device of a host.
type Open<H, G> = fn(&H) -> Result<G, String>;

enum Guest<H, G> {
    Unopened(Open<H, G>),
    Here(G),
    /// Why there is none, as a sentence.
    Absent(String),
}

/// A program that one of the two has compiled.
pub enum Either<H, G> {
    /// By the host.
    Host(H),
    /// By the guest.
    Guest(G),
}

impl<H: Machine, G: Machine> Beside<H, G> {
    /// A host, and what opens the guest beside it.
    pub fn new(host: H, open: Open<H, G>) -> Self {
        Self { host, guest: Guest::Unopened(open), holds: false, refused: None }
    }

    fn guest(&mut self) -> Result<&mut G, String> {
        if let Guest::Unopened(open) = self.guest {
            self.guest = open(&self.host).map_or_else(Guest::Absent, Guest::Here);
        }
        match &mut self.guest {
            Guest::Here(guest) => Ok(guest),
            Guest::Absent(why) => Err(why.clone()),
            Guest::Unopened(_) => unreachable!("it has just been opened"),
        }
    }

    /// The guest, once it holds a job's data.
    fn present(&mut self) -> &mut G {
        match &mut self.guest {
            Guest::Here(guest) => guest,
            Guest::Unopened(_) | Guest::Absent(_) => unreachable!("it holds the data of this job"),
        }
    }
}

/// Whether a program is for the guest.
fn is_routine(entrant: &Entrant) -> bool {
    entrant.program.routine.is_some()
}

/// The same job without data: what is kept for the job before is let go.
fn without_data(job: &Job) -> Job {
    let nothing: Vec<BufferRule> = Vec::new();
    Job { inputs: nothing.clone(), outputs: nothing, gates: Vec::new(), ..job.clone() }
}

impl<H: Machine, G: Machine> Machine for Beside<H, G> {
    type Compiled = Either<H::Compiled, G::Compiled>;

    fn facts(&self) -> &DeviceFacts {
        self.host.facts()
    }

    /// Where the guest cannot hold the data, its entrants say so when they are compiled: others go on.
    fn provide(&mut self, job: &Job) -> Result<(), Rejection> {
        self.host.provide(job)?;
        let is_needed = job.entrants.iter().chain(&job.sentinel).any(is_routine);
        let held = std::mem::replace(&mut self.holds, is_needed);
        self.refused = None;
        if is_needed {
            let provided =
                self.guest().map_err(|why| Rejection::new(Stage::Compile, why)).and_then(|guest| guest.provide(job));
            self.refused = provided.err();
        } else if held && let Guest::Here(guest) = &mut self.guest {
            // What cannot be let go is no concern of this job.
            let _ = guest.provide(&without_data(job));
        }
        Ok(())
    }

    fn compile(&mut self, job: &Job, entrant: &Entrant) -> Result<Self::Compiled, Rejection> {
        if !is_routine(entrant) {
            return self.host.compile(job, entrant).map(Either::Host);
        }
        match self.refused.clone() {
            Some(refused) => Err(refused),
            None => self.present().compile(job, entrant).map(Either::Guest),
        }
    }

    fn prepare(&mut self, job: &Job, compiled: &Self::Compiled, set: usize) -> Result<Option<f64>, Rejection> {
        match compiled {
            Either::Host(compiled) => self.host.prepare(job, compiled, set),
            Either::Guest(compiled) => self.present().prepare(job, compiled, set),
        }
    }

    fn outputs(&mut self, job: &Job, compiled: &Self::Compiled, set: usize) -> Result<Vec<Vec<u8>>, Rejection> {
        match compiled {
            Either::Host(compiled) => self.host.outputs(job, compiled, set),
            Either::Guest(compiled) => self.present().outputs(job, compiled, set),
        }
    }

    fn sample(&mut self, job: &Job, compiled: &Self::Compiled, repeats: u32) -> Result<Option<Sample>, Rejection> {
        match compiled {
            Either::Host(compiled) => self.host.sample(job, compiled, repeats),
            Either::Guest(compiled) => self.present().sample(job, compiled, repeats),
        }
    }

    fn empty_pass(&mut self, job: &Job) -> Result<Option<Sample>, Rejection> {
        self.host.empty_pass(job)
    }

    fn empty_submission(&mut self, job: &Job) -> Result<Option<f64>, Rejection> {
        self.host.empty_submission(job)
    }

    fn warm_up(&self) -> Duration {
        self.host.warm_up()
    }

    /// A guest that is lost takes none of the host's work with it: it refuses its own from then on.
    fn is_lost(&self) -> bool {
        self.host.is_lost()
    }

    fn reopen(&mut self) -> Result<(), String> {
        self.host.reopen()
    }

    fn elapsed_ns(&self, start: Instant) -> f64 {
        self.host.elapsed_ns(start)
    }

    fn told(&self, compiled: &Self::Compiled) -> Option<String> {
        match (compiled, &self.guest) {
            (Either::Host(compiled), _) => self.host.told(compiled),
            (Either::Guest(compiled), Guest::Here(guest)) => guest.told(compiled),
            (Either::Guest(_), _) => None,
        }
    }

    fn vendor(&mut self) -> Vendor {
        match self.guest() {
            Ok(guest) => guest.vendor(),
            Err(why) => Vendor::none(why),
        }
    }
}
