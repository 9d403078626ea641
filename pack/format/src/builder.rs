//! Makes packs: hashes parts, checks what readers will check, and writes the same bytes for the same contents.

use std::collections::BTreeMap;
use std::io::Write;

use miniz_oxide::deflate::compress_to_vec;
use rawzip::time::UtcDateTime;
use rawzip::{CompressionMethod, DataDescriptorOutput, ZipArchiveWriter, crc32};
use serde::Serialize;

use crate::json;
use crate::pack::{MANIFEST, SIGNATURE};
use crate::verified;
use crate::{Device, Entry, Error, Evidence, Manifest, Operation, Pack, PartHash, Portfolio, Program, Quarantine};

/// The contents of files by their names.
type Parts = BTreeMap<String, Vec<u8>>;

/// Collects the contents of a pack.
#[derive(Clone, Debug)]
pub struct Builder {
    manifest: Manifest,
    parts: Parts,
}

impl Builder {
    /// Begins with an index: [`Manifest::new`], with who makes it filled in.
    pub fn new(manifest: Manifest) -> Self {
        Self { manifest, parts: BTreeMap::new() }
    }

    /// The index as far as it goes.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Says when the first and the last of the records were made, in milliseconds since 1970.
    pub fn dates(&mut self, first_ms: u64, last_ms: u64) {
        (self.manifest.first_ms, self.manifest.last_ms) = (first_ms, last_ms);
    }

    /// Adds an entry of a pack, with its device, its operation and its parts, as they are there; its id.
    ///
    /// Errors where a part of it is not sound.
    pub fn copy(&mut self, pack: &Pack, entry: &Entry) -> Result<String, Error> {
        let unsound = |why: String| Error::Build(format!("entry {}: {why}", entry.id));
        let program = pack.program(entry, &entry.measured, &Device::boundless()).map_err(unsound)?;
        for kernel in &program.program().kernels {
            if let Some(text) = program.text(kernel) {
                self.text(text);
            }
        }
        let part = |folder: &str, hash: PartHash| {
            verified::read_part(pack.archive(), &format!("{folder}/{hash}.json"), hash).map_err(unsound)
        };
        self.part("programs", "json", part("programs", entry.program)?);
        if let Some(hash) = entry.evidence {
            self.part("evidence", "json", part("evidence", hash)?);
        }
        let manifest = pack.manifest();
        let operation = manifest.operations.get(&entry.operation).cloned();
        self.operation(operation.ok_or_else(|| unsound("it computes nothing".to_owned()))?);
        if let Some(device) = manifest.device_of(entry) {
            self.device(device.clone());
        }
        Ok(self.entry(entry.clone()))
    }

    /// Adds a device; its id.
    pub fn device(&mut self, device: Device) -> String {
        let id = device.id();
        self.manifest.devices.insert(id.clone(), device);
        id
    }

    /// Adds an operation; its id.
    pub fn operation(&mut self, operation: Operation) -> String {
        let id = operation.id();
        self.manifest.operations.insert(id.clone(), operation);
        id
    }

    /// Adds a kernel's text, once however many kernels have it; its hash.
    pub fn text(&mut self, text: &str) -> PartHash {
        self.part("texts", "wgsl", text.as_bytes().to_vec())
    }

    /// Adds a program, whose texts were added before; its hash.
    pub fn program(&mut self, program: &Program) -> Result<PartHash, Error> {
        Ok(self.part("programs", "json", encoded(program)?))
    }

    /// Adds evidence; its hash.
    pub fn evidence(&mut self, evidence: &Evidence) -> Result<PartHash, Error> {
        Ok(self.part("evidence", "json", encoded(evidence)?))
    }

    /// Adds an entry, whose device, operation, program and evidence were added before; the id that it gets.
    pub fn entry(&mut self, entry: Entry) -> String {
        let entry = Entry { id: entry.identify(), ..entry };
        let id = entry.id.clone();
        self.manifest.entries.push(entry);
        id
    }

    /// Adds a portfolio of entries that were added before.
    pub fn portfolio(&mut self, portfolio: Portfolio) {
        self.manifest.portfolios.push(portfolio);
    }

    /// Adds a warning.
    pub fn quarantine(&mut self, quarantine: Quarantine) {
        self.manifest.quarantine.push(quarantine);
    }

