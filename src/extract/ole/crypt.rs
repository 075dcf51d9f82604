//! Office files with a password ([MS-OFFCRYPTO]): packages (docx, xlsx, pptx) locked by the agile or the
//! standard scheme, and the RC4 of workbooks and documents of 97 to 2003.
//!
//! First the password is tried that Excel itself locks with where only the structure of a workbook
//! is protected; such files open without a question. Then those of the run.

use aes::cipher::{BlockCipherDecrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256, Block};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::super::bytes::{part, u16_le, u32_le, u64_le};
use crate::error::Skip;
use crate::limits::Budget;

/// What Excel locks with when nobody gave a password.
const DEFAULT: &str = "VelvetSweatshop";
/// Characters of a password that count.
const MAX_PASSWORD: usize = 255;
/// Rounds of the agile scheme: Office makes 100,000, the standard allows ten millions, which would
/// take seconds a password.
const MAX_ROUNDS: u32 = 1_000_000;
const STANDARD_ROUNDS: u32 = 50_000;
/// The agile scheme locks pieces of this length, each anew.
const SEGMENT: usize = 4096;
const BLOCK: usize = 16;
/// What the keys of the parts of a lock are made with.
const FOR_INPUT: &[u8] = &[0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79];
const FOR_HASH: &[u8] = &[0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e];
const FOR_KEY: &[u8] = &[0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6];

fn unsupported() -> Skip {
    Skip::Unsupported { format: "office", detail: "kind of encryption".into() }
}

/// The passwords to try, as the schemes take them.
fn candidates(budget: &Budget) -> Vec<Vec<u8>> {
    let passwords = budget.passwords();
    let wide =
        |text: &str| text.encode_utf16().take(MAX_PASSWORD).flat_map(u16::to_le_bytes).collect();
    std::iter::once(DEFAULT).chain(passwords.iter()).map(wide).collect()
}

/// The first password that fits.
fn first<T>(budget: &Budget, mut fits: impl FnMut(&[u8]) -> Option<T>) -> Result<Option<T>, Skip> {
    for password in candidates(budget) {
        budget.in_time()?;
        if let Some(found) = fits(&password) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The zip within a locked package.
pub(super) fn package(info: &[u8], package: &[u8], budget: &mut Budget) -> Result<Vec<u8>, Skip> {
    let locked = Skip::Encrypted { format: "office" };
    let version = u16_le(info, 0).zip(u16_le(info, 2)).ok_or_else(|| locked.clone())?;
    let size = u64_le(package, 0).and_then(|size| usize::try_from(size).ok()).unwrap_or(0);
    let data = package.get(8..).unwrap_or_default();
    budget.charge(data.len() as u64)?;
    let mut plain = match version {
        (4, 4) => {
            let xml = info.get(8..).unwrap_or_default();
            let lock = Agile::read(xml).ok_or_else(|| locked.clone())?;
            let key = first(budget, |password| lock.key(password))?.ok_or(locked)?;
            lock.open(&key, data, budget)?
        }
        (2..=4, 2) => {
            let lock = Standard::read(info).ok_or_else(|| locked.clone())?;
            let key = first(budget, |password| lock.key(password))?.ok_or(locked)?;
            let mut plain = data.to_vec();
            key.electronic_code_book(&mut plain);
            plain
        }
        _ => return Err(unsupported()),
    };
    plain.truncate(size);
    Ok(plain)
}

#[derive(Clone, Copy)]
enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        fn run<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
            let mut hasher = D::new();
            parts.iter().for_each(|part| hasher.update(part));
            hasher.finalize().to_vec()
        }
        match self {
            Hash::Sha1 => run::<Sha1>(parts),
            Hash::Sha256 => run::<Sha256>(parts),
            Hash::Sha384 => run::<Sha384>(parts),
            Hash::Sha512 => run::<Sha512>(parts),
        }
    }

    fn named(name: &str) -> Option<Hash> {
        match name {
            "SHA1" | "SHA-1" => Some(Hash::Sha1),
            "SHA256" | "SHA-256" => Some(Hash::Sha256),
            "SHA384" | "SHA-384" => Some(Hash::Sha384),
            "SHA512" | "SHA-512" => Some(Hash::Sha512),
            _ => None,
        }
    }
}

