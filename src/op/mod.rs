//! The operators: what each computes, what it costs, its plain reference, and the templates that emit its kernels.

pub mod chain;
pub mod conv2d;
pub mod conv2d_transpose;
mod data;
mod elementwise;
mod epilogue;
mod kernel;
mod lists;
pub mod matmul;
mod meaning;
mod narrow;
mod native;
mod projection;
mod reduction;
mod repack;
mod shared;
mod sizes;
mod spatial;
mod vta;

pub use data::{DataSet, Filling, initial_outputs, inputs, materialise, usual_inputs};
pub use elementwise::{FUNCTIONS, Function};
pub use epilogue::STEPS;
pub use kernel::closest;
pub use lists::{LISTS, List, find_list, read_list};
pub use meaning::Meaning;
pub use shared::Shared;
pub use sizes::{Resize, near_sizes};

use std::collections::BTreeMap;

use crate::base::{Approx, DeviceFacts, Distribution, Language, Projection, Sum, Tensor, TensorSpec};
use crate::code::routine::Call;
use crate::code::{Program, Symbols};
use crate::record::{Numerics, Rejection};
use crate::space::{Config, Space, Value};
use crate::workload::{Dims, Workload, WorkloadError};

/// Every operator. Command line, contract tests, goldens and documents follow this list.
pub const OPERATORS: &[&dyn Operator] =
    &[&matmul::Matmul, &conv2d::Conv2d, &conv2d_transpose::Conv2dTranspose, &chain::Chain];

/// A family of computations that workloads instantiate.
pub trait Operator: Send + Sync {
    /// The name that workloads begin with.
    fn name(&self) -> &str;

    /// One line for lists.
    fn about(&self) -> &str;

    /// Its dims, layouts and steps, for help texts.
    fn grammar(&self) -> &str;

    /// What the workload means, or why it means nothing.
    fn signature(&self, workload: &Workload) -> Result<Signature, OperatorError>;

    /// The plain reference over these inputs (one per input of the signature).
    fn reference(&self, signature: &Signature, inputs: Vec<Tensor>) -> Box<dyn Reference>;

    /// How results on inputs filled like this are judged: by the reference, where there is one on the host.
    ///
    /// # Errors
    /// Where a user's reference has none; what is wrong with it.
    fn truth(&self, signature: &Signature, filling: &Filling) -> Result<Truth, String> {
        Ok(Truth::Elements(self.reference(signature, materialise(signature, &filling.inputs))))
    }

    /// What each input is filled with in a data set, or `None` where the set does not suit; [`inputs`] asks.
    fn distributions(&self, signature: &Signature, data: DataSet) -> Option<Vec<Distribution>> {
        data::elementwise(signature, data)
    }

    /// Whether the contents of its inputs are a user's choice, and used as they are.
    fn fills_are_given(&self) -> bool {
        false
    }

    /// The dims of a workload like one with these; what they mean is for [`Operator::signature`] to say.
    fn resized(&self, dims: &Dims, how: Resize) -> Dims;

    /// A workload like this one in other sizes.
    fn resized_workload(&self, workload: &Workload, how: Resize) -> Workload {
        Workload { dims: self.resized(&workload.dims, how), ..workload.clone() }
    }

    /// The same workload in other sizes, at which what may win must be right too.
    fn neighbours(&self, signature: &Signature) -> Vec<Signature> {
        near_sizes(signature)
    }

    /// Which sizes may vary while the workload stays what it is, and how all others follow from them.
    fn meaning(&self, signature: &Signature) -> Meaning {
        Meaning::fixed(signature)
    }

    /// What is computed, as routines are asked for it; `None` where that can be said in WGSL alone.
    fn call(&self, _signature: &Signature) -> Option<Call> {
        None
    }

    /// Its templates: of each language the first that applies has the hand-made choice, the last is the naive kernel; see
    /// [`tuned_templates`].
    fn templates(&self) -> Vec<Shared<dyn Template>>;

