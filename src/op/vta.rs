//! What templates for VTA share: the cuts of a convolution as a space, the cut to begin with, and what is asked of the lowering.

use super::epilogue::IntegerSteps;
use super::kernel::{closest, log2, tiles};
use super::{Signature, Template};
use crate::base::{DeviceFacts, Language};
use crate::code::Program;
use crate::code::routine::{AcceleratedCall, Call, Operands, Routine};
use crate::code::vta::{Convolution, Epilogue, Hardware, Memory, Mode, Tiling, VERSION};
use crate::record::Rejection;
use crate::space::{Config, Space, SpaceBuilder};

/// What a workload is as a convolution on VTA.
#[derive(Clone, Copy)]
pub struct Asked {
    pub convolution: Convolution,
    pub epilogue: Epilogue,
    pub operands: Operands,
}

/// A template for VTA: which cuts it may choose from, and what a workload is as a convolution.
pub struct Vta {
    /// `operator/name`.
    pub name: &'static str,
    pub cuts: Cuts,
    /// `None` where it is none that can be lowered, whatever the cut.
    pub asked: fn(&Signature) -> Option<Asked>,
}

/// Which cuts there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cuts {
    /// Those of AutoTVM's conv2d_packed, all of them, most of which cannot be compiled.
    Tvm,
    /// The same, and others of extents with few divisors; whatever can be encoded is run.
    Direct,
    /// A small one that fits every chip.
    Plain,
}

/// The parameters of a cut, by AutoTVM's names, in its order.
const NAMES: [&str; 6] = ["tile_h", "tile_w", "tile_ci", "tile_co", "oc_nthread", "h_nthread"];

/// Rows of the plain cut's tiles at most.
const PLAIN_ROWS: u32 = 16;

/// The widest padding that a copy can add.
const MOST_PADDING: u32 = 15;

/// Products of two bytes that a sum of 32 bits has room for, whatever they are, and a bias.
const MOST_TERMS: u64 = 1 << 16;

/// An extent with fewer divisors is also cut into tiles that do not divide it.
const FEW_DIVISORS: usize = 4;

/// Configs that are looked at for the one to begin with.
const MOST_LOOKED_AT: usize = 50_000;

impl Asked {
    /// The same if it can be lowered.
    pub fn possible(self) -> Option<Self> {
        let Convolution { inputs, filter, padding, .. } = self.convolution;
        let fits = |axis: usize| padding[axis] < filter[axis] && padding[axis] <= MOST_PADDING;
        let terms = u64::from(inputs) * u64::from(filter[0]) * u64::from(filter[1]);
        (fits(0) && fits(1) && terms <= MOST_TERMS).then_some(self)
    }
}

impl From<IntegerSteps> for Epilogue {
    fn from(IntegerSteps { bias, shift, clip }: IntegerSteps) -> Self {
        Self { bias, shift, clip }
    }
}

impl Vta {
    fn asked(&self, signature: &Signature) -> Asked {
        (self.asked)(signature).expect("the template applies to what can be lowered")
    }

    /// AutoTVM's rules ask for nothing but its own mode.
    fn mode(&self) -> Mode {
        if self.cuts == Cuts::Tvm { Mode::Tvm } else { Mode::Direct }
    }
}

impl Template for Vta {
    fn name(&self) -> &str {
        self.name
    }

    fn about(&self) -> &str {
        match self.cuts {
            Cuts::Tvm => "VTA: the schedule and the rejections of AutoTVM's conv2d_packed",
            Cuts::Direct => "VTA: any cut into tiles that can be encoded; what goes wrong, the simulator finds",
            Cuts::Plain => "VTA: small tiles one after the other, the baseline",
        }
    }

    fn language(&self) -> Language {
        Language::Vta
    }

    fn applies(&self, signature: &Signature) -> bool {
        (self.asked)(signature).is_some()
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let space = match self.cuts {
            Cuts::Plain => Space::builder(),
            cuts => cuts_of(cuts, &self.asked(signature), device),
        };
        space.build().expect("names are distinct and rules read existing ones")
    }

    /// The cut of the least estimate among those that fit the chip.
    fn default(&self, signature: &Signature, space: &Space) -> Option<Config> {
        if self.cuts == Cuts::Plain {
            return space.iter().next();
        }
        let (convolution, usual) = (self.asked(signature).convolution, Hardware::default());
        let is_refused =
            |config: &Config| self.cuts == Cuts::Tvm && tiling(config).refusal(&convolution, &usual).is_some();
        let fits = |config: &Config| {
            let features = space.feature_values(config);
            let is_small = features[..SHARES].iter().all(|share| *share <= 0.0);
            (is_small && !is_refused(config)).then(|| features[SHARES])
        };
        let known = space.iter().take(MOST_LOOKED_AT).filter_map(|config| Some((fits(&config)?, config)));
        let best = known.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, config)| config);
        best.or_else(|| closest(space, &NAMES.map(|name| (name, 1))))
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        let Asked { convolution, epilogue, operands } = self.asked(signature);
        let tiling = if self.cuts == Cuts::Plain { plain(&convolution) } else { tiling(config) };
        let options = config.values().into_iter().filter_map(|(name, value)| Some((name, value.as_int()?)));
        Ok(Program::routine(Routine {
            library: "vta".to_owned(),
            version: VERSION.to_owned(),
            name: "convolution".to_owned(),
            call: Call::Accelerated(AcceleratedCall { convolution, epilogue, tiling, mode: self.mode(), operands }),
            options: options.collect(),
        }))
    }
}

