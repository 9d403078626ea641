//! Lowers a convolution to a stream of VTA: AutoTVM's schedule, tile by tile, with virtual threads that hide loads.
//!
//! Tiles go by rows, then output channels, then columns. A tile clears its sums; for each part of the input channels it loads
//! inputs, with zeros around them, and weights, and multiplies; then it computes the epilogue and stores. Virtual threads have
//! buffers of their own and take turns, so that one loads while another multiplies.

use super::builder::{Builder, Site, Stage};
use super::convolution::{Flat, copies};
use super::{
    Alu, AluOperation, Convolution, Epilogue, Gemm, Hardware, Instruction, Layout, Loops, Memory, MicroOp, Mode,
    Operation, Refusal, Tiling, Transfer, Unencodable,
};

/// A lowered convolution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lowered {
    /// The stream.
    pub instructions: Vec<Instruction>,
    /// What lies at [`Places::micro_ops`].
    pub micro_ops: Vec<u32>,
    /// Where everything lies in DRAM.
    pub places: Places,
}

/// Byte addresses in DRAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// Inputs: images in batches, blocks of channels, rows, columns, then an element.
    pub inputs: u64,
    /// Weights: blocks of output channels, blocks of input channels, rows, columns, then an element.
    pub weights: u64,
    /// A number for each output channel, by blocks, repeated for each image of a batch.
    pub bias: u64,
    /// Results, as inputs.
    pub results: u64,
    /// Micro-ops.
    pub micro_ops: u64,
    /// The end of all.
    pub end: u64,
}

/// Where DRAM begins, and what everything in it begins at a multiple of.
const PAGE_BYTES: u64 = 0x1000;

/// Why a cut of a convolution has no stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum NotLowered {
    #[error("{}", .0.why())]
    Refused(Refusal),
    #[error(transparent)]
    Unencodable(#[from] Unencodable),
}

/// Lowers a convolution.
///
/// # Errors
/// When the mode refuses the cut, or a number does not fit into its field of an instruction or a micro-op.
pub fn lower(
    hardware: &Hardware,
    convolution: &Convolution,
    epilogue: &Epilogue,
    tiling: &Tiling,
    mode: Mode,
) -> Result<Lowered, NotLowered> {
    let refusal = (mode == Mode::Tvm).then(|| tiling.refusal(convolution, hardware)).flatten();
    if let Some(refusal) = refusal {
        return Err(NotLowered::Refused(refusal));
    }
    let places = Places::of(hardware, convolution);
    let mut lowering = Lowering::new(hardware, convolution, epilogue, tiling, places);
    lowering.stream = Builder::new(mode == Mode::Direct);
    lowering.all();
    let Builder { mut instructions, micro_ops, .. } = lowering.stream;
    let layout = Layout::new(hardware);
    let first = (places.micro_ops / hardware.element_bytes(Memory::Uop)) as u32;
    for instruction in &mut instructions {
        if let Operation::Load(transfer @ Transfer { memory: Memory::Uop, columns: 1.., .. }) =
            &mut instruction.operation
        {
            transfer.dram += first;
        }
        layout.encode(instruction)?;
    }
    let micro_ops: Vec<u32> = micro_ops.iter().map(|op| layout.encode_micro_op(op)).collect::<Result<_, _>>()?;
    let end = places.micro_ops + 4 * micro_ops.len() as u64;
    Ok(Lowered { instructions, micro_ops, places: Places { end, ..places } })
}

