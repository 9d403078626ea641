//! Results that are kept in a file: those of a reference kernel become the truth for others.
//!
//! The file has the elements of all outputs, one output after the other, little-endian, without padding or guards.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use super::BufferRule;
use super::contents::poison;

/// Writes outputs as they were read back.
pub(super) fn write_kept(path: &Path, outputs: &[BufferRule], bytes: &[Vec<u8>]) -> io::Result<()> {
    let mut file = File::create(path)?;
    let elements = outputs.iter().zip(bytes).map(|(rule, bytes)| &bytes[..rule.data_bytes() as usize]);
    elements.into_iter().try_for_each(|elements| file.write_all(elements))
}

/// Reads the results that a job kept, element by element; `None` where the kernel wrote nothing, so that nothing is known.
///
/// An element counts as not written when it has just the poison's bits. Of integers that may be a result: one value in
/// 256 of i8, one in 2³² of the others. In-out buffers have no poison, so all their elements are known.
///
/// # Errors
/// When the file cannot be read, or is not just as long as the outputs are.
pub fn read_kept(path: &Path, outputs: &[BufferRule]) -> io::Result<Vec<Vec<Option<f64>>>> {
    let bytes = fs::read(path)?;
    let wanted = outputs.iter().map(BufferRule::data_bytes).fold(0, u64::saturating_add);
    if bytes.len() as u64 != wanted {
        let why = format!("`{}` has {} bytes, and the outputs have {wanted}", path.display(), bytes.len());
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    let mut rest = bytes.as_slice();
    let values = outputs.iter().map(|rule| {
        let (elements, after) = rest.split_at(rule.data_bytes() as usize);
        rest = after;
        (0..rule.elements as usize).map(|index| known(rule, elements, index)).collect()
    });
    Ok(values.collect())
}

fn known(rule: &BufferRule, elements: &[u8], index: usize) -> Option<f64> {
    let size = rule.element.bytes() as usize;
    let is_written = rule.is_filled() || elements[index * size..(index + 1) * size] != *poison(rule.element);
    is_written.then(|| rule.element.decode(elements, index))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::initial;
    use crate::base::{Distribution, ElementType, Fill};

    #[test]
    fn what_was_not_written_is_unknown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept");
        let fill = Some(Fill { seed: 0, distribution: Distribution::Constant(90.0) });
        let rule = |element, fill| BufferRule { name: "y".to_owned(), element, elements: 3, fill, file: None };
        let outputs = [rule(ElementType::F16, None), rule(ElementType::I8, fill), rule(ElementType::U32, None)];
        let mut bytes: Vec<Vec<u8>> = outputs.iter().map(|rule| initial(rule).unwrap()).collect();
        bytes[0][2..4].copy_from_slice(&[0x00, 0x3c]);
        bytes[2][..8].copy_from_slice(&[0xff, 0xff, 0xff, 0xff, 7, 0, 0, 0]);
        write_kept(&path, &outputs, &bytes).unwrap();
        let want = [vec![None, Some(1.0), None], vec![Some(90.0); 3], vec![Some(4_294_967_295.0), Some(7.0), None]];
        assert_eq!(read_kept(&path, &outputs).unwrap(), want);
        let error = read_kept(&path, &outputs[..2]).unwrap_err();
        assert!(error.to_string().contains("kept` has 21 bytes, and the outputs have 9"), "{error}");
        assert!(read_kept(&folder.path().join("none"), &outputs).is_err());
    }
}
