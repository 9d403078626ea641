//! Where words stand in a text, where naga does not tell.

use std::collections::HashMap;
use std::iter::repeat_n;
use std::ops::Range;

/// What ends a comment of one line.
const LINE_BREAKS: [char; 7] = ['\n', '\u{b}', '\u{c}', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// The byte ranges of the functions' names in their declarations.
pub(super) fn functions(text: &str) -> HashMap<&str, Range<usize>> {
    let plain = without_comments(text);
    let declared = plain.match_indices("fn").filter_map(|(at, _)| {
        let after = &plain[at + 2..];
        let name = after.trim_start();
        // `fn` may also be a part of a longer word.
        if plain[..at].ends_with(is_word) || after.starts_with(is_word) {
            return None;
        }
        let start = plain.len() - name.len();
        let length = name.find(|c| !is_word(c)).unwrap_or(name.len());
        (length > 0).then_some(start..start + length)
    });
    declared.map(|range| (&text[range.clone()], range)).collect()
}

/// Where a word stands first, comments apart.
pub(super) fn word(text: &str, word: &str) -> Option<Range<usize>> {
    let plain = without_comments(text);
    let mut places = plain.match_indices(word).map(|(at, _)| at..at + word.len());
    places.find(|at| !plain[..at.start].ends_with(is_word) && !plain[at.end..].starts_with(is_word))
}

/// Whether a character can be a part of a word or of a number.
pub(super) fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The text with blanks for its comments, so that all else keeps its place.
pub(super) fn without_comments(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.match_indices('/').map(|(at, _)| at).find(|&at| comment(&rest[at..]) > 0) {
        let length = comment(&rest[at..]);
        plain.push_str(&rest[..at]);
        plain.extend(repeat_n(' ', length));
        rest = &rest[at + length..];
    }
    plain + rest
}

/// The bytes of the comment that a text begins with, 0 if it begins with none.
fn comment(text: &str) -> usize {
    match text.as_bytes() {
        [b'/', b'/', ..] => text.find(LINE_BREAKS).unwrap_or(text.len()),
        [b'/', b'*', ..] => block_comment(text.as_bytes()),
        _ => 0,
    }
}

/// Block comments nest.
fn block_comment(text: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        match text[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_and_nothing_else() {
        // A text, and the names of functions in it with the bytes before each.
        let cases: [(&str, &[(&str, usize)]); 8] = [
            ("fn f() {}", &[("f", 3)]),
            ("@compute fn\n\tmain(x: u32) {} fn g() {}", &[("g", 32), ("main", 13)]),
            ("/* fn a() {} */ fn b() {}", &[("b", 19)]),
            ("// fn a() {}\nfn b() {} // fn c", &[("b", 16)]),
            ("/* /* fn a */ fn b */ fn c() { let x = 1 / 2; }", &[("c", 25)]),
            ("fn /* é */ f() {}", &[("f", 12)]),
            ("const ifn = 1; const fnord = 2; /* fn", &[]),
            ("fn", &[]),
        ];
        for (text, want) in cases {
            let mut found: Vec<_> = functions(text).into_iter().map(|(name, at)| (name, at.start)).collect();
            found.sort_unstable();
            assert_eq!(found, want, "{text}");
        }
    }

    #[test]
    fn words_are_found_whole() {
        assert_eq!(word("/* f16 */ _f16 f16x vec2<f16>", "f16"), Some(25..28));
        assert_eq!(word("vec2f16 // f16", "f16"), None);
    }
}
