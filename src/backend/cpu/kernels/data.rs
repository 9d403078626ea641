//! What kernels read and write: f32 as it is, or f16 that is widened before any arithmetic and rounded after it.

use half::f16;
use half::slice::HalfFloatSliceExt;

/// Values as they are stored: f32, or f16 that is widened before any arithmetic.
#[derive(Clone, Copy, Debug)]
pub enum Data<'a> {
    /// In the type of arithmetic.
    F32(&'a [f32]),
    /// Widened when they are read.
    F16(&'a [f16]),
}

impl<'a> Data<'a> {
    /// The number of values.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F16(values) => values.len(),
        }
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Those from `first` on, `count` of them.
    pub fn part(self, first: usize, count: usize) -> Self {
        match self {
            Self::F32(values) => Self::F32(&values[first..first + count]),
            Self::F16(values) => Self::F16(&values[first..first + count]),
        }
    }

    /// One value.
    #[inline(always)]
    pub fn at(&self, index: usize) -> f32 {
        match self {
            Self::F32(values) => values[index],
            Self::F16(values) => values[index].to_f32(),
        }
    }

    /// Writes the values from `first` on to `to`, widened.
    #[inline(always)]
    pub fn widen(&self, first: usize, to: &mut [f32]) {
        match self {
            Self::F32(values) => to.copy_from_slice(&values[first..first + to.len()]),
            Self::F16(values) => values[first..first + to.len()].convert_to_f32_slice(to),
        }
    }

    /// Writes every `step`-th of the values from `first` on to `to`, widened.
    #[inline(always)]
    pub fn widen_every(&self, first: usize, step: usize, to: &mut [f32]) {
        match self {
            Self::F32(values) => {
                to.iter_mut().zip(values[first..].iter().step_by(step)).for_each(|(to, value)| *to = *value);
            }
            Self::F16(values) => {
                to.iter_mut().zip(values[first..].iter().step_by(step)).for_each(|(to, value)| *to = value.to_f32());
            }
        }
    }
}

/// Where results are stored.
#[derive(Debug)]
pub enum DataMut<'a> {
    /// Stored as they are.
    F32(&'a mut [f32]),
    /// Rounded when they are stored.
    F16(&'a mut [f16]),
}

impl DataMut<'_> {
    /// The number of values.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F16(values) => values.len(),
        }
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Those from `first` on, `count` of them.
    pub fn part(&mut self, first: usize, count: usize) -> DataMut<'_> {
        match self {
            Self::F32(values) => DataMut::F32(&mut values[first..first + count]),
            Self::F16(values) => DataMut::F16(&mut values[first..first + count]),
        }
    }

    /// Takes over as many values as there is room for, rounded.
    ///
    /// # Panics
    ///
    /// Where there are fewer or more.
    pub fn store(self, from: &[f32]) {
        match self {
            Self::F32(values) => values.copy_from_slice(from),
            Self::F16(values) => values.convert_from_f32_slice(from),
        }
    }
}
