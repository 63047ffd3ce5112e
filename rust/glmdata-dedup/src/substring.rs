//! Passages of N units or more that stand in several places of the kept texts are cut out of all but the
//! first: exact substrings, as in arXiv 2107.06499, over units in normal form.
//!
//! A window of N units goes if an equal one stands before it, in keep order and within a text, and does
//! not overlap with it; what goes of a text is the union of these windows, so passages are as long as
//! they can be. Three passes over the kept texts, each linear:
//!
//! 1. Every anchor (see `RepeatWindows`) leaves a mark in a table. A window whose anchor left one
//!    mark occurs once. That takes a few bytes for every hundred of text, and most windows drop out.
//! 2. The others are sorted by hash, rank and place, on disk if need be, so that one walk gives each
//!    window the first place that it was met at.
//! 3. Windows in a row are one claim, which is compared with the text of that place letter for letter
//!    (`excise.rs`): hashes only propose.

use glmdata_base::{Error, Result};
use glmdata_text::{END_OF_UNIT, RawUnits, RepeatWindow, RepeatWindows};
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::cut::{Cutter, Excerpts};
use crate::decide::Decisions;
use crate::excise::{Excised, Excision};
use crate::forms::{Forms, FormsWriter};
use crate::marks::KeyMarks;
use crate::removal::Rule;
use crate::sort::{Record, Sorted};
use crate::span::{Span, SpansByDocument};

/// Bytes of text that all threads look at together before what they found is taken up.
const LUMP: usize = 4 << 20;

/// A window that stands in another place before: its document and where its forms begin there, the
/// document and place that it was met at first, and how many places have it up to here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Met {
    pub(crate) document: u32,
    pub(crate) offset: u32,
    pub(crate) first: u32,
    pub(crate) first_offset: u32,
    pub(crate) count: u32,
}

impl Record for Met {
    const BYTES: usize = 20;

    fn store(self, bytes: &mut [u8]) {
        let Self { document, offset, first, first_offset, count } = self;
        for (at, number) in [document, offset, first, first_offset, count].into_iter().enumerate() {
            bytes[4 * at..4 * at + 4].copy_from_slice(&number.to_le_bytes());
        }
    }

    fn load(bytes: &[u8]) -> Self {
        let number = |at: usize| u32::load(&bytes[4 * at..4 * at + 4]);
        let (document, offset, first) = (number(0), number(1), number(2));
        Self { document, offset, first, first_offset: number(3), count: number(4) }
    }
}

/// What a text has to cut, and what is in the way.
struct Task {
    document: u32,
    row: usize,
    spans: Vec<Span>,
    met: Vec<Met>,
}

/// Reads the windows of texts; one of each worker.
struct Reader {
    units: RawUnits,
    windows: RepeatWindows,
    /// Where the forms of the units of a window begin, in a ring.
    begins: Vec<usize>,
}

impl Reader {
    fn new(size: usize) -> Self {
        let windows = RepeatWindows::new(size);
        Self { units: RawUnits::new(), windows, begins: vec![0; size] }
    }

    /// The anchors of `text`.
    fn anchors(&mut self, text: &str, salt: u64) -> Vec<u64> {
        let Self { units, windows, .. } = self;
        let mut anchors = Vec::new();
        windows.start(salt);
        units.each(text, |unit| {
            let window = windows.push(unit.hash).filter(|window| window.is_new_anchor);
            anchors.extend(window.map(|window| window.anchor));
        });
        anchors
    }

    /// Gives every window of `text`, and where its forms begin, to `take`; all forms come back.
    fn windows(
        &mut self,
        text: &str,
        salt: u64,
        mut take: impl FnMut(RepeatWindow, usize),
    ) -> Vec<u8> {
        let Self { units, windows, begins } = self;
        let (mut forms, mut slot) = (Vec::with_capacity(text.len()), 0);
        windows.start(salt);
        units.each(text, |unit| {
            begins[slot] = forms.len();
            slot = if slot + 1 == begins.len() { 0 } else { slot + 1 };
            forms.extend_from_slice(unit.form);
            forms.push(END_OF_UNIT);
            if let Some(window) = windows.push(unit.hash) {
                // The oldest of the ring.
                take(window, begins[slot]);
            }
        });
        forms
    }
}

