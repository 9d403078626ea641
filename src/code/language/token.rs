//! Words of expressions: numbers, texts, names and signs, each with its place.

use std::ops::Range;

use super::LanguageError;

/// The most words of one expression: a tree of them is walked recursively.
const MOST_WORDS: usize = 512;

/// What an expression may have, longer signs first.
const SIGNS: &[&str] =
    &["//", "**", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "(", ")", "[", "]", ",", "="];

/// What it may not have, and what to do.
const REFUSED: &[(&str, &str)] = &[
    ("&&", "write `and`"),
    ("||", "write `or`"),
    ("!", "write `not`"),
    ("<<", "write `* 2 ** n`"),
    (">>", "write `// 2 ** n`"),
    ("|", "there are no filters; functions are called, as in `max(a, b)`"),
    ("&", "there are no operations on bits; `%` and `//` take numbers apart"),
    ("^", "a power is `a ** b`"),
    ("~", "texts cannot be joined; write them one after the other, outside of tags"),
    (".", "there are no attributes, and a number begins and ends with a digit"),
    ("{", "there are no maps"),
    ("}", "a tag closes as it opened, `{{ .. }}` or `{% .. %}`"),
    (":", "there are no slices"),
    ("?", "write `a if condition else b`"),
    (";", "one expression has one value"),
    ("\\", "texts have no escapes"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Text,
    Name,
    Sign,
}

/// One word.
#[derive(Clone, Debug)]
pub(super) struct Token<'a> {
    pub kind: Kind,
    /// As it is written; a text with its quotes.
    pub word: &'a str,
    pub at: Range<usize>,
}

impl Token<'_> {
    pub fn is_sign(&self, sign: &str) -> bool {
        self.kind == Kind::Sign && self.word == sign
    }

    pub fn is_name(&self, name: &str) -> bool {
        self.kind == Kind::Name && self.word == name
    }
}

/// The words up to the end of a text or of a tag.
pub(super) struct Words<'a> {
    pub tokens: Vec<Token<'a>>,
    /// Where what closes them begins.
    pub end: usize,
    /// The byte after what closes them.
    pub after: usize,
    /// `-` or `+` before what closes them.
    pub space: Option<u8>,
}

/// Reads words from `start` on, up to `close` outside of brackets, or to the end of the source if nothing closes them.
pub(super) fn words<'a>(source: &'a str, start: usize, close: Option<&str>) -> Result<Words<'a>, LanguageError> {
    let mut reader = Reader { source, at: start, open: Vec::new() };
    let mut tokens = Vec::new();
    loop {
        reader.skip_space();
        if let Some((after, space)) = reader.closed(close) {
            return Ok(Words { tokens, end: reader.at, after, space });
        }
        if reader.rest().is_empty() {
            return Err(reader.unclosed(start, close));
        }
        let token = reader.token()?;
        if tokens.len() == MOST_WORDS {
            return Err(LanguageError::new(
                token.at,
                format!("an expression has at most {MOST_WORDS} words; divide this one"),
            ));
        }
        tokens.push(token);
    }
}

