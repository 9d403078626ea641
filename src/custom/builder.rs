//! The same description from Rust: a builder for programs that bring kernels of their own.

use std::path::Path;

use indexmap::IndexMap;
use toml::{Spanned, Value as Toml};

use super::description::{Buffer, Constraint, Description, Fill, Parameter, Pass, Role, Tolerance};
use super::kernel::CustomKernel;
use super::problem::{Checked, Problem};
use crate::base::ElementType;
use crate::space::Value;

/// Describes a kernel step by step. What is wrong with it is told by [`Builder::build`], which shows the same text that
/// [`Builder::toml`] gives.
///
/// ```
/// use wgtune::base::ElementType;
/// use wgtune::custom::{Arrays, Builder};
///
/// let double = Builder::new("double")
///     .wgsl(
///         "override WG: u32 = 64u;
///          @group(0) @binding(0) var<storage, read> x: array<f32>;
///          @group(0) @binding(1) var<storage, read_write> y: array<f32>;
///          @compute @workgroup_size(WG)
///          fn main(@builtin(global_invocation_id) id: vec3<u32>) {
///              if (id.x < arrayLength(&y)) { y[id.x] = 2.0 * x[id.x]; }
///          }",
///     )
///     .size("n", 1000)
///     .param("WG", [32, 64, 128])
///     .input("x", ElementType::F32, "n")
///     .output("y", ElementType::F32, "n")
///     .pass(&["ceil_div(n, WG)"])
///     .build()?
///     .with_reference(|data| Arrays::of([("y", data.get("x").iter().map(|x| 2.0 * x).collect())]));
/// assert_eq!(double.signature()?.outputs[0].elements(), 1000);
/// # Ok::<(), wgtune::custom::Problem>(())
/// ```
#[derive(Clone, Debug)]
pub struct Builder {
    description: Description,
    /// What was said of something that had not been described.
    stray: Option<String>,
}

impl Builder {
    /// A kernel of this name: lower-case letters, digits, `-` and `_`.
    pub fn new(name: &str) -> Self {
        let description = Description {
            name: at_nowhere(name.to_owned()),
            about: String::new(),
            source: None,
            wgsl: None,
            template: None,
            sizes: IndexMap::new(),
            params: IndexMap::new(),
            constraints: Vec::new(),
            buffers: IndexMap::new(),
            uniforms: IndexMap::new(),
            passes: Vec::new(),
            reference: None,
            check: Default::default(),
            work: Default::default(),
        };
        Self { description, stray: None }
    }

    /// The WGSL, plain or a template.
    pub fn wgsl(mut self, text: &str) -> Self {
        self.description.wgsl = Some(at_nowhere(text.to_owned()));
        self
    }

    /// A problem size.
    pub fn size(mut self, name: &str, size: u64) -> Self {
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        self.description.sizes.insert(at_nowhere(name.to_owned()), at_nowhere(size));
        self
    }

    /// A parameter with its values, of which the first is the default: an `override` or a template variable.
    pub fn param<V: Into<Value>>(mut self, name: &str, values: impl IntoIterator<Item = V>) -> Self {
        let values = values.into_iter().map(|value| plain(&value.into())).collect();
        let parameter = Parameter { values: Some(at_nowhere(values)), ..Parameter::default() };
        self.description.params.insert(at_nowhere(name.to_owned()), parameter);
        self
    }

    /// Another default of a parameter than its first value.
    pub fn start(mut self, name: &str, value: impl Into<Value>) -> Self {
        match self.description.params.get_mut(&at_nowhere(name.to_owned())) {
            Some(parameter) => parameter.default = Some(at_nowhere(plain(&value.into()))),
            None => self.stray = Some(format!("`{name}` gets a start before it is a parameter")),
        }
        self
    }

    /// An expression of parameters and sizes that must be true, and what is wrong where it is not.
    pub fn constraint(mut self, expr: &str, why: &str) -> Self {
        self.description.constraints.push(Constraint { expr: at_nowhere(expr.to_owned()), why: why.to_owned() });
        self
    }

    /// A buffer that is read, of so many scalars: a number or an expression of sizes.
    pub fn input(self, name: &str, element: ElementType, size: &str) -> Self {
        self.buffer(name, element, size, Role::Input)
    }

    /// A buffer that is written, every element of it.
    pub fn output(self, name: &str, element: ElementType, size: &str) -> Self {
        self.buffer(name, element, size, Role::Output)
    }

    /// A buffer that is filled before a run, read and written.
    pub fn in_out(self, name: &str, element: ElementType, size: &str) -> Self {
        self.buffer(name, element, size, Role::InOut)
    }

