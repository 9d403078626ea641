//! From T1 to a kernel file.

use std::collections::BTreeMap;
use std::path::Path;

use indexmap::IndexMap;
use serde_json::Value as Json;
use toml::Value as Toml;

use super::format::{Argument, Extents, File, Kernel};
use super::python::{Scope, from_python};
use crate::custom::builder::at_nowhere;
use crate::custom::description::{Buffer, Constraint, Description, Fill, Parameter, Pass, Role};
use crate::custom::printable::visible;
use crate::custom::{Builder, Checked, Problem};

/// A kernel file made from T1.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Its text.
    pub toml: String,
    /// What was not in the file, or could not be taken over.
    pub remarks: Vec<String>,
}

/// Our names of the problem's sizes.
const SIZES: [&str; 3] = ["size_x", "size_y", "size_z"];

/// The block that scalar arguments become.
const SCALARS: &str = "scalars";

/// Makes a kernel file of a T1 description.
///
/// # Errors
/// What is no T1, or says what cannot be said of WGSL, by name.
pub fn read_t1(text: &str) -> Checked<Imported> {
    let file: File = serde_json::from_str(text).map_err(|error| {
        Problem::new(format!("this is no T1 description: {error}")).help("give a file in the T1 format")
    })?;
    let (description, remarks) = Reader::new(&file)?.read().map_err(Problem::new)?;
    let remarks = remarks.iter().map(|remark| visible(remark)).collect();
    Ok(Imported { toml: Builder::of(description).toml()?, remarks })
}

struct Reader<'a> {
    file: &'a File,
    sizes: Vec<String>,
    values: BTreeMap<String, Vec<i64>>,
    params: IndexMap<String, Vec<Toml>>,
    remarks: Vec<String>,
}

impl<'a> Reader<'a> {
    fn new(file: &'a File) -> Checked<Self> {
        let mut params = IndexMap::new();
        for parameter in &file.configuration_space.tuning_parameters {
            let values = values(&parameter.values).map_err(|why| {
                Problem::new(format!("the values of `{}` {why}", parameter.name))
                    .help("write a list, such as [1, 2, 4]")
            })?;
            params.insert(parameter.name.clone(), values);
        }
        let whole = |values: &Vec<Toml>| values.iter().map(Toml::as_integer).collect::<Option<Vec<i64>>>();
        let values = params.iter().filter_map(|(name, values)| Some((name.clone(), whole(values)?))).collect();
        let count = file.kernel_specification.problem_size.len();
        if count == 0 || count > SIZES.len() {
            let problem = Problem::new(format!("`ProblemSize` has {count} numbers"));
            return Err(problem.help("give it one to three"));
        }
        let sizes = SIZES[..count].iter().map(|name| (*name).to_owned()).collect();
        Ok(Self { file, sizes, values, params, remarks: Vec::new() })
    }

    fn read(mut self) -> Result<(Description, Vec<String>), String> {
        let kernel = &self.file.kernel_specification;
        let name = name(&self.file.general.benchmark_name, &kernel.kernel_name);
        let mut builder = Builder::new(&name);
        for (size, value) in self.sizes.iter().zip(&kernel.problem_size) {
            builder = builder.size(size, u64::try_from(*value).map_err(|_| format!("`ProblemSize` has {value}"))?);
        }
        let mut description = builder.into_description();
        description.source = Some(at_nowhere(self.source(kernel)));
        description.params = self.parameters();
        description.constraints = self.constraints()?;
        for argument in &kernel.arguments {
            self.argument(argument, &mut description)?;
        }
        description.passes = vec![self.pass(kernel)?];
        Ok((description, self.remarks))
    }

    /// Where the WGSL is to be.
    fn source(&mut self, kernel: &Kernel) -> String {
        let is_wgsl = kernel.language.eq_ignore_ascii_case("wgsl");
        if is_wgsl && !kernel.kernel_file.is_empty() {
            return kernel.kernel_file.clone();
        }
        let file = Path::new(&kernel.kernel_file).with_extension("wgsl");
        let file = if file.as_os_str().is_empty() { Path::new("kernel.wgsl").to_owned() } else { file };
        let language = if kernel.language.is_empty() { "no language" } else { &kernel.language };
        self.remarks.push(format!(
            "the kernel is written in {language} (`{}`): write it in WGSL as `{}`, with its parameters as `override` constants \
             or template variables",
            kernel.kernel_file,
            file.display()
        ));
        file.display().to_string()
    }

