//! Compound files as other programs wrote them.

use super::container::tests::written;
use super::*;
use crate::extract::samples;

#[test]
fn a_file_of_an_unknown_program_is_told() {
    let bytes =
        written(&[("stream", b"IIN 900101100004"), ("Pool/photo", b"\xff\xd8\xff\xe0 ...")]);
    assert_eq!(samples::format_of(&bytes), Some("ole2"));
    let (out, end) = samples::open(&Ole2, &bytes);
    assert!(matches!(end, Err(Skip::Unsupported { .. })));
    let inside = |c: &Content| matches!(c, Content::Bytes { at, .. } if at.name() == "photo");
    assert!(out.iter().any(inside), "{out:?}");
}

#[test]
fn a_locked_office_file_is_told() {
    let bytes = written(&[("EncryptedPackage", &[0; 100]), ("EncryptionInfo", &[4, 0, 4, 0])]);
    let (out, end) = samples::open(&Ole2, &bytes);
    assert_eq!(end, Ok(()));
    let [Content::Skipped { skip, .. }] = out.as_slice() else { panic!("{out:?}") };
    assert_eq!(*skip, Skip::Encrypted { format: "office" });
}
