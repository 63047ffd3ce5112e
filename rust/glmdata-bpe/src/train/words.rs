//! The words of an inventory as one array of token ids that merges are applied to in place.
//!
//! Words stand in order of falling count between borders, so the count of a place is found in a
//! short list of steps and needs no array of its own. A merged token keeps its place: id in its
//! first slot, its length in its last, so that both neighbours are one read away.

use std::ops::Range;

use glmdata_base::{Error, Result};

use super::guard::Evidence;
use crate::prefetch::prefetch;

/// Between words, before the first and behind the last.
pub(super) const BORDER: u32 = u32::MAX;
/// Set in slots that hold no id: the length in the last slot of a token, 0 inside.
const INSIDE: u32 = 1 << 31;

/// A word to learn from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) ids: &'a [u32],
    pub(super) count: u64,
    pub(super) documents: u32,
    pub(super) sketch: u64,
    pub(super) sources: u32,
}

/// What a word says about documents, and the first place behind it.
#[derive(Clone, Copy, Debug)]
struct Support {
    end: u32,
    documents: u32,
    sketch: u64,
    sources: u32,
}

/// Places are numbered with 31 bits.
const MOST_SLOTS: usize = 1 << 31;

#[derive(Debug)]
pub(super) struct Words {
    slots: Vec<u32>,
    /// (first place behind, count) of every stretch of equal counts.
    steps: Vec<(u32, u64)>,
    support: Vec<Support>,
    /// Slots of each token; 1 for those known when the array was packed.
    span: Vec<u32>,
}

impl Words {
    pub(super) fn new(tokens: usize) -> Self {
        Self { slots: vec![BORDER], steps: Vec::new(), support: Vec::new(), span: vec![1; tokens] }
    }

    /// Add a word; counts must not rise. Words of one token are left out: nothing merges in them.
    pub(super) fn push(&mut self, word: Source<'_>) -> Result<()> {
        if word.ids.len() < 2 {
            return Ok(());
        }
        if self.slots.len() + word.ids.len() >= MOST_SLOTS {
            let expected = "different words of at most 2,147,483,648 tokens together";
            return Err(Error::config("input", expected, "more; give a sample of the text"));
        }
        self.slots.extend_from_slice(word.ids);
        self.slots.push(BORDER);
        let end = self.slots.len() as u32;
        match self.steps.last_mut() {
            Some(step) if step.1 == word.count => step.0 = end,
            _ => self.steps.push((end, word.count)),
        }
        let Source { documents, sketch, sources, .. } = word;
        self.support.push(Support { end, documents, sketch, sources });
        Ok(())
    }

    /// The same without the gaps.
    pub(super) fn packed(&self) -> Result<Self> {
        let mut packed = Self::new(self.span.len());
        let mut ids = Vec::new();
        let (mut at, mut step) = (1, 0);
        for &Support { documents, sketch, sources, .. } in &self.support {
            ids.clear();
            let count = self.count(at, &mut step);
            while self.slots[at] != BORDER {
                ids.push(self.slots[at]);
                at += self.span[self.slots[at] as usize] as usize;
            }
            at += 1;
            packed.push(Source { ids: &ids, count, documents, sketch, sources })?;
        }
        Ok(packed)
    }

    /// Stretches of places that together are all, cut between words.
    pub(super) fn stretches(&self, number: usize) -> Vec<Range<usize>> {
        let length = self.slots.len() / number.max(1) + 1;
        let mut stretches = Vec::new();
        let mut from = 0;
        while from < self.slots.len() {
            let least = (from + length).min(self.slots.len());
            let more = self.slots[least..].iter().position(|&slot| slot == BORDER);
            let to = least + more.unwrap_or(self.slots.len() - least);
            stretches.push(from..to);
            from = to;
        }
        stretches
    }

    /// Call `each` with every place that has a right neighbour: place, left, right, count. Only
    /// while there are no gaps.
    #[inline(always)]
    pub(super) fn pairs(&self, stretch: Range<usize>, mut each: impl FnMut(u32, u32, u32, u64)) {
        let mut step = 0;
        for at in stretch {
            if let Some(&[left, right]) = self.slots.get(at..at + 2).and_then(<[u32]>::first_chunk)
                && left != BORDER
                && right != BORDER
            {
                each(at as u32, left, right, self.count(at, &mut step));
            }
        }
    }

    /// The sum of the counts of all pairs.
    pub(super) fn total(&self) -> u64 {
        let mut total = 0;
        self.pairs(0..self.slots.len(), |_, _, _, count| total += count);
        total
    }

    /// Ask for a slot that will be needed soon.
    #[inline(always)]
    pub(super) fn prefetch(&self, at: u32) {
        prefetch(&self.slots, at as usize);
    }

    /// The count of the word at `at`; `step` is where the last search ended, and places rise.
    #[inline(always)]
    pub(super) fn count(&self, at: usize, step: &mut usize) -> u64 {
        while let Some(&(end, count)) = self.steps.get(*step) {
            if at < end as usize {
                return count;
            }
            *step += self.steps[*step..].partition_point(|&(end, _)| end as usize <= at);
        }
        0
    }

    /// Whether two tokens still stand at `at`; gives the place of the right one.
    #[inline(always)]
    fn stands(&self, at: usize, left: u32, right: u32) -> Option<usize> {
        let middle = at + *self.span.get(left as usize)? as usize;
        (self.slots[at] == left && self.slots[middle] == right).then_some(middle)
    }

    /// What the words say that have the pair at `places`.
    pub(super) fn evidence(&self, places: &[u32], left: u32, right: u32) -> Evidence {
        let (mut evidence, mut last) = (Evidence::default(), usize::MAX);
        for &at in places {
            if self.stands(at as usize, left, right).is_none() {
                continue;
            }
            let word = self.support.partition_point(|support| support.end <= at);
            if word != last
                && let Some(support) = self.support.get(word)
            {
                evidence.documents += u64::from(support.documents);
                evidence.sketch |= support.sketch;
                evidence.sources |= support.sources;
                last = word;
            }
        }
        evidence
    }

    /// A token that does not occur yet.
    pub(super) fn add_token(&mut self, left: u32, right: u32) {
        self.span.push(self.span[left as usize] + self.span[right as usize]);
    }

    /// Merge `left` and `right` at `at` into `merged`, if they still stand there. Gives the left
    /// neighbour with its place, and the right neighbour; [`BORDER`] where there is none.
    #[inline(always)]
    pub(super) fn merge(
        &mut self,
        at: usize,
        left: u32,
        right: u32,
        merged: u32,
    ) -> Option<(u32, u32, u32)> {
        let middle = self.stands(at, left, right)?;
        let span = self.span[merged as usize];
        let end = at + span as usize;
        if middle - 1 > at {
            self.slots[middle - 1] = INSIDE;
        }
        self.slots[middle] = INSIDE;
        self.slots[end - 1] = INSIDE | span;
        self.slots[at] = merged;
        let before = self.slots[at - 1];
        let (before, place) = if before == BORDER || before & INSIDE == 0 {
            (before, at - 1)
        } else {
            let place = at - (before & !INSIDE) as usize;
            (self.slots[place], place)
        };
        Some((before, place as u32, self.slots[end]))
    }
}
