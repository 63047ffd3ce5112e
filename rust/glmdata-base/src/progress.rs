//! Counters that workers add to and the terminal reads, without locks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// The part of a stage that is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Listing inputs.
    Discover = 0,
    /// Reading records, computing keys and sketches; of the bytes of files.
    Scan = 1,
    /// Grouping equal keys and joining bands.
    Match = 2,
    /// Reading the texts of candidates again; of their bytes.
    Load = 3,
    /// Comparing candidate pairs; of all pairs.
    Verify = 4,
    /// Comparing pairs of families of near copies; of the documents in them.
    Follow = 5,
    /// Writing decisions and kept documents; of bytes.
    Write = 6,
    /// Learning tokens; of all tokens.
    Learn = 7,
    /// Packing documents into training rows; of the documents.
    Pack = 8,
    /// Writing training rows; of all rows.
    Rows = 9,
}

impl Phase {
    /// The word shown to the user.
    pub fn name(self) -> &'static str {
        match self {
            Self::Discover => "discover",
            Self::Scan => "scan",
            Self::Match => "match",
            Self::Load => "load",
            Self::Verify => "verify",
            Self::Follow => "follow",
            Self::Write => "write",
            Self::Learn => "learn",
            Self::Pack => "pack",
            Self::Rows => "rows",
        }
    }
}

/// Shared counters; clones see the same numbers.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    phase: AtomicU8,
    things: AtomicU64,
    done: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    /// All counters at zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Enter a phase of so much work (0 if unknown); counters restart.
    pub fn enter(&self, phase: Phase, total: u64) {
        self.0.things.store(0, Ordering::Relaxed);
        self.0.done.store(0, Ordering::Relaxed);
        self.0.total.store(total, Ordering::Relaxed);
        self.0.phase.store(phase as u8, Ordering::Relaxed);
    }

    /// Add documents or pairs, and finished work in the unit of the total.
    pub fn add(&self, things: u64, done: u64) {
        self.0.things.fetch_add(things, Ordering::Relaxed);
        self.0.done.fetch_add(done, Ordering::Relaxed);
    }

    /// Say how much of the work is done by now, where the total becomes known while it runs.
    pub fn reach(&self, done: u64, total: u64) {
        self.0.done.store(done, Ordering::Relaxed);
        self.0.total.store(total, Ordering::Relaxed);
    }

    /// (phase, documents or pairs, finished work, all work) as of now.
    pub fn read(&self) -> (Phase, u64, u64, u64) {
        let phase = match self.0.phase.load(Ordering::Relaxed) {
            1 => Phase::Scan,
            2 => Phase::Match,
            3 => Phase::Load,
            4 => Phase::Verify,
            5 => Phase::Follow,
            6 => Phase::Write,
            7 => Phase::Learn,
            8 => Phase::Pack,
            9 => Phase::Rows,
            _ => Phase::Discover,
        };
        (
            phase,
            self.0.things.load(Ordering::Relaxed),
            self.0.done.load(Ordering::Relaxed),
            self.0.total.load(Ordering::Relaxed),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_starts_from_zero() {
        let progress = Progress::new();
        progress.add(3, 30);
        progress.enter(Phase::Scan, 100);
        progress.clone().add(1, 10);
        assert_eq!(progress.read(), (Phase::Scan, 1, 10, 100));
        progress.reach(7, 70);
        assert_eq!(progress.read(), (Phase::Scan, 1, 7, 70));
    }

    #[test]
    fn every_phase_is_read_as_it_was_entered() {
        let progress = Progress::new();
        let all = [Phase::Discover, Phase::Scan, Phase::Match, Phase::Load, Phase::Verify];
        let more = [Phase::Follow, Phase::Write, Phase::Learn, Phase::Pack, Phase::Rows];
        for phase in all.into_iter().chain(more) {
            progress.enter(phase, 0);
            assert_eq!(progress.read().0, phase);
        }
    }
}
