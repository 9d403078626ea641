//! The two languages of kernel files: expressions over named values, and WGSL with tags and `override` constants.
//!
//! Both are evaluated by minijinja and checked by us first, since a file may come from anywhere: what is not listed here
//! is refused by name, with its place.
//!
//! # Expressions
//!
//! ```text
//! value      = either ["if" either "else" value]
//! either     = both ("or" both)*
//! both       = negated ("and" negated)*
//! negated    = "not" negated | comparison
//! comparison = sum (("==" | "!=" | "<" | "<=" | ">" | ">=") sum)*  |  sum ["not"] "in" list
//! sum        = product (("+" | "-") product)*
//! product    = power (("*" | "/" | "//" | "%") power)*
//! power      = factor ["**" factor]
//! factor     = "-" factor | number | text | name | function "(" value ("," value)* ")" | "(" value ")"
//! list       = "[" value ("," value)* "]"
//! ```
//!
//! They mean what they mean in Python:
//!
//! - Whole numbers and real ones are told apart by the dot or the exponent. `/` gives the real quotient, `//` the quotient
//!   rounded down (towards minus infinity, so `-7 // 2` is -4), and `%` what `//` leaves over: it has the sign of its
//!   right side, so `-7 % 2` is 1 and `7 % -2` is -1. `**` is a power; a negative exponent gives a real number.
//! - Comparisons may be chained: `1 < x < 5` asks both. `true` is 1 in arithmetic.
//! - Whole numbers are exact up to 2¹²⁷ while calculating, and an error beyond. Results must fit 64 bits.
//! - `and`, `or` and `not` take numbers, true unless 0, and truth values. `a and b` is `a` if that is not true and else
//!   `b`, `a or b` the other way round.
//! - Texts can be compared by `==`, `!=` and `in`, and be chosen by `if`. Lists follow `in`.
//! - The [functions](FUNCTIONS).
//!
//! What minijinja and Python read differently is refused: `-a ** b` and `a ** b ** c` without brackets, and `<` and its
//! like between truth values.
//!
//! # Templates
//!
//! `{{ value }}`, `{% set name = value %}`, `{% if either %}` with `elif`, `else` and `endif`, `{% for name in
//! range(..) %}` or `in [..]` with `endfor`, `{# comments #}`. As in our own templates, a tag of `{%` or `{#` that has a
//! line to itself leaves no line, and `-` or `+` beside a delimiter removes or keeps the space next to it. What a loop
//! sets is forgotten at its end. Truth values are written as `true` and `false`.
//!
//! Nothing in a template can grow: texts cannot be joined or repeated, lists are written out, steps and output are
//! limited.

mod bind;
mod declaration;
mod explain;
mod expression;
mod facts;
mod function;
mod grammar;
mod map;
mod overrides;
mod scalar;
mod split;
mod statement;
mod template;
#[cfg(test)]
mod tests;
mod token;

use std::collections::BTreeMap;
use std::ops::Range;

pub use expression::Expression;
pub use function::{FUNCTIONS, Function};
pub use map::SourceMap;
pub use overrides::Override;
pub use scalar::Scalar;
pub use template::{Rendered, UserTemplate, looks_like_template};

use crate::space::Value;

/// The values of names: problem sizes and parameters.
pub type Names = BTreeMap<String, Value>;

/// Where expressions find the values of their names: who evaluates one a million times need not make a map each time.
pub trait Lookup {
    /// The value of a name; `None` where it has none.
    fn value(&self, name: &str) -> Option<&Value>;
}

impl Lookup for Names {
    fn value(&self, name: &str) -> Option<&Value> {
        self.get(name)
    }
}

/// What is wrong with an expression or a source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct LanguageError {
    /// Where: bytes of the text that was parsed.
    pub at: Range<usize>,
    /// What is wrong, with which value, and what to do.
    pub why: String,
}

impl LanguageError {
    fn new(at: Range<usize>, why: impl Into<String>) -> Self {
        Self { at, why: why.into() }
    }
}
