//! Grid and size formulas over shape symbols, such as `ceil(n/64)*b`: text that a pack can carry.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::workload::{Binary, Expr, WorkloadError};

/// Sizes by name: the numbers that a kernel's uniform block and its formulas are made from.
pub type Symbols = BTreeMap<String, u64>;

/// An expression of whole numbers: symbols, constants, `+`, `-`, `*`, `/` (rounded down) and `ceil(a/b)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula(Expr);

impl Formula {
    /// The value for these symbols; `None` when a symbol is missing, a divisor is zero, or it overflows.
    pub fn eval(&self, symbols: &Symbols) -> Option<u64> {
        eval(&self.0, symbols)
    }
}

impl From<u64> for Formula {
    fn from(value: u64) -> Self {
        Self(Expr::Number(value as f64))
    }
}

fn eval(expr: &Expr, symbols: &Symbols) -> Option<u64> {
    match expr {
        Expr::Number(value) => Some(*value as u64),
        Expr::Input { name, .. } => symbols.get(name).copied(),
        Expr::Negate(_) => None,
        Expr::Binary { operator, left, right } => {
            let (left, right) = (eval(left, symbols)?, eval(right, symbols)?);
            match operator {
                Binary::Add => left.checked_add(right),
                Binary::Subtract => left.checked_sub(right),
                Binary::Multiply => left.checked_mul(right),
                Binary::Divide => left.checked_div(right),
            }
        }
        Expr::Call { arguments, .. } => match arguments.as_slice() {
            [Expr::Binary { operator: Binary::Divide, left, right }] => {
                let (left, right) = (eval(left, symbols)?, eval(right, symbols)?);
                (right != 0).then(|| left.div_ceil(right))
            }
            _ => None,
        },
    }
}

/// What a formula may contain, said when something else was found.
const ALLOWED: &str = "whole numbers, symbols, `+ - * /` and `ceil(a/b)`";

impl FromStr for Formula {
    type Err = WorkloadError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expr = Expr::parse(text)?;
        let mut allowed = true;
        expr.walk(&mut |e| {
            allowed &= match e {
                Expr::Number(value) => value.fract() == 0.0,
                Expr::Input { axes, .. } => axes.is_none(),
                Expr::Negate(_) => false,
                Expr::Binary { .. } => true,
                Expr::Call { function, arguments } => {
                    function == "ceil"
                        && matches!(arguments.as_slice(), [Expr::Binary { operator: Binary::Divide, .. }])
                }
            };
        });
        if allowed {
            return Ok(Self(expr));
        }
        Err(WorkloadError::Expression { text: text.to_owned(), at: 1, expected: ALLOWED.to_owned() })
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
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

#[cfg(test)]
mod tests {
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
            ("q", None),
            ("n*n*n*n*n*n*n*n*n*n", None),
        ];
        for (text, want) in cases {
            let formula: Formula = text.parse().unwrap();
            assert_eq!(formula.eval(&symbols), want, "{text}");
            assert_eq!(formula.to_string(), text);
        }
        for text in ["-n", "1.5", "sqrt(n)", "n[b]", "ceil(n)"] {
            assert!(text.parse::<Formula>().is_err(), "{text}");
        }
    }
}
