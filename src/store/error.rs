//! What can go wrong with a store, each as one sentence: which file, what is wrong with it, what to do next.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::schema::LAYOUT;

/// A trouble and the file that has it.
#[derive(Debug, thiserror::Error)]
#[error("the store `{}` {trouble}", path.display())]
pub struct StoreError {
    /// The file, as it was named.
    pub path: PathBuf,
    /// What is wrong with it.
    pub trouble: Trouble,
}

/// What is wrong with a store and what to do about it: the second half of a sentence.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum Trouble {
    #[error("has no folder to lie in ({0}); make that folder or choose another file")]
    NoFolder(io::Error),
    #[error("cannot lie in `{}`, which is no folder; choose another file", .0.display())]
    InFile(PathBuf),
    #[error("is a folder; name a file in it, such as `trials.db`")]
    IsFolder,
    #[error("is not a database; choose another file, or move this one away to start a new store")]
    NotADatabase,
    #[error("is a database of another program; choose another file")]
    Foreign,
    #[error(
        "was written by a newer wgtune (layout {0}, this one knows {LAYOUT}); update wgtune or choose another file"
    )]
    Newer(i64),
    #[error(
        "is damaged ({0}); move it away to start a new store, and save what `sqlite3 FILE .recover` can still read of it"
    )]
    Damaged(String),
    #[error("cannot be opened or written ({0}); make it and its folder writable, or choose another file")]
    NoAccess(String),
    #[error("is locked by another process; wait for that process, end it, or choose another file")]
    Locked,
    #[error("does not fit on its disk; free some space and go on: every finished trial is kept")]
    Full,
    #[error(
        "could not be read or written ({0}); see that its disk works and is not full, then go on: every finished trial is kept"
    )]
    Io(String),
    #[error("cannot keep {0}; report this as a defect of what measured it")]
    Unfit(String),
    #[error("got an unexpected answer of SQLite ({0}); try again, or choose another file")]
    Other(String),
}

impl Trouble {
    pub(super) fn at(self, path: &Path) -> StoreError {
        StoreError { path: path.to_owned(), trouble: self }
    }
}

/// Sorts an error of the database by what its user can do about it.
impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as E;
        let text = error.to_string();
        match (&error, error.sqlite_error_code()) {
            (_, Some(ErrorCode::NotADatabase)) => Self::NotADatabase,
            (_, Some(ErrorCode::DatabaseCorrupt)) => Self::Damaged(text),
            (_, Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied)) => {
                Self::NoAccess(text)
            }
            (_, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)) => Self::Locked,
            (_, Some(ErrorCode::DiskFull)) => Self::Full,
            // Among others a limit on the sizes of a process's files.
            (_, Some(ErrorCode::SystemIoFailure)) => Self::Io(text),
            // A row that we did not write so.
            (E::FromSqlConversionFailure(..) | E::InvalidColumnType(..) | E::IntegralValueOutOfRange(..), _) => {
                Self::Damaged(text)
            }
            _ => Self::Other(text),
        }
    }
}
