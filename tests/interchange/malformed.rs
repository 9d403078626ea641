//! Every way in which a file can be wrong, with the exact message.

use super::*;

/// A cache file with some of its parts replaced.
fn cache(changes: &[(&str, &str)]) -> String {
    let text = r#"{
"device_name": "d", "kernel_name": "k", "problem_size": 1, "objective": "time",
"tune_params_keys": ["x", "y"],
"tune_params": {"x": [1, 2], "y": [0.5]},
"cache": {
"1,0.5": {"x": 1, "y": 0.5, "time": 2.5, "times": [2, 3]},
"2,0.5": {"x": 2, "y": 0.5, "time": "RuntimeFailedConfig"}
}
}"#;
    changed(text, changes)
}

/// T4 results with some of their parts replaced.
fn t4(changes: &[(&str, &str)]) -> String {
    let text = r#"{"metadata": {"timeunit": "miliseconds"},
"results": [
{"configuration": {"x": 1, "y": "a"}, "times": {"runtimes": [2, 3]}, "invalidity": "correct",
 "measurements": [{"name": "time", "value": 2.5, "unit": ""}], "objectives": ["time"]},
{"configuration": {"x": 2, "y": "a"}, "times": {}, "invalidity": "timeout", "objectives": ["time"]}
]}"#;
    changed(text, changes)
}

fn sheet(changes: &[(&str, &str)]) -> String {
    let text = "kernel,device,x,y,time_ns,stage,reason,samples_ns\nk,d,1,a,25.5,,,25 26\nk,d,2,a,,crash,it fell,\n";
    changed(text, changes)
}

fn changed(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "nothing to replace: {from}");
        text.replacen(from, to, 1)
    })
}

