//! Files of recorded trials: unpacked, recognised by their content, read.

use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::error::Fault;
use super::json::Document;
use super::{ReadError, ReadTrouble, Recording, kernel_tuner, sheet, t4};

/// How gzip files begin.
const GZIP: &[u8] = &[0x1f, 0x8b];
/// How many bytes a gzip file may unpack to: 1 GiB. The largest recordings known have some tens of MB.
const MOST_UNPACKED: u64 = 1 << 30;
/// How SQLite's files begin.
const SQLITE: &[u8] = b"SQLite format 3\0";
/// How texts may begin that spreadsheets have written.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// What a file's name may end in that says nothing of what is in it.
const ENDINGS: [&str; 5] = ["gz", "json", "t4", "csv", "db"];

const EMPTY: &str = "it is empty";
const NEITHER: &str = "it is neither JSON nor a table that begins with the columns `kernel,device`";
const OTHER_JSON: &str = "it is JSON with neither the `cache` of Kernel Tuner nor the `results` of T4";

/// Reads a recording from a file in one of the formats of [`super::Format`], plain or gzipped.
///
/// A cache file of Kernel Tuner may end anywhere after its header, as it does while tuning runs: the complete entries
/// count. Of a config that occurs twice, the last entry counts. Where a file names no kernel or no device, the kernel
/// is the file's name and the device `unknown`.
///
/// # Errors
/// When the file cannot be read, is in none of the formats, or is malformed; then with the line.
pub fn read(path: &Path) -> Result<Recording, ReadError> {
    let bytes = std::fs::read(path).map_err(ReadTrouble::Io);
    bytes.and_then(|bytes| recognise(&bytes, &stem(path))).map_err(|trouble| at(path, trouble))
}

/// Reads a recording from a file's content. The path is for its messages and for a kernel that has no name.
///
/// # Errors
/// As [`read`].
pub fn parse(bytes: &[u8], path: &Path) -> Result<Recording, ReadError> {
    recognise(bytes, &stem(path)).map_err(|trouble| at(path, trouble))
}

fn at(path: &Path, trouble: ReadTrouble) -> ReadError {
    ReadError { path: path.to_owned(), trouble }
}

fn recognise(bytes: &[u8], stem: &str) -> Result<Recording, ReadTrouble> {
    if bytes.starts_with(GZIP) { plain(&unpacked(bytes, MOST_UNPACKED)?, stem) } else { plain(bytes, stem) }
}

/// What is in a gzip file. A small one can hold very much, or gzip files without end.
fn unpacked(bytes: &[u8], most: u64) -> Result<Vec<u8>, ReadTrouble> {
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(bytes).take(most + 1).read_to_end(&mut unpacked).map_err(ReadTrouble::Gzip)?;
    if unpacked.starts_with(GZIP) {
        return Err(ReadTrouble::Layers);
    }
    if unpacked.len() as u64 > most { Err(ReadTrouble::TooLarge(most)) } else { Ok(unpacked) }
}

fn plain(bytes: &[u8], stem: &str) -> Result<Recording, ReadTrouble> {
    if bytes.starts_with(SQLITE) {
        return Err(ReadTrouble::Store);
    }
    let text = text(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes))?;
    match text.trim_ascii_start().chars().next() {
        Some('{') => json(text, stem),
        Some(_) if sheet::is_sheet(text) => Ok(sheet::parse(text)?),
        Some(_) => Err(ReadTrouble::Unknown(NEITHER)),
        None => Err(ReadTrouble::Unknown(EMPTY)),
    }
}

fn json(text: &str, stem: &str) -> Result<Recording, ReadTrouble> {
    let document = Document::parse(text)?;
    if document.entries.is_some() {
        Ok(kernel_tuner::parse(&document)?)
    } else if document.results.is_some() {
        Ok(t4::parse(&document, stem)?)
    } else {
        Err(ReadTrouble::Unknown(OTHER_JSON))
    }
}

/// The bytes as text. A file that is being written may end within a character.
fn text(bytes: &[u8]) -> Result<&str, Fault> {
    let error = match str::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error,
    };
    let (good, _) = bytes.split_at(error.valid_up_to());
    let good = str::from_utf8(good).expect("it is valid up to here");
    let line = good.bytes().filter(|&byte| byte == b'\n').count() + 1;
    match error.error_len() {
        None => Ok(good),
        Some(_) => Err(Fault { line, what: "a byte that is no UTF-8; expected text".to_owned() }),
    }
}

/// The name of a file without folders and without the endings of its format, such as `.t4.json.gz`.
pub fn stem(path: &Path) -> String {
    let mut name = PathBuf::from(path.file_name().unwrap_or_default());
    while name.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known)) {
        name.set_extension("");
    }
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn one_layer_of_so_many_bytes_is_unpacked() {
        let once = packed(&[b'a'; 100]);
        let twice = packed(&once);
        let cut = &once[..once.len() - 1];
        for (bytes, most, says) in [
            (&once[..], 100, "is read"),
            (&once, 99, "unpacks to more than 99 bytes, which no recording has; see what it is"),
            (&twice, 1000, "is a gzip file in another one; unpack it once"),
            (cut, 100, "is a damaged gzip file (unexpected end of file); get it anew"),
        ] {
            let said = unpacked(bytes, most).map_or_else(|trouble| trouble.to_string(), |_| "is read".to_owned());
            assert_eq!(said, says);
        }
    }
}
