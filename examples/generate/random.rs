//! SplitMix64 (Steele, Lea, Flood 2014): small, seedable, the same on every machine.

#[derive(Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// A stream of its own for a name and a number.
    pub fn fork(&self, name: &str, n: u64) -> Random {
        // FNV-1a, so that streams hang on the form's name and not on its place in the file.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
            (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut fork = Random(self.0 ^ hash ^ n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        fork.next();
        fork
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `low..=high`.
    pub fn within(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.within(0, from.len() as u64 - 1) as usize]
    }

    /// `n` decimal digits, the first not 0.
    pub fn digits(&mut self, n: usize) -> String {
        (0..n).map(|i| char::from(b'0' + self.within(u64::from(i == 0), 9) as u8)).collect()
    }

    pub fn hex(&mut self, n: usize) -> String {
        (0..n).map(|_| *self.pick(&b"0123456789abcdef"[..]) as char).collect()
    }
}
