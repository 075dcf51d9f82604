//! What the numbers of one column or key say together.
//!
//! Of random twelve-digit numbers 9.9 % pass the control digit, of IINs all but typing errors. So
//! the share that passes tells a column of IINs from one of order numbers, with no label at all.
//! Three explanations compete: IINs; any numbers; numbers that begin with a date (stamps, dated
//! order numbers), for which a plausible date proves nothing.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use crate::ident::iin::Shape;

/// Distinct numbers after which a population is known well enough.
const ENOUGH: usize = 2048;
/// Distinct numbers of which under a third pass: chance gives a tenth, IINs nearly all.
const SURELY: u64 = 32;
/// Bound of what a population may say, so that no other sign is drowned: e^8 = 3000 to 1.
const CAP: f64 = 8.0;

/// How one number fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Fails,
    PassesDated,
    PassesOther,
    /// A BIN passes the same control digit and says nothing: sole traders stand in lists of BINs
    /// with their IIN.
    PassesBin,
}

impl Class {
    pub fn of(passes: bool, shape: Shape) -> Class {
        match (passes, shape) {
            (false, _) => Class::Fails,
            (true, Shape::Dated | Shape::DatedForeigner) => Class::PassesDated,
            (true, Shape::Bin) => Class::PassesBin,
            (true, Shape::Other) => Class::PassesOther,
        }
    }
}

/// A hash for keys that are numbers already: nobody gains from making them collide, for a
/// population stops growing early.
#[derive(Default)]
pub struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&b| self.write_u64(u64::from(b)));
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = (self.0.rotate_left(5) ^ n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 ^= self.0 >> 29;
    }

    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
}

/// A map under such keys.
pub type MixMap<K, V> = HashMap<K, V, BuildHasherDefault<Mix>>;

/// Counts of distinct numbers.
#[derive(Debug, Default, Clone)]
pub struct Population {
    seen: HashSet<u64, BuildHasherDefault<Mix>>,
    full: bool,
    fails: u64,
    dated: u64,
    other: u64,
}

impl Population {
    /// Counts `value` once.
    pub fn add(&mut self, value: u64, class: Class) {
        if self.full || !self.seen.insert(value) {
            return;
        }
        self.full = self.seen.len() >= ENOUGH;
        match class {
            Class::Fails => self.fails += 1,
            Class::PassesDated => self.dated += 1,
            Class::PassesOther => self.other += 1,
            Class::PassesBin => {}
        }
    }

    pub fn merge(&mut self, of: &Population) {
        self.fails += of.fails;
        self.dated += of.dated;
        self.other += of.other;
    }

    /// Distinct numbers that tell anything.
    pub fn size(&self) -> u64 {
        self.fails + self.dated + self.other
    }

    pub fn passes(&self) -> u64 {
        self.dated + self.other
    }

    /// Whether these are plainly no IINs, so that only a label could save one of them.
    pub fn is_random(&self) -> bool {
        self.size() >= SURELY && self.passes() * 3 < self.size()
    }

    /// Log-odds that the *other* numbers give to one that passes with `class`.
    pub fn weight_for(&self, class: Class) -> f32 {
        let less = |n: u64, is: bool| n.saturating_sub(u64::from(is)) as f64;
        let fails = self.fails as f64;
        let dated = less(self.dated, class == Class::PassesDated);
        let other = less(self.other, class == Class::PassesOther);
        // Probabilities of (fails, dated, other); 3 % of IINs in tables are mistyped, and some
        // issued since 2013 need not show a date. Shares of random numbers: DOMAIN of the number,
        // measured on two million.
        let log = |f: f64, d: f64, o: f64| fails * f.ln() + dated * d.ln() + other * o.ln();
        let iin = log(0.03, 0.93, 0.04);
        let any = log(0.902, 0.0036, 0.0944) + 0.7f64.ln();
        let stamped = log(0.901, 0.079, 0.02) + 0.3f64.ln();
        let rival = any.max(stamped) + (1.0 + (-(any - stamped).abs()).exp()).ln();
        let weight = (iin - rival).clamp(-CAP, CAP) as f32;
        // Among IINs a number shaped like a BIN is a BIN all the same.
        if class == Class::PassesBin { weight.min(0.0) } else { weight }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn population(fails: u64, dated: u64, other: u64) -> Population {
        Population { seen: HashSet::default(), full: false, fails, dated, other }
    }

    #[test]
    fn a_lone_number_gets_nothing_from_its_population() {
        assert!(population(0, 1, 0).weight_for(Class::PassesDated).abs() < 1e-6);
    }

    #[test]
    fn iins_lift_and_others_sink() {
        assert!(population(0, 3, 0).weight_for(Class::PassesDated) > 2.0);
        assert!(population(2, 98, 0).weight_for(Class::PassesDated) >= 8.0);
        assert!(population(90, 1, 9).weight_for(Class::PassesDated) <= -8.0);
        assert!(population(90, 10, 0).weight_for(Class::PassesDated) <= -8.0, "stamps");
        assert!(population(5, 1, 0).weight_for(Class::PassesDated) < -4.0);
    }

    #[test]
    fn repeats_count_once() {
        let mut p = Population::default();
        for _ in 0..1000 {
            p.add(900_101_100_004, Class::PassesDated);
        }
        assert_eq!((p.size(), p.passes()), (1, 1));
    }
}
