//! Policy `union`: two vocabularies from bytes are appended to the base.
//!
//! Appended tokens lose their way: what they were merged from may be missing, or be overtaken by
//! tokens of the base. Those that break rule C1 are left out, and learning fills the room.

use glmdata_base::{Progress, Result};

use super::{Counted, Course, Material};
use crate::language::CHINESE;
use crate::ranks::Ranks;
use crate::train::{Phase, train};
use crate::validity::closure;

impl Course<'_> {
    pub(super) fn union(&mut self, mut material: Material) -> Result<()> {
        let room = self.room();
        let of_chinese = (room as f64 * self.recipe.chinese_share).round() as usize;
        let chinese = material.take(CHINESE);
        let others = material.rest();
        let appended = self.append("chinese", &chinese, of_chinese)?;
        self.append("multilingual", &others, room - of_chinese)?;
        let missing = of_chinese.saturating_sub(appended);
        for (name, group, tokens) in [
            ("chinese", &chinese, missing),
            ("multilingual", &others, room),
            ("chinese", &chinese, room),
        ] {
            self.step(name, group, tokens)?;
        }
        Ok(())
    }

    /// Learn a vocabulary from bytes and append the first `tokens` of it that are new and that the
    /// closure leaves; gives how many it were.
    fn append(&mut self, name: &str, group: &Counted, tokens: usize) -> Result<usize> {
        if group.inventory.is_empty() {
            return Ok(0);
        }
        if let Some(held) = self.replayed() {
            return Ok(held);
        }
        let (guards, before) = (self.guards(group), self.learned.ranks.len());
        let min_documents = guards.min_documents;
        let phase = Phase {
            inventory: &group.inventory,
            // Most of what is learned first from bytes is in the base already.
            tokens: self.recipe.size.max(tokens),
            least: self.recipe.least,
            guards,
        };
        let own = train(Ranks::bytes_only(), &[phase], self.cancel, &Progress::new())?;
        let new: Vec<(&[u8], u64)> = own
            .ranks
            .iter()
            .skip(256)
            .zip(own.counts.iter().copied())
            .filter(|(token, _)| self.learned.ranks.rank(token).is_none())
            .take(tokens)
            .collect();
        let known = &self.learned.ranks;
        let (ranks, _) = closure(known, known.iter().chain(new.iter().map(|(token, _)| *token)))?;
        for (token, count) in new {
            if ranks.rank(token).is_some() {
                self.learned.counts.push(count);
            }
        }
        self.learned.ranks = ranks;
        self.note(name, min_documents);
        let learned = self.learned.ranks.len() - before;
        self.progress.add(0, learned as u64);
        self.taken_from(before)
    }
}
