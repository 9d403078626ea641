//! Each fault in a whole run of the tuner: who is rejected and where, who wins, what is kept; and the table of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use wgtune::backend::worker::{Limits, Supervisor};
use wgtune::backend::{Backend, Deadlines, Job, JobReport, Steps};
use wgtune::base::DeviceFacts;
use wgtune::op::resolve;
use wgtune::record::{Mode, Outcome, Phase, Record, Rejection, Stage};
use wgtune::store::{Filter, Store};
use wgtune::tune::{Progress, Settings, StopReason, Tuned, Watch, tune};

use crate::machine::{Chaotic, Fault, Orders, WORKLOAD, true_ns};
use crate::supervisor;

/// Configs that each run tries.
const TRIALS: usize = 24;

/// A fault and what must come of it.
struct Row {
    name: &'static str,
    fault: Fault,
    hit: Hit,
    want: Want,
}

/// Whom it hits.
enum Hit {
    /// The candidate that would win.
    Best,
    /// The same one, and only once it is raced against others.
    BestInRace,
    Everyone,
}

enum Want {
    /// The candidate is rejected there, with this in its reason.
    Rejected(Stage, &'static str),
    /// Nobody is; the winner's true time is at most so many times the best one's, and this is what was done.
    Timed(f64, &'static str),
}

fn rows() -> Vec<Row> {
    use Hit::{Best, BestInRace, Everyone};
    use Want::{Rejected, Timed};
    let row = |name, fault, hit, want| Row { name, fault, hit, want };
    let crash = |why| Rejected(Stage::Crash, why);
    let (fine, again) = (1.0, "threw such pairs away and took them again");
    vec![
        row("panic", Fault::Panic, Best, crash("exit status: 101")),
        row("abort", Fault::Abort, Best, crash("signal: 6 (SIGABRT)")),
        row("segmentation fault", Fault::Segfault, Best, crash("signal: 11 (SIGSEGV)")),
        row("hang in compile", Fault::HangInCompile, Best, Rejected(Stage::Timeout, "compiling took longer than")),
        row("hang in a run", Fault::HangInRun, Best, Rejected(Stage::Timeout, "a run took longer than")),
        row("lost device", Fault::LostDevice, Best, crash("the device was lost")),
        row("out of memory", Fault::OutOfMemory, Best, crash("GiB of memory, more than the 0.25 GiB")),
        row("abort in a race", Fault::Abort, BestInRace, crash("signal: 6 (SIGABRT)")),
        row("hang in a race", Fault::HangInRun, BestInRace, Rejected(Stage::Timeout, "a run took longer than")),
        row("lost device in a race", Fault::LostDevice, BestInRace, crash("the device was lost")),
        row("wrong result", Fault::WrongResult, Best, Rejected(Stage::Verify, "checked elements of `out` are wrong")),
        row("result that changes", Fault::ChangingResult, Best, Rejected(Stage::Verify, "two runs on the same inputs")),
        row("write out of bounds", Fault::WriteOutOfBounds, Best, Rejected(Stage::Verify, "beyond the end of `out`")),
        row("zero timestamps, always", Fault::ZeroStamps, Best, Rejected(Stage::Run, "impossible timestamps in a row")),
        row("zero timestamps, now and then", Fault::ZeroStampsNowAndThen, Everyone, Timed(fine, again)),
        row("reversed timestamps, now and then", Fault::ReversedStampsNowAndThen, Everyone, Timed(fine, again)),
        row("timestamps in steps of 65 µs", Fault::QuantisedStamps, Everyone, Timed(1.1, "timed many runs as one")),
        row("clock that drifts by 30 %", Fault::DriftingClock, Everyone, Timed(fine, "raced the best side by side")),
        row("driver that prints to standard output", Fault::Chatter, Everyone, Timed(fine, "skipped what it prints")),
    ]
}

#[test]
fn every_fault_is_survived() {
    let healthy = Healthy::find();
    let rows = rows();
    // Half of them wait for deadlines.
    let done: Vec<_> = std::thread::scope(|scope| {
        let rows: Vec<_> = rows.iter().map(|row| scope.spawn(|| row.try_out(&healthy))).collect();
        rows.into_iter().map(|row| row.join().unwrap()).collect()
    });
    let failures: Vec<&String> = done.iter().filter_map(|done| done.as_ref().err()).collect();
    assert!(failures.is_empty(), "{} failures:\n{failures:#?}", failures.len());
    let lines: Vec<String> = done.into_iter().flatten().collect();
    compare_with_page(&page(&lines));
}

/// What a machine without faults finds.
struct Healthy {
    /// The programs of the search.
    searched: BTreeSet<String>,
    /// The fastest in truth, and the fastest but that one.
    best: String,
    second: String,
}

impl Healthy {
    fn find() -> Self {
        let mut store = Store::in_memory().unwrap();
        let tuned = run(&mut Chaotic::new(Orders::default()), &mut store, &mut Seen::default());
        let searched: BTreeSet<String> = records(&store, Phase::Search).into_keys().collect();
        let naive = tuned.naive_hash.expect("it is another kernel than the default");
        let mut all: Vec<String> = searched.iter().cloned().chain([naive]).collect();
        all.sort_by(|a, b| true_ns(a).total_cmp(&true_ns(b)));
        let [best, second] = [all[0].clone(), all[1].clone()];
        assert_eq!(searched.len(), TRIALS);
        assert!(searched.contains(&best) && Some(&best) != tuned.default_hash.as_ref(), "or nothing could be learnt");
        Self { searched, best, second }
    }
}

impl Row {
    /// Runs the tuner with this fault; a line of the table, or what was wrong.
    fn try_out(&self, healthy: &Healthy) -> Result<String, String> {
        let culprit = (!matches!(self.hit, Hit::Everyone)).then(|| healthy.best.clone());
        let orders = Orders { fault: Some(self.fault), culprit, late: matches!(self.hit, Hit::BestInRace) };
        let mut device = Hasty { supervisor: supervisor(&orders, LIMITS), hangs: self.hangs() };
        let (mut store, mut seen) = (Store::in_memory().unwrap(), Seen::default());
        let tuned = run(&mut device, &mut store, &mut seen);
        let wrong = self.wrong(healthy, &tuned, &store, &seen);
        if wrong.is_empty() {
            // The final race has a worker of its own anyway.
            Ok(self.line(device.supervisor.workers() - 2))
        } else {
            Err(format!("{}: {}", self.name, wrong.join("; ")))
        }
    }

    fn hangs(&self) -> bool {
        matches!(self.fault, Fault::HangInCompile | Fault::HangInRun)
    }

    fn wrong(&self, healthy: &Healthy, tuned: &Tuned, store: &Store, seen: &Seen) -> Vec<String> {
        let searched = records(store, Phase::Search);
        let kept = seen.0.iter().filter(|(values, outcome)| {
            searched.values().flatten().any(|record| record.values == *values && record.outcome == *outcome)
        });
        let is_all = searched.keys().eq(&healthy.searched) && searched.values().all(|records| records.len() == 1);
        let facts = [
            (tuned.stop == StopReason::Trials, format!("the run ended by {:?}", tuned.stop)),
            (kept.count() == TRIALS && seen.0.len() == TRIALS, "finished trials were lost".to_owned()),
            (tuned.fresh == Some(true), "the final race was held in a used worker".to_owned()),
            (is_all, format!("{} programs are stored of {TRIALS}", searched.len())),
        ];
        let wrong = facts.into_iter().filter(|(holds, _)| !holds).map(|(_, why)| why);
        wrong.chain(self.wrong_winner(healthy, tuned)).chain(self.wrong_blame(healthy, store)).collect()
    }

    fn wrong_winner(&self, healthy: &Healthy, tuned: &Tuned) -> Option<String> {
        let (right, allowed) = match self.want {
            Want::Rejected(..) => (&healthy.second, 1.0),
            Want::Timed(allowed, _) => (&healthy.best, allowed),
        };
        let winner = tuned.best(Mode::UNCHECKED).map(|best| true_ns(&best.code_hash));
        let is_right = winner.is_some_and(|ns| ns <= allowed * true_ns(right));
        (!is_right).then(|| format!("{winner:?} ns won where {} ns is right", true_ns(right)))
    }

    /// Everybody must have been timed but the culprit in the phase in which it misbehaves.
    fn wrong_blame(&self, healthy: &Healthy, store: &Store) -> Vec<String> {
        let phase = if matches!(self.hit, Hit::BestInRace) { Phase::Knockout } else { Phase::Search };
        let mut wrong = Vec::new();
        for phase_of in [Phase::Search, Phase::Knockout, Phase::Final] {
            for record in records(store, phase_of).into_values().flatten() {
                let is_culprit = record.code_hash == healthy.best && phase_of == phase;
                let is_right = match (&self.want, &record.outcome) {
                    (Want::Rejected(stage, part), Outcome::Rejected(rejection)) if is_culprit => {
                        rejection.stage == *stage && rejection.why.contains(part)
                    }
                    (Want::Rejected(..), Outcome::Timed { .. }) => !is_culprit,
                    (Want::Timed(..), Outcome::Timed { .. }) => true,
                    _ => false,
                };
                if !is_right {
                    wrong.push(format!("{phase_of:?} {}: {}", record.code_hash, short(&record.outcome)));
                }
            }
        }
        wrong
    }

    fn line(&self, replaced: u64) -> String {
        let did = match self.want {
            Want::Rejected(stage, why) => format!("rejected the candidate at `{stage}`: “{why}”"),
            Want::Timed(_, how) => how.to_owned(),
        };
        let replaced = match replaced {
            0 => String::new(),
            1 => "; replaced the worker once".to_owned(),
            2 => "; replaced the worker twice".to_owned(),
            times => format!("; replaced the worker {times} times"),
        };
        let winner = match self.want {
            Want::Timed(allowed, _) if allowed > 1.0 => {
                format!("a winner within {:.0} % of the best", 100.0 * (allowed - 1.0))
            }
            _ => "the right winner".to_owned(),
        };
        format!("| {} | {did}{replaced} | finished, {winner}, {TRIALS} of {TRIALS} trials kept |", self.name)
    }
}

fn short(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Timed { .. } => "timed".to_owned(),
        Outcome::Rejected(Rejection { stage, why }) => format!("{stage}: {why}"),
    }
}

/// Room enough for everybody but the one that takes memory without end.
const LIMITS: Limits =
    Limits { opening: Duration::from_secs(60), grace: Duration::from_millis(200), memory_bytes: 1 << 28 };

/// A supervisor whose jobs get short deadlines where one is to be overrun.
struct Hasty {
    supervisor: Supervisor,
    hangs: bool,
}

impl Backend for Hasty {
    fn facts(&self) -> &DeviceFacts {
        self.supervisor.facts()
    }

