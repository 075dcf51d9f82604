//! Portable anymaps (PBM, PGM, PPM, PAM): what scanning programs pass around. One picture.

use super::Extractor;
use super::luma::{self, Samples};
use crate::error::Skip;
use crate::flow::{Content, Locator, Picture, PictureFacts};
use crate::limits::Budget;

pub struct Pnm;

impl Extractor for Pnm {
    fn name(&self) -> &'static str {
        "pnm"
    }

    fn media_type(&self) -> &'static str {
        "image/x-portable-anymap"
    }

    /// Two letters begin many a text: the whole header has to be there, and in the binary kinds
    /// samples where a text would go on.
    fn sniff(&self, head: &[u8]) -> bool {
        let Some(header) = Header::read(head) else { return false };
        let rest = head.get(header.samples..).unwrap_or_default();
        let sample = rest.get(..rest.len().min(64)).unwrap_or_default();
        if header.plain {
            // Nothing but numbers follows.
            sample.iter().all(|b| b.is_ascii_digit() || b.is_ascii_whitespace())
        } else {
            header.size().is_some_and(|size| size >= 64)
        }
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        let header = Header::read(bytes).ok_or_else(|| Skip::damaged("pnm", "no header"))?;
        let count = header.channels as u64;
        let pixels = luma::reserve(header.width, header.height, count, "pnm", budget)?;
        let wanted = pixels.saturating_mul(header.channels);
        let rest = bytes.get(header.samples..).unwrap_or_default();
        let mut samples = header.decode(rest, wanted, budget)?;
        let cut = samples.len() < wanted;
        // Rows that are missing stay paper.
        samples.resize(wanted, 255);
        let kind = match header.channels {
            1 => Samples::Grey,
            2 => Samples::GreyAlpha,
            3 => Samples::Rgb,
            _ => Samples::Rgba,
        };
        let facts = PictureFacts {
            format: "pnm",
            bilevel: header.most == 1 && header.channels == 1,
            channels: kind.channels(),
            saturation: luma::saturation(kind, &samples),
            ..PictureFacts::default()
        };
        let luma = luma::plane(kind, samples);
        let picture = Picture { width: header.width, height: header.height, luma, facts };
        out.push(Content::Picture { at: at.clone(), picture });
        if cut { Err(Skip::damaged("pnm", "picture ends early")) } else { Ok(()) }
    }
}

struct Header {
    width: u32,
    height: u32,
    channels: usize,
    /// The brightest value.
    most: u32,
    /// Samples are written as numbers.
    plain: bool,
    /// A bit a pixel, 1 is black.
    bits: bool,
    /// Where the samples begin.
    samples: usize,
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Header> {
        let kind = *bytes.get(1)?;
        if bytes.first() != Some(&b'P') || !bytes.get(2)?.is_ascii_whitespace() {
            return None;
        }
        match kind {
            b'1'..=b'6' => {
                // A text "P1 12 ..." is no picture: programs end the line there.
                if !matches!(bytes.get(2), Some(b'\n' | b'\r')) {
                    return None;
                }
                let mut words = Words { bytes, at: 2 };
                let (width, height) = (words.number()?, words.number()?);
                let bits = matches!(kind, b'1' | b'4');
                let most = if bits { 1 } else { words.number()? };
                Header {
                    width,
                    height,
                    channels: if matches!(kind, b'3' | b'6') { 3 } else { 1 },
                    most,
                    plain: kind <= b'3',
                    bits,
                    samples: words.at + 1,
                }
                .sound()
            }
            b'7' => Header::read_pam(bytes),
            _ => None,
        }
    }

    fn read_pam(bytes: &[u8]) -> Option<Header> {
        let end = memchr::memmem::find(bytes.get(..bytes.len().min(4096))?, b"\nENDHDR\n")?;
        let text = std::str::from_utf8(bytes.get(..end)?).ok()?;
        let number = |name: &str| -> Option<u32> {
            let line = text.lines().find(|line| line.split(' ').next() == Some(name))?;
            line.get(name.len()..)?.trim().parse().ok()
        };
        Header {
            width: number("WIDTH")?,
            height: number("HEIGHT")?,
            channels: number("DEPTH")? as usize,
            most: number("MAXVAL")?,
            plain: false,
            bits: false,
            samples: end + 8,
        }
        .sound()
    }

    fn sound(self) -> Option<Header> {
        let sound = (1..=1 << 20).contains(&self.width)
            && (1..=1 << 20).contains(&self.height)
            && (1..=4).contains(&self.channels)
            && (1..=65_535).contains(&self.most);
        sound.then_some(self)
    }

