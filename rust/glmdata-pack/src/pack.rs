//! What all ways of packing share: pieces of documents, what they cost, the rows they make.

use crate::mode::Mode;

/// Tokens `start..start + length` of a document in one pass over it, and perhaps its separator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    /// An index into what is packed.
    pub item: u32,
    /// The first token.
    pub start: u32,
    /// How many; 0 if the document ended with the row before and only the separator is left.
    pub length: u32,
    /// Whether the separator follows.
    pub eod: bool,
}

impl Piece {
    /// Tokens it takes in a row of `mode`.
    pub fn cost(&self, mode: Mode) -> u32 {
        self.length + mode.inserted(self.length) + u32::from(self.eod)
    }
}

/// Training rows, each a stretch of `pieces`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    pieces: Vec<Piece>,
    /// Where the pieces of each row end.
    ends: Vec<usize>,
    /// The length of each row with padding.
    lengths: Vec<u32>,
}

impl Rows {
    /// Add a row.
    pub(crate) fn push(&mut self, pieces: impl IntoIterator<Item = Piece>, length: u32) {
        self.pieces.extend(pieces);
        self.ends.push(self.pieces.len());
        self.lengths.push(length);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The pieces of each row and its length with padding.
    pub fn each(&self) -> impl Iterator<Item = (&[Piece], u32)> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let rows = starts.zip(&self.ends).map(|(start, &end)| &self.pieces[start..end]);
        rows.zip(self.lengths.iter().copied())
    }
}

/// The longest piece without separator that takes at most `room` in a row of `mode`.
pub(crate) fn longest(mode: Mode, room: u32) -> u32 {
    // Costs grow by at least one with every token, so it lies at or below `room`.
    let (mut fits, mut too_long) = (0, room + 1);
    while too_long - fits > 1 {
        let middle = fits + (too_long - fits) / 2;
        if middle + mode.inserted(middle) <= room { fits = middle } else { too_long = middle }
    }
    fits
}
