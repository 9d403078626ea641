//! Values and messages of expressions.

use super::*;

fn known() -> Names {
    names(&[
        ("n", 1000.into()),
        ("wx", 64.into()),
        ("zero", 0.into()),
        ("half", Value::Real(0.5)),
        ("huge", i64::MAX.into()),
        ("order", "rows".into()),
    ])
}

#[test]
fn whole_numbers() {
    let cases: &[(&str, i64)] = &[
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 4 - 3", 3),
        ("7 // 2", 3),
        ("-7 // 2", -4),
        ("7 // -2", -4),
        ("7 % 3", 1),
        ("-7 % 2", 1),
        ("7 % -2", -1),
        ("8 / 2", 4),
        ("2 ** 10", 1024),
        ("2 ** -1 * 4", 2),
        ("-(2 ** 2)", -4),
        ("(-2) ** 2", 4),
        ("2 ** (3 ** 2)", 512),
        ("- - 3", 3),
        ("0x10 + 1e3", 1016),
        ("n * half", 500),
        ("ceil_div(n, wx)", 16),
        ("ceil_div(-7, 2)", -3),
        ("ceil_div(7, -2)", -3),
        ("ceil_div(-7, -2)", 4),
        ("ceil_div(8.0, 2)", 4),
        ("round_up(n, wx)", 1024),
        ("round_up(-7, 4)", -4),
        ("round_up(8, 4)", 8),
        ("min(3, 1, 2)", 1),
        ("max(3, 1.0, 2)", 3),
        ("abs(-3)", 3),
        ("log2(1)", 0),
        ("log2(1023)", 9),
        ("log2(1024)", 10),
        ("int(-2.7)", -2),
        ("int(n > 5)", 1),
        ("1 if n > 5 else 2", 1),
        ("1 if zero else 2 if wx == 64 else 3", 2),
        ("zero or wx", 64),
        ("zero and wx", 0),
        ("huge * huge // huge", i64::MAX),
        ("(\n n\r\n + 1 )", 1001),
        ("true + true", 2),
        ("(n > 1) * 4", 4),
    ];
    report(
        cases
            .iter()
            .filter_map(|(text, expected)| {
                let value = Expression::parse(text).and_then(|expression| expression.whole(&known()));
                (value.as_ref() != Ok(expected)).then(|| format!("{text}: {value:?}, expected {expected}"))
            })
            .collect(),
    );
}

#[test]
fn real_numbers() {
    let cases: &[(&str, f64)] = &[
        ("7 / 2", 3.5),
        ("n", 1000.0),
        ("2 ** -1", 0.5),
        ("7.5 // 2", 3.0),
        ("-7.5 % 2", 0.5),
        ("2 ** 0.5", std::f64::consts::SQRT_2),
        ("abs(-0.25)", 0.25),
        ("min(half, 1)", 0.5),
        ("2 * n / 1e9", 2e-6),
    ];
    report(
        cases
            .iter()
            .filter_map(|(text, expected)| {
                let value = Expression::parse(text).and_then(|expression| expression.real(&known()));
                (value.as_ref() != Ok(expected)).then(|| format!("{text}: {value:?}, expected {expected}"))
            })
            .collect(),
    );
}

#[test]
fn conditions() {
    let cases: &[(&str, bool)] = &[
        ("1 < 3 < 5", true),
        ("1 < 7 < 5", false),
        ("5 > wx", false),
        ("n % 8 == 0 and wx <= 64", true),
        ("not zero", true),
        ("not n == 1000", false),
        ("zero or half", true),
        ("wx in [32, 64]", true),
        ("wx not in [32, 64.0]", false),
        ("order == 'rows'", true),
        ("order != \"rows\"", false),
        ("order in ['columns', \"rows\"]", true),
        ("('a' if zero else order) == 'rows'", true),
        ("is_power_of_two(wx)", true),
        ("is_power_of_two(0)", false),
        ("is_power_of_two(-4)", false),
        ("True and not False", true),
        ("1 == 1.0", true),
        ("(1 < 2) == 1", true),
        ("(1 < 2) + 1 > 1", true),
        ("n", true),
        ("zero", false),
    ];
    report(
        cases
            .iter()
            .filter_map(|(text, expected)| {
                let value = Expression::parse(text).and_then(|expression| expression.holds(&known()));
                (value.as_ref() != Ok(expected)).then(|| format!("{text}: {value:?}, expected {expected}"))
            })
            .collect(),
    );
}

