//! Records -> the journal of systemd, by its native protocol.
//!
//! ```text
//! MESSAGE=opened: id_document_copy, high, confidence 0.98: /srv/share/hr/scan.zip
//! PRIORITY=3    SYSLOG_IDENTIFIER=iinspect    MESSAGE_ID=…
//! IINSPECT_SCHEMA, IINSPECT_ID, IINSPECT_EVENT, IINSPECT_KIND, IINSPECT_SEVERITY, IINSPECT_REASON, IINSPECT_PATH, IINSPECT_SEQ
//! IINSPECT_RECORD={"schema":"iinspect.finding/1",…}
//! ```
//! Every value goes in the form that tells its length (`NAME\n`, 64 bits little endian, the bytes, `\n`), so that a
//! file name cannot add a field. What is too large for a datagram goes as a sealed file in memory. Acknowledged is what the socket
//! took: the journal itself may drop by its rate limit (`LogRateLimitIntervalSec=0` in the unit) and writes to the disk when it likes.

use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use serde_json::Value;

use super::{Acknowledging, Parcel, Refusal};
use crate::text::visible::visible;

/// A journal that reads nothing for so long is a reason to wait elsewhere than in a system call.
const SEND_TIME: Duration = Duration::from_secs(2);

/// Characters of a path that the summary shows; the field has all of it.
const SHOWN_PATH: usize = 300;

/// What kind of record it is, for `journalctl MESSAGE_ID=`.
const FINDING: &str = "8c4ed1f8b0f94f0e9f27cfe2d6a7b3e1";
const SKIP: &str = "5d2b8a6d7e3c4b8f8a90c1f0a2d4e617";
const OTHER: &str = "f1c6e0b79a2d4d35b1c8e4907b6a5d42";

/// The journal of this machine.
pub struct Journald {
    name: String,
    path: PathBuf,
    socket: Option<UnixDatagram>,
}

impl Journald {
    /// Where systemd listens.
    pub const SOCKET: &'static str = "/run/systemd/journal/socket";

    /// `path` is [`Journald::SOCKET`] but in tests. Connects when there is something to say.
    pub fn new(name: &str, path: &Path) -> Journald {
        Journald { name: name.into(), path: path.into(), socket: None }
    }

    fn send(&mut self, entry: &[u8]) -> io::Result<()> {
        let socket = match self.socket.take() {
            Some(socket) => socket,
            None => {
                let socket = UnixDatagram::unbound()?;
                socket.connect(&self.path)?;
                socket.set_write_timeout(Some(SEND_TIME))?;
                socket
            }
        };
        let sent = match send_message(&socket, &[IoSlice::new(entry)], None) {
            Err(e) if e == rustix::io::Errno::MSGSIZE || e == rustix::io::Errno::NOBUFS => {
                send_file(&socket, entry)
            }
            sent => sent.map_err(io::Error::from),
        };
        // A socket that failed is not asked again: the journal may have been started anew.
        sent.map(|()| self.socket = Some(socket))
    }
}

impl Acknowledging for Journald {
    fn name(&self) -> &str {
        &self.name
    }

    fn deliver(&mut self, batch: &[Parcel<'_>]) -> Result<usize, Refusal> {
        for (sent, parcel) in batch.iter().enumerate() {
            match self.send(&entry(parcel)) {
                Ok(()) => {}
                Err(_) if sent > 0 => return Ok(sent), // told when this one comes again
                Err(e) => {
                    let said = match e.kind() {
                        io::ErrorKind::WouldBlock => "the journal takes nothing".to_string(),
                        _ => format!("cannot send to {}: {e}", self.path.display()),
                    };
                    return Err(Refusal::Later(said, None));
                }
            }
        }
        Ok(batch.len())
    }

    fn reopen(&mut self) {
        self.socket = None;
    }
}

fn send_message(
    socket: &UnixDatagram,
    slices: &[IoSlice<'_>],
    file: Option<&File>,
) -> rustix::io::Result<()> {
    let files: Vec<_> = file.iter().map(|f| f.as_fd()).collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !files.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(&files));
    }
    loop {
        match sendmsg(socket, slices, &mut control, SendFlags::NOSIGNAL) {
            Err(rustix::io::Errno::INTR) => {}
            sent => return sent.map(|_| ()), // a datagram goes whole or not at all
        }
    }
}

