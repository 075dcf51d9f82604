//! The template files: words, and forms made of a head, rows and a tail.
//!
//! ```text
//! @section prose                          a heading, for people
//! @words surname Алтаев|Берёзкин          one of these, wherever [[surname]] stands
//! @form prose-ru ext=txt enc=all rows=2-5 channel=text context=labelled
//! @head                                   once, at the top
//! @row                                    rows times, one of the alternatives; "@row 40": 40 times likelier
//! @tail                                   once, at the end
//! ```
//! Options of a form: `ext`, `enc` (`all`: ten encodings, `ascii`: `copies` files in UTF-8),
//! `copies`, `rows` (`n` or `low-high`), `channel`, `context` (what speaks for the number:
//! `labelled`, `headed`, `population`, `bare`, `negative`, `name`), `name` (a file name with placeholders,
//! `_` for a space), `join` (what stands between rows: `none` or a newline), `crlf`. A line that
//! starts with `@@` begins with a plain `@`.

use std::collections::HashMap;

pub struct Templates {
    pub words: HashMap<String, Vec<String>>,
    pub forms: Vec<Form>,
}

#[derive(Default)]
pub struct Form {
    pub id: String,
    pub ext: String,
    pub channel: String,
    pub context: String,
    pub note: String,
    pub name: Option<String>,
    pub encodings: EncodingSet,
    pub copies: usize,
    pub rows: (usize, usize),
    pub join: &'static str,
    pub crlf: bool,
    pub head: String,
    /// Alternatives with their weights.
    pub row: Vec<(u64, String)>,
    pub tail: String,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub enum EncodingSet {
    All,
    #[default]
    Ascii,
}

enum Part {
    Nothing,
    Head,
    Row,
    Tail,
}

impl Form {
    fn parse(line: &str) -> Form {
        let mut words = line.split_whitespace();
        let id = words.next().expect("@form has a name").to_owned();
        let mut form = Form {
            id,
            ext: "txt".into(),
            channel: "text".into(),
            context: "labelled".into(),
            copies: 3,
            rows: (1, 1),
            join: "\n",
            ..Form::default()
        };
        for option in words {
            let (key, value) = option.split_once('=').unwrap_or((option, ""));
            match key {
                "ext" => form.ext = value.into(),
                "channel" => form.channel = value.into(),
                "context" => form.context = value.into(),
                "note" => form.note = value.replace('_', " "),
                "name" => form.name = Some(value.replace('_', " ")),
                "copies" => form.copies = value.parse().expect("copies=N"),
                "crlf" => form.crlf = true,
                "join" => form.join = "",
                "enc" => {
                    form.encodings =
                        if value == "all" { EncodingSet::All } else { EncodingSet::Ascii }
                }
                "rows" => {
                    let (low, high) = value.split_once('-').unwrap_or((value, value));
                    form.rows = (low.parse().expect("rows"), high.parse().expect("rows"));
                }
                _ => panic!("unknown option {option} of form {}", form.id),
            }
        }
        form
    }
}

impl Templates {
    pub fn parse(source: &str) -> Templates {
        let (mut words, mut forms) = (HashMap::new(), Vec::<Form>::new());
        let mut part = Part::Nothing;
        for line in source.lines() {
            let directive = line.strip_prefix('@').filter(|rest| !rest.starts_with('@'));
            match directive.map(|d| d.split_once(' ').unwrap_or((d, ""))) {
                Some(("words", rest)) => {
                    let (name, list) = rest.split_once(' ').expect("@words NAME a|b");
                    let list = list.split('|').map(str::to_owned).collect();
                    assert!(words.insert(name.to_owned(), list).is_none(), "{name} twice");
                }
                Some(("form", rest)) => {
                    forms.push(Form::parse(rest));
                    part = Part::Nothing;
                }
                Some(("section", _)) => part = Part::Nothing,
                Some(("head", _)) => part = Part::Head,
                Some(("tail", _)) => part = Part::Tail,
                Some(("row", weight)) => {
                    let weight = weight.trim().parse().unwrap_or(1);
                    forms.last_mut().expect("a form").row.push((weight, String::new()));
                    part = Part::Row;
                }
                Some((other, _)) => panic!("unknown line @{other}"),
                None => {
                    let line = line.strip_prefix('@').unwrap_or(line);
                    let Some(form) = forms.last_mut() else { continue };
                    let to = match part {
                        Part::Nothing => continue,
                        Part::Head => &mut form.head,
                        Part::Tail => &mut form.tail,
                        Part::Row => &mut form.row.last_mut().expect("a row").1,
                    };
                    to.push_str(line);
                    to.push('\n');
                }
            }
        }
        for form in &mut forms {
            // The blank lines that stand before the next form in the file are not part of this one.
            let last = match form.row.last_mut() {
                Some((_, row)) if form.tail.is_empty() => row,
                _ => &mut form.tail,
            };
            last.truncate(last.trim_end_matches('\n').len());
            last.push('\n');
        }
        Templates { words, forms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_template_files_parse_and_share_no_form_and_no_row() {
        let tune = Templates::parse(include_str!("templates/tune.txt"));
        let held = Templates::parse(include_str!("templates/held.txt"));
        assert!(tune.forms.len() > 60 && held.forms.len() > 60);
        for a in &tune.forms {
            for b in &held.forms {
                assert_ne!(a.id, b.id);
                for (_, row) in &a.row {
                    assert!(b.row.iter().all(|(_, other)| other != row), "{} = {}", a.id, b.id);
                }
            }
        }
    }
}
