//! Signatures over a manifest: Ed25519 (RFC 8032). The manifest names every part by its hash, so it vouches for all.

use std::fmt;
use std::str::FromStr;

use ed25519_compact as ed25519;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::quoted;
use crate::hash::{from_hexadecimal, hexadecimal};

/// Whom an application trusts: 32 bytes, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

/// Who signs. Its text is a secret: 64 hexadecimal digits.
#[derive(Clone)]
pub struct SecretKey([u8; 32]);

/// `manifest.sig`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Signature {
    /// `ed25519`.
    pub algorithm: String,
    /// The public key, in hexadecimal.
    pub key: String,
    /// The signature over the bytes of `manifest.json`, in hexadecimal.
    pub signature: String,
}

const ALGORITHM: &str = "ed25519";

/// A key pair from 32 bytes that nobody can guess: take them from the system's source of randomness.
pub fn keygen(seed: [u8; 32]) -> Result<(SecretKey, PublicKey), Error> {
    let secret = SecretKey(seed);
    let pair = secret.pair()?;
    Ok((secret, PublicKey(*pair.pk)))
}

/// Signs the bytes of a manifest. The same key and bytes give the same signature.
pub fn sign(manifest: &[u8], secret: &SecretKey) -> Result<Signature, Error> {
    let pair = secret.pair()?;
    let signature = pair.sk.sign(manifest, None);
    Ok(Signature { algorithm: ALGORITHM.to_owned(), key: hexadecimal(&*pair.pk), signature: hexadecimal(&*signature) })
}

/// Whether one of the keys has signed these bytes of a manifest; which one.
pub fn verify(manifest: &[u8], signature: &Signature, keys: &[PublicKey]) -> Result<PublicKey, Error> {
    let wrong = |why: &str| Error::Signature(why.to_owned());
    if signature.algorithm != ALGORITHM {
        return Err(wrong("it is of another algorithm than ed25519"));
    }
    let key = signature.key.parse().map_err(|_| wrong("it names no key"))?;
    if !keys.contains(&key) {
        return Err(Error::Signature(format!("it is by {key}, which is none of the {} keys to trust", keys.len())));
    }
    let bytes = from_hexadecimal(&signature.signature).ok_or_else(|| wrong("it is no signature"))?;
    let verified = ed25519::PublicKey::new(key.0).verify(manifest, &ed25519::Signature::new(bytes));
    verified.map_err(|_| wrong("the manifest is not what was signed"))?;
    Ok(key)
}

impl SecretKey {
    fn pair(&self) -> Result<ed25519::KeyPair, Error> {
        let pair = ed25519::KeyPair::try_from_seed(ed25519::Seed::new(self.0));
        pair.map_err(|_| Error::Signature("these bytes make no key; draw others".to_owned()))
    }

    /// The secret as text, to be kept where nobody else reads it.
    pub fn reveal(&self) -> String {
        hexadecimal(&self.0)
    }
}

impl FromStr for SecretKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        from_hexadecimal(text.trim()).map(Self).ok_or_else(|| Error::Key("the secret".to_owned()))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl FromStr for PublicKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        from_hexadecimal(text.trim()).map(Self).ok_or_else(|| Error::Key(quoted(text)))
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hexadecimal(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test 2 of RFC 8032, section 7.1.
    #[test]
    fn signatures_are_those_of_the_standard() {
        let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb".parse::<SecretKey>().unwrap();
        let (secret, public) = keygen(seed.0).unwrap();
        assert_eq!(public.to_string(), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        let signature = sign(&[0x72], &secret).unwrap();
        let want = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                    085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
        assert_eq!(signature.signature, want);
        assert_eq!(verify(&[0x72], &signature, &[public]), Ok(public));
    }

    #[test]
    fn wrong_signatures_are_told_apart() {
        let (secret, public) = keygen([7; 32]).unwrap();
        let (_, other) = keygen([8; 32]).unwrap();
        let good = sign(b"manifest", &secret).unwrap();
        let forged = Signature { key: other.to_string(), ..good.clone() };
        let cases = [
            (b"manifest".as_slice(), good.clone(), vec![other], "none of the 1 keys"),
            (b"manifest", good.clone(), vec![], "none of the 0 keys"),
            (b"manifesT", good.clone(), vec![public], "not what was signed"),
            (b"manifest", forged, vec![other, public], "not what was signed"),
            (b"manifest", Signature { signature: "00".to_owned(), ..good.clone() }, vec![public], "no signature"),
            (b"manifest", Signature { key: "é".to_owned(), ..good.clone() }, vec![public], "names no key"),
            (b"manifest", Signature { algorithm: "rsa".to_owned(), ..good }, vec![public], "another algorithm"),
        ];
        for (bytes, signature, keys, message) in cases {
            let error = verify(bytes, &signature, &keys).expect_err(message).to_string();
            assert!(error.contains(message), "{message}: {error}");
        }
    }
}
