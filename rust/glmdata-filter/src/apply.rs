//! Decisions zipped with the documents: what is kept, what went and why.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, LargeStringBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, ListArray, RecordBatch, StringArray, StructArray, UInt64Array,
    new_null_array,
};
use arrow_cast::cast;
use arrow_schema::DataType;
use arrow_select::concat::concat_batches;
use arrow_select::filter::filter_record_batch;
use glmdata_base::{Error, Phase, Result};
use glmdata_io::{
    DOCUMENTS, Identity, InputFile, OutputFormat, QuarantineEvent, SHARD_BYTES, ShardWriter,
    StageFile, UnitSink, decision_schema, discover, document_schema, files_json, inputs_json,
    origin_fields, plan_units, removed_schema,
};
use serde_json::{Value, json};

use crate::chunked::Chunked;
use crate::mask::{Masks, edit_schema};
use crate::repair::repaired;
use crate::run::{Job, Options, pool_of, read_kept};

/// Write `decisions/`, `removed/` and, if asked for, the kept documents, from the files `decided`:
/// Arrow tables with `keep`, `rule`, `value`, `threshold`, `source` and, where languages
/// were told, `lang`; one row an input row, in input order.
///
/// # Errors
/// [`Error::Input`] if the inputs have other documents than were decided on, [`Error::Storage`],
/// [`Error::Cancelled`].
pub fn apply(job: &Job<'_>, options: &Options, decided: &[PathBuf]) -> Result<Value> {
    pool_of(options.threads)?.install(|| apply_in_pool(job, options, decided))
}

fn apply_in_pool(job: &Job<'_>, options: &Options, decided: &[PathBuf]) -> Result<Value> {
    let found = discover(job.inputs, &options.read)?;
    job.progress.enter(Phase::Write, found.files.iter().map(|file| file.bytes).sum());
    let shards = |folder: &str, format, schema| {
        ShardWriter::new(&job.output.join(folder), "part", format, schema, SHARD_BYTES)
    };
    let arrow = OutputFormat::Arrow;
    let mut writer = Writer {
        job,
        options,
        decided: Decided { files: Vec::from(decided).into_iter(), open: None, batch: None },
        documents: Chunked::new(
            shards(DOCUMENTS, options.format, document_schema()),
            options.format,
        ),
        decisions: Chunked::new(shards("decisions", arrow, decision_schema()), arrow),
        removed: Chunked::new(shards("removed", arrow, removed_schema()), arrow),
        masks: options.mask_pii.then(Masks::new).transpose()?,
        edits: Chunked::new(shards("edits", arrow, edit_schema()), arrow),
        repaired: 0,
        file: None,
        first_row: 0,
    };
    let mut last = usize::MAX;
    for (number, unit) in plan_units(&found.files).iter().enumerate() {
        if unit.file != last {
            (last, writer.first_row) = (unit.file, 0);
        }
        let file = &found.files[unit.file];
        writer.file = Some(file);
        let summary = read_kept(job, options, file, unit, number, &mut writer)?;
        writer.first_row += summary.rows;
    }
    let path = job.output.to_path_buf();
    if writer.decided.next_batch()?.is_some() {
        return Err(Error::Input { path, reason: "documents are gone since".to_owned() });
    }
    let mut files = Vec::new();
    if options.write_documents {
        files.extend(writer.documents.finish()?);
    }
    files.extend(writer.decisions.finish()?);
    files.extend(writer.removed.finish()?);
    if options.mask_pii || writer.repaired > 0 {
        files.extend(writer.edits.finish()?);
    }
    Ok(json!({
        "files": files_json(job.output, &files),
        "inputs": inputs_json(&found.files),
        "repaired": writer.repaired,
        "masked": writer.masks.map(|masks| masks.tally()),
    }))
}

/// The rows of the decided files, a stretch at a time.
struct Decided {
    files: std::vec::IntoIter<PathBuf>,
    open: Option<StageFile>,
    batch: Option<RecordBatch>,
}

