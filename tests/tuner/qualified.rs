//! What is wrong where it is checked in full does not win, and costs nobody else the win.

use wgtune::backend::{Backend, EntrantReport, Job, JobReport, Steps};
use wgtune::base::DeviceFacts;
use wgtune::record::{Mode, Phase, Rejection, Stage};
use wgtune::store::Store;
use wgtune::tune::{Settings, Unwatched, tune};

use super::bench::{Bench, Invented, healthy, in_random_order};

/// A device on which one program is right only where it is checked lightly.
struct Flattering {
    device: Invented,
    wrong: String,
}

impl Backend for Flattering {
    fn facts(&self) -> &DeviceFacts {
        &self.device.facts
    }

    fn execute(&mut self, job: &Job, steps: &mut dyn Steps) -> JobReport {
        let mut report = self.device.execute(job, steps);
        for (entrant, told) in job.entrants.iter().zip(&mut report.entrants) {
            if job.gates.len() > 2 && entrant.program.hash() == self.wrong {
                *told = EntrantReport::rejected(Rejection::new(Stage::Verify, "on command"));
            }
        }
        report
    }
}

/// It is left out, those that it knocked out are given another chance, and later runs know.
#[test]
fn what_does_not_qualify_costs_nobody_else_the_win() {
    let mut bench = Bench::new();
    let (plain, _) = bench.run(20, 0, healthy);
    let wrong = plain.best(Mode::UNCHECKED).unwrap().code_hash.clone();
    let mut searched = bench.records(Phase::Search);
    searched.sort_by(|a, b| a.outcome.median_ns().unwrap().total_cmp(&b.outcome.median_ns().unwrap()));
    let second = searched.iter().map(|record| &record.code_hash).find(|hash| **hash != wrong).unwrap().clone();
    let mut store = Store::in_memory().unwrap();
    let settings = Settings { trials: 20, ..in_random_order() };
    for run in 0..2 {
        let device = Invented { facts: bench.facts.clone(), trouble: healthy, jobs: 0 };
        let mut device = Flattering { device, wrong: wrong.clone() };
        let tuned = tune(&mut device, &mut store, &bench.signature, &settings, &mut Unwatched).unwrap();
        assert_eq!(tuned.best(Mode::UNCHECKED).unwrap().code_hash, second, "run {run}");
        // Twenty trials, two knockouts and the final race; then all is recalled.
        assert_eq!(device.device.jobs, [23, 0][run], "run {run}");
        let best = store.best(&tuned.workload, Some(&tuned.device), Mode::UNCHECKED).unwrap().unwrap();
        assert_eq!(best.code_hash, second, "run {run}");
    }
}
