//! Our own matmuls: products in blocks, with the epilogue on what is still in the cache.

use super::epilogue::Epilogue;
use super::kernels::elementwise::{Channels, Data, DataMut, finish};
use super::kernels::{Blocked, Blocking, Elements, Finish, Order, Output, Shape, Width};
use super::operand::{Operand, Target};
use super::routines::{Ready, Setting};
use crate::base::ElementType;
use crate::code::routine::{Call, MatmulCall};

/// A matmul whose way of computing is settled.
pub(super) struct InBlocks {
    blocked: Blocked,
    epilogue: Epilogue,
    width: Width,
    /// Columns of C.
    n: usize,
}

impl InBlocks {
    /// # Errors
    /// When an option is missing or cannot be.
    pub fn new(setting: &Setting) -> Result<Self, String> {
        let call = matmul(setting)?;
        let width = setting.width()?;
        let flag = |name| setting.size(name).map(|value| value == 1);
        let order = |name| Ok::<_, String>(if flag(name)? { Order::Columns } else { Order::Rows });
        let blocking = Blocking {
            width,
            tile_rows: setting.size("tile_rows")?,
            tile_vectors: setting.size("tile_vectors")?,
            unroll: setting.size("unroll")?,
            block_rows: setting.size("block_rows")?,
            block_steps: setting.size("block_steps")?,
            block_columns: setting.size("block_columns")?,
            pack_a: flag("pack_a")?,
            pack_b: flag("pack_b")?,
            blocks: order("blocks")?,
            tiles: order("tiles")?,
            prefetch: setting.size("prefetch")?,
            threads: setting.threads,
        };
        Ok(Self {
            blocked: Blocked::new(shape(call), blocking, call.element == ElementType::F16)?,
            epilogue: Epilogue::new(&call.epilogue)?,
            width,
            n: call.n as usize,
        })
    }
}

impl Ready for InBlocks {
    fn run(&mut self, inputs: &[Operand], outputs: &mut [Target]) {
        let Self { blocked, epilogue, width, n } = self;
        let posts = epilogue.bind(inputs);
        let hook = |row: usize, column: usize, values: &mut [f32]| {
            finish(*width, &posts, values, Channels::From(column), row * *n + column);
        };
        let hook: Option<Finish> = if posts.is_empty() { None } else { Some(&hook) };
        blocked.run(elements(inputs[0]), elements(inputs[1]), output(&mut outputs[0]), hook);
    }
}

fn matmul<'a>(setting: &'a Setting) -> Result<&'a MatmulCall, String> {
    match &setting.routine.call {
        Call::Matmul(call) => Ok(call),
        _ => Err("it is for matmuls alone".to_owned()),
    }
}

fn shape(call: &MatmulCall) -> Shape {
    Shape {
        batch: call.batch as usize,
        m: call.m as usize,
        n: call.n as usize,
        k: call.k as usize,
        a_transposed: call.a_transposed,
        b_transposed: call.b_transposed,
    }
}

fn elements(operand: Operand) -> Elements {
    match operand {
        Data::F32(values) => Elements::F32(values),
        Data::F16(values) => Elements::F16(values),
    }
}

fn output<'a>(target: &'a mut Target) -> Output<'a> {
    match target {
        DataMut::F32(values) => Output::F32(values),
        DataMut::F16(values) => Output::F16(values),
    }
}
