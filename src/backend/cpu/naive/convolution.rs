//! Convolutions, plain and transposed, an output at a time.

use rayon::prelude::*;

use super::post::Epilogue;
use crate::code::routine::ConvolutionCall;

pub(in super::super) struct Convolution {
    call: ConvolutionCall,
    epilogue: Epilogue,
}

/// Outputs that a thread takes at once.
const SHARE: usize = 256;

impl Convolution {
    pub fn new(call: &ConvolutionCall) -> Result<Self, String> {
        Ok(Self { call: call.clone(), epilogue: Epilogue::new(&call.epilogue)? })
    }

    pub fn run(&self, inputs: &[&[f32]], y: &mut [f32]) {
        y.par_chunks_mut(SHARE).enumerate().for_each(|(share, outputs)| {
            for (place, output) in outputs.iter_mut().enumerate() {
                let index = share * SHARE + place;
                let [image, channel, row, column] = self.position(index as u64);
                let sum = self.sum(inputs[0], inputs[1], image, channel, [row, column]);
                *output = self.epilogue.apply(inputs, channel as usize, index, sum);
            }
        });
    }

    /// [image, channel, row, column] of an output.
    fn position(&self, index: u64) -> [u64; 4] {
        let ([height, width], outputs) = (self.call.output_size, self.call.outputs);
        if self.call.channels_last {
            let pixel = index / outputs;
            [pixel / width / height, index % outputs, pixel / width % height, pixel % width]
        } else {
            let plane = index / width / height;
            [plane / outputs, plane % outputs, index / width % height, index % width]
        }
    }

    fn sum(&self, x: &[f32], w: &[f32], image: u64, output: u64, at: [u64; 2]) -> f32 {
        let call = &self.call;
        let (channels, first) = (call.group_channels(), output / call.group_outputs() * call.group_channels());
        let mut sum = 0.0;
        for fh in 0..call.filter[0] {
            let Some(row) = self.source(0, at[0], fh) else { continue };
            for fw in 0..call.filter[1] {
                let Some(column) = self.source(1, at[1], fw) else { continue };
                for channel in 0..channels {
                    let pixel = x[self.x_index(image, first + channel, row, column)];
                    sum += pixel * w[self.w_index(output, channel, fh, fw)];
                }
            }
        }
        sum
    }

    /// The input row or column that an output meets at a place of the filter, if there is one.
    fn source(&self, axis: usize, output: u64, place: u64) -> Option<u64> {
        let ConvolutionCall { stride, padding, dilation, size, .. } = &self.call;
        let at = if self.call.transposed {
            let spread = (output + padding[axis]).checked_sub(place * dilation[axis])?;
            spread.is_multiple_of(stride[axis]).then_some(spread / stride[axis])?
        } else {
            (output * stride[axis] + place * dilation[axis]).checked_sub(padding[axis])?
        };
        (at < size[axis]).then_some(at)
    }

    fn x_index(&self, image: u64, channel: u64, row: u64, column: u64) -> usize {
        let ([height, width], channels) = (self.call.size, self.call.channels);
        let index = if self.call.channels_last {
            ((image * height + row) * width + column) * channels + channel
        } else {
            ((image * channels + channel) * height + row) * width + column
        };
        index as usize
    }

    /// Of the weight between an output and a channel of its group.
    fn w_index(&self, output: u64, channel: u64, fh: u64, fw: u64) -> usize {
        let call = &self.call;
        let (outer, inner, inners) = if call.transposed {
            let group = output / call.group_outputs();
            (group * call.group_channels() + channel, output % call.group_outputs(), call.group_outputs())
        } else {
            (output, channel, call.group_channels())
        };
        let [height, width] = call.filter;
        let index = if call.channels_last {
            ((outer * height + fh) * width + fw) * inners + inner
        } else {
            ((outer * inners + inner) * height + fh) * width + fw
        };
        index as usize
    }
}
