//! RTF 1.9: text by the code page of its font, tables, headers, notes, comments, text boxes, hidden
//! and deleted words; pictures; embedded objects; properties.

mod objects;
mod words;

use std::collections::HashMap;

use self::words::{Sign, Signs, hex};
use super::exif::Notes;
use super::prose::Prose;
use super::{Extractor, code_page};
use crate::error::Skip;
use crate::flow::{Content, Locator};
use crate::limits::Budget;

pub struct Rtf;

impl Extractor for Rtf {
    fn name(&self) -> &'static str {
        "rtf"
    }

    fn media_type(&self) -> &'static str {
        "application/rtf"
    }

    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"{\\rtf")
    }

    fn open(
        &self,
        at: &Locator,
        bytes: &[u8],
        budget: &mut Budget,
        out: &mut Vec<Content>,
    ) -> Result<(), Skip> {
        // Text is at most about as long as the signs that it is written with.
        budget.charge(bytes.len() as u64)?;
        let mut reader = Reader::new(at, budget, out);
        for (number, sign) in (0u32..).zip(Signs::new(bytes)) {
            if number.is_multiple_of(65_536) {
                reader.budget.in_time()?;
            }
            reader.take(sign)?;
        }
        reader.finish()
    }
}

/// Groups deeper than this were made to hurt; their braces are counted and no more.
const MAX_DEPTH: usize = 1_000;

/// What the text of a group is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Into {
    Body,
    /// A place of its own behind the body: headers, notes, comments, text boxes.
    Box,
    /// Beside the text: instructions of fields, deleted words.
    Aside,
    /// A property of this name.
    Property(&'static str),
    /// Name of a property of users, and its value.
    UserName,
    UserValue,
    Fonts,
    Picture,
    Object,
    Nothing,
    /// Pictures once more, for readers of old.
    Again,
}

/// What a group may change and gives back at its end.
#[derive(Debug, Clone)]
struct Group {
    into: Into,
    font: i32,
    /// How many signs stand in for a `\u` where it is not understood.
    stand_ins: i32,
    in_table: bool,
    deleted: bool,
    /// Markup of the HTML that this RTF was made of.
    html_only: bool,
    /// `{\*\word`: not to be read where the word is not known.
    starred: bool,
    /// This group began the box, aside or picture.
    begins: bool,
}

struct Reader<'b> {
    at: &'b Locator,
    budget: &'b mut Budget,
    out: &'b mut Vec<Content>,
    prose: Prose,
    notes: Notes,
    group: Group,
    groups: Vec<Group>,
    /// Braces beyond [`MAX_DEPTH`].
    beyond: usize,
    /// Code page of the file, and of fonts by their numbers.
    page: u16,
    pages: HashMap<i32, u16>,
    font_at_hand: i32,
    /// Bytes that wait for being decoded together, and units of UTF-16.
    bytes: Vec<u8>,
    units: Vec<u16>,
    /// Stand-ins still to be left out.
    left_out: i32,
    paragraph: String,
    /// Paragraphs around the boxes that are open.
    around: Vec<String>,
    aside: String,
    user_name: String,
    picture: objects::Picture,
    data: Vec<u8>,
    half: Option<u8>,
    pictures: u32,
    objects: u32,
}

