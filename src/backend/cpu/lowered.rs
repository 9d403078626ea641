//! Convolutions by the products of libraries: pixels are laid out as the columns of a matrix first (im2col), unless they
//! lie so already.

use std::ops::Range;

use rayon::prelude::*;

use super::epilogue::{Epilogue, widest};
use super::kernels::Width;
use super::kernels::elementwise::{Channels, Post, finish};
use super::libraries::{Library, Strided, Threads};
use super::multiplied::finish_rows;
use super::operand::{Operand, Target, store_widened, widened};
use super::routines::{Ready, Setting};
use crate::code::routine::{Call, ConvolutionCall};

/// A convolution that a library does.
pub(super) struct Lowered {
    library: Library,
    call: ConvolutionCall,
    epilogue: Epilogue,
    threads: Threads,
    width: Width,
    /// The pixels of one image and group: a row for each term where channels come first, else one for each output.
    columns: Vec<f32>,
}

impl Lowered {
    /// # Errors
    /// When the call is no plain convolution, or has a function that kernels do not know.
    pub fn new(library: Library, setting: &Setting) -> Result<Self, String> {
        let Call::Convolution(call) = &setting.routine.call else {
            return Err("it is for convolutions alone".to_owned());
        };
        if call.transposed {
            return Err("it does not spread pixels, as transposed convolutions do".to_owned());
        }
        let mut lowered = Self {
            library,
            call: call.clone(),
            epilogue: Epilogue::new(&call.epilogue)?,
            threads: setting.threads(),
            width: widest(setting.processor),
            columns: Vec::new(),
        };
        if !lowered.lies_so_already() {
            lowered.columns = vec![0.0; lowered.terms() * lowered.pixels()];
        }
        Ok(lowered)
    }

    /// Each output meets just the pixel in its own place.
    fn lies_so_already(&self) -> bool {
        let ConvolutionCall { filter, stride, padding, size, output_size, .. } = &self.call;
        *filter == [1, 1] && *stride == [1, 1] && *padding == [0, 0] && size == output_size
    }

    fn terms(&self) -> usize {
        (self.call.group_channels() * self.call.filter[0] * self.call.filter[1]) as usize
    }

    fn pixels(&self) -> usize {
        (self.call.output_size[0] * self.call.output_size[1]) as usize
    }

    /// Lays out what one group of an image reads.
    fn lower(&mut self, x: &[f32], group: usize) {
        let mut columns = std::mem::take(&mut self.columns);
        let row = if self.call.channels_last { self.terms() } else { self.pixels() };
        let this = &*self;
        let lower = |(at, row): (usize, &mut [f32])| match this.call.channels_last {
            true => this.pixel(x, group, at, row),
            false => this.term(x, group, at, row),
        };
        match this.threads.count {
            1 => columns.chunks_mut(row).enumerate().for_each(lower),
            _ => this.threads.pool.install(|| columns.par_chunks_mut(row).enumerate().for_each(lower)),
        }
        self.columns = columns;
    }

    /// What all outputs read for one term: a place of the filter over one channel.
    fn term(&self, x: &[f32], group: usize, term: usize, row: &mut [f32]) {
        let [places_y, places_x] = self.call.filter.map(|size| size as usize);
        let (channel, place_y, place_x) = (term / places_x / places_y, term / places_x % places_y, term % places_x);
        let [height, width] = self.call.size.map(|size| size as usize);
        let channel = group * self.call.group_channels() as usize + channel;
        let plane = &x[channel * height * width..][..height * width];
        let out_width = self.call.output_size[1] as usize;
        let within = self.within(1, place_x);
        for (y, line) in row.chunks_mut(out_width).enumerate() {
            let Some(source) = self.source(0, y, place_y) else {
                line.fill(0.0);
                continue;
            };
            let source = &plane[source * width..][..width];
            line[..within.start].fill(0.0);
            line[within.end..].fill(0.0);
            let Some(first) = self.source(1, within.start, place_x).filter(|_| !within.is_empty()) else { continue };
            match self.call.stride[1] as usize {
                1 => line[within.clone()].copy_from_slice(&source[first..][..within.len()]),
                step => {
                    let pixels = source[first..].iter().step_by(step);
                    line[within.clone()].iter_mut().zip(pixels).for_each(|(to, from)| *to = *from);
                }
            }
        }
    }

