//! Mail: parts without number, parts in parts without end, boundaries everywhere.

use base64::Engine;

use super::{Attack, Fate, attack, labelled};

const HEAD: &str = "From: a@example.kz\r\nTo: b@example.kz\r\nSubject: x\r\nMIME-Version: 1.0\r\n";

fn part(kind: &str, body: &str) -> String {
    format!("Content-Type: {kind}\r\n\r\n{body}\r\n")
}

fn multipart(boundary: &str, parts: &[String]) -> String {
    let body: String = parts.iter().map(|part| format!("--{boundary}\r\n{part}")).collect();
    format!(
        "Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n{body}--{boundary}--\r\n"
    )
}

fn picture(planted: &[u8]) -> String {
    let coded = base64::engine::general_purpose::STANDARD.encode(planted);
    let lines: Vec<&str> =
        coded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!(
        "Content-Type: image/png; name=\"card.png\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        lines.join("\r\n")
    )
}

fn mail(rest: &str) -> Vec<u8> {
    [HEAD, rest].concat().into()
}

pub fn attacks(planted: &[u8]) -> Vec<Attack> {
    use Fate::{Any, Found};
    let text = String::from_utf8(labelled()).unwrap();
    let card = picture(planted);
    let plain = part("text/plain; charset=utf-8", &text);
    let many = |n: usize, last: &str| {
        let mut parts = vec![part("text/plain", "x"); n];
        parts.push(last.to_owned());
        mail(&multipart("b", &parts))
    };
    let deep = |n: usize| {
        let open: String = (0..n)
            .map(|i| format!("Content-Type: multipart/mixed; boundary=\"b{i}\"\r\n\r\n--b{i}\r\n"))
            .collect();
        mail(&[open, plain.clone()].concat())
    };
    let messages = (0..400).fold(part("text/plain", &text), |inner, i| {
        format!("Content-Type: message/rfc822\r\n\r\nSubject: {i}\r\n{inner}")
    });
    vec![
        attack("ten-thousand-parts.eml", Found, many(10_000, &card)),
        attack("thirty-thousand-parts.eml", Any, many(30_000, &card)),
        attack("deep-parts.eml", Any, deep(2000)),
        attack("same-boundary-inside.eml", Found, {
            mail(&multipart(
                "b",
                &[card.clone(), multipart("b", std::slice::from_ref(&plain)), plain.clone()],
            ))
        }),
        attack("boundaries.eml", Any, {
            let flood = "--b\r\n".repeat(200_000);
            mail(&format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{flood}{card}--b--"))
        }),
        attack(
            "no-boundary.eml",
            Any,
            mail(&format!("Content-Type: multipart/mixed\r\n\r\n{text}")),
        ),
        attack(
            "empty-boundary.eml",
            Any,
            mail(&format!(
                "Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n{}",
                "--\r\n".repeat(100_000)
            )),
        ),
        attack("long-boundary.eml", Any, {
            let long = "b".repeat(1 << 20);
            mail(&multipart(&long, std::slice::from_ref(&plain)))
        }),
        attack("messages-in-messages.eml", Any, mail(&messages)),
        attack("headers.eml", Found, {
            let flood: String = (0..100_000).map(|i| format!("X-{i}: y\r\n")).collect();
            mail(&format!("{flood}{plain}"))
        }),
        attack(
            "long-header.eml",
            Found,
            mail(&format!("X-Long: {}\r\n{plain}", "слово ".repeat(400_000))),
        ),
        attack(
            "folded-header.eml",
            Found,
            mail(&format!("X-Folded: a{}\r\n{plain}", "\r\n b".repeat(200_000))),
        ),
        attack("coded-words.eml", Found, {
            mail(&format!(
                "Keywords: {}\r\n{plain}",
                "=?utf-8?B?0JjQmNCd?= =?x?Q?=?= ".repeat(50_000)
            ))
        }),
        attack(
            "addresses.eml",
            Found,
            mail(&format!("Cc: {}\r\n{plain}", "(((<a@b>,".repeat(50_000))),
        ),
        attack("code-that-is-none.eml", Found, {
            let broken = "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!===\u{0}====\r\n".to_owned();
            mail(&multipart("b", &[broken, card.clone()]))
        }),
        attack("quoted.eml", Any, {
            let body = "=".repeat(300_000) + &"=\r\n".repeat(100_000);
            mail(&format!(
                "Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/plain\r\n\r\n{body}"
            ))
        }),
        attack("hostile-names.eml", Found, {
            let name = "\u{1b}[31m../../etc/passwd\"; x=\"ИИН 900101100014";
            let part = card.replace("card.png", name);
            mail(&multipart("b", &[part]))
        }),
        attack("no-mail.mbox", Any, "From a@b Sat Nov 21 00:00:00 2026\n".repeat(60_000)),
        attack("only-from.mbox", Any, "From \n\nFrom \n".repeat(60_000)),
        attack("last-mail.mbox", Found, {
            let empty = "From a@b Sat Nov 21 00:00:00 2026\nSubject: x\n\n\n".repeat(5000);
            let last = String::from_utf8(mail(&plain)).unwrap();
            format!("{empty}From a@b Sat Nov 21 00:00:00 2026\n{last}\n")
        }),
        attack("attributes-that-lie.tnef", Any, {
            [
                &[0x78, 0x9f, 0x3e, 0x22, 1, 0][..],
                &[1, 6, 0x90, 8, 0, 0xff, 0xff, 0xff, 0xff].repeat(500),
            ]
            .concat()
        }),
    ]
}
