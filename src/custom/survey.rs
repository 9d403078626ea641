//! What can be said of a kernel without a device: how many configs are legal, what each constraint takes away, and
//! whether the WGSL of many configs is valid.

use std::collections::BTreeSet;

use rand::RngExt;

use super::kernel::CustomKernel;
use crate::base::stats::Estimate;
use crate::base::{DeviceFacts, seeded};
use crate::check::check;
use crate::op::{Signature, Template};
use crate::record::Stage;
use crate::space::{Config, Space};

/// What was found.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The kernel with its sizes, as the store knows it.
    pub workload: String,
    /// Combinations of values before any constraint.
    pub raw: u128,
    /// Configs that obey all constraints.
    pub legal: Amount,
    /// What each constraint takes away.
    pub constraints: Vec<Cut>,
    /// The config that a search begins with, and whether the described defaults are it.
    pub default: String,
    /// Whether the described defaults obey all constraints themselves.
    pub default_is_legal: bool,
    /// Configs whose kernels were looked at: the default, each value of each parameter once, and some at random.
    pub looked_at: usize,
    /// Those that a device with WebGPU's default limits would refuse, with the first reason.
    pub beyond_limits: (usize, Option<String>),
    /// Those whose text is not valid, each with the reason.
    pub invalid: Vec<(String, String)>,
    /// What else is worth knowing.
    pub remarks: Vec<String>,
}

/// A number of configs, counted or estimated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// Exactly so many.
    Exactly(u128),
    /// About so many, with a 95 % interval.
    About(Estimate),
}

/// What a constraint takes away.
#[derive(Clone, Debug)]
pub struct Cut {
    /// The constraint.
    pub expr: String,
    /// Its reason.
    pub why: String,
    /// Combinations of values that break it.
    pub broken: Amount,
    /// Those that break no other: without it so many more would be legal.
    pub only: Amount,
}

/// Configs that are drawn at random.
const DRAWN: usize = 16;

/// Most configs whose kernels are looked at.
const MOST_LOOKED_AT: usize = 256;

/// Most reasons that are kept.
const MOST_INVALID: usize = 5;

impl CustomKernel {
    /// Looks at the kernel for these sizes as far as that needs no device.
    pub fn survey(&self, signature: &Signature) -> Survey {
        // The constraints alone: what a device allows is its own affair.
        let space = self.tuned().space(signature, &DeviceFacts::boundless());
        let default = self.tuned().default(signature, &space);
        let described = self.0.params.iter().map(|param| (param.name.clone(), param.default.clone())).collect();
        let mut survey = Survey {
            workload: signature.workload.to_string(),
            raw: space.raw_size(),
            legal: legal(&space),
            constraints: self.cuts(&space),
            default: default.as_ref().map(ToString::to_string).unwrap_or_default(),
            default_is_legal: space.config(&described).is_ok(),
            looked_at: 0,
            beyond_limits: (0, None),
            invalid: Vec::new(),
            remarks: Vec::new(),
        };
        for config in default.iter().flat_map(|default| some_configs(&space, default)) {
            self.look(signature, &config, &mut survey);
        }
        survey
    }

    fn cuts(&self, space: &Space) -> Vec<Cut> {
        let removals = space.removals();
        let is_counted = removals.iter().all(|removal| removal.raw.is_some() && removal.only.is_some());
        let sampled = (!is_counted).then(|| space.estimate(&mut seeded(0, "survey")).removals);
        let cut = |(at, condition): (usize, &super::kernel::Condition)| {
            let about = |pick: fn(&crate::space::Sampled) -> Estimate| {
                sampled.as_ref().and_then(|sampled| sampled.get(at)).map(pick).map(Amount::About)
            };
            let exactly = |count: Option<u128>| count.map(Amount::Exactly);
            let removal = removals.get(at);
            Cut {
                expr: condition.formula.expression().text().to_owned(),
                why: condition.why.clone(),
                broken: exactly(removal.and_then(|removal| removal.raw))
                    .or(about(|s| s.raw))
                    .unwrap_or(Amount::Exactly(0)),
                only: exactly(removal.and_then(|removal| removal.only))
                    .or(about(|s| s.only))
                    .unwrap_or(Amount::Exactly(0)),
            }
        };
        self.0.constraints.iter().enumerate().map(cut).collect()
    }

