//! The token store: crawled files as ids, `<folder>/<source>/part-000000.arrow`.
//!
//! ```text
//! worker: unit -> documents -> ids ─┐ a short queue a unit
//! worker: unit -> documents -> ids ─┴─> one writer, in canonical order -> a shard file a source
//! ```
//!
//! With a work folder, what a worker encodes is also kept there until the store is complete; the next
//! run reads it from there. The queues are bounded and the writer empties them in the order of units, so memory does not grow
//! with the input and the bytes do not depend on threads.

mod encoded;
mod folder;
mod loss;
mod writer;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{Array, BooleanArray, RecordBatch, StringArray, UInt64Array};
use arrow_select::filter::filter_record_batch;
use glmdata_base::{Cancel, Error, Phase, Progress, Result};
use glmdata_io::{
    Discovered, FieldUse, Identity, InputFile, Losses, QuarantineEvent, ReadOptions, Reason,
    ShardFile, Unit, UnitFacts, UnitFile, UnitFileWriter, UnitSink, UnitSummary, discover,
    plan_units, probe, read_unit, sample,
};

use crate::encode::{Encoder, Tokenizer};
use crate::rows::{Ids, encode_rows};
use loss::{LossSpans, byte_spans, token_spans};
use writer::Writer;

/// Batches of a unit that may wait for the writer.
const WAITING: usize = 2;

/// The documents of one source and language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreTally {
    /// Documents.
    pub documents: u64,
    /// Bytes of UTF-8.
    pub text_bytes: u64,
    /// Tokens.
    pub tokens: u64,
    /// Those of them that bear loss.
    pub loss_tokens: u64,
}

/// Sums by source and language as given, empty for none.
pub type StoreTallies = BTreeMap<(String, String), StoreTally>;

/// What was written.
#[derive(Debug)]
pub struct TokenStore {
    /// Shards, by source and number.
    pub shards: Vec<ShardFile>,
    /// How much of what.
    pub tallies: StoreTallies,
    /// The files that were read, in canonical order.
    pub files: Vec<InputFile>,
    /// What could not be read, in the order of files; rows count from the start of their file.
    pub events: Vec<QuarantineEvent>,
    /// What was passed over.
    pub notes: Vec<String>,
    /// Pieces of work.
    pub units: usize,
    /// Of those, the ones an earlier run had encoded.
    pub units_reused: usize,
}

/// Where a token store goes.
#[derive(Clone, Debug)]
pub struct StoreTarget<'a> {
    /// The folder that gets one folder a source.
    pub folder: &'a Path,
    /// What the schema of every shard says.
    pub metadata: BTreeMap<String, String>,
    /// The field with the spans of a text that bear loss; none: all of every text does.
    pub loss_spans_field: Option<&'a str>,
    /// A shard ends before it has more bytes of ids.
    pub shard_bytes: u64,
    /// Where units are kept until the store is complete, as much again as the store; none: nowhere.
    pub work: Option<&'a Path>,
}

/// Encode all documents below `inputs`. Only for who holds the lock of the folder: what a killed run
/// left unfinished there is removed.
pub fn encode_files(
    tokenizer: &Tokenizer,
    inputs: &[PathBuf],
    options: &ReadOptions,
    target: &StoreTarget<'_>,
    threads: usize,
    cancel: &Cancel,
    progress: &Progress,
) -> Result<TokenStore> {
    progress.enter(Phase::Discover, 0);
    let found = discover(inputs, options)?.refuse_nothing()?;
    probe(&found, options)?;
    let units = plan_units(&found.files);
    progress.enter(Phase::Scan, found.files.iter().map(|file| file.bytes).sum());
    let workers = threads.clamp(1, units.len().max(1));
    let (announce, announced) = channel();
    let turn = Mutex::new((0, announce));
    if let Some(work) = target.work {
        std::fs::create_dir_all(work).map_err(|e| Error::storage("create folder", work, e))?;
    }
    let reused = AtomicUsize::new(0);
    let job =
        Job { tokenizer, found: &found, units: &units, options, target, reused, cancel, progress };
    let work = || {
        let mut encoders = vec![tokenizer.encoder(); (threads / workers).max(1)];
        while let Some((number, queue)) = take_turn(&turn, units.len())? {
            job.run(number, queue, &mut encoders)?;
        }
        Ok(())
    };
    let mut writer = Writer::new(target);
    let (worked, written) = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let written = write_all(&mut writer, &job, announced);
        let ended = || Err(Error::internal("an encoding thread ended without a result"));
        let joined = threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| ended()));
        // All of them are waited for before the first error is looked at.
        let worked: Vec<Result<()>> = joined.collect();
        (worked.into_iter().collect::<Result<()>>(), written)
    });
    // A worker stops when the writer does, and the writer when a worker does: the cause goes first.
    let (events, fields) = match (worked, written) {
        (Err(Error::Cancelled), Err(error)) if !matches!(error, Error::Cancelled) => Err(error),
        (Err(error), _) | (Ok(()), Err(error)) => Err(error),
        (Ok(()), Ok(told)) => Ok(told),
    }?;
    let (shards, tallies) = writer.finish()?;
    let (units_reused, units) = (job.reused.into_inner(), units.len());
    let events: Vec<_> = found.events.into_iter().chain(events).collect();
    let mut notes = found.notes;
    notes.extend(FieldUse::sum(&fields).notes(options));
    let documents = tallies.values().map(|tally| tally.documents).sum();
    Losses::of(&found.files, &events).refuse_nothing(documents, &notes)?;
    let files = found.files;
    Ok(TokenStore { shards, tallies, files, events, notes, units, units_reused })
}

