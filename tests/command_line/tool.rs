//! Runs the binary and reads what it said.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::common::{Skip, software_device};

/// The name by which every test that needs a device asks for one.
pub const SOFTWARE: [&str; 2] = ["--device", "software"];

/// What a run of the binary left behind.
pub struct Ran {
    /// The line that was run.
    pub line: String,
    /// The exit code; none after a signal.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs `wgtune` to its end.
pub fn wgtune<T: AsRef<str>>(args: &[T]) -> Ran {
    Ran::of(args, command(args).output().unwrap())
}

/// Starts `wgtune` with its output held for later.
pub fn start<T: AsRef<str>>(args: &[T]) -> Child {
    command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn command<T: AsRef<str>>(args: &[T]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wgtune"));
    command.args(args.iter().map(AsRef::as_ref)).stdin(Stdio::null()).env_remove("RUST_LOG").env_remove("COLUMNS");
    command
}

impl Ran {
    pub fn of<T: AsRef<str>>(args: &[T], output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let words = args.iter().map(|arg| format!("`{}`", arg.as_ref()));
        Self {
            line: format!("wgtune {}", words.collect::<Vec<_>>().join(" ")),
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// The output of a run that must have gone well.
    pub fn good(self) -> String {
        assert_eq!(self.code, Some(0), "{}\n{}{}", self.line, self.stdout, self.stderr);
        self.stdout
    }

    /// The lines of a good run's output, each a JSON value.
    pub fn json(self) -> Vec<Value> {
        self.good().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Says in which way this is no failure with this code and with these parts in one message.
    pub fn is_failure(&self, code: i32, parts: &[&str]) -> Option<String> {
        let missing: Vec<_> = parts.iter().filter(|part| !self.stderr.contains(**part)).collect();
        let panicked = self.stderr.contains("panicked");
        let right = self.code == Some(code) && self.stdout.is_empty() && missing.is_empty() && !panicked;
        let Self { line, code: got, stdout, stderr } = self;
        (!right).then(|| format!("{line}\n  code {got:?} where {code} is right, without {missing:?}\n{stdout}{stderr}"))
    }
}

/// A folder for one test's store, gone afterwards.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("trials.db")
    }

    pub fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// These words, then `--db` and this place's store.
    pub fn with<'a>(&self, words: &[&'a str]) -> Vec<std::borrow::Cow<'a, str>> {
        let mut args: Vec<_> = words.iter().map(|word| (*word).into()).collect();
        args.extend(["--db".into(), self.file("trials.db").into()]);
        args
    }

    /// Runs `wgtune` in this place's folder.
    pub fn here(&self, words: &[&str]) -> Ran {
        Ran::of(words, command(words).current_dir(self.folder.path()).output().unwrap())
    }

    /// Runs `wgtune` in this place's folder with this place's store.
    pub fn here_stored(&self, words: &[&str]) -> Ran {
        self.here(&[words, &["--db", "trials.db"]].concat())
    }

    /// What a file of this place says.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap()
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.file(name), text).unwrap();
    }

    /// Changes what stands once in a file of this place.
    pub fn edit(&self, name: &str, find: &str, replace: &str) {
        let text = self.read(name);
        assert_eq!(text.matches(find).count(), 1, "`{find}` in {name}");
        self.write(name, text.replace(find, replace));
    }

    /// Runs `wgtune` with this place's store.
    pub fn run(&self, words: &[&str]) -> Ran {
        wgtune(&self.with(words))
    }

    /// Runs `wgtune` with this place's store on the software device.
    pub fn run_on_software(&self, words: &[&str]) -> Ran {
        self.run(&[words, &SOFTWARE].concat())
    }

    /// Every trial of the store, the newest first.
    pub fn trials(&self) -> Vec<Value> {
        self.run(&["trials", "--limit", "0", "--json"]).json()
    }
}

/// Whether there is a software device to tune on.
pub fn has_software_device() -> Result<(), Skip> {
    software_device().map(drop)
}

/// Reports everything that went wrong at once.
pub fn report(failures: Vec<String>) {
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}