/// Tiles of one column: the loops over the filter are those of the instruction then, so that its list of micro-ops never
/// meets a sum twice.
fn plain(convolution: &Convolution) -> Tiling {
    let [rows, _] = convolution.results();
    Tiling { pixels: [rows.min(PLAIN_ROWS), 1], inputs: 1, outputs: 1, output_threads: 1, row_threads: 1 }
}

fn tiling(config: &Config) -> Tiling {
    tiling_of(NAMES.map(|name| config.int(name)))
}

fn tiling_of(values: [i64; 6]) -> Tiling {
    let [height, width, inputs, outputs, output_threads, row_threads] = values.map(|value| value as u32);
    Tiling { pixels: [height, width], inputs, outputs, output_threads, row_threads }
}

/// The hardware of a device; where there is none, the usual one.
fn hardware(device: &DeviceFacts) -> Hardware {
    device.accelerator.as_ref().and_then(|name| name.parse().ok()).unwrap_or_default()
}

/// Extents that are cut: rows and columns of results, blocks of input and output channels.
fn extents(asked: &Asked, batch: u32, block: u32) -> [u32; 4] {
    let convolution = asked.operands.spread(&asked.convolution, batch);
    let [rows, columns] = convolution.results();
    [rows, columns, convolution.inputs.div_ceil(block), convolution.outputs.div_ceil(block)]
}

/// The sizes of tiles to choose from, for each of the extents. Where no hardware is known, those of any.
fn sizes(cuts: Cuts, asked: &Asked, device: &DeviceFacts) -> [Vec<i64>; 4] {
    let known: Vec<(u32, u32)> = match &device.accelerator {
        Some(_) => vec![(hardware(device).batch() as u32, hardware(device).block() as u32)],
        None => (0..=6).flat_map(|batch| (0..=7).map(move |block| (1 << batch, 1 << block))).collect(),
    };
    let mut sizes: [Vec<i64>; 4] = Default::default();
    for (batch, block) in known {
        for (sizes, extent) in sizes.iter_mut().zip(extents(asked, batch, block)) {
            sizes.extend(cut(cuts, i64::from(extent)));
        }
    }
    sizes.each_mut().map(|sizes| {
        sizes.sort_unstable();
        sizes.dedup();
        std::mem::take(sizes)
    })
}

/// The sizes of tiles for one extent.
fn cut(cuts: Cuts, extent: i64) -> Vec<i64> {
    let mut sizes: Vec<i64> = (1..=extent).filter(|size| extent % size == 0).collect();
    if cuts == Cuts::Direct && sizes.len() < FEW_DIVISORS {
        sizes.extend(std::iter::successors(Some(2), |size| Some(2 * size)).take_while(|size| *size < extent));
    }
    sizes
}

/// How many features say what share of the chip a cut takes; the next one estimates its cycles.
const SHARES: usize = 4;

fn cuts_of(cuts: Cuts, asked: &Asked, device: &DeviceFacts) -> SpaceBuilder {
    let [heights, widths, inputs, outputs] = sizes(cuts, asked, device);
    let hardware = hardware(device);
    let estimate = Estimate::of(asked, &hardware);
    let rows = i64::from(estimate.convolution.results()[0]);
    let share = |memory: Memory, needed: fn(&Estimate, &Tiling) -> i64| {
        let depth = hardware.depth(memory) as i64;
        move |values: [i64; 6]| log2(needed(&estimate, &tiling_of(values)).max(1)) - log2(depth)
    };
    let space = Space::builder()
        .param("tile_h", "rows of results in a tile", heights)
        .param("tile_w", "columns of results in a tile", widths)
        .param("tile_ci", "blocks of input channels that are loaded at once", inputs)
        .param("tile_co", "blocks of output channels in a tile", outputs)
        .param("oc_nthread", "virtual threads over output channels", [1, 2])
        .param("h_nthread", "virtual threads over rows", [1, 2]);
    // AutoTVM's space has these cuts, which its compiler refuses. What is legal for some hardware is so where none is known.
    let space = match (cuts, &device.accelerator) {
        (Cuts::Tvm | Cuts::Plain, _) | (_, None) => space,
        (Cuts::Direct, Some(_)) => space
            .rule(
                "more virtual threads than tiles over output channels",
                ["tile_co", "oc_nthread"],
                move |[tile, threads]| threads <= tiles(estimate.out_blocks, tile),
            )
            .rule("more virtual threads than tiles over rows", ["tile_h", "h_nthread"], move |[tile, threads]| {
                threads <= tiles(rows, tile)
            }),
    };
    space
        .feature("log2 of the share of inputs", NAMES, share(Memory::Inp, Estimate::inputs))
        .feature("log2 of the share of weights", NAMES, share(Memory::Wgt, Estimate::weights))
        .feature("log2 of the share of sums", NAMES, share(Memory::Acc, Estimate::accumulators))
        .feature("log2 of the share of micro-ops", NAMES, share(Memory::Uop, Estimate::micro_ops))
        .feature("log2 of estimated cycles", NAMES, move |values| estimate.cycles(&tiling_of(values)).log2())
        .feature("log2 of tiles", NAMES, move |values| log2(estimate.tiles(&tiling_of(values))))
}

