//! Windows of N units, each with a hash and an anchor: what finds repeated passages.
//!
//! The anchor of a window is the least hash among the runs of K units within it (winnowing;
//! Schleimer, Wilkerson and Aiken, SIGMOD 2003). It depends on the window alone, so equal windows
//! have equal anchors, and neighbours mostly share theirs: a text has one for every N / 4 units or
//! so. A window whose anchor occurs once in all texts occurs once as well, and need not be looked at.

use std::collections::VecDeque;

use crate::hash::{BASE, mix64};

/// A window that ends at the unit that was given last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RepeatWindow {
    /// Hash of its units.
    pub hash: u64,
    /// Least hash of a run of units within it.
    pub anchor: u64,
    /// Whether the anchor stands elsewhere than that of the window before.
    pub is_new_anchor: bool,
}

/// A polynomial over the last few units.
#[derive(Clone, Copy, Debug)]
struct Rolling {
    /// What the unit that falls out is multiplied by.
    power: u64,
    value: u64,
}

impl Rolling {
    fn over(units: usize) -> Self {
        let power = (0..units).fold(1u64, |power, _| power.wrapping_mul(BASE));
        Self { power, value: 0 }
    }

    fn push(&mut self, hash: u64, falls_out: u64) {
        let value = self.value.wrapping_mul(BASE).wrapping_add(hash);
        self.value = value.wrapping_sub(falls_out.wrapping_mul(self.power));
    }
}

/// Takes the units of one text after the other.
#[derive(Debug)]
pub struct RepeatWindows {
    units: usize,
    run: usize,
    salt: u64,
    window: Rolling,
    within: Rolling,
    /// Hashes of the last `units` units, in a ring.
    ring: Vec<u64>,
    slot: usize,
    count: u64,
    /// Runs of the window that may become its least, by their hashes, and the unit each ends at.
    least: VecDeque<(u64, u64)>,
    anchor_at: u64,
}

impl RepeatWindows {
    /// Windows of `units` units, at least 2.
    pub fn new(units: usize) -> Self {
        let run = units - units / 2;
        Self {
            units,
            run,
            salt: 0,
            window: Rolling::over(units),
            within: Rolling::over(run),
            ring: vec![0; units],
            slot: 0,
            count: 0,
            least: VecDeque::new(),
            anchor_at: u64::MAX,
        }
    }

    /// Begin another text; those of another `salt` share no hash.
    pub fn start(&mut self, salt: u64) {
        self.salt = salt;
        (self.window.value, self.within.value) = (0, 0);
        self.ring.fill(0);
        (self.slot, self.count, self.anchor_at) = (0, 0, u64::MAX);
        self.least.clear();
    }

    /// The window that the unit with this hash completes.
    #[inline]
    pub fn push(&mut self, hash: u64) -> Option<RepeatWindow> {
        let run_end = self.slot + self.units - self.run;
        let leaves_run =
            self.ring[if run_end < self.units { run_end } else { run_end - self.units }];
        self.window.push(hash, self.ring[self.slot]);
        self.within.push(hash, leaves_run);
        self.ring[self.slot] = hash;
        self.slot = if self.slot + 1 == self.units { 0 } else { self.slot + 1 };
        let at = self.count;
        self.count += 1;
        if self.count < self.run as u64 {
            return None;
        }
        let run = mix64(self.within.value.wrapping_add(self.salt));
        // Of equal ones the last: it stays longest.
        while self.least.back().is_some_and(|&(other, _)| other >= run) {
            self.least.pop_back();
        }
        self.least.push_back((run, at));
        if self.count < self.units as u64 {
            return None;
        }
        let first = at - (self.units - self.run) as u64;
        while self.least.front().is_some_and(|&(_, end)| end < first) {
            self.least.pop_front();
        }
        let &(anchor, anchor_at) = self.least.front()?;
        let is_new_anchor = anchor_at != self.anchor_at;
        self.anchor_at = anchor_at;
        let hash = mix64(self.window.value.wrapping_add(self.salt));
        Some(RepeatWindow { hash, anchor, is_new_anchor })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use proptest::prelude::*;

    use super::*;

    fn windows(units: &[u64], size: usize, salt: u64) -> Vec<RepeatWindow> {
        let mut windows = RepeatWindows::new(size);
        // A text before it leaves nothing behind.
        windows.start(7);
        for unit in 0..5 {
            windows.push(unit);
        }
        windows.start(salt);
        units.iter().filter_map(|&unit| windows.push(mix64(unit))).collect()
    }

    proptest! {
        /// Windows are equal where hashes are; an anchor is that of its window alone, and each place of
        /// one is told once.
        #[test]
        fn windows_and_anchors_stand_for_units(
            units in prop::collection::vec(0u64..3, 0..120),
            size in 2usize..12,
        ) {
            let found = windows(&units, size, 0);
            prop_assert_eq!(found.len(), (units.len() + 1).saturating_sub(size));
            let (mut hashes, mut anchors) = (HashMap::new(), HashMap::new());
            for (window, found) in units.windows(size).zip(&found) {
                prop_assert_eq!(*hashes.entry(window).or_insert(found.hash), found.hash);
                prop_assert_eq!(*anchors.entry(window).or_insert(found.anchor), found.anchor);
            }
            prop_assert_eq!(hashes.values().collect::<HashSet<_>>().len(), hashes.len());
            // What occurs twice has an anchor that was told of twice.
            let mut told: HashMap<u64, usize> = HashMap::new();
            for window in found.iter().filter(|window| window.is_new_anchor) {
                *told.entry(window.anchor).or_default() += 1;
            }
            let mut places: HashMap<u64, usize> = HashMap::new();
            for window in &found {
                *places.entry(window.hash).or_default() += 1;
            }
            for window in &found {
                prop_assert!(places[&window.hash] < 2 || told[&window.anchor] >= 2);
            }
        }
    }

    #[test]
    fn anchors_are_few_and_salts_apart() {
        let units: Vec<u64> = (0..20_000).collect();
        let found = windows(&units, 50, 0);
        let anchors = found.iter().filter(|window| window.is_new_anchor).count();
        // Two in every 26 + 1 runs of 25 units.
        assert!((1_400..1_560).contains(&anchors), "{anchors}");
        let own: HashSet<u64> = found.iter().map(|window| window.hash).collect();
        assert!(windows(&units, 50, 1).iter().all(|window| !own.contains(&window.hash)));
    }
}
