//! Where two sequences differ, in linear time: equal ends are trimmed, items that occur once on
//! both sides and in the same order are anchors (the idea of patience diff), and what lies between
//! two anchors is trimmed again.

use std::ops::Range;

/// A range on each side.
type Gap = (Range<usize>, Range<usize>);

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
    // Sorting beats a hash map here: the items are hashes already, and few.
    let mut items: Vec<(u64, bool, usize)> = Vec::with_capacity(within.0.len() + within.1.len());
    items.extend(within.0.clone().map(|i| (a[i], false, i)));
    items.extend(within.1.clone().map(|j| (b[j], true, j)));
    items.sort_unstable();
    let mut unique: Vec<(usize, usize)> = items
        .chunk_by(|x, y| x.0 == y.0)
        .filter_map(|same| match same {
            [(_, false, i), (_, true, j)] => Some((*i, *j)),
            _ => None,
        })
        .collect();
    unique.sort_unstable();
    longest_rising(&unique)
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
