//! The formats over the files of `fixtures/containers`, which other programs wrote.

use std::path::PathBuf;

use super::{FORMATS, SNIFF_BYTES, recognise};
use crate::error::Skip;
use crate::flow::{Content, Form, Locator, Maker, Picture, PictureFacts};
use crate::limits::{Budget, Limits};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/containers")
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// What a file holds, all the way down.
#[derive(Default)]
struct Opened {
    texts: Vec<(Locator, String, Form)>,
    pictures: Vec<(Locator, Picture)>,
    skips: Vec<(Locator, Skip)>,
    /// What no format wanted.
    rest: Vec<(Locator, Vec<u8>)>,
}

/// A small stand-in for the engine's list of what is to open.
fn open_all(name: &str, bytes: Vec<u8>) -> Opened {
    open_all_within(name, bytes, &Limits::default())
}

fn open_all_within(name: &str, bytes: Vec<u8>, limits: &Limits) -> Opened {
    let mut budget = Budget::new(limits, bytes.len() as u64);
    let mut todo = vec![Content::Bytes { at: Locator::file(name), bytes }];
    let mut opened = Opened::default();
    while let Some(content) = todo.pop() {
        match content {
            Content::Bytes { at, bytes } => {
                if let Err(skip) = budget.depth(at.depth()) {
                    opened.skips.push((at, skip));
                    continue;
                }
                let Some(format) = recognise(&bytes[..bytes.len().min(SNIFF_BYTES)]) else {
                    opened.rest.push((at, bytes));
                    continue;
                };
                let mut out = Vec::new();
                if let Err(skip) = format.open(&at, &bytes, &mut budget, &mut out) {
                    opened.skips.push((at, skip));
                }
                todo.extend(out);
            }
            Content::Text { at, text, form } => opened.texts.push((at, text, form)),
            Content::Picture { at, picture } => opened.pictures.push((at, picture)),
            Content::Skipped { at, skip } => opened.skips.push((at, skip)),
        }
    }
    opened
}

fn only_picture(name: &str) -> Picture {
    let mut opened = open_all(name, fixture(name));
    assert_eq!(opened.skips, [], "{name}");
    assert_eq!(opened.pictures.len(), 1, "{name}");
    opened.pictures.remove(0).1
}

/// Mean and greatest difference of two planes.
fn difference(a: &[u8], b: &[u8]) -> (f64, u8) {
    assert_eq!(a.len(), b.len());
    let each = || a.iter().zip(b).map(|(a, b)| a.abs_diff(*b));
    let sum: u64 = each().map(u64::from).sum();
    (sum as f64 / a.len() as f64, each().max().unwrap_or(0))
}

