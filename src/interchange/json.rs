//! JSON read such that each part keeps its place in the file: for messages with a line, and for files that are cut.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use super::error::Fault;
use crate::space::{Param, Value};

/// How much of a wrong part a message shows.
const MOST_SHOWN: usize = 40;

/// The outermost object of a file.
#[derive(Default)]
pub(super) struct Document<'a> {
    text: &'a str,
    /// All fields but the two that hold trials.
    header: Object<'a>,
    /// The values of the object `cache`, where there is one.
    pub entries: Option<Vec<&'a RawValue>>,
    /// The list `results`, where there is one.
    pub results: Option<Vec<&'a RawValue>>,
}

/// An object's fields in the order of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Object<'a>(pub Vec<(String, &'a RawValue)>);

impl<'a> Document<'a> {
    /// Reads the outermost object. Where the text ends before the object does, the trials that are complete count.
    pub fn parse(text: &'a str) -> Result<Self, Fault> {
        let mut document = Self { text, ..Self::default() };
        let mut reader = serde_json::Deserializer::from_str(text);
        match reader.deserialize_map(Outermost(&mut document)) {
            Ok(()) => reader.end().map_err(|error| syntax(&error)).map(|()| document),
            Err(error) if document.entries.is_some() && is_at_end(&error, text) => Ok(document),
            Err(error) => Err(syntax(&error)),
        }
    }

    /// A field of the header.
    pub fn field(&self, name: &str) -> Option<&'a RawValue> {
        self.header.get(name)
    }

    /// A field that a file must have.
    pub fn needed<T: Deserialize<'a>>(&self, name: &str, expected: &str) -> Result<T, Fault> {
        let raw = self
            .field(name)
            .ok_or_else(|| Fault { line: 1, what: format!("the header has no `{name}`; expected {expected}") })?;
        self.part(name, raw, expected)
    }

    /// A part of the file as what it should be.
    pub fn part<T: Deserialize<'a>>(&self, name: &str, raw: &'a RawValue, expected: &str) -> Result<T, Fault> {
        serde_json::from_str(raw.get()).map_err(|_| self.wrong(name, raw, expected))
    }

    /// A part of the file as the value of a parameter.
    pub fn value(&self, name: &str, raw: &'a RawValue) -> Result<Value, Fault> {
        use serde_json::Value as Json;
        match serde_json::from_str(raw.get()) {
            Ok(Json::Number(number)) => Ok(as_value(&number)),
            Ok(Json::String(text)) => Ok(Value::Text(text)),
            Ok(Json::Bool(switch)) => Ok(Value::Text(switch.to_string())),
            _ => Err(self.wrong(name, raw, "a number, a text or a truth value")),
        }
    }

    /// That a part of the file is not what it should be.
    pub fn wrong(&self, name: &str, raw: &RawValue, expected: &str) -> Fault {
        self.fault(raw, format!("`{name}` is {}; expected {expected}", shown(raw.get())))
    }

    /// That something is wrong with a part of the file.
    pub fn fault(&self, raw: &RawValue, what: String) -> Fault {
        let offset = raw.get().as_ptr() as usize - self.text.as_ptr() as usize;
        let above = self.text.as_bytes()[..offset].iter().filter(|&&byte| byte == b'\n').count();
        Fault { line: above + 1, what }
    }
}

impl<'a> Object<'a> {
    /// The value of a field; of one that occurs twice, the last, as in Python.
    pub fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().rev().find(|(field, _)| field == name).map(|(_, raw)| *raw)
    }
}

/// A part as a text, if it is one.
pub(super) fn text(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// A whole number, or one with a fraction.
pub(super) fn as_value(number: &serde_json::Number) -> Value {
    number.as_i64().map_or_else(|| Value::Real(number.as_f64().unwrap_or(f64::INFINITY)), Value::Int)
}

fn shown(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line,
    }
}

/// Whether a text is good JSON as far as it goes. Where it ends within a number, the reader takes it for a wrong number.
fn is_at_end(error: &serde_json::Error, text: &str) -> bool {
    let lines = text.bytes().filter(|&byte| byte == b'\n').count() + 1;
    let last = text.rsplit('\n').next().map_or(0, str::len);
    error.is_eof() || (error.line(), error.column()) >= (lines, last)
}

fn syntax(error: &serde_json::Error) -> Fault {
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or_default().replace("EOF while parsing", "the file ends within");
    Fault { line: error.line().max(1), what: format!("{said} (column {})", error.column()) }
}

struct Outermost<'d, 'a>(&'d mut Document<'a>);

impl<'a> Visitor<'a> for Outermost<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "cache" => map.next_value_seed(Entries(self.0.entries.insert(Vec::new())))?,
                "results" => self.0.results = Some(map.next_value()?),
                _ => self.0.header.0.push((name, map.next_value()?)),
            }
        }
        Ok(())
    }
}

/// Collects the values of an object, and keeps them where the text ends early.
struct Entries<'d, 'a>(&'d mut Vec<&'a RawValue>);

impl<'a> DeserializeSeed<'a> for Entries<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Entries<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object with an entry for each config")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        while map.next_key::<String>()?.is_some() {
            self.0.push(map.next_value()?);
        }
        Ok(())
    }
}

/// An object to write, its fields in the order in which they are added.
#[derive(Default)]
pub(super) struct Fields(Vec<(String, Box<RawValue>)>);

impl Fields {
    /// Adds a field.
    pub fn with(mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Self {
        let raw = to_raw_value(value).expect("lists and maps of numbers and texts are JSON");
        self.0.push((name.to_owned(), raw));
        self
    }

    /// Adds a field for each parameter of a config.
    pub fn with_all<'v, V: Serialize + 'v>(self, params: &[Param], values: impl IntoIterator<Item = &'v V>) -> Self {
        params.iter().zip(values).fold(self, |fields, (param, value)| fields.with(&param.name, value))
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        let mut map = writer.serialize_map(Some(self.0.len()))?;
        self.0.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        map.end()
    }
}

impl<'a> Deserialize<'a> for Object<'a> {
    fn deserialize<D: Deserializer<'a>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(AllFields)
    }
}

struct AllFields;

impl<'a> Visitor<'a> for AllFields {
    type Value = Object<'a>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Object<'a>, M::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Object(fields))
    }
}