    /// Small workloads with odd sizes, at most 20 MFLOP each: every config must be right on all of them.
    fn contract(&self) -> &'static [&'static str];

    /// Workloads of real models, for lists and benches.
    fn workloads(&self) -> &'static [&'static str];
}

/// How a result is judged.
pub enum Truth {
    /// By the true value of each element.
    Elements(Box<dyn Reference>),
    /// By what a plain program makes of the same inputs on the same device.
    Program(Box<Program>, Box<dyn Judge>),
}

/// What is allowed to differ from the results of a plain program.
pub trait Judge {
    /// For each element of an output what is admitted where the plain program left this, `None` where it left nothing.
    fn admitted(&self, output: usize, values: &[Option<f64>]) -> Vec<Approx>;
}

/// A workload that makes sense, with everything that follows from it.
#[derive(Clone, Debug)]
pub struct Signature {
    /// What gave it its meaning.
    pub operator: Shared<dyn Operator>,
    /// In canonical form: sizes in order, without what goes without saying.
    pub workload: Workload,
    /// What is read, in the order of the bindings.
    pub inputs: Vec<TensorSpec>,
    /// What is written, in the order of the bindings.
    pub outputs: Vec<TensorSpec>,
    /// The sizes that uniform blocks and grid formulas name.
    pub symbols: Symbols,
    /// What it costs at least.
    pub work: Work,
}

/// What a workload costs at least.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// Floating-point (or integer) operations; a multiply-add counts as two. 0 where nobody knows.
    pub flops: f64,
    /// Bytes of all inputs and outputs, each touched once.
    pub bytes: f64,
    /// What else its rate may be told in.
    pub amount: Option<Amount>,
}

/// How much of something one run gets done, such as 4.2 million cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Amount {
    /// What is counted, such as `Mcell`.
    pub unit: String,
    /// How many of them.
    pub count: f64,
}

impl Work {
    /// Work whose rate is told in GFLOP/s or GB/s.
    pub fn new(flops: f64, bytes: f64) -> Self {
        Self { flops, bytes, amount: None }
    }

    /// Whether a run is judged by arithmetic (GFLOP/s) or by traffic (GB/s): four operations per byte separate them.
    pub fn is_arithmetic(&self) -> bool {
        self.flops > 4.0 * self.bytes
    }
}

/// The true result, element by element, so that a large workload can be checked by a sample.
pub trait Reference: Sync {
    /// The element at a flat index of an output, with the error allowed to a kernel of these numerics.
    fn within(&self, output: usize, index: u64, numerics: Numerics) -> Approx;

    /// The same for a kernel that sums the products themselves, as nearly all do.
    fn at(&self, output: usize, index: u64) -> Approx {
        self.within(output, index, Numerics::Exact)
    }

    /// How many elements' work it takes to find one of them alone, where neighbours share what is found once for all.
    fn elements_for_one(&self, _output: usize) -> u64 {
        1
    }

    /// Weighted sums of an output that take far less time than its elements; `seed` chooses the weights. `None` unless
    /// they are certain to be met bit for bit: inputs are small whole numbers, as of [`DataSet::Integers`], and nothing
    /// in the epilogue bends or rounds.
    fn projection(&self, _output: usize, _seed: u32) -> Option<Projection> {
        None
    }
}

/// A sum as a kernel of these numerics may compute it with unit roundoff `u`, of factors as they are: what is lost where they
/// are rounded, [`narrow::Narrowing`] knows.
fn summed(sum: &Sum, terms: u64, u: f64, numerics: Numerics) -> Approx {
    match numerics {
        Numerics::Exact | Numerics::Nondeterministic | Numerics::Narrow { .. } | Numerics::Yardstick => {
            sum.in_any_order(terms, u)
        }
        Numerics::Bounded { factor, .. } => sum.transformed(0.0, terms, u, factor),
    }
}

/// A tunable way to compute an operator: a space, and a program for each config of it.
pub trait Template: Send + Sync {
    /// `operator/name`.
    fn name(&self) -> &str;

    /// One line for lists.
    fn about(&self) -> &str;