enum Key {
    A128(Box<Aes128>),
    A192(Box<Aes192>),
    A256(Box<Aes256>),
}

impl Key {
    fn new(key: &[u8]) -> Option<Key> {
        match key.len() {
            16 => Aes128::new_from_slice(key).ok().map(|key| Key::A128(Box::new(key))),
            24 => Aes192::new_from_slice(key).ok().map(|key| Key::A192(Box::new(key))),
            32 => Aes256::new_from_slice(key).ok().map(|key| Key::A256(Box::new(key))),
            _ => None,
        }
    }

    fn block(&self, block: &[u8; BLOCK]) -> [u8; BLOCK] {
        let mut block = Block::from(*block);
        match self {
            Key::A128(key) => key.decrypt_block(&mut block),
            Key::A192(key) => key.decrypt_block(&mut block),
            Key::A256(key) => key.decrypt_block(&mut block),
        }
        block.into()
    }

    /// What does not fill a block stays as it is.
    fn electronic_code_book(&self, data: &mut [u8]) {
        for block in data.as_chunks_mut::<BLOCK>().0 {
            *block = self.block(block);
        }
    }

    fn chained(&self, data: &mut [u8], start: &[u8; BLOCK]) {
        let mut before = *start;
        for block in data.as_chunks_mut::<BLOCK>().0 {
            let locked = *block;
            *block = self.block(&locked);
            block.iter_mut().zip(before).for_each(|(byte, before)| *byte ^= before);
            before = locked;
        }
    }
}

/// Cut, or filled with 0x36, as the standard has it.
fn fitted(mut bytes: Vec<u8>, len: usize) -> Vec<u8> {
    bytes.resize(len, 0x36);
    bytes
}

fn start_of(bytes: Vec<u8>) -> [u8; BLOCK] {
    fitted(bytes, BLOCK).try_into().unwrap_or([0; BLOCK])
}

/// 2.3.4.10: what is in the XML.
struct Agile {
    data_salt: Vec<u8>,
    data_hash: Hash,
    salt: Vec<u8>,
    hash: Hash,
    rounds: u32,
    key_len: usize,
    input: Vec<u8>,
    expected: Vec<u8>,
    key: Vec<u8>,
}

impl Agile {
    fn read(xml: &[u8]) -> Option<Agile> {
        let xml = std::str::from_utf8(xml).ok()?;
        let data = element(xml, "keyData")?;
        let lock = element(xml, "encryptedKey")?;
        for part in [data, lock] {
            let known = attribute(part, "cipherAlgorithm")? == "AES"
                && attribute(part, "cipherChaining")? == "ChainingModeCBC"
                && attribute(part, "blockSize")? == "16";
            known.then_some(())?;
        }
        let bytes = |part: &str, name: &str| BASE64_STANDARD.decode(attribute(part, name)?).ok();
        let bits: usize = attribute(lock, "keyBits")?.parse().ok()?;
        Some(Agile {
            data_salt: bytes(data, "saltValue")?,
            data_hash: Hash::named(attribute(data, "hashAlgorithm")?)?,
            salt: bytes(lock, "saltValue")?,
            hash: Hash::named(attribute(lock, "hashAlgorithm")?)?,
            rounds: attribute(lock, "spinCount")?.parse().ok().filter(|n| *n <= MAX_ROUNDS)?,
            key_len: Some(bits / 8).filter(|len| matches!(len, 16 | 24 | 32))?,
            input: bytes(lock, "encryptedVerifierHashInput")?,
            expected: bytes(lock, "encryptedVerifierHashValue")?,
            key: bytes(lock, "encryptedKeyValue")?,
        })
    }

    /// The key of the data, if this is the password.
    fn key(&self, password: &[u8]) -> Option<Key> {
        let mut hash = self.hash.of(&[&self.salt, password]);
        for round in 0..self.rounds {
            hash = self.hash.of(&[&round.to_le_bytes(), &hash]);
        }
        let part = |locked: &[u8], purpose: &[u8]| {
            let key = Key::new(&fitted(self.hash.of(&[&hash, purpose]), self.key_len))?;
            let mut plain = locked.to_vec();
            key.chained(&mut plain, &start_of(self.salt.clone()));
            Some(plain)
        };
        let made = self.hash.of(&[&part(&self.input, FOR_INPUT)?]);
        let expected = part(&self.expected, FOR_HASH)?;
        if expected.get(..made.len()) != Some(made.as_slice()) {
            return None;
        }
        Key::new(part(&self.key, FOR_KEY)?.get(..self.key_len)?)
    }

