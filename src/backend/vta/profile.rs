//! Memory profiles: what reads from DRAM cost, by name.

/// What memory costs, in cycles of the accelerator, and what else a board's core does otherwise than the pipelined one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name on the command line, after `vta:`.
    pub name: &'static str,
    /// What it stands for.
    pub about: &'static str,
    /// From a read command to its first beat. The core cannot do with fewer than [`LEAST_LATENCY`].
    pub latency: u64,
    /// Idle cycles between two read commands.
    pub gap: u64,
    /// Tenths of a cycle that one beat of 8 bytes takes.
    pub beat_tenths: u64,
    /// Cycles of one element of an ALU instruction with a number; with a second accumulator it is two in any case.
    pub alu_interval: u64,
    /// Cycles before the first instruction is fetched, beside those of the core.
    pub launch: u64,
}

/// The fewest cycles from a read command to its first beat.
pub const LEAST_LATENCY: u64 = 2;

/// The named profiles; the first is that of `--device vta`.
pub const PROFILES: &[Profile] = &[
    Profile {
        name: "tsim",
        about: "the cycle-accurate simulator of VTA: 16 cycles to the first beat, 2 between commands",
        latency: 16,
        gap: 2,
        beat_tenths: 10,
        alu_interval: 1,
        launch: 0,
    },
    Profile {
        name: "pynq-z1",
        about: "a PYNQ-Z1 at 100 MHz: fitted to ten times that TopHub has of it",
        latency: 16,
        gap: 10,
        beat_tenths: 22,
        alu_interval: 2,
        launch: 11_900,
    },
    Profile {
        name: "ideal",
        about: "memory without latency: a beat in every cycle",
        latency: 0,
        gap: 0,
        beat_tenths: 10,
        alu_interval: 1,
        launch: 0,
    },
];

impl Profile {
    /// The profile of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PROFILES.iter().find(|profile| profile.name == name)
    }

    /// Memory with so many cycles to the first beat and between commands, a beat in each cycle.
    pub fn memory(latency: u64, gap: u64) -> Self {
        Self { name: "given", about: "as given", latency, gap, beat_tenths: 10, alu_interval: 1, launch: 0 }
    }

    /// Cycles from the first of so many beats to the end of the last.
    pub(super) fn span(&self, beats: u64) -> u64 {
        (beats * self.beat_tenths).div_ceil(10)
    }
}
