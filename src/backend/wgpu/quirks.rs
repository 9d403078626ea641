//! What is known of drivers and no API reports: how they are recognised, what they do, why, and what to do about it.

/// A peculiarity of one driver.
#[derive(Debug)]
pub struct Quirk {
    /// Part of the driver's name, in small letters.
    driver: &'static str,
    /// What it does, as half a sentence.
    pub what: &'static str,
    /// Why, and where that is written.
    pub why: &'static str,
    /// What a user can do, as half a sentence.
    pub advice: &'static str,
    /// Loop iterations per invocation after which it silently stops a kernel.
    pub loop_iterations: Option<u64>,
}

/// Every peculiarity, driver by driver.
pub const QUIRKS: &[Quirk] = &[
    Quirk {
        driver: "llvmpipe",
        what: "loops of an invocation stop silently after 65535 iterations in all",
        why: "Mesa's LP_MAX_TGSI_LOOP_ITERATIONS: right kernels would fail, and wrong ones could pass",
        advice: "configs that need more are rejected at stage limits; shorten the sum, or unroll its loop",
        loop_iterations: Some(65_535),
    },
    Quirk {
        driver: "swiftshader",
        what: "zero-initialised workgroup memory takes seconds to compile",
        why: "Subzero compiles the initialisation of each element for itself: 20 KB took 2 s",
        advice: "finalists with checks take long to compile; that time is no part of theirs",
        loop_iterations: None,
    },
];

/// What is known of a driver of this name.
pub fn of(driver: &str) -> impl Iterator<Item = &'static Quirk> + use<> {
    let driver = driver.to_lowercase();
    QUIRKS.iter().filter(move |quirk| driver.contains(quirk.driver))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_are_recognised_by_their_names() {
        for (driver, iterations) in [("llvmpipe", Some(65_535)), ("SwiftShader driver", None), ("NVIDIA", None)] {
            assert_eq!(of(driver).find_map(|quirk| quirk.loop_iterations), iterations, "{driver}");
        }
        assert_eq!(of("NVIDIA").count(), 0);
    }

    /// Half sentences, joined by `; ` where they are shown.
    #[test]
    fn each_says_what_and_what_to_do() {
        for Quirk { what, why, advice, .. } in QUIRKS {
            assert!([what, why, advice].iter().all(|text| text.len() > 20 && !text.ends_with('.')), "{what}");
        }
    }
}
