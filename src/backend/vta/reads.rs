//! The read commands of one LOAD, and the zeros that it writes meanwhile.

use crate::code::vta::{Hardware, Transfer};

/// Bytes of a beat, and the boundary that no command crosses: 256 beats.
pub const BEAT_BYTES: u64 = 8;
const BURST_BYTES: u64 = 2048;

/// Cycles from a beat at the port to its place on the chip: two, and one fewer for what is no wider than a beat.
const TO_CHIP: u64 = 2;
const TO_CHIP_NARROW: u64 = 1;

/// The commands of a LOAD that are still to come.
pub struct Reads {
    address: u64,
    /// Beats of the row that are still to be asked for.
    row_beats: u64,
    row_begin: u64,
    row_bytes: u64,
    stride_bytes: u64,
    /// Rows after this one.
    rows: u64,
    to_chip: u64,
    zeros: Zeros,
    /// When the data of the last command is there.
    last: u64,
}

impl Reads {
    /// The commands of a LOAD of something that starts in this cycle.
    pub fn new(hardware: &Hardware, transfer: &Transfer, start: u64) -> Self {
        let element = hardware.element_bytes(transfer.memory);
        let address = u64::from(transfer.dram) * element;
        let row_bytes = u64::from(transfer.columns) * element;
        let to_chip = if element <= BEAT_BYTES { TO_CHIP_NARROW } else { TO_CHIP };
        let mut reads = Self {
            address,
            row_beats: 0,
            row_begin: address,
            row_bytes,
            stride_bytes: u64::from(transfer.stride) * element,
            rows: u64::from(transfer.rows).saturating_sub(1),
            to_chip,
            zeros: Zeros::new(transfer, start + to_chip),
            last: 0,
        };
        reads.begin_row(address);
        reads
    }

    fn begin_row(&mut self, address: u64) {
        self.row_begin = address;
        self.address = address - address % BEAT_BYTES;
        self.row_beats = (address + self.row_bytes).div_ceil(BEAT_BYTES) - self.address / BEAT_BYTES;
    }

    /// The beats of the next command; `None` after the last.
    pub fn next(&mut self) -> Option<u64> {
        if self.row_beats == 0 {
            self.rows = self.rows.checked_sub(1)?;
            self.begin_row(self.row_begin + self.stride_bytes);
        }
        let beats = self.row_beats.min((BURST_BYTES - self.address % BURST_BYTES) / BEAT_BYTES);
        self.row_beats -= beats;
        self.address += beats * BEAT_BYTES;
        Some(beats)
    }

    /// The beats of a command come in these cycles at the port.
    pub fn arrive(&mut self, first: u64, last: u64, beats: u64) {
        let (first, last) = (first + self.to_chip, last + self.to_chip);
        // Where a beat takes longer than a cycle, zeros are written between beats.
        self.zeros.pass(last + 1 - beats.min(last + 1 - first), true);
        self.zeros.pass(last + 1, false);
        self.last = last;
    }

    /// The cycle in which data and zeros are all there.
    pub fn done(&self) -> u64 {
        (self.last + 1).max(self.zeros.end())
    }
}

/// Zeros are written one element a cycle where no data comes; rows that have none are passed in a cycle each.
struct Zeros {
    now: u64,
    before: u64,
    passed: u64,
    after: u64,
}

impl Zeros {
    fn new(transfer: &Transfer, now: u64) -> Self {
        let Transfer { rows, pad_top, pad_bottom, pad_left, pad_right, .. } = *transfer;
        let sides = u64::from(rows) * (u64::from(pad_left) + u64::from(pad_right));
        let (top, bottom) = (u64::from(pad_top) * transfer.width(), u64::from(pad_bottom) * transfer.width());
        if sides == 0 && bottom > 0 {
            return Self { now, before: top, passed: rows.into(), after: bottom };
        }
        Self { now, before: top + sides + bottom, passed: 0, after: 0 }
    }

    /// Goes on until that cycle, in which zeros can be written or not.
    fn pass(&mut self, until: u64, free: bool) {
        let mut left = until.saturating_sub(self.now);
        self.now = self.now.max(until);
        for (phase, needs_free) in [(&mut self.before, true), (&mut self.passed, false), (&mut self.after, true)] {
            if needs_free && !free && *phase > 0 {
                return;
            }
            let taken = left.min(*phase);
            *phase -= taken;
            left -= taken;
        }
    }

    /// The cycle after the last zero, where no more data comes.
    fn end(&self) -> u64 {
        let left = self.before + self.passed + self.after;
        if left == 0 { 0 } else { self.now + left }
    }
}
