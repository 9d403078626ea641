//! Portfolios over recordings of one kernel on several devices: what a few of its configs would come to on each, and on a device
//! that was left out when they were chosen.

use std::collections::BTreeMap;

use serde::Serialize;

use super::portfolio::{Times, cover, share_of};
use crate::interchange::Recording;

/// What portfolios come to on one device: shares of its own best.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OnDevice {
    /// What the recording calls the device.
    pub device: String,
    /// How many configs run on it.
    pub configs: usize,
    /// The best of the portfolio that was chosen over all devices.
    pub portfolio: f64,
    /// The one config that is the best compromise over all.
    pub single: f64,
    /// The best of a portfolio that was chosen over the others alone.
    pub left_out: f64,
    /// The one config that is the best compromise over the others.
    pub single_left_out: f64,
}

/// A portfolio over recordings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OverRecordings {
    /// How many configs were chosen.
    pub chosen: usize,
    /// By device.
    pub devices: Vec<OnDevice>,
}

/// Chooses over the recordings, which are of one kernel: configs that have the same values are the same.
pub fn over_recordings(recordings: &[Recording], most: usize, regret: f64) -> OverRecordings {
    let times = times(recordings);
    let all = cover(&times, most, regret);
    let single = cover(&times, 1, 0.0);
    let on = |(device, recording): (usize, &Recording)| {
        let others: Times =
            times.iter().enumerate().filter(|(at, _)| *at != device).map(|(_, row)| row.clone()).collect();
        let here = |chosen: &[usize]| share_of(&times, chosen)[device];
        OnDevice {
            device: recording.device.clone(),
            configs: times[device].iter().flatten().count(),
            portfolio: all.share[device],
            single: single.share[device],
            left_out: here(&cover(&others, most, regret).chosen),
            single_left_out: here(&cover(&others, 1, 0.0).chosen),
        }
    };
    OverRecordings { chosen: all.chosen.len(), devices: recordings.iter().enumerate().map(on).collect() }
}

/// The time of each config on each device.
fn times(recordings: &[Recording]) -> Times {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let keyed: Vec<Vec<(usize, Option<f64>)>> = recordings
        .iter()
        .map(|recording| {
            let names = || recording.params.iter().map(|param| param.name.as_str());
            let key = |entry: &crate::interchange::Entry| {
                let values: BTreeMap<&str, String> =
                    names().zip(entry.values.iter().map(ToString::to_string)).collect();
                format!("{values:?}")
            };
            let place = |entry: &crate::interchange::Entry| {
                let next = places.len();
                let place = *places.entry(key(entry)).or_insert(next);
                (place, entry.result.as_ref().ok().copied())
            };
            recording.entries.iter().map(place).collect()
        })
        .collect();
    let row = |entries: &Vec<(usize, Option<f64>)>| {
        let mut row = vec![None; places.len()];
        entries.iter().for_each(|(place, time)| row[*place] = *time);
        row
    };
    keyed.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interchange::Entry;
    use crate::space::Param;

    /// Configs 0 to 3; a device has its times in an order of its own, and lacks one.
    fn recording(device: &str, times: &[(i64, f64)]) -> Recording {
        let entry =
            |(value, ns): &(i64, f64)| Entry { values: vec![(*value).into()], result: Ok(*ns), samples_ns: Vec::new() };
        Recording {
            device: device.to_owned(),
            params: vec![Param::new("a", "", [0i64, 1, 2, 3])],
            entries: times.iter().map(entry).collect(),
            ..Recording::default()
        }
    }

    #[test]
    fn devices_that_are_left_out_do_worse() {
        let recordings = [
            recording("one", &[(0, 1.0), (1, 4.0), (2, 1.25), (3, 2.0)]),
            recording("two", &[(3, 5.0), (2, 2.5), (1, 2.0)]),
        ];
        let found = over_recordings(&recordings, 8, 0.0);
        assert_eq!(found.chosen, 2);
        let [one, two] = &found.devices[..] else { panic!("two devices") };
        assert_eq!((one.portfolio, one.single, one.left_out, one.configs), (1.0, 0.8, 0.25, 4));
        // The favourite of the other does not run here.
        assert_eq!((two.portfolio, two.single, two.left_out, two.configs), (1.0, 0.8, 0.0, 3));
        assert_eq!(over_recordings(&recordings, 8, 0.3).chosen, 1);
    }
}