impl Places {
    fn of(hardware: &Hardware, convolution: &Convolution) -> Self {
        let ([in_blocks, out_blocks], [height, width]) = (convolution.blocks(hardware), convolution.results());
        let batches = convolution.images.div_ceil(hardware.batch() as u32);
        let size = |memory, extents: [u32; 4]| {
            let elements: u64 = extents.into_iter().map(u64::from).product();
            (elements * hardware.element_bytes(memory)).next_multiple_of(PAGE_BYTES)
        };
        let ([rows, columns], [filter_rows, filter_columns]) = (convolution.image, convolution.filter);
        let inputs = PAGE_BYTES;
        let weights = inputs + size(Memory::Inp, [batches, in_blocks, rows, columns]);
        let bias = weights + size(Memory::Wgt, [out_blocks, in_blocks, filter_rows, filter_columns]);
        let results = bias + size(Memory::Acc, [out_blocks, 1, 1, 1]);
        let micro_ops = results + size(Memory::Out, [batches, out_blocks, height, width]);
        Self { inputs, weights, bias, results, micro_ops, end: micro_ops }
    }
}

struct Lowering<'a> {
    convolution: &'a Convolution,
    epilogue: &'a Epilogue,
    tiling: &'a Tiling,
    stream: Builder,
    /// The first elements of tensors in DRAM.
    inputs: u32,
    weights: u32,
    bias: u32,
    results: u32,
    /// Blocks of channels, and batches of images.
    in_blocks: u32,
    out_blocks: u32,
    batches: u32,
}

/// A tile of a virtual thread: the thread, the batch, the first block of output channels, the first row and column. A thread
/// without a tile takes part in the exchange of tokens alone.
#[derive(Clone, Copy)]
struct Tile {
    thread: u32,
    batch: u32,
    output: u32,
    pixel: [u32; 2],
    /// Blocks, rows and columns that are there: fewer at an edge.
    extents: [u32; 3],
}

impl<'a> Lowering<'a> {
    fn new(
        hardware: &Hardware,
        convolution: &'a Convolution,
        epilogue: &'a Epilogue,
        tiling: &'a Tiling,
        places: Places,
    ) -> Self {
        let element = |address: u64, memory| (address / hardware.element_bytes(memory)) as u32;
        let [in_blocks, out_blocks] = convolution.blocks(hardware);
        Self {
            convolution,
            epilogue,
            tiling,
            stream: Builder::default(),
            inputs: element(places.inputs, Memory::Inp),
            weights: element(places.weights, Memory::Wgt),
            bias: element(places.bias, Memory::Acc),
            results: element(places.results, Memory::Out),
            in_blocks,
            out_blocks,
            batches: convolution.images.div_ceil(hardware.batch() as u32),
        }
    }

    fn all(&mut self) {
        let threads = self.tiling.threads();
        for _ in 0..threads {
            self.stream.signal(Stage::Store, Stage::Compute);
        }
        for _ in 0..if self.is_carried() { threads } else { 0 } {
            self.stream.signal(Stage::Compute, Stage::Load);
        }
        for group in self.groups() {
            self.group(&group);
        }
        for _ in 0..threads {
            self.stream.wait(Stage::Compute, Stage::Store);
        }
        for _ in 0..if self.is_carried() { threads } else { 0 } {
            self.stream.wait(Stage::Load, Stage::Compute);
        }
        self.stream.finish();
    }

    /// Whether the loads of a tile may begin when the tile before it in the same buffers was multiplied, and not only when
    /// its own sums were cleared: where all input channels are loaded at once, and threads take turns.
    fn is_carried(&self) -> bool {
        self.parts() == 1 && self.tiling.threads() > 1
    }

    /// Parts of the input channels.
    fn parts(&self) -> u32 {
        self.in_blocks.div_ceil(self.tiling.inputs)
    }

