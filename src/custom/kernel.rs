//! A user's kernel as an operator with its templates.

use std::sync::Arc;

use super::buffer::{BufferSpec, MOST_ELEMENTS, Start};
use super::description::Role;
use super::formula::Formula;
use super::parameter::Choices;
use super::plan::Plan;
use super::problem::{Checked, Problem};
use super::template::{Plain, Tuned};
use super::truth::{Host, TruthSpec};
use crate::base::{DeviceFacts, Distribution, ElementType, Tensor, TensorSpec};
use crate::code::language::Names;
use crate::code::{Program, Symbols};
use crate::op::{
    Amount, DataSet, Filling, Operator, OperatorError, Reference, Resize, Shared, Signature, Template, Truth, Work,
};
use crate::space::Value;
use crate::workload::{Dims, Types, Workload};

/// A kernel that a user brought: an operator of its own, whose templates emit the user's text.
#[derive(Clone)]
pub struct CustomKernel(pub(super) Arc<Parts>);

/// What a description was found to say.
#[derive(Clone)]
pub(super) struct Parts {
    pub name: String,
    pub about: String,
    /// The name with the beginning of the hash of all that decides what is computed, and by which text.
    pub operator: String,
    pub sizes: Vec<(String, u64)>,
    pub params: Vec<Choices>,
    pub constraints: Vec<Condition>,
    /// In the order of the description.
    pub buffers: Vec<BufferSpec>,
    pub plan: Plan,
    pub truth: TruthSpec,
    pub nondeterministic: bool,
    /// Other sizes at which a winner must be right.
    pub near: Vec<Vec<(String, u64)>>,
    pub work: WorkSpec,
}

/// A constraint with its reason.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub formula: Formula,
    pub why: String,
}

/// What one run does.
#[derive(Clone, Debug, Default)]
pub(super) struct WorkSpec {
    pub flops: Option<Formula>,
    pub bytes: Option<Formula>,
    pub rate: Option<(String, Formula)>,
}

impl CustomKernel {
    /// What it is called.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its sizes, as described.
    pub fn sizes(&self) -> &[(String, u64)] {
        &self.0.sizes
    }

    /// Its parameters.
    pub fn params(&self) -> &[Choices] {
        &self.0.params
    }

    /// The same kernel held to what the host computes: the contents of all inputs and in-out buffers by name, in; those of
    /// all outputs and in-out buffers, out.
    ///
    /// Two such functions cannot be told apart: where another is given, what a store knows of the first is taken for true of
    /// it too. Then use another name, or another store.
    pub fn with_reference(&self, reference: impl Fn(&super::Arrays) -> super::Arrays + Send + Sync + 'static) -> Self {
        let truth = TruthSpec::Host(Host(Arc::new(reference)));
        let operator = format!("{}f", self.0.operator);
        Self(Arc::new(Parts { truth, operator, ..(*self.0).clone() }))
    }

    /// What it means for the sizes of its description.
    pub fn signature(&self) -> Checked<Signature> {
        self.at(&[])
    }

    /// What it means for other sizes; those that are not named stay.
    pub fn at(&self, sizes: &[(String, u64)]) -> Checked<Signature> {
        if let Some((unknown, _)) = sizes.iter().find(|(name, _)| self.0.sizes.iter().all(|(known, _)| known != name)) {
            let known: Vec<&str> = self.0.sizes.iter().map(|(name, _)| name.as_str()).collect();
            let problem = Problem::new(format!("the kernel `{}` has no size `{unknown}`", self.0.name));
            return Err(problem.help(format!("there are: {}", known.join(", "))));
        }
        if let Some((name, size)) = sizes.iter().find(|(_, size)| !(1..=MOST_ELEMENTS).contains(size)) {
            let problem = Problem::new(format!("the size `{name}` is {size}"));
            return Err(problem.help("a size is a whole number from 1 to 2^31"));
        }
        let size = |(name, usual): &(String, u64)| {
            let other = sizes.iter().find(|(other, _)| other == name);
            (name.clone(), other.map_or(*usual, |(_, size)| *size))
        };
        self.meaning(Dims(self.0.sizes.iter().map(size).collect()))
    }

    fn meaning(&self, dims: Dims) -> Checked<Signature> {
        let symbols: Symbols = dims.0.iter().cloned().collect();
        let names = names(&symbols);
        let tensors = |is_ours: fn(Role) -> bool| {
            let buffers = self.0.buffers.iter().filter(move |buffer| is_ours(buffer.role));
            buffers.map(|buffer| tensor(buffer, &names)).collect::<Checked<Vec<_>>>()
        };
        let inputs = tensors(|role| role == Role::Input)?;
        let outputs = tensors(|role| matches!(role, Role::Output | Role::InOut))?;
        let work = self.work(&names, &inputs, &outputs)?;
        let workload = Workload {
            operator: self.0.operator.clone(),
            types: Types::of(outputs.first().map_or(ElementType::F32, |output| output.element)),
            dims,
            layout: None,
            expression: None,
            steps: Vec::new(),
        };
        let operator = Shared::Made(Arc::new(self.clone()) as Arc<dyn Operator>);
        Ok(Signature { operator, workload, inputs, outputs, symbols, work })
    }

