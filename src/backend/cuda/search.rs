//! Finds NVIDIA's libraries in folders that a user names, and has the loader of another process find just these.
//!
//! `cudarc` asks the system's loader for a library by several names, one after the other, so that a `libcublas.so` of the
//! system would come before the `libcublas.so.13` of a Python wheel that was named. So a folder of links is made in which each
//! library has the name that is asked for first, and the loader of the other process looks there before anywhere else.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Why named folders are of no use.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum SearchError {
    #[error(
        "no library of NVIDIA's (libcublas, libcublasLt, libcudnn, libcuda) lies in `{}` nor in the `lib` folders below it",
        .0.display()
    )]
    Nothing(PathBuf),
    #[error("the links to NVIDIA's libraries could not be made: {0}")]
    Links(#[from] io::Error),
}

/// What was found where. The links last as long as it does.
#[derive(Debug)]
pub struct Search {
    links: TempDir,
    /// Where was looked, in the order of the search.
    folders: Vec<PathBuf>,
}

/// What is looked for, without what the system puts before and after it.
const STEMS: [&str; 4] = ["cuda", "cublas", "cublasLt", "cudnn"];

/// Where the libraries of CUDA's own installer lie, if nothing is named.
const USUAL: [&str; 2] = ["/usr/local/cuda/lib64", "/opt/cuda/lib64"];

/// The variable that tells the loader where to look first.
const VARIABLE: &str = if cfg!(windows) { "PATH" } else { "LD_LIBRARY_PATH" };

impl Search {
    /// Looks in the folders that are named, in the `lib` folders below them as Python's wheels have them, and then where
    /// CUDA's installer puts its libraries. What it does not find is left to the loader.
    ///
    /// # Errors
    /// Where a folder that was named has nothing.
    pub fn new(named: &[PathBuf]) -> Result<Self, SearchError> {
        let links = tempfile::Builder::new().prefix("wgtune-cuda-").tempdir()?;
        let mut folders = Vec::new();
        for path in named {
            // Links and relative paths would mean something else from another folder.
            let path = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
            let below = libraries_below(&path);
            if !below.iter().any(|folder| has_any(folder)) {
                return Err(SearchError::Nothing(path));
            }
            // Also those beside: what libraries need lies in wheels of its own.
            folders.extend(below);
        }
        folders.extend(USUAL.map(PathBuf::from).into_iter().filter(|folder| has_any(folder)));
        for stem in STEMS {
            if let Some(file) = folders.iter().find_map(|folder| newest(folder, stem)) {
                link(&file, &links.path().join(first_name(stem)))?;
            }
        }
        Ok(Self { links, folders })
    }

    /// What another process must have in its environment for its loader to find these.
    pub fn environment(&self) -> (OsString, OsString) {
        let before = std::env::var_os(VARIABLE).unwrap_or_default();
        let links = [self.links.path().to_owned()].into_iter();
        let before = std::env::split_paths(&before).filter(|folder| !folder.as_os_str().is_empty());
        let all = links.chain(self.folders.iter().cloned()).chain(before);
        // A folder whose name has a colon cannot be told to a loader.
        let all: Vec<PathBuf> = all.filter(|folder| std::env::join_paths([folder]).is_ok()).collect();
        (VARIABLE.into(), std::env::join_paths(all).unwrap_or_default())
    }
}

