//! Batches on their way to shard files, several of them compressed at once.

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use glmdata_base::{Error, Result};
use glmdata_io::{EncodedBatch, OutputFormat, ShardWriter, encode_batch};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// Text bytes of kept documents after which a chunk is compressed.
const CHUNK_BYTES: u64 = 4 << 20;
/// Rows of a batch of `decisions/` and `removed/`, about.
const ROWS: usize = 1 << 14;

/// Gathers batches until they are worth compressing, and compresses several at once.
pub(crate) struct Chunked {
    shards: ShardWriter,
    format: OutputFormat,
    open: Vec<RecordBatch>,
    bytes: u64,
    rows: usize,
    full: Vec<Vec<RecordBatch>>,
}

impl Chunked {
    pub(crate) fn new(shards: ShardWriter, format: OutputFormat) -> Self {
        Self { shards, format, open: Vec::new(), bytes: 0, rows: 0, full: Vec::new() }
    }

    pub(crate) fn add(&mut self, batch: RecordBatch, bytes: u64) -> Result<()> {
        self.rows += batch.num_rows();
        self.bytes += bytes;
        self.open.push(batch);
        if self.bytes >= CHUNK_BYTES || self.rows >= ROWS {
            self.close();
        }
        if self.full.len() >= 2 * rayon::current_num_threads() { self.flush() } else { Ok(()) }
    }

    fn close(&mut self) {
        if self.rows > 0 {
            self.full.push(std::mem::take(&mut self.open));
        }
        self.open.clear();
        (self.bytes, self.rows) = (0, 0);
    }

    fn flush(&mut self) -> Result<()> {
        let encode = |batches: Vec<RecordBatch>| {
            let schema = batches.first().map(RecordBatch::schema);
            let schema = schema.ok_or_else(|| Error::internal("a chunk of nothing"))?;
            let whole = concat_batches(&schema, &batches).map_err(Error::internal)?;
            encode_batch(self.format, &whole)
        };
        let full = std::mem::take(&mut self.full);
        let encoded: Vec<EncodedBatch> = full.into_par_iter().map(encode).collect::<Result<_>>()?;
        encoded.into_iter().try_for_each(|batch| self.shards.append(batch))
    }

    pub(crate) fn finish(mut self) -> Result<Vec<glmdata_io::ShardFile>> {
        self.close();
        self.flush()?;
        self.shards.finish()
    }
}
