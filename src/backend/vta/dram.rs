//! DRAM as the core sees it: an image that begins at some byte address.

/// An image of DRAM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dram {
    /// The address of the first byte.
    pub base: u64,
    /// What lies there.
    pub bytes: Vec<u8>,
}

impl Dram {
    /// The place of so many bytes from an address on; why not otherwise, as half a sentence.
    pub fn range(&self, address: u64, bytes: u64) -> Result<std::ops::Range<usize>, String> {
        let end = self.base + self.bytes.len() as u64;
        match address.checked_add(bytes) {
            Some(last) if address >= self.base && last <= end => {
                Ok((address - self.base) as usize..(last - self.base) as usize)
            }
            _ => Err(format!("{bytes} bytes from {address:#x} on, and DRAM is {:#x} to {end:#x}", self.base)),
        }
    }
}
