//! Byte classes of a window as bitmaps, 64 bytes a word: the only module with `unsafe`.
//!
//! Three maps: ASCII digits; bytes that may join groups of digits (space, hyphen and two more that
//! depend on the encoding, such as its no-break space); the filler `<` of machine readable zones. AVX2 where the processor has it,
//! else the scalar twin; both are held equal by a test. Logs and tables are mostly other bytes,
//! so everything later works on words of 64 bytes that are usually zero.

#![allow(unsafe_code)]

/// Work that gains from instructions that count and find bits. `run` must be `#[inline(always)]`, and
/// so must what it calls in its loops: a closure would be compiled on its own, for any processor.
pub trait BitWork {
    type Out;
    fn run(self) -> Self::Out;
}

/// Runs `work` compiled for processors that count and find bits in one instruction, where this is
/// one: a walk over bitmaps takes two thirds of the time.
pub fn with_bit_instructions<W: BitWork>(work: W) -> W::Out {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
        fn compiled_for<W: BitWork>(work: W) -> W::Out {
            work.run()
        }
        let has_all = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt");
        if has_all {
            // SAFETY: the processor has every feature that the function is compiled for.
            return unsafe { compiled_for(work) };
        }
    }
    work.run()
}

/// The bitmaps; bit `i % 64` of word `i / 64` speaks of byte `i`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Classes {
    pub digits: Vec<u64>,
    pub joins: Vec<u64>,
    pub fillers: Vec<u64>,
}

impl Classes {
    /// Fills the maps for `bytes`; a last partial word is padded with zeros.
    pub fn fill(&mut self, bytes: &[u8], join: [u8; 4]) {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2, asked for in the line above.
            unsafe { self.fill_avx2(bytes, join) };
            return;
        }
        self.resize(0);
        self.fill_scalar(bytes, join);
    }

    fn resize(&mut self, words: usize) {
        self.digits.resize(words, 0);
        self.joins.resize(words, 0);
        self.fillers.resize(words, 0);
    }

    /// Appends to the maps.
    fn fill_scalar(&mut self, bytes: &[u8], join: [u8; 4]) {
        for chunk in bytes.chunks(64) {
            let (mut digits, mut joins, mut fillers) = (0u64, 0u64, 0u64);
            for (i, &b) in chunk.iter().enumerate() {
                digits |= u64::from(b.is_ascii_digit()) << i;
                joins |= u64::from(join.contains(&b)) << i;
                fillers |= u64::from(b == b'<') << i;
            }
            self.digits.push(digits);
            self.joins.push(joins);
            self.fillers.push(fillers);
        }
    }

    /// # Safety
    /// The processor must have AVX2.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    unsafe fn fill_avx2(&mut self, bytes: &[u8], join: [u8; 4]) {
        use std::arch::x86_64::*;
        let zero = _mm256_set1_epi8(b'0' as i8);
        let nine = _mm256_set1_epi8(9);
        let filler = _mm256_set1_epi8(b'<' as i8);
        let j = join.map(|b| _mm256_set1_epi8(b as i8));
        let (blocks, rest) = bytes.as_chunks::<64>();
        // Not cleared first: every word is written below.
        self.resize(blocks.len());
        // No call and no bounds check inside the loop: with either, the masks are built byte by byte.
        let maps = self.digits.iter_mut().zip(&mut self.joins).zip(&mut self.fillers);
        for (block, ((digits, joins), fillers)) in blocks.iter().zip(maps) {
            // SAFETY: `block` has 64 bytes, so 32 may be read at 0 and at 32; the loads are unaligned.
            let (low, high) = unsafe {
                (
                    _mm256_loadu_si256(block.as_ptr().cast()),
                    _mm256_loadu_si256(block.as_ptr().add(32).cast()),
                )
            };
            let mask = |v| {
                let value = _mm256_sub_epi8(v, zero);
                let is_digit = _mm256_cmpeq_epi8(_mm256_min_epu8(value, nine), value);
                let ab = _mm256_or_si256(_mm256_cmpeq_epi8(v, j[0]), _mm256_cmpeq_epi8(v, j[1]));
                let cd = _mm256_or_si256(_mm256_cmpeq_epi8(v, j[2]), _mm256_cmpeq_epi8(v, j[3]));
                let is_join = _mm256_or_si256(ab, cd);
                let is_filler = _mm256_cmpeq_epi8(v, filler);
                (
                    _mm256_movemask_epi8(is_digit) as u32,
                    _mm256_movemask_epi8(is_join) as u32,
                    _mm256_movemask_epi8(is_filler) as u32,
                )
            };
            let (low, high) = (mask(low), mask(high));
            *digits = u64::from(low.0) | (u64::from(high.0) << 32);
            *joins = u64::from(low.1) | (u64::from(high.1) << 32);
            *fillers = u64::from(low.2) | (u64::from(high.2) << 32);
        }
        if !rest.is_empty() {
            self.fill_scalar(rest, join);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_agree_on_every_byte_and_length() {
        let bytes: Vec<u8> =
            (0..1031u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for len in (0..=300).chain([1031]) {
            let (mut fast, mut slow) = (Classes::default(), Classes::default());
            fast.fill(&bytes[..len], *b" -\xc2\xa0");
            slow.fill_scalar(&bytes[..len], *b" -\xc2\xa0");
            assert_eq!(fast, slow, "length {len}");
        }
    }
}
