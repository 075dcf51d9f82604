//! The layers hold: a module uses only modules above it, and the stages never use each other.
//!
//! Read from the source text: every path that starts at the crate's root, be it `crate::a::b`,
//! `use crate::{a, b::{c, d}}` or a chain of `super::` that climbs to the root. Comments,
//! strings and characters are left out, tests inside modules are not.

use std::fs;
use std::path::{Path, PathBuf};

/// From the ground up. Modules of one row never use each other; `worker` code of the engine may
/// use every stage. Rooms of later times stand here already, so that their place is no question.
const LAYERS: &[&[&str]] = &[
    &["error"],
    &["limits"],
    &["flow"],
    &["ident"],
    &["text"],
    &["pixels"],
    &["reader"],
    &["patterns"],
    &["source", "extract", "detect", "judge", "sink", "state"],
    &["engine"],
    &["agent"],
    &["report"],
    &["cli"],
];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|row| row.contains(&module))
}

/// `main.rs` and `lib.rs` stand over all layers.
fn is_root(module: &[String]) -> bool {
    module.is_empty()
}

#[test]
fn every_module_uses_only_those_above_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut faults = Vec::new();
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    assert!(files.len() > 10, "no sources under {}", src.display());
    for file in &files {
        let text = fs::read_to_string(file).unwrap();
        let relative = file.strip_prefix(&src).unwrap();
        for fault in violations(&module_path(relative), &text) {
            faults.push(format!("src/{}: {fault}", relative.display()));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn lib_declares_its_modules_in_layer_order() {
    let lib = include_str!("../src/lib.rs");
    let declared: Vec<&str> = lib
        .lines()
        .filter_map(|line| {
            line.trim().strip_prefix("pub mod ").or(line.trim().strip_prefix("mod "))
        })
        .map(|rest| rest.trim_end_matches(';'))
        .collect();
    assert!(declared.len() >= 10);
    let order: Vec<usize> = declared
        .iter()
        .map(|m| layer(m).unwrap_or_else(|| panic!("`{m}` has no place in LAYERS")))
        .collect();
    assert!(order.is_sorted(), "lib.rs declares {declared:?} out of order");
}

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// `detect/iin.rs` is `[detect, iin]`, `detect/mod.rs` is `[detect]`, `lib.rs` is `[]`.
fn module_path(relative: &Path) -> Vec<String> {
    let mut path: Vec<String> = relative
        .with_extension("")
        .components()
        .map(|c| c.as_os_str().to_str().unwrap().to_owned())
        .collect();
    if matches!(path.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        path.pop();
    }
    path
}

fn violations(module: &[String], source: &str) -> Vec<String> {
    if is_root(module) {
        return Vec::new();
    }
    let own = module[0].as_str();
    let Some(own_layer) = layer(own) else {
        return vec![format!("module `{own}` has no place in LAYERS")];
    };
    let mut faults = Vec::new();
    for (used, line) in uses(module, &tokens(source)) {
        let fault = match layer(&used) {
            _ if used == own => continue,
            Some(at) if at < own_layer => continue,
            Some(at) if at == own_layer => "sideways",
            Some(_) => "upward",
            None => "unplaced",
        };
        faults.push(format!("line {line}: {fault} use of `{used}`"));
    }
    faults
}

#[derive(Debug, PartialEq, Clone)]
struct Token {
    text: String,
    line: usize,
}

/// Words, `::` and single punctuation; comments, strings and characters are left out.
fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let (mut out, mut i, mut line) = (Vec::new(), 0, 1);
    while i < chars.len() {
        let start = i;
        let c = at(i);
        if c == '/' && at(i + 1) == '/' {
            while i < chars.len() && at(i) != '\n' {
                i += 1;
            }
        } else if c == '/' && at(i + 1) == '*' {
            let mut depth = 0;
            loop {
                if at(i) == '/' && at(i + 1) == '*' {
                    depth += 1;
                    i += 2;
                } else if at(i) == '*' && at(i + 1) == '/' {
                    depth -= 1;
                    i += 2;
                } else {
                    i += 1;
                }
                if depth == 0 || i >= chars.len() {
                    break;
                }
            }
        } else if let Some(end) = raw_string_end(&chars, i) {
            i = end;
        } else if c == '"' {
            i += 1;
            while i < chars.len() && at(i) != '"' {
                i += if at(i) == '\\' { 2 } else { 1 };
            }
            i += 1;
        } else if c == '\'' && (at(i + 1) == '\\' || at(i + 2) == '\'') {
            // A character; anything else with an apostrophe is a lifetime.
            i += if at(i + 1) == '\\' { 3 } else { 2 };
            while i < chars.len() && at(i) != '\'' {
                i += 1;
            }
            i += 1;
        } else if c.is_alphanumeric() || c == '_' {
            while at(i).is_alphanumeric() || at(i) == '_' {
                i += 1;
            }
            out.push(Token { text: chars[start..i].iter().collect(), line });
        } else if c == ':' && at(i + 1) == ':' {
            i += 2;
            out.push(Token { text: "::".into(), line });
        } else {
            i += 1;
            if !c.is_whitespace() {
                out.push(Token { text: c.into(), line });
            }
        }
        line += chars[start..i.min(chars.len())].iter().filter(|c| **c == '\n').count();
    }
    out
}

/// The index past a raw string (`r"…"`, `br#"…"#`) that starts at `i`.
fn raw_string_end(chars: &[char], i: usize) -> Option<usize> {
    let before = i.checked_sub(1).map(|j| chars[j]);
    if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let mut j = i + usize::from(chars.get(i) == Some(&'b'));
    if chars.get(j) != Some(&'r') {
        return None;
    }
    j += 1;
    let hashes = chars[j..].iter().take_while(|c| **c == '#').count();
    j += hashes;
    if chars.get(j) != Some(&'"') {
        return None;
    }
    j += 1;
    while j < chars.len() {
        if chars[j] == '"'
            && chars[j + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes
        {
            return Some(j + 1 + hashes);
        }
        j += 1;
    }
    Some(chars.len())
}

/// First segments below the crate's root that are used, with their lines.
fn uses(module: &[String], tokens: &[Token]) -> Vec<(String, usize)> {
    let mut out = Vec::new();
    // Inline modules around the place, with the depth of braces they were opened at.
    let (mut inline, mut depth) = (Vec::<usize>::new(), 0usize);
    let mut i = 0;
    while i < tokens.len() {
        let text = tokens[i].text.as_str();
        match text {
            "{" => {
                let is_module = i >= 2 && tokens[i - 2].text == "mod";
                depth += 1;
                if is_module {
                    inline.push(depth);
                }
            }
            "}" => {
                if inline.last() == Some(&depth) {
                    inline.pop();
                }
                depth = depth.saturating_sub(1);
            }
            "crate" if next_is(tokens, i + 1, "::") => {
                tree(tokens, i + 2, &mut out);
            }
            "super" if next_is(tokens, i + 1, "::") && (i == 0 || tokens[i - 1].text != "::") => {
                let mut climbed = 1;
                let mut j = i + 2;
                while next_is(tokens, j, "super") && next_is(tokens, j + 1, "::") {
                    climbed += 1;
                    j += 2;
                }
                if climbed >= module.len() + inline.len() {
                    tree(tokens, j, &mut out);
                }
                i = j;
                continue;
            }
            _ => {}
        }
        i += 1;
    }
    out
}

fn next_is(tokens: &[Token], i: usize, text: &str) -> bool {
    tokens.get(i).is_some_and(|t| t.text == text)
}

/// The first segments of a use tree that starts at the crate's root.
fn tree(tokens: &[Token], i: usize, out: &mut Vec<(String, usize)>) {
    let Some(first) = tokens.get(i) else { return };
    if first.text != "{" {
        if first.text != "self" {
            out.push((first.text.clone(), first.line));
        }
        return;
    }
    let (mut depth, mut fresh) = (0, true);
    for token in &tokens[i..] {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                if depth == 0 {
                    return;
                }
            }
            "," if depth == 1 => fresh = true,
            "self" if depth == 1 => fresh = false,
            name if depth == 1 && fresh => {
                out.push((name.to_owned(), token.line));
                fresh = false;
            }
            _ => {}
        }
    }
}

