//! The validator of SPIR-V-Tools, where it is installed: what it says of modules that naga wrote.

use std::io::Write;
use std::process::{Command, Stdio};

use super::note_skip;

/// Set by continuous integration, which installs the validator.
const REQUIRE: &str = "WGTUNE_REQUIRE_SPIRV_VAL";

/// Vulkan 1.1 takes the SPIR-V 1.3 that is written.
const TARGET: [&str; 2] = ["--target-env", "vulkan1.1"];

/// Whether there is a validator; where there is none, that is told as a skip.
pub fn has_validator() -> bool {
    let found = Command::new("spirv-val").arg("--version").output();
    match found {
        Ok(_) => true,
        Err(error) if std::env::var_os(REQUIRE).is_some() => panic!("{REQUIRE} is set, but spirv-val: {error}"),
        Err(error) => {
            note_skip(&format!("spirv-val: {error}; Debian has it in spirv-tools"));
            false
        }
    }
}

/// What the validator has against a module.
pub fn refusal(words: &[u32]) -> Option<String> {
    let mut child = Command::new("spirv-val")
        .args(TARGET)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it was found before");
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    child.stdin.take().expect("piped").write_all(&bytes).expect("it reads to the end");
    let output = child.wait_with_output().expect("it ends by itself");
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).trim().to_owned())
}
