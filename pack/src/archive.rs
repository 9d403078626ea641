//! The zip archive around a pack, read without trusting anything that it says of itself.

use std::borrow::Cow;
use std::io::{Cursor, Read};
use std::sync::Arc;

use zip::{CompressionMethod, ZipArchive};

use crate::Error;
use crate::error::quoted;
use crate::limits::{ALWAYS_UNPACKED_BYTES, MOST_ARCHIVE_BYTES, MOST_PARTS, MOST_RATIO};

/// An archive whose structure is sound. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Archive {
    zip: ZipArchive<Cursor<Shared>>,
}

/// The file's bytes, borrowed or owned, shared by all who read.
#[derive(Clone)]
struct Shared(Arc<Cow<'static, [u8]>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Archive {
    /// Looks at the list of files; nothing is unpacked.
    pub fn open(bytes: Cow<'static, [u8]>) -> Result<Self, Error> {
        if bytes.len() > MOST_ARCHIVE_BYTES {
            return Err(Error::TooLarge { what: "the file".to_owned(), limit: MOST_ARCHIVE_BYTES as u64 });
        }
        let zip = ZipArchive::new(Cursor::new(Shared(Arc::new(bytes))));
        let zip = zip.map_err(|error| Error::Archive(error.to_string()))?;
        let archive = Self { zip };
        archive.check()?;
        Ok(archive)
    }

    /// Unpacks a file of at most `limit` bytes; none if there is no such file.
    pub fn read(&self, name: &str, limit: usize) -> Result<Option<Vec<u8>>, Error> {
        let mut zip = self.zip.clone();
        let Some(index) = zip.index_for_name(name) else { return Ok(None) };
        let damaged = |error: &dyn std::fmt::Display| Error::Archive(format!("`{name}` is damaged ({error})"));
        let file = zip.by_index(index).map_err(|error| damaged(&error))?;
        let inflated = file.compressed_size().saturating_mul(MOST_RATIO).max(ALWAYS_UNPACKED_BYTES);
        let limit = inflated.min(limit as u64);
        let mut bytes = Vec::with_capacity(usize::try_from(file.size().min(limit)).unwrap_or(0));
        // One byte more than is allowed tells what is too large, whatever its header says.
        file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| damaged(&error))?;
        if bytes.len() as u64 > limit {
            return Err(Error::TooLarge { what: format!("`{name}`, unpacked,"), limit });
        }
        Ok(Some(bytes))
    }

    /// The names of all files, in order.
    #[cfg(feature = "signature")]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.zip.file_names_raw().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        names.sort();
        names
    }

    fn check(&self) -> Result<(), Error> {
        let wrong = |why: String| Err(Error::Archive(why));
        if self.zip.offset() != 0 {
            return wrong(format!("{} bytes lie before the archive", self.zip.offset()));
        }
        if self.zip.len() > MOST_PARTS {
            return wrong(format!("it holds {} files, more than {MOST_PARTS}", self.zip.len()));
        }
        if self.zip.has_duplicate_names() {
            return wrong("two files of it have the same name".to_owned());
        }
        (0..self.zip.len()).try_for_each(|index| self.check_file(index))
    }

    fn check_file(&self, index: usize) -> Result<(), Error> {
        let file = self.zip.by_index_data(index).map_err(|error| Error::Archive(error.to_string()))?;
        let name = String::from_utf8_lossy(file.name_raw());
        let refused = if name.ends_with('/') {
            "is a folder"
        } else if !is_plain(&name) {
            "leads out of the archive"
        } else if file.encrypted() {
            "is encrypted"
        } else if file.unix_mode().is_some_and(|mode| !matches!(mode & 0o170_000, 0 | 0o100_000)) {
            "is no plain file"
        } else if !matches!(file.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            "is packed by another method than deflate"
        } else {
            return Ok(());
        };
        Err(Error::Archive(format!("`{}` {refused}", quoted(&name))))
    }
}

/// Whether a name is a relative path without tricks: no roots, drives, backslashes, control characters, or steps upward.
fn is_plain(name: &str) -> bool {
    let is_odd = |c: char| c.is_control() || matches!(c, '\\' | ':' | char::REPLACEMENT_CHARACTER);
    !name.contains(is_odd) && name.split('/').all(|part| !matches!(part, "" | "." | ".."))
}
