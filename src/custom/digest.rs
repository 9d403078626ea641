//! What tells two versions of a kernel apart: the hash of all that decides what is computed, and by which text.

use super::description::{Description, Work};
use super::parameter::Choices;
use super::truth::TruthSpec;
use crate::code::text_hash;

/// Hexadecimal digits that are kept: two versions of one kernel are the same by chance once in 4·10⁹ times.
const DIGITS: usize = 8;

/// The digest of a description with the texts that it names. The values of parameters, constraints, sizes and rates
/// have no part in it: values that are added leave what was measured as true as it was. They have where the default config
/// is the truth.
pub fn of<'a>(
    description: &Description,
    texts: impl Iterator<Item = &'a str>,
    truth: &TruthSpec,
    params: &[Choices],
) -> String {
    let mut kept = description.clone();
    kept.about.clear();
    if let TruthSpec::Default = truth {
        // Then the default config decides what is right, and everything decides which config that is.
        kept.sizes.clear();
    } else {
        kept.params.clear();
        kept.constraints.clear();
    }
    kept.sizes.clear();
    kept.work = Work::default();
    let mut all = serde_json::to_string(&kept).expect("plain data serialises");
    texts.for_each(|text| all.push_str(&text_hash(text)));
    // A new parameter makes other configs of the old ones; a new value does not.
    params.iter().for_each(|param| all.push_str(&format!(" {}", param.name)));
    all.push_str(&truth.digest());
    text_hash(&all)[..DIGITS].to_owned()
}