/// The journal maps it, and therefore takes only what can change no more.
fn send_file(socket: &UnixDatagram, entry: &[u8]) -> io::Result<()> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let mut file = File::from(memfd_create("iinspect-journal-entry", flags)?);
    file.write_all(entry)?;
    fcntl_add_seals(
        &file,
        SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE,
    )?;
    Ok(send_message(socket, &[], Some(&file))?)
}

/// One entry of the journal.
fn entry(parcel: &Parcel<'_>) -> Vec<u8> {
    // What is no JSON is delivered as it is, without fields.
    let record: Value = serde_json::from_str(parcel.line).unwrap_or_default();
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
    let schema = text("/schema").unwrap_or_default();
    let (priority, message_id) = match schema.split('/').next() {
        Some("iinspect.finding") => (priority(&record), FINDING),
        Some("iinspect.skip") => ("5", SKIP),
        _ => ("6", OTHER),
    };
    let mut out = Vec::with_capacity(parcel.line.len().saturating_add(1024));
    field(&mut out, "MESSAGE", &summary(&record));
    field(&mut out, "PRIORITY", priority);
    field(&mut out, "MESSAGE_ID", message_id);
    field(&mut out, "SYSLOG_IDENTIFIER", "iinspect");
    for (name, pointer) in [
        ("IINSPECT_SCHEMA", "/schema"),
        ("IINSPECT_ID", "/id"),
        ("IINSPECT_EVENT", "/event"),
        ("IINSPECT_KIND", "/kind"),
        ("IINSPECT_SEVERITY", "/severity"),
        ("IINSPECT_REASON", "/reason"),
        ("IINSPECT_PATH", "/location/path"),
    ] {
        if let Some(value) = text(pointer) {
            field(&mut out, name, value);
        }
    }
    field(&mut out, "IINSPECT_SEQ", &parcel.seq.to_string());
    field(&mut out, "IINSPECT_RECORD", parcel.line);
    out
}

fn field(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(name.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(&(value.len() as u64).to_le_bytes());
    out.extend_from_slice(value.as_bytes());
    out.push(b'\n');
}

/// As syslog counts: 2 critical, 3 error, 4 warning, 5 notice, 6 informational.
fn priority(record: &Value) -> &'static str {
    let text = |key: &str| record.get(key).and_then(Value::as_str);
    match (text("event"), text("severity")) {
        (Some("resolved"), _) => "6",
        (_, Some("critical")) => "2",
        (_, Some("high")) => "3",
        (_, Some("medium")) => "4",
        _ => "5",
    }
}

/// One line for a person: words and numbers of the record that hold nothing of the content, and the path as the record shows it.
fn summary(record: &Value) -> String {
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
    let mut words = Vec::new();
    for pointer in ["/event", "/kind", "/document/type", "/reason", "/severity"] {
        words.extend(text(pointer).map(str::to_string));
    }
    if let Some(confidence) = record.get("confidence").and_then(Value::as_f64) {
        words.push(format!("confidence {confidence:.2}"));
    }
    if words.is_empty() {
        words.push(text("/schema").unwrap_or("record").to_string());
    }
    let mut said = match text("/schema") {
        Some(schema) if schema.starts_with("iinspect.skip/") => {
            format!("not read in full: {}", words.join(", "))
        }
        _ => words.join(", "),
    };
    if let Some(path) = text("/location/path") {
        said.push_str(": ");
        said.extend(path.chars().take(SHOWN_PATH));
    }
    visible(&said).into_owned()
}

#[cfg(test)]
mod tests;
