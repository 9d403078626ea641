//! Refuses texts that naga would not survive: it reads nested things by recursion, and a long chain of operators or of
//! `else if` is nested as deep as it is long.

use super::fault::Fault;
use super::places;

/// A kernel's text is no longer: naga's time grows with its square.
const MOST_BYTES: usize = 1 << 20;

/// How deep an expression may be nested. On two megabytes of stack, which is what threads have, naga bears more than 3000
/// operators.
const MOST_OPERATORS: usize = 600;

/// How long a chain of `else if` may be. On the same stack naga bears more than 1000.
const MOST_BRANCHES: usize = 200;

/// Declarations may refer to later ones, and naga follows them by recursion.
const MOST_DECLARATIONS: usize = 4000;

/// Whether a text is one that naga bears, whatever it says.
///
/// # Errors
/// What there is too much of, at its place.
pub(super) fn check(text: &str) -> Result<(), Fault> {
    let fault = |at: usize, message: String| {
        let labels = vec![(at..at, String::new())];
        Err(Fault { message, labels, notes: Vec::new() })
    };
    if text.len() > MOST_BYTES {
        return fault(0, format!("the text has {} bytes, and at most {MOST_BYTES} are read", text.len()));
    }
    let mut scan = Scan::default();
    for (at, word) in words(&places::without_comments(text)) {
        scan.pass(word);
        let counts = [
            (scan.operators.total, MOST_OPERATORS, "operators in an expression: split it up"),
            (scan.branches.total, MOST_BRANCHES, "`else` in a chain: write a `switch`"),
            (scan.declarations, MOST_DECLARATIONS, "declarations"),
        ];
        if let Some((_, most, what)) = counts.into_iter().find(|(count, most, _)| count > most) {
            return fault(at, format!("more than {most} {what}"));
        }
    }
    Ok(())
}

/// The words of a text, and everything between them but blanks character by character, with their places.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text[at..].len() - text[at..].trim_start().len();
        let rest = &text[at..];
        let first = rest.chars().next()?;
        let end = if places::is_word(first) { rest.find(|c| !places::is_word(c)) } else { Some(first.len_utf8()) };
        let word = &rest[..end.unwrap_or(rest.len())];
        at += word.len();
        Some((at - word.len(), word))
    })
}

/// What is open at a place of a text.
#[derive(Default)]
struct Scan {
    /// For each open bracket, and outside of all: operators since the last comma.
    operators: Chains,
    /// For each open brace, and outside of all: how often `else` followed the last `if` that followed none.
    branches: Chains,
    after_else: bool,
    after_number: bool,
    declarations: usize,
}

impl Scan {
    fn pass(&mut self, word: &str) {
        match word {
            "(" => self.operators.open(),
            "[" => {
                self.operators.longer();
                self.operators.open();
            }
            ")" | "]" => self.operators.close(),
            "," => self.operators.restart(),
            "{" => self.end_statement(Chains::open),
            "}" => self.end_statement(Chains::close),
            ";" => self.end_statement(|_| {}),
            "else" => self.branches.longer(),
            "if" if !self.after_else => self.branches.restart(),
            // What follows a number is its decimal point.
            "." if self.after_number => {}
            _ if !word.starts_with(places::is_word) => self.operators.longer(),
            _ => {}
        }
        self.after_else = word == "else";
        self.after_number = word.starts_with(|c: char| c.is_ascii_digit());
    }

    fn end_statement(&mut self, braces: impl Fn(&mut Chains)) {
        self.operators = Chains::default();
        braces(&mut self.branches);
        self.declarations += usize::from(self.branches.outer.is_empty());
    }
}

/// Lengths of chains in one another.
#[derive(Default)]
struct Chains {
    outer: Vec<usize>,
    length: usize,
    /// Of all of them.
    total: usize,
}

impl Chains {
    fn open(&mut self) {
        self.outer.push(self.length);
        self.length = 0;
    }

    fn close(&mut self) {
        self.restart();
        self.length = self.outer.pop().unwrap_or_default();
    }

    fn longer(&mut self) {
        self.length += 1;
        self.total += 1;
    }

    fn restart(&mut self) {
        self.total -= self.length;
        self.length = 0;
    }
}

#[cfg(test)]
mod tests {
    use naga::valid::Capabilities;

    use super::super::parse;
    use super::*;

    /// What is repeated between a beginning and an end, and how often at most.
    type Case = (&'static str, fn(usize) -> String, &'static str, usize);

    const CASES: &[Case] = &[
        ("fn f() { var x = 1.5 ", |_| "+ 2.5 ".into(), "; }", MOST_OPERATORS - 1),
        ("fn f() { var x = true; let y = ", |_| "!".into(), "x; }", MOST_OPERATORS - 1),
        ("fn f() { var x = ", |_| "vec2(1.5, -1f + ".into(), "1f); }", MOST_OPERATORS / 2 - 1),
        ("fn f(s: S) { let x = s", |_| ".a".into(), "; }", MOST_OPERATORS - 2),
        ("fn f(s: S) { let x = s", |_| "[0]".into(), "; }", MOST_OPERATORS - 2),
        ("fn f(x: f32) { if (x > 1.0) {} ", |_| "else if (x > 1.0) {} ".into(), "}", MOST_BRANCHES),
        ("", |i| format!("const A{i} = A{};\n", i + 1), "", MOST_DECLARATIONS),
        ("", |i| format!("alias A{i} = array<A{}, 1>;\n", i + 1), "", MOST_DECLARATIONS),
        ("", |i| format!("struct A{i} {{ a: A{} }}\n", i + 1), "", MOST_DECLARATIONS),
        ("", |i| format!("fn f{i}x() {{ f{}x(); }}\n", i + 1), "", MOST_DECLARATIONS),
        ("fn f() { var x = array(", |_| "1.0, -1.0, ".into(), "1.0); }", 20_000),
        ("fn f() { var x = 1f; ", |_| "x = x + 1f; ".into(), "}", 20_000),
        ("fn f() { ", |_| "if (true) { } ".into(), "}", 20_000),
    ];

    #[test]
    fn naga_bears_what_is_let_through() {
        let mut wrong = Vec::new();
        for (number, (begin, middle, end, most)) in CASES.iter().enumerate() {
            let text = |times: usize| format!("{begin}{}{end}", (0..times).map(middle).collect::<String>());
            // Whatever naga says of it.
            let _ = parse::validate(&text(*most), Capabilities::empty());
            let [within, beyond] = [check(&text(*most)), check(&text(6 * most))].map(|checked| checked.is_ok());
            if !within || beyond {
                wrong.push(format!("case {number}: {within} within, {beyond} beyond"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
