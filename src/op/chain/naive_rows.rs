//! The naive chain with reductions: one row per invocation. What tuned kernels are measured against.

use serde::Serialize;

use super::rows_text::{Keep, RowsText, Style};
use super::shape::Shape;
use crate::base::DeviceFacts;
use crate::code::Program;
use crate::code::wgsl::WgslTemplate;
use crate::op::kernel::{kernel, packings};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

static SOURCE: WgslTemplate =
    WgslTemplate::new("chain/naive_rows", include_str!("../../../templates/chain/naive_rows.wgsl"));

pub struct NaiveRows;

#[derive(Serialize)]
struct Values {
    text: RowsText,
    wx: i64,
}

impl Template for NaiveRows {
    fn name(&self) -> &str {
        "chain/naive_rows"
    }

    fn about(&self) -> &str {
        "one row per invocation: the baseline of chains with reductions"
    }

    fn applies(&self, signature: &Signature) -> bool {
        Shape::of(&signature.workload).is_ok_and(|shape| shape.has_reductions())
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let packings = packings(&[signature.workload.types.input], device);
        Space::builder()
            .param("wx", "invocations per workgroup", [64])
            .param("packed", "f16 as halves of 32-bit words", packings)
            .build()
            .expect("the parameters are distinct")
    }

    fn default(&self, _: &Signature, space: &Space) -> Option<Config> {
        space.iter().next()
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        let wx = config.int("wx");
        let style = Style {
            team: 1,
            width: 1,
            items: 1,
            keep: Keep::Storage,
            baked: false,
            packed: config.int("packed") == 1,
            guards: vec![false],
            guards_rows: false,
        };
        let values = Values { text: RowsText::new(signature, &style), wx };
        let code = SOURCE.render(&values);
        let grid = [format!("ceil(rows/{wx})"), "1".to_owned(), "1".to_owned()];
        let uniforms: Vec<&str> = values.text.uniforms.iter().map(String::as_str).collect();
        let kernel = kernel(code, &uniforms, &values.text.buffers, [wx, 1, 1], grid);
        Ok(Program::single(kernel, signature.inputs.len(), signature.outputs.len()))
    }
}
