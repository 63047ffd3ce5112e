//! Documents of a unit to rows of numbers, which go to the disk at once.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch, StringArray};
use glmdata_base::{Cancel, Error, MemoryBudget, Progress, Reservation, Result};
use glmdata_io::{QuarantineEvent, UnitFileWriter, UnitSink};
use glmdata_text::{Measurer, OFFENCE, SEGMENTED, SegmentedMeasurer, Segmenter, Signals};
use rayon::ThreadPool;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::repair::repaired;
use crate::run::Options;
use crate::table::{demanded_columns, unit_batch};

/// Text bytes that one thread measures at a time.
const PIECE_BYTES: usize = 1 << 18;
/// Documents that are measured together: a batch of very short ones would be mostly signals.
const ROWS: usize = 1 << 12;

/// Text bytes from which a document is measured alone, and charged for.
const LARGE_BYTES: usize = 1 << 19;
/// Bytes that measuring takes, at most, for each byte of a text, and for each blank besides: words and
/// lines are counted in tables of their own.
const BYTES_A_BYTE: usize = 60;
const BYTES_A_BLANK: usize = 100;
/// jieba's dictionary in memory: 34 MB.
const DICTIONARY_BYTES: u64 = 40 << 20;

/// What the events of all units are charged as.
pub(crate) const EVENTS: &str = "the list of what cannot be read";

/// Those who measure, lent to whoever has a piece: their buffers are worth keeping.
pub(crate) struct Measurers {
    kept: Mutex<Vec<Buffers>>,
    large: Mutex<()>,
    memory: MemoryBudget,
    dictionary: Option<Arc<Dictionary>>,
    offence: bool,
}

/// Of one who measures.
struct Buffers {
    measurer: Measurer,
    segmented: SegmentedMeasurer,
}

/// What is measured of a document: its signals, and those that only some runs ask for.
#[derive(Clone, Copy)]
struct Measured {
    signals: Signals,
    /// Of its words as jieba cuts them.
    words: Option<[f64; SEGMENTED.len()]>,
    /// Of its offensive passages.
    offence: Option<[f64; OFFENCE.len()]>,
}

/// jieba's dictionary, charged for.
#[derive(Debug)]
pub struct Dictionary {
    segmenter: Segmenter,
    _memory: Reservation,
}

impl Dictionary {
    /// The one that is compiled in.
    ///
    /// # Errors
    /// [`Error::Budget`] if `memory` has no room for it.
    pub fn load(memory: &MemoryBudget) -> Result<Self> {
        let memory = memory.reserve(DICTIONARY_BYTES, "jieba's dictionary")?;
        Ok(Self { segmenter: Segmenter::default(), _memory: memory })
    }
}

impl Buffers {
    fn new() -> Result<Self> {
        let measurer = Measurer::new().map_err(Error::internal)?;
        Ok(Self { measurer, segmented: SegmentedMeasurer::default() })
    }

    fn measure(&mut self, text: &str, dictionary: Option<&Dictionary>, offence: bool) -> Measured {
        let Self { measurer, segmented } = self;
        let words = dictionary.map(|words| words.segmenter.measure(text, segmented));
        let (signals, offence) = if offence {
            let (signals, passages) = measurer.measure_with_passages(text);
            (signals, Some(passages.values))
        } else {
            (measurer.measure(text), None)
        };
        Measured { signals, words, offence }
    }
}

impl Measurers {
    pub(crate) fn new(options: &Options) -> Self {
        let (memory, dictionary) = (options.memory.clone(), options.segmenter.clone());
        let (kept, large) = (Mutex::default(), Mutex::default());
        Self { kept, large, memory, dictionary, offence: options.offence }
    }

    fn measure<'t>(&self, texts: impl Iterator<Item = &'t str>) -> Result<Vec<Measured>> {
        let kept = locked(&self.kept)?.pop();
        let mut buffers = kept.map_or_else(Buffers::new, Ok)?;
        let measure = |text: &str| {
            if text.len() < LARGE_BYTES {
                Ok(buffers.measure(text, self.dictionary.as_deref(), self.offence))
            } else {
                self.large(text)
            }
        };
        let found = texts.map(measure).collect::<Result<_>>()?;
        locked(&self.kept)?.push(buffers);
        Ok(found)
    }

    /// One at a time, with buffers that are given back.
    fn large(&self, text: &str) -> Result<Measured> {
        let _alone = locked(&self.large)?;
        let blanks = text.bytes().filter(u8::is_ascii_whitespace).count();
        let words = usize::from(self.dictionary.is_some());
        let bytes = (text.len() * BYTES_A_BYTE + blanks * BYTES_A_BLANK) * (1 + words);
        let _charge = self.memory.reserve(bytes as u64, "a long document")?;
        Ok(Buffers::new()?.measure(text, self.dictionary.as_deref(), self.offence))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> Result<MutexGuard<'_, T>> {
    mutex.lock().map_err(|_| Error::internal("a measuring thread panicked"))
}

