//! The kept documents as shards, in input order.
//!
//! Chunks of kept documents are cut by their own sizes, so the bytes do not depend on how the scan
//! was batched; all threads build and compress them, and one of them writes what is ready, in order.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

use arrow_array::builder::{FixedSizeBinaryBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{
    ArrayRef, BooleanArray, LargeStringArray, RecordBatch, StructArray, UInt64Array,
};
use arrow_select::concat::concat_batches;
use arrow_select::filter::filter_record_batch;
use glmdata_base::{Error, Result};
use glmdata_io::{
    DOCUMENTS, EncodedBatch, Identity, OutputFormat, SHARD_BYTES, ShardFile, ShardWriter,
    document_schema, encode_batch, origin_fields, own_fields, raw_schema,
};

use crate::corpus::Corpus;
use crate::span::{Span, SpansByDocument, without};
use crate::texts::Texts;

/// Text bytes and documents after which a chunk ends.
const CHUNK_BYTES: u64 = 4 << 20;
const CHUNK_DOCUMENTS: usize = 1 << 14;

/// Keys of `documents` as a column.
pub(crate) fn key_column(corpus: &Corpus<'_>, documents: &[u32]) -> Result<ArrayRef> {
    let mut keys = FixedSizeBinaryBuilder::with_capacity(documents.len(), 16);
    for &document in documents {
        keys.append_value(corpus.key(document)).map_err(Error::internal)?;
    }
    Ok(Arc::new(keys.finish()))
}

/// Ids of `documents` as a column.
pub(crate) fn id_column(corpus: &Corpus<'_>, documents: &[u32]) -> ArrayRef {
    let mut ids = StringBuilder::new();
    for &document in documents {
        ids.append_value(corpus.id(document));
    }
    Arc::new(ids.finish())
}

/// Origins of `documents` as a column.
pub(crate) fn origin_column(corpus: &Corpus<'_>, documents: &[u32]) -> Result<ArrayRef> {
    let mut files = StringBuilder::new();
    for &document in documents {
        files.append_value(corpus.origin_file(document));
    }
    let number = |column: &[u64]| -> ArrayRef {
        Arc::new(documents.iter().map(|&i| column[i as usize]).collect::<UInt64Array>())
    };
    let (rows, offsets) = (number(&corpus.table.row), number(&corpus.table.offset));
    let columns = vec![Arc::new(files.finish()) as ArrayRef, rows, offsets];
    let origin = StructArray::try_new(origin_fields(), columns, None).map_err(Error::internal)?;
    Ok(Arc::new(origin))
}

/// What writing the kept documents looks at.
pub(crate) struct Kept<'a> {
    pub(crate) corpus: &'a Corpus<'a>,
    pub(crate) texts: &'a Texts<'a>,
    pub(crate) format: OutputFormat,
    /// Whether document `i` is kept.
    pub(crate) is_kept: &'a (dyn Fn(u32) -> bool + Sync),
    /// Told how many documents and bytes of text were written.
    pub(crate) done: &'a (dyn Fn(u64, u64) + Sync),
}

impl Kept<'_> {
    /// Write the kept documents without `spans`.
    pub(crate) fn write(
        &self,
        folder: &Path,
        mut spans: Option<SpansByDocument<'_>>,
    ) -> Result<Vec<ShardFile>> {
        let schema = document_schema();
        let mut shards =
            ShardWriter::new(&folder.join(DOCUMENTS), "part", self.format, schema, SHARD_BYTES);
        let mut chunks = Chunks { of: self, open: Chunk::default(), full: Vec::new() };
        // So far the compression runs ahead of what is written.
        let ahead = 3 * rayon::current_num_threads();
        let most_bytes = ahead as u64 * CHUNK_BYTES;
        rayon::in_place_scope_fifo(|scope| {
            let (mut waiting, mut waiting_bytes) = (VecDeque::new(), 0);
            let mut pass_on = |chunks: &mut Chunks<'_>, ahead: usize| {
                for chunk in chunks.full.drain(..) {
                    let bytes = chunk.bytes;
                    waiting_bytes += bytes;
                    let (finished, wait) = sync_channel(1);
                    scope.spawn_fifo(move |_| {
                        let batch = self.build(&chunk);
                        let encoded = batch.and_then(|batch| encode_batch(self.format, &batch));
                        // Nobody waits for it any more once a chunk before it could not be written.
                        let _ = finished.send(encoded);
                    });
                    waiting.push_back((wait, bytes));
                }
                // Chunks of one long document each are larger than others.
                while waiting.len() > ahead || waiting_bytes > most_bytes {
                    let Some((first, bytes)) = waiting.pop_front() else { break };
                    waiting_bytes -= bytes;
                    let batch = receive(&first)?;
                    (self.done)(batch.rows, batch.text_bytes);
                    shards.append(batch)?;
                }
                Ok(())
            };
            for unit in 0..self.corpus.new_units {
                let mut document = self.corpus.first_of_unit[unit];
                self.texts.each_batch(unit, &mut |batch| {
                    let end = document + batch.num_rows() as u32;
                    chunks.add(batch, document..end, spans.as_mut())?;
                    document = end;
                    pass_on(&mut chunks, ahead)
                })?;
                if document != self.corpus.first_of_unit[unit + 1] {
                    let file = &self.corpus.files[self.corpus.units[unit].file];
                    let reason = "changed while it was being read".to_owned();
                    return Err(Error::Input { path: file.path.clone(), reason });
                }
            }
            chunks.close();
            pass_on(&mut chunks, 0)
        })?;
        shards.finish()
    }

    fn build(&self, chunk: &Chunk) -> Result<RecordBatch> {
        let corpus = self.corpus;
        let mut documents = Vec::with_capacity(chunk.documents);
        let mut pieces = Vec::new();
        for (piece, range) in &chunk.pieces {
            documents.extend(range.clone().filter(|&document| (self.is_kept)(document)));
            let mask: BooleanArray =
                range.clone().map(|document| Some((self.is_kept)(document))).collect();
            pieces.push(filter_record_batch(piece, &mask).map_err(Error::internal)?);
        }
        let all = match &pieces[..] {
            [one] => one.clone(),
            several => concat_batches(&raw_schema(), several).map_err(Error::internal)?,
        };
        let column = |name: &str| all[name].clone();
        let columns = vec![
            key_column(corpus, &documents)?,
            id_column(corpus, &documents),
            cut(column("text"), &documents, &chunk.spans),
            column("source"),
            column("lang"),
            column("url"),
            fields(column("meta")),
            origin_column(corpus, &documents)?,
        ];
        RecordBatch::try_new(document_schema(), columns).map_err(Error::internal)
    }
}

