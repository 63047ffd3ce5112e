//! What is cut out of kept documents: lines and paragraphs that many of them have (`frequent.rs`), what the
//! template of a site prints (`template.rs`), and repeated passages (`substring.rs`).

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::{LargeStringArray, RecordBatch};
use glmdata_base::{Error, Phase, Result};

use crate::corpus::Corpus;
use crate::decide::Decisions;
use crate::exact::scope_of;
use crate::keep::ranks;
use crate::options::Options;
use crate::passage::Form;
use crate::removal::{Removal, Rule};
use crate::run::Job;
use crate::sort::{Record, Sorted, Sorter};
use crate::span::Span;
use crate::template::Hosts;
use crate::texts::Texts;

/// What was cut out of the documents of one source.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CutTally {
    pub(crate) lines: u64,
    pub(crate) paragraphs: u64,
    pub(crate) substrings: u64,
    pub(crate) templates: u64,
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
    /// What `--templates` had to go by.
    pub(crate) hosts: Option<Hosts>,
}

/// What the rules so far want to cut.
#[derive(Debug)]
pub(crate) struct Excerpts {
    pub(crate) spans: Sorted<Span>,
    /// Documents that would have been emptied, but stand for others.
    pub(crate) spared: Vec<u32>,
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
    let frequent = options.line_dedup.is_some() || options.paragraph_dedup.is_some();
    if !frequent && options.substring_dedup.is_none() && !options.templates {
        return Ok(None);
    }
    job.progress.enter(Phase::Match, 0);
    let (ranks, folder) =
        (&ranks(&corpus.table, corpus.new_documents(), options), &job.output.join(".work"));
    std::fs::create_dir_all(folder).map_err(|e| Error::storage("create folder", folder, e))?;
    let stands_for_others = documents_of_clusters(decisions);
    let cutter = Cutter { corpus, texts, options, ranks, folder, stands_for_others };
    let mut cut = if frequent {
        cutter.cut_frequent(decisions)?
    } else {
        let spans = cutter.sorter("spans").finish();
        Excerpts { spans, spared: Vec::new(), runs_spilled: 0 }
    };
    let mut hosts = None;
    if options.templates {
        let (all, found) = cutter.cut_templates(&cut, decisions)?;
        (cut, hosts) = (all, Some(found));
    }
    if let Some(units) = options.substring_dedup {
        cut = cutter.cut_substrings(units as usize, &cut, decisions)?;
    }
    Ok(Some(Cuts { hosts, ..Cuts::of(corpus, cut)? }))
}

impl Cuts {
    fn of(corpus: &Corpus<'_>, cut: Excerpts) -> Result<Self> {
        let Excerpts { spans, mut spared, mut runs_spilled } = cut;
        let mut bytes = vec![0; corpus.table.len()];
        let mut by_source: BTreeMap<u16, CutTally> = BTreeMap::new();
        let mut merge = spans.merge()?;
        while let Some(Span { document, start, end, form, .. }) = merge.next()? {
            let i = document as usize;
            let tally = by_source.entry(corpus.table.source[i]).or_default();
            tally.documents += u64::from(bytes[i] == 0);
            bytes[i] += end - start;
            tally.bytes += u64::from(end - start);
            match form {
                Form::Line => tally.lines += 1,
                Form::Paragraph => tally.paragraphs += 1,
                Form::Substring => tally.substrings += 1,
                Form::Template => tally.templates += 1,
            }
        }
        drop(merge);
        runs_spilled += spans.runs_spilled();
        spared.sort_unstable();
        spared.dedup();
        let spared = spared.len() as u64;
        Ok(Self { spans, bytes, by_source, spared, runs_spilled, hosts: None })
    }
}

/// Cuts passages, under the options of a run.
pub(crate) struct Cutter<'a> {
    pub(crate) corpus: &'a Corpus<'a>,
    pub(crate) texts: &'a Texts<'a>,
    pub(crate) options: &'a Options,
    pub(crate) ranks: &'a [u32],
    /// For what does not fit in memory.
    pub(crate) folder: &'a Path,
    /// Whether each document shares its cluster with others.
    stands_for_others: Vec<bool>,
}

impl Cutter<'_> {
    pub(crate) fn sorter<T: Record>(&self, name: &'static str) -> Sorter<T> {
        Sorter::new(self.folder, name, self.options.memory / 16)
    }

    /// Give every batch of texts to `visit` with the documents it holds.
    pub(crate) fn each_batch(
        &self,
        visit: &mut dyn FnMut(&LargeStringArray, Range<u32>) -> Result<()>,
    ) -> Result<()> {
        self.each_record_batch(&mut |batch, documents| {
            visit(batch["text"].as_string::<i64>(), documents)
        })
    }

    /// The same with all columns.
    pub(crate) fn each_record_batch(
        &self,
        visit: &mut dyn FnMut(&RecordBatch, Range<u32>) -> Result<()>,
    ) -> Result<()> {
        for unit in 0..self.corpus.new_units {
            let mut document = self.corpus.first_of_unit[unit];
            self.texts.each_batch(unit, &mut |batch| {
                let end = document + batch.num_rows() as u32;
                let documents = document..end;
                document = end;
                visit(batch, documents)
            })?;
        }
        Ok(())
    }

    /// Whether a document is kept and no source code, which repeats itself for a reason.
    pub(crate) fn may_cut(&self, document: u32, decisions: &Decisions) -> bool {
        let i = document as usize;
        decisions.removal[i].is_none() && self.corpus.table.source_of(i) != "code"
    }

    /// What keeps the passages of different scopes apart.
    pub(crate) fn salt(&self, document: u32) -> u64 {
        const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
        let scope = scope_of(&self.corpus.table, self.options.scope, document as usize);
        SPREAD.wrapping_mul(u64::from(scope))
    }

    /// Nothing is left of a document: it goes, unless it stands for others.
    pub(crate) fn empty(
        &self,
        document: u32,
        rule: Rule,
        decisions: &mut Decisions,
        spared: &mut Vec<u32>,
    ) {
        if self.stands_for_others[document as usize] {
            spared.push(document);
        } else {
            let removal = Removal { rule, kept: None, via: None, measured: None };
            decisions.removal[document as usize] = Some(removal);
        }
    }
}

/// Whether each document shares its cluster with others.
fn documents_of_clusters(decisions: &Decisions) -> Vec<bool> {
    let mut sizes = vec![0u32; decisions.cluster.len()];
    for &cluster in &decisions.cluster {
        sizes[cluster as usize] += 1;
    }
    decisions.cluster.iter().map(|&cluster| sizes[cluster as usize] > 1).collect()
}
