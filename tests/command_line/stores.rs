//! Stores that cannot be used: each named as what it is, with what to do, and exit code 4.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use wgtune::store::Store;

use crate::tool::{Place, Ran, report, wgtune};

const MATMUL: &str = "matmul:f32:m8n8k8";

/// SQL that makes a file which is not ours to use, with what the message must say.
const FOREIGN: &[(&str, &str, &str)] = &[
    ("foreign.db", "CREATE TABLE theirs (x)", "is a database of another program; choose another file"),
    (
        "newer.db",
        "CREATE TABLE trial (x); PRAGMA application_id = 2003268725; PRAGMA user_version = 99",
        "was written by a newer wgtune (layout 99",
    ),
];

#[test]
fn files_that_are_no_store_are_named_as_what_they_are() {
    let place = Place::new();
    let text = "A text that is longer than the hundred bytes of a database's header, so that SQLite reads all of it.\n";
    fs::write(place.file("text.db"), text.repeat(3)).unwrap();
    fs::write(place.file("short.db"), "hello").unwrap();
    fs::create_dir(place.file("folder.db")).unwrap();
    for (name, sql, _) in FOREIGN {
        Connection::open(place.file(name)).unwrap().execute_batch(sql).unwrap();
    }
    let mut cases = vec![
        ("text.db", "is not a database; choose another file"),
        ("short.db", "is not a database; choose another file"),
        ("folder.db", "is a folder; name a file in it"),
        ("text.db/trials.db", "text.db`, which is no folder; choose another file"),
    ];
    cases.extend(FOREIGN.iter().map(|(name, _, part)| (*name, *part)));
    let failures = cases.into_iter().flat_map(|(name, part)| refusals(&place.file(name), part)).collect();
    report(failures);
    assert_eq!(fs::read_to_string(place.file("text.db")).unwrap(), text.repeat(3), "files of others stay as they are");
}

#[cfg(target_os = "linux")]
#[test]
fn places_that_cannot_be_written_are_told() {
    let cases = [
        ("/proc/x", "make it and its folder writable, or choose another file"),
        ("/proc/x/trials.db", "has no folder to lie in"),
        ("/dev/full", "does not fit on its disk; free some space and go on"),
        ("/dev/full/trials.db", "cannot lie in `/dev/full`, which is no folder"),
    ];
    report(cases.into_iter().flat_map(|(path, part)| refusals(path, part)).collect());
}

/// What is wrong with how each command that uses a store refuses this one. Those that only read make no store, and say
/// so where there is none.
fn refusals(db: &str, part: &str) -> Vec<String> {
    let refused = ["error: the store `", part];
    let reading = if Path::new(db).exists() { refused } else { ["error: there is no store at `", db] };
    let commands: [(&[&str], _); 6] = [
        (&["trials"], reading),
        (&["export", "--workload", MATMUL, "--format", "t4", "--output", "-"], reading),
        (&["show", MATMUL], reading),
        (&["tune", MATMUL], refused),
        (&["bench", MATMUL], reading),
        (&["recheck"], reading),
    ];
    let wrong = commands.into_iter().filter_map(|(words, parts)| {
        let ran = wgtune(&[words, &["--db", db]].concat());
        let whole = ran.stderr.lines().count() == 1;
        ran.is_failure(4, &parts).or_else(|| (!whole).then(|| ran.stderr.clone()))
    });
    wrong.collect()
}

/// Waits as long as the program does for a lock: ten seconds.
#[test]
fn a_locked_store_is_told() {
    let place = Place::new();
    drop(Store::open(place.path()).unwrap());
    let other = Connection::open(place.path()).unwrap();
    // Against a write-ahead log only readers of the old kind of journal keep everyone out.
    other.execute_batch("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE").unwrap();
    report(
        place
            .run(&["trials"])
            .is_failure(4, &["is locked by another process; wait for that process"])
            .into_iter()
            .collect(),
    );
    other.execute_batch("COMMIT").unwrap();
    place.run(&["trials"]).good();
}

#[cfg(target_os = "linux")]
mod full {
    use std::process::{Command, Stdio};

    use super::*;
    use wgtune::backend::Backend;

    use crate::common::{note_skip, software_device};

    /// Runs `wgtune` where no file may grow beyond so many KiB, which a process meets like a full disk.
    fn run_with_most_kib(kib: u32, args: &[impl AsRef<str>]) -> Ran {
        let script = format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\"");
        let mut command = Command::new("bash");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_wgtune")]).args(args.iter().map(AsRef::as_ref));
        Ran::of(args, command.stdin(Stdio::null()).env_remove("RUST_LOG").output().unwrap())
    }

    #[test]
    fn a_disk_without_room_for_a_store_is_told() {
        let place = Place::new();
        let ran = run_with_most_kib(0, &place.with(&["tune", MATMUL]));
        report(ran.is_failure(4, &["the store `", "is not full, then go on"]).into_iter().collect());
    }

    #[test]
    fn a_disk_that_fills_up_loses_no_finished_trial() {
        let Ok(backend) = software_device() else { return };
        if backend.facts().identity.adapter.contains("SwiftShader") {
            note_skip("SwiftShader keeps its memory in files, which the limit cuts short too");
            return;
        }
        let place = Place::new();
        let tune = place.with(&["tune", MATMUL, "--device", "software", "--trials", "25"]);
        let ran = run_with_most_kib(160, &tune);
        report(ran.is_failure(4, &["the store `", "go on: every finished trial is kept"]).into_iter().collect());
        let kept = place.trials();
        assert!(!kept.is_empty() && kept.len() < 25, "{} trials", kept.len());
        wgtune(&tune).good();
        let after = place.trials();
        assert!(kept.iter().all(|trial| after.contains(trial)), "a trial was lost");
    }

    #[test]
    fn output_that_cannot_be_written_is_told() {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_wgtune"));
        let ran = Ran::of(&["list"], command.arg("list").stdout(full).output().unwrap());
        report(ran.is_failure(1, &["the output could not be written"]).into_iter().collect());
    }
}
