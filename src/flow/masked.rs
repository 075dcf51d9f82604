//! A raw identity value that cannot be printed.
//!
//! The value goes in where it is read and comes out in two ways only: masked (last four
//! characters) and as a keyed fingerprint. A plain hash of an IIN can be reversed in
//! seconds (under 10^10 candidates), hence HMAC-SHA-256 (RFC 2104) with a key of the
//! installation.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Serialize, Serializer};
use sha2::Sha256;

/// Holds a raw value; `Debug`, `Display` and `Serialize` show `********0019`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Masked(String);

/// Characters left readable at the end of a masked value.
const SHOWN: usize = 4;

impl Masked {
    pub fn new(raw: impl Into<String>) -> Masked {
        Masked(raw.into())
    }

    /// `hmac-sha256:<hex>` of `domain | 0 | value`: equal values of one domain are equal under
    /// one key, and nothing else can be learned without it.
    pub fn fingerprint(&self, key: &FingerprintKey, domain: &str) -> String {
        format!("hmac-sha256:{}", key.hex(&[domain.as_bytes(), self.0.as_bytes()], 32))
    }

    /// The raw value, for code that compares identities (an IIN in an MRZ and one in text).
    /// It must not be written anywhere.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0.chars().count();
        // A short value would be given away by its last four: hide it whole.
        let shown = if n >= 2 * SHOWN { SHOWN } else { 0 };
        for (i, c) in self.0.chars().enumerate() {
            write!(f, "{}", if i < n - shown { '*' } else { c })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Masked({self})")
    }
}

impl Serialize for Masked {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// The secret of one installation. Never printed.
#[derive(Clone)]
pub struct FingerprintKey([u8; 32]);

impl FingerprintKey {
    pub fn from_bytes(bytes: [u8; 32]) -> FingerprintKey {
        FingerprintKey(bytes)
    }

    /// A secret for another purpose, from which this one cannot be told.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        self.of(&[b"derive", purpose.as_bytes()])
    }

    /// First `hex_bytes` bytes of HMAC-SHA-256 over the length-prefixed parts, in hex.
    pub fn hex(&self, parts: &[&[u8]], hex_bytes: usize) -> String {
        self.of(parts).iter().take(hex_bytes).map(|b| format!("{b:02x}")).collect()
    }

    /// The first 64 bits of the same.
    pub fn word(&self, parts: &[&[u8]]) -> u64 {
        self.of(parts).iter().take(8).fold(0, |word, b| word << 8 | u64::from(*b))
    }

    fn of(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac =
            <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).expect("HMAC takes any key length");
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_four_are_shown() {
        let m = Masked::new("900101100004");
        assert_eq!(m.to_string(), "********0004");
        assert_eq!(format!("{m:?}"), "Masked(********0004)");
        assert_eq!(serde_json::to_string(&m).unwrap(), "\"********0004\"");
        assert_eq!(Masked::new("1234567").to_string(), "*******");
    }

    #[test]
    fn fingerprints_depend_on_key_and_domain() {
        let (a, b) = (FingerprintKey::from_bytes([1; 32]), FingerprintKey::from_bytes([2; 32]));
        let m = Masked::new("900101100004");
        assert_eq!(m.fingerprint(&a, "iin"), m.fingerprint(&a, "iin"));
        assert_ne!(m.fingerprint(&a, "iin"), m.fingerprint(&b, "iin"));
        assert_ne!(m.fingerprint(&a, "iin"), m.fingerprint(&a, "passport"));
        assert!(!format!("{a:?}").contains('1'));
    }
}
