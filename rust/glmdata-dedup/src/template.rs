//! What the template of a site prints on its pages, cut out of all of them but the first in keep order.
//!
//! A block (`block.rs`) of enough pages of a host is frequent. A sentence that pages repeat amid unlike
//! neighbours is content, so only runs of frequent blocks go: at the head or the tail of a page, or
//! long ones. Blocks that are equal but for their numbers (counters, dates) count as one beside one
//! that is equal as it is; alone they may be the rows of a table.
//!
//! Two passes over the kept texts, as in `frequent.rs`. Records of host, key, rank and document are sorted, a
//! record of key 0 for every page before the others of its host, so one walk knows how many pages a
//! host has when it comes to its blocks.

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use glmdata_base::{Result, hash64};
use glmdata_io::FieldUse;
use glmdata_text::{mix64, url_host};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::block::{BlockFinder, Role};
use crate::cut::{Cutter, Excerpts};
use crate::decide::Decisions;
use crate::excise::joined;
use crate::page::{Frequent, template_of};
use crate::removal::Rule;
use crate::sort::{Record, Sorted};
use crate::span::{Span, SpansByDocument, without};

/// A block is frequent on so many pages, and on one of so many pages of its host.
const LEAST_PAGES: usize = 5;
const LEAST_SHARE: usize = 10;

/// One of so many pages is what a short run must reach (`page.rs`).
const MOST_PAGES: usize = 2;

/// A block of a page, or with key 0 the page itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct OnPage {
    host: u64,
    key: u64,
    rank: u32,
    document: u32,
}

impl Record for OnPage {
    const BYTES: usize = 24;

    fn store(self, bytes: &mut [u8]) {
        self.host.store(&mut bytes[..8]);
        self.key.store(&mut bytes[8..16]);
        self.rank.store(&mut bytes[16..20]);
        self.document.store(&mut bytes[20..]);
    }

    fn load(bytes: &[u8]) -> Self {
        Self {
            host: u64::load(&bytes[..8]),
            key: u64::load(&bytes[8..16]),
            rank: u32::load(&bytes[16..20]),
            document: u32::load(&bytes[20..]),
        }
    }
}

/// What hosts there were to go by.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hosts {
    /// Documents that could be cut, and those of them without a host.
    documents: u64,
    without: u64,
    /// Pages of the largest host.
    largest: usize,
}

impl Hosts {
    /// What the option could not act on; a field that no document has is told elsewhere.
    pub(crate) fn note(&self, fields: &FieldUse) -> Option<String> {
        let Self { documents, without, largest } = *self;
        if fields.url == 0 || documents == 0 {
            return None;
        }
        if without == documents {
            return Some("--templates has no effect: no address names a host".to_owned());
        }
        if largest < LEAST_PAGES {
            return Some(format!(
                "--templates has no effect: no host has {LEAST_PAGES} pages or more"
            ));
        }
        let why = "documents have no host, so --templates host could not apply";
        (without > 0).then(|| format!("{without} of {documents} {why}"))
    }
}

/// What is to be done with a page.
struct Task {
    document: u32,
    row: usize,
    others: Vec<Span>,
    frequent: Vec<Frequent>,
}

