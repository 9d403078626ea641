//! Programs that were read from a pack and found sound: hashes, references, limits, and every formula at the sizes asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::archive::Archive;
use crate::decisions::shape;
use crate::error::reason;
use crate::json;
use crate::limits::{MOST_PART_BYTES, MOST_TEMPORARY_BYTES};
use crate::{Capability, Device, Dims, Entry, Kernel, Operation, PartHash, Program, Symbols, TensorSize};

/// A sound program for certain sizes, with its texts. Only a [`Pack`](crate::Pack) makes one. Cheap to clone.
#[derive(Clone, Debug)]
pub struct VerifiedProgram {
    entry: Arc<Entry>,
    operation: Arc<Operation>,
    capability: Arc<Capability>,
    program: Arc<Program>,
    texts: Arc<BTreeMap<PartHash, Arc<str>>>,
    sizes: Arc<Sizes>,
}

/// What a program's formulas come to.
#[derive(Debug)]
struct Sizes {
    symbols: Symbols,
    inputs: Vec<TensorSize>,
    outputs: Vec<TensorSize>,
    temporary_bytes: Vec<u64>,
}

impl VerifiedProgram {
    /// The hash that it has in the pack.
    pub fn hash(&self) -> PartHash {
        self.entry.program
    }

    /// The same program at other sizes of the free dims.
    ///
    /// Errors in words: its entry is not valid for them, or the program is not sound there.
    pub fn at(&self, free: &Dims) -> Result<Self, String> {
        if !self.entry.admits(&self.operation, free) {
            return Err("its entry is not valid for these sizes".to_owned());
        }
        self.sized(free)
    }

    /// The same at other sizes, whether its entry is valid for them or not: those of its self-test are its own.
    #[doc(hidden)]
    pub fn sized(&self, free: &Dims) -> Result<Self, String> {
        let symbols = self.operation.symbols(free).ok_or("its sizes have no value")?;
        let sizes = Sizes::of(&self.program, &self.operation, symbols, &self.capability)?;
        Ok(Self { sizes: Arc::new(sizes), ..self.clone() })
    }

    /// What its operation at its sizes is called.
    pub(crate) fn shape(&self) -> String {
        let is_free = |(name, _): &(&String, &u64)| self.operation.free.contains_key(*name);
        let dims = self.symbols().iter().filter(is_free).map(|(name, size)| (name.clone(), *size));
        shape(&self.entry.operation, &dims.collect())
    }

    /// Its kernels and how they are run.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The WGSL of one of its kernels.
    pub fn text(&self, kernel: &Kernel) -> Option<&str> {
        self.texts.get(&kernel.text).map(AsRef::as_ref)
    }

    /// The values of all symbols, for uniform blocks and grids.
    pub fn symbols(&self) -> &Symbols {
        &self.sizes.symbols
    }

    /// How large the inputs are.
    pub fn inputs(&self) -> &[TensorSize] {
        &self.sizes.inputs
    }

    /// How large the outputs are.
    pub fn outputs(&self) -> &[TensorSize] {
        &self.sizes.outputs
    }

    /// How large each temporary is, in bytes.
    pub fn temporary_bytes(&self) -> &[u64] {
        &self.sizes.temporary_bytes
    }
}

/// Reads the program of an entry for these symbols and this device; in words why it is a miss otherwise.
pub(crate) fn load(
    archive: &Archive,
    entry: &Entry,
    operation: &Operation,
    symbols: &Symbols,
    device: &Device,
) -> Result<VerifiedProgram, String> {
    let program: Program = read_json(archive, "programs", entry.program)?;
    program.check_sizes()?;
    program.check_references(operation.inputs.len(), operation.outputs.len())?;
    program
        .self_test
        .as_ref()
        .map_or(Ok(()), |test| test.check(operation))
        .map_err(|why| format!("its self-test: {why}"))?;
    let sizes = Sizes::of(&program, operation, symbols.clone(), &device.capability)?;
    Ok(VerifiedProgram {
        entry: Arc::new(entry.clone()),
        operation: Arc::new(operation.clone()),
        capability: Arc::new(device.capability.clone()),
        texts: Arc::new(read_texts(archive, &program)?),
        program: Arc::new(program),
        sizes: Arc::new(sizes),
    })
}

