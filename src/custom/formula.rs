//! Expressions of a description, each with its place in the file.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use toml::{Spanned, Value};

use super::problem::{Checked, Problem, Source};
use crate::code::language::{Expression, LanguageError, Lookup};

/// An expression whose names are all known.
#[derive(Clone, Debug)]
pub struct Formula {
    expression: Expression,
    place: Place,
}

/// Where a text of the user is.
#[derive(Clone, Debug)]
pub struct Place {
    source: Arc<Source>,
    at: Range<usize>,
}

/// The names that an expression may use, in words.
pub struct Scope<'a> {
    /// All of them.
    pub names: &'a BTreeSet<String>,
    /// What they are, such as `a size or a parameter`.
    pub what: &'a str,
}

impl Place {
    /// Of a spanned part of a text.
    pub fn of<T>(source: &Arc<Source>, spanned: &Spanned<T>) -> Self {
        Self { source: source.clone(), at: spanned.span() }
    }

    /// What is wrong here.
    pub fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(message).at(&self.source, self.at.clone(), "")
    }

    /// What is wrong with a part of the text that is here, as the language says it.
    fn language_problem(&self, text: &str, error: &LanguageError) -> Problem {
        // Within a quoted string without escapes the place is exact.
        let inner = self.at.start + 1..self.at.end.saturating_sub(1);
        let is_plain = self.source.text.get(inner.clone()) == Some(text);
        let at = if is_plain { inner.start + error.at.start..inner.start + error.at.end } else { self.at.clone() };
        Problem::new(error.why.clone()).at(&self.source, at, "")
    }
}

impl Formula {
    /// Reads a number or a text with an expression.
    pub fn read(source: &Arc<Source>, value: &Spanned<Value>, scope: &Scope) -> Checked<Self> {
        let place = Place::of(source, value);
        match value.get_ref() {
            Value::String(text) => Self::parse(text, place, scope),
            Value::Integer(number) => Self::parse(&number.to_string(), place, scope),
            Value::Float(number) => Self::parse(&format!("{number:?}"), place, scope),
            other => {
                let found = other.type_str();
                Err(place.problem(format!("expected a number or an expression in quotes, found {found}")))
            }
        }
    }

    /// Reads a text that is an expression.
    pub fn text(source: &Arc<Source>, text: &Spanned<String>, scope: &Scope) -> Checked<Self> {
        Self::parse(text.get_ref(), Place::of(source, text), scope)
    }

    fn parse(text: &str, place: Place, scope: &Scope) -> Checked<Self> {
        let expression = Expression::parse(text).map_err(|error| place.language_problem(text, &error))?;
        if let Some(unknown) = expression.reads().iter().find(|name| !scope.names.contains(*name)) {
            let known: Vec<&str> = scope.names.iter().map(String::as_str).collect();
            let problem = place.problem(format!("`{unknown}` is not {}", scope.what));
            return Err(problem.help(format!("there are: {}", known.join(", "))));
        }
        Ok(Self { expression, place })
    }

    /// The bytes of the file that it is in.
    pub fn span(&self) -> Range<usize> {
        self.place.at.clone()
    }

    /// The expression itself.
    pub fn expression(&self) -> &Expression {
        &self.expression
    }

    /// The same problem, shown here.
    pub fn in_problem(&self, problem: Problem) -> Problem {
        problem.or_at(&self.place.source, self.place.at.clone())
    }

    /// What is wrong with it.
    pub fn problem(&self, message: impl Into<String>) -> Problem {
        self.place.problem(message)
    }

    /// Its value as a whole number from `least` to `most`; `what` begins the message where it is not.
    pub fn whole(&self, names: &dyn Lookup, what: &str, least: u64, most: u64) -> Checked<u64> {
        let value = self.expression.whole(names).map_err(|error| self.failed(&error, names))?;
        let fits = u64::try_from(value).ok().filter(|value| (least..=most).contains(value));
        fits.ok_or_else(|| {
            let problem = self.problem(format!("{what} is {value}, and must be from {least} to {most}"));
            self.with_values(problem, names)
        })
    }

    /// Its value as a whole number of either sign.
    pub fn signed(&self, names: &dyn Lookup) -> Checked<i128> {
        self.expression.whole(names).map(i128::from).map_err(|error| self.failed(&error, names))
    }

    /// Its value as a real number.
    pub fn real(&self, names: &dyn Lookup) -> Checked<f64> {
        self.expression.real(names).map_err(|error| self.failed(&error, names))
    }

    /// Whether it is true.
    pub fn holds(&self, names: &dyn Lookup) -> Checked<bool> {
        self.expression.holds(names).map_err(|error| self.failed(&error, names))
    }

    fn failed(&self, error: &LanguageError, names: &dyn Lookup) -> Problem {
        self.with_values(self.place.language_problem(self.expression.text(), error), names)
    }

    /// Adds the values of the names that it reads.
    fn with_values(&self, problem: Problem, names: &dyn Lookup) -> Problem {
        let values = self.expression.reads().iter();
        let values: Vec<String> =
            values.filter_map(|name| names.value(name).map(|value| format!("{name} = {value}"))).collect();
        if values.is_empty() { problem } else { problem.help(format!("with {}", values.join(", "))) }
    }
}
