//! The native product with few rows or columns: the larger matrix is streamed once, at the speed of memory.

use super::Shape;
use crate::base::{DeviceFacts, Language};
use crate::code::Program;
use crate::op::kernel::{closest, log2, tiles};
use crate::op::native::{self, lanes, largest, processor, threads};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

pub struct NativeSkinny;

/// Sums that a thread has at a time by default: long runs of each row of the large matrix, and 64 KiB in a second cache.
const SUMS: i64 = 16384;

/// Steps for each thread from which on threads share them by default, and for each so many columns of the result: each
/// thread has sums of its own then, which are added up.
const LEAST_STEPS: i64 = 256;
const MOST_COLUMNS: i64 = 4;

/// Rows or columns at most.
const MOST_FEW: u64 = 16;

/// Sums of the small matrix's rows beside the large one's stay in registers.
const MOST_DOTS: i64 = 8;

impl Template for NativeSkinny {
    fn name(&self) -> &str {
        "matmul/native_skinny"
    }

    fn about(&self) -> &str {
        "native: at most 16 rows or columns, the larger matrix streamed once and never packed"
    }

    fn language(&self) -> Language {
        Language::Native
    }

    fn applies(&self, signature: &Signature) -> bool {
        let shape = shape(signature);
        signature.operator.call(signature).is_some() && shape.m.min(shape.n) <= MOST_FEW
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let shape = shape(signature);
        let (few, many) = (shape.m.min(shape.n) as i64, shape.m.max(shape.n) as i64);
        // Whether the larger matrix has a row for each step, so that sums go along its rows.
        let sweeps = if shape.m <= shape.n { !shape.b_transposed } else { shape.a_transposed };
        Space::builder()
            .param("lanes", "lanes of f32 in a vector", lanes(&processor(device)))
            .param("group", "rows of the small matrix that meet the large one at a time", [1, 2, 4, 8])
            .param("lines", "rows of the large matrix that are streamed side by side", [1, 2, 4, 8])
            .param("vectors", "vectors of a row per turn", [1, 2])
            .param("block", "columns of the result that a thread takes at a time", [16, 64, 256, 1024, 4096])
            .param("prefetch", "elements ahead at which memory is asked", [0, 64, 256, 1024])
            .param("split", "threads share 0: the steps, 1: the columns", [0, 1])
            .param("threads", "threads that share the work", threads(device))
            .rule("more rows at a time than there are", ["group"], move |[group]| group == 1 || group < 2 * few)
            .rule("one vector per turn where rows are columns of the result", ["vectors"], move |[vectors]| {
                sweeps || vectors == 1
            })
            .rule("more sums than registers", ["group", "lines"], move |[group, lines]| {
                sweeps || group * lines <= MOST_DOTS
            })
            .rule("a block of more columns than there are", ["block"], move |[block]| block == 16 || block < 2 * many)
            .rule(
                "more threads than blocks of columns",
                ["block", "split", "threads"],
                move |[block, split, threads]| threads == 1 || split == 0 || threads <= tiles(many, block),
            )
            .rule("one thread has nothing to share", ["split", "threads"], |[split, threads]| threads > 1 || split == 1)
            .feature("log2 of rows side by side", ["group", "lines"], |[group, lines]| log2(group * lines))
            .feature("log2 of sums per turn", ["lanes", "group", "vectors"], |[lanes, group, vectors]| {
                log2(lanes * group * vectors)
            })
            .feature("log2 of blocks", ["block"], move |[block]| log2(tiles(many, block)))
            .feature("log2 of a block's sums", ["block", "group"], |[block, group]| log2(block * group))
            .feature("log2 of streams", ["lines", "threads"], |[lines, threads]| log2(lines * threads))
            .build()
            .expect("names are distinct and rules read existing ones")
    }

    fn default(&self, signature: &Signature, space: &Space) -> Option<Config> {
        let shape = shape(signature);
        let few = shape.m.min(shape.n).max(1) as i64;
        let [columns, steps] = [shape.m.max(shape.n), shape.k].map(|size| size as i64);
        let threads = largest(space, "threads");
        let shares_steps = threads > 1 && steps >= LEAST_STEPS * threads && columns <= MOST_COLUMNS * steps;
        // Threads that share the columns take at least a block each.
        let most = if shares_steps { columns } else { columns / threads };
        let wish = [
            ("lanes", largest(space, "lanes")),
            ("group", (few as u64).next_power_of_two().min(4) as i64),
            ("lines", 4),
            ("vectors", 1),
            ("block", (SUMS / few).min(most)),
            ("prefetch", 64),
            ("split", i64::from(!shares_steps)),
            ("threads", threads),
        ];
        closest(space, &wish)
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        Ok(native::program("skinny", signature, config))
    }
}

fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood")
}
