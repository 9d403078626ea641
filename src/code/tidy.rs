//! Makes emitted WGSL look hand-written: indented by its brackets, without stray blank lines, and without arithmetic
//! on constants that only a generator would write.
//!
//! So templates can say `x * {{ stride }}u + {{ i }}u` and need no cases for a stride of one or an `i` of zero.

use std::borrow::Cow;

/// The same program, tidy.
pub(super) fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut depth = 0;
    for line in text.lines().map(str::trim) {
        let (closed, change) = brackets(line);
        if line.is_empty() {
            let block_begins = tidied.is_empty() || tidied.ends_with("{\n") || tidied.ends_with("\n\n");
            tidied.push_str(if block_begins { "" } else { "\n" });
            continue;
        }
        if line.starts_with('}') && tidied.ends_with("\n\n") {
            tidied.pop();
        }
        (0..depth - closed).for_each(|_| tidied.push_str("  "));
        tidied.push_str(&simplified(line));
        tidied.push('\n');
        depth += change;
    }
    tidied.truncate(tidied.trim_end().len());
    tidied.push('\n');
    tidied
}

/// How many brackets a line closes before it does anything else, and by how many it leaves more open than before.
fn brackets(line: &str) -> (i32, i32) {
    let line = without_comment(line);
    let closed = line.bytes().take_while(|b| b"})]".contains(b)).count();
    let opens = line.bytes().filter(|b| b"{([".contains(b)).count();
    let closes = line.bytes().filter(|b| b"})]".contains(b)).count();
    (closed as i32, opens as i32 - closes as i32)
}

fn without_comment(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code)
}

/// A word, a number, a run of operator characters or one other character; with the blanks before it.
#[derive(Clone)]
struct Token<'a> {
    gap: &'a str,
    text: Cow<'a, str>,
}

/// The line with constant arithmetic on `u32` literals done: `x * 1u + 0u` is `x`, `2u * 3u` is `6u`, `(x)` is `x`.
fn simplified(line: &str) -> Cow<'_, str> {
    let code = without_comment(line);
    let literals = code.as_bytes().windows(2).any(|pair| pair[0].is_ascii_digit() && pair[1] == b'u');
    if !literals {
        return Cow::Borrowed(line);
    }
    let mut done: Vec<Token> = Vec::new();
    let mut tokens = Tokens(code).peekable();
    while let Some(token) = tokens.next() {
        done.push(token);
        let next = tokens.peek().map_or("", |token| &token.text);
        while shorten(&mut done, next) {}
    }
    let mut text: String = done.iter().flat_map(|token| [token.gap, &token.text]).collect();
    text.push_str(&line[code.trim_end().len()..]);
    Cow::Owned(text)
}

/// Shortens the end of what was read, if it can, given what follows it.
fn shorten(done: &mut Vec<Token>, next: &str) -> bool {
    let back = |i: usize| done.len().checked_sub(i).map_or("", |at| &done[at].text);
    let (last, middle, first, before) = (back(1), back(2), back(3), back(4));
    let [last_number, first_number] = [last, first].map(literal);
    let begins = done.len().wrapping_sub(3);
    let result = match (middle, first_number, last_number) {
        // x * 1u, x / 1u, x + 0u, x - 0u
        ("*" | "/", _, Some(1)) if is_operand(first) => {
            done.truncate(begins + 1);
            return true;
        }
        ("+" | "-", _, Some(0)) if is_operand(first) && !multiplies(next) => {
            done.truncate(begins + 1);
            return true;
        }
        // 2u * 3u, 6u / 4u, 5u % 3u
        ("*" | "/" | "%", Some(a), Some(b)) if !multiplies(before) => match middle {
            "*" => a.checked_mul(b),
            "/" => a.checked_div(b),
            _ => a.checked_rem(b),
        },
        ("+", Some(a), Some(b)) if !multiplies(before) && before != "-" && !multiplies(next) => a.checked_add(b),
        // 0u * x
        ("*", Some(0), _) if !multiplies(before) && is_word(last) && !["(", "[", "<"].contains(&next) => Some(0),
        // 0u + x, 1u * x
        ("+", Some(0), _) if !multiplies(before) && !["+", "-"].contains(&before) => return drop_first(done),
        ("*", Some(1), _) if !multiplies(before) => return drop_first(done),
        _ => None,
    };
    let Some(number) = result else { return drop_brackets(done, next) };
    done.truncate(begins + 1);
    done[begins].text = Cow::Owned(format!("{number}u"));
    true
}

/// Drops the brackets of a final `(x)` or `(x * y)`, unless they are those of a call or a condition, or hold together
/// what another product would take apart.
fn drop_brackets(done: &mut Vec<Token>, next: &str) -> bool {
    let text = |at: usize| done.get(at).map_or("", |token| &token.text);
    let ends =
        |length: usize| done.len().checked_sub(length).filter(|&at| text(at) == "(" && text(done.len() - 1) == ")");
    let word = ends(3).filter(|at| is_word(text(at + 1)));
    let product = ends(5).filter(|at| is_word(text(at + 1)) && text(at + 2) == "*" && is_word(text(at + 3)));
    let Some(at) = word.or(product) else { return false };
    let before = at.checked_sub(1).map_or("", text);
    // WGSL has no precedence between products and operators of bits: browsers refuse `a * b & c`.
    let is_taken_apart =
        multiplies(before) || next == "[" || next.starts_with('.') || is_of_bits(before) || is_of_bits(next);
    if is_word(before) || before == ">" || (word.is_none() && is_taken_apart) {
        return false;
    }
    done[at + 1].gap = done[at].gap;
    done.pop();
    done.remove(at);
    true
}

