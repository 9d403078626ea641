//! Checks of a pack beyond its hashes: that naga accepts each text, that kernels are bound as they say, that predicates hold at
//! their ends, that evidence says what entries do.

use serde::Serialize;
use wgtune_pack as pack;
use wgtune_pack::{Dims, Entry, Operation, Pack};

use super::admits::Emitted;
use super::convert::our_program;
use crate::base::paired::ratio;
use crate::base::stats::{CONFIDENCE, Estimate, median, median_interval};
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
pub fn verify(pack: &Pack) -> Vec<Finding> {
    let skipped =
        pack.skipped().iter().map(|skipped| Finding { entry: skipped.what.clone(), why: skipped.why.clone() });
    let mut findings: Vec<Finding> = skipped.collect();
    for entry in &pack.manifest().entries {
        let operation = &pack.manifest().operations[&entry.operation];
        let wrong = Checked { pack, entry, operation }.all();
        findings.extend(wrong.into_iter().map(|why| Finding { entry: entry.id.clone(), why }));
    }
    findings
}

struct Checked<'a> {
    pack: &'a Pack,
    entry: &'a Entry,
    operation: &'a Operation,
}

impl Checked<'_> {
    fn all(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        if self.entry.id != self.entry.identify() {
            wrong.push(format!("its id should be {}", self.entry.identify()));
        }
        for dims in self.corners() {
            wrong.extend(self.at(&dims).err());
        }
        wrong.extend(self.evidence().err());
        wrong.dedup();
        wrong
    }

    /// The measured sizes, and both ends of all ranges.
    fn corners(&self) -> Vec<Dims> {
        // A range may begin and end between the multiples that it admits.
        let ends: [fn(&pack::Range) -> u64; 2] = [
            |range| range.least.checked_next_multiple_of(range.multiple_of).unwrap_or(range.least),
            |range| range.most / range.multiple_of * range.multiple_of,
        ];
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

    /// Its times must be what the samples of its evidence come to.
    fn evidence(&self) -> Result<(), String> {
        let unreadable = |error| match error {
            pack::Error::Archive(why) => format!("its evidence cannot be read: {why}"),
            error => format!("its evidence cannot be read: {error}"),
        };
        let Some(evidence) = self.pack.evidence(self.entry).map_err(unreadable)? else { return Ok(()) };
        self.entry.times.iter().try_for_each(|(mode, times)| {
            let measured = evidence.modes.get(mode);
            let measured = measured.ok_or_else(|| format!("its evidence has no {} measurement", mode.name()))?;
            disagreement(times, measured).map_or(Ok(()), |why| Err(format!("its {} measurement {why}", mode.name())))
        })
    }
}

/// How far two numbers of the same samples may be apart, relative to one of them: sums may be taken in another order.
const ROUNDING: f64 = 1e-6;

/// How many samples are compared in pairs at most: no race has more, and time and memory grow by their square.
const MOST_SAMPLES: usize = 4096;

/// In which way times are not those of the samples, worked out as they were when the pack was built.
fn disagreement(times: &pack::Times, measured: &pack::Measured) -> Option<String> {
    let pack::Measured { samples_ns, default_samples_ns, .. } = measured;
    let samples = samples_ns.len().max(default_samples_ns.len());
    if samples > MOST_SAMPLES {
        return Some(format!("has {samples} samples, of which {MOST_SAMPLES} at most can be checked"));
    }
    if measured.clock != times.clock {
        return Some(format!("says the clock {:?}, and its samples are of {:?}", times.clock, measured.clock));
    }
    let Estimate { value, low, high } = median_interval(samples_ns);
    let slower = ratio(samples_ns, default_samples_ns, CONFIDENCE);
    let [said_low, said_ratio, said_high] = times.ratio_to_default;
    let numbers = [
        ("median_ns", times.median_ns, value),
        ("low_ns", times.low_ns, low),
        ("high_ns", times.high_ns, high),
        ("default_ns", times.default_ns, median(default_samples_ns)),
        ("the low end of ratio_to_default", said_low, slower.low),
        ("ratio_to_default", said_ratio, slower.value),
        ("the high end of ratio_to_default", said_high, slower.high),
    ];
    let agrees = |said: f64, is: f64| (said / is - 1.0).abs() < ROUNDING;
    let wrong = numbers.into_iter().find(|(_, said, is)| !agrees(*said, *is));
    wrong.map(|(name, said, is)| format!("says that {name} is {said}, and its samples come to {is}"))
}

/// A device on which everything runs.
pub fn widest() -> pack::Device {
    let mut facts = DeviceFacts::boundless();
    facts.features.subgroup_size = [128, 128];
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Nine rounds in which the default takes twice as long.
    fn measured() -> pack::Measured {
        let samples_ns: Vec<f64> = (0..9).map(|round| 1000.0 + f64::from(round * round % 7)).collect();
        pack::Measured {
            clock: pack::Clock::Device,
            default_samples_ns: samples_ns.iter().map(|ns| 2.0 * ns).collect(),
            samples_ns,
            interval_ns: [1000.0, 1004.0],
            runners_up: Vec::new(),
        }
    }

    fn times() -> pack::Times {
        let Estimate { value, low, high } = median_interval(&measured().samples_ns);
        pack::Times {
            clock: pack::Clock::Device,
            median_ns: value,
            low_ns: low,
            high_ns: high,
            default_ns: 2.0 * value,
            ratio_to_default: [2.0; 3],
        }
    }

    #[test]
    fn times_that_are_not_those_of_the_samples_are_found() {
        let honest = times();
        let [low, high] = [honest.low_ns, honest.high_ns];
        let cases = [
            (honest, None),
            (pack::Times { median_ns: honest.median_ns * (1.0 + 1e-9), ..honest }, None),
            (pack::Times { clock: pack::Clock::Host, ..honest }, Some("the clock Host")),
            (pack::Times { median_ns: honest.median_ns + 1.0, ..honest }, Some("median_ns")),
            (pack::Times { low_ns: low - 1.0, ..honest }, Some("low_ns")),
            (pack::Times { high_ns: high + 1.0, ..honest }, Some("high_ns")),
            (pack::Times { default_ns: 9000.0, ..honest }, Some("default_ns")),
            (pack::Times { ratio_to_default: [2.0, 3.0, 3.0], ..honest }, Some("that ratio_to_default")),
            (pack::Times { ratio_to_default: [1.0, 2.0, 2.0], ..honest }, Some("the low end")),
            (pack::Times { ratio_to_default: [2.0, 2.0, 3.0], ..honest }, Some("the high end")),
        ];
        for (times, want) in cases {
            match (disagreement(&times, &measured()), want) {
                (None, None) => {}
                (Some(why), Some(part)) if why.contains(part) => {}
                (got, want) => panic!("{times:?}: {got:?} where {want:?} is right"),
            }
        }
    }

    #[test]
    fn samples_without_end_are_not_compared() {
        let many = pack::Measured { samples_ns: vec![1.0; MOST_SAMPLES + 1], ..measured() };
        assert!(disagreement(&times(), &many).unwrap().contains("4097 samples"));
    }
}
