//! The naive convolution: one output per invocation. What tuned kernels are measured against.

use serde::Serialize;

use super::shape::Shape;
use crate::base::DeviceFacts;
use crate::code::Program;
use crate::code::wgsl::WgslTemplate;
use crate::op::kernel::{Buffers, kernel, packings};
pub(super) use crate::op::spatial::{Filter, UNIFORMS};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

static SOURCE: WgslTemplate = WgslTemplate::new("conv2d/naive", include_str!("../../../templates/conv2d/naive.wgsl"));

pub struct Naive;

#[derive(Serialize)]
struct Values {
    uniforms: [&'static str; 6],
    buffers: Buffers,
    functions: Vec<&'static str>,
    epilogue: Vec<String>,
    #[serde(flatten)]
    filter: Filter,
    nhwc: bool,
    wx: i64,
    wy: i64,
}

impl Template for Naive {
    fn name(&self) -> &str {
        "conv2d/naive"
    }

    fn about(&self) -> &str {
        "one output per invocation: the baseline"
    }

    fn applies(&self, signature: &Signature) -> bool {
        signature.workload.types.accumulator.is_float()
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let packings = packings(&[signature.workload.types.input], device);
        Space::builder()
            .param("wx", "invocations along the width", [16])
            .param("wy", "invocations along the height", [16])
            .param("packed", "f16 as halves of 32-bit words", packings)
            .build()
            .expect("the parameters are distinct")
    }

    fn default(&self, _: &Signature, space: &Space) -> Option<Config> {
        space.iter().next()
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        let shape = Shape::of(&signature.workload).expect("a signature's workload is understood");
        let epilogue = shape.epilogue(&signature.workload, &signature.outputs[0]).expect("as above");
        let (wx, wy, packed) = (config.int("wx"), config.int("wy"), config.int("packed") == 1);
        let buffers = signature.inputs.iter().fold(Buffers::default(), |all, tensor| all.read(tensor, 1, packed));
        let values = Values {
            uniforms: UNIFORMS,
            buffers: buffers.write(&signature.outputs[0], 1, packed),
            functions: epilogue.functions(),
            epilogue: epilogue.statements("load_bias(channel)", "load_residual(index)"),
            filter: Filter::of(&shape),
            nhwc: shape.nhwc,
            wx,
            wy,
        };
        let code = SOURCE.render(&values);
        let grid = [format!("ceil(ow/{wx})"), format!("ceil(oh/{wy})"), "n*o".to_owned()];
        let kernel = kernel(code, &UNIFORMS, &values.buffers, [wx, wy, 1], grid);
        Ok(Program::single(kernel, signature.inputs.len(), 1))
    }
}