/// The folder itself, its `lib` folders, and those of the wheels in it: `nvidia/*/lib`, or `*/lib` where it is `nvidia`.
fn libraries_below(path: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = ["", "lib64", "lib", "bin"].map(|name| path.join(name)).into();
    let wheels = if path.ends_with("nvidia") { path.to_owned() } else { path.join("nvidia") };
    let mut packages: Vec<PathBuf> = entries(&wheels).map(|package| package.join("lib")).collect();
    packages.sort();
    folders.extend(packages);
    folders.retain(|folder| folder.is_dir());
    folders
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn has_any(folder: &Path) -> bool {
    STEMS.iter().any(|stem| newest(folder, stem).is_some())
}

/// The file of a library in a folder: the one without a version, which links to the one that is meant, or the newest.
fn newest(folder: &Path, stem: &str) -> Option<PathBuf> {
    let named = |path: PathBuf| {
        let version = version(path.file_name()?.to_str()?, stem)?;
        Some((version.is_empty(), version, path))
    };
    entries(folder).filter_map(named).max().map(|(.., path)| path)
}

/// The numbers after a library's name; `None` where the file is not that library.
fn version(file: &str, stem: &str) -> Option<Vec<u32>> {
    if cfg!(windows) {
        let rest = file.strip_prefix(stem)?.strip_suffix(".dll")?;
        let numbers = rest.trim_start_matches("64").split('_').filter(|part| !part.is_empty());
        return numbers.map(|part| part.parse().ok()).collect();
    }
    let rest = file.strip_prefix("lib")?.strip_prefix(stem)?.strip_prefix(".so")?;
    rest.split('.')
        .skip(1)
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()
        .filter(|_| rest.is_empty() || rest.starts_with('.'))
}

/// The name that is asked for first.
fn first_name(stem: &str) -> String {
    format!("{}{stem}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX)
}

#[cfg(unix)]
fn link(file: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(file, link)
}

/// Elsewhere the folders alone must do.
#[cfg(not(unix))]
fn link(_file: &Path, _link: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn touch(root: &Path, file: &str) {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }

    fn target(search: &Search, stem: &str) -> Option<PathBuf> {
        fs::read_link(search.links.path().join(first_name(stem))).ok()
    }

    #[test]
    fn versions_are_read_off_the_names_of_files() {
        let cases: [(&str, Option<&[u32]>); 7] = [
            ("libcublas.so", Some(&[])),
            ("libcublas.so.13", Some(&[13])),
            ("libcublas.so.12.4.5.8", Some(&[12, 4, 5, 8])),
            ("libcublasLt.so.13", None),
            ("libcublas.so.13.part", None),
            ("libcublas.some", None),
            ("libcublas.a", None),
        ];
        for (file, want) in cases {
            assert_eq!(version(file, "cublas").as_deref(), want, "{file}");
        }
    }

    #[test]
    fn wheels_are_found_below_the_folder_that_is_named() {
        let place = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(place.path()).unwrap();
        let wheels =
            ["cu13/lib/libcublas.so.12", "cu13/lib/libcublas.so.13", "cudnn/lib/libcudnn.so.9", "nvrtc/lib/readme"];
        wheels.iter().for_each(|file| touch(&root.join("nvidia"), file));
        for named in [root.clone(), root.join("nvidia")] {
            let search = Search::new(&[named]).unwrap();
            assert_eq!(target(&search, "cublas"), Some(root.join("nvidia/cu13/lib/libcublas.so.13")));
            assert_eq!(target(&search, "cudnn"), Some(root.join("nvidia/cudnn/lib/libcudnn.so.9")));
            let (name, folders) = search.environment();
            let folders: Vec<PathBuf> = std::env::split_paths(&folders).collect();
            assert_eq!((name.to_str(), &folders[0]), (Some("LD_LIBRARY_PATH"), &search.links.path().to_owned()));
            for wheel in ["cu13", "cudnn", "nvrtc"] {
                assert!(folders.contains(&root.join("nvidia").join(wheel).join("lib")), "{wheel}: {folders:?}");
            }
        }
    }

    #[test]
    fn what_is_named_first_comes_first_and_what_has_nothing_is_told() {
        let place = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(place.path()).unwrap();
        touch(&root, "one/libcudnn.so.9");
        touch(&root, "two/lib64/libcudnn.so");
        touch(&root, "empty/readme");
        let search = Search::new(&[root.join("one"), root.join("two")]).unwrap();
        assert_eq!(target(&search, "cudnn"), Some(root.join("one/libcudnn.so.9")));
        let error = Search::new(&[root.join("one"), root.join("empty")]).unwrap_err().to_string();
        assert!(error.contains("empty` nor in the `lib` folders"), "{error}");
        assert!(Search::new(&[root.join("none")]).is_err());
    }
}
