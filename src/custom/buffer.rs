//! The storage buffers of a description, and what they hold at first.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;

use super::contents;
use super::description::{Buffer, Fill, Role, Tolerance};
use super::formula::{Formula, Place, Scope};
use super::problem::{Checked, Source};
use crate::base::{Contents, Distribution, ElementType};
use crate::code::language::Names;

/// A buffer whose description makes sense.
#[derive(Clone, Debug)]
pub struct BufferSpec {
    /// Its name.
    pub name: String,
    /// The type of its scalars.
    pub element: ElementType,
    /// How many there are.
    pub size: Formula,
    /// What it is for.
    pub role: Role,
    /// What it holds at first.
    pub start: Start,
    /// How far results may be from the truth.
    pub tolerance: Tolerance,
}

/// What a buffer holds at first.
#[derive(Clone, Debug)]
pub enum Start {
    /// Numbers by a rule.
    Drawn(Distribution),
    /// The elements of a file, of which there are so many.
    File(Contents, u64),
}

/// Most scalars of one buffer: their numbers must fit 32 bits.
pub const MOST_ELEMENTS: u64 = 1 << 31;

const TYPES: [ElementType; 4] = [ElementType::F32, ElementType::F16, ElementType::I32, ElementType::U32];

impl BufferSpec {
    /// Reads one buffer; `folder` is where its files are sought.
    pub fn read(
        source: &Arc<Source>,
        folder: &Path,
        name: &Spanned<String>,
        buffer: &Buffer,
        scope: &Scope,
    ) -> Checked<Self> {
        let element =
            TYPES.into_iter().find(|element| element.name() == buffer.element.get_ref()).ok_or_else(|| {
                let problem = Place::of(source, &buffer.element).problem(format!(
                    "`{}` has the unknown type `{}`",
                    name.get_ref(),
                    buffer.element.get_ref()
                ));
                problem.help("write the type of its scalars: f32, f16, i32 or u32; a vec4<f32> is four f32")
            })?;
        let size = Formula::read(source, &buffer.size, scope)?;
        let start = start(source, folder, name, element, buffer)?;
        let tolerance = tolerance(source, name, element, buffer)?;
        Ok(Self { name: name.get_ref().clone(), element, size, role: buffer.role, start, tolerance })
    }

    /// How many scalars it has for these sizes.
    pub fn elements(&self, names: &Names) -> Checked<u64> {
        let elements = self.size.whole(names, &format!("the size of `{}`", self.name), 1, MOST_ELEMENTS)?;
        if let Start::File(contents, has) = &self.start
            && *has != elements
        {
            let path = contents.path.display();
            let message = format!("`{}` has {elements} elements, and its file `{path}` has {has}", self.name);
            return Err(self.size.problem(message).help("give the size that the file has, or another file"));
        }
        Ok(elements)
    }

    /// Whether the seed has no part in what it holds.
    pub fn is_fixed(&self) -> bool {
        match &self.start {
            Start::File(..) => true,
            Start::Drawn(distribution) => {
                matches!(distribution, Distribution::Constant(_) | Distribution::Iota { .. })
            }
        }
    }
}

fn usual(element: ElementType) -> Distribution {
    match element.is_float() {
        true => Distribution::Uniform { low: -1.0, high: 1.0 },
        false => Distribution::WholeNumbers { low: 0, high: 255 },
    }
}

