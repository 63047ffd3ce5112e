//! What a store holds: its documents in memory, its groups and shards with their sums.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use glmdata_base::{Cancel, MemoryBudget, Phase, Progress, Reservation, Result};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::columns::{Columns, read_columns};
use crate::document::{Document, Group, order_of, refuse_too_many};

/// A shard of the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShardTally {
    /// The source of all its documents.
    pub source: String,
    /// Documents.
    pub rows: u64,
    /// Tokens in them.
    pub tokens: u64,
}

/// Sums over the documents of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupTally {
    /// Documents that have a token.
    pub documents: u64,
    /// Documents without one, which no mixture takes.
    pub empty: u64,
    /// Tokens.
    pub tokens: u64,
    /// Tokens of the longest document.
    pub longest: u64,
}

/// A store, read once.
#[derive(Debug)]
pub struct Survey {
    /// In the order of shards and rows.
    pub documents: Vec<Document>,
    /// Sorted.
    pub groups: Vec<Group>,
    /// Of each group.
    pub tallies: Vec<GroupTally>,
    /// Of each shard, in the order given.
    pub shards: Vec<ShardTally>,
    /// What the documents take of the budget.
    held: Vec<Reservation>,
}

/// How many documents of the crawl some kept documents stand for, by key; others stand for
/// themselves.
pub type Factors = HashMap<[u8; 16], u32>;

impl Survey {
    /// Read the shards at `paths`, all columns but the tokens.
    pub fn read(
        paths: &[PathBuf],
        factors: &Factors,
        seed: u64,
        budget: &MemoryBudget,
        cancel: &Cancel,
        progress: &Progress,
    ) -> Result<Self> {
        progress.enter(Phase::Scan, 0);
        let read: Vec<OneShard> = paths
            .par_iter()
            .map(|path| {
                let mut one = OneShard::default();
                read_columns(path, |columns| {
                    cancel.check()?;
                    progress.add(columns.keys.len() as u64, 0);
                    one.add(&columns, factors, seed, budget)
                })?;
                Ok(one)
            })
            .collect::<Result<_>>()?;
        let groups: BTreeSet<&Group> = read.iter().flat_map(|one| &one.groups).collect();
        let groups: Vec<Group> = groups.into_iter().cloned().collect();
        let count: usize = read.iter().map(|one| one.documents.len()).sum();
        refuse_too_many("documents", count as u64)?;
        let mut survey = Self {
            documents: Vec::with_capacity(count),
            tallies: vec![GroupTally::default(); groups.len()],
            groups,
            shards: Vec::with_capacity(paths.len()),
            held: Vec::new(),
        };
        for (shard, one) in read.into_iter().enumerate() {
            survey.append(shard as u32, one);
        }
        Ok(survey)
    }

    /// Bytes of the budget that are in use for it.
    pub fn bytes(&self) -> u64 {
        self.held.iter().map(Reservation::bytes).sum()
    }

    fn append(&mut self, shard: u32, one: OneShard) {
        self.held.extend(one.held);
        // Groups get their numbers once all of them are known.
        let place = |group: &Group| self.groups.binary_search(group).unwrap_or_default() as u32;
        let places: Vec<u32> = one.groups.iter().map(place).collect();
        let mut tally =
            ShardTally { source: one.source, rows: one.documents.len() as u64, tokens: 0 };
        for document in one.documents {
            let document = Document { shard, group: places[document.group as usize], ..document };
            let tokens = u64::from(document.tokens);
            tally.tokens += tokens;
            let of_group = &mut self.tallies[document.group as usize];
            of_group.documents += u64::from(tokens > 0);
            of_group.empty += u64::from(tokens == 0);
            of_group.tokens += tokens;
            of_group.longest = of_group.longest.max(tokens);
            self.documents.push(document);
        }
        self.shards.push(tally);
    }
}

/// A shard while it is read; groups are numbered within it.
#[derive(Debug, Default)]
struct OneShard {
    source: String,
    groups: Vec<Group>,
    documents: Vec<Document>,
    held: Vec<Reservation>,
}

impl OneShard {
    fn add(
        &mut self,
        columns: &Columns,
        factors: &Factors,
        seed: u64,
        budget: &MemoryBudget,
    ) -> Result<()> {
        self.held.push(reserve(budget, columns.keys.len())?);
        if self.documents.is_empty() {
            self.source.clone_from(&columns.source);
        }
        for ((key, &tokens), lang) in columns.keys.iter().zip(&columns.n_tokens).zip(&columns.langs)
        {
            let factor = factors.get(key).copied().unwrap_or(1);
            let known = |group: &Group| group.factor == factor && group.lang == *lang;
            // A shard has few groups, and neighbours mostly share theirs.
            let group = self.groups.iter().position(known).unwrap_or_else(|| {
                let source = self.source.clone();
                self.groups.push(Group { source, lang: lang.clone(), factor });
                self.groups.len() - 1
            });
            self.documents.push(Document {
                order: order_of(*key, seed),
                shard: 0,
                row: self.documents.len() as u32,
                tokens,
                group: group as u32,
            });
        }
        Ok(())
    }
}

fn reserve(budget: &MemoryBudget, documents: usize) -> Result<Reservation> {
    let bytes = documents * size_of::<Document>();
    budget.reserve(bytes as u64, "the table of documents")
}
