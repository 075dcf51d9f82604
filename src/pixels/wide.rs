//! Loops over pixels, compiled for the widest vectors that the processor has.

use rten_simd::{Isa, SimdOp};

/// Does `work`. What is inlined into it is compiled for several kinds of processors, and the best is
/// taken; a function that must be should say `inline(always)`.
#[inline(always)]
pub fn wide<R>(work: impl FnOnce() -> R) -> R {
    Wide(work).dispatch()
}

struct Wide<F>(F);

impl<R, F: FnOnce() -> R> SimdOp for Wide<F> {
    type Output = R;

    #[inline(always)]
    fn eval<I: Isa>(self, _: I) -> R {
        (self.0)()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_once() {
        let mut sums = vec![0u32; 100];
        let done = wide(|| {
            for (i, sum) in (0..).zip(&mut sums) {
                *sum += 3 * i;
            }
            7
        });
        assert_eq!(done, 7);
        assert!((0..).zip(&sums).all(|(i, &sum)| sum == 3 * i));
    }
}
