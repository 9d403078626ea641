//! Costs of single instructions, each kind of fault, and streams nobody would write.

use rand::RngExt;

use super::*;
use crate::base::seeded;
use crate::code::vta::{Hardware, Layout, assemble, decode_stream};

/// DRAM of 64 KiB, whose first bytes are micro-ops: the lists 0, and 1 of two with the same destination.
fn dram() -> Dram {
    let mut bytes: Vec<u8> = (0..1u32 << 16).map(|at| (at * 7 + at / 256) as u8).collect();
    for (at, word) in [0u32, 1 | 1 << 11, 2 | 2 << 11, 2 | 2 << 11].into_iter().enumerate() {
        bytes[4 * at..][..4].copy_from_slice(&word.to_le_bytes());
    }
    Dram { base: 0x1000, bytes }
}

/// Micro-ops begin at byte 0x1000.
const UOPS: &str = "load uop sram=0 dram=1024 size=1x4 stride=4\n";

/// What is found in a stream. A line may be bits instead of text.
fn faults(text: &str) -> Vec<Fault> {
    let hardware = Hardware::default();
    let layout = Layout::new(&hardware);
    let bits = |line: &str| match line.strip_prefix("bits ") {
        Some(bits) => u128::from_str_radix(bits, 16).unwrap(),
        None => encoded(&layout, line),
    };
    let bytes: Vec<u8> = text.lines().flat_map(|line| bits(line).to_le_bytes()).collect();
    let instructions = match decode_stream(&layout, &bytes) {
        Ok(instructions) => instructions,
        Err(error) => return vec![Fault::from(&error)],
    };
    let ran = run(&hardware, &instructions, &mut dram(), Checks::ALL, Engine::ALL);
    let timed = time(&hardware, &instructions, &Profile::memory(16, 2));
    ran.faults.into_iter().chain(timed.faults).collect()
}

/// The cycles that an engine is at work for one instruction.
fn cost(line: &str, latency: u64) -> u64 {
    let instructions = assemble(&format!("{line}\nfinish\n")).unwrap();
    let timed = time(&Hardware::default(), &instructions, &Profile::memory(latency, 0));
    // A LOAD of inputs or weights, and a STORE, may still be under way when FINISH ends the run.
    timed.busy.into_iter().sum()
}

#[test]
fn single_instructions_cost_what_was_measured() {
    let cases = [
        ("load uop sram=0 dram=1024 size=0x0 stride=0", 0, 2),
        ("gemm uop=0..3 iter=10x20 dst=0,1 src=0,1 wgt=0,0", 0, 600 + 7),
        ("gemm uop=0..1 iter=10x20 dst=0,1 src=0,1 wgt=0,0 reset", 0, 200 + 7),
        ("alu add uop=0..1 iter=10x20 dst=0,1 src=0,1 imm=3", 0, 200 + 7),
        ("alu add uop=0..1 iter=10x20 dst=0,1 src=0,1", 0, 400 + 7),
        ("load acc sram=0 dram=1024 size=1x16 stride=16", 0, 128 + 7),
        ("load acc sram=0 dram=1024 size=1x16 stride=16", 16, 128 + 7 + 14),
        ("load acc sram=0 dram=1024 size=1x16 stride=16", 60, 128 + 7 + 58),
    ];
    for (line, latency, cycles) in cases {
        assert_eq!(cost(line, latency), cycles, "{line} at {latency}");
    }
}