    /// Emits and checks one config's kernels.
    fn look(&self, signature: &Signature, config: &Config, survey: &mut Survey) {
        survey.looked_at += 1;
        let program = match self.tuned().emit(signature, config) {
            Ok(program) => program,
            Err(rejection) => return survey.refuse(config, rejection.why),
        };
        // First without limits, so that what is merely large is not called wrong.
        match check(&program, &signature.symbols, &DeviceFacts::boundless()) {
            Ok(facts) => {
                for uncounted in facts.iter().flat_map(|facts| &facts.uncounted) {
                    survey.remark(uncounted);
                }
            }
            Err(rejection) => return survey.refuse(config, rejection.why),
        }
        if let Err(rejection) = check(&program, &signature.symbols, &DeviceFacts::portable())
            && rejection.stage == Stage::Limits
        {
            survey.beyond_limits.0 += 1;
            survey.beyond_limits.1.get_or_insert(rejection.why);
        }
    }
}

impl Survey {
    fn refuse(&mut self, config: &Config, why: String) {
        if self.invalid.len() < MOST_INVALID {
            self.invalid.push((config.to_string(), why));
        }
    }

    fn remark(&mut self, remark: &str) {
        if !self.remarks.iter().any(|known| known == remark) {
            self.remarks.push(remark.to_owned());
        }
    }
}

fn legal(space: &Space) -> Amount {
    match space.count() {
        Some(count) => Amount::Exactly(count),
        None => Amount::About(space.estimate(&mut seeded(0, "survey")).legal),
    }
}

/// The default, its legal variants in one parameter, and some at random; none twice.
fn some_configs(space: &Space, default: &Config) -> BTreeSet<Config> {
    let mut configs = BTreeSet::from([default.clone()]);
    let mut variants = space.variants(default);
    let mut random = seeded(0, "survey");
    while configs.len() + DRAWN < MOST_LOOKED_AT && !variants.is_empty() {
        configs.insert(variants.swap_remove(random.random_range(0..variants.len())));
    }
    configs.extend((0..DRAWN).filter_map(|_| space.sample(&mut random)));
    configs
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// For each constraint of `benches/custom/large.toml`: how many of the values of UNROLL, PAD_A and PAD_B that it reads
    /// obey it beside these of the other five, and how many values those are.
    fn obeying([wx, wy, tx, ty, bk]: [u128; 5]) -> [(u128, u128); 5] {
        let truth = |holds: bool| (u128::from(holds), 1);
        let among = |holds: &dyn Fn(u128) -> bool| ((0..10).filter(|value| holds(*value)).count() as u128, 10);
        [
            truth(wx * wy <= 256),
            among(&|unroll| bk % (unroll + 1) == 0),
            truth(wx * tx + wy * ty <= (250 + 260) / 4 && tx * ty <= 64),
            among(&|pad| 4 * wy * ty * (bk + pad) <= 8192),
            among(&|pad| 4 * bk * (wx * tx + pad) <= 8192),
        ]
    }

    #[test]
    fn a_hundred_million_points_are_counted_exactly() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/custom/large.toml");
        let kernel = CustomKernel::load(&file).unwrap();
        let survey = kernel.survey(&kernel.signature().unwrap());
        let (mut legal, mut broken, mut only) = (0, [0; 5], [0; 5]);
        for point in 0..100_000 {
            let digit = |place: u32| point / 10u128.pow(place) % 10;
            let counts = obeying([1 << digit(0), 1 << digit(1), digit(2) + 1, digit(3) + 1, 4 * (digit(4) + 1)]);
            legal += counts.iter().map(|(holds, _)| holds).product::<u128>();
            for (at, (holds, all)) in counts.iter().enumerate() {
                let others = || counts.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, count)| count);
                broken[at] += (all - holds) * others().map(|(_, all)| all).product::<u128>();
                only[at] += (all - holds) * others().map(|(holds, _)| holds).product::<u128>();
            }
        }
        assert_eq!((survey.raw, survey.legal), (100_000_000, Amount::Exactly(legal)));
        let cuts: Vec<(Amount, Amount)> = survey.constraints.iter().map(|cut| (cut.broken, cut.only)).collect();
        let exactly = |(broken, only): (&u128, &u128)| (Amount::Exactly(*broken), Amount::Exactly(*only));
        assert_eq!(cuts, broken.iter().zip(&only).map(exactly).collect::<Vec<_>>());
        assert!(survey.invalid.is_empty(), "{:?}", survey.invalid);
    }
}
