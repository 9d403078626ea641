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
        space(&shape(signature), device, Sums::InPlace)
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
        Ok(Program { kernels, run, ..Program::nothing() })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::resolve;

    #[test]
    fn it_needs_f32_a_sum_to_split_and_a_device_that_adds() {
        // Workload, whether the device adds floats atomically; whether there is a config, and its kernels.
        let cases = [
            ("matmul:f32:m20n30k5", true, Some(2)),
            ("matmul:f32:m20n30k500+bias+gelu", true, Some(3)),
            ("matmul:f32:m20n30k500", false, None),
            ("matmul:f32:m20n30k4", true, None),
            ("matmul:f16:m20n30k500", true, None),
            ("matmul:i8>i32>i8:m20n30k500+clip", true, None),
        ];
        for (text, adds, kernels) in cases {
            let signature = resolve(text).unwrap();
            let mut device = DeviceFacts::portable();
            device.features.float32_atomics = adds;
            let config = SplitAtomic.applies(&signature).then(|| {
                let space = SplitAtomic.space(&signature, &device);
                SplitAtomic.default(&signature, &space)
            });
            let program = config.flatten().map(|config| SplitAtomic.emit(&signature, &config).unwrap());
            assert_eq!(program.map(|program| program.kernels.len()), kernels, "{text}, {adds}");
        }
    }
}