/// Takes the documents of a unit. The thread that reads is none of the pool: one that waits there
/// would begin with another unit meanwhile, and hold the batches of both.
pub(crate) struct Sink<'a> {
    pub(crate) measurers: &'a Measurers,
    pub(crate) pool: &'a ThreadPool,
    pub(crate) options: &'a Options,
    pub(crate) rows: UnitFileWriter,
    pub(crate) events: Vec<QuarantineEvent>,
    /// For the events, which stay until all units are measured.
    pub(crate) held: Reservation,
    pub(crate) cancel: &'a Cancel,
    pub(crate) progress: &'a Progress,
}

impl UnitSink for Sink<'_> {
    fn batch(&mut self, batch: RecordBatch) -> Result<()> {
        for start in (0..batch.num_rows()).step_by(ROWS) {
            self.cancel.check()?;
            let some = batch.slice(start, ROWS.min(batch.num_rows() - start));
            let scores = self.pool.install(|| self.scores(&some))?;
            self.rows.append(&scores)?;
        }
        Ok(())
    }

    fn quarantine(&mut self, event: QuarantineEvent) -> Result<()> {
        let bytes = self.held.bytes() + event.memory();
        self.held.resize(bytes, EVENTS)?;
        self.events.push(event);
        Ok(())
    }

    fn advanced(&mut self, bytes: u64) {
        self.progress.add(0, bytes);
    }
}

impl Sink<'_> {
    fn scores(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let repaired = self.options.repair.then(|| repaired(batch)).transpose()?;
        let batch = repaired.as_ref().map_or(batch, |repaired| &repaired.batch);
        let texts = batch["text"].as_string::<i64>();
        let pieces = pieces(texts.value_offsets());
        let found: Vec<Vec<Measured>> = pieces
            .into_par_iter()
            .map(|piece| self.measurers.measure(piece.map(|row| texts.value(row))))
            .collect::<Result<_>>()?;
        let measured = found.concat();
        let words: Vec<_> = measured.iter().map(|row| row.words).collect();
        let offence: Vec<_> = measured.iter().map(|row| row.offence).collect();
        let found: Vec<_> = measured.into_iter().map(|row| row.signals).collect();
        let mut asked = demanded_columns(&SEGMENTED, &words);
        asked.extend(demanded_columns(&OFFENCE, &offence));
        asked.extend(self.options.classifiers.iter().map(|(_, model)| {
            let rows = (0..batch.num_rows()).into_par_iter();
            let answers: Vec<f64> = rows.map(|row| model.score(texts.value(row))).collect();
            Arc::new(Float64Array::from(answers)) as ArrayRef
        }));
        asked.extend(self.options.benchmarks.iter().flat_map(|items| items.columns(texts)));
        self.progress.add(batch.num_rows() as u64, 0);
        asked.extend(
            repaired.as_ref().map(|repaired| Arc::new(repaired.states.clone()) as ArrayRef),
        );
        let told = self.told(batch, &found);
        unit_batch(batch, &found, told, asked, self.options)
    }

    /// Languages of documents, and probabilities of those that were told; `None` to leave them.
    fn told(&self, batch: &RecordBatch, found: &[Signals]) -> Option<(ArrayRef, ArrayRef)> {
        let (telling, model) = self.options.languages.as_ref()?;
        let (texts, given) = (batch["text"].as_string::<i64>(), batch["lang"].as_string::<i32>());
        let rows = (0..batch.num_rows()).into_par_iter().map(|row| {
            let lang = given.is_valid(row).then(|| given.value(row));
            if telling.tells(lang) {
                let (lang, probability) = model.tell(texts.value(row), &found[row]);
                (Some(lang), Some(probability))
            } else {
                (lang.map(str::to_owned), None)
            }
        });
        let (langs, probabilities): (Vec<_>, Vec<_>) = rows.unzip();
        Some((Arc::new(StringArray::from(langs)), Arc::new(Float64Array::from(probabilities))))
    }
}

/// All rows in pieces of about [`PIECE_BYTES`], each for one thread.
fn pieces(offsets: &[i64]) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for end in 1..offsets.len() {
        let bytes = (offsets[end] - offsets[start]) as usize;
        if bytes >= PIECE_BYTES || end + 1 == offsets.len() {
            pieces.push(start..end);
            start = end;
        }
    }
    pieces
}