impl<'b> Reader<'b> {
    fn new(at: &'b Locator, budget: &'b mut Budget, out: &'b mut Vec<Content>) -> Reader<'b> {
        let group = Group {
            into: Into::Body,
            font: 0,
            stand_ins: 1,
            in_table: false,
            deleted: false,
            html_only: false,
            starred: false,
            begins: false,
        };
        Reader {
            at,
            budget,
            out,
            prose: Prose::new(),
            notes: Notes::default(),
            group,
            groups: Vec::new(),
            beyond: 0,
            page: 1252,
            pages: HashMap::new(),
            font_at_hand: 0,
            bytes: Vec::new(),
            units: Vec::new(),
            left_out: 0,
            paragraph: String::new(),
            around: Vec::new(),
            aside: String::new(),
            user_name: String::new(),
            picture: objects::Picture::default(),
            data: Vec::new(),
            half: None,
            pictures: 0,
            objects: 0,
        }
    }

    fn take(&mut self, sign: Sign) -> Result<(), Skip> {
        match sign {
            Sign::Open => self.open(),
            Sign::Close => self.close()?,
            Sign::Word(word, number) => self.word(word, number),
            Sign::Symbol(symbol) => self.symbol(symbol),
            Sign::Byte(byte) => {
                if self.left_out > 0 {
                    self.left_out -= 1;
                } else {
                    self.byte(byte);
                }
            }
            Sign::Text(text) => {
                for &byte in text {
                    if matches!(byte, b'\r' | b'\n' | 0) {
                        continue;
                    }
                    if self.left_out > 0 {
                        self.left_out -= 1;
                    } else {
                        self.byte(byte);
                    }
                }
            }
            Sign::Raw(raw) => {
                if matches!(self.group.into, Into::Picture | Into::Object) {
                    self.budget.charge(raw.len() as u64)?;
                    self.data.extend_from_slice(raw);
                }
            }
        }
        Ok(())
    }

    fn open(&mut self) {
        self.flush();
        if self.groups.len() >= MAX_DEPTH {
            self.beyond += 1;
            return;
        }
        self.groups.push(self.group.clone());
        self.group.starred = false;
        self.group.begins = false;
    }

    fn close(&mut self) -> Result<(), Skip> {
        self.flush();
        self.left_out = 0;
        if self.beyond > 0 {
            self.beyond -= 1;
            return Ok(());
        }
        if self.group.begins {
            self.end(self.group.into)?;
        }
        if let Some(group) = self.groups.pop() {
            self.group = group;
        }
        Ok(())
    }

    /// The group at hand is read into this, from here on.
    fn begin(&mut self, into: Into) {
        if self.group.into == Into::Again {
            return;
        }
        // What lies in a part that nobody reads stays unread, but for what is embedded there.
        let shut = matches!(self.group.into, Into::Picture | Into::Object | Into::Fonts);
        if shut && !matches!(into, Into::Picture | Into::Box) {
            self.group.into =
                if self.group.into == Into::Fonts { Into::Fonts } else { Into::Nothing };
            return;
        }
        self.group.into = into;
        self.group.begins = true;
        match into {
            Into::Box => {
                self.around.push(std::mem::take(&mut self.paragraph));
                self.prose.open_box();
                self.group.in_table = false;
            }
            Into::Picture => {
                self.picture = objects::Picture::default();
                self.data.clear();
                self.half = None;
            }
            Into::Object => {
                self.data.clear();
                self.half = None;
            }
            _ => {}
        }
    }

    fn end(&mut self, into: Into) -> Result<(), Skip> {
        match into {
            Into::Box => {
                self.end_paragraph(false);
                if self.prose.in_table() {
                    self.prose.close_table();
                }
                self.prose.close_box();
                self.paragraph = self.around.pop().unwrap_or_default();
            }
            Into::Aside => {
                let aside = std::mem::take(&mut self.aside);
                let label = std::mem::take(&mut self.paragraph);
                // The words before it become its label.
                self.prose.text(&label);
                self.prose.aside(&aside);
            }
            Into::Property(name) => {
                let value = std::mem::take(&mut self.aside);
                self.notes.add(name, &value);
            }
            Into::UserName => self.user_name = std::mem::take(&mut self.aside),
            Into::UserValue => {
                let value = std::mem::take(&mut self.aside);
                self.notes.add(&self.user_name, &value);
            }
            Into::Picture => {
                self.pictures += 1;
                let data = std::mem::take(&mut self.data);
                let at = self.at.member(format!("picture {}", self.pictures));
                objects::picture(&self.picture, data, &at, self.budget, self.out)?;
            }
            Into::Object => {
                self.objects += 1;
                let data = std::mem::take(&mut self.data);
                let at = self.at.member(format!("object {}", self.objects));
                objects::object(&data, &at, self.budget, self.out)?;
            }
            Into::Body | Into::Fonts | Into::Nothing | Into::Again => {}
        }
        Ok(())
    }

    fn byte(&mut self, byte: u8) {
        match self.group.into {
            Into::Picture | Into::Object => {
                let Some(digit) = hex(byte) else { return };
                match self.half.take() {
                    Some(high) => self.data.push(high << 4 | digit),
                    None => self.half = Some(digit),
                }
            }
            Into::Nothing | Into::Fonts | Into::Again => {}
            _ if self.group.html_only => {}
            _ => {
                if !self.units.is_empty() {
                    self.flush();
                }
                self.bytes.push(byte);
            }
        }
    }

    fn symbol(&mut self, symbol: u8) {
        if self.left_out > 0 {
            self.left_out -= 1;
            return;
        }
        match symbol {
            b'\\' | b'{' | b'}' => self.byte(symbol),
            b'~' => self.byte(b' '),
            b'_' => self.byte(b'-'),
            b'*' => self.group.starred = true,
            b'\r' | b'\n' => self.word(b"par", None),
            b'\t' => self.byte(b'\t'),
            _ => {}
        }
    }

    fn font_page(&self) -> u16 {
        self.pages.get(&self.group.font).copied().unwrap_or(self.page)
    }

    /// Decodes what waits and puts it where the group's text belongs.
    fn flush(&mut self) {
        let mut text = String::new();
        if !self.units.is_empty() {
            text = String::from_utf16_lossy(&std::mem::take(&mut self.units));
        }
        if !self.bytes.is_empty() {
            let bytes = std::mem::take(&mut self.bytes);
            text.push_str(&match self.font_page() {
                1252 => code_page::western(&bytes),
                page => code_page::decode(page, &bytes),
            });
        }
        self.write(&text);
    }

    fn write(&mut self, text: &str) {
        if text.is_empty() || self.group.html_only {
            return;
        }
        match self.group.into {
            Into::Body | Into::Box if self.group.deleted => self.aside.push_str(text),
            Into::Body | Into::Box => {
                self.end_deleted();
                self.paragraph.push_str(text);
            }
            Into::Aside | Into::Property(_) | Into::UserName | Into::UserValue => {
                self.aside.push_str(text);
            }
            Into::Fonts | Into::Picture | Into::Object | Into::Nothing | Into::Again => {}
        }
    }

    /// Deleted words are one aside, beside what stands before them.
    fn end_deleted(&mut self) {
        if !self.aside.is_empty() {
            let aside = std::mem::take(&mut self.aside);
            let before = std::mem::take(&mut self.paragraph);
            self.open_or_close_table();
            self.prose.text(&before);
            self.prose.aside(&aside);
        }
    }

    fn open_or_close_table(&mut self) {
        match (self.group.in_table, self.prose.in_table()) {
            (true, false) => self.prose.open_table(),
            (false, true) => self.prose.close_table(),
            _ => {}
        }
    }

    fn end_paragraph(&mut self, with_line: bool) {
        self.flush();
        self.end_deleted();
        if !with_line && self.paragraph.is_empty() {
            return;
        }
        self.open_or_close_table();
        self.prose.text(&std::mem::take(&mut self.paragraph));
        self.prose.line();
    }

    fn word(&mut self, word: &[u8], number: Option<i32>) {
        if self.left_out > 0 && word != b"u" {
            self.left_out -= 1;
            return;
        }
        if word == b"u" {
            self.unicode(number.unwrap_or(0));
            return;
        }
        let on = number != Some(0);
        match word {
            b"f" => {
                self.flush();
                let font = number.unwrap_or(0);
                self.group.font = font;
                self.font_at_hand = font;
            }
            b"plain" => {
                self.flush();
                self.group.deleted = false;
            }
            b"ansicpg" => self.page = page_number(number, self.page),
            b"pc" | b"pca" => self.page = 866,
            b"mac" => self.page = 10_007,
            b"fcharset" => {
                if let Some(page) = page_of_charset(number.unwrap_or(0)) {
                    self.pages.insert(self.font_at_hand, page);
                }
            }
            b"cpg" if self.group.into == Into::Fonts => {
                let page = page_number(number, self.page);
                self.pages.insert(self.font_at_hand, page);
            }
            b"uc" => self.group.stand_ins = number.unwrap_or(1).clamp(0, 16),
            b"deleted" => {
                self.flush();
                self.group.deleted = on;
            }
            b"htmlrtf" => {
                self.flush();
                self.group.html_only = on;
            }
            b"intbl" => self.group.in_table = true,
            b"pard" => self.group.in_table = false,
            b"par" | b"sect" | b"page" => self.break_line(),
            b"line" | b"column" | b"softline" => self.character('\n'),
            b"tab" | b"nestcell" => self.character('\t'),
            b"nestrow" => self.character('\n'),
            b"cell" => self.end_cell(),
            b"row" => {
                self.flush();
                self.paragraph.clear();
                self.prose.close_row();
            }
            b"emdash" => self.character('—'),
            b"endash" => self.character('–'),
            b"enspace" | b"emspace" | b"qmspace" => self.character(' '),
            b"lquote" => self.character('‘'),
            b"rquote" => self.character('’'),
            b"ldblquote" => self.character('“'),
            b"rdblquote" => self.character('”'),
            b"bullet" => self.character('•'),
            _ if self.group.into == Into::Picture && self.picture.word(word) => {}
            _ => self.destination(word),
        }
    }

    /// Words that say what a group is.
    fn destination(&mut self, word: &[u8]) {
        let starred = self.group.starred;
        let into = match word {
            b"fonttbl" => Into::Fonts,
            b"pict" => Into::Picture,
            b"objdata" => Into::Object,
            b"header" | b"headerl" | b"headerr" | b"headerf" | b"footer" | b"footerl"
            | b"footerr" | b"footerf" | b"footnote" | b"annotation" | b"shptxt" | b"dptxbxtext" => {
                Into::Box
            }
            b"fldinst" | b"atnauthor" | b"atnid" | b"ffdeftext" | b"ffname" | b"ffentrymcr"
            | b"ffhelptext" | b"ffstattext" | b"sv" | b"bkmkstart" | b"docvar" | b"xe" => {
                Into::Aside
            }
            b"title" => Into::Property("title"),
            b"subject" => Into::Property("subject"),
            b"author" => Into::Property("author"),
            b"operator" => Into::Property("lastModifiedBy"),
            b"keywords" => Into::Property("keywords"),
            b"doccomm" | b"comment" => Into::Property("description"),
            b"manager" => Into::Property("manager"),
            b"company" => Into::Property("company"),
            b"category" => Into::Property("category"),
            b"generator" => Into::Property("application"),
            b"propname" => Into::UserName,
            b"staticval" => Into::UserValue,
            b"colortbl"
            | b"stylesheet"
            | b"listtable"
            | b"listoverridetable"
            | b"revtbl"
            | b"rsidtbl"
            | b"themedata"
            | b"colorschememapping"
            | b"datastore"
            | b"latentstyles"
            | b"listtext"
            | b"pntext"
            | b"filetbl"
            | b"xmlnstbl"
            | b"info"
            | b"objclass"
            | b"objname"
            | b"sn"
            | b"bkmkend"
            | b"panose"
            | b"falt" => Into::Nothing,
            b"nonshppict" => Into::Again,
            // Groups that hold others to be read; their own text is none.
            b"shppict" | b"shpinst" | b"upr" | b"ud" | b"do" | b"userprops" | b"formfield"
            | b"background" => {
                return self.group.starred = false;
            }
            _ if starred => Into::Nothing,
            _ => return,
        };
        self.flush();
        self.group.starred = false;
        self.begin(into);
    }

    fn unicode(&mut self, number: i32) {
        if !self.bytes.is_empty() {
            self.flush();
        }
        let unit = (number & 0xffff) as u16;
        let reads =
            !matches!(self.group.into, Into::Nothing | Into::Fonts | Into::Picture | Into::Object);
        if reads && !self.group.html_only {
            self.units.push(unit);
        }
        self.left_out = self.group.stand_ins;
    }

    fn character(&mut self, character: char) {
        self.flush();
        self.write(character.encode_utf8(&mut [0; 4]));
    }

    fn break_line(&mut self) {
        match self.group.into {
            Into::Body | Into::Box if !self.group.html_only => self.end_paragraph(true),
            _ => self.character(' '),
        }
    }

    fn end_cell(&mut self) {
        self.flush();
        if !matches!(self.group.into, Into::Body | Into::Box) {
            return;
        }
        self.end_deleted();
        self.group.in_table = true;
        self.open_or_close_table();
        self.prose.text(&std::mem::take(&mut self.paragraph));
        self.prose.close_cell(1);
    }

    fn finish(mut self) -> Result<(), Skip> {
        // Whatever a cut file left open is closed.
        let open = !self.groups.is_empty();
        while !self.groups.is_empty() {
            self.close()?;
        }
        self.end_paragraph(false);
        self.notes.push(self.at, self.out);
        self.prose.push(self.at, &mut 0, self.out);
        if open { Err(Skip::damaged("rtf", "ends within a group")) } else { Ok(()) }
    }
}

fn page_number(number: Option<i32>, before: u16) -> u16 {
    number.and_then(|n| u16::try_from(n).ok()).filter(|n| *n > 0).unwrap_or(before)
}

/// [RTF 1.9.1], `\fcharset`. The sets that name no code page leave the file's.
fn page_of_charset(charset: i32) -> Option<u16> {
    Some(match charset {
        77 => 10_007,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178..=180 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        254 | 255 => 866,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::samples::{self, texts};
    use crate::flow::Form;

    fn read(body: &str) -> Vec<Content> {
        let file = format!(
            "{{\\rtf1\\ansi\\ansicpg1251\\deff0{{\\fonttbl{{\\f0\\fcharset204 A;}}{{\\f1\\fcharset0 B;}}}}{body}}}"
        );
        assert_eq!(samples::format_of(file.as_bytes()), Some("rtf"));
        let (out, end) = samples::open(&Rtf, file.as_bytes());
        assert_eq!(end, Ok(()));
        out
    }

    #[test]
    fn letters_come_by_code_page_and_by_number() {
        let out = read("\\'c8\\'c8\\'cd 900101{\\b 100004}\\par\\uc1\\u1178?\\u1256 ?\\u-3?\\par");
        assert_eq!(texts(&out, Form::Plain), "ИИН 900101100004\nҚӨ\u{fffd}\n");
        let out = read("{\\uc2\\u1046ab\\'e6x}\\f1 caf\\u233?");
        assert_eq!(texts(&out, Form::Plain), "Жжxcafé\n");
    }

    #[test]
    fn rows_are_rows() {
        let row = |a: &str, b: &str| {
            format!("\\trowd\\cellx1\\cellx2\\pard\\intbl {a}\\cell {b}\\cell\\row ")
        };
        let body = format!(
            "Before\\par {}{}\\pard after\\par",
            row("Name", "IIN"),
            row("A", "900101100004")
        );
        let out = read(&body);
        assert_eq!(texts(&out, Form::Table(b'\t')), "Name\tIIN\nA\t900101100004\n");
        assert_eq!(texts(&out, Form::Plain), "Before\nafter\n");
    }

    #[test]
    fn what_stands_beside_the_text_is_kept() {
        let out = read(
            "{\\info{\\title List}{\\*\\userprops{\\propname IIN}\\proptype30{\\staticval 900101100014}}}\
             {\\header IIN 900101100004\\par}IIN {\\deleted 851231203985}900101100500\\par\
             {\\field{\\*\\fldinst HYPERLINK \"mailto:a@example.org?iin=1\"}{\\fldrslt link}}\
             {\\*\\unknown 123}{\\v hidden}",
        );
        let text = texts(&out, Form::Plain);
        assert!(text.starts_with("IIN 900101100500\nlinkhidden"), "{text}");
        for part in ["IIN 900101100004\n", "851231203985", "mailto:a@example.org?iin=1"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("123}"));
        assert_eq!(texts(&out, Form::Metadata), "title: List\nIIN: 900101100014\n");
    }

    #[test]
    fn pictures_and_objects_come_out() {
        let object = [
            &[1u8, 5, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0] as &[u8],
            b"Doc\0",
            &[0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0],
            &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1],
        ]
        .concat();
        let hexed: String = object.iter().map(|b| format!("{b:02x}")).collect();
        let out = read(&format!(
            "{{\\*\\shppict{{\\pict\\pngblip\\picw10 89504e47\r\n0d0a1a0a}}}}{{\\nonshppict{{\\pict\\wmetafile8 0102}}}}\
             {{\\object{{\\*\\objclass Doc}}{{\\*\\objdata {hexed}}}{{\\result shown}}}}{{\\pict\\jpegblip\\bin4 \u{1}\u{2}{{}}}}"
        ));
        let found: Vec<_> = out
            .iter()
            .filter_map(|c| match c {
                Content::Bytes { at, bytes } => Some((at.name(), bytes.len())),
                _ => None,
            })
            .collect();
        let expected =
            [("picture 1".to_owned(), 8), ("object 1".to_owned(), 8), ("picture 2".to_owned(), 4)];
        assert_eq!(found, expected);
        assert!(texts(&out, Form::Plain).contains("shown"));
    }

    #[test]
    fn depth_is_bounded_and_a_cut_file_is_told() {
        let (_, end) = samples::open(&Rtf, format!("{{\\rtf1 {}", "{".repeat(500_000)).as_bytes());
        assert!(matches!(end, Err(Skip::Damaged { .. })));
    }
}
