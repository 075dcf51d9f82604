//! Every fixture cut short and with bits changed: no panic comes out, no budget is overrun, and what
//! was lost is told.
//!
//! All is sampled by a fixed rule, so that a failure comes again. The same targets are run for long
//! by `tests/soak.rs` and by `fuzz/`.

mod support;
#[allow(dead_code)]
#[path = "../fuzz/src/targets.rs"]
mod targets;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use iinspect::extract::recognise;
use iinspect::flow::{Content, Locator};
use iinspect::limits::{Budget, Limits};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde_json::Value;
use support::mangle::{Dice, PANICS, count_panics, fixtures, head, opened};
use support::{folder, records, run, status, stderr, write};

/// Of one open, on a machine that may be busy; a hang takes for ever.
const MAX_TIME: Duration = Duration::from_secs(60);
/// Of this whole process at its highest, with one file at a time on each processor.
const MAX_MEMORY_BYTES: u64 = 2 << 30;

/// What one file came to.
#[derive(Default, PartialEq, Eq, Debug)]
struct Came {
    /// Bytes, letters and pixels of everything that was opened in it.
    amount: u64,
    told: usize,
}

/// Opens a file and all that is in it, as the engine does, and looks at nothing.
fn open_all(name: &str, bytes: Vec<u8>) -> Came {
    let limits = targets::limits();
    let mut budget = Budget::new(&limits, bytes.len() as u64);
    let mut came = Came::default();
    let mut list = vec![Content::Bytes { at: Locator::file(name), bytes }];
    let started = Instant::now();
    while let Some(content) = list.pop() {
        match content {
            Content::Bytes { at, bytes } => {
                came.amount += bytes.len() as u64;
                let Some(format) = recognise(head(&bytes)) else { continue };
                if budget.depth(at.depth()).is_err() {
                    came.told += 1;
                    continue;
                }
                let mut out = Vec::new();
                let open = AssertUnwindSafe(|| format.open(&at, &bytes, &mut budget, &mut out));
                let end = catch_unwind(open).unwrap_or_else(|_| {
                    let panics = PANICS.lock().unwrap();
                    panic!("{} panics in {name}: {panics:?}", format.name());
                });
                came.told += usize::from(end.is_err());
                list.extend(out);
            }
            Content::Text { text, .. } => came.amount += text.len() as u64,
            Content::Picture { picture, .. } => {
                let pixels = u64::from(picture.width) * u64::from(picture.height);
                assert_eq!(picture.luma.len() as u64, pixels, "{name}: pixels are missing");
                came.amount += pixels;
            }
            Content::Skipped { .. } => came.told += 1,
        }
    }
    assert!(started.elapsed() < MAX_TIME, "{name} took {:?}", started.elapsed());
    came
}

/// What this process held at most.
fn peak_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

/// How many variants of a file there are: large ones are slow, and more alike.
fn variants(bytes: &[u8]) -> usize {
    match bytes.len() {
        0..8_000 => 120,
        8_000..40_000 => 40,
        _ => 16,
    }
}

#[test]
fn mangled_files_cause_no_panic_and_overrun_no_budget() {
    count_panics();
    let fixtures = opened();
    assert!(fixtures.len() > 90, "only {}", fixtures.len());
    fixtures.par_iter().for_each(|(path, bytes)| {
        let name = path.file_name().unwrap().to_string_lossy();
        let mut dice = Dice::of(&name);
        for i in 0..variants(bytes) {
            let changed = dice.change(bytes);
            open_all(&format!("{i} {name}"), changed);
        }
    });
    // The pdf library panics on some, one page at a time: that is contained where it is called.
    println!("contained: {:?}", PANICS.lock().unwrap());
    let peak = peak_bytes();
    assert!(peak < MAX_MEMORY_BYTES, "{peak} bytes at once");
}

/// Formats that know their own end, or say how long they are.
const KNOW_THEIR_END: [&str; 21] = [
    "zip", "docx", "xlsx", "pptx", "odf", "gzip", "png", "pdf", "gif", "webp", "bzip2", "xz",
    "zstd", "lz4", "7z", "rar", "cab", "ole2", "sqlite", "heic", "iso9660",
];