fn check(module: &str, source: &str) -> Vec<String> {
    violations(&module.split('/').map(str::to_owned).collect::<Vec<_>>(), source)
}

#[test]
fn planted_violations_are_caught_in_every_form() {
    for (module, source) in [
        ("flow/x", "use crate::engine::Engine;"),
        ("detect/iin", "use crate::extract::FORMATS;"),
        ("judge", "use crate::{error::Skip, flow::{Kind, Sign}, sink};"),
        ("judge", "use crate::{\n    flow::{self, Kind},\n    detect as d,\n};"),
        ("text/runs", "fn f() -> crate::patterns::Row { todo() }"),
        ("ident", "#[cfg(test)]\nmod tests {\n    use super::super::cli::run;\n}"),
        ("ident", "use super::text::Text;"),
        ("source/walk", "use super::super::sink::Sink;"),
        ("limits", "pub(in crate::flow) fn f() {}"),
        ("error", "type T<'a> = &'a crate::limits::Limits; const Q: char = '\"';"),
        ("reader", "const A: &str = \"// \\\" no comment\"; use crate::engine;"),
        ("reader", "const A: &str = r#\"a \" b\"#; use crate::engine;"),
        ("attic", "fn f() {}"),
        ("engine", "use crate::Thing;"),
    ] {
        assert_eq!(check(module, source).len(), 1, "{module}: {source}");
    }
    let two = "use crate::{cli, engine::{Run, Plan}};\n";
    assert_eq!(
        check("sink/jsonl", two),
        ["line 1: upward use of `cli`", "line 1: upward use of `engine`"]
    );
}

#[test]
fn downward_and_own_uses_are_silent() {
    for (module, source) in [
        ("engine/plan", "use crate::{detect, extract::{self, Extractor}, sink::Sink};"),
        (
            "detect/iin",
            "use crate::ident::iin; use super::TextDetector; use crate::detect::Column;",
        ),
        ("detect/iin/column", "use super::super::TextDetector;"),
        ("detect/iin", "mod tests { use super::super::TextDetector; }"),
        ("flow", "// use crate::engine::Engine;\n/* crate::cli /* nested */ crate::sink */"),
        ("flow", "const A: &str = \"crate::engine\"; const B: &str = r#\"crate::\"cli\"#;"),
        ("flow", "fn f<'a>(x: &'a str) -> &'a str { x } // 'crate::cli"),
        ("cli/scan", "use crate::engine; use crate::sink; use crate::error::Error;"),
    ] {
        assert_eq!(check(module, source), [""; 0], "{module}: {source}");
    }
}
