//! The zip archive around a pack, read without trusting anything that it says of itself.

use std::borrow::Cow;
use std::sync::Arc;

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
use rawzip::{
    CompressionMethod, EntryFlags, ZipArchive, ZipArchiveEntryWayfinder, ZipFileHeaderRecord, ZipSliceArchive,
    ZipSliceEntry, crc32,
};

use crate::Error;
use crate::error::quoted;
use crate::limits::{ALWAYS_UNPACKED_BYTES, MOST_ARCHIVE_BYTES, MOST_PARTS, MOST_RATIO};

/// An archive whose directory is sound. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Archive(Arc<Contents>);

struct Contents {
    zip: Zip,
    /// In the order of their names.
    files: Vec<File>,
}

type Zip = ZipSliceArchive<Cow<'static, [u8]>>;

/// What the directory says of a file.
struct File {
    name: String,
    method: CompressionMethod,
    /// Where its header begins.
    start: u64,
    wayfinder: ZipArchiveEntryWayfinder,
}

impl Archive {
    /// Looks at the list of files; nothing is unpacked.
    pub fn open(bytes: Cow<'static, [u8]>) -> Result<Self, Error> {
        if bytes.len() > MOST_ARCHIVE_BYTES {
            return Err(Error::TooLarge { what: "the file".to_owned(), limit: MOST_ARCHIVE_BYTES as u64 });
        }
        let zip = ZipArchive::from_slice(bytes);
        let zip = zip.map_err(|error| Error::Archive(format!("it is no zip archive ({error})")))?;
        let files = list(&zip).map_err(Error::Archive)?;
        Ok(Self(Arc::new(Contents { zip, files })))
    }

    /// Unpacks a file of at most `limit` bytes; none if there is no such file.
    pub fn read(&self, name: &str, limit: usize) -> Result<Option<Vec<u8>>, Error> {
        let Contents { zip, files } = &*self.0;
        let Ok(index) = files.binary_search_by(|file| file.name.as_str().cmp(name)) else { return Ok(None) };
        let file = &files[index];
        let damaged = |why: &dyn std::fmt::Display| Error::Archive(format!("`{name}` is damaged ({why})"));
        let entry = zip.get_entry(file.wayfinder).map_err(|error| damaged(&error))?;
        file.check_header(&entry).map_err(|why| damaged(&why))?;
        let (packed, claim) = (entry.data(), entry.claim_verifier());
        let inflated = (packed.len() as u64).saturating_mul(MOST_RATIO).max(ALWAYS_UNPACKED_BYTES);
        let limit = inflated.min(limit as u64);
        if claim.uncompressed_size > limit {
            return Err(Error::TooLarge { what: format!("`{name}`, unpacked,"), limit });
        }
        // No more than `limit`, and so no more than a `usize` holds.
        let size = claim.uncompressed_size as usize;
        let bytes = unpack(packed, file.method, size).map_err(|why| damaged(&why))?;
        if crc32(&bytes) != claim.crc {
            return Err(damaged(&"its checksum is not the one that the directory tells"));
        }
        Ok(Some(bytes))
    }

    /// The names of all files, in order.
    #[cfg(feature = "signature")]
    pub fn names(&self) -> Vec<String> {
        self.0.files.iter().map(|file| file.name.clone()).collect()
    }
}

impl File {
    /// Takes a line of the directory; in words why no pack has such a file.
    fn new(record: &ZipFileHeaderRecord) -> Result<Self, String> {
        let name = String::from_utf8_lossy(record.file_path().as_ref()).into_owned();
        let refused = if name.ends_with('/') {
            "is a folder"
        } else if !is_plain_name(&name) {
            "leads out of the archive"
        } else if is_encrypted(record.flags()) {
            "is encrypted"
        } else if !is_plain_file(record.external_attributes()) {
            "is no plain file"
        } else if !matches!(record.compression_method(), CompressionMethod::STORE | CompressionMethod::DEFLATE) {
            "is packed by another method than deflate"
        } else {
            let (start, wayfinder) = (record.local_header_offset(), record.wayfinder());
            return Ok(Self { name, method: record.compression_method(), start, wayfinder });
        };
        Err(format!("`{}` {refused}", quoted(&name)))
    }

    /// Where its packed bytes end at the earliest: its header may be longer.
    fn end(&self) -> u64 {
        const HEADER_BYTES: u64 = 30;
        let begin = self.start.saturating_add(HEADER_BYTES + self.name.len() as u64);
        begin.saturating_add(self.wayfinder.compressed_size_hint())
    }

    /// What the header in front of the file says must be what the directory says, unless it leaves sizes for later.
    fn check_header(&self, entry: &ZipSliceEntry) -> Result<(), &'static str> {
        let (header, claim) = (entry.local_header(), entry.claim_verifier());
        let sizes = (header.crc32(), header.compressed_size_hint(), header.uncompressed_size_hint());
        let claimed = (claim.crc, entry.data().len() as u64, claim.uncompressed_size);
        let is_same = header.file_path().as_ref() == self.name.as_bytes()
            && header.compression_method() == self.method
            && !is_encrypted(header.flags())
            && (header.flags().has_data_descriptor() || sizes == claimed);
        if is_same { Ok(()) } else { Err("its header and the directory disagree") }
    }
}

