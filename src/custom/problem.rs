//! What is wrong with a description, shown at its place in the user's file.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use codespan_reporting::diagnostic::{Diagnostic, Label};
use codespan_reporting::files::SimpleFiles;
use codespan_reporting::term::{self, Config};

use super::printable::{short, visible};

/// A text that messages point into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name in messages: a file's path as the user wrote it.
    pub name: String,
    /// All of it.
    pub text: String,
}

/// One mistake: what is wrong, where, and what to do.
#[derive(Clone, Debug)]
pub struct Problem(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    message: String,
    places: Vec<Place>,
    help: Vec<String>,
}

/// A part of a text with what is to be said of it.
#[derive(Clone, Debug)]
struct Place {
    source: Arc<Source>,
    at: Range<usize>,
    label: String,
}

/// What a result is that may fail for a mistake of the user.
pub type Checked<T> = Result<T, Problem>;

impl Problem {
    /// A mistake that has no place yet.
    pub fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Inner { message: visible(&message.into()), places: Vec::new(), help: Vec::new() }))
    }

    /// The same mistake, shown at a range of bytes of a text; an empty label says nothing more.
    pub fn at(mut self, source: &Arc<Source>, at: Range<usize>, label: impl Into<String>) -> Self {
        let end = source.text.floor_char_boundary(at.end);
        let start = source.text.floor_char_boundary(at.start.min(end));
        let place = Place { source: source.clone(), at: start..end, label: visible(&label.into()) };
        self.0.places.push(place);
        self
    }

    /// The same mistake with what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help.push(visible(&help.into()));
        self
    }

    /// Whether it is shown somewhere already.
    pub fn has_place(&self) -> bool {
        !self.0.places.is_empty()
    }

    /// The same mistake, shown here unless it is shown somewhere already.
    pub fn or_at(self, source: &Arc<Source>, at: Range<usize>) -> Self {
        if self.has_place() { self } else { self.at(source, at, "") }
    }

    /// What is wrong, without its place.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The line of a text that it is shown at first, counted from 1.
    pub fn line(&self) -> Option<usize> {
        let place = self.0.places.first()?;
        Some(place.source.text[..place.at.start].matches('\n').count() + 1)
    }

    /// It in one line, such as `stencil.wgsl:12: unknown identifier`.
    pub fn in_one_line(&self) -> String {
        match (self.0.places.first(), self.line()) {
            (Some(place), Some(line)) => format!("{}:{line}: {}", place.source.name, self.0.message),
            _ => self.0.message.clone(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { message, places, help } = &*self.0;
        let mut files = SimpleFiles::new();
        let labels = places.iter().enumerate().map(|(number, Place { source, at, label })| {
            let (text, at, column) = short(&source.text, at.clone());
            let file = files.add(visible(&source.name), visible(&text));
            let place = if number == 0 { Label::primary(file, at) } else { Label::secondary(file, at) };
            match column {
                None => place.with_message(label),
                Some(column) if label.is_empty() => place.with_message(format!("column {column} of a long line")),
                Some(column) => place.with_message(format!("{label} (column {column} of a long line)")),
            }
        });
        let notes = help.iter().map(|help| format!("help: {help}")).collect();
        let labels = labels.collect();
        let diagnostic = Diagnostic::error().with_message(message).with_labels(labels).with_notes(notes);
        let text = term::emit_into_string(&Config::default(), &files, &diagnostic).map_err(|_| fmt::Error)?;
        f.write_str(text.trim_end())
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_show_the_line_and_say_what_to_do() {
        let source = Arc::new(Source {
            name: "a.toml".to_owned(),
            text: "name = \"a\"\nsize = 3\u{1b}[31m\u{9b}\r\n".to_owned(),
        });
        let problem = Problem::new("`size` is 3").at(&source, 18..19, "too small\u{7}").help("write 4\u{1b}[2J");
        let text = problem.to_string();
        for part in ["error: `size` is 3", "a.toml:2:8", "too small", "help: write 4"] {
            assert!(text.contains(part), "no `{part}` in:\n{text}");
        }
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
        assert_eq!(problem.line(), Some(2));
        assert_eq!(Problem::new("x").to_string(), "error: x");
        // A range that is not in the text must not take the message down.
        assert!(Problem::new("x").at(&source, 90..100, "").to_string().contains("error: x"));
    }
}
