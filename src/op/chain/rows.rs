//! The tuned chain with reductions: a team of invocations per row.

use std::collections::BTreeMap;

use serde::Serialize;

use super::graph::Graph;
use super::reducer::Fold;
use super::rows_text::{Keep, RowsText, Style};
use super::shape::Shape;
use super::sweeps::{places, sweeps};
use crate::base::DeviceFacts;
use crate::code::Program;
use crate::code::wgsl::WgslTemplate;
use crate::op::kernel::{MOST_ACCUMULATORS, MOST_STATEMENTS, closest, kernel, log2, packings, tiles, waste};
use crate::op::reduction::{Reduction, has_full_subgroups, reductions};
use crate::op::{Signature, Template};
use crate::record::Rejection;
use crate::space::{Config, Space};

static SOURCE: WgslTemplate = WgslTemplate::new("chain/rows", include_str!("../../../templates/chain/rows.wgsl"));

pub struct Rows;

impl Template for Rows {
    fn name(&self) -> &str {
        "chain/rows"
    }

    fn about(&self) -> &str {
        "a team of invocations per row, which is read once or once for each reduction"
    }

    fn applies(&self, signature: &Signature) -> bool {
        Counts::of(signature).sweeps > 0
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let Counts { length, rows: count, sweeps, kept, values, reduced } = Counts::of(signature);
        let limits = &device.limits;
        let invocations = i64::from(limits.invocations_per_workgroup.min(limits.workgroup_size[0]));
        let storage = i64::from(limits.workgroup_storage_bytes);
        let iterations = limits.loop_iterations.map_or(i64::MAX, |most| most as i64);
        let device = device.clone();
        let packings = packings(&[signature.workload.types.input], &device);
        Space::builder()
            .param("team", "invocations per row", [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024])
            .param("rows", "rows side by side in a workgroup", [1, 2, 4, 8, 16, 32, 64, 128, 256])
            .param("width", "elements per load and store", [1, 2, 4])
            .param("keep", "0: rows are read again, 1: kept in registers, 2: kept in workgroup memory", [0, 1, 2])
            .param("unroll", "vectors loaded before the first is used, where rows are looped over", [1, 2, 4, 8])
            .param("subgroups", "reductions by subgroup operations", reductions(&device))
            .param("baked", "sizes as constants instead of uniforms", [0, 1])
            .param("packed", "f16 as halves of 32-bit words", packings)
            .rule("fewer than 16 invocations leave every GPU idle", ["team", "rows"], |[team, rows]| team * rows >= 16)
            .rule("more invocations than a workgroup may have", ["team", "rows"], move |[team, rows]| {
                team * rows <= invocations
            })
            .rule("the rows' length is no multiple of the vectors", ["width"], move |[width]| length % width == 0)
            .rule("half of the team would have nothing of its row", ["team", "width"], move |[team, width]| {
                team == 1 || team / 2 < length / width
            })
            .rule("half of the rows of a workgroup would not be there", ["team", "rows"], move |[team, rows]| {
                rows == 1 || rows / 2 < count || team * rows <= 16
            })
            .rule("nothing is needed twice, so there is nothing to keep", ["keep"], move |[keep]| keep == 0 || kept > 0)
            .rule("rows in registers are not looped over", ["keep", "unroll"], |[keep, unroll]| {
                keep != 1 || unroll == 1
            })
            .rule("some of the unrolled vectors would lie beyond every row", ["team", "width", "unroll"], {
                move |[team, width, unroll]| (unroll - 1) * team < length / width
            })
            .rule("a row needs more registers than there are", ["team", "width", "keep"], move |[team, width, keep]| {
                keep != 1 || tiles(length / width, team) * width * kept <= MOST_ACCUMULATORS
            })
            .rule("a row is too many statements", ["team", "width", "keep"], move |[team, width, keep]| {
                keep != 1 || tiles(length / width, team) * values <= MOST_STATEMENTS
            })
            .rule(
                "more workgroup memory than the device has",
                ["team", "rows", "width", "keep", "unroll", "subgroups"],
                move |[team, rows, width, keep, unroll, subgroups]| {
                    let row = tiles(length / width, team * unroll) * team * unroll * width * 4 * kept;
                    let parts = Reduction::bytes([team, team * rows, subgroups], reduced, 4);
                    parts + if keep == 2 { rows * row } else { 0 } <= storage
                },
            )
            .rule("subgroups would not be full", ["team", "rows", "subgroups"], move |[team, rows, subgroups]| {
                subgroups == 0 || has_full_subgroups(team * rows, &device)
            })
            .rule("alone, an invocation reduces nothing with others", ["team", "subgroups"], |[team, subgroups]| {
                subgroups == 0 || team > 1
            })
            .rule(
                "more iterations of loops than the driver carries out",
                ["team", "width", "keep", "unroll"],
                move |[team, width, keep, unroll]| {
                    keep == 1 || sweeps * tiles(length / width, team * unroll) <= iterations
                },
            )
            .feature("log2 of invocations", ["team", "rows"], |[team, rows]| log2(team * rows))
            .feature("log2 of vectors per invocation", ["team", "width"], move |[team, width]| {
                log2(tiles(length / width, team))
            })
            .feature("log2 of elements in flight", ["team", "width", "keep", "unroll"], {
                move |[team, width, keep, unroll]| {
                    log2(width * if keep == 1 { tiles(length / width, team) } else { unroll })
                }
            })
            .feature("log2 of workgroups", ["rows"], move |[rows]| log2(tiles(count, rows)))
            .feature("log2 of the waste", ["team", "rows", "width"], move |[team, rows, width]| {
                waste(length / width, team) + waste(count, rows)
            })
            .feature("log2 of times a row is read", ["keep"], move |[keep]| if keep == 0 { log2(sweeps) } else { 0.0 })
            .build()
            .expect("names are distinct and rules read existing ones")
    }