    fn parameters(&mut self) -> IndexMap<toml::Spanned<String>, Parameter> {
        let mut parameters = IndexMap::new();
        for (told, (name, values)) in self.file.configuration_space.tuning_parameters.iter().zip(&self.params) {
            let default = scalar(&told.default);
            let known = default.clone().filter(|default| values.contains(default));
            if known.is_none() && default.is_some() {
                self.remarks.push(format!("the default of `{name}`, {}, is none of its values", told.default));
            }
            let parameter = Parameter {
                values: Some(at_nowhere(values.clone())),
                default: known.map(at_nowhere),
                ..Parameter::default()
            };
            parameters.insert(at_nowhere(name.clone()), parameter);
        }
        parameters
    }

    fn constraints(&self) -> Result<Vec<Constraint>, String> {
        let conditions = self.file.configuration_space.conditions.iter();
        let constraint = |condition: &super::format::Condition| {
            let expr = at_nowhere(self.ours(&condition.expression)?);
            Ok(Constraint { expr, why: String::new() })
        };
        conditions.map(constraint).collect()
    }

    fn ours(&self, text: &str) -> Result<String, String> {
        from_python(text, &Scope { sizes: &self.sizes, values: &self.values })
    }

    fn formula(&self, value: &Json) -> Result<String, String> {
        match value {
            Json::String(text) => self.ours(text),
            Json::Number(number) => Ok(number.to_string()),
            other => Err(format!("`{other}` is neither a number nor an expression")),
        }
    }

    fn argument(&mut self, argument: &Argument, description: &mut Description) -> Result<(), String> {
        let name = &argument.name;
        if argument.memory_type.eq_ignore_ascii_case("scalar") {
            let value =
                scalar(&argument.fill_value).ok_or_else(|| format!("the scalar `{name}` has no `FillValue`"))?;
            self.remarks.push(format!("the scalar `{name}` is a member of the uniform block `{SCALARS}`"));
            let block = description.uniforms.entry(at_nowhere(SCALARS.to_owned())).or_default();
            block.insert(at_nowhere(name.clone()), at_nowhere(value));
            return Ok(());
        }
        let element = element(&argument.kind).ok_or_else(|| {
            format!("the argument `{name}` has the type `{}`, which WGSL does not have", argument.kind)
        })?;
        let role = role(argument)?;
        let buffer = Buffer {
            element: at_nowhere(element.to_owned()),
            size: at_nowhere(Toml::String(self.formula(&argument.size)?)),
            role,
            fill: if role == Role::Output { None } else { fill(argument)?.map(at_nowhere) },
            tolerance: None,
        };
        description.buffers.insert(at_nowhere(name.clone()), buffer);
        Ok(())
    }

    fn pass(&mut self, kernel: &Kernel) -> Result<Pass, String> {
        let workgroup = self.extents(&kernel.local_size)?;
        let divisors = [&kernel.grid_div_x, &kernel.grid_div_y, &kernel.grid_div_z];
        let grid = if divisors.iter().any(|divisors| divisors.is_some()) {
            let pairs = self.sizes.iter().zip(divisors);
            pairs
                .map(|(size, divisors)| self.divided(size, divisors.as_deref().unwrap_or_default()))
                .collect::<Result<_, _>>()?
        } else {
            let global = self.extents(&kernel.global_size)?;
            match kernel.global_size_type.to_ascii_lowercase().as_str() {
                "opencl" => {
                    let ones = std::iter::repeat("1".to_owned());
                    global
                        .iter()
                        .zip(workgroup.iter().cloned().chain(ones))
                        .map(|(all, own)| format!("ceil_div({all}, {own})"))
                        .collect()
                }
                _ => global,
            }
        };
        if grid.is_empty() {
            return Err("neither `GlobalSize` nor `GridDivX` says how many workgroups there are".to_owned());
        }
        let texts = |texts: Vec<String>| texts.into_iter().map(|text| at_nowhere(Toml::String(text))).collect();
        Ok(Pass {
            entry: Some(at_nowhere(kernel.kernel_name.clone())),
            grid: texts(grid),
            workgroup: texts(workgroup),
            ..Pass::default()
        })
    }

    fn divided(&self, size: &str, divisors: &[String]) -> Result<String, String> {
        let divisors: Vec<String> = divisors.iter().map(|text| self.ours(text)).collect::<Result<_, _>>()?;
        Ok(if divisors.is_empty() { size.to_owned() } else { format!("ceil_div({size}, {})", product(&divisors)) })
    }

    /// The expressions of directions, without the last that are 1.
    fn extents(&self, extents: &Extents) -> Result<Vec<String>, String> {
        let told = [&extents.x, &extents.y, &extents.z].into_iter().filter(|extent| !extent.is_null());
        let mut all: Vec<String> = told.map(|extent| self.formula(extent)).collect::<Result<_, _>>()?;
        while all.len() > 1 && all.last().is_some_and(|last| last == "1") {
            all.pop();
        }
        Ok(all)
    }
}