/// What a cut needs of a chip, and about how long it takes, in closed form.
#[derive(Clone, Copy)]
struct Estimate {
    convolution: Convolution,
    batches: i64,
    in_blocks: i64,
    out_blocks: i64,
    /// Cycles in which one element of inputs and of weights is read, 8 bytes in each.
    input_beats: f64,
    weight_beats: f64,
    bias: bool,
    /// Passes of the ALU over all sums.
    passes: f64,
}

/// Cycles of an instruction beside those of its executions.
const OVERHEAD: f64 = 7.0;
/// Cycles from a read command to its first beat, about.
const LATENCY: f64 = 16.0;
/// Cycles in which an element is stored.
const STORE: f64 = 3.0;

impl Estimate {
    fn of(asked: &Asked, hardware: &Hardware) -> Self {
        let convolution = asked.operands.spread(&asked.convolution, hardware.batch() as u32);
        let [in_blocks, out_blocks] = convolution.blocks(hardware).map(i64::from);
        let Epilogue { bias, shift, .. } = asked.epilogue;
        let beats = |memory| hardware.element_bytes(memory) as f64 / 8.0;
        Self {
            convolution,
            batches: i64::from(convolution.images.div_ceil(hardware.batch() as u32)),
            in_blocks,
            out_blocks,
            input_beats: beats(Memory::Inp),
            weight_beats: beats(Memory::Wgt),
            bias,
            passes: f64::from(u8::from(bias) * 2 + u8::from(shift > 0) + 2),
        }
    }

    fn filter(&self) -> i64 {
        self.convolution.filter.into_iter().map(i64::from).product()
    }

    /// Elements of inputs that all threads hold.
    fn inputs(&self, tiling: &Tiling) -> i64 {
        let [rows, columns] = tiling.footprint(&self.convolution).map(i64::from);
        i64::from(tiling.inputs) * rows * columns * i64::from(tiling.threads())
    }

    fn weights(&self, tiling: &Tiling) -> i64 {
        i64::from(tiling.inputs) * i64::from(tiling.outputs) * self.filter() * i64::from(tiling.threads())
    }

    fn sums(&self, tiling: &Tiling) -> i64 {
        let [height, width] = tiling.pixels.map(i64::from);
        i64::from(tiling.outputs) * height * width * i64::from(tiling.threads())
    }

    /// Sums, and behind them the numbers that are added to them.
    fn accumulators(&self, tiling: &Tiling) -> i64 {
        let bias = if self.bias { i64::from(tiling.outputs) * i64::from(tiling.threads()) } else { 0 };
        self.sums(tiling) + bias
    }

    fn micro_ops(&self, tiling: &Tiling) -> i64 {
        tiling.list(&self.convolution) as i64 * i64::from(tiling.threads())
    }

    fn tiles(&self, tiling: &Tiling) -> i64 {
        let ([rows, columns], [height, width]) = (self.convolution.results(), tiling.pixels);
        let pixels = tiles(rows.into(), height.into()) * tiles(columns.into(), width.into());
        self.batches * pixels * tiles(self.out_blocks, tiling.outputs.into())
    }

    /// Engines side by side where virtual threads keep them busy, else one after the other.
    fn cycles(&self, tiling: &Tiling) -> f64 {
        let one = Tiling { output_threads: 1, row_threads: 1, ..*tiling };
        let [inputs, weights, sums] =
            [self.inputs(&one), self.weights(&one), self.sums(&one)].map(|number| number as f64);
        let (tiles, parts) = (self.tiles(tiling) as f64, tiles(self.in_blocks, tiling.inputs.into()) as f64);
        let products = sums * f64::from(tiling.inputs) * self.filter() as f64;
        let compute = parts * (products + OVERHEAD) + (1.0 + self.passes) * (sums + OVERHEAD);
        let load = inputs * self.input_beats + weights * self.weight_beats + 2.0 * (LATENCY + OVERHEAD);
        let load = parts * load;
        let store = STORE * sums;
        let each = if tiling.threads() > 1 { compute.max(load).max(store) } else { compute + load + store };
        tiles * each
    }
}
