//! WGSL of kernel files: rendered with the values of a config, with the way back to the source.

use std::collections::BTreeSet;
use std::fmt;
use std::io;

use minijinja::value::ValueKind;
use minijinja::{Environment, ErrorKind, Output, State, Value};

use super::bind::Reads;
use super::declaration::declarations;
use super::explain::not_finite;
use super::function::{ENVIRONMENT, range};
use super::map::SourceMap;
use super::overrides::{Override, settle};
use super::statement::{MARK, Origin, Rewritten, rewrite};
use super::{LanguageError, Names};

/// The longest source, in bytes.
const LONGEST_SOURCE: usize = 1 << 20;

/// The longest rendered text, in bytes.
const LONGEST_TEXT: usize = 4 << 20;

/// The longest output with its marks: each costs a step, so that there are at most `STEPS` of a few bytes.
const LONGEST_MARKED: usize = 16 << 20;

/// Steps of minijinja that rendering may take: loops end there.
const STEPS: u64 = 1_000_000;

/// What the template is called within its own environment.
const NAME: &str = "source";

/// Whether a text has tags of a template in it.
pub fn looks_like_template(source: &str) -> bool {
    source.contains("{{") || source.contains("{%")
}

/// A text with where it came from.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The WGSL text, without tags and `override` constants.
    pub text: String,
    /// From its places to those of the source.
    pub map: SourceMap,
}

/// A checked source: WGSL, with tags where it is a template.
///
/// ```
/// use wgtune::code::language::{Names, UserTemplate};
///
/// let source = UserTemplate::parse("override WX: u32 = 8; // of {{ n }}", true)?;
/// let names = Names::from([("WX".to_owned(), 16.into()), ("n".to_owned(), 100.into())]);
/// assert_eq!(source.render(&names)?.text, "const WX: u32 = 16u; // of 100");
/// # Ok::<(), wgtune::code::language::LanguageError>(())
/// ```
pub struct UserTemplate {
    source: String,
    overrides: Vec<Override>,
    /// `None` for plain WGSL.
    tags: Option<Tags>,
}

/// The tags of a template, compiled.
struct Tags {
    reads: Reads,
    rewritten: Rewritten,
    environment: Environment<'static>,
}

impl UserTemplate {
    /// Reads a source; braces are just text where it is no template.
    ///
    /// # Errors
    /// A tag that is not in the language, with its place in the source. WGSL itself is not checked.
    pub fn parse(source: &str, is_template: bool) -> Result<Self, LanguageError> {
        if source.len() > LONGEST_SOURCE {
            let why = format!("this source has {} bytes; {LONGEST_SOURCE} are the most", source.len());
            return Err(LanguageError::new(0..source.len(), why));
        }
        let tags = if is_template { Some(Tags::parse(source)?) } else { None };
        let found = match &tags {
            Some(tags) => declarations(&tags.blanked(source)),
            None => declarations(source),
        };
        let overrides = found.iter().map(|declaration| declaration.describe(source));
        let overrides = overrides.filter(|constant| !constant.name.contains('{')).collect();
        Ok(Self { source: source.to_owned(), overrides, tags })
    }

    /// The names that its tags read. Overrides are not among them: they have initialisers.
    pub fn reads(&self) -> BTreeSet<String> {
        self.tags.as_ref().map(|tags| tags.reads.names().clone()).unwrap_or_default()
    }

    /// The `override` constants that its text declares, in their order. Those whose name comes from a tag are missing.
    pub fn overrides(&self) -> &[Override] {
        &self.overrides
    }

    /// The text for these values: tags are evaluated, and each `override` becomes a constant, with the value of its name
    /// if it has one. All else stays as it is, byte for byte.
    ///
    /// # Errors
    /// When a tag reads a name without a value or cannot be evaluated, when the text becomes too long, or when an
    /// `override` has no value, or one that its type cannot hold.
    pub fn render(&self, names: &Names) -> Result<Rendered, LanguageError> {
        let (text, map) = match &self.tags {
            Some(tags) => tags.render(&self.source, names)?,
            None => (self.source.clone(), SourceMap::identity(self.source.len())),
        };
        let (text, map) = settle(text, map, names)?;
        Ok(Rendered { text, map })
    }
}