/// Two whole files, one behind the other: cut between them, the first is all there seems to be.
const TWO_IN_ONE: [&str; 5] = [
    "removed-page.pdf",
    "rotated.log.gz",
    "service.log.2.xz",
    "service.log.lz4",
    "service.log.zst",
];

#[test]
fn what_is_cut_off_is_told() {
    count_panics();
    let silent = Mutex::new(Vec::new());
    opened().par_iter().for_each(|(path, bytes)| {
        let name = path.file_name().unwrap().to_string_lossy();
        let whole = open_all(&name, bytes.clone());
        let format = recognise(head(bytes)).expect("opened").name();
        let steps = variants(bytes);
        for i in 1..=steps {
            let cut = bytes.len() * i / (steps + 1);
            let Some(same) = recognise(head(&bytes[..cut])) else { continue };
            let came = open_all(&format!("{name} to {cut}"), bytes[..cut].to_vec());
            let lost = came.amount - (cut as u64) < whole.amount - bytes.len() as u64;
            let tells = KNOW_THEIR_END.contains(&format) && same.name() == format;
            let tells = tells && !TWO_IN_ONE.contains(&&*name);
            if tells && lost && came.told == 0 {
                silent.lock().unwrap().push(format!("{name} to {cut} of {}", bytes.len()));
            }
        }
    });
    let mut silent = silent.into_inner().unwrap();
    silent.sort();
    assert!(silent.is_empty(), "{} lost and not told:\n{}", silent.len(), silent.join("\n"));
}

