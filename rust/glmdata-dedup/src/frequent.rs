//! Lines and paragraphs that many kept documents have are cut out of all but the first of them in
//! keep order.
//!
//! Two passes over the kept texts. The first counts: a record of key, rank and document for every
//! passage, sorted (on disk if need be), so that one walk finds the passages of more documents than
//! allowed. The second looks for these in the documents that have them, and leaves [`Span`]s. The
//! first document stays whole, so no text goes away altogether.

use glmdata_base::Result;
use glmdata_text::mix64;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSlice;

use crate::cut::{Cutter, Excerpts};
use crate::decide::Decisions;
use crate::passage::{Form, Passage, PassageFinder};
use crate::removal::Rule;
use crate::sort::Sorted;
use crate::span::{Span, without};

/// A frequent passage of a document: document, key, documents that have it.
type Frequent = (u32, u64, u32);

/// What becomes of a document that has frequent passages.
enum Fate {
    Cut(Vec<Span>),
    /// Nothing is left of it.
    Emptied(Rule),
}

impl Cutter<'_> {
    /// Find the lines and paragraphs to cut; documents of which nothing stays are removed from
    /// `decisions`.
    pub(crate) fn cut_frequent(&self, decisions: &mut Decisions) -> Result<Excerpts> {
        let passages = self.count(decisions)?;
        let frequent = self.frequent(&passages)?;
        let runs_spilled = passages.runs_spilled() + frequent.runs_spilled();
        drop(passages);
        let mut cut = self.cut(&frequent, decisions)?;
        cut.runs_spilled += runs_spilled;
        Ok(cut)
    }

    fn limit(&self, form: Form) -> Option<u32> {
        match form {
            Form::Line => self.options.line_dedup,
            Form::Paragraph => self.options.paragraph_dedup,
            Form::Substring | Form::Template => None,
        }
    }

    /// Equal for equal passages of one form in one scope. The top bit is the form.
    fn key(&self, passage: &Passage, document: u32) -> u64 {
        let mixed = mix64(passage.hash.wrapping_add(self.salt(document)));
        (mixed >> 1) | (u64::from(passage.form == Form::Paragraph) << 63)
    }

    /// Key, rank and number of every document with a passage, each once.
    fn count(&self, decisions: &Decisions) -> Result<Sorted<u128>> {
        let mut records = self.sorter("passages");
        let cut = |i: &u32| self.may_cut(*i, decisions);
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

    fn cut(&self, frequent: &Sorted<u128>, decisions: &mut Decisions) -> Result<Excerpts> {
        let mut spans = self.sorter("spans");
        let mut spared = Vec::new();
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
                match fate {
                    Fate::Emptied(rule) => self.empty(document, rule, decisions, &mut spared),
                    Fate::Cut(cut) => cut.into_iter().try_for_each(|span| spans.push(span))?,
                }
            }
            Ok(())
        })?;
        Ok(Excerpts { spans: spans.finish(), spared, runs_spilled: 0 })
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