#[test]
fn what_is_right_is_read() {
    let entries = |recording: Recording| recording.entries;
    let timed = |ns, samples_ns: &[f64]| (Ok(ns), samples_ns.to_vec());
    let failed = |stage, why: &str| (Err(Rejection::new(stage, why)), Vec::new());
    for (text, first, second) in [
        (cache(&[]), timed(2.5e6, &[2e6, 3e6]), failed(Stage::Run, "RuntimeFailedConfig")),
        (
            cache(&[(r#""time": "RuntimeFailedConfig""#, r#""__error__": "InvalidConfig""#)]),
            timed(2.5e6, &[2e6, 3e6]),
            failed(Stage::Limits, "InvalidConfig"),
        ),
        (
            cache(&[(r#""time","#, r#"["time"],"#)]),
            timed(2.5e6, &[2e6, 3e6]),
            failed(Stage::Run, "RuntimeFailedConfig"),
        ),
        (t4(&[]), timed(2.5e6, &[2e6, 3e6]), failed(Stage::Timeout, "timeout")),
        (t4(&[("miliseconds", "seconds")]), timed(2.5e9, &[2e9, 3e9]), failed(Stage::Timeout, "timeout")),
        (t4(&[(r#""unit": """#, r#""unit": "us""#)]), timed(2500.0, &[2e6, 3e6]), failed(Stage::Timeout, "timeout")),
        (sheet(&[]), timed(25.5, &[25.0, 26.0]), failed(Stage::Crash, "it fell")),
    ] {
        let got: Vec<_> = entries(read(&text).unwrap()).into_iter().map(|e| (e.result, e.samples_ns)).collect();
        assert_eq!(got, [first, second], "{text}");
    }
}

/// T4 results that list their parameters, in another order than the results have them.
fn listed(changes: &[(&str, &str)]) -> String {
    let list = r#""timeunit": "miliseconds", "tune_params": {"y": ["a", "b"], "x": [2, 1.0, 3]}"#;
    let text = t4(&[(r#""timeunit": "miliseconds""#, list), (r#""x": 2, "y": "a""#, r#""y": "b", "x": 2"#)]);
    changed(&text, changes)
}

#[test]
fn values_go_to_the_parameter_of_their_name() {
    let got = read(&listed(&[])).unwrap();
    let names: Vec<&str> = got.params.iter().map(|param| param.name.as_str()).collect();
    let values: Vec<Vec<Value>> = got.entries.into_iter().map(|entry| entry.values).collect();
    assert_eq!(names, ["y", "x"]);
    assert_eq!(values, [[Value::from("a"), Value::Real(1.0)], ["b".into(), 2.into()]]);
}

#[test]
fn files_without_names_are_called_by_their_own() {
    let got = read(&t4(&[])).unwrap();
    assert_eq!((got.kernel.as_str(), got.device.as_str()), ("file", "unknown"));
}

#[test]
fn of_a_config_that_occurs_twice_the_last_entry_counts() {
    for (text, result) in [
        (cache(&[(r#""x": 2, "y": 0.5, "time": "RuntimeFailedConfig""#, r#""x": 1, "y": 0.5, "time": 4"#)]), 4e6),
        (sheet(&[("k,d,2,a,,crash,it fell,", "k,d,1,a,7,,,")]), 7.0),
    ] {
        let results: Vec<_> = read(&text).unwrap().entries.into_iter().map(|entry| entry.result).collect();
        assert_eq!(results, [Ok(result)], "{text}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let malformed = |line: usize, what: &str| format!("`folder/file.t4.json` is malformed in line {line}: {what}");
    let failure = "a number above 0 or the name of a failure, such as CompilationFailedConfig, RuntimeFailedConfig \
                   or InvalidConfig";
    let cases: Vec<(String, usize, String)> = [
        // Kernel Tuner.
        (cache(&[(r#""x": 1, "#, "")]), 6, "the entry has no value for the parameter `x`"),
        (cache(&[(r#""x": 1,"#, r#""x": 7,"#)]), 6, "`x` is 7; expected one of the values in `tune_params`"),
        (cache(&[(r#""x": 1,"#, r#""x": [1],"#)]), 6, "`x` is [1]; expected a number, a text or a truth value"),
        (cache(&[(r#""time": 2.5"#, r#""time": "fast""#)]), 6, &format!("`time` is \"fast\"; expected {failure}")),
        (cache(&[(r#""time": 2.5, "#, "")]), 6, &format!("the entry has no `time`; expected {failure}")),
        (cache(&[("[2, 3]", "[2, null]")]), 6, "`times` is [2, null]; expected a list of numbers above 0"),
        (cache(&[("2.5", "0.0")]), 6, &format!("`time` is 0.0; expected {failure}")),
        (cache(&[("2.5", "-1")]), 6, &format!("`time` is -1; expected {failure}")),
        (cache(&[("[2, 3]", "[2, 0]")]), 6, "`times` is [2, 0]; expected a list of numbers above 0"),
        (
            cache(&[(r#"{"x": 2, "y": 0.5, "time": "RuntimeFailedConfig"}"#, "7")]),
            7,
            "`entry` is 7; expected an object",
        ),
        (
            cache(&[("\"objective\": \"time\"", "\"objective\": \"GFLOP/s\"")]),
            2,
            "`objective` is \"GFLOP/s\"; expected `time` or `cycles`: nothing else can be searched for",
        ),
        (
            cache(&[("\"objective\": \"time\"", "\"objective\": \"cycles\"")]),
            6,
            &format!("the entry has no `cycles`; expected {failure}"),
        ),
        (cache(&[("tune_params_keys", "keys")]), 1, "the header has no `tune_params_keys`; expected a list of names"),
        (cache(&[(r#", "y": [0.5]}"#, "}")]), 1, "`tune_params` has no `y`; expected a list of values"),
        (cache(&[("\"k\"", "5")]), 2, "`kernel_name` is 5; expected a text"),
        (cache(&[("0.5, \"time\": 2.5", "0.5 \"time\": 2.5")]), 6, "expected `,` or `}` (column 28)"),
        (cache(&[("\n}\n}", "\n}\n} more")]), 9, "trailing characters (column 3)"),
        ("{\"device_name\": \"d\",\n\"kernel".to_owned(), 2, "the file ends within a string (column 7)"),
        // T4.
        (
            t4(&[("miliseconds", "ticks")]),
            1,
            "`timeunit` is \"ticks\"; expected seconds, milliseconds, microseconds, nanoseconds or cycles",
        ),
        (t4(&[(r#""x": 2, "#, "")]), 5, "the result has no value for the parameter `x`"),
        (
            t4(&[(r#""x": 2, "#, r#""x": 2, "z": 1, "#)]),
            5,
            "the parameter `z` is not in the first result; expected the same ones in all",
        ),
        (
            t4(&[("timeout", "slow")]),
            5,
            "`invalidity` is \"slow\"; expected correct, timeout, compile, runtime, correctness or constraints",
        ),
        (t4(&[("2.5", "0")]), 4, &format!("`time` is 0; expected {failure}")),
        (t4(&[("[2, 3]", "[2, -3]")]), 3, "`runtimes` is [2, -3]; expected a list of numbers above 0"),
        (t4(&[("2.5", "null")]), 4, &format!("`time` is null; expected {failure}")),
        (t4(&[(r#""name": "time""#, r#""name": "energy""#)]), 3, "the result has no measurement of `time`"),
        (
            t4(&[(r#""name": "time""#, r#""name": "GFLOP/s""#), (r#"["time"]"#, r#"["GFLOP/s"]"#)]),
            3,
            "the objective is `GFLOP/s`; expected a time: nothing else can be searched for",
        ),
        (t4(&[("miliseconds", "cycles")]), 3, "the objective is `time`; expected `cycles`, the file's unit of time"),
        (
            t4(&[(r#""configuration""#, r#""config""#)]),
            3,
            "the result has no `configuration`; expected an object with a value for each parameter",
        ),
        (listed(&[(r#""x": 1,"#, r#""x": 7,"#)]), 3, "`x` is 7; expected one of the values in `tune_params`"),
        (listed(&[(r#""x": 1, "#, "")]), 3, "the result has no value for the parameter `x`"),
        (listed(&[(r#"["a", "b"], "x""#, r#"["a", "b"], "z""#)]), 3, "the result has no value for the parameter `z`"),
        (
            listed(&[(r#", "x": [2, 1.0, 3]"#, "")]),
            3,
            "the parameter `x` is not in `tune_params`; expected the same ones in all",
        ),
        ("{\"results\": []}".to_owned(), 1, "`results` is empty; expected a result for each config"),
        // Tables.
        (
            sheet(&[("stage,", "")]),
            1,
            "the columns are kernel,device,x,y,time_ns,reason,samples_ns; expected kernel,device, a column for each \
             parameter, time_ns,stage,reason,samples_ns",
        ),
        (sheet(&[("k,d,2,a,", "k,d,2,")]), 3, "the row has 7 cells; expected 8 as in the header"),
        (sheet(&[("k,d,2", "k,e,2")]), 3, "the row is of k on e; expected k on d, as in those above"),
        (sheet(&[("25.5", "fast")]), 2, "`time_ns` is fast; expected nanoseconds above 0"),
        (sheet(&[("25 26", "25;26")]), 2, "`samples_ns` is 25;26; expected nanoseconds above 0"),
        (sheet(&[("25.5", "-25.5")]), 2, "`time_ns` is -25.5; expected nanoseconds above 0"),
        (sheet(&[("25 26", "25 0")]), 2, "`samples_ns` is 0; expected nanoseconds above 0"),
        (
            sheet(&[("crash", "burn")]),
            3,
            "`stage` is burn; expected one of limits, validate, compile, run, verify, timeout, crash",
        ),
        (sheet(&[("25.5", "")]), 2, "the row has neither `time_ns` nor `stage`; expected one"),
        (sheet(&[("25.5,", "25.5,run")]), 2, "the row has both `time_ns` and `stage`; expected one"),
        ("kernel,device,time_ns,stage,reason,samples_ns\n".to_owned(), 1, "there is no row below the header"),
    ]
    .map(|(text, line, what)| (text, line, what.to_owned()))
    .into();
    let wrong = cases.iter().filter_map(|(text, line, what)| {
        let (want, got) = (malformed(*line, what), read(text).map(|_| "was read".to_owned()).unwrap_or_else(|e| e));
        (want != got).then(|| format!("want {want}\n got {got}\n"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_no_recording_is_said() {
    for (bytes, says) in [
        (&b""[..], "is no recording that wgtune knows: it is empty"),
        (b"hello", "it is neither JSON nor a table that begins with the columns `kernel,device`"),
        (b"{\"a\": 1}", "it is JSON with neither the `cache` of Kernel Tuner nor the `results` of T4"),
        (
            b"SQLite format 3\0...",
            "is a database, and recordings are files; write the trials of a wgtune store to one by `wgtune export`",
        ),
        (b"{\n\"\xff\"", "is malformed in line 2: a byte that is no UTF-8; expected text"),
    ] {
        let error = parse(bytes, Path::new("some.file")).unwrap_err().to_string();
        assert!(error.starts_with("`some.file` is ") && error.ends_with(says), "{says}: {error}");
    }
    let error = wgtune::interchange::read(Path::new("no/such/file")).unwrap_err().to_string();
    assert!(
        error.starts_with("`no/such/file` cannot be read (") && error.ends_with("; name a file that can"),
        "{error}"
    );
}
