//! Writes a labelled set of invented text files, with `truth.jsonl` beside them.
//!
//! ```text
//! cargo run --release --example generate -- DIR [--held|--usual] [--small] [--seed N]
//! ```
//!
//! What is written is data: `templates/tune.txt` and `templates/held.txt` hold the forms and the
//! words; this program only fills them in, encodes them and notes what it put where. The two
//! template files share nothing, so a program tuned on one set can be measured on the other.
//! `templates/usual.txt` is neither: ordinary logs and tables, some 100 MB, to measure speed on.
//! Every person and number is made up: personal numbers carry a 7th digit of 1 or 2, which says
//! "born in the 19th century". The same seed gives the same bytes.

mod encode;
mod form;
mod numbers;
mod random;
mod render;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use encode::Encoding;
use form::{EncodingSet, Form, Templates};
use random::Random;
use render::Render;

/// Rows of a file in the small set: enough for the population of a column to tell.
const SMALL_ROWS: usize = 14;

struct Options {
    dir: PathBuf,
    templates: &'static str,
    small: bool,
    seed: u64,
}

fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}\nusage: generate DIR [--held|--usual] [--small] [--seed N]");
            return ExitCode::from(2);
        }
    };
    match write(&options) {
        Ok((files, bytes)) => {
            println!("{files} files, {bytes} bytes in {}", options.dir.display());
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("{}: {e}", options.dir.display());
            ExitCode::FAILURE
        }
    }
}

fn options(mut args: impl Iterator<Item = String>) -> Result<Options, String> {
    let (mut dir, mut small, mut seed) = (None, false, None);
    let mut set: (&str, u64) = (include_str!("templates/tune.txt"), 20_240_211);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--held" => set = (include_str!("templates/held.txt"), 7_041_943),
            "--usual" => set = (include_str!("templates/usual.txt"), 31_415),
            "--small" => small = true,
            "--seed" => {
                let n = args.next().ok_or("--seed wants a number")?;
                seed = Some(n.parse().map_err(|_| format!("--seed: {n} is no number"))?);
            }
            _ if arg.starts_with('-') => return Err(format!("unknown option {arg}")),
            _ if dir.is_none() => dir = Some(PathBuf::from(arg)),
            _ => return Err(format!("one folder only, {arg} is the second")),
        }
    }
    let dir = dir.ok_or("no folder named")?;
    Ok(Options { dir, templates: set.0, small, seed: seed.unwrap_or(set.1) })
}

fn write(options: &Options) -> std::io::Result<(usize, usize)> {
    let templates = Templates::parse(options.templates);
    let (mut truth, mut files, mut bytes) = (String::new(), 0, 0);
    for (at, form) in templates.forms.iter().enumerate() {
        if options.small && form.rows.1 > 2000 {
            continue; // the long tables are what the big sets are for
        }
        for (copy, encoding) in copies(form, at, options.small).into_iter().enumerate() {
            // One stream a file: a form added in the middle leaves the other files as they were.
            let random = Random::new(options.seed).fork(&form.id, copy as u64);
            let mut render = Render::new(&templates.words, random);
            let text = render.file(form, options.small.then_some(SMALL_ROWS));
            let coded = encoding.encode(&text);
            let name = match &form.name {
                Some(name) => render.name(name, copy),
                // A name that tells nothing: hints in names are for other tests.
                None => format!("{files:04}.{}", form.ext),
            };
            let place = format!("{:02}", files / 100);
            let folder = options.dir.join(&place);
            fs::create_dir_all(&folder)?;
            fs::write(folder.join(&name), &coded)?;
            files += 1;
            bytes += coded.len();
            let line = json!({
                "file": format!("{place}/{name}"),
                "channel": form.channel,
                "container": "none",
                "expect": render.expected(),
                "tags": [format!("form:{}", form.id), format!("encoding:{}", encoding.name()),
                         format!("context:{}", form.context)],
                "note": form.note,
            });
            truth.push_str(&line.to_string());
            truth.push('\n');
        }
    }
    fs::write(options.dir.join("truth.jsonl"), truth)?;
    Ok((files, bytes))
}

/// In which encodings a form is written. In the small set each form comes once, the encodings
/// taken in turn.
fn copies(form: &Form, at: usize, small: bool) -> Vec<Encoding> {
    let all = match form.encodings {
        EncodingSet::All => Encoding::ALL.to_vec(),
        EncodingSet::Ascii => vec![Encoding::Utf8; form.copies],
    };
    if small { vec![all[at % all.len()]] } else { all }
}
