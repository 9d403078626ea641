//! The rungs of the ladder: how close those who measured are to the device at hand.

use std::fmt;

use super::Candidate;
use crate::{Device, Entry, Pack, Portfolio};

/// On what grounds a program was chosen, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// It was measured on this device with this driver, API and compiler.
    Exact,
    /// It was measured on a device of the same architecture.
    Architecture,
    /// It was measured on another device of the same vendor.
    Vendor,
    /// It was measured on a device with the same subgroups, workgroup memory, f16 and matrices.
    Class,
    /// It belongs to the few that together suit all known devices.
    Portfolio,
    /// It is right everywhere, and fast nowhere in particular.
    Default,
    /// There is no program.
    Miss,
}

impl Rung {
    /// Those that may have a program, in order.
    pub const LADDER: [Self; 6] =
        [Self::Exact, Self::Architecture, Self::Vendor, Self::Class, Self::Portfolio, Self::Default];

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Architecture => "architecture",
            Self::Vendor => "vendor",
            Self::Class => "capability class",
            Self::Portfolio => "portfolio",
            Self::Default => "portable default",
            Self::Miss => "miss",
        }
    }

    /// The rungs on which evidence of another device counts for this one.
    pub(super) fn joining(device: &Device, measured: &Device) -> Vec<Self> {
        let are_both = device.is_software() == measured.is_software();
        let rungs = [
            (Self::Exact, device.is_same(measured)),
            // Browsers tell an architecture and no vendor's number: the names alone are apart.
            (Self::Architecture, device.architecture().is_some_and(|name| measured.architecture() == Some(name))),
            (Self::Vendor, device.vendor != 0 && device.vendor == measured.vendor && are_both),
            (Self::Class, device.is_alike(measured)),
        ];
        rungs.into_iter().filter(|(_, joins)| *joins).map(|(rung, _)| rung).collect()
    }

    /// Why the candidate was chosen, in one sentence.
    pub(super) fn reason(self, pack: &Pack, candidate: &Candidate) -> String {
        let measured = pack.manifest().device_of(candidate.entry);
        let on = measured.map_or("no device in particular", |device| &device.adapter);
        let grounds = match self {
            Self::Exact => "measured on this device and driver".to_owned(),
            Self::Architecture => format!("measured on the same architecture ({on})"),
            Self::Vendor => format!("measured on another device of the same vendor ({on})"),
            Self::Class => format!("measured on a device of the same class ({on})"),
            Self::Portfolio => portfolio_of(pack, candidate.entry).map_or_else(String::new, told),
            Self::Default => return format!("the portable default, measured {}", away(candidate.distance)),
            Self::Miss => String::new(),
        };
        let ratio =
            candidate.ratio.map_or(String::new(), |ratio| format!(", {ratio:.2} times as fast as the default there"));
        format!("{grounds} {}{ratio}", away(candidate.distance))
    }
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The first portfolio that has an entry.
fn portfolio_of<'a>(pack: &'a Pack, entry: &Entry) -> Option<&'a Portfolio> {
    let mut portfolios = pack.manifest().portfolios.iter();
    portfolios.find(|portfolio| portfolio.operation == entry.operation && portfolio.entries.contains(&entry.id))
}

fn told(portfolio: &Portfolio) -> String {
    let Portfolio { entries, regret, of_devices, .. } = portfolio;
    let (count, share) = (entries.len(), 100.0 * regret);
    // Joined portfolios that lost entries say the greatest number there is.
    let near = match share.is_finite() {
        true => format!("together stay within {share:.0} % of the best on each of {of_devices} devices"),
        false => format!("were chosen for {of_devices} devices, unknown how near to the best on each"),
    };
    format!("one of {count} that {near}, measured")
}

fn away(distance: f64) -> String {
    if distance == 0.0 { "at this shape".to_owned() } else { format!("at a shape {distance:.2} away") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regret_that_nobody_knows_is_no_number() {
        let cases = [(0.04, "stay within 4 % of the best on each of 3"), (f64::MAX, "unknown how near")];
        for (regret, part) in cases {
            let portfolio = Portfolio { operation: String::new(), entries: Vec::new(), regret, of_devices: 3 };
            let told = told(&portfolio);
            assert!(told.contains(part) && !told.contains("inf"), "{told}");
        }
    }
}
