//! Plans as Arrow files: `part-*.arrow`, a row a training row, and `shards.arrow` that its numbers
//! point into.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float32Array, LargeListArray, RecordBatch, StringArray, StructArray,
    UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use glmdata_base::{Error, Result};
use glmdata_io::{OutputFormat, ShardFile, ShardWriter, encode_batch, write_arrow};

use crate::mode::Mode;
use crate::survey::ShardTally;

/// Rows of a record batch.
const BATCH_ROWS: usize = 1 << 14;

/// A slice of a document in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) shard: u32,
    pub(crate) row: u32,
    pub(crate) start: u32,
    pub(crate) length: u32,
    pub(crate) repeat: u16,
    pub(crate) eod: bool,
}

/// What is said of a row besides its parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RowFacts {
    pub(crate) n_tokens: u32,
    pub(crate) mode: Mode,
    pub(crate) seed: u64,
    pub(crate) weight: f32,
    pub(crate) bucket: u32,
}

fn part_fields() -> Fields {
    Fields::from(vec![
        Field::new("shard", DataType::UInt32, false),
        Field::new("row", DataType::UInt32, false),
        Field::new("start", DataType::UInt32, false),
        Field::new("length", DataType::UInt32, false),
        Field::new("repeat", DataType::UInt16, false),
        Field::new("eod", DataType::Boolean, false),
    ])
}

fn part_item() -> Arc<Field> {
    Arc::new(Field::new_list_field(DataType::Struct(part_fields()), false))
}

fn schema(metadata: &BTreeMap<String, String>) -> SchemaRef {
    let fields = vec![
        Field::new("parts", DataType::LargeList(part_item()), false),
        Field::new("n_tokens", DataType::UInt32, false),
        Field::new("mode", DataType::UInt8, false),
        Field::new("seed", DataType::UInt64, false),
        Field::new("weight", DataType::Float32, false),
        Field::new("bucket", DataType::UInt32, false),
    ];
    Arc::new(Schema::new_with_metadata(fields, metadata.clone().into_iter().collect()))
}

/// Takes rows in the order of the plan.
pub(crate) struct PlanWriter {
    schema: SchemaRef,
    files: ShardWriter,
    parts: Vec<Part>,
    ends: Vec<i64>,
    facts: Vec<RowFacts>,
}

impl PlanWriter {
    pub(crate) fn new(folder: &Path, metadata: &BTreeMap<String, String>, part_bytes: u64) -> Self {
        let schema = schema(metadata);
        let format = OutputFormat::ArrowPlain;
        Self {
            files: ShardWriter::new(folder, "part", format, schema.clone(), part_bytes),
            schema,
            parts: Vec::new(),
            ends: vec![0],
            facts: Vec::new(),
        }
    }

    pub(crate) fn push(
        &mut self,
        parts: impl Iterator<Item = Part>,
        facts: RowFacts,
    ) -> Result<()> {
        self.parts.extend(parts);
        self.ends.push(self.parts.len() as i64);
        self.facts.push(facts);
        if self.facts.len() == BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    pub(crate) fn finish(mut self) -> Result<Vec<ShardFile>> {
        self.flush()?;
        self.files.finish()
    }

    fn flush(&mut self) -> Result<()> {
        let (parts, facts) = (std::mem::take(&mut self.parts), std::mem::take(&mut self.facts));
        let ends = std::mem::replace(&mut self.ends, vec![0]);
        let words = |of: fn(&Part) -> u32| -> ArrayRef {
            Arc::new(parts.iter().map(|part| Some(of(part))).collect::<UInt32Array>())
        };
        let columns: Vec<ArrayRef> = vec![
            words(|part| part.shard),
            words(|part| part.row),
            words(|part| part.start),
            words(|part| part.length),
            Arc::new(UInt16Array::from_iter_values(parts.iter().map(|part| part.repeat))),
            Arc::new(parts.iter().map(|part| Some(part.eod)).collect::<BooleanArray>()),
        ];
        let slices = StructArray::try_new(part_fields(), columns, None).map_err(Error::internal)?;
        let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
        let lists = LargeListArray::try_new(part_item(), offsets, Arc::new(slices), None);
        let each = facts.iter();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(lists.map_err(Error::internal)?),
            Arc::new(UInt32Array::from_iter_values(each.clone().map(|row| row.n_tokens))),
            Arc::new(UInt8Array::from_iter_values(each.clone().map(|row| row.mode as u8))),
            Arc::new(UInt64Array::from_iter_values(each.clone().map(|row| row.seed))),
            Arc::new(Float32Array::from_iter_values(each.clone().map(|row| row.weight))),
            Arc::new(UInt32Array::from_iter_values(each.map(|row| row.bucket))),
        ];
        let batch = RecordBatch::try_new(self.schema.clone(), columns).map_err(Error::internal)?;
        self.files.append(encode_batch(OutputFormat::ArrowPlain, &batch)?)
    }
}

/// Write `shards.arrow`: what number `shard` of a part means.
///
/// `files` are (path below the store's folder, sha256) of each shard.
pub(crate) fn write_shards(
    folder: &Path,
    files: &[(String, String)],
    shards: &[ShardTally],
) -> Result<ShardFile> {
    let schema = Arc::new(Schema::new(vec![
        Field::new("shard", DataType::UInt32, false),
        Field::new("path", DataType::Utf8, false),
        Field::new("rows", DataType::UInt64, false),
        Field::new("tokens", DataType::UInt64, false),
        Field::new("sha256", DataType::Utf8, false),
        Field::new("source", DataType::Utf8, false),
    ]));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(UInt32Array::from_iter_values(0..files.len() as u32)),
        Arc::new(StringArray::from_iter_values(files.iter().map(|(path, _)| path))),
        Arc::new(UInt64Array::from_iter_values(shards.iter().map(|shard| shard.rows))),
        Arc::new(UInt64Array::from_iter_values(shards.iter().map(|shard| shard.tokens))),
        Arc::new(StringArray::from_iter_values(files.iter().map(|(_, sha256)| sha256))),
        Arc::new(StringArray::from_iter_values(shards.iter().map(|shard| &shard.source))),
    ];
    let batch = RecordBatch::try_new(schema.clone(), columns).map_err(Error::internal);
    write_arrow(&folder.join("shards.arrow"), &schema, std::iter::once(batch))
}
