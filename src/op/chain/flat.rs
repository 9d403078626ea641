//! The tuned chain: vectors of elements, several per invocation.

use serde::Serialize;

use super::shape::Shape;
use super::text::Text;
use crate::base::{DeviceFacts, ElementType};
use crate::code::Program;
use crate::code::wgsl::WgslTemplate;
use crate::op::kernel::{closest, kernel, log2, packings, tiles, waste};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

static SOURCE: WgslTemplate = WgslTemplate::new("chain/flat", include_str!("../../../templates/chain/flat.wgsl"));

pub struct Flat;

#[derive(Serialize)]
struct Values {
    text: Text,
    width: i64,
    wx: i64,
    items: i64,
    interleaved: bool,
    unroll: i64,
    /// Workgroups that stride through all blocks; 0 where each workgroup has one.
    striding: i64,
    /// Whether the last workgroup reaches beyond the end.
    guard: bool,
}

impl Template for Flat {
    fn name(&self) -> &str {
        "chain/flat"
    }

    fn about(&self) -> &str {
        "several vectors of elements per invocation"
    }

    fn applies(&self, signature: &Signature) -> bool {
        !Shape::of(&signature.workload).is_ok_and(|shape| shape.has_reductions())
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let shape = shape(signature);
        let innermost = shape.innermost() as i64;
        let widths = if shape.element == ElementType::F16 { vec![1, 2, 4, 8] } else { vec![1, 2, 4] };
        let iterations = device.limits.loop_iterations.map_or(i64::MAX, |most| most as i64);
        let elements = signature.outputs[0].elements() as i64;
        let invocations = i64::from(device.limits.invocations_per_workgroup.min(device.limits.workgroup_size[0]));
        Space::builder()
            .param("wx", "invocations per workgroup", [16, 32, 64, 128, 256, 512, 1024])
            .param("width", "elements per load and store", widths)
            .param("items", "vectors per invocation", [1, 2, 4, 8, 16, 32])
            .param("interleaved", "neighbouring invocations take neighbouring vectors", [0, 1])
            .param("unroll", "vectors loaded before the first is computed", [1, 2, 4, 8])
            .param("striding", "workgroups that stride through all blocks; 0: one block each", [0, 128, 512, 2048])
            .param("baked", "sizes as constants instead of uniforms", [0, 1])
            .param("packed", "f16 as halves of 32-bit words", packings(&[shape.element], device))
            .rule("more invocations than a workgroup may have", ["wx"], move |[wx]| wx <= invocations)
            .rule("the innermost extent is no multiple of the vectors", ["width"], move |[w]| innermost % w == 0)
            .rule("more vectors unrolled than there are", ["items", "unroll"], |[items, unroll]| items >= unroll)
            .rule("a single vector cannot be interleaved", ["items", "interleaved"], |[items, interleaved]| {
                items > 1 || interleaved == 1
            })
            .rule(
                "each workgroup would have one block at most",
                ["wx", "width", "items", "striding"],
                move |[wx, width, items, striding]| striding == 0 || striding < tiles(elements, wx * width * items),
            )
            .rule(
                "more iterations of loops than the driver carries out",
                ["wx", "width", "items", "striding"],
                move |[wx, width, items, striding]| {
                    let blocks = tiles(elements, wx * width * items);
                    striding == 0 || (items + 1) * tiles(blocks, striding) <= iterations
                },
            )
            .feature("log2 of elements per invocation", ["width", "items"], |[width, items]| log2(width * items))
            .feature("log2 of elements in flight", ["width", "unroll"], |[width, unroll]| log2(width * unroll))
            .feature("log2 of elements per workgroup", ["wx", "width", "items"], |[wx, width, items]| {
                log2(wx * width * items)
            })
            .feature("log2 of workgroups", ["wx", "width", "items", "striding"], move |[wx, width, items, striding]| {
                let blocks = tiles(elements, wx * width * items);
                log2(if striding == 0 { blocks } else { striding })
            })
            .feature("log2 of the waste", ["wx", "width", "items"], move |[wx, width, items]| {
                waste(elements, wx * width * items)
            })
            .build()
            .expect("names are distinct and rules read existing ones")
    }

    fn default(&self, signature: &Signature, space: &Space) -> Option<Config> {
        let width = if shape(signature).innermost().is_multiple_of(4) { 4 } else { 1 };
        let wish = [
            ("wx", 256),
            ("width", width),
            ("items", 1),
            ("interleaved", 1),
            ("unroll", 1),
            ("striding", 0),
            ("baked", 1),
            ("packed", 0),
        ];
        closest(space, &wish)
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        let int = |name| config.int(name);
        let (wx, width, items, baked) = (int("wx"), int("width"), int("items"), int("baked") == 1);
        let elements = signature.outputs[0].elements();
        let per_workgroup = wx * width * items;
        let values = Values {
            text: Text::new(signature, width, int("packed") == 1, baked),
            width,
            wx,
            items,
            interleaved: int("interleaved") == 1,
            unroll: int("unroll"),
            striding: int("striding"),
            guard: !(baked && elements.is_multiple_of(per_workgroup as u64)),
        };
        let code = SOURCE.render(&values);
        let workgroups = match values.striding {
            0 => format!("ceil(elements/{per_workgroup})"),
            fixed => fixed.to_string(),
        };
        let grid = [workgroups, "1".to_owned(), "1".to_owned()];
        let uniforms: Vec<&str> = values.text.uniforms.iter().map(String::as_str).collect();
        let kernel = kernel(code, &uniforms, &values.text.buffers, [wx, 1, 1], grid);
        Ok(Program::single(kernel, signature.inputs.len(), signature.outputs.len()))
    }
}

/// The shape as the kernel sees it.
fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood").collapsed()
}
