//! Where the bytes of a rendered text come from.

use std::ops::Range;

/// A piece of the rendered text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    /// Its first byte in the rendered text; it ends where the next begins. Texts are far below 4 GiB.
    start: u32,
    /// Its first byte in the source.
    from: u32,
    /// One after its last byte in the source.
    to: u32,
    /// Whether it is a copy, byte for byte, or stands for all of its source.
    is_copy: bool,
}

/// From places of a rendered text to those of its source.
///
/// Literal text maps byte for byte, what was substituted to the whole tag, a changed declaration to the declaration. All
/// copies that a loop made map to the same source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceMap {
    /// In the order of the text, without gaps.
    segments: Vec<Segment>,
    /// The bytes of the rendered text.
    length: u32,
}

impl SourceMap {
    /// A text of this many bytes that is its own source.
    pub(super) fn identity(length: usize) -> Self {
        let mut map = Self::default();
        map.copy(0..length);
        map
    }

    /// The bytes of the source that a range of the rendered text comes from. What lies beyond the text counts as its end.
    pub fn source(&self, text: Range<usize>) -> Range<usize> {
        let first = self.place(text.start);
        if text.end <= text.start {
            return if first.end - first.start == 1 { first.start..first.start } else { first };
        }
        let last = self.place(text.end - 1);
        // A range over several copies of a loop may end before it begins.
        if last.end < first.end { first } else { first.start..last.end }
    }

    pub(super) fn len(&self) -> usize {
        self.length as usize
    }

    /// Appends a copy of these bytes of the source.
    pub(super) fn copy(&mut self, source: Range<usize>) {
        let length = source.len();
        let (from, to) = (source.start as u32, source.end as u32);
        match self.segments.last_mut() {
            Some(last) if last.is_copy && last.to == from => last.to = to,
            _ if length > 0 => self.segments.push(Segment { start: self.length, from, to, is_copy: true }),
            _ => {}
        }
        self.length += length as u32;
    }

    /// Appends as many bytes that stand for all of these of the source.
    pub(super) fn stand_for(&mut self, length: usize, source: &Range<usize>) {
        let (from, to) = (source.start as u32, source.end as u32);
        let is_same = self.segments.last().is_some_and(|last| !last.is_copy && (last.from, last.to) == (from, to));
        if length > 0 && !is_same {
            self.segments.push(Segment { start: self.length, from, to, is_copy: false });
        }
        self.length += length as u32;
    }

    /// Appends what a range of a text that has this map comes from.
    pub(super) fn append(&mut self, map: &Self, text: Range<usize>) {
        let mut at = text.start;
        let mut index = map.index(at);
        while at < text.end && index < map.segments.len() {
            let segment = map.segments[index];
            let end = map.segments.get(index + 1).map_or(map.len(), |next| next.start as usize).min(text.end);
            let (from, offset) = (segment.from as usize, at - segment.start as usize);
            if segment.is_copy {
                self.copy(from + offset..from + offset + (end - at));
            } else {
                self.stand_for(end - at, &(from..segment.to as usize));
            }
            (at, index) = (end, index + 1);
        }
    }

    /// The segment that a byte of the text lies in.
    fn index(&self, at: usize) -> usize {
        self.segments.partition_point(|segment| segment.start as usize <= at).saturating_sub(1)
    }

    /// Where one byte of the text comes from; its end has the end of the last piece.
    fn place(&self, at: usize) -> Range<usize> {
        let Some(segment) = self.segments.get(self.index(at)) else { return 0..0 };
        let (from, to) = (segment.from as usize, segment.to as usize);
        if !segment.is_copy {
            return from..to;
        }
        let start = (from + (at - segment.start as usize)).min(to);
        start..(start + 1).min(to)
    }
}
