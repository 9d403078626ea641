//! Lays the tensors of a lowered convolution out in DRAM, and reads its results back.

use super::{Convolution, Hardware, Lowered, Memory};

impl Lowered {
    /// DRAM before the run, from [`Lowered::base`] on: inputs as images, channels, rows, columns; weights as output channels,
    /// input channels, rows, columns; a number for each output channel. Numbers beyond the width of the hardware lose their
    /// high bits; what is missing is 0.
    pub fn image(
        &self,
        hardware: &Hardware,
        convolution: &Convolution,
        inputs: &[i32],
        weights: &[i32],
        bias: &[i32],
    ) -> Vec<u8> {
        let mut image = vec![0; (self.places.end - self.base()) as usize];
        let at = |address: u64| (address - self.base()) as usize;
        let grid = Grid::of(hardware, convolution.inputs, convolution.images, convolution.image);
        for (index, value) in inputs.iter().enumerate().take(grid.numbers()) {
            put(&mut image[at(self.places.inputs)..], grid.place(index), hardware.inp_bits(), *value);
        }
        for (index, value) in weights.iter().enumerate() {
            let place = weight_place(hardware, convolution, index);
            put(&mut image[at(self.places.weights)..], place, hardware.wgt_bits(), *value);
        }
        let (batch, block) = (hardware.batch(), hardware.block());
        for (channel, value) in bias.iter().enumerate() {
            for row in 0..batch {
                let place = (channel / block * batch + row) * block + channel % block;
                put(&mut image[at(self.places.bias)..], place, 32, *value);
            }
        }
        for (index, bits) in self.micro_ops.iter().enumerate() {
            put(&mut image[at(self.places.micro_ops)..], index, 32, *bits as i32);
        }
        image
    }

    /// The address of the first byte of DRAM that is used.
    pub fn base(&self) -> u64 {
        self.places.inputs
    }

    /// The results of an image after the run, as images, channels, rows, columns.
    pub fn results(&self, hardware: &Hardware, convolution: &Convolution, image: &[u8]) -> Vec<i32> {
        let from = &image[(self.places.results - self.base()) as usize..];
        let grid = Grid::of(hardware, convolution.outputs, convolution.images, convolution.results());
        let bytes = hardware.inp_bits() as usize / 8;
        let number = |place: usize| match &from[place * bytes..][..bytes] {
            [byte] => i32::from(*byte as i8),
            [low, high] => i32::from(i16::from_le_bytes([*low, *high])),
            _ => unreachable!("numbers have one or two bytes"),
        };
        (0..grid.numbers()).map(|index| number(grid.place(index))).collect()
    }
}

/// Images of channels of pixels.
struct Grid {
    images: usize,
    channels: usize,
    blocks: usize,
    pixels: usize,
    batch: usize,
    block: usize,
}

impl Grid {
    fn of(hardware: &Hardware, channels: u32, images: u32, [rows, columns]: [u32; 2]) -> Self {
        let (batch, block, channels) = (hardware.batch(), hardware.block(), channels as usize);
        let (images, pixels) = (images as usize, (rows * columns) as usize);
        Self { images, channels, blocks: channels.div_ceil(block), pixels, batch, block }
    }

    fn numbers(&self) -> usize {
        self.images * self.channels * self.pixels
    }

    /// Where a number of images, channels, pixels lies, counted in numbers.
    fn place(&self, index: usize) -> usize {
        let (pixel, channel) = (index % self.pixels, index / self.pixels % self.channels);
        let image = index / self.pixels / self.channels;
        let element = (image / self.batch * self.blocks + channel / self.block) * self.pixels + pixel;
        (element * self.batch + image % self.batch) * self.block + channel % self.block
    }
}

fn weight_place(hardware: &Hardware, convolution: &Convolution, index: usize) -> usize {
    let [rows, columns] = convolution.filter;
    let (filter, inputs, block) = ((rows * columns) as usize, convolution.inputs as usize, hardware.block());
    let (tap, input, output) = (index % filter, index / filter % inputs, index / filter / inputs);
    let [in_blocks, _] = convolution.blocks(hardware);
    let element = (output / block * in_blocks as usize + input / block) * filter + tap;
    element * hardware.lanes(Memory::Wgt) + output % block * block + input % block
}

/// Puts the low bits of a number to its place among numbers of so many bits.
fn put(bytes: &mut [u8], place: usize, bits: u32, value: i32) {
    let width = bits as usize / 8;
    bytes[place * width..][..width].copy_from_slice(&value.to_le_bytes()[..width]);
}
