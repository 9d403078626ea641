//! Who is still alive of those that measure: each keeps a small file beside the database locked, and a lock ends with
//! its process, however that ends.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// What stands between the database's name and the part of the name that is each owner's own.
const INFIX: &str = ".flight-";

/// This process as one that measures. Its file goes away with it, unless it is killed.
#[derive(Debug)]
pub(super) struct Owner {
    /// The file's name, or what stands for one where nobody else can ask.
    pub name: String,
    _file: Option<NamedTempFile>,
}

impl Owner {
    /// Makes and locks a file of its own. To be called while nobody else can write to the database: others take a file
    /// that is not locked for that of a dead process.
    pub fn beside(database: &Path) -> io::Result<Self> {
        let file = Builder::new().prefix(&prefix(database)).rand_bytes(12).tempfile_in(folder(database))?;
        // Where there are no locks, others see that they cannot lock it either.
        let _ = file.as_file().try_lock();
        let name = file.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, _file: Some(file) })
    }

    /// The only one there is, of a database that nobody else can open.
    pub fn alone() -> Self {
        Self { name: "this process".to_owned(), _file: None }
    }
}

/// What a file says of its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// Somebody holds the lock.
    Alive,
    /// Nobody does, or the file is no more.
    Gone,
    /// There are no locks here.
    Unknown,
}

/// The owners' files beside a database, as they are just now.
#[derive(Debug, Default)]
pub(super) struct Owners {
    signs: BTreeMap<String, Sign>,
    gone: Vec<(PathBuf, File)>,
}

impl Owners {
    /// Looks at all of them. To be called while nobody else can write to the database.
    pub fn beside(database: &Path) -> io::Result<Self> {
        let mut owners = Self::default();
        for entry in fs::read_dir(folder(database))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(&*prefix(database).to_string_lossy()) {
                owners.look(name, entry.path());
            }
        }
        Ok(owners)
    }

    fn look(&mut self, name: String, path: PathBuf) {
        let sign = match File::open(&path).map(|file| (file.try_lock(), file)) {
            Ok((Ok(()), file)) => {
                // Held until the file is removed, so that two who clean up do not meet.
                self.gone.push((path, file));
                Sign::Gone
            }
            Ok((Err(TryLockError::WouldBlock), _)) => Sign::Alive,
            Ok((Err(TryLockError::Error(_)), _)) => Sign::Unknown,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Sign::Gone,
            Err(_) => Sign::Unknown,
        };
        self.signs.insert(name, sign);
    }

    /// What is known of an owner; one that removed its file has ended.
    pub fn sign(&self, name: &str) -> Sign {
        self.signs.get(name).copied().unwrap_or(Sign::Gone)
    }

    /// Removes the files of those that are gone. One that stays does no harm: it is looked at again the next time.
    pub fn remove_gone(self) {
        for (path, _held) in self.gone {
            let _ = fs::remove_file(path);
        }
    }
}

fn folder(database: &Path) -> &Path {
    database.parent().unwrap_or(Path::new("/"))
}

fn prefix(database: &Path) -> OsString {
    let mut prefix = database.file_name().unwrap_or_default().to_owned();
    prefix.push(INFIX);
    prefix
}
