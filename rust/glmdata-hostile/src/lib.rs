//! What must hold for any bytes: the checks that the fuzzers in `fuzz/` run and the tests replay.
//!
//! A check takes bytes and panics if the code under test broke a promise. It has no other result:
//! a reader may refuse the bytes or set them aside, but it may not panic, and its sums must hold.
//! [`TARGETS`] names the checks, each with seeds, which are small sound inputs to start from.
//!
//! The decoders of Parquet and Arrow panic on some damaged files, and `glmdata-io` catches that.
//! [`watch`] tells such a panic from one in our own code, which the same net would hide.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a check tells what it found by a panic"
)]

mod encode;
mod own;
mod packed;
mod place;
mod reading;
mod records;
mod seeds;
mod tables;
mod text;
mod vocabulary;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, Once, PoisonError};

/// A check with its seeds.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Name of the fuzzer and of the folder with its cases.
    pub name: &'static str,
    check: fn(&[u8]),
    /// Sound inputs, a few KB each.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All checks.
pub const TARGETS: [Target; 8] = [
    Target { name: "records", check: records::check, seeds: seeds::records },
    Target { name: "packed", check: packed::check, seeds: seeds::packed },
    Target { name: "parquet", check: tables::check_parquet, seeds: seeds::parquet },
    Target { name: "arrow", check: tables::check_arrow, seeds: seeds::arrow },
    Target { name: "own", check: own::check, seeds: seeds::own },
    Target { name: "vocabulary", check: vocabulary::check, seeds: seeds::vocabulary },
    Target { name: "text", check: text::check, seeds: seeds::text },
    Target { name: "encode", check: encode::check, seeds: seeds::encode },
];

/// What panicked since the last check.
static NOTED: Mutex<Noted> = Mutex::new(Noted { ours: None, last: None });

struct Noted {
    /// A panic of our own code, whoever caught it.
    ours: Option<String>,
    last: Option<String>,
}

/// From now on, note panics and say nothing.
///
/// A fuzzer calls it after its engine has set itself up: the engine ends the process at every panic,
/// and the decoders of other people panic a lot.
pub fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let file = info.location().map_or("", |place| place.file());
            let ours = file.contains("glmdata-") && !file.contains("glmdata-hostile");
            let mut noted = NOTED.lock().unwrap_or_else(PoisonError::into_inner);
            if ours {
                noted.ours = Some(info.to_string());
            }
            noted.last = Some(info.to_string());
        }));
    });
}

impl Target {
    /// The target of this name.
    ///
    /// # Panics
    /// If there is none.
    pub fn named(name: &str) -> Self {
        let found = TARGETS.into_iter().find(|target| target.name == name);
        found.unwrap_or_else(|| panic!("no target `{name}`"))
    }

    /// Run the check.
    ///
    /// # Panics
    /// If a promise is broken.
    pub fn check(&self, data: &[u8]) {
        watch();
        let passed = catch_unwind(AssertUnwindSafe(|| (self.check)(data))).is_ok();
        let mut noted = NOTED.lock().unwrap_or_else(PoisonError::into_inner);
        let (ours, last) = (noted.ours.take(), noted.last.take());
        drop(noted);
        if let Some(broken) = ours.or(last.filter(|_| !passed)) {
            // The hook keeps silent, so the message goes here.
            let _ = writeln!(std::io::stderr(), "{}: {broken}", self.name);
            panic!("{}: {broken}", self.name);
        }
    }
}
