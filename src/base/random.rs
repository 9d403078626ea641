//! Seeded random numbers from a portable generator: the same seed gives the same numbers on every machine.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// The generator used wherever this project draws random numbers.
pub type Random = ChaCha8Rng;

/// A generator for one purpose. Different purposes under one seed do not repeat each other's numbers.
pub fn seeded(seed: u64, purpose: &str) -> Random {
    let mut hasher = Sha256::new();
    hasher.update(seed.to_le_bytes());
    hasher.update(purpose.as_bytes());
    ChaCha8Rng::from_seed(hasher.finalize().into())
}
