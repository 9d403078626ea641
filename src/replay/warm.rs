//! Trials of one recording carried over into the space of another.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::interchange::Recording;
use crate::search::Trial;
use crate::space::Space;

/// What could be carried over.
#[derive(Clone, Debug, PartialEq)]
pub struct Transferred {
    /// The trials of configs that exist in both.
    pub trials: Vec<Trial>,
    /// How many configs do not exist where they are carried to.
    pub dropped: usize,
}

/// Why nothing can be carried over.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum TransferError {
    #[error("its parameters are {there} where those of the space are {here}; both must have the same names")]
    Parameters { here: String, there: String },
    #[error("none of its {configs} configs exists in the space")]
    Nothing { configs: usize },
}

/// Carries the trials of a recording into a space with parameters of the same names, in whatever order.
///
/// # Errors
/// When the names differ, or no config exists in both.
pub fn transfer(recording: &Recording, space: &Space) -> Result<Transferred, TransferError> {
    let here: BTreeSet<&str> = space.params().iter().map(|param| param.name.as_str()).collect();
    let there: BTreeSet<&str> = recording.params.iter().map(|param| param.name.as_str()).collect();
    if here != there {
        let list = |names: BTreeSet<&str>| names.into_iter().collect::<Vec<_>>().join(", ");
        return Err(TransferError::Parameters { here: list(here), there: list(there) });
    }
    let trials: Vec<Trial> = recording
        .entries
        .iter()
        .filter_map(|entry| {
            let names = recording.params.iter().map(|param| param.name.clone());
            let values: BTreeMap<_, _> = names.zip(entry.values.iter().cloned()).collect();
            let result = entry.result.as_ref().copied().map_err(|rejection| rejection.stage);
            Some(Trial { config: space.config(&values).ok()?, result })
        })
        .collect();
    match trials.len() {
        0 => Err(TransferError::Nothing { configs: recording.entries.len() }),
        carried => Ok(Transferred { dropped: recording.entries.len() - carried, trials }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interchange::Entry;
    use crate::record::{Rejection, Stage};
    use crate::space::{Param, Value};

    /// Times of the configs with these values, by the parameters' names.
    fn recording(names: [&str; 2], rows: &[[i64; 2]]) -> Recording {
        let params = names.map(|name| Param::new(name, "", [1i64, 2, 3, 4])).to_vec();
        let failure = || Rejection::new(Stage::Compile, "made up");
        let result = |row: &[i64; 2]| if row[0] == 4 { Err(failure()) } else { Ok((10 * row[0] + row[1]) as f64) };
        let entry = |row: &[i64; 2]| Entry {
            values: row.map(Value::Int).to_vec(),
            result: result(row),
            samples_ns: Vec::new(),
        };
        Recording { params, entries: rows.iter().map(entry).collect(), ..Recording::default() }
    }

    #[test]
    fn values_are_carried_by_name_and_failures_with_their_stage() {
        let (space, _) = recording(["a", "b"], &[[1, 2], [2, 1], [3, 4]]).space().unwrap();
        let carried = transfer(&recording(["b", "a"], &[[2, 1], [4, 3], [4, 4]]), &space).unwrap();
        let text = |trial: &Trial| format!("{} {:?}", trial.config, trial.result);
        assert_eq!(carried.trials.iter().map(text).collect::<Vec<_>>(), ["a=1 b=2 Ok(21.0)", "a=3 b=4 Err(Compile)"]);
        assert_eq!(carried.dropped, 1);
    }

    #[test]
    fn what_does_not_match_is_refused() {
        let (space, _) = recording(["a", "b"], &[[1, 2]]).space().unwrap();
        for (other, says) in [
            (recording(["a", "c"], &[[1, 2]]), "its parameters are a, c where those of the space are a, b"),
            (recording(["a", "b"], &[[2, 1], [2, 2]]), "none of its 2 configs exists"),
        ] {
            let error = transfer(&other, &space).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
