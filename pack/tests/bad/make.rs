//! Makes bad packs of a good one: files exchanged, indexes and programs edited, headers patched.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use serde_json::Value;
use wgtune_pack::PartHash;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::common::{Fixture, Recipe, h100};

/// What the header in front of each file begins with.
pub const LOCAL: &[u8; 4] = b"PK\x03\x04";

/// What a file's line of the directory begins with.
pub const CENTRAL: &[u8; 4] = b"PK\x01\x02";

/// What the end of the directory begins with.
pub const END: &[u8; 4] = b"PK\x05\x06";

/// The files of an archive by their names.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A pack with a tuned entry for one device, and a portable default.
pub fn good() -> Vec<u8> {
    let mut fixture = Fixture::new();
    fixture.add(&Recipe::new("tuned", Some(h100())));
    fixture.add(&Recipe::default_of("default", None));
    fixture.finish()
}

/// The good pack with some of its files changed.
pub fn with_files(change: impl FnOnce(&mut Files)) -> Vec<u8> {
    let mut files = unpack(&good());
    change(&mut files);
    pack(&files)
}

/// The good pack with its index changed.
pub fn with_manifest(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    with_files(|files| {
        let mut manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
        change(&mut manifest);
        files.insert("manifest.json".to_owned(), manifest.to_string().into_bytes());
    })
}

/// The good pack with its tuned entry changed.
pub fn with_entry(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    with_manifest(|manifest| change(tuned(manifest)))
}

/// The good pack with this JSON, such as no value can hold, at a place of its tuned entry.
pub fn with_raw(path: &str, json: &str) -> Vec<u8> {
    const PLACE: &str = "a place to be filled";
    let marked = with_entry(|entry| {
        let (parent, key) = path.rsplit_once('/').unwrap();
        entry.pointer_mut(parent).unwrap()[key] = PLACE.into();
    });
    let mut files = unpack(&marked);
    let text = String::from_utf8(files["manifest.json"].clone()).unwrap();
    files.insert("manifest.json".to_owned(), text.replace(&format!("\"{PLACE}\""), json).into_bytes());
    pack(&files)
}

/// The good pack with the index as text, for what no JSON value can hold.
pub fn with_text(from: &str, to: &str) -> Vec<u8> {
    with_files(|files| {
        let text = String::from_utf8(files["manifest.json"].clone()).unwrap();
        assert!(text.contains(from), "{text} lacks {from}");
        files.insert("manifest.json".to_owned(), text.replacen(from, to, 1).into_bytes());
    })
}

/// The good pack with another program for its tuned entry, under its right name.
pub fn with_program_text(change: impl FnOnce(String) -> Vec<u8>) -> Vec<u8> {
    with_files(|files| {
        let mut manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
        let entry = tuned(&mut manifest);
        let name = format!("programs/{}.json", entry["program"].as_str().unwrap());
        let bytes = change(String::from_utf8(files[&name].clone()).unwrap());
        let hash = PartHash::of(&bytes).to_string();
        files.insert(format!("programs/{hash}.json"), bytes);
        entry["program"] = hash.into();
        files.insert("manifest.json".to_owned(), manifest.to_string().into_bytes());
    })
}

/// The good pack with its tuned entry's program changed.
pub fn with_program(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    with_program_text(|text| {
        let mut program = serde_json::from_str(&text).unwrap();
        change(&mut program);
        program.to_string().into_bytes()
    })
}

/// The good pack with the bytes of its tuned entry's text changed, and its name in the program with them.
pub fn with_kernel_text(bytes: Vec<u8>) -> Vec<u8> {
    let hash = PartHash::of(&bytes).to_string();
    let mut files = unpack(&with_program(|program| program["kernels"][0]["text"] = hash.clone().into()));
    files.insert(format!("texts/{hash}.wgsl"), bytes);
    pack(&files)
}

/// The good pack with two texts in its tuned entry's program, each so large, that pack well.
pub fn with_two_texts(bytes: usize) -> Vec<u8> {
    let texts =
        ["x", "y"].map(|word| (0..bytes / 200).map(|line| format!("{line:199}\n").replace(' ', word)).collect());
    let named = texts.map(|text: String| (PartHash::of(text.as_bytes()).to_string(), text));
    let mut files = unpack(&with_program(|program| {
        let kernel = program["kernels"][0].clone();
        let kernels = named.each_ref().map(|(hash, _)| {
            let mut kernel = kernel.clone();
            kernel["text"] = hash.clone().into();
            kernel
        });
        program["kernels"] = kernels.to_vec().into();
    }));
    files.extend(named.map(|(hash, text)| (format!("texts/{hash}.wgsl"), text.into_bytes())));
    pack(&files)
}

/// The name of a file of the good pack's tuned entry.
pub fn part_of_tuned(folder: &str) -> String {
    let files = unpack(&good());
    let mut manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    let program = format!("programs/{}.json", tuned(&mut manifest)["program"].as_str().unwrap());
    if folder == "programs" {
        return program;
    }
    let program: Value = serde_json::from_slice(&files[&program]).unwrap();
    format!("texts/{}.wgsl", program["kernels"][0]["text"].as_str().unwrap())
}

/// The good pack with one more file of this name.
pub fn named(name: &str) -> Vec<u8> {
    with_files(|files| drop(files.insert(name.to_owned(), b"x".to_vec())))
}

/// Replaces all occurrences of some bytes by as many others: names and headers of an archive.
pub fn patched(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places = places(&bytes, from);
    assert!(!places.is_empty());
    places.into_iter().for_each(|at| bytes[at..at + to.len()].copy_from_slice(to));
    bytes
}

/// Replaces the first occurrence of some bytes by as many others: the header in front of a file, not the directory.
pub fn patched_first(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = places(&bytes, from)[0];
    bytes[at..at + to.len()].copy_from_slice(to);
    bytes
}

/// Sets two bytes of the header of every file, at these offsets in its local header and in the directory.
pub fn with_headers(local: usize, central: usize, value: u16) -> Vec<u8> {
    with_marked(with_marked(good(), LOCAL, local, value), CENTRAL, central, value)
}

/// Sets two bytes behind every such mark.
pub fn with_marked(mut bytes: Vec<u8>, mark: &[u8; 4], offset: usize, value: u16) -> Vec<u8> {
    let places = places(&bytes, mark);
    places.into_iter().for_each(|at| bytes[at + offset..at + offset + 2].copy_from_slice(&value.to_le_bytes()));
    bytes
}

/// Where some bytes occur.
pub fn places(bytes: &[u8], what: &[u8]) -> Vec<usize> {
    (0..bytes.len()).filter(|at| bytes[*at..].starts_with(what)).collect()
}

pub fn unpack(bytes: &[u8]) -> Files {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = Files::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.insert(file.name().unwrap().into_owned(), bytes);
    }
    files
}

pub fn pack(files: &Files) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn tuned(manifest: &mut Value) -> &mut Value {
    let entries = manifest["entries"].as_array_mut().unwrap();
    entries.iter_mut().find(|entry| entry["template"] == "tuned").unwrap()
}