/// Every coding of the one picture must show that picture.
#[test]
fn every_coding_of_a_picture_decodes_to_the_same_luma() {
    let reference = only_picture("pictures/reference.png");
    // Name, mean and greatest difference that its coding may make.
    let cases: &[(&str, f64, u8)] = &[
        ("rgba-notes.png", 0.1, 1),
        ("palette.png", 3.0, 60),
        ("deep.png", 0.0, 0),
        ("colour.jpg", 1.5, 60),
        ("grey.jpg", 1.5, 60),
        ("progressive.jpg", 1.5, 60),
        ("ink.jpg", 2.0, 60),
        ("camera.jpg", 1.5, 60),
        ("colour.bmp", 0.1, 1),
        ("palette.gif", 3.0, 60),
        ("lossless.webp", 0.1, 1),
        ("lossy.webp", 3.0, 60),
        ("lossless.jp2", 0.1, 1),
        ("grey.j2k", 0.0, 0),
        ("grey-packbits.tif", 0.0, 0),
        ("colour-deflate.tif", 0.1, 1),
        ("colour-jpeg.tif", 1.5, 60),
        ("palette-lzw.tif", 3.0, 60),
        ("ink-lzw.tif", 0.5, 3),
        ("deep.tif", 0.0, 0),
        #[cfg(feature = "heic")]
        ("phone.heic", 3.0, 90),
        #[cfg(feature = "djvu")]
        ("colour.djvu", 4.0, 120),
        ("grey.pgm", 0.0, 0),
        ("packed.psd", 0.1, 1),
        ("ink.psd", 3.0, 10),
        ("jpeg.dcm", 1.5, 60),
        ("deflated.dcm", 1.5, 60),
        ("runs.dcm", 1.5, 60),
    ];
    for (name, mean, greatest) in cases {
        let picture = only_picture(&format!("pictures/{name}"));
        let (was_mean, was_greatest) = difference(&picture.luma, &reference.luma);
        assert!(
            was_mean <= *mean && was_greatest <= *greatest,
            "{name}: mean {was_mean:.3} greatest {was_greatest}"
        );
    }
    let bits = only_picture("pictures/bits.png");
    assert!(bits.facts.bilevel);
    for name in ["bits.bmp", "bits.pbm", "g3.tif", "rle.tif", "bits-lzw.tif"] {
        let picture = only_picture(&format!("pictures/{name}"));
        assert_eq!(difference(&picture.luma, &bits.luma), (0.0, 0), "{name}");
        assert!(picture.facts.bilevel, "{name}");
    }
}

const A: &str = "900101100004";
const B: &str = "900101100014";
const C: &str = "851231203985";
const D: &str = "900101100500";
const E: &str = "010101100018";

/// What must be found in a file: lines or parts of lines, pictures, reasons of skips.
struct Expected {
    file: &'static str,
    texts: &'static [&'static str],
    pictures: usize,
    skips: &'static [&'static str],
}

const fn expect(
    file: &'static str,
    texts: &'static [&'static str],
    pictures: usize,
    skips: &'static [&'static str],
) -> Expected {
    Expected { file, texts, pictures, skips }
}

const LETTER: &[&str] = &[
    "Мен, Өмірбек Үлгілі, ЖСН 900101100004, өтінемін.",
    "№\tФИО\tИИН\n1\tҮлгілі Өмірбек\t900101100004\n2\tПримерова Алия\t851231203985\n",
    "Исполнитель, ИИН 851231203985",
    "Отдел кадров: проверить ИИН 900101100014",
    "Акционерное общество «Пример»",
    "title: Өтініш",
    "description: ЖСН 900101100500",
];
const OLD_LETTER: &[&str] = &[
    LETTER[0],
    LETTER[1],
    LETTER[2],
    "проверить ИИН 900101100014",
    LETTER[4],
    LETTER[5],
    LETTER[6],
];
const PAGES: &[&str] = &[
    "Анықтама берілді: Үлгілі Өмірбек, ЖСН 900101100004\n",
    "№\tФИО\tИИН\tТелефон\n1\tПримерова Алия\t851231203985\t87010000000\n",
    "ИИН\t9 0 0 1 0 1 1 0 0 5 0 0\n",
    "IIN 900101100014\nIIN 851231203985\n",
    "Subject: ИИН 900101100500",
];
const STAFF: &[&str] = &[
    "\n\tФИО\tДата\t\tИИН\n\n\tҮлгілі Өмірбек\t43834\t\t900101100004\n",
    "\tПримерова Алия\t43835\t\t851231203985\n\tОбразцов Тимур\t43836\t\t010101100018\n",
    "ЖСН\n900101100500\n",
    "прежний ИИН 900101100014",
    "Только для служебного пользования",
];
const PAGE: &[&str] = &[
    "ИИН 900101100004\n",
    "ФИО\tИИН\nПримерова\t851231203985\n",
    "iin value=\"900101100014\"",
    "ИИН 900101100500",
];