impl Decided {
    /// The next rows there are, any number but none.
    fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if let Some(batch) = self.batch.take().filter(|batch| batch.num_rows() > 0) {
                return Ok(Some(batch));
            }
            if let Some(batch) = self.open.as_mut().and_then(Iterator::next) {
                self.batch = Some(batch?);
                continue;
            }
            let Some(path) = self.files.next() else { return Ok(None) };
            self.open = Some(StageFile::open(&path)?);
        }
    }

    /// Exactly `rows` rows; `None` if there are fewer.
    fn take(&mut self, rows: usize) -> Result<Option<RecordBatch>> {
        let (mut pieces, mut missing) = (Vec::new(), rows);
        while missing > 0 {
            let Some(batch) = self.next_batch()? else { return Ok(None) };
            let taken = missing.min(batch.num_rows());
            pieces.push(batch.slice(0, taken));
            self.batch = Some(batch.slice(taken, batch.num_rows() - taken));
            missing -= taken;
        }
        let Some(first) = pieces.first() else { return Ok(None) };
        concat_batches(&first.schema(), &pieces).map(Some).map_err(Error::internal)
    }
}

struct Writer<'a> {
    job: &'a Job<'a>,
    options: &'a Options,
    decided: Decided,
    documents: Chunked,
    decisions: Chunked,
    removed: Chunked,
    masks: Option<Masks>,
    edits: Chunked,
    /// Kept texts that were brought back from a wrong encoding.
    repaired: u64,
    file: Option<&'a InputFile>,
    first_row: u64,
}

impl UnitSink for Writer<'_> {
    fn batch(&mut self, batch: RecordBatch) -> Result<()> {
        self.job.cancel.check()?;
        let file = self.file.ok_or_else(|| Error::internal("a batch of no file"))?;
        let rows = batch.num_rows();
        if rows == 0 {
            return Ok(());
        }
        let decided = self.decided.take(rows)?.ok_or_else(|| Error::Input {
            path: file.path.clone(),
            reason: "changed while it was being read".to_owned(),
        })?;
        let decided = Columns::of(&decided)?;
        // What was measured is what is written.
        let read = batch;
        let any = decided.mojibake.as_ref().is_some_and(|was| was.true_count() > 0);
        let repaired = any.then(|| repaired(&read)).transpose()?;
        let batch = repaired.as_ref().map_or(&read, |repaired| &repaired.batch);
        let whole = decided.told(documents(batch, file, self.first_row)?)?;
        let text_bytes = batch["text"].as_string::<i64>().value_data().len() as u64;
        self.decisions.add(decided.decisions(&whole)?, 0)?;
        let gone = arrow_not(&decided.keep);
        let removed = decided.removed(&whole, self.options.removed_text)?;
        let removed = filter_record_batch(&removed, &gone).map_err(Error::internal)?;
        let bytes = if self.options.removed_text { text_bytes } else { 0 };
        self.removed.add(removed, bytes)?;
        if let Some(repaired) = &repaired {
            let edits = repaired.edits(&read, &whole, &decided.keep)?;
            self.repaired += edits.num_rows() as u64;
            if edits.num_rows() > 0 {
                self.edits.add(edits, 0)?;
            }
        }
        // Edits are part of what was decided, so they are written without the documents too.
        if self.options.write_documents || self.masks.is_some() {
            let moved = decided.moved(&whole)?;
            let mut kept = filter_record_batch(&moved, &decided.keep).map_err(Error::internal)?;
            if let Some(masks) = &mut self.masks {
                let (masked, edits) = masks.mask(kept)?;
                self.edits.add(edits, 0)?;
                kept = masked;
            }
            if !self.options.write_documents {
                self.job.progress.add(rows as u64, 0);
                return Ok(());
            }
            let offsets = kept["text"].as_string::<i64>().value_offsets();
            let bytes =
                offsets.last().copied().unwrap_or(0) - offsets.first().copied().unwrap_or(0);
            self.documents.add(kept, bytes as u64)?;
        }
        self.job.progress.add(rows as u64, 0);
        Ok(())
    }

    fn quarantine(&mut self, _: QuarantineEvent) -> Result<()> {
        // Written down when the documents were measured.
        Ok(())
    }

    fn advanced(&mut self, bytes: u64) {
        self.job.progress.add(0, bytes);
    }
}

