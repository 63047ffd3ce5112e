//! Encoded documents to shard files, one folder a source.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, StringBuilder};
use arrow_array::{Array, ArrayRef, LargeListArray, RecordBatch, StringArray, UInt32Array};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use glmdata_base::{Error, Result, doc_key};
use glmdata_io::{InputFile, OutputFormat, ShardFile, ShardWriter, encode_batch};

use super::folder::Folders;
use super::loss::{self, LossSpans};
use super::{Documents, StoreTallies, StoreTarget};
use crate::rows::Ids;

/// A record batch ends before it has more tokens (unless one document has) or documents.
const BATCH_TOKENS: usize = 1 << 20;
const BATCH_DOCUMENTS: usize = 1 << 14;
/// All sources together may hold back so many tokens; then the fullest one is written.
const HELD_TOKENS: usize = 16 << 20;

pub(super) fn item() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::UInt32, false))
}

fn schema(target: &StoreTarget<'_>) -> SchemaRef {
    let mut fields = vec![
        Field::new("doc", DataType::FixedSizeBinary(16), false),
        Field::new("tokens", DataType::LargeList(item()), false),
        Field::new("n_tokens", DataType::UInt32, false),
        Field::new("source", DataType::Utf8, false),
        Field::new("lang", DataType::Utf8, true),
    ];
    // Readers of the columns above find them in the same place with and without it.
    fields.extend(target.loss_spans_field.map(|_| loss::field()));
    Arc::new(Schema::new_with_metadata(fields, target.metadata.clone().into_iter().collect()))
}

/// Takes documents in canonical order.
pub(super) struct Writer {
    folder: PathBuf,
    schema: SchemaRef,
    shard_bytes: u64,
    /// Batches are no larger than shards.
    batch_tokens: usize,
    sources: BTreeMap<String, Source>,
    folders: Folders,
    /// Tokens in all batches that are not full.
    held: usize,
    tallies: StoreTallies,
}

impl Writer {
    pub(super) fn new(target: &StoreTarget<'_>) -> Self {
        Self {
            folder: target.folder.to_path_buf(),
            schema: schema(target),
            shard_bytes: target.shard_bytes,
            batch_tokens: BATCH_TOKENS.min((target.shard_bytes / 4) as usize),
            sources: BTreeMap::new(),
            folders: Folders::default(),
            held: 0,
            tallies: BTreeMap::new(),
        }
    }

    /// The next documents of `file`, whose rows count from `first_row`.
    pub(super) fn append(
        &mut self,
        file: &InputFile,
        first_row: u64,
        documents: &Documents,
    ) -> Result<()> {
        for (row, ids) in documents.ids.iter().flat_map(Ids::each).enumerate() {
            let name = documents.sources.value(row);
            let lang = documents.langs.is_valid(row).then(|| documents.langs.value(row));
            let key = documents.keys[row].unwrap_or_else(|| {
                doc_key(&file.root, &file.relative, first_row + documents.rows.value(row))
            });
            let tally = (name.to_owned(), lang.unwrap_or_default().to_owned());
            let tally = self.tallies.entry(tally).or_default();
            tally.documents += 1;
            tally.text_bytes += documents.text_bytes[row];
            tally.tokens += ids.len() as u64;
            let spans = &documents.loss_spans[row];
            tally.loss_tokens += match spans {
                Some(spans) => spans.iter().map(|(from, to)| u64::from(to - from)).sum(),
                None => ids.len() as u64,
            };
            if !self.sources.contains_key(name) {
                let folder = self.folder.join(self.folders.give(name));
                let source = Source::new(&folder, self.schema.clone(), self.shard_bytes);
                self.sources.insert(name.to_owned(), source);
            }
            let Some(source) = self.sources.get_mut(name) else { continue };
            if source.tokens.len() + ids.len() > self.batch_tokens
                || source.starts.len() > BATCH_DOCUMENTS
            {
                self.held -= source.flush(name)?;
            }
            source.push(key, ids, lang, spans.clone())?;
            self.held += ids.len();
            if self.held > HELD_TOKENS {
                let fullest = self.sources.iter_mut().max_by_key(|(_, source)| source.tokens.len());
                if let Some((name, source)) = fullest {
                    self.held -= source.flush(name)?;
                }
            }
        }
        Ok(())
    }

    /// Write what is held back and close all shards.
    pub(super) fn finish(self) -> Result<(Vec<ShardFile>, StoreTallies)> {
        let mut shards = Vec::new();
        for (name, mut source) in self.sources {
            source.flush(&name)?;
            shards.extend(source.shards.finish()?);
        }
        Ok((shards, self.tallies))
    }
}

/// The documents of one source that are not written yet.
struct Source {
    schema: SchemaRef,
    shards: ShardWriter,
    keys: FixedSizeBinaryBuilder,
    tokens: Vec<u32>,
    /// Where the tokens of each document start, and the end.
    starts: Vec<i64>,
    langs: StringBuilder,
    spans: Vec<LossSpans>,
}

impl Source {
    fn new(folder: &Path, schema: SchemaRef, shard_bytes: u64) -> Self {
        let format = OutputFormat::ArrowPlain;
        Self {
            shards: ShardWriter::new(folder, "part", format, schema.clone(), shard_bytes),
            schema,
            keys: FixedSizeBinaryBuilder::new(16),
            tokens: Vec::new(),
            starts: vec![0],
            langs: StringBuilder::new(),
            spans: Vec::new(),
        }
    }

    fn push(
        &mut self,
        key: [u8; 16],
        ids: &[u32],
        lang: Option<&str>,
        spans: LossSpans,
    ) -> Result<()> {
        self.keys.append_value(key).map_err(Error::internal)?;
        self.tokens.extend_from_slice(ids);
        self.starts.push(self.tokens.len() as i64);
        self.langs.append_option(lang);
        self.spans.push(spans);
        Ok(())
    }

    /// Write the batch; gives the number of tokens in it.
    fn flush(&mut self, name: &str) -> Result<usize> {
        let tokens = std::mem::take(&mut self.tokens);
        let starts = std::mem::replace(&mut self.starts, vec![0]);
        let (count, rows) = (tokens.len(), starts.len() - 1);
        let lengths = starts.windows(2).map(|ends| (ends[1] - ends[0]) as u32);
        let lengths = lengths.collect::<UInt32Array>();
        let offsets = OffsetBuffer::new(ScalarBuffer::from(starts));
        let tokens: ArrayRef = Arc::new(UInt32Array::from(tokens));
        let lists = LargeListArray::try_new(item(), offsets, tokens, None);
        let spans = std::mem::take(&mut self.spans);
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.keys.finish()),
            Arc::new(lists.map_err(Error::internal)?),
            Arc::new(lengths),
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n(name, rows))),
            Arc::new(self.langs.finish()),
        ];
        if columns.len() < self.schema.fields().len() {
            columns.push(loss::column(&spans)?);
        }
        let batch = RecordBatch::try_new(self.schema.clone(), columns).map_err(Error::internal)?;
        self.shards.append(encode_batch(OutputFormat::ArrowPlain, &batch)?)?;
        Ok(count)
    }
}
