//! Keys, and signatures over packs.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{PUBLIC, of_file, read, secret, write};
use crate::cli::error::Failure;
use crate::cli::print;

#[derive(Args)]
#[command(after_help = "\
Example: wgtune pack keygen release.key
         wgtune pack sign app.wgpack --key release.key
         wgtune pack verify app.wgpack --key release.key.pub")]
pub(super) struct Keygen {
    /// The file for the secret key; the public one goes beside it, with `.pub` after its name
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn keygen(options: &Keygen) -> Result<(), Failure> {
    let public_file = options.file.with_added_extension(PUBLIC);
    for file in [&options.file, &public_file] {
        if file.exists() {
            return Err(Failure::input(format!("`{}` exists; remove it or name another", file.display())));
        }
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|error| Failure::work(format!("this system gives no random numbers: {error}")))?;
    let (secret, public) = wgtune_pack::keygen(seed).map_err(|error| of_file(&options.file, &error))?;
    write_secret(&options.file, &format!("{}\n", secret.reveal()))?;
    write(&public_file, format!("{public}\n").as_bytes())?;
    print(&format!("secret key in {}, public key {public} in {}", options.file.display(), public_file.display()))
}

/// Nobody else may read it.
fn write_secret(path: &Path, text: &str) -> Result<(), Failure> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let failed = |error: std::io::Error| Failure::work(format!("`{}` could not be written: {error}", path.display()));
    options.open(path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(failed)
}

#[derive(Args)]
pub(super) struct Sign {
    /// The pack
    #[arg(value_name = "FILE.wgpack")]
    file: PathBuf,
    /// The file with the secret key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The file to write [default: the pack itself]
    #[arg(short, long, value_name = "FILE.wgpack")]
    output: Option<PathBuf>,
}

pub(super) fn sign(options: &Sign) -> Result<(), Failure> {
    let secret = secret(&options.key)?;
    let signed =
        wgtune_pack::sign_pack(read(&options.file)?, &secret).map_err(|error| of_file(&options.file, &error))?;
    let output = options.output.as_ref().unwrap_or(&options.file);
    write(output, &signed)?;
    print(&format!("{}: signed", output.display()))
}
