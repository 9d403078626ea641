//! A kernel as its author describes it: plain data, read from a kernel file, made by the builder, or taken from T1.
//!
//! Texts that are expressions keep their place in the file, so that a message can point there. What is not said has a
//! default that the documentation of its field names.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::{Spanned, Value};

use super::caps;

/// A kernel file.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// What the kernel is called: lower-case letters, digits, `-` and `_`, beginning with a letter.
    #[schemars(with = "String", length(max = 64), regex(pattern = "^[a-z][a-z0-9_-]*$"))]
    pub name: Spanned<String>,
    /// One line for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// The WGSL file, beside this file unless it is an absolute path.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Spanned<String>>,
    /// The WGSL itself, in place of `source`.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wgsl: Option<Spanned<String>>,
    /// Whether the WGSL is a template; by default it is one if it contains `{{` or `{%`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<bool>,
    /// Problem sizes by name: lower-case letters, and `_` between them.
    #[schemars(with = "IndexMap<String, Size>", extend("propertyNames" = { "pattern": SIZE_NAME }, "minProperties" = 1, "maxProperties" = caps::MOST_SIZES))]
    pub sizes: IndexMap<Spanned<String>, Spanned<i64>>,
    /// What may be tuned: `override` constants and template variables, by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(with = "IndexMap<String, Parameter>", extend("propertyNames" = { "pattern": PARAM_NAME }, "maxProperties" = caps::MOST_PARAMS))]
    pub params: IndexMap<Spanned<String>, Parameter>,
    /// What a config must obey.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = caps::MOST_CONSTRAINTS))]
    pub constraints: Vec<Constraint>,
    /// Storage buffers by the name of their variable.
    #[schemars(with = "IndexMap<String, Buffer>", extend("maxProperties" = caps::MOST_BUFFERS))]
    pub buffers: IndexMap<Spanned<String>, Buffer>,
    /// The values of uniform blocks: by the variable's name, then by the member's (`a`, `a.x`); one number or expression, or
    /// a list for a vector. A block that is no struct has the single member `value`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(with = "Uniforms")]
    pub uniforms: IndexMap<Spanned<String>, IndexMap<Spanned<String>, Spanned<Value>>>,
    /// What is launched, in order.
    #[schemars(length(min = 1, max = caps::MOST_PASSES))]
    pub passes: Vec<Pass>,
    /// What results are checked against; by default the results of the kernel's own default config.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// How results are checked.
    #[serde(default, skip_serializing_if = "Checks::is_usual")]
    pub check: Checks,
    /// What one run does, for rates.
    #[serde(default, skip_serializing_if = "Work::is_unknown")]
    pub work: Work,
}

const SIZE_NAME: &str = "^[a-z]([a-z_]*[a-z])?$";
const PARAM_NAME: &str = "^[A-Za-z][A-Za-z0-9_]*$";

/// A problem size.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "it is for the schema only")]
struct Size(#[schemars(range(min = 1, max = 2_147_483_648u64))] i64);

/// How the schema shows uniform blocks.
type Uniforms = IndexMap<String, IndexMap<String, Scalar>>;

/// A number, an expression, or a list of them.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "it is for the schema only")]
enum Scalar {
    /// A number.
    Number(f64),
    /// An expression.
    Expression(String),
    /// One for each component of a vector.
    Vector(Vec<Component>),
}

/// A number or an expression.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "it is for the schema only")]
enum Component {
    /// A number.
    Number(f64),
    /// An expression.
    Expression(String),
}

/// The values of a parameter, said in one of three ways, and where to begin.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{ "required": ["values"] }, { "required": ["range"] }, { "required": ["powers_of_two"] }]))]
pub struct Parameter {
    /// All of them: whole numbers, real numbers, texts or truth values, not mixed.
    #[schemars(with = "Option<Vec<Choice>>", length(min = 1, max = 4096))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<Spanned<Vec<Value>>>,
    /// Whole numbers from the first to the second, both included, in steps of the third (1 if it is left out).
    #[schemars(with = "Option<Vec<i64>>", length(min = 2, max = 3))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<Spanned<Vec<i64>>>,
    /// Powers of two from the first to the second, both included.
    #[schemars(with = "Option<Vec<i64>>", length(min = 2, max = 2))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub powers_of_two: Option<Spanned<Vec<i64>>>,
    /// A good start; by default the first value. Together with the other defaults it should be legal.
    #[schemars(with = "Option<Choice>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Spanned<Value>>,
    /// One line for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
}

/// A value of a parameter.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "it is for the schema only")]
enum Choice {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// A truth value.
    Truth(bool),
}

/// A condition on configs.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Constraint {
    /// An expression of parameters and sizes that must be true.
    #[schemars(with = "String")]
    pub expr: Spanned<String>,
    /// What is wrong where it is not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// A storage buffer.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Buffer {
    /// The type of its scalars: `f32`, `f16`, `i32` or `u32`.
    #[serde(rename = "type")]
    #[schemars(with = "String", extend("enum" = ["f32", "f16", "i32", "u32"]))]
    pub element: Spanned<String>,
    /// How many scalars: an expression of sizes, of a temporary also of parameters.
    #[schemars(with = "Component")]
    pub size: Spanned<Value>,
    /// What it is for.
    pub role: Role,
    /// What it holds at first; for inputs and in-out buffers.
    #[schemars(with = "Option<Fill>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fill: Option<Spanned<Fill>>,
    /// How far results may be from the truth; for outputs and in-out buffers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<Tolerance>,
}

