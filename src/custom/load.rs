//! From a kernel file to a kernel: reads everything it names, and refuses what makes no sense at its place.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use toml::Spanned;

use super::buffer::{self, BufferSpec};
use super::caps;
use super::contents;
use super::description::{Buffer, Description, Pass, Reference, Role};
use super::digest;
use super::formula::{Formula, Place, Scope};
use super::kernel::{Condition, CustomKernel, Parts, WorkSpec};
use super::parameter::Choices;
use super::pass::{PassSpec, STEP, uniforms};
use super::plan::Plan;
use super::printable::refuse_controls;
use super::problem::{Checked, Problem, Source};
use super::sound;
use super::starter::is_name;
use super::truth::TruthSpec;
use super::wgsl::Wgsl;

/// Larger files are no kernels.
const MOST_BYTES: u64 = 1 << 20;

/// Where the format is explained.
const MANUAL: &str = "docs/kernel-file.md explains the format";

impl CustomKernel {
    /// Reads a kernel file and all that it names.
    ///
    /// # Errors
    /// What is wrong, with its place in the file.
    pub fn load(path: &Path) -> Checked<Self> {
        let text = read_text(path).map_err(Problem::new)?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Self::parse(&path.display().to_string(), text, &folder)
    }

    /// Reads the text of a kernel file; `name` is for messages, and files that it names are sought in `folder`.
    ///
    /// # Errors
    /// As for [`CustomKernel::load`].
    pub fn parse(name: &str, text: String, folder: &Path) -> Checked<Self> {
        let source = Arc::new(Source { name: name.to_owned(), text });
        let description = describe(&source)?;
        Self::new(description, source, folder)
    }

    /// Makes sense of a description whose places are in `source`.
    pub(super) fn new(description: Description, source: Arc<Source>, folder: &Path) -> Checked<Self> {
        caps::refuse_excess(&description, &source)?;
        let kernel =
            Loader { source, folder: folder.to_owned(), texts: Vec::new(), paths: Vec::new() }.read(&description)?;
        sound::check(&kernel)?;
        Ok(kernel)
    }
}

/// What a text says, as far as TOML and its keys go.
fn describe(source: &Arc<Source>) -> Checked<Description> {
    refuse_controls(source)?;
    toml::from_str(&source.text).map_err(|error| {
        let at = error.span().unwrap_or(0..0);
        Problem::new(error.message().to_owned()).at(source, at, "").help(MANUAL)
    })
}

/// The text of a regular file of at most 1 MiB.
///
/// # Errors
/// Half a sentence that names the file and says why it cannot be read.
pub fn read_text(path: &Path) -> Result<String, String> {
    let failed = |why: String| format!("the file `{}` cannot be read: {why}", path.display());
    let about = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?;
    // A pipe would keep us waiting, and a device has no end.
    if !about.is_file() {
        return Err(failed("it is no regular file".to_owned()));
    }
    let file = File::open(path).map_err(|error| failed(error.to_string()))?;
    let mut text = String::new();
    file.take(MOST_BYTES + 1).read_to_string(&mut text).map_err(|error| failed(error.to_string()))?;
    if text.len() as u64 > MOST_BYTES {
        return Err(failed(format!("it has more than {MOST_BYTES} bytes, which no kernel has")));
    }
    Ok(text)
}

/// A description on its way to a kernel.
struct Loader {
    source: Arc<Source>,
    folder: PathBuf,
    /// The WGSL of the plan that is being read, each file once.
    texts: Vec<Wgsl>,
    paths: Vec<Option<String>>,
}

/// The names that expressions may use.
struct Known {
    sizes: BTreeSet<String>,
    all: BTreeSet<String>,
}

impl Known {
    fn of_sizes(&self) -> Scope<'_> {
        Scope { names: &self.sizes, what: "a size" }
    }

    fn all(&self) -> Scope<'_> {
        Scope { names: &self.all, what: "a size or a parameter" }
    }
}