/// The fields of documents as they came from the crawl, also where another stage read them before.
fn fields(meta: ArrayRef) -> ArrayRef {
    let values = meta.as_string::<i64>();
    if !values.iter().flatten().any(|meta| Identity::carried(meta).is_some()) {
        return meta;
    }
    let fields = values.iter().map(|meta| own_fields(meta?).map(std::borrow::Cow::into_owned));
    Arc::new(fields.collect::<LargeStringArray>())
}

/// Wait for a batch; in the meantime this thread does what others left to do.
fn receive(wait: &Receiver<Result<EncodedBatch>>) -> Result<EncodedBatch> {
    loop {
        match wait.try_recv() {
            Ok(encoded) => return encoded,
            Err(TryRecvError::Empty) => {
                if rayon::yield_now() != Some(rayon::Yield::Executed) {
                    std::thread::yield_now();
                }
            }
            Err(TryRecvError::Disconnected) => {
                return Err(Error::internal("a batch was not encoded"));
            }
        }
    }
}

/// Pieces of batches with the documents they hold.
#[derive(Default)]
struct Chunk {
    pieces: Vec<(RecordBatch, Range<u32>)>,
    /// What is cut out of its documents.
    spans: Vec<Span>,
    bytes: u64,
    documents: usize,
}

struct Chunks<'a> {
    of: &'a Kept<'a>,
    open: Chunk,
    full: Vec<Chunk>,
}

impl Chunks<'_> {
    fn add(
        &mut self,
        batch: &RecordBatch,
        documents: Range<u32>,
        mut spans: Option<&mut SpansByDocument<'_>>,
    ) -> Result<()> {
        let mut start = documents.start;
        for document in documents.clone().filter(|&document| (self.of.is_kept)(document)) {
            self.open.bytes += u64::from(self.of.corpus.table.bytes[document as usize]);
            self.open.documents += 1;
            if let Some(spans) = &mut spans {
                spans.take(document, &mut self.open.spans)?;
            }
            if self.open.bytes >= CHUNK_BYTES || self.open.documents >= CHUNK_DOCUMENTS {
                self.push_piece(batch, &documents, start..document + 1);
                self.close();
                start = document + 1;
            }
        }
        if start < documents.end {
            self.push_piece(batch, &documents, start..documents.end);
        }
        Ok(())
    }

    /// A piece of which nothing is kept would only keep its batch in memory: pages that are all copies
    /// of one fill no chunk.
    fn push_piece(&mut self, batch: &RecordBatch, of: &Range<u32>, piece: Range<u32>) {
        if !piece.clone().any(|document| (self.of.is_kept)(document)) {
            return;
        }
        let slice = batch.slice((piece.start - of.start) as usize, piece.len());
        self.open.pieces.push((slice, piece));
    }

    fn close(&mut self) {
        let chunk = std::mem::take(&mut self.open);
        if chunk.documents > 0 {
            self.full.push(chunk);
        }
    }
}

/// The texts of `documents` without `spans`.
fn cut(texts: ArrayRef, documents: &[u32], mut spans: &[Span]) -> ArrayRef {
    if spans.is_empty() {
        return texts;
    }
    let texts = documents.iter().zip(texts.as_string::<i64>()).map(|(&document, text)| {
        let own = spans.iter().take_while(|span| span.document == document).count();
        let (own, rest) = spans.split_at(own);
        spans = rest;
        text.map(|text| if own.is_empty() { text.to_owned() } else { without(text, own) })
    });
    Arc::new(texts.collect::<LargeStringArray>())
}