    /// What its programs are written in: it is for devices that run this.
    fn language(&self) -> Language {
        Language::Wgsl
    }

    /// Whether it can compute this at all.
    fn applies(&self, signature: &Signature) -> bool;

    /// What its kernels promise of their results.
    fn numerics(&self) -> Numerics {
        Numerics::Exact
    }

    /// Its parameters and rules for this workload on this device.
    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space;

    /// The hand-made choice, repaired to the nearest legal config; `None` when the space is empty.
    fn default(&self, signature: &Signature, space: &Space) -> Option<Config>;

    /// Further hand-made choices for a device, which a search tries before it asks anybody: where one alone would be far from
    /// what some devices like.
    fn starts(&self, _: &Signature, _: &DeviceFacts, _: &Space) -> Vec<Config> {
        Vec::new()
    }

    /// The program for a config of [`Template::space`].
    ///
    /// # Errors
    /// Where the text is a user's own, and has none for this config. Ours always have.
    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection>;
}

/// Why a workload means nothing.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum OperatorError {
    #[error(transparent)]
    Text(#[from] WorkloadError),
    #[error("unknown operator `{name}`; known are {}", names())]
    Unknown { name: String },
    #[error("`{workload}`: {why}")]
    Meaningless { workload: String, why: String },
}

/// The operator of that name.
pub fn find(name: &str) -> Result<&'static dyn Operator, OperatorError> {
    let found = OPERATORS.iter().copied().find(|operator| operator.name() == name);
    found.ok_or_else(|| OperatorError::Unknown { name: name.to_owned() })
}

/// The meaning of a workload's line of text.
pub fn resolve(text: &str) -> Result<Signature, OperatorError> {
    let workload: Workload = text.parse()?;
    find(&workload.operator)?.signature(&workload)
}

/// The template of that name.
pub fn find_template(name: &str) -> Option<Shared<dyn Template>> {
    OPERATORS.iter().flat_map(|operator| operator.templates()).find(|template| template.name() == name)
}

/// The template of this name with the config that has these values. Where it was measured it was legal; elsewhere it may not fit.
///
/// # Errors
/// Why there is none: this version knows no such template, or no config with these values.
pub fn config_of(
    signature: &Signature,
    template: &str,
    values: &BTreeMap<String, Value>,
) -> Result<(Shared<dyn Template>, Config), String> {
    let found = signature.operator.templates().into_iter().find(|known| known.name() == template);
    let found = found.ok_or_else(|| "no template has that name".to_owned())?;
    if !found.applies(signature) {
        return Err("the template does not compute such workloads".to_owned());
    }
    let space = found.space(signature, &DeviceFacts::boundless());
    let config = space.config(values).map_err(|error| error.to_string())?;
    Ok((found, config))
}

/// The templates that are tuned for a workload on devices of a language: all that apply but the naive one, which is tuned
/// only where it is alone. The default of the first is that of the workload: so templates for a special case, which apply to
/// little else, come before those for all.
pub fn tuned_templates(signature: &Signature, language: Language) -> Vec<Shared<dyn Template>> {
    let mut applying = applying(signature, language);
    applying.truncate(applying.len().saturating_sub(1).max(1));
    applying
}

/// The plainest kernel of a workload in a language, which tuned ones are measured against: the last that applies.
pub fn naive_template(signature: &Signature, language: Language) -> Option<Shared<dyn Template>> {
    applying(signature, language).pop()
}

fn applying(signature: &Signature, language: Language) -> Vec<Shared<dyn Template>> {
    let mut templates = signature.operator.templates();
    templates.retain(|template| template.language() == language && template.applies(signature));
    templates
}

fn names() -> String {
    OPERATORS.iter().map(|operator| operator.name()).collect::<Vec<_>>().join(", ")
}

/// Most elements of one tensor: flat indices must fit u32 with room for a tile beyond the end.
const MOST_ELEMENTS: u64 = 1 << 31;

