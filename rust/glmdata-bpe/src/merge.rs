//! Byte-pair merging of one piece: lowest rank first, leftmost first among equals.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::pairs::PairTable;

const NONE: u32 = u32::MAX;

/// Merge `parts` in place by pairs of ids, where the merged id is the rank. `ranks` is scratch.
///
/// Quadratic in the number of parts and the fastest way for a few dozen: the ranks of all
/// neighbours stay in one or two cache lines.
pub(crate) fn merge_short(pairs: &PairTable, parts: &mut Vec<u32>, ranks: &mut Vec<u32>) {
    ranks.clear();
    ranks.extend(parts.windows(2).map(|pair| pairs.get(pair[0], pair[1]).unwrap_or(NONE)));
    loop {
        let (mut at, mut rank) = (0, NONE);
        for (place, &found) in ranks.iter().enumerate() {
            if found < rank {
                (at, rank) = (place, found);
            }
        }
        if rank == NONE {
            break;
        }
        parts[at] = rank;
        parts.remove(at + 1);
        ranks.remove(at);
        if at > 0 {
            ranks[at - 1] = pairs.get(parts[at - 1], rank).unwrap_or(NONE);
        }
        if let Some(next) = ranks.get_mut(at) {
            *next = pairs.get(rank, parts[at + 1]).unwrap_or(NONE);
        }
    }
}

/// Merge by byte strings, as tiktoken defines it: any two neighbours whose bytes together are a
/// token may merge. Gives the start of every part.
///
/// Needed where C1 does not hold, and to check it. A heap with lazy deletion keeps it at
/// `O(n log n)` for pieces of any length.
pub(crate) fn merge_by_bytes(piece: &[u8], rank: impl Fn(&[u8]) -> Option<u32>) -> Vec<usize> {
    let count = piece.len();
    // `next[i]`: the end of the part that starts at i; `before[e]`: the start of the part that ends
    // at e.
    let mut next: Vec<usize> = (1..=count).collect();
    let mut before: Vec<usize> = (0..=count).map(|end| end.saturating_sub(1)).collect();
    let mut alive = vec![true; count];
    let mut heap: BinaryHeap<Reverse<(u32, usize, usize)>> = BinaryHeap::new();
    for start in 0..count.saturating_sub(1) {
        if let Some(rank) = rank(&piece[start..start + 2]) {
            heap.push(Reverse((rank, start, start + 2)));
        }
    }
    while let Some(Reverse((_, start, end))) = heap.pop() {
        let middle = next[start];
        if !alive[start] || middle >= count || next[middle] != end {
            continue;
        }
        alive[middle] = false;
        next[start] = end;
        before[end] = start;
        if end < count
            && let Some(rank) = rank(&piece[start..next[end]])
        {
            heap.push(Reverse((rank, start, next[end])));
        }
        if start > 0
            && let Some(rank) = rank(&piece[before[start]..end])
        {
            heap.push(Reverse((rank, before[start], end)));
        }
    }
    (0..count).filter(|&start| alive[start]).collect()
}