    /// A buffer for what passes leave each other; its size may depend on parameters.
    pub fn temporary(self, name: &str, element: ElementType, size: &str) -> Self {
        self.buffer(name, element, size, Role::Temporary)
    }

    fn buffer(mut self, name: &str, element: ElementType, size: &str, role: Role) -> Self {
        let buffer = Buffer {
            element: at_nowhere(element.name().to_owned()),
            size: at_nowhere(Toml::String(size.to_owned())),
            role,
            fill: None,
            tolerance: None,
        };
        self.description.buffers.insert(at_nowhere(name.to_owned()), buffer);
        self
    }

    /// What an input or in-out buffer holds at first, unless that is the usual: floats from −1 to 1, whole numbers from 0 to
    /// 255.
    pub fn filled(mut self, name: &str, fill: Fill) -> Self {
        match self.description.buffers.get_mut(&at_nowhere(name.to_owned())) {
            Some(buffer) => buffer.fill = Some(at_nowhere(fill)),
            None => self.stray = Some(format!("`{name}` is filled before it is a buffer")),
        }
        self
    }

    /// How far an output may be from the truth: `absolute + relative · max(|truth|, r)`, where r is the root mean square of
    /// the whole output.
    pub fn tolerance(mut self, name: &str, relative: f64, absolute: f64) -> Self {
        match self.description.buffers.get_mut(&at_nowhere(name.to_owned())) {
            Some(buffer) => buffer.tolerance = Some(Tolerance { relative: Some(relative), absolute: Some(absolute) }),
            None => self.stray = Some(format!("`{name}` gets a tolerance before it is a buffer")),
        }
        self
    }

    /// The value of a uniform block's member: a number or an expression. Members that are called like a size or a parameter
    /// need none.
    pub fn uniform(mut self, block: &str, member: &str, value: &str) -> Self {
        let members = self.description.uniforms.entry(at_nowhere(block.to_owned())).or_default();
        members.insert(at_nowhere(member.to_owned()), at_nowhere(Toml::String(value.to_owned())));
        self
    }

    /// A launch of the only entry point, with so many workgroups in each direction.
    pub fn pass(self, grid: &[&str]) -> Self {
        self.launch(None, grid)
    }

    /// A launch of an entry point. Launches come in the order in which they are added.
    pub fn pass_of(self, entry: &str, grid: &[&str]) -> Self {
        self.launch(Some(entry), grid)
    }

    fn launch(mut self, entry: Option<&str>, grid: &[&str]) -> Self {
        let grid = grid.iter().map(|extent| at_nowhere(Toml::String((*extent).to_owned()))).collect();
        let entry = entry.map(|entry| at_nowhere(entry.to_owned()));
        self.description.passes.push(Pass { entry, grid, ..Pass::default() });
        self
    }

    /// Other sizes at which a winner must be right too.
    pub fn also_right_at(mut self, sizes: &[(&str, u64)]) -> Self {
        let size = |(name, size): &(&str, u64)| {
            (at_nowhere((*name).to_owned()), at_nowhere(i64::try_from(*size).unwrap_or(i64::MAX)))
        };
        self.description.check.sizes.push(sizes.iter().map(size).collect());
        self
    }

    /// The kernel file that says the same.
    ///
    /// # Errors
    /// Where a text cannot be written down.
    pub fn toml(&self) -> Checked<String> {
        toml::to_string_pretty(&self.description).map_err(|error| Problem::new(error.to_string()))
    }

    /// The kernel, held to its own default config; [`CustomKernel::with_reference`] gives it a better truth.
    ///
    /// # Errors
    /// What makes no sense, shown in the text of [`Builder::toml`].
    pub fn build(&self) -> Checked<CustomKernel> {
        if let Some(stray) = &self.stray {
            return Err(Problem::new(stray.clone()).help("describe it first"));
        }
        let name = self.description.name.get_ref();
        CustomKernel::parse(&format!("the kernel {name}"), self.toml()?, Path::new(""))
    }

    /// What others have described.
    pub(super) fn of(description: Description) -> Self {
        Self { description, stray: None }
    }

    /// What was described so far.
    pub(super) fn into_description(self) -> Description {
        self.description
    }
}

/// Places are found once the description is a text.
pub(super) fn at_nowhere<T>(value: T) -> Spanned<T> {
    Spanned::new(0..0, value)
}

fn plain(value: &Value) -> Toml {
    match value {
        Value::Int(number) => Toml::Integer(*number),
        Value::Real(number) => Toml::Float(*number),
        Value::Text(text) => Toml::String(text.clone()),
    }
}
