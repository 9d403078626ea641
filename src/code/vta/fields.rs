//! Bit fields: where each lies, putting numbers in and taking them out.

use super::layout::Unencodable;

/// A field of an instruction or a micro-op.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in messages and in text.
    pub name: &'static str,
    /// Its lowest bit.
    pub low: u32,
    /// How many bits it has.
    pub bits: u32,
    /// Whether its highest bit is a sign.
    pub signed: bool,
}

impl Field {
    /// The number in its place, all other bits 0.
    pub fn put(&self, value: i128) -> Result<u128, Unencodable> {
        let span = 1i128 << self.bits;
        let (least, most) = if self.signed { (-span / 2, span / 2 - 1) } else { (0, span - 1) };
        if !(least..=most).contains(&value) {
            return Err(Unencodable { field: self.name, value, least, most });
        }
        Ok(value.rem_euclid(span).unsigned_abs() << self.low)
    }

    /// The number that is there, without a sign.
    pub fn get(&self, bits: u128) -> u32 {
        ((bits >> self.low) & ((1 << self.bits) - 1)) as u32
    }

    /// The bits that are its own.
    pub fn mask(&self) -> u128 {
        ((1 << self.bits) - 1) << self.low
    }
}

/// Lays fields one after the other, as compilers lay bit fields of C: none crosses the end of a unit.
pub struct Packer {
    unit: u32,
    next: u32,
}

impl Packer {
    /// Begins at bit 0, with units of so many bits.
    pub fn new(unit: u32) -> Self {
        Self { unit, next: 0 }
    }

    /// The next field.
    pub fn field(&mut self, name: &'static str, bits: u32) -> Field {
        if self.next % self.unit + bits > self.unit {
            self.next = self.next.next_multiple_of(self.unit);
        }
        let low = self.next;
        self.next += bits;
        Field { name, low, bits, signed: false }
    }

    /// Bits taken so far, gaps included.
    pub fn taken(&self) -> u32 {
        self.next
    }
}
