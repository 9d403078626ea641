//! Texts of users as a terminal may show them: it obeys some characters, and a file that is only read must not command it.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Checked, Problem, Source};

/// The text with each control character but ends of lines and tabs as a sign of as many bytes.
pub(super) fn visible(text: &str) -> String {
    let replace = |c: char| match c {
        '\n' | '\t' => c,
        '\r' => ' ',
        c if c.is_control() => {
            if c.is_ascii() {
                '?'
            } else {
                '¿'
            }
        }
        c => c,
    };
    text.chars().map(replace).collect()
}

/// Longest line that is shown whole, in bytes.
const LONGEST: usize = 400;

/// What is shown of a longer one before the place, and in all.
const SHOWN: (usize, usize) = (80, 300);

/// The text with the line of a place cut short, where the place then is, and its column where it is no longer to be seen.
/// Only the line in which the place begins is shown of it then.
pub(super) fn short(text: &str, at: Range<usize>) -> (String, Range<usize>, Option<usize>) {
    let begin = text[..at.start].rfind('\n').map_or(0, |end| end + 1);
    let end_of = |from: usize| text[from..].find('\n').map_or(text.len(), |length| from + length);
    let last = text[..at.end].rfind('\n').map_or(0, |end| end + 1);
    if end_of(begin) - begin <= LONGEST && end_of(at.end) - last <= LONGEST {
        return (text.to_owned(), at, None);
    }
    let end = end_of(at.start);
    let from = text.floor_char_boundary(at.start.saturating_sub(SHOWN.0).max(begin));
    let to = text.floor_char_boundary((from + SHOWN.1).min(end));
    let (before, after) = (if from > begin { "…" } else { "" }, if to < end { "…" } else { "" });
    let shift = |place: usize| place.min(to) - from + begin + before.len();
    let column = (from > begin).then(|| text[begin..at.start].chars().count() + 1);
    let cut = [&text[..begin], before, &text[from..to], after, &text[end..]].concat();
    (cut, shift(at.start)..shift(at.end), column)
}

/// Refuses a kernel file whose names or texts have control characters in them, as escapes such as `\u001b` make them.
pub(super) fn refuse_controls(source: &Arc<Source>) -> Checked<()> {
    // What is no TOML is told by who reads it.
    let Ok(table) = DeTable::parse(&source.text) else { return Ok(()) };
    match in_table(table.get_ref()) {
        None => Ok(()),
        Some((at, control)) => Err(odd(source, at, control)),
    }
}

/// Refuses WGSL with control characters that are no blanks, which nothing needs and a terminal would obey.
pub(super) fn refuse_controls_of_wgsl(source: &Arc<Source>, at: Range<usize>) -> Checked<()> {
    let is_odd = |c: char| c.is_control() && !matches!(c, '\t'..='\r' | '\u{85}');
    match source.text[at.clone()].char_indices().find(|(_, c)| is_odd(*c)) {
        None => Ok(()),
        Some((offset, control)) => {
            let from = at.start + offset;
            Err(odd(source, from..from + control.len_utf8(), control))
        }
    }
}

fn odd(source: &Arc<Source>, at: Range<usize>, control: char) -> Problem {
    let message = format!("there is the control character U+{:04X} here", u32::from(control));
    Problem::new(message).at(source, at, "").help("write characters that can be seen")
}

fn in_table(table: &DeTable) -> Option<(Range<usize>, char)> {
    table.iter().find_map(|(key, value)| control(key.get_ref()).map(|c| (key.span(), c)).or_else(|| in_value(value)))
}

fn in_value(value: &Spanned<DeValue>) -> Option<(Range<usize>, char)> {
    match value.get_ref() {
        DeValue::String(text) => Some((value.span(), control(text)?)),
        DeValue::Array(list) => list.iter().find_map(in_value),
        DeValue::Table(table) => in_table(table),
        _ => None,
    }
}

/// The first control character that does not just end a line or set a tab.
fn control(text: &str) -> Option<char> {
    let is_odd = |(at, c): &(usize, char)| match c {
        '\n' | '\t' => false,
        '\r' => !text[at + 1..].starts_with('\n'),
        c => c.is_control(),
    };
    text.char_indices().find(is_odd).map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("a\n{}é!{}\nb\n", "x".repeat(1000), "y".repeat(1000));
        let place = 1002..1005;
        let (cut, at, column) = short(&text, place);
        assert_eq!((&cut[at], column), ("é!", Some(1001)));
        assert!(cut.len() < 400 && cut.starts_with("a\n…x") && cut.ends_with("y…\nb\n"), "{cut}");
        // A place of several lines is shown where it begins.
        let (cut, at, _) = short(&text, 0..1500);
        assert_eq!((&cut[at], cut.len()), ("a", text.len()));
        assert_eq!(short("ab\ncd", 1..4), ("ab\ncd".to_owned(), 1..4, None));
        let (cut, at, _) = short(&"z".repeat(5000), 0..5000);
        assert!(cut.len() < 400 && at.len() == 300, "{at:?} of {}", cut.len());
    }

    #[test]
    fn terminals_are_given_nothing_to_obey() {
        let text = "a\u{1b}[2J\u{9b}\r\n\tb\u{0}";
        assert_eq!(visible(text), "a?[2J¿ \n\tb?");
        assert_eq!(visible(text).len(), text.len(), "places stay where they are");
        assert_eq!((control("a\r\n\tb"), control("a\rb"), control("\u{7f}")), (None, Some('\r'), Some('\u{7f}')));
    }
}
