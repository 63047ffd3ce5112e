//! Pieces already encoded, found again by their bytes: most of a text is pieces seen before.
//!
//! A piece of up to 15 bytes and its length pack into 16 bytes, so that comparing is exact and takes
//! one instruction. Two pieces share a cache line; a third drives out the older one, which bounds
//! the memory without any clock.

use crate::prefetch::prefetch;

/// The longest piece that packs.
pub(super) const MAX_PACKED: usize = 15;

/// 2^18 lines of 64 bytes: 16 MiB a thread, about half a million pieces.
const MAX_LINES: usize = 1 << 18;
/// Ids of pieces with more than three tokens; emptied together with the lines when full.
const MAX_MORE: usize = 1 << 20;

#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(32))]
struct Entry {
    /// Never 0 when filled: the length is part of it.
    key: u128,
    /// The ids, or where they start in `more`.
    ids: [u32; 3],
    count: u32,
}

#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(64))]
struct Line([Entry; 2]);

#[derive(Clone, Debug)]
pub(super) struct Memo {
    lines: Vec<Line>,
    more: Vec<u32>,
    inserted: usize,
}

const MASKS: [u128; 16] = {
    let mut masks = [0; 16];
    let mut length = 1;
    while length < 16 {
        masks[length] = (1 << (8 * length)) - 1;
        length += 1;
    }
    masks
};

/// The key of `bytes[at..end]`, which is at most [`MAX_PACKED`] long.
#[inline(always)]
pub(super) fn key_of(bytes: &[u8], at: usize, end: usize) -> u128 {
    let length = end - at;
    let packed = if let Some(chunk) = bytes[at..].first_chunk::<16>() {
        u128::from_le_bytes(*chunk) & MASKS[length & 15]
    } else {
        let mut chunk = [0; 16];
        chunk[..length].copy_from_slice(&bytes[at..end]);
        u128::from_le_bytes(chunk)
    };
    packed | ((length as u128) << 120)
}

impl Memo {
    pub(super) fn new() -> Self {
        Self { lines: vec![Line::default(); 1 << 6], more: Vec::new(), inserted: 0 }
    }

    #[inline(always)]
    pub(super) fn hash(key: u128) -> usize {
        let low = key as u64 ^ 0x9E37_79B9_7F4A_7C15;
        let high = (key >> 64) as u64 ^ 0xD6E8_FEB8_6659_FD93;
        let product = u128::from(low) * u128::from(high);
        (product as u64 ^ (product >> 64) as u64) as usize
    }

    /// Ask for the line of a hash.
    #[inline(always)]
    pub(super) fn prefetch(&self, hash: usize) {
        prefetch(&self.lines, hash & (self.lines.len() - 1));
    }

    /// The ids of a piece seen before: up to three in place, or how many and where.
    #[inline(always)]
    pub(super) fn find(&self, key: u128, hash: usize) -> Option<([u32; 3], usize)> {
        let line = &self.lines[hash & (self.lines.len() - 1)].0;
        let entry = &line[usize::from(line[1].key == key)];
        (entry.key == key).then_some((entry.ids, entry.count as usize))
    }

    /// The ids of a piece that has more than three, by what `find` gave.
    pub(super) fn more(&self, ids: [u32; 3], count: usize) -> &[u32] {
        let from = ids[0] as usize;
        &self.more[from..from + count]
    }

    /// Remember a piece.
    pub(super) fn insert(&mut self, key: u128, ids: &[u32]) {
        if self.more.len() + ids.len() > MAX_MORE {
            self.more.clear();
            self.lines.fill(Line::default());
            self.inserted = 0;
        }
        if self.inserted >= self.lines.len() && self.lines.len() < MAX_LINES {
            self.grow();
        }
        let mut entry = Entry { key, ids: [0; 3], count: ids.len() as u32 };
        if let Some(inline) = entry.ids.get_mut(..ids.len()) {
            inline.copy_from_slice(ids);
        } else {
            entry.ids[0] = self.more.len() as u32;
            self.more.extend_from_slice(ids);
        }
        self.inserted += 1;
        self.place(entry);
    }

    fn place(&mut self, entry: Entry) {
        let at = Self::hash(entry.key) & (self.lines.len() - 1);
        let line = &mut self.lines[at].0;
        line[1] = line[0];
        line[0] = entry;
    }

    fn grow(&mut self) {
        let larger = vec![Line::default(); self.lines.len() * 4];
        let lines = std::mem::replace(&mut self.lines, larger);
        for entry in lines.iter().flat_map(|line| line.0.iter().rev()).filter(|e| e.key != 0) {
            self.place(*entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_it_has_and_stays_bounded() {
        let mut memo = Memo::new();
        let mut found = 0;
        for number in 0..2_000_000_u32 {
            let text = number.to_string();
            let key = key_of(text.as_bytes(), 0, text.len());
            let ids: Vec<u32> = (0..=number % 5).map(|step| number + step).collect();
            memo.insert(key, &ids);
            let (inline, count) = memo.find(key, Memo::hash(key)).unwrap();
            let stored = if count > 3 { memo.more(inline, count) } else { &inline[..count] };
            assert_eq!(stored, ids);
            let earlier = (number / 2).to_string();
            let key = key_of(earlier.as_bytes(), 0, earlier.len());
            found += u32::from(memo.find(key, Memo::hash(key)).is_some());
        }
        assert!(memo.lines.len() <= MAX_LINES && memo.more.len() <= MAX_MORE);
        assert!(found > 100_000, "{found}");
    }

    #[test]
    fn keys_tell_lengths_apart() {
        let zeros = [0; 40];
        assert_ne!(key_of(&zeros, 0, 1), key_of(&zeros, 0, 2));
        assert_eq!(key_of(&zeros, 0, 15), key_of(&zeros, 25, 40));
    }
}
