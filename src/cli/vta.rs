//! `wgtune vta`: instruction streams of VTA as text, and runs of the simulator beside what references recorded.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use super::error::Failure;
use super::{print, print_json};
use crate::backend::vta::{self, Checks, Dram, Engine, Fault, Profile};
use crate::code::vta::{Hardware, Instruction, Layout, decode_stream, disassemble};
use crate::interchange::{Vector, read_vectors};
use crate::report::Table;

#[derive(Args)]
#[command(after_help = "\
Example: wgtune vta run --vectors vectors.jsonl.xz

VTA is an open tensor accelerator, simulated here. `wgtune tune --device vta` tunes for it.")]
pub(super) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run recorded streams, and say whether memory, counters and cycles are those of the record
    Run(RunOptions),
    /// Print a stream as text, one instruction a line
    Disasm(DisasmOptions),
}

#[derive(Args)]
#[command(after_help = "\
Example: wgtune vta run --vectors vectors.jsonl.xz --json

Each line of the file is an object with `id`; `insn`, `dram_in`, `dram_out` in base64, where DRAM begins at
byte address 0x1000; `profile`, the counters of VTA's functional simulator; and `cycles` by setting of the
memory: L16g2 is 16 cycles to the first beat and 2 between read commands. The exit code is 1 where memory
or counters differ.")]
struct RunOptions {
    /// The vectors, plain or as xz
    #[arg(long, value_name = "FILE")]
    vectors: PathBuf,
    #[command(flatten)]
    hardware: HardwareArgs,
    /// Also report races, hazards, and whatever the references of VTA do not agree about
    #[arg(long)]
    strict: bool,
    /// Print one JSON object per vector
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[command(after_help = "\
Example: wgtune vta disasm --vectors vectors.jsonl.xz --id conv21")]
struct DisasmOptions {
    /// A file of instructions, 16 bytes each
    #[arg(value_name = "FILE", required_unless_present = "vectors", conflicts_with = "vectors")]
    file: Option<PathBuf>,
    /// Vectors, plain or as xz
    #[arg(long, value_name = "FILE", requires = "id")]
    vectors: Option<PathBuf>,
    /// Which of the vectors
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    #[command(flatten)]
    hardware: HardwareArgs,
}

/// Which hardware is meant.
#[derive(Args)]
struct HardwareArgs {
    /// The hardware's configuration, a vta_config.json [default: 1x16_i8w8a32_15_15_18_17]
    #[arg(long, value_name = "FILE")]
    vta_config: Option<PathBuf>,
}

/// Where the DRAM of vectors begins.
const DRAM_BASE: u64 = 0x1000;

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    match &options.command {
        Command::Run(options) => run_vectors(options),
        Command::Disasm(options) => disasm(options),
    }
}

fn run_vectors(options: &RunOptions) -> Result<(), Failure> {
    let hardware = options.hardware.read()?;
    let vectors = read_vectors(&options.vectors)?;
    let mut table = Table::new(&["id", "image", "counters", "cycles", "faults"]).left(3).left(4);
    let mut tally = Tally::default();
    for vector in &vectors {
        let checked = Checked::of(&hardware, vector, options.strict)?;
        tally.add(&checked, vector);
        if options.json {
            print_json(&checked.as_json(&vector.id))?;
        } else {
            table.row(checked.as_row(vector));
        }
    }
    if !options.json {
        print(&table.to_string())?;
        print(&tally.to_string())?;
    }
    let wrong = vectors.len() - tally.right;
    if wrong > 0 {
        Err(Failure::work(format!("{wrong} of {} vectors came out otherwise", vectors.len())))
    } else {
        Ok(())
    }
}

fn disasm(options: &DisasmOptions) -> Result<(), Failure> {
    let layout = Layout::new(&options.hardware.read()?);
    let (bytes, name) = match (&options.file, &options.vectors, &options.id) {
        (Some(file), _, _) => (read_bytes(file)?, format!("`{}`", file.display())),
        (_, Some(file), Some(id)) => {
            let vector = read_vectors(file)?.into_iter().find(|vector| vector.id == *id);
            let missing =
                || Failure::input(format!("`{}` has no vector `{id}`; its ids are in its lines", file.display()));
            (vector.ok_or_else(missing)?.insn, format!("vector `{id}`"))
        }
        _ => return Err(Failure::input("name a file of instructions, or vectors with an id")),
    };
    let instructions = decode_stream(&layout, &bytes).map_err(|error| Failure::input(format!("{name}: {error}")))?;
    print(disassemble(&instructions).trim_end())
}

impl HardwareArgs {
    fn read(&self) -> Result<Hardware, Failure> {
        self.vta_config.as_deref().map_or_else(|| Ok(Hardware::default()), hardware)
    }
}

/// The hardware that a vta_config.json describes.
pub(super) fn hardware(path: &Path) -> Result<Hardware, Failure> {
    let text = String::from_utf8_lossy(&read_bytes(path)?).into_owned();
    Hardware::from_json(&text).map_err(|error| Failure::input(format!("`{}`: {error}", path.display())))
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable =
        |error| Failure::input(format!("`{}` cannot be read ({error}); name a file that can", path.display()));
    std::fs::read(path).map_err(unreadable)
}

