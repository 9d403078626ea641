//! Checks the tags of a template, and writes it anew for minijinja with marks that tell where each output comes from.

use std::collections::BTreeSet;
use std::ops::Range;

use super::LanguageError;
use super::explain::explain;
use super::expression::on_one_line;
use super::facts::{Facts, Leaf};
use super::function::FUNCTIONS;
use super::grammar::{Grammar, RESERVED};
use super::split::{Piece, split};
use super::token::{Kind, Words};

/// Begins a mark in the rewritten template: a character of private use, which no source may have.
pub(super) const MARK: char = '\u{E5A1}';

/// The deepest nesting of blocks, counting each `elif` as a level, since minijinja's parser does.
const DEEPEST: usize = 64;

/// Statements of minijinja that this language has not, with what to do.
const REFUSED: &[(&str, &str)] = &[
    ("macro", "write the text out, or use a `for` loop"),
    ("call", "write the text out, or use a `for` loop"),
    ("filter", "write the text as it shall be"),
    ("include", "put all of the source into one text"),
    ("import", "put all of the source into one text"),
    ("from", "put all of the source into one text"),
    ("extends", "put all of the source into one text"),
    ("block", "write the text where it shall stand"),
    ("with", "use `{% set name = value %}`"),
    ("raw", "write `{{ '{{' }}` for two braces"),
    ("autoescape", "nothing is escaped"),
    ("do", "use `{% set name = value %}`"),
    ("break", "choose with `if` what a loop writes"),
    ("continue", "choose with `if` what a loop writes"),
];

/// Where a piece of output comes from.
pub(super) struct Origin {
    pub at: Range<usize>,
    /// Whether it is literal text.
    pub is_text: bool,
}

/// A checked template.
#[derive(Default)]
pub(super) struct Rewritten {
    /// For minijinja. Each tag ends one line, so that the line of an error tells its tag.
    pub text: String,
    /// By the number in a mark.
    pub origins: Vec<Origin>,
    /// All tags but comments.
    pub tags: Vec<Range<usize>>,
    /// Expressions: where each begins in the rewritten text, and its place in the source.
    copies: Vec<(usize, Range<usize>)>,
    /// The first loop: what runs too long is one.
    first_loop: Option<Range<usize>>,
}

impl Rewritten {
    /// An error of minijinja at its place in the source.
    pub fn locate(&self, error: &minijinja::Error) -> LanguageError {
        let is_fuel = error.kind() == minijinja::ErrorKind::OutOfFuel;
        let of_loop = self.first_loop.clone().filter(|_| is_fuel);
        let exact = error.range().and_then(|range| self.copied(range));
        let tag = error.line().and_then(|line| self.tags.get(line - 1).cloned());
        let at = of_loop.or(exact).or(tag).or_else(|| self.tags.first().cloned());
        LanguageError::new(at.unwrap_or_default(), explain(error))
    }

    fn copied(&self, range: Range<usize>) -> Option<Range<usize>> {
        let index = self.copies.partition_point(|(start, _)| *start <= range.start).checked_sub(1)?;
        let (start, source) = &self.copies[index];
        let (from, to) = (source.start + (range.start - start), source.start + range.end.checked_sub(*start)?);
        (from < to && to <= source.end).then_some(from..to)
    }
}

/// Checks a template; its facts are settled.
pub(super) fn rewrite(source: &str) -> Result<(Rewritten, Facts<'_>), LanguageError> {
    if let Some(at) = source.find(MARK) {
        let why = format!("the character {} is kept for wgtune; remove it", MARK.escape_unicode());
        return Err(LanguageError::new(at..at + MARK.len_utf8(), why));
    }
    let mut writer = Writer { source, out: Rewritten::default(), facts: Facts::default(), open: Vec::new() };
    writer.facts.open();
    for piece in split(source)? {
        writer.piece(piece)?;
    }
    if let Some(block) = writer.open.last() {
        let why = format!("this `{0}` does not end; close it with `{{% end{0} %}}`", block.keyword);
        return Err(LanguageError::new(block.at.clone(), why));
    }
    writer.facts.settle()?;
    Ok((writer.out, writer.facts))
}

