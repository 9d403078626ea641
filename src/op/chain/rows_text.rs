//! The WGSL of a chain with reductions: what each sweep loads, computes, reduces and stores.

use serde::Serialize;

use super::expression::{Writer, called};
use super::graph::{Graph, Id, Node};
use super::index::Indices;
use super::reducer::Fold;
use super::shape::Shape;
use super::sweeps::{Sweep, places, sweeps};
use crate::op::Signature;
use crate::op::kernel::Buffers;

/// Where values along a row are between two sweeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// Nowhere: inputs are read again.
    Storage,
    /// In named values of each invocation, which together hold a whole row.
    Registers,
    /// In workgroup memory.
    Workgroup,
}

/// What the texts of a kernel depend on.
pub(super) struct Style {
    /// Invocations per row.
    pub team: i64,
    pub width: i64,
    /// Vectors of an invocation for which there are named values.
    pub items: i64,
    pub keep: Keep,
    pub baked: bool,
    pub packed: bool,
    /// Whether a vector of that number may lie beyond the end of the row.
    pub guards: Vec<bool>,
    /// Whether a row may lie beyond the last.
    pub guards_rows: bool,
}

/// What the rows template is made of.
#[derive(Serialize)]
pub(super) struct RowsText {
    pub uniforms: Vec<String>,
    pub buffers: Buffers,
    pub functions: Vec<&'static str>,
    /// The number of rows, and of vectors in one.
    pub rows: String,
    pub vectors: String,
    /// Where the row lies along the other axes.
    pub coordinates: Vec<String>,
    /// Statements before the first sweep.
    pub before: Vec<String>,
    pub sweeps: Vec<SweepText>,
    /// Workgroup arrays of a row of vectors each.
    pub places: usize,
    /// The most reductions of one kind in one sweep.
    pub reduced_together: usize,
}

#[derive(Serialize)]
pub(super) struct SweepText {
    /// Whether anything must know if a vector lies beyond the end of the row.
    guards: bool,
    /// Lanes of each reduction, with what they start from.
    lanes: Vec<(String, &'static str)>,
    /// Loads of each item, statements that compute from them, and those that store.
    items: Vec<ItemText>,
    groups: Vec<Group>,
    /// Statements after the reductions.
    after: Vec<String>,
}

#[derive(Serialize)]
struct ItemText {
    loads: Vec<String>,
    statements: Vec<String>,
}

/// Reductions that combine alike: the names of their lanes and of their results.
#[derive(Serialize)]
struct Group {
    combine: &'static str,
    lanes: Vec<String>,
    results: Vec<String>,
}

impl RowsText {
    pub fn new(signature: &Signature, style: &Style) -> Self {
        let shape = Shape::of(&signature.workload).expect("a signature's workload is understood");
        let graph = Graph::of(&shape);
        let sweeps = sweeps(&shape, &graph, style.keep != Keep::Storage);
        let indices = Indices { shape: &shape, width: style.width, baked: style.baked };
        let rows = RowsWriter { shape: &shape, graph: &graph, indices: &indices, style, sweeps: &sweeps };
        let texts: Vec<SweepText> = (0..sweeps.len()).map(|number| rows.sweep(number)).collect();
        Self {
            uniforms: rows.uniforms(),
            buffers: rows.buffers(signature),
            functions: called(&graph),
            rows: if style.baked { format!("{}u", shape.rows()) } else { "shape.rows".to_owned() },
            vectors: indices.vectors(),
            coordinates: rows.coordinates(),
            before: rows.per_row(0),
            places: if style.keep == Keep::Workgroup { places(&sweeps).1 } else { 0 },
            reduced_together: texts.iter().flat_map(|t| &t.groups).map(|group| group.results.len()).max().unwrap_or(0),
            sweeps: texts,
        }
    }
}

struct RowsWriter<'a> {
    shape: &'a Shape,
    graph: &'a Graph,
    indices: &'a Indices<'a>,
    style: &'a Style,
    sweeps: &'a [Sweep],
}

