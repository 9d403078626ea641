//! Files that hold the elements of a buffer: what NumPy writes, or nothing but the elements.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use npyz::{DType, NpyHeader, Order};
use sha2::{Digest, Sha256};

use crate::base::{Contents, ElementType};

/// A file's elements, and how many there are; or what is wrong with it.
pub type Found = Result<(Contents, u64), String>;

/// A `.npy` file with elements of this type.
pub fn npy(path: &Path, element: ElementType) -> Found {
    let (mut file, length) = open(path)?;
    let odd = |why: &str| format!("the NumPy file `{}` {why}", path.display());
    let header = NpyHeader::from_reader(&mut file).map_err(|e| odd(&format!("cannot be read: {e}")))?;
    let dtype = header.dtype();
    let names: &[&str] = match element {
        ElementType::F32 => &["<f4"],
        ElementType::F16 => &["<f2"],
        ElementType::I8 => &["|i1", "<i1"],
        ElementType::I32 => &["<i4"],
        ElementType::U32 => &["<u4"],
    };
    match &dtype {
        DType::Plain(plain) if names.contains(&plain.to_string().as_str()) => {}
        other => return Err(odd(&format!("holds {}, and {element} is asked for", other.descr()))),
    }
    if header.order() == Order::Fortran && header.shape().len() > 1 {
        return Err(odd("has its columns first (Fortran order)"));
    }
    let elements = header.shape().iter().try_fold(1u64, |product, extent| product.checked_mul(*extent));
    let offset = file.stream_position().map_err(|e| odd(&format!("cannot be read: {e}")))?;
    let bytes = elements.and_then(|elements| elements.checked_mul(element.bytes()));
    match (elements, bytes.and_then(|bytes| bytes.checked_add(offset))) {
        (Some(elements), Some(end)) if end <= length => Ok((Contents { path: whole(path)?, offset }, elements)),
        _ => Err(odd("is shorter than its header says")),
    }
}

/// A file of nothing but elements of this type.
pub fn raw(path: &Path, element: ElementType) -> Found {
    let (_, length) = open(path)?;
    if length == 0 || length % element.bytes() != 0 {
        let (path, size) = (path.display(), element.bytes());
        return Err(format!("the file `{path}` has {length} bytes, which are no elements of {size} bytes each"));
    }
    Ok((Contents { path: whole(path)?, offset: 0 }, length / element.bytes()))
}

/// So many elements of a file, as numbers.
pub fn values(contents: &Contents, element: ElementType, elements: u64) -> Result<Vec<f64>, String> {
    let failed = |error| format!("the file `{}` cannot be read: {error}", contents.path.display());
    let mut file = File::open(&contents.path).map_err(failed)?;
    file.seek(std::io::SeekFrom::Start(contents.offset)).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(elements * element.bytes()).read_to_end(&mut bytes).map_err(failed)?;
    let count = bytes.len() / element.bytes() as usize;
    Ok((0..count).map(|index| element.decode(&bytes, index)).collect())
}

/// The hash of a file; nothing of one that cannot be read, which is told where it is used.
pub fn digest(path: &Path) -> String {
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 1 << 16];
    let Ok(mut file) = File::open(path) else { return String::new() };
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
            Ok(length) => hash.update(&chunk[..length]),
            Err(_) => return String::new(),
        }
    }
}

fn open(path: &Path) -> Result<(File, u64), String> {
    let failed = |error| format!("the file `{}` cannot be read: {error}", path.display());
    let about = std::fs::metadata(path).map_err(failed)?;
    // Before it is opened: a pipe would keep us waiting.
    if !about.is_file() {
        return Err(format!("`{}` is no regular file", path.display()));
    }
    let file = File::open(path).map_err(failed)?;
    Ok((file, about.len()))
}

/// The path from wherever a worker may be started, to which it is told as text.
fn whole(path: &Path) -> Result<PathBuf, String> {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match whole.to_str() {
        Some(_) => Ok(whole),
        None => Err(format!("the path of `{}` is not UTF-8, so no worker can be told of it", path.display())),
    }
}
