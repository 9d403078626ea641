//! What tells two versions of a kernel apart: the hash of all that decides what is computed, and by which text.

use super::description::{Checks, Description, Work};
use super::parameter::Choices;
use super::truth::TruthSpec;
use crate::code::text_hash;

/// Hexadecimal digits that are kept: two versions of one kernel are the same by chance once in 4·10⁹ times.
const DIGITS: usize = 8;

/// The digest of a description with the texts that it names. Parameters, constraints, sizes and rates have no part in
/// it: values that are added leave what was measured as true as it was.
pub fn of<'a>(
    description: &Description,
    texts: impl Iterator<Item = &'a str>,
    truth: &TruthSpec,
    params: &[Choices],
) -> String {
    let mut kept = description.clone();
    kept.about.clear();
    kept.params.clear();
    kept.constraints.clear();
    kept.sizes.clear();
    kept.work = Work::default();
    kept.check = Checks { sizes: Vec::new(), ..kept.check };
    let mut all = serde_json::to_string(&kept).expect("plain data serialises");
    texts.for_each(|text| all.push_str(&text_hash(text)));
    if let TruthSpec::Default = truth {
        // Then the default config decides what is right.
        let defaults = params.iter().map(|param| format!("{}={}", param.name, param.default));
        all.push_str(&defaults.collect::<Vec<_>>().join(" "));
    }
    text_hash(&all)[..DIGITS].to_owned()
}
