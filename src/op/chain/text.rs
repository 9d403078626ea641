//! The WGSL of a chain: how each input is gathered for a vector of elements, and what is computed from them.

use serde::Serialize;

use super::{Input, Shape};
use crate::op::elementwise;
use crate::op::kernel::Buffers;
use crate::op::{Signature, elementwise::FUNCTIONS};
use crate::workload::Expr;

/// What the chain templates share.
#[derive(Serialize)]
pub(super) struct Text {
    pub uniforms: Vec<String>,
    pub buffers: Buffers,
    pub functions: Vec<&'static str>,
    /// Coordinates that broadcast inputs need, as WGSL statements over the vector index `i`.
    pub coordinates: Vec<String>,
    /// The inputs with the WGSL expression that loads each for vector `i`.
    pub inputs: Vec<(String, String)>,
    /// The outputs with the WGSL expression of each, over `inputs.NAME` and earlier outputs.
    pub outputs: Vec<(String, String)>,
    /// The number of vectors, as a WGSL expression.
    pub vectors: String,
}

impl Text {
    /// The texts for vectors of `width` elements; sizes are constants where `baked`, else uniforms.
    pub fn new(signature: &Signature, width: i64, packed: bool, baked: bool) -> Self {
        let shape = Shape::of(&signature.workload).expect("a signature's workload is understood");
        let writer = Writer { shape: &shape, width, baked };
        let mut buffers = Buffers::default();
        for (input, tensor) in shape.inputs.iter().zip(&signature.inputs) {
            buffers = buffers.read_as(&format!("in_{}", input.name), tensor, writer.load_width(input), packed);
        }
        for tensor in &signature.outputs {
            buffers = buffers.write_as(&format!("out_{}", tensor.name), tensor, width, packed);
        }
        let sizes = shape.axes.iter().map(|(axis, _)| format!("size_{axis}"));
        let inputs = &shape.inputs;
        Self {
            uniforms: sizes.chain(["elements".to_owned()]).collect(),
            buffers,
            functions: called(&shape),
            coordinates: writer.coordinates(),
            inputs: inputs.iter().map(|input| (input.name.clone(), writer.load(input))).collect(),
            outputs: shape.outputs.0.iter().map(|(name, expr)| (name.clone(), writer.value(expr))).collect(),
            vectors: writer.vectors(),
        }
    }
}

/// The names of the functions that the expressions call.
fn called(shape: &Shape) -> Vec<&'static str> {
    let mut called = Vec::new();
    for (_, expr) in &shape.outputs.0 {
        expr.walk(&mut |part| {
            if let Expr::Call { function, .. } = part {
                called.extend(FUNCTIONS.iter().map(|f| f.name).filter(|name| name == function));
            }
        });
    }
    called
}

struct Writer<'a> {
    shape: &'a Shape,
    width: i64,
    baked: bool,
}

