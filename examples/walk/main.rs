//! Walks a folder as the service does, and says what is there: for `benches/walk.sh`, and to see
//! how a share behaves before it is given to the service.
//!
//! ```text
//! cargo run --release --example walk -- DIR [--threads N] [--across]
//! ```
//!
//! `--across` also enters other file systems below DIR. Prints how many folders, files and other
//! entries there are, and how many would not be listed or asked about.

use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::sync::Arc;

use iinspect::source::tree::{EntryKind, Options, tree};

fn main() -> Result<(), String> {
    let mut options = Options::default();
    let mut root = None;
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--threads") => {
                let count = arguments.next().and_then(|n| n.to_str()?.parse().ok());
                options.threads = count.ok_or("--threads wants a number")?;
            }
            Some("--across") => options.one_file_system = false,
            _ => root = Some(PathBuf::from(argument)),
        }
    }
    let root = root.ok_or("which folder?")?;
    let hasher = RandomState::new();
    let order = Arc::new(move |name: &[u8]| hasher.hash_one(name));
    let (mut folders, mut files, mut others, mut trouble) = (0u64, 0u64, 0u64, 0u64);
    for folder in tree(&root, &options, order, None, Arc::new(|_, _, _| false)) {
        folders += 1;
        trouble += folder.trouble.len() as u64;
        for entry in &folder.entries {
            match entry.kind {
                EntryKind::File => files += 1,
                EntryKind::Folder => {}
                EntryKind::Link | EntryKind::Other(_) => others += 1,
            }
        }
    }
    println!("{folders} folders, {files} files, {others} other entries, {trouble} in trouble");
    Ok(())
}
