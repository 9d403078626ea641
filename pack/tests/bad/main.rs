//! Bad packs: each gives one clear error, or costs the one entry that is bad, and never a wrong program.

#[path = "../common/mod.rs"]
mod common;
mod flips;
mod make;
mod table;

use common::h100;
use wgtune_pack::{Error, Pack, Rung, Wish, Workload, keygen, sign_pack};

/// What must come of a bad pack.
pub enum Ends {
    /// It cannot be opened: a part of the message.
    Refused(&'static str),
    /// Its tuned entry or something else is skipped: a part of the reason. The default is chosen.
    Skipped(&'static str),
    /// Its tuned entry turns out bad when it is read: a part of the reason. The default is chosen.
    Missed(&'static str),
    /// Something that the choice does not need is skipped: a part of the reason.
    Passed(&'static str),
    /// Nothing is left to choose: a part of the reason.
    Emptied(&'static str),
    /// It is as good as before.
    Harmless,
}

#[test]
fn bad_packs_give_one_clear_error_or_a_miss() {
    let wrong: Vec<String> = table::cases()
        .into_iter()
        .filter_map(|(what, bytes, ends)| Some(format!("{what}: {}", differs(bytes, &ends)?)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What came of a pack, where that is not what must.
fn differs(bytes: Vec<u8>, ends: &Ends) -> Option<String> {
    let pack = match (Pack::open(bytes), ends) {
        (Err(error), Ends::Refused(part)) if error.to_string().contains(part) => return None,
        (Err(error), _) => return Some(format!("refused: {error}")),
        (Ok(_), Ends::Refused(_)) => return Some("opened".to_owned()),
        (Ok(pack), _) => pack,
    };
    let choice = pack.select(&h100(), &Workload::parse("matmul:f32:m256n256k256").unwrap(), &Wish::default());
    let chosen = choice.entry().map_or("nothing", |entry| entry.template.as_str());
    let (skipped, misses) = (format!("{:?}", pack.skipped()), format!("{:?}", choice.misses()));
    let is_right = match ends {
        Ends::Skipped(part) => skipped.contains(part) && chosen == "default",
        Ends::Missed(part) => misses.contains(part) && chosen == "default" && choice.rung() == Rung::Default,
        Ends::Passed(part) => skipped.contains(part) && chosen == "tuned",
        Ends::Emptied(part) => skipped.contains(part) && chosen == "nothing",
        Ends::Refused(_) | Ends::Harmless => {
            chosen == "tuned" && pack.skipped().is_empty() && choice.misses().is_empty()
        }
    };
    (!is_right).then(|| format!("{chosen} was chosen; skipped {skipped}; missed {misses}"))
}

/// A pack that is cut anywhere has no directory any more.
#[test]
fn truncated_packs_are_refused() {
    let good = make::good();
    for part in 0..50 {
        let cut = good[..good.len() * part / 50].to_vec();
        let error = Pack::open(cut).expect_err("it is cut");
        assert!(matches!(error, Error::Archive(_)), "cut at {part} of 50: {error}");
    }
}

#[test]
fn signatures_are_asked_for_and_looked_at() {
    let ((secret, public), (_, stranger)) = (keygen([1; 32]).unwrap(), keygen([2; 32]).unwrap());
    let signed = sign_pack(make::good(), &secret).unwrap();
    let mut tampered = make::unpack(&signed);
    tampered.get_mut("manifest.json").unwrap().push(b' ');
    let mut garbled = make::unpack(&signed);
    garbled.insert("manifest.sig".to_owned(), b"{}".to_vec());
    let mut long = make::unpack(&signed);
    long.insert("manifest.sig".to_owned(), vec![b' '; 5000]);
    let cases = [
        ("a good one", signed.clone(), public, None),
        ("a stranger's", signed, stranger, Some("none of the 1 keys")),
        ("none", make::good(), public, Some("there is no `manifest.sig`")),
        ("another index", make::pack(&tampered), public, Some("not what was signed")),
        ("no signature", make::pack(&garbled), public, Some("cannot be read")),
        ("a long one", make::pack(&long), public, Some("larger than 4096 bytes")),
    ];
    for (what, bytes, key, wrong) in cases {
        match (Pack::open_signed(bytes, &[key]), wrong) {
            (Ok(_), None) => {}
            (Err(error), Some(part)) if error.to_string().contains(part) => {}
            (got, _) => panic!("{what}: {got:?} where {wrong:?} is right"),
        }
    }
}

/// What fuzzing and these tests once found interesting stays harmless.
#[test]
fn the_corpus_is_survived() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    if std::env::var_os("WGTUNE_BLESS").is_some() {
        bless(&folder);
    }
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.len() > 10, "`WGTUNE_BLESS=1 cargo test -p wgtune-pack --test bad` writes the corpus");
    for file in files {
        common::survive::survive(&std::fs::read(file).unwrap(), &[h100(), wgtune_pack::Device::unknown()]);
    }
}

/// Writes good packs, and small ones with a bad structure: what a fuzzer begins with.
fn bless(folder: &std::path::Path) {
    let (secret, _) = keygen([1; 32]).unwrap();
    let signed = sign_pack(make::good(), &secret).unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(format!("{name}.wgpack")), bytes).unwrap();
    write("small", &make::good());
    write("signed", &signed);
    for (what, bytes, ends) in table::cases() {
        if bytes.len() < 8192 && matches!(ends, Ends::Refused(_)) {
            write(&what.replace(' ', "-"), &bytes);
        }
    }
}
