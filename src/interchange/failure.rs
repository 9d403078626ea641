//! How other programs call the ways in which a config fails, and the stages that those are here.

use serde::{Deserialize, Serialize};

use crate::record::{Rejection, Stage};

/// A failure in full, beside the name that other programs know: they have fewer, and no reasons.
#[derive(Serialize, Deserialize)]
pub(super) struct Exact {
    stage: Stage,
    why: String,
}

impl Exact {
    pub fn of(rejection: &Rejection) -> Self {
        Self { stage: rejection.stage, why: rejection.why.clone() }
    }

    pub fn rejection(self) -> Rejection {
        Rejection::new(self.stage, self.why)
    }
}

/// Parts of the names of failures, in small letters, and what they are here. The first that fits counts.
const NAMES: &[(&str, Stage)] = &[
    ("timeout", Stage::Timeout),
    ("compil", Stage::Compile),
    ("runtime", Stage::Run),
    ("correct", Stage::Verify),
    ("verif", Stage::Verify),
    ("validation", Stage::Verify),
    ("constraint", Stage::Limits),
    ("invalid", Stage::Limits),
    // Kernel Tuner's name for what is none of the others.
    ("errorconfig", Stage::Run),
];

/// What a message says that was expected.
pub(super) const EXPECTED: &str =
    "a number above 0 or the name of a failure, such as CompilationFailedConfig, RuntimeFailedConfig or InvalidConfig";

/// The failure of this name, which stays its reason.
pub(super) fn named(name: &str) -> Option<Rejection> {
    let small = name.to_ascii_lowercase();
    let known = NAMES.iter().find(|(part, _)| small.contains(part));
    known.map(|(_, stage)| Rejection::new(*stage, name))
}

/// Kernel Tuner's name for a failure at a stage.
pub(super) fn kernel_tuner(stage: Stage) -> &'static str {
    match stage {
        Stage::Limits => "InvalidConfig",
        Stage::Validate | Stage::Compile => "CompilationFailedConfig",
        Stage::Run | Stage::Verify | Stage::Timeout | Stage::Crash => "RuntimeFailedConfig",
    }
}

/// T4's word for a failure at a stage.
pub(super) fn t4(stage: Stage) -> &'static str {
    match stage {
        Stage::Limits => "constraints",
        Stage::Validate | Stage::Compile => "compile",
        Stage::Run | Stage::Crash => "runtime",
        Stage::Verify => "correctness",
        Stage::Timeout => "timeout",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_stages() {
        for (name, stage) in [
            ("CompilationFailedConfig", Some(Stage::Compile)),
            ("RuntimeFailedConfig", Some(Stage::Run)),
            ("InvalidConfig", Some(Stage::Limits)),
            ("ErrorConfig", Some(Stage::Run)),
            ("timeout", Some(Stage::Timeout)),
            ("compile", Some(Stage::Compile)),
            ("runtime", Some(Stage::Run)),
            ("correctness", Some(Stage::Verify)),
            ("constraints", Some(Stage::Limits)),
            ("fast", None),
            ("", None),
        ] {
            assert_eq!(named(name).map(|rejection| rejection.stage), stage, "{name}");
            assert!(named(name).is_none_or(|rejection| rejection.why == name));
        }
    }

    #[test]
    fn what_is_written_is_understood() {
        for stage in Stage::ALL {
            assert!(named(kernel_tuner(stage)).is_some(), "{stage}");
            assert!(named(t4(stage)).is_some(), "{stage}");
        }
    }
}
