//! XML, HTML, JSON and the packages made of them: entities, depth, repetition, references.

use super::zips::{Entry, zip};
use super::{Attack, Fate, attack, labelled};

const LAUGHS: &str = "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"ha ha ha ha \">\
    <!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">\
    <!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\"><!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\">\
    <!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;\"><!ENTITY g \"&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;\">\
    <!ENTITY me \"&me;\"><!ENTITY % p SYSTEM \"file:///etc/passwd\"> %p;\
    <!ENTITY x SYSTEM \"file:///etc/passwd\"><!ENTITY y SYSTEM \"http://127.0.0.1:9/\">]>";
const USED: &str = "&g;&x;&y;&me;";

const TYPES: &str = "<?xml version=\"1.0\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>";

fn package(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut entries = vec![Entry::deflated("[Content_Types].xml", TYPES.as_bytes())];
    entries.extend(parts.iter().map(|(name, data)| Entry::deflated(name, data)));
    zip(&entries)
}

fn docx(dtd: &str, body: &str) -> Vec<u8> {
    let document = format!("{dtd}<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>");
    package(&[("word/document.xml", document.into())])
}

fn paragraph(text: &str) -> String {
    format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
}

fn xlsx(strings: &str, sheet: &str) -> Vec<u8> {
    let book =
        "<workbook><sheets><sheet name=\"Лист1\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>";
    let relations = "<Relationships><Relationship Id=\"rId1\" Type=\"http://x/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
        <Relationship Id=\"rId2\" Type=\"http://x/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>";
    package(&[
        ("xl/workbook.xml", book.into()),
        ("xl/_rels/workbook.xml.rels", relations.into()),
        ("xl/sharedStrings.xml", strings.into()),
        ("xl/worksheets/sheet1.xml", sheet.into()),
    ])
}

fn odf(kind: &str, dtd: &str, body: &str) -> Vec<u8> {
    let media = format!("application/vnd.oasis.opendocument.{kind}");
    let content = format!(
        "{dtd}<office:document-content xmlns:office=\"o\" xmlns:text=\"t\" xmlns:table=\"b\">\
         <office:body>{body}</office:body></office:document-content>"
    );
    zip(&[
        Entry::stored("mimetype", media.as_bytes()),
        Entry::deflated("content.xml", content.as_bytes()),
    ])
}

fn cell(reference: &str, text: &str) -> String {
    format!("<c r=\"{reference}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

fn relations_in_a_ring() -> Vec<u8> {
    let to = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"http://x/{kind}\" Target=\"{target}\"/>")
    };
    let ring = [
        to("a", "header", "document.xml"),
        to("b", "image", "document.xml"),
        to("c", "subDocument", "../word/document.xml"),
        to("d", "oleObject", "../../../../etc/passwd"),
        to("a", "image", ""),
        to("e", "image", &"../".repeat(20_000)),
    ];
    let relations = format!("<Relationships>{}</Relationships>", ring.concat());
    let body = paragraph("ИИН 900101100004").repeat(3);
    let document = format!("<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>");
    package(&[
        ("word/document.xml", document.into()),
        ("word/_rels/document.xml.rels", relations.clone().into()),
        ("_rels/.rels", relations.into()),
    ])
}

