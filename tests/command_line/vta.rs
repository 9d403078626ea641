//! Streams of VTA run beside what was recorded of them, and shown as text.

use crate::tool::{Place, report, wgtune};

/// Sixteen recorded runs, which the tests of the simulator use too.
const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/vta/vectors.jsonl.xz");

#[test]
fn recorded_runs_come_out_as_recorded() {
    let text = wgtune(&["vta", "run", "--vectors", VECTORS]).good();
    assert!(text.contains("16 of 16 vectors: memory and counters as recorded; 48 of 48 cycle counts exact"), "{text}");
    let lines = wgtune(&["vta", "run", "--vectors", VECTORS, "--json"]).json();
    let conv = lines.iter().find(|line| line["id"] == "conv21").unwrap();
    assert_eq!((&conv["image_ok"], &conv["counters_ok"]), (&true.into(), &true.into()), "{conv}");
    assert_eq!(conv["cycles"], serde_json::json!({ "L0g0": 347, "L16g2": 438, "L60g2": 702 }));
    let strict = wgtune(&["vta", "run", "--vectors", VECTORS, "--strict", "--json"]).json();
    assert!(strict.iter().all(|line| line["image_ok"] == true));
}

#[test]
fn a_stream_is_shown_and_a_wrong_record_is_told() {
    let text = wgtune(&["vta", "disasm", "--vectors", VECTORS, "--id", "conv21"]).good();
    assert!(text.starts_with("load uop sram=0 dram="), "{text}");
    assert_eq!(text.lines().last(), Some("finish"));

    let place = Place::new();
    // One byte of DRAM, and a stream of FINISH alone, which changes nothing.
    let finish = "AwAAAAAAAAAAAAAAAAAAAA==";
    let record =
        |after: &str| format!(r#"{{"id": "a", "insn": "{finish}", "dram_in": "AA==", "dram_out": "{after}"}}"#);
    let (good, bad) = (place.file("good.jsonl"), place.file("bad.jsonl"));
    std::fs::write(&good, record("AA==")).unwrap();
    std::fs::write(&bad, record("AQ==")).unwrap();
    assert!(wgtune(&["vta", "run", "--vectors", &good]).good().contains("1 of 1 vectors"));
    let ran = wgtune(&["vta", "run", "--vectors", &bad]);
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    assert!(ran.stderr.contains("1 of 1 vectors came out otherwise"), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_read_is_told() {
    let place = Place::new();
    let write = |name: &str, text: &str| {
        let file = place.file(name);
        std::fs::write(&file, text).unwrap();
        file
    };
    let finish = r#""insn": "AwAAAAAAAAAAAAAAAAAAAA==", "dram_in": "", "dram_out": """#;
    let broken = write("broken.jsonl", "{}");
    let setting = write("setting.jsonl", &format!(r#"{{"id": "a", {finish}, "cycles": {{"fast": 3}}}}"#));
    let config = write("config.json", r#"{"LOG_INP_WIDTH": 3}"#);
    let stream = write("stream.bin", "seventeen bytes !");
    let cases: &[(&[&str], i32, &[&str])] = &[
        (&["vta", "run", "--vectors", "nowhere.jsonl"], 2, &["`nowhere.jsonl` cannot be read"]),
        (&["vta", "run", "--vectors", &broken], 2, &["malformed in line 1", "missing field `id`"]),
        (&["vta", "run", "--vectors", &setting], 2, &["cycles of `fast`", "such as L16g2"]),
        (
            &["vta", "run", "--vectors", VECTORS, "--vta-config", &config],
            2,
            &["config.json", "LOG_INP_WIDTH and eight more"],
        ),
        (&["vta", "disasm", &stream], 2, &["17 bytes ends within an instruction"]),
        (&["vta", "disasm", "--vectors", VECTORS, "--id", "conv99"], 2, &["no vector `conv99`"]),
        (&["vta", "disasm"], 2, &["required"]),
    ];
    report(cases.iter().filter_map(|(args, code, parts)| wgtune(args).is_failure(*code, parts)).collect());
}

/// Cycles stay cycles in every format, and what compiling shows can be looked at in a recording as on the device.
#[test]
fn recordings_count_cycles_and_can_be_compiled() {
    const LAYER: &str = "conv2d:i8>i32>i8:n1c32h8w8o32k3p1+shift8+clip";
    let place = Place::new();
    let (recorded, store) = (place.file("layer.json"), place.file("trials.db"));
    let words = ["record", LAYER, "--device", "vta", "--template", "vta_tvm", "--output", &recorded];
    wgtune(&words).good();
    let file = std::fs::read_to_string(&recorded).unwrap();
    assert!(file.contains(r#""objective":"cycles""#) && !file.contains(r#""time":"#), "{file}");
    let recording = wgtune::interchange::read(recorded.as_ref()).unwrap();
    let best = recording.best_ns().unwrap();
    let replay = |more: &[&str]| wgtune(&[&["replay", &recorded, "--runs", "3", "--trials", "40"], more].concat());
    let plain = replay(&["--strategy", "anneal"]).good();
    assert!(plain.contains(&format!("{best:.0} cycles")), "{plain}");
    let failed = |strategy: &str| {
        let result = replay(&["--strategy", strategy, "--json"]).json()[0]["results"][0].clone();
        result["failed"]["mean"].as_f64().unwrap()
    };
    let (blind, seeing) = (failed("anneal"), failed("anneal:compiled=2"));
    assert!(blind > 0.0 && seeing == 0.0, "{seeing} fail where what does not compile is left out, {blind} elsewhere");
    for format in ["csv", "t4", "kernel-tuner"] {
        wgtune(&["import", &recorded, "--workload", LAYER, "--device", "VTA", "--db", &store]).good();
        let text = wgtune(&[
            "export",
            "--workload",
            LAYER,
            "--format",
            format,
            "--output",
            "-",
            "--phase",
            "imported",
            "--db",
            &store,
        ])
        .good();
        assert!(text.contains("cycles"), "{format}: {text}");
        let again = wgtune::interchange::parse(text.as_bytes(), "again".as_ref()).unwrap();
        assert_eq!((again.unit, again.best_ns()), (recording.unit, Some(best)), "{format}");
    }
}