/// Refuses workloads whose tensors no kernel could index.
fn refuse_absurd(workload: &Workload, tensors: &[TensorSpec]) -> Result<(), OperatorError> {
    let why = tensors.iter().find_map(|tensor| {
        if tensor.shape.contains(&0) {
            return Some(format!("{} would be empty; every size must be at least 1", tensor.name));
        }
        let elements = tensor.shape.iter().try_fold(1u64, |product, extent| product.checked_mul(*extent));
        (elements.is_none_or(|elements| elements > MOST_ELEMENTS)).then(|| {
            let shape = tensor.shape.iter().map(u64::to_string).collect::<Vec<_>>().join("×");
            format!("{} would have {shape} elements; at most 2^31 are possible, so choose smaller sizes", tensor.name)
        })
    });
    why.map_or(Ok(()), |why| Err(meaningless(workload, why)))
}

fn meaningless(workload: &Workload, why: impl Into<String>) -> OperatorError {
    OperatorError::Meaningless { workload: workload.to_string(), why: why.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{DeviceKind, DeviceLimits, Processor, seeded};

    /// What models look at must be a number everywhere, and not the same everywhere.
    #[test]
    fn features_tell_configs_apart() {
        let mut random = seeded(0, "features");
        let device = DeviceFacts::portable();
        for (workload, template) in [
            ("matmul:f32:m65n36k28:nt+relu", "matmul/tiled"),
            ("matmul:f32:m65n36k28:nt+relu", "matmul/blocked"),
            ("conv2d:f32:n2c8h17w19o12k3p1", "conv2d/direct"),
            ("conv2d:f32:n2c8h17w20o16k3p1g8", "conv2d/depthwise"),
            ("conv2d_transpose:f32:n2c8h17w19o12k4s2p1", "conv2d_transpose/phased"),
            ("conv2d:f32:n2c8h17w19o12k3p1", "conv2d/winograd_2"),
            ("conv2d:f32:n2c8h17w19o12k3p1", "conv2d/winograd_2_fused"),
            ("chain:f32:r33c20:x+y", "chain/flat"),
            ("chain:f32:r33c1000:x-mean(x)", "chain/rows"),
        ] {
            let signature = resolve(workload).unwrap();
            let space = find_template(template).unwrap().space(&signature, &device);
            assert!(space.features().len() >= 5, "{template}");
            let values: Vec<Vec<f64>> =
                (0..200).map(|_| space.feature_values(&space.sample(&mut random).unwrap())).collect();
            for (i, feature) in space.features().iter().enumerate() {
                let name = &feature.name;
                assert!(values.iter().all(|value| value[i].is_finite()), "{template}: {name}");
                assert!(values.iter().any(|value| value[i] != values[0][i]), "{template}: {name} is constant");
                assert!(space.features()[..i].iter().all(|other| other.name != *name), "{template}: {name} twice");
            }
        }
    }

    /// What routines are given must be as long as what they are asked to read and write.
    #[test]
    fn calls_are_about_the_tensors_of_their_signature() {
        for text in OPERATORS.iter().flat_map(|operator| operator.contract().iter().chain(operator.workloads())) {
            let signature = resolve(text).unwrap();
            // What integers compute, templates say with its cut.
            let Some(call) = signature.operator.call(&signature) else {
                assert!(!signature.workload.types.accumulator.is_float(), "{text}");
                continue;
            };
            let elements = |tensors: &[TensorSpec]| tensors.iter().map(TensorSpec::elements).collect::<Vec<_>>();
            let extents = call.extents();
            assert_eq!(extents.inputs, elements(&signature.inputs), "{text}");
            assert_eq!(extents.outputs, elements(&signature.outputs), "{text}");
            assert_eq!(call.element(), signature.outputs[0].element, "{text}");
        }
        assert!(resolve("matmul:i8>i32>i8:m2n2k2+clip").map(|s| s.operator.call(&s)).unwrap().is_none());
    }

    /// Whoever applies has a config to begin with and a program for it, written in its language.
    #[test]
    fn templates_that_apply_emit_what_they_begin_with() {
        let device = DeviceFacts::boundless();
        for text in OPERATORS.iter().flat_map(|operator| operator.contract()) {
            let signature = resolve(text).unwrap();
            let templates = signature.operator.templates();
            for template in templates.into_iter().filter(|template| template.applies(&signature)) {
                let config = template.default(&signature, &template.space(&signature, &device)).unwrap();
                let program = template.emit(&signature, &config).unwrap();
                assert_eq!(program.language(), template.language(), "{text} {}", template.name());
                assert!(
                    signature.workload.types.accumulator.is_float() || program.language() == Language::Vta,
                    "{text}"
                );
            }
        }
    }

    /// Stored configs are read without the device that they were measured on.
    #[test]
    fn what_is_legal_on_some_device_is_legal_where_there_are_no_bounds() {
        let mut random = seeded(0, "bounds");
        let mut wrong = Vec::new();
        for signature in OPERATORS.iter().flat_map(|operator| operator.contract()).map(|text| resolve(text).unwrap()) {
            for template in signature.operator.templates().into_iter().filter(|t| t.applies(&signature)) {
                let everywhere = template.space(&signature, &DeviceFacts::boundless());
                for device in devices() {
                    let space = template.space(&signature, &device);
                    for config in (0..4).filter_map(|_| space.sample(&mut random)) {
                        if let Err(why) = everywhere.config(&config.values()) {
                            wrong.push(format!("{} {} [{config}]: {why}", signature.workload, template.name()));
                        }
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    }

    /// The portable limits, software with subgroups of eight, a GPU with all there is, and a small processor.
    fn devices() -> [DeviceFacts; 4] {
        let portable = DeviceFacts::portable();
        let mut software = portable.clone();
        software.identity.kind = DeviceKind::Cpu;
        software.features.subgroups = true;
        software.features.subgroup_size = [8, 8];
        let mut gpu = DeviceFacts::boundless();
        gpu.identity.kind = DeviceKind::DiscreteGpu;
        gpu.limits = DeviceLimits { workgroup_storage_bytes: 49_152, ..portable.limits.clone() };
        gpu.features.subgroup_size = [32, 32];
        let mut processor = portable.clone();
        processor.identity.kind = DeviceKind::Processor;
        let sizes = Processor { threads: 6, lanes: vec![1, 8], l1_bytes: 32 << 10, ..Processor::boundless() };
        processor.processor = Some(Processor { l2_bytes: 512 << 10, ..sizes });
        [portable, software, gpu, processor]
    }

    /// Eight by two invocations of two by four outputs: tiles of 4 rows and 32 columns on 65 × 36 outputs.
    #[test]
    fn features_are_the_quantities_they_name() {
        let signature = resolve("matmul:f32:b3m65n36k28").unwrap();
        let space = find_template("matmul/tiled").unwrap().space(&signature, &DeviceFacts::portable());
        let wish = [("wx", 8), ("wy", 2), ("tm", 2), ("tn", 4), ("vec_n", 2), ("vec_k", 1), ("stage_a", 1)];
        let wish = wish.iter().chain(&[("stage_b", 0), ("bk", 8), ("pad", 1), ("unroll", 4), ("baked", 0)]);
        let wish: Vec<(&str, i64)> = wish.copied().collect();
        let config = kernel::closest(&space, &wish).unwrap();
        let values = space.feature_values(&config);
        let is = |name: &str, want: f64| {
            let at = space.features().iter().position(|feature| feature.name == name).unwrap();
            assert!((values[at] - want.log2()).abs() < 1e-12, "{name}: 2^{}", values[at]);
        };
        is("log2 of invocations", 16.0);
        is("log2 of outputs per invocation", 8.0);
        is("log2 of the tile", 128.0);
        is("log2 of workgroups", (3 * 17 * 2) as f64);
        is("log2 of the waste", (68.0 * 64.0) / (65.0 * 36.0));
        is("log2 of statements", 16.0);
        is("log2 of bytes staged", (1 + 4 * 8 * (4 + 1)) as f64);
    }
}
