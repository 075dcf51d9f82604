//! The fuzz targets for as long as one likes, without any tool: seeds are the fixtures and the attacks,
//! changed without end. What fails is written to `target/soak/`, to become a test.
//!
//! `IINSPECT_SOAK=TARGET,TARGET IINSPECT_SOAK_SECONDS=600 cargo test --test soak -- --ignored --nocapture`;
//! all targets in turn where none is named. `fuzz/README.md` has what it is beside a real fuzzer.

mod attacks;
mod support;
#[allow(dead_code)]
#[path = "../fuzz/src/targets.rs"]
mod targets;

use std::collections::HashSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use iinspect::extract::recognise;
use iinspect::flow::Content;
use support::mangle::{Dice, PANICS, count_panics, fixtures, head};
use support::root;
use targets::Target;

/// One input may take so much processor time; the budget of the targets is less.
const SLOW: Duration = Duration::from_secs(25);
/// Larger seeds leave too few rounds.
const MAX_SEED: usize = 200_000;
/// Members of one seed that become seeds.
const MAX_CHILDREN: usize = 40;

#[test]
#[ignore = "runs as long as it is told to"]
fn targets_stand_what_chance_makes_of_the_seeds() {
    count_panics();
    let seconds = std::env::var("IINSPECT_SOAK_SECONDS").ok().and_then(|n| n.parse().ok());
    let time = Duration::from_secs(seconds.unwrap_or(60));
    let wanted = std::env::var("IINSPECT_SOAK").unwrap_or_default();
    let wanted: Vec<&str> = wanted.split(',').filter(|name| !name.is_empty()).collect();
    let seeds = seeds();
    let mut failed = 0;
    for target in targets::all() {
        if wanted.is_empty() || wanted.contains(&target.name) {
            failed += soak(&target, &seeds, time);
        }
    }
    assert_eq!(failed, 0, "inputs are in target/soak; {:?}", PANICS.lock().unwrap());
}

fn seeds() -> Vec<Vec<u8>> {
    let card = fs::read(root().join("fixtures/mrz/card_1bit.png")).unwrap();
    let mut seeds: Vec<Vec<u8>> = fixtures().into_iter().map(|(_, bytes)| bytes).collect();
    seeds.extend(attacks::all(&card).into_iter().map(|attack| attack.bytes));
    seeds.push(targets::ANSWERS.into());
    // What lies in them is a seed too: some formats are kept packed.
    let mut known: HashSet<Vec<u8>> = seeds.iter().cloned().collect();
    let mut from = 0;
    for _ in 0..2 {
        let outer = seeds.get(from..).unwrap_or_default().to_vec();
        from = seeds.len();
        for seed in outer.iter().filter(|seed| seed.len() <= MAX_SEED) {
            let Some(format) = recognise(head(seed)) else { continue };
            // What panics is found by the targets themselves.
            let opened = catch_unwind(AssertUnwindSafe(|| targets::open(format, seed)));
            for child in opened.unwrap_or_default().into_iter().take(MAX_CHILDREN) {
                if let Content::Bytes { bytes, .. } = child
                    && recognise(head(&bytes)).is_some()
                    && known.insert(bytes.clone())
                {
                    seeds.push(bytes);
                }
            }
        }
    }
    seeds.retain(|seed| !seed.is_empty() && seed.len() <= MAX_SEED);
    seeds
}

/// Those of the target's own format; of a parser of text, all.
fn seeds_of<'s>(target: &Target, seeds: &'s [Vec<u8>]) -> Vec<&'s Vec<u8>> {
    if target.name == "worker-wire" {
        return seeds.iter().filter(|seed| **seed == targets::ANSWERS.as_bytes()).collect();
    }
    let fits = |seed: &&Vec<u8>| recognise(head(seed)).is_some_and(|f| f.name() == target.name);
    let own: Vec<&Vec<u8>> = seeds.iter().filter(fits).collect();
    if own.is_empty() { seeds.iter().collect() } else { own }
}

#[test]
#[ignore = "writes files, for fuzz/seeds.sh"]
fn seeds_are_laid_out() {
    let Some(dir) = std::env::var_os("IINSPECT_SEEDS") else { return };
    let seeds = seeds();
    for target in targets::all() {
        let dir = root().join(&dir).join(target.name);
        fs::create_dir_all(&dir).unwrap();
        for (i, seed) in seeds_of(&target, &seeds).iter().enumerate() {
            fs::write(dir.join(format!("{i:04}")), seed).unwrap();
        }
    }
}

/// Processor time of this process so far; the machine may be busy with others.
fn used() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit(')').next().unwrap().split_whitespace().skip(11).take(2);
    Duration::from_millis(fields.map(|ticks| ticks.parse::<u64>().unwrap() * 10).sum())
}

/// Runs one target until its time is over; how many inputs failed.
fn soak(target: &Target, seeds: &[Vec<u8>], time: Duration) -> u32 {
    let own = seeds_of(target, seeds);
    let started = Instant::now();
    let clock = started.elapsed().as_nanos();
    let mut dice = Dice::of(&format!("{} {:?} {clock}", target.name, std::time::SystemTime::now()));
    let (mut rounds, mut failed) = (0u64, 0);
    let mut slowest = Duration::ZERO;
    while started.elapsed() < time {
        let seed = own[dice.below(own.len())];
        let data = dice.change(seed);
        let begun = used();
        let end = catch_unwind(AssertUnwindSafe(|| target.run(&data)));
        let took = used().saturating_sub(begun);
        slowest = slowest.max(took);
        rounds += 1;
        if end.is_err() || took > SLOW {
            failed += 1;
            let dir = root().join("target/soak");
            fs::create_dir_all(&dir).unwrap();
            let name = format!("{}-{rounds}-{}s", target.name, took.as_secs());
            fs::write(dir.join(name), &data).unwrap();
        }
    }
    println!(
        "{}: {} seeds, {rounds} rounds, {failed} failed, slowest {slowest:?}",
        target.name,
        own.len()
    );
    failed
}
