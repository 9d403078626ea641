//! What buffers contain before a run: filled elements or those of a file, poison, and the zones that guard their ends.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};

use super::BufferRule;
use crate::base::{Contents, ElementType};
use crate::record::{Rejection, Stage};

/// What fills an output from its last element on: no kernel writes it by accident.
const GUARD: u8 = 0xa5;

/// The bytes of one poisoned element: a NaN with a payload of its own, or a pattern for integers.
pub fn poison(element: ElementType) -> &'static [u8] {
    match element {
        ElementType::F32 => &[0xad, 0xde, 0xc0, 0x7f],
        ElementType::F16 => &[0xad, 0x7e],
        ElementType::I8 => &[0x5a],
        ElementType::I32 | ElementType::U32 => &[0x5a, 0x5a, 0x5a, 0x5a],
    }
}

/// What lies after the elements of inputs: another NaN, since one that is read may arrive in an output as it is.
pub(super) fn stray(element: ElementType) -> &'static [u8] {
    match element {
        ElementType::F32 => &[0xad, 0x0b, 0xc0, 0x7f],
        ElementType::F16 => &[0xab, 0x7e],
        ElementType::I8 => &[0x6b],
        ElementType::I32 | ElementType::U32 => &[0x6b, 0x6b, 0x6b, 0x6b],
    }
}

/// The contents of an output that nothing fills, before a checked run: poison, and the pattern of the guard zone.
pub fn poisoned(rule: &BufferRule) -> Vec<u8> {
    guarded(rule, poison(rule.element).repeat(rule.elements as usize))
}

/// The contents of an output before a run: its own if it is in-out, else poison; then the pattern of the guard zone.
///
/// # Errors
/// As [`filled`].
pub fn initial(rule: &BufferRule) -> Result<Vec<u8>, Rejection> {
    if rule.is_filled() { Ok(guarded(rule, elements(rule)?)) } else { Ok(poisoned(rule)) }
}

/// The contents of an input: its elements, then NaN to the end.
///
/// # Errors
/// At stage `run` when its file cannot be read or is too short.
pub fn filled(rule: &BufferRule) -> Result<Vec<u8>, Rejection> {
    let mut bytes = elements(rule)?;
    let nan = stray(rule.element);
    while bytes.len() < rule.buffer_bytes() as usize {
        bytes.push(nan[bytes.len() % nan.len()]);
    }
    Ok(bytes)
}

/// Whether the guard zone of an output, as read back, is what it was.
pub(super) fn is_intact(rule: &BufferRule, bytes: &[u8]) -> bool {
    bytes[rule.data_bytes() as usize..].iter().all(|byte| *byte == GUARD)
}

fn guarded(rule: &BufferRule, mut elements: Vec<u8>) -> Vec<u8> {
    elements.resize(rule.buffer_bytes() as usize, GUARD);
    elements
}

/// The elements alone, with room for what follows them.
fn elements(rule: &BufferRule) -> Result<Vec<u8>, Rejection> {
    let mut bytes = Vec::with_capacity(rule.buffer_bytes() as usize);
    match (&rule.file, rule.fill) {
        (Some(file), _) => read(rule, file, &mut bytes)?,
        (None, Some(fill)) => (0..rule.elements).for_each(|i| rule.element.encode(fill.value(i), &mut bytes)),
        (None, None) => {}
    }
    Ok(bytes)
}