#[test]
fn each_kind_of_fault_is_named() {
    use FaultKind as K;
    let load = "load inp sram=0 dram=256 size=1x16 stride=16";
    let many = |line: &str, count: usize| format!("{line}\n").repeat(count);
    let nothing = "load inp sram=0 dram=0 size=0x0 stride=0";
    let wait = "load uop sram=0 dram=0 size=0x0 stride=0";
    let cases: Vec<(K, Option<usize>, String)> = vec![
        (K::Undecodable, Some(0), "bits 7".into()),
        (K::Undecodable, Some(1), format!("{load}\nbits 300\nfinish")),
        (K::Undecodable, Some(0), format!("bits {:x}", 4u128 | 5 << 108)),
        (K::Illegal, Some(0), "load out sram=0 dram=256 size=1x1 stride=1\nfinish".into()),
        (K::Illegal, Some(0), "store inp sram=0 dram=256 size=1x1 stride=1\nfinish".into()),
        (K::Illegal, Some(0), "store out sram=0 dram=256 size=1x1 stride=1 pad=0,0,1,0\nfinish".into()),
        (K::BufferOverrun, Some(0), "load inp sram=2040 dram=256 size=1x9 stride=16\nfinish".into()),
        (K::BufferOverrun, Some(0), "load wgt sram=0 dram=16 size=3x500 stride=0\nfinish".into()),
        (K::IndexOverrun, Some(1), format!("{UOPS}gemm uop=0..3 iter=1024x2 dst=2,1 src=0,0 wgt=0,0\nfinish")),
        (K::IndexOverrun, Some(1), format!("{UOPS}gemm uop=0..3 iter=1x3 dst=0,1 src=0,1023 wgt=0,0\nfinish")),
        (K::IndexOverrun, Some(0), "gemm uop=0..9000 iter=1x1 dst=0,1 src=0,0 wgt=0,0\nfinish".into()),
        (K::DramOverrun, Some(0), "load inp sram=0 dram=255 size=1x1 stride=1\nfinish".into()),
        (K::DramOverrun, Some(0), "load inp sram=0 dram=256 size=2x1 stride=65535\nfinish".into()),
        (K::Deadlock, Some(0), "finish pop_prev".into()),
        (K::Deadlock, Some(0), format!("{load} pop_next push_next\n{wait} pop_prev push_prev\nfinish")),
        (K::TooLong, Some(0), "gemm uop=0..1 iter=16383x16383 dst=0,0 src=0,0 wgt=0,0\nfinish".into()),
        (K::NoFinish, None, load.into()),
        (K::LeftoverTokens, None, format!("{load} push_next\nfinish")),
        (K::Dropped, Some(0), format!("{load} pop_next\nfinish")),
        (K::Dropped, Some(1), format!("finish\n{load}")),
        (
            K::TokenLimit,
            Some(300),
            format!("{}{}finish", many(&format!("{nothing} push_next"), 300), many(&format!("{wait} pop_prev"), 300)),
        ),
        (
            K::QueueLimit,
            Some(0),
            format!("{}{nothing} push_next\nfinish", many(&format!("{wait} pop_prev"), 1) + &many(wait, 512)),
        ),
        (K::Hazard, Some(1), format!("{UOPS}gemm uop=1..4 iter=1x1 dst=0,0 src=0,0 wgt=0,0\nfinish")),
        (K::Hazard, Some(1), format!("{UOPS}alu add uop=2..4 iter=1x1 dst=0,0 src=0,0 imm=1\nfinish")),
        (K::Race, Some(2), format!("{UOPS}{load}\ngemm uop=0..3 iter=1x1 dst=0,0 src=0,0 wgt=0,0\nfinish")),
        (K::Race, Some(0), "store out sram=0 dram=256 size=1x1 stride=1\nfinish".into()),
        (K::Divergence, Some(0), "store out sram=0 dram=256 size=1x1 stride=1\nfinish".into()),
        (K::Divergence, Some(1), format!("{UOPS}alu mul uop=0..1 iter=1x1 dst=0,0 src=0,0 imm=1\nfinish")),
        (K::Divergence, Some(1), format!("{UOPS}alu shr uop=0..1 iter=1x1 dst=0,0 src=0,0 imm=32\nfinish")),
        (K::Divergence, Some(1), format!("{UOPS}alu shr uop=0..1 iter=1x2 dst=0,0 src=0,1 imm=2\nfinish")),
        (K::Divergence, Some(0), "load acc8 sram=0 dram=1024 size=1x1 stride=1\nfinish".into()),
        (K::Divergence, Some(1), format!("{UOPS}gemm uop=0..1 iter=0x4 dst=0,0 src=0,0 wgt=0,0\nfinish")),
        (K::Divergence, Some(0), "load inp sram=0 dram=256 size=0x4 stride=1\nfinish".into()),
    ];
    for kind in K::ALL {
        assert!(cases.iter().any(|(of, ..)| *of == kind), "no stream has the fault {}", kind.name());
    }
    let missed: Vec<String> = cases
        .into_iter()
        .filter_map(|(kind, instruction, text)| {
            let found = faults(&text);
            let named = found.iter().any(|fault| (fault.kind, fault.instruction) == (kind, instruction));
            let start: String = text.chars().take(120).collect();
            (!named).then(|| format!("{} at {instruction:?} is not in {found:?} of\n{start}", kind.name()))
        })
        .collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn limits_are_those_that_were_measured() {
    let wait = "load uop sram=0 dram=0 size=0x0 stride=0";
    let nothing = "load inp sram=0 dram=0 size=0x0 stride=0";
    let kinds = |text: String| -> Vec<FaultKind> { faults(&text).into_iter().map(|fault| fault.kind).collect() };
    let behind = |count| format!("{wait} pop_prev\n{}{nothing} push_next\nfinish", format!("{wait}\n").repeat(count));
    assert_eq!(kinds(behind(511)), []);
    assert_eq!(kinds(behind(512)), [FaultKind::QueueLimit]);
    // The compute engine is kept busy while tokens gather.
    let busy = format!("{UOPS}alu add uop=0..1 iter=1000x10 dst=0,0 src=0,0 imm=0\n");
    let tokens = |count: usize| {
        format!(
            "{}{busy}{}finish",
            format!("{nothing} push_next\n").repeat(count),
            format!("{wait} pop_prev\n").repeat(count)
        )
    };
    let lost = |count| kinds(tokens(count)).contains(&FaultKind::TokenLimit);
    assert!(!lost(255));
    assert!(lost(256));
}

#[test]
fn timing_is_sane() {
    let text = format!(
        "{UOPS}load inp sram=0 dram=256 size=4x8 stride=16 pad=1,0,2,0 push_next\n\
         gemm uop=0..3 iter=4x2 dst=0,1 src=0,1 wgt=0,0 pop_prev push_next\n\
         store out sram=0 dram=512 size=1x8 stride=8 pop_prev push_prev\n\
         load uop sram=0 dram=0 size=0x0 stride=0 pop_next\nfinish\n"
    );
    let instructions = assemble(&text).unwrap();
    let hardware = Hardware::default();
    let cycles = |latency, gap| time(&hardware, &instructions, &Profile::memory(latency, gap)).cycles.unwrap();
    for (less, more) in [((0, 0), (16, 0)), ((16, 0), (16, 2)), ((16, 2), (60, 2))] {
        assert!(cycles(less.0, less.1) <= cycles(more.0, more.1), "{less:?} {more:?}");
    }
    let slow = Profile { beat_tenths: 22, ..Profile::memory(16, 2) };
    assert!(time(&hardware, &instructions, &slow).cycles.unwrap() > cycles(16, 2));
    let timed = time(&hardware, &instructions, &Profile::memory(16, 2));
    assert!(timed.busy.iter().all(|busy| *busy <= timed.cycles.unwrap()), "{timed:?}");
    assert_eq!(timed, time(&hardware, &instructions, &Profile::memory(16, 2)));
}

/// Random instructions, most of them with numbers that make sense, run without a panic and end.
#[test]
fn no_stream_panics_or_hangs() {
    let hardware = Hardware::default();
    let layout = Layout::new(&hardware);
    let mut random = seeded(8, "vta streams");
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..10_000 {
        let mut bytes = Vec::new();
        for _ in 0..random.random_range(1..12) {
            let bits = random_bits(&layout, &mut random);
            bytes.extend(bits.to_le_bytes());
        }
        bytes.extend(3u128.to_le_bytes());
        let Ok(instructions) = decode_stream(&layout, &bytes) else { continue };
        let timed = time(&hardware, &instructions, &Profile::memory(16, 2));
        let ran = run(&hardware, &instructions, &mut dram(), Checks::ALL, Engine::ALL);
        seen.extend(ran.faults.iter().chain(&timed.faults).map(|fault| fault.kind));
    }
    assert!(seen.len() >= 8, "{seen:?}");
}

/// The high bits of the fields `uop_begin`, `uop_end`, `iter_out` and `iter_in`.
const LOOP_BITS: u128 = 0xff << 13 | 0x1ff << 26 | 0xfff << 37 | 0xfff << 51;

/// Bits at random, or a small instruction: loops of at most some thousand rounds, so that a run is short.
fn random_bits(layout: &Layout, random: &mut crate::base::Random) -> u128 {
    let mut number = |most: u32| random.random_range(0..=most);
    let flags: String = ["pop_prev", "pop_next", "push_prev", "push_next"]
        .iter()
        .filter(|_| number(3) == 0)
        .map(|flag| format!(" {flag}"))
        .collect();
    let loops = format!(
        "uop={}..{} iter={}x{} dst={},{} src={},{}",
        number(2),
        number(6),
        number(10),
        number(8),
        number(200),
        number(30),
        number(200),
        number(30)
    );
    let line = match number(5) {
        // Of the loops only few bits are left, or a run would take minutes.
        0 => {
            return (u128::from(number(u32::MAX)) << 96
                | u128::from(number(u32::MAX)) << 64
                | u128::from(number(u32::MAX)) << 32
                | u128::from(number(u32::MAX)))
                & !LOOP_BITS;
        }
        1 => format!(
            "load {} sram={} dram={}",
            ["uop", "inp", "wgt", "acc"][number(3) as usize],
            number(1500),
            number(3000)
        ),
        2 => format!("store out sram={} dram={}", number(2000), 256 + number(4000)),
        3 => return encoded(layout, &format!("gemm {loops} wgt={},{}{flags}", number(9), number(9))),
        _ => {
            let operation = ["min", "max", "add", "shr", "mul"][number(4) as usize];
            return encoded(layout, &format!("alu {operation} {loops} imm={}{flags}", number(40)));
        }
    };
    encoded(layout, &format!("{line} size={}x{} stride={}{flags}", number(4), number(40), number(50)))
}

fn encoded(layout: &Layout, line: &str) -> u128 {
    layout.encode(&assemble(line).unwrap()[0]).unwrap()
}

/// Where no race is found, every order of the engines gives the same image.
#[test]
fn what_has_no_race_does_not_depend_on_the_order() {
    let hardware = Hardware::default();
    let layout = Layout::new(&hardware);
    let mut random = seeded(9, "vta orders");
    let (mut same, mut raced) = (0, 0);
    use Engine::{Compute, Load, Store};
    for _ in 0..2_000 {
        let mut bits: Vec<u128> = (0..5).map(|_| random_bits(&layout, &mut random)).collect();
        bits.insert(0, encoded(&layout, UOPS.trim()));
        bits.push(3);
        let bytes: Vec<u8> = bits.into_iter().flat_map(u128::to_le_bytes).collect();
        let Ok(instructions) = decode_stream(&layout, &bytes) else { continue };
        let images = [[Load, Compute, Store], [Store, Compute, Load], [Compute, Load, Store]].map(|order| {
            let mut dram = dram();
            let ran = run(&hardware, &instructions, &mut dram, Checks { races: true, ..Checks::default() }, order);
            (dram, ran.faults)
        });
        // A run that breaks off leaves what its order had done by then.
        let broken = [
            FaultKind::Race,
            FaultKind::Illegal,
            FaultKind::BufferOverrun,
            FaultKind::IndexOverrun,
            FaultKind::DramOverrun,
        ];
        let faulty = images.iter().flat_map(|(_, faults)| faults).any(|fault| broken.contains(&fault.kind));
        if faulty {
            raced += usize::from(images.iter().any(|(dram, _)| *dram != images[0].0));
            continue;
        }
        same += 1;
        assert!(images.iter().all(|(dram, _)| *dram == images[0].0));
    }
    assert!(same > 20 && raced > 20, "{same} {raced}");
}

#[test]
fn other_hardware_multiplies_too() {
    let config = r#"{"LOG_INP_WIDTH": 4, "LOG_WGT_WIDTH": 3, "LOG_ACC_WIDTH": 5, "LOG_BATCH": 1, "LOG_BLOCK": 2,
        "LOG_UOP_BUFF_SIZE": 12, "LOG_INP_BUFF_SIZE": 12, "LOG_WGT_BUFF_SIZE": 12, "LOG_ACC_BUFF_SIZE": 12}"#;
    let hardware = Hardware::from_json(config).unwrap();
    let mut dram = Dram { base: 0, bytes: vec![0; 256] };
    // A micro-op of zeros at 0; inputs 2x4 of 16 bits at 16: 1, 2, … 8; weights 4x4 of 8 bits at 32: row r is r + 1.
    for at in 0..8i16 {
        dram.bytes[16 + 2 * at as usize..][..2].copy_from_slice(&(at + 1).to_le_bytes());
    }
    for at in 0..16 {
        dram.bytes[32 + at] = (at / 4 + 1) as u8;
    }
    let text = "load inp sram=0 dram=1 size=1x1 stride=1\nload wgt sram=0 dram=2 size=1x1 stride=1 push_next\n\
                load uop sram=0 dram=0 size=1x1 stride=1\n\
                gemm uop=0..1 iter=1x1 dst=0,0 src=0,0 wgt=0,0 pop_prev push_next\n\
                store out sram=0 dram=4 size=1x1 stride=1 pop_prev push_prev\n\
                load uop sram=0 dram=0 size=0x0 stride=0 pop_next\nfinish\n";
    let ran = run(&hardware, &assemble(text).unwrap(), &mut dram, Checks::ALL, Engine::ALL);
    assert_eq!(ran.faults, []);
    let stored: Vec<i16> = dram.bytes[64..80].as_chunks::<2>().0.iter().map(|word| i16::from_le_bytes(*word)).collect();
    assert_eq!(stored, [10, 20, 30, 40, 26, 52, 78, 104]);
}