    /// The file's bytes, unsigned.
    ///
    /// Errors where a reader would skip or miss something: an entry whose predicate does not admit its own sizes, a part
    /// that was not added, a formula without value at the measured sizes, a number that JSON cannot hold.
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        self.file(|_| Ok(None))
    }

    /// The file's bytes, signed.
    ///
    /// Errors as [`Builder::finish`] does.
    #[cfg(feature = "signature")]
    pub fn finish_signed(self, secret: &crate::SecretKey) -> Result<Vec<u8>, Error> {
        self.file(|manifest| Ok(Some(encoded(&crate::sign(manifest, secret)?)?)))
    }

    /// The file with what `sign` makes of the manifest's bytes, proven by reading all of it.
    fn file(mut self, sign: impl FnOnce(&[u8]) -> Result<Option<Vec<u8>>, Error>) -> Result<Vec<u8>, Error> {
        self.manifest.entries.sort_by(|one, other| one.id.cmp(&other.id));
        let manifest = encoded(&self.manifest)?;
        if let Some(signature) = sign(&manifest)? {
            self.parts.insert(SIGNATURE.to_owned(), signature);
        }
        self.parts.insert(MANIFEST.to_owned(), manifest);
        let bytes = write(&self.parts)?;
        match Pack::open(bytes.clone())?.faults().first() {
            Some(fault) => Err(Error::Build(format!("{}: {}", fault.what, fault.why))),
            None => Ok(bytes),
        }
    }

    fn part(&mut self, folder: &str, ending: &str, bytes: Vec<u8>) -> PartHash {
        let hash = PartHash::of(&bytes);
        self.parts.insert(format!("{folder}/{hash}.{ending}"), bytes);
        hash
    }
}

/// The same pack with a signature, in place of the one that it may have.
///
/// Errors where the bytes are no pack, or a part of it cannot be read.
#[cfg(feature = "signature")]
pub fn sign_pack(bytes: Vec<u8>, secret: &crate::SecretKey) -> Result<Vec<u8>, Error> {
    use crate::limits::MOST_MANIFEST_BYTES;
    // What no loader would open is not vouched for.
    crate::Pack::open(bytes.clone())?;
    let archive = crate::archive::Archive::open(bytes.into())?;
    let mut parts = Parts::new();
    for name in archive.names() {
        let bytes = archive.read(&name, MOST_MANIFEST_BYTES)?.unwrap_or_default();
        parts.insert(name, bytes);
    }
    let manifest = parts.get(MANIFEST).ok_or_else(|| Error::Archive(format!("it holds no `{MANIFEST}`")))?;
    let signature = encoded(&crate::sign(manifest, secret)?)?;
    parts.insert(SIGNATURE.to_owned(), signature);
    write(&parts)
}

fn encoded(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    json::write(value).map_err(Error::Build)
}

/// The level at which the archive is packed: fixed, since bytes depend on it.
const LEVEL: u8 = 6;

/// The date of every file: the first that an archive can tell.
const DATE: UtcDateTime = UtcDateTime::from_components(1980, 1, 1, 0, 0, 0, 0).unwrap();

/// What every file is, to Unix: a plain one that its owner may write and all may read.
const MODE: u32 = 0o100_644;

/// An archive of these files, in the order of their names, of no date and no system.
fn write(parts: &Parts) -> Result<Vec<u8>, Error> {
    let mut zip = ZipArchiveWriter::new(Vec::new());
    let written = parts.iter().try_for_each(|(name, bytes)| write_file(&mut zip, name, bytes));
    written.and_then(|()| zip.finish()).map_err(|error| Error::Build(error.to_string()))
}

fn write_file(zip: &mut ZipArchiveWriter<Vec<u8>>, name: &str, bytes: &[u8]) -> Result<(), rawzip::Error> {
    let file = zip.new_file(name).compression_method(CompressionMethod::DEFLATE);
    let (mut file, _) = file.last_modified(DATE).unix_permissions(MODE).start()?;
    file.write_all(&compress_to_vec(bytes, LEVEL))?;
    file.finish(DataDescriptorOutput::new(crc32(bytes), bytes.len() as u64)).map(drop)
}