    /// The tiles that virtual threads have under way at once, one group after the other.
    fn groups(&self) -> Vec<Vec<Tile>> {
        let tiling = self.tiling;
        let ([height, width], [tile_height, tile_width]) = (self.convolution.results(), tiling.pixels);
        let (rows, columns) = (height.div_ceil(tile_height), width.div_ceil(tile_width));
        let channels = self.out_blocks.div_ceil(tiling.outputs);
        let mut groups = Vec::new();
        for batch in 0..self.batches {
            for row in 0..rows.div_ceil(tiling.row_threads) {
                for channel in 0..channels.div_ceil(tiling.output_threads) {
                    for column in 0..columns {
                        let threads = (0..tiling.threads()).map(|thread| {
                            let (by_output, by_row) = (thread % tiling.output_threads, thread / tiling.output_threads);
                            let output = (channel * tiling.output_threads + by_output) * tiling.outputs;
                            let pixel = [(row * tiling.row_threads + by_row) * tile_height, column * tile_width];
                            let left = [self.out_blocks, height, width].into_iter().zip([output, pixel[0], pixel[1]]);
                            let tile = [tiling.outputs, tile_height, tile_width].into_iter();
                            let extents: Vec<u32> =
                                left.zip(tile).map(|((all, at), tile)| tile.min(all.saturating_sub(at))).collect();
                            let extents = [extents[0], extents[1], extents[2]];
                            Tile { thread, batch, output, pixel, extents }
                        });
                        groups.push(threads.collect());
                    }
                }
            }
        }
        groups
    }

    fn group(&mut self, tiles: &[Tile]) {
        let (one_part, carried) = (self.parts() == 1, self.is_carried());
        for tile in tiles {
            self.stream.wait(Stage::Compute, Stage::Store);
            self.clear(tile);
            if !carried {
                self.stream.signal(Stage::Compute, Stage::Load);
            }
        }
        for part in 0..self.parts() {
            for tile in tiles {
                self.stream.wait(Stage::Load, Stage::Compute);
                self.load(tile, part);
                self.stream.signal(Stage::Load, Stage::Compute);
            }
            for tile in tiles {
                self.stream.wait(Stage::Compute, Stage::Load);
                self.multiply(tile, part);
                if carried || !one_part {
                    self.stream.signal(Stage::Compute, Stage::Load);
                }
            }
        }
        for _ in 0..if one_part { 0 } else { tiles.len() } {
            self.stream.wait(Stage::Load, Stage::Compute);
        }
        for tile in tiles {
            self.finish(tile);
            self.stream.signal(Stage::Compute, Stage::Store);
        }
        for tile in tiles {
            self.stream.wait(Stage::Store, Stage::Compute);
            self.store(tile);
            self.stream.signal(Stage::Store, Stage::Compute);
        }
    }

    /// The first sum of a thread.
    fn sums(&self, tile: &Tile) -> u32 {
        let [height, width] = self.tiling.pixels;
        tile.thread * self.tiling.outputs * height * width
    }

    fn clear(&mut self, tile: &Tile) {
        let [outputs, height, width] = tile.extents;
        let first = self.sums(tile);
        let axes = [(width, [1, 0, 0]), (outputs, [height * width, 0, 0]), (height, [width, 0, 0])];
        let begin = MicroOp { destination: first, ..MicroOp::default() };
        if let Some((loops, _)) = self.looped(Site::Clear, begin, &axes) {
            self.stream.add(Stage::Compute, Operation::Gemm(Gemm { reset: true, loops, weight: [0; 2] }));
        }
    }

    fn load(&mut self, tile: &Tile, part: u32) {
        if tile.extents.contains(&0) {
            return;
        }
        let blocks = self.part_blocks(part);
        for transfer in self.input_copies(tile, part, blocks) {
            self.stream.add(Stage::Load, Operation::Load(transfer));
        }
        let [rows, columns] = self.convolution.filter;
        let (filter, first_block) = (rows * columns, part * self.tiling.inputs);
        let sram = tile.thread * self.tiling.outputs * self.tiling.inputs * filter;
        let dram = self.weights + (tile.output * self.in_blocks + first_block) * filter;
        let [outputs, ..] = tile.extents;
        let weights = Transfer::plain(Memory::Wgt, sram, dram, [outputs, blocks * filter], self.in_blocks * filter);
        self.stream.add(Stage::Load, Operation::Load(weights));
    }

    /// Blocks of input channels in a part.
    fn part_blocks(&self, part: u32) -> u32 {
        self.tiling.inputs.min(self.in_blocks - part * self.tiling.inputs)
    }

