//! The short form of the fuzzers, the same on every run: seeds, seeds that were damaged by rule, and
//! the cases in `fuzz/cases/`, each of which was a finding.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test says where it is")]

use std::path::Path;

use glmdata_hostile::Target;

/// Damaged forms of every seed.
const DAMAGED: u64 = 150;

/// A number that depends on `number` alone.
fn mixed(number: u64) -> u64 {
    let mut state = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

/// The seed with some bytes changed, and every third time cut off.
fn damaged(seed: &[u8], number: u64) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    let length = bytes.len() as u64;
    for change in 0..=number % 4 {
        let drawn = mixed(number << 8 | change);
        let at = (drawn % length) as usize;
        bytes[at] = match drawn >> 56 & 3 {
            0 => bytes[at] ^ (1 << (drawn >> 48 & 7)),
            1 => 0xff,
            2 => 0,
            _ => (drawn >> 40) as u8,
        };
    }
    if number % 3 == 2 {
        bytes.truncate((mixed(!number) % (length + 1)) as usize);
    }
    bytes
}

fn replay(name: &str) {
    let target = Target::named(name);
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/cases").join(name);
    let mut paths: Vec<_> = cases
        .read_dir()
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default();
    paths.sort();
    for path in paths {
        // What the test prints if a case fails.
        println!("{}", path.display());
        target.check(&std::fs::read(path).unwrap());
    }
    for (at, seed) in (target.seeds)().iter().enumerate() {
        println!("seed {at}");
        target.check(seed);
        for number in 0..DAMAGED {
            println!("seed {at}, damaged form {number}");
            target.check(&damaged(seed, number));
        }
    }
}

macro_rules! replays {
    ($($name:ident),*) => {$(
        #[test]
        fn $name() {
            replay(stringify!($name));
        }
    )*};
}

replays!(records, packed, parquet, arrow, own, vocabulary, text, encode);

#[test]
fn every_target_is_replayed() {
    let names = glmdata_hostile::TARGETS.map(|target| target.name);
    assert_eq!(
        names,
        ["records", "packed", "parquet", "arrow", "own", "vocabulary", "text", "encode"]
    );
}
