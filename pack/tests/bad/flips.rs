//! Bytes changed at random: whatever comes of it, nothing panics.

use proptest::prelude::*;
use proptest::sample::Index;
use wgtune_pack::Device;

use crate::common::{h100, survive::survive};
use crate::make::{good, pack, unpack, with_program_text};

/// Places in some bytes, and what to write there.
fn flips() -> impl Strategy<Value = Vec<(Index, u8)>> {
    proptest::collection::vec((any::<Index>(), any::<u8>()), 1..4)
}

fn flipped(mut bytes: Vec<u8>, flips: &[(Index, u8)]) -> Vec<u8> {
    for (place, value) in flips {
        let place = place.index(bytes.len());
        bytes[place] = *value;
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_flip_of_an_archive_makes_the_reader_panic(flips in flips()) {
        survive(&flipped(good_once(), &flips), &[h100()]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Behind the checksums of the archive too.
    #[test]
    fn no_flip_of_an_index_makes_the_reader_panic(flips in flips()) {
        let mut files = unpack(&good_once());
        let manifest = flipped(files["manifest.json"].clone(), &flips);
        files.insert("manifest.json".to_owned(), manifest);
        survive(&pack(&files), &[h100(), Device::unknown()]);
    }

    /// Behind the hashes of parts too.
    #[test]
    fn no_flip_of_a_program_makes_the_reader_panic(flips in flips()) {
        survive(&with_program_text(|text| flipped(text.into_bytes(), &flips)), &[h100()]);
    }
}

fn good_once() -> Vec<u8> {
    static GOOD: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(good);
    GOOD.clone()
}
