//! Options of strategies: declared as a table, written as `name:option=value,option=value`, checked in one place.

use std::fmt;
use std::str::FromStr;

use super::{STRATEGIES, Strategy, find};

/// One option of a strategy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Opt {
    /// Its name.
    pub name: &'static str,
    /// What it decides, in a line.
    pub about: &'static str,
    /// What it can be, and what it is unless told otherwise.
    pub kind: Kind,
}

/// What an option can be. The last field is the default.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A whole number from the first to the second.
    Whole(u64, u64, u64),
    /// A number from the first to the second.
    Real(f64, f64, f64),
    /// One of some words.
    Word(&'static [&'static str], &'static str),
}

/// The option that says how many configs are compiled for each one that is measured.
pub(super) const COMPILED: &str = "compiled";

/// The two words of an option that is a switch.
pub const SWITCH: &[&str] = &["on", "off"];

impl Opt {
    /// An option that is a whole number.
    pub const fn whole(name: &'static str, about: &'static str, least: u64, most: u64, default: u64) -> Self {
        Self { name, about, kind: Kind::Whole(least, most, default) }
    }

    /// An option that is a number.
    pub const fn real(name: &'static str, about: &'static str, least: f64, most: f64, default: f64) -> Self {
        Self { name, about, kind: Kind::Real(least, most, default) }
    }

    /// An option that is one of some words.
    pub const fn word(
        name: &'static str,
        about: &'static str,
        words: &'static [&'static str],
        default: &'static str,
    ) -> Self {
        Self { name, about, kind: Kind::Word(words, default) }
    }

    /// Its default, as it is written.
    pub fn default_text(&self) -> String {
        match self.kind {
            Kind::Whole(_, _, default) => default.to_string(),
            Kind::Real(_, _, default) => default.to_string(),
            Kind::Word(_, default) => default.to_owned(),
        }
    }

    /// What it can be, in words.
    pub fn allowed_text(&self) -> String {
        match self.kind {
            Kind::Whole(least, most, _) => format!("a whole number from {least} to {most}"),
            Kind::Real(least, most, _) => format!("a number from {least} to {most}"),
            Kind::Word(words, _) => words.join(" or "),
        }
    }

    /// Whether it can be this.
    fn allows(&self, text: &str) -> bool {
        match self.kind {
            Kind::Whole(least, most, _) => text.parse().is_ok_and(|number| (least..=most).contains(&number)),
            Kind::Real(least, most, _) => text.parse().is_ok_and(|number| (least..=most).contains(&number)),
            Kind::Word(words, _) => words.contains(&text),
        }
    }
}

/// A strategy with its options set. Prints as the text it is read from, with the options that are not at their default.
#[derive(Clone, Debug)]
pub struct Choice {
    /// How to search.
    pub strategy: &'static Strategy,
    /// Those that were set, each checked against the strategy's table.
    set: Vec<(&'static Opt, String)>,
}

impl Choice {
    /// A strategy as it is.
    pub fn plain(strategy: &'static Strategy) -> Self {
        Self { strategy, set: Vec::new() }
    }

    /// Whether it looks at what compiling shows, so that there must be something to compile.
    pub fn looks(&self) -> bool {
        self.opt(COMPILED).is_some() && self.whole(COMPILED) > 0
    }

    /// A whole number.
    ///
    /// # Panics
    /// As do the other two, when the strategy declares no such option: a mistake of its author.
    pub fn whole(&self, name: &str) -> usize {
        self.text(name).parse().unwrap_or_else(|_| panic!("`{name}` is no whole number"))
    }

    /// A number.
    pub fn real(&self, name: &str) -> f64 {
        self.text(name).parse().unwrap_or_else(|_| panic!("`{name}` is no number"))
    }

    /// A switch or another word.
    pub fn is(&self, name: &str, word: &str) -> bool {
        self.text(name) == word
    }

    fn text(&self, name: &str) -> String {
        let set = self.set.iter().find(|(opt, _)| opt.name == name).map(|(_, text)| text.clone());
        set.unwrap_or_else(|| self.opt(name).unwrap_or_else(|| panic!("no option `{name}`")).default_text())
    }

    fn opt(&self, name: &str) -> Option<&'static Opt> {
        self.strategy.options.iter().find(|opt| opt.name == name)
    }

    fn set(&mut self, setting: &str) -> Result<(), String> {
        let strategy = self.strategy.name;
        let (name, text) = setting
            .split_once('=')
            .ok_or_else(|| format!("`{setting}` is no option; write it as option=value, such as \"{strategy}:a=1\""))?;
        let opt = self.opt(name).ok_or_else(|| {
            let known: Vec<&str> = self.strategy.options.iter().map(|opt| opt.name).collect();
            match known.is_empty() {
                true => format!("`{strategy}` has no options"),
                false => format!("`{strategy}` has no option `{name}`; it has {}", known.join(", ")),
            }
        })?;
        if !opt.allows(text) {
            return Err(format!("`{name}` of `{strategy}` cannot be `{text}`; it can be {}", opt.allowed_text()));
        }
        self.set.retain(|(other, _)| other.name != name);
        self.set.push((opt, text.to_owned()));
        Ok(())
    }
}

impl Default for Choice {
    /// The first strategy of the list, as it is.
    fn default() -> Self {
        Self::plain(&STRATEGIES[0])
    }
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, settings) = text.split_once(':').unwrap_or((text, ""));
        let known = || STRATEGIES.iter().map(|strategy| strategy.name).collect::<Vec<_>>().join(", ");
        let strategy = find(name).ok_or_else(|| format!("known strategies are {}", known()))?;
        let mut choice = Self::plain(strategy);
        settings.split(',').filter(|setting| !setting.is_empty()).try_for_each(|setting| choice.set(setting))?;
        Ok(choice)
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = self.set.iter().filter(|(opt, text)| opt.default_text() != *text);
        let settings: Vec<String> = settings.map(|(opt, text)| format!("{}={text}", opt.name)).collect();
        match settings.is_empty() {
            true => f.pad(self.strategy.name),
            false => f.pad(&format!("{}:{}", self.strategy.name, settings.join(","))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_allowed() {
        for strategy in STRATEGIES {
            for opt in strategy.options {
                let (name, default) = (opt.name, opt.default_text());
                assert!(opt.allows(&default), "{}: {name} cannot be {default}", strategy.name);
                let text = format!("{}:{name}={default}", strategy.name);
                assert_eq!(text.parse::<Choice>().unwrap().to_string(), strategy.name, "{text}");
            }
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, says) in [
            ("nothing", "known strategies are"),
            ("random:a=1", "`random` has no options"),
            ("random:a", "`a` is no option"),
        ] {
            let error = text.parse::<Choice>().unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
