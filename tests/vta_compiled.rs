//! Convolutions that are compiled for VTA: right results, the valid cuts of AutoTVM's template, cycles of its streams.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use rand::RngExt;
use wgtune::backend::vta::{Checks, Dram, Engine, FaultKind, PROFILES, Profile, run, time};
use wgtune::base::seeded;
use wgtune::code::vta::{
    Convolution, Epilogue, Hardware, Lowered, Memory, Mode, NotLowered, Operation, Refusal, Tiling, lower,
};

/// A layer of ResNet-18, and what is published of it.
struct Layer {
    name: &'static str,
    convolution: Convolution,
    /// Cuts, and those of them that AutoTVM's template can compile.
    cuts: usize,
    valid: Option<usize>,
    /// The cut that TopHub has, and the cycles of its stream by the Verilog of the core (16 cycles to the first beat, gap 2).
    best: Tiling,
    cycles: u64,
}

const fn layer(
    name: &'static str,
    [size, inputs, outputs, filter, stride]: [u32; 5],
    (cuts, valid): (usize, Option<usize>),
    [height, width, outer, threads, row_threads]: [u32; 5],
    cycles: u64,
) -> Layer {
    let padding = [filter / 2; 2];
    let (image, filter, stride) = ([size; 2], [filter; 2], [stride; 2]);
    let convolution = Convolution { images: 1, image, inputs, outputs, filter, stride, padding };
    let pixels = [height, width];
    let best = Tiling { pixels, inputs: 1, outputs: outer, output_threads: threads, row_threads };
    Layer { name, convolution, cuts, valid, best, cycles }
}

const LAYERS: [Layer; 10] = [
    layer("C2", [56, 64, 64, 3, 1], (2304, Some(182)), [8, 56, 2, 2, 1], 517_369),
    layer("C3", [56, 64, 128, 3, 2], (1728, None), [7, 28, 4, 2, 1], 262_711),
    layer("C4", [56, 64, 128, 1, 2], (1728, Some(315)), [7, 28, 4, 1, 2], 82_819),
    layer("C5", [28, 128, 128, 3, 1], (2304, Some(147)), [14, 28, 2, 1, 2], 485_723),
    layer("C6", [28, 128, 256, 3, 2], (1280, None), [14, 14, 4, 2, 1], 245_795),
    layer("C7", [28, 128, 256, 1, 2], (1280, Some(295)), [7, 14, 8, 2, 1], 50_211),
    layer("C8", [14, 256, 256, 3, 1], (1600, Some(103)), [14, 14, 4, 2, 1], 470_126),
    layer("C9", [14, 256, 512, 3, 2], (480, None), [7, 7, 16, 2, 1], 239_881),
    layer("C10", [14, 256, 512, 1, 2], (480, Some(132)), [7, 7, 16, 2, 1], 39_480),
    layer("C11", [7, 512, 512, 3, 1], (576, None), [7, 7, 16, 2, 1], 465_587),
];

/// Valid cuts of all ten layers.
const VALID: usize = 1495;

/// What the streams of TopHub's cuts, which TVM compiled, had after their sums.
const EPILOGUE: Epilogue = Epilogue { bias: false, shift: 8, clip: [0, 127] };

impl Layer {
    /// Every cut into divisors.
    fn all_cuts(&self) -> Vec<Tiling> {
        let divisors = |number: u32| (1..=number).filter(move |part| number.is_multiple_of(*part));
        let ([height, width], [in_blocks, out_blocks]) =
            (self.convolution.results(), self.convolution.blocks(&Hardware::default()));
        let mut cuts = Vec::new();
        for (rows, columns) in divisors(height).flat_map(|rows| divisors(width).map(move |columns| (rows, columns))) {
            for (inputs, outputs) in
                divisors(in_blocks).flat_map(|inputs| divisors(out_blocks).map(move |outputs| (inputs, outputs)))
            {
                for (output_threads, row_threads) in [(1, 1), (1, 2), (2, 1), (2, 2)] {
                    cuts.push(Tiling { pixels: [rows, columns], inputs, outputs, output_threads, row_threads });
                }
            }
        }
        cuts
    }

    fn valid_cuts(&self) -> Vec<Tiling> {
        let hardware = Hardware::default();
        let valid = |cut: &Tiling| cut.refusal(&self.convolution, &hardware).is_none();
        self.all_cuts().into_iter().filter(valid).collect()
    }