const EXPECTED: &[Expected] = &[
    expect("application.docx", LETTER, 1, &[]),
    expect("nested.zip", LETTER, 1, &[]),
    expect("nested.zip", &["name;iin\nA;900101100004\nB;851231203985\n"], 1, &[]),
    expect("cut.zip", LETTER, 1, &["damaged", "damaged", "damaged", "damaged"]),
    expect("staff.xlsx", STAFF, 0, &[]),
    expect("staff.xls", STAFF, 0, &[]),
    expect("application.doc", OLD_LETTER, 1, &[]),
    expect(
        "slides-ppt.zip",
        &["ИИН\nҮлгілі Ө.\n900101100004\n", "сверить ИИН 900101100014", "ЖСН: 851231203985"],
        1,
        &[],
    ),
    expect("letter-fodt.zip", OLD_LETTER, 1, &[]),
    expect(
        "letter.rtf",
        &[
            "Мен, Үлгілі Өмірбек, ЖСН 900101100004\n",
            "ФИО\tИИН\nПримерова\t851231203985\n",
            "Отдел кадров, ИИН 900101100014\n",
            "A;900101100500\n",
            "title: Өтініш",
        ],
        1,
        &[],
    ),
    expect(
        "message.msg",
        &[
            "Subject: Документы, ИИН 900101100014\n",
            "ИИН сотрудника: 900101100004",
            "IIN 900101100500",
            "ЖСН 851231203985",
            "DisplayName: Примерова Алия",
        ],
        1,
        &[],
    ),
    expect(
        "staff.xlsb",
        &["\tФИО\t\tИИН\n\tҮлгілі Өмірбек\t\t900101100004\n\tОбразцов Тимур\t\t010101100018\n"],
        0,
        &[],
    ),
    expect("book.fb2", &["ИИН 900101100004\n"], 1, &[]),
    expect("sheet-2003.xml", &["ФИО\t\tИИН\nПримерова\t\t851231203985\n"], 0, &[]),
    expect("scheme.vsdx", &["ЖСН 900101100004", "ИИН 900101100014"], 1, &[]),
    expect("print.xps", &["Примерова Алия, ИИН 851231203985\n"], 1, &[]),
    expect(
        "mailbox-pst.zip",
        &[
            "Subject: Документы, ИИН 900101100014\n",
            "ИИН сотрудника: 900101100004",
            "ИИН 900101100500",
            "Примерова;851231203985",
            "ЖСН 851231203985",
        ],
        0,
        &[],
    ),
    expect(
        "removed-page.pdf",
        &["Contract.\n", "Contract. IIN 900101100014", "Annex. IIN 900101100004"],
        0,
        &[],
    ),
    expect("winmail.dat", &["ИИН сотрудника: 900101100004", "Примерова;851231203985"], 0, &[]),
    expect("letter.emlx", &["Subject: ИИН 900101100014", "ЖСН 900101100004"], 0, &[]),
    expect("contract.p7m", &["Шарт. ЖСН 900101100004"], 0, &[]),
    expect("sealed.p7m", &[], 0, &["encrypted"]),
    expect(
        "slides.pptx",
        &["ФИО\tИИН\nҮлгілі Ө.\t900101100004\n", "сверить ИИН 900101100014", "ЖСН: 851231203985"],
        1,
        &[],
    ),
    expect(
        "memo.odt",
        &[
            "Мен, Үлгілі Өмірбек, ЖСН 900101100004\n",
            "ФИО\tИИН\nПримерова Алия\t851231203985\n",
            "ИИН: 900101100500",
        ],
        1,
        &[],
    ),
    expect(
        "list.ods",
        &["ФИО\t\t\tИИН\n\n\nҮлгілі Өмірбек\t\t\t900101100004\nПримерова Алия\t\t\t851231203985\n"],
        0,
        &[],
    ),
    expect("talk.odp", &["Кіріспе\n", "ИИН 900101100014\n"], 0, &[]),
    expect("text.pdf", PAGES, 0, &[]),
    expect("owner-password.pdf", PAGES, 0, &[]),
    expect("locked.pdf", &[], 0, &["encrypted"]),
    expect("attachment.pdf", PAGES, 0, &[]),
    expect("attachment.pdf", STAFF, 0, &[]),
    expect(
        "form.pdf",
        &["ИИН: 010101100018", "https://example.org/?iin=900101100004", "IIN: 851231203985"],
        0,
        &[],
    ),
    expect("scan-g4.pdf", &[], 1, &[]),
    expect("scan-jpeg.pdf", &[], 1, &[]),
    expect("scan-jp2.pdf", &[], 1, &[]),
    expect("one-logo-thrice.pdf", &[], 1, &[]),
    // Four bands that differ, and the page as a whole.
    expect("strips.pdf", &[], 5, &[]),
    expect("layers.pdf", &[], 2, &[]),
    expect("jbig2.pdf", &[], 1, &[]),
    expect("ink.pdf", &[], 1, &[]),
    expect("undrawn.pdf", &[], 2, &[]),
    expect("page.html", PAGE, 1, &[]),
    expect("drawing.svg", &["ИИН\n900101100004\n"], 1, &[]),
    expect("letter.eml", LETTER, 2, &[]),
    expect("letter.eml", PAGE, 2, &[]),
    expect(
        "letter.eml",
        &[
            "Subject: Документы, ИИН 900101100014",
            "ИИН сотрудника: 900101100004",
            "ЖСН 900101100500",
            "Subject: Бұрынғы хат",
        ],
        2,
        &[],
    ),
    expect(
        "lists.tar.gz",
        &["ФИО;ИИН\nҮлгілі;900101100004\n", "{\"iin\":\"900101100014\"}"],
        0,
        &[],
    ),
    expect("rotated.log.gz", &["iin=900101100004\n2024-03-02 client iin=851231203985\n"], 0, &[]),
    expect("streamed.zip", &["ЖСН 900101100004", "ИИН 851231203985"], 0, &[]),
];

