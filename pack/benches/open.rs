//! What it costs an application to open a pack of 1000 entries and to choose from it, and how much memory that takes.

#[path = "../tests/common/mod.rs"]
mod common;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Fixture, Recipe, gpu};
use criterion::{Criterion, criterion_group};
use wgtune_pack::{Choice, Device, Pack, Wish, Workload};

const DEVICES: u32 = 20;
const SHAPES: u64 = 50;

/// Names the pack to a second process of this program, which measures memory and no time.
const FILE: &str = "WGTUNE_BENCH_PACK";

criterion_group!(benches, open);

fn main() {
    if let Some(file) = std::env::var_os(FILE) {
        return report_memory(Path::new(&file));
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}

fn open(criterion: &mut Criterion) {
    let bytes = pack_of_a_thousand();
    measure_memory(&bytes);
    criterion.bench_function("open", |bencher| {
        bencher.iter_with_large_drop(|| Pack::open(black_box(&bytes).clone()).unwrap());
    });
    let pack = Pack::open(bytes.clone()).unwrap();
    criterion.bench_function("choose", |bencher| bencher.iter_with_large_drop(|| choose(black_box(&pack), &device(7))));
    criterion.bench_function("choose for a device that nobody knows", |bencher| {
        bencher.iter_with_large_drop(|| choose(black_box(&pack), &common::stranger()));
    });
    criterion.bench_function("open and choose", |bencher| {
        bencher.iter_with_large_drop(|| choose(&Pack::open(black_box(&bytes).clone()).unwrap(), &device(7)));
    });
}

fn choose(pack: &Pack, device: &Device) -> Choice {
    let choice = pack.select(device, &Workload::parse("matmul:f32:m640n256k256").unwrap(), &Wish::default());
    assert!(choice.program().is_some());
    choice
}

fn device(number: u32) -> Device {
    gpu(&format!("NVIDIA device {number}"), 0x2300 + number)
}

/// Each device has an entry of its own, with a text of its own of some 3 KB, for each of some shapes.
fn pack_of_a_thousand() -> Vec<u8> {
    let mut fixture = Fixture::new();
    for number in 0..DEVICES {
        for shape in 1..=SHAPES {
            let recipe = Recipe { shape: [64 * shape, 256, 256], ..Recipe::new("tuned", Some(device(number))) };
            let text = fixture.builder.text(&kernel(u64::from(number) * SHAPES + shape));
            let program = fixture.builder.program(&common::program(text)).unwrap();
            fixture.add_with(&recipe, program);
        }
    }
    fixture.finish()
}

fn kernel(seed: u64) -> String {
    let lines = (0..80).map(|line| {
        let index = (seed * 6_364_136_223_846_793_005 + line * 1_442_695) >> 7 & 0xffff;
        format!("  sum = fma(a[{index}u], b[{}u], sum);\n", index ^ seed)
    });
    common::wgsl(&format!("kernel {seed}")) + &lines.collect::<String>()
}

/// Prints what a process needs that does nothing but open the pack and choose, on systems that tell.
fn measure_memory(bytes: &[u8]) {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("thousand.wgpack");
    std::fs::write(&file, bytes).unwrap();
    println!("a pack of {} entries: {} bytes", u64::from(DEVICES) * SHAPES, bytes.len());
    let program = std::env::current_exe().unwrap();
    let status = Command::new(program).env(FILE, &file).status().unwrap();
    assert!(status.success());
}

fn report_memory(file: &Path) {
    let before = resident_kib("VmHWM:");
    let pack = Pack::open(std::fs::read(file).unwrap()).unwrap();
    let choice = choose(&pack, &device(7));
    let after = resident_kib("VmHWM:");
    if let (Some(before), Some(after)) = (before, after) {
        println!("memory to open and choose, the file included: {} KiB", after - before);
    }
    drop(choice);
}

fn resident_kib(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
