//! How much is tried on the way down the ladder.

use super::Rung;
use crate::limits::{MOST_TRIES, MOST_TRIES_BELOW};

/// Programs that were tried and may be tried still: [`MOST_TRIES`] in all, and [`MOST_TRIES_BELOW`] on each rung in any case, so
/// that what fails on one rung leaves the next its chance.
#[derive(Clone, Copy, Debug)]
pub struct Tries {
    made: usize,
    most: usize,
    rung: Rung,
}

impl Default for Tries {
    /// On the first rung.
    fn default() -> Self {
        Self { made: 0, most: MOST_TRIES, rung: Rung::Exact }
    }
}

impl Tries {
    /// Goes on with this rung, if it is another one.
    pub fn descend(&mut self, rung: Rung) {
        if rung != self.rung {
            (self.rung, self.most) = (rung, self.most.max(self.made + MOST_TRIES_BELOW));
        }
    }

    /// Takes one, if one is left on this rung.
    pub fn take(&mut self) -> bool {
        let is_left = self.are_left();
        self.made += usize::from(is_left);
        is_left
    }

    /// Whether one is left on this rung.
    pub fn are_left(&self) -> bool {
        self.made < self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rung_has_its_share() {
        let mut tries = Tries::default();
        let mut taken = Vec::new();
        for (rung, wanted) in Rung::LADDER.into_iter().zip([10, 100, 3, 0, 100, 100]) {
            tries.descend(rung);
            taken.push((0..wanted).filter(|_| tries.take()).count());
        }
        assert_eq!(taken, [10, 22, 3, 0, 8, 8]);
    }
}
