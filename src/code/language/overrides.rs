//! The `override` constants of WGSL: listed, and made constants with the values of a config.

use std::ops::Range;

use super::declaration::{Declaration, declarations};
use super::map::SourceMap;
use super::scalar::Scalar;
use super::{LanguageError, Names};
use crate::space::Value;

/// An `override` constant that a source declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Its name.
    pub name: String,
    /// Its type, as far as the declaration tells it.
    pub element: Option<Scalar>,
    /// Its initialiser, as it is written.
    pub default: Option<String>,
    /// The declaration, from its attributes to before the semicolon: bytes of the source.
    pub at: Range<usize>,
}

impl Declaration {
    /// As users see it, in the source that the declaration was found in, or that is as long as the text it was found in.
    pub fn describe(&self, source: &str) -> Override {
        Override {
            name: source[self.name.clone()].to_owned(),
            element: self.element(source),
            default: self.initial.clone().map(|initial| source[initial].to_owned()),
            at: self.at.clone(),
        }
    }

    fn element(&self, text: &str) -> Option<Scalar> {
        match (&self.kind, &self.initial) {
            (Some(kind), _) => Scalar::named(&text[kind.clone()]),
            (None, Some(initial)) => Scalar::of_literal(&text[initial.clone()]),
            (None, None) => None,
        }
    }

    /// What the declaration becomes: pieces of new text, each in place of a range.
    fn edits(&self, text: &str, names: &Names) -> Result<Vec<(Range<usize>, String)>, String> {
        let name = &text[self.name.clone()];
        let element = self.element(text);
        let mut edits = vec![(self.at.start..self.name.start, "const ".to_owned())];
        // Without a type a constant would be more general than the `override` was.
        if let (None, Some(element)) = (&self.kind, element) {
            edits.push((self.name.end..self.name.end, format!(": {}", element.name())));
        }
        match (names.get(name), &self.initial) {
            (None, Some(_)) => {}
            (None, None) => {
                return Err(format!("`{name}` has no value; make it a parameter, or write `= ..` behind it"));
            }
            (Some(value), initial) => {
                let literal = self.literal(text, name, element, value)?;
                match initial {
                    Some(initial) => edits.push((initial.clone(), literal)),
                    None => edits.push((self.at.end..self.at.end, format!(" = {literal}"))),
                }
            }
        }
        Ok(edits)
    }

    fn literal(&self, text: &str, name: &str, element: Option<Scalar>, value: &Value) -> Result<String, String> {
        let Some(element) = element else {
            return Err(match &self.kind {
                Some(kind) => {
                    format!(
                        "the type `{}` of `{name}` is none of u32, i32, f32, f16 and bool; write one",
                        &text[kind.clone()]
                    )
                }
                None => format!("`{name}` has no type; write one, as in `override {name}: u32`"),
            });
        };
        element.literal(value).ok_or_else(|| {
            let (kind, takes) = (element.name(), element.takes());
            format!("`{name}` is {kind} and cannot be {value}: {kind} takes {takes}; change the value or the type")
        })
    }
}

/// Makes constants of all declarations of a text that came from a source by a map.
pub(super) fn settle(text: String, map: SourceMap, names: &Names) -> Result<(String, SourceMap), LanguageError> {
    let declarations = declarations(&text);
    if declarations.is_empty() {
        return Ok((text, map));
    }
    let (mut settled, mut settled_map, mut done) = (String::with_capacity(text.len()), SourceMap::default(), 0);
    for declaration in declarations {
        let source = map.source(declaration.at.clone());
        let edits = declaration.edits(&text, names).map_err(|why| LanguageError::new(source.clone(), why))?;
        for (range, new) in edits {
            settled.push_str(&text[done..range.start]);
            settled_map.append(&map, done..range.start);
            settled.push_str(&new);
            settled_map.stand_for(new.len(), &source);
            done = range.end;
        }
    }
    settled.push_str(&text[done..]);
    settled_map.append(&map, done..text.len());
    Ok((settled, settled_map))
}
