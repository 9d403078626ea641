//! The passes around a convolution's main kernel: weights laid out anew before it, parts of split sums added after it.

use serde::Serialize;

use super::shape::Shape;
use crate::base::{ElementType, TensorSpec};
use crate::code::wgsl::WgslTemplate;
use crate::code::{BufferRef, Dispatch, Formula, Kernel, Program, Temporary};
use crate::op::Signature;
use crate::op::kernel::{Buffers, kernel};

static PACK: WgslTemplate = WgslTemplate::new("conv2d/pack", include_str!("../../../templates/conv2d/pack.wgsl"));
static JOIN: WgslTemplate = WgslTemplate::new("conv2d/join", include_str!("../../../templates/conv2d/join.wgsl"));

/// How weights are laid out anew: vectors of output channels are contiguous, and above them comes one of these.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Packing {
    /// [g, c/g, kh·kw, o/g]
    ChannelOuter,
    /// [g, kh·kw, c/g, o/g]
    FilterOuter,
}

/// How the sums of outputs are shared among workgroups, and stored where they are.
#[derive(Clone, Copy)]
pub(super) struct Split {
    /// Workgroups that share one sum.
    pub parts: i64,
    /// Neighbouring outputs of one load: channels in NHWC, pixels in NCHW.
    pub width: i64,
}

impl Split {
    /// No sum is shared.
    pub const NONE: Self = Self { parts: 1, width: 1 };
}

/// A main kernel with what goes before and after it.
pub(super) struct Passes<'a> {
    pub signature: &'a Signature,
    pub shape: &'a Shape,
    pub packing: Option<Packing>,
    pub split: Split,
    /// f16 as halves of 32-bit words.
    pub packed: bool,
}

impl Passes<'_> {
    /// What `main` reads and writes: a split sum leaves the epilogue's inputs and y to the pass after it. The widths are
    /// those of x, of w, of what has the shape of the channels, and of what is laid out like y.
    pub fn main_buffers(&self, [x, w, channels, outputs]: [i64; 4]) -> Buffers {
        let width = |tensor: &TensorSpec| match tensor.name.as_str() {
            "x" => x,
            "w" => w,
            "bias" => channels,
            _ => outputs,
        };
        let read = |all: Buffers, tensor: &TensorSpec| all.read(tensor, width(tensor), self.packed);
        let y = &self.signature.outputs[0];
        if self.split.parts > 1 {
            let factors = self.signature.inputs[..2].iter().fold(Buffers::default(), read);
            return factors.write_as("sums", &sums(y), outputs, false);
        }
        self.signature.inputs.iter().fold(Buffers::default(), read).write(y, outputs, self.packed)
    }

    /// All passes in one program.
    pub fn program(&self, main: Kernel) -> Program {
        let mut program = Program::nothing();
        let mut inputs: Vec<BufferRef> = (0..self.signature.inputs.len()).map(BufferRef::Input).collect();
        if let Some(packing) = self.packing {
            let (kernel, temporary) = self.pack(packing);
            let packed = keep(&mut program, temporary);
            let buffers = vec![BufferRef::Input(1), packed];
            program.prepare.push(Dispatch { kernel: program.kernels.len(), buffers });
            program.kernels.push(kernel);
            inputs[1] = packed;
        }
        let (mut output, mut extras) = (BufferRef::Output(0), inputs.split_off(2));
        if self.split.parts > 1 {
            output = keep(&mut program, self.sums());
        } else {
            inputs.append(&mut extras);
        }
        inputs.push(output);
        program.run.push(Dispatch { kernel: program.kernels.len(), buffers: inputs });
        program.kernels.push(main);
        if self.split.parts > 1 {
            let buffers = [output].into_iter().chain(extras).chain([BufferRef::Output(0)]).collect();
            program.run.push(Dispatch { kernel: program.kernels.len(), buffers });
            program.kernels.push(self.join());
        }
        program
    }

    fn pack(&self, packing: Packing) -> (Kernel, Temporary) {
        let (shape, weights) = (self.shape, &self.signature.inputs[1]);
        let buffers = Buffers::default().read(weights, 1, self.packed).write_as("packed", weights, 1, self.packed);
        let filter = shape.filter[0] * shape.filter[1];
        let code = PACK.render(PackValues {
            uniforms: ["c", "o"],
            buffers: &buffers,
            filter,
            parts: shape.groups,
            nhwc: shape.nhwc,
            filter_outer: packing == Packing::FilterOuter,
        });
        let elements = format!("o*(c/{})*{filter}", shape.groups);
        let kernel = kernel(code, &["c", "o"], &buffers, [64, 1, 1], in_line(&format!("{elements}/64")));
        (kernel, temporary("packed", &format!("{elements}*{}", weights.element.bytes())))
    }

    fn sums(&self) -> Temporary {
        temporary("sums", &format!("{}*n*o*oh*ow*4", self.split.parts))
    }

    fn join(&self) -> Kernel {
        const UNIFORMS: [&str; 4] = ["n", "o", "oh", "ow"];
        let (y, width) = (&self.signature.outputs[0], self.split.width);
        let of_bias = if self.shape.nhwc { width } else { 1 };
        let read = |all: Buffers, tensor: &TensorSpec| {
            all.read(tensor, if tensor.name == "bias" { of_bias } else { width }, self.packed)
        };
        let parts = Buffers::default().read_as("sums", &sums(y), width, false);
        let buffers = self.signature.inputs[2..].iter().fold(parts, read).write(y, width, self.packed);
        let epilogue = self.shape.epilogue(&self.signature.workload, y).expect("as in the signature");
        let code = JOIN.render(JoinValues {
            uniforms: UNIFORMS,
            buffers: &buffers,
            functions: epilogue.functions(),
            epilogue: epilogue.statements("load_bias(channel)", "load_residual(index)"),
            nhwc: self.shape.nhwc,
            split: self.split.parts,
            width,
        });
        kernel(code, &UNIFORMS, &buffers, [64, 1, 1], in_line(&format!("n*o*oh*ow/{}", 64 * width)))
    }
}

/// Parts of sums are f32, laid out like `y`.
fn sums(y: &TensorSpec) -> TensorSpec {
    TensorSpec::new("sums", ElementType::F32, &y.shape)
}

fn temporary(name: &str, bytes: &str) -> Temporary {
    Temporary { name: name.to_owned(), bytes: bytes.parse::<Formula>().expect("a product of sizes") }
}

fn keep(program: &mut Program, temporary: Temporary) -> BufferRef {
    program.temporaries.push(temporary);
    BufferRef::Temporary(program.temporaries.len() - 1)
}

/// A grid of the rounded-up quotient in one direction.
fn in_line(quotient: &str) -> [String; 3] {
    [format!("ceil({quotient})"), "1".to_owned(), "1".to_owned()]
}

#[derive(Serialize)]
struct PackValues<'a> {
    uniforms: [&'static str; 2],
    buffers: &'a Buffers,
    filter: u64,
    parts: u64,
    nhwc: bool,
    filter_outer: bool,
}

#[derive(Serialize)]
struct JoinValues<'a> {
    uniforms: [&'static str; 4],
    buffers: &'a Buffers,
    functions: Vec<&'static str>,
    epilogue: Vec<String>,
    nhwc: bool,
    split: i64,
    width: i64,
}
