//! What is there before anything is learned: the base, the numbers, the listed characters.

use glmdata_base::{Error, Result};

use super::{Learned, Recipe, Step};
use crate::merge::merge_parts;
use crate::ranks::Ranks;
use crate::validity::Merges;

impl Recipe {
    /// Ranks that are there before anything is learned; an error if they are more than `size`.
    pub fn starting_ranks(&self) -> Result<usize> {
        self.start().map(|learned| learned.ranks.len())
    }

    pub(super) fn start(&self) -> Result<Learned> {
        let mut ranks = self.base.ranks()?;
        let mut steps = Vec::new();
        let mut note = |name: &str, ranks: &Ranks| {
            steps.push(Step { name: name.to_owned(), end: ranks.len(), min_documents: 0 });
        };
        note("base", &ranks);
        if self.numbers {
            ranks = with_numbers(&ranks)?;
        }
        note("numbers", &ranks);
        cover(&mut ranks, &self.cover);
        note("cover", &ranks);
        if ranks.len() > self.size {
            let least = format!("at least {}, which base, numbers and cover take", ranks.len());
            return Err(Error::config("vocab_size", &least, self.size));
        }
        Ok(Learned { ranks, steps, counts: Vec::new(), vetoes: Vec::new(), resumed: 0 })
    }
}

/// All numbers of two digits, then all of three, behind `base`: three digits then always merge from
/// two and one, whatever the digits are, so rule C1 holds.
pub(super) fn with_numbers(base: &Ranks) -> Result<Ranks> {
    let two = (0..100).map(|number| format!("{number:02}"));
    let three = (0..1000).map(|number| format!("{number:03}"));
    let new = two.chain(three).map(String::into_bytes);
    let new: Vec<Vec<u8>> = new.filter(|number| base.rank(number).is_none()).collect();
    Ranks::new(base.iter().chain(new.iter().map(Vec::as_slice)))
}

/// Make `characters` tokens, and what they are merged from.
///
/// A new token joins the first two parts that the ranks leave of a character, so its own bytes are
/// left in two parts by them, as rule C1 asks.
fn cover(ranks: &mut Ranks, characters: &[char]) {
    // A character of four bytes may need two tokens before its own.
    let Some(mut merges) = Merges::with_room(ranks, characters.len() * 3) else { return };
    for character in characters {
        let mut buffer = [0; 4];
        let bytes = character.encode_utf8(&mut buffer).as_bytes();
        while ranks.rank(bytes).is_none() {
            let mut parts: Vec<u32> =
                bytes.iter().map(|&byte| merges.of_byte[byte as usize]).collect();
            merge_parts(&merges.pairs, &mut parts);
            let first_two = parts.iter().take(2).filter_map(|&part| ranks.token(part));
            let token: Vec<u8> = first_two.flatten().copied().collect();
            if !merges.accept(ranks.len() as u32, &token) {
                return;
            }
            ranks.push(&token);
        }
    }
}
