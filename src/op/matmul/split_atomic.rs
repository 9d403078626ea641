//! The blocked matmul with its sum over K in parts that are added atomically: no partial sums, no second pass over them.

use serde::Serialize;

use super::blocked::{FLAT, Flat, Target, UNIFORMS, default, product, shape, space, vec_c};
use crate::base::{DeviceFacts, ElementType};
use crate::code::wgsl::WgslTemplate;
use crate::code::{BufferRef, Dispatch, Kernel, Program};
use crate::op::epilogue::Linear;
use crate::op::kernel::Buffers;
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

    /// Only where a linear epilogue can be applied to each part: by factors that round nothing, or the parts would be
    /// rounded more often than the sum.
    fn applies(&self, signature: &Signature) -> bool {
        let shape = shape(signature);
        let is_f32 = shape.types.output == ElementType::F32;
        is_f32 && shape.k >= LEAST_K && linear(signature).is_some_and(|linear| linear.rounds_nothing())
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
        let linear = linear(signature).expect("as it applies");
        let target = Target::Atomic { scale: linear.scale };
        let own = (2..signature.inputs.len()).map(BufferRef::Input);
        let (a, b, c) = (BufferRef::Input(0), BufferRef::Input(1), BufferRef::Output(0));
        Ok(Program {
            kernels: vec![start(signature, &linear), product(signature, config, target)],
            temporaries: Vec::new(),
            prepare: Vec::new(),
            run: vec![
                Dispatch { kernel: 0, buffers: own.chain([c]).collect() },
                Dispatch { kernel: 1, buffers: vec![a, b, c] },
            ],
        })
    }
}

fn linear(signature: &Signature) -> Option<Linear> {
    let epilogue = shape(signature).epilogue(&signature.workload, &signature.outputs[0]);
    epilogue.expect("as in the signature").linear()
}

/// What the text of `start.wgsl` is made from.
#[derive(Serialize)]
struct StartValues {
    uniforms: [&'static str; 4],
    buffers: Buffers,
    /// What is added to C, times its factor.
    terms: Vec<String>,
    vec_c: i64,
    #[serde(flatten)]
    flat: Flat,
}

/// The kernel that writes what C holds before sums are added to it.
fn start(signature: &Signature, linear: &Linear) -> Kernel {
    let vec_c = vec_c(&shape(signature));
    let term = |is_bias: bool, scale: f64| {
        let value = if is_bias {
            format!("load_bias(index % (shape.n / {vec_c}u))")
        } else {
            "load_residual(index)".to_owned()
        };
        if scale == 1.0 { value } else { format!("{:?} * {value}", scale as f32) }
    };
    let read = signature.inputs[2..].iter().fold(Buffers::default(), |all, tensor| all.read(tensor, vec_c, false));
    let values = StartValues {
        uniforms: UNIFORMS,
        buffers: read.write(&signature.outputs[0], vec_c, false),
        terms: linear.added.iter().map(|added| term(added.is_bias, added.scale)).collect(),
        vec_c,
        flat: FLAT,
    };
    FLAT.kernel(START.render(&values), &values.buffers, vec_c)
}
