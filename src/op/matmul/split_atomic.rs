//! The blocked matmul with its sum over K in parts that are added atomically: no partial sums, no second pass over them.

use serde::Serialize;

use super::blocked::{FLAT, Flat, Sums, Target, UNIFORMS, default, finish, product, shape, space, vec_c};
use crate::base::{DeviceFacts, ElementType};
use crate::code::wgsl::WgslTemplate;
use crate::code::{BufferRef, Dispatch, Kernel, Program};
use crate::op::kernel::{Buffer, Buffers};
use crate::op::{Signature, Template};
use crate::record::{Numerics, Rejection};
use crate::space::{Config, Space};

static START: WgslTemplate = WgslTemplate::new("matmul/start", include_str!("../../../templates/matmul/start.wgsl"));

/// Into how many parts the sum over K may be split.
const PARTS: [i64; 6] = [2, 4, 8, 16, 32, 64];

/// The shortest sum that can be split: two slabs, the first of them whole.
const LEAST_K: u64 = 5;

pub struct SplitAtomic;

impl Template for SplitAtomic {
    fn name(&self) -> &str {
        "matmul/split_atomic"
    }

    fn about(&self) -> &str {
        "as blocked, with parts of the sum over K added to C by float atomics"
    }

    fn applies(&self, signature: &Signature) -> bool {
        let shape = shape(signature);
        shape.types.output == ElementType::F32 && shape.k >= LEAST_K
    }

    fn numerics(&self) -> Numerics {
        Numerics::Nondeterministic
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        space(&shape(signature), device, &PARTS, device.features.float32_atomics)
    }

    fn default(&self, signature: &Signature, space: &Space) -> Option<Config> {
        default(&shape(signature), space)
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        let (own, c) = ((2..signature.inputs.len()).map(BufferRef::Input), BufferRef::Output(0));
        let mut kernels = vec![start(signature), product(signature, config, Target::Atomic)];
        let mut run = vec![
            Dispatch { kernel: 0, buffers: vec![c] },
            Dispatch { kernel: 1, buffers: vec![BufferRef::Input(0), BufferRef::Input(1), c] },
        ];
        // What an epilogue adds must come last: among sums that cancel it would be rounded with the largest of them.
        if !signature.workload.steps.is_empty() {
            kernels.push(finish(signature, config, Sums::InPlace));
            run.push(Dispatch { kernel: 2, buffers: own.chain([c]).collect() });
        }
        Ok(Program { kernels, temporaries: Vec::new(), prepare: Vec::new(), run })
    }
}

/// What the text of `start.wgsl` is made from.
#[derive(Serialize)]
struct StartValues<'a> {
    uniforms: [&'static str; 4],
    c: &'a Buffer,
    vec_c: i64,
    #[serde(flatten)]
    flat: Flat,
}

/// The kernel that writes zeros.
fn start(signature: &Signature) -> Kernel {
    let vec_c = vec_c(&shape(signature));
    let buffers = Buffers::default().write(&signature.outputs[0], vec_c, false);
    let values = StartValues { uniforms: UNIFORMS, c: &buffers.0[0], vec_c, flat: FLAT };
    FLAT.kernel(START.render(values), &buffers, vec_c)
}
