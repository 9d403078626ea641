//! From a pack to a program that runs: chosen, self-tested, raced where that is due.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use wgpu::{Adapter, Queue};

use super::pipeline::{Pipeline, pipelines};
use super::trust::Checks;
use super::{Error, Prepared, RACE_BUDGET, Race, device_of, race};
use crate::inner::Tries;
use crate::{
    Choice, Contender, Decisions, Device, Pack, PartHash, Role, Rung, Verdict, VerifiedProgram, Wish, Workload,
};

/// Loads programs of one pack for one device. What it finds out, it keeps in [`Decisions`].
pub struct Loader {
    pack: Pack,
    device: wgpu::Device,
    queue: Queue,
    described: Device,
    decisions: Decisions,
    checks: Checks,
    race_budget: Duration,
    pipelines: BTreeMap<PartHash, Arc<Vec<Pipeline>>>,
}

/// A program that was loaded, or the reasons why there is none.
#[derive(Debug)]
pub struct Loaded {
    choice: Choice,
    prepared: Option<Prepared>,
    race: Option<Result<Race, Error>>,
}

impl Loader {
    /// For an application's device, which was made from this adapter.
    pub fn new(pack: Pack, adapter: &Adapter, device: &wgpu::Device, queue: &Queue) -> Self {
        Self {
            pack,
            device: device.clone(),
            queue: queue.clone(),
            described: device_of(adapter, device),
            decisions: Decisions::default(),
            checks: Checks::ON,
            race_budget: RACE_BUDGET,
            pipelines: BTreeMap::new(),
        }
    }

    /// The same, with what was found out on this machine before.
    pub fn with_decisions(self, decisions: Decisions) -> Self {
        Self { decisions, ..self }
    }

    /// The same, where wgpu or naga is of another version than [`COMPILER`](super::COMPILER) says: what compiles WGSL is part of
    /// who measured. Write it as there; `Cargo.lock` has the versions.
    pub fn with_compiler(mut self, compiler: &str) -> Self {
        self.described.compiler = compiler.to_owned();
        self
    }

    /// The same, with another limit for races; with none at all the leaders of choices are used as they are.
    pub fn with_race_budget(self, race_budget: Duration) -> Self {
        Self { race_budget, ..self }
    }

    pub(super) fn with(self, checks: Checks) -> Self {
        Self { checks, pipelines: BTreeMap::new(), ..self }
    }

    /// What was found out so far: to be stored, for the next start.
    pub fn decisions(&self) -> &Decisions {
        &self.decisions
    }

    /// The device as it is compared with those that measured.
    pub fn described(&self) -> &Device {
        &self.described
    }

    /// The pack.
    pub fn pack(&self) -> &Pack {
        &self.pack
    }

    /// Chooses a program for a workload and makes it ready to run. Programs that nobody has tested on this device are
    /// self-tested; those that fail are remembered, and the next on the ladder is taken. So are those that do not compile, and
    /// those that the device refuses at these sizes, which may be chosen at others. Where a race is due, it is run.
    ///
    /// Errors where the device fails. Where a program lost it, that is remembered too: keep the decisions, and open the device anew.
    /// That there is no program is no error: see [`Loaded::program`].
    pub fn load(&mut self, workload: &Workload) -> Result<Loaded, Error> {
        let (choice, mut ready) = self.sound(workload)?;
        let mut loaded = Loaded { choice, prepared: None, race: None };
        if loaded.choice.is_race_due() && ready.len() > 1 {
            let race = self.race(&loaded.choice, &ready);
            if let Some(winner) = used(&loaded.choice, &race) {
                let place = loaded.choice.contenders().iter().position(|contender| contender.entry.id == winner);
                ready.swap(0, place.unwrap_or(0));
                loaded.choice.settle(&winner);
                loaded.choice.race().into_iter().for_each(|race| self.decisions.keep_winner(race, &winner));
            }
            loaded.race = Some(race);
        }
        loaded.prepared = ready.into_iter().next();
        Ok(loaded)
    }

    /// A choice with its programs made ready, all of which have passed their tests: those that may race, else the first. Where
    /// many of a rung fail, those below it are looked at instead.
    fn sound(&mut self, workload: &Workload) -> Result<(Choice, Vec<Prepared>), Error> {
        let (mut rungs, mut tries) = (Rung::LADDER.as_slice(), Tries::default());
        loop {
            let wish = Wish { mode: self.checks.mode(), decisions: Some(&self.decisions) };
            let choice = self.pack.select_on(rungs, &self.described, workload, &wish);
            if let Some(ready) = self.ready(&choice)? {
                return Ok((choice, ready));
            }
            // What failed is in the decisions now, and the next choice is without it.
            tries.descend(choice.rung());
            if !tries.take() {
                rungs = below(rungs, choice.rung());
            }
        }
    }

    /// The programs of a choice made ready, those that may race or else the first; none where one of them has failed.
    fn ready(&mut self, choice: &Choice) -> Result<Option<Vec<Prepared>>, Error> {
        let races = choice.is_race_due() && !self.race_budget.is_zero();
        let most = if races { choice.contenders().len() } else { 1 };
        let contenders = &choice.contenders()[..most.min(choice.contenders().len())];
        self.compile(contenders);
        let tested = contenders.iter().map(|Contender { program, .. }| self.test(program));
        let tested = tested.collect::<Result<Vec<Option<Prepared>>, Error>>()?;
        Ok(tested.into_iter().collect())
    }

