//! What was found out on the device at hand: winners of races, verdicts of self-tests, and what is refused at certain sizes. An
//! application may store it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Device, Dims, Mode, PartHash, VerifiedProgram};

/// Results that hold on this machine. Choosing consults them; what they say of other packs and devices does no harm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Decisions {
    races: BTreeMap<String, String>,
    verdicts: BTreeMap<String, BTreeMap<PartHash, Verdict>>,
    /// Not stored: a device that is opened with other limits may refuse other things, and it takes no run to find out.
    #[serde(skip)]
    refusals: BTreeMap<String, Refusals>,
}

/// Why programs cannot be run at certain sizes, by what [`shape`] calls them.
pub(crate) type Refusals = BTreeMap<(PartHash, String), String>;

/// What is known of a program, at all sizes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The results of its self-test were right.
    Passed,
    /// They were wrong, it did not end, or it could not be compiled; why. It is not trusted at any size.
    Failed(String),
}

impl Decisions {
    /// The id of the entry that won the race of that name.
    pub fn winner(&self, race: &str) -> Option<&str> {
        self.races.get(race).map(String::as_str)
    }

    /// Keeps that an entry won a race. The name is [`Choice::race`](crate::Choice::race).
    pub fn keep_winner(&mut self, race: &str, entry: &str) {
        self.races.insert(race.to_owned(), entry.to_owned());
    }

    /// How a program's self-test went on a device in a mode: what drivers make of it differs.
    pub fn verdict(&self, device: &Device, mode: Mode, program: PartHash) -> Option<&Verdict> {
        self.verdicts_on(device, mode)?.get(&program)
    }

    /// Keeps how a program's self-test went on a device in a mode. One that failed is not chosen there again.
    pub fn keep_verdict(&mut self, device: &Device, mode: Mode, program: PartHash, verdict: Verdict) {
        self.verdicts.entry(place(device, mode)).or_default().insert(program, verdict);
    }

    /// Why a program cannot be run on a device at its sizes, though it may at others.
    pub fn refusal(&self, device: &Device, mode: Mode, program: &VerifiedProgram) -> Option<&str> {
        self.refusals_on(device, mode)?.get(&(program.hash(), program.shape())).map(String::as_str)
    }

    /// Keeps that a device refuses a program at its sizes, such as by a limit: it is not chosen there again for these. What computes
    /// wrong results, or cannot be compiled, deserves a [`Verdict`]. Refusals last as long as this, and are not stored with it.
    pub fn keep_refusal(&mut self, device: &Device, mode: Mode, program: &VerifiedProgram, why: &str) {
        let refusals = self.refusals.entry(place(device, mode)).or_default();
        refusals.insert((program.hash(), program.shape()), why.to_owned());
    }

    pub(crate) fn refusals_on(&self, device: &Device, mode: Mode) -> Option<&Refusals> {
        self.refusals.get(&place(device, mode))
    }

    pub(crate) fn verdicts_on(&self, device: &Device, mode: Mode) -> Option<&BTreeMap<PartHash, Verdict>> {
        self.verdicts.get(&place(device, mode))
    }
}

/// What an operation at certain sizes of its free dims is called: `e1ca33fdf85eddf9 b1k256m256n256`.
pub(crate) fn shape(operation: &str, dims: &Dims) -> String {
    let sizes: String = dims.iter().map(|(name, size)| format!("{name}{size}")).collect();
    format!("{operation} {sizes}")
}

fn place(device: &Device, mode: Mode) -> String {
    format!("{} {}", device.id(), mode.name())
}
