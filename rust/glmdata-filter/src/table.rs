//! The table of scores: its columns, the rows of a unit, and the files of `scores/`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use glmdata_base::{Error, Result};
use glmdata_io::{Identity, InputFile, ShardFile, write_arrow};
use glmdata_text::{OFFENCE, SEGMENTED, SIGNALS, Signals};

use crate::run::Options;

/// Rows of a file of scores, about: 20 MB, which is what one reader of it holds.
const PART_ROWS: usize = 1 << 15;

fn field_of(name: &str, whole: bool) -> Field {
    Field::new(name, if whole { DataType::UInt64 } else { DataType::Float64 }, false)
}

fn column_of(numbers: impl Iterator<Item = f64>, whole: bool) -> ArrayRef {
    if whole {
        Arc::new(numbers.map(|number| number as u64).collect::<UInt64Array>())
    } else {
        Arc::new(numbers.collect::<Float64Array>())
    }
}

/// Signals that only some runs measure, by column; none where this one does not.
pub(crate) fn demanded_columns<const N: usize>(
    signals: &[(&str, bool); N],
    rows: &[Option<[f64; N]>],
) -> Vec<ArrayRef> {
    let Some(Some(_)) = rows.first() else { return Vec::new() };
    let columns = signals.iter().enumerate();
    let column = |(place, &(_, whole)): (usize, &(&str, bool))| {
        column_of(rows.iter().flatten().map(|row| row[place]), whole)
    };
    columns.map(column).collect()
}

fn signal_fields(options: &Options) -> impl Iterator<Item = Field> {
    let segmented = options.segmenter.iter().flat_map(|_| &SEGMENTED);
    let offence = options.offence.then_some(&OFFENCE).into_iter().flatten();
    let measured = SIGNALS.iter().chain(segmented).chain(offence);
    let measured = measured.map(|&(name, whole)| field_of(name, whole));
    let asked = options.classifiers.iter();
    let asked = asked.map(|(name, _)| Field::new(name, DataType::Float64, false));
    let searched = options.benchmarks.iter().flat_map(|_| {
        [
            Field::new("contamination", DataType::Float64, false),
            Field::new("benchmark", DataType::Utf8, true),
            // Bytes of the text that hold the item.
            Field::new("benchmark_begin", DataType::UInt64, true),
            Field::new("benchmark_end", DataType::UInt64, true),
        ]
    });
    let repaired = options.repair.then(|| Field::new("mojibake", DataType::UInt64, false));
    // Null for a document whose language was given and is left.
    let told = options.languages.iter();
    let told = told.map(|_| Field::new("lang_score", DataType::Float64, true));
    measured.chain(asked).chain(searched).chain(repaired).chain(told)
}

/// Columns of the scores of a unit: the row in it, and what names the document once all is read.
pub(crate) fn unit_schema(options: &Options) -> SchemaRef {
    let mut fields = vec![
        Field::new("row", DataType::UInt64, false),
        Field::new("offset", DataType::UInt64, false),
        Field::new("id", DataType::Utf8, true),
        Field::new("source", DataType::Utf8, false),
        Field::new("lang", DataType::Utf8, true),
        Field::new("meta", DataType::LargeUtf8, true),
    ];
    fields.extend(signal_fields(options));
    Arc::new(Schema::new(fields))
}

/// Columns of `scores/part-*.arrow`: one row an input row, in input order.
pub(crate) fn score_schema(options: &Options) -> SchemaRef {
    let mut fields = vec![
        Field::new("doc", DataType::FixedSizeBinary(16), false),
        Field::new("id", DataType::Utf8, false),
        Field::new("source", DataType::Utf8, false),
        Field::new("lang", DataType::Utf8, true),
    ];
    fields.extend(signal_fields(options));
    Arc::new(Schema::new(fields))
}

pub(crate) fn unit_batch(
    batch: &RecordBatch,
    found: &[Signals],
    told: Option<(ArrayRef, ArrayRef)>,
    asked: Vec<ArrayRef>,
    options: &Options,
) -> Result<RecordBatch> {
    let column = |name: &str| batch[name].clone();
    let (lang, probability) = told.unzip();
    let lang = lang.unwrap_or_else(|| column("lang"));
    let mut columns: Vec<ArrayRef> = ["row", "offset", "id", "source"].map(column).to_vec();
    columns.extend([lang, column("meta")]);
    let values: Vec<_> = found.iter().map(Signals::values).collect();
    for (place, &(_, whole)) in SIGNALS.iter().enumerate() {
        columns.push(column_of(values.iter().map(|row| row[place]), whole));
    }
    columns.extend(asked);
    columns.extend(probability);
    RecordBatch::try_new(unit_schema(options), columns).map_err(Error::internal)
}

/// Scores of a unit that begins at row `first_row` of `file`, with the keys and ids of documents.
pub(crate) fn named(
    batch: &RecordBatch,
    file: &InputFile,
    first_row: u64,
    options: &Options,
) -> Result<RecordBatch> {
    let number = |name: &str| batch[name].as_primitive::<UInt64Type>();
    let (rows, offsets) = (number("row"), number("offset"));
    let (ids, meta) = (batch["id"].as_string::<i32>(), batch["meta"].as_string::<i64>());
    let mut docs = FixedSizeBinaryBuilder::with_capacity(batch.num_rows(), 16);
    let mut named = StringBuilder::new();
    for i in 0..batch.num_rows() {
        let row = rows.value(i) + first_row;
        let fields = meta.is_valid(i).then(|| meta.value(i));
        let identity = Identity::of(file, row, offsets.value(i), fields);
        docs.append_value(identity.doc).map_err(Error::internal)?;
        if ids.is_valid(i) && !ids.value(i).is_empty() {
            named.append_value(ids.value(i));
        } else {
            named.append_value(format!("{}#{row}", file.relative));
        }
    }
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(docs.finish()),
        Arc::new(named.finish()),
        batch["source"].clone(),
        batch["lang"].clone(),
    ];
    columns.extend(signal_fields(options).map(|field| batch[field.name().as_str()].clone()));
    RecordBatch::try_new(score_schema(options), columns).map_err(Error::internal)
}

/// Puts batches into files of about [`PART_ROWS`] rows.
pub(crate) struct Parts {
    folder: PathBuf,
    schema: SchemaRef,
    open: Vec<RecordBatch>,
    rows: usize,
    files: Vec<ShardFile>,
}

impl Parts {
    /// Files of `schema` in the stage folder `stage`.
    pub(crate) fn new(stage: &Path, schema: SchemaRef) -> Self {
        let folder = stage.join("scores");
        Self { folder, schema, open: Vec::new(), rows: 0, files: Vec::new() }
    }

    pub(crate) fn add(&mut self, batch: RecordBatch) -> Result<()> {
        self.rows += batch.num_rows();
        self.open.push(batch);
        if self.rows >= PART_ROWS { self.close() } else { Ok(()) }
    }

    fn close(&mut self) -> Result<()> {
        let target = self.folder.join(format!("part-{:06}.arrow", self.files.len()));
        // One batch a file: a batch of ten documents would be mostly buffers' headers.
        let all = arrow_select::concat::concat_batches(&self.schema, &self.open);
        self.open.clear();
        self.rows = 0;
        let batch = std::iter::once(all.map_err(Error::internal));
        self.files.push(write_arrow(&target, &self.schema, batch)?);
        Ok(())
    }

    /// An empty corpus has an empty file all the same.
    pub(crate) fn finish(mut self) -> Result<Vec<ShardFile>> {
        if !self.open.is_empty() || self.files.is_empty() {
            self.close()?;
        }
        Ok(self.files)
    }
}