impl Writer<'_> {
    fn vectors(&self) -> String {
        let elements: u64 = self.shape.extents().iter().product();
        if self.baked {
            format!("{}u", elements / self.width as u64)
        } else {
            format!("shape.elements / {}u", self.width)
        }
    }

    /// The extent of an axis in elements.
    fn size(&self, axis: &str) -> String {
        match self.shape.extent(axis) {
            Some(extent) if self.baked => format!("{extent}u"),
            _ => format!("shape.size_{axis}"),
        }
    }

    fn innermost_axis(&self) -> &str {
        self.shape.axes.last().map_or("", |(axis, _)| axis)
    }

    /// Whether the elements of an input lie just as those of the outputs.
    fn is_plain(&self, input: &Input) -> bool {
        input.axes.iter().eq(self.shape.axes.iter().map(|(axis, _)| axis))
    }

    /// Elements of one load: a whole vector where neighbours along the innermost axis lie side by side.
    fn load_width(&self, input: &Input) -> i64 {
        let contiguous = input.axes.last().is_some_and(|axis| axis == self.innermost_axis());
        if contiguous { self.width } else { 1 }
    }

    /// `at_AXIS` for each axis that some broadcast input varies along; the innermost counts vectors.
    fn coordinates(&self) -> Vec<String> {
        let needed = |axis: &str| {
            let broadcast = self.shape.inputs.iter().filter(|input| !self.is_plain(input));
            broadcast.into_iter().any(|input| input.axes.iter().any(|a| a == axis))
        };
        let mut statements = Vec::new();
        let mut rest = "i".to_owned();
        for (position, (axis, _)) in self.shape.axes.iter().enumerate().rev() {
            let vectors = axis == self.innermost_axis() && self.width > 1;
            let size = if vectors { format!("({} / {}u)", self.size(axis), self.width) } else { self.size(axis) };
            if needed(axis) {
                let outermost = position == 0;
                let wrapped = if outermost { rest.clone() } else { format!("{rest} % {size}") };
                statements.push(format!("let at_{axis} = {wrapped};"));
            }
            rest = format!("{rest} / {size}");
        }
        statements
    }

    fn load(&self, input: &Input) -> String {
        let name = &input.name;
        if self.is_plain(input) {
            return format!("load_in_{name}(i)");
        }
        let inner = self.innermost_axis();
        let last = input.axes.last().is_some_and(|axis| axis == inner);
        if last || !input.axes.iter().any(|axis| axis == inner) {
            let load = format!("load_in_{name}({})", self.index(input, None));
            return if last || self.width == 1 { load } else { format!("Value({load})") };
        }
        let lanes: Vec<String> =
            (0..self.width).map(|lane| format!("load_in_{name}({})", self.index(input, Some(lane)))).collect();
        if let [one] = lanes.as_slice() { one.clone() } else { format!("Value(\n{},\n)", lanes.join(",\n")) }
    }

    /// The index of an input's element, or of its vector where the last axis is the innermost one; `lane` picks an
    /// element of the vector where it is not.
    fn index(&self, input: &Input, lane: Option<i64>) -> String {
        let inner = self.innermost_axis();
        let mut index = String::new();
        for (position, axis) in input.axes.iter().enumerate() {
            let at = match lane {
                Some(lane) if axis == inner => format!("at_{axis} * {}u + {lane}u", self.width),
                _ => format!("at_{axis}"),
            };
            let last = position + 1 == input.axes.len();
            let size = if last && axis == inner && self.width > 1 {
                format!("({} / {}u)", self.size(axis), self.width)
            } else {
                self.size(axis)
            };
            index = if index.is_empty() { at } else { format!("({index}) * {size} + {at}") };
        }
        if index.is_empty() { "0u".to_owned() } else { index }
    }

    fn value(&self, expr: &Expr) -> String {
        match expr {
            Expr::Number(value) => format!("Value({:?})", *value as f32),
            Expr::Input { name, .. } if self.shape.inputs.iter().any(|input| input.name == *name) => {
                format!("inputs.v_{name}")
            }
            Expr::Input { name, .. } => format!("v_{name}"),
            Expr::Negate(inner) => format!("-{}", self.operand(inner, u8::MAX)),
            Expr::Binary { operator, left, right } => {
                let binds = operator.precedence();
                format!("{} {} {}", self.operand(left, binds), operator.symbol(), self.operand(right, binds + 1))
            }
            Expr::Call { function, arguments } => {
                let arguments: Vec<String> = arguments.iter().map(|argument| self.value(argument)).collect();
                let function = elementwise::find(function).expect("checked by the signature");
                format!("{}({})", function.wgsl, arguments.join(", "))
            }
        }
    }

    /// A value as a part of another, in brackets where it would bind less than `least`.
    fn operand(&self, expr: &Expr, least: u8) -> String {
        let value = self.value(expr);
        let binds = match expr {
            Expr::Binary { operator, .. } => operator.precedence(),
            Expr::Negate(_) => 0,
            _ => u8::MAX,
        };
        if binds < least { format!("({value})") } else { value }
    }
}