/// Drops the operand and the operator before the last token.
fn drop_first(done: &mut Vec<Token>) -> bool {
    let begins = done.len() - 3;
    done[begins + 2].gap = done[begins].gap;
    done.drain(begins..begins + 2);
    true
}

/// The value of a `u32` literal.
fn literal(text: &str) -> Option<u32> {
    text.strip_suffix('u')?.parse().ok()
}

fn is_of_bits(text: &str) -> bool {
    ["&", "|", "^", "<<", ">>"].contains(&text)
}

/// Whether an operator binds tighter than a sum.
fn multiplies(text: &str) -> bool {
    ["*", "/", "%"].contains(&text)
}

fn is_operand(text: &str) -> bool {
    is_word(text) || [")", "]"].contains(&text)
}

fn is_word(text: &str) -> bool {
    text.starts_with(in_word)
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}

fn in_operator(c: char) -> bool {
    "+-*/%<>=!&|^~".contains(c)
}

/// The tokens of a line; blanks at its end are none.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let rest = self.0.trim_start();
        let first = rest.chars().next()?;
        let gap = &self.0[..self.0.len() - rest.len()];
        let length = match first {
            c if in_word(c) => rest.find(|c| !in_word(c)),
            c if in_operator(c) => rest.find(|c| !in_operator(c)),
            c => Some(c.len_utf8()),
        };
        let (text, rest) = rest.split_at(length.unwrap_or(rest.len()));
        self.0 = rest;
        Some(Token { gap, text: Cow::Borrowed(text) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::code::{Formula, Symbols};

    #[test]
    fn lines_are_shortened() {
        let cases = [
            ("let row = tile * 32u + local.y * 1u + 0u;", "let row = tile * 32u + local.y;"),
            ("tile[(kk + 0u) * 33u + 0u + local.x]", "tile[kk * 33u + local.x]"),
            ("tile[(0u + 2u) * 33u + 4u]", "tile[70u]"),
            ("let y = (out_y + 0u) / 1u;", "let y = out_y;"),
            ("store(index + 0u * plane, v.x)", "store(index, v.x)"),
            ("store(index + 1u * plane, v.y)", "store(index + plane, v.y)"),
            ("tile[(q * 2u) * 65u + r] / (b * c)", "tile[q * 2u * 65u + r] / (b * c)"),
            ("(v * w).x * 1.0 + (u * 2u)[i]", "(v * w).x * 1.0 + (u * 2u)[i]"),
            ("f(0u * g(x), (h), (k) * 2u)", "f(0u * g(x), h, k * 2u)"),
            ("(a * b) & 63u | (c * d) >> (e * f)", "(a * b) & 63u | (c * d) >> (e * f)"),
            ("a / 2u * 3u + 2u * 3u", "a / 2u * 3u + 6u"),
            ("a - 1u + 2u", "a - 1u + 2u"),
            ("a + 1u + 2u * b", "a + 1u + 2u * b"),
            ("a + 0u * 4u / b + 0u", "a + 0u / b"),
            ("x + 4294967295u + 1u", "x + 4294967295u + 1u"),
            (
                "i += 1u; v *= 1u; if (x) { y = 10u * 1u; } // 2u * 3u",
                "i += 1u; v *= 1u; if (x) { y = 10u; } // 2u * 3u",
            ),
            ("unpack2x16float(w[i >> 1u] >> (16u * (i & 1u))).x", "unpack2x16float(w[i >> 1u] >> (16u * (i & 1u))).x"),
            ("vec2<u32>(0u) + vec2<f32>(v, 0.0) * 1.0", "vec2<u32>(0u) + vec2<f32>(v, 0.0) * 1.0"),
        ];
        for (line, want) in cases {
            assert_eq!(simplified(line), want, "{line}");
        }
    }

    #[test]
    fn texts_are_indented_by_their_brackets() {
        let text = "\n\nfn main(\n@builtin(x) x: u32,\n) {\n\n\n    let a = x; // {\n  {\nif (a) {\n b();\n\n}\n}\n\n\n  c();\n\n}\n\n";
        let want = "fn main(\n  @builtin(x) x: u32,\n) {\n  let a = x; // {\n  {\n    if (a) {\n      b();\n    }\n  }\n\n  c();\n}\n";
        assert_eq!(tidy(text), want);
        assert_eq!(tidy(want), want);
    }

    /// Expressions over a and b, in which literals are small enough that the rules have something to do.
    fn expressions() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![(0u32..4).prop_map(|n| format!("{n}u")), "[ab]"];
        leaf.prop_recursive(5, 24, 2, |inner| {
            let operator = prop::sample::select(vec!["+", "-", "*", "/"]);
            let binary = (inner.clone(), operator, inner.clone()).prop_map(|(x, o, y)| format!("{x} {o} {y}"));
            prop_oneof![binary, inner.prop_map(|x| format!("({x})"))]
        })
    }

    proptest! {
        /// Formulas know neither wrapping nor division by zero: what has no value there is not compared.
        #[test]
        fn values_stay_the_same(text in expressions(), a in 0u64..9, b in 1u64..9) {
            let symbols: Symbols = [("a".to_owned(), a), ("b".to_owned(), b)].into();
            let value = |text: &str| text.replace('u', "").parse::<Formula>().unwrap().eval(&symbols);
            let short = simplified(&text);
            if let Some(want) = value(&text) {
                prop_assert_eq!(value(&short), Some(want), "{} became {}", text, short);
            }
        }
    }
}
