//! What a supervisor and its worker say to each other: JSON, one line each.
//!
//! Drivers print to standard output as they please, with or without an end of line. So each line of a worker begins with
//! a mark, and what stands before the mark, or on a line without one, is somebody else's.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::backend::{DeviceChoice, Job, JobReport, Step};
use crate::base::DeviceFacts;
use crate::record::Vendor;

/// The record separator, as in RFC 7464, and a name: in JSON text the former is always escaped.
const MARK: &str = "\u{1e}wgtune ";

/// What the supervisor asks for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Request<'a> {
    /// First and once: this device. Answered by facts, or by why there is none.
    Open(Cow<'a, DeviceChoice>),
    /// Answered by any number of steps, then by the report.
    Execute(Box<Cow<'a, Job>>),
    /// Answered by what there is of the libraries of the device's vendor.
    Vendor,
}

/// What the worker says.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    /// The device is open.
    Facts(Box<DeviceFacts>),
    /// It could not be opened.
    NoDevice(String),
    /// This begins now.
    Step(Step),
    /// The job is done.
    Report(Answer),
    /// What can be called, and what cannot.
    Vendor(Vendor),
}

/// The end of a job.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Answer {
    pub report: JobReport,
    /// Whether the device went away meanwhile.
    pub lost: bool,
}

impl Request<'_> {
    pub fn line(&self) -> String {
        serde_json::to_string(self).expect("plain data serialises") + "\n"
    }

    pub fn read(line: &str) -> Result<Request<'static>, String> {
        serde_json::from_str(line).map_err(|error| format!("the request cannot be read: {error}"))
    }
}

impl Reply {
    pub fn line(&self) -> String {
        format!("{MARK}{}\n", serde_json::to_string(self).expect("plain data serialises"))
    }

    /// Reads a line: what others have written, if anything, and what the worker says, if it is one of its lines. What is
    /// marked and not readable is an error, for a message.
    pub fn read(line: &str) -> (&str, Option<Result<Self, String>>) {
        let Some((foreign, json)) = line.rsplit_once(MARK) else { return (line, None) };
        let garbled = |error| format!("`{}` ({error})", json.chars().take(200).collect::<String>());
        (foreign, Some(serde_json::from_str(json).map_err(garbled)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::StepKind;

    #[test]
    fn lines_of_others_are_told_apart() {
        let step = || Reply::Step(Step { entrant: Some(1), kind: StepKind::Run });
        let ours = || Some(Ok(step()));
        let cases = [
            ("", "", None),
            ("MESA: warning", "MESA: warning", None),
            (r#"{"step":{"entrant":1,"kind":"run"}}"#, r#"{"step":{"entrant":1,"kind":"run"}}"#, None),
            (&step().line(), "", ours()),
            (&format!("test child ... {}", step().line()), "test child ... ", ours()),
            (&format!("{MARK}{}", step().line()), MARK, ours()),
        ];
        for (line, foreign, want) in cases {
            assert_eq!(Reply::read(line), (foreign, want), "{line:?}");
        }
        assert!(matches!(Reply::read("\u{1e}wgtune {\"rep"), ("", Some(Err(_)))));
    }

    #[test]
    fn what_a_device_says_cannot_look_like_a_line() {
        let reply = Reply::NoDevice(format!("no\n{MARK}{{}}"));
        assert_eq!(reply.line().lines().count(), 1);
        assert_eq!(Reply::read(&reply.line()), ("", Some(Ok(reply))));
    }
}