#[test]
fn what_other_programs_wrote_is_read() {
    for expected in EXPECTED {
        let opened = open_all(expected.file, fixture(expected.file));
        let mut texts: Vec<String> = opened.texts.iter().map(|(_, text, _)| text.clone()).collect();
        texts.extend(opened.rest.iter().map(|(_, b)| String::from_utf8_lossy(b).into_owned()));
        for part in expected.texts {
            assert!(
                texts.iter().any(|text| text.contains(part)),
                "{}: {part:?} not in {texts:#?}",
                expected.file
            );
        }
        assert_eq!(opened.pictures.len(), expected.pictures, "{}", expected.file);
        let skips: Vec<_> = opened.skips.iter().map(|(_, skip)| skip.reason()).collect();
        assert_eq!(skips, expected.skips, "{}", expected.file);
    }
    // The numbers of the fixtures are those of make.py.
    assert_eq!([A, B, C, D, E].map(str::len), [12; 5]);
}

#[test]
fn a_locked_pdf_opens_with_a_password_of_the_list() {
    let bytes = fixture("locked.pdf");
    let (out, end) = super::samples::open_with(&super::pdf::Pdf, &bytes, "wrong\nsecret\n");
    assert_eq!(end, Ok(()));
    assert!(super::samples::texts(&out, Form::Plain).contains(A));
    let (_, end) = super::samples::open_with(&super::pdf::Pdf, &bytes, "wrong\n");
    assert_eq!(end, Err(Skip::Encrypted { format: "pdf" }));
}