#[test]
fn every_fuzz_target_stands_its_seeds_and_some_changes() {
    count_panics();
    let fixtures = fixtures();
    let failed = Mutex::new(Vec::new());
    targets::all().par_iter().for_each(|target| {
        let fits = |bytes: &[u8]| match recognise(head(bytes)) {
            Some(format) => format.name() == target.name,
            None => false,
        };
        let mut seeds: Vec<&[u8]> = fixtures
            .iter()
            .map(|(_, bytes)| bytes.as_slice())
            .filter(|bytes| bytes.len() < 20_000 && fits(bytes))
            .take(4)
            .collect();
        let mut times = 12;
        if seeds.is_empty() {
            // A parser of text, or a format without a small fixture: anything short.
            let short = fixtures.iter().map(|(_, bytes)| bytes.as_slice());
            seeds = short.filter(|bytes| bytes.len() < 3000).step_by(9).collect();
            times = 2;
        }
        let mut dice = Dice::of(target.name);
        for seed in seeds {
            for i in 0..=times {
                let data = if i == 0 { seed.to_vec() } else { dice.change(seed) };
                if catch_unwind(AssertUnwindSafe(|| target.run(&data))).is_err() {
                    failed.lock().unwrap().push((target.name, data.len()));
                }
            }
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{failed:?}; {:?}", PANICS.lock().unwrap());
}

/// What a record is about: where, and what or why.
fn about(record: &Value) -> String {
    let place = &record["location"];
    let name = place["path"].as_str().and_then(|path| path.rsplit('/').next());
    let kind = record["kind"].as_str().or(record["reason"].as_str());
    format!("{name:?} {} {} {kind:?}", place["inside"], place["page"])
}

#[test]
fn mangled_files_end_the_same_in_workers_and_without() {
    let dir = folder();
    let mut files = 0;
    for (i, (path, bytes)) in opened().iter().enumerate().step_by(2) {
        let name = path.file_name().unwrap().to_string_lossy();
        let mut dice = Dice::of(&format!("sandbox {name}"));
        let cut = bytes.len() / 3 + dice.below(bytes.len() / 2);
        for (kind, bytes) in [("cut", bytes[..cut].to_vec()), ("changed", dice.change(bytes))] {
            write(dir.path(), format!("{i}-{kind}-{name}"), bytes);
            files += 1;
        }
    }
    let told = |mode: &str| {
        let args = ["scan", "--format", "jsonl", "--sandbox", mode].map(AsRef::as_ref);
        let output = run(args.into_iter().chain([dir.path().as_os_str()]));
        assert_eq!(status(&output), 3, "{}", stderr(&output));
        let said = stderr(&output);
        assert!(said.contains(&format!("{files} files in ")), "{files} files, but {said}");
        let records = records(&output);
        for record in &records {
            let reason = record["reason"].as_str().unwrap_or_default();
            assert!(
                !["panicked", "worker_failed", "sandbox_violation"].contains(&reason),
                "{record}"
            );
        }
        let mut told: Vec<String> = records.iter().map(about).collect();
        told.sort();
        told
    };
    let (walled, bare) = (told(support::sandbox()), told("off"));
    assert!(walled.len() > files / 3, "{} records of {files} files", walled.len());
    assert_eq!(walled, bare);
}

/// A budget by itself: whatever is taken from it in whatever order.
mod budgets {
    use iinspect::error::{Bound, Skip};
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Take {
        Bytes(u64),
        Member,
        Read(usize),
    }

    fn taking() -> impl Strategy<Value = Vec<Take>> {
        let one = prop_oneof![
            prop_oneof![0..5000u64, any::<u64>()].prop_map(Take::Bytes),
            Just(Take::Member),
            (0..200_000usize).prop_map(Take::Read),
        ];
        proptest::collection::vec(one, 0..60)
    }

    fn limits() -> impl Strategy<Value = Limits> {
        (0..300_000u64, 0..30u64, 1..1000u64, 0..100_000u64).prop_map(
            |(max_expanded_bytes, max_members, max_ratio, ratio_after_bytes)| Limits {
                max_expanded_bytes,
                max_members,
                max_ratio,
                ratio_after_bytes,
                ..Limits::default()
            },
        )
    }

    proptest! {
        /// What is granted never sums to more than the limits, and a refusal names the limit.
        #[test]
        fn no_order_of_taking_gets_more_than_there_is(
            limits in limits(),
            input in 0..10_000u64,
            takes in taking(),
        ) {
            let mut budget = Budget::new(&limits, input);
            let (mut bytes, mut members) = (0u64, 0u64);
            let mut ended = false;
            for take in takes {
                let end = match take {
                    Take::Bytes(n) => budget.charge(n).map(|()| bytes += n),
                    Take::Member => budget.member().map(|()| members += 1),
                    Take::Read(n) => {
                        let data = vec![7u8; n];
                        let read = budget.read_all("test", data.as_slice());
                        read.map(|all| bytes += all.len() as u64)
                    }
                };
                prop_assert!(bytes <= limits.max_expanded_bytes);
                prop_assert!(members <= limits.max_members);
                prop_assert!(
                    bytes <= limits.ratio_after_bytes
                        || bytes / input.max(1) <= limits.max_ratio
                );
                match end {
                    Ok(()) => {}
                    Err(Skip::OverBudget(
                        Bound::ExpandedBytes(_) | Bound::Members(_) | Bound::Ratio(_),
                    )) => ended = true,
                    Err(other) => prop_assert!(false, "{other:?}"),
                }
            }
            // Once the bytes are at their end, they stay there.
            if ended && budget.charge(0).is_err() {
                prop_assert!(budget.charge(1).is_err());
            }
        }

        #[test]
        fn pictures_are_measured_without_overflow(width: u64, height: u64) {
            let limits = Limits::default();
            let fits = u128::from(width) * u128::from(height) <= u128::from(limits.max_pixels);
            prop_assert_eq!(Budget::new(&limits, 0).pixels(width, height).is_ok(), fits);
        }

        #[test]
        fn depth_is_what_it_says(depth: u32, max_depth: u32) {
            let limits = Limits { max_depth, ..Limits::default() };
            prop_assert_eq!(Budget::new(&limits, 0).depth(depth).is_ok(), depth <= max_depth);
        }
    }
}
