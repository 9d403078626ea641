//! Both languages as their users see them: values, messages with their places, and what must not hang or crash.

mod expressions;
mod hostile;
mod overrides;
mod templates;

use super::*;

fn names(values: &[(&str, Value)]) -> Names {
    values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

/// Compares a message with `marked text | the part it points to | a piece of the sentence`, and says what differs.
fn differs(text: &str, error: &LanguageError, place: &str, why: &str) -> Option<String> {
    let at = text.get(error.at.clone());
    (at != Some(place) || !error.why.contains(why) || error.why.contains("write it more simply"))
        .then(|| format!("{text:?}\n  at {at:?}, expected {place:?}\n  why {:?}, expected {why:?}", error.why))
}

fn report(failures: Vec<String>) {
    assert!(failures.is_empty(), "{} wrong:\n{}", failures.len(), failures.join("\n"));
}
