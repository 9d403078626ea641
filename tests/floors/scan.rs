//! Reads the paths that a Rust source names: enough of the language to see what imports what, and no more.

/// A path as it is written, its group expanded: `use a::{b, c::*}` names `a::b` and `a::c::*`.
#[derive(Debug, PartialEq)]
pub struct Named {
    /// A macro's name keeps its `!`.
    pub segments: Vec<String>,
    pub line: usize,
    /// How many modules, one within the other, surround it in its file.
    pub depth: usize,
    /// Whether a `use` names it, not an expression or a type.
    pub imported: bool,
}

/// Every path in a source, in order: words of the language too, as paths of one segment. Comments, strings and the
/// names in `mod name` do not count.
pub fn paths(source: &str) -> Vec<Named> {
    let tokens = tokens(&without_comments_and_strings(source));
    let mut reader = Reader { tokens: &tokens, at: 0, named: Vec::new(), blocks: Vec::new() };
    while reader.at < tokens.len() {
        reader.step();
    }
    reader.named
}

/// The same text, each character of a comment, a string or a character literal replaced by a blank.
pub fn without_comments_and_strings(source: &str) -> String {
    let mut text: Vec<char> = source.chars().collect();
    let mut at = 0;
    while at < text.len() {
        let end = skipped(&text, at).min(text.len());
        text[at..end].iter_mut().filter(|c| **c != '\n').for_each(|c| *c = ' ');
        at = end.max(at + 1);
    }
    text.into_iter().collect()
}

/// Where the comment or literal that begins here ends; here, if none begins.
fn skipped(text: &[char], at: usize) -> usize {
    match (text[at], text.get(at + 1)) {
        ('/', Some('/')) => find(text, at, "\n").unwrap_or(text.len()),
        ('/', Some('*')) => block_comment(text, at),
        ('"', _) => string(text, at),
        ('r', Some('"' | '#')) if !is_within_word(text, at) => raw_string(text, at),
        ('\'', _) => character(text, at),
        _ => at,
    }
}

/// Block comments nest.
fn block_comment(text: &[char], start: usize) -> usize {
    let (mut depth, mut at) = (0, start);
    while at < text.len() {
        match (text[at], text.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn string(text: &[char], quote: usize) -> usize {
    let mut at = quote + 1;
    while at < text.len() && text[at] != '"' {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// `r"…"` and `r#"…"#`, but not `r#word`.
fn raw_string(text: &[char], start: usize) -> usize {
    let hashes = text[start + 1..].iter().take_while(|c| **c == '#').count();
    let quote = start + 1 + hashes;
    if text.get(quote) != Some(&'"') {
        return start;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    find(text, quote + 1, &end).map_or(text.len(), |at| at + end.len())
}

/// A character, as against a lifetime, which no second quote follows at once.
fn character(text: &[char], quote: usize) -> usize {
    match (text.get(quote + 1), text.get(quote + 2)) {
        // What follows the backslash may be a quote.
        (Some('\\'), _) => find(text, quote + 3, "'").map_or(text.len(), |at| at + 1),
        (Some(_), Some('\'')) => quote + 3,
        _ => quote,
    }
}

fn find(text: &[char], from: usize, what: &str) -> Option<usize> {
    let what: Vec<char> = what.chars().collect();
    (from..text.len()).find(|&at| text[at..].starts_with(&what))
}

/// Raw strings of bytes and of C begin in a word: `br"…"`, `cr"…"`.
fn is_within_word(text: &[char], at: usize) -> bool {
    let is_word = |back: usize| at.checked_sub(back).is_some_and(|at| is_word(text[at]));
    is_word(1) && (is_word(2) || !matches!(text[at - 1], 'b' | 'c'))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A word, `::`, or one other character; and its line.
type Token = (String, usize);

fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (number, line) in source.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = match rest.find(|c| !is_word(c)).unwrap_or(rest.len()) {
                0 if rest.starts_with("::") => 2,
                0 => first.len_utf8(),
                word => word,
            };
            tokens.push((rest[..length].to_owned(), number + 1));
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    named: Vec<Named>,
    /// The open braces, true for those of a module.
    blocks: Vec<bool>,
}

impl Reader<'_> {
    fn step(&mut self) {
        match self.token(0) {
            "mod" => {
                let opens = self.token(2) == "{";
                self.blocks.extend(opens.then_some(true));
                self.at += if opens { 3 } else { 2 };
            }
            "use" => {
                self.at += 1;
                self.tree(&[], true);
            }
            "{" => {
                self.blocks.push(false);
                self.at += 1;
            }
            "}" => {
                self.blocks.pop();
                self.at += 1;
            }
            word if word.starts_with(is_word) => self.tree(&[], false),
            _ => self.at += 1,
        }
    }

    /// Reads a path, and all the paths of the group that it may end in.
    fn tree(&mut self, prefix: &[String], imported: bool) {
        let mut segments = prefix.to_vec();
        loop {
            match self.token(0) {
                "::" => self.at += 1,
                "{" if imported => return self.group(&segments),
                "*" if imported => {
                    segments.push(self.take());
                    return self.name(segments, imported);
                }
                word if word.starts_with(is_word) => {
                    segments.push(self.take());
                    if self.token(0) != "::" {
                        return self.end_of_path(segments, imported);
                    }
                }
                // Generic arguments may follow `::` too.
                _ => return self.name(segments, imported),
            }
        }
    }

    fn end_of_path(&mut self, mut segments: Vec<String>, imported: bool) {
        if self.token(0) == "!" && self.token(1) != "=" {
            segments.last_mut().expect("a word was just read").push('!');
        }
        self.name(segments, imported);
        if imported && self.token(0) == "as" {
            self.at += 2;
        }
    }

    fn group(&mut self, prefix: &[String]) {
        self.at += 1;
        while !matches!(self.token(0), "}" | "") {
            let before = self.at;
            self.tree(prefix, true);
            // A comma, or something that is no Rust: go on in any case.
            if self.token(0) == "," || self.at == before {
                self.at += 1;
            }
        }
        self.at += 1;
    }

    fn name(&mut self, segments: Vec<String>, imported: bool) {
        let line = self.tokens[self.at.saturating_sub(1).min(self.tokens.len() - 1)].1;
        let depth = self.blocks.iter().filter(|is_module| **is_module).count();
        if !segments.is_empty() {
            self.named.push(Named { segments, line, depth, imported });
        }
    }

    fn take(&mut self) -> String {
        self.at += 1;
        self.tokens[self.at - 1].0.clone()
    }

    /// The text of a token ahead, empty behind the end.
    fn token(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", |token| &token.0)
    }
}
