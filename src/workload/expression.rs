//! Elementwise expressions as text: `gelu(x*w[c]+b[c])`, one assignment per output.
//!
//! ```text
//! program    = [name "="] sum (";" name "=" sum)*
//! sum        = product (("+" | "-") product)*
//! product    = factor (("*" | "/") factor)*
//! factor     = "-" factor | number | call | input | "(" sum ")"
//! call       = name "(" sum ("," sum)* ")"
//! input      = name ["[" [axis ("," axis)*] "]"]        without brackets: all axes
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Layout, WorkloadError};

/// An arithmetic expression over named inputs.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A constant.
    Number(f64),
    /// A named input; `axes` are those it varies along, `None` for all of them.
    Input {
        /// Its name.
        name: String,
        /// The axes in its brackets.
        axes: Option<Vec<String>>,
    },
    /// The opposite of a value.
    Negate(Box<Expr>),
    /// Two values joined by an operator.
    Binary {
        /// What joins them.
        operator: Binary,
        /// Its left side.
        left: Box<Expr>,
        /// Its right side.
        right: Box<Expr>,
    },
    /// A function of values.
    Call {
        /// Its name; whether there is such a function is the operator's business.
        function: String,
        /// What it is given.
        arguments: Vec<Expr>,
    },
}

/// The binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binary {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

impl Binary {
    /// How it is written.
    pub fn symbol(self) -> char {
        match self {
            Self::Add => '+',
            Self::Subtract => '-',
            Self::Multiply => '*',
            Self::Divide => '/',
        }
    }

    /// The larger, the tighter it binds.
    pub fn precedence(self) -> u8 {
        match self {
            Self::Add | Self::Subtract => 1,
            Self::Multiply | Self::Divide => 2,
        }
    }
}

/// One or more outputs, each with its expression; later ones may use earlier ones by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignments(pub Vec<(String, Expr)>);

/// The name of the output of an expression that gives none.
pub const UNNAMED_OUTPUT: &str = "out";

/// Longest text and deepest nesting that are read: far above any real chain, far below what could exhaust a stack.
const LONGEST: usize = 2000;
const DEEPEST: usize = 64;

impl Assignments {
    /// Reads a text, or says where it is wrong.
    pub fn parse(text: &str) -> Result<Self, WorkloadError> {
        if text.len() > LONGEST {
            return Err(bad(text, 0, "at most 2000 characters"));
        }
        let mut outputs = Vec::new();
        let mut parser = Parser { text, at: 0, depth: 0 };
        loop {
            let name = parser.output_name().unwrap_or_else(|| UNNAMED_OUTPUT.to_owned());
            if outputs.iter().any(|(other, _)| *other == name) {
                return Err(bad(text, parser.at, &format!("an output name that is not `{name}` again")));
            }
            outputs.push((name, parser.sum()?));
            if !parser.take(';') {
                break;
            }
        }
        parser.end()?;
        Ok(Self(outputs))
    }
}

impl Expr {
    /// Parses one expression that spans the whole text.
    pub fn parse(text: &str) -> Result<Self, WorkloadError> {
        let mut parser = Parser { text, at: 0, depth: 0 };
        let expr = parser.sum()?;
        parser.end()?;
        Ok(expr)
    }

