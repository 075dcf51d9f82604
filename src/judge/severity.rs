//! How bad a finding is, from its kind, how many people it is about, and who can read it.
//! The table is told in docs/severity.md; keep both the same.

use crate::flow::Severity;

/// From so many distinct subjects on, one step up each: a list, a register, a data base.
const STEPS: [u64; 3] = [10, 100, 1000];

/// `base` is that of one subject: a copy's is [`COPY`], a number's stands in its pattern row.
pub(super) fn of(base: Severity, subjects: u64, for_the_world: bool) -> Severity {
    let steps = STEPS.iter().filter(|n| subjects >= **n).count() + usize::from(for_the_world);
    let mut severity = base;
    for _ in 0..steps {
        severity = match severity {
            Severity::Low => Severity::Medium,
            Severity::Medium => Severity::High,
            Severity::High | Severity::Critical => Severity::Critical,
        };
    }
    severity
}

/// A copy of a document holds all that is needed to act in a person's name.
pub(super) const COPY: Severity = Severity::High;

/// Of a number whose row is no longer in the patterns.
pub(super) const NUMBER: Severity = Severity::Low;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_exposure_raise_it_by_steps() {
        assert_eq!(of(Severity::Low, 1, false), Severity::Low);
        assert_eq!(of(Severity::Low, 9, true), Severity::Medium);
        assert_eq!(of(Severity::Low, 10, false), Severity::Medium);
        assert_eq!(of(Severity::Low, 100, false), Severity::High);
        assert_eq!(of(Severity::Low, 1000, false), Severity::Critical);
        assert_eq!(of(Severity::Low, u64::MAX, true), Severity::Critical);
        assert_eq!(of(COPY, 1, false), Severity::High);
        assert_eq!(of(COPY, 1, true), Severity::Critical);
    }
}
