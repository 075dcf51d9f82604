//! PDF: objects that point at themselves, numbers without bound, streams that unpack for ever.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::{Attack, Fate, attack};

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut out = ZlibEncoder::new(Vec::new(), Compression::best());
    out.write_all(data).unwrap();
    out.finish().unwrap()
}

fn stream(dictionary: &str, data: &[u8]) -> Vec<u8> {
    [
        format!("<< {dictionary} /Length {} >>\nstream\n", data.len()).as_bytes(),
        data,
        b"\nendstream",
    ]
    .concat()
}

fn text(object: impl AsRef<str>) -> Vec<u8> {
    object.as_ref().as_bytes().to_vec()
}

/// Objects 1, 2, ... with a right table; 1 is the catalog.
fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    pdf_with(objects, "")
}

fn pdf_with(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::new();
    for (i, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file.extend(format!("{} 0 obj\n", i + 1).bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let table = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for offset in offsets {
        file.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    let size = objects.len() + 1;
    let end =
        format!("trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF\n");
    file.extend(end.bytes());
    file
}

/// A page (object 3) with these contents (object 4) and resources; more objects from 5 on.
fn page(resources: &str, contents: Vec<u8>, more: Vec<Vec<u8>>) -> Vec<u8> {
    let page = format!(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << {resources} >> /Contents 4 0 R >>"
    );
    let mut objects = vec![
        text("<< /Type /Catalog /Pages 2 0 R >>"),
        text("<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
        text(page),
        contents,
    ];
    objects.extend(more);
    pdf(&objects)
}

const HELLO: &str = "BT /F1 12 Tf 72 700 Td (IIN 900101100004) Tj ET";
const FONT: &str = "/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>";

/// A page with a number on it, drawn with whatever else is in `more`.
fn beside(resources: &str, drawn: &str, more: Vec<Vec<u8>>) -> Vec<u8> {
    let contents = stream("", format!("{HELLO}\n{drawn}").as_bytes());
    page(&format!("{FONT} {resources}"), contents, more)
}

fn two_pages(second: &str, more: Vec<Vec<u8>>) -> Vec<u8> {
    let mut objects = vec![
        text("<< /Type /Catalog /Pages 2 0 R >>"),
        text(format!("<< /Type /Pages /Kids [3 0 R {second}] /Count 2 >>")),
        text(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << {FONT} >> /Contents 4 0 R >>"
        )),
        stream("", HELLO.as_bytes()),
    ];
    objects.extend(more);
    pdf(&objects)
}

fn image(width: &str, height: &str, rest: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("/Type /XObject /Subtype /Image /Width {width} /Height {height} {rest}");
    stream(&head, data)
}

fn bomb_of_filters() -> Vec<u8> {
    let once = zlib(&vec![b' '; 64 << 20]);
    let twice = zlib(&once);
    page("", stream("/Filter [/FlateDecode /FlateDecode]", &twice), Vec::new())
}

fn xref_stream(dictionary: &str, data: &[u8]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let at = file.len();
    file.extend(b"1 0 obj\n");
    file.extend(stream(&format!("/Type /XRef /Root 1 0 R {dictionary}"), data));
    file.extend(format!("\nendobj\nstartxref\n{at}\n%%EOF\n").bytes());
    file
}

pub fn attacks(planted: &[u8]) -> Vec<Attack> {
    use Fate::{Any, Found, Lost};
    let grey = "/ColorSpace /DeviceGray /BitsPerComponent 8";
    let draw = "/XObject << /X 5 0 R >>";
    let loops = |name: &str, tail: String| {
        let mut file = page(FONT, stream("", HELLO.as_bytes()), Vec::new());
        let at = file.len();
        file.extend(tail.replace("HERE", &at.to_string()).bytes());
        attack(name, Found, file)
    };
    let form = |x: &str| {
        stream(
            &format!(
                "/Type /XObject /Subtype /Form /BBox [0 0 600 850] /Resources << /XObject << /X {x} 0 R /Y {x} 0 R >> >>"
            ),
            b"/X Do /Y Do /X Do",
        )
    };
    let with_card = {
        // A picture of a card as it lies on disk, attached to a file with pages that loop.
        let attached = stream("/Type /EmbeddedFile", planted);
        let objects = vec![
            text(
                "<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(a.png) 4 0 R] >> >> >>",
            ),
            text("<< /Type /Pages /Kids [2 0 R 3 0 R 2 0 R] /Count 4000000000 >>"),
            text("<< /Type /Page /Parent 3 0 R /MediaBox [0 0 9 9] >>"),
            text("<< /Type /Filespec /F (a.png) /EF << /F 5 0 R >> >>"),
            attached,
        ];
        pdf(&objects)
    };
    vec![
        attack("pages-in-themselves.pdf", Lost, pdf(&[
            text("<< /Type /Catalog /Pages 2 0 R >>"),
            text("<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"),
        ])),
        attack("pages-in-a-ring.pdf", Found, two_pages("5 0 R", vec![
            text("<< /Type /Pages /Kids [6 0 R] /Parent 2 0 R /Count 1 >>"),
            text("<< /Type /Pages /Kids [5 0 R] /Parent 5 0 R /Count 1 >>"),
        ])),
        attack("card-beside-pages-in-themselves.pdf", Any, with_card),
        attack("huge-count.pdf", Found, two_pages("", Vec::new().into_iter().chain([text("null")]).collect())),
        attack("a-thousand-times-one-page.pdf", Any, {
            let kids = "3 0 R ".repeat(30_000);
            two_pages(&kids, Vec::new())
        }),
        attack("deep-page-tree.pdf", Any, {
            let mut objects = vec![text("<< /Type /Catalog /Pages 2 0 R >>")];
            objects.extend((3..20_000).map(|i| text(format!("<< /Type /Pages /Kids [{i} 0 R] /Count 1 >>"))));
            pdf(&objects)
        }),
        loops("prev-is-itself.pdf", "xref\n0 0\ntrailer\n<< /Size 5 /Root 1 0 R /Prev HERE >>\nstartxref\nHERE\n%%EOF\n".into()),
        loops("prev-is-nowhere.pdf", "xref\n0 0\ntrailer\n<< /Size 5 /Root 1 0 R /Prev 99999999999 >>\nstartxref\nHERE\n%%EOF\n".into()),
        loops("startxref-is-negative.pdf", "startxref\n-1\n%%EOF\n".into()),
        loops("xref-of-four-billion.pdf", "xref\n0 4294967295\n0000000000 65535 f \ntrailer\n<< /Size 4294967295 /Root 1 0 R >>\nstartxref\nHERE\n%%EOF\n".into()),
        attack("huge-w.pdf", Lost, xref_stream("/Size 2147483647 /W [2147483647 2147483647 2147483647]", &[1; 64])),
        attack("negative-w.pdf", Lost, xref_stream("/Size -1 /W [-1 -8 0] /Index [-5 99999999999]", &[1; 64])),
        attack("zero-w.pdf", Lost, xref_stream("/Size 2147483647 /W [0 0 0] /Index [0 2147483647]", &[0; 64])),
        attack("object-stream-in-itself.pdf", Any, {
            let inner = "4 0 5 9 << >> 4 0 R";
            let mut objects = vec![
                text("<< /Type /Catalog /Pages 6 0 R >>"),
                text("<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
                text("<< /Type /Page /Parent 2 0 R >>"),
                stream("/Type /ObjStm /N 2147483647 /First 8 /Extends 4 0 R", inner.as_bytes()),
            ];
            objects.push(stream("/Type /ObjStm /N 2 /First 999999999 /Extends 4 0 R", inner.as_bytes()));
            pdf(&objects)
        }),
        attack("length-of-itself.pdf", Any, page("", text("<< /Length 4 0 R >>\nstream\nBT ET\nendstream"), Vec::new())),
        attack("length-is-negative.pdf", Any, page("", text("<< /Length -9 >>\nstream\nBT ET\nendstream"), Vec::new())),
        attack("length-is-huge.pdf", Any, page(FONT, text(format!("<< /Length 99999999999 >>\nstream\n{HELLO}\nendstream")), Vec::new())),
        attack("reference-to-itself.pdf", Any, page("", text("4 0 R"), vec![text("6 0 R"), text("5 0 R")])),
        attack("forms-in-themselves.pdf", Found, beside(draw, "/X Do", vec![form("5")])),
        attack("forms-in-a-ring.pdf", Found, beside(draw, "/X Do", vec![form("6"), form("7"), form("5")])),
        attack("forms-that-double.pdf", Any, {
            beside(draw, "/X Do", (0..60).map(|i| form(&(i + 6).to_string())).collect())
        }),
        attack("soft-mask-of-itself.pdf", Found, {
            beside(draw, "600 0 0 850 0 0 cm /X Do", vec![image("64", "64", &format!("{grey} /SMask 5 0 R"), &[9; 4096])])
        }),
        attack("pattern-in-itself.pdf", Found, {
            let pattern = stream("/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep 0.00001 /YStep 0.00001 \
                /Resources << /Pattern << /P 5 0 R >> >>", b"/Pattern cs /P scn 0 0 9 9 re f");
            beside("/Pattern << /P 5 0 R >>", "/Pattern cs /P scn 0 0 500 500 re f", vec![pattern])
        }),
        attack("type3-font-in-itself.pdf", Found, {
            let font = text("<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [1 0 0 1 0 0] /FirstChar 0 /LastChar 255 \
                /Widths [1] /Encoding << /Differences [65 /A] >> /CharProcs << /A 6 0 R >> /Resources << /Font << /F2 5 0 R >> >> >>");
            let glyph = stream("", b"1 0 d0 BT /F2 1 Tf (AAAA) Tj ET");
            let contents = stream("", format!("{HELLO} BT /F2 9 Tf (AAAA) Tj ET").as_bytes());
            page("/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> /F2 5 0 R >>", contents, vec![font, glyph])
        }),
        attack("huge-picture.pdf", Lost, beside(draw, "600 0 0 850 0 0 cm /X Do", vec![image("65535", "65535", grey, &[0; 64])])),
        attack("picture-of-overflow.pdf", Any, beside(draw, "600 0 0 850 0 0 cm /X Do", vec![image("4294967295", "4294967297", grey, &[0; 64])])),
        attack("negative-picture.pdf", Any, beside(draw, "600 0 0 850 0 0 cm /X Do", vec![image("-5", "99", grey, &[0; 64])])),
        attack("huge-fax.pdf", Lost, beside(draw, "600 0 0 850 0 0 cm /X Do", vec![
            image("60000", "60000", "/BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 60000 /Rows 60000 >>", &[0x80; 64]),
        ])),
        attack("fax-without-end.pdf", Any, beside(draw, "600 0 0 850 0 0 cm /X Do", vec![
            image("1728", "99", "/BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 2147483647 /Rows 2147483647 >>", &[0xff; 4096]),
        ])),
        attack("picture-that-unpacks.pdf", Any, beside(draw, "600 0 0 850 0 0 cm /X Do", vec![
            image("100", "100", &format!("{grey} /Filter [/FlateDecode /FlateDecode]"), &zlib(&zlib(&vec![0; 96 << 20]))),
        ])),
        attack("contents-that-unpack.pdf", Any, bomb_of_filters()),
        attack("thousand-filters.pdf", Any, {
            page("", stream(&format!("/Filter [{}]", "/FlateDecode ".repeat(5000)), &zlib(b"BT ET")), Vec::new())
        }),
        attack("predictor-of-overflow.pdf", Any, {
            let parms = "/DecodeParms << /Predictor 15 /Columns 2147483647 /Colors 2147483647 /BitsPerComponent 2147483647 >>";
            page("", stream(&format!("/Filter /FlateDecode {parms}"), &zlib(&[2; 4096])), Vec::new())
        }),
        attack("lzw-without-end.pdf", Any, page("", stream("/Filter /LZWDecode", &[0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c].repeat(50_000)), Vec::new())),
        attack("deep-arrays.pdf", Any, page("", text("[".repeat(100_000)), Vec::new())),
        attack("deep-dictionaries.pdf", Any, page("", text("<</A".repeat(100_000)), Vec::new())),
        attack("deep-contents.pdf", Any, page(FONT, stream("", ["[".repeat(100_000), "(".repeat(100_000)].concat().as_bytes()), Vec::new())),
        attack("states-without-end.pdf", Any, page(FONT, stream("", format!("{} {HELLO}", "q ".repeat(400_000)).as_bytes()), Vec::new())),
        attack("numbers-without-bound.pdf", Any, {
            let drawn = "1e308 1e308 m 99999999999999999999999999 -1e-320 l S 1e38 0 0 1e38 0 0 cm 0 0 9e99 9e99 re W n 5 w [0.000001] 0 d 0 0 m 9999999 0 l S";
            page(FONT, stream("", format!("{drawn} {HELLO}").as_bytes()), Vec::new())
        }),
        attack("page-without-bound.pdf", Any, {
            let mut file = page(FONT, stream("", HELLO.as_bytes()), Vec::new());
            let at = memchr::memmem::find(&file, b"[0 0 595 842]").unwrap();
            file[at..at + 13].copy_from_slice(b"[-9e9 0 9e30]");
            file
        }),
        attack("ten-thousand-pictures.pdf", Any, {
            let contents = "q 9 0 0 9 0 0 cm /X Do Q ".repeat(10_000);
            beside(draw, &contents, vec![image("64", "64", grey, &[9; 4096])])
        }),
        attack("inline-picture-without-end.pdf", Found, beside("", "BI /W 65535 /H 65535 /BPC 8 /CS /G ID xxxx", Vec::new())),
        attack("function-without-bound.pdf", Found, {
            let function = stream("/FunctionType 0 /Domain [0 1 0 1 0 1 0 1] /Range [0 1] /Size [65535 65535 65535 65535] /BitsPerSample 32", b"x");
            beside("/Shading << /S << /ShadingType 2 /ColorSpace /DeviceGray /Coords [0 0 1 1] /Function 5 0 R >> >>", "/S sh", vec![function])
        }),
        attack("outline-in-a-ring.pdf", Found, {
            let mut objects = vec![
                text("<< /Type /Catalog /Pages 2 0 R /Outlines 5 0 R /Names << /EmbeddedFiles 6 0 R >> /AcroForm << /Fields [7 0 R] >> >>"),
                text("<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
                text(format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << {FONT} >> /Contents 4 0 R /Annots [7 0 R] >>")),
                stream("", HELLO.as_bytes()),
            ];
            objects.push(text("<< /First 5 0 R /Last 5 0 R /Next 5 0 R /Parent 5 0 R /Title (x) >>"));
            objects.push(text("<< /Kids [6 0 R 6 0 R] /Names [(a) 6 0 R] >>"));
            objects.push(text("<< /Type /Annot /Subtype /Widget /Kids [7 0 R] /Parent 7 0 R /T (x) /V 7 0 R /AP << /N 7 0 R >> >>"));
            pdf(&objects)
        }),
        attack("locked-with-nonsense.pdf", Any, {
            pdf_with(&[text("<< /Type /Catalog /Pages 2 0 R >>"), text("<< /Type /Pages /Kids [] /Count 0 >>")],
                "/Encrypt << /Filter /Standard /V 5 /R 6 /Length 99999999 /O (x) /U (y) /OE () /UE () /P -1 >> /ID [() ()]")
        }),
        attack("nothing-but-a-head.pdf", Lost, "%PDF-1.7\n"),
        attack("heads-without-end.pdf", Lost, "%PDF-1.7\n1 0 obj\n".repeat(60_000)),
        attack("objects-without-end.pdf", Any, {
            (1..120_000).fold(b"%PDF-1.7\n".to_vec(), |mut file, i| {
                file.extend(format!("{i} 0 obj<</A {} 0 R>>endobj\n", i + 1).bytes());
                file
            })
        }),
    ]
}
