//! Our own convolutions: plans that lay weights out once, as calls and options ask for them.

use super::epilogue::Epilogue;
use super::kernels::conv::Shape;
use super::kernels::conv::blocks::Blocking;
use super::kernels::conv::channels::{self, ByChannels};
use super::kernels::conv::depthwise::{self, Depthwise};
use super::kernels::conv::direct::{self, Direct};
use super::kernels::conv::winograd::{self, Winograd};
use super::kernels::conv::{spread, tile};
use super::operand::{Operand, Target, borrowed};
use super::routines::{Ready, Setting};
use crate::code::routine::{Call, ConvolutionCall};

/// A convolution with a way to do it; its plan is made when the weights are known.
pub(super) struct Convolved {
    shape: Shape,
    way: Way,
    epilogue: Epilogue,
    plan: Option<Plan>,
}

enum Way {
    Direct(direct::Parameters),
    ByChannels(channels::Parameters),
    Winograd(winograd::Parameters),
    Depthwise(depthwise::Parameters),
}

enum Plan {
    Direct(Box<Direct>),
    ByChannels(Box<ByChannels>),
    Winograd(Box<Winograd>),
    Depthwise(Box<Depthwise>),
}

impl Convolved {
    /// Vectors along pixels.
    pub fn direct(setting: &Setting) -> Result<Self, String> {
        let (width, blocking) = (setting.width()?, blocking(setting)?);
        let way = Way::Direct(direct::Parameters { width, blocking, threads: setting.threads });
        let new = Self::new(setting, way)?;
        if new.shape.channels_last {
            return Err("pixels of channels that come last do not lie side by side".to_owned());
        }
        Ok(new)
    }

    /// By products of transformed tiles, along which vectors lie.
    pub fn winograd(setting: &Setting) -> Result<Self, String> {
        let parameters = winograd::Parameters {
            width: setting.width()?,
            size: setting.size("tile")?,
            tile_rows: setting.size("tile_rows")?,
            blocking: blocking(setting)?,
            threads: setting.threads,
        };
        if ![2, 4].contains(&parameters.size) {
            return Err(format!("there are no tiles of {0} × {0} results", parameters.size));
        }
        let new = Self::new(setting, Way::Winograd(parameters))?;
        if winograd::applies(&new.shape) { Ok(new) } else { Err("the convolution is none of Winograd's".to_owned()) }
    }

    /// Vectors along output channels.
    pub fn by_channels(setting: &Setting) -> Result<Self, String> {
        let parameters = channels::Parameters {
            width: setting.width()?,
            pixels: setting.size("tile_pixels")?,
            vectors: setting.size("tile_vectors")?,
            pixel_block: setting.size("pixel_block")?,
            output_block: setting.size("output_block")?,
            outputs_outer: setting.size("outputs_outer")? == 1,
            threads: setting.threads,
        };
        let channels::Parameters { width, pixels, vectors, .. } = parameters;
        if !spread::has(width, pixels, vectors) {
            return Err(format!("there is no micro-kernel of {pixels} pixels and {vectors} vectors"));
        }
        Self::new(setting, Way::ByChannels(parameters))
    }

    /// One input channel for each group.
    pub fn depthwise(setting: &Setting) -> Result<Self, String> {
        let parameters = depthwise::Parameters {
            width: setting.width()?,
            strip: setting.size("strip")?,
            block: setting.size("block")?.max(1),
            threads: setting.threads,
        };
        if !(1..=depthwise::MOST_STRIP).contains(&parameters.strip) {
            return Err(format!("a strip of {} is not possible", parameters.strip));
        }
        let new = Self::new(setting, Way::Depthwise(parameters))?;
        if depthwise::applies(&new.shape) { Ok(new) } else { Err("the convolution is not depthwise".to_owned()) }
    }

    fn new(setting: &Setting, way: Way) -> Result<Self, String> {
        let Call::Convolution(call) = &setting.routine.call else {
            return Err("it is for convolutions alone".to_owned());
        };
        if call.transposed {
            return Err("it does not spread pixels, as transposed convolutions do".to_owned());
        }
        Ok(Self { shape: shape(call), way, epilogue: Epilogue::new(&call.epilogue)?, plan: None })
    }
}

impl Ready for Convolved {
    fn prepares(&self) -> bool {
        true
    }

    fn prepare(&mut self, inputs: &[Operand]) {
        let (shape, weights) = (&self.shape, inputs[1]);
        self.plan = Some(match &self.way {
            Way::Direct(parameters) => Plan::Direct(Box::new(Direct::new(shape, parameters, weights))),
            Way::ByChannels(parameters) => Plan::ByChannels(Box::new(ByChannels::new(shape, parameters, weights))),
            Way::Winograd(parameters) => Plan::Winograd(Box::new(Winograd::new(shape, parameters, weights))),
            Way::Depthwise(parameters) => Plan::Depthwise(Box::new(Depthwise::new(shape, parameters, weights))),
        });
    }

    fn run(&mut self, inputs: &[Operand], outputs: &mut [Target]) {
        let posts = self.epilogue.bind(inputs);
        let (x, y) = (inputs[0], borrowed(&mut outputs[0]));
        match self.plan.as_mut().expect("whoever runs it has prepared it") {
            Plan::Direct(plan) => plan.run(x, &posts, y),
            Plan::ByChannels(plan) => plan.run(x, &posts, y),
            Plan::Winograd(plan) => plan.run(x, &posts, y),
            Plan::Depthwise(plan) => plan.run(x, &posts, y),
        }
    }
}

/// Blocks of vectors along pixels, if there are kernels for them.
fn blocking(setting: &Setting) -> Result<Blocking, String> {
    let blocking = Blocking {
        rows: setting.size("tile_outputs")?,
        vectors: setting.size("tile_vectors")?,
        pixels: setting.size("pixel_block")?,
        outputs: setting.size("output_block")?,
        depth: setting.size("depth")?,
        pack: setting.size("pack")? == 1,
        outputs_outer: setting.size("outputs_outer")? == 1,
    };
    let Blocking { rows, vectors, .. } = blocking;
    if !tile::has(setting.width()?, rows, vectors) {
        return Err(format!("there is no micro-kernel of {rows} outputs and {vectors} vectors"));
    }
    if blocking.depth > 0 && blocking.outputs_outer {
        return Err("sums of a part of the depth are kept for one tile of pixels only".to_owned());
    }
    Ok(blocking)
}

fn shape(call: &ConvolutionCall) -> Shape {
    let pair = |pair: [u64; 2]| pair.map(|size| size as usize);
    Shape {
        images: call.images as usize,
        channels: call.channels as usize,
        height: call.size[0] as usize,
        width: call.size[1] as usize,
        outputs: call.outputs as usize,
        kernel: pair(call.filter),
        stride: pair(call.stride),
        padding: pair(call.padding),
        dilation: pair(call.dilation),
        groups: call.groups as usize,
        channels_last: call.channels_last,
    }
}
