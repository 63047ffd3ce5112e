//! Where two texts differ, for a reader: finer than [`gaps`], whose anchors occur once on each side,
//! and still bounded. Short lists are aligned item by item; of long ones each gap is aligned again by
//! itself, where more of its items occur once.

use std::ops::Range;

use glmdata_base::hash64;

use super::align::{Gap, gaps};

/// Alignments of a gap within a gap.
const DEPTH: usize = 8;

/// Comparisons of items for one gap, and for all of a text together.
const CELLS_A_GAP: usize = 1 << 20;
const CELLS: usize = 1 << 24;

/// Ranges of `a` and `b` that do not match, in order.
///
/// Linear in their lengths but for at most 16 million comparisons.
pub fn side_by_side(a: &[&str], b: &[&str]) -> Vec<(Range<usize>, Range<usize>)> {
    let keys = |side: &[&str]| side.iter().map(|s| hash64(s.as_bytes())).collect::<Vec<u64>>();
    let mut found = Vec::new();
    let mut cells = CELLS;
    refine(&keys(a), &keys(b), (0, 0), DEPTH, &mut cells, &mut found);
    found
}

/// Push the gaps of `a` and `b`, which stand at `place` in the whole.
fn refine(
    a: &[u64],
    b: &[u64],
    place: (usize, usize),
    depth: usize,
    cells: &mut usize,
    found: &mut Vec<Gap>,
) {
    let needed = a.len() * b.len();
    let whole = || (place.0..place.0 + a.len(), place.1..place.1 + b.len());
    if needed == 0 {
        if !a.is_empty() || !b.is_empty() {
            found.push(whole());
        }
    } else if needed <= CELLS_A_GAP.min(*cells) {
        *cells -= needed;
        push_exact(a, b, place, found);
    } else if depth == 0 {
        found.push(whole());
    } else {
        for (range_a, range_b) in gaps(a, b) {
            let part = (place.0 + range_a.start, place.1 + range_b.start);
            refine(&a[range_a], &b[range_b], part, depth - 1, cells, found);
        }
    }
}

/// Push what is no part of a longest common subsequence.
fn push_exact(a: &[u64], b: &[u64], place: (usize, usize), found: &mut Vec<Gap>) {
    // Lengths of the longest common subsequences of the ends of `a` and `b`.
    let width = b.len() + 1;
    let mut best = vec![0_u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            best[i * width + j] = if a[i] == b[j] {
                best[(i + 1) * width + j + 1] + 1
            } else {
                best[(i + 1) * width + j].max(best[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let (from_i, from_j) = (i, j);
        while i < a.len() && j < b.len() && a[i] != b[j] {
            if best[(i + 1) * width + j] >= best[i * width + j + 1] {
                i += 1;
            } else {
                j += 1;
            }
        }
        if i == a.len() || j == b.len() {
            (i, j) = (a.len(), b.len());
        }
        if (from_i, from_j) != (i, j) {
            found.push((place.0 + from_i..place.0 + i, place.1 + from_j..place.1 + j));
        }
        while i < a.len() && j < b.len() && a[i] == b[j] {
            (i, j) = (i + 1, j + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn items_that_repeat_are_aligned_too() {
        let words = |text: &'static str| text.split(' ').collect::<Vec<_>>();
        let (a, b) =
            (words("the cat and the dog and the end"), words("the cow and the dog or the end"));
        assert_eq!(side_by_side(&a, &b), [(1..2, 1..2), (5..6, 5..6)]);
        assert_eq!(side_by_side(&a, &a), []);
        assert_eq!(side_by_side(&a, &[]), [(0..8, 0..0)]);
    }

    proptest! {
        #[test]
        fn what_lies_between_is_equal(
            a in prop::collection::vec(0u8..4, 0..24),
            b in prop::collection::vec(0u8..4, 0..24),
        ) {
            let text = |items: &[u8]| items.iter().map(u8::to_string).collect::<Vec<_>>();
            let (left, right) = (text(&a), text(&b));
            let left: Vec<&str> = left.iter().map(String::as_str).collect();
            let right: Vec<&str> = right.iter().map(String::as_str).collect();
            let (mut at_a, mut at_b) = (0, 0);
            let all = side_by_side(&left, &right);
            for (gap_a, gap_b) in all.into_iter().chain([(a.len()..a.len(), b.len()..b.len())]) {
                prop_assert_eq!(&a[at_a..gap_a.start], &b[at_b..gap_b.start]);
                (at_a, at_b) = (gap_a.end, gap_b.end);
            }
        }
    }
}
