//! What a document holds beside its pages: properties, form values, notes, links, files.

use std::collections::{HashMap, HashSet};

use hayro::hayro_interpret::CacheKey;
use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::{Dict, Object, ObjectIdentifier, Stream};

use super::page::{self, Seen};
use super::pictures;
use crate::error::{Bound, Skip};
use crate::extract::exif::Notes;
use crate::extract::{names, xml};
use crate::flow::{Content, Form, Locator, Maker, PictureFacts};
use crate::limits::Budget;

/// Form values and notes of one document.
const MAX_TEXT: usize = 8 << 20;
/// Objects looked at: the largest real files have some millions.
const MAX_OBJECTS: usize = 4_000_000;

/// Walks all objects once. Nothing of it depends on the pages being readable. `maker` becomes what
/// the document says it was made by.
pub(super) fn read(
    pdf: &Pdf,
    at: &Locator,
    maker: &mut Maker,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    let mut notes = Notes::default();
    let mut text = String::new();
    let mut files: Vec<(ObjectIdentifier, Stream)> = Vec::new();
    let mut file_names: HashMap<ObjectIdentifier, String> = HashMap::new();
    for (i, object) in pdf.objects().into_iter().take(MAX_OBJECTS).enumerate() {
        if i.is_multiple_of(1024) {
            budget.in_time()?;
        }
        match object {
            Object::Dict(dict) => {
                read_dict(&dict, &mut notes, &mut text);
                read_xfa(&dict, &mut text, budget)?;
                name_file(&dict, &mut file_names);
            }
            Object::Stream(stream) => match name_of(stream.dict(), "Type").as_deref() {
                Some(b"EmbeddedFile") => files.push((stream.obj_id(), stream)),
                Some(b"Metadata") => {
                    if let Ok(packet) = stream.decoded_data() {
                        budget.charge(packet.len() as u64)?;
                        notes.add_xmp(&packet);
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
    *maker = notes.maker();
    notes.push(at, out);
    if !text.trim().is_empty() {
        let at = at.member("forms and notes");
        out.push(Content::Text { at, text, form: Form::Plain });
    }
    for (i, (id, stream)) in files.into_iter().enumerate() {
        budget.member()?;
        let name = file_names.remove(&id).unwrap_or_else(|| format!("attachment {}", i + 1));
        let at = at.member(name);
        match stream.decoded_data() {
            Ok(bytes) => {
                budget.charge(bytes.len() as u64)?;
                out.push(Content::Bytes { at, bytes: bytes.into_owned() });
            }
            Err(_) => {
                let skip = Skip::damaged("pdf", "attachment does not decode");
                out.push(Content::Skipped { at, skip });
            }
        }
    }
    Ok(())
}

/// Pictures that the file holds and no page draws.
pub(super) fn undrawn(
    pdf: &Pdf,
    seen: &mut Seen,
    at: &Locator,
    budget: &mut Budget,
    out: &mut Vec<Content>,
) -> Result<(), Skip> {
    let mut left: Vec<Stream> = Vec::new();
    let mut masks = HashSet::new();
    for (i, object) in pdf.objects().into_iter().take(MAX_OBJECTS).enumerate() {
        if i.is_multiple_of(1024) {
            budget.in_time()?;
        }
        let Object::Stream(stream) = object else { continue };
        if name_of(stream.dict(), "Subtype").as_deref() != Some(b"Image") {
            continue;
        }
        for key in ["SMask", "Mask"] {
            masks.extend(stream.dict().get_ref(key).map(ObjectIdentifier::from));
        }
        let side = |key| stream.dict().get::<u32>(key).unwrap_or(0);
        let tiny = page::is_tiny(side("Width"), side("Height"));
        if !tiny && !seen.pictures.contains(&stream.cache_key()) {
            left.push(stream);
        }
    }
    for stream in left.into_iter().filter(|stream| !masks.contains(&stream.obj_id())) {
        budget.member()?;
        seen.number += 1;
        let name = format!("image {} (not drawn)", seen.number);
        let facts = PictureFacts { maker: seen.maker, ..PictureFacts::default() };
        let found = pictures::read_undrawn(&stream, facts.clone(), budget)
            .and_then(|found| found.push(at, &name, &facts, &mut seen.held, budget, out));
        match found {
            Ok(()) => {}
            Err(over @ Skip::OverBudget(Bound::Seconds(_))) => return Err(over),
            Err(skip) => out.push(Content::Skipped { at: at.member(name), skip }),
        }
    }
    Ok(())
}

fn read_dict(dict: &Dict, notes: &mut Notes, text: &mut String) {
    // The document information dictionary is the one that names its maker.
    if dict.contains_key("Producer") || dict.contains_key("Creator") {
        for key in dict.keys().filter(|key| !key.ends_with(b"Date")) {
            if let Some(value) = string_of(dict, key.as_ref()) {
                notes.add(key.as_str(), &value);
            }
        }
        return;
    }
    if text.len() > MAX_TEXT {
        return;
    }
    let mut say = |label: &str, value: &str| {
        if !value.trim().is_empty() {
            text.push_str(label);
            text.push_str(": ");
            text.extend(value.chars().map(|c| if c == '\r' { '\n' } else { c }));
            text.push('\n');
        }
    };
    // Form fields: the name, the words that a reader sees, the value.
    if dict.contains_key("FT") || dict.contains_key("V") && dict.contains_key("T") {
        let label = string_of(dict, "TU").or_else(|| string_of(dict, "T")).unwrap_or_default();
        if let Some(value) = string_of(dict, "V") {
            say(&label, &value);
        }
    }
    if dict.contains_key("Subtype")
        && let Some(value) = string_of(dict, "Contents")
    {
        say(&string_of(dict, "T").unwrap_or_default(), &value);
    }
    // Actions may stand in the annotation itself.
    let action = dict.get::<Dict>("A");
    for dict in action.iter().chain([dict]) {
        if let Some(address) = string_of(dict, "URI") {
            say("URI", &address);
        }
    }
    // Bookmarks.
    if dict.contains_key("Parent")
        && dict.contains_key("Dest") | dict.contains_key("A")
        && let Some(title) = string_of(dict, "Title")
    {
        say("", &title);
    }
}

/// Forms of Adobe LiveCycle keep their values in XML (XFA), in one stream or in several.
fn read_xfa(dict: &Dict, text: &mut String, budget: &mut Budget) -> Result<(), Skip> {
    let streams: Vec<Stream> = match dict.get::<Object>("XFA") {
        Some(Object::Stream(stream)) => vec![stream],
        Some(Object::Array(parts)) => {
            parts.iter::<Object>().filter_map(Object::into_stream).collect()
        }
        _ => return Ok(()),
    };
    for packet in streams.iter().filter_map(|stream| stream.decoded_data().ok()) {
        budget.charge(packet.len() as u64)?;
        xml::properties(&packet, &mut |name, value| {
            if text.len() < MAX_TEXT {
                text.push_str(&format!("{name}: {value}\n"));
            }
        });
    }
    Ok(())
}

/// A file specification gives its stream a name.
fn name_file(dict: &Dict, names: &mut HashMap<ObjectIdentifier, String>) {
    let Some(files) = dict.get::<Dict>("EF") else { return };
    let Some(name) = string_of(dict, "UF").or_else(|| string_of(dict, "F")) else { return };
    for key in ["UF", "F"] {
        if let Some(reference) = files.get_ref(key) {
            names.insert(reference.into(), name.clone());
        }
    }
}

fn name_of(dict: &Dict, key: &str) -> Option<Vec<u8>> {
    match dict.get::<Object>(key)? {
        Object::Name(name) => Some(name.as_ref().to_vec()),
        _ => None,
    }
}

fn string_of(dict: &Dict, key: impl AsRef<[u8]>) -> Option<String> {
    match dict.get::<Object>(key)? {
        Object::String(text) => Some(decode(text.as_bytes())),
        _ => None,
    }
}

/// Text strings: UTF-16 or UTF-8 by their mark, else PDFDocEncoding, in practice an 8-bit code.
fn decode(raw: &[u8]) -> String {
    match encoding_rs::Encoding::for_bom(raw) {
        Some((encoding, mark)) => {
            let text = raw.get(mark..).unwrap_or_default();
            encoding.decode_without_bom_handling(text).0.into_owned()
        }
        None => names::decode(raw),
    }
}
