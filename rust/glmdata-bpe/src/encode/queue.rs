//! Pieces on their way from the scanner to the memo.
//!
//! Cutting is bound by branches, looking up by memory. Side by side they wait for each other; with
//! a queue between them the look-ups of a whole batch are in flight at once.

use super::memo::{MAX_PACKED, Memo, key_of};

const CAPACITY: usize = 128;

/// The length byte of a key that carries ids instead of bytes.
const DIRECT: u128 = 0xFF << 120;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Queued {
    /// A memo key, ids (see [`Queued::direct`]), or 0 for a piece that does not pack.
    pub(super) key: u128,
    pub(super) hash: usize,
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Queued {
    /// The ids that the entry carries itself.
    #[inline(always)]
    pub(super) fn direct(&self) -> Option<([u32; 3], usize)> {
        (self.key >= DIRECT).then(|| {
            let ids = [self.key as u32, (self.key >> 32) as u32, (self.key >> 64) as u32];
            (ids, (self.key >> 96 & 3) as usize)
        })
    }
}

#[derive(Clone, Debug)]
pub(super) struct Queue {
    entries: Box<[Queued; CAPACITY]>,
    filled: usize,
}

impl Queue {
    pub(super) fn new() -> Self {
        Self { entries: Box::new([Queued::default(); CAPACITY]), filled: 0 }
    }

    #[inline(always)]
    pub(super) fn is_full(&self) -> bool {
        self.filled >= CAPACITY
    }

    /// Add `bytes[from..to]` and ask `memo` for its line; the queue must not be full.
    #[inline(always)]
    pub(super) fn push(&mut self, memo: &Memo, bytes: &[u8], from: usize, to: usize) {
        let (mut key, mut hash) = (0, 0);
        if to - from <= MAX_PACKED {
            key = key_of(bytes, from, to);
            hash = Memo::hash(key);
            memo.prefetch(hash);
        }
        self.entries[self.filled & (CAPACITY - 1)] = Queued { key, hash, from, to };
        self.filled += 1;
    }

    /// Add ids that are known already.
    #[inline(always)]
    pub(super) fn push_ids(&mut self, ids: [u32; 3], count: u32) {
        let ids = u128::from(ids[0]) | u128::from(ids[1]) << 32 | u128::from(ids[2]) << 64;
        let key = DIRECT | ids | u128::from(count) << 96;
        self.entries[self.filled & (CAPACITY - 1)] = Queued { key, hash: 0, from: 0, to: 0 };
        self.filled += 1;
    }

    /// Empty the queue; its entries stay readable.
    #[inline(always)]
    pub(super) fn take(&mut self) -> usize {
        std::mem::take(&mut self.filled)
    }

    #[inline(always)]
    pub(super) fn get(&self, at: usize) -> Queued {
        self.entries[at & (CAPACITY - 1)]
    }
}
