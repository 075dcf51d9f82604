//! The one fuzz target: which of `targets.rs` it drives is in `IINSPECT_FUZZ` (`zip`, `mrz`,
//! `engine`, ...), so that a new format is fuzzed without a new file.

#![no_main]

use std::sync::LazyLock;

#[allow(dead_code)]
#[path = "../src/targets.rs"]
mod targets;

static TARGET: LazyLock<targets::Target> = LazyLock::new(|| {
    let name = std::env::var("IINSPECT_FUZZ").unwrap_or_else(|_| "engine".into());
    match targets::named(&name) {
        Some(target) => target,
        None => {
            let names: Vec<&str> = targets::all().iter().map(|target| target.name).collect();
            eprintln!("IINSPECT_FUZZ={name} is none of: {}", names.join(" "));
            std::process::exit(2);
        }
    }
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| TARGET.run(data));
