//! The simulator of VTA beside what independent references recorded: the functional simulator and the Verilog of the core.

use std::path::Path;

use wgtune::backend::vta::{Checks, Dram, Engine, FaultKind, Profile, run, time};
use wgtune::code::vta::{Hardware, Instruction, Layout, assemble, decode_stream, disassemble, encode_stream};
use wgtune::interchange::{Vector, read_vectors};

/// Where the DRAM of the vectors begins.
const DRAM_BASE: u64 = 0x1000;

/// The settings of the memory that cycles were recorded with.
const SETTINGS: [(&str, u64, u64); 3] = [("L0g0", 0, 0), ("L16g2", 16, 2), ("L60g2", 60, 2)];

#[test]
fn the_vectors_kept_here_come_out_as_recorded() {
    check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/vta/vectors.jsonl.xz"));
}

#[test]
fn all_recorded_vectors_come_out_as_recorded() {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/vta/vectors.jsonl.xz");
    if !all.exists() {
        println!("SKIPPED: the vectors that are not kept here are not there; 16 of them are checked all the same");
        return;
    }
    check(&all);
}

fn check(path: &Path) {
    let vectors = read_vectors(path).unwrap();
    let wrong: Vec<String> = vectors.iter().flat_map(differences).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is not as recorded of one vector, whichever engine goes first.
fn differences(vector: &Vector) -> Vec<String> {
    use Engine::{Compute, Load, Store};
    let (hardware, id) = (Hardware::default(), &vector.id);
    let layout = Layout::new(&hardware);
    let instructions = decode_stream(&layout, &vector.insn).unwrap();
    let mut wrong = Vec::new();
    for order in [[Load, Compute, Store], [Compute, Store, Load], [Store, Load, Compute]] {
        let mut dram = Dram { base: DRAM_BASE, bytes: vector.dram_in.clone() };
        let ran = run(&hardware, &instructions, &mut dram, Checks { races: true, ..Checks::default() }, order);
        let counted = serde_json::to_value(ran.counters).unwrap();
        if dram.bytes != vector.dram_out {
            wrong.push(format!("{id}: memory differs where {order:?} is the order"));
        }
        if vector.profile.len() != 7 || vector.profile.iter().any(|(name, count)| counted[name] != *count) {
            wrong.push(format!("{id}: counted {counted}, recorded {:?}", vector.profile));
        }
        wrong.extend(ran.faults.iter().map(|fault| format!("{id}: {fault}")));
    }
    for (setting, latency, gap) in SETTINGS {
        let (cycles, recorded) = (timed(&instructions, latency, gap), vector.cycles[setting]);
        if cycles != recorded {
            wrong.push(format!("{id} {setting}: {cycles} cycles, recorded {recorded}"));
        }
    }
    // Text and bits are inverses on real streams too; the bits that hardware ignores are 0 in all of them.
    let again = assemble(&disassemble(&instructions)).unwrap();
    if encode_stream(&layout, &again).unwrap() != vector.insn {
        wrong.push(format!("{id}: its text is another stream"));
    }
    wrong
}

fn timed(instructions: &[Instruction], latency: u64, gap: u64) -> u64 {
    time(&Hardware::default(), instructions, &Profile::memory(latency, gap)).cycles.unwrap_or(0)
}

/// Taking away one token of a stream is found: as a race, or because something waits in vain or tokens are left.
#[test]
fn a_missing_token_is_found() {
    let vectors = read_vectors(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/vta/vectors.jsonl.xz")).unwrap();
    let vector = vectors.iter().find(|vector| vector.id == "conv38").unwrap();
    let hardware = Hardware::default();
    let instructions = decode_stream(&Layout::new(&hardware), &vector.insn).unwrap();
    let waiting = (0..instructions.len()).filter(|index| instructions[*index].tokens.pop_previous);
    for index in waiting.collect::<Vec<_>>() {
        let mut changed = instructions.clone();
        changed[index].tokens.pop_previous = false;
        let mut dram = Dram { base: DRAM_BASE, bytes: vector.dram_in.clone() };
        let ran = run(&hardware, &changed, &mut dram, Checks::ALL, Engine::ALL);
        let told = ran.faults.iter().any(|fault| matches!(fault.kind, FaultKind::Race | FaultKind::LeftoverTokens));
        assert!(told, "instruction {index} does not wait, and nothing is told: {:?}", ran.faults);
    }
}