    fn work(&self, names: &Names, inputs: &[TensorSpec], outputs: &[TensorSpec]) -> Checked<Work> {
        let WorkSpec { flops, bytes, rate } = &self.0.work;
        let moved = || inputs.iter().chain(outputs).map(|tensor| tensor.bytes() as f64).sum();
        let flops = flops.as_ref().map_or(Ok(0.0), |formula| positive(formula, names))?;
        let bytes = bytes.as_ref().map_or_else(|| Ok(moved()), |formula| positive(formula, names))?;
        let amount =
            |(unit, count): &(String, Formula)| Ok(Amount { unit: unit.clone(), count: positive(count, names)? });
        Ok(Work { amount: rate.as_ref().map(amount).transpose()?, ..Work::new(flops, bytes) })
    }

    /// What is tuned.
    pub(super) fn tuned(&self) -> Tuned {
        Tuned::new(self)
    }

    /// The program of the legal config nearest to the described defaults, for these sizes.
    pub(super) fn default_program(&self, symbols: &Symbols) -> Checked<Program> {
        let sizes: Vec<(String, u64)> = symbols.iter().map(|(name, size)| (name.clone(), *size)).collect();
        let signature = self.at(&sizes)?;
        let space = self.tuned().space(&signature, &DeviceFacts::boundless());
        let config = self.tuned().default(&signature, &space);
        let mut names = names(symbols);
        match config {
            Some(config) => names.extend(config.values()),
            None => {
                let problem = Problem::new(format!("`{}` has no legal config for these sizes", self.0.name));
                return Err(problem.help("loosen its constraints, or choose other sizes"));
            }
        }
        self.0.constraints.iter().try_for_each(|condition| condition.formula.holds(&names).map(drop))?;
        self.0.plan.program(&names, &self.0.buffers)
    }
}

fn positive(formula: &Formula, names: &Names) -> Checked<f64> {
    let value = formula.real(names)?;
    if value.is_finite() && value > 0.0 {
        return Ok(value);
    }
    Err(formula.problem(format!("the work of one run is {value}")).help("count something above 0"))
}

/// Sizes as the names of expressions.
pub(super) fn names(symbols: &Symbols) -> Names {
    symbols.iter().map(|(name, size)| (name.clone(), Value::Int(*size as i64))).collect()
}

fn tensor(buffer: &BufferSpec, names: &Names) -> Checked<TensorSpec> {
    let elements = buffer.elements(names)?;
    let mut tensor = TensorSpec::new(&buffer.name, buffer.element, &[elements]);
    tensor.initial = buffer.role == Role::InOut;
    match &buffer.start {
        Start::Drawn(distribution) => tensor.distribution = *distribution,
        Start::File(contents, _) => tensor.file = Some(contents.clone()),
    }
    Ok(tensor)
}

impl Operator for CustomKernel {
    #[allow(clippy::misnamed_getters, reason = "as an operator it is a version of the kernel")]
    fn name(&self) -> &str {
        &self.0.operator
    }

    fn about(&self) -> &str {
        &self.0.about
    }

    fn grammar(&self) -> &str {
        "its sizes, as its kernel file names them"
    }

    fn signature(&self, workload: &Workload) -> Result<Signature, OperatorError> {
        let meaningless = |problem: Problem| OperatorError::Meaningless {
            workload: workload.to_string(),
            why: problem.message().to_owned(),
        };
        self.at(&workload.dims.0).map_err(meaningless)
    }

    /// Nothing is known here: [`Operator::truth`] knows.
    fn reference(&self, _: &Signature, _: Vec<Tensor>) -> Box<dyn Reference> {
        Box::new(super::truth::Unknown)
    }

    fn truth(&self, signature: &Signature, filling: &Filling) -> Result<Truth, String> {
        self.0.truth.of(self, signature, filling)
    }

    fn distributions(&self, signature: &Signature, data: DataSet) -> Option<Vec<Distribution>> {
        (data == DataSet::Random).then(|| signature.inputs.iter().map(|tensor| tensor.distribution).collect())
    }

    fn fills_are_given(&self) -> bool {
        true
    }

    fn resized(&self, dims: &Dims, _: Resize) -> Dims {
        dims.clone()
    }

    fn neighbours(&self, signature: &Signature) -> Vec<Signature> {
        let here = || signature.workload.dims.0.iter();
        let other = |near: &Vec<(String, u64)>| {
            let kept = here().filter(|(name, _)| near.iter().all(|(other, _)| other != name));
            self.at(&near.iter().chain(kept).cloned().collect::<Vec<_>>()).ok()
        };
        self.0.near.iter().filter_map(other).filter(|near| near.workload != signature.workload).collect()
    }

    fn templates(&self) -> Vec<Shared<dyn Template>> {
        let tuned = Shared::Made(Arc::new(Tuned::new(self)) as Arc<dyn Template>);
        let plain = Plain::new(self).map(|plain| Shared::Made(Arc::new(plain) as Arc<dyn Template>));
        [tuned].into_iter().chain(plain).collect()
    }

    fn contract(&self) -> &'static [&'static str] {
        &[]
    }

    fn workloads(&self) -> &'static [&'static str] {
        &[]
    }
}