#[test]
fn places_tell_the_way_in() {
    let opened = open_all("letter.eml", fixture("letter.eml"));
    let picture = opened.pictures.iter().find(|(at, _)| at.depth() == 3).unwrap();
    let inside: Vec<&str> = picture.0.inside().iter().map(|part| &**part).collect();
    assert_eq!(inside, ["құжаттар.zip", "өтініш.docx", "word/media/image1.png"]);
    for name in ["names-cp866.zip", "names-cp1251.zip"] {
        let opened = open_all(name, fixture(name));
        assert_eq!(opened.rest[0].0.name(), "Сотрудники/Справка.txt", "{name}");
    }
    let opened = open_all("slides.pptx", fixture("slides.pptx"));
    assert_eq!(opened.pictures[0].0.page_number(), Some(2));
    let opened = open_all("staff.xlsx", fixture("staff.xlsx"));
    let sheets: Vec<String> = opened
        .texts
        .iter()
        .filter(|(.., form)| matches!(form, Form::Table(b'\t')))
        .map(|(at, ..)| at.name())
        .collect();
    assert_eq!(sheets, ["Скрытый", "Қызметкерлер"]);
}

#[test]
fn facts_of_pictures_are_told() {
    let facts = |name: &str| {
        let opened = open_all(name, fixture(name));
        opened.pictures.into_iter().next().unwrap().1.facts
    };
    let near = |dpi: Option<(f32, f32)>, wanted: f32| {
        let (x, y) = dpi.unwrap();
        (x - wanted).abs() < 1.0 && (y - wanted).abs() < 1.0
    };
    let fax = facts("scan-g4.pdf");
    assert!(fax.bilevel && fax.full_page && near(fax.dpi, 200.0), "{fax:?}");
    let scan = facts("scan-jpeg.pdf");
    assert!(!scan.bilevel && scan.full_page && near(scan.dpi, 75.0), "{scan:?}");
    assert_eq!(scan.format, "jpeg");
    assert!(near(facts("pictures/reference.png").dpi, 300.0));
    assert!(near(facts("pictures/colour.jpg").dpi, 200.0));
    assert!(near(facts("pictures/colour.bmp").dpi, 150.0));
    assert!(near(facts("pictures/g4-pages.tif").dpi, 200.0));
    let photo = facts("pictures/camera.jpg");
    assert_eq!((photo.orientation, photo.camera, photo.channels), (Some(6), true, 3));
    assert!(!facts("pictures/colour.jpg").camera);
    assert_eq!(facts("pictures/grey.jpg").channels, 1);
    let tables = |facts: PictureFacts| {
        let jpeg = facts.jpeg.unwrap();
        (jpeg.quality, jpeg.usual_table, jpeg.subsampled)
    };
    // As they were written, see make.py.
    assert_eq!(tables(facts("pictures/colour.jpg")), (92, true, true));
    assert_eq!(tables(facts("pictures/grey.jpg")), (92, true, false));
    assert_eq!(tables(scan), (60, true, false));
    assert!(fax.fax_coded && facts("pictures/g4-pages.tif").fax_coded);
    assert!(!facts("pictures/colour.bmp").fax_coded);
    assert_eq!(facts("strips.pdf").maker, Maker::Office);
    let saturation = facts("pictures/colour.bmp").saturation;
    assert!(saturation.is_some_and(|v| v > 10), "{saturation:?}");
    assert_eq!(facts("pictures/reference.png").saturation, None);
    // The same picture; its colours are decoded where they are asked for, one value a block.
    let colours = facts("pictures/colour.jpg").colours.unwrap().decode().unwrap();
    let picture =
        open_all("pictures/colour.jpg", fixture("pictures/colour.jpg")).pictures.remove(0).1;
    assert_eq!(colours.columns, (picture.width as usize).div_ceil(8));
    assert_eq!(colours.cells.len() % colours.columns, 0);
    let farthest = colours.cells.iter().flatten().map(|v| v.abs_diff(128)).max();
    assert!(farthest.is_some_and(|v| v > 10), "{farthest:?}");
    assert!(facts("pictures/grey.jpg").colours.is_none());
}

