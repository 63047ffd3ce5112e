//! Where two sequences differ, in linear time: equal ends are trimmed, items that occur once on
//! both sides and in the same order are anchors (the idea of patience diff), and what lies between
//! two anchors is trimmed again.

use std::ops::Range;

/// A range on each side.
pub(super) type Gap = (Range<usize>, Range<usize>);

/// Ranges of `a` and `b` that do not match, in order; either may be empty, not both.
pub(super) fn gaps(a: &[u64], b: &[u64]) -> Vec<Gap> {
    let mut found = Vec::new();
    let whole = trim(a, b, 0..a.len(), 0..b.len());
    let (mut from_a, mut from_b) = (whole.0.start, whole.1.start);
    let anchors = anchors(a, b, &whole);
    let ends = std::iter::once((whole.0.end, whole.1.end));
    for (at_a, at_b) in anchors.into_iter().chain(ends) {
        let (gap_a, gap_b) = trim(a, b, from_a..at_a.max(from_a), from_b..at_b.max(from_b));
        if !gap_a.is_empty() || !gap_b.is_empty() {
            found.push((gap_a, gap_b));
        }
        (from_a, from_b) = (at_a + 1, at_b + 1);
    }
    found
}

fn trim(a: &[u64], b: &[u64], ra: Range<usize>, rb: Range<usize>) -> Gap {
    let (left, right) = (&a[ra.clone()], &b[rb.clone()]);
    let head = left.iter().zip(right).take_while(|(x, y)| x == y).count();
    let (left, right) = (&left[head..], &right[head..]);
    let tail = left.iter().rev().zip(right.iter().rev()).take_while(|(x, y)| x == y).count();
    (ra.start + head..ra.end - tail, rb.start + head..rb.end - tail)
}

/// Positions of items that occur once in both ranges: the longest run of them that rises in both.
fn anchors(a: &[u64], b: &[u64], within: &Gap) -> Vec<(usize, usize)> {
    let (of_a, of_b) = (&a[within.0.clone()], &b[within.1.clone()]);
    if of_a.is_empty() || of_b.is_empty() {
        return Vec::new();
    }
    let (mut places, mut partners) = (Places::of(of_a), vec![Partner::None; of_a.len()]);
    for (i, &item) in of_a.iter().enumerate() {
        if let Some(first) = places.find_or_add(of_a, item, i) {
            partners[first] = Partner::Several;
        }
    }
    for (j, &item) in of_b.iter().enumerate() {
        if let Some(i) = places.find(of_a, item) {
            partners[i] = match partners[i] {
                Partner::None => Partner::One(within.1.start + j),
                Partner::One(_) | Partner::Several => Partner::Several,
            };
        }
    }
    let unique = partners.into_iter().enumerate().filter_map(|(i, partner)| match partner {
        Partner::One(j) => Some((within.0.start + i, j)),
        Partner::None | Partner::Several => None,
    });
    let unique: Vec<(usize, usize)> = unique.collect();
    if unique.is_sorted_by_key(|&(_, j)| j) { unique } else { longest_rising(&unique) }
}

/// What an item of the one side has met on the other.
#[derive(Clone, Copy)]
enum Partner {
    None,
    One(usize),
    /// Or the item itself occurs several times.
    Several,
}

/// Where items stand: a hash table with open addresses. The items are hashes already, so their low
/// bits are the address; a table of the standard library would hash them again.
struct Places {
    /// Position plus one; 0 is free.
    slots: Vec<u32>,
}

impl Places {
    fn of(items: &[u64]) -> Self {
        Self { slots: vec![0; (2 * items.len()).next_power_of_two()] }
    }

    /// The slot of `item`, which is free if `items` were not given it.
    fn slot(&self, items: &[u64], item: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = item as usize & mask;
        while self.slots[slot] != 0 && items[self.slots[slot] as usize - 1] != item {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn find(&self, items: &[u64], item: u64) -> Option<usize> {
        (self.slots[self.slot(items, item)] as usize).checked_sub(1)
    }

    /// Where `item` stands, or `None` and from now on `position`.
    fn find_or_add(&mut self, items: &[u64], item: u64, position: usize) -> Option<usize> {
        let slot = self.slot(items, item);
        let found = (self.slots[slot] as usize).checked_sub(1);
        if found.is_none() {
            self.slots[slot] = position as u32 + 1;
        }
        found
    }
}

/// The longest subsequence whose second members rise (patience sorting).
fn longest_rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // Index of the last pair of the best run of each length, and the pair before each pair.
    let mut tops: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (i, pair) in pairs.iter().enumerate() {
        let length = tops.partition_point(|&top| pairs[top].1 < pair.1);
        before.push(length.checked_sub(1).map(|shorter| tops[shorter]));
        match tops.get_mut(length) {
            Some(top) => *top = i,
            None => tops.push(i),
        }
    }
    let mut run = Vec::with_capacity(tops.len());
    let mut at = tops.last().copied();
    while let Some(i) = at {
        run.push(pairs[i]);
        at = before[i];
    }
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_gaps() {
        let cases: &[(&[u64], &[u64], &[Gap])] = &[
            (&[], &[], &[]),
            (&[1, 2, 3], &[1, 2, 3], &[]),
            (&[1, 2, 3], &[1, 9, 3], &[(1..2, 1..2)]),
            (&[1, 2, 3, 4, 5], &[1, 7, 3, 5], &[(1..2, 1..2), (3..4, 3..3)]),
            (&[], &[1], &[(0..0, 0..1)]),
        ];
        for (a, b, expected) in cases {
            assert_eq!(&gaps(a, b), expected);
        }
    }

    proptest! {
        #[test]
        fn anchors_occur_once_on_both_sides(
            a in prop::collection::vec(0u64..40, 0..40),
            b in prop::collection::vec(0u64..40, 0..40),
        ) {
            let once = |items: &[u64], item| items.iter().filter(|&&x| x == item).count() == 1;
            let expected: Vec<(usize, usize)> = (0..a.len())
                .filter(|&i| once(&a, a[i]) && once(&b, a[i]))
                .filter_map(|i| Some((i, b.iter().position(|&x| x == a[i])?)))
                .collect();
            let found = anchors(&a, &b, &(0..a.len(), 0..b.len()));
            prop_assert!(found.iter().all(|pair| expected.contains(pair)));
            prop_assert!(found.is_sorted_by(|x, y| x.0 < y.0 && x.1 < y.1));
            prop_assert_eq!(found.len(), longest_rising(&expected).len());
        }

        #[test]
        fn what_lies_between_gaps_is_equal(
            a in prop::collection::vec(0u64..12, 0..40),
            b in prop::collection::vec(0u64..12, 0..40),
        ) {
            let (mut at_a, mut at_b) = (0, 0);
            let all = gaps(&a, &b);
            for (gap_a, gap_b) in all.into_iter().chain([(a.len()..a.len(), b.len()..b.len())]) {
                prop_assert_eq!(&a[at_a..gap_a.start], &b[at_b..gap_b.start]);
                (at_a, at_b) = (gap_a.end, gap_b.end);
            }
        }
    }
}
