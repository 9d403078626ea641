//! What slow conditions answered: a table of two bits for each combination of the values that a rule reads.

use std::sync::atomic::{AtomicU8, Ordering};

/// A rule that reads more combinations than this is not remembered: its table would be more than 256 KiB, and to fill it
/// with answers that take a microsecond each would take more than a second.
const MOST_COMBINATIONS: usize = 1 << 20;

/// How many combinations all rules of a space may have remembered together: 16 MiB.
pub(super) const MOST_REMEMBERED: usize = 1 << 26;

/// An answer takes two bits, so a byte has four.
const PER_BYTE: usize = 4;
const BITS: usize = 2;
const KNOWN: u8 = 0b10;
const HOLDS: u8 = 0b01;

/// The answers of one rule, filled in as they are asked for. A condition is asked about each combination once; threads
/// that want the same answer at the same moment may each ask, and get the same.
pub(super) struct Memory {
    /// How many values each parameter read has.
    sizes: Vec<usize>,
    answers: Box<[AtomicU8]>,
}

impl Memory {
    /// Nothing known yet about parameters with so many values, unless these have too many combinations for a table or
    /// for the room that is left.
    pub fn of(sizes: impl Iterator<Item = usize>, room: &mut usize) -> Option<Self> {
        let sizes: Vec<usize> = sizes.collect();
        let combinations = sizes.iter().try_fold(1, |all: usize, &size| all.checked_mul(size))?;
        *room = room.checked_sub(combinations).filter(|_| combinations <= MOST_COMBINATIONS)?;
        let answers = (0..combinations.div_ceil(PER_BYTE)).map(|_| AtomicU8::new(0)).collect();
        Some(Self { sizes, answers })
    }

    /// How many combinations there are.
    pub fn len(&self) -> usize {
        self.sizes.iter().product()
    }

    /// The answer about these positions, one for each parameter read, and the asker's where it is not known yet.
    pub fn recall(&self, positions: impl Iterator<Item = u16>, ask: impl FnOnce() -> bool) -> bool {
        let place = positions.zip(&self.sizes).fold(0, |place, (position, size)| place * size + usize::from(position));
        let (byte, shift) = (&self.answers[place / PER_BYTE], place % PER_BYTE * BITS);
        // The answer is the same whoever asks, and nothing else depends on it: no order among threads is needed.
        let bits = byte.load(Ordering::Relaxed) >> shift;
        if bits & KNOWN != 0 {
            return bits & HOLDS != 0;
        }
        let holds = ask();
        byte.fetch_or((KNOWN | if holds { HOLDS } else { 0 }) << shift, Ordering::Relaxed);
        holds
    }
}