/// A block that is open.
struct Block<'a> {
    keyword: &'static str,
    at: Range<usize>,
    /// The levels that it takes of minijinja's parser.
    levels: usize,
    has_else: bool,
    /// The names that every branch so far has set; `None` before the first ends.
    set: Option<BTreeSet<&'a str>>,
}

struct Writer<'a> {
    source: &'a str,
    out: Rewritten,
    facts: Facts<'a>,
    open: Vec<Block<'a>>,
}

impl<'a> Writer<'a> {
    fn piece(&mut self, piece: Piece<'a>) -> Result<(), LanguageError> {
        match piece {
            Piece::Text(at) => self.mark(at, true),
            Piece::Value(at, words) => {
                self.mark(at.clone(), false);
                Grammar::new(&words, 0, &mut self.facts).expression()?;
                self.tag(at, "{{ ", &words, 0, "}}");
            }
            Piece::Block(at, words) => self.block(at, &words)?,
        }
        Ok(())
    }

    fn mark(&mut self, at: Range<usize>, is_text: bool) {
        self.out.text.push_str(&format!("{MARK}{};", self.out.origins.len()));
        self.out.origins.push(Origin { at, is_text });
    }

    /// Writes a tag with the words from `skip` on.
    fn tag(&mut self, at: Range<usize>, open: &str, words: &Words<'a>, skip: usize, close: &str) {
        self.out.text.push_str(open);
        if let (Some(first), Some(last)) = (words.tokens.get(skip), words.tokens.last()) {
            let copied = first.at.start..last.at.end;
            self.out.copies.push((self.out.text.len(), copied.clone()));
            self.out.text.push_str(&on_one_line(&self.source[copied]));
        }
        self.out.text.push('\n');
        self.out.text.push_str(close);
        self.out.tags.push(at);
    }

    fn block(&mut self, at: Range<usize>, words: &Words<'a>) -> Result<(), LanguageError> {
        let keyword = words.tokens.first().filter(|word| word.kind == Kind::Name).map_or("", |word| word.word);
        match keyword {
            "if" => self.begin_if(at, words),
            "elif" | "else" => self.branch(at, words, keyword),
            "for" => self.begin_for(at, words),
            "set" => self.set(at, words),
            "endif" => self.end(at, words, "if"),
            "endfor" => self.end(at, words, "for"),
            _ => Err(refused(at, keyword)),
        }
    }

    fn begin_if(&mut self, at: Range<usize>, words: &Words<'a>) -> Result<(), LanguageError> {
        Grammar::new(words, 1, &mut self.facts).condition()?;
        self.begin("if", at.clone())?;
        self.tag(at, "{% if ", words, 1, "%}");
        Ok(())
    }

    fn begin(&mut self, keyword: &'static str, at: Range<usize>) -> Result<(), LanguageError> {
        self.facts.open();
        self.open.push(Block { keyword, at: at.clone(), levels: 1, has_else: false, set: None });
        self.check_depth(at)
    }

    fn check_depth(&self, at: Range<usize>) -> Result<(), LanguageError> {
        if self.open.iter().map(|block| block.levels).sum::<usize>() <= DEEPEST {
            return Ok(());
        }
        Err(LanguageError::new(
            at,
            format!("blocks are nested more than {DEEPEST} levels deep, counting each `elif`; use fewer"),
        ))
    }

    fn branch(&mut self, at: Range<usize>, words: &Words<'a>, keyword: &str) -> Result<(), LanguageError> {
        let misplaced = |why: &str| Err(LanguageError::new(at.clone(), why));
        match self.open.last_mut() {
            Some(block) if block.keyword == "for" => {
                return misplaced("a `for` has no `else` here; close it with `{% endfor %}`");
            }
            None => return misplaced("this belongs to no `if`; open one with `{% if .. %}`"),
            Some(block) if block.has_else => {
                return misplaced("nothing follows the `else` of an `if` but `{% endif %}`");
            }
            Some(block) => {
                let set = self.facts.close();
                block.set = Some(match block.set.take() {
                    Some(before) => before.intersection(&set).copied().collect(),
                    None => set,
                });
                block.has_else = keyword == "else";
                block.levels += usize::from(keyword == "elif");
            }
        }
        if keyword == "elif" {
            Grammar::new(words, 1, &mut self.facts).condition()?;
            self.check_depth(at.clone())?;
        } else {
            nothing_after(words, 1)?;
        }
        self.facts.open();
        self.tag(at, &format!("{{% {keyword} "), words, 1, "%}");
        Ok(())
    }