    fn open(&self, key: &Key, data: &[u8], budget: &Budget) -> Result<Vec<u8>, Skip> {
        let mut plain = data.to_vec();
        for (number, segment) in (0u32..).zip(plain.chunks_mut(SEGMENT)) {
            budget.in_time()?;
            let start = self.data_hash.of(&[&self.data_salt, &number.to_le_bytes()]);
            key.chained(segment, &start_of(start));
        }
        Ok(plain)
    }
}

/// The first element of this name, whatever its prefix: what stands between its angles.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    xml.split('<').skip(1).find_map(|tag| {
        let tag = tag.split('>').next()?;
        let qualified = tag.split_ascii_whitespace().next()?;
        (qualified.rsplit(':').next() == Some(name)).then_some(tag)
    })
}

fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    element.match_indices(name).find_map(|(at, _)| {
        let alone = element.get(..at)?.ends_with(|c: char| c.is_ascii_whitespace());
        let value = element.get(at + name.len()..)?.trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|c| alone && matches!(c, '"' | '\''))?;
        value.get(1..)?.split(quote).next()
    })
}

/// 2.3.3: what tells whether a password is right.
struct Verifier<'a> {
    salt: &'a [u8],
    locked: &'a [u8],
    hash: &'a [u8],
}

impl<'a> Verifier<'a> {
    fn read(bytes: &'a [u8], hash: usize) -> Option<Verifier<'a>> {
        (u32_le(bytes, 0)? == 16).then_some(())?;
        Some(Verifier {
            salt: part(bytes, 4, 16)?,
            locked: part(bytes, 20, 16)?,
            hash: part(bytes, 40, hash)?,
        })
    }
}

/// Header of what CryptoAPI locks: the length of the key in bits, and what follows the header.
fn crypto_api(info: &[u8]) -> Option<(u32, u32, &[u8])> {
    let len = usize::try_from(u32_le(info, 8)?).ok()?;
    let header = part(info, 12, len)?;
    Some((u32_le(header, 8)?, u32_le(header, 16)?, info.get(12usize.checked_add(len)?..)?))
}

/// 2.3.4.5: AES with SHA-1.
struct Standard<'a> {
    key_len: usize,
    verifier: Verifier<'a>,
}

