//! What a vocabulary is made of: a base, the numbers, listed characters, then tokens learned from the
//! inventories of a corpus, by a policy.
//!
//! Whatever the policy is, tokens are learned on top of all that is there, so rule C1 holds.

mod checkpoint;
mod parity;
mod quota;
mod start;
mod union;

use std::collections::BTreeMap;

use glmdata_base::{Cancel, Phase as Work, Progress, Result};

pub use checkpoint::Checkpoint;

use crate::base::Base;
use crate::corpus::Corpus;
use crate::inventory::Inventory;
use crate::ranks::Ranks;
use crate::train::{Guards, Phase, Veto, train};

/// Who chooses the tokens that are learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Chinese its share, every other language a few, code its share, then all other languages
    /// together.
    Quota,
    /// All languages together, each with its weight.
    Weighted,
    /// A stretch of tokens at a time for the language that is compressed worst (arXiv 2508.04796,
    /// there one token at a time).
    Parity,
    /// Two vocabularies from bytes, Chinese and others, appended to the base, less what breaks rule
    /// C1; the room that leaves is filled by quota. The literal reading of arXiv 2406.12793.
    Union,
}

/// How a vocabulary is learned from a [`Corpus`].
#[derive(Clone, Debug)]
pub struct Recipe {
    /// What is there before.
    pub base: Base,
    /// Ranks in the end, if the corpus has as many.
    pub size: usize,
    /// Whether all numbers of two and three digits become tokens before anything is learned.
    pub numbers: bool,
    /// Characters that become tokens before anything is learned.
    pub cover: Vec<char>,
    /// Who chooses.
    pub policy: Policy,
    /// The share of the learned tokens that Chinese documents choose.
    pub chinese_share: f64,
    /// The share that code chooses.
    pub code_share: f64,
    /// Tokens that every other language chooses for itself.
    pub language_least: usize,
    /// For [`Policy::Weighted`]: what the counts of a language are multiplied by; 1 if not named.
    pub weights: BTreeMap<String, f64>,
    /// Stop when the best pair occurs less often.
    pub least: u64,
    /// What is refused; documents and sources are set for each step.
    pub guards: Guards,
    /// Fewest documents behind a token; none: 0.05 % of those of its step, and at least 8.
    pub min_documents: Option<u32>,
    /// Fewest sources behind a longer token with Han, if its step has as many.
    pub min_sources: u32,
}

/// A stretch of ranks and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `base`, `numbers`, `cover`, `chinese`, `multilingual`, `code`, `weighted` or a language.
    pub name: String,
    /// The rank behind its last token.
    pub end: usize,
    /// Fewest documents that a token of it needed.
    pub min_documents: u32,
}

/// A vocabulary and how it came about.
#[derive(Clone, Debug)]
pub struct Learned {
    /// The vocabulary; it obeys C1.
    pub ranks: Ranks,
    /// The stretches of ranks, in order.
    pub steps: Vec<Step>,
    /// For every learned token, behind base, numbers and cover: how often its pair occurred.
    pub counts: Vec<u64>,
    /// What guards refused.
    pub vetoes: Vec<Veto>,
    /// Steps that a checkpoint held.
    pub resumed: usize,
}

impl Recipe {
    /// Learn from `corpus`, which is gathered. With a checkpoint, steps that it holds are not learned again.
    pub fn learn(
        &self,
        corpus: Corpus,
        checkpoint: Option<Checkpoint>,
        cancel: &Cancel,
        progress: &Progress,
    ) -> Result<Learned> {
        let learned = self.start()?;
        progress.enter(Work::Learn, self.size.saturating_sub(learned.ranks.len()) as u64);
        let mut course = Course::new(self, learned, checkpoint, cancel, progress)?;
        let material = Material::of(corpus);
        match self.policy {
            Policy::Quota => course.quota(material)?,
            Policy::Weighted => course.weighted(material)?,
            Policy::Parity => course.parity(&material)?,
            Policy::Union => course.union(material)?,
        }
        Ok(Learned { resumed: course.held, ..course.learned })
    }
}

/// What a step learns from.
#[derive(Debug, Default)]
struct Counted {
    inventory: Inventory,
    documents: u64,
    sources: u32,
}

impl Counted {
    /// The sum over different documents.
    fn sum(list: Vec<Self>) -> Self {
        let documents = list.iter().map(|counted| counted.documents).sum();
        let inventory = Inventory::sum(list.into_iter().map(|counted| counted.inventory).collect());
        Self::new(inventory, documents)
    }

    fn new(inventory: Inventory, documents: u64) -> Self {
        let sources = inventory.iter().fold(0, |all, word| all | word.sources);
        Self { inventory, documents, sources: u32::count_ones(sources) }
    }
}

/// The inventories of a corpus, by language.
#[derive(Debug)]
struct Material(BTreeMap<String, Counted>);

impl Material {
    fn of(corpus: Corpus) -> Self {
        let Corpus { inventories, tallies, .. } = corpus;
        let documents = |language: &str| {
            tallies.get(language).into_iter().flat_map(BTreeMap::values).map(|t| t.documents).sum()
        };
        let counted = inventories.into_iter().filter(|(_, inventory)| !inventory.is_empty());
        let counted = counted.map(|(name, inventory)| {
            let counted = Counted::new(inventory, documents(&name));
            (name, counted)
        });
        Self(counted.collect())
    }