fn product(factors: &[String]) -> String {
    let is_plain = |factor: &&String| factor.chars().all(|c| c.is_alphanumeric() || c == '_');
    let bracketed = |factor: &String| if is_plain(&factor) { factor.clone() } else { format!("({factor})") };
    factors.iter().map(bracketed).collect::<Vec<_>>().join(" * ")
}

/// A kernel's name from what the file calls it.
fn name(benchmark: &str, kernel: &str) -> String {
    let told = if benchmark.is_empty() { kernel } else { benchmark };
    let lower = told.to_ascii_lowercase();
    let word: String =
        lower.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).take(64).collect();
    let word = word.trim_start_matches(|c: char| !c.is_ascii_lowercase());
    if word.is_empty() { "kernel".to_owned() } else { word.to_owned() }
}

fn element(kind: &str) -> Option<&'static str> {
    match kind {
        "float" | "float32" | "f32" => Some("f32"),
        "half" | "float16" | "f16" => Some("f16"),
        "int" | "int32" | "int32_t" | "i32" => Some("i32"),
        "unsigned int" | "uint" | "uint32" | "uint32_t" | "u32" => Some("u32"),
        _ => None,
    }
}

fn role(argument: &Argument) -> Result<Role, String> {
    match argument.access_type.to_ascii_lowercase().as_str() {
        "readonly" => Ok(Role::Input),
        "writeonly" => Ok(Role::Output),
        "readwrite" => Ok(Role::InOut),
        other => {
            Err(format!("the argument `{}` has the access type `{other}`, which is not understood", argument.name))
        }
    }
}

fn fill(argument: &Argument) -> Result<Option<Fill>, String> {
    let value = argument.fill_value.as_f64();
    match argument.fill_type.to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "constant" => Ok(Some(Fill { constant: Some(value.unwrap_or(0.0)), ..Fill::default() })),
        "random" => {
            let most = value.filter(|most| *most > 0.0).unwrap_or(1.0);
            let whole = element(&argument.kind).is_some_and(|element| element.starts_with(['i', 'u']));
            Ok(Some(match whole {
                true => Fill { integers: Some([0, most as i64]), ..Fill::default() },
                false => Fill { uniform: Some([0.0, most]), ..Fill::default() },
            }))
        }
        "binaryraw" => {
            let file = argument.data_source.clone();
            let file =
                file.ok_or_else(|| format!("the argument `{}` is filled from no `DataSource`", argument.name))?;
            Ok(Some(Fill { raw: Some(file), ..Fill::default() }))
        }
        other => Err(format!("the argument `{}` has the fill type `{other}`, which is not understood", argument.name)),
    }
}

/// The values of a list, or of Python that makes one.
fn values(told: &Json) -> Result<Vec<Toml>, String> {
    let list = match told {
        Json::Array(list) => list.clone(),
        Json::String(text) => python_list(text)?,
        other => return Err(format!("are `{other}`, which is no list")),
    };
    list.iter().map(|value| scalar(value).ok_or_else(|| format!("have `{value}` among them"))).collect()
}

fn python_list(text: &str) -> Result<Vec<Json>, String> {
    let text = text.trim();
    let inner = text.strip_prefix("list(").and_then(|inner| inner.strip_suffix(')')).unwrap_or(text);
    if let Some(arguments) = inner.strip_prefix("range(").and_then(|inner| inner.strip_suffix(')')) {
        return range(arguments).ok_or_else(|| format!("are `{text}`, which is not understood"));
    }
    let json = text.replace('\'', "\"").replace("True", "true").replace("False", "false");
    serde_json::from_str(&json).map_err(|_| format!("are `{text}`, which is not understood"))
}

/// Most values that a `range` may make.
const MOST_VALUES: i64 = 4096;

fn range(arguments: &str) -> Option<Vec<Json>> {
    let numbers: Vec<i64> = arguments.split(',').map(|number| number.trim().parse().ok()).collect::<Option<_>>()?;
    let (first, end, step) = match numbers[..] {
        [end] => (0, end, 1),
        [first, end] => (first, end, 1),
        [first, end, step] => (first, end, step),
        _ => return None,
    };
    let fits = step > 0 && end.checked_sub(first)? / step <= MOST_VALUES;
    fits.then(|| (first..end).step_by(step as usize).map(Json::from).collect())
}

fn scalar(value: &Json) -> Option<Toml> {
    match value {
        Json::Bool(truth) => Some(Toml::Boolean(*truth)),
        Json::String(text) => Some(Toml::String(text.clone())),
        Json::Number(number) => number.as_i64().map(Toml::Integer).or_else(|| number.as_f64().map(Toml::Float)),
        _ => None,
    }
}
