//! Expressions of kernel files, compiled once and evaluated many times.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use minijinja::Value;

use super::bind::Reads;
use super::explain::{explain, not_finite};
use super::facts::Facts;
use super::function::{ENVIRONMENT, Number};
use super::grammar::Grammar;
use super::token::words;
use super::{LanguageError, Lookup};

/// The longest text of an expression, in bytes.
const LONGEST: usize = 4096;

/// A checked expression: see [the module](super) for what it can say.
///
/// ```
/// use wgtune::code::language::{Expression, Names};
///
/// let groups = Expression::parse("ceil_div(n, wx * 4)")?;
/// let names = Names::from([("n".to_owned(), 1000.into()), ("wx".to_owned(), 64.into())]);
/// assert_eq!(groups.whole(&names)?, 4);
/// # Ok::<(), wgtune::code::language::LanguageError>(())
/// ```
#[derive(Clone)]
pub struct Expression {
    text: String,
    reads: Reads,
    compiled: Arc<minijinja::Expression<'static, 'static>>,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is not in the language, with its place.
    pub fn parse(text: &str) -> Result<Self, LanguageError> {
        if text.len() > LONGEST {
            let why = format!("this expression has {} bytes; {LONGEST} are the most", text.len());
            return Err(LanguageError::new(0..text.len(), why));
        }
        let words = words(text, 0, None)?;
        let mut facts = Facts::default();
        Grammar::new(&words, 0, &mut facts).expression()?;
        let compiled = ENVIRONMENT.compile_expression_owned(on_one_line(text));
        let compiled = compiled.map_err(|error| located(&error, text))?;
        Ok(Self { text: text.to_owned(), reads: Reads::new(&facts), compiled: Arc::new(compiled) })
    }

    /// What was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names whose values it needs.
    pub fn reads(&self) -> &BTreeSet<String> {
        self.reads.names()
    }

    /// Its value as a whole number; a real one without a fraction is one.
    ///
    /// # Errors
    /// When a name has no value or a text where a number is needed, when the result cannot be calculated, is not whole or
    /// needs more than 64 bits.
    pub fn whole(&self, names: &dyn Lookup) -> Result<i64, LanguageError> {
        let value = self.evaluate(names)?;
        let number = self.number(&value)?;
        match number.whole().map(i64::try_from) {
            Some(Ok(whole)) => Ok(whole),
            None if number.real().abs() < 2f64.powi(63) => {
                let why = format!("the result is {value}, not a whole number; divide with `//` or `ceil_div(a, b)`");
                Err(self.error(why))
            }
            _ => Err(self.error(format!("the result {value} is too large; it must be below 2^63"))),
        }
    }

    /// Its value as a real number.
    ///
    /// # Errors
    /// As [`Expression::whole`], or when the result is not finite.
    pub fn real(&self, names: &dyn Lookup) -> Result<f64, LanguageError> {
        let value = self.evaluate(names)?;
        let real = self.number(&value)?.real();
        real.is_finite().then_some(real).ok_or_else(|| self.error(not_finite(&value)))
    }

    /// Whether it holds: a number does when it is not 0.
    ///
    /// # Errors
    /// When a name has no value or a text where a number is needed, or when the result cannot be calculated, is a text or
    /// is not finite.
    pub fn holds(&self, names: &dyn Lookup) -> Result<bool, LanguageError> {
        let value = self.evaluate(names)?;
        let is_finite = || Number::of(&value).is_none_or(|number| number.real().is_finite());
        match value.as_str() {
            Some(text) => {
                Err(self.error(format!("the result is the text `{text}`, not a condition; compare it with `==`")))
            }
            None if is_finite() => Ok(value.is_true()),
            None => Err(self.error(not_finite(&value))),
        }
    }

    fn evaluate(&self, names: &dyn Lookup) -> Result<Value, LanguageError> {
        let bound = self.reads.bind(names)?;
        self.compiled.eval(bound).map_err(|error| located(&error, &self.text))
    }

    fn number(&self, value: &Value) -> Result<Number, LanguageError> {
        Number::of(value).ok_or_else(|| {
            let why = match value.as_str() {
                Some(text) => format!("the result is the text `{text}`, not a number; choose numbers instead"),
                None => format!("the result is {value}, not a number; write `1 if .. else 0`"),
            };
            self.error(why)
        })
    }

    fn error(&self, why: String) -> LanguageError {
        LanguageError::new(0..self.text.len(), why)
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.text).finish()
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// The text with spaces for line breaks: minijinja loses the places of what goes over several lines.
pub(super) fn on_one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

fn located(error: &minijinja::Error, text: &str) -> LanguageError {
    let at = error.range().filter(|range| range.start < range.end && range.end <= text.len());
    LanguageError::new(at.unwrap_or(0..text.len()), explain(error))
}