impl Loader {
    fn read(mut self, description: &Description) -> Checked<CustomKernel> {
        self.check_name(&description.name)?;
        let sizes = self.sizes(&description.sizes)?;
        let params = self.params(description)?;
        let sizes_only: BTreeSet<String> = sizes.iter().map(|(name, _)| name.clone()).collect();
        let all = sizes_only.iter().cloned().chain(params.iter().map(|param| param.name.clone())).collect();
        let known = Known { sizes: sizes_only, all };
        let buffers = self.buffers(&description.buffers, &known)?;
        let main = self.text(&description.source, &description.wgsl, description.template)?;
        let plan = self.plan(&description.passes, main, &description.uniforms, &known, description.template)?;
        let truth = self.truth(description, &buffers, &known)?;
        let constraints = description.constraints.iter().map(|constraint| {
            let formula = Formula::text(&self.source, &constraint.expr, &known.all())?;
            let why = if constraint.why.is_empty() {
                format!("not {}", constraint.expr.get_ref())
            } else {
                constraint.why.clone()
            };
            Ok(Condition { formula, why })
        });
        let constraints = constraints.collect::<Checked<Vec<_>>>()?;
        let near = description.check.sizes.iter().map(|near| self.near(near, &known)).collect::<Checked<Vec<_>>>()?;
        let work = self.work(description, &known)?;
        let texts = plan.texts.iter().chain(truth.texts()).map(Wgsl::text);
        let digest = digest::of(description, texts, &truth, &params);
        Ok(CustomKernel(Arc::new(Parts {
            operator: format!("{}@{digest}", description.name.get_ref()),
            name: description.name.get_ref().clone(),
            about: description.about.clone(),
            sizes,
            params,
            constraints,
            buffers,
            plan,
            truth,
            nondeterministic: description.check.nondeterministic,
            near,
            work,
        })))
    }

    fn check_name(&self, name: &Spanned<String>) -> Checked<()> {
        let text = name.get_ref();
        if is_name(text) {
            return Ok(());
        }
        let problem = Place::of(&self.source, name).problem(format!("`{text}` is no name for a kernel"));
        Err(problem.help("use up to 64 lower-case letters, digits, `-` and `_`, with a letter first"))
    }

    fn sizes(&self, sizes: &IndexMap<Spanned<String>, Spanned<i64>>) -> Checked<Vec<(String, u64)>> {
        if sizes.is_empty() {
            return Err(Problem::new("there are no sizes")
                .at(&self.source, 0..0, "")
                .help("write such as [sizes], n = 1024"));
        }
        let size = |(name, size): (&Spanned<String>, &Spanned<i64>)| {
            let text = name.get_ref();
            let is_name = text.starts_with(|c: char| c.is_ascii_lowercase())
                && text.ends_with(|c: char| c.is_ascii_lowercase())
                && text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            if !is_name || text == STEP {
                let problem = Place::of(&self.source, name).problem(format!("`{text}` is no name for a size"));
                return Err(problem.help("use lower-case letters, and `_` between them"));
            }
            Ok((text.clone(), self.size(name, size)?))
        };
        sizes.iter().map(size).collect()
    }

    fn size(&self, name: &Spanned<String>, size: &Spanned<i64>) -> Checked<u64> {
        let value = u64::try_from(*size.get_ref()).ok().filter(|value| (1..=buffer::MOST_ELEMENTS).contains(value));
        value.ok_or_else(|| {
            let message = format!("the size `{}` is {}", name.get_ref(), size.get_ref());
            Place::of(&self.source, size).problem(message).help("a size is a whole number from 1 to 2^31")
        })
    }

    fn params(&self, description: &Description) -> Checked<Vec<Choices>> {
        let param = |(name, parameter)| {
            let name: &Spanned<String> = name;
            self.check_param(name, description)?;
            Choices::read(&self.source, name, parameter)
        };
        description.params.iter().map(param).collect()
    }

