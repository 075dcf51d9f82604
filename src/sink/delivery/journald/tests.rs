use std::collections::BTreeMap;
use std::io::IoSliceMut;
use std::io::Read;
use std::io::Seek;

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};

use super::*;

const LINE: &str = r#"{"schema":"iinspect.finding/1","id":"01f3","event":"opened","kind":"id_document_copy","document":{"type":"id_card"},"confidence":0.981,"severity":"high","subjects":[{"iin":"********0019"}],"location":{"path":"/srv/a\nPRIORITY=0\n\u001b[31mb.pdf"}}"#;

/// What the journal would see: the datagram, or the file that came with it.
fn receive(journal: &UnixDatagram) -> (Vec<u8>, bool) {
    let mut bytes = vec![0; 1 << 20];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let got = recvmsg(
        journal,
        &mut [IoSliceMut::new(&mut bytes)],
        &mut control,
        RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC,
    )
    .unwrap();
    bytes.truncate(got.bytes);
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(files) = message {
            assert!(bytes.is_empty());
            let mut file = File::from(files.into_iter().next().unwrap());
            let seals = rustix::fs::fcntl_get_seals(&file).unwrap();
            let all = SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE;
            assert!(seals.contains(all));
            file.rewind().unwrap();
            file.read_to_end(&mut bytes).unwrap();
            return (bytes, true);
        }
    }
    (bytes, false)
}

/// The protocol as systemd.io/JOURNAL_NATIVE_PROTOCOL tells it, both forms of a field.
fn fields(mut rest: &[u8]) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    while !rest.is_empty() {
        let end = rest.iter().position(|b| *b == b'\n').unwrap();
        let (line, after) = (std::str::from_utf8(&rest[..end]).unwrap(), &rest[end + 1..]);
        let (name, value) = match line.split_once('=') {
            Some((name, value)) => {
                rest = after;
                (name, value.to_string())
            }
            None => {
                let length = u64::from_le_bytes(after[..8].try_into().unwrap()) as usize;
                let value = String::from_utf8(after[8..8 + length].to_vec()).unwrap();
                assert_eq!(after[8 + length], b'\n');
                rest = &after[8 + length + 1..];
                (line, value)
            }
        };
        assert!(name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit()));
        assert!(out.insert(name.to_string(), value).is_none(), "{name} twice");
    }
    out
}

fn journal() -> (tempfile::TempDir, UnixDatagram, Journald) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("socket");
    let journal = UnixDatagram::bind(&path).unwrap();
    let sink = Journald::new("journal", &path);
    (dir, journal, sink)
}

#[test]
fn an_entry_has_a_summary_its_fields_and_the_record() {
    let (_dir, journal, mut sink) = journal();
    assert_eq!(sink.deliver(&[Parcel { seq: 7, line: LINE }]), Ok(1));
    let (bytes, as_file) = receive(&journal);
    assert!(!as_file);
    let fields = fields(&bytes);
    assert_eq!(fields["PRIORITY"], "3");
    assert_eq!(fields["SYSLOG_IDENTIFIER"], "iinspect");
    assert_eq!(fields["IINSPECT_RECORD"], LINE);
    assert_eq!(fields["IINSPECT_SEQ"], "7");
    assert_eq!(fields["IINSPECT_KIND"], "id_document_copy");
    assert_eq!(fields["IINSPECT_PATH"], "/srv/a\nPRIORITY=0\n\u{1b}[31mb.pdf");
    assert_eq!(
        fields["MESSAGE"],
        "opened, id_document_copy, id_card, high, confidence 0.98: /srv/a\\u{a}PRIORITY=0\\u{a}\\u{1b}[31mb.pdf"
    );
    for id in [FINDING, SKIP, OTHER] {
        assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    }
}

#[test]
fn severities_skips_and_unknown_records_have_their_priority() {
    for (line, priority, message) in [
        (
            r#"{"schema":"iinspect.finding/1","event":"opened","severity":"critical"}"#,
            "2",
            "opened, critical",
        ),
        (
            r#"{"schema":"iinspect.finding/1","event":"opened","severity":"medium"}"#,
            "4",
            "opened, medium",
        ),
        (
            r#"{"schema":"iinspect.finding/1","event":"opened","severity":"low"}"#,
            "5",
            "opened, low",
        ),
        (
            r#"{"schema":"iinspect.finding/1","event":"resolved","severity":"high"}"#,
            "6",
            "resolved, high",
        ),
        (
            r#"{"schema":"iinspect.skip/1","reason":"encrypted","location":{"path":"/a.zip"}}"#,
            "5",
            "not read in full: encrypted: /a.zip",
        ),
        (r#"{"schema":"iinspect.health/1"}"#, "6", "iinspect.health/1"),
        ("no json", "6", "record"),
    ] {
        let fields = fields(&entry(&Parcel { seq: 1, line }));
        assert_eq!((fields["PRIORITY"].as_str(), fields["MESSAGE"].as_str()), (priority, message));
        assert_eq!(fields["IINSPECT_RECORD"], line);
    }
}

#[test]
fn what_no_datagram_holds_goes_as_a_sealed_file() {
    let (_dir, journal, mut sink) = journal();
    let line = format!("{{\"schema\":\"iinspect.finding/1\",\"x\":\"{}\"}}", "y".repeat(3 << 20));
    assert_eq!(sink.deliver(&[Parcel { seq: 1, line: &line }]), Ok(1));
    let (bytes, as_file) = receive(&journal);
    assert!(as_file);
    assert_eq!(fields(&bytes)["IINSPECT_RECORD"], line);
}

#[test]
fn a_journal_that_is_gone_or_stuck_is_a_reason_to_wait_and_a_new_one_is_found() {
    let (dir, journal, mut sink) = journal();
    let parcel = Parcel { seq: 1, line: "{}" };
    assert_eq!(sink.deliver(&[parcel]), Ok(1));
    drop(journal);
    assert!(matches!(sink.deliver(&[parcel]), Err(Refusal::Later(_, None))));
    let path = dir.path().join("socket");
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(sink.deliver(&[parcel]), Err(Refusal::Later(_, None))));
    let journal = UnixDatagram::bind(&path).unwrap();
    assert_eq!(sink.deliver(&[parcel]), Ok(1));
    assert_eq!(fields(&receive(&journal).0)["IINSPECT_RECORD"], "{}");
    // It reads no more: what fitted is acknowledged, the rest is refused after a while.
    let many = vec![parcel; 2000];
    let taken = sink.deliver(&many).unwrap();
    assert!(taken > 0 && taken < many.len(), "{taken}");
    let refused = sink.deliver(&many);
    assert!(matches!(refused, Err(Refusal::Later(why, None)) if why.contains("takes nothing")));
}
