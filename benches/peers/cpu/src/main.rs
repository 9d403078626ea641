//! Races matrix products of wgtune's native kernels against gemm, faer and matrixmultiply, on the same data and threads.
//!
//! `cpu-peer [THREADS…]` races all shapes of [`SHAPES`] with each number of threads (1 and 2 if none is named). Ours are many
//! configs: the knockout leaves the best, and the final, whose rounds are all new, gives the figures. Rounds are interleaved;
//! a ratio is the median over rounds of the best library's time by ours. `cpu-peer serve LIBRARY THREADS` is one library as a
//! program that `../processor.py` races.

mod ours;
mod peers;
mod serve;

use std::process::Command;
use std::time::Instant;

/// Rows, columns, steps.
const SHAPES: [[usize; 3]; 7] = [
    [256, 256, 256],
    [512, 512, 512],
    [1024, 1024, 1024],
    [2048, 2048, 2048],
    [1, 4096, 4096],
    [4, 4096, 4096],
    [8, 4096, 4096],
];

/// How many configs of ours are left after each round of the knockout.
const LEFT: [usize; 4] = [24, 12, 6, 3];

const FINAL_ROUNDS: usize = 15;

/// Operations of a sample: one run, or as many as some milliseconds take.
const SAMPLE_OPERATIONS: f64 = 2.5e8;

/// How far elements may be from gemm's: inputs are small integers, so sums are exact.
const ALLOWED: f32 = 0.0;

/// A way to compute C from A and B.
pub struct Way {
    pub name: String,
    pub run: Box<dyn FnMut(&[f32], &[f32], &mut [f32])>,
}

/// A way with its times in seconds.
struct Entrant {
    way: Way,
    seconds: Vec<f64>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [word, library, threads] if word == "serve" => {
            serve::serve(library, threads.parse().expect("a number of threads"));
        }
        [word, threads] if word == "with" => race_all(threads.parse().expect("a number of threads")),
        [] => ["1", "2"].into_iter().for_each(start),
        counts => counts.iter().for_each(|threads| start(threads)),
    }
}

/// Races in a process of its own: matrixmultiply asks once for its number of threads.
fn start(threads: &str) {
    let program = std::env::current_exe().expect("a path");
    let status = Command::new(program).args(["with", threads]).env("MATMUL_NUM_THREADS", threads).status();
    assert!(status.expect("started").success(), "the race with {threads} threads failed");
}

fn race_all(threads: usize) {
    println!("threads  m×n×k  gemm  faer  matrixmultiply  ours (GF/s, medians)  ratio  config");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    let ratios: Vec<f64> = pool.install(|| SHAPES.iter().map(|shape| race(*shape, threads)).collect());
    let mean = (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp();
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    println!("{threads} threads: geometric mean {mean:.3}, least {least:.3}");
}

/// Prints a line, and gives the ratio.
fn race([m, n, k]: [usize; 3], threads: usize) -> f64 {
    let (a, b) = (values(m * k), values(k * n));
    let mut c = vec![0.0; m * n];
    let entrants =
        |ways: Vec<Way>| ways.into_iter().map(|way| Entrant { way, seconds: Vec::new() }).collect::<Vec<_>>();
    let mut peers = entrants(peers::all([m, n, k], threads));
    let mut ours = entrants(ours::all([m, n, k], threads));
    let operations = 2.0 * (m * n * k) as f64;
    let runs = ((SAMPLE_OPERATIONS / operations) as usize).max(1);
    for left in LEFT {
        ours.iter_mut().for_each(|entrant| entrant.sample(runs, &a, &b, &mut c));
        ours.sort_by(|one, other| one.least().total_cmp(&other.least()));
        ours.truncate(left);
    }
    ours.iter_mut().for_each(|entrant| entrant.seconds.clear());
    for _ in 0..FINAL_ROUNDS {
        peers.iter_mut().chain(&mut ours).for_each(|entrant| entrant.sample(runs, &a, &b, &mut c));
    }
    (peers[0].way.run)(&a, &b, &mut c);
    for entrant in &mut ours {
        let mut found = vec![f32::NAN; m * n];
        (entrant.way.run)(&a, &b, &mut found);
        let right = found.iter().zip(&c).all(|(found, c)| (found - c).abs() <= ALLOWED);
        assert!(right, "{} is wrong", entrant.way.name);
    }
    ours.sort_by(|one, other| one.median().total_cmp(&other.median()));
    let rate = |entrant: &Entrant| format!("{:.1}", operations / entrant.median() / 1e9);
    let ratio = median(
        (0..FINAL_ROUNDS)
            .map(|round| {
                peers.iter().map(|peer| peer.seconds[round]).fold(f64::INFINITY, f64::min) / ours[0].seconds[round]
            })
            .collect(),
    );
    let rates: Vec<String> = peers.iter().chain(&ours[..1]).map(rate).collect();
    println!("{threads}  {m}×{n}×{k}  {}  {ratio:.3}  {}", rates.join("  "), ours[0].way.name);
    ratio
}

impl Entrant {
    /// Times some runs after one that warms the caches.
    fn sample(&mut self, runs: usize, a: &[f32], b: &[f32], c: &mut [f32]) {
        (self.way.run)(a, b, c);
        let started = Instant::now();
        (0..runs).for_each(|_| (self.way.run)(a, b, c));
        self.seconds.push(started.elapsed().as_secs_f64() / runs as f64);
    }

    fn least(&self) -> f64 {
        self.seconds.iter().copied().fold(f64::INFINITY, f64::min)
    }

    fn median(&self) -> f64 {
        median(self.seconds.clone())
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Small integers.
fn values(count: usize) -> Vec<f32> {
    (0..count).map(|number| (number * 7 % 11) as f32 - 5.0).collect()
}