fn start(
    source: &Arc<Source>,
    folder: &Path,
    name: &Spanned<String>,
    element: ElementType,
    buffer: &Buffer,
) -> Checked<Start> {
    let Some(fill) = &buffer.fill else { return Ok(Start::Drawn(usual(element))) };
    let place = Place::of(source, fill);
    if matches!(buffer.role, Role::Output | Role::Temporary) {
        let message = format!("`{}` is filled, but nothing can rely on what it holds at first", name.get_ref());
        return Err(place.problem(message).help("make its role `in-out`, or leave `fill` away"));
    }
    let Fill { uniform, normal, integers, constant, iota, npy, raw } = fill.get_ref();
    let wrong = |(message, help): (String, &str)| place.problem(message).help(help);
    let drawn = match (uniform, normal, integers, constant, iota, npy, raw) {
        (Some(uniform), None, None, None, None, None, None) => self::uniform(*uniform, element),
        (None, Some(normal), None, None, None, None, None) => self::normal(*normal, element),
        (None, None, Some(integers), None, None, None, None) => self::integers(*integers, element),
        (None, None, None, Some(value), None, None, None) => within(*value, element).map(Distribution::Constant),
        (None, None, None, None, Some([start, step]), None, None) => within(*start, element)
            .and_then(|_| if step.is_finite() { Ok(()) } else { Err((format!("{step} is no step"), "write a number")) })
            .map(|()| Distribution::Iota { start: *start, step: *step }),
        (None, None, None, None, None, Some(file), None) => {
            let (contents, elements) = contents::npy(&path(folder, file), element).map_err(|why| {
                place.problem(why).help("save an array of this type in C order, as `numpy.save` does")
            })?;
            return Ok(Start::File(contents, elements));
        }
        (None, None, None, None, None, None, Some(file)) => {
            let (contents, elements) = contents::raw(&path(folder, file), element)
                .map_err(|why| place.problem(why).help("write the elements one after another, little-endian"))?;
            return Ok(Start::File(contents, elements));
        }
        _ => Err(("a fill is said in one way".to_owned(), "write such as fill = { uniform = [-1, 1] }")),
    };
    drawn.map(Start::Drawn).map_err(wrong)
}

/// What is wrong and what to do.
type Drawn = Result<Distribution, (String, &'static str)>;

fn uniform([low, high]: [f64; 2], element: ElementType) -> Drawn {
    if low < high {
        let whole = |bound: f64| if element.is_float() { bound } else { bound.trunc() };
        within(whole(low), element)?;
        within(whole(high), element)?;
        return Ok(Distribution::Uniform { low, high });
    }
    Err((format!("nothing lies between {low} and {high}"), "write the smaller number first"))
}

fn normal([mean, deviation]: [f64; 2], element: ElementType) -> Drawn {
    if deviation > 0.0 {
        // No draw lies farther out: it is a sum of twelve.
        within((mean.abs() + 6.0 * deviation).trunc(), element)?;
        return Ok(Distribution::Normal { mean, deviation });
    }
    Err((format!("a standard deviation of {deviation} is none"), "write normal = [mean, deviation], such as [0, 1]"))
}

fn integers([low, high]: [i64; 2], element: ElementType) -> Drawn {
    if low > high {
        return Err((format!("no whole number lies between {low} and {high}"), "write the smaller number first"));
    }
    within(low as f64, element)?;
    within(high as f64, element)?;
    Ok(Distribution::WholeNumbers { low, high })
}

/// A number that the type can hold.
fn within(value: f64, element: ElementType) -> Result<f64, (String, &'static str)> {
    let (least, most) = match element {
        ElementType::U32 => (0.0, f64::from(u32::MAX)),
        ElementType::I32 => (f64::from(i32::MIN), f64::from(i32::MAX)),
        ElementType::I8 => (-128.0, 127.0),
        ElementType::F16 => (-65_504.0, 65_504.0),
        ElementType::F32 => (f64::from(f32::MIN), f64::from(f32::MAX)),
    };
    let fits = (least..=most).contains(&value) && (element.is_float() || value.fract() == 0.0);
    if fits { Ok(value) } else { Err((format!("{value} is no {element}"), "write a number that the type can hold")) }
}

fn tolerance(
    source: &Arc<Source>,
    name: &Spanned<String>,
    element: ElementType,
    buffer: &Buffer,
) -> Checked<Tolerance> {
    let usual = match element {
        ElementType::F32 => 1e-4,
        ElementType::F16 => 1e-2,
        _ => 0.0,
    };
    let Tolerance { relative, absolute } = buffer.tolerance.unwrap_or(Tolerance { relative: None, absolute: None });
    let odd = [relative, absolute].into_iter().flatten().find(|share| !share.is_finite() || *share < 0.0);
    if let Some(odd) = odd {
        let problem = Place::of(source, name).problem(format!("a tolerance of {odd} makes no sense"));
        return Err(problem.help("write a number from 0 on"));
    }
    Ok(Tolerance { relative: Some(relative.unwrap_or(usual)), absolute: Some(absolute.unwrap_or(0.0)) })
}

/// A file that is named in another: beside that one unless the path is absolute.
pub fn path(folder: &Path, file: &str) -> PathBuf {
    folder.join(file)
}