impl Cutter<'_> {
    /// Cut passages of at least `size` units besides what is in `before`; documents of which next to
    /// nothing stays are removed from `decisions`.
    pub(crate) fn cut_substrings(
        &self,
        size: usize,
        before: &Excerpts,
        decisions: &mut Decisions,
    ) -> Result<Excerpts> {
        let marks = self.mark(size, decisions)?;
        let (windows, forms) = self.windows(size, &marks, decisions)?;
        drop(marks);
        let met = self.met(&windows)?;
        let mut runs_spilled = before.runs_spilled + windows.runs_spilled() + met.runs_spilled();
        drop(windows);
        let mut spans = self.sorter("edits");
        let mut spared = before.spared.clone();
        let mut of_others = SpansByDocument::new(&before.spans)?;
        let mut merge = met.merge()?;
        let mut ahead = merge.next()?;
        self.each_batch(&mut |texts, documents| {
            let mut tasks = Vec::new();
            for document in documents.clone().filter(|&i| self.may_cut(i, decisions)) {
                let row = (document - documents.start) as usize;
                let mut task = Task { document, row, spans: Vec::new(), met: Vec::new() };
                of_others.take(document, &mut task.spans)?;
                while let Some(next) = ahead.filter(|next| next.document == document) {
                    task.met.push(next);
                    ahead = merge.next()?;
                }
                if task.met.is_empty() {
                    task.spans.into_iter().try_for_each(|span| spans.push(span))?;
                } else {
                    tasks.push(task);
                }
            }
            let excise = |excision: &mut Excision, task: &Task| {
                let text = (task.document, texts.value(task.row));
                excision.of(text, &task.met, &task.spans, size, &forms)
            };
            let excised: Vec<Excised> =
                tasks.par_iter().map_init(Excision::default, excise).collect::<Result<_>>()?;
            for (Task { document, spans: own, .. }, excised) in tasks.into_iter().zip(excised) {
                let kept = if excised.emptied {
                    self.empty(document, Rule::Substring, decisions, &mut spared);
                    // Who stands for others keeps what this rule would cut.
                    if decisions.removal[document as usize].is_some() { Vec::new() } else { own }
                } else {
                    excised.spans
                };
                kept.into_iter().try_for_each(|span| spans.push(span))?;
            }
            Ok(())
        })?;
        runs_spilled += before.spans.runs_spilled();
        Ok(Excerpts { spans: spans.finish(), spared, runs_spilled })
    }

    /// Give the texts that may be cut to `find`, on all threads, and what it finds to `take`, in order.
    fn each_text<T: Send>(
        &self,
        size: usize,
        decisions: &Decisions,
        find: &(dyn Fn(&mut Reader, u32, &str) -> Result<T> + Sync),
        take: &mut dyn FnMut(u32, T) -> Result<()>,
    ) -> Result<()> {
        self.each_batch(&mut |texts, documents| {
            let start = documents.start;
            let text_of = |document: u32| texts.value((document - start) as usize);
            let mut kept = documents.filter(|&i| self.may_cut(i, decisions)).peekable();
            while kept.peek().is_some() {
                let (mut lump, mut bytes) = (Vec::new(), 0);
                while let Some(document) = kept.next_if(|_| bytes < LUMP) {
                    bytes += text_of(document).len();
                    lump.push(document);
                }
                let reader = || Reader::new(size);
                let find = |reader: &mut Reader, document: u32| {
                    find(reader, document, text_of(document)).map(|found| (document, found))
                };
                let found: Vec<(u32, T)> =
                    lump.into_par_iter().map_init(reader, find).collect::<Result<_>>()?;
                found.into_iter().try_for_each(|(document, found)| take(document, found))?;
            }
            Ok(())
        })
    }

    /// Marks of all anchors.
    fn mark(&self, size: usize, decisions: &Decisions) -> Result<KeyMarks> {
        let bytes_of = |i: u32| u64::from(self.corpus.table.bytes[i as usize]);
        let kept = (0..self.corpus.new_documents()).filter(|&i| self.may_cut(i, decisions));
        // A unit takes three bytes or more, and there are four anchors for every window's length.
        let expected = kept.map(bytes_of).sum::<u64>() / 3 * 4 / size as u64;
        // Every lonely anchor that is taken for a shared one costs some ten records.
        let room = (4 * expected).min(self.options.memory / 16);
        let mut marks = KeyMarks::new(room.max(1024) as usize);
        let find = |reader: &mut Reader, document: u32, text: &str| {
            Ok(reader.anchors(text, self.salt(document)))
        };
        self.each_text(size, decisions, &find, &mut |_, anchors: Vec<u64>| {
            for anchor in anchors {
                marks.note(anchor);
            }
            Ok(())
        })?;
        Ok(marks)
    }

    /// Hash, rank and place of every window that may occur twice, and the forms of texts that have any.
    fn windows(
        &self,
        size: usize,
        marks: &KeyMarks,
        decisions: &Decisions,
    ) -> Result<(Sorted<u128>, Forms)> {
        let mut records = self.sorter("windows");
        let mut writer = FormsWriter::create(self.folder, self.corpus.new_documents() as usize)?;
        let find = |reader: &mut Reader, document: u32, text: &str| {
            let rank = u128::from(self.ranks[document as usize]) << 32;
            let mut found = Vec::new();
            let forms = reader.windows(text, self.salt(document), |window, at| {
                if marks.may_be_shared(window.anchor) {
                    found.push(u128::from(window.hash) << 64 | rank | at as u128);
                }
            });
            if u32::try_from(forms.len()).is_err() {
                let file = self.corpus.file_of(document);
                let reason = format!(
                    "record {}: --substring-dedup takes texts of up to 4 GiB in normal form",
                    self.corpus.table.row[document as usize]
                );
                return Err(Error::Input { path: file.path.clone(), reason });
            }
            Ok((found, forms))
        };
        self.each_text(
            size,
            decisions,
            &find,
            &mut |document, (found, forms): (Vec<_>, Vec<_>)| {
                if !found.is_empty() {
                    writer.append(document, &forms)?;
                }
                found.into_iter().try_for_each(|record| records.push(record))
            },
        )?;
        Ok((records.finish(), writer.finish()?))
    }

    /// Every window that was met before, with the place where that was.
    fn met(&self, windows: &Sorted<u128>) -> Result<Sorted<Met>> {
        let mut by_rank = vec![0u32; self.ranks.len()];
        for (document, &rank) in self.ranks.iter().enumerate() {
            by_rank[rank as usize] = document as u32;
        }
        let place = |record: u128| (by_rank[(record >> 32) as u32 as usize], record as u32);
        let mut met = self.sorter("met");
        let mut merge = windows.merge()?;
        let (mut hash, mut first, mut count) = (None, (0, 0), 0u32);
        while let Some(record) = merge.next()? {
            let (document, offset) = place(record);
            if hash != Some(record >> 64) {
                (hash, first, count) = (Some(record >> 64), (document, offset), 1);
                continue;
            }
            count = count.saturating_add(1);
            let (first, first_offset) = first;
            met.push(Met { document, offset, first, first_offset, count })?;
        }
        Ok(met.finish())
    }
}
