//! A template divided into text and tags, with the space around tags taken away as minijinja does under `trim_blocks`
//! and `lstrip_blocks`.

use std::ops::Range;

use super::LanguageError;
use super::token::{Words, words};

/// The most tags of a template.
const MOST_TAGS: usize = 10_000;

/// The most words in all tags together: minijinja goes over each expression as often as it has words.
const MOST_WORDS: usize = 50_000;

/// A part of a template; comments leave nothing.
pub(super) enum Piece<'a> {
    /// Text that is written out as it is.
    Text(Range<usize>),
    /// `{{ .. }}`, with its place.
    Value(Range<usize>, Words<'a>),
    /// `{% .. %}`, with its place.
    Block(Range<usize>, Words<'a>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tag {
    Value,
    Block,
    Comment,
}

/// Divides a template.
pub(super) fn split(source: &str) -> Result<Vec<Piece<'_>>, LanguageError> {
    let mut splitter = Splitter { source, at: 0, pieces: Vec::new(), tags: 0, words: 0 };
    while let Some((start, tag)) = next_tag(source, splitter.at) {
        splitter.tag(start, tag)?;
    }
    splitter.text(source.len());
    Ok(splitter.pieces)
}

struct Splitter<'a> {
    source: &'a str,
    at: usize,
    pieces: Vec<Piece<'a>>,
    tags: usize,
    words: usize,
}

impl<'a> Splitter<'a> {
    fn text(&mut self, end: usize) {
        if self.at < end {
            self.pieces.push(Piece::Text(self.at..end));
        }
    }

    fn tag(&mut self, start: usize, tag: Tag) -> Result<(), LanguageError> {
        let sign = space_sign(self.source, start + 2);
        self.text(self.at + kept_before(self.source, self.at, start, tag, sign).len());
        let inner = start + 2 + usize::from(sign.is_some());
        let (end, sign) = match tag {
            Tag::Comment => comment(self.source, start, inner)?,
            Tag::Value => self.words(start, inner, "}}", Piece::Value)?,
            Tag::Block => self.words(start, inner, "%}", Piece::Block)?,
        };
        self.tags += 1;
        if self.tags > MOST_TAGS {
            return Err(LanguageError::new(start..end, format!("a template has at most {MOST_TAGS} tags; use loops")));
        }
        self.at = end + dropped_after(&self.source[end..], tag, sign);
        Ok(())
    }

    /// A tag with words in it: its end, and the sign before it.
    fn words(
        &mut self,
        start: usize,
        inner: usize,
        close: &str,
        piece: fn(Range<usize>, Words<'a>) -> Piece<'a>,
    ) -> Result<(usize, Option<u8>), LanguageError> {
        let words = words(self.source, inner, Some(close))?;
        self.words += words.tokens.len();
        let (end, sign) = (words.after, words.space);
        if self.words > MOST_WORDS {
            let why = format!("the tags of a template have at most {MOST_WORDS} words; use loops");
            return Err(LanguageError::new(start..end, why));
        }
        self.pieces.push(piece(start..end, words));
        Ok((end, sign))
    }
}

fn next_tag(source: &str, from: usize) -> Option<(usize, Tag)> {
    let kind = |at: usize| match source.as_bytes().get(at + 1) {
        Some(b'{') => Some(Tag::Value),
        Some(b'%') => Some(Tag::Block),
        Some(b'#') => Some(Tag::Comment),
        _ => None,
    };
    let mut braces = source[from..].match_indices('{').map(|(at, _)| from + at);
    braces.find_map(|at| kind(at).map(|tag| (at, tag)))
}

/// `-` or `+` at a place.
fn space_sign(source: &str, at: usize) -> Option<u8> {
    source.as_bytes().get(at).copied().filter(|byte| matches!(byte, b'-' | b'+'))
}

/// What is kept of the text before a tag.
fn kept_before(source: &str, from: usize, tag_at: usize, tag: Tag, sign: Option<u8>) -> &str {
    let text = &source[from..tag_at];
    match sign {
        Some(b'-') => text.trim_end(),
        None if tag != Tag::Value && begins_line(&source[..tag_at]) => {
            let kept = text.trim_end_matches(|c: char| c.is_whitespace() && !is_line_break(c));
            // After a carriage return alone, minijinja keeps the space.
            if kept.is_empty() || kept.ends_with('\n') { kept } else { text }
        }
        _ => text,
    }
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

/// Whether nothing but space is between the end of a text and the beginning of its last line.
fn begins_line(text: &str) -> bool {
    let last = text.trim_end_matches(|c: char| c.is_whitespace() && !is_line_break(c));
    last.is_empty() || last.ends_with(is_line_break)
}

/// The bytes to leave out after a tag.
fn dropped_after(rest: &str, tag: Tag, sign: Option<u8>) -> usize {
    match sign {
        Some(b'-') => rest.len() - rest.trim_start().len(),
        None if tag != Tag::Value => {
            let line = rest.strip_prefix('\r').unwrap_or(rest);
            rest.len() - line.strip_prefix('\n').unwrap_or(line).len()
        }
        _ => 0,
    }
}

/// The end of a comment, and the sign before it.
fn comment(source: &str, start: usize, inner: usize) -> Result<(usize, Option<u8>), LanguageError> {
    let Some(length) = source[inner..].find("#}") else {
        return Err(LanguageError::new(start..start + 2, "this comment does not end; close it with `#}`"));
    };
    let sign = if length > 0 { space_sign(source, inner + length - 1) } else { None };
    Ok((inner + length + 2, sign))
}
