//! An operator with templates that were made up: each has one parameter, and its name and value say how long a program takes.

use std::sync::Arc;

use wgtune::base::{DeviceFacts, Tensor};
use wgtune::code::Program;
use wgtune::op::chain::Chain;
use wgtune::op::{Operator, OperatorError, Reference, Resize, Shared, Signature, Template, find_template};
use wgtune::record::{Numerics, Rejection, Stage};
use wgtune::space::{Config, Space};
use wgtune::workload::{Dims, Workload};

use super::common::invented::Invented;

/// What they all compute.
const WORKLOAD: &str = "chain:f32:r4c16:x+y";

/// A template with one parameter of so many values; with none, its space is empty.
#[derive(Clone, Copy)]
pub struct Family {
    pub name: &'static str,
    pub param: &'static str,
    pub values: i64,
    /// The value of its default.
    pub default: i64,
    /// Values from here on have no valid kernel.
    pub broken_from: i64,
    pub numerics: Numerics,
    /// The values that it begins with beside its default.
    pub starts: &'static [i64],
}

/// One of a hundred values, the default of which is the last.
pub fn family(name: &'static str) -> Family {
    let (broken_from, numerics) = (i64::MAX, Numerics::Exact);
    Family { name, param: "p", values: 100, default: 99, broken_from, numerics, starts: &[] }
}

/// The meaning of a chain, computed by these and at last by its naive kernel.
pub fn signature(families: &[Family]) -> Signature {
    let operator =
        Families(families.iter().map(|family| Shared::Made(Arc::new(*family) as Arc<dyn Template>)).collect());
    operator.signature(&WORKLOAD.parse().unwrap()).unwrap()
}

/// A device on which a family's program takes so many nanoseconds by name and value, and any other a second.
pub fn device(ns: fn(&str, i64) -> Result<f64, Stage>) -> Invented {
    Invented::new(move |program| match called(program) {
        Some((name, value)) => ns(name, value),
        None => Ok(1e9),
    })
}

/// The family of a program, and its value.
fn called(program: &Program) -> Option<(&str, i64)> {
    let (name, value) = program.kernels[0].code.rsplit_once("// ")?.1.trim().split_once(' ')?;
    Some((name, value.parse().ok()?))
}

#[derive(Clone)]
struct Families(Vec<Shared<dyn Template>>);

impl Operator for Families {
    fn name(&self) -> &str {
        Chain.name()
    }

    fn about(&self) -> &str {
        Chain.about()
    }

    fn grammar(&self) -> &str {
        Chain.grammar()
    }

    fn signature(&self, workload: &Workload) -> Result<Signature, OperatorError> {
        Ok(Signature { operator: Shared::Made(Arc::new(self.clone())), ..Chain.signature(workload)? })
    }

    fn reference(&self, signature: &Signature, inputs: Vec<Tensor>) -> Box<dyn Reference> {
        Chain.reference(signature, inputs)
    }

    fn resized(&self, dims: &Dims, how: Resize) -> Dims {
        Chain.resized(dims, how)
    }

    fn templates(&self) -> Vec<Shared<dyn Template>> {
        self.0.iter().cloned().chain(find_template("chain/naive")).collect()
    }

    fn contract(&self) -> &'static [&'static str] {
        &[]
    }

    fn workloads(&self) -> &'static [&'static str] {
        &[]
    }
}

impl Template for Family {
    fn name(&self) -> &str {
        self.name
    }

    fn about(&self) -> &str {
        "made up"
    }

    fn applies(&self, _: &Signature) -> bool {
        true
    }

    fn numerics(&self) -> Numerics {
        self.numerics
    }

    fn space(&self, _: &Signature, _: &DeviceFacts) -> Space {
        let values = self.values;
        let space = Space::builder().param(self.param, "decides the time", 0..values.max(1));
        space.rule("there are none", [self.param], move |[_]| values > 0).build().unwrap()
    }

    fn default(&self, _: &Signature, space: &Space) -> Option<Config> {
        let wanted = space.params()[0].values.iter().position(|value| value.as_int() == Some(self.default));
        space.repair(&[wanted.unwrap_or(0) as u16])
    }

    fn starts(&self, _: &Signature, _: &DeviceFacts, space: &Space) -> Vec<Config> {
        self.starts.iter().filter_map(|start| space.repair(&[*start as u16])).collect()
    }

    /// The naive kernel, which says in a comment what it stands for.
    fn emit(&self, signature: &Signature, config: &Config) -> Result<Program, Rejection> {
        let naive = find_template("chain/naive").unwrap();
        let only = naive.space(signature, &DeviceFacts::portable()).iter().next().unwrap();
        let mut program = naive.emit(signature, &only)?;
        let value = config.int(self.param);
        let code = &mut program.kernels[0].code;
        if value >= self.broken_from {
            code.push_str("no kernel\n");
        }
        code.push_str(&format!("// {} {value}\n", self.name));
        Ok(program)
    }
}
