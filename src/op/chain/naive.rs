//! The naive chain: one element per invocation. What tuned kernels are measured against.

use serde::Serialize;

use super::shape::Shape;
use super::text::Text;
use crate::base::DeviceFacts;
use crate::code::Program;
use crate::code::wgsl::WgslTemplate;
use crate::op::kernel::{kernel, packings};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

static SOURCE: WgslTemplate = WgslTemplate::new("chain/naive", include_str!("../../../templates/chain/naive.wgsl"));

pub struct Naive;

#[derive(Serialize)]
struct Values {
    text: Text,
    wx: i64,
}

impl Template for Naive {
    fn name(&self) -> &str {
        "chain/naive"
    }

    fn about(&self) -> &str {
        "one element per invocation: the baseline"
    }

    fn applies(&self, signature: &Signature) -> bool {
        !Shape::of(&signature.workload).is_ok_and(|shape| shape.has_reductions())
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let packings = packings(&[signature.workload.types.input], device);
        Space::builder()
            .param("wx", "invocations per workgroup", [256])
            .param("packed", "f16 as halves of 32-bit words", packings)
            .build()
            .expect("the parameters are distinct")
    }

    fn default(&self, _: &Signature, space: &Space) -> Option<Config> {
        space.iter().next()
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        let wx = config.int("wx");
        let values = Values { text: Text::new(signature, 1, config.int("packed") == 1, false), wx };
        let code = SOURCE.render(&values);
        let grid = [format!("ceil(elements/{wx})"), "1".to_owned(), "1".to_owned()];
        let uniforms: Vec<&str> = values.text.uniforms.iter().map(String::as_str).collect();
        let kernel = kernel(code, &uniforms, &values.text.buffers, [wx, 1, 1], grid);
        Ok(Program::single(kernel, signature.inputs.len(), signature.outputs.len()))
    }
}