/// What goes from a worker to the writer.
enum Message {
    Documents(Box<Documents>),
    Event(QuarantineEvent),
    /// The unit is read to its end.
    End(UnitSummary),
}

/// Some documents of a unit, encoded.
struct Documents {
    rows: UInt64Array,
    /// The keys of documents that come from an earlier stage.
    keys: Vec<Option<[u8; 16]>>,
    sources: StringArray,
    langs: StringArray,
    text_bytes: Vec<u64>,
    ids: Vec<Ids>,
    loss_spans: Vec<LossSpans>,
}

/// The next unit and the queue for what it holds. The receiver is handed over under the same lock,
/// so the writer gets them in the order of units.
fn take_turn(
    turn: &Mutex<(usize, Sender<Receiver<Message>>)>,
    units: usize,
) -> Result<Option<(usize, SyncSender<Message>)>> {
    let mut turn = turn.lock().map_err(|_| Error::internal("an encoding thread panicked"))?;
    let number = turn.0;
    if number >= units {
        return Ok(None);
    }
    let (queue, receiver) = sync_channel(WAITING);
    turn.1.send(receiver).map_err(|_| Error::Cancelled)?;
    turn.0 += 1;
    Ok(Some((number, queue)))
}

struct Job<'a> {
    tokenizer: &'a Tokenizer,
    found: &'a Discovered,
    units: &'a [Unit],
    options: &'a ReadOptions,
    target: &'a StoreTarget<'a>,
    reused: AtomicUsize,
    cancel: &'a Cancel,
    progress: &'a Progress,
}

impl Job<'_> {
    fn run(
        &self,
        number: usize,
        queue: SyncSender<Message>,
        encoders: &mut [Encoder],
    ) -> Result<()> {
        let unit = &self.units[number];
        let file = &self.found.files[unit.file];
        let fingerprint = self.fingerprint(file, unit);
        let kept = self
            .target
            .work
            .and_then(|work| UnitFile::open(&encoded::path_of(work, number), &fingerprint, None));
        if let Some(kept) = kept {
            self.reused.fetch_add(1, Ordering::Relaxed);
            return self.send_again(kept, &queue);
        }
        let keeper = self
            .target
            .work
            .map(|work| UnitFileWriter::create(&encoded::path_of(work, number), &encoded::schema()))
            .transpose()?;
        let mut sink = Sink { job: self, file, queue, encoders, keeper, events: Vec::new() };
        let summary = read_unit(file, unit, self.options, self.cancel, &mut sink)?;
        let Sink { queue, keeper, events, .. } = sink;
        if let Some(keeper) = keeper {
            keeper.finish(&UnitFacts { fingerprint, summary: summary.clone(), events })?;
        }
        send(&queue, Message::End(summary))
    }

    /// What an earlier run kept of a unit, as if it were encoded now.
    fn send_again(&self, mut kept: UnitFile, queue: &SyncSender<Message>) -> Result<()> {
        for batch in kept.by_ref() {
            self.cancel.check()?;
            let documents = encoded::of_batch(&batch?);
            self.progress.add(documents.rows.len() as u64, 0);
            send(queue, Message::Documents(Box::new(documents)))?;
        }
        for event in kept.facts.events {
            send(queue, Message::Event(event))?;
        }
        self.progress.add(0, kept.facts.summary.bytes_read);
        send(queue, Message::End(kept.facts.summary))
    }

    /// Kept units are bound to what would change them.
    fn fingerprint(&self, file: &InputFile, unit: &Unit) -> String {
        let InputFile { root, relative, bytes, modified_ns, .. } = file;
        format!(
            "{:?} {:?} {:?} {root}/{relative} {bytes} {modified_ns} {}..{}",
            self.options, self.target.metadata, self.target.loss_spans_field, unit.start, unit.end
        )
    }
}

struct Sink<'a> {
    job: &'a Job<'a>,
    file: &'a InputFile,
    queue: SyncSender<Message>,
    encoders: &'a mut [Encoder],
    keeper: Option<UnitFileWriter>,
    /// Told to the keeper at the end.
    events: Vec<QuarantineEvent>,
}

fn send(queue: &SyncSender<Message>, message: Message) -> Result<()> {
    // Nobody listens when the writer failed; its error is the one that is shown.
    queue.send(message).map_err(|_| Error::Cancelled)
}

