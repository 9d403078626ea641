//! The naive matmul: one output per invocation. What tuned kernels are measured against.

use serde::Serialize;

use super::Shape;
use crate::base::DeviceFacts;
use crate::code::Program;
use crate::code::wgsl::WgslTemplate;
use crate::op::kernel::{Buffer, Buffers, kernel, packings};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

static SOURCE: WgslTemplate = WgslTemplate::new("matmul/naive", include_str!("../../../templates/matmul/naive.wgsl"));

pub(super) const UNIFORMS: [&str; 3] = ["m", "n", "k"];

pub struct Naive;

#[derive(Serialize)]
struct Values<'a> {
    uniforms: &'a [&'a str],
    buffers: &'a [Buffer],
    functions: Vec<&'static str>,
    epilogue: Vec<String>,
    a_transposed: bool,
    b_transposed: bool,
    wx: i64,
    wy: i64,
}

impl Template for Naive {
    fn name(&self) -> &str {
        "matmul/naive"
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
            .param("wx", "invocations along N", [16])
            .param("wy", "invocations along M", [16])
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
        let buffers = buffers.write(&signature.outputs[0], 1, packed);
        let code = SOURCE.render(Values {
            uniforms: &UNIFORMS,
            buffers: &buffers.0,
            functions: epilogue.functions(),
            epilogue: epilogue.statements("load_bias(column)", "load_residual(index)"),
            a_transposed: shape.a_transposed,
            b_transposed: shape.b_transposed,
            wx,
            wy,
        });
        let grid = [format!("ceil(n/{wx})"), format!("ceil(m/{wy})"), "b".to_owned()];
        Ok(Program::single(kernel(code, &UNIFORMS, &buffers, [wx, wy, 1], grid), signature.inputs.len(), 1))
    }
}
