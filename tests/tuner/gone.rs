//! A device that goes away: a moment later it may be back, else the search ends, and nothing is lost.

use wgtune::backend::{Backend, Job, JobReport, Steps};
use wgtune::base::DeviceFacts;
use wgtune::measure::MeasureError;
use wgtune::op::resolve;
use wgtune::record::{Rejection, Stage};
use wgtune::store::{Filter, Store};
use wgtune::tune::{Settings, TuneError, Unwatched, tune};

use super::bench::{HERE, Invented, healthy, in_random_order};
use super::recalled::flights;

/// How many trials a run has.
const TRIALS: usize = 6;

/// A device that is there for so many jobs, and then refuses so many.
struct Leaving {
    device: Invented,
    after: usize,
    refuses: usize,
    is_gone: bool,
}

impl Backend for Leaving {
    fn facts(&self) -> &DeviceFacts {
        &self.device.facts
    }

    fn execute(&mut self, job: &Job, steps: &mut dyn Steps) -> JobReport {
        self.is_gone = self.device.jobs >= self.after && self.refuses > 0;
        if self.is_gone {
            self.refuses -= 1;
            return JobReport::failed(job, &Rejection::new(Stage::Run, "unplugged"));
        }
        self.device.execute(job, steps)
    }

    fn gone(&self) -> Option<&str> {
        self.is_gone.then_some("unplugged")
    }
}

/// Jobs are trials, then the knockout, then the final race.
#[test]
fn a_search_ends_with_its_device_and_goes_on_when_it_is_back() {
    for (after, kept) in [(0, 0), (3, 3), (TRIALS, TRIALS), (TRIALS + 1, TRIALS)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trials.db");
        let mut store = Store::open(&path).unwrap();
        let mut run = |refuses| {
            let device = Invented { facts: DeviceFacts::portable(), trouble: healthy, jobs: 0 };
            let mut device = Leaving { device, after, refuses, is_gone: false };
            let settings = Settings { trials: TRIALS, ..in_random_order() };
            tune(&mut device, &mut store, &resolve(HERE).unwrap(), &settings, &mut Unwatched)
        };
        let error = run(usize::MAX).unwrap_err();
        assert!(matches!(&error, TuneError::Measure(MeasureError::Gone { .. })), "{error}");
        assert!(error.to_string().contains("is gone and cannot be opened again: unplugged; "), "{error}");
        assert_eq!(flights(&path), 0, "nobody is to blame");
        let tuned = run(0).unwrap();
        assert_eq!((tuned.trials, tuned.remembered), (TRIALS, kept), "after {after} jobs");
        assert!(store.query(&Filter { quarantined: true, ..Filter::default() }).unwrap().is_empty());
    }
}

#[test]
fn a_device_that_comes_back_costs_no_trial() {
    let device = Invented { facts: DeviceFacts::portable(), trouble: healthy, jobs: 0 };
    let mut device = Leaving { device, after: 3, refuses: 2, is_gone: false };
    let settings = Settings { trials: TRIALS, ..in_random_order() };
    let mut store = Store::in_memory().unwrap();
    let tuned = tune(&mut device, &mut store, &resolve(HERE).unwrap(), &settings, &mut Unwatched).unwrap();
    assert_eq!((tuned.trials, tuned.rejected.len(), device.refuses), (TRIALS, 0, 0));
}
