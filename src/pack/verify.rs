//! Checks of a pack beyond its hashes: that naga accepts each text, that kernels are bound as they say, that predicates hold at
//! their ends, that evidence says what entries do.

use serde::Serialize;
use wgtune_pack as pack;
use wgtune_pack::{Dims, Entry, Operation, Pack};

use super::PackError;
use super::admits::Emitted;
use super::convert::our_program;
use crate::base::{CooperativeMatrix, DeviceFacts, ElementType};
use crate::check::check;
use crate::op::{config_of, resolve};
use crate::space::Value;

/// What is wrong with an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its id.
    pub entry: String,
    /// What is wrong.
    pub why: String,
}

/// Everything that is wrong with a pack's entries; nothing where all is well.
///
/// # Errors
/// When evidence cannot be read.
pub fn verify(pack: &Pack) -> Result<Vec<Finding>, PackError> {
    let skipped =
        pack.skipped().iter().map(|skipped| Finding { entry: skipped.what.clone(), why: skipped.why.clone() });
    let mut findings: Vec<Finding> = skipped.collect();
    for entry in &pack.manifest().entries {
        let operation = &pack.manifest().operations[&entry.operation];
        let wrong = Checked { pack, entry, operation }.all()?;
        findings.extend(wrong.into_iter().map(|why| Finding { entry: entry.id.clone(), why }));
    }
    Ok(findings)
}

struct Checked<'a> {
    pack: &'a Pack,
    entry: &'a Entry,
    operation: &'a Operation,
}

impl Checked<'_> {
    fn all(&self) -> Result<Vec<String>, PackError> {
        let mut wrong = Vec::new();
        if self.entry.id != self.entry.identify() {
            wrong.push(format!("its id should be {}", self.entry.identify()));
        }
        for dims in self.corners() {
            wrong.extend(self.at(&dims).err());
        }
        wrong.extend(self.evidence()?);
        wrong.dedup();
        Ok(wrong)
    }

    /// The measured sizes, and both ends of all ranges.
    fn corners(&self) -> Vec<Dims> {
        let ends: [fn(&pack::Range) -> u64; 2] =
            [|range| range.least, |range| range.most / range.multiple_of * range.multiple_of];
        let measured = &self.entry.measured;
        let at = |end: fn(&pack::Range) -> u64| -> Dims {
            let size = |(name, size): (&String, &u64)| {
                (
                    name.clone(),
                    self.entry.admits.dims.get(name).map_or(*size, |range| end(range).max(range.multiple_of)),
                )
            };
            measured.iter().map(size).collect()
        };
        let mut all = vec![measured.clone()];
        all.extend(ends.map(at).into_iter().filter(|dims| self.entry.admits(self.operation, dims)));
        all.dedup();
        all
    }

    /// What is wrong at these sizes.
    fn at(&self, dims: &Dims) -> Result<(), String> {
        let sizes = dims.iter().map(|(name, size)| format!("{name}{size}")).collect::<String>();
        let at = |why: String| format!("at {sizes}: {why}");
        let device = widest();
        let verified = self.pack.program(self.entry, dims, &device).map_err(&at)?;
        let program = our_program(&verified);
        let facts =
            check(&program, verified.symbols(), &facts(&self.entry.needs)).map_err(|rejection| at(rejection.why))?;
        let workgroup_bytes = facts.iter().map(|facts| facts.workgroup_bytes).max().unwrap_or(0);
        if workgroup_bytes > self.entry.needs.limits.workgroup_storage_bytes.into() {
            return Err(at(format!("it takes {workgroup_bytes} bytes of workgroup memory, more than it says")));
        }
        self.repeated(dims, &program).map_err(at)
    }

    /// Where this version knows the template, it must emit the same program: what a predicate admits is what that serves.
    fn repeated(&self, dims: &Dims, program: &crate::code::Program) -> Result<(), String> {
        let made_here = self.pack.manifest().tool == format!("wgtune {}", env!("CARGO_PKG_VERSION"));
        let Ok(Some(evidence)) = self.pack.evidence(self.entry) else { return Ok(()) };
        let Ok(signature) = resolve(&evidence.workload) else { return Ok(()) };
        let values = evidence
            .values
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), serde_json::from_value::<Value>(value.clone()).ok()?)));
        let values = values.collect();
        let Ok((template, _)) = config_of(&signature, &self.entry.template, &values) else { return Ok(()) };
        let device = DeviceFacts::boundless();
        let emitted = Emitted { template: &template, values: &values, program, device: &device };
        if made_here && !emitted.serves(&signature, dims) {
            return Err(format!(
                "`{}` emits another program there, so the predicate admits too much",
                self.entry.template
            ));
        }
        Ok(())
    }

    fn evidence(&self) -> Result<Option<String>, PackError> {
        let Some(evidence) = self.pack.evidence(self.entry)? else { return Ok(None) };
        for (mode, times) in &self.entry.times {
            let Some(measured) = evidence.modes.get(mode) else {
                return Ok(Some(format!("its evidence has no {} measurement", mode.name())));
            };
            let median = crate::base::stats::median(&measured.samples_ns);
            let agrees = (median / times.median_ns - 1.0).abs() < 1e-9 && measured.clock == times.clock;
            if !agrees {
                let (name, said) = (mode.name(), times.median_ns);
                return Ok(Some(format!("it says {said} ns {name}, and the median of its samples is {median}")));
            }
        }
        Ok(None)
    }
}

/// A device on which everything runs.
pub fn widest() -> pack::Device {
    let mut facts = DeviceFacts::boundless();
    facts.features.subgroup_size = [1, 128];
    super::convert::device(&facts)
}

/// What a program of these needs may count on.
fn facts(needs: &pack::Needs) -> DeviceFacts {
    let mut facts = DeviceFacts::boundless();
    let has = |feature: pack::Feature| needs.features.contains(&feature);
    facts.features.f16 = has(pack::Feature::F16);
    facts.features.subgroups = has(pack::Feature::Subgroups);
    facts.features.float32_atomics = has(pack::Feature::Float32Atomics);
    let element = |element: pack::ElementType| ElementType::ALL.into_iter().find(|ours| ours.name() == element.name());
    let matrix = |feature: &pack::Feature| match feature {
        pack::Feature::Cooperative(pack::CooperativeMatrix { m, n, k, factors, sum }) => {
            Some(CooperativeMatrix { m: *m, n: *n, k: *k, factors: element(*factors)?, sum: element(*sum)? })
        }
        _ => None,
    };
    facts.features.cooperative = needs.features.iter().filter_map(matrix).collect();
    facts
}
