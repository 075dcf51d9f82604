//! Fills a state with files that were looked at, and looks some of them up: how large it is, and what
//! a look-up costs.
//!
//! `cargo run --release --example ledger -- STATE FILES FILES_PER_FOLDER`

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use iinspect::state::{Entry, Generation, Keys, Outcome, State};

const FOLDERS_PER_COMMIT: u64 = 200;
const LOOK_UPS: u64 = 1_000_000;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize| args.get(i).and_then(|n| n.parse::<u64>().ok()).filter(|n| *n > 0);
    let (Some(path), Some(files), Some(per_folder)) = (args.first(), number(1), number(2)) else {
        eprintln!("usage: ledger STATE FILES FILES_PER_FOLDER");
        return ExitCode::from(2);
    };
    match run(Path::new(path), files, per_folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

fn run(path: &Path, files: u64, per_folder: u64) -> Result<(), Box<dyn std::error::Error>> {
    let mut state = State::open(path, Keys::new([7; 32]))?;
    let keys = state.keys().clone();
    let root = keys.root(Path::new("/srv/share"));
    let folders = files.div_ceil(per_folder);
    let name = |folder: u64| PathBuf::from(format!("department {}/{folder:06}", folder % 100));
    let file = |n: u64| OsString::from(format!("scan of a document {n:05}.pdf"));
    let before = cpu();
    for first in (0..folders).step_by(FOLDERS_PER_COMMIT as usize) {
        state.commit(|commit| {
            for folder in first..(first + FOLDERS_PER_COMMIT).min(folders) {
                let key = keys.below(root, &name(folder));
                for n in 0..per_folder {
                    let outcome = Outcome::file().with_findings(n % 100 == 0);
                    let name = keys.child(key, &file(n)).short();
                    let facts = keys.facts(&[folder, n]);
                    commit.put(
                        key,
                        Entry { name, facts, generation: Generation(1), outcome, note: 0 },
                    )?;
                }
            }
            Ok(())
        })?;
    }
    println!("filled: {:.1} s of CPU", (cpu() - before).as_secs_f64());
    state.close()?;
    println!(
        "size: {} bytes, {} a file",
        fs::metadata(path)?.len(),
        fs::metadata(path)?.len() / files
    );
    let state = State::open(path, keys.clone())?;
    let mut random = 1u64;
    let mut missing = 0u64;
    let before = cpu();
    for _ in 0..LOOK_UPS {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (folder, n) = ((random >> 33) % folders, (random >> 17) % per_folder);
        let key = keys.below(root, &name(folder));
        let found = state.entry(key, keys.child(key, &file(n)).short())?;
        missing += u64::from(found.is_none_or(|e| e.facts != keys.facts(&[folder, n])));
    }
    let each = (cpu() - before).as_nanos() as f64 / LOOK_UPS as f64 / 1000.0;
    println!("look-ups at random, path to entry: {each:.2} us of CPU each, {missing} missing");
    Ok(())
}

/// What this thread, the only one, has had of the processor.
fn cpu() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split(' ').next().and_then(|n| n.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}