    /// Makes the pipelines of several programs side by side. What fails is tried again alone, where its failure is told.
    fn compile(&mut self, contenders: &[Contender]) {
        let (device, checks) = (&self.device, self.checks);
        let programs = contenders.iter().map(|contender| &contender.program);
        let new: Vec<_> = programs.filter(|program| !self.pipelines.contains_key(&program.hash())).collect();
        if new.len() < 2 {
            return;
        }
        let made: Vec<_> = thread::scope(|scope| {
            let makers: Vec<_> =
                new.iter().map(|program| scope.spawn(move || pipelines(device, program, checks).ok())).collect();
            makers.into_iter().map(|maker| maker.join().ok().flatten()).collect()
        });
        let made = new.iter().zip(made).filter_map(|(program, made)| Some((program.hash(), Arc::new(made?))));
        self.pipelines.extend(made);
    }

    /// A program made ready; none where it has failed, now or before.
    fn test(&mut self, program: &VerifiedProgram) -> Result<Option<Prepared>, Error> {
        let hash = program.hash();
        let made = match self.pipelines_of(program) {
            Ok(made) => made,
            Err(error) => {
                self.keep(hash, Verdict::Failed(fault(error)?));
                return Ok(None);
            }
        };
        let prepared = match Prepared::with(made, program, &self.device, self.checks.mode(), 0) {
            Ok(prepared) => prepared,
            Err(error) => {
                self.decisions.keep_refusal(&self.described, self.checks.mode(), program, &fault(error)?);
                return Ok(None);
            }
        };
        if self.verdict(hash).is_none() {
            let tested = prepared.self_test(&self.queue);
            if let Err(error @ Error::Lost { .. }) = &tested {
                self.keep(hash, Verdict::Failed(error.to_string()));
            }
            tested?.into_iter().for_each(|verdict| self.keep(hash, verdict));
        }
        let failed = matches!(self.verdict(hash), Some(Verdict::Failed(_)));
        Ok((!failed).then_some(prepared))
    }

    fn verdict(&self, program: PartHash) -> Option<&Verdict> {
        self.decisions.verdict(&self.described, self.checks.mode(), program)
    }

    fn keep(&mut self, program: PartHash, verdict: Verdict) {
        self.decisions.keep_verdict(&self.described, self.checks.mode(), program, verdict);
    }

    /// Pipelines are made once for each program, whatever the sizes.
    fn pipelines_of(&mut self, program: &VerifiedProgram) -> Result<Arc<Vec<Pipeline>>, Error> {
        if let Some(made) = self.pipelines.get(&program.hash()) {
            return Ok(made.clone());
        }
        let made = Arc::new(pipelines(&self.device, program, self.checks)?);
        self.pipelines.insert(program.hash(), made.clone());
        Ok(made)
    }

    fn race(&self, choice: &Choice, ready: &[Prepared]) -> Result<Race, Error> {
        let contenders: Vec<_> = choice.contenders().iter().zip(ready).collect();
        race(&self.queue, &contenders, self.race_budget)
    }
}

/// What a program is to blame for, in words; the error itself where it is the device's.
fn fault(error: Error) -> Result<String, Error> {
    if error.is_of_the_program() { Ok(error.to_string()) } else { Err(error) }
}

/// The rungs below one.
fn below(rungs: &[Rung], rung: Rung) -> &[Rung] {
    let place = rungs.iter().position(|other| *other == rung);
    place.map_or(&[], |place| &rungs[place + 1..])
}

/// Whose program is used after a race: the winner's; the default's where it failed because a program took too long, for nobody knows
/// which; nobody's where the device failed.
fn used(choice: &Choice, race: &Result<Race, Error>) -> Option<String> {
    match race {
        Ok(race) => Some(race.winner.clone()),
        Err(error) if error.is_of_the_program() => {
            let default = choice.contenders().iter().find(|contender| contender.entry.role == Role::Default);
            default.map(|contender| contender.entry.id.clone())
        }
        Err(_) => None,
    }
}

impl Loaded {
    /// What to run; none where the pack has nothing for this device, and the application does it by its own means.
    pub fn program(&self) -> Option<&Prepared> {
        self.prepared.as_ref()
    }

    /// The same, to keep.
    pub fn into_program(self) -> Option<Prepared> {
        self.prepared
    }

    /// On what grounds it was chosen, and what was passed over.
    pub fn choice(&self) -> &Choice {
        &self.choice
    }

    /// Whether a self-test stands behind it: programs on large tensors may bring none, and run untested.
    pub fn is_tested(&self) -> bool {
        self.prepared.as_ref().is_some_and(|prepared| prepared.program().program().self_test.is_some())
    }

    /// The race that was run for it; none where none was due. Where a program took too long in it, the default is used.
    pub fn race(&self) -> Option<&Result<Race, Error>> {
        self.race.as_ref()
    }
}
