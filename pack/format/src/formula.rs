//! Grid and size formulas over shape symbols, such as `ceil(n/64)*b`: text that means the same in every language.
//!
//! ```text
//! sum     = product (("+" | "-") product)*
//! product = factor (("*" | "/") factor)*
//! factor  = number | symbol | "ceil" "(" product "/" factor ")" | "(" sum ")"
//! number  = digits                                     a whole number below 2^64
//! symbol  = letter (letter | digit | "_")*
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Error;
use crate::error::quoted;
use crate::limits::{MOST_FORMULA_DEPTH, MOST_FORMULA_LENGTH};

/// Sizes by name: the numbers that a kernel's uniform block and its formulas are made from.
pub type Symbols = BTreeMap<String, u64>;

/// An expression of whole numbers: symbols, constants, `+`, `-`, `*`, `/` (rounded down) and `ceil(a/b)`.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transparent))]
pub struct Formula(#[cfg_attr(feature = "schema", schemars(with = "String"))] Node);

impl Formula {
    /// The value for these symbols; `None` when a symbol is missing, a divisor is zero, or a step of it is negative or
    /// does not fit 64 bits.
    pub fn eval(&self, symbols: &Symbols) -> Option<u64> {
        self.0.eval(symbols)
    }

    /// How many numbers, symbols and operators it has: what it costs to keep and to evaluate.
    pub(crate) fn terms(&self) -> usize {
        self.0.terms()
    }
}

impl From<u64> for Formula {
    fn from(value: u64) -> Self {
        Self(Node::Number(value))
    }
}

impl FromStr for Formula {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut parser = Parser { text, at: 0, depth: 0 };
        if text.len() > MOST_FORMULA_LENGTH {
            return Err(Error::Formula { text: quoted(text), at: MOST_FORMULA_LENGTH, expected: "its end by here" });
        }
        let node = parser.sum()?;
        parser.skip_spaces();
        if parser.rest().is_empty() { Ok(Self(node)) } else { Err(parser.error("an operator or the end")) }
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f, 0)
    }
}

impl Serialize for Formula {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Formula {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Number(u64),
    Symbol(String),
    Binary { operator: Binary, left: Box<Node>, right: Box<Node> },
    CeilingDivide { left: Box<Node>, right: Box<Node> },
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Binary {
    fn symbol(self) -> char {
        match self {
            Self::Add => '+',
            Self::Subtract => '-',
            Self::Multiply => '*',
            Self::Divide => '/',
        }
    }

    /// The larger, the tighter it binds.
    fn precedence(self) -> u8 {
        match self {
            Self::Add | Self::Subtract => 1,
            Self::Multiply | Self::Divide => 2,
        }
    }
}

impl Node {
    fn eval(&self, symbols: &Symbols) -> Option<u64> {
        match self {
            Self::Number(value) => Some(*value),
            Self::Symbol(name) => symbols.get(name).copied(),
            Self::Binary { operator, left, right } => {
                let (left, right) = (left.eval(symbols)?, right.eval(symbols)?);
                match operator {
                    Binary::Add => left.checked_add(right),
                    Binary::Subtract => left.checked_sub(right),
                    Binary::Multiply => left.checked_mul(right),
                    Binary::Divide => left.checked_div(right),
                }
            }
            Self::CeilingDivide { left, right } => {
                let (left, right) = (left.eval(symbols)?, right.eval(symbols)?);
                (right != 0).then(|| left.div_ceil(right))
            }
        }
    }

    fn terms(&self) -> usize {
        match self {
            Self::Number(_) | Self::Symbol(_) => 1,
            Self::Binary { left, right, .. } | Self::CeilingDivide { left, right } => 1 + left.terms() + right.terms(),
        }
    }

