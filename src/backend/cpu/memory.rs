//! Host memory as a device would have it: aligned to cache lines, of whole bytes.

use bytemuck::{Pod, Zeroable};

/// As wide as the widest vector and the usual cache line.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct Line([u8; 64]);

/// A buffer that begins at a cache line.
#[derive(Clone)]
pub(super) struct Memory {
    lines: Vec<Line>,
    bytes: usize,
}

impl Memory {
    /// With these contents.
    pub fn new(contents: &[u8]) -> Self {
        let mut memory = Self { lines: vec![Line([0; 64]); contents.len().div_ceil(64)], bytes: contents.len() };
        memory.bytes_mut().copy_from_slice(contents);
        memory
    }

    pub fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.lines)[..self.bytes]
    }

    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut bytemuck::cast_slice_mut(&mut self.lines)[..self.bytes]
    }

    /// A number that changes when the contents do, but for odd chances.
    pub fn fingerprint(&self) -> u64 {
        let mix = |sum: u64, word: &u64| (sum ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        bytemuck::cast_slice::<Line, u64>(&self.lines).iter().fold(0, mix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_begin_at_a_line_and_are_told_apart() {
        let contents: Vec<u8> = (0..=200).collect();
        let mut memory = Memory::new(&contents);
        assert_eq!(memory.bytes(), contents);
        assert_eq!(memory.bytes().as_ptr() as usize % 64, 0);
        let before = memory.fingerprint();
        memory.bytes_mut()[200] ^= 1;
        assert_ne!(memory.fingerprint(), before);
    }
}
