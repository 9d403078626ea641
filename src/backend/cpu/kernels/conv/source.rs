//! Where pixels of either layout are read: the input as it is, or a copy with zeros around.

use super::super::data::Data;
use super::super::share::{Target, share};
use super::Shape;
use super::planes::Planes;
use super::weights::each_step;

/// One image at a time, and tables that say where a pixel's and a step's values lie.
pub struct Source {
    copy: Vec<f32>,
    steps: Vec<usize>,
    places: Vec<usize>,
    /// The planes, where channels come first.
    planes: Option<Planes>,
    /// Whether an image of f32 is read as it is.
    is_image: bool,
}

impl Source {
    /// For images of that shape; `slack` elements after the last may be read as well, where a copy is made.
    pub fn new(shape: &Shape, slack: usize) -> Self {
        if shape.channels_last { Self::last(shape) } else { Self::first(shape, slack) }
    }

    fn first(shape: &Shape, slack: usize) -> Self {
        let planes = Planes::new(shape);
        let [height, width] = shape.out();
        let steps = each_step(shape).into_iter().map(|(channel, place)| planes.tap(channel, place)).collect();
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (y, x)));
        let places = places.map(|(y, x)| y * planes.pitch + x).collect();
        let is_image = planes.is_image;
        Self { copy: vec![0.0; planes.len + planes.pitch + slack], steps, places, planes: Some(planes), is_image }
    }

    fn last(shape: &Shape) -> Self {
        let Shape { channels, stride, dilation, .. } = *shape;
        let [rows, row] = padded(shape);
        let [height, width] = shape.out();
        let at = |y: usize, x: usize| (y * row + x) * channels;
        let steps = each_step(shape).into_iter();
        let steps = steps.map(|(channel, [y, x])| at(y * dilation[0], x * dilation[1]) + channel).collect();
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (y, x)));
        let places = places.map(|(y, x)| at(y * stride[0], x * stride[1])).collect();
        let is_image = shape.padding == [0, 0];
        Self { copy: vec![0.0; rows * row * channels], steps, places, planes: None, is_image }
    }

    /// Where each step of the first group reads, in the order of its weights.
    pub fn steps(&self) -> &[usize] {
        &self.steps
    }

    /// Where each output pixel's first step reads.
    pub fn places(&self) -> &[usize] {
        &self.places
    }

    /// Copies an image, if it is not read as it is.
    pub fn fill<T: Send>(&mut self, shape: &Shape, input: Data, image: usize, workers: &mut [T]) {
        if self.is_image && matches!(input, Data::F32(_)) {
            return;
        }
        let copy = Target::of(&mut self.copy);
        if let Some(planes) = &self.planes {
            let size = planes.channel();
            share(workers, shape.channels, |channel, _| {
                // SAFETY: each channel's planes are written by one task.
                let planes_of_it = unsafe { copy.slice(channel * size, size) };
                planes.fill(input, image * shape.channels + channel, planes_of_it);
            });
            return;
        }
        let count = shape.width * shape.channels;
        let row = padded(shape)[1];
        share(workers, shape.height, |y, _| {
            let at = ((y + shape.padding[0]) * row + shape.padding[1]) * shape.channels;
            // SAFETY: each row is written by one task.
            let to = unsafe { copy.slice(at, count) };
            input.widen((image * shape.height + y) * count, to);
        });
    }

    /// What the tables' places are counted in for a group of an image that was filled.
    pub fn pixels<'a>(&'a self, shape: &Shape, input: Data<'a>, image: usize, group: usize) -> &'a [f32] {
        let size = shape.channels * shape.height * shape.width;
        let values = match input {
            Data::F32(values) if self.is_image => &values[image * size..][..size],
            _ => &self.copy[..],
        };
        let channel = self.planes.as_ref().map_or(1, Planes::channel);
        &values[group * shape.depth() * channel..]
    }
}

/// Rows and columns of an image with zeros around.
fn padded(shape: &Shape) -> [usize; 2] {
    [shape.height + 2 * shape.padding[0], shape.width + 2 * shape.padding[1]]
}