    /// Bytes of the samples of a binary kind.
    fn size(&self) -> Option<u64> {
        let row = if self.bits {
            u64::from(self.width.div_ceil(8))
        } else {
            u64::from(self.width) * self.channels as u64 * if self.most > 255 { 2 } else { 1 }
        };
        row.checked_mul(self.height.into())
    }

    /// At most `wanted` samples of 8 bits.
    fn decode(&self, bytes: &[u8], wanted: usize, budget: &Budget) -> Result<Vec<u8>, Skip> {
        let scaled = |v: u32| (v.min(self.most) * 255 / self.most) as u8;
        if self.plain {
            return self.numbers(bytes, wanted, budget);
        }
        if self.bits {
            let row_bytes = self.width.div_ceil(8) as usize;
            let width = self.width as usize;
            let rows = bytes.chunks_exact(row_bytes).take(self.height as usize);
            return Ok(rows
                .flat_map(|row| {
                    let bit = |i: usize| row.get(i / 8).map_or(0, |b| b >> (7 - i % 8) & 1);
                    (0..width).map(move |i| if bit(i) == 1 { 0 } else { 255 })
                })
                .collect());
        }
        Ok(if self.most > 255 {
            let each = bytes.chunks_exact(2).take(wanted);
            each.map(|pair| scaled(pair.iter().fold(0, |v, b| v << 8 | u32::from(*b)))).collect()
        } else if self.most == 255 {
            bytes.get(..wanted.min(bytes.len())).unwrap_or_default().to_vec()
        } else {
            bytes.iter().take(wanted).map(|v| scaled((*v).into())).collect()
        })
    }

    fn numbers(&self, bytes: &[u8], wanted: usize, budget: &Budget) -> Result<Vec<u8>, Skip> {
        let mut words = Words { bytes, at: 0 };
        let mut samples = Vec::new();
        while samples.len() < wanted {
            if samples.len().is_multiple_of(1 << 20) {
                budget.in_time()?;
            }
            // Bits may stand without anything between them.
            let value = if self.bits { words.digit() } else { words.number() };
            let Some(value) = value else { break };
            samples.push(match self.bits {
                true if value == 0 => 255,
                true => 0,
                false => (value.min(self.most) * 255 / self.most) as u8,
            });
        }
        Ok(samples)
    }
}

/// Numbers between white space and comments.
struct Words<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Words<'_> {
    fn pass_space(&mut self) {
        while let Some(&byte) = self.bytes.get(self.at) {
            if byte == b'#' {
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            } else if byte.is_ascii_whitespace() {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    fn number(&mut self) -> Option<u32> {
        self.pass_space();
        let rest = self.bytes.get(self.at..)?;
        let len = rest.iter().take(10).take_while(|b| b.is_ascii_digit()).count();
        self.at += len;
        std::str::from_utf8(rest.get(..len)?).ok()?.parse().ok()
    }

    fn digit(&mut self) -> Option<u32> {
        self.pass_space();
        let digit = char::from(*self.bytes.get(self.at)?).to_digit(2)?;
        self.at += 1;
        Some(digit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{format_of, open};

    fn luma(bytes: &[u8]) -> Vec<u8> {
        assert_eq!(format_of(bytes), Some("pnm"));
        match open(&Pnm, bytes).0.pop() {
            Some(Content::Picture { picture, .. }) => picture.luma,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn numbers_and_bits_are_read() {
        assert_eq!(luma(b"P1\n# a\n3 2\n0 1 0 110\n"), [255, 0, 255, 0, 0, 255]);
        assert_eq!(luma(b"P2\n2 1\n15\n0 15\n"), [0, 255]);
        let grey = [b"P5\n8 8\n255\n".as_slice(), &[7; 64]].concat();
        assert_eq!(luma(&grey), [7; 64]);
        let deep = [
            b"P7\nWIDTH 8\nHEIGHT 8\nDEPTH 1\nMAXVAL 65535\nTUPLTYPE GRAYSCALE\nENDHDR\n"
                .as_slice(),
            &[7; 128],
        ]
        .concat();
        assert_eq!(luma(&deep), [7; 64]);
    }

    #[test]
    fn texts_are_no_pictures() {
        for text in ["P1 10 20 30", "P5\nfirst", "P2\n10 20 30 forty", "P6\n1 2 3 4 5 6\n"] {
            assert_eq!(format_of(text.as_bytes()), None, "{text}");
        }
    }
}