    fn is_isolated(&self) -> bool {
        self.supervisor.is_isolated()
    }

    fn renew(&mut self) -> bool {
        self.supervisor.renew()
    }

    fn execute(&mut self, job: &Job, steps: &mut dyn Steps) -> JobReport {
        let mut job = job.clone();
        if self.hangs {
            job.deadlines = Deadlines { compile_ms: 2000, run_ms: 2000, ..job.deadlines };
        }
        self.supervisor.execute(&job, steps)
    }
}

/// What the loop said of each trial as it ended.
#[derive(Default)]
struct Seen(Vec<(BTreeMap<String, wgtune::space::Value>, Outcome)>);

impl Watch for Seen {
    fn trial(&mut self, progress: &Progress) {
        self.0.push((progress.config.values(), progress.outcome.clone()));
    }
}

fn run(device: &mut dyn Backend, store: &mut Store, seen: &mut Seen) -> Tuned {
    let settings = Settings { strategy: "random".parse().unwrap(), trials: TRIALS, ..Settings::default() };
    tune(device, store, &resolve(WORKLOAD).unwrap(), &settings, seen).unwrap()
}

/// The records of a phase by their programs.
fn records(store: &Store, phase: Phase) -> BTreeMap<String, Vec<Record>> {
    let mut by_hash: BTreeMap<String, Vec<Record>> = BTreeMap::new();
    for record in store.query(&Filter { phase: Some(phase), ..Filter::default() }).unwrap() {
        by_hash.entry(record.code_hash.clone()).or_default().push(record);
    }
    by_hash
}

fn page(lines: &[String]) -> String {
    format!(
        "# Chaos

What the tuner did with a machine that misbehaves, in a worker process. `cargo test --test chaos` runs every row and
fails when this page says anything else. Each run searches {TRIALS} candidates of a small workload and races the best.
The fault hits the candidate that would have won, or, where a clock or a driver is at fault, all of them.

| fault | what the tuner did | outcome |
|---|---|---|
{}

A worker that crashes after it has executed other jobs is replaced and the candidate tried once more in the fresh one:
an earlier candidate may have spoilt its memory. So most crashes replace the worker twice.

The same test has real ones on the software Vulkan device (`tests/chaos/real.rs`): a kernel with hours of work is killed
at its deadline, and a store far beyond an array of the workgroup, with run-time checks off, kills the worker by a signal.
In both cases the next job runs right, in another worker.
",
        lines.join("\n")
    )
}

fn compare_with_page(text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/chaos.md");
    if std::env::var_os("WGTUNE_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert_eq!(page, text, "docs/chaos.md differs; `WGTUNE_BLESS=1 cargo test --test chaos` writes it anew");
}