    /// What one output reads for all terms: the channels of one pixel after the other.
    fn pixel(&self, x: &[f32], group: usize, pixel: usize, row: &mut [f32]) {
        let (channels, each) = (self.call.channels as usize, self.call.group_channels() as usize);
        let (width, out_width) = (self.call.size[1] as usize, self.call.output_size[1] as usize);
        let places_x = self.call.filter[1] as usize;
        for (place, to) in row.chunks_mut(each).enumerate() {
            let y = self.source(0, pixel / out_width, place / places_x);
            let x_at = self.source(1, pixel % out_width, place % places_x);
            match y.zip(x_at) {
                Some((y, at)) => to.copy_from_slice(&x[(y * width + at) * channels + group * each..][..each]),
                None => to.fill(0.0),
            }
        }
    }

    /// The row or column of the image that an output meets at a place of the filter, if there is one.
    fn source(&self, axis: usize, output: usize, place: usize) -> Option<usize> {
        let [stride, dilation, padding, size] =
            [&self.call.stride, &self.call.dilation, &self.call.padding, &self.call.size]
                .map(|pair| pair[axis] as usize);
        (output * stride + place * dilation).checked_sub(padding).filter(|at| *at < size)
    }

    /// The outputs along an axis that meet the image at a place of the filter.
    fn within(&self, axis: usize, place: usize) -> Range<usize> {
        let all = 0..self.call.output_size[axis] as usize;
        let first = all.clone().find(|output| self.source(axis, *output, place).is_some());
        let last = all.rev().find(|output| self.source(axis, *output, place).is_some());
        first.zip(last).map_or(0..0, |(first, last)| first..last + 1)
    }

    /// The sums of one group of an image, where it begins in the output.
    fn multiply(&self, x: &[f32], w: &[f32], group: usize, y: &mut [f32]) {
        let (terms, pixels) = (self.terms(), self.pixels());
        let (each, outputs) = (self.call.group_outputs() as usize, self.call.outputs as usize);
        let weights = &w[group * each * terms..][..each * terms];
        let lies = self.lies_so_already();
        if self.call.channels_last {
            let channels = self.call.channels as usize;
            let rows = if lies {
                Strided { values: &x[group * terms..], row_step: channels, column_step: 1 }
            } else {
                Strided { values: &self.columns, row_step: terms, column_step: 1 }
            };
            let weights = Strided { values: weights, row_step: 1, column_step: terms };
            let y = &mut y[group * each..];
            self.library.multiply([pixels, each, terms], [rows, weights], (y, outputs), &self.threads);
        } else {
            let columns = if lies { &x[group * terms * pixels..][..terms * pixels] } else { &self.columns[..] };
            let columns = Strided { values: columns, row_step: pixels, column_step: 1 };
            let weights = Strided { values: weights, row_step: terms, column_step: 1 };
            let y = &mut y[group * each * pixels..][..each * pixels];
            self.library.multiply([each, pixels, terms], [weights, columns], (y, pixels), &self.threads);
        }
    }

    fn finish(&self, posts: &[Post], y: &mut [f32]) {
        let outputs = self.call.outputs as usize;
        if self.call.channels_last {
            return finish_rows(self.width, posts, y, outputs, &self.threads);
        }
        let pixels = self.pixels();
        let finish_plane = |(plane, values): (usize, &mut [f32])| {
            finish(self.width, posts, values, Channels::One(plane % outputs), plane * pixels);
        };
        match (posts.is_empty(), self.threads.count) {
            (true, _) => {}
            (false, 1) => y.chunks_mut(pixels).enumerate().for_each(finish_plane),
            (false, _) => self.threads.pool.install(|| y.par_chunks_mut(pixels).enumerate().for_each(finish_plane)),
        }
    }
}

impl Ready for Lowered {
    fn run(&mut self, inputs: &[Operand], outputs: &mut [Target]) {
        let [x, w] = [0, 1].map(|input| widened(inputs[input]));
        let posts = self.epilogue.bind(inputs);
        let (images, groups) = (self.call.images as usize, self.call.groups as usize);
        store_widened(&mut outputs[0], |y| {
            let (x_image, y_image) = (x.len() / images, y.len() / images);
            for (x, y) in x.chunks_exact(x_image).zip(y.chunks_exact_mut(y_image)) {
                for group in 0..groups {
                    if !self.lies_so_already() {
                        self.lower(x, group);
                    }
                    self.multiply(x, &w, group, y);
                }
            }
            self.finish(&posts, y);
        });
    }
}
