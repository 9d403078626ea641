//! What a candidate costs us before any device sees it: opening its space, drawing configs, emitting and checking.
//!
//! `sampled` is the mean over configs drawn at random: the same ones in every run.

#[path = "../tests/common/mod.rs"]
mod common;

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Bencher, Criterion, criterion_group, criterion_main};
use wgtune::base::{DeviceFacts, seeded};
use wgtune::check::check;
use wgtune::code::Program;
use wgtune::op::{Shared, Signature, Template, resolve};
use wgtune::space::Config;

const WORKLOADS: &[&str] = &[
    "matmul:f32:m256n256k256",
    "conv2d:f32:n1c64h28w28o64k3p1",
    "conv2d_transpose:f32:n1c64h28w28o32k4s2p1",
    "chain:f32:n1048576:gelu(x*w+b)",
];

/// Configs whose mean is taken.
const SAMPLES: usize = 32;

criterion_group!(benches, candidates, spaces);
criterion_main!(benches);

fn candidates(criterion: &mut Criterion) {
    let device = common::invented_gpu();
    for signature in WORKLOADS.iter().map(|workload| resolve(workload).unwrap()) {
        for template in signature.operator.templates().into_iter().filter(|t| t.applies(&signature)) {
            let subject = Subject { template, signature: &signature, device: &device };
            for (name, configs) in subject.configs() {
                subject.bench(criterion, &name, &configs);
            }
        }
    }
}

fn spaces(criterion: &mut Criterion) {
    let device = common::invented_gpu();
    for signature in WORKLOADS.iter().map(|workload| resolve(workload).unwrap()) {
        // The tuned one: the naive template has one config.
        let template = &signature.operator.templates()[0];
        criterion.bench_function(&format!("{} open and first 100 samples", template.name()), |bencher| {
            bencher.iter(|| {
                let space = template.space(&signature, &device);
                let mut random = seeded(1, "bench");
                (0..100).filter_map(|_| space.sample(&mut random)).count()
            });
        });
    }
}

struct Subject<'a> {
    template: Shared<dyn Template>,
    signature: &'a Signature,
    device: &'a DeviceFacts,
}

impl Subject<'_> {
    /// The default alone, and sampled configs where there is more than one.
    fn configs(&self) -> Vec<(String, Vec<Config>)> {
        let space = self.template.space(self.signature, self.device);
        let default = self.template.default(self.signature, &space).expect("no space here is empty");
        let mut cases = vec![(format!("{} default", self.template.name()), vec![default])];
        if space.iter().nth(1).is_some() {
            let mut random = seeded(1, self.template.name());
            let sampled = (0..SAMPLES).filter_map(|_| space.sample(&mut random)).collect();
            cases.push((format!("{} sampled", self.template.name()), sampled));
        }
        cases
    }

    fn bench(&self, criterion: &mut Criterion, name: &str, configs: &[Config]) {
        let programs: Vec<Program> = configs.iter().map(|config| self.emit(config)).collect();
        criterion.bench_function(&format!("{name}: emit"), |b| mean(b, configs, |config| drop(self.emit(config))));
        criterion.bench_function(&format!("{name}: check"), |b| mean(b, &programs, |program| self.check(program)));
        criterion.bench_function(&format!("{name}: both"), |b| mean(b, configs, |c| self.check(&self.emit(c))));
    }

    fn emit(&self, config: &Config) -> Program {
        self.template.emit(self.signature, config).expect("ours always have a text")
    }

    fn check(&self, program: &Program) {
        let facts = check(program, &self.signature.symbols, self.device);
        black_box(facts.unwrap_or_else(|rejection| panic!("{}: {}", rejection.stage, rejection.why)));
    }
}

/// Times all items one after the other, and reports the mean of one.
fn mean<T>(bencher: &mut Bencher, items: &[T], mut each: impl FnMut(&T)) {
    bencher.iter_custom(|rounds| {
        let mut total = Duration::ZERO;
        for _ in 0..rounds {
            let started = Instant::now();
            items.iter().for_each(|item| each(black_box(item)));
            total += started.elapsed();
        }
        total / items.len() as u32
    });
}