/// Appends the part of a file that a rule names.
fn read(rule: &BufferRule, file: &Contents, into: &mut Vec<u8>) -> Result<(), Rejection> {
    let path = file.path.display();
    let refused = |why: String| Rejection::new(Stage::Run, why);
    let failed =
        |error: io::Error| refused(format!("`{path}`, the contents of `{}`, cannot be read: {error}", rule.name));
    let about = fs::metadata(&file.path).map_err(failed)?;
    if !about.is_file() {
        // Opening a pipe would wait for ever.
        return Err(refused(format!("`{path}`, the contents of `{}`, is no file", rule.name)));
    }
    let (size, offset, wanted) = (about.len(), file.offset, rule.data_bytes());
    if offset.checked_add(wanted).is_none_or(|end| end > size) {
        let (name, elements, element) = (&rule.name, rule.elements, rule.element);
        let what = format!("`{name}` takes {wanted} from byte {offset} on ({elements} elements of {element})");
        return Err(refused(format!("`{path}` has {size} bytes, and {what}")));
    }
    let mut opened = File::open(&file.path).map_err(failed)?;
    opened.seek(SeekFrom::Start(offset)).map_err(failed)?;
    let read = opened.take(wanted).read_to_end(into).map_err(failed)? as u64;
    // It may have become shorter meanwhile.
    if read == wanted { Ok(()) } else { Err(failed(io::ErrorKind::UnexpectedEof.into())) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::base::{Distribution, Fill};

    fn rule(element: ElementType, elements: u64) -> BufferRule {
        BufferRule { name: "y".to_owned(), element, elements, fill: None, file: None }
    }

    fn from_file(element: ElementType, elements: u64, path: &Path, offset: u64) -> BufferRule {
        BufferRule { file: Some(Contents { path: path.to_owned(), offset }), ..rule(element, elements) }
    }

    #[test]
    fn buffers_end_in_guards() {
        let fill = Fill { seed: 1, distribution: Distribution::Integers { low: 1, high: 9 } };
        for element in ElementType::ALL {
            for elements in [1, 7, 16, 33] {
                let output = rule(element, elements);
                let input = BufferRule { fill: Some(fill), ..output.clone() };
                assert_eq!(poisoned(&output).len() as u64, output.buffer_bytes());
                assert_eq!(initial(&output).unwrap(), poisoned(&output));
                let bytes = filled(&input).unwrap();
                assert_eq!(bytes.len() as u64, input.buffer_bytes());
                let last = element.decode(&bytes, bytes.len() / element.bytes() as usize - 1);
                assert!(if element.is_float() { last.is_nan() } else { last != 0.0 }, "{element}: {last}");
                let (end, both) = (input.data_bytes() as usize, initial(&input).unwrap());
                assert!(both[..end] == bytes[..end] && is_intact(&input, &both) && !is_intact(&input, &bytes));
            }
        }
    }

    #[test]
    fn contents_come_from_their_place_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("raw");
        fs::write(&path, (0..=99).collect::<Vec<u8>>()).unwrap();
        let rule = from_file(ElementType::F16, 3, &path, 7);
        assert_eq!(filled(&rule).unwrap()[..6], [7, 8, 9, 10, 11, 12]);
        assert_eq!(initial(&rule).unwrap()[..7], [7, 8, 9, 10, 11, 12, GUARD]);
        assert_eq!(filled(&from_file(ElementType::U32, 25, &path, 0)).unwrap()[99], 99);
    }

    #[test]
    fn files_that_do_not_do_are_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("raw");
        fs::write(&path, [0; 100]).unwrap();
        let cases = [
            (from_file(ElementType::U32, 26, &path, 0), "raw` has 100 bytes, and `y` takes 104 from byte 0 on"),
            (from_file(ElementType::I8, 10, &path, 91), "takes 10 from byte 91 on (10 elements of i8)"),
            (from_file(ElementType::F32, 1, &path, u64::MAX), "takes 4 from byte 18446744073709551615"),
            (from_file(ElementType::F32, 1, &folder.path().join("none"), 0), "none`, the contents of `y`, cannot be"),
            (from_file(ElementType::F32, 1, folder.path(), 0), "is no file"),
        ];
        for (rule, part) in cases {
            for contents in [filled(&rule), initial(&rule)] {
                let rejection = contents.unwrap_err();
                assert!(rejection.stage == Stage::Run && rejection.why.contains(part), "{rejection:?}: {part}");
            }
        }
    }

    #[test]
    fn sizes_beyond_all_bounds_do_not_wrap() {
        for elements in [u64::MAX, u64::MAX / 4 + 1, u64::MAX / 4] {
            assert!(rule(ElementType::F32, elements).buffer_bytes() > u64::MAX - 512, "{elements}");
        }
    }
}
