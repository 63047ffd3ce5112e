//! Shard files: `part-000000.arrow`, `part-000001.arrow`, ... cut by bytes of text, of token ids or of
//! slices.
//!
//! Compression is the expensive half and depends on nothing but the batch, so callers run
//! [`encode_batch`] on all cores and hand the results to one [`ShardWriter`] in canonical order.
//! The bytes of a shard depend only on the batches and their order.

mod arrow;
mod jsonl;
mod parquet;
mod single;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{ArrowError, DataType, SchemaRef};
use glmdata_base::{Error, Result, WrittenFile};

use self::arrow::{ArrowShard, EncodedArrow};
use self::jsonl::JsonlShard;
use self::parquet::{EncodedParquet, ParquetShard};
pub use self::single::write_arrow;

/// How shards are written. Every verb reads the three that have a name of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutputFormat {
    /// Arrow IPC file with zstd-compressed buffers.
    Arrow,
    /// Arrow IPC file with plain buffers, to be mapped into memory: for token ids.
    ArrowPlain,
    /// Parquet with zstd pages, one row group a batch.
    Parquet,
    /// JSON lines, one zstd frame a batch.
    JsonlZst,
}

impl OutputFormat {
    /// The ending of file names, without the dot; also the name that [`FromStr`] reads.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Arrow | Self::ArrowPlain => "arrow",
            Self::Parquet => "parquet",
            Self::JsonlZst => "jsonl.zst",
        }
    }
}

impl FromStr for OutputFormat {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        [Self::Arrow, Self::Parquet, Self::JsonlZst]
            .into_iter()
            .find(|format| format.extension() == name)
            .ok_or_else(|| Error::config("format", "arrow, parquet or jsonl.zst", name))
    }
}

/// A batch, compressed and ready to be appended.
#[derive(Debug)]
pub struct EncodedBatch {
    /// Rows in it.
    pub rows: u64,
    /// Bytes in its `text` column before compression, in its `tokens` or in its `parts`; 0 if there
    /// is none of them.
    pub text_bytes: u64,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Arrow(EncodedArrow),
    Parquet(EncodedParquet),
    JsonlZst(Vec<u8>),
}

/// Compress `batch`. Pure and thread safe; equal batches give equal bytes.
pub fn encode_batch(format: OutputFormat, batch: &RecordBatch) -> Result<EncodedBatch> {
    let body = match format {
        OutputFormat::Arrow => Body::Arrow(arrow::encode(batch, arrow::Buffers::Zstd)?),
        OutputFormat::ArrowPlain => Body::Arrow(arrow::encode(batch, arrow::Buffers::Plain)?),
        OutputFormat::Parquet => Body::Parquet(parquet::encode(batch)?),
        OutputFormat::JsonlZst => Body::JsonlZst(jsonl::encode(batch)?),
    };
    Ok(EncodedBatch { rows: batch.num_rows() as u64, text_bytes: text_bytes(batch), body })
}

/// Of a slice of a document in a plan: four numbers of 32 bits, one of 16, a flag.
const SLICE_BYTES: u64 = 19;

fn text_bytes(batch: &RecordBatch) -> u64 {
    if let Some(tokens) = batch.column_by_name("tokens").and_then(|c| c.as_list_opt::<i64>()) {
        return tokens.values().len() as u64 * 4;
    }
    if let Some(parts) = batch.column_by_name("parts").and_then(|c| c.as_list_opt::<i64>()) {
        return parts.values().len() as u64 * SLICE_BYTES;
    }
    let Some(column) = batch.column_by_name("text") else { return 0 };
    match column.data_type() {
        DataType::LargeUtf8 => {
            let offsets = column.as_string::<i64>().value_offsets();
            (offsets[column.len()] - offsets[0]) as u64
        }
        DataType::Utf8 => {
            let offsets = column.as_string::<i32>().value_offsets();
            (offsets[column.len()] - offsets[0]) as u64
        }
        _ => 0,
    }
}

/// A finished shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardFile {
    /// Path, size and hash.
    pub file: WrittenFile,
    /// Rows in it.
    pub rows: u64,
}

