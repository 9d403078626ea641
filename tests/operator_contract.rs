//! What every template of every operator must hold, on a real device: its default is legal, sampled configs emit,
//! pass the check and compute the right result, and a split grid changes nothing. So do those whose lanes load together, which
//! samples seldom meet.

mod common;

use std::sync::Arc;
use std::time::Instant;

use common::software_device;
use wgtune::backend::cpu::CpuBackend;
use wgtune::backend::{Backend, Deadlines};
use wgtune::base::seeded;
use wgtune::measure::{Measure, Tier};
use wgtune::op::{OPERATORS, Operator, Shared, Template};
use wgtune::predict::template_default;
use wgtune::record::{Mode, Outcome};
use wgtune::space::{Config, Param, Space, Value};

/// Sampled configs of each tuned template, beside its default.
const SAMPLES: usize = 3;

/// Set to sample more; `just long` does.
const MORE_SAMPLES: &str = "WGTUNE_SAMPLES";

/// Nothing here is about time, and the machine may have other work: the largest kernels compile for seconds on a quiet one.
const PATIENT: Deadlines = Deadlines { compile_ms: 600_000, run_ms: 600_000, data_ms: 600_000 };

/// The templates that software devices cannot run, so that nothing of them is checked here, and why.
const NOT_FOR_SOFTWARE: &[(&str, &str)] = &[("matmul/cooperative", "no software device has cooperative matrices")];

#[test]
fn matmul() {
    check("matmul");
}

#[test]
fn conv2d() {
    check("conv2d");
}

#[test]
fn conv2d_transpose() {
    check("conv2d_transpose");
}

#[test]
fn chain() {
    check("chain");
}

#[test]
fn every_operator_has_its_test() {
    let names: Vec<&str> = OPERATORS.iter().map(|operator| operator.name()).collect();
    assert_eq!(names, ["matmul", "conv2d", "conv2d_transpose", "chain"], "a new operator needs a line above");
}

#[test]
fn matmul_on_the_processor() {
    check_on_processor("matmul");
}

#[test]
fn conv2d_on_the_processor() {
    check_on_processor("conv2d");
}

#[test]
fn conv2d_transpose_on_the_processor() {
    check_on_processor("conv2d_transpose");
}

#[test]
fn chain_on_the_processor() {
    check_on_processor("chain");
}

/// Runs every case with all that the processor has, and with all vectors off.
fn check_on_processor(operator: &str) {
    for simd in [None, Some("scalar")] {
        let mut backend = CpuBackend::held_back(simd, None).expect("a known width");
        check_on(&mut backend, operator);
    }
}

/// Runs every case of an operator on the software device.
fn check(operator: &str) {
    if let Ok(mut backend) = software_device() {
        check_on(&mut backend, operator);
    }
}

/// Runs every case of an operator and reports all failures at once.
fn check_on(backend: &mut dyn Backend, operator: &str) {
    let operator = OPERATORS.iter().find(|o| o.name() == operator).expect("a known operator");
    let started = Instant::now();
    let mut verdicts = Verdicts::default();
    operator.contract().iter().for_each(|workload| verdicts.check_workload(backend, *operator, workload));
    let Verdicts { verified, failures } = verdicts;
    let (name, seconds) = (operator.name(), started.elapsed().as_secs_f64());
    println!("{name}: {verified} programs verified, {} failures, {seconds:.0} s", failures.len());
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// What became of the programs of one operator.
#[derive(Default)]
struct Verdicts {
    verified: usize,
    failures: Vec<String>,
}

impl Verdicts {
    fn check_workload(&mut self, backend: &mut dyn Backend, operator: &dyn Operator, workload: &str) {
        let signature = wgtune::op::resolve(workload).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(signature.workload.to_string(), workload, "contract cases are written in canonical form");
        assert!(signature.work.flops <= 20e6, "{workload} is too large for a contract case");
        let language = backend.facts().language();
        let runs = |template: &Shared<dyn Template>| template.language() == language && template.applies(&signature);
        let templates: Vec<_> = operator.templates().into_iter().filter(runs).collect();
        let mut measure = Measure::new(backend, signature, 7).with_deadlines(PATIENT);
        templates.into_iter().for_each(|template| self.check_template(&mut measure, template, workload));
    }

    fn check_template(&mut self, measure: &mut Measure, template: Shared<dyn Template>, workload: &str) {
        let space = Arc::new(template.space(measure.signature(), measure.device()));
        let Some(default) = template_default(&*template, measure.signature(), measure.device(), &space) else {
            if !NOT_FOR_SOFTWARE.iter().any(|(name, _)| *name == template.name()) {
                self.failures.push(format!("{workload} {}: the space is empty", template.name()));
            }
            return;
        };
        assert!(space.contains(&default), "{workload} {}: the default is not legal", template.name());
        let shared = shared(template.space(measure.signature(), measure.device()), workload);
        let configs = std::iter::once(default).chain(sampled(&space, workload)).chain(shared);
        for (i, config) in configs.enumerate() {
            let mode = if i % 2 == 0 { Mode::UNCHECKED } else { Mode::CHECKED };
            let split = (i % 3 == 2).then_some(3);
            let candidate = measure.candidate(&template, config);
            let report = measure.verify(&candidate, mode, split, Tier::Full).expect("a temporary folder");
            let what = format!("{workload} {} {} [{}]", template.name(), mode.name(), candidate.config);
            match report.outcome {
                Outcome::Rejected(rejection) => {
                    self.failures.push(format!("{what}: {}: {}", rejection.stage, rejection.why));
                }
                Outcome::Timed { .. } if report.verified.is_none() => {
                    self.failures.push(format!("{what}: was not verified"));
                }
                Outcome::Timed { .. } => self.verified += 1,
            }
        }
    }
}

fn sampled(space: &Space, purpose: &str) -> Vec<Config> {
    let mut random = seeded(11, purpose);
    let mut configs: Vec<Config> = (0..samples()).filter_map(|_| space.sample(&mut random)).collect();
    configs.dedup();
    configs
}

/// One whose lanes load together, with a small tile: that compiles fast.
fn shared(space: Space, purpose: &str) -> Option<Config> {
    let is_side = |param: &&Param| ["tm", "tn", "th", "tw", "to"].contains(&param.name.as_str());
    let is_small = |value: &&Value| value.as_int().is_some_and(|value| value <= 4);
    let small = |param: &Param| (param.name.clone(), param.values.iter().filter(is_small).cloned().collect());
    let mut choices: Vec<(String, Vec<Value>)> = space.params().iter().filter(is_side).map(small).collect();
    choices.push(common::shared_lanes(&space)?);
    space.restricted(&choices).ok()?.sample(&mut seeded(11, purpose))
}

fn samples() -> usize {
    std::env::var(MORE_SAMPLES).ok().and_then(|text| text.parse().ok()).unwrap_or(SAMPLES)
}
