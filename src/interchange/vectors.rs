//! Vectors that simulators of VTA are checked with: a stream, DRAM before and after, counters and cycles, one JSON object a
//! line, plain or as xz.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use lzma_rust2::XzReader;
use serde::{Deserialize, Deserializer};

use super::error::Fault;
use super::{ReadError, ReadTrouble};

/// How xz files begin.
const XZ: &[u8] = b"\xfd7zXZ\0";
/// How many bytes an xz file may unpack to: 1 GiB. A hundred vectors have 8 MB.
const MOST_UNPACKED: u64 = 1 << 30;

/// One run of a reference.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Vector {
    /// Its name.
    pub id: String,
    /// The stream of instructions, 16 bytes each.
    #[serde(deserialize_with = "bytes")]
    pub insn: Vec<u8>,
    /// DRAM before the run.
    #[serde(deserialize_with = "bytes")]
    pub dram_in: Vec<u8>,
    /// DRAM after it.
    #[serde(deserialize_with = "bytes")]
    pub dram_out: Vec<u8>,
    /// What the reference counted, by name.
    #[serde(default)]
    pub profile: BTreeMap<String, u64>,
    /// Cycles by setting of the memory, such as `L16g2`.
    #[serde(default)]
    pub cycles: BTreeMap<String, u64>,
}

/// Reads all vectors of a file.
///
/// # Errors
/// When the file cannot be read or unpacked, or a line is no vector; then with the line.
pub fn read_vectors(path: &Path) -> Result<Vec<Vector>, ReadError> {
    let vectors = std::fs::read(path).map_err(ReadTrouble::Io).and_then(|bytes| parse(&bytes));
    vectors.map_err(|trouble| ReadError { path: path.to_owned(), trouble })
}

fn parse(bytes: &[u8]) -> Result<Vec<Vector>, ReadTrouble> {
    if bytes.starts_with(XZ) {
        return lines(&unpacked(bytes, MOST_UNPACKED)?);
    }
    lines(bytes)
}

fn unpacked(bytes: &[u8], most: u64) -> Result<Vec<u8>, ReadTrouble> {
    let mut unpacked = Vec::new();
    XzReader::new(bytes, true).take(most + 1).read_to_end(&mut unpacked).map_err(ReadTrouble::Xz)?;
    if unpacked.len() as u64 > most { Err(ReadTrouble::TooLarge(most)) } else { Ok(unpacked) }
}

fn lines(bytes: &[u8]) -> Result<Vec<Vector>, ReadTrouble> {
    let lines = bytes.split(|byte| *byte == b'\n').enumerate();
    let lines = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
    let vectors: Result<Vec<Vector>, Fault> = lines
        .map(|(number, line)| {
            let read = serde_json::from_slice(line);
            read.map_err(|error| Fault { line: number + 1, what: format!("expected a vector of VTA ({error})") })
        })
        .collect();
    let vectors = vectors?;
    if vectors.is_empty() { Err(ReadTrouble::Unknown("it is empty")) } else { Ok(vectors) }
}

fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    BASE64_STANDARD.decode(text).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_vector_is_told_with_its_line() {
        let good = r#"{"id": "a", "insn": "AwA=", "dram_in": "", "dram_out": "AQ==", "more": 1}"#;
        let vectors = parse(good.as_bytes()).unwrap();
        assert_eq!((vectors[0].insn.as_slice(), vectors[0].dram_out.as_slice()), (&[3, 0][..], &[1][..]));
        let cases = [
            (String::new(), "it is empty"),
            (format!("{good}\n\n{{\"id\": 3}}"), "malformed in line 3"),
            (good.replace("AwA=", "A_A="), "malformed in line 1"),
        ];
        for (text, part) in cases {
            let said = parse(text.as_bytes()).unwrap_err().to_string();
            assert!(said.contains(part), "{text}: {said}");
        }
        let said = parse(b"\xfd7zXZ\0nonsense").unwrap_err().to_string();
        assert!(said.starts_with("is a damaged xz file"), "{said}");
    }
}