    fn take(&mut self, language: &str) -> Counted {
        self.0.remove(language).unwrap_or_default()
    }

    fn rest(self) -> Counted {
        Counted::sum(self.0.into_values().collect())
    }
}

/// A vocabulary that is being learned.
#[derive(Debug)]
struct Course<'a> {
    recipe: &'a Recipe,
    learned: Learned,
    checkpoint: Option<Checkpoint>,
    /// Steps of this run, those of an earlier one included.
    taken: usize,
    /// Steps that an earlier run took and the checkpoint holds.
    held: usize,
    /// Ranks after the steps taken; what the checkpoint holds of later ones does not count yet, so
    /// that a resumed course cuts its steps as the interrupted one did.
    reached: usize,
    cancel: &'a Cancel,
    progress: &'a Progress,
}

impl<'a> Course<'a> {
    fn new(
        recipe: &'a Recipe,
        start: Learned,
        checkpoint: Option<Checkpoint>,
        cancel: &'a Cancel,
        progress: &'a Progress,
    ) -> Result<Self> {
        let first = start.ranks.len();
        let (learned, held) = match &checkpoint {
            Some(checkpoint) => checkpoint.read(start)?,
            None => (start, 0),
        };
        progress.add(0, (learned.ranks.len() - first) as u64);
        Ok(Self { recipe, learned, checkpoint, taken: 0, held, reached: first, cancel, progress })
    }

    /// Tokens that can still be learned.
    fn room(&self) -> usize {
        self.recipe.size.saturating_sub(self.reached)
    }

    /// Learn at most `tokens` tokens; gives how many it were.
    fn step(&mut self, name: &str, from: &Counted, tokens: usize) -> Result<usize> {
        self.scaled_step(name, from, tokens, 1)
    }

    /// The same from counts that were multiplied by `factor`.
    fn scaled_step(
        &mut self,
        name: &str,
        from: &Counted,
        tokens: usize,
        factor: u64,
    ) -> Result<usize> {
        if let Some(held) = self.replayed() {
            return Ok(held);
        }
        let before = self.learned.ranks.len();
        let tokens = tokens.min(self.room());
        if tokens > 0 && !from.inventory.is_empty() {
            let guards = self.guards(from);
            let min_documents = guards.min_documents;
            let least = self.recipe.least * factor;
            let phase = Phase { inventory: &from.inventory, tokens, least, guards };
            let ranks = self.learned.ranks.clone();
            let mut trained = train(ranks, &[phase], self.cancel, self.progress)?;
            self.learned.ranks = trained.ranks;
            self.learned.counts.extend(trained.counts.iter().map(|count| count / factor));
            self.learned.vetoes.append(&mut trained.vetoes);
            self.note(name, min_documents);
        }
        self.taken_from(before)
    }

    /// Begin a step; what it learned, if the checkpoint holds it.
    fn replayed(&mut self) -> Option<usize> {
        self.taken += 1;
        if self.taken > self.held {
            return None;
        }
        let held = self.checkpoint.as_ref().and_then(|held| held.learned_in(self.taken));
        self.reached += held.unwrap_or(0);
        Some(held.unwrap_or(0))
    }

    /// End a step that began with `before` ranks; gives how many it learned.
    fn taken_from(&mut self, before: usize) -> Result<usize> {
        self.reached = self.learned.ranks.len();
        let learned = self.reached - before;
        if let Some(checkpoint) = &mut self.checkpoint {
            checkpoint.note(learned, &self.learned)?;
        }
        Ok(learned)
    }

    fn guards(&self, from: &Counted) -> Guards {
        let standard = || Guards::standard(from.documents).min_documents;
        Guards {
            min_documents: self.recipe.min_documents.unwrap_or_else(standard),
            min_sources: self.recipe.min_sources.min(from.sources),
            ..self.recipe.guards.clone()
        }
    }

    /// End a stretch of ranks here; one that goes on the same way is one.
    fn note(&mut self, name: &str, min_documents: u32) {
        let end = self.learned.ranks.len();
        match self.learned.steps.last_mut() {
            Some(last) if last.name == name && last.min_documents == min_documents => {
                last.end = end;
            }
            _ => self.learned.steps.push(Step { name: name.to_owned(), end, min_documents }),
        }
    }

    /// All languages together, each with its weight in thousandths.
    fn weighted(&mut self, material: Material) -> Result<()> {
        const THOUSAND: u64 = 1_000;
        let weights = &self.recipe.weights;
        let scaled = material.0.into_iter().filter_map(|(language, mut counted)| {
            let weight = weights.get(&language).copied().unwrap_or(1.0);
            let factor = (weight * THOUSAND as f64).round() as u64;
            counted.inventory.scale(factor);
            (factor > 0).then_some(counted)
        });
        let all = Counted::sum(scaled.collect());
        let room = self.room();
        self.scaled_step("weighted", &all, room, THOUSAND).map(|_| ())
    }
}

#[cfg(test)]
mod tests;
