//! One library as one of the programs that `../processor.py` races: lines are read, and answered as `../race.py` says.

use std::fs;
use std::io::{BufRead, Write};
use std::time::Instant;

use crate::{Way, peers};

/// A product with its operands.
struct Loaded {
    way: Way,
    a: Vec<f32>,
    b: Vec<f32>,
    c: Vec<f32>,
}

/// Answers lines until there are no more, with the library of this name, on a pool of these threads.
pub fn serve(library: &str, threads: usize) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    pool.install(|| answer(library, threads));
}

fn answer(library: &str, threads: usize) {
    let mut loaded = None;
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = match (words.as_slice(), &mut loaded) {
            (["load", workload, folder], _) => {
                loaded = Some(load(library, threads, workload, folder));
                "loaded".to_owned()
            }
            (["time", runs], Some(loaded)) => loaded.time(runs.parse().expect("a number of runs")),
            (["save", file], Some(loaded)) => {
                loaded.run();
                let bytes: Vec<u8> = loaded.c.iter().flat_map(|value| value.to_le_bytes()).collect();
                fs::write(file, bytes).expect("the output is written");
                "saved".to_owned()
            }
            _ => panic!("`{line}` is not understood"),
        };
        println!("PEER {answer}");
        std::io::stdout().flush().expect("an answer is written");
    }
}

fn load(library: &str, threads: usize, workload: &str, folder: &str) -> Loaded {
    let [m, n, k] = sizes(workload).unwrap_or_else(|| panic!("`{workload}` is no plain product of f32"));
    let way = peers::all([m, n, k], threads).into_iter().find(|way| way.name == library);
    let way = way.unwrap_or_else(|| panic!("there is no library `{library}`"));
    let [a, b] = [0, 1].map(|number| read(&format!("{folder}/{number}.bin")));
    assert!(a.len() == m * k && b.len() == k * n, "the inputs of {workload} have other sizes");
    Loaded { way, a, b, c: vec![0.0; m * n] }
}

/// Rows, columns and steps of `matmul:f32:m…n…k…`.
fn sizes(workload: &str) -> Option<[usize; 3]> {
    let (m, rest) = workload.strip_prefix("matmul:f32:m")?.split_once('n')?;
    let (n, k) = rest.split_once('k')?;
    Some([m.parse().ok()?, n.parse().ok()?, k.parse().ok()?])
}

fn read(file: &str) -> Vec<f32> {
    let bytes = fs::read(file).unwrap_or_else(|error| panic!("{file} cannot be read: {error}"));
    let (words, _) = bytes.as_chunks();
    words.iter().map(|word| f32::from_le_bytes(*word)).collect()
}

impl Loaded {
    fn run(&mut self) {
        (self.way.run)(&self.a, &self.b, &mut self.c);
    }

    /// The seconds of each run.
    fn time(&mut self, runs: usize) -> String {
        let seconds = (0..runs).map(|_| {
            let started = Instant::now();
            self.run();
            started.elapsed().as_secs_f64().to_string()
        });
        seconds.collect::<Vec<_>>().join(" ")
    }
}