    fn check_param(&self, name: &Spanned<String>, description: &Description) -> Checked<()> {
        let text = name.get_ref();
        let problem = |message: String| Place::of(&self.source, name).problem(message);
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !text.starts_with(|c: char| c.is_ascii_alphabetic()) || !text.chars().all(is_word) {
            let problem = problem(format!("`{text}` is no name for a parameter"));
            return Err(problem.help("use letters, digits and `_`, with a letter first"));
        }
        if text == STEP {
            let problem = problem(format!("`{STEP}` counts the repetitions of a pass, and cannot be a parameter"));
            return Err(problem.help("give the parameter another name"));
        }
        if description.sizes.keys().any(|size| size.get_ref() == text) {
            let problem = problem(format!("`{text}` is a size and a parameter"));
            return Err(problem.help("give one of them another name"));
        }
        Ok(())
    }

    fn buffers(&self, buffers: &IndexMap<Spanned<String>, Buffer>, known: &Known) -> Checked<Vec<BufferSpec>> {
        let read = |(name, buffer): (&Spanned<String>, &Buffer)| {
            // What crosses to the checks must not depend on the config.
            let scope = if buffer.role == Role::Temporary { known.all() } else { known.of_sizes() };
            BufferSpec::read(&self.source, &self.folder, name, buffer, &scope)
        };
        let buffers: Vec<BufferSpec> = buffers.iter().map(read).collect::<Checked<_>>()?;
        if buffers.iter().any(|buffer| matches!(buffer.role, Role::Output | Role::InOut)) {
            return Ok(buffers);
        }
        let at = buffers.first().map_or(0..0, |buffer| buffer.size.span());
        let problem = Problem::new("no buffer is an output, so there is nothing to check").at(&self.source, at, "");
        Err(problem.help("give the buffer that holds the result role = \"output\" or \"in-out\""))
    }

    /// The number of a text: a file, a part of this file, or none if neither was said.
    fn text(
        &mut self,
        file: &Option<Spanned<String>>,
        inline: &Option<Spanned<String>>,
        template: Option<bool>,
    ) -> Checked<Option<usize>> {
        let (path, wgsl) = match (file, inline) {
            (None, None) => return Ok(None),
            (Some(file), Some(_)) => {
                let problem = Place::of(&self.source, file).problem("the WGSL is given twice, as a file and in place");
                return Err(problem.help("leave `source` or `wgsl` away"));
            }
            (Some(file), None) => {
                if let Some(known) = self.paths.iter().position(|path| path.as_ref() == Some(file.get_ref())) {
                    return Ok(Some(known));
                }
                (Some(file.get_ref().clone()), self.file(file, template)?)
            }
            (None, Some(inline)) => (None, self.inline(inline, template)?),
        };
        self.texts.push(wgsl);
        self.paths.push(path);
        Ok(Some(self.texts.len() - 1))
    }

    fn file(&self, file: &Spanned<String>, template: Option<bool>) -> Checked<Wgsl> {
        let path = buffer::path(&self.folder, file.get_ref());
        let text = read_text(&path).map_err(|why| {
            let help = "name a WGSL file, relative to the folder of this file";
            Place::of(&self.source, file).problem(why).help(help)
        })?;
        let at = 0..text.len();
        Wgsl::read(Arc::new(Source { name: path.display().to_string(), text }), at, template)
    }

    fn inline(&self, inline: &Spanned<String>, template: Option<bool>) -> Checked<Wgsl> {
        let (text, span) = (inline.get_ref(), inline.span());
        let inside = self.source.text.get(span.clone()).and_then(|written| written.find(text.as_str()));
        if let Some(at) = inside.filter(|_| !text.is_empty()) {
            let at = span.start + at;
            return Wgsl::read(self.source.clone(), at..at + text.len(), template);
        }
        // It was written with escapes, or not in a file at all.
        let source = Source { name: format!("{} (wgsl)", self.source.name), text: text.clone() };
        Wgsl::read(Arc::new(source), 0..text.len(), template)
    }

