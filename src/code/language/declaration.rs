//! Finds the `override` declarations of WGSL.

use std::ops::Range;

/// A declaration in a text.
pub(super) struct Declaration {
    pub at: Range<usize>,
    pub name: Range<usize>,
    /// The name of its type.
    pub kind: Option<Range<usize>>,
    pub initial: Option<Range<usize>>,
}

/// The `override` declarations of a text. What is no whole declaration is left to who compiles the text.
pub(super) fn declarations(text: &str) -> Vec<Declaration> {
    let mut lexer = Lexer { text, at: 0 };
    let mut found = Vec::new();
    let mut attribute = None;
    while let Some(word) = lexer.next() {
        match &text[word.clone()] {
            "@" => {
                attribute = attribute.or(Some(word.start));
                lexer.skip_attribute();
            }
            "override" => found.extend(lexer.declaration(attribute.take().unwrap_or(word.start))),
            _ => attribute = None,
        }
    }
    found
}

/// Words and signs of WGSL, without comments.
struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// The next word (letters, digits and `_`) or sign.
    fn next(&mut self) -> Option<Range<usize>> {
        self.skip();
        let first = self.rest().chars().next()?;
        let length = if is_word(first) {
            self.rest().find(|c| !is_word(c)).unwrap_or(self.rest().len())
        } else {
            first.len_utf8()
        };
        let at = self.at..self.at + length;
        self.at = at.end;
        Some(at)
    }

    fn skip(&mut self) {
        loop {
            let rest = self.rest();
            let length = if rest.starts_with("//") {
                rest.find(is_line_break).unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                comment_length(rest)
            } else {
                rest.len() - rest.trim_start().len()
            };
            if length == 0 {
                return;
            }
            self.at += length;
        }
    }

    /// The name of an attribute, and what it has in brackets.
    fn skip_attribute(&mut self) {
        self.next();
        self.skip();
        let mut depth = 0;
        while depth > 0 || self.rest().starts_with('(') {
            let Some(word) = self.next() else { return };
            match &self.text[word] {
                "(" => depth += 1,
                ")" if depth == 1 => return,
                ")" => depth -= 1,
                _ => {}
            }
        }
    }

    /// What follows the word `override`; `None`, without having read on, if it is no declaration.
    fn declaration(&mut self, start: usize) -> Option<Declaration> {
        let back = self.at;
        let declaration = self.try_declaration(start);
        if declaration.is_none() {
            self.at = back;
        }
        declaration
    }

    fn try_declaration(&mut self, start: usize) -> Option<Declaration> {
        let name = self.next().filter(|name| self.text[name.clone()].starts_with(is_word))?;
        let mut declaration = Declaration { at: start..name.end, name, kind: None, initial: None };
        let mut sign = self.next()?;
        if &self.text[sign.clone()] == ":" {
            let (kind, end) = self.up_to(&["=", ";"])?;
            (declaration.kind, declaration.at.end, sign) = (Some(kind.clone()), kind.end, end);
        }
        if &self.text[sign.clone()] == "=" {
            let (initial, end) = self.up_to(&[";"])?;
            (declaration.initial, declaration.at.end, sign) = (Some(initial.clone()), initial.end, end);
        }
        (&self.text[sign] == ";").then_some(declaration)
    }

    /// From the next word to before one of these signs, and that sign; `None` if nothing is between.
    fn up_to(&mut self, ends: &[&str]) -> Option<(Range<usize>, Range<usize>)> {
        let mut part: Option<Range<usize>> = None;
        loop {
            let word = self.next()?;
            if ends.contains(&&self.text[word.clone()]) {
                return Some((part?, word));
            }
            part = Some(part.map_or(word.start, |part| part.start)..word.end);
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What ends a line of WGSL.
fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\u{B}' | '\u{C}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The length of a comment, with those nested in it; all of the text if it does not end.
fn comment_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0);
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => (at, depth) = (at + 2, depth + 1),
            Some(b"*/") if depth == 1 => return at + 2,
            Some(b"*/") => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    text.len()
}