    /// Calls `visit` for this expression and each one inside it, outermost first.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Expr)) {
        visit(self);
        match self {
            Self::Number(_) | Self::Input { .. } => {}
            Self::Negate(inner) => inner.walk(visit),
            Self::Binary { left, right, .. } => {
                left.walk(visit);
                right.walk(visit);
            }
            Self::Call { arguments, .. } => arguments.iter().for_each(|a| a.walk(visit)),
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, outer: u8) -> fmt::Result {
        match self {
            Self::Number(value) => write!(f, "{value}"),
            Self::Input { name, axes: None } => f.write_str(name),
            Self::Input { name, axes: Some(axes) } => write!(f, "{name}[{}]", axes.join(",")),
            Self::Negate(inner) => {
                f.write_str("-")?;
                inner.write(f, 3)
            }
            Self::Binary { operator, left, right } => {
                let own = operator.precedence();
                let open = own < outer;
                if open {
                    f.write_str("(")?;
                }
                left.write(f, own)?;
                write!(f, "{}", operator.symbol())?;
                right.write(f, own + 1)?;
                if open {
                    f.write_str(")")?;
                }
                Ok(())
            }
            Self::Call { function, arguments } => {
                write!(f, "{function}(")?;
                for (i, argument) in arguments.iter().enumerate() {
                    if i > 0 {
                        f.write_str(",")?;
                    }
                    argument.write(f, 0)?;
                }
                f.write_str(")")
            }
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

impl fmt::Display for Assignments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [(name, only)] = self.0.as_slice()
            && name == UNNAMED_OUTPUT
        {
            let text = only.to_string();
            let name_first = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
            // Written alone, it would be read as a layout.
            let is_layout = Layout::ALL.iter().any(|layout| layout.name() == &text[..name_first]);
            return write!(f, "{}{text}", if is_layout { "out=" } else { "" });
        }
        for (i, (name, expr)) in self.0.iter().enumerate() {
            write!(f, "{}{name}={expr}", if i > 0 { ";" } else { "" })?;
        }
        Ok(())
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
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn expect(&mut self, wanted: char) -> Result<(), WorkloadError> {
        if self.take(wanted) { Ok(()) } else { Err(self.error(&format!("`{wanted}`"))) }
    }

    fn end(&mut self) -> Result<(), WorkloadError> {
        self.skip_spaces();
        if self.rest().is_empty() { Ok(()) } else { Err(self.error("an operator or the end")) }
    }

    fn error(&self, expected: &str) -> WorkloadError {
        bad(self.text, self.at, expected)
    }

    /// `name =`, when that is what comes next.
    fn output_name(&mut self) -> Option<String> {
        let start = self.at;
        let name = self.name()?;
        if self.take('=') {
            return Some(name);
        }
        self.at = start;
        None
    }

    fn name(&mut self) -> Option<String> {
        self.skip_spaces();
        let rest = self.rest();
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let name = rest[..length].to_owned();
        self.at += length;
        Some(name)
    }

    fn sum(&mut self) -> Result<Expr, WorkloadError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.error("at most 64 levels of nesting"));
        }
        let mut left = self.product()?;
        loop {
            let operator = match () {
                () if self.take('+') => Binary::Add,
                () if self.take('-') => Binary::Subtract,
                () => break,
            };
            left = Expr::Binary { operator, left: Box::new(left), right: Box::new(self.product()?) };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn product(&mut self) -> Result<Expr, WorkloadError> {
        let mut left = self.factor()?;
        loop {
            let operator = match () {
                () if self.take('*') => Binary::Multiply,
                () if self.take('/') => Binary::Divide,
                () => break,
            };
            left = Expr::Binary { operator, left: Box::new(left), right: Box::new(self.factor()?) };
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Expr, WorkloadError> {
        if self.take('-') {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(self.error("at most 64 levels of nesting"));
            }
            let inner = self.factor()?;
            self.depth -= 1;
            return Ok(Expr::Negate(Box::new(inner)));
        }
        if self.take('(') {
            let inner = self.sum()?;
            self.expect(')')?;
            return Ok(inner);
        }
        if let Some(name) = self.name() {
            return self.call_or_input(name);
        }
        self.number()
    }

    fn call_or_input(&mut self, name: String) -> Result<Expr, WorkloadError> {
        if self.take('(') {
            let mut arguments = vec![self.sum()?];
            while self.take(',') {
                arguments.push(self.sum()?);
            }
            self.expect(')')?;
            return Ok(Expr::Call { function: name, arguments });
        }
        if !self.take('[') {
            return Ok(Expr::Input { name, axes: None });
        }
        let mut axes = Vec::new();
        if !self.take(']') {
            loop {
                axes.push(self.name().ok_or_else(|| self.error("an axis name"))?);
                if !self.take(',') {
                    break;
                }
            }
            self.expect(']')?;
        }
        Ok(Expr::Input { name, axes: Some(axes) })
    }

    fn number(&mut self) -> Result<Expr, WorkloadError> {
        let rest = self.rest();
        let mut end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let exponent = &rest[end..];
        if end > 0 && exponent.starts_with('e') {
            let sign = usize::from(exponent[1..].starts_with(['-', '+']));
            let digits = exponent[1 + sign..].chars().take_while(char::is_ascii_digit).count();
            if digits > 0 {
                end += 1 + sign + digits;
            }
        }
        match rest[..end].parse::<f64>() {
            Ok(value) if value.abs() <= f64::from(f32::MAX) => {
                self.at += end;
                Ok(Expr::Number(value))
            }
            Ok(_) => Err(self.error("a number that fits f32")),
            Err(_) => Err(self.error("a number, an input, a function or `(`")),
        }
    }
}

fn bad(text: &str, at: usize, expected: &str) -> WorkloadError {
    WorkloadError::Expression { text: text.to_owned(), at: at + 1, expected: expected.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_print_in_their_canonical_form_and_parse_back() {
        let cases = [
            ("gelu(x*w[c]+b[c])", "gelu(x*w[c]+b[c])"),
            (" gelu( x * w[ c ] + b[c] ) ", "gelu(x*w[c]+b[c])"),
            ("out=x", "x"),
            ("z=x;y=z*2", "z=x;y=z*2"),
            ("a-(b-c)", "a-(b-c)"),
            ("(a-b)-c", "a-b-c"),
            ("(a+b)*c", "(a+b)*c"),
            ("a/(b*c)", "a/(b*c)"),
            ("-x*-y", "-x*-y"),
            ("-(x+y)", "-(x+y)"),
            ("max(x,0.5)", "max(x,0.5)"),
            ("x*1e-3", "x*0.001"),
            ("s[]*x[r,c]", "s[]*x[r,c]"),
        ];
        for (text, canonical) in cases {
            let parsed = Assignments::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(parsed.to_string(), canonical, "{text}");
            assert_eq!(Assignments::parse(canonical).unwrap(), parsed, "{text}");
        }
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let cases = [
            ("", "character 1"),
            ("x+", "character 3"),
            ("gelu(x", "expected `)`"),
            ("x[r,]", "an axis name"),
            ("x y", "an operator or the end"),
            ("y=x;y=x", "not `y` again"),
            ("1e99", "fits f32"),
            ("$x", "character 1"),
        ];
        for (text, message) in cases {
            let error = Assignments::parse(text).expect_err(text).to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
        assert!(Assignments::parse(&"(".repeat(5000)).is_err());
        assert!(Assignments::parse(&"-".repeat(5000)).is_err());
    }
}
