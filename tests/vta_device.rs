//! VTA as a device: what the templates lower is right wherever it is not refused, and whatever goes wrong is named.

use std::collections::BTreeMap;

use wgtune::backend::Backend;
use wgtune::backend::vta::{PROFILES, VtaBackend};
use wgtune::base::{Language, seeded};
use wgtune::measure::{Measure, Tier};
use wgtune::op::{OPERATORS, Shared, Template, naive_template, resolve};
use wgtune::predict::template_default;
use wgtune::record::{Clock, Mode, Outcome, Rejection, Stage};

/// Hardware of other batches, blocks and buffers than the usual one, whose chip is smaller.
const HARDWARE: [&str; 4] = ["", ":2x16_i8w8a32_15_15_18_17", ":1x8_i8w8a32_12_13_14_14", ":4x4_i8w8a32_14_12_12_14"];

/// Cuts that are tried of each template, beside its default.
const SAMPLES: usize = 12;

/// What may become of a cut: compilers refuse it, or the simulator finds that it does not fit the chip, or that it uses sums
/// too soon. Anything else would be a mistake of ours.
const ADMITTED: &[(Stage, &str)] = &[
    (Stage::Compile, ""),
    (Stage::Run, "buffer overrun"),
    (Stage::Run, "index overrun"),
    (Stage::Verify, "accumulator hazard"),
];

#[test]
fn every_cut_is_right_or_refused_for_a_known_reason() {
    let mut tally: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for hardware in HARDWARE {
        let mut backend = VtaBackend::open(hardware).unwrap();
        for workload in OPERATORS.iter().flat_map(|operator| operator.contract()).filter(|text| text.contains(":i8>")) {
            check_workload(&mut backend, workload, &mut |what, came_of_it| match came_of_it {
                Ok(()) => *tally.entry("right".to_owned()).or_default() += 1,
                Err(Rejection { stage, why }) if is_admitted(stage, &why) => {
                    *tally.entry(format!("{stage}: {}", why.split(" at instruction").next().unwrap())).or_default() +=
                        1;
                }
                Err(Rejection { stage, why }) => wrong.push(format!("{hardware} {what}: {stage}: {why}")),
            });
        }
    }
    println!("{tally:#?}");
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tally["right"] > 200, "{tally:?}");
}

fn is_admitted(stage: Stage, why: &str) -> bool {
    ADMITTED.iter().any(|(admitted, part)| *admitted == stage && why.contains(part))
}

/// Checks the defaults, which must be right, and some other cuts of all templates.
fn check_workload(backend: &mut VtaBackend, workload: &str, told: &mut dyn FnMut(String, Result<(), Rejection>)) {
    let signature = resolve(workload).unwrap_or_else(|error| panic!("{error}"));
    let templates = signature.operator.templates();
    let templates = templates.into_iter().filter(|one| one.language() == Language::Vta && one.applies(&signature));
    let templates: Vec<Shared<dyn Template>> = templates.collect();
    assert_eq!(templates.len(), 3, "{workload}");
    let mut measure = Measure::new(backend, signature, 5);
    for template in templates {
        let space = template.space(measure.signature(), measure.device());
        let default = template_default(&*template, measure.signature(), measure.device(), &space).unwrap();
        let mut random = seeded(3, workload);
        let others = (0..SAMPLES).filter_map(|_| space.sample(&mut random));
        let is_usual = measure.device().accelerator.as_deref() == Some("1x16_i8w8a32_15_15_18_17");
        for (number, config) in std::iter::once(default).chain(others).enumerate() {
            let candidate = measure.candidate(&template, config);
            let what = format!("{workload} {} [{}]", template.name(), candidate.config);
            let report = measure.verify(&candidate, Mode::UNCHECKED, None, Tier::Full).unwrap();
            let came_of_it = match report.outcome {
                Outcome::Rejected(rejection) => Err(rejection),
                Outcome::Timed { .. } => Ok(()),
            };
            assert!(came_of_it.is_err() || report.verified.is_some(), "{what}");
            assert!(number > 0 || !is_usual || came_of_it.is_ok(), "the default is {came_of_it:?}: {what}");
            told(what, came_of_it);
        }
    }
}

/// Cycles are those of the timing, whatever lies in memory, and other memory costs other cycles.
#[test]
fn trials_count_cycles() {
    let signature = resolve("conv2d:i8>i32>i8:n1c64h14w14o64k3p1+shift8+relu+clip").unwrap();
    let mut seen = Vec::new();
    for profile in PROFILES {
        let mut backend = VtaBackend::open(profile.name).unwrap();
        let device = backend.facts().clone();
        let template = naive_template(&signature, Language::Vta).unwrap();
        let space = template.space(&signature, &device);
        let config = template_default(&*template, &signature, &device, &space).unwrap();
        let cycles = [1, 2].map(|seed| {
            let mut measure = Measure::new(&mut backend, signature.clone(), seed);
            let candidate = measure.candidate(&template, config.clone());
            match measure.trial(&candidate, Mode::UNCHECKED, None).unwrap().report.outcome {
                Outcome::Timed { samples_ns, clock: Clock::Cycles } => samples_ns,
                other => panic!("{}: {other:?}", profile.name),
            }
        });
        assert!(cycles.iter().flatten().all(|sample| *sample == cycles[0][0] && sample.fract() == 0.0), "{cycles:?}");
        seen.push(cycles[0][0]);
    }
    let [tsim, pynq, ideal] = seen[..] else { panic!("three profiles") };
    assert!(ideal < tsim && tsim < pynq, "{seen:?}");
}
