//! A pack that is open: its index, and its parts on demand.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use crate::archive::Archive;
use crate::index::{self, Skipped};
#[cfg(feature = "signature")]
use crate::json;
use crate::limits::MOST_MANIFEST_BYTES;
use crate::{Device, Dims, Entry, Error, Evidence, Manifest, PartHash, VerifiedProgram, verified};

/// The name of the index in the archive.
pub(crate) const MANIFEST: &str = "manifest.json";

/// The name of the signature in the archive.
pub(crate) const SIGNATURE: &str = "manifest.sig";

/// A pack of tuned kernels.
pub struct Pack {
    archive: Archive,
    bytes: Vec<u8>,
    manifest: Manifest,
    skipped: Vec<Skipped>,
    hash: OnceLock<PartHash>,
}

impl Pack {
    /// Opens a pack: reads its index and checks its structure. Parts are read and verified when they are chosen.
    ///
    /// Errors where the file as a whole cannot be used: it is no such archive, too large, of another format, or its index
    /// is damaged. Whether the makers are known is another question: see [`Pack::trust`].
    pub fn open(bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self, Error> {
        let archive = Archive::open(bytes.into())?;
        let bytes = archive.read(MANIFEST, MOST_MANIFEST_BYTES)?;
        let bytes = bytes.ok_or_else(|| Error::Archive(format!("it holds no `{MANIFEST}`")))?;
        let (manifest, skipped) = index::read(&bytes)?;
        Ok(Self { archive, bytes, manifest, skipped, hash: OnceLock::new() })
    }

    /// Opens a pack that one of these keys has signed.
    ///
    /// Errors as [`Pack::open`] and [`Pack::trust`] do.
    #[cfg(feature = "signature")]
    pub fn open_signed(bytes: impl Into<Cow<'static, [u8]>>, keys: &[crate::PublicKey]) -> Result<Self, Error> {
        let pack = Self::open(bytes)?;
        pack.trust(keys)?;
        Ok(pack)
    }

    /// Which of these keys has signed the pack; an error if none has. The signature vouches for every part, since the
    /// index names each by its hash.
    #[cfg(feature = "signature")]
    pub fn trust(&self, keys: &[crate::PublicKey]) -> Result<crate::PublicKey, Error> {
        let bytes = self.archive.read(SIGNATURE, crate::limits::MOST_SIGNATURE_BYTES)?;
        let bytes = bytes.ok_or_else(|| Error::Signature(format!("there is no `{SIGNATURE}`")))?;
        let unreadable = |error: String| Error::Signature(format!("`{SIGNATURE}` cannot be read: {error}"));
        let signature = json::read(&bytes).map_err(unreadable)?;
        crate::verify(&self.bytes, &signature, keys)
    }

    /// Its index, without what was skipped.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// What of its index is not used, with the reasons.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// The SHA-256 of its index: two packs with the same one offer the same.
    pub fn hash(&self) -> PartHash {
        *self.hash.get_or_init(|| PartHash::of(&self.bytes))
    }

    /// How an entry came about; none if it says nothing of that.
    ///
    /// Errors where the evidence is missing, damaged or unreadable; the entry may be used nevertheless.
    pub fn evidence(&self, entry: &Entry) -> Result<Option<Evidence>, Error> {
        let read = entry.evidence.map(|hash| verified::read_json(&self.archive, "evidence", hash));
        read.transpose().map_err(Error::Archive)
    }

    /// The program of one entry at these sizes of its free dims, as if it had been chosen for the device.
    ///
    /// Errors in words: why it is no sound program, such as a part that is not what its hash says.
    pub fn program(&self, entry: &Entry, free: &Dims, device: &Device) -> Result<VerifiedProgram, String> {
        let operation = self.manifest.operations.get(&entry.operation).ok_or("it computes nothing")?;
        let symbols = operation.symbols(free).ok_or("its sizes have no value")?;
        verified::load(&self.archive, entry, operation, &symbols, device)
    }

    /// Everything that is wrong with it: what was skipped, and entries whose parts are not sound on a device without limits.
    /// This reads the whole pack; choosing reads what it chooses.
    pub fn faults(&self) -> Vec<Skipped> {
        let entries = self.manifest.entries.iter();
        let unsound = entries.filter_map(|entry| {
            let why = self.prove(entry).err()?;
            Some(Skipped { what: format!("entry {}", entry.id), why })
        });
        self.skipped.iter().cloned().chain(unsound).collect()
    }

    fn prove(&self, entry: &Entry) -> Result<(), String> {
        self.program(entry, &entry.measured, &Device::boundless())?;
        self.evidence(entry).map(drop).map_err(|error| error.to_string())
    }

    pub(crate) fn archive(&self) -> &Archive {
        &self.archive
    }
}

impl fmt::Debug for Pack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pack({}, {} entries)", self.manifest.name, self.manifest.entries.len())
    }
}
