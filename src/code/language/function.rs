//! The functions of expressions.

use std::cmp::Ordering;
use std::sync::LazyLock;

use minijinja::value::{Rest, ValueKind};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};

/// Steps of minijinja that one evaluation may take: far more than what an expression of the longest kind needs.
const EXPRESSION_STEPS: u64 = 10_000;

/// The most values that a `range` may have.
const LONGEST_RANGE: i128 = 65_536;

/// A function of expressions.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// How it is called.
    pub name: &'static str,
    /// The fewest arguments.
    pub least: usize,
    /// The most arguments.
    pub most: usize,
    /// What it gives.
    pub about: &'static str,
}

const fn function(name: &'static str, least: usize, most: usize, about: &'static str) -> Function {
    Function { name, least, most, about }
}

/// Every function.
pub const FUNCTIONS: &[Function] = &[
    function("min", 2, usize::MAX, "the smallest of its arguments"),
    function("max", 2, usize::MAX, "the largest of its arguments"),
    function("abs", 1, 1, "a number without its sign"),
    function("ceil_div", 2, 2, "the quotient of two whole numbers, rounded up"),
    function("round_up", 2, 2, "the next multiple of the second number that is not below the first, both whole"),
    function("log2", 1, 1, "the base-2 logarithm of a whole number above 0, rounded down"),
    function("is_power_of_two", 1, 1, "whether a whole number is 1, 2, 4, 8 and so on"),
    function("int", 1, 1, "a number without its fraction"),
];

impl Function {
    /// How many arguments it takes, as a clause.
    pub(super) fn arity(&self) -> String {
        let Self { name, least, most, .. } = *self;
        match (least, most) {
            (1, 1) => format!("`{name}` takes 1 argument"),
            (least, most) if least == most => format!("`{name}` takes {least} arguments"),
            (least, usize::MAX) => format!("`{name}` takes {least} or more arguments"),
            (least, most) => format!("`{name}` takes {least} to {most} arguments"),
        }
    }
}

/// What expressions are compiled for: the functions, and nothing that minijinja brings along.
pub(super) static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // Errors would carry copies of the source.
    environment.set_debug(false);
    environment.set_fuel(Some(EXPRESSION_STEPS));
    environment.add_function("min", |values: Rest<Value>| extreme("min", &values, Ordering::Less));
    environment.add_function("max", |values: Rest<Value>| extreme("max", &values, Ordering::Greater));
    environment.add_function("abs", |value: Value| absolute(&value));
    environment.add_function("ceil_div", |a: Value, b: Value| ceil_div(&a, &b));
    environment.add_function("round_up", |a: Value, multiple: Value| round_up(&a, &multiple));
    environment.add_function("log2", |value: Value| log2(&value));
    environment.add_function("is_power_of_two", |value: Value| is_power_of_two(&value));
    environment.add_function("int", |value: Value| int(&value));
    environment
});

type Result<T> = std::result::Result<T, Error>;

/// A number of minijinja.
pub(super) enum Number {
    Whole(i128),
    Real(f64),
}

impl Number {
    /// `None` for what is no number, as texts and truth values.
    pub fn of(value: &Value) -> Option<Self> {
        if value.is_integer() {
            i128::try_from(value.clone()).ok().map(Self::Whole)
        } else if value.kind() == ValueKind::Number {
            f64::try_from(value.clone()).ok().map(Self::Real)
        } else {
            None
        }
    }

    /// The nearest real number.
    pub fn real(&self) -> f64 {
        match *self {
            Self::Whole(value) => value as f64,
            Self::Real(value) => value,
        }
    }

    /// The number, if it has no fraction.
    pub fn whole(&self) -> Option<i128> {
        match *self {
            Self::Whole(value) => Some(value),
            // Below 2^127 the cast is exact.
            Self::Real(value) => (value.fract() == 0.0 && value.abs() < 2f64.powi(127)).then_some(value as i128),
        }
    }
}

fn error(why: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, why)
}

fn number(function: &str, value: &Value) -> Result<Number> {
    Number::of(value).ok_or_else(|| error(format!("`{function}` takes numbers, not {value}; write `1 if .. else 0`")))
}

