//! Both languages as their users see them: values, messages with their places, and what must not hang or crash.

mod expressions;
mod hostile;
mod overrides;
mod templates;

use super::*;

/// Searches share them between threads.
#[test]
fn expressions_and_templates_can_be_shared() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&Expression::parse("1").unwrap());
    shared(&UserTemplate::parse("{{ 1 }}", true).unwrap());
}

fn names(values: &[(&str, Value)]) -> Names {
    values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

/// What differs between a message and the part of a text that it should point to, with a piece of its sentence.
fn differs(text: &str, error: &LanguageError, place: &str, why: &str) -> Option<String> {
    let at = text.get(error.at.clone());
    (at != Some(place) || !error.why.contains(why) || error.why.contains("write it more simply"))
        .then(|| format!("{text:?}\n  at {at:?}, expected {place:?}\n  why {:?}, expected {why:?}", error.why))
}

fn report(failures: Vec<String>) {
    assert!(failures.is_empty(), "{} wrong:\n{}", failures.len(), failures.join("\n"));
}