impl RowsWriter<'_> {
    fn uniforms(&self) -> Vec<String> {
        let sizes = self.shape.axes.iter().map(|(axis, _)| format!("size_{axis}"));
        sizes.chain(["rows".to_owned()]).collect()
    }

    fn buffers(&self, signature: &Signature) -> Buffers {
        let (packed, mut buffers) = (self.style.packed, Buffers::default());
        for (input, tensor) in self.shape.inputs.iter().zip(&signature.inputs) {
            let width = self.indices.load_width(input);
            buffers = buffers.read_as(&format!("in_{}", input.name), tensor, width, packed);
        }
        for (output, tensor) in signature.outputs.iter().enumerate() {
            let width = if self.shape.is_per_row(output) { 1 } else { self.style.width };
            buffers = buffers.write_as(&format!("out_{}", tensor.name), tensor, width, packed);
        }
        buffers
    }

    fn coordinates(&self) -> Vec<String> {
        let broadcast = || self.shape.inputs.iter().filter(|input| !self.indices.is_plain(input));
        let needed = |axis: &str| broadcast().any(|input| input.axes.iter().any(|a| a == axis));
        self.indices.coordinates("row", self.shape.axes.len() - 1, needed)
    }

    /// The name of a value: one of the row, or of the item of that number.
    fn name(&self, id: Id, item: Option<i64>) -> String {
        let mark =
            if self.graph.varies[id] { item.map_or(String::new(), |item| item.to_string()) } else { String::new() };
        let output = self.graph.outputs.iter().position(|output| *output == id);
        match (&self.graph.nodes[id], output) {
            (Node::Input(input), _) => format!("v{mark}_{}", self.shape.inputs[*input].name),
            (_, Some(output)) => format!("v{mark}_{}", self.shape.outputs.0[output].0),
            (Node::Fold(fold, _), None) => format!("{}_{id}", fold.name()),
            _ if mark.is_empty() => format!("r_{id}"),
            _ => format!("t{mark}_{id}"),
        }
    }

    /// How a value is called where it has a name, in a sweep or outside of all.
    fn named(&self, id: Id, within: Option<(&Sweep, i64)>) -> Option<String> {
        let has_name = match (&self.graph.nodes[id], within) {
            (Node::Number(_), _) => false,
            (Node::Input(_) | Node::Fold(..), _) => true,
            (_, Some((sweep, _))) if self.graph.varies[id] => self.is_named(id, sweep),
            _ => self.is_named_per_row(id),
        };
        has_name.then(|| self.name(id, within.map(|(_, item)| item)))
    }

    /// Whether a value along the row is more than a part of one other.
    fn is_named(&self, id: Id, sweep: &Sweep) -> bool {
        let parts = sweep.computed.iter().flat_map(|user| self.graph.nodes[*user].operands());
        let folds = sweep.folds.iter().flat_map(|fold| self.graph.nodes[*fold].operands());
        let stored = sweep.stored.iter().map(|output| self.graph.outputs[*output]);
        let uses = parts.chain(folds).chain(stored).filter(|used| *used == id).count();
        uses > 1 || sweep.recalled.contains(&id) || sweep.kept.contains(&id)
    }

    /// Whether a value of the row is more than a part of another one: what is used along the row is computed before.
    fn is_named_per_row(&self, id: Id) -> bool {
        let users = || (0..self.graph.nodes.len()).filter(|user| self.graph.nodes[*user].operands().contains(&id));
        let count: usize =
            users().map(|user| self.graph.nodes[user].operands().iter().filter(|o| **o == id).count()).sum();
        count > 1 || users().any(|user| self.graph.varies[user]) || self.graph.outputs.contains(&id)
    }

    fn with_writer<T>(&self, within: Option<(&Sweep, i64)>, write: impl FnOnce(&Writer) -> T) -> T {
        let (is_vector, name) = (|id: Id| self.graph.varies[id], |id| self.named(id, within));
        write(&Writer { graph: self.graph, width: self.style.width, is_vector: &is_vector, name: &name })
    }

    /// What is known of the row once so many sweeps are done, and was not before.
    fn per_row(&self, sweeps: usize) -> Vec<String> {
        let due = (0..self.graph.nodes.len()).filter(|id| !self.graph.varies[*id] && self.graph.depth[*id] == sweeps);
        let mut statements = Vec::new();
        for id in due {
            let name = self.name(id, None);
            match &self.graph.nodes[id] {
                Node::Number(_) | Node::Fold(..) => {}
                Node::Input(input) => {
                    let load = self.indices.load(&self.shape.inputs[*input], "");
                    statements.push(format!("let {name} = {load};"));
                }
                _ if self.is_named_per_row(id) => {
                    let value = self.with_writer(None, |writer| writer.definition(id));
                    statements.push(format!("let {name} = {value};"));
                }
                _ => {}
            }
        }
        statements.extend(self.stored_per_row(sweeps));
        statements
    }

    /// One invocation of the team stores what there is one of per row.
    fn stored_per_row(&self, sweeps: usize) -> Vec<String> {
        let due =
            |output: &usize| self.shape.is_per_row(*output) && self.graph.depth[self.graph.outputs[*output]] == sweeps;
        let stores: Vec<String> = (0..self.graph.outputs.len())
            .filter(due)
            .map(|output| {
                let (name, id) = (&self.shape.outputs.0[output].0, self.graph.outputs[output]);
                format!("store_out_{name}(row, {});", self.with_writer(None, |writer| writer.value(id)))
            })
            .collect();
        let is_one = (self.style.team > 1).then_some("(lane == 0u)");
        let is_row = self.style.guards_rows.then_some("is_row");
        only_if(&[is_one, is_row], stores)
    }

    fn sweep(&self, number: usize) -> SweepText {
        let sweep = &self.sweeps[number];
        let folds: Vec<(Id, Fold)> = sweep
            .folds
            .iter()
            .filter_map(|id| if let Node::Fold(fold, _) = self.graph.nodes[*id] { Some((*id, fold)) } else { None })
            .collect();
        let group = |fold: Fold| {
            let members = folds.iter().filter(|(_, other)| *other == fold);
            let (lanes, results) = members.map(|(id, _)| (format!("lanes_{id}"), self.name(*id, None))).unzip();
            Group { combine: fold.combine(), lanes, results }
        };
        SweepText {
            guards: !sweep.stored.is_empty() || folds.iter().any(|(_, fold)| *fold == Fold::Sum),
            lanes: folds.iter().map(|(id, fold)| (format!("lanes_{id}"), fold.neutral())).collect(),
            items: (0..self.style.items).map(|item| self.item(sweep, item)).collect(),
            groups: Fold::ALL.map(group).into_iter().filter(|group| !group.results.is_empty()).collect(),
            after: self.per_row(number + 1),
        }
    }

    fn item(&self, sweep: &Sweep, item: i64) -> ItemText {
        let computed = |id: &&Id| matches!(self.graph.nodes[**id], Node::Input(_));
        let mut loads: Vec<String> = sweep.computed.iter().filter(computed).map(|id| self.loaded(*id, item)).collect();
        let (places, _) = places(self.sweeps);
        let place = |id: Id| places.iter().find(|(kept, _)| *kept == id).expect("what is kept has a place").1;
        let slot = |id: Id| format!("kept_{}[slot_{item}]", place(id));
        if self.style.keep == Keep::Workgroup {
            loads
                .extend(sweep.recalled.iter().map(|id| format!("let {} = {};", self.name(*id, Some(item)), slot(*id))));
        }
        let mut statements = self.with_writer(Some((sweep, item)), |writer| {
            let others = sweep.computed.iter().filter(|id| !matches!(self.graph.nodes[**id], Node::Input(_)));
            let named = others.filter_map(|id| Some((self.named(*id, Some((sweep, item)))?, writer.definition(*id))));
            let mut statements: Vec<String> = named.map(|(name, value)| format!("let {name} = {value};")).collect();
            statements.extend(sweep.folds.iter().map(|fold| self.folded(writer, *fold, item)));
            statements.extend(self.stored(writer, sweep, item));
            statements
        });
        if self.style.keep == Keep::Workgroup {
            statements.extend(sweep.kept.iter().map(|id| format!("{} = {};", slot(*id), self.name(*id, Some(item)))));
        }
        ItemText { loads, statements }
    }

    fn loaded(&self, id: Id, item: i64) -> String {
        let Node::Input(input) = self.graph.nodes[id] else { unreachable!("only inputs are loaded") };
        let input = &self.shape.inputs[input];
        let load = if self.indices.is_plain(input) {
            format!("load_in_{}(start_of_row + column_{item})", input.name)
        } else {
            self.indices.load(input, &format!("column_{item}"))
        };
        format!("let {} = {load};", self.name(id, Some(item)))
    }

    /// The last vector, taken once more, changes no maximum; a sum it must not enter.
    fn folded(&self, writer: &Writer, id: Id, item: i64) -> String {
        let Node::Fold(fold, inner) = self.graph.nodes[id] else { unreachable!("only reductions are folded") };
        let value = writer.value(inner);
        match fold {
            Fold::Sum if self.style.guards[item as usize] => {
                format!("lanes_{id} += select(Value(0.0), {value}, inside_{item});")
            }
            Fold::Sum => format!("lanes_{id} += {value};"),
            Fold::Max | Fold::Min => format!("lanes_{id} = {}(lanes_{id}, {value});", fold.combine()),
        }
    }

    fn stored(&self, writer: &Writer, sweep: &Sweep, item: i64) -> Vec<String> {
        let stores: Vec<String> = sweep
            .stored
            .iter()
            .map(|output| {
                let (name, id) = (&self.shape.outputs.0[*output].0, self.graph.outputs[*output]);
                format!("store_out_{name}(start_of_row + column_{item}, {});", writer.vector(id))
            })
            .collect();
        let inside = self.style.guards[item as usize].then(|| format!("inside_{item}"));
        only_if(&[inside.as_deref(), self.style.guards_rows.then_some("is_row")], stores)
    }
}

/// Statements under those conditions that there are.
fn only_if(conditions: &[Option<&str>], statements: Vec<String>) -> Vec<String> {
    let conditions: Vec<&str> = conditions.iter().copied().flatten().collect();
    if statements.is_empty() || conditions.is_empty() {
        return statements;
    }
    let condition = format!("if ({}) {{", conditions.join(" & "));
    [condition].into_iter().chain(statements).chain(["}".to_owned()]).collect()
}
