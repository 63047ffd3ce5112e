//! Lines and paragraphs that many kept documents have are cut out of all but the first of them in
//! keep order.
//!
//! Two passes over the kept texts. The first counts: a record of key, rank and document for every
//! passage, sorted (on disk if need be), so that one walk finds the passages of more documents than
//! allowed. The second looks for these in the documents that have them, and leaves [`Span`]s. The
//! first document stays whole, so no text goes away altogether.

use arrow_array::LargeStringArray;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use arrow_array::cast::AsArray;
use glmdata_base::{Error, Phase, Result};
use glmdata_text::mix64;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSlice;

use crate::corpus::Corpus;
use crate::decide::Decisions;
use crate::exact::scope_of;
use crate::keep::ranks;
use crate::options::Options;
use crate::passage::{Form, Passage, PassageFinder};
use crate::removal::{Removal, Rule};
use crate::run::Job;
use crate::sort::{Record, Sorted, Sorter};
use crate::span::{Span, without};
use crate::texts::Texts;

/// What was cut out of the documents of one source.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CutTally {
    pub(crate) lines: u64,
    pub(crate) paragraphs: u64,
    pub(crate) bytes: u64,
    pub(crate) documents: u64,
}

/// Everything that was cut.
#[derive(Debug)]
pub(crate) struct Cuts {
    /// In the order of documents and places.
    pub(crate) spans: Sorted<Span>,
    /// Bytes cut out of every document.
    pub(crate) bytes: Vec<u32>,
    pub(crate) by_source: BTreeMap<u16, CutTally>,
    /// Documents that kept their text because nothing would have been left of it, while others were
    /// removed for them or are their variants.
    pub(crate) spared: u64,
    pub(crate) runs_spilled: u64,
}

/// Find what to cut, if the options ask for it; documents of which nothing stays are removed from
/// `decisions`.
pub(crate) fn cut_passages(
    job: &Job<'_>,
    corpus: &Corpus<'_>,
    texts: &Texts<'_>,
    options: &Options,
    decisions: &mut Decisions,
) -> Result<Option<Cuts>> {
    if options.line_dedup.is_none() && options.paragraph_dedup.is_none() {
        return Ok(None);
    }
    job.progress.enter(Phase::Match, 0);
    let (ranks, folder) =
        (&ranks(&corpus.table, corpus.new_documents(), options), &job.output.join(".work"));
    Cutter { corpus, texts, options, ranks, folder }.run(decisions).map(Some)
}

/// Cuts passages, under the options of a run.
struct Cutter<'a> {
    corpus: &'a Corpus<'a>,
    texts: &'a Texts<'a>,
    options: &'a Options,
    ranks: &'a [u32],
    /// For what does not fit in memory.
    folder: &'a Path,
}

/// A frequent passage of a document: document, key, documents that have it.
type Frequent = (u32, u64, u32);

/// What becomes of a document that has frequent passages.
enum Fate {
    Cut(Vec<Span>),
    /// Nothing is left of it.
    Emptied(Rule),
}