/// What a buffer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Read.
    Input,
    /// Written, every element of it.
    Output,
    /// Filled before a run, read and written.
    InOut,
    /// For the kernels' own use between passes; its contents are undefined at first.
    Temporary,
}

/// What a buffer holds at first; exactly one of these.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct Fill {
    /// Seeded real numbers spread evenly from the first to the second; the default of floats is [-1, 1].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uniform: Option<[f64; 2]>,
    /// Seeded normal numbers with this mean and standard deviation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normal: Option<[f64; 2]>,
    /// Seeded whole numbers from the first to the second, both included; the default of integers is [0, 255].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integers: Option<[i64; 2]>,
    /// One number everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constant: Option<f64>,
    /// Numbers that begin with the first and grow by the second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iota: Option<[f64; 2]>,
    /// A NumPy file of as many elements, of the same type, in C order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub npy: Option<String>,
    /// A file of nothing but the elements, little-endian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

/// How far a result may be from the truth: at most `absolute + relative · max(|truth|, r)`, where r is the root mean
/// square of the whole output.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tolerance {
    /// As a share; by default 1e-4 for `f32`, 1e-2 for `f16`, 0 for integers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relative: Option<f64>,
    /// In the units of the output; by default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absolute: Option<f64>,
}

/// One launch.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pass {
    /// The entry point; may be left out where the WGSL has one only.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<Spanned<String>>,
    /// Another WGSL file than the kernel's.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Spanned<String>>,
    /// Workgroups in each direction: one to three expressions of sizes and parameters.
    #[schemars(with = "Vec<Component>", length(min = 1, max = 3))]
    pub grid: Vec<Spanned<Value>>,
    /// Invocations of a workgroup in each direction, where it is to be checked against the WGSL.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Component>", length(max = 3))]
    pub workgroup: Vec<Spanned<Value>>,
    /// An expression: the pass is left out where it is false.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Spanned<String>>,
    /// How often it is launched: an expression; `step` counts from 0 in the pass's own expressions.
    #[schemars(with = "Option<Component>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Spanned<Value>>,
    /// Which buffer a variable is bound to, where its name is another.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(with = "IndexMap<String, String>")]
    pub bind: IndexMap<Spanned<String>, Spanned<String>>,
    /// Two buffers that change places at each odd `step`.
    #[schemars(with = "Option<[String; 2]>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swap: Option<Spanned<[String; 2]>>,
    /// Values of uniform blocks for this pass, over those of the kernel.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(with = "Uniforms")]
    pub uniforms: IndexMap<Spanned<String>, IndexMap<Spanned<String>, Spanned<Value>>>,
}

/// What results are checked against: another kernel over the same buffers, or files.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Another kernel file with the same sizes, inputs and outputs, of which the default config is taken.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel: Option<Spanned<String>>,
    /// The WGSL file of a plain kernel.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Spanned<String>>,
    /// The WGSL of a plain kernel itself.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wgsl: Option<Spanned<String>>,
    /// What is launched of the plain kernel, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passes: Vec<Pass>,
    /// Temporaries of the plain kernel.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(with = "IndexMap<String, Buffer>")]
    pub buffers: IndexMap<Spanned<String>, Buffer>,
    /// NumPy files with the results of outputs, by the output's name. All inputs must be files, constants or counts.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(with = "IndexMap<String, String>")]
    pub expected: IndexMap<Spanned<String>, Spanned<String>>,
}

/// How results are checked.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Checks {
    /// Other sizes at which a winner must be right too, each with a value for every size that differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<IndexMap<String, Size>>")]
    pub sizes: Vec<IndexMap<Spanned<String>, Spanned<i64>>>,
    /// Whether two runs on the same inputs may differ, as with sums by float atomics.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nondeterministic: bool,
}

impl Checks {
    fn is_usual(&self) -> bool {
        self.sizes.is_empty() && !self.nondeterministic
    }
}

/// What one run does, as expressions of sizes.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Work {
    /// Operations, for GFLOP/s.
    #[schemars(with = "Option<Component>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flops: Option<Spanned<Value>>,
    /// Bytes moved, for GB/s; by default those of all inputs and outputs, each once.
    #[schemars(with = "Option<Component>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Spanned<Value>>,
    /// Something else to count, such as `{ unit = "Mcell", count = "w * h / 1e6" }`: rates are then told in it. What is
    /// most of it in a second is what takes the least time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
}

impl Work {
    fn is_unknown(&self) -> bool {
        self.flops.is_none() && self.bytes.is_none() && self.rate.is_none()
    }
}

/// Something that is counted.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// What is counted.
    pub unit: String,
    /// How many of them one run gets done: an expression of sizes.
    #[schemars(with = "Component")]
    pub count: Spanned<Value>,
}
