//! The native chain: blocks of each row in buffers that stay in the first cache, on vectors.

use super::shape::Shape;
use crate::base::{DeviceFacts, ElementType, Language};
use crate::code::Program;
use crate::op::kernel::{closest, log2, tiles};
use crate::op::native::{self, lanes, largest, processor, threads};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

pub struct Native;

impl Template for Native {
    fn name(&self) -> &str {
        "chain/native"
    }

    fn about(&self) -> &str {
        "native: blocks of rows in buffers, on vectors and threads; outputs past the caches or not"
    }

    fn language(&self) -> Language {
        Language::Native
    }

    fn applies(&self, _: &Signature) -> bool {
        true
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let shape = Shape::of(&signature.workload).expect("a signature's workload is understood");
        let (elements, halves) = (shape.elements() as i64, shape.element == ElementType::F16);
        Space::builder()
            .param("lanes", "lanes of f32 in a vector", lanes(&processor(device)))
            .param("block", "elements of a block", [128, 256, 512, 1024, 2048, 4096, 8192, 16_384])
            .param("stream", "outputs go past the caches", [0, 1])
            .param("threads", "threads that share the rows or blocks", threads(device))
            .rule("halves do not go past the caches", ["stream"], move |[stream]| stream == 0 || !halves)
            .rule("a block of twice as much as there is", ["block"], move |[block]| {
                block == 128 || block < 2 * elements
            })
            .rule("more threads than blocks", ["block", "threads"], move |[block, threads]| {
                threads == 1 || threads <= tiles(elements, block)
            })
            .feature("log2 of vectors of a block", ["lanes", "block"], |[lanes, block]| log2(block) - log2(lanes))
            .feature("log2 of blocks", ["block"], move |[block]| log2(tiles(elements, block)))
            .feature("log2 of blocks per thread", ["block", "threads"], move |[block, threads]| {
                log2(tiles(elements, block)) - log2(threads)
            })
            .feature("log2 of lanes at once", ["lanes", "threads"], |[lanes, threads]| log2(lanes * threads))
            .feature("streams per thread", ["stream", "threads"], |[stream, threads]| (stream * threads) as f64)
            .build()
            .expect("names are distinct and rules read existing ones")
    }

    fn default(&self, _: &Signature, space: &Space) -> Option<Config> {
        let (lanes, threads) = (largest(space, "lanes"), largest(space, "threads"));
        closest(space, &[("lanes", lanes), ("block", 1024), ("stream", 0), ("threads", threads)])
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        Ok(native::program("sweeps", signature, config))
    }
}