impl Cutter<'_> {
    fn run(&self, decisions: &mut Decisions) -> Result<Cuts> {
        std::fs::create_dir_all(self.folder)
            .map_err(|e| Error::storage("create folder", self.folder, e))?;
        let passages = self.count(decisions)?;
        let frequent = self.frequent(&passages)?;
        let runs_spilled = passages.runs_spilled() + frequent.runs_spilled();
        drop(passages);
        let mut cuts = self.cut(&frequent, decisions)?;
        cuts.runs_spilled += runs_spilled;
        Ok(cuts)
    }

    fn sorter<T: Record>(&self, name: &'static str) -> Sorter<T> {
        Sorter::new(self.folder, name, self.options.memory / 16)
    }

    /// Give every batch of texts to `visit` with the documents it holds.
    fn each_batch(
        &self,
        visit: &mut dyn FnMut(&LargeStringArray, Range<u32>) -> Result<()>,
    ) -> Result<()> {
        for unit in 0..self.corpus.new_units {
            let mut document = self.corpus.first_of_unit[unit];
            self.texts.each_batch(unit, &mut |batch| {
                let end = document + batch.num_rows() as u32;
                let documents = document..end;
                document = end;
                visit(batch["text"].as_string::<i64>(), documents)
            })?;
        }
        Ok(())
    }

    /// Source code repeats itself for a reason.
    fn may_cut(&self, document: u32) -> bool {
        self.corpus.table.source_of(document as usize) != "code"
    }

    fn limit(&self, form: Form) -> Option<u32> {
        match form {
            Form::Line => self.options.line_dedup,
            Form::Paragraph => self.options.paragraph_dedup,
        }
    }

    /// Equal for equal passages of one form in one scope. The top bit is the form.
    fn key(&self, passage: &Passage, document: u32) -> u64 {
        const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
        let scope = scope_of(&self.corpus.table, self.options.scope, document as usize);
        let mixed = mix64(passage.hash.wrapping_add(SPREAD.wrapping_mul(u64::from(scope))));
        (mixed >> 1) | (u64::from(passage.form == Form::Paragraph) << 63)
    }

    /// Key, rank and number of every document with a passage, each once.
    fn count(&self, decisions: &Decisions) -> Result<Sorted<u128>> {
        let mut records = self.sorter("passages");
        let cut = |i: &u32| decisions.removal[*i as usize].is_none() && self.may_cut(*i);
        self.each_batch(&mut |texts, documents| {
            let start = documents.start;
            let kept: Vec<u32> = documents.filter(cut).collect();
            let found: Vec<Vec<u128>> = kept
                .into_par_iter()
                .map_init(PassageFinder::new, |finder, document| {
                    let low =
                        u128::from(self.ranks[document as usize]) << 32 | u128::from(document);
                    let passages = finder.of(texts.value((document - start) as usize)).iter();
                    passages
                        .filter(|passage| self.limit(passage.form).is_some())
                        .map(|passage| u128::from(self.key(passage, document)) << 64 | low)
                        .collect()
                })
                .collect();
            found.into_iter().flatten().try_for_each(|record| records.push(record))
        })?;
        Ok(records.finish())
    }

    /// Document, key and count of every passage that too many documents have, but for the first of
    /// them in keep order.
    fn frequent(&self, passages: &Sorted<u128>) -> Result<Sorted<u128>> {
        let mut frequent = self.sorter("frequent");
        let mut merge = passages.merge()?;
        let (mut key, mut documents) = (0, Vec::new());
        loop {
            let record = merge.next()?;
            let next = record.map(|record| (record >> 64) as u64);
            if next != Some(key) {
                let form = if key >> 63 == 1 { Form::Paragraph } else { Form::Line };
                let count = documents.len() as u32;
                if self.limit(form).is_some_and(|limit| count > limit) {
                    for &document in &documents[1..] {
                        let (key, count) = (u128::from(key), u128::from(count));
                        frequent.push(u128::from(document) << 96 | key << 32 | count)?;
                    }
                }
                documents.clear();
            }
            let (Some(record), Some(next)) = (record, next) else { break };
            key = next;
            documents.push(record as u32);
        }
        Ok(frequent.finish())
    }

    fn cut(&self, frequent: &Sorted<u128>, decisions: &mut Decisions) -> Result<Cuts> {
        let table = &self.corpus.table;
        let mut spans = self.sorter("spans");
        let mut bytes = vec![0; table.len()];
        let mut by_source: BTreeMap<u16, CutTally> = BTreeMap::new();
        let mut spared = 0;
        let stands_for_others = documents_of_clusters(decisions);
        let mut merge = frequent.merge()?;
        let mut ahead = merge.next()?.map(split);
        self.each_batch(&mut |texts, documents| {
            let mut here: Vec<Frequent> = Vec::new();
            while let Some(next) = ahead.filter(|&(document, ..)| document < documents.end) {
                here.push(next);
                ahead = merge.next()?.map(split);
            }
            let groups: Vec<&[Frequent]> = here.chunk_by(|a, b| a.0 == b.0).collect();
            let fates: Vec<(u32, Fate)> = groups
                .par_chunks(8)
                .map_init(PassageFinder::new, |finder, groups| {
                    let fate = |group: &&[Frequent]| {
                        let document = group[0].0;
                        let text = texts.value((document - documents.start) as usize);
                        (document, self.fate(finder, document, text, group))
                    };
                    groups.iter().map(fate).collect::<Vec<_>>()
                })
                .flatten()
                .collect();
            for (document, fate) in fates {
                let i = document as usize;
                match fate {
                    Fate::Emptied(_) if stands_for_others[i] => spared += 1,
                    Fate::Emptied(rule) => {
                        let removal = Removal { rule, kept: None, via: None, measured: None };
                        decisions.removal[i] = Some(removal);
                    }
                    Fate::Cut(cut) => {
                        let tally = by_source.entry(table.source[i]).or_default();
                        tally.documents += 1;
                        for span in cut {
                            bytes[i] += span.end - span.start;
                            tally.bytes += u64::from(span.end - span.start);
                            match span.form {
                                Form::Line => tally.lines += 1,
                                Form::Paragraph => tally.paragraphs += 1,
                            }
                            spans.push(span)?;
                        }
                    }
                }
            }
            Ok(())
        })?;
        let spans = spans.finish();
        let runs_spilled = spans.runs_spilled();
        Ok(Cuts { spans, bytes, by_source, spared, runs_spilled })
    }

    /// The spans of a document's frequent passages; lines of a paragraph that goes are not counted
    /// again.
    fn fate(
        &self,
        finder: &mut PassageFinder,
        document: u32,
        text: &str,
        frequent: &[Frequent],
    ) -> Fate {
        let mut spans: Vec<Span> = Vec::new();
        let mut gone = 0;
        for passage in finder.of(text) {
            let key = self.key(passage, document);
            let found = frequent.binary_search_by_key(&key, |&(_, key, _)| key);
            let Ok(place) = found else { continue };
            if passage.start < gone {
                continue;
            }
            gone = passage.end;
            let (start, end) = (passage.start as u32, passage.end as u32);
            let (hash, form, count) = (passage.hash, passage.form, frequent[place].2);
            spans.push(Span { document, start, end, count, hash, form });
        }
        if without(text, &spans).trim().is_empty() {
            let line = spans.iter().any(|span| span.form == Form::Line);
            return Fate::Emptied(if line { Rule::Line } else { Rule::Paragraph });
        }
        Fate::Cut(spans)
    }
}

fn split(record: u128) -> Frequent {
    ((record >> 96) as u32, (record >> 32) as u64, record as u32)
}

/// Whether each document shares its cluster with others.
fn documents_of_clusters(decisions: &Decisions) -> Vec<bool> {
    let mut sizes = vec![0u32; decisions.cluster.len()];
    for &cluster in &decisions.cluster {
        sizes[cluster as usize] += 1;
    }
    decisions.cluster.iter().map(|&cluster| sizes[cluster as usize] > 1).collect()
}
