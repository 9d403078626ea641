//! The grammar of expressions: refuses what is not in it, before minijinja sees it.

use std::ops::Range;

use super::LanguageError;
use super::facts::{Facts, Leaf, Source};
use super::function::{FUNCTIONS, Function};
use super::token::{Kind, Token, Words};

/// The deepest nesting of brackets, signs and choices: each level is a few calls of minijinja's parser.
const DEEPEST: usize = 32;

/// Names that cannot be given a value, as they mean something in one of the languages.
pub(super) const RESERVED: &[&str] = &[
    "and", "or", "not", "in", "is", "if", "else", "true", "True", "false", "False", "none", "None", "loop", "self",
    "super",
];

type Checked<'a> = Result<Vec<Leaf<'a>>, LanguageError>;

/// Reads words one after the other.
pub(super) struct Grammar<'t, 'a> {
    words: &'t [Token<'a>],
    end: usize,
    facts: &'t mut Facts<'a>,
    depth: usize,
}

impl<'t, 'a> Grammar<'t, 'a> {
    /// Begins after the first `skip` words.
    pub fn new(words: &'t Words<'a>, skip: usize, facts: &'t mut Facts<'a>) -> Self {
        Self { words: &words.tokens[skip.min(words.tokens.len())..], end: words.end, facts, depth: 0 }
    }

