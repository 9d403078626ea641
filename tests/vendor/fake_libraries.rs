//! The fake, compiled once for each variant, under the names of the real libraries.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use wgtune::backend::cuda::Search;

/// A folder with the fake under some names.
pub struct Fake {
    folder: tempfile::TempDir,
    search: Search,
}

/// All four, as a Python wheel would have those of CUDA 13.
pub const ALL: [&str; 4] = ["libcuda.so.1", "libcublas.so.13", "libcublasLt.so.13", "libcudnn.so.9"];

impl Fake {
    pub fn new() -> Self {
        Self::of(&ALL, plain())
    }

    /// Under these names alone.
    pub fn named(names: &[&str]) -> Self {
        Self::of(names, plain())
    }

    /// One that is compiled otherwise.
    pub fn compiled(condition: &str) -> Self {
        let build = tempfile::tempdir().unwrap();
        Self::of(&ALL, &compile(build.path(), Some(condition)))
    }

    fn of(names: &[&str], library: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lib = folder.path().join("nvidia/cu13/lib");
        fs::create_dir_all(&lib).unwrap();
        // One file under several names is loaded once, so that the parts of the fake share their state.
        fs::copy(library, lib.join("libfake.so")).unwrap();
        names.iter().for_each(|name| std::os::unix::fs::symlink(lib.join("libfake.so"), lib.join(name)).unwrap());
        let search = Search::new(&[folder.path().to_owned()]).unwrap();
        Self { folder, search }
    }

    /// The folder to name with `--vendor-path`.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What a worker must have in its environment.
    pub fn environment(&self) -> (OsString, OsString) {
        self.search.environment()
    }
}

/// The fake as it is, compiled when it is first needed.
fn plain() -> &'static Path {
    static PLAIN: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let make = || {
        let build = tempfile::tempdir().unwrap();
        let library = compile(build.path(), None);
        (build, library)
    };
    &PLAIN.get_or_init(make).1
}

fn compile(folder: &Path, condition: Option<&str>) -> PathBuf {
    let library = folder.join("libfake.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vendor/fake/lib.rs");
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()));
    rustc.args(["--edition=2024", "--crate-type=cdylib", "-Copt-level=3", "--check-cfg=cfg(old, without_batches)"]);
    rustc.args(condition.map(|condition| format!("--cfg={condition}"))).arg("-o").arg(&library).arg(source);
    let output = rustc.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    library
}
