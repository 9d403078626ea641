//! Files of recorded spaces and stores made ready to answer, each space with a name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::error::Failure;
use super::insight::insight;
use super::stored::{Stored, stored};
use crate::interchange::{self, ReadError, ReadTrouble, Recording, stem};
use crate::replay::{Replay, Subject, transfer};

/// A recorded space, and what was carried over into it.
pub(in crate::cli) struct Loaded {
    pub subject: Subject,
    /// How many configs of the recording to start warm from do not exist in this space.
    pub dropped: usize,
}

/// Reads all files; nothing is begun when one of them cannot be used. Where a strategy `looks` at what compiling shows, it
/// must be possible to compile their configs.
pub(in crate::cli) fn load(files: &[PathBuf], warm_from: Option<&Path>, looks: bool) -> Result<Vec<Loaded>, Failure> {
    let warm = warm_from.map(|path| Ok::<_, Failure>((path, single(path)?))).transpose()?;
    let names = names(files)?;
    let mut loaded = Vec::new();
    for (path, name) in files.iter().zip(names) {
        for Named { name, recording } in recordings(path, name)? {
            loaded.push(one(path, name, &recording, warm.as_ref(), looks)?);
        }
    }
    Ok(loaded)
}

/// A recording, and what to call it.
struct Named {
    name: String,
    recording: Recording,
}

/// What is in a file of any format: one recording, or those of a store.
fn recordings(path: &Path, name: String) -> Result<Vec<Named>, Failure> {
    match interchange::read(path) {
        Ok(recording) => Ok(vec![Named { name, recording }]),
        Err(ReadError { trouble: ReadTrouble::Store, .. }) => {
            let named =
                |stored: Stored| Named { name: format!("{name}: {}", stored.name), recording: stored.recording };
            let stored: Vec<Named> = stored(path)?.into_iter().map(named).collect();
            let advice = "tune something into it first, or name another file";
            let nothing = || refuse(path, &format!("the store has no timed trials of a search or an import; {advice}"));
            if stored.is_empty() { Err(nothing()) } else { Ok(stored) }
        }
        Err(error) => Err(Failure::input(error.to_string())),
    }
}

/// What is in a file of which only one recording can be used.
fn single(path: &Path) -> Result<Recording, Failure> {
    let mut all = recordings(path, "store".to_owned())?;
    match all.len() {
        1 => Ok(all.remove(0).recording),
        many => {
            let advice = "write the one to start from to a file by `wgtune export`";
            Err(refuse(path, &format!("the store has {many} recordings, and searches start warm from one; {advice}")))
        }
    }
}

fn one(
    path: &Path,
    name: String,
    recording: &Recording,
    warm: Option<&(&Path, Recording)>,
    looks: bool,
) -> Result<Loaded, Failure> {
    let replay = Replay::new(recording).map_err(|error| refuse(path, &error.to_string()))?;
    let configs = recording.entries.len();
    let replay = replay.ok_or_else(|| {
        refuse(path, &format!("none of its {configs} configs was timed, so there is no optimum to compare with"))
    })?;
    let insight = looks.then(|| insight(recording, replay.space())).transpose();
    let insight =
        insight.map_err(|why| refuse(path, &format!("a strategy compiles configs, and {why}; leave it out")))?;
    let replay = replay.with_insight(insight);
    let Some((from, warm)) = warm else {
        return Ok(Loaded { subject: Subject { name, replay, warm: Vec::new() }, dropped: 0 });
    };
    let carried = transfer(warm, replay.space());
    let carried = carried.map_err(|error| refuse(from, &format!("cannot warm `{}`: {error}", path.display())))?;
    Ok(Loaded { subject: Subject { name, replay, warm: carried.trials }, dropped: carried.dropped })
}

fn refuse(path: &Path, why: &str) -> Failure {
    Failure::input(format!("`{}`: {why}", path.display()))
}

/// A name for each file: without folder and extensions where that tells them apart, else the whole path.
fn names(files: &[PathBuf]) -> Result<Vec<String>, Failure> {
    let mut short: BTreeMap<String, Vec<&PathBuf>> = BTreeMap::new();
    files.iter().for_each(|path| short.entry(stem(path)).or_default().push(path));
    if let Some(path) = files.iter().enumerate().find_map(|(at, path)| files[..at].contains(path).then_some(path)) {
        return Err(refuse(path, "is given twice; leave one away"));
    }
    let is_unique = |name: &String| short[name].len() == 1;
    let name = |path: &PathBuf| Some(stem(path)).filter(is_unique).unwrap_or_else(|| path.display().to_string());
    Ok(files.iter().map(name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_where_that_tells_files_apart() {
        let cases: [(&[&str], &[&str]); 4] = [
            (&["a/conv-a100.t4.json.gz"], &["conv-a100"]),
            (&["gemm-v1.2.json", "b/gemm.csv"], &["gemm-v1.2", "gemm"]),
            (&["a/conv.json", "b/conv.json", "c.db"], &["a/conv.json", "b/conv.json", "c"]),
            (&["conv.json", "conv.json.gz"], &["conv.json", "conv.json.gz"]),
        ];
        for (files, want) in cases {
            let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
            assert_eq!(names(&files).unwrap(), want);
        }
        assert!(names(&["a".into(), "b".into(), "a".into()]).is_err());
    }
}