impl fmt::Debug for UserTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserTemplate").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Tags {
    fn parse(source: &str) -> Result<Self, LanguageError> {
        let (rewritten, facts) = rewrite(source)?;
        let mut environment = environment();
        let added = environment.add_template_owned(NAME, rewritten.text.clone());
        added.map_err(|error| rewritten.locate(&error))?;
        Ok(Self { reads: Reads::new(&facts), rewritten, environment })
    }

    /// The source with a word for each value, and spaces for other tags: as long, and WGSL as far as it goes.
    fn blanked(&self, source: &str) -> String {
        let mut blanked = String::with_capacity(source.len());
        for origin in &self.rewritten.origins {
            blanked.push_str(&" ".repeat(origin.at.start - blanked.len()));
            match origin.is_text {
                true => blanked.push_str(&source[origin.at.clone()]),
                false => blanked.push_str(&"_".repeat(origin.at.len())),
            }
        }
        blanked
    }

    fn render(&self, source: &str, names: &Names) -> Result<(String, SourceMap), LanguageError> {
        let bound = self.reads.bind(names)?;
        let template = self.environment.get_template(NAME).map_err(|error| self.rewritten.locate(&error))?;
        let mut marked = Limited::default();
        match template.render_captured_to(bound, &mut marked) {
            Ok(_) => self.unmark(source, &marked.text),
            Err(error) if error.kind() == ErrorKind::WriteFailure => Err(too_long(source)),
            Err(error) => Err(self.rewritten.locate(&error)),
        }
    }

    /// What a mark stands for, and the value behind it. Values have no marks in them, so nothing is lost.
    fn marked<'a>(&self, part: &'a str) -> Option<(&Origin, &'a str)> {
        let (number, value) = part.split_once(';')?;
        Some((self.rewritten.origins.get(number.parse::<usize>().ok()?)?, value))
    }

    /// Puts literal text in place of its marks.
    fn unmark(&self, source: &str, marked: &[u8]) -> Result<(String, SourceMap), LanguageError> {
        let marked = String::from_utf8_lossy(marked);
        let (mut text, mut map) = (String::new(), SourceMap::default());
        for (origin, value) in marked.split(MARK).filter_map(|part| self.marked(part)) {
            if origin.is_text {
                text.push_str(&source[origin.at.clone()]);
                map.copy(origin.at.clone());
            } else {
                text.push_str(value);
                map.stand_for(value.len(), &origin.at);
            }
            if text.len() > LONGEST_TEXT {
                return Err(too_long(source));
            }
        }
        Ok((text, map))
    }
}

fn environment() -> Environment<'static> {
    let mut environment = ENVIRONMENT.clone();
    environment.set_fuel(Some(STEPS));
    environment.add_function("range", range);
    environment.set_formatter(write_value);
    environment
}

/// Writes a value as WGSL does: minijinja has `True` for `true`, and infinity.
fn write_value(out: &mut Output, state: &mut State, value: &Value) -> Result<(), minijinja::Error> {
    match value.kind() {
        ValueKind::Bool => {
            out.write_str(if value.is_true() { "true" } else { "false" }).map_err(minijinja::Error::from)
        }
        ValueKind::Number if f64::try_from(value.clone()).is_ok_and(|number| !number.is_finite()) => {
            Err(minijinja::Error::new(ErrorKind::InvalidOperation, not_finite(value)))
        }
        _ => minijinja::escape_formatter(out, state, value),
    }
}

fn too_long(source: &str) -> LanguageError {
    LanguageError::new(
        0..source.len(),
        format!("the text becomes longer than {LONGEST_TEXT} bytes; make its loops shorter"),
    )
}

/// What was written, up to a limit.
#[derive(Default)]
struct Limited {
    text: Vec<u8>,
}

impl io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.text.len() + bytes.len() > LONGEST_MARKED {
            return Err(io::Error::other("too long"));
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
