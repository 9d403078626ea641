//! Chooses the program for a device and a workload: down a ladder of rungs, and never with an error.

mod choice;
mod fit;
mod rung;
mod tries;

use crate::limits::MOST_CONTENDERS;
use crate::{Decisions, Device, Mode, Pack, VerifiedProgram, Workload, verified};

pub use choice::{Choice, Contender, Miss};
use fit::{Candidate, Fitting, Standing};
pub use rung::Rung;
pub use tries::Tries;

/// What an application wishes of a choice. The default: run-time checks on, and nothing found out before.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    /// The mode that it runs kernels in: only evidence of that mode counts.
    pub mode: Mode,
    /// What was found out on this machine.
    pub decisions: Option<&'a Decisions>,
}

impl Pack {
    /// Chooses a program. The rungs are tried in order: this device with its driver, its architecture, its vendor, its
    /// class, the portfolio, the portable default. On each the nearest measured shape comes first, then what was fastest
    /// beside the default there. What cannot be used is passed over, with its reason in [`Choice::misses`].
    pub fn select(&self, device: &Device, workload: &Workload, wish: &Wish) -> Choice {
        self.select_on(&Rung::LADDER, device, workload, wish)
    }

    /// The same on these rungs alone. Who races with what stands on them is the default, whatever rung that is on.
    #[doc(hidden)]
    pub fn select_on(&self, rungs: &[Rung], device: &Device, workload: &Workload, wish: &Wish) -> Choice {
        let fitting = Fitting::find(self, device, workload, wish);
        let mut ladder = Ladder { pack: self, device, mode: wish.mode, fitting, tries: Tries::default() };
        let choice = rungs.iter().find_map(|rung| ladder.step(*rung));
        let mut choice = choice.unwrap_or_else(|| Choice::miss(workload));
        choice.misses = ladder.fitting.misses;
        let winner = wish.decisions.and_then(|decisions| decisions.winner(choice.race()?)).map(str::to_owned);
        if let Some(winner) = winner {
            choice.settle(&winner);
        }
        choice
    }
}

struct Ladder<'a> {
    pack: &'a Pack,
    device: &'a Device,
    mode: Mode,
    fitting: Fitting<'a>,
    /// Programs that are read.
    tries: Tries,
}

impl<'a> Ladder<'a> {
    /// What this rung offers, if it offers anything that is sound.
    fn step(&mut self, rung: Rung) -> Option<Choice> {
        let candidates = self.fitting.on(rung);
        let (leader, program) = self.leader(rung, &candidates)?;
        let is_settled = rung == Rung::Default || rung == Rung::Exact && leader.distance == 0.0;
        if is_settled {
            return Some(self.settled(rung, &leader, program));
        }
        let mut contenders = vec![(leader, program)];
        for candidate in &candidates {
            let is_near = rung == Rung::Portfolio || candidate.distance == leader.distance;
            if is_near && contenders.len() < MOST_CONTENDERS && is_new(&contenders, candidate) {
                contenders.extend(self.verify(candidate).map(|program| (*candidate, program)));
            }
        }
        let reason = rung.reason(self.pack, &leader);
        let default = self.fitting.default_here().filter(|default| is_new(&contenders, default));
        let sound = default.and_then(|default| Some((default, self.sound(&default)?)));
        match sound {
            Some(default) if leader.standing == Standing::NotFaster => {
                contenders.insert(0, default);
                Some(self.choice(rung, contenders, format!("the default until a race decides: another was {reason}")))
            }
            default => {
                contenders.extend(default);
                Some(self.choice(rung, contenders, reason))
            }
        }
    }

    /// The first of the candidates of a rung that is sound.
    fn leader(&mut self, rung: Rung, candidates: &[Candidate<'a>]) -> Option<(Candidate<'a>, VerifiedProgram)> {
        self.tries.descend(rung);
        let leader = candidates.iter().find_map(|candidate| Some((*candidate, self.verify(candidate)?)));
        if leader.is_none() && !candidates.is_empty() && !self.tries.are_left() {
            let why = "many programs of it and above it were no good, and no more of it are tried";
            self.fitting.note(format!("rung {rung}"), why.to_owned());
        }
        leader
    }

    /// What needs no race: it was measured here at this shape, or there is nothing to race with. What was not measurably
    /// faster than the default gives way to it.
    fn settled(&mut self, rung: Rung, leader: &Candidate<'a>, program: VerifiedProgram) -> Choice {
        if rung == Rung::Exact
            && leader.standing == Standing::NotFaster
            && let Some(default) = self.fitting.default_here()
            && let Some(program) = self.sound(&default)
        {
            let reason = "the default, for nothing was measurably faster on this device and driver at this shape";
            return self.choice(rung, vec![(default, program)], reason.to_owned());
        }
        self.choice(rung, vec![(*leader, program)], rung.reason(self.pack, leader))
    }

    fn choice(&self, rung: Rung, contenders: Vec<(Candidate<'a>, VerifiedProgram)>, reason: String) -> Choice {
        let race = (contenders.len() > 1).then(|| self.race(&contenders[0].0));
        let contenders = contenders.into_iter().map(|(candidate, program)| Contender {
            entry: candidate.entry.clone(),
            distance: candidate.distance,
            program,
        });
        Choice::new(rung, contenders.collect(), race, reason)
    }

    /// What a race is called: it depends on the device, the operation, the sizes, the mode and the pack.
    fn race(&self, leader: &Candidate) -> String {
        let (device, mode, pack) = (self.device.id(), self.mode.name(), self.pack.hash());
        format!("{device} {} {mode} {pack}", self.fitting.shape(leader))
    }

    /// The program of a candidate if it is sound, and one more may be tried.
    fn verify(&mut self, candidate: &Candidate<'a>) -> Option<VerifiedProgram> {
        let is_open = !self.fitting.is_missed(&candidate.entry.id) && self.tries.take();
        if is_open { self.sound(candidate) } else { None }
    }

    /// The program of a candidate if it is sound; a miss with the reason if not.
    fn sound(&mut self, candidate: &Candidate<'a>) -> Option<VerifiedProgram> {
        if self.fitting.is_missed(&candidate.entry.id) {
            return None;
        }
        let (operation, symbols) = self.fitting.meaning(candidate);
        let read = verified::load(self.pack.archive(), candidate.entry, operation, symbols, self.device);
        read.map_err(|why| self.fitting.miss(candidate.entry, why)).ok()
    }
}

fn is_new(contenders: &[(Candidate, VerifiedProgram)], candidate: &Candidate) -> bool {
    contenders.iter().all(|(other, _)| other.entry.program != candidate.entry.program)
}
