//! Operators and templates: ours live for ever, those that users bring as long as somebody holds them.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::{Operator, Template};

/// An operator or a template, held by whoever needs it.
pub enum Shared<T: ?Sized + 'static> {
    /// One of ours.
    Ours(&'static T),
    /// One that was made while the program ran.
    Made(Arc<T>),
}

impl<T: ?Sized> Clone for Shared<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Ours(one) => Self::Ours(one),
            Self::Made(one) => Self::Made(one.clone()),
        }
    }
}

impl<T: ?Sized> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Self::Ours(one) => one,
            Self::Made(one) => one,
        }
    }
}

impl fmt::Debug for Shared<dyn Operator> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Shared<dyn Template> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Templates of ours, in the order in which they are tried.
pub(super) fn ours(templates: &[&'static dyn Template]) -> Vec<Shared<dyn Template>> {
    templates.iter().map(|template| Shared::Ours(*template)).collect()
}
