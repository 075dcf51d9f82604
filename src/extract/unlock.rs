//! Locked members of zip: the passwords as the bytes that packers made of them, and the cipher of
//! PKZIP (APPNOTE 6.1), which is decrypted here. AES members go through the crate.

use encoding_rs::{Encoding, IBM866, WINDOWS_1251};

use crate::limits::Passwords;

/// Random bytes before the data; the last one tells a wrong password, in 255 of 256 cases.
const HEADER: usize = 12;

/// Every password in UTF-8, and where it is not ASCII also as DOS and Windows wrote it.
pub(super) fn candidates(passwords: &Passwords) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    for password in passwords.iter() {
        all.push(password.as_bytes().to_vec());
        if !password.is_ascii() {
            all.extend([IBM866, WINDOWS_1251].iter().filter_map(|code| encoded(code, password)));
        }
    }
    all
}

fn encoded(code: &'static Encoding, text: &str) -> Option<Vec<u8>> {
    let (bytes, _, unmappable) = code.encode(text);
    (!unmappable).then(|| bytes.into_owned())
}

/// The data of a member, if the password may be this one. `check` is the high byte of the checksum
/// or, where that stands behind the data, of the time.
pub(super) fn decrypt(packed: &[u8], password: &[u8], check: u8) -> Option<Vec<u8>> {
    let mut keys = Keys::new(password);
    let (header, data) = packed.split_at_checked(HEADER)?;
    let last = header.iter().map(|byte| keys.decrypt(*byte)).last()?;
    if last != check {
        return None;
    }
    Some(data.iter().map(|byte| keys.decrypt(*byte)).collect())
}

struct Keys(u32, u32, u32);

impl Keys {
    fn new(password: &[u8]) -> Keys {
        let mut keys = Keys(0x1234_5678, 0x2345_6789, 0x3456_7890);
        password.iter().for_each(|byte| keys.update(*byte));
        keys
    }

    fn update(&mut self, plain: u8) {
        self.0 = crc(self.0, plain);
        self.1 = self.1.wrapping_add(self.0 & 0xff).wrapping_mul(134_775_813).wrapping_add(1);
        self.2 = crc(self.2, (self.1 >> 24) as u8);
    }

    fn decrypt(&mut self, byte: u8) -> u8 {
        let temp = (self.2 | 2) & 0xffff;
        let plain = byte ^ (temp.wrapping_mul(temp ^ 1) >> 8) as u8;
        self.update(plain);
        plain
    }
}

fn crc(before: u32, byte: u8) -> u32 {
    // The index is a byte.
    before >> 8 ^ CRC.get(((before ^ u32::from(byte)) & 0xff) as usize).copied().unwrap_or(0)
}

static CRC: [u32; 256] = crc_table();

const fn crc_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let (mut value, mut bit) = (i as u32, 0);
        while bit < 8 {
            value = if value & 1 == 1 { value >> 1 ^ 0xedb8_8320 } else { value >> 1 };
            bit += 1;
        }
        table[i] = value;
        i += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_tried_as_dos_and_windows_wrote_it() {
        let passwords = Passwords::from_lines("abc\nПароль\nқұпия\n").unwrap();
        let all = candidates(&passwords);
        assert!(all.contains(&b"\x8f\xa0\xe0\xae\xab\xec".to_vec()), "CP866");
        assert!(all.contains(&b"\xcf\xe0\xf0\xee\xeb\xfc".to_vec()), "Windows-1251");
        // Kazakh letters have no place in either.
        assert_eq!(all.len(), 1 + 3 + 1);
    }
}
