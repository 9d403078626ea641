//! The spaces of native products hold what won on a machine that is known, and their defaults fit it.

use std::collections::BTreeMap;

use crate::base::{DeviceFacts, Processor};
use crate::op::{Signature, Template, find_template, resolve};
use crate::space::{Config, Space, SpaceError, Value};

/// An AVX2 processor with caches of 32 KiB, 512 KiB and 16 MiB.
fn device(threads: u32) -> DeviceFacts {
    let mut device = DeviceFacts::portable();
    let caches = Processor { l1_bytes: 32 << 10, l2_bytes: 512 << 10, l3_bytes: 16 << 20, ..Processor::boundless() };
    device.processor = Some(Processor { threads, lanes: vec![1, 8], ..caches });
    device
}

fn space(name: &str, workload: &str, threads: u32) -> (Signature, Space) {
    let signature = resolve(workload).unwrap();
    let space = find_template(name).unwrap().space(&signature, &device(threads));
    (signature, space)
}

/// The config with the values of a line as `name=value`, with vectors of eight lanes.
fn config(space: &Space, line: &str) -> Result<Config, SpaceError> {
    let values = line.split(' ').map(|word| word.split_once('=').unwrap());
    let values =
        values.chain([("lanes", "8")]).map(|(name, value)| (name.to_owned(), value.parse::<i64>().unwrap().into()));
    space.config(&values.collect::<BTreeMap<String, Value>>())
}

/// The winners of `results/cpu-matmul.txt`: threads, workload, and values. A block of more columns than there are is the
/// smallest that has them all; the bench's blocks go row by row.
const WON: [(u32, &str, &str); 8] = [
    (
        1,
        "m256n256k256",
        "tile_rows=6 tile_vectors=2 unroll=4 block_rows=192 block_columns=256 block_steps=256 pack_a=0 pack_b=1 tiles=1",
    ),
    (
        1,
        "m512n512k512",
        "tile_rows=3 tile_vectors=4 unroll=1 block_rows=192 block_columns=512 block_steps=512 pack_a=0 pack_b=1 tiles=0",
    ),
    (
        1,
        "m1024n1024k1024",
        "tile_rows=3 tile_vectors=4 unroll=1 block_rows=192 block_columns=1024 block_steps=512 pack_a=0 pack_b=1 tiles=0",
    ),
    (
        1,
        "m2048n2048k2048",
        "tile_rows=3 tile_vectors=4 unroll=1 block_rows=192 block_columns=2048 block_steps=512 pack_a=1 pack_b=1 tiles=0",
    ),
    (
        2,
        "m256n256k256",
        "tile_rows=6 tile_vectors=2 unroll=1 block_rows=96 block_columns=256 block_steps=256 pack_a=0 pack_b=0 tiles=1",
    ),
    (
        2,
        "m512n512k512",
        "tile_rows=3 tile_vectors=4 unroll=1 block_rows=192 block_columns=512 block_steps=512 pack_a=0 pack_b=1 tiles=0",
    ),
    (
        2,
        "m1024n1024k1024",
        "tile_rows=3 tile_vectors=4 unroll=1 block_rows=512 block_columns=1024 block_steps=256 pack_a=0 pack_b=1 tiles=1",
    ),
    (
        2,
        "m2048n2048k2048",
        "tile_rows=6 tile_vectors=2 unroll=4 block_rows=1024 block_columns=2048 block_steps=256 pack_a=1 pack_b=1 tiles=1",
    ),
];

/// The same of few rows; with one thread there is nothing to split, and the space says so in one way.
const WON_FEW: [(u32, &str, &str); 6] = [
    (1, "m1n4096k4096", "group=1 lines=8 vectors=2 block=4096 prefetch=0 split=1"),
    (1, "m4n4096k4096", "group=4 lines=8 vectors=2 block=4096 prefetch=0 split=1"),
    (1, "m8n4096k4096", "group=4 lines=8 vectors=2 block=4096 prefetch=0 split=1"),
    (2, "m1n4096k4096", "group=1 lines=8 vectors=2 block=4096 prefetch=0 split=0"),
    (2, "m4n4096k4096", "group=4 lines=8 vectors=2 block=4096 prefetch=0 split=0"),
    (2, "m8n4096k4096", "group=4 lines=8 vectors=2 block=4096 prefetch=0 split=0"),
];

#[test]
fn spaces_have_what_won() {
    let blocked =
        WON.map(|(threads, dims, line)| ("matmul/native", threads, dims, format!("{line} blocks=0 prefetch=0")));
    let few = WON_FEW.map(|(threads, dims, line)| ("matmul/native_skinny", threads, dims, line.to_owned()));
    let missing = blocked.iter().chain(&few).filter_map(|(name, threads, dims, line)| {
        let (_, space) = space(name, &format!("matmul:f32:{dims}"), *threads);
        config(&space, &format!("{line} threads={threads}")).err().map(|why| format!("{dims}: {why}"))
    });
    let missing: Vec<String> = missing.collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// More would not be searched within a few hundred trials.
const MOST_CONFIGS: u128 = 400_000;

#[test]
fn spaces_are_of_moderate_size() {
    for (threads, dims, _) in WON.iter().chain(&WON_FEW) {
        let (_, space) = space("matmul/native", &format!("matmul:f32:{dims}"), *threads);
        let count = space.count().unwrap();
        assert!((500..MOST_CONFIGS).contains(&count), "{dims} with {threads} threads: {count} configs");
    }
}

/// What the default is for a number of threads: rows, columns and steps of blocks, what is packed, and threads.
const DEFAULTS: [(u32, &str, [i64; 6]); 9] = [
    (1, "m256n256k256", [384, 256, 256, 0, 1, 1]),
    (1, "m512n512k512", [192, 512, 512, 0, 1, 1]),
    (1, "m2048n2048k2048", [192, 2048, 512, 1, 1, 1]),
    (1, "m4n4096k4096", [24, 4096, 512, 0, 0, 1]),
    (2, "m256n256k256", [144, 256, 256, 0, 1, 2]),
    (2, "m512n512k512", [144, 512, 512, 0, 1, 2]),
    (2, "m1024n1024k1024", [192, 1024, 512, 0, 1, 2]),
    (2, "m16n4096k4096", [24, 2048, 512, 1, 1, 2]),
    (2, "m64n64k64", [96, 64, 128, 0, 1, 1]),
];

#[test]
fn defaults_fit_caches_and_threads() {
    for (threads, dims, want) in DEFAULTS {
        let (signature, space) = space("matmul/native", &format!("matmul:f32:{dims}"), threads);
        let default = super::Native.default(&signature, &space).unwrap();
        let names = ["block_rows", "block_columns", "block_steps", "pack_a", "pack_b", "threads"];
        assert_eq!(names.map(|name| default.int(name)), want, "{dims} with {threads} threads: {default}");
    }
}