#[test]
fn notes_in_pictures_are_read() {
    for (name, part) in [
        ("pictures/rgba-notes.png", "Comment: IIN 900101100004"),
        ("pictures/rgba-notes.png", "Description: ЖСН 900101100014"),
        ("pictures/colour.jpg", "Comment: ИИН 851231203985"),
        ("pictures/camera.jpg", "ImageDescription: IIN 900101100004"),
        ("pictures/jpeg.dcm", "PatientID: 900101100004"),
        ("pictures/runs.dcm", "PatientID: 900101100004"),
    ] {
        let opened = open_all(name, fixture(name));
        assert!(opened.texts.iter().any(|(_, text, form)| {
            *form == Form::Metadata && text.lines().any(|line| line == part)
        }));
    }
}

#[test]
fn pages_of_a_picture_are_pages() {
    for (name, pages) in [
        ("pictures/g4-pages.tif", 2),
        ("pictures/pages.gif", 2),
        #[cfg(feature = "djvu")]
        ("pictures/pages.djvu", 2),
    ] {
        let opened = open_all(name, fixture(name));
        let mut numbers: Vec<_> =
            opened.pictures.iter().filter_map(|(at, _)| at.page_number()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=pages).collect::<Vec<_>>(), "{name}");
    }
    #[cfg(feature = "heic")]
    assert_eq!(open_all("two.heic", fixture("pictures/two.heic")).pictures.len(), 2);
    let opened = open_all("pictures/g4-pages.tif", fixture("pictures/g4-pages.tif"));
    let [second, first] = opened.pictures.as_slice() else { panic!("two pages") };
    let turned: Vec<u8> = second.1.luma.iter().rev().copied().collect();
    assert_eq!(first.1.luma, turned);
}

#[test]
fn layers_and_strips_are_seen_as_the_page_they_make() {
    for (name, dark) in [("layers.pdf", 0.02), ("strips.pdf", 0.002)] {
        let opened = open_all(name, fixture(name));
        let painted = opened.pictures.iter().find(|(at, _)| at.name() == "painted page").unwrap();
        let black = painted.1.luma.iter().filter(|v| **v < 100).count();
        assert!(black as f64 > dark * painted.1.luma.len() as f64, "{name}: {black}");
        assert!(painted.1.facts.full_page);
    }
    let reference = only_picture("pictures/bits.png");
    assert_eq!(difference(&only_picture("jbig2.pdf").luma, &reference.luma), (0.0, 0));
    assert_eq!(difference(&only_picture("pictures/generic.jb2").luma, &reference.luma), (0.0, 0));
    let reference = only_picture("pictures/reference.png");
    // Ink as paper shows it: three full inks make no black.
    let ink = difference(&only_picture("ink.pdf").luma, &reference.luma);
    assert!(ink.0 < 15.0, "{ink:?}");
}

/// Every file of the folder, name and bytes.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for folder in
        [folder(), folder().join("pictures"), folder().join("archives"), folder().join("data")]
    {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_file() && ![".py", ".md", ".json"].iter().any(|end| name.ends_with(end)) {
                found.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    assert!(found.len() > 40);
    found
}

/// What a hostile file may cost in these tests.
fn narrow() -> Limits {
    Limits {
        max_expanded_bytes: 32 << 20,
        max_pixels: 8 << 20,
        max_members: 500,
        max_seconds: 20,
        ..Limits::default()
    }
}

/// A small generator of numbers, the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below.max(1)
    }
}

/// No panic may leave an extractor, and no more may come out than the budget allows.
fn survives(name: &str, bytes: Vec<u8>, what: &str) {
    let limits = narrow();
    let opened = open_all_within(name, bytes, &limits);
    let texts: usize = opened.texts.iter().map(|(_, text, _)| text.len()).sum();
    let rest: usize = opened.rest.iter().map(|(_, bytes)| bytes.len()).sum();
    let most = limits.max_expanded_bytes as usize;
    assert!(texts + rest <= 3 * most, "{name} {what}: {texts} + {rest} bytes");
    for (_, picture) in &opened.pictures {
        let pixels = u64::from(picture.width) * u64::from(picture.height);
        assert!(pixels <= limits.max_pixels && pixels == picture.luma.len() as u64, "{name}");
    }
}

