//! Policy `parity`: the language that is compressed worst chooses next.
//!
//! Compression is bytes per token over the language's own inventory. arXiv 2508.04796 measures it on
//! parallel sentences and asks again after every token; there is no parallel text in a crawl, and
//! asking once a stretch costs a thousandth of it.

use glmdata_base::Result;
use rayon::prelude::*;

use super::{Course, Material};
use crate::encode::{Split, Tokenizer};
use crate::inventory::{Inventory, Word};
use crate::scan::Digits;

/// Into so many stretches the room is cut.
const STRETCHES: usize = 200;

impl Course<'_> {
    pub(super) fn parity(&mut self, material: &Material) -> Result<()> {
        let stretch = self.room().div_ceil(STRETCHES).max(1);
        let mut exhausted = vec![false; material.0.len()];
        while self.room() > 0 && !exhausted.iter().all(|&done| done) {
            let tokenizer =
                Tokenizer::new(self.learned.ranks.clone(), Split::Family(Digits::UpToThree));
            let rates =
                material.0.values().map(|counted| bytes_per_token(&tokenizer, &counted.inventory));
            let candidates = rates.zip(&exhausted).enumerate().filter(|(_, (_, done))| !**done);
            let worst = candidates.min_by(|(_, (a, _)), (_, (b, _))| a.total_cmp(b));
            let Some((at, (language, counted))) =
                worst.and_then(|(at, _)| Some((at, material.0.iter().nth(at)?)))
            else {
                break;
            };
            exhausted[at] = self.step(language, counted, stretch)? == 0;
        }
        Ok(())
    }
}

/// How many bytes a token stands for, on the average of all occurrences.
fn bytes_per_token(tokenizer: &Tokenizer, inventory: &Inventory) -> f64 {
    let words: Vec<Word<'_>> = inventory.iter().collect();
    let sums = words.par_chunks(1 << 13).map(|words| {
        let (mut encoder, mut ids) = (tokenizer.encoder(), Vec::new());
        words.iter().fold((0, 0), |(bytes, tokens), word| {
            ids.clear();
            encoder.encode_piece_into(word.bytes, &mut ids);
            (bytes + word.bytes.len() as u64 * word.count, tokens + ids.len() as u64 * word.count)
        })
    });
    let (bytes, tokens) = sums.reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    bytes as f64 / tokens.max(1) as f64
}
