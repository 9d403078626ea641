//! What the numbers of a recording count: nanoseconds, or cycles of a simulated accelerator.

use super::time::{MILLISECONDS, from_ns, to_ns};
use crate::record::Clock;
use serde_json::value::RawValue;

/// What the numbers of a recording count. Numbers of different units are never compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds; files of other programs have milliseconds and say `time`.
    #[default]
    Nanoseconds,
    /// Cycles, which stand where nanoseconds do elsewhere. Files say `cycles` instead of `time`.
    Cycles,
}

impl Unit {
    /// Both.
    pub(super) const ALL: [Unit; 2] = [Self::Nanoseconds, Self::Cycles];

    /// The unit of what a clock says.
    pub fn of(clock: Clock) -> Self {
        if clock == Clock::Cycles { Self::Cycles } else { Self::Nanoseconds }
    }

    /// The clock that recordings in this unit were taken by. They state what the device's own timers say, without saying so.
    pub fn clock(self) -> Clock {
        match self {
            Self::Nanoseconds => Clock::Device,
            Self::Cycles => Clock::Cycles,
        }
    }

    /// What it calls the objective of a search in files of other programs.
    pub(super) fn objective(self) -> &'static str {
        match self {
            Self::Nanoseconds => "time",
            Self::Cycles => "cycles",
        }
    }

    /// The unit of an objective.
    pub(super) fn of_objective(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.objective() == name)
    }

    /// How many places the point moves from what such files have to what recordings have.
    pub(super) fn places(self) -> i32 {
        match self {
            Self::Nanoseconds => MILLISECONDS,
            Self::Cycles => 0,
        }
    }

    /// A number as such files have it.
    pub(super) fn written(self, number: f64) -> Box<RawValue> {
        from_ns(number, self.places())
    }

    /// What such a file's number is in a recording; `None` if it is none, or none that something can have taken.
    pub(super) fn read(self, number: &RawValue) -> Option<f64> {
        to_ns(number.get(), self.places())
    }
}
