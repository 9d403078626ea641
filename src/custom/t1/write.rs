//! From a kernel to T1.

use serde_json::{Value as Json, json};

use super::format::{Argument, Condition, Extents, File, General, Kernel, Parameter, Space};
use super::python::to_python;
use crate::base::{Distribution, ElementType};
use crate::custom::buffer::{BufferSpec, Start};
use crate::custom::description::Role;
use crate::custom::formula::Formula;
use crate::custom::parameter::Choices;
use crate::custom::pass::PassSpec;
use crate::custom::{Checked, CustomKernel, Problem};
use crate::space::Value;

/// A T1 description made from a kernel.
#[derive(Clone, Debug)]
pub struct Exported {
    /// Its text, JSON.
    pub json: String,
    /// What of the kernel T1 cannot say.
    pub remarks: Vec<String>,
}

/// Describes a kernel in T1; `wgsl` is the name of the file that holds its text.
///
/// # Errors
/// Where T1 has no words for what the kernel does, such as several launches.
pub fn write_t1(kernel: &CustomKernel, wgsl: &str) -> Checked<Exported> {
    let mut writer = Writer { kernel, remarks: Vec::new() };
    let file = writer.file(wgsl).map_err(Problem::new)?;
    let json = serde_json::to_string_pretty(&file).expect("plain data serialises");
    Ok(Exported { json, remarks: writer.remarks })
}

struct Writer<'a> {
    kernel: &'a CustomKernel,
    remarks: Vec<String>,
}

impl Writer<'_> {
    fn file(&mut self, wgsl: &str) -> Result<File, String> {
        let parts = &self.kernel.0;
        let [pass] = parts.plan.passes.as_slice() else {
            return Err(format!("T1 describes one launch, and `{}` has {}", parts.name, parts.plan.passes.len()));
        };
        let conditions = parts.constraints.iter().map(|condition| self.condition(&condition.formula));
        let space = Space {
            tuning_parameters: parts.params.iter().map(parameter).collect(),
            conditions: conditions.collect::<Result<_, _>>()?,
        };
        self.remark_losses(pass);
        let general = General { benchmark_name: parts.name.clone(), output_format: "JSON".to_owned() };
        Ok(File { general, configuration_space: space, kernel_specification: self.specification(pass, wgsl)? })
    }

    fn specification(&mut self, pass: &PassSpec, wgsl: &str) -> Result<Kernel, String> {
        let parts = &self.kernel.0;
        let arguments = parts.buffers.iter().map(|buffer| self.argument(buffer)).collect::<Result<_, _>>()?;
        Ok(Kernel {
            language: "WGSL".to_owned(),
            benchmark_name: parts.name.clone(),
            kernel_name: pass.entry.clone().unwrap_or_else(|| "main".to_owned()),
            kernel_file: wgsl.to_owned(),
            global_size_type: "CUDA".to_owned(),
            local_size: self.extents(&pass.workgroup)?,
            global_size: self.extents(&pass.grid)?,
            grid_div_x: None,
            grid_div_y: None,
            grid_div_z: None,
            problem_size: parts.sizes.iter().map(|(_, size)| *size as i64).collect(),
            arguments,
        })
    }

    fn remark_losses(&mut self, pass: &PassSpec) {
        let parts = &self.kernel.0;
        let mut lost = |what: &str| self.remarks.push(format!("T1 has no place for {what}"));
        if !parts.plan.uniforms.is_empty() || !pass.uniforms.is_empty() {
            lost("the values of uniform blocks");
        }
        if pass.when.is_some() || pass.repeat.is_some() || pass.swap.is_some() || !pass.bind.is_empty() {
            lost("`when`, `repeat`, `swap` and `bind` of a pass");
        }
        lost("the reference and the tolerances");
        if pass.workgroup.is_empty() {
            lost("a workgroup whose size the WGSL alone says: give the pass its `workgroup`");
        }
        let below = |buffer: &&BufferSpec| match buffer.start {
            Start::Drawn(Distribution::Uniform { low, .. }) => low != 0.0,
            Start::Drawn(Distribution::WholeNumbers { low, .. }) => low != 0,
            _ => false,
        };
        if let Some(buffer) = parts.buffers.iter().filter(|buffer| buffer.role != Role::Output).find(below) {
            lost(&format!("where the random numbers of `{}` begin", buffer.name));
        }
    }

    fn condition(&self, formula: &Formula) -> Result<Condition, String> {
        let reads = formula.expression().reads();
        let is_read = |param: &&Choices| reads.contains(&param.name);
        let parameters = self.kernel.0.params.iter().filter(is_read).map(|param| param.name.clone()).collect();
        Ok(Condition { expression: self.python(formula, false)?, parameters })
    }

    /// An expression with sizes as their numbers, or as places in `ProblemSize`.
    fn python(&self, formula: &Formula, by_place: bool) -> Result<String, String> {
        let sizes = &self.kernel.0.sizes;
        let size = |name: &str| {
            let at = sizes.iter().position(|(known, _)| known == name)?;
            Some(if by_place { format!("ProblemSize[{at}]") } else { sizes[at].1.to_string() })
        };
        to_python(formula.expression().text(), &size)
    }

    fn extents(&self, formulas: &[Formula]) -> Result<Extents, String> {
        let extent = |at: usize| match formulas.get(at) {
            Some(formula) => Ok(Json::String(self.python(formula, false)?)),
            None => Ok::<Json, String>(Json::String("1".to_owned())),
        };
        Ok(Extents { x: extent(0)?, y: extent(1)?, z: extent(2)? })
    }

    fn argument(&self, buffer: &BufferSpec) -> Result<Argument, String> {
        let access = match buffer.role {
            Role::Input => "ReadOnly",
            Role::Output => "WriteOnly",
            Role::InOut => "ReadWrite",
            Role::Temporary => return Err(format!("T1 has no buffers of a kernel's own, such as `{}`", buffer.name)),
        };
        let kind = match buffer.element {
            ElementType::F16 => "half",
            ElementType::I32 => "int32",
            ElementType::U32 => "uint32",
            _ => "float",
        };
        let (fill_type, fill_value) = fill(buffer)?;
        Ok(Argument {
            name: buffer.name.clone(),
            kind: kind.to_owned(),
            memory_type: "Vector".to_owned(),
            access_type: access.to_owned(),
            fill_type: fill_type.to_owned(),
            size: Json::String(self.python(&buffer.size, true)?),
            fill_value,
            data_source: match &buffer.start {
                Start::File(contents, _) => Some(contents.path.display().to_string()),
                Start::Drawn(_) => None,
            },
            output: i64::from(buffer.role != Role::Input),
        })
    }
}

