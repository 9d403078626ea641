//! Files of recorded trials: what is written comes back, what was cut is read as far as it goes, what is wrong is said.

#[path = "../common/mod.rs"]
mod common;

mod malformed;
mod round_trip;
mod unclosed;

use std::path::Path;

use wgtune::interchange::{Entry, Format, Recording, Unit, parse, write};
use wgtune::record::{Rejection, Stage};
use wgtune::space::{Param, Value};

/// Reads a file's content, or gives the message.
fn read(text: &str) -> Result<Recording, String> {
    parse(text.as_bytes(), Path::new("folder/file.t4.json")).map_err(|error| error.to_string())
}

/// A recording as a file in a format.
fn written(recording: &Recording, format: Format) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(recording, format, &mut bytes).unwrap();
    bytes
}

/// Three configs of two parameters: one with samples, one without, one that failed.
fn small() -> Recording {
    let entry = |x: i64, y: &str, result, samples_ns| Entry { values: vec![x.into(), y.into()], result, samples_ns };
    let failed = Rejection::new(Stage::Compile, "CompilationFailedConfig");
    Recording {
        kernel: "kernel".to_owned(),
        device: "a device".to_owned(),
        unit: Unit::Nanoseconds,
        params: vec![Param::new("x", "", [1i64, 2]), Param::new("layout", "", [Value::from("nchw"), "nhwc".into()])],
        entries: vec![
            entry(1, "nchw", Ok(1.5e6), vec![1e6, 2e6]),
            entry(2, "nchw", Err(failed), vec![]),
            entry(2, "nhwc", Ok(250.0), vec![]),
        ],
    }
}
