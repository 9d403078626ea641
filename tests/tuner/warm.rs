//! Warm starts lead the searcher, have one source, and are no results.

use wgtune::interchange::{Import, Recording};
use wgtune::record::{Mode, Phase};
use wgtune::search::{Choice, Searcher, Strategy, Trial};
use wgtune::space::Config;
use wgtune::tune::{Settings, WarmStart};

use super::bench::{Bench, HERE, of_one_template};

/// Asks for what it was told beforehand, the fastest first, and for nothing else.
static FOLLOWER: Strategy = Strategy {
    name: "follower",
    about: "a test's own",
    options: &[],
    start: |task, _| {
        let mut warm = task.warm;
        warm.sort_by(|a, b| b.result.unwrap_or(f64::MAX).total_cmp(&a.result.unwrap_or(f64::MAX)));
        Box::new(Follower(warm.into_iter().map(|trial| trial.config).collect()))
    },
};

struct Follower(Vec<Config>);

impl Searcher for Follower {
    fn ask(&mut self, n: usize) -> Vec<Config> {
        (0..n).filter_map(|_| self.0.pop()).collect()
    }

    fn tell(&mut self, trials: &[Trial]) {
        self.0.retain(|config| trials.iter().all(|trial| trial.config != *config));
    }
}

#[test]
fn a_warm_start_leads_the_searcher_and_is_no_result() {
    let mut runs = [true, false, true].map(|warm_start| {
        let mut bench = Bench::new();
        let elsewhere = bench.visit(HERE, "another device", 30);
        bench.settings = Settings { strategy: Choice::plain(&FOLLOWER), warm_start, ..of_one_template() };
        let here = bench.visit(HERE, "this device", 10);
        let asked = bench.records(Phase::Search).into_iter().filter(|record| record.device.adapter == "this device");
        (elsewhere, here, asked.map(|record| record.values).collect::<Vec<_>>())
    });
    let (elsewhere, warm, asked) = &mut runs[0];
    let want = WarmStart { workload: HERE.to_owned(), device: "another device".to_owned(), trials: 30 };
    assert_eq!((warm.templates[0].warm.as_ref(), warm.trials, warm.remembered), (Some(&want), 10, 0));
    asked.reverse();
    assert_eq!(asked[1], elsewhere.best(Mode::UNCHECKED).unwrap().values, "the first after the default");
    asked.reverse();
    let (_, cold, asked_cold) = &runs[1];
    assert_eq!(
        (&cold.templates[0].warm, cold.trials, asked_cold.len()),
        (&None, 1, 1),
        "without hints it asks for nothing"
    );
    assert_eq!(runs[0].2, runs[2].2, "the same store gives the same search");
}

/// What lies in the store by workload, device and trials, and where the search of [`HERE`] on `this device` starts.
type Choosing<'a> = (&'a [(&'a str, &'a str, usize)], Option<(&'a str, &'a str)>);

#[test]
fn a_warm_start_has_one_source_the_nearest_with_enough_trials() {
    let (near, nearer, far) = ("matmul:f32:m66n34k7", "matmul:f32:m33n17k8", "matmul:f32:m33n17k700");
    let cases: [Choosing; 9] = [
        (&[], None),
        (&[(HERE, "this device", 20)], None),
        (&[(far, "this device", 20), (near, "another device", 20)], None),
        (&[("matmul:f32:m33n17k7+relu", "this device", 20), ("matmul:f16:m33n17k7", "this device", 20)], None),
        (&[(near, "this device", 20)], Some((near, "this device"))),
        (&[(near, "this device", 20), (nearer, "this device", 20)], Some((nearer, "this device"))),
        (&[(near, "this device", 40), (nearer, "this device", 4)], Some((near, "this device"))),
        (&[(near, "this device", 20), (HERE, "another device", 20)], Some((HERE, "another device"))),
        (&[(nearer, "this device", 2), (HERE, "another device", 2)], None),
    ];
    for (kept, want) in cases {
        let mut bench = Bench::new();
        for (workload, adapter, trials) in kept {
            bench.visit(workload, adapter, *trials);
        }
        let warm = bench.visit(HERE, "this device", 1).templates.remove(0).warm;
        let source = warm.as_ref().map(|warm| (warm.workload.as_str(), warm.device.as_str()));
        assert_eq!(source, want, "from {kept:?}");
    }
}

/// What others have recorded: so many trials of a workload on a device, under the names of our parameters or others.
fn import(bench: &mut Bench, workload: &str, device: &str, trials: usize, foreign: bool) {
    let mut elsewhere = Bench::new();
    elsewhere.visit(workload, device, trials);
    let mut recording = Recording::from_records(&elsewhere.records(Phase::Search)).unwrap();
    if foreign {
        recording.params.iter_mut().for_each(|param| param.name.insert_str(0, "their_"));
    }
    let run = bench.store.new_run().unwrap();
    let import = Import { workload: workload.to_owned(), device: device.to_owned(), run, at_ms: 0 };
    bench.store.insert_all(&recording.records(&import)).unwrap();
}

/// What is imported (workload, device, trials, whether its names are not ours), what was searched (workload, device,
/// trials), and where the search of [`HERE`] on `this device` starts: the source and its trials.
type Importing<'a> =
    (&'a [(&'a str, &'a str, usize, bool)], &'a [(&'a str, &'a str, usize)], Option<(&'a str, &'a str, usize)>);

#[test]
fn imported_trials_start_a_search_where_their_names_are_ours() {
    let (near, far) = ("matmul:f32:m66n34k7", "matmul:f32:m33n17k700");
    let foreign = ["a", "b", "c", "d", "e"].map(|device| (HERE, device, 30, true));
    let cases: [Importing; 9] = [
        (&[(HERE, "another device", 20, false)], &[], Some((HERE, "another device", 20))),
        (&[(HERE, "this device", 20, false)], &[], Some((HERE, "this device", 20))),
        (&[(near, "this device", 20, false)], &[], Some((near, "this device", 12))),
        (&[(near, "another device", 20, false), (far, "this device", 20, false)], &[], None),
        (&[(HERE, "another device", 20, true)], &[], None),
        (&[(HERE, "another device", 2, false)], &[], None),
        (&foreign, &[(HERE, "another device", 4)], Some((HERE, "another device", 4))),
        (&[(HERE, "theirs", 20, false)], &[(HERE, "ours", 20)], Some((HERE, "ours", 20))),
        (&[(HERE, "theirs", 21, false)], &[(HERE, "ours", 20)], Some((HERE, "theirs", 21))),
    ];
    for (imported, searched, want) in cases {
        let mut bench = Bench::new();
        for (workload, device, trials, foreign) in imported {
            import(&mut bench, workload, device, *trials, *foreign);
        }
        bench.settings.warm_start = false;
        for (workload, device, trials) in searched {
            bench.visit(workload, device, *trials);
        }
        bench.settings.warm_start = true;
        let tuned = bench.visit(HERE, "this device", 2);
        let warm = tuned.templates[0].warm.as_ref();
        let warm = warm.map(|warm| (warm.workload.as_str(), warm.device.as_str(), warm.trials));
        assert_eq!((warm, tuned.remembered), (want, 0), "from {imported:?} and {searched:?}");
    }
}
