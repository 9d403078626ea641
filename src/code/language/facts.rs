//! What the checker finds out about names: which are read, which must be numbers, and where texts can get to.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::LanguageError;

/// What a value may come from. Results of arithmetic are numbers always, and come from nowhere.
#[derive(Clone, Debug)]
pub(super) struct Leaf<'a> {
    pub source: Source<'a>,
    pub at: Range<usize>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'a> {
    Name(&'a str),
    /// A text that is written out.
    Text,
    /// What is true or false.
    Truth,
}

/// What is known about the names of an expression or a template.
///
/// Texts must not get to arithmetic, or they could be doubled until memory ends. Which name holds a text is followed
/// without regard to order: a name that is ever set to a text must never be used as a number.
#[derive(Default)]
pub(super) struct Facts<'a> {
    /// Names that are read without having been set, and where first.
    pub reads: BTreeMap<&'a str, Range<usize>>,
    /// Names that must be numbers, and where first.
    pub numbers: BTreeMap<&'a str, Range<usize>>,
    /// What names are set to.
    set: BTreeMap<&'a str, Vec<Leaf<'a>>>,
    /// Names that have certainly been set, for each block that is open.
    scopes: Vec<BTreeSet<&'a str>>,
}

impl<'a> Facts<'a> {
    pub fn read(&mut self, name: &'a str, at: Range<usize>) {
        if !self.scopes.iter().any(|scope| scope.contains(name)) {
            self.reads.entry(name).or_insert(at);
        }
    }

    pub fn open(&mut self) {
        self.scopes.push(BTreeSet::new());
    }

    /// Ends a block, with the names that were set in it.
    pub fn close(&mut self) -> BTreeSet<&'a str> {
        self.scopes.pop().unwrap_or_default()
    }

    pub fn assign(&mut self, name: &'a str, from: Vec<Leaf<'a>>) {
        self.set.entry(name).or_default().extend(from);
        self.declare([name]);
    }

    /// Notes names that have a value from here to the end of the innermost block.
    pub fn declare(&mut self, names: impl IntoIterator<Item = &'a str>) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.extend(names);
        }
    }

    /// Notes that these are used as numbers, which a text cannot be.
    pub fn numbers(&mut self, leaves: Vec<Leaf<'a>>) -> Result<(), LanguageError> {
        for leaf in leaves {
            match leaf.source {
                Source::Name(name) => drop(self.numbers.entry(name).or_insert(leaf.at)),
                Source::Text => return Err(text_as_number(leaf.at)),
                Source::Truth => {}
            }
        }
        Ok(())
    }

    /// Notes that these are ordered by `<` and its like, which minijinja does for truth values otherwise than Python.
    pub fn ordered(&mut self, leaves: Vec<Leaf<'a>>) -> Result<(), LanguageError> {
        if let Some(truth) = leaves.iter().find(|leaf| matches!(leaf.source, Source::Truth)) {
            return Err(LanguageError::new(
                truth.at.clone(),
                "this is true or false, which have no order; write `1 if .. else 0`",
            ));
        }
        self.numbers(leaves)
    }

    /// Follows numbers back to what they were set to.
    pub fn settle(&mut self) -> Result<(), LanguageError> {
        let mut waiting: Vec<&str> = self.numbers.keys().copied().collect();
        while let Some(name) = waiting.pop() {
            for leaf in self.set.remove(name).unwrap_or_default() {
                match leaf.source {
                    Source::Name(source) if !self.numbers.contains_key(source) => {
                        self.numbers.insert(source, leaf.at);
                        waiting.push(source);
                    }
                    Source::Text => return Err(text_as_number(leaf.at)),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

fn text_as_number(at: Range<usize>) -> LanguageError {
    LanguageError::new(
        at,
        "this text is used as a number; texts can only be compared by `==`, `!=` and `in`, or written out",
    )
}