    /// Reads passes with the texts that they are from; what was read of texts before belongs to this plan.
    fn plan(
        &mut self,
        passes: &[Pass],
        main: Option<usize>,
        blocks: &IndexMap<Spanned<String>, IndexMap<Spanned<String>, Spanned<toml::Value>>>,
        known: &Known,
        template: Option<bool>,
    ) -> Checked<Plan> {
        let mut read = Vec::new();
        for pass in passes {
            let own = self.text(&pass.source, &None, template)?;
            let Some(text) = own.or(main) else {
                let problem = Problem::new("no WGSL is given for a pass").at(&self.source, 0..0, "");
                return Err(problem.help("write source = \"file.wgsl\", or the text itself as wgsl = '''…'''"));
            };
            read.push(PassSpec::read(&self.source, pass, text, &known.all)?);
        }
        if read.is_empty() {
            let problem = Problem::new("there are no passes").at(&self.source, 0..0, "");
            return Err(problem.help("write such as [[passes]], grid = [\"ceil_div(n, 64)\"]"));
        }
        let mut inside = known.all.clone();
        inside.insert(STEP.to_owned());
        let scope = Scope { names: &inside, what: "a size or a parameter" };
        let uniforms = uniforms(&self.source, blocks, &scope)?;
        let texts = std::mem::take(&mut self.texts);
        self.paths.clear();
        texts.iter().try_for_each(|text| text.refuse_unknown(&known.all))?;
        Ok(Plan { texts, passes: read, uniforms })
    }

    fn truth(&mut self, description: &Description, buffers: &[BufferSpec], known: &Known) -> Checked<TruthSpec> {
        let Some(reference) = &description.reference else { return Ok(TruthSpec::Default) };
        let plain = reference.source.is_some() || reference.wgsl.is_some() || !reference.passes.is_empty();
        match (&reference.kernel, plain, reference.expected.is_empty()) {
            (Some(file), false, true) => self.other_kernel(file, buffers),
            (None, true, true) => self.plain_kernel(description, reference, buffers, known),
            (None, false, false) => self.expected(reference, buffers),
            _ => {
                let said = [&reference.kernel, &reference.source, &reference.wgsl].into_iter().flatten().next();
                let at = said.map_or(0..0, Spanned::span);
                let problem = Problem::new("the reference must be one thing").at(&self.source, at, "");
                Err(problem.help("give it a kernel, or source (or wgsl) with passes, or expected files"))
            }
        }
    }

    /// What the default config of another kernel file computes.
    fn other_kernel(&self, file: &Spanned<String>, buffers: &[BufferSpec]) -> Checked<TruthSpec> {
        let place = Place::of(&self.source, file);
        let path = buffer::path(&self.folder, file.get_ref());
        let text = read_text(&path).map_err(|why| place.problem(why).help("name another kernel file"))?;
        // Its own reference has no part in this, so files cannot go round in circles.
        let source = Arc::new(Source { name: path.display().to_string(), text });
        let mut other = describe(&source)?;
        other.reference = None;
        let kernel = CustomKernel::new(other, source, path.parent().unwrap_or(Path::new("")))?;
        let outside = |buffers: &[BufferSpec]| {
            let crossing = buffers.iter().filter(|buffer| buffer.role != Role::Temporary);
            crossing.map(|buffer| (buffer.name.clone(), buffer.element, buffer.role)).collect::<Vec<_>>()
        };
        if outside(&kernel.0.buffers) != outside(buffers) {
            let problem = place.problem("the reference kernel has other inputs and outputs than this one");
            return Err(problem.help("give both the same, by name, type and role, in the same order"));
        }
        Ok(TruthSpec::Kernel(kernel))
    }

