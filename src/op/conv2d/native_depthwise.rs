//! The native depthwise convolution: each output channel reads one input channel, so memory is what counts.

use super::shape::Shape;
use crate::base::{DeviceFacts, Language};
use crate::code::Program;
use crate::op::kernel::{closest, log2, tiles, waste};
use crate::op::native::{self, lanes, largest, processor, threads};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

pub struct NativeDepthwise;

impl Template for NativeDepthwise {
    fn name(&self) -> &str {
        "conv2d/native_depthwise"
    }

    fn about(&self) -> &str {
        "native: one input channel for each group, vectors of pixels or, in NHWC, of channels"
    }

    fn language(&self) -> Language {
        Language::Native
    }

    fn applies(&self, signature: &Signature) -> bool {
        let shape = shape(signature);
        shape.types.accumulator.is_float() && shape.c == shape.groups && (!shape.nhwc || shape.o == shape.c)
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let shape = shape(signature);
        let (across, tasks) =
            if shape.nhwc { (shape.o, shape.n * shape.out[0]) } else { (shape.out[1], shape.n * shape.c) };
        let (across, tasks, nhwc) = (across as i64, tasks as i64, shape.nhwc);
        Space::builder()
            .param("lanes", "lanes of f32 in a vector", lanes(&processor(device)))
            .param("strip", "vectors that are summed side by side", [1, 2, 3, 4, 6, 8])
            .param("block", "channels (NCHW) or rows (NHWC) that a task does", [1, 2, 4, 8, 16, 32])
            .param("threads", "threads that share the tasks", threads(device))
            .rule("pixels are summed side by side by powers of two", ["strip"], move |[strip]| {
                !nhwc || strip.count_ones() == 1
            })
            .rule("a task of twice as much as there is", ["block"], move |[block]| block == 1 || block < 2 * tasks)
            .rule("more threads than tasks", ["block", "threads"], move |[block, threads]| {
                threads == 1 || threads <= tiles(tasks, block)
            })
            .feature("log2 of sums in registers", ["lanes", "strip"], |[lanes, strip]| log2(lanes * strip))
            .feature("log2 of tasks", ["block"], move |[block]| log2(tiles(tasks, block)))
            .feature("log2 of the waste", ["lanes"], move |[lanes]| waste(across, lanes))
            .feature("log2 of tasks per thread", ["block", "threads"], move |[block, threads]| {
                log2(tiles(tasks, block)) - log2(threads)
            })
            .feature("log2 of the strip's waste", ["lanes", "strip"], move |[lanes, strip]| {
                waste(across, lanes * strip)
            })
            .build()
            .expect("names are distinct and rules read existing ones")
    }

    fn default(&self, _: &Signature, space: &Space) -> Option<Config> {
        let (lanes, threads) = (largest(space, "lanes"), largest(space, "threads"));
        closest(space, &[("lanes", lanes), ("strip", 4), ("block", 4), ("threads", threads)])
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        Ok(native::program("depthwise", signature, config))
    }
}

fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood")
}
