//! Tunes with a search strategy of your own, a hill climber: `cargo run --example 03_your_searcher`.

use std::collections::HashSet;
use std::error::Error;

use wgtune::backend::DeviceChoice;
use wgtune::backend::wgpu::WgpuBackend;
use wgtune::base::{Random, seeded};
use wgtune::op::resolve;
use wgtune::report;
use wgtune::search::{Choice, Searcher, Strategy, Task, Trial};
use wgtune::space::Config;
use wgtune::store::Store;
use wgtune::tune::{Progress, Settings, Watch, tune};

/// A strategy is a name and a way to start. One in `src/search/` with a line in its list is on the command line too.
static HILL: Strategy = Strategy {
    name: "hill",
    about: "a step from the best so far; anywhere else when none is left",
    options: &[],
    start: |task, _| {
        Box::new(HillClimber { random: seeded(task.seed, "hill"), seen: HashSet::new(), best: None, task })
    },
};

struct HillClimber {
    task: Task,
    random: Random,
    seen: HashSet<Config>,
    best: Option<(Config, f64)>,
}

impl Searcher for HillClimber {
    /// A space gives legal configs only, so there are no rules to check here.
    fn ask(&mut self, n: usize) -> Vec<Config> {
        let steps = self.best.iter().flat_map(|(best, _)| self.task.space.neighbours(best)).collect::<Vec<_>>();
        let jumps = (0..100).filter_map(|_| self.task.space.sample(&mut self.random));
        steps.into_iter().chain(jumps).filter(|config| self.seen.insert(config.clone())).take(n).collect()
    }

    /// The hand-made default is told first, without having been asked for.
    fn tell(&mut self, trials: &[Trial]) {
        self.seen.extend(trials.iter().map(|trial| trial.config.clone()));
        let timed = trials.iter().filter_map(|trial| Some((trial.config.clone(), trial.result.ok()?)));
        self.best = self.best.take().into_iter().chain(timed).min_by(|a, b| a.1.total_cmp(&b.1));
    }
}

/// Prints the search as it goes.
struct Printer;

impl Watch for Printer {
    fn trial(&mut self, progress: &Progress) {
        let time = progress.outcome.median_ns().map_or("rejected".to_owned(), report::time);
        println!("trial {}: {time} with {}", progress.done, progress.config);
    }
}

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let signature = resolve("matmul:f32:m64n48k32")?;
    let open = |choice| WgpuBackend::open(&choice);
    let mut device = open(DeviceChoice::Automatic).or_else(|_| open(DeviceChoice::Software))?;
    let settings = Settings { strategy: Choice::plain(&HILL), trials: 12, ..Settings::default() };
    let tuned = tune(&mut device, &mut Store::in_memory()?, &signature, &settings, &mut Printer)?;
    println!("{} trials by {}, then a race of {}", tuned.trials, HILL.name, tuned.finalists.len());
    Ok(())
}