impl<'a> Standard<'a> {
    fn read(info: &'a [u8]) -> Option<Standard<'a>> {
        let (algorithm, _, rest) = crypto_api(info)?;
        let key_len = match algorithm {
            0x660e => 16,
            0x660f => 24,
            0x6610 => 32,
            _ => return None,
        };
        Some(Standard { key_len, verifier: Verifier::read(rest, 32)? })
    }

    fn key(&self, password: &[u8]) -> Option<Key> {
        let sha1 = Hash::Sha1;
        let mut hash = sha1.of(&[self.verifier.salt, password]);
        for round in 0..STANDARD_ROUNDS {
            hash = sha1.of(&[&round.to_le_bytes(), &hash]);
        }
        let hash = sha1.of(&[&hash, &0u32.to_le_bytes()]);
        let half = |fill: u8| {
            let mut block = [fill; 64];
            block.iter_mut().zip(&hash).for_each(|(byte, hash)| *byte ^= hash);
            sha1.of(&[&block])
        };
        let key = Key::new([half(0x36), half(0x5c)].concat().get(..self.key_len)?)?;
        let (mut verifier, mut expected) =
            (self.verifier.locked.to_vec(), self.verifier.hash.to_vec());
        key.electronic_code_book(&mut verifier);
        key.electronic_code_book(&mut expected);
        (expected.get(..20) == Some(sha1.of(&[&verifier]).as_slice())).then_some(key)
    }
}

/// RC4 as documents and workbooks of 97 to 2003 are locked with it: anew for each block of a stream.
pub(super) struct Stream {
    made: Made,
    block: usize,
}

/// What the key of a block is made of.
enum Made {
    /// Of Office 97: 40 bits, MD5.
    Md5([u8; 5]),
    /// Of CryptoAPI: bytes of a key, SHA-1.
    Sha1(Vec<u8>, usize),
}

impl Stream {
    /// With the first password that fits. `info` begins with the version; a stream is locked in blocks
    /// of so many bytes.
    pub(super) fn unlock(
        info: &[u8],
        block: usize,
        format: &'static str,
        budget: &Budget,
    ) -> Result<Stream, Skip> {
        let locked = Skip::Encrypted { format };
        let made = match (u16_le(info, 0), u16_le(info, 2)) {
            (Some(1), Some(1)) => {
                let pieces = part(info, 4, 16).zip(part(info, 20, 16)).zip(part(info, 36, 16));
                let ((salt, verifier), hash) = pieces.ok_or_else(|| locked.clone())?;
                first(budget, |password| {
                    let made = Made::md5(password, salt)?;
                    let plain = made.checked([verifier, hash].concat());
                    let (verifier, hash) = plain.split_at_checked(16)?;
                    (Md5::digest(verifier).as_slice() == hash).then_some(made)
                })?
            }
            (Some(2..=4), Some(2)) => {
                let lock = crypto_api(info).and_then(|(algorithm, bits, rest)| {
                    let bits = if bits == 0 { 40 } else { bits };
                    let known = algorithm == 0x6801 && (40..=128).contains(&bits) && bits % 8 == 0;
                    known.then_some((bits as usize / 8, Verifier::read(rest, 20)?))
                });
                let Some((len, verifier)) = lock else { return Err(unsupported()) };
                first(budget, |password| {
                    let base = Hash::Sha1.of(&[verifier.salt, password]);
                    let made = Made::Sha1(base, len);
                    let plain = made.checked([verifier.locked, verifier.hash].concat());
                    let (verifier, hash) = plain.split_at_checked(16)?;
                    (Hash::Sha1.of(&[verifier]) == hash).then_some(made)
                })?
            }
            _ => return Err(unsupported()),
        };
        Ok(Stream { made: made.ok_or(locked)?, block })
    }

    /// Unlocks a whole stream but for the places that `open` names.
    pub(super) fn decrypt(
        &self,
        stream: &mut [u8],
        open: impl Fn(usize) -> bool,
        budget: &Budget,
    ) -> Result<(), Skip> {
        for (number, block) in stream.chunks_mut(self.block).enumerate() {
            budget.in_time()?;
            let mut cipher = Rc4::new(&self.made.key(number as u32));
            for (at, byte) in block.iter_mut().enumerate() {
                let mask = cipher.next();
                if !open(number.saturating_mul(self.block).saturating_add(at)) {
                    *byte ^= mask;
                }
            }
        }
        Ok(())
    }
}

impl Made {
    fn md5(password: &[u8], salt: &[u8]) -> Option<Made> {
        let password = Md5::digest(password);
        let once = [password.get(..5)?, salt].concat();
        Some(Made::Md5(Md5::digest(once.repeat(16)).get(..5)?.try_into().ok()?))
    }

    fn key(&self, block: u32) -> Vec<u8> {
        match self {
            Made::Md5(base) => {
                Md5::digest([base.as_slice(), &block.to_le_bytes()].concat()).to_vec()
            }
            Made::Sha1(base, len) => {
                let mut key = Hash::Sha1.of(&[base, &block.to_le_bytes()]);
                key.truncate(*len);
                // What is shorter than CryptoAPI's own is filled up.
                if *len == 5 {
                    key.resize(16, 0);
                }
                key
            }
        }
    }

    fn checked(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        let mut cipher = Rc4::new(&self.key(0));
        bytes.iter_mut().for_each(|byte| *byte ^= cipher.next());
        bytes
    }
}

struct Rc4 {
    state: [u8; 256],
    i: u8,
    j: u8,
}

impl Rc4 {
    fn new(key: &[u8]) -> Rc4 {
        let mut rc4 = Rc4 { state: std::array::from_fn(|i| i as u8), i: 0, j: 0 };
        let mut j = 0u8;
        for (i, key) in (0..=255u8).zip(key.iter().cycle()) {
            j = j.wrapping_add(rc4.at(i)).wrapping_add(*key);
            rc4.state.swap(i.into(), j.into());
        }
        rc4
    }