impl Cutter<'_> {
    /// Cut templates besides what is in `before`; documents of which nothing stays are removed from
    /// `decisions`.
    pub(crate) fn cut_templates(
        &self,
        before: &Excerpts,
        decisions: &mut Decisions,
    ) -> Result<(Excerpts, Hosts)> {
        let mut hosts = Hosts::default();
        let blocks = self.blocks_of_pages(decisions, &mut hosts)?;
        let frequent = self.frequent_on_hosts(&blocks, &mut hosts)?;
        let spilled =
            [&before.spans.runs_spilled(), &blocks.runs_spilled(), &frequent.runs_spilled()];
        let runs_spilled = before.runs_spilled + spilled.into_iter().sum::<u64>();
        drop(blocks);
        let mut spans = self.sorter("templates");
        let mut spared = before.spared.clone();
        let mut of_others = SpansByDocument::new(&before.spans)?;
        let mut merge = frequent.merge()?;
        let mut ahead = merge.next()?;
        self.each_batch(&mut |texts, documents| {
            let mut tasks = Vec::new();
            for document in documents.clone().filter(|&i| self.may_cut(i, decisions)) {
                let row = (document - documents.start) as usize;
                let mut task = Task { document, row, others: Vec::new(), frequent: Vec::new() };
                of_others.take(document, &mut task.others)?;
                while let Some(next) = ahead.filter(|next| next.document == document) {
                    task.frequent.push(next);
                    ahead = merge.next()?;
                }
                tasks.push(task);
            }
            let all = |finder: &mut BlockFinder, Task { row, others, frequent, .. }: &Task| {
                let text = texts.value(*row);
                if frequent.is_empty() {
                    return (others.clone(), false);
                }
                let own = template_of(finder, text, frequent);
                let all = joined(others, &own);
                let emptied = !own.is_empty() && without(text, &all).trim().is_empty();
                (all, emptied)
            };
            let found: Vec<(Task, (Vec<Span>, bool))> = tasks
                .into_par_iter()
                .map_init(BlockFinder::new, |finder, task| {
                    let found = all(finder, &task);
                    (task, found)
                })
                .collect();
            for (Task { document, others, .. }, (all, emptied)) in found {
                let kept = if emptied {
                    self.empty(document, Rule::Template, decisions, &mut spared);
                    // Who stands for others keeps what this rule would cut.
                    if decisions.removal[document as usize].is_some() { Vec::new() } else { others }
                } else {
                    all
                };
                kept.into_iter().try_for_each(|span| spans.push(span))?;
            }
            Ok(())
        })?;
        Ok((Excerpts { spans: spans.finish(), spared, runs_spilled }, hosts))
    }

    /// A record of every page that has a host, and of every block on it.
    fn blocks_of_pages(&self, decisions: &Decisions, hosts: &mut Hosts) -> Result<Sorted<OnPage>> {
        let mut records = self.sorter("blocks");
        self.each_record_batch(&mut |batch: &RecordBatch, documents| {
            let (texts, urls) = (batch["text"].as_string::<i64>(), batch["url"].as_string::<i32>());
            let start = documents.start;
            let kept: Vec<u32> = documents.filter(|&i| self.may_cut(i, decisions)).collect();
            hosts.documents += kept.len() as u64;
            let found: Vec<Option<Vec<OnPage>>> = kept
                .into_par_iter()
                .map_init(BlockFinder::new, |finder, document| {
                    let row = (document - start) as usize;
                    let host = urls.is_valid(row).then(|| url_host(urls.value(row))).flatten()?;
                    let host = mix64(hash64(host.as_bytes()).wrapping_add(self.salt(document)));
                    let rank = self.ranks[document as usize];
                    let record = |key| OnPage { host, key, rank, document };
                    finder.read(texts.value(row));
                    let members = finder.found.iter().filter(|block| block.role == Role::Member);
                    let keys =
                        members.flat_map(|block| std::iter::once(block.key).chain(block.masked));
                    Some(std::iter::once(0).chain(keys).map(record).collect())
                })
                .collect();
            for found in found {
                match found {
                    Some(found) => found.into_iter().try_for_each(|record| records.push(record))?,
                    None => hosts.without += 1,
                }
            }
            Ok(())
        })?;
        Ok(records.finish())
    }

    /// The blocks that enough pages of a host have, by document.
    fn frequent_on_hosts(
        &self,
        blocks: &Sorted<OnPage>,
        hosts: &mut Hosts,
    ) -> Result<Sorted<Frequent>> {
        let mut frequent = self.sorter("frequent-blocks");
        let mut merge = blocks.merge()?;
        let (mut name, mut of_host, mut having) = (None, 0, Vec::new());
        loop {
            let record = merge.next()?;
            let next = record.map(|OnPage { host, key, .. }| (host, key));
            if next != name {
                let n = having.len();
                match name {
                    Some((_, 0)) => (of_host, hosts.largest) = (n, hosts.largest.max(n)),
                    Some((_, key)) if n >= LEAST_PAGES && n * LEAST_SHARE >= of_host => {
                        let (pages, often) = (n as u32, n * MOST_PAGES >= of_host);
                        for (at, &document) in having.iter().enumerate() {
                            let first = at == 0;
                            frequent.push(Frequent { document, key, pages, often, first })?;
                        }
                    }
                    _ => {}
                }
                having.clear();
            }
            let Some(record) = record else { break };
            name = next;
            having.push(record.document);
        }
        Ok(frequent.finish())
    }
}