    fn default(&self, signature: &Signature, space: &Space) -> Option<Config> {
        let Counts { length, kept, .. } = Counts::of(signature);
        let width = if length % 4 == 0 { 4 } else { 1 };
        // Four vectors for each invocation, and some hundred invocations in a workgroup.
        let team = (tiles(length / width, 4) as u64).next_power_of_two().clamp(1, 256) as i64;
        let registers = tiles(length / width, team) * width * kept;
        let keeps = kept > 0 && registers <= MOST_ACCUMULATORS;
        let wish = [
            ("team", team),
            ("rows", (128 / team).max(1)),
            ("width", width),
            ("keep", i64::from(keeps)),
            ("unroll", if keeps { 1 } else { 4 }),
            ("subgroups", 0),
            ("baked", 1),
            ("packed", 0),
        ];
        closest(space, &wish)
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        let values = Values::new(signature, config);
        let code = SOURCE.render(&values);
        let grid = [format!("ceil(rows/{})", values.rows), "1".to_owned(), "1".to_owned()];
        let uniforms: Vec<&str> = values.text.uniforms.iter().map(String::as_str).collect();
        let size = [values.team * values.rows, 1, 1];
        let kernel = kernel(code, &uniforms, &values.text.buffers, size, grid);
        Ok(Program::single(kernel, signature.inputs.len(), signature.outputs.len()))
    }
}

/// What rules depend on.
struct Counts {
    length: i64,
    rows: i64,
    /// 0 where nothing is reduced.
    sweeps: i64,
    /// Values of each element that are kept at once, if any are.
    kept: i64,
    /// Values of each element in all.
    values: i64,
    /// The most reductions in one sweep.
    reduced: i64,
}

impl Counts {
    fn of(signature: &Signature) -> Self {
        let shape = shape(signature);
        let graph = Graph::of(&shape);
        let sweeps = sweeps(&shape, &graph, true);
        let reduced = sweeps.iter().map(|sweep| sweep.folds.len()).max().unwrap_or(0);
        Self {
            length: shape.innermost() as i64,
            rows: shape.rows() as i64,
            sweeps: if shape.has_reductions() { sweeps.len() as i64 } else { 0 },
            kept: places(&sweeps).1 as i64,
            values: graph.varies.iter().filter(|varies| **varies).count() as i64,
            reduced: reduced as i64,
        }
    }
}

fn shape(signature: &Signature) -> Shape {
    Shape::of(&signature.workload).expect("a signature's workload is understood")
}

/// What the text is made from.
#[derive(Serialize)]
struct Values {
    text: RowsText,
    team: i64,
    rows: i64,
    width: i64,
    /// Vectors of an invocation for which there are named values, and whether it has more in turn.
    items: i64,
    looped: bool,
    /// Vectors of a row in workgroup memory.
    slots: i64,
    /// Whether a vector of that number may lie beyond the end of the row, and a row beyond the last.
    guards: Vec<bool>,
    guards_rows: bool,
    /// How each kind of reduction is done.
    reductions: BTreeMap<&'static str, Reduction>,
}

impl Values {
    fn new(signature: &Signature, config: &Config) -> Self {
        let int = |name| config.int(name);
        let (team, rows, width, baked) = (int("team"), int("rows"), int("width"), int("baked") == 1);
        let counts = Counts::of(signature);
        let vectors = counts.length / width;
        let keep = [Keep::Storage, Keep::Registers, Keep::Workgroup][int("keep") as usize];
        let looped = keep != Keep::Registers;
        let items = if looped { int("unroll") } else { tiles(vectors, team) };
        let is_inside = |item: i64| if looped { vectors % (team * items) == 0 } else { (item + 1) * team <= vectors };
        let guards: Vec<bool> = (0..items).map(|item| !(baked && is_inside(item))).collect();
        let guards_rows = rows > 1 && !(baked && counts.rows % rows == 0);
        let packed = int("packed") == 1;
        let style = Style { team, width, items, keep, baked, packed, guards: guards.clone(), guards_rows };
        let reduction = |fold: Fold| Reduction {
            name: "parts",
            value: "f32".to_owned(),
            combine: fold.combine(),
            team,
            stride: 1,
            workgroup: team * rows,
            subgroups: int("subgroups") == 1,
        };
        Self {
            text: RowsText::new(signature, &style),
            team,
            rows,
            width,
            items,
            looped,
            slots: tiles(vectors, team * items) * team * items,
            guards,
            guards_rows,
            reductions: Fold::ALL.map(|fold| (fold.combine(), reduction(fold))).into(),
        }
    }
}