    /// A whole expression, and what its value may come from.
    pub fn expression(mut self) -> Checked<'a> {
        let leaves = self.value()?;
        self.finish()?;
        Ok(leaves)
    }

    /// The condition of an `if` tag, which has no `if` of its own outside of brackets.
    pub fn condition(mut self) -> Result<(), LanguageError> {
        let leaves = self.either()?;
        self.finish()?;
        self.facts.numbers(leaves)
    }

    /// What a `for` tag goes through, and what its values may come from.
    pub fn items(mut self) -> Checked<'a> {
        let leaves = match self.words.first() {
            Some(word) if word.is_sign("[") => self.list()?,
            Some(word) if word.is_name("range") => {
                let range = Function { name: "range", least: 1, most: 3, about: "" };
                self.take();
                self.arguments(&range, word.at.clone())?;
                Vec::new()
            }
            _ => return Err(self.expected("`range(..)` or a list such as `[1, 2, 4]`")),
        };
        self.finish()?;
        Ok(leaves)
    }

    fn finish(&self) -> Result<(), LanguageError> {
        let Some(word) = self.words.first() else { return Ok(()) };
        Err(match word.word {
            "=" => LanguageError::new(word.at.clone(), "`=` sets; write `==` to compare"),
            "is" => LanguageError::new(word.at.clone(), "there are no `is` tests; compare with `==` or `in [..]`"),
            "[" => LanguageError::new(word.at.clone(), "nothing can be indexed; write the value that is meant"),
            "if" => {
                let why =
                    "an `if` cannot stand here; put a choice into brackets, and the condition of a loop into the loop";
                LanguageError::new(word.at.clone(), why)
            }
            _ => self.expected("an operator or the end"),
        })
    }

    fn take(&mut self) -> Option<&'t Token<'a>> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn take_sign(&mut self, signs: &[&str]) -> Option<&'t Token<'a>> {
        let is_here = self.words.first().is_some_and(|word| word.kind == Kind::Sign && signs.contains(&word.word));
        if is_here { self.take() } else { None }
    }

    fn take_name(&mut self, name: &str) -> bool {
        let is_here = self.words.first().is_some_and(|word| word.is_name(name));
        is_here && self.take().is_some()
    }

    fn expect(&mut self, sign: &str, what: &str) -> Result<(), LanguageError> {
        self.take_sign(&[sign]).map(|_| ()).ok_or_else(|| self.expected(what))
    }

    fn expected(&self, what: &str) -> LanguageError {
        match self.words.first() {
            Some(word) => LanguageError::new(word.at.clone(), format!("expected {what}, found `{}`", word.word)),
            None => LanguageError::new(self.place(), format!("expected {what}, found the end")),
        }
    }

    fn deeper(&mut self, part: impl FnOnce(&mut Self) -> Checked<'a>) -> Checked<'a> {
        if self.depth == DEEPEST {
            return Err(LanguageError::new(
                self.place(),
                format!("this is nested more than {DEEPEST} levels deep; divide the expression"),
            ));
        }
        self.depth += 1;
        let leaves = part(self);
        self.depth -= 1;
        leaves
    }

    fn value(&mut self) -> Checked<'a> {
        let mut leaves = self.either()?;
        let Some(word) = self.words.first().filter(|word| word.is_name("if")) else { return Ok(leaves) };
        self.take();
        let condition = self.either()?;
        self.facts.numbers(condition)?;
        if !self.take_name("else") {
            return Err(LanguageError::new(
                word.at.clone(),
                "this `if` has no `else`; say what the value is otherwise",
            ));
        }
        leaves.extend(self.deeper(Self::value)?);
        Ok(leaves)
    }

    fn either(&mut self) -> Checked<'a> {
        self.joined("or", |grammar| grammar.joined("and", Self::negated))
    }

    fn joined(&mut self, name: &str, part: impl Fn(&mut Self) -> Checked<'a>) -> Checked<'a> {
        let mut left = part(self)?;
        while self.take_name(name) {
            self.facts.numbers(std::mem::take(&mut left))?;
            let right = part(self)?;
            self.facts.numbers(right)?;
        }
        Ok(left)
    }

    fn negated(&mut self) -> Checked<'a> {
        if !self.take_name("not") {
            return self.comparison();
        }
        let start = self.place();
        let leaves = self.deeper(Self::negated)?;
        self.facts.numbers(leaves)?;
        Ok(truth(start))
    }

    /// Notes that these are used as numbers; what comes of them is one too.
    fn number(&mut self, leaves: Vec<Leaf<'a>>) -> Checked<'a> {
        self.facts.numbers(leaves)?;
        Ok(Vec::new())
    }

    fn comparison(&mut self) -> Checked<'a> {
        let start = self.place();
        let left = self.sum()?;
        let is_negated = self.words.first().is_some_and(|word| word.is_name("not"));
        if is_negated && self.words.get(1).is_some_and(|word| word.is_name("in")) {
            self.take();
        }
        if self.take_name("in") {
            self.list()?;
            return Ok(truth(start));
        }
        self.compared(left, start)
    }

    /// What follows the left side of a comparison, which `==` and its like may chain.
    fn compared(&mut self, mut left: Vec<Leaf<'a>>, start: Range<usize>) -> Checked<'a> {
        let mut is_comparison = false;
        while let Some(sign) = self.take_sign(&["==", "!=", "<", "<=", ">", ">="]) {
            let right = self.sum()?;
            if !matches!(sign.word, "==" | "!=") {
                self.facts.ordered(left)?;
                self.facts.ordered(right.clone())?;
            }
            left = right;
            is_comparison = true;
        }
        match self.words.first() {
            _ if !is_comparison => Ok(left),
            Some(word) if word.is_name("in") || word.is_name("not") => {
                Err(LanguageError::new(word.at.clone(), "put one of these two comparisons into brackets"))
            }
            _ => Ok(truth(start)),
        }
    }

    /// The place of the next word.
    fn place(&self) -> Range<usize> {
        self.words.first().map_or(self.end..self.end, |word| word.at.clone())
    }

    fn sum(&mut self) -> Checked<'a> {
        self.chain(&["+", "-"], |grammar| grammar.chain(&["*", "/", "//", "%"], Self::power))
    }

    fn chain(&mut self, signs: &[&str], part: impl Fn(&mut Self) -> Checked<'a>) -> Checked<'a> {
        let mut left = part(self)?;
        while self.take_sign(signs).is_some() {
            self.facts.numbers(std::mem::take(&mut left))?;
            let right = part(self)?;
            self.facts.numbers(right)?;
        }
        Ok(left)
    }

    fn power(&mut self) -> Checked<'a> {
        let is_negative = self.words.first().is_some_and(|word| word.is_sign("-"));
        let base = self.factor()?;
        let Some(sign) = self.take_sign(&["**"]) else { return Ok(base) };
        if is_negative {
            return Err(LanguageError::new(sign.at.clone(), "write `-(a ** b)` or `(-a) ** b`, whichever is meant"));
        }
        let exponent = self.factor()?;
        if let Some(sign) = self.take_sign(&["**"]) {
            return Err(LanguageError::new(
                sign.at.clone(),
                "write `a ** (b ** c)` or `(a ** b) ** c`, whichever is meant",
            ));
        }
        self.number(base)?;
        self.number(exponent)
    }

    fn factor(&mut self) -> Checked<'a> {
        let Some(word) = self.words.first() else { return Err(self.expected("a value")) };
        match word.kind {
            Kind::Number => self.take(),
            Kind::Text => {
                self.take();
                return Ok(vec![Leaf { source: Source::Text, at: word.at.clone() }]);
            }
            Kind::Name => {
                self.take();
                return self.named(word);
            }
            Kind::Sign => return self.signed(word),
        };
        Ok(Vec::new())
    }

    fn signed(&mut self, word: &Token<'a>) -> Checked<'a> {
        match word.word {
            "-" => {
                self.take();
                let leaves = self.deeper(Self::factor)?;
                self.number(leaves)
            }
            "(" => {
                self.take();
                let leaves = self.deeper(Self::value)?;
                self.expect(")", "`)`")?;
                Ok(leaves)
            }
            "[" => Err(LanguageError::new(word.at.clone(), "a list can only follow `in`")),
            "+" => Err(LanguageError::new(word.at.clone(), "there is no `+` before a value; leave it away")),
            _ => Err(self.expected("a value")),
        }
    }

    fn named(&mut self, word: &Token<'a>) -> Checked<'a> {
        let is_call = self.words.first().is_some_and(|word| word.is_sign("("));
        let function = FUNCTIONS.iter().find(|function| function.name == word.word);
        let error = |why: String| Err(LanguageError::new(word.at.clone(), why));
        match (word.word, function) {
            ("true" | "True" | "false" | "False", _) => Ok(truth(word.at.clone())),
            (name, _) if RESERVED.contains(&name) => error(format!("expected a value, found `{name}`")),
            ("range", _) if is_call => error("`range` can only follow the `in` of a `for` tag".to_owned()),
            (_, Some(function)) if is_call => self.arguments(function, word.at.clone()),
            ("range", _) => error("`range` is a function of `for` tags; give what is meant another name".to_owned()),
            (name, Some(_)) => error(format!("`{name}` is a function; call it, or give what is meant another name")),
            (name, None) if is_call => error(format!("there is no function `{name}`; known are {}", function_names())),
            (name, None) => {
                self.facts.read(name, word.at.clone());
                Ok(vec![Leaf { source: Source::Name(name), at: word.at.clone() }])
            }
        }
    }

    fn arguments(&mut self, function: &Function, at: Range<usize>) -> Checked<'a> {
        self.expect("(", "`(`")?;
        let mut count = 0;
        while self.words.first().is_some_and(|word| !word.is_sign(")")) {
            if count > 0 {
                self.expect(",", "`,` or `)`")?;
            }
            let leaves = self.deeper(Self::value)?;
            self.facts.numbers(leaves)?;
            count += 1;
        }
        self.expect(")", "`)`")?;
        if !(function.least..=function.most).contains(&count) {
            return Err(LanguageError::new(at, format!("{}, not {count}", function.arity())));
        }
        Ok(Vec::new())
    }

    fn list(&mut self) -> Checked<'a> {
        self.expect("[", "a list such as `[1, 2, 4]`")?;
        let mut leaves = self.deeper(Self::value)?;
        while self.take_sign(&[","]).is_some() {
            leaves.extend(self.deeper(Self::value)?);
        }
        self.expect("]", "`,` or `]`")?;
        Ok(leaves)
    }
}

fn truth<'a>(at: Range<usize>) -> Vec<Leaf<'a>> {
    vec![Leaf { source: Source::Truth, at }]
}

fn function_names() -> String {
    FUNCTIONS.iter().map(|function| function.name).collect::<Vec<_>>().join(", ")
}
