//! A worker that a file has taken over, for the tests of the walls; not in release builds.
//!
//! A file or member named `misbehave-WHAT.EXT` makes the worker do WHAT when it is opened.

use std::fs::File;
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::wire::{Answer, Missed};
use super::worker::Relay;
use crate::error::Skip;
use crate::flow::Locator;

/// Long enough for every wall to be hit first.
const LONG: Duration = Duration::from_secs(3600);

pub fn now(at: &Locator, relay: &Relay) {
    let name = at.name();
    let Some(rest) = name.strip_prefix("misbehave-") else { return };
    let tell = |what: &'static str| {
        let skip = Missed::from(&Skip::damaged("misbehave", what));
        let _ = relay.say(&Answer::Skipped { at: at.into(), skip }, true);
    };
    let came_through = |through: bool| tell(if through { "came through" } else { "was refused" });
    match rest.split('.').next().unwrap_or_default() {
        "hang" => loop {
            std::hint::black_box(rest);
        },
        "sleep" => thread::sleep(LONG),
        "allocate" => {
            let mut held = Vec::new();
            loop {
                held.push(vec![1u8; 16 << 20]);
            }
        }
        // More than a pipe holds.
        "talk" => (0..1200).for_each(|_| eprintln!("{}", "decoders talk ".repeat(10))),
        "overflow" => drop(std::hint::black_box(deeper(1))),
        "crash" => std::process::abort(),
        "exit" => std::process::exit(0),
        "open" => came_through(File::open("/etc/passwd").is_ok()),
        "list" => came_through(std::fs::read_dir("/").is_ok()),
        "create" => came_through(File::create("/tmp/iinspect-was-here").is_ok()),
        "spawn" => came_through(Command::new("/bin/true").status().is_ok()),
        "exec" => came_through(Command::new("/bin/true").exec().raw_os_error().is_none()),
        "connect" => came_through(TcpStream::connect("127.0.0.1:9").is_ok()),
        "garbage" => drop(relay.raw(&[0xff; 4096])),
        "json" => drop(relay.raw(b"\x02\0\0\0{}")),
        "flood" => loop {
            tell("again and again");
        },
        "lie" => {
            let skip = Missed::Damaged("pdf".into(), "ИИН 900101100004 of somebody".into());
            let _ = relay.say(&Answer::Skipped { at: at.into(), skip }, true);
        }
        _ => {}
    }
}

fn deeper(n: u64) -> u64 {
    let pad = std::hint::black_box([n; 512]);
    if n == u64::MAX { 0 } else { deeper(n + 1) + pad[(n % 512) as usize] }
}
