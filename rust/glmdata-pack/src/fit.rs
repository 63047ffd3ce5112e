//! Best-fit decreasing: the longest piece first, each into the fullest row that still has room.
//!
//! No document that fits into a row with its separator is cut; a longer one is cut into full rows and
//! a rest that is packed like a short document. Ding and others, "Fewer truncations improve language
//! modeling" (arXiv 2404.10830), who find the fullest row in a tree; here it is a set of the rooms
//! there are, 64 to a word, so a piece costs a few words whatever the number of rows.

use rayon::slice::ParallelSliceMut;

use crate::mode::Mode;
use crate::pack::{Piece, Rows, longest};

/// Pack documents of `lengths` tokens into rows of `row_length`.
///
/// Rows, and the pieces in them, are in the order of items, which callers make random.
pub fn best_fit(lengths: &[u32], mode: Mode, row_length: u32) -> Rows {
    let mut rows = Rows::default();
    fit(cut(lengths, mode, row_length), mode, row_length, &mut rows);
    rows
}

/// Pack documents into rows of the smallest length that holds them: `shortest`, twice that, and so on
/// up to `longest_row`, which is `shortest` times a power of two.
pub fn buckets(lengths: &[u32], mode: Mode, shortest: u32, longest_row: u32) -> Rows {
    let mut rest = cut(lengths, mode, longest_row);
    let (mut rows, mut row_length) = (Rows::default(), shortest);
    loop {
        let (here, longer) = rest.into_iter().partition(|piece| piece.cost(mode) <= row_length);
        fit(here, mode, row_length, &mut rows);
        rest = longer;
        if row_length >= longest_row {
            return rows;
        }
        row_length *= 2;
    }
}

/// Documents, and the pieces of those that no row holds.
fn cut(lengths: &[u32], mode: Mode, row_length: u32) -> Vec<Piece> {
    let full = longest(mode, row_length);
    let mut pieces = Vec::with_capacity(lengths.len());
    for (item, &length) in lengths.iter().enumerate() {
        let mut rest = Piece { item: item as u32, start: 0, length, eod: true };
        while rest.cost(mode) > row_length {
            let length = full.min(rest.length);
            pieces.push(Piece { length, eod: false, ..rest });
            rest = Piece { start: rest.start + length, length: rest.length - length, ..rest };
        }
        // A document that ends with its row needs no separator: nothing follows it there, and a row
        // elsewhere could do nothing with it.
        if rest.length > 0 {
            pieces.push(rest);
        }
    }
    pieces
}

fn fit(mut pieces: Vec<Piece>, mode: Mode, row_length: u32, rows: &mut Rows) {
    pieces.par_sort_unstable_by_key(|piece| {
        (std::cmp::Reverse(piece.cost(mode)), piece.item, piece.start)
    });
    let mut open = Rooms::new(row_length);
    // The row of each piece; of the rows with the same room, the last one goes first.
    let mut row_of: Vec<u32> = Vec::with_capacity(pieces.len());
    let (mut first_of_room, mut next) = (vec![NONE; row_length as usize + 1], Vec::<u32>::new());
    for piece in &pieces {
        let cost = piece.cost(mode);
        let (row, room) = if let Some(room) = open.least(cost) {
            let row = first_of_room[room as usize];
            first_of_room[room as usize] = next[row as usize];
            if next[row as usize] == NONE {
                open.remove(room);
            }
            (row, room)
        } else {
            next.push(NONE);
            (next.len() as u32 - 1, row_length)
        };
        let left = room - cost;
        next[row as usize] = first_of_room[left as usize];
        first_of_room[left as usize] = row;
        if left > 0 {
            open.insert(left);
        }
        row_of.push(row);
    }
    // Brought together by row, then rows by their first piece.
    let count = next.len();
    let mut firsts = vec![(u32::MAX, u32::MAX); count];
    for (piece, &row) in pieces.iter().zip(&row_of) {
        let first = &mut firsts[row as usize];
        *first = (*first).min((piece.item, piece.start));
    }
    let mut placed: Vec<((u32, u32), Piece)> =
        row_of.iter().zip(&pieces).map(|(&row, &piece)| (firsts[row as usize], piece)).collect();
    placed.par_sort_unstable();
    for row in placed.chunk_by(|a, b| a.0 == b.0) {
        rows.push(row.iter().map(|&(_, piece)| piece), row_length);
    }
}

