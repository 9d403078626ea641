//! Laying weights out anew, once: the part of a program that prepares them, before the kernel that reads them.

use serde::Serialize;

use super::Signature;
use super::kernel::{Buffers, kernel};
use crate::code::wgsl::WgslTemplate;
use crate::code::{BufferRef, Dispatch, Formula, Kernel, Program, Temporary};

static SOURCE: WgslTemplate = WgslTemplate::new("repack", include_str!("../../shaders/repack.wgsl"));

const UNIFORMS: [&str; 2] = ["c", "o"];

/// Invocations of a workgroup, one element each.
const INVOCATIONS: i64 = 64;

/// Weights seen as [blocks, rows, columns], of which rows and columns change places.
pub struct Transposition {
    /// As WGSL of the sizes `shape.c` and `shape.o`; `None` for one block.
    pub blocks: Option<&'static str>,
    /// As WGSL of the same sizes.
    pub rows: String,
    /// As a number, which is part of the text.
    pub columns: u64,
}

impl Transposition {
    /// The program that first lays the second input out anew, and then runs `main` on the result.
    pub fn before(&self, main: Kernel, signature: &Signature, packed: bool) -> Program {
        let weights = &signature.inputs[1];
        let buffers = Buffers::default().read(weights, 1, packed).write_as("packed", weights, 1, packed);
        let values = Values {
            uniforms: UNIFORMS,
            buffers: &buffers,
            blocks: self.blocks,
            rows: &self.rows,
            columns: self.columns,
        };
        let elements = weights.elements();
        let grid = [elements.div_ceil(INVOCATIONS as u64).to_string(), "1".to_owned(), "1".to_owned()];
        let pack = kernel(SOURCE.render(values), &UNIFORMS, &buffers, [INVOCATIONS, 1, 1], grid);
        let inputs = (0..signature.inputs.len())
            .map(|input| if input == 1 { BufferRef::Temporary(0) } else { BufferRef::Input(input) });
        Program {
            kernels: vec![pack, main],
            temporaries: vec![Temporary { name: "packed".to_owned(), bytes: Formula::from(weights.bytes()) }],
            prepare: vec![Dispatch { kernel: 0, buffers: vec![BufferRef::Input(1), BufferRef::Temporary(0)] }],
            run: vec![Dispatch { kernel: 1, buffers: inputs.chain([BufferRef::Output(0)]).collect() }],
            routine: None,
        }
    }
}

#[derive(Serialize)]
struct Values<'a> {
    uniforms: [&'static str; 2],
    buffers: &'a Buffers,
    blocks: Option<&'static str>,
    rows: &'a str,
    columns: u64,
}
