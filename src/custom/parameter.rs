//! The parameters of a description: their values, and where to begin.

use std::sync::Arc;

use toml::{Spanned, Value as Toml};

use super::description::Parameter;
use super::formula::Place;
use super::problem::{Checked, Problem, Source};
use crate::space::Value;

/// A parameter with its values.
#[derive(Clone, Debug)]
pub struct Choices {
    /// Its name.
    pub name: String,
    /// One line for people.
    pub about: String,
    /// In the order of the description, none twice and all of one kind.
    pub values: Vec<Value>,
    /// Where to begin.
    pub default: Value,
    /// Where it is described.
    pub(super) place: Place,
}

/// Most values of one parameter.
const MOST_VALUES: usize = 4096;

impl Choices {
    /// Reads one parameter.
    pub fn read(source: &Arc<Source>, name: &Spanned<String>, parameter: &Parameter) -> Checked<Self> {
        let here = Place::of(source, name);
        let values = match (&parameter.values, &parameter.range, &parameter.powers_of_two) {
            (Some(list), None, None) => listed(source, list)?,
            (None, Some(range), None) => ranged(source, range)?,
            (None, None, Some(powers)) => powers_of_two(source, powers)?,
            _ => {
                let problem = here.problem(format!("`{name}` needs its values said in one way", name = name.get_ref()));
                let advice = "write one of: values = [1, 2, 4], range = [1, 9] or powers_of_two = [1, 256]";
                return Err(problem.help(advice));
            }
        };
        let place = match (&parameter.values, &parameter.range, &parameter.powers_of_two) {
            (Some(list), ..) => Place::of(source, list),
            (_, Some(range), _) => Place::of(source, range),
            (.., powers) => powers.as_ref().map_or(here, |powers| Place::of(source, powers)),
        };
        refuse_odd(name.get_ref(), &values).map_err(|(message, help)| place.problem(message).help(help))?;
        let default = match &parameter.default {
            None => values[0].clone(),
            Some(default) => self::default(source, name.get_ref(), default, &values)?,
        };
        Ok(Self {
            place: Place::of(source, name),
            name: name.get_ref().clone(),
            about: parameter.about.clone(),
            values,
            default,
        })
    }
}

fn listed(source: &Arc<Source>, list: &Spanned<Vec<Toml>>) -> Checked<Vec<Value>> {
    list.get_ref().iter().map(value).collect::<Option<_>>().ok_or_else(|| not_a_value(&Place::of(source, list)))
}

fn not_a_value(place: &Place) -> Problem {
    place.problem("a value must be a number, a text or a truth value").help("write such as values = [1, 2, 4]")
}

/// Truth values are 1 and 0.
fn value(value: &Toml) -> Option<Value> {
    match value {
        Toml::Integer(number) => Some(Value::Int(*number)),
        Toml::Boolean(truth) => Some(Value::Int(i64::from(*truth))),
        Toml::Float(number) if number.is_finite() => Some(Value::Real(*number)),
        Toml::String(text) => Some(Value::Text(text.clone())),
        _ => None,
    }
}

fn ranged(source: &Arc<Source>, range: &Spanned<Vec<i64>>) -> Checked<Vec<Value>> {
    let problem = |message: &str| {
        Place::of(source, range).problem(message.to_owned()).help("write range = [first, last] or [first, last, step]")
    };
    let (first, last, step) = match range.get_ref().as_slice() {
        [first, last] => (*first, *last, 1),
        [first, last, step] => (*first, *last, *step),
        _ => return Err(problem("a range has two or three numbers")),
    };
    if step < 1 || first > last {
        return Err(problem("a range goes upwards, in steps of at least 1"));
    }
    let count = (i128::from(last) - i128::from(first)) / i128::from(step) + 1;
    if count > MOST_VALUES as i128 {
        return Err(problem(&format!("a parameter has at most {MOST_VALUES} values, this range has {count}")));
    }
    Ok((0..count as i64).map(|i| Value::Int(first + i * step)).collect())
}

fn powers_of_two(source: &Arc<Source>, powers: &Spanned<Vec<i64>>) -> Checked<Vec<Value>> {
    let is_power = |number: i64| number > 0 && number.count_ones() == 1;
    match powers.get_ref().as_slice() {
        [first, last] if is_power(*first) && is_power(*last) && first <= last => {
            Ok((first.trailing_zeros()..=last.trailing_zeros()).map(|shift| Value::Int(1 << shift)).collect())
        }
        _ => {
            let problem = Place::of(source, powers).problem("expected two powers of two, the smaller first");
            Err(problem.help("write such as powers_of_two = [1, 256]"))
        }
    }
}

/// What is odd about a list of values, and what to do.
fn refuse_odd(name: &str, values: &[Value]) -> Result<(), (String, String)> {
    let kind = std::mem::discriminant;
    if values.is_empty() {
        return Err((format!("`{name}` has no values"), "list at least one".to_owned()));
    }
    if values.len() > MOST_VALUES {
        let message = format!("`{name}` has {} values, and at most {MOST_VALUES} are possible", values.len());
        return Err((message, "leave some out".to_owned()));
    }
    if values.iter().any(|value| kind(value) != kind(&values[0])) {
        let message = format!("the values of `{name}` are of different kinds");
        return Err((message, "write all as whole numbers, all with a point, or all in quotes".to_owned()));
    }
    match values.iter().enumerate().find(|(at, value)| values[..*at].contains(value)) {
        Some((_, twice)) => Err((format!("`{name}` lists {twice} twice"), "leave one of them out".to_owned())),
        None => Ok(()),
    }
}

fn default(source: &Arc<Source>, name: &str, default: &Spanned<Toml>, values: &[Value]) -> Checked<Value> {
    let place = Place::of(source, default);
    let wanted = value(default.get_ref()).ok_or_else(|| not_a_value(&place))?;
    if values.contains(&wanted) {
        return Ok(wanted);
    }
    let known: Vec<String> = values.iter().take(20).map(ToString::to_string).collect();
    Err(place.problem(format!("the default of `{name}` is {wanted}, which is none of its values")).help(format!(
        "there are: {}{}",
        known.join(", "),
        if values.len() > known.len() { ", …" } else { "" }
    )))
}
