//! The next pair to merge: highest count, then bytes of the left token, then of the right one.
//!
//! Counts never rise, so the queue runs through its levels once, from high to low. A pair waits at
//! the count it had when it was put there and moves down when it is found to have lost some.

use std::collections::BinaryHeap;

/// Levels below this have a list each; above, counts are rarely equal.
const LISTED: usize = 1 << 16;

#[derive(Debug)]
pub(super) struct Queue {
    /// Pairs by count, the lists of low levels.
    low: Vec<Vec<u32>>,
    /// (count, pair) from `LISTED` on.
    high: BinaryHeap<(u64, u32)>,
    /// The highest low level that may hold pairs.
    top: usize,
}

impl Queue {
    pub(super) fn new() -> Self {
        Self { low: vec![Vec::new(); LISTED], high: BinaryHeap::new(), top: 0 }
    }

    pub(super) fn push(&mut self, pair: u32, count: u64) {
        if let Some(list) = self.low.get_mut(count as usize) {
            list.push(pair);
            self.top = self.top.max(count as usize);
        } else {
            self.high.push((count, pair));
        }
    }

    /// Take all pairs of the highest level into `out`; gives the level.
    pub(super) fn pop_level(&mut self, out: &mut Vec<u32>) -> Option<u64> {
        if let Some((count, pair)) = self.high.pop() {
            out.push(pair);
            while let Some(&(same, pair)) = self.high.peek()
                && same == count
            {
                out.push(pair);
                self.high.pop();
            }
            return Some(count);
        }
        while self.low.get(self.top).is_some_and(Vec::is_empty) {
            self.top = self.top.checked_sub(1)?;
        }
        out.append(self.low.get_mut(self.top)?);
        Some(self.top as u64)
    }
}
