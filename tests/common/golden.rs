//! Goldens: texts kept on disk for review, which fail a test when missing, changed or orphaned.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Texts by their path below the folder.
pub type Texts = BTreeMap<PathBuf, String>;

/// A folder of goldens that belong to one test.
pub struct Goldens {
    /// Below the root of the repository.
    pub folder: &'static str,
    /// What lies in it and belongs to other tests.
    pub others: &'static [&'static str],
    /// The test that writes them anew.
    pub test: &'static str,
}

impl Goldens {
    /// What differs between these texts and those on disk. With `WGTUNE_BLESS` set the disk is made to agree first.
    pub fn blessed_or_differences(&self, texts: &Texts) -> Vec<String> {
        if std::env::var_os("WGTUNE_BLESS").is_some() {
            self.bless(texts);
        }
        self.differences(texts)
    }

    fn differences(&self, texts: &Texts) -> Vec<String> {
        let disk = self.on_disk();
        let wrong = texts.iter().filter_map(|(path, text)| match disk.get(path) {
            None => Some((path, "is missing".to_owned())),
            Some(before) if before != text => Some((path, first_change(before, text))),
            Some(_) => None,
        });
        let orphans = disk.keys().filter(|path| !texts.contains_key(*path));
        let wrong = wrong.chain(orphans.map(|path| (path, "belongs to no case".to_owned())));
        let remedy =
            format!("`WGTUNE_BLESS=1 cargo test --test {}` writes it anew; then read the difference", self.test);
        wrong.map(|(path, what)| format!("{}/{} {what}; {remedy}", self.folder, path.display())).collect()
    }

    fn bless(&self, texts: &Texts) {
        let orphans = self.on_disk().into_keys().filter(|path| !texts.contains_key(path));
        orphans.for_each(|path| fs::remove_file(self.root().join(path)).unwrap());
        for (path, text) in texts {
            let path = self.root().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    fn on_disk(&self) -> Texts {
        let root = self.root();
        let all = files(&root).into_iter().map(|(path, text)| (path.strip_prefix(&root).unwrap().to_owned(), text));
        all.filter(|(path, _)| self.others.iter().all(|other| !path.starts_with(other))).collect()
    }

    fn root(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(self.folder)
    }
}

fn files(folder: &Path) -> Texts {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| if path.is_dir() { files(&path) } else { [(path.clone(), load(&path))].into() };
    entries.flat_map(read).collect()
}

/// Line ends as they are emitted, also where git writes others.
fn load(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n")
}

fn first_change(before: &str, after: &str) -> String {
    let same = before.lines().zip(after.lines()).take_while(|(before, after)| before == after).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("(nothing)").trim().to_owned();
    format!("has changed: line {} was `{}` and is now `{}`", same + 1, line(before), line(after))
}