/// Spans of the texts of a batch, in bytes.
type ByteSpans = Vec<Option<Vec<(usize, usize)>>>;

impl Sink<'_> {
    /// The documents whose spans make sense, and these; the others are set aside.
    fn with_spans(&mut self, batch: RecordBatch) -> Result<(RecordBatch, ByteSpans)> {
        let Some(name) = self.job.target.loss_spans_field else {
            let all = vec![None; batch.num_rows()];
            return Ok((batch, all));
        };
        let (texts, meta) = (batch["text"].as_string::<i64>(), batch["meta"].as_string::<i64>());
        let number = |name: &str, row| batch[name].as_primitive::<UInt64Type>().value(row);
        let (mut sound, mut keep) = (Vec::new(), Vec::with_capacity(batch.num_rows()));
        for row in 0..batch.num_rows() {
            let text = texts.value(row);
            let fields = meta.is_valid(row).then(|| meta.value(row));
            let spans = byte_spans(fields, name, text);
            keep.push(spans.is_ok());
            match spans {
                Ok(spans) => sound.push(spans),
                Err(found) => self.quarantine(QuarantineEvent {
                    root: self.file.root.clone(),
                    relative: self.file.relative.clone(),
                    kind: Reason::WrongField,
                    offset: Some(number("offset", row)),
                    row: Some(number("row", row)),
                    rows: None,
                    bytes: None,
                    detail: format!(
                        "{name}: expected [[from, to], ...] within {} characters",
                        text.chars().count()
                    ),
                    sample: sample(found.as_bytes()),
                })?,
            }
        }
        if sound.len() == keep.len() {
            return Ok((batch, sound));
        }
        let kept = filter_record_batch(&batch, &BooleanArray::from(keep));
        Ok((kept.map_err(Error::internal)?, sound))
    }

    /// The same in tokens.
    fn in_tokens(&self, spans: &ByteSpans, ids: &[Ids]) -> Vec<LossSpans> {
        let ranks = self.job.tokenizer.ranks();
        let length = |&id: &u32| ranks.token(id).map_or(0, <[u8]>::len);
        let each = ids.iter().flat_map(Ids::each).zip(spans);
        let found = each.map(|(ids, spans)| {
            let spans = spans.as_ref()?;
            Some(token_spans(ids.iter().map(length), spans))
        });
        found.collect()
    }
}

impl UnitSink for Sink<'_> {
    fn batch(&mut self, batch: RecordBatch) -> Result<()> {
        let (batch, spans) = self.with_spans(batch)?;
        let texts = batch["text"].as_string::<i64>();
        let ids = encode_rows(self.encoders, texts)?;
        let loss_spans = self.in_tokens(&spans, &ids);
        let meta = batch["meta"].as_string::<i64>();
        let carried =
            |row| meta.is_valid(row).then(|| Identity::carried(meta.value(row))).flatten();
        self.job.progress.add(batch.num_rows() as u64, 0);
        let documents = Documents {
            rows: batch["row"].as_primitive::<UInt64Type>().clone(),
            keys: (0..batch.num_rows()).map(|row| Some(carried(row)?.doc)).collect(),
            sources: batch["source"].as_string::<i32>().clone(),
            langs: batch["lang"].as_string::<i32>().clone(),
            text_bytes: texts.value_offsets().windows(2).map(|o| (o[1] - o[0]) as u64).collect(),
            ids,
            loss_spans,
        };
        if let Some(keeper) = &mut self.keeper {
            keeper.append(&encoded::to_batch(&documents)?)?;
        }
        send(&self.queue, Message::Documents(Box::new(documents)))
    }

    fn quarantine(&mut self, event: QuarantineEvent) -> Result<()> {
        self.events.push(event.clone());
        send(&self.queue, Message::Event(event))
    }

    fn advanced(&mut self, bytes: u64) {
        self.job.progress.add(0, bytes);
    }
}

/// Empty the queues in the order of units.
fn write_all(
    writer: &mut Writer,
    job: &Job<'_>,
    announced: Receiver<Receiver<Message>>,
) -> Result<(Vec<QuarantineEvent>, Vec<FieldUse>)> {
    let (mut events, mut fields) = (Vec::new(), Vec::new());
    let (mut first_row, mut file) = (0, usize::MAX);
    for unit in job.units {
        if unit.file != file {
            (file, first_row) = (unit.file, 0);
        }
        let queue = announced.recv().map_err(|_| Error::Cancelled)?;
        loop {
            // A queue that ends early belongs to a worker that failed.
            match queue.recv().map_err(|_| Error::Cancelled)? {
                Message::Documents(documents) => {
                    writer.append(&job.found.files[unit.file], first_row, &documents)?;
                }
                Message::Event(mut event) => {
                    event.row = event.row.map(|row| row + first_row);
                    events.push(event);
                }
                Message::End(summary) => {
                    first_row += summary.rows;
                    fields.push(summary.fields);
                    break;
                }
            }
        }
    }
    Ok((events, fields))
}

#[cfg(test)]
mod tests;
