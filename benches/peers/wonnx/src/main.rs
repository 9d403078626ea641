//! wonnx as a peer: loads a model of one operator, times it when asked to, saves its output. The lines are those of
//! `../compare.py`. Each run uploads its inputs and reads its output back: wonnx has no other way.

use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::time::Instant;

use wonnx::utils::{InputTensor, OutputTensor};
use wonnx::Session;

struct Loaded {
    session: Session,
    inputs: Vec<(String, Vec<f32>)>,
}

fn main() {
    let mut loaded: Option<Loaded> = None;
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = match words.as_slice() {
            ["load", operator, sizes @ .., folder] => {
                loaded = Some(load(operator, sizes, folder));
                "loaded".to_owned()
            }
            ["time", runs] => time(loaded.as_ref().expect("loaded"), runs.parse().expect("a count")),
            ["save", file] => {
                let values = run(loaded.as_ref().expect("loaded"));
                let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
                std::fs::write(file, bytes).expect("written");
                "saved".to_owned()
            }
            _ => panic!("`{line}` is not understood"),
        };
        println!("PEER {answer}");
        std::io::stdout().flush().expect("flushed");
    }
}

/// `model.py` writes the model beside the inputs, with `input0`, `input1` and `output`.
fn load(operator: &str, sizes: &[&str], folder: &str) -> Loaded {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/model.py");
    let python = concat!(env!("CARGO_MANIFEST_DIR"), "/venv/bin/python");
    let made = std::process::Command::new(python).arg(script).arg(operator).args(sizes).arg(folder).status();
    assert!(made.expect("setup.sh made the environment").success(), "the model is written");
    let session = pollster::block_on(Session::from_path(format!("{folder}/model.onnx"))).expect("a session");
    let inputs = (0..2).filter_map(|number| {
        let bytes = std::fs::read(format!("{folder}/{number}.bin")).ok()?;
        let values = bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().expect("four")));
        Some((format!("input{number}"), values.collect()))
    });
    Loaded { session, inputs: inputs.collect() }
}

fn run(loaded: &Loaded) -> Vec<f32> {
    let inputs: HashMap<String, InputTensor> =
        loaded.inputs.iter().map(|(name, values)| (name.clone(), values.as_slice().into())).collect();
    let mut outputs = pollster::block_on(loaded.session.run(&inputs)).expect("a run");
    match outputs.remove("output") {
        Some(OutputTensor::F32(values)) => values,
        other => panic!("{other:?} is no output"),
    }
}

fn time(loaded: &Loaded, runs: usize) -> String {
    let once = || {
        let started = Instant::now();
        std::hint::black_box(run(loaded));
        started.elapsed().as_secs_f64().to_string()
    };
    (0..runs).map(|_| once()).collect::<Vec<_>>().join(" ")
}