/// Writes encoded batches to `<folder>/<prefix>-000000.<extension>` and its successors.
#[derive(Debug)]
pub struct ShardWriter {
    folder: PathBuf,
    prefix: String,
    format: OutputFormat,
    schema: SchemaRef,
    max_text_bytes: u64,
    open: Option<OpenShard>,
    done: Vec<ShardFile>,
}

#[derive(Debug)]
struct OpenShard {
    writer: FormatWriter,
    rows: u64,
    text_bytes: u64,
}

#[derive(Debug)]
enum FormatWriter {
    Arrow(Box<ArrowShard>),
    Parquet(Box<ParquetShard>),
    JsonlZst(Box<JsonlShard>),
}

impl ShardWriter {
    /// A writer of shards of at most `max_text_bytes` bytes of text, ids or slices, unless one batch alone
    /// has more.
    ///
    /// Nothing is created before the first batch. Batches with none of these columns are never cut.
    pub fn new(
        folder: &Path,
        prefix: &str,
        format: OutputFormat,
        schema: SchemaRef,
        max_text_bytes: u64,
    ) -> Self {
        Self {
            folder: folder.to_path_buf(),
            prefix: prefix.to_owned(),
            format,
            schema,
            max_text_bytes,
            open: None,
            done: Vec::new(),
        }
    }

    /// Append the next batch in canonical order; batches without rows leave no trace.
    pub fn append(&mut self, batch: EncodedBatch) -> Result<()> {
        if batch.rows == 0 {
            return Ok(());
        }
        let full = self.open.as_ref().is_some_and(|open| {
            open.text_bytes.saturating_add(batch.text_bytes) > self.max_text_bytes
                && open.text_bytes > 0
        });
        if full {
            self.close()?;
        }
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.start()?,
        };
        match (&mut open.writer, batch.body) {
            (FormatWriter::Arrow(shard), Body::Arrow(body)) => shard.append(body)?,
            (FormatWriter::Parquet(shard), Body::Parquet(body)) => shard.append(body)?,
            (FormatWriter::JsonlZst(shard), Body::JsonlZst(body)) => shard.append(&body)?,
            _ => return Err(Error::internal("a batch encoded for another format was appended")),
        }
        open.rows += batch.rows;
        open.text_bytes += batch.text_bytes;
        self.open = Some(open);
        Ok(())
    }

    /// Close the last shard and list all of them; without any row, one empty shard.
    pub fn finish(mut self) -> Result<Vec<ShardFile>> {
        if self.open.is_none() && self.done.is_empty() {
            self.open = Some(self.start()?);
        }
        self.close()?;
        Ok(self.done)
    }

    fn start(&self) -> Result<OpenShard> {
        let name = format!("{}-{:06}.{}", self.prefix, self.done.len(), self.format.extension());
        let target = self.folder.join(name);
        let writer = match self.format {
            OutputFormat::Arrow | OutputFormat::ArrowPlain => {
                FormatWriter::Arrow(Box::new(ArrowShard::create(&target, &self.schema)?))
            }
            OutputFormat::Parquet => {
                FormatWriter::Parquet(Box::new(ParquetShard::create(&target, &self.schema)?))
            }
            OutputFormat::JsonlZst => {
                FormatWriter::JsonlZst(Box::new(JsonlShard::create(&target)?))
            }
        };
        Ok(OpenShard { writer, rows: 0, text_bytes: 0 })
    }

    fn close(&mut self) -> Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let file = match open.writer {
            FormatWriter::Arrow(shard) => shard.finish()?,
            FormatWriter::Parquet(shard) => shard.finish()?,
            FormatWriter::JsonlZst(shard) => shard.finish()?,
        };
        self.done.push(ShardFile { file, rows: open.rows });
        Ok(())
    }
}

/// What an encoder answers when writing fails: the file system's error if it was one.
pub fn write_error(target: &Path, error: ArrowError) -> Error {
    match error {
        ArrowError::IoError(_, source) => Error::storage("write", target, source),
        other => Error::internal(format!("{}: {other}", target.display())),
    }
}

#[cfg(test)]
mod tests;
