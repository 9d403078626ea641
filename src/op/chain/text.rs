//! The WGSL of a chain: how each input is gathered for a vector of elements, and what is computed from them.

use serde::Serialize;

use super::expression::{Writer, called};
use super::graph::{Graph, Id, Node};
use super::index::Indices;
use super::shape::{Input, Shape};
use crate::op::Signature;
use crate::op::kernel::Buffers;

/// What the chain templates share.
#[derive(Serialize)]
pub(super) struct Text {
    pub uniforms: Vec<String>,
    pub buffers: Buffers,
    pub functions: Vec<&'static str>,
    /// Coordinates that broadcast inputs need, as WGSL statements over the vector index `i`.
    pub coordinates: Vec<String>,
    /// The inputs with the WGSL expression that loads each for vector `i`.
    pub inputs: Vec<Load>,
    /// Values by name, over `inputs.NAME` and those before.
    pub values: Vec<(String, String)>,
    /// The names of the outputs: each is among the values with `v_` before it.
    pub outputs: Vec<String>,
    /// The number of vectors, as a WGSL expression.
    pub vectors: String,
}

/// What is loaded of an input for a vector.
#[derive(Serialize)]
pub(super) struct Load {
    name: String,
    load: String,
    /// Whether it is one element, which stands for all of the vector.
    is_one: bool,
}

impl Text {
    /// The texts for vectors of `width` elements; sizes are constants where `baked`, else uniforms.
    pub fn new(signature: &Signature, width: i64, packed: bool, baked: bool) -> Self {
        let whole = Shape::of(&signature.workload).expect("a signature's workload is understood");
        let shape = whole.collapsed();
        let graph = Graph::of(&shape);
        let indices = Indices { shape: &shape, width, baked };
        let mut buffers = Buffers::default();
        for (input, tensor) in shape.inputs.iter().zip(&signature.inputs) {
            buffers = buffers.read_as(&format!("in_{}", input.name), tensor, indices.load_width(input), packed);
        }
        for tensor in &signature.outputs {
            buffers = buffers.write_as(&format!("out_{}", tensor.name), tensor, width, packed);
        }
        let sizes = whole.axes.iter().map(|(axis, _)| format!("size_{axis}"));
        let inputs = &shape.inputs;
        Self {
            uniforms: sizes.chain(["elements".to_owned()]).collect(),
            buffers,
            functions: called(&graph),
            coordinates: coordinates(&indices),
            inputs: inputs.iter().map(|input| load(&indices, input)).collect(),
            values: Values::new(&shape, &graph).statements(width.min(4)),
            outputs: shape.outputs.0.iter().map(|(name, _)| name.clone()).collect(),
            vectors: vectors(&indices),
        }
    }
}

/// The number of vectors of an output.
fn vectors(indices: &Indices) -> String {
    match indices.baked {
        true => format!("{}u", indices.shape.elements() / indices.width as u64),
        false => format!("shape.elements / {}u", indices.width),
    }
}

/// Where vector `i` lies along each axis that some broadcast input varies along.
fn coordinates(indices: &Indices) -> Vec<String> {
    let broadcast = || indices.shape.inputs.iter().filter(|input| !indices.is_plain(input));
    let needed = |axis: &str| broadcast().any(|input| input.axes.iter().any(|a| a == axis));
    indices.coordinates("i", indices.shape.axes.len(), needed)
}

fn load(indices: &Indices, input: &Input) -> Load {
    let load = if indices.is_plain(input) {
        format!("load_in_{}(i)", input.name)
    } else {
        indices.load(input, &format!("at_{}", indices.shape.innermost_axis()))
    };
    let is_one = indices.width > 1 && !indices.shape.varies_along_rows(input);
    Load { name: input.name.clone(), load, is_one }
}

/// What is computed from the inputs of a vector.
struct Values<'a> {
    shape: &'a Shape,
    graph: &'a Graph,
    /// Whether a value is made of numbers alone.
    constants: Vec<bool>,
}

impl<'a> Values<'a> {
    fn new(shape: &'a Shape, graph: &'a Graph) -> Self {
        let mut constants: Vec<bool> = Vec::new();
        for node in &graph.nodes {
            let is_input = matches!(node, Node::Input(_));
            constants.push(!is_input && node.operands().iter().all(|operand| constants[*operand]));
        }
        Self { shape, graph, constants }
    }

    /// Each value that is an output or a part of several, by name.
    fn statements(&self, width: i64) -> Vec<(String, String)> {
        let name = |id: Id| self.name(id);
        let writer = Writer { graph: self.graph, width, is_vector: &|id| !self.constants[id], name: &name };
        let inner = (0..self.graph.nodes.len()).filter(|id| !matches!(self.graph.nodes[*id], Node::Input(_)));
        let mut statements: Vec<(String, String)> =
            inner.filter_map(|id| Some((self.name(id)?, writer.definition(id)))).collect();
        for ((output, _), id) in self.shape.outputs.0.iter().zip(&self.graph.outputs) {
            let name = format!("v_{output}");
            if self.name(*id).as_deref() != Some(&name) {
                statements.push((name, writer.vector(*id)));
            }
        }
        statements
    }

    /// The name of a value that has one. Constants have none, so that each is as wide as it must be where it stands.
    fn name(&self, id: Id) -> Option<String> {
        if let Node::Input(input) = self.graph.nodes[id] {
            return Some(format!("inputs.v_{}", self.shape.inputs[input].name));
        }
        if self.constants[id] {
            return None;
        }
        let uses = self.graph.nodes.iter().flat_map(Node::operands).filter(|operand| *operand == id).count();
        match self.graph.outputs.iter().position(|output| *output == id) {
            Some(output) => Some(format!("v_{}", self.shape.outputs.0[output].0)),
            None => (uses > 1).then(|| format!("t_{id}")),
        }
    }
}