#[test]
fn reads_are_exact() {
    let cases: &[(&str, &str)] = &[
        ("1 + 2", ""),
        ("max(n, wx) * n", "n wx"),
        ("a if b else c", "a b c"),
        ("x in [y, 'z']", "x y"),
        ("true and not False", ""),
        ("ifx + order2", "ifx order2"),
    ];
    report(
        cases
            .iter()
            .filter_map(|(text, expected)| {
                let reads = Expression::parse(text).unwrap().reads().iter().cloned().collect::<Vec<_>>().join(" ");
                (reads != *expected).then(|| format!("{text}: {reads}, expected {expected}"))
            })
            .collect(),
    );
}

/// The text, the part that the message points to, a piece of the message.
#[test]
fn what_cannot_be_read_is_explained() {
    let cases: &[(&str, &str, &str)] = &[
        ("", "", "expected a value, found the end"),
        ("1 +", "", "expected a value, found the end"),
        ("1 2", "2", "expected an operator or the end, found `2`"),
        ("a b", "b", "expected an operator or the end, found `b`"),
        ("(1 + 2", "(", "`(` is not closed; write `)`"),
        ("1 + 2)", ")", "`)` closes nothing"),
        ("(1]", "(", "`(` is not closed"),
        ("()", ")", "expected a value, found `)`"),
        ("(1, 2)", ",", "expected `)`, found `,`"),
        ("[1, 2]", "[", "a list can only follow `in`"),
        ("x in (1, 2)", "(", "expected a list such as `[1, 2, 4]`, found `(`"),
        ("x in y", "y", "expected a list"),
        ("x in []", "]", "expected a value"),
        ("x[0]", "[", "nothing can be indexed"),
        ("x.y", ".", "there are no attributes"),
        ("x|abs", "|", "there are no filters"),
        ("x ~ y", "~", "texts cannot be joined"),
        ("x is odd", "is", "there are no `is` tests"),
        ("x = 3", "=", "write `==` to compare"),
        ("a && b", "&&", "write `and`"),
        ("a || b", "||", "write `or`"),
        ("!a", "!", "write `not`"),
        ("a & 1", "&", "there are no operations on bits"),
        ("a ^ 2", "^", "a power is `a ** b`"),
        ("1 << 2", "<<", "write `* 2 ** n`"),
        ("a ? b : c", "?", "write `a if condition else b`"),
        ("{1: 2}", "{", "there are no maps"),
        ("+1", "+", "there is no `+` before a value"),
        ("-a ** 2", "**", "write `-(a ** b)`"),
        ("a ** b ** c", "**", "write `a ** (b ** c)`"),
        ("a if b", "if", "has no `else`"),
        ("1 < x in [2]", "in", "into brackets"),
        ("16u", "16u", "`16u` is no number"),
        ("1.2.3", "1.2.3", "is no number"),
        (".5", ".", "a number begins and ends with a digit"),
        ("9223372036854775808", "9223372036854775808", "too large"),
        ("0x", "0x", "too large"),
        ("1e999", "1e999", "too large"),
        ("'abc", "'abc", "does not end; close it with '"),
        ("'a\\n'", "\\", "texts have no escapes"),
        ("a € b", "€", "has no meaning here"),
        ("sqrt(2)", "sqrt", "there is no function `sqrt`; known are min, max"),
        ("range(3) == 3", "range", "can only follow the `in` of a `for` tag"),
        ("min + 1", "min", "`min` is a function"),
        ("min(1)", "min", "`min` takes 2 or more arguments, not 1"),
        ("ceil_div(1, 2, 3)", "ceil_div", "`ceil_div` takes 2 arguments, not 3"),
        ("log2()", "log2", "`log2` takes 1 argument, not 0"),
        ("min(a, b", "(", "`(` is not closed"),
        ("min(a b)", "b", "expected `,` or `)`"),
        ("none == 1", "none", "expected a value, found `none`"),
        ("loop", "loop", "expected a value, found `loop`"),
        ("a == not b", "not", "expected a value"),
        ("'a' * 1000000000", "'a'", "this text is used as a number"),
        ("('a' if b else 'c') + 'd'", "'a'", "this text is used as a number"),
        ("1 if 'a' else 2", "'a'", "this text is used as a number"),
        ("'a' < order", "'a'", "this text is used as a number"),
        ("1 + ((1 < n) < 2)", "1", "true or false, which have no order"),
        ("true < 2", "true", "true or false, which have no order"),
        ("(not wx) >= n", "wx", "true or false, which have no order"),
        ("max('a', 'b')", "'a'", "this text is used as a number"),
    ];
    report(
        cases
            .iter()
            .filter_map(|(text, place, why)| match Expression::parse(text) {
                Ok(_) => Some(format!("{text} was read")),
                Err(error) => differs(text, &error, place, why),
            })
            .collect(),
    );
}

