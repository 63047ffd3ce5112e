//! Byte-pair merging of one piece: lowest rank first, leftmost first among equals.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::pairs::PairTable;
use crate::validity::Merges;

/// No merge. Signed, because the vector units every machine has compare signed numbers only.
const NONE: i32 = i32::MAX;

/// The longest piece that [`Short`] merges.
pub(crate) const MAX_SHORT: usize = 64;

/// Places are numbered in the low bits of what is compared, so that the leftmost of equals is least.
const PLACE_BITS: u32 = 6;

/// Merges pieces of a few dozen bytes by pairs of ids, where the merged id is the rank.
///
/// Quadratic in the number of parts and the fastest way here: nothing moves, and the least rank is
/// found by one vector loop over fixed places.
#[derive(Clone, Debug)]
pub(crate) struct Short {
    /// Rank and place of the merge that would start at each place.
    ranks: [i32; MAX_SHORT],
    parts: [u32; MAX_SHORT],
    next: [u8; MAX_SHORT + 1],
    before: [u8; MAX_SHORT + 1],
}

impl Short {
    pub(crate) fn new() -> Self {
        Self {
            ranks: [NONE; MAX_SHORT],
            parts: [0; MAX_SHORT],
            next: [0; MAX_SHORT + 1],
            before: [0; MAX_SHORT + 1],
        }
    }

    /// Append the ids of `piece`, which has at most [`MAX_SHORT`] bytes.
    pub(crate) fn merge(&mut self, merges: &Merges, piece: &[u8], out: &mut Vec<u32>) {
        let count = piece.len().min(MAX_SHORT);
        for (part, &byte) in self.parts.iter_mut().zip(piece) {
            *part = merges.of_byte[byte as usize];
        }
        self.ranks[..count.next_multiple_of(16)].fill(NONE);
        for (place, pair) in piece[..count].windows(2).enumerate() {
            self.ranks[place] = packed(merges.of_two(pair[0], pair[1]), place);
        }
        self.run(merges, count, out);
    }

    /// The same from parts that are tokens already, at most [`MAX_SHORT`] of them.
    pub(crate) fn merge_ids(&mut self, merges: &Merges, ids: &[u32], out: &mut Vec<u32>) {
        let count = ids.len().min(MAX_SHORT);
        self.parts[..count].copy_from_slice(&ids[..count]);
        self.ranks[..count.next_multiple_of(16)].fill(NONE);
        for (place, pair) in ids[..count].windows(2).enumerate() {
            self.ranks[place] = packed(merges.pairs.get(pair[0], pair[1]), place);
        }
        self.run(merges, count, out);
    }

    /// Merge the first `count` places, whose parts and ranks are set.
    fn run(&mut self, merges: &Merges, count: usize, out: &mut Vec<u32>) {
        let lanes = count.next_multiple_of(16);
        for place in 0..count {
            self.next[place] = place as u8 + 1;
            self.before[place + 1] = place as u8;
        }
        loop {
            let least = self.ranks[..lanes]
                .as_chunks::<16>()
                .0
                .iter()
                .fold([NONE; 16], |a, b| std::array::from_fn(|lane| a[lane].min(b[lane])));
            let least = least.into_iter().fold(NONE, i32::min);
            if least == NONE {
                break;
            }
            let place = (least & ((1 << PLACE_BITS) - 1)) as usize;
            let merged = (least >> PLACE_BITS) as u32;
            let gone = usize::from(self.next[place]) % MAX_SHORT;
            let behind = usize::from(self.next[gone]);
            self.parts[place] = merged;
            self.ranks[gone] = NONE;
            self.next[place] = behind as u8;
            self.before[behind.min(MAX_SHORT)] = place as u8;
            self.ranks[place] = if behind < count {
                packed(merges.pairs.get(merged, self.parts[behind % MAX_SHORT]), place)
            } else {
                NONE
            };
            if place > 0 {
                let before = usize::from(self.before[place]) % MAX_SHORT;
                let rank = merges.pairs.get(self.parts[before], merged);
                self.ranks[before] = packed(rank, before);
            }
        }
        let mut place = 0;
        while place < count {
            out.push(self.parts[place]);
            place = usize::from(self.next[place]);
        }
    }
}

#[inline(always)]
fn packed(rank: Option<u32>, place: usize) -> i32 {
    rank.map_or(NONE, |rank| (rank << PLACE_BITS) as i32 | place as i32)
}

/// Merge `parts` in place: the plain form, for tokens of any length that are checked once.
pub(crate) fn merge_parts(pairs: &PairTable, parts: &mut Vec<u32>) {
    loop {
        let ranks = parts.windows(2).map(|pair| pairs.get(pair[0], pair[1]));
        let Some((rank, at)) = ranks.enumerate().filter_map(|(at, rank)| Some((rank?, at))).min()
        else {
            return;
        };
        parts[at] = rank;
        parts.remove(at + 1);
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
