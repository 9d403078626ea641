//! What was found out on the device at hand: winners of races, and verdicts of self-tests. An application may store it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Device, Mode, PartHash};

/// Results that hold on this machine. Choosing consults them; what they say of other packs and devices does no harm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Decisions {
    races: BTreeMap<String, String>,
    verdicts: BTreeMap<String, BTreeMap<PartHash, Verdict>>,
}

/// How a program's self-test went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Its results were right.
    Passed,
    /// Its results were wrong, or it could not be run; why.
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

    pub(crate) fn verdicts_on(&self, device: &Device, mode: Mode) -> Option<&BTreeMap<PartHash, Verdict>> {
        self.verdicts.get(&place(device, mode))
    }
}

fn place(device: &Device, mode: Mode) -> String {
    format!("{} {}", device.id(), mode.name())
}