    /// Rows and columns of inputs that a tile needs.
    fn footprint(&self, tile: &Tile) -> [u32; 2] {
        let [_, height, width] = tile.extents;
        Tiling { pixels: [height, width], ..*self.tiling }.footprint(self.convolution)
    }

    fn input_copies(&self, tile: &Tile, part: u32, blocks: u32) -> Vec<Transfer> {
        let Convolution { image, stride, padding, .. } = *self.convolution;
        let needed = self.footprint(tile);
        let [whole_rows, whole_columns] = self.tiling.footprint(self.convolution);
        let sram = tile.thread * self.tiling.inputs * whole_rows * whole_columns;
        // Along each axis: zeros before, the first that is there, how many, zeros after.
        let [rows, columns] = [0, 1].map(|axis| {
            let begin = i64::from(tile.pixel[axis] * stride[axis]) - i64::from(padding[axis]);
            let end = begin + i64::from(needed[axis]);
            let (first, last) = (begin.clamp(0, image[axis].into()), end.clamp(0, image[axis].into()));
            [first - begin, first, last - first, end - last].map(|number| number.max(0) as u32)
        });
        let [height, width] = image;
        let plane = height * width;
        let channel = (tile.batch * self.in_blocks + part * self.tiling.inputs) * plane;
        let dram = self.inputs + channel + rows[1] * width + columns[1];
        if self.convolution.padding == [0, 0] {
            let flat = copies([(blocks, self.in_blocks), (rows[2], height), (columns[2], width)]);
            let each = rows[2] * columns[2] * blocks / flat.len() as u32;
            let number = flat.iter().enumerate();
            return number.map(|(at, flat)| copy(Memory::Inp, sram + at as u32 * each, dram, flat)).collect();
        }
        let block = |at: u32| Transfer {
            pad_top: rows[0],
            pad_bottom: rows[3],
            pad_left: columns[0],
            pad_right: columns[3],
            ..Transfer::plain(
                Memory::Inp,
                sram + at * needed[0] * needed[1],
                dram + at * plane,
                [rows[2], columns[2]],
                width,
            )
        };
        (0..blocks).map(block).collect()
    }

    fn multiply(&mut self, tile: &Tile, part: u32) {
        if tile.extents.contains(&0) {
            return;
        }
        let [outputs, height, width] = tile.extents;
        let (blocks, [rows, columns]) = (self.part_blocks(part), self.convolution.filter);
        let ([in_rows, in_columns], [row_step, column_step]) = (self.footprint(tile), self.convolution.stride);
        let [whole_rows, whole_columns] = self.tiling.footprint(self.convolution);
        let filter = rows * columns;
        let axes = [
            (blocks, [0, in_rows * in_columns, filter]),
            (width, [1, column_step, 0]),
            (columns, [0, 1, 1]),
            (rows, [0, in_columns, columns]),
            (outputs, [height * width, 0, blocks * filter]),
            (height, [width, row_step * in_columns, 0]),
        ];
        let begin = MicroOp {
            destination: self.sums(tile),
            source: tile.thread * self.tiling.inputs * whole_rows * whole_columns,
            weight: tile.thread * self.tiling.outputs * self.tiling.inputs * filter,
        };
        if let Some((loops, weight)) = self.looped(Site::Multiply, begin, &axes) {
            self.stream.add(Stage::Compute, Operation::Gemm(Gemm { reset: false, loops, weight }));
        }
    }