/// What came of a vector.
struct Checked {
    image_ok: bool,
    counters_ok: bool,
    cycles: BTreeMap<String, Option<u64>>,
    faults: Vec<Fault>,
}

impl Checked {
    fn of(hardware: &Hardware, vector: &Vector, strict: bool) -> Result<Self, Failure> {
        let instructions = match decode_stream(&Layout::new(hardware), &vector.insn) {
            Ok(instructions) => instructions,
            Err(error) => return Ok(Self::undecodable(vector, Fault::from(&error))),
        };
        let mut dram = Dram { base: DRAM_BASE, bytes: vector.dram_in.clone() };
        let checks = if strict { Checks::ALL } else { Checks::default() };
        let ran = vta::run(hardware, &instructions, &mut dram, checks, Engine::ALL);
        let counted = serde_json::to_value(ran.counters).expect("plain data serialises");
        let counters_ok = vector.profile.iter().all(|(name, count)| counted[name] == *count);
        let (cycles, timing_faults) = cycles(hardware, &instructions, vector)?;
        let faults = ran.faults.into_iter().chain(timing_faults).collect();
        Ok(Self { image_ok: dram.bytes == vector.dram_out, counters_ok, cycles, faults })
    }

    fn undecodable(vector: &Vector, fault: Fault) -> Self {
        let cycles = vector.cycles.keys().map(|setting| (setting.clone(), None)).collect();
        Self { image_ok: false, counters_ok: false, cycles, faults: vec![fault] }
    }

    fn as_json(&self, id: &str) -> serde_json::Value {
        let Self { image_ok, counters_ok, cycles, faults } = self;
        json!({ "id": id, "image_ok": image_ok, "counters_ok": counters_ok, "cycles": cycles, "faults": faults })
    }

    fn as_row(&self, vector: &Vector) -> [String; 5] {
        let word = |ok| if ok { "ok" } else { "WRONG" }.to_owned();
        let cycles = self.cycles.iter().map(|(setting, cycles)| {
            let shown = cycles.map_or_else(|| "none".to_owned(), |cycles| cycles.to_string());
            let recorded = vector.cycles.get(setting).copied();
            let apart = recorded.zip(*cycles).map(|(recorded, cycles)| cycles as i128 - i128::from(recorded));
            let apart = apart.filter(|apart| *apart != 0).map(|apart| format!(" ({apart:+})")).unwrap_or_default();
            format!("{setting} {shown}{apart}")
        });
        let cycles = cycles.collect::<Vec<_>>().join(", ");
        let faults = self.faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("; ");
        [vector.id.clone(), word(self.image_ok), word(self.counters_ok), cycles, faults]
    }
}

/// Cycles by each setting that a vector has, and what the timing found wrong.
#[allow(clippy::type_complexity, reason = "a pair of two plain collections")]
fn cycles(
    hardware: &Hardware,
    instructions: &[Instruction],
    vector: &Vector,
) -> Result<(BTreeMap<String, Option<u64>>, Vec<Fault>), Failure> {
    let mut cycles = BTreeMap::new();
    let mut faults = Vec::new();
    for setting in vector.cycles.keys() {
        let unknown = || {
            let id = &vector.id;
            Failure::input(format!("vector `{id}` has cycles of `{setting}`, and settings are such as L16g2"))
        };
        let profile = memory(setting).ok_or_else(unknown)?;
        let timed = vta::time(hardware, instructions, &profile);
        cycles.insert(setting.clone(), timed.cycles);
        faults = timed.faults;
    }
    Ok((cycles, faults))
}

/// The memory of a setting such as `L16g2`.
fn memory(setting: &str) -> Option<Profile> {
    let (latency, gap) = setting.strip_prefix('L')?.split_once('g')?;
    Some(Profile::memory(latency.parse().ok()?, gap.parse().ok()?))
}

/// How many came out as recorded.
#[derive(Default)]
struct Tally {
    vectors: usize,
    right: usize,
    cycles: usize,
    exact: usize,
    worst: f64,
    sum: f64,
}

impl Tally {
    fn add(&mut self, checked: &Checked, vector: &Vector) {
        self.vectors += 1;
        self.right += usize::from(checked.image_ok && checked.counters_ok);
        for (setting, recorded) in &vector.cycles {
            let found = checked.cycles.get(setting).copied().flatten().unwrap_or(0);
            let apart = (found as f64 - *recorded as f64).abs() / (*recorded as f64).max(1.0);
            self.cycles += 1;
            self.exact += usize::from(found == *recorded);
            self.worst = self.worst.max(apart);
            self.sum += apart;
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { vectors, right, cycles, exact, worst, sum } = self;
        let mean = sum / (*cycles).max(1) as f64;
        write!(
            f,
            "{right} of {vectors} vectors: memory and counters as recorded; {exact} of {cycles} cycle counts exact, "
        )?;
        write!(f, "{:.4} % apart in the mean, {:.4} % at worst", 100.0 * mean, 100.0 * worst)
    }
}
