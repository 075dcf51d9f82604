//! Where each field of each format stands and what its check digits cover
//! (ICAO Doc 9303 parts 4 to 7; the old French identity card by its own decree).

use super::Format;

/// What may stand in a field. Lengths and places are in [`Field`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// First letter of the document code, from this set.
    Code(&'static str),
    /// Second character of the document code.
    Subcode,
    /// These characters and no others.
    Literal(&'static str),
    State,
    Name,
    /// Document number: letters, digits, filler at the end.
    Number,
    /// A digit, or filler where the field it covers is empty.
    Check,
    /// YYMMDD; an unknown part is filler.
    Date,
    Sex,
    /// Free letters, digits, filler.
    Optional,
}

/// `len` characters of line `line` from column `at`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub line: usize,
    pub at: usize,
    pub len: usize,
    pub holds: Holds,
}

const fn f(line: usize, at: usize, len: usize, holds: Holds) -> Field {
    Field { line, at, len, holds }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Covers {
    Number,
    Birth,
    Expiry,
    Personal,
    Composite,
}

/// One check digit: over these (line, from, to) spans joined, at this (line, column).
#[derive(Debug, Clone, Copy)]
pub(super) struct Check {
    pub covers: Covers,
    pub over: &'static [(usize, usize, usize)],
    pub digit: (usize, usize),
    /// The digit may be filler where all that it covers is filler (part 4, 4.2.2.2).
    pub may_be_filler: bool,
}

const fn c(covers: Covers, over: &'static [(usize, usize, usize)], digit: (usize, usize)) -> Check {
    Check { covers, over, digit, may_be_filler: matches!(covers, Covers::Personal) }
}

#[derive(Debug)]
pub(super) struct Layout {
    pub format: Format,
    pub lines: usize,
    pub width: usize,
    /// In reading order, without gaps.
    pub fields: &'static [Field],
    /// In the order of their digits; the composite, where there is one, last.
    pub checks: &'static [Check],
    /// Line, column of number, nationality, birth date, expiry date, sex.
    pub number: (usize, usize, usize),
    pub nationality: Option<(usize, usize)>,
    pub birth: (usize, usize),
    /// Line, from, to of the optional data into which a long document number runs on.
    pub overflow: Option<(usize, usize, usize)>,
}

use Covers::*;
use Holds::{Code, Date, Literal, Name, Optional, Sex, State, Subcode};

const TD1: Layout = Layout {
    format: Format::Td1,
    lines: 3,
    width: 30,
    fields: &[
        f(0, 0, 1, Code("ACIP")),
        f(0, 1, 1, Subcode),
        f(0, 2, 3, State),
        f(0, 5, 9, Holds::Number),
        f(0, 14, 1, Holds::Check),
        f(0, 15, 15, Optional),
        f(1, 0, 6, Date),
        f(1, 6, 1, Holds::Check),
        f(1, 7, 1, Sex),
        f(1, 8, 6, Date),
        f(1, 14, 1, Holds::Check),
        f(1, 15, 3, State),
        f(1, 18, 11, Optional),
        f(1, 29, 1, Holds::Check),
        f(2, 0, 30, Name),
    ],
    checks: &[
        c(Number, &[(0, 5, 14)], (0, 14)),
        c(Birth, &[(1, 0, 6)], (1, 6)),
        c(Expiry, &[(1, 8, 14)], (1, 14)),
        c(Composite, &[(0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 29)], (1, 29)),
    ],
    number: (0, 5, 14),
    nationality: Some((1, 15)),
    birth: (1, 0),
    overflow: Some((0, 15, 30)),
};

const TD2: Layout = Layout {
    format: Format::Td2,
    lines: 2,
    width: 36,
    fields: &[
        f(0, 0, 1, Code("ACIPT")),
        f(0, 1, 1, Subcode),
        f(0, 2, 3, State),
        f(0, 5, 31, Name),
        f(1, 0, 9, Holds::Number),
        f(1, 9, 1, Holds::Check),
        f(1, 10, 3, State),
        f(1, 13, 6, Date),
        f(1, 19, 1, Holds::Check),
        f(1, 20, 1, Sex),
        f(1, 21, 6, Date),
        f(1, 27, 1, Holds::Check),
        f(1, 28, 7, Optional),
        f(1, 35, 1, Holds::Check),
    ],
    checks: &[
        c(Number, &[(1, 0, 9)], (1, 9)),
        c(Birth, &[(1, 13, 19)], (1, 19)),
        c(Expiry, &[(1, 21, 27)], (1, 27)),
        c(Composite, &[(1, 0, 10), (1, 13, 20), (1, 21, 35)], (1, 35)),
    ],
    number: (1, 0, 9),
    nationality: Some((1, 10)),
    birth: (1, 13),
    overflow: Some((1, 28, 35)),
};

const TD3: Layout = Layout {
    format: Format::Td3,
    lines: 2,
    width: 44,
    fields: &[
        f(0, 0, 1, Code("PT")),
        f(0, 1, 1, Subcode),
        f(0, 2, 3, State),
        f(0, 5, 39, Name),
        f(1, 0, 9, Holds::Number),
        f(1, 9, 1, Holds::Check),
        f(1, 10, 3, State),
        f(1, 13, 6, Date),
        f(1, 19, 1, Holds::Check),
        f(1, 20, 1, Sex),
        f(1, 21, 6, Date),
        f(1, 27, 1, Holds::Check),
        f(1, 28, 14, Optional),
        f(1, 42, 1, Holds::Check),
        f(1, 43, 1, Holds::Check),
    ],
    checks: &[
        c(Number, &[(1, 0, 9)], (1, 9)),
        c(Birth, &[(1, 13, 19)], (1, 19)),
        c(Expiry, &[(1, 21, 27)], (1, 27)),
        c(Personal, &[(1, 28, 42)], (1, 42)),
        c(Composite, &[(1, 0, 10), (1, 13, 20), (1, 21, 43)], (1, 43)),
    ],
    number: (1, 0, 9),
    nationality: Some((1, 10)),
    birth: (1, 13),
    overflow: None,
};

const MRVA: Layout = Layout {
    format: Format::MrvA,
    lines: 2,
    width: 44,
    fields: &[
        f(0, 0, 1, Code("V")),
        f(0, 1, 1, Subcode),
        f(0, 2, 3, State),
        f(0, 5, 39, Name),
        f(1, 0, 9, Holds::Number),
        f(1, 9, 1, Holds::Check),
        f(1, 10, 3, State),
        f(1, 13, 6, Date),
        f(1, 19, 1, Holds::Check),
        f(1, 20, 1, Sex),
        f(1, 21, 6, Date),
        f(1, 27, 1, Holds::Check),
        f(1, 28, 16, Optional),
    ],
    checks: &[
        c(Number, &[(1, 0, 9)], (1, 9)),
        c(Birth, &[(1, 13, 19)], (1, 19)),
        c(Expiry, &[(1, 21, 27)], (1, 27)),
    ],
    number: (1, 0, 9),
    nationality: Some((1, 10)),
    birth: (1, 13),
    overflow: None,
};

const MRVB: Layout = Layout {
    format: Format::MrvB,
    lines: 2,
    width: 36,
    fields: &[
        f(0, 0, 1, Code("V")),
        f(0, 1, 1, Subcode),
        f(0, 2, 3, State),
        f(0, 5, 31, Name),
        f(1, 0, 9, Holds::Number),
        f(1, 9, 1, Holds::Check),
        f(1, 10, 3, State),
        f(1, 13, 6, Date),
        f(1, 19, 1, Holds::Check),
        f(1, 20, 1, Sex),
        f(1, 21, 6, Date),
        f(1, 27, 1, Holds::Check),
        f(1, 28, 8, Optional),
    ],
    checks: MRVA.checks,
    number: (1, 0, 9),
    nationality: Some((1, 10)),
    birth: (1, 13),
    overflow: None,
};

/// The French identity card of 1988 to 2021: no expiry date, no nationality; the number is
/// year, month, department and a serial.
const FR_ID: Layout = Layout {
    format: Format::FrId,
    lines: 2,
    width: 36,
    fields: &[
        f(0, 0, 5, Literal("IDFRA")),
        f(0, 5, 25, Name),
        f(0, 30, 6, Optional),
        f(1, 0, 12, Holds::Number),
        f(1, 12, 1, Holds::Check),
        f(1, 13, 14, Name),
        f(1, 27, 6, Date),
        f(1, 33, 1, Holds::Check),
        f(1, 34, 1, Sex),
        f(1, 35, 1, Holds::Check),
    ],
    checks: &[
        c(Number, &[(1, 0, 12)], (1, 12)),
        c(Birth, &[(1, 27, 33)], (1, 33)),
        c(Composite, &[(0, 0, 36), (1, 0, 35)], (1, 35)),
    ],
    number: (1, 0, 12),
    nationality: None,
    birth: (1, 27),
    overflow: None,
};

/// Every format. The French card stands before TD2, whose size it has.
pub(super) const ALL: &[&Layout] = &[&TD1, &TD3, &FR_ID, &TD2, &MRVA, &MRVB];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_fill_each_line_without_gap_or_overlap() {
        for layout in ALL {
            let mut end = (0, 0);
            for field in layout.fields {
                if end.1 == layout.width {
                    end = (end.0 + 1, 0);
                }
                assert_eq!((field.line, field.at), end, "{:?}", layout.format);
                end.1 += field.len;
            }
            assert_eq!(end, (layout.lines - 1, layout.width), "{:?}", layout.format);
        }
    }

    #[test]
    fn every_check_digit_stands_in_a_check_field_after_what_it_covers() {
        for layout in ALL {
            for check in layout.checks {
                let (line, at) = check.digit;
                let field = layout.fields.iter().find(|f| (f.line, f.at) == (line, at));
                assert_eq!(field.map(|f| f.holds), Some(Holds::Check), "{:?}", layout.format);
                assert!(check.over.iter().all(|&(l, _, to)| (l, to) <= (line, at)));
            }
        }
    }
}
