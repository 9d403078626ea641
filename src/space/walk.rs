//! Depth-first walks: configs found one by one, without going where a rule is already broken.

use std::borrow::Borrow;
use std::collections::BTreeSet;

use super::{Config, Space};

/// The legal configs of a space in ascending order, each found when it is asked for.
///
/// The space is borrowed by [`Space::iter`]; whoever must keep the walk can hand over an `Arc<Space>` instead.
pub struct Walk<S> {
    space: S,
    descent: Descent,
}

impl<S: Borrow<Space>> Walk<S> {
    /// A walk over the whole space.
    pub fn new(space: S) -> Self {
        let descent = Descent::new(space.borrow(), space.borrow().domains.clone());
        Self { space, descent }
    }
}

impl<S: Borrow<Space>> Iterator for Walk<S> {
    type Item = Config;

    fn next(&mut self) -> Option<Config> {
        let space = self.space.borrow();
        let mut unbounded = u64::MAX;
        self.descent.advance(space, &mut unbounded).map(|positions| space.at(positions))
    }
}

/// The state of a depth-first walk that tries each parameter's positions in a given order, which must be of its domain.
///
/// Out of a dead end it goes straight back to the last parameter that had a part in it (conflict-directed backjumping;
/// P. Prosser, "Hybrid Algorithms for the Constraint Satisfaction Problem", 1993), so that two parameters which do not
/// go together are not found out again under every combination of the others.
pub(super) struct Descent {
    orders: Vec<Vec<u16>>,
    /// One for each parameter whose positions are being tried.
    frames: Vec<Frame>,
    /// What the parameters are set to down to the depth reached, and perhaps one position that was refused.
    positions: Vec<u16>,
}

/// A parameter whose positions are being tried, under those of the parameters before it.
#[derive(Default)]
struct Frame {
    tried: usize,
    /// Whether a legal config was found below.
    fruitful: bool,
    /// Earlier parameters that had a part in refusals below: nothing changes here until one of them does.
    blamed: BTreeSet<usize>,
}

impl Descent {
    pub fn new(space: &Space, orders: Vec<Vec<u16>>) -> Self {
        let frames = if space.is_open() { vec![Frame::default()] } else { Vec::new() };
        Self { orders, frames, positions: Vec::new() }
    }

    /// The next legal positions; `None` at the end, or when the budget of settings to try is spent.
    pub fn advance(&mut self, space: &Space, budget: &mut u64) -> Option<&[u16]> {
        while let Some(depth) = self.frames.len().checked_sub(1) {
            self.positions.truncate(depth);
            if depth == self.orders.len() {
                self.frames.pop();
                self.frames.iter_mut().for_each(|frame| frame.fruitful = true);
                return Some(&self.positions);
            }
            let frame = &mut self.frames[depth];
            let Some(&position) = self.orders[depth].get(frame.tried) else {
                self.go_back();
                continue;
            };
            *budget = budget.checked_sub(1)?;
            frame.tried += 1;
            self.positions.push(position);
            match space.refusal(&self.positions) {
                Some(reads) => frame.blamed.extend(reads.iter().filter(|&&param| param < depth)),
                None => self.frames.push(Frame::default()),
            }
        }
        None
    }

    /// Leaves the deepest parameter, all of whose positions were tried.
    fn go_back(&mut self) {
        let Some(left) = self.frames.pop().filter(|frame| !frame.fruitful) else { return };
        match left.blamed.last() {
            Some(&culprit) => {
                self.frames.truncate(culprit + 1);
                self.frames[culprit].blamed.extend(left.blamed.range(..culprit));
            }
            // Whatever the others are set to, there is nothing here.
            None => self.frames.clear(),
        }
    }
}
