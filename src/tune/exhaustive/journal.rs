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
    pub template: String,
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

/// Configs that are about to be visited side by side, or none once they were.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Departure {
    /// The configs as they print, each with the hash of its program.
    pub aloft: Vec<(String, String)>,
    /// Which start of the machine this is, where its system tells.
    pub boot: Option<String>,
    /// Whether a process of its own runs them.
    pub isolated: bool,
}

/// A line of the journal after the first.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Visit(Visit),
    Departure(Departure),
}

/// What a journal holds of a recording that was stopped.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Past {
    pub visits: Vec<Visit>,
    /// Those that set out and were not heard of again, nor since.
    pub lost: Vec<Departure>,
}

impl Past {
    /// Takes the next line over. The last departure is lost unless it lands.
    fn take(&mut self, line: Line) {
        match line {
            Line::Visit(visit) => {
                for departure in &mut self.lost {
                    departure.aloft.retain(|(config, hash)| *config != visit.config || *hash != visit.code_hash);
                }
                self.visits.push(visit);
            }
            Line::Departure(departure) if departure.aloft.is_empty() => drop(self.lost.pop()),
            Line::Departure(departure) => self.lost.push(departure),
        }
    }
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
    /// Opens a journal, made where there is none, with what it holds already.
    pub fn open(path: &Path, header: &Header) -> Result<(Self, Past), TuneError> {
        let failed = |why: String| TuneError::Journal { path: path.to_owned(), why };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(failed(format!("cannot be read ({error}); remove it or name another output"))),
        };
        // What a kill has cut short is no line; its visit is made again.
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        let mut lines = whole.lines();
        let past = match lines.next() {
            None => Past::default(),
            Some(first) if serde_json::from_str::<Header>(first).is_ok_and(|found| found == *header) => {
                past(lines).map_err(failed)?
            }
            Some(_) => {
                let why = "is of another workload, template, device or seed; remove it or name another output";
                return Err(failed(why.to_owned()));
            }
        };
        let mut journal =
            Self { path: path.to_owned(), file: open(path, whole.len()).map_err(|e| failed(unwritten(&e)))? };
        if whole.is_empty() {
            journal.append(&[header])?;
        }
        Ok((journal, past))
    }

    /// Keeps some lines: they are in the file when this returns.
    pub fn append(&mut self, lines: &[impl Serialize]) -> Result<(), TuneError> {
        self.write(&self::lines(lines))
    }

    fn write(&mut self, text: &str) -> Result<(), TuneError> {
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|error| TuneError::Journal { path: self.path.clone(), why: unwritten(&error) })
    }
}

impl Journal {
    /// Keeps who is about to be visited, on the disk: they may take the machine with them.
    pub fn depart(&mut self, departure: &Departure) -> Result<(), TuneError> {
        self.append(std::slice::from_ref(departure))?;
        self.file.sync_data().map_err(|error| TuneError::Journal { path: self.path.clone(), why: unwritten(&error) })
    }

    /// Keeps what came of those that set out last.
    pub fn land(&mut self, visits: &[Visit]) -> Result<(), TuneError> {
        let landed = Departure { aloft: Vec::new(), boot: None, isolated: false };
        self.write(&(lines(visits) + &lines(&[landed])))
    }
}

/// What the lines after the first tell.
fn past<'t>(lines: impl Iterator<Item = &'t str>) -> Result<Past, String> {
    let mut past = Past::default();
    for (at, line) in lines.enumerate() {
        past.take(read(line, at + 2)?);
    }
    past.lost.retain(|departure| !departure.aloft.is_empty());
    Ok(past)
}

fn lines(lines: &[impl Serialize]) -> String {
    lines.iter().map(|line| serde_json::to_string(line).expect("plain data serialises") + "\n").collect()
}

/// The file, cut to its whole lines.
fn open(path: &Path, whole: usize) -> std::io::Result<File> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    file.set_len(whole as u64)?;
    Ok(file)
}

fn read(line: &str, number: usize) -> Result<Line, String> {
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
        let (workload, template) = ("matmul:f32:m1n1k1".to_owned(), "matmul/tiled".to_owned());
        Header { workload, template, device: DeviceFacts::portable().identity, seed }
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
        let (mut journal, past) = Journal::open(&path, &header(1)).unwrap();
        assert_eq!(past, Past::default());
        journal.append(&[visit(0), visit(1)]).unwrap();
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"part\":{\"rou").unwrap();
        let (mut journal, past) = Journal::open(&path, &header(1)).unwrap();
        assert_eq!(past.visits, [visit(0), visit(1)]);
        journal.append(&[visit(2)]).unwrap();
        assert_eq!(Journal::open(&path, &header(1)).unwrap().1.visits, [visit(0), visit(1), visit(2)]);
    }

    #[test]
    fn who_set_out_and_did_not_land_is_lost() {
        let aloft = |configs: &[&str]| Departure {
            aloft: configs.iter().map(|config| ((*config).to_owned(), "c0de".to_owned())).collect(),
            boot: Some("a start".to_owned()),
            isolated: true,
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let lost = || Journal::open(&path, &header(1)).unwrap().1.lost;
        let mut journal = Journal::open(&path, &header(1)).unwrap().0;
        journal.depart(&aloft(&["wx=1", "wx=2"])).unwrap();
        assert_eq!(lost(), [aloft(&["wx=1", "wx=2"])]);
        journal.land(&[visit(0)]).unwrap();
        assert_eq!(lost(), [], "one of them had a bad moment and no visit");
        journal.depart(&aloft(&["wx=1", "wx=2"])).unwrap();
        journal.depart(&aloft(&["wx=3"])).unwrap();
        journal.land(&[]).unwrap();
        assert_eq!(lost(), [aloft(&["wx=1", "wx=2"])]);
        journal.append(&[visit(1)]).unwrap();
        assert_eq!(lost(), [aloft(&["wx=2"])], "the other was visited since");
    }

    #[test]
    fn what_is_no_journal_of_this_recording_is_told_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let first = serde_json::to_string(&header(1)).unwrap();
        let cases = [
            ("hello\n".to_owned(), "is of another workload, template, device or seed"),
            (serde_json::to_string(&header(2)).unwrap() + "\n", "is of another workload, template, device or seed"),
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