pub fn attacks(planted: &[u8]) -> Vec<Attack> {
    use Fate::{Any, Found, FoundAndLost, Lost};
    const DEPTH: usize = 100_000;
    let iin = "ИИН 900101100004";
    let with_card = |broken: Vec<u8>| {
        zip(&[
            Entry::deflated("[Content_Types].xml", TYPES.as_bytes()),
            Entry::deflated("word/document.xml", &broken),
            Entry::stored("word/media/image1.png", planted),
        ])
    };
    let wide_sheet = format!(
        "<worksheet><dimension ref=\"A1:XFD1048576\"/><mergeCells><mergeCell ref=\"A1:XFD1048576\"/></mergeCells>\
         <sheetData><row r=\"1\">{}{}</row><row r=\"1048576\">{}</row><row r=\"4294967295\">{}</row></sheetData></worksheet>",
        cell("A1", "ИИН"),
        cell("XFD1", "x"),
        cell("XFD1048576", iin),
        cell("ZZZZZZZZZZ99999999999999999999", "y"),
    );
    let far_rows: String = (0..40)
        .map(|i| {
            format!(
                "<row r=\"{}\">{}</row>",
                i * 26_000 + 1,
                cell(&format!("XFD{}", i * 26_000 + 1), "x")
            )
        })
        .collect();
    let repeated = format!(
        "<office:spreadsheet><table:table><table:table-row table:number-rows-repeated=\"1048576\">\
         <table:table-cell table:number-columns-repeated=\"16384\"><text:p>{iin}</text:p></table:table-cell>\
         </table:table-row></table:table></office:spreadsheet>"
    );
    let spaces = format!(
        "<office:text><text:p>{iin}<text:s text:c=\"4294967295\"/><text:s text:c=\"-1\"/>\
         <text:s text:c=\"99999999999999999999\"/>x</text:p></office:text>"
    );
    let open_html = "<div><table><tr><td><ul><li>".repeat(DEPTH / 6);
    let attributes: String = (0..50_000).map(|i| format!(" a{i}=\"{i}\"")).collect();
    vec![
        attack("laughs.xml", Any, format!("{LAUGHS}<l>{USED}</l>")),
        attack(
            "laughs.svg",
            Any,
            format!("{LAUGHS}<svg xmlns=\"http://www.w3.org/2000/svg\"><text>{USED}</text></svg>"),
        ),
        attack("laughs.docx", Found, docx(LAUGHS, &paragraph(&format!("{USED} {iin}")))),
        attack("laughs.xlsx", Found, {
            xlsx(
                &format!("{LAUGHS}<sst><si><t>{USED} {iin}</t></si></sst>"),
                &format!(
                    "{LAUGHS}<worksheet><sheetData><row><c t=\"s\"><v>0</v></c><c><v>{USED}</v></c></row></sheetData></worksheet>"
                ),
            )
        }),
        attack(
            "laughs.odt",
            Found,
            odf(
                "text",
                LAUGHS,
                &format!("<office:text><text:p>{USED}{iin}</text:p></office:text>"),
            ),
        ),
        attack(
            "deep.docx",
            FoundAndLost,
            with_card(format!("<w:document xmlns:w=\"w\">{}", "<w:p>".repeat(DEPTH)).into()),
        ),
        attack("deep.odt", Lost, odf("text", "", &"<text:p>".repeat(DEPTH))),
        attack("deep.xlsx", Lost, xlsx("<sst/>", &"<c>".repeat(DEPTH))),
        attack(
            "no-end.docx",
            FoundAndLost,
            with_card(b"<w:document><w:body><w:p attr=\"".repeat(3)),
        ),
        attack(
            "huge-comment.docx",
            FoundAndLost,
            with_card(["<w:document><!-- ", &"-".repeat(5 << 20)].concat().into()),
        ),
        attack(
            "attributes.docx",
            Found,
            with_card(format!("<w:document{attributes}></w:document>").into()),
        ),
        attack("ring-of-relations.docx", Found, relations_in_a_ring()),
        attack("last-cell.xlsx", Found, xlsx("<sst/>", &wide_sheet)),
        attack(
            "far-cells.xlsx",
            Any,
            xlsx("<sst/>", &format!("<worksheet><sheetData>{far_rows}</sheetData></worksheet>")),
        ),
        attack("counts-that-lie.xlsx", Found, {
            xlsx(
                &format!(
                    "<sst count=\"4294967295\" uniqueCount=\"18446744073709551615\"><si><t>{iin}</t></si></sst>"
                ),
                "<worksheet><sheetData><row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>4294967295</v></c><c t=\"s\"><v>-1</v></c>\
                 <c t=\"s\"><v>1e308</v></c></row></sheetData></worksheet>",
            )
        }),
        attack("one-string-a-million-times.xlsx", Any, {
            let cells = "<row><c t=\"s\"><v>0</v></c></row>".repeat(100_000);
            xlsx(
                &format!("<sst><si><t>{}</t></si></sst>", "слово ".repeat(4000)),
                &format!("<worksheet><sheetData>{cells}</sheetData></worksheet>"),
            )
        }),
        attack("repeated-cells.ods", Found, odf("spreadsheet", "", &repeated)),
        attack("spaces.odt", Found, odf("text", "", &spaces)),
        attack("deep.html", Any, format!("<!DOCTYPE html><html><body>{open_html}{iin}")),
        attack(
            "deep-inline.html",
            Any,
            format!("<html>{}{iin}", "<b><i><a href=x>".repeat(DEPTH / 3)),
        ),
        attack("one-tag.html", Any, format!("<html><p {attributes}")),
        attack("only-open.html", Any, format!("<html>{}", "<".repeat(1 << 20))),
        attack(
            "only-entities.html",
            Any,
            format!("<html>{}", "&#x41;&amp;&#99999999999;&bogus".repeat(60_000)),
        ),
        attack("comments.html", Any, format!("<html>{}", "<!--".repeat(200_000))),
        attack("scripts.html", Any, format!("<html>{}", "<script><!--<script>".repeat(50_000))),
        attack("spans.html", Found, {
            let cell = "<td colspan=4294967295 rowspan=999999999>".to_owned() + iin + "</td>";
            format!("<html><table><tr>{cell}</tr><tr><td colspan=-1>{cell}</table>")
        }),
        attack("data-uris.html", Found, {
            use base64::Engine;
            let card = base64::engine::general_purpose::STANDARD.encode(planted);
            let bad = "<img src=\"data:image/png;base64,////====!!!!\">".repeat(300);
            format!(
                "<html>{bad}<img src=\"data:;base64,{}\"><img src=\"data:image/png;base64,{card}\">",
                "A".repeat(1 << 20)
            )
        }),
        attack(
            "deep.json",
            Any,
            ["[".repeat(DEPTH), String::from_utf8(labelled()).unwrap()].concat(),
        ),
        attack("deep-objects.json", Any, "{\"a\":".repeat(DEPTH)),
        attack(
            "deep.fb2",
            Any,
            format!("<?xml version=\"1.0\"?><FictionBook>{}", "<section>".repeat(DEPTH)),
        ),
        attack("deep.xml", Any, format!("<?xml version=\"1.0\"?>{}", "<a>".repeat(DEPTH))),
        attack(
            "one-line.txt",
            Found,
            format!("{}{iin} {}", "слово ".repeat(200_000), "x".repeat(1 << 20)),
        ),
    ]
}
