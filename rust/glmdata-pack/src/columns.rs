//! The small columns of a shard, read without its tokens.
//!
//! A shard is an Arrow file whose buffers are plain, and nine tenths of it are ids that no plan looks
//! at. Its messages say where every buffer lies, so the others are read from their places: of ten
//! terabytes of tokens, a plan reads a few gigabytes.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use arrow_ipc::{Block, root_as_footer, root_as_message};
use glmdata_base::{Error, Result};

/// What follows a document in the shard it lies in.
const MAGIC: &[u8; 6] = b"ARROW1";
/// Footer length and magic.
const TRAILER_BYTES: u64 = 10;
/// Continuation marker and length in front of a message's metadata.
const PREFIX_BYTES: usize = 8;

/// The first columns of every shard, and the buffers each of them has.
const COLUMNS: [(&str, usize); 5] = [
    ("doc", 2),      // validity, keys
    ("tokens", 4),   // validity, offsets; validity of items, items
    ("n_tokens", 2), // validity, numbers
    ("source", 3),   // validity, offsets, bytes
    ("lang", 3),
];

/// One record batch of a shard, but its tokens.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    pub(crate) keys: Vec<[u8; 16]>,
    pub(crate) n_tokens: Vec<u32>,
    /// Of the first document: a shard has one source.
    pub(crate) source: String,
    /// Empty for none.
    pub(crate) langs: Vec<String>,
}

/// Read the batches of the shard at `path`, in order.
pub(crate) fn read_columns(path: &Path, mut each: impl FnMut(Columns) -> Result<()>) -> Result<()> {
    let file = File::open(path).map_err(|e| Error::storage("open", path, e))?;
    let shard = Shard { file, path };
    let size = shard.file.metadata().map_err(|e| Error::storage("read", path, e))?.len();
    let trailer_at = size.checked_sub(TRAILER_BYTES).ok_or_else(|| shard.corrupt("too short"))?;
    let trailer = shard.read(trailer_at, TRAILER_BYTES as usize)?;
    if &trailer[4..] != MAGIC {
        return Err(shard.corrupt("no Arrow footer at its end"));
    }
    let length = u64::from(number(&trailer));
    let footer_at = trailer_at.checked_sub(length).ok_or_else(|| shard.corrupt("the footer"))?;
    let bytes = shard.read(footer_at, length as usize)?;
    let footer = root_as_footer(&bytes).map_err(|e| shard.corrupt(e))?;
    let fields = footer.schema().and_then(|schema| schema.fields());
    let names: Vec<&str> = fields.iter().flatten().filter_map(|field| field.name()).collect();
    if !COLUMNS.iter().map(|(name, _)| *name).eq(names.into_iter().take(COLUMNS.len())) {
        return Err(shard.corrupt("expected the columns doc, tokens, n_tokens, source, lang"));
    }
    for block in footer.recordBatches().iter().flatten() {
        each(shard.batch(block)?)?;
    }
    Ok(())
}

struct Shard<'a> {
    file: File,
    path: &'a Path,
}

impl Shard<'_> {
    fn corrupt(&self, reason: impl ToString) -> Error {
        Error::corrupt(self.path, reason)
    }

    fn read(&self, at: u64, length: usize) -> Result<Vec<u8>> {
        // A length that lies must not ask for memory: nothing is longer than its file.
        let size = self.file.metadata().map_err(|e| Error::storage("read", self.path, e))?.len();
        if at.checked_add(length as u64).is_none_or(|end| end > size) {
            return Err(self.corrupt("a buffer outside of the file"));
        }
        let mut bytes = vec![0; length];
        let read = self.file.read_exact_at(&mut bytes, at);
        read.map_err(|e| Error::storage("read", self.path, e))?;
        Ok(bytes)
    }

    fn batch(&self, block: &Block) -> Result<Columns> {
        let outside = || self.corrupt("a buffer outside of the file");
        let at = block.offset() as u64;
        let body = at.checked_add(block.metaDataLength() as u64).ok_or_else(outside)?;
        let metadata = self.read(at, block.metaDataLength() as usize)?;
        let message = metadata.get(PREFIX_BYTES..).unwrap_or_default();
        let message = root_as_message(message).map_err(|e| self.corrupt(e))?;
        let batch = message.header_as_record_batch().ok_or_else(|| self.corrupt("no batch"))?;
        if batch.compression().is_some() {
            return Err(self.corrupt("expected plain buffers, found compressed ones"));
        }
        let rows = batch.length() as usize;
        let buffers = batch.buffers().ok_or_else(|| self.corrupt("no buffers"))?;
        let buffer = |column: usize, part: usize| {
            let before: usize = COLUMNS[..column].iter().map(|(_, buffers)| buffers).sum();
            if before + part >= buffers.len() {
                return Err(self.corrupt("too few buffers"));
            }
            let place = buffers.get(before + part);
            let at = body.checked_add(place.offset() as u64).ok_or_else(outside)?;
            self.read(at, place.length() as usize)
        };
        let short = || self.corrupt("a column with too few rows");
        let keys = buffer(0, 1)?;
        let n_tokens = buffer(2, 1)?;
        if keys.len() / 16 < rows || n_tokens.len() / 4 < rows {
            return Err(short());
        }
        let sources = texts(&buffer(3, 1)?, &buffer(3, 2)?, &[], rows.min(1)).ok_or_else(short)?;
        let langs = texts(&buffer(4, 1)?, &buffer(4, 2)?, &buffer(4, 0)?, rows);
        Ok(Columns {
            keys: keys.as_chunks().0[..rows].to_vec(),
            n_tokens: n_tokens.as_chunks::<4>().0[..rows].iter().map(|n| number(n)).collect(),
            source: sources.into_iter().next().unwrap_or_default(),
            langs: langs.ok_or_else(short)?,
        })
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).rev().fold(0, |sum, &byte| sum << 8 | u32::from(byte))
}

/// The first rows of a string column; what is null is empty.
fn texts(offsets: &[u8], bytes: &[u8], validity: &[u8], rows: usize) -> Option<Vec<String>> {
    let offsets: Vec<usize> =
        offsets.as_chunks::<4>().0.iter().map(|offset| number(offset) as usize).collect();
    let text = |row: usize| {
        let text = bytes.get(*offsets.get(row)?..*offsets.get(row + 1)?)?;
        let valid = validity.get(row / 8).is_none_or(|byte| byte >> (row % 8) & 1 == 1);
        Some(if valid { String::from_utf8_lossy(text).into_owned() } else { String::new() })
    };
    (0..rows).map(text).collect()
}
