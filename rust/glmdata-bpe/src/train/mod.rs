//! Training: new tokens on top of a vocabulary, phase by phase, each from its own inventory.
//!
//! The words of a phase enter as the vocabulary so far encodes them, so every new token has its two
//! parts side by side in a valid encoding, and the result obeys rule C1 whatever the phases are. It
//! is checked all the same before it is handed out.
//!
//! The rule for ties: higher count, then smaller bytes of the left token, then of the right one.
//!
//! ```
//! use glmdata_base::{Cancel, Progress};
//! use glmdata_bpe::{Base, Digits, Guards, Inventory, Phase, train};
//! let inventory = Inventory::count(&["low low lower lowest"], Digits::UpToThree);
//! let phase = Phase { inventory: &inventory, tokens: 3, least: 2, guards: Guards::default() };
//! let trained = train(Base::None.ranks()?, &[phase], &Cancel::new(), &Progress::new())?;
//! let learned: Vec<&[u8]> = trained.ranks.iter().skip(256).collect();
//! assert_eq!(learned, [&b"lo"[..], b"low", b" low"]);
//! # Ok::<(), glmdata_base::Error>(())
//! ```

mod guard;
mod learner;
mod pairs;
mod queue;
mod words;

use glmdata_base::{Cancel, Error, Progress, Result};
use rayon::prelude::*;

pub use guard::{Guards, Veto};

use crate::encode::{Split, Tokenizer};
use crate::inventory::{Inventory, Word};
use crate::ranks::Ranks;
use crate::scan::Digits;
use crate::validity::Merges;
use learner::Learner;
use words::{Source, Words};

/// One stretch of learning.
#[derive(Clone, Debug)]
pub struct Phase<'a> {
    /// What is counted.
    pub inventory: &'a Inventory,
    /// How many tokens to learn.
    pub tokens: usize,
    /// Stop when the best pair occurs less often.
    pub least: u64,
    /// What is refused.
    pub guards: Guards,
}

/// What training made.
#[derive(Clone, Debug)]
pub struct Trained {
    /// The base and what was learned.
    pub ranks: Ranks,
    /// For every learned token: how often its pair occurred when it was merged.
    pub counts: Vec<u64>,
    /// For every phase: the rank behind its last token.
    pub ends: Vec<usize>,
    /// Pairs that guards refused, in order.
    pub vetoes: Vec<Veto>,
}

/// Learn the phases one after the other on top of `base`, which must obey C1.
pub fn train(
    base: Ranks,
    phases: &[Phase<'_>],
    cancel: &Cancel,
    progress: &Progress,
) -> Result<Trained> {
    let mut trained =
        Trained { ranks: base, counts: Vec::new(), ends: Vec::new(), vetoes: Vec::new() };
    for phase in phases {
        let words = words_of(&trained.ranks, phase.inventory)?;
        let size = trained.ranks.len() + phase.tokens;
        // A pair cannot come from more documents than it occurs. Without this limit the end of an
        // exhausted run asks the guards about millions of pairs, to refuse them all.
        let least = phase.least.max(u64::from(phase.guards.min_documents));
        let mut learner = Learner::new(trained.ranks, words, &phase.guards, least);
        trained.counts.append(&mut learner.learn(size, cancel, progress)?);
        trained.vetoes.append(&mut learner.vetoes);
        trained.ranks = learner.ranks;
        trained.ends.push(trained.ranks.len());
    }
    if Merges::of(&trained.ranks).is_none() {
        return Err(Error::internal("a trained vocabulary breaks rule C1"));
    }
    Ok(trained)
}

/// The words of `inventory` as `ranks` encodes them, by falling count.
fn words_of(ranks: &Ranks, inventory: &Inventory) -> Result<Words> {
    let tokenizer = Tokenizer::new(ranks.clone(), Split::Family(Digits::UpToThree));
    if !tokenizer.is_valid() {
        return Err(Error::config("base", "a vocabulary that obeys rule C1", "one that breaks it"));
    }
    let mut list: Vec<Word<'_>> = inventory.iter().collect();
    list.par_sort_unstable_by_key(|word| std::cmp::Reverse(word.count));
    let encoded: Vec<(Vec<u32>, Vec<u32>)> = list
        .par_chunks(1 << 14)
        .map(|words| {
            let mut encoder = tokenizer.encoder();
            let (mut ids, mut ends) = (Vec::new(), Vec::new());
            for word in words {
                encoder.encode_piece_into(word.bytes, &mut ids);
                ends.push(ids.len() as u32);
            }
            (ids, ends)
        })
        .collect();
    let mut words = Words::new(ranks.len());
    for ((ids, ends), chunk) in encoded.iter().zip(list.chunks(1 << 14)) {
        let mut from = 0;
        for (word, &end) in chunk.iter().zip(ends) {
            let &Word { count, documents, sketch, sources, .. } = word;
            let ids = &ids[from..end as usize];
            words.push(Source { ids, count, documents, sketch, sources })?;
            from = end as usize;
        }
    }
    Ok(words)
}

#[cfg(test)]
mod tests;
