//! Documents one behind the other, cut where a row ends: no padding but in the last row, and most
//! rows begin in the middle of a document.

use crate::mode::Mode;
use crate::pack::{Piece, Rows, longest};

/// Pack documents of `lengths` tokens, in that order, into rows of `row_length`.
///
/// A separator may be the first token of the next row.
pub fn concat(lengths: &[u32], mode: Mode, row_length: u32) -> Rows {
    let mut rows = Rows::default();
    let (mut row, mut used) = (Vec::new(), 0);
    for (item, &length) in lengths.iter().enumerate() {
        let mut start = 0;
        loop {
            let room = row_length - used;
            let piece = Piece {
                item: item as u32,
                start,
                length: longest(mode, room).min(length - start),
                eod: false,
            };
            start += piece.length;
            let eod = start == length && piece.cost(mode) < room;
            let piece = Piece { eod, ..piece };
            used += piece.cost(mode);
            row.push(piece);
            // What is cut goes on in the next row, even if a few tokens would still fit here.
            if used == row_length || !eod {
                rows.push(row.drain(..), row_length);
                used = 0;
            }
            if eod {
                break;
            }
        }
    }
    if !row.is_empty() {
        rows.push(row, row_length);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_where_rows_end() {
        type Rows<'a> = &'a [&'a [(u32, u32, u32, bool)]];
        let cases: [(&[u32], Rows<'_>); 5] = [
            (&[], &[]),
            (&[3, 1], &[&[(0, 0, 3, true)], &[(1, 0, 1, true)]]),
            (
                &[2, 5],
                &[&[(0, 0, 2, true), (1, 0, 1, false)], &[(1, 1, 4, false)], &[(1, 5, 0, true)]],
            ),
            (&[4, 1], &[&[(0, 0, 4, false)], &[(0, 4, 0, true), (1, 0, 1, true)]]),
            (&[9], &[&[(0, 0, 4, false)], &[(0, 4, 4, false)], &[(0, 8, 1, true)]]),
        ];
        for (lengths, expected) in cases {
            let rows = concat(lengths, Mode::Causal, 4);
            let found: Vec<Vec<_>> = rows
                .each()
                .map(|(row, _)| row.iter().map(|p| (p.item, p.start, p.length, p.eod)).collect())
                .collect();
            assert_eq!(found, expected, "{lengths:?}");
        }
    }
}
