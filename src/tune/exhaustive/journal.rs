//! The journal of a recording under way: one JSON line for each visit, so that a stopped one goes on where it was.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::DeviceIdentity;
use crate::record::Outcome;
use crate::tune::TuneError;

/// The first line: what is recorded. A journal of something else is not continued.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Header {
    pub workload: String,
    pub device: DeviceIdentity,
    pub seed: u64,
}

/// What one visit to a config found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Visit {
    pub part: Part,
    /// The config as it prints.
    pub config: String,
    /// What was measured: a version that emits another program does not take it over.
    pub code_hash: String,
    pub outcome: Outcome,
}

/// In which part of a recording a visit was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Part {
    /// One of the rounds over all configs.
    Round(usize),
    /// One of the races of the fastest.
    Top(usize),
}

/// An open journal, to which lines are appended.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Opens a journal, made where there is none, with the visits that it holds already.
    pub fn open(path: &Path, header: &Header) -> Result<(Self, Vec<Visit>), TuneError> {
        let failed = |why: String| TuneError::Journal { path: path.to_owned(), why };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(failed(format!("cannot be read ({error}); remove it or name another output"))),
        };
        // What a kill has cut short is no line; its visit is made again.
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        let mut lines = whole.lines();
        let visits = match lines.next() {
            None => Vec::new(),
            Some(first) if serde_json::from_str::<Header>(first).is_ok_and(|found| found == *header) => {
                lines.enumerate().map(|(at, line)| read(line, at + 2).map_err(failed)).collect::<Result<_, _>>()?
            }
            Some(_) => {
                let why = "is of another workload, device or seed; remove it or name another output";
                return Err(failed(why.to_owned()));
            }
        };
        let mut journal =
            Self { path: path.to_owned(), file: open(path, whole.len()).map_err(|e| failed(unwritten(&e)))? };
        if whole.is_empty() {
            journal.append(&[header])?;
        }
        Ok((journal, visits))
    }

    /// Keeps some lines: they are in the file when this returns.
    pub fn append(&mut self, lines: &[impl Serialize]) -> Result<(), TuneError> {
        let line = |line| serde_json::to_string(line).expect("plain data serialises") + "\n";
        let text: String = lines.iter().map(line).collect();
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|error| TuneError::Journal { path: self.path.clone(), why: unwritten(&error) })
    }
}

/// The file, cut to its whole lines.
fn open(path: &Path, whole: usize) -> std::io::Result<File> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    file.set_len(whole as u64)?;
    Ok(file)
}

fn read(line: &str, number: usize) -> Result<Visit, String> {
    let why = |error| format!("has no visit in line {number} ({error}); remove it or name another output");
    serde_json::from_str(line).map_err(why)
}

fn unwritten(error: &std::io::Error) -> String {
    format!("cannot be written ({error}); free some space there or name another output")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::DeviceFacts;
    use crate::record::Clock;

    fn header(seed: u64) -> Header {
        Header { workload: "matmul:f32:m1n1k1".to_owned(), device: DeviceFacts::portable().identity, seed }
    }

    fn visit(round: usize) -> Visit {
        Visit {
            part: Part::Round(round),
            config: "wx=1".to_owned(),
            code_hash: "c0de".to_owned(),
            outcome: Outcome::Timed { samples_ns: vec![0.1 + 0.2], clock: Clock::Host },
        }
    }

    #[test]
    fn a_journal_goes_on_after_its_last_whole_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (mut journal, visits) = Journal::open(&path, &header(1)).unwrap();
        assert_eq!(visits, []);
        journal.append(&[visit(0), visit(1)]).unwrap();
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"part\":{\"rou").unwrap();
        let (mut journal, visits) = Journal::open(&path, &header(1)).unwrap();
        assert_eq!(visits, [visit(0), visit(1)]);
        journal.append(&[visit(2)]).unwrap();
        assert_eq!(Journal::open(&path, &header(1)).unwrap().1, [visit(0), visit(1), visit(2)]);
    }

    #[test]
    fn what_is_no_journal_of_this_recording_is_told_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let first = serde_json::to_string(&header(1)).unwrap();
        let cases = [
            ("hello\n".to_owned(), "is of another workload, device or seed"),
            (serde_json::to_string(&header(2)).unwrap() + "\n", "is of another workload, device or seed"),
            (format!("{first}\n{{}}\n"), "has no visit in line 2"),
        ];
        for (text, want) in cases {
            std::fs::write(&path, &text).unwrap();
            let error = Journal::open(&path, &header(1)).err().unwrap().to_string();
            assert!(error.contains(want) && error.contains("remove it"), "{error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        assert!(Journal::open(folder.path(), &header(1)).is_err(), "a folder");
    }
}