fn parameter(choices: &Choices) -> Parameter {
    let kind = match choices.values[0] {
        Value::Int(_) => "int",
        Value::Real(_) => "float",
        Value::Text(_) => "string",
    };
    let values: Vec<Json> = choices.values.iter().map(plain).collect();
    let values = values.iter().map(Json::to_string).collect::<Vec<_>>().join(", ");
    let values = Json::String(format!("[{values}]"));
    Parameter { name: choices.name.clone(), kind: kind.to_owned(), values, default: plain(&choices.default) }
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Int(number) => json!(number),
        Value::Real(number) => json!(number),
        Value::Text(text) => json!(text),
    }
}

fn fill(buffer: &BufferSpec) -> Result<(&'static str, Json), String> {
    match &buffer.start {
        Start::File(contents, _) if contents.offset == 0 => Ok(("BinaryRaw", Json::Null)),
        Start::File(..) => Err(format!("T1 has no NumPy files, from which `{}` is filled", buffer.name)),
        Start::Drawn(_) if buffer.role == Role::Output => Ok(("Constant", json!(0.0))),
        Start::Drawn(Distribution::Constant(value)) => Ok(("Constant", json!(value))),
        Start::Drawn(Distribution::Uniform { high, .. }) => Ok(("Random", json!(high))),
        Start::Drawn(Distribution::WholeNumbers { high, .. }) => Ok(("Random", json!(high))),
        Start::Drawn(_) => {
            Err(format!("T1 has no fill such as that of `{}`; it knows constants and random numbers", buffer.name))
        }
    }
}
