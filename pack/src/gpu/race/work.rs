//! Contenders of tests, whose times are known.

use super::pace::{Divisible, FIRST_WORKGROUPS};

/// So many workgroups of so many, all of which take so long where so many run at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Work {
    pub count: u32,
    pub of: u32,
    pub seconds: f64,
    pub wide: u32,
    pub is_divisible: bool,
}

impl Work {
    pub fn new(of: u32, seconds: f64, wide: u32) -> Self {
        Self { count: of, of, seconds, wide, is_divisible: true }
    }

    /// How long it takes, in seconds.
    pub fn takes(&self) -> f64 {
        let waves = |count: u32| f64::from(count.div_ceil(self.wide));
        self.seconds * waves(self.count) / waves(self.of)
    }
}

impl Divisible for Work {
    fn least_share(&self) -> f64 {
        f64::from(FIRST_WORKGROUPS) / f64::from(self.of)
    }

    fn is_handful(&self) -> bool {
        self.of <= 16
    }

    fn part(&self, share: f64) -> Option<(Self, f64)> {
        let count = (share * f64::from(self.of)).ceil() as u32;
        let part = Self { count, ..*self };
        (self.is_divisible && count < self.of).then(|| (part, f64::from(count) / f64::from(self.of)))
    }
}
