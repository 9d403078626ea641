//! How long the first laps of a contender should take: what is left of the budget, and how fast the others were, decide.

use super::decide::CLEARLY;

/// How long laps should take, in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Aim {
    /// About so long, so that all contenders have enough laps within the budget.
    pub wanted: f64,
    /// A lap that takes so long says enough, also of a part from which nothing follows for the rest.
    pub enough: f64,
    /// What takes less is run again where it is the first lap of all.
    pub again: f64,
    budget: f64,
    /// The fastest whole run so far; infinite before there is one.
    best: f64,
    is_default: bool,
}

/// Laps of all contenders that the budget has room for, if each is as long as it should be: those before the rounds, and enough
/// rounds to tell something.
const LAPS: f64 = 12.0;

/// The share of the budget that a first lap takes that is long: what it may have had to wait for is little beside it.
const LONG: f64 = 0.125;

/// How many times the budget a part of the default may take, to find out whether it is slower than another.
const MOST_BUDGETS: f64 = 2.0;

/// How many times as large the next part is, at least and at most.
const GROWTH: [f64; 2] = [4.0, 64.0];

/// How much more a part should take than it must to say enough.
const BEYOND: f64 = 1.25;

impl Aim {
    /// For the next of so many contenders; the fastest of those before takes `best` seconds. One that takes clearly longer than
    /// that has shown enough, and so has one that takes its share of the budget. The first one may take all of it, since the others
    /// are compared with it; the default more than that, since it must be known that it is slower.
    pub fn new(budget: f64, contenders: usize, best: f64, is_default: bool) -> Self {
        let share = budget / contenders as f64;
        let most = match (best.is_finite(), is_default) {
            (false, _) => budget,
            (true, true) => MOST_BUDGETS * budget,
            (true, false) => share,
        };
        let wanted = share / LAPS;
        let enough = (CLEARLY * best).clamp(wanted, most);
        // Who is out by accident costs speed; the default must not be.
        let again = if is_default { LONG * budget } else { enough.min(LONG * budget) };
        Self { wanted, enough, again, budget, best, is_default }
    }

    /// Whether there is somebody to compare with.
    pub fn has_rival(&self) -> bool {
        self.best.is_finite()
    }

    /// How many times as large as a part that took so long the next one should be.
    pub fn growth(&self, took: f64) -> f64 {
        let [least, most] = GROWTH;
        let long = BEYOND * self.budget.max(self.enough) / took;
        (self.wanted / took).clamp(least, most).min(long)
    }

    /// How far from the truth it may be that a whole run takes so many seconds, where a part took the one time and a larger one, of
    /// this share, the other. Workgroups run in waves of as many as the device holds, and the last wave of a part may be nearly
    /// empty: so its share of all waves may be smaller than that of all workgroups, by one wave. No wave takes longer than the
    /// smaller part.
    pub fn doubt(&self, seconds: f64, [shorter, took]: [f64; 2], share: f64) -> f64 {
        let (least, most) = ((took - shorter) / share, took / share + shorter);
        let doubt = if self.is_default { seconds / least } else { most / seconds };
        doubt.max(1.0 + share)
    }

    /// What a whole run takes of which this share takes so long, in doubt: the default nothing more, another as if nothing
    /// were run side by side.
    pub fn doubted(&self, took: f64, share: f64) -> f64 {
        if self.is_default { took } else { took / share }
    }
}