    /// Writes it with as few parentheses as its meaning needs.
    fn write(&self, f: &mut fmt::Formatter<'_>, outer: u8) -> fmt::Result {
        match self {
            Self::Number(value) => write!(f, "{value}"),
            Self::Symbol(name) => f.write_str(name),
            Self::CeilingDivide { left, right } => {
                f.write_str("ceil(")?;
                left.write(f, Binary::Divide.precedence())?;
                f.write_str("/")?;
                right.write(f, Binary::Divide.precedence() + 1)?;
                f.write_str(")")
            }
            Self::Binary { operator, left, right } => {
                let own = operator.precedence();
                f.write_str(if own < outer { "(" } else { "" })?;
                left.write(f, own)?;
                write!(f, "{}", operator.symbol())?;
                right.write(f, own + 1)?;
                f.write_str(if own < outer { ")" } else { "" })
            }
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn take(&mut self, wanted: char) -> bool {
        self.skip_spaces();
        let found = self.rest().starts_with(wanted);
        self.at += if found { wanted.len_utf8() } else { 0 };
        found
    }

    fn error(&self, expected: &'static str) -> Error {
        Error::Formula { text: quoted(self.text), at: self.at + 1, expected }
    }

    fn sum(&mut self) -> Result<Node, Error> {
        self.depth += 1;
        if self.depth > MOST_FORMULA_DEPTH {
            return Err(self.error("no deeper parentheses"));
        }
        let mut left = self.product()?;
        loop {
            let operator = match () {
                () if self.take('+') => Binary::Add,
                () if self.take('-') => Binary::Subtract,
                () => break,
            };
            left = binary(operator, left, self.product()?);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn product(&mut self) -> Result<Node, Error> {
        let mut left = self.factor()?;
        loop {
            let operator = match () {
                () if self.take('*') => Binary::Multiply,
                () if self.take('/') => Binary::Divide,
                () => break,
            };
            left = binary(operator, left, self.factor()?);
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Node, Error> {
        if self.take('(') {
            return self.closed();
        }
        self.skip_spaces();
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let length = self.rest().find(|c| !is_word(c)).unwrap_or(self.rest().len());
        let word = self.rest()[..length].to_owned();
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            let value = word.parse().map_err(|_| self.error("a whole number below 2^64"))?;
            self.at += length;
            return Ok(Node::Number(value));
        }
        if !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(self.error("a whole number, a symbol, `ceil(a/b)` or `(`"));
        }
        self.at += length;
        if !self.take('(') {
            return Ok(Node::Symbol(word));
        }
        if word != "ceil" {
            return Err(self.error("no function but `ceil(a/b)`"));
        }
        match self.closed()? {
            Node::Binary { operator: Binary::Divide, left, right } => Ok(Node::CeilingDivide { left, right }),
            _ => Err(self.error("a quotient in `ceil(a/b)`")),
        }
    }

    /// A sum and the parenthesis that ends it.
    fn closed(&mut self) -> Result<Node, Error> {
        let inner = self.sum()?;
        if self.take(')') { Ok(inner) } else { Err(self.error("`)`")) }
    }
}

fn binary(operator: Binary, left: Node, right: Node) -> Node {
    Node::Binary { operator, left: Box::new(left), right: Box::new(right) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_evaluate_and_print_back() {
        let symbols: Symbols = [("n".to_owned(), 100), ("b".to_owned(), 3), ("z".to_owned(), 0)].into();
        let cases = [
            ("1", Some(1)),
            ("ceil(n/64)*b", Some(6)),
            ("n/64", Some(1)),
            ("b-n", None),
            ("ceil(n/z)", None),
            ("n/z", None),
            ("q", None),
            ("ceil((n+b)/(b*2))", Some(18)),
            ("n-(b-1)", Some(98)),
            ("(n+2-b)/1+1", Some(100)),
            ("n*n*n*n*n*n*n*n*n*n", None),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551615+1", None),
        ];
        for (text, want) in cases {
            let formula: Formula = text.parse().unwrap();
            assert_eq!(formula.eval(&symbols), want, "{text}");
            assert_eq!(formula.to_string(), text);
        }
        for (text, printed) in [(" ( n ) * ( b * 2 ) ", "n*(b*2)"), ("((n))", "n"), ("ceil((n*b)/4)", "ceil(n*b/4)")] {
            assert_eq!(text.parse::<Formula>().unwrap().to_string(), printed, "{text}");
        }
    }

    #[test]
    fn terms_are_numbers_symbols_and_operators() {
        for (text, want) in [("1", 1), ("(n)", 1), ("n*(b-1)", 5), ("ceil(n/64)*b", 5)] {
            assert_eq!(text.parse::<Formula>().unwrap().terms(), want, "{text}");
        }
    }

    #[test]
    fn nonsense_is_told_with_its_place() {
        let deep = format!("{}n{}", "(".repeat(200), ")".repeat(200));
        let long = "n+".repeat(10_000);
        let cases = [
            ("-n", "character 1"),
            ("1.5", "an operator or the end"),
            ("sqrt(n)", "no function but"),
            ("n[b]", "an operator or the end"),
            ("ceil(n)", "a quotient"),
            ("", "a whole number, a symbol"),
            ("(n", "`)`"),
            ("99999999999999999999", "below 2^64"),
            ("n é", "an operator or the end"),
            (deep.as_str(), "no deeper parentheses"),
            (long.as_str(), "its end by here"),
        ];
        for (text, message) in cases {
            let error = text.parse::<Formula>().expect_err(text).to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_prints_back(text in "[nb0-9+*/() -]{0,24}|ceil\\([nb]/[nb1-9]\\)[*+/-][nb]") {
            if let Ok(formula) = text.parse::<Formula>() {
                prop_assert_eq!(formula.to_string().parse::<Formula>().unwrap(), formula);
            }
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,60}") {
            let _ = text.parse::<Formula>();
        }
    }
}
