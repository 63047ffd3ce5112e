//! Pieces too long for quadratic merging: linear time, one bit of memory a byte.
//!
//! An encoding is right when every two neighbours are (rule C1 makes being right local). So the
//! text is walked once: take the longest token that fits its predecessor, else a shorter one, else
//! undo the predecessor. A place that was undone is marked and never tried again, hence linear.

use crate::pairs::{MAX_TOKENS, PairTable};
use crate::ranks::Ranks;
use crate::validity::Merges;

const NONE: u32 = u32::MAX;

/// All tokens by their prefixes.
#[derive(Debug)]
pub(super) struct Prefixes {
    /// (node, byte) -> node
    edges: PairTable,
    /// The token that ends at a node.
    token_at: Vec<u32>,
    /// The longest token that a token starts with.
    shorter: Vec<u32>,
}

impl Prefixes {
    /// `None` if the tree has more nodes than the edge table can number.
    pub(super) fn new(ranks: &Ranks) -> Option<Self> {
        let mut tree = Self {
            edges: PairTable::with_capacity(ranks.len() * 4),
            token_at: vec![NONE],
            shorter: vec![NONE; ranks.len()],
        };
        for (rank, token) in ranks.iter().enumerate() {
            let mut node = 0;
            for &byte in token {
                node = match tree.edges.get(node, u32::from(byte)) {
                    Some(child) => child,
                    None if tree.token_at.len() >= MAX_TOKENS => return None,
                    None => {
                        let child = tree.token_at.len() as u32;
                        tree.edges.insert(node, u32::from(byte), child);
                        tree.token_at.push(NONE);
                        child
                    }
                };
            }
            tree.token_at[node as usize] = rank as u32;
        }
        for (rank, token) in ranks.iter().enumerate() {
            tree.shorter[rank] = tree.longest(&token[..token.len() - 1]);
        }
        Some(tree)
    }

    /// The longest token that `bytes` starts with.
    fn longest(&self, bytes: &[u8]) -> u32 {
        let (mut node, mut found) = (0, NONE);
        for &byte in bytes {
            let Some(child) = self.edges.get(node, u32::from(byte)) else { break };
            node = child;
            let token = self.token_at[node as usize];
            if token != NONE {
                found = token;
            }
        }
        found
    }
}

/// Append the ids of `piece`.
pub(super) fn encode_long(
    ranks: &Ranks,
    merges: &Merges,
    prefixes: &Prefixes,
    piece: &[u8],
    out: &mut Vec<u32>,
) {
    let base = out.len();
    let length = |token: u32| ranks.token(token).map_or(1, <[u8]>::len);
    let mut dead = vec![0_u64; piece.len() / 64 + 1];
    let (mut at, mut token) = (0, prefixes.longest(piece));
    while at < piece.len() {
        if token == NONE {
            // No token fits behind the predecessor: it was wrong, and so is every way to end here.
            dead[at / 64] |= 1 << (at % 64);
            let Some(last) = out.pop() else { return };
            at -= length(last);
            token = prefixes.shorter[last as usize];
            continue;
        }
        let end = at + length(token);
        let alive = dead[end / 64] >> (end % 64) & 1 == 0;
        let before = (out.len() > base).then(|| out[out.len() - 1]);
        if alive && before.is_none_or(|before| may_follow(merges, before, token)) {
            out.push(token);
            at = end;
            token = prefixes.longest(&piece[at..]);
        } else {
            token = prefixes.shorter[token as usize];
        }
    }
}

/// Whether merging the bytes of both tokens gives just these two.
///
/// The merges at the border are undone, newest first. Whenever the two parts that then meet could
/// have merged before the next merge on either side took one of them away, they would have. Between
/// equal ranks the left one merges first.
fn may_follow(merges: &Merges, left: u32, right: u32) -> bool {
    let (mut left, mut right) = (left, right);
    let (mut left_taken, mut right_taken) = (NONE, NONE);
    loop {
        if let Some(merged) = merges.pairs.get(left, right)
            && merged < left_taken
            && merged <= right_taken
        {
            return false;
        }
        let left_inner = merges.splits[left as usize][1];
        let right_inner = merges.splits[right as usize][0];
        match (left_inner == left, right_inner == right) {
            (true, true) => return true,
            (left_is_byte, false) if left_is_byte || right >= left => {
                right_taken = right;
                right = right_inner;
            }
            _ => {
                left_taken = left;
                left = left_inner;
            }
        }
    }
}