    fn begin_for(&mut self, at: Range<usize>, words: &Words<'a>) -> Result<(), LanguageError> {
        let name = self.target(words, "in", "for i in range(4)")?;
        let items = Grammar::new(words, 3, &mut self.facts).items()?;
        self.begin("for", at.clone())?;
        self.facts.assign(name, items);
        self.out.first_loop.get_or_insert(at.clone());
        self.tag(at, &format!("{{% for {name} in "), words, 3, "%}");
        Ok(())
    }

    fn set(&mut self, at: Range<usize>, words: &Words<'a>) -> Result<(), LanguageError> {
        let name = self.target(words, "=", "set tile = 2 * wx")?;
        let leaves: Vec<Leaf<'a>> = Grammar::new(words, 3, &mut self.facts).expression()?;
        self.facts.assign(name, leaves);
        self.tag(at, &format!("{{% set {name} = "), words, 3, "%}");
        Ok(())
    }

    /// The name that a `for` or a `set` gives a value to.
    fn target(&self, words: &Words<'a>, then: &str, example: &str) -> Result<&'a str, LanguageError> {
        let end = || words.end..words.end;
        let error = |at, what: &str| Err(LanguageError::new(at, format!("{what}, as in `{{% {example} %}}`")));
        let Some(word) = words.tokens.get(1).filter(|word| word.kind == Kind::Name) else {
            return error(words.tokens.get(1).map_or_else(end, |word| word.at.clone()), "expected a name");
        };
        let is_function = FUNCTIONS.iter().any(|function| function.name == word.word) || word.word == "range";
        if is_function || RESERVED.contains(&word.word) {
            return error(word.at.clone(), &format!("`{}` has a meaning already; choose another name", word.word));
        }
        match words.tokens.get(2) {
            Some(next) if next.word == then => Ok(word.word),
            Some(next) => error(next.at.clone(), &format!("expected `{then}`, found `{}`", next.word)),
            None => error(end(), &format!("expected `{then}`; a text cannot be captured")),
        }
    }

    fn end(&mut self, at: Range<usize>, words: &Words<'a>, keyword: &str) -> Result<(), LanguageError> {
        nothing_after(words, 1)?;
        let is_open = self.open.last().is_some_and(|block| block.keyword == keyword);
        let Some(block) = self.open.pop().filter(|_| is_open) else {
            return Err(LanguageError::new(
                at,
                format!("`end{keyword}` closes no `{keyword}`; remove it, or close what is open"),
            ));
        };
        let last = self.facts.close();
        if block.has_else {
            let set = block.set.unwrap_or_default();
            self.facts.declare(set.intersection(&last).copied());
        }
        self.tag(at, &format!("{{% end{keyword} "), words, 1, "%}");
        Ok(())
    }
}

fn refused(at: Range<usize>, keyword: &str) -> LanguageError {
    let why = match REFUSED.iter().find(|(name, _)| *name == keyword) {
        Some((_, hint)) => format!("templates have no `{keyword}`: {hint}"),
        None => format!("there is no tag `{keyword}`; known are set, if, elif, else, endif, for and endfor"),
    };
    LanguageError::new(at, why)
}

fn nothing_after(words: &Words, count: usize) -> Result<(), LanguageError> {
    match words.tokens.get(count) {
        Some(word) => {
            Err(LanguageError::new(word.at.clone(), format!("expected the end of the tag, found `{}`", word.word)))
        }
        None => Ok(()),
    }
}
