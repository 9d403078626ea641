//! Streams of VTA that nobody wrote: bits at random, and real streams of which bits were changed.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use rand::RngExt;
use wgtune::backend::vta::{Dram, Engine, FaultKind};
use wgtune::base::{Random, seeded};
use wgtune::code::vta::{Convolution, Epilogue, Hardware, Layout, Mode, Tiling, encode_stream, lower};
use wgtune::interchange::read_vectors;

#[path = "../fuzz/stream.rs"]
mod stream;

/// How many streams are tried, and what one may take at most, in seconds of a machine that does other things too.
const STREAMS: usize = 10_000;
const MOST_SECONDS: f64 = 20.0;

/// Bytes of an instruction.
const INSTRUCTION: usize = 16;

#[test]
fn no_stream_panics_or_hangs() {
    let machines = stream::machines();
    let seeds: Vec<Seed> = machines.iter().enumerate().flat_map(|(at, hardware)| compiled(at, hardware)).collect();
    let seeds: Vec<Seed> = seeds.into_iter().chain(recorded()).collect();
    let mut random = seeded(8, "vta streams that nobody wrote");
    let mut kinds = BTreeMap::new();
    for round in 0..STREAMS {
        let seed = &seeds[random.random_range(0..seeds.len())];
        let bytes = if round % 4 == 0 { anything(&mut random) } else { changed(&seed.bytes, &mut random) };
        let mut order = Engine::ALL;
        order.rotate_left(round % 3);
        let start = Instant::now();
        let found = stream::survive(&machines[seed.machine], &bytes, &seed.dram, order);
        assert!(start.elapsed().as_secs_f64() < MOST_SECONDS, "stream {round} took {:?}", start.elapsed());
        found.into_iter().for_each(|kind| *kinds.entry(kind).or_insert(0) += 1);
    }
    println!("{kinds:?}");
    // What is left needs hundreds of instructions in a row.
    let rare = [FaultKind::TokenLimit, FaultKind::QueueLimit];
    let missing: Vec<FaultKind> =
        FaultKind::ALL.into_iter().filter(|kind| !kinds.contains_key(kind) && !rare.contains(kind)).collect();
    assert!(missing.is_empty(), "no stream of {STREAMS} had {missing:?}");
}

/// A stream that is right, with its DRAM and the number of its machine.
struct Seed {
    machine: usize,
    bytes: Vec<u8>,
    dram: Dram,
}

/// A small convolution with all that streams have: edges, virtual threads, parts of the input channels, a bias.
fn compiled(machine: usize, hardware: &Hardware) -> Vec<Seed> {
    let block = hardware.block() as u32;
    let convolution = Convolution {
        images: 1,
        image: [6, 5],
        inputs: 2 * block,
        outputs: 3 * block,
        filter: [3, 2],
        stride: [1, 2],
        padding: [1, 1],
    };
    let epilogue = Epilogue { bias: true, shift: 2, clip: [0, 100] };
    let numbers = |count: u32| (0..count as i32).map(|at| at * 37 % 201 - 100).collect::<Vec<i32>>();
    let (inputs, weights) = (numbers(convolution.inputs * 30), numbers(convolution.outputs * convolution.inputs * 6));
    let cuts = [(1, 1), (2, 1), (1, 2)].map(|(output_threads, row_threads)| {
        let cut = Tiling { pixels: [2, 2], inputs: 1, outputs: 1, output_threads, row_threads };
        let lowered = lower(hardware, &convolution, &epilogue, &cut, Mode::Direct).ok()?;
        let bytes = encode_stream(&Layout::new(hardware), &lowered.instructions).unwrap();
        let image = lowered.image(hardware, &convolution, &inputs, &weights, &numbers(convolution.outputs));
        Some(Seed { machine, bytes, dram: Dram { base: lowered.base(), bytes: image } })
    });
    cuts.into_iter().flatten().collect()
}

/// Streams that references ran, for the usual hardware.
fn recorded() -> Vec<Seed> {
    let vectors = read_vectors(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/vta/vectors.jsonl.xz")).unwrap();
    let small = vectors.into_iter().filter(|vector| vector.insn.len() < 100 * INSTRUCTION);
    small
        .map(|vector| Seed { machine: 0, bytes: vector.insn, dram: Dram { base: 0x1000, bytes: vector.dram_in } })
        .collect()
}

/// Bits at random, most of them with the number of an instruction.
fn anything(random: &mut Random) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..random.random_range(0..12 * INSTRUCTION)).map(|_| random.random()).collect();
    if random.random_bool(0.9) {
        bytes.truncate(bytes.len() / INSTRUCTION * INSTRUCTION);
        for first in bytes.iter_mut().step_by(INSTRUCTION) {
            *first = *first & !7 | random.random_range(0..5);
        }
    }
    bytes
}

/// Some changes to a stream: bits, whole instructions, its end.
fn changed(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut words: Vec<[u8; INSTRUCTION]> = bytes.as_chunks().0.to_vec();
    for _ in 0..random.random_range(1..6) {
        let (at, other) = (random.random_range(0..words.len()), random.random_range(0..words.len()));
        match random.random_range(0..10) {
            0 => drop(words.remove(at)),
            1 => words.insert(at, words[other]),
            2 => words.swap(at, other),
            3 => words.truncate(at + 1),
            4 => words[at][random.random_range(0..INSTRUCTION)] = random.random(),
            _ => words[at][random.random_range(0..INSTRUCTION)] ^= 1 << random.random_range(0..8),
        }
        if words.is_empty() {
            break;
        }
    }
    words.concat()
}