fn whole(function: &str, value: &Value) -> Result<i128> {
    let number = number(function, value)?;
    number.whole().ok_or_else(|| {
        error(format!("`{function}` takes whole numbers, not {value}; divide with `//`, or round with `int`"))
    })
}

fn too_large(function: &str) -> Error {
    error(format!("the result of `{function}` is too large; whole numbers end at 2^127"))
}

fn extreme(function: &str, values: &[Value], wanted: Ordering) -> Result<Value> {
    for value in values {
        number(function, value)?;
    }
    let mut best = values.first().ok_or_else(|| error(format!("`{function}` takes 2 or more arguments")))?;
    for value in values {
        if value.cmp(best) == wanted {
            best = value;
        }
    }
    Ok(best.clone())
}

fn absolute(value: &Value) -> Result<Value> {
    match number("abs", value)? {
        Number::Whole(value) => value.checked_abs().map(Value::from).ok_or_else(|| too_large("abs")),
        Number::Real(value) => Ok(Value::from(value.abs())),
    }
}

fn ceil_div(a: &Value, b: &Value) -> Result<Value> {
    let (numerator, denominator) = (whole("ceil_div", a)?, whole("ceil_div", b)?);
    if denominator == 0 {
        return Err(error(format!("`ceil_div({a}, 0)` divides by zero; exclude that value or choose with `if`")));
    }
    let (quotient, rest) = match (numerator.checked_div(denominator), numerator.checked_rem(denominator)) {
        (Some(quotient), Some(rest)) => (quotient, rest),
        _ => return Err(too_large("ceil_div")),
    };
    let is_below = rest != 0 && (rest > 0) == (denominator > 0);
    Ok(Value::from(quotient + i128::from(is_below)))
}

fn round_up(a: &Value, multiple: &Value) -> Result<Value> {
    let (value, multiple) = (whole("round_up", a)?, whole("round_up", multiple)?);
    if multiple <= 0 {
        return Err(error(format!("`round_up({value}, {multiple})` has no multiple above 0; give it one")));
    }
    let missing = (multiple - value.rem_euclid(multiple)) % multiple;
    value.checked_add(missing).map(Value::from).ok_or_else(|| too_large("round_up"))
}

fn log2(value: &Value) -> Result<Value> {
    let value = whole("log2", value)?;
    let log = value.checked_ilog2();
    log.map(Value::from).ok_or_else(|| error(format!("`log2({value})` does not exist; only numbers above 0 have one")))
}

fn is_power_of_two(value: &Value) -> Result<Value> {
    let value = whole("is_power_of_two", value)?;
    Ok(Value::from(u128::try_from(value).is_ok_and(u128::is_power_of_two)))
}

fn int(value: &Value) -> Result<Value> {
    if value.kind() == ValueKind::Bool {
        return Ok(Value::from(i64::from(value.is_true())));
    }
    let truncated = match number("int", value)? {
        Number::Whole(value) => Some(value),
        Number::Real(value) => Number::Real(value.trunc()).whole(),
    };
    truncated.map(Value::from).ok_or_else(|| too_large("int"))
}

/// The values that `range` goes through in a template: from 0 or the first number, to before the next, in steps.
pub(super) fn range(numbers: Rest<Value>) -> Result<Value> {
    let numbers = numbers.iter().map(|number| whole("range", number)).collect::<Result<Vec<i128>>>()?;
    let (first, end, step) = match *numbers {
        [end] => (0, end, 1),
        [first, end] => (first, end, 1),
        [first, end, step] => (first, end, step),
        _ => return Err(error("`range` takes 1 to 3 arguments".to_owned())),
    };
    if step == 0 {
        return Err(error("the step of a `range` is 0; write another".to_owned()));
    }
    let distance = end.checked_sub(first).ok_or_else(|| too_large("range"))?;
    let count = if (distance > 0) == (step > 0) { distance.unsigned_abs().div_ceil(step.unsigned_abs()) } else { 0 };
    let count = i128::try_from(count).ok().filter(|&count| count <= LONGEST_RANGE);
    let count = count.ok_or_else(|| {
        error(format!("a `range` from {first} to {end} has more than {LONGEST_RANGE} values; shorten it"))
    })?;
    Ok(Value::make_iterable(move || (0..count).map(move |index| Value::from(first + index * step))))
}
