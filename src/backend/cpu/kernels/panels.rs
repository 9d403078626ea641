//! Packed panels that threads share: whoever needs one first packs it, others wait for that moment.

use std::cell::UnsafeCell;
use std::ops::Range;
use std::sync::atomic::{AtomicU8, Ordering};

const EMPTY: u8 = 0;
const BUSY: u8 = 1;
const READY: u8 = 2;

/// Memory for panels, and for each whether it is packed. Panels have numbers, and disjoint ranges that the caller knows.
#[derive(Default)]
pub struct Panels {
    values: Box<[UnsafeCell<f32>]>,
    states: Box<[AtomicU8]>,
}

// SAFETY: a range of `values` is written only by the thread that moved its state from EMPTY to BUSY, and read only after
// that thread has moved it on to READY; see `get`.
unsafe impl Sync for Panels {}

impl Panels {
    /// Room for `panels` panels of `values` elements together.
    pub fn new(panels: usize, values: usize) -> Self {
        let zero = || UnsafeCell::new(0.0);
        Self {
            values: std::iter::repeat_with(zero).take(values).collect(),
            states: std::iter::repeat_with(|| AtomicU8::new(EMPTY)).take(panels).collect(),
        }
    }

    /// Forgets what was packed.
    pub fn clear(&mut self) {
        self.states.iter_mut().for_each(|state| *state.get_mut() = EMPTY);
    }

    /// Panel `panel`, which lies at `range`; `pack` writes it if nobody has.
    ///
    /// # Safety
    ///
    /// The same number always comes with the same range, and ranges of different numbers are disjoint.
    #[inline]
    pub unsafe fn get(&self, panel: usize, range: Range<usize>, pack: impl FnOnce(&mut [f32])) -> &[f32] {
        let cells = &self.values[range];
        let state = &self.states[panel];
        if state.load(Ordering::Acquire) != READY {
            // SAFETY: the caller's word.
            unsafe { self.fill(cells, state, pack) };
        }
        // SAFETY: READY was seen with Acquire, so the writes are visible, and nobody writes a panel that is READY.
        unsafe { std::slice::from_raw_parts(cells.as_ptr().cast::<f32>(), cells.len()) }
    }

    /// Packs, or waits until whoever does is done. The one that packs is running, so the wait is short.
    ///
    /// # Safety
    ///
    /// As for `get`.
    #[cold]
    unsafe fn fill(&self, cells: &[UnsafeCell<f32>], state: &AtomicU8, pack: impl FnOnce(&mut [f32])) {
        if state.compare_exchange(EMPTY, BUSY, Ordering::Acquire, Ordering::Acquire).is_ok() {
            let mut packing = Packing { state, outcome: EMPTY };
            // SAFETY: only one thread gets here for this panel, and nobody reads it before READY.
            pack(unsafe { std::slice::from_raw_parts_mut(cells.as_ptr().cast_mut().cast::<f32>(), cells.len()) });
            packing.outcome = READY;
            return;
        }
        let mut turns = 0;
        while state.load(Ordering::Acquire) != READY {
            assert!(state.load(Ordering::Acquire) != EMPTY, "whoever packed this panel has panicked");
            turns += 1;
            if turns < TURNS { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
    }
}

/// A panel that is being packed. Whoever waits for it learns how that ended, also by a panic.
struct Packing<'a> {
    state: &'a AtomicU8,
    outcome: u8,
}

impl Drop for Packing<'_> {
    fn drop(&mut self) {
        self.state.store(self.outcome, Ordering::Release);
    }
}

/// How often a waiting thread looks before it lets others run: some microseconds, as long as a panel takes.
const TURNS: usize = 500;