    /// Loops, outermost first, each with its steps of destination, source and weight: two as an instruction's, the rest as a
    /// list of micro-ops. Nothing where a loop has no rounds.
    fn looped(&mut self, site: Site, begin: MicroOp, axes: &[(u32, [u32; 3])]) -> Option<(Loops, [u32; 2])> {
        if axes.iter().any(|(extent, _)| *extent == 0) {
            return None;
        }
        let mut axes = axes.iter().copied().filter(|(extent, _)| *extent > 1);
        let (outer, outer_steps) = axes.next().unwrap_or((1, [0; 3]));
        let (inner, inner_steps) = axes.next().unwrap_or((1, [0; 3]));
        let mut list = vec![begin];
        for (extent, [destination, source, weight]) in axes {
            let moved = |op: &MicroOp, at: u32| MicroOp {
                destination: op.destination + at * destination,
                source: op.source + at * source,
                weight: op.weight + at * weight,
            };
            list = list.iter().flat_map(|op| (0..extent).map(move |at| moved(op, at))).collect();
        }
        let [begin, end] = self.stream.list(site, list);
        let [destination, source, weight] = [0, 1, 2].map(|index| [outer_steps[index], inner_steps[index]]);
        Some((Loops { begin, end, outer, inner, destination, source }, weight))
    }

    /// The epilogue of a tile, on sums that lie densely.
    fn finish(&mut self, tile: &Tile) {
        let [outputs, height, width] = tile.extents;
        let (pixels, first) = (height * width, self.sums(tile));
        if outputs * pixels == 0 {
            return;
        }
        if self.epilogue.bias {
            self.add_bias(tile);
        }
        let [least, most] = self.epilogue.clip;
        let steps = [
            (AluOperation::Shr, self.epilogue.shift as i16, self.epilogue.shift > 0),
            (AluOperation::Max, least, true),
            (AluOperation::Min, most, true),
        ];
        for (operation, immediate, _) in steps.into_iter().filter(|(_, _, is_needed)| *is_needed) {
            let [begin, end] = self
                .stream
                .list(Site::Compute(operation), vec![MicroOp { destination: first, source: first, weight: 0 }]);
            let step = [0, 1];
            let loops = Loops { begin, end, outer: 1, inner: outputs * pixels, destination: step, source: step };
            self.stream.add(
                Stage::Compute,
                Operation::Alu(Alu { reset: false, loops, operation, use_immediate: true, immediate }),
            );
        }
    }

    /// Loads the numbers of the tile's channels behind all sums, and adds them.
    fn add_bias(&mut self, tile: &Tile) {
        let [outputs, height, width] = tile.extents;
        let [tile_height, tile_width] = self.tiling.pixels;
        let sums = self.tiling.threads() * self.tiling.outputs * tile_height * tile_width;
        let behind = sums + tile.thread * self.tiling.outputs;
        let transfer = Transfer::plain(Memory::Acc, behind, self.bias + tile.output, [1, outputs], outputs);
        self.stream.add(Stage::Compute, Operation::Load(transfer));
        let begin = MicroOp { destination: self.sums(tile), source: behind, weight: 0 };
        let [begin, end] = self.stream.list(Site::Bias, vec![begin]);
        let pixels = height * width;
        let loops = Loops { begin, end, outer: outputs, inner: pixels, destination: [pixels, 1], source: [1, 0] };
        let operation = AluOperation::Add;
        self.stream.add(
            Stage::Compute,
            Operation::Alu(Alu { reset: false, loops, operation, use_immediate: false, immediate: 0 }),
        );
    }

    fn store(&mut self, tile: &Tile) {
        let [outputs, height, width] = tile.extents;
        if outputs * height * width == 0 {
            return;
        }
        let [all_rows, all_columns] = self.convolution.results();
        let channel = tile.batch * self.out_blocks + tile.output;
        let dram = self.results + (channel * all_rows + tile.pixel[0]) * all_columns + tile.pixel[1];
        let flat = copies([(outputs, self.out_blocks), (height, all_rows), (width, all_columns)]);
        let each = outputs * height * width / flat.len() as u32;
        for (at, flat) in flat.iter().enumerate() {
            let transfer = copy(Memory::Out, self.sums(tile) + at as u32 * each, dram, flat);
            self.stream.add(Stage::Store, Operation::Store(transfer));
        }
    }
}

fn copy(memory: Memory, sram: u32, dram: u32, flat: &Flat) -> Transfer {
    Transfer::plain(memory, sram, dram + flat.begin, [flat.rows, flat.columns], flat.stride)
}
