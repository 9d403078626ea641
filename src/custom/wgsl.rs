//! A user's WGSL: read, instantiated for a config, and its mistakes shown where they are in the source.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::printable::refuse_controls_of_wgsl;
use super::problem::{Checked, Problem, Source};
use crate::check::{Fault, Interface, reflect};
use crate::code::language::{LanguageError, Names, Rendered, UserTemplate, looks_like_template};

/// A WGSL text with its place: a file, or a part of the kernel file.
#[derive(Clone, Debug)]
pub struct Wgsl {
    source: Arc<Source>,
    /// Where it begins in the source.
    begin: usize,
    template: Arc<UserTemplate>,
    text: String,
}

/// A text for one config, with what it declares.
pub struct Instance<'a> {
    wgsl: &'a Wgsl,
    rendered: Rendered,
    /// What it declares.
    pub interface: Interface,
}

impl Wgsl {
    /// Reads a range of a text as WGSL; `template` says whether it is a template, where the author said so.
    pub fn read(source: Arc<Source>, at: Range<usize>, template: Option<bool>) -> Checked<Self> {
        refuse_controls_of_wgsl(&source, at.clone())?;
        let text = source.text[at.clone()].to_owned();
        let is_template = template.unwrap_or_else(|| looks_like_template(&text));
        match UserTemplate::parse(&text, is_template) {
            Ok(template) => Ok(Self { source, begin: at.start, template: Arc::new(template), text }),
            Err(error) => Err(language_problem(&source, at.start, &error)),
        }
    }

    /// All of it, as its author wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The parameters and sizes that it can see: template variables and overrides.
    pub fn reads(&self) -> BTreeSet<String> {
        let overrides = self.template.overrides().iter().map(|constant| constant.name.clone());
        self.template.reads().into_iter().chain(overrides).collect()
    }

    /// Template variables that are none of these.
    pub fn refuse_unknown(&self, known: &BTreeSet<String>) -> Checked<()> {
        match self.template.reads().into_iter().find(|name| !known.contains(name)) {
            None => Ok(()),
            Some(name) => {
                let at = self.begin + in_tags(&self.text, &name).unwrap_or(0);
                let problem =
                    Problem::new(format!("the template reads `{name}`, which is neither a size nor a parameter"));
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let help = format!("declare it under [params]; there are: {}", known.join(", "));
                Err(problem.at(&self.source, at..at + name.len(), "").help(help))
            }
        }
    }

    /// The text for these values, parsed and validated.
    pub fn instantiate(&self, names: &Names) -> Checked<Instance<'_>> {
        let rendered =
            self.template.render(names).map_err(|error| language_problem(&self.source, self.begin, &error))?;
        match reflect(&rendered.text, None) {
            Ok(interface) => Ok(Instance { wgsl: self, rendered, interface }),
            Err(fault) => Err(self.fault(&fault, &rendered)),
        }
    }

    /// A mistake in the instantiated text, shown in the source.
    pub fn fault(&self, fault: &Fault, rendered: &Rendered) -> Problem {
        let mut problem = Problem::new(fault.message.clone());
        if fault.labels.is_empty() {
            // Of some mistakes naga does not say where they are.
            problem = problem.at(&self.source, self.begin..self.begin, "somewhere in this text");
        }
        for (at, label) in &fault.labels {
            problem = problem.at(&self.source, self.place(rendered, at), label.clone());
        }
        // Some faults are of the whole text.
        let problem = problem.or_at(&self.source, self.begin..self.begin);
        fault.notes.iter().fold(problem, |problem, note| problem.help(note.clone()))
    }

    fn place(&self, rendered: &Rendered, at: &Range<usize>) -> Range<usize> {
        let at = rendered.map.source(at.clone());
        self.begin + at.start..self.begin + at.end
    }
}

impl Instance<'_> {
    /// The text.
    pub fn code(&self) -> &str {
        &self.rendered.text
    }

    /// What is wrong with a part of the text.
    pub fn problem(&self, at: &Range<usize>, message: impl Into<String>) -> Problem {
        Problem::new(message).at(&self.wgsl.source, self.wgsl.place(&self.rendered, at), "")
    }
}

/// Where a name stands in the tags of a template.
fn in_tags(text: &str, name: &str) -> Option<usize> {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let whole =
        |at: &usize| !is_word(text[..*at].chars().next_back()) && !is_word(text[*at + name.len()..].chars().next());
    let is_inside = |at: &usize| {
        let before = &text[..*at];
        let opened = before.rfind("{{").max(before.rfind("{%"));
        opened > before.rfind("}}").max(before.rfind("%}"))
    };
    text.match_indices(name).map(|(at, _)| at).filter(whole).find(is_inside)
}

fn language_problem(source: &Arc<Source>, begin: usize, error: &LanguageError) -> Problem {
    Problem::new(error.why.clone()).at(source, begin + error.at.start..begin + error.at.end, "")
}