fn arrow_not(mask: &BooleanArray) -> BooleanArray {
    mask.iter().map(|keep| keep.map(|keep| !keep)).collect()
}

/// Records as documents, with the key and origin they have had from the start.
fn documents(batch: &RecordBatch, file: &InputFile, first_row: u64) -> Result<RecordBatch> {
    let number = |name: &str| batch[name].as_primitive::<UInt64Type>();
    let (rows, offsets) = (number("row"), number("offset"));
    let (ids, meta) = (batch["id"].as_string::<i32>(), batch["meta"].as_string::<i64>());
    let mut docs = FixedSizeBinaryBuilder::with_capacity(batch.num_rows(), 16);
    let (mut names, mut files) = (StringBuilder::new(), StringBuilder::new());
    let mut others = LargeStringBuilder::new();
    let (mut first_rows, mut first_offsets) = (Vec::new(), Vec::new());
    for i in 0..batch.num_rows() {
        let row = rows.value(i) + first_row;
        let fields = meta.is_valid(i).then(|| meta.value(i));
        let identity = Identity::of(file, row, offsets.value(i), fields);
        docs.append_value(identity.doc).map_err(Error::internal)?;
        if ids.is_valid(i) && !ids.value(i).is_empty() {
            names.append_value(ids.value(i));
        } else {
            names.append_value(format!("{}#{row}", file.relative));
        }
        files.append_value(&identity.file);
        first_rows.push(identity.row);
        first_offsets.push(identity.offset);
        others.append_option(identity.meta);
    }
    let origin: Vec<ArrayRef> = vec![
        Arc::new(files.finish()),
        Arc::new(UInt64Array::from(first_rows)),
        Arc::new(UInt64Array::from(first_offsets)),
    ];
    let origin = StructArray::try_new(origin_fields(), origin, None).map_err(Error::internal)?;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(docs.finish()),
        Arc::new(names.finish()),
        batch["text"].clone(),
        batch["source"].clone(),
        batch["lang"].clone(),
        batch["url"].clone(),
        Arc::new(others.finish()),
        Arc::new(origin),
    ];
    RecordBatch::try_new(document_schema(), columns).map_err(Error::internal)
}

/// Lists of a begin and an end, or null where there is none.
fn spans(begin: &ArrayRef, end: &ArrayRef) -> ArrayRef {
    let (begin, end) = (begin.as_primitive::<UInt64Type>(), end.as_primitive::<UInt64Type>());
    let pairs = begin.iter().zip(end);
    let lists = pairs.map(|(begin, end)| Some([Some(begin?), Some(end?)]));
    Arc::new(ListArray::from_iter_primitive::<UInt64Type, _, _>(lists))
}

/// What was decided, by column.
struct Columns {
    keep: BooleanArray,
    rule: ArrayRef,
    value: ArrayRef,
    threshold: ArrayRef,
    /// Where the document belongs from here on; null: where it was.
    source: ArrayRef,
    /// The language that was told of it; no column where none was.
    lang: Option<ArrayRef>,
    /// The benchmark item for which it went, and the bytes that hold it; none where none was looked for.
    benchmark: Option<[ArrayRef; 2]>,
    /// Whether its text was brought back when it was measured; no column where nobody looked.
    mojibake: Option<BooleanArray>,
}

