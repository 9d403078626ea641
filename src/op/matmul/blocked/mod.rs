//! The blocked matmul: tiles for workgroups, subgroups and invocations, slabs in workgroup memory, sums in parts.

mod operand;
mod product;
mod space;

use serde::Serialize;

pub(super) use product::{Target, product};
pub(super) use space::{default, space};

use super::Shape;
use crate::base::{DeviceFacts, ElementType, TensorSpec};
use crate::code::wgsl::WgslTemplate;
use crate::code::{BufferRef, Dispatch, Formula, Kernel, Program, Temporary};
use crate::op::kernel::{Buffers, kernel};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

static SUM: WgslTemplate = WgslTemplate::new("matmul/sum", include_str!("../../../../templates/matmul/sum.wgsl"));

/// The kernels' sizes.
pub(super) const UNIFORMS: [&str; 4] = ["b", "m", "n", "k"];

/// Invocations of a workgroup where outputs are visited one after the other, and vectors that each makes.
pub(super) const FLAT: Flat = Flat { threads: 128, each: 2 };

/// How a kernel goes through C from its first element to its last.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Flat {
    threads: i64,
    each: i64,
}

impl Flat {
    /// A kernel of this text that makes vectors of so many outputs.
    pub fn kernel(self, code: String, buffers: &Buffers, vec_c: i64) -> Kernel {
        let outputs = self.threads * self.each * vec_c;
        let grid = [format!("ceil(b*m*n/{outputs})"), "1".to_owned(), "1".to_owned()];
        kernel(code, &UNIFORMS, buffers, [self.threads, 1, 1], grid)
    }
}

pub struct Blocked;

impl Template for Blocked {
    fn name(&self) -> &str {
        "matmul/blocked"
    }

    fn about(&self) -> &str {
        "tiles for workgroups, subgroups and invocations, slabs of A and B staged, the sum over K in parts"
    }

    fn applies(&self, signature: &Signature) -> bool {
        signature.workload.types.accumulator.is_float()
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        space(&shape(signature), device, Sums::Apart)
    }

    fn default(&self, signature: &Signature, space: &Space) -> Option<Config> {
        default(&shape(signature), space)
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        let inputs = signature.inputs.len();
        if config.int("split") == 1 {
            return Ok(Program::single(product(signature, config, Target::C), inputs, 1));
        }
        let own = (2..inputs).map(BufferRef::Input);
        let (a, b, c, partial) =
            (BufferRef::Input(0), BufferRef::Input(1), BufferRef::Output(0), BufferRef::Temporary(0));
        let sum_buffers = [partial].into_iter().chain(own).chain([c]).collect();
        Ok(Program {
            kernels: vec![product(signature, config, Target::Partial), finish(signature, config, Sums::Apart)],
            temporaries: vec![Temporary { name: "partial".to_owned(), bytes: partial_bytes(config.int("split")) }],
            run: vec![
                Dispatch { kernel: 0, buffers: vec![a, b, partial] },
                Dispatch { kernel: 1, buffers: sum_buffers },
            ],
            ..Program::nothing()
        })
    }
}

fn partial_bytes(split: i64) -> Formula {
    format!("{}*b*m*n", 4 * split).parse().expect("a product of sizes is a formula")
}

pub(super) fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood")
}

/// Neighbouring outputs that one store takes: as many as divide a row of C.
pub(super) fn vec_c(shape: &Shape) -> i64 {
    [4, 2, 1].into_iter().find(|&width| shape.n.is_multiple_of(width as u64)).expect("1 divides every size")
}

/// The partial sums as a tensor.
pub(super) fn partial(split: i64, shape: &Shape) -> TensorSpec {
    TensorSpec::new("partial", ElementType::F32, &[split as u64, shape.batch, shape.m, shape.n])
}

/// What the text of `sum.wgsl` is made from.
#[derive(Serialize)]
struct SumValues {
    uniforms: [&'static str; 4],
    buffers: Buffers,
    functions: Vec<&'static str>,
    epilogue: Vec<String>,
    reads_bias: bool,
    split: i64,
    unroll: i64,
    vec_c: i64,
    #[serde(flatten)]
    flat: Flat,
}

/// Where the parts of the sums are added.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Sums {
    /// By the kernel that finishes, from a tensor of their own.
    Apart,
    /// In C, by atomics; the kernel that finishes finds them there.
    InPlace,
}

/// The kernel that adds partial sums, if they are not added yet, and applies the epilogue.
pub(super) fn finish(signature: &Signature, config: &Config, sums: Sums) -> Kernel {
    let shape = shape(signature);
    let epilogue = shape.epilogue(&signature.workload, &signature.outputs[0]).expect("as in the signature");
    let (packed, vec_c) = (config.int("packed") == 1, vec_c(&shape));
    let (split, sums) = match sums {
        Sums::InPlace => (0, Buffers::default()),
        Sums::Apart => {
            let split = config.int("split");
            (split, Buffers::default().read(&partial(split, &shape), vec_c, false))
        }
    };
    let read = signature.inputs[2..].iter().fold(sums, |all, tensor| all.read(tensor, vec_c, packed));
    let values = SumValues {
        uniforms: UNIFORMS,
        buffers: read.write(&signature.outputs[0], vec_c, packed),
        functions: epilogue.functions(),
        epilogue: epilogue.statements("load_bias(column)", "load_residual(index)"),
        reads_bias: signature.inputs.iter().any(|input| input.name == "bias"),
        split,
        unroll: split.min(4),
        vec_c,
        flat: FLAT,
    };
    FLAT.kernel(SUM.render(&values), &values.buffers, vec_c)
}
