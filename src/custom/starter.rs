//! A kernel file to begin with, which runs as it stands.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const TOML: &str = include_str!("starter/kernel.toml");
const WGSL: &str = include_str!("starter/kernel.wgsl");

/// What stands for the kernel's name in both.
const NAME: &str = "NAME";

/// Whether a kernel may be called so.
pub fn is_name(text: &str) -> bool {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(is_word) && text.len() <= 64
}

/// Writes a commented kernel file and its WGSL into a folder; their paths.
///
/// # Errors
/// When one of them exists already, or cannot be written. Nothing is overwritten.
pub fn write_starter(folder: &Path, name: &str) -> io::Result<[PathBuf; 2]> {
    let paths = [folder.join(format!("{name}.toml")), folder.join(format!("{name}.wgsl"))];
    if paths.iter().any(|path| path.exists()) {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    for (path, text) in paths.iter().zip([TOML, WGSL]) {
        let mut file = fs::File::create_new(path)?;
        io::Write::write_all(&mut file, text.replace(NAME, name).as_bytes())?;
    }
    Ok(paths)
}