    /// A plain kernel over the same buffers.
    fn plain_kernel(
        &mut self,
        description: &Description,
        reference: &Reference,
        buffers: &[BufferSpec],
        known: &Known,
    ) -> Checked<TruthSpec> {
        // It has no parameters: it is the same for all configs.
        let known = Known { sizes: known.sizes.clone(), all: known.sizes.clone() };
        let mut text = self.text(&reference.source, &reference.wgsl, Some(false))?;
        if text.is_none() {
            text = self.text(&description.source, &description.wgsl, description.template)?;
        }
        let own = |(name, buffer): (&Spanned<String>, &Buffer)| {
            if buffer.role == Role::Temporary {
                return BufferSpec::read(&self.source, &self.folder, name, buffer, &known.of_sizes());
            }
            let message = format!("`{}` belongs to the reference alone, so it must be a temporary", name.get_ref());
            Err(Place::of(&self.source, name).problem(message).help("write role = \"temporary\""))
        };
        let own: Vec<BufferSpec> = reference.buffers.iter().map(own).collect::<Checked<_>>()?;
        let crossing = buffers.iter().filter(|buffer| buffer.role != Role::Temporary);
        let buffers = crossing.cloned().chain(own).collect();
        let sized = description.uniforms.iter().filter(|(_, members)| self.is_of_sizes(members, &known));
        let blocks = sized.map(|(name, members)| (name.clone(), members.clone())).collect();
        Ok(TruthSpec::Plan(self.plan(&reference.passes, text, &blocks, &known, Some(false))?, buffers))
    }

    /// Whether a uniform block's values are made of sizes alone.
    fn is_of_sizes(&self, members: &IndexMap<Spanned<String>, Spanned<toml::Value>>, known: &Known) -> bool {
        let one = IndexMap::from([(Spanned::new(0..0, String::new()), members.clone())]);
        uniforms(&self.source, &one, &known.of_sizes()).is_ok()
    }

    /// Files with the results of every output.
    fn expected(&self, reference: &Reference, buffers: &[BufferSpec]) -> Checked<TruthSpec> {
        let mut files = BTreeMap::new();
        for (name, file) in &reference.expected {
            let output = |buffer: &&BufferSpec| matches!(buffer.role, Role::Output | Role::InOut);
            let Some(buffer) = buffers.iter().filter(output).find(|buffer| buffer.name == *name.get_ref()) else {
                let problem = Place::of(&self.source, name).problem(format!("`{}` is no output", name.get_ref()));
                return Err(problem.help("give files for outputs and in-out buffers"));
            };
            let path = buffer::path(&self.folder, file.get_ref());
            let found = contents::npy(&path, buffer.element).map_err(|why| {
                Place::of(&self.source, file)
                    .problem(why)
                    .help("save an array of this type in C order, as `numpy.save` does")
            })?;
            files.insert(buffer.name.clone(), found);
        }
        let drawn =
            buffers.iter().find(|buffer| matches!(buffer.role, Role::Input | Role::InOut) && !buffer.is_fixed());
        match (drawn, reference.expected.values().next()) {
            (Some(drawn), Some(file)) => {
                let message = format!("the results are fixed, and `{}` holds what the seed says", drawn.name);
                let problem = Place::of(&self.source, file).problem(message);
                Err(problem.help("fill all inputs from files, by a constant, or by iota"))
            }
            _ => Ok(TruthSpec::Files(files)),
        }
    }

    fn near(&self, near: &IndexMap<Spanned<String>, Spanned<i64>>, known: &Known) -> Checked<Vec<(String, u64)>> {
        let size = |(name, size): (&Spanned<String>, &Spanned<i64>)| {
            if !known.sizes.contains(name.get_ref()) {
                let problem = Place::of(&self.source, name).problem(format!("there is no size `{}`", name.get_ref()));
                let sizes: Vec<&str> = known.sizes.iter().map(String::as_str).collect();
                return Err(problem.help(format!("there are: {}", sizes.join(", "))));
            }
            Ok((name.get_ref().clone(), self.size(name, size)?))
        };
        near.iter().map(size).collect()
    }

    fn work(&self, description: &Description, known: &Known) -> Checked<WorkSpec> {
        let read = |value| Formula::read(&self.source, value, &known.of_sizes());
        let work = &description.work;
        let rate = work.rate.as_ref().map(|rate| Ok((rate.unit.clone(), read(&rate.count)?))).transpose()?;
        let (flops, bytes) = (work.flops.as_ref().map(read).transpose()?, work.bytes.as_ref().map(read).transpose()?);
        Ok(WorkSpec { flops, bytes, rate })
    }
}