    fn lowered(&self, cut: &Tiling) -> Lowered {
        lower(&Hardware::default(), &self.convolution, &EPILOGUE, cut, Mode::Tvm).unwrap()
    }
}

#[test]
fn spaces_have_the_sizes_and_valid_cuts_that_were_recorded() {
    let mut sum = 0;
    for layer in &LAYERS {
        let (cuts, valid) = (layer.all_cuts().len(), layer.valid_cuts().len());
        assert_eq!(cuts, layer.cuts, "{}", layer.name);
        assert!(layer.valid.is_none_or(|recorded| recorded == valid), "{}: {valid} valid", layer.name);
        sum += valid;
    }
    assert_eq!(sum, VALID);
}

#[test]
fn published_streams_take_the_cycles_of_the_verilog() {
    let (hardware, memory) = (Hardware::default(), Profile::memory(16, 2));
    for layer in &LAYERS {
        let cycles = time(&hardware, &layer.lowered(&layer.best).instructions, &memory).cycles.unwrap();
        let apart = (cycles as f64 - layer.cycles as f64) / layer.cycles as f64;
        println!("{}: {cycles} cycles, {:+.3} % of the Verilog's {}", layer.name, 100.0 * apart, layer.cycles);
        assert!(apart.abs() < 0.002, "{}: {cycles} and {}", layer.name, layer.cycles);
    }
}

#[test]
fn the_board_would_choose_the_published_cuts() {
    let (hardware, board) = (Hardware::default(), Profile::named("pynq-z1").unwrap());
    for layer in &LAYERS {
        let cycles = |cut: &Tiling| time(&hardware, &layer.lowered(cut).instructions, board).cycles.unwrap();
        let published = cycles(&layer.best);
        let all: Vec<u64> = layer.valid_cuts().iter().map(cycles).collect();
        let rank = all.iter().filter(|cycles| **cycles < published).count() + 1;
        let over = published as f64 / *all.iter().min().unwrap() as f64;
        println!("{}: rank {rank} of {}, {over:.4} of the best", layer.name, all.len());
        match layer.name {
            "C3" => assert!(over < 1.002, "C3: {over}"),
            // Two virtual threads hide less than the board did; the reference model has it 1.30 of the best, too.
            "C4" => assert!(rank <= 12, "C4: rank {rank}"),
            name => assert_eq!(rank, 1, "{name}"),
        }
    }
}