struct Reader<'a> {
    source: &'a str,
    at: usize,
    /// The places of brackets that are open.
    open: Vec<usize>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn skip_space(&mut self) {
        self.at += self.rest().bytes().take_while(u8::is_ascii_whitespace).count();
    }

    /// Whether the words end here: the byte after what closes them, and `-` or `+` before it.
    fn closed(&self, close: Option<&str>) -> Option<(usize, Option<u8>)> {
        let rest = self.rest();
        if !self.open.is_empty() {
            return None;
        }
        let Some(close) = close else { return rest.is_empty().then_some((self.at, None)) };
        if rest.starts_with(close) {
            return Some((self.at + close.len(), None));
        }
        let space = rest.bytes().next().filter(|byte| matches!(byte, b'-' | b'+'))?;
        rest[1..].starts_with(close).then_some((self.at + 1 + close.len(), Some(space)))
    }

    fn unclosed(&self, start: usize, close: Option<&str>) -> LanguageError {
        match (self.open.last(), close) {
            (Some(&bracket), _) => self.bracket_error(bracket),
            (None, close) => {
                // Before the words are two signs, and perhaps one for the space before the tag.
                let is_sign = self.source[..start].ends_with(['-', '+']);
                let end = start - usize::from(is_sign);
                let why = format!("this tag does not end; close it with `{}`", close.unwrap_or_default());
                LanguageError::new(end.saturating_sub(2)..end, why)
            }
        }
    }

    fn bracket_error(&self, at: usize) -> LanguageError {
        let bracket = &self.source[at..=at];
        let other = if bracket == "(" { ")" } else { "]" };
        LanguageError::new(at..at + 1, format!("`{bracket}` is not closed; write `{other}` after what it holds"))
    }

    fn token(&mut self) -> Result<Token<'a>, LanguageError> {
        let first = self.rest().chars().next().unwrap_or_default();
        match first {
            '0'..='9' => self.number(),
            'a'..='z' | 'A'..='Z' | '_' => Ok(self.take(Kind::Name, name_length(self.rest()))),
            '"' | '\'' => self.text(first),
            _ => self.sign(first),
        }
    }

    fn take(&mut self, kind: Kind, length: usize) -> Token<'a> {
        let at = self.at..self.at + length;
        self.at = at.end;
        Token { kind, word: &self.source[at.clone()], at }
    }

    fn error(&self, length: usize, why: String) -> LanguageError {
        LanguageError::new(self.at..self.at + length, why)
    }

    fn number(&mut self) -> Result<Token<'a>, LanguageError> {
        let rest = self.rest();
        let length = number_length(rest);
        let tail = rest[length..].bytes().take_while(|&byte| is_name_byte(byte) || byte == b'.').count();
        let all = &rest[..length + tail];
        if tail > 0 {
            return Err(self.error(all.len(), format!("`{all}` is no number; write it as 16, 0x10, 1.5 or 1e6")));
        }
        if !fits(all) {
            return Err(self.error(length, format!("the number {all} is too large; whole numbers end below 2^63")));
        }
        Ok(self.take(Kind::Number, length))
    }

    fn text(&mut self, quote: char) -> Result<Token<'a>, LanguageError> {
        let inner = &self.rest()[1..];
        let length = inner.find([quote, '\\', '\n', '\r']).unwrap_or(inner.len());
        match inner[length..].chars().next() {
            Some(end) if end == quote => Ok(self.take(Kind::Text, length + 2)),
            Some('\\') => Err(LanguageError::new(
                self.at + 1 + length..self.at + 2 + length,
                "texts have no escapes; write `\\` out",
            )),
            _ => Err(self.error(length + 1, format!("this text does not end; close it with {quote}"))),
        }
    }

    fn sign(&mut self, first: char) -> Result<Token<'a>, LanguageError> {
        let rest = self.rest();
        let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
        let refused = REFUSED.iter().find(|(sign, _)| rest.starts_with(*sign));
        match (sign, refused) {
            (Some(sign), refused) if refused.is_none_or(|(refused, _)| refused.len() <= sign.len()) => {
                self.count_brackets(sign)?;
                Ok(self.take(Kind::Sign, sign.len()))
            }
            (_, Some((sign, hint))) => Err(self.error(sign.len(), format!("expressions have no `{sign}`: {hint}"))),
            _ => Err(self.error(
                first.len_utf8(),
                format!(
                    "`{}` has no meaning here; expressions are made of names, numbers and signs",
                    first.escape_debug()
                ),
            )),
        }
    }

    fn count_brackets(&mut self, sign: &str) -> Result<(), LanguageError> {
        match sign {
            "(" | "[" => self.open.push(self.at),
            ")" | "]" => {
                let Some(open) = self.open.pop() else {
                    return Err(self.error(1, format!("`{sign}` closes nothing; remove it")));
                };
                if (&self.source[open..=open] == "(") != (sign == ")") {
                    return Err(self.bracket_error(open));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn name_length(text: &str) -> usize {
    text.bytes().take_while(|&byte| is_name_byte(byte)).count()
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// The length of `12`, `0x1F`, `1.5`, `1e6` or `1.5e-3` at the beginning of a text that begins with a digit.
fn number_length(text: &str) -> usize {
    if let Some(hex) = text.strip_prefix("0x") {
        return 2 + hex.bytes().take_while(u8::is_ascii_hexdigit).count();
    }
    let mut length = digits(text);
    if let Some(fraction) = text[length..].strip_prefix('.').map(digits).filter(|&fraction| fraction > 0) {
        length += 1 + fraction;
    }
    if let Some(exponent) = text[length..].strip_prefix(['e', 'E']) {
        let sign = usize::from(exponent.starts_with(['+', '-']));
        if digits(&exponent[sign..]) > 0 {
            length += 1 + sign + digits(&exponent[sign..]);
        }
    }
    length
}

/// Whether a number can be held: a whole one in 64 bits, a real one without becoming infinite.
fn fits(number: &str) -> bool {
    match number.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).is_ok(),
        None if number.contains(['.', 'e', 'E']) => number.parse().is_ok_and(f64::is_finite),
        None => number.parse::<i64>().is_ok(),
    }
}
