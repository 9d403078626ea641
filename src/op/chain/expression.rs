//! Values of a graph as WGSL expressions.

use super::graph::{Graph, Id, Node};
use crate::op::elementwise::FUNCTIONS;
use crate::workload::Binary;

/// Functions that WGSL has for scalars and vectors alike; those of `shaders/elementwise.wgsl` are for `Value` alone.
const BUILT_IN: &[&str] = &["exp", "log", "sqrt", "inverseSqrt", "abs", "min", "max"];

/// Writes values: by their name where they have one, else by what they are made of.
pub(super) struct Writer<'a> {
    pub graph: &'a Graph,
    /// Elements of a `Value`.
    pub width: i64,
    /// Whether a value is a `Value`, of as many elements as vectors have; else it is one f32.
    pub is_vector: &'a dyn Fn(Id) -> bool,
    /// The names of values that were computed before.
    pub name: &'a dyn Fn(Id) -> Option<String>,
}

/// More than any operator: what is one word or a call.
const TIGHT: u8 = u8::MAX;

impl Writer<'_> {
    /// A value as a `Value`.
    pub fn vector(&self, id: Id) -> String {
        let fits = self.width == 1 || (self.is_vector)(id);
        if fits { self.value(id) } else { format!("Value({})", self.value(id)) }
    }

    /// A value, by its name if it has one.
    pub fn value(&self, id: Id) -> String {
        self.part(id).0
    }

    /// A value by what it is made of, whether or not it has a name.
    pub fn definition(&self, id: Id) -> String {
        self.defined(id).0
    }

    /// A value, and how tightly its parts are bound to each other.
    fn part(&self, id: Id) -> (String, u8) {
        (self.name)(id).map_or_else(|| self.defined(id), |name| (name, TIGHT))
    }

    fn defined(&self, id: Id) -> (String, u8) {
        match &self.graph.nodes[id] {
            // With its suffix: without, arithmetic on constants would be done in more digits than f32 has.
            Node::Number(value) => (format!("{value:?}f"), TIGHT),
            Node::Input(_) | Node::Fold(..) => unreachable!("these have names"),
            Node::Negate(inner) => (format!("-{}", self.operand(*inner, TIGHT)), 0),
            Node::Binary(operator, left, right) => (self.binary(*operator, *left, *right), operator.precedence()),
            Node::Call(function, arguments) => (self.call(id, function, arguments), TIGHT),
        }
    }

    fn binary(&self, operator: Binary, left: Id, right: Id) -> String {
        let binds = operator.precedence();
        format!("{} {} {}", self.operand(left, binds), operator.symbol(), self.operand(right, binds + 1))
    }

    /// A value as a part of another, in brackets where it would bind less than `least`.
    fn operand(&self, id: Id, least: u8) -> String {
        let (value, binds) = self.part(id);
        if binds < least { format!("({value})") } else { value }
    }

    fn call(&self, id: Id, function: &str, arguments: &[Id]) -> String {
        let found = FUNCTIONS.iter().find(|f| f.name == function).expect("checked by the signature");
        let for_vectors = self.width > 1 && !BUILT_IN.contains(&found.wgsl);
        let argument = |id: &Id| {
            if for_vectors || arguments.iter().any(|id| (self.is_vector)(*id)) {
                self.vector(*id)
            } else {
                self.value(*id)
            }
        };
        let call = format!("{}({})", found.wgsl, arguments.iter().map(argument).collect::<Vec<_>>().join(", "));
        if for_vectors && !(self.is_vector)(id) { format!("{call}[0]") } else { call }
    }
}

/// The names of the functions that a graph calls.
pub(super) fn called(graph: &Graph) -> Vec<&'static str> {
    let calls = |name: &str| graph.nodes.iter().any(|node| matches!(node, Node::Call(called, _) if *called == name));
    FUNCTIONS.iter().map(|function| function.name).filter(|name| calls(name)).collect()
}
