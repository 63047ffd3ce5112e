//! Counters that workers add to and the terminal reads, without locks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// The part of a stage that is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Listing inputs.
    Discover = 0,
    /// Reading records, computing keys and sketches.
    Scan = 1,
    /// Grouping equal keys and joining bands.
    Match = 2,
    /// Comparing candidate pairs.
    Verify = 3,
    /// Writing decisions and kept documents.
    Write = 4,
    /// Learning tokens.
    Learn = 5,
}

impl Phase {
    /// The word shown to the user.
    pub fn name(self) -> &'static str {
        match self {
            Self::Discover => "discover",
            Self::Scan => "scan",
            Self::Match => "match",
            Self::Verify => "verify",
            Self::Write => "write",
            Self::Learn => "learn",
        }
    }
}

/// Shared counters; clones see the same numbers.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    phase: AtomicU8,
    documents: AtomicU64,
    bytes: AtomicU64,
    total_bytes: AtomicU64,
}

impl Progress {
    /// All counters at zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Enter a phase of `total_bytes` bytes of work (0 if unknown); documents and bytes restart.
    pub fn enter(&self, phase: Phase, total_bytes: u64) {
        self.0.documents.store(0, Ordering::Relaxed);
        self.0.bytes.store(0, Ordering::Relaxed);
        self.0.total_bytes.store(total_bytes, Ordering::Relaxed);
        self.0.phase.store(phase as u8, Ordering::Relaxed);
    }

    /// Add finished work.
    pub fn add(&self, documents: u64, bytes: u64) {
        self.0.documents.fetch_add(documents, Ordering::Relaxed);
        self.0.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// (phase, documents, bytes, total bytes) as of now.
    pub fn read(&self) -> (Phase, u64, u64, u64) {
        let phase = match self.0.phase.load(Ordering::Relaxed) {
            1 => Phase::Scan,
            2 => Phase::Match,
            3 => Phase::Verify,
            4 => Phase::Write,
            5 => Phase::Learn,
            _ => Phase::Discover,
        };
        (
            phase,
            self.0.documents.load(Ordering::Relaxed),
            self.0.bytes.load(Ordering::Relaxed),
            self.0.total_bytes.load(Ordering::Relaxed),
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
    }
}