/// The files in the order of their names; in words what is wrong with the directory otherwise.
fn list(zip: &Zip) -> Result<Vec<File>, String> {
    let count = zip.entries_hint();
    if count > MOST_PARTS as u64 {
        return Err(format!("it holds {count} files, more than {MOST_PARTS}"));
    }
    let mut files = Vec::new();
    for record in zip.entries().take(MOST_PARTS + 1) {
        let record = record.map_err(|error| format!("its directory is damaged ({error})"))?;
        files.push(File::new(&record)?);
    }
    if files.len() as u64 != count {
        return Err(format!("its directory has {} files, not {count} as its end tells", files.len()));
    }
    files.sort_by_key(|file| file.start);
    check_places(zip, &files)?;
    files.sort_by(|one, other| one.name.cmp(&other.name));
    if files.windows(2).any(|pair| pair[0].name == pair[1].name) {
        return Err("two files of it have the same name".to_owned());
    }
    Ok(files)
}

/// From the first byte to the last there is one file after the other, and the directory.
fn check_places(zip: &Zip, files: &[File]) -> Result<(), String> {
    let starts = files.iter().map(|file| file.start).chain([zip.directory_offset()]);
    let before = starts.clone().next().unwrap_or_default();
    if before != 0 {
        return Err(format!("{before} bytes lie before the archive"));
    }
    let behind = (zip.get_ref().len() as u64).saturating_sub(zip.end_offset());
    if behind != 0 {
        return Err(format!("{behind} bytes lie behind the archive"));
    }
    match files.iter().zip(starts.skip(1)).find(|(file, next)| file.end() > *next) {
        Some((file, _)) => Err(format!("`{}` reaches into what lies behind it", quoted(&file.name))),
        None => Ok(()),
    }
}

/// Unpacks all of these bytes to exactly so many.
fn unpack(packed: &[u8], method: CompressionMethod, size: usize) -> Result<Vec<u8>, &'static str> {
    const LIES: &str = "its sizes are not those that the directory tells";
    if method == CompressionMethod::STORE {
        return if packed.len() == size { Ok(packed.to_vec()) } else { Err(LIES) };
    }
    let (mut state, mut bytes) = (Box::<DecompressorOxide>::default(), vec![0; size]);
    match decompress(&mut state, packed, &mut bytes, 0, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF) {
        (TINFLStatus::Done, read, written) if read == packed.len() && written == size => Ok(bytes),
        (TINFLStatus::Done | TINFLStatus::HasMoreOutput, ..) => Err(LIES),
        _ => Err("it cannot be inflated"),
    }
}

/// Whether any of the ways to encrypt a file, or its header, is in use.
fn is_encrypted(flags: EntryFlags) -> bool {
    flags.is_encrypted() || flags.has_strong_encryption() || flags.is_masked()
}

/// Whether attributes tell of a file, and not of a folder, a link or a device, to whatever system they belong.
fn is_plain_file(attributes: u32) -> bool {
    const DOS_FOLDER: u32 = 0x10;
    let unix_kind = attributes >> 16 & 0o170_000;
    matches!(unix_kind, 0 | 0o100_000) && attributes & DOS_FOLDER == 0
}

/// Whether a name is a relative path without tricks: no roots, drives, backslashes, control characters, or steps upward.
fn is_plain_name(name: &str) -> bool {
    let is_odd = |c: char| c.is_control() || matches!(c, '\\' | ':' | char::REPLACEMENT_CHARACTER);
    !name.contains(is_odd) && name.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::compress_to_vec;

    use super::*;

    /// Bytes that deflate packs well, in part or not at all, up to some that are more than a window of it.
    fn contents() -> Vec<Vec<u8>> {
        let noise = |index: usize| ((index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8;
        let sizes = (0..300).chain([4095, 32_767, 32_768, 32_769, 65_535, 65_536, 100_000]);
        let same = |size| vec![b' '; size];
        let mixed = move |size| (0..size).map(|index| if index % 7 < 3 { noise(index) } else { b'x' }).collect();
        let random = move |size| (0..size).map(noise).collect();
        sizes.flat_map(|size| [same(size), mixed(size), random(size)]).collect()
    }

    #[test]
    fn what_was_packed_is_unpacked_to_its_size_and_to_no_other() {
        for bytes in contents() {
            for level in [0, 1, 6, 9] {
                let packed = compress_to_vec(&bytes, level);
                let unpacked = |packed: &[u8], size| unpack(packed, CompressionMethod::DEFLATE, size);
                assert!(unpacked(&packed, bytes.len()).as_ref() == Ok(&bytes), "{} bytes at {level}", bytes.len());
                assert!(unpacked(&packed, bytes.len() + 1).is_err());
                assert!(bytes.is_empty() || unpacked(&packed, bytes.len() - 1).is_err());
                assert!(unpacked(&packed[..packed.len() - 1], bytes.len()).is_err());
                assert!(unpacked(&[packed.as_slice(), &[0]].concat(), bytes.len()).is_err());
            }
        }
    }
}
