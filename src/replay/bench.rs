//! Many searches over many recordings, spread over threads without a trace of that in the results.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Conditions, Foresight, Replay, Run};
use crate::search::{Choice, Init, Trial};

/// A recorded space to search.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its name in reports.
    pub name: String,
    /// What answers.
    pub replay: Replay,
    /// What contestants that start warm know from elsewhere.
    pub warm: Vec<Trial>,
}

/// A strategy that competes.
#[derive(Clone, Debug)]
pub struct Contestant {
    /// How to search.
    pub choice: Choice,
    /// Whether it is given what is known from elsewhere.
    pub is_warm: bool,
    /// What it may ask of validity.
    pub foresight: Foresight,
}

impl Contestant {
    /// A strategy that knows nothing beforehand.
    pub fn plain(choice: Choice) -> Self {
        Self { choice, is_warm: false, foresight: Foresight::default() }
    }

    /// Its name in reports, such as `bayes +warm` or `anneal +validity`.
    pub fn label(&self) -> String {
        let given = [
            (self.is_warm, " +warm"),
            (self.foresight.init == Init::Validity, " +validity"),
            (self.foresight.is_screened, " +screened"),
        ];
        let given = given.into_iter().filter_map(|(is_given, name)| is_given.then_some(name));
        given.fold(self.choice.to_string(), |label, name| label + name)
    }
}

/// Every contestant on every subject, several times.
#[derive(Clone, Debug)]
pub struct Bench {
    /// What is searched.
    pub subjects: Vec<Subject>,
    /// Who searches.
    pub contestants: Vec<Contestant>,
    /// Evaluations per run, failed ones counted.
    pub trials: usize,
    /// Runs of each contestant on each subject.
    pub runs: usize,
    /// The seed of the first run; each further one has the next.
    pub seed: u64,
    /// Whether runs end when they have found the optimum.
    pub stops_at_optimum: bool,
    /// How many runs are made at once. Only the searchers' own times depend on it.
    pub threads: usize,
}

/// Which run of which contestant on which subject.
#[derive(Clone, Copy)]
struct Job {
    subject: usize,
    contestant: usize,
    run: usize,
}

impl Bench {
    /// How many runs there are in all.
    pub fn len(&self) -> usize {
        self.subjects.len() * self.contestants.len() * self.runs
    }

    /// Whether there is nothing to run.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The seed of a run, the same for all contestants, so that their runs pair up.
    pub fn seed_of(&self, run: usize) -> u64 {
        self.seed.wrapping_add(run as u64)
    }

    /// Runs everything, and says so after each run. The answer has the runs by subject, contestant and run.
    pub fn run(&self, ended: &(dyn Fn() + Sync)) -> Vec<Vec<Vec<Run>>> {
        let mut runs = self.run_all(ended).into_iter();
        let mut of_contestant = || runs.by_ref().take(self.runs).collect();
        let mut of_subject = || self.contestants.iter().map(|_| of_contestant()).collect();
        self.subjects.iter().map(|_| of_subject()).collect()
    }

    /// All runs in the order of their numbers.
    fn run_all(&self, ended: &(dyn Fn() + Sync)) -> Vec<Run> {
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::with_capacity(self.len()));
        let work = || {
            while let Some(job) = self.job(next.fetch_add(1, Ordering::Relaxed)) {
                let run = self.play(job);
                done.lock().expect("no run panics while it holds the lock").push((self.number(job), run));
                ended();
            }
        };
        std::thread::scope(|scope| (0..self.threads.clamp(1, self.len().max(1))).for_each(|_| drop(scope.spawn(work))));
        let mut done = done.into_inner().expect("no run panics while it holds the lock");
        done.sort_by_key(|(number, _)| *number);
        done.into_iter().map(|(_, run)| run).collect()
    }

    fn play(&self, job: Job) -> Run {
        let (subject, contestant) = (&self.subjects[job.subject], &self.contestants[job.contestant]);
        let warm = if contestant.is_warm { &subject.warm[..] } else { &[] };
        subject.replay.run(&Conditions {
            warm,
            foresight: contestant.foresight,
            stops_at_optimum: self.stops_at_optimum,
            ..Conditions::new(&contestant.choice, self.trials, self.seed_of(job.run))
        })
    }

    fn job(&self, number: usize) -> Option<Job> {
        (number < self.len()).then(|| Job {
            subject: number / self.runs / self.contestants.len(),
            contestant: number / self.runs % self.contestants.len(),
            run: number % self.runs,
        })
    }

    fn number(&self, job: Job) -> usize {
        (job.subject * self.contestants.len() + job.contestant) * self.runs + job.run
    }
}