const NONE: u32 = u32::MAX;

/// A set of numbers up to a limit that finds the least one from a number on, 64 children to a node.
#[derive(Debug)]
struct Rooms {
    /// The numbers as bits, then which words of the level below are not empty, up to one word.
    levels: Vec<Vec<u64>>,
}

impl Rooms {
    fn new(limit: u32) -> Self {
        let mut levels = Vec::new();
        let mut size = limit as usize + 1;
        loop {
            size = size.div_ceil(64);
            levels.push(vec![0; size]);
            if size == 1 {
                return Self { levels };
            }
        }
    }

    fn insert(&mut self, number: u32) {
        let mut at = number as usize;
        for level in &mut self.levels {
            level[at / 64] |= 1 << (at % 64);
            at /= 64;
        }
    }

    fn remove(&mut self, number: u32) {
        let mut at = number as usize;
        for level in &mut self.levels {
            level[at / 64] &= !(1 << (at % 64));
            if level[at / 64] != 0 {
                return;
            }
            at /= 64;
        }
    }

    /// The least number that is at least `number`.
    fn least(&self, number: u32) -> Option<u32> {
        let mut at = number as usize;
        for (height, level) in self.levels.iter().enumerate() {
            let word = level.get(at / 64)? & (u64::MAX << (at % 64));
            if word != 0 {
                at = at / 64 * 64 + word.trailing_zeros() as usize;
                for below in self.levels[..height].iter().rev() {
                    at = at * 64 + below[at].trailing_zeros() as usize;
                }
                return Some(at as u32);
            }
            at = at / 64 + 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::keyed::Keyed;

    #[test]
    fn rooms_are_a_set() {
        for limit in [1, 63, 64, 4_096, 300_000] {
            let (mut ours, mut std) = (Rooms::new(limit), BTreeSet::new());
            let mut stream = Keyed::new(u64::from(limit), 0);
            for _ in 0..3_000 {
                let number = stream.below(u64::from(limit) + 1) as u32;
                if stream.below(3) == 0 {
                    ours.remove(number);
                    std.remove(&number);
                } else {
                    ours.insert(number);
                    std.insert(number);
                }
                let from = stream.below(u64::from(limit) + 1) as u32;
                assert_eq!(ours.least(from), std.range(from..).next().copied());
            }
        }
    }

    #[test]
    fn a_document_goes_to_the_fullest_row_that_holds_it() {
        // With separators 8, 6, 4, 2 and 2 of 10: 8+2, 6+4, 2.
        let rows = best_fit(&[1, 3, 5, 7, 1], Mode::Causal, 10);
        let found: Vec<Vec<u32>> =
            rows.each().map(|(row, _)| row.iter().map(|piece| piece.item).collect()).collect();
        assert_eq!(found, [vec![0, 3], vec![1, 2], vec![4]]);
    }

    #[test]
    fn only_what_no_row_holds_is_cut() {
        let rows = best_fit(&[9, 10, 20, 25], Mode::Causal, 10);
        let mut cuts: Vec<(u32, u32, u32, bool)> = rows
            .each()
            .flat_map(|(row, _)| row.iter().map(|p| (p.item, p.start, p.length, p.eod)))
            .collect();
        cuts.sort_unstable();
        assert_eq!(
            cuts,
            [
                (0, 0, 9, true),
                (1, 0, 10, false),
                (2, 0, 10, false),
                (2, 10, 10, false),
                (3, 0, 10, false),
                (3, 10, 10, false),
                (3, 20, 5, true)
            ]
        );
    }

    #[test]
    fn buckets_are_the_smallest_that_hold_a_document() {
        let rows = buckets(&[3, 4, 7, 8, 15, 40], Mode::Causal, 4, 16);
        let found: Vec<(u32, u32)> = rows
            .each()
            .flat_map(|(row, length)| row.iter().map(move |p| (p.length, length)))
            .collect();
        assert_eq!(found, [(3, 4), (4, 8), (7, 8), (8, 16), (15, 16), (16, 16), (16, 16), (8, 16)]);
    }
}