#[test]
fn what_cannot_be_calculated_is_explained() {
    let cases: &[(&str, &str, &str)] = &[
        ("1 + n // zero", "n // zero", "`1000 // 0` divides by zero"),
        ("n / zero", "n / zero", "divides by zero"),
        ("n % (zero * 1.0)", "n % (zero * 1.0)", "divides by zero"),
        ("1 // 0", "1 // 0", "divides by zero"),
        ("1 + 0 ** -1", "0 ** -1", "divides by zero"),
        ("1 +\n n //\n zero", "n //\n zero", "divides by zero"),
        ("ceil_div(n, zero)", "ceil_div(n, zero)", "`ceil_div(1000, 0)` divides by zero"),
        ("1 + huge * huge * huge", "huge * huge * huge", "is too large; whole numbers end at 2^127"),
        ("2 ** 1000", "2 ** 1000", "is too large"),
        ("huge + 1", "huge + 1", "the result 9223372036854775808 is too large"),
        ("1e300", "1e300", "is too large; it must be below 2^63"),
        ("1e19", "1e19", "is too large"),
        ("1e300 * 1e300", "1e300 * 1e300", "is too large"),
        ("n / 3", "n / 3", "not a whole number; divide with `//` or `ceil_div(a, b)`"),
        ("log2(zero)", "log2(zero)", "`log2(0)` does not exist"),
        ("log2(half)", "log2(half)", "`log2` takes whole numbers, not 0.5"),
        ("round_up(n, zero)", "round_up(n, zero)", "has no multiple above 0"),
        ("abs(n > 1)", "abs(n > 1)", "`abs` takes numbers, not True"),
        ("1 + -(n > 1)", "-(n > 1)", "true or false, not a number"),
        ("n > 1", "n > 1", "the result is True, not a number; write `1 if .. else 0`"),
        ("order", "order", "the result is the text `rows`, not a number"),
        ("2 * order", "order", "`order` is the text `rows` and is used as a number here"),
        ("2 * (order if n else 1)", "order", "is used as a number here"),
        ("n * missing", "missing", "`missing` has no value"),
    ];
    report(
        cases
            .iter()
            .filter_map(|(text, place, why)| match Expression::parse(text).and_then(|e| e.whole(&known())) {
                Ok(value) => Some(format!("{text} is {value}")),
                Err(error) => differs(text, &error, place, why),
            })
            .collect(),
    );
    let infinite = Expression::parse("1e300 * 1e300").unwrap().real(&known()).unwrap_err();
    assert!(infinite.why.contains("not a finite number"), "{infinite}");
    let undefined = Expression::parse("1e300 * 1e300 - 1e300 * 1e300").unwrap().holds(&known()).unwrap_err();
    assert!(undefined.why.contains("not a finite number"), "{undefined}");
    let text = Expression::parse("order").unwrap().holds(&known()).unwrap_err();
    assert!(text.why.contains("not a condition"), "{text}");
}
