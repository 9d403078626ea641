//! What is emitted for a user's kernel: the tuned text, and the plain one that it is held to.

use super::formula::Formula;
use super::kernel::{CustomKernel, names};
use super::parameter::Choices;
use super::problem::Problem;
use crate::base::DeviceFacts;
use crate::code::Program;
use crate::code::language::{Lookup, Names};
use crate::op::{Signature, Template};
use crate::record::{Numerics, Rejection, Stage};
use crate::space::{Config, Space, SpaceBuilder, Value};

/// The text with its parameters.
pub(super) struct Tuned {
    kernel: CustomKernel,
    name: String,
}

/// The plain text, which has none.
pub(super) struct Plain {
    kernel: CustomKernel,
    name: String,
}

impl Tuned {
    pub fn new(kernel: &CustomKernel) -> Self {
        Self { kernel: kernel.clone(), name: format!("{}/kernel", kernel.name()) }
    }

    /// The constraints of the description for these sizes, and what the device allows of a workgroup where the description
    /// says its size.
    fn rules(&self, mut space: SpaceBuilder, sizes: &Names, device: &DeviceFacts) -> SpaceBuilder {
        for condition in &self.kernel.0.constraints {
            let formula = condition.formula.clone();
            // What has no value is told when the config is emitted.
            let holds = move |names: &dyn Lookup| formula.holds(names).unwrap_or(true);
            space = self.rule(space, sizes, &condition.why, &[&condition.formula], holds);
        }
        for pass in self.kernel.0.plan.passes.iter().filter(|pass| !pass.workgroup.is_empty()) {
            let sides = pass.workgroup.clone();
            let limits = device.limits.workgroup_size;
            let most = u64::from(device.limits.invocations_per_workgroup);
            let holds = move |names: &dyn Lookup| fits(&sides, names, limits, most);
            let why = "the workgroup is larger than the device allows";
            space = self.rule(space, sizes, why, &pass.workgroup.iter().collect::<Vec<_>>(), holds);
        }
        space
    }

    /// A rule on the parameters that some formulas read.
    fn rule(
        &self,
        space: SpaceBuilder,
        sizes: &Names,
        why: &str,
        formulas: &[&Formula],
        holds: impl Fn(&dyn Lookup) -> bool + Send + Sync + 'static,
    ) -> SpaceBuilder {
        let is_read =
            |param: &&Choices| formulas.iter().any(|formula| formula.expression().reads().contains(&param.name));
        let read: Vec<Choices> = self.kernel.0.params.iter().filter(is_read).cloned().collect();
        let reads: Vec<String> = read.iter().map(|param| param.name.clone()).collect();
        let sizes = sizes.clone();
        space.rule_over(why, &reads, move |numbers| {
            let values = read.iter().zip(numbers).map(|(param, number)| value(param, *number)).collect();
            holds(&Point { sizes: &sizes, params: &read, values })
        })
    }
}

/// The values of some parameters beside the sizes.
struct Point<'a> {
    sizes: &'a Names,
    params: &'a [Choices],
    /// In the order of the parameters.
    values: Vec<Value>,
}

impl Lookup for Point<'_> {
    fn value(&self, name: &str) -> Option<&Value> {
        let param = self.params.iter().position(|param| param.name == name);
        param.map_or_else(|| self.sizes.get(name), |at| self.values.get(at))
    }
}

/// The value that a rule sees as this number: a whole number as it is, any other by its position.
fn value(param: &Choices, number: i64) -> Value {
    match param.values.first() {
        Some(Value::Int(_)) => Value::Int(number),
        _ => param.values[number as usize].clone(),
    }
}

/// Whether a workgroup is within limits, as far as its size is known.
fn fits(sides: &[Formula], names: &dyn Lookup, limits: [u32; 3], most: u64) -> bool {
    let sides: Option<Vec<u64>> = sides.iter().map(|side| side.whole(names, "", 1, u64::MAX).ok()).collect();
    let Some(sides) = sides else { return true };
    let within = sides.iter().zip(limits).all(|(side, limit)| *side <= u64::from(limit));
    within && sides.iter().try_fold(1u64, |product, side| product.checked_mul(*side)).is_some_and(|all| all <= most)
}

impl Template for Tuned {
    fn name(&self) -> &str {
        &self.name
    }

    fn about(&self) -> &str {
        &self.kernel.0.about
    }

    fn applies(&self, _: &Signature) -> bool {
        true
    }

    fn numerics(&self) -> Numerics {
        if self.kernel.0.nondeterministic { Numerics::Nondeterministic } else { Numerics::Exact }
    }

    fn space(&self, signature: &Signature, device: &DeviceFacts) -> Space {
        let params = self.kernel.0.params.iter();
        let builder = params.fold(Space::builder(), |space, param| {
            space.param(&param.name, &param.about, param.values.iter().cloned())
        });
        let builder = self.rules(builder, &names(&signature.symbols), device);
        builder.build().expect("names and values were checked when the description was read")
    }

    fn default(&self, _: &Signature, space: &Space) -> Option<Config> {
        let position = |param: &Choices| param.values.iter().position(|value| *value == param.default).unwrap_or(0);
        let positions: Vec<u16> = self.kernel.0.params.iter().map(|param| position(param) as u16).collect();
        space.repair(&positions)
    }

    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        let mut names = names(&signature.symbols);
        names.extend(config.values());
        // A constraint without a value took part in no decision.
        let mut constraints = self.kernel.0.constraints.iter();
        let evaluated = constraints.try_for_each(|condition| condition.formula.holds(&names).map(drop));
        evaluated.map_err(rejected)?;
        self.kernel.0.plan.program(&names, &self.kernel.0.buffers).map_err(rejected)
    }
}

fn rejected(problem: Problem) -> Rejection {
    Rejection::new(Stage::Validate, problem.in_one_line())
}

impl Plain {
    /// None where the description has no other kernel than the tuned one.
    pub fn new(kernel: &CustomKernel) -> Option<Self> {
        kernel
            .0
            .truth
            .has_kernel()
            .then(|| Self { kernel: kernel.clone(), name: format!("{}/reference", kernel.name()) })
    }
}

impl Template for Plain {
    fn name(&self) -> &str {
        &self.name
    }

    fn about(&self) -> &str {
        "the plain kernel that results are held to"
    }

    fn applies(&self, _: &Signature) -> bool {
        true
    }

    fn space(&self, _: &Signature, _: &DeviceFacts) -> Space {
        Space::builder().build().expect("a space without parameters has one config")
    }

    fn default(&self, _: &Signature, space: &Space) -> Option<Config> {
        space.iter().next()
    }

    fn emit(&self, signature: &Signature, _: &Config) -> Result<Program, Rejection> {
        self.kernel.0.truth.program(&self.kernel, &signature.symbols).map_err(rejected)
    }
}