/// Rows of what TVM's compiler made of all cuts of six layers: verdict, what moves, cycles by a model of a reference.
#[test]
fn cuts_are_as_tvm_compiles_them() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/vta/space-truth.csv.gz");
    let Ok(file) = std::fs::File::open(path) else {
        println!("SKIPPED: what TVM compiled is not kept here; its numbers of valid cuts are checked all the same");
        return;
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let (hardware, mut wrong) = (Hardware::default(), Vec::new());
    for (number, line) in text.lines().skip(1).enumerate() {
        let fields: Vec<&str> = line.split(',').collect();
        let number_of = |at: usize| fields[at].parse::<u64>().unwrap();
        let layer = LAYERS.iter().find(|layer| layer.name == fields[0]).unwrap();
        let [rows, columns, inputs, outputs, output_threads, row_threads] =
            [1, 2, 3, 4, 5, 6].map(|at| number_of(at) as u32);
        let cut = Tiling { pixels: [rows, columns], inputs, outputs, output_threads, row_threads };
        let refusal = cut.refusal(&layer.convolution, &hardware);
        if refusal.is_none() != (fields[7] == "ok") {
            wrong.push(format!("{line}: {refusal:?}"));
        } else if refusal.is_none() && number % 7 == 0 {
            let moved = moved(&hardware, &layer.lowered(&cut));
            let recorded: Vec<u64> = (9..15).map(number_of).collect();
            if moved != *recorded {
                wrong.push(format!("{line}: {moved:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong[..wrong.len().min(9)].join("\n"));
}

/// Bytes of inputs, weights, micro-ops and results, executions of GEMM and ALU.
fn moved(hardware: &Hardware, lowered: &Lowered) -> [u64; 6] {
    let mut moved = [0; 6];
    for instruction in &lowered.instructions {
        match &instruction.operation {
            Operation::Load(transfer) | Operation::Store(transfer) => {
                let kinds = [Memory::Inp, Memory::Wgt, Memory::Uop, Memory::Out];
                let at = kinds.iter().position(|kind| *kind == transfer.memory).unwrap();
                moved[at] += transfer.elements() * hardware.element_bytes(transfer.memory);
            }
            Operation::Gemm(gemm) if !gemm.reset => moved[4] += gemm.loops.executions(),
            Operation::Alu(alu) => moved[5] += alu.loops.executions(),
            Operation::Gemm(_) | Operation::Finish => {}
        }
    }
    moved
}

/// Convolutions of all kinds, cut at random: what fits the chip computes what it should, and nothing races.
#[test]
fn compiled_convolutions_are_right() {
    let small = r#"{"LOG_INP_WIDTH": 3, "LOG_WGT_WIDTH": 3, "LOG_ACC_WIDTH": 5, "LOG_BATCH": 1, "LOG_BLOCK": 2,
        "LOG_UOP_BUFF_SIZE": 12, "LOG_INP_BUFF_SIZE": 12, "LOG_WGT_BUFF_SIZE": 12, "LOG_ACC_BUFF_SIZE": 13}"#;
    let machines = [Hardware::default(), Hardware::from_json(small).unwrap()];
    let mut random = seeded(8, "vta convolutions");
    let mut ran = BTreeMap::new();
    for round in 0..240 {
        let hardware = &machines[round % 2];
        let mut number = |least: u32, most: u32| random.random_range(least..=most);
        let filter = [number(1, 3), number(1, 3)];
        let convolution = Convolution {
            images: number(1, 3),
            image: [number(3, 9), number(3, 9)],
            inputs: number(1, 3 * hardware.block() as u32),
            outputs: number(1, 3 * hardware.block() as u32),
            filter,
            stride: [number(1, 2), number(1, 2)],
            padding: filter.map(|taps| number(0, taps - 1)),
        };
        let epilogue = Epilogue {
            bias: number(0, 1) == 1,
            shift: number(0, 9),
            clip: [-(number(0, 128) as i16), number(1, 127) as i16],
        };
        let [height, width] = convolution.results();
        let [in_blocks, out_blocks] = convolution.blocks(hardware);
        let cut = Tiling {
            pixels: [number(1, height), number(1, width)],
            inputs: number(1, in_blocks),
            outputs: number(1, out_blocks),
            output_threads: number(1, 2),
            row_threads: number(1, 2),
        };
        for mode in [Mode::Direct, Mode::Tvm] {
            let Ok(lowered) = lower(hardware, &convolution, &epilogue, &cut, mode) else { continue };
            let what = check(hardware, &convolution, &epilogue, &lowered, &mut random);
            let what = what.unwrap_or_else(|wrong| panic!("{wrong}: {mode:?} {convolution:?} {epilogue:?} {cut:?}"));
            *ran.entry((mode == Mode::Tvm, what)).or_insert(0) += 1;
        }
    }
    println!("{ran:?}");
    assert!(ran[&(false, "right")] > 100 && ran[&(true, "right")] > 10, "{ran:?}");
}

/// Runs a stream on random data: right, or stopped by a fault that the simulator names.
fn check(
    hardware: &Hardware,
    convolution: &Convolution,
    epilogue: &Epilogue,
    lowered: &Lowered,
    random: &mut wgtune::base::Random,
) -> Result<&'static str, String> {
    let mut numbers =
        |count: u32, most: i32| -> Vec<i32> { (0..count).map(|_| random.random_range(-most..=most)).collect() };
    let ([rows, columns], [taps_down, taps_across]) = (convolution.image, convolution.filter);
    let inputs = numbers(convolution.images * convolution.inputs * rows * columns, 127);
    let weights = numbers(convolution.outputs * convolution.inputs * taps_down * taps_across, 127);
    let bias = if epilogue.bias { numbers(convolution.outputs, 5000) } else { Vec::new() };
    let bytes = lowered.image(hardware, convolution, &inputs, &weights, &bias);
    let mut dram = Dram { base: lowered.base(), bytes };
    let ran = run(hardware, &lowered.instructions, &mut dram, Checks { races: true, ..Checks::default() }, Engine::ALL);
    if let Some(fault) = ran.faults.first() {
        let overrun = fault.kind.name().contains("overrun");
        return if overrun { Ok("does not fit") } else { Err(format!("fault: {fault}")) };
    }
    let got = lowered.results(hardware, convolution, &dram.bytes);
    let right = reference(convolution, epilogue, &inputs, &weights, &bias);
    let timed = time(hardware, &lowered.instructions, &PROFILES[0]);
    match got.iter().zip(&right).position(|(got, right)| got != right) {
        Some(at) => Err(format!("result {at} is {} and not {}", got[at], right[at])),
        None if timed.cycles.is_none() => Err(format!("{:?}", timed.faults)),
        None => Ok("right"),
    }
}

/// The definition, in whole numbers.
fn reference(
    convolution: &Convolution,
    epilogue: &Epilogue,
    inputs: &[i32],
    weights: &[i32],
    bias: &[i32],
) -> Vec<i32> {
    let Convolution { images, image: [rows, columns], filter: [down, across], stride, padding, .. } = *convolution;
    let [height, width] = convolution.results();
    let mut results = Vec::new();
    for image in 0..images {
        for output in 0..convolution.outputs {
            for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                let mut sum = bias.get(output as usize).copied().unwrap_or(0);
                for input in 0..convolution.inputs {
                    for (tap_y, tap_x) in (0..down).flat_map(|y| (0..across).map(move |x| (y, x))) {
                        let row = (y * stride[0] + tap_y).checked_sub(padding[0]).filter(|row| *row < rows);
                        let column = (x * stride[1] + tap_x).checked_sub(padding[1]).filter(|column| *column < columns);
                        let (Some(row), Some(column)) = (row, column) else { continue };
                        let at = ((image * convolution.inputs + input) * rows + row) * columns + column;
                        let tap = ((output * convolution.inputs + input) * down + tap_y) * across + tap_x;
                        sum += inputs[at as usize] * weights[tap as usize];
                    }
                }
                let [least, most] = epilogue.clip.map(i32::from);
                results.push((sum >> epilogue.shift).clamp(least, most));
            }
        }
    }
    results
}

#[test]
fn refusals_say_why() {
    let (hardware, layer) = (Hardware::default(), &LAYERS[0]);
    let cut = Tiling { pixels: [56, 28], inputs: 1, outputs: 1, output_threads: 2, row_threads: 2 };
    let refused = lower(&hardware, &layer.convolution, &EPILOGUE, &cut, Mode::Tvm).unwrap_err();
    assert_eq!(refused, NotLowered::Refused(Refusal::NestedThreads));
    assert!(refused.to_string().contains("virtual threads"), "{refused}");
    // Its places are beyond what a micro-op can name.
    let unencodable = lower(&hardware, &layer.convolution, &EPILOGUE, &cut, Mode::Direct).unwrap_err();
    assert!(unencodable.to_string().contains("and its field holds"), "{unencodable}");
    let wide = Convolution { image: [2, 40_000], ..layer.convolution };
    let cut = Tiling { pixels: [1, 40_000], inputs: 1, outputs: 1, output_threads: 1, row_threads: 1 };
    let refused = lower(&hardware, &wide, &EPILOGUE, &cut, Mode::Direct).unwrap_err();
    assert!(refused.to_string().contains("and its field holds"), "{refused}");
}

/// What no rule refuses is found where it happens: 36 rows and 58 columns of inputs are more than the chip holds.
#[test]
fn what_does_not_fit_is_found_by_the_simulator() {
    let (hardware, layer) = (Hardware::default(), &LAYERS[0]);
    let cut = Tiling { pixels: [34, 56], inputs: 1, outputs: 1, output_threads: 1, row_threads: 1 };
    assert_eq!(cut.refusal(&layer.convolution, &hardware), Some(Refusal::Inputs));
    let lowered = lower(&hardware, &layer.convolution, &EPILOGUE, &cut, Mode::Direct).unwrap();
    let bytes = lowered.image(&hardware, &layer.convolution, &[], &[], &[]);
    let mut dram = Dram { base: lowered.base(), bytes };
    let ran = run(&hardware, &lowered.instructions, &mut dram, Checks::default(), Engine::ALL);
    assert_eq!(ran.faults[0].kind, FaultKind::BufferOverrun);
    assert!(ran.faults[0].what.contains("inp holds 2048"), "{}", ran.faults[0]);
}