impl Sizes {
    /// The values of a program's formulas, if all have one that a device with these limits can do with.
    fn of(program: &Program, operation: &Operation, symbols: Symbols, capability: &Capability) -> Result<Self, String> {
        let sizes = (operation.inputs(&symbols), operation.outputs(&symbols));
        let (Some(inputs), Some(outputs)) = sizes else { return Err("a tensor has no size".to_owned()) };
        program.kernels.iter().try_for_each(|kernel| check_kernel(kernel, &symbols, capability))?;
        let temporary_bytes = temporaries(program, &symbols, capability)?;
        Ok(Self { symbols, inputs, outputs, temporary_bytes })
    }
}

/// Reads a part that is JSON and has this hash.
pub(crate) fn read_json<T: DeserializeOwned>(archive: &Archive, folder: &str, hash: PartHash) -> Result<T, String> {
    let name = format!("{folder}/{hash}.json");
    let bytes = read_part(archive, &name, hash)?;
    json::read(&bytes).map_err(|error| format!("`{name}` cannot be read: {}", reason(&error)))
}

/// The values that a kernel's formulas have for these symbols, beside what the device can launch.
fn check_kernel(kernel: &Kernel, symbols: &Symbols, limits: &Capability) -> Result<(), String> {
    let name = &kernel.entry;
    let workgroups = kernel.workgroups(symbols).ok_or_else(|| format!("the grid of kernel `{name}` has no value"))?;
    if workgroups == 0 || workgroups > u64::from(u32::MAX) {
        return Err(format!("kernel `{name}` would launch {workgroups} workgroups"));
    }
    let fits = |symbol: &&String| symbols.get(*symbol).is_some_and(|value| u32::try_from(*value).is_ok());
    if let Some(symbol) = kernel.uniforms.iter().find(|symbol| !fits(symbol)) {
        return Err(format!("kernel `{name}` asks for `{symbol}`, which has no value of 32 bits"));
    }
    let mut sizes = kernel.workgroup_size.iter().zip(limits.workgroup_size);
    let invocations = kernel.invocations().unwrap_or(u32::MAX);
    if invocations > limits.invocations_per_workgroup || sizes.any(|(needs, has)| *needs > has) {
        return Err(format!("the device has no workgroups of {:?}, as kernel `{name}` does", kernel.workgroup_size));
    }
    let buffers = kernel.bindings.len();
    if buffers > limits.storage_buffers_per_stage as usize {
        return Err(format!("kernel `{name}` is bound to {buffers} buffers, more than the device admits"));
    }
    Ok(())
}

fn temporaries(program: &Program, symbols: &Symbols, limits: &Capability) -> Result<Vec<u64>, String> {
    let most = limits.storage_binding_bytes.min(MOST_TEMPORARY_BYTES);
    let sizes = program.temporaries.iter().map(|temporary| match temporary.bytes.eval(symbols) {
        Some(bytes) if (1..=most).contains(&bytes) => Ok(bytes),
        Some(bytes) => Err(format!("temporary `{}` would have {bytes} bytes, not 1 to {most}", temporary.name)),
        None => Err(format!("the size of temporary `{}` has no value", temporary.name)),
    });
    sizes.collect()
}

fn read_texts(archive: &Archive, program: &Program) -> Result<BTreeMap<PartHash, Arc<str>>, String> {
    let mut texts = BTreeMap::new();
    let mut together = 0;
    for kernel in &program.kernels {
        if texts.contains_key(&kernel.text) {
            continue;
        }
        let name = format!("texts/{}.wgsl", kernel.text);
        let bytes = read_part(archive, &name, kernel.text)?;
        together += bytes.len();
        if together > MOST_PART_BYTES {
            return Err(format!("its texts are larger than {MOST_PART_BYTES} bytes together"));
        }
        let text = String::from_utf8(bytes).map_err(|_| format!("`{name}` is no UTF-8"))?;
        texts.insert(kernel.text, text.into());
    }
    Ok(texts)
}

/// Reads a part that has this hash.
pub(crate) fn read_part(archive: &Archive, name: &str, hash: PartHash) -> Result<Vec<u8>, String> {
    let bytes = archive.read(name, MOST_PART_BYTES).map_err(|error| error.to_string())?;
    let bytes = bytes.ok_or_else(|| format!("the pack has no `{name}`"))?;
    if PartHash::of(&bytes) == hash { Ok(bytes) } else { Err(format!("`{name}` is not what its name says")) }
}