impl Columns {
    fn of(decided: &RecordBatch) -> Result<Self> {
        let column = |name: &str, kind: DataType| -> Result<ArrayRef> {
            let found = decided.column_by_name(name);
            let found = found.ok_or_else(|| Error::internal(format!("no column {name}")))?;
            cast(found, &kind).map_err(Error::internal)
        };
        Ok(Self {
            keep: column("keep", DataType::Boolean)?.as_boolean().clone(),
            rule: column("rule", DataType::Utf8)?,
            value: column("value", DataType::Float64)?,
            threshold: column("threshold", DataType::Float64)?,
            source: column("source", DataType::Utf8)?,
            lang: decided
                .column_by_name("lang")
                .map(|_| column("lang", DataType::Utf8))
                .transpose()?,
            benchmark: decided
                .column_by_name("benchmark")
                .map(|_| -> Result<_> {
                    let (begin, end) = (
                        column("benchmark_begin", DataType::UInt64)?,
                        column("benchmark_end", DataType::UInt64)?,
                    );
                    Ok([column("benchmark", DataType::Utf8)?, spans(&begin, &end)])
                })
                .transpose()?,
            mojibake: decided.column_by_name("mojibake").map(|was| was.as_boolean().clone()),
        })
    }

    /// Documents with the languages that were told of them.
    fn told(&self, documents: RecordBatch) -> Result<RecordBatch> {
        let Some(lang) = &self.lang else { return Ok(documents) };
        let place = documents.schema().index_of("lang").map_err(Error::internal)?;
        let mut columns = documents.columns().to_vec();
        columns[place] = lang.clone();
        RecordBatch::try_new(document_schema(), columns).map_err(Error::internal)
    }

    /// Documents with the sources they belong to from here on.
    fn moved(&self, documents: &RecordBatch) -> Result<RecordBatch> {
        if self.source.null_count() == self.source.len() {
            return Ok(documents.clone());
        }
        let before = documents["source"].as_string::<i32>();
        let after = self.source.as_string::<i32>();
        let sources = after.iter().zip(before).map(|(after, before)| after.or(before));
        let place = documents.schema().index_of("source").map_err(Error::internal)?;
        let mut columns = documents.columns().to_vec();
        columns[place] = Arc::new(sources.collect::<StringArray>());
        RecordBatch::try_new(document_schema(), columns).map_err(Error::internal)
    }

    fn decisions(&self, documents: &RecordBatch) -> Result<RecordBatch> {
        let schema = decision_schema();
        let none = new_null_array(&DataType::FixedSizeBinary(16), self.keep.len());
        let columns: Vec<ArrayRef> = vec![
            documents["doc"].clone(),
            Arc::new(self.keep.clone()),
            self.rule.clone(),
            self.value.clone(),
            self.threshold.clone(),
            none.clone(),
            none,
        ];
        RecordBatch::try_new(schema, columns).map_err(Error::internal)
    }

    /// A row of `removed/` for every document; those of kept ones are taken out afterwards.
    fn removed(&self, documents: &RecordBatch, with_text: bool) -> Result<RecordBatch> {
        let schema = removed_schema();
        let rows = self.keep.len();
        let columns: Result<Vec<ArrayRef>> = schema
            .fields()
            .iter()
            .map(|field| {
                Ok(match field.name().as_str() {
                    "stage" => Arc::new(StringArray::from(vec!["filter"; rows])) as ArrayRef,
                    // A kept document has no rule, and a null is none of this column's values.
                    "rule" => Arc::new(
                        self.rule
                            .as_string::<i32>()
                            .iter()
                            .map(|rule| Some(rule.unwrap_or_default()))
                            .collect::<StringArray>(),
                    ),
                    "value" => self.value.clone(),
                    "threshold" => self.threshold.clone(),
                    "benchmark" | "spans" => self.benchmark.as_ref().map_or_else(
                        || new_null_array(field.data_type(), rows),
                        |[name, spans]| {
                            if field.name() == "spans" { spans.clone() } else { name.clone() }
                        },
                    ),
                    "text" if with_text => documents["text"].clone(),
                    name @ ("doc" | "id" | "source" | "lang" | "origin") => documents[name].clone(),
                    _ => new_null_array(field.data_type(), rows),
                })
            })
            .collect();
        RecordBatch::try_new(schema, columns?).map_err(Error::internal)
    }
}
