//! What formats lie in a file, one inside of another, and which of them hold something to look at.

use iinspect::extract::recognise;
use iinspect::flow::{Content, Locator};
use iinspect::limits::{Budget, Limits, Passwords};

use super::mangle::head;

/// One content of a format that is opened.
pub struct Layer {
    /// As the registry calls it; compound files by the ending of their names: `"ole2 msg"`.
    pub format: String,
    /// The way to it, as a record tells it.
    pub inside: Vec<String>,
    /// A picture came out of it, or a text with twelve digits in a row, at any depth.
    pub holds: bool,
}

/// Opens a file and all that is in it, and looks at nothing.
pub fn layers(name: &str, bytes: Vec<u8>) -> Vec<Layer> {
    let limits = Limits::default();
    let mut budget = Budget::new(&limits, bytes.len() as u64).with_passwords(&Passwords::default());
    let (mut layers, mut held): (Vec<Layer>, Vec<Vec<String>>) = (Vec::new(), Vec::new());
    let mut list = vec![Content::Bytes { at: Locator::file(name), bytes }];
    while let Some(content) = list.pop() {
        match content {
            Content::Bytes { at, bytes } => {
                let Some(format) = recognise(head(&bytes)) else {
                    held.extend(has_number(&bytes).then(|| inside(&at)));
                    continue;
                };
                let kind = match (format.name(), at.name().rsplit_once('.')) {
                    ("ole2", Some((_, ending))) => format!("ole2 {ending}"),
                    (format, _) => format.to_owned(),
                };
                if budget.depth(at.depth()).is_ok() {
                    layers.push(Layer { format: kind, inside: inside(&at), holds: false });
                    if format.is_text() && has_number(&bytes) {
                        held.push(inside(&at));
                    }
                    // What could be opened is what counts here.
                    let _ = format.open(&at, &bytes, &mut budget, &mut list);
                }
            }
            Content::Text { at, text, .. } => {
                held.extend(has_number(text.as_bytes()).then(|| inside(&at)));
            }
            Content::Picture { at, .. } => held.push(inside(&at)),
            Content::Skipped { .. } => {}
        }
    }
    for layer in &mut layers {
        layer.holds = held.iter().any(|way| way.starts_with(&layer.inside));
    }
    layers
}

fn inside(at: &Locator) -> Vec<String> {
    at.inside().iter().map(|name| name.to_string()).collect()
}

/// Twelve digits in a row, in bytes or in UTF-16.
fn has_number(bytes: &[u8]) -> bool {
    fn in_a_row(mut bytes: impl Iterator<Item = u8>) -> bool {
        let mut run = 0;
        bytes.any(|byte| {
            run = if byte.is_ascii_digit() { run + 1 } else { 0 };
            run >= 12
        })
    }
    let wide = |from: usize| bytes.iter().copied().skip(from).step_by(2);
    in_a_row(bytes.iter().copied()) || in_a_row(wide(0)) || in_a_row(wide(1))
}
