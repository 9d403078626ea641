//! Our own matmuls: products in blocks or streamed, with the epilogue on what is still in the cache.

use super::epilogue::Epilogue;
use super::kernels::elementwise::{Channels, finish};
use super::kernels::{Blocked, Blocking, Finish, Order, Shape, Skinny, Streaming, Width};
use super::operand::{Operand, Target, borrowed};
use super::routines::{Ready, Setting};
use crate::base::ElementType;
use crate::code::routine::{Call, MatmulCall};

/// A matmul whose way of computing is settled.
pub(super) struct Product {
    way: Way,
    epilogue: Epilogue,
    width: Width,
    /// Columns of C.
    n: usize,
}

enum Way {
    InBlocks(Blocked),
    Streamed(Skinny),
}

impl Product {
    /// In blocks that fit caches.
    ///
    /// # Errors
    /// When an option is missing or cannot be.
    pub fn in_blocks(setting: &Setting) -> Result<Self, String> {
        let call = matmul(setting)?;
        let width = setting.width()?;
        let flag = |name| setting.size(name).map(|value| value == 1);
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
            blocks: order(setting, "blocks")?,
            tiles: order(setting, "tiles")?,
            prefetch: setting.size("prefetch")?,
            threads: setting.threads,
        };
        let blocked = Blocked::new(shape(call), blocking, call.element == ElementType::F16)?;
        Self::new(call, width, Way::InBlocks(blocked))
    }

    /// With the larger matrix streamed past the smaller one.
    ///
    /// # Errors
    /// As for [`Self::in_blocks`].
    pub fn streamed(setting: &Setting) -> Result<Self, String> {
        let call = matmul(setting)?;
        let width = setting.width()?;
        let streaming = Streaming {
            width,
            group: setting.size("group")?,
            lines: setting.size("lines")?,
            vectors: setting.size("vectors")?,
            block: setting.size("block")?,
            prefetch: setting.size("prefetch")?,
            split: order(setting, "split")?,
            threads: setting.threads,
        };
        Self::new(call, width, Way::Streamed(Skinny::new(shape(call), streaming)?))
    }

    fn new(call: &MatmulCall, width: Width, way: Way) -> Result<Self, String> {
        Ok(Self { way, epilogue: Epilogue::new(&call.epilogue)?, width, n: call.n as usize })
    }
}

impl Ready for Product {
    fn run(&mut self, inputs: &[Operand], outputs: &mut [Target]) {
        let Self { way, epilogue, width, n } = self;
        let posts = epilogue.bind(inputs);
        let hook = |row: usize, column: usize, values: &mut [f32]| {
            finish(*width, &posts, values, Channels::From(column), row * *n + column);
        };
        let hook: Option<Finish> = if posts.is_empty() { None } else { Some(&hook) };
        let (a, b, c) = (inputs[0], inputs[1], borrowed(&mut outputs[0]));
        match way {
            Way::InBlocks(blocked) => blocked.run(a, b, c, hook),
            Way::Streamed(skinny) => skinny.run(a, b, c, hook),
        }
    }
}

fn matmul<'a>(setting: &'a Setting) -> Result<&'a MatmulCall, String> {
    match &setting.routine.call {
        Call::Matmul(call) => Ok(call),
        _ => Err("it is for matmuls alone".to_owned()),
    }
}

/// Which of two dimensions comes first: 0 rows, 1 columns.
fn order(setting: &Setting, name: &str) -> Result<Order, String> {
    Ok(if setting.size(name)? == 1 { Order::Columns } else { Order::Rows })
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
