//! What is written in a format is read back exactly, however odd it is.

use std::io::ErrorKind;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use wgtune::space::SpaceError;

/// Texts that formats may stumble over.
const ODD: &[&str] = &[
    "",
    " ",
    ",",
    "\"",
    "a,b",
    "\"a\"",
    "a\nb",
    "\r\n",
    "1",
    "1.0",
    "1e5",
    " 7",
    "NaN",
    "inf",
    "null",
    "true",
    "True",
    "[1]",
    "{",
    "}",
    "ä€😀",
    "-",
    "'",
    "#",
    "\\",
    "\u{1}",
    "RuntimeFailedConfig",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![select(ODD).prop_map(str::to_owned), "\\PC{0,6}", "[a-z_]{1,8}"]
}

fn real() -> impl Strategy<Value = f64> {
    prop_oneof![proptest::num::f64::NORMAL, -1e3..1e3f64, select(&[0.0, 1.0, 0.1, 1e-7, 1e16, 5e-324][..])]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![any::<i64>().prop_map(Value::Int), real().prop_map(Value::Real), text().prop_map(Value::Text)]
}

/// A time in nanoseconds that is still one in seconds and in milliseconds.
fn time() -> impl Strategy<Value = f64> {
    prop_oneof![1e-3..1e12f64, (1u32..1 << 30).prop_map(f64::from), select(&[0.1, 1e-300, 1e300][..])]
}

fn result() -> impl Strategy<Value = Result<f64, Rejection>> {
    let failed = (select(&Stage::ALL[..]), text()).prop_map(|(stage, why)| Rejection::new(stage, why));
    prop_oneof![3 => time().prop_map(Ok), 1 => failed.prop_map(Err)]
}

/// Parameters with their values, and entries that are positions in them until they are looked up.
fn recording() -> impl Strategy<Value = Recording> {
    let params = vec((text(), vec(value(), 1..4)), 1..4);
    let entries = vec((vec(any::<prop::sample::Index>(), 4), result(), vec(time(), 0..4)), 1..8);
    let unit = select(&[Unit::Nanoseconds, Unit::Cycles][..]);
    (text(), text(), unit, params, entries).prop_map(|(kernel, device, unit, params, entries)| {
        let params: Vec<Param> = params
            .into_iter()
            .enumerate()
            .map(|(i, (name, values))| Param::new(format!("{name}{i}"), "", distinct(values)))
            .collect();
        let entry = |(at, result, samples_ns): (Vec<prop::sample::Index>, _, _)| Entry {
            values: params.iter().zip(at).map(|(param, at)| at.get(&param.values).clone()).collect(),
            result,
            samples_ns,
        };
        let mut seen: Vec<Vec<Value>> = Vec::new();
        let entries: Vec<Entry> = entries.into_iter().map(entry).collect();
        let new = |entry: &Entry| {
            let is_new = !seen.contains(&entry.values);
            seen.push(entry.values.clone());
            is_new
        };
        let entries = entries.into_iter().filter(new).collect();
        Recording { kernel, device, unit, params, entries }
    })
}

/// Each value once. Kernel Tuner takes 1 and 1.0 for the same, so they count as the same here too.
fn distinct(values: Vec<Value>) -> Vec<Value> {
    let mut kept: Vec<Value> = Vec::new();
    for value in values {
        let same = |other: &Value| *other == value || value.as_real().is_some_and(|it| other.as_real() == Some(it));
        if !kept.iter().any(same) {
            kept.push(value);
        }
    }
    kept
}

/// With those values of parameters only that occur, in the order of a file that does not list them.
fn with_values_that_occur(recording: &Recording) -> Recording {
    let mut sorted = recording.clone();
    for (column, param) in sorted.params.iter_mut().enumerate() {
        param.values.retain(|value| recording.entries.iter().any(|entry| entry.values[column] == *value));
        param.values.sort_by(|a, b| match (a, b) {
            (Value::Int(a), Value::Int(b)) => a.cmp(b),
            (Value::Text(a), Value::Text(b)) => a.cmp(b),
            (Value::Text(_), _) => std::cmp::Ordering::Greater,
            (_, Value::Text(_)) => std::cmp::Ordering::Less,
            _ => a.as_real().unwrap().total_cmp(&b.as_real().unwrap()),
        });
    }
    sorted
}

fn check(recording: &Recording, format: Format) {
    let bytes = written(recording, format);
    let want = if format == Format::Csv { with_values_that_occur(recording) } else { recording.clone() };
    let got = parse(&bytes, Path::new("file")).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(got, want, "{}:\n{}", format.name(), String::from_utf8_lossy(&bytes));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_comes_back(recording in recording()) {
        for format in Format::ALL {
            check(&recording, format);
        }
    }
}

#[test]
fn gzipped_files_are_read_too() {
    for format in Format::ALL {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut packer, &written(&small(), format)).unwrap();
        assert_eq!(parse(&packer.finish().unwrap(), Path::new("file.gz")).unwrap(), small(), "{}", format.name());
    }
}

#[test]
fn what_a_format_cannot_hold_is_refused() {
    let named = |name: &str| {
        let mut recording = small();
        recording.params[0].name = name.to_owned();
        recording
    };
    let timed = |result| {
        let mut recording = small();
        recording.entries[0].result = Ok(result);
        recording
    };
    for (recording, format, says) in [
        (named("time"), Format::KernelTuner, "a parameter named `time`"),
        (named("wgtune"), Format::KernelTuner, "a parameter named `wgtune`"),
        (timed(0.0), Format::KernelTuner, "0 is no number"),
        (timed(f64::NAN), Format::T4, "NaN is no number"),
        (timed(f64::INFINITY), Format::Csv, "inf is no number"),
        (Recording { entries: vec![], ..small() }, Format::Csv, "without configs"),
    ] {
        let error = write(&recording, format, &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(says), "{says}: {error}");
    }
    for format in [Format::T4, Format::Csv] {
        check(&named("time"), format);
    }
}

#[test]
fn recordings_make_spaces() {
    let (space, trials) = small().space().unwrap();
    assert_eq!(
        space.iter().map(|config| config.to_string()).collect::<Vec<_>>(),
        ["x=1 layout=nchw", "x=2 layout=nchw", "x=2 layout=nhwc"]
    );
    let results: Vec<_> = trials.iter().map(|trial| (trial.config.to_string(), trial.result)).collect();
    assert_eq!(results[1], ("x=2 layout=nchw".to_owned(), Err(Stage::Compile)));
    assert_eq!(results[2], ("x=2 layout=nhwc".to_owned(), Ok(250.0)));
    let mut unlisted = small();
    unlisted.entries[0].values[0] = 9i64.into();
    assert!(matches!(unlisted.space(), Err(SpaceError::NotAValue { .. })));
}