    /// A byte is always within.
    fn at(&self, index: u8) -> u8 {
        self.state.get(usize::from(index)).copied().unwrap_or(0)
    }

    fn next(&mut self) -> u8 {
        self.i = self.i.wrapping_add(1);
        self.j = self.j.wrapping_add(self.at(self.i));
        self.state.swap(self.i.into(), self.j.into());
        self.at(self.at(self.i).wrapping_add(self.at(self.j)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Ole2;
    use super::*;
    use crate::extract::samples::{children, fixture, open, open_with, reasons, texts};
    use crate::extract::zip::Zip;
    use crate::flow::Form;

    #[test]
    fn the_cipher_gives_the_stream_of_rfc_6229() {
        let mut cipher = Rc4::new(&[1, 2, 3, 4, 5]);
        let first: Vec<u8> = (0..8).map(|_| cipher.next()).collect();
        assert_eq!(first, [0xb2, 0x39, 0x63, 0x05, 0xf0, 0x3d, 0xc0, 0x27]);
    }

    #[test]
    fn attributes_are_found_whatever_stands_around_them() {
        let xml = "<a><p:encryptedKey  x='1' saltSize=\"16\" saltValue = \"q=\"/><c/></a>";
        let key = element(xml, "encryptedKey").unwrap();
        assert_eq!(attribute(key, "saltValue"), Some("q="));
        assert_eq!(attribute(key, "saltSize"), Some("16"));
        assert_eq!((attribute(key, "salt"), attribute(key, "y")), (None, None));
        assert_eq!(element(xml, "keyData"), None);
    }

    #[test]
    fn locked_files_open_with_a_password_of_the_list() {
        for (name, number) in [
            ("agile.docx", None),
            ("locked.docx", None),
            ("locked.xlsx", None),
            ("locked.xls", Some((Form::Table(b'\t'), "751211227873"))),
            ("locked.doc", Some((Form::Plain, "900101100004"))),
        ] {
            let bytes = fixture(&format!("locked-office/{name}"));
            let (out, end) = open_with(&Ole2, &bytes, "wrong\nқұпия-1\n");
            assert_eq!((end, reasons(&out).len()), (Ok(()), 0), "{name}");
            match number {
                Some((form, number)) => assert!(texts(&out, form).contains(number), "{name}"),
                None => {
                    let inner = children(&out).into_iter().find(|(name, _)| name == "unlocked");
                    let (members, end) = open(&Zip, inner.unwrap().1);
                    assert_eq!((end, reasons(&members).len()), (Ok(()), 0), "{name}");
                }
            }
            let (out, end) = open_with(&Ole2, &bytes, "wrong\n");
            assert_eq!((end, reasons(&out)), (Ok(()), vec!["encrypted"]), "{name}");
        }
    }

    #[test]
    fn a_workbook_of_which_only_the_structure_is_locked_opens_by_itself() {
        let (out, end) = open(&Ole2, &fixture("locked-office/structure-only.xls"));
        assert_eq!((end, reasons(&out).len()), (Ok(()), 0));
        assert!(texts(&out, Form::Table(b'\t')).contains("751211227873"), "{out:?}");
        let (out, end) = open(&Ole2, &fixture("locked-office/structure-only.xlsx"));
        assert_eq!((end, reasons(&out).len()), (Ok(()), 0));
        assert!(children(&out).iter().any(|(_, bytes)| bytes.starts_with(b"PK\x03\x04")));
    }

    #[test]
    fn cut_or_changed_at_any_place_they_do_not_panic() {
        for name in ["structure-only.xls", "structure-only.xlsx"] {
            let bytes = fixture(&format!("locked-office/{name}"));
            // Deriving a key is slow on purpose.
            for at in (0..bytes.len()).step_by(151) {
                open(&Ole2, &bytes[..at]).1.ok();
                let mut changed = bytes.clone();
                changed[at] ^= 0x11;
                open(&Ole2, &changed).1.ok();
            }
        }
    }
}
