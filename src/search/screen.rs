//! A search as those see it who measure: what the oracle refuses never reaches them, and teaches the searcher.

use std::collections::HashSet;
use std::sync::Arc;

use super::validity::{Init, Judged, Plan, judge};
use super::{Choice, Searcher, Task, Trial};
use crate::record::Oracle;
use crate::space::Config;

/// How many configs in a row an oracle may refuse before a search is given up: about a second of checks.
const MOST_REFUSALS: usize = 1000;

/// A search under way, with the cheap checks done before anything is proposed.
pub struct Search {
    searcher: Box<dyn Searcher>,
    /// Whom each proposal is shown to.
    oracle: Option<Arc<dyn Oracle>>,
    judged: Arc<Judged>,
    /// What need not be asked again.
    valid: HashSet<Config>,
    gave_up: bool,
}

impl Search {
    /// Starts a strategy on a task, after the oracle was asked where the task wants that.
    pub fn start(choice: &Choice, task: Task) -> Self {
        let judged = match (&task.oracle, task.init) {
            (Some(oracle), Init::Validity) => {
                Arc::new(judge(&task, oracle.as_ref(), Plan::of(task.budget, task.labels)))
            }
            _ => task.judged.clone(),
        };
        let oracle = task.oracle.clone().filter(|_| task.is_screened);
        let valid = judged.valid.iter().cloned().collect();
        let task = Task { judged: judged.clone(), ..task };
        Self { searcher: (choice.strategy.start)(task, choice), oracle, judged, valid, gave_up: false }
    }

    /// What the oracle said before the search began.
    pub fn judged(&self) -> &Judged {
        &self.judged
    }

    /// Up to `n` configs to try next, none of which the oracle refuses. An empty answer means that nothing is left, or
    /// that a thousand in a row were refused.
    pub fn ask(&mut self, n: usize) -> Vec<Config> {
        let mut passed = Vec::new();
        let mut refusals = 0;
        while passed.len() < n && refusals < MOST_REFUSALS {
            let asked = self.searcher.ask(n - passed.len());
            if asked.is_empty() {
                break;
            }
            let (fine, refused): (Vec<_>, Vec<_>) =
                asked.into_iter().map(|config| self.judge(config)).partition(Result::is_ok);
            let refused: Vec<Trial> = refused.into_iter().filter_map(Result::err).collect();
            let some_passed = !fine.is_empty();
            passed.extend(fine.into_iter().flatten());
            refusals = if some_passed { 0 } else { refusals + refused.len() };
            self.searcher.tell(&refused);
        }
        self.gave_up = passed.is_empty() && refusals >= MOST_REFUSALS;
        passed
    }

    /// Takes results in, failures too, in any order and number.
    pub fn tell(&mut self, trials: &[Trial]) {
        self.searcher.tell(trials);
    }

    /// Whether the last answer was empty for a thousand refusals in a row, and not because nothing is left.
    pub fn gave_up(&self) -> bool {
        self.gave_up
    }

    fn judge(&self, config: Config) -> Result<Config, Trial> {
        let oracle = self.oracle.as_ref().filter(|_| !self.valid.contains(&config));
        match oracle.map_or(Ok(()), |oracle| oracle.verdict(&config)) {
            Ok(()) => Ok(config),
            Err(rejection) => Err(Trial { config, result: Err(rejection.stage) }),
        }
    }
}