#[test]
fn cut_files_neither_panic_nor_overrun() {
    for (name, bytes) in fixtures() {
        for step in 1..8 {
            let end = bytes.len() * step / 8;
            survives(&name, bytes[..end].to_vec(), &format!("cut at {end}"));
        }
    }
}

/// Changed copies of each file; more of them by `IINSPECT_ROUNDS=500 cargo test changed_bytes`.
fn rounds() -> usize {
    std::env::var("IINSPECT_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(8)
}

#[test]
fn files_with_changed_bytes_neither_panic_nor_overrun() {
    let mut dice = Dice(rounds() as u64);
    for (name, bytes) in fixtures() {
        for round in 0..rounds() {
            let mut bytes = bytes.clone();
            // Headers are where the numbers are.
            let reach = if round % 2 == 0 { bytes.len().min(512) } else { bytes.len() };
            for _ in 0..1 + round % 8 {
                let at = dice.roll(reach);
                bytes[at] = match dice.roll(4) {
                    0 => 0xff,
                    1 => 0,
                    _ => bytes[at] ^ 1 << dice.roll(8),
                };
            }
            survives(&name, bytes, &format!("round {round}"));
        }
    }
}

/// A wrong sniff must end as an error or in nothing, never in a panic.
#[test]
fn every_format_survives_the_files_of_every_other() {
    for (name, bytes) in fixtures() {
        for format in FORMATS {
            let mut budget = Budget::new(&narrow(), bytes.len() as u64);
            let mut out = Vec::new();
            // The outcome is free; a panic is not.
            let _ = format.open(&Locator::file(&name), &bytes, &mut budget, &mut out);
        }
    }
}

#[test]
fn names_of_formats_are_unique() {
    let mut names: Vec<_> = FORMATS.iter().map(|format| format.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), FORMATS.len());
    assert!(FORMATS.iter().all(|format| format.media_type().contains('/')));
}

/// A packed part that is changed does not even inflate; here the parts themselves are changed.
#[test]
fn packages_with_changed_parts_neither_panic_nor_overrun() {
    let mut dice = Dice(11);
    let packages = ["application.docx", "staff.xlsx", "slides.pptx", "memo.odt", "list.ods"];
    for name in packages {
        let bytes = fixture(name);
        let mut parts = Vec::new();
        let mut archive = ::zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        for i in 0..archive.len() {
            let mut member = archive.by_index(i).unwrap();
            let mut data = Vec::new();
            std::io::Read::read_to_end(&mut member, &mut data).unwrap();
            parts.push((member.name().unwrap().into_owned(), data));
        }
        for round in 0..4 * rounds() {
            let mut changed = parts.clone();
            let part = dice.roll(changed.len());
            let data = &mut changed[part].1;
            for _ in 0..1 + dice.roll(6) {
                if data.is_empty() {
                    break;
                }
                let at = dice.roll(data.len());
                match dice.roll(5) {
                    0 => data[at] = b"<>\"'&/=0\xff\x00"[dice.roll(10)],
                    1 => {
                        data.remove(at);
                    }
                    2 => data.truncate(at),
                    3 => {
                        let end = (at + dice.roll(200)).min(data.len());
                        let again = data[at..end].to_vec();
                        data.splice(at..at, again);
                    }
                    // A number out of all bounds.
                    _ => {
                        if let Some(digit) = data[at..].iter().position(u8::is_ascii_digit) {
                            data.splice(at + digit..at + digit, *b"99999999999999999999");
                        }
                    }
                }
            }
            let members: Vec<(&str, &[u8])> =
                changed.iter().map(|(name, data)| (name.as_str(), data.as_slice())).collect();
            survives(name, super::samples::zip(&members), &format!("round {round}"));
        }
    }
}
