//! Which values are positive whatever the inputs are: divisors and roots of these are defined on all contents.

use crate::workload::{Binary, Expr};

/// Whether a value is above zero for all inputs, as far as its text tells.
pub(super) fn is_positive(expr: &Expr) -> bool {
    match expr {
        Expr::Number(value) => *value > 0.0,
        Expr::Input { .. } | Expr::Negate(_) => false,
        Expr::Binary { operator: Binary::Add, left, right } => {
            is_positive(left) && is_at_least_zero(right) || is_at_least_zero(left) && is_positive(right)
        }
        Expr::Binary { operator: Binary::Multiply | Binary::Divide, left, right } => {
            is_positive(left) && is_positive(right)
        }
        Expr::Binary { operator: Binary::Subtract, .. } => false,
        Expr::Call { function, arguments } => match function.as_str() {
            "exp" | "sigmoid" => true,
            "max" => arguments.iter().any(is_positive),
            "sum" | "mean" | "amax" | "amin" | "sqrt" | "rsqrt" | "abs" | "relu" | "min" => {
                arguments.iter().all(is_positive)
            }
            _ => false,
        },
    }
}

/// Whether a value is zero or above for all inputs, as far as its text tells.
pub(super) fn is_at_least_zero(expr: &Expr) -> bool {
    match expr {
        Expr::Number(value) => *value >= 0.0,
        Expr::Binary { operator: Binary::Multiply, left, right } if left == right => true,
        Expr::Binary { operator: Binary::Add | Binary::Multiply, left, right } => {
            is_at_least_zero(left) && is_at_least_zero(right)
        }
        Expr::Binary { operator: Binary::Divide, left, right } => is_at_least_zero(left) && is_positive(right),
        Expr::Call { function, arguments } => match function.as_str() {
            "abs" | "relu" | "sqrt" => true,
            "max" => arguments.iter().any(is_at_least_zero),
            "sum" | "mean" | "amax" | "amin" | "min" => arguments.iter().all(is_at_least_zero),
            _ => is_positive(expr),
        },
        _ => is_positive(expr),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_divisors_of_softmax_and_norms_are_positive() {
        let cases = [
            ("sum(exp(x-amax(x)))", true),
            ("sqrt(mean((x-mean(x))*(x-mean(x)))+0.00001)", true),
            ("mean(x*x)", false),
            ("mean(x*y)+1", false),
            ("x", false),
            ("1+exp(-x)", true),
            ("max(amax(abs(x)),0.001)", true),
            ("1-sigmoid(x)", false),
            ("2/exp(x)", true),
            ("-exp(x)", false),
        ];
        for (text, positive) in cases {
            assert_eq!(is_positive(&Expr::parse(text).unwrap()), positive, "{text}");
        }
        assert!(is_at_least_zero(&Expr::parse("mean((x-y)*(x-y))").unwrap()));
        assert!(!is_at_least_zero(&Expr::parse("mean(x*x)-mean(x)").unwrap()));
    }
}
