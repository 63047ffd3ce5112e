//! Parquet and Arrow files: batches of columns become documents.
//!
//! The decoders are other people's code over crawled bytes: their panics are caught and count as
//! damage, and what they delivered before is kept.

use std::any::Any;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_cast::{can_cast_types, cast};
use arrow_schema::{DataType, Schema};
use glmdata_base::{Cancel, Result};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::arrow_file::open_arrow;
use crate::cell::{CellWriter, push_cell};
use crate::collect::{Collector, Document, Text};
use crate::decode::TailFault;
use crate::input::{Format, InputFile};
use crate::options::ReadOptions;
use crate::quarantine::{Reason, SAMPLE_BYTES};
use crate::strings::Strings;

/// Bytes that a batch of Parquet rows should decode to. Not `batch_bytes`: how much is kept before
/// a damaged page depends on it, and `batch_bytes` must not change what is kept.
const DECODE_BYTES: u64 = 4 << 20;
const MAX_BATCH_ROWS: u64 = 8192;

/// Batches of a file, and how it ends.
pub(crate) type Batches = Box<dyn Iterator<Item = std::result::Result<RecordBatch, TailFault>>>;

/// Read `file` into `collector`.
pub(crate) fn read_columnar(
    file: &InputFile,
    options: &ReadOptions,
    cancel: &Cancel,
    collector: &mut Collector<'_>,
) -> Result<()> {
    collector.summary.bytes_read += file.bytes;
    let opened = File::open(&file.path).map_err(|e| TailFault::unreadable(&e)).and_then(|handle| {
        guarded(|| match file.format {
            Format::Parquet => open_parquet(handle),
            _ => open_arrow(handle, file.format),
        })
    });
    let mut batches = match opened {
        Ok(batches) => batches,
        Err(fault) => return collector.bad_file(fault.kind, None, fault.detail, b""),
    };
    let mut row = 0;
    loop {
        cancel.check()?;
        let next = guarded(|| batches.next().transpose());
        match next {
            Ok(None) => return Ok(()),
            Ok(Some(batch)) => {
                collector.summary.decoded_bytes += batch
                    .columns()
                    .iter()
                    .map(|column| column.to_data().get_slice_memory_size().unwrap_or(0) as u64)
                    .sum::<u64>();
                if !read_batch(&batch, row, options, collector)? {
                    return Ok(());
                }
                row += batch.num_rows() as u64;
            }
            Err(fault) => return collector.bad_file(fault.kind, Some(row), fault.detail, b""),
        }
    }
}

fn open_parquet(handle: File) -> std::result::Result<Batches, TailFault> {
    let corrupt = |e: parquet::errors::ParquetError| TailFault::corrupt(e);
    let builder = ParquetRecordBatchReaderBuilder::try_new(handle).map_err(corrupt)?;
    let metadata = builder.metadata();
    let groups = metadata.row_groups();
    let bytes: u64 = groups.iter().map(|group| group.total_byte_size().max(0) as u64).sum();
    let rows: u64 = groups.iter().map(|group| group.num_rows().max(0) as u64).sum();
    let bytes_a_row = bytes.checked_div(rows).unwrap_or(0).max(1);
    let batch_rows = (DECODE_BYTES / bytes_a_row).clamp(1, MAX_BATCH_ROWS) as usize;
    let reader = builder.with_batch_size(batch_rows).build().map_err(corrupt)?;
    Ok(Box::new(reader.map(|batch| batch.map_err(TailFault::corrupt))))
}

/// Run a decoder; a panic in it is a fault of the file.
fn guarded<T>(
    decode: impl FnOnce() -> std::result::Result<T, TailFault>,
) -> std::result::Result<T, TailFault> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|payload| {
        Err(TailFault::corrupt(format!("the decoder gave up: {}", panic_text(payload.as_ref()))))
    })
}

fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let owned = payload.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("without a word")
}

/// The columns of a batch by their meaning.
struct Mapped<'a> {
    text: Strings<'a>,
    id: Option<Strings<'a>>,
    source: Option<Strings<'a>>,
    lang: Option<Strings<'a>>,
    url: Option<Strings<'a>>,
    others: Vec<(&'a str, CellWriter<'a>)>,
}

/// Give the rows of `batch` to `collector`; `false` if the file has no usable text column.
fn read_batch(
    batch: &RecordBatch,
    first_row: u64,
    options: &ReadOptions,
    collector: &mut Collector<'_>,
) -> Result<bool> {
    let schema = batch.schema();
    let mut columns: Vec<(&str, ArrayRef)> = Vec::with_capacity(batch.num_columns());
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        let name = field.name().as_str();
        columns
            .push((name, if is_mapped(name, options) { as_text(column) } else { column.clone() }));
    }
    let mapped = match map_columns(&columns, &schema, options) {
        Ok(mapped) => mapped,
        Err(fault) => {
            collector.bad_file(fault.kind, None, fault.detail, b"")?;
            return Ok(false);
        }
    };
    let mut meta = String::new();
    for row in 0..batch.num_rows() {
        let offset = first_row + row as u64;
        let Some(text) = mapped.text.value(row) else {
            let detail = format!("`{}` is null", options.text_field);
            collector.bad_record(Reason::MissingText, offset, detail, b"")?;
            continue;
        };
        if text.len() as u64 > options.max_record {
            let shown = SAMPLE_BYTES.min(options.max_record as usize);
            let detail = format!("longer than {} bytes", options.max_record);
            let sample = &text.as_bytes()[..shown];
            collector.bad_record(Reason::RecordTooLarge, offset, detail, sample)?;
            continue;
        }
        meta.clear();
        for (name, cell) in &mapped.others {
            push_cell(&mut meta, name, cell, row);
        }
        if !meta.is_empty() {
            meta.push('}');
        }
        collector.document(&Document {
            id: mapped.id.and_then(|column| column.value(row)),
            text: Text::Plain(text),
            source: mapped.source.and_then(|column| column.value(row)),
            lang: mapped.lang.and_then(|column| column.value(row)),
            url: mapped.url.and_then(|column| column.value(row)),
            meta: (!meta.is_empty()).then_some(meta.as_str()),
            offset,
        })?;
    }
    Ok(true)
}

fn is_mapped(name: &str, options: &ReadOptions) -> bool {
    [
        &options.text_field,
        &options.id_field,
        &options.source_field,
        &options.lang_field,
        &options.url_field,
    ]
    .into_iter()
    .any(|field| field == name)
}

/// Scalars as text, so that ids of any type can be taken; what cannot be cast stays as it is.
fn as_text(column: &ArrayRef) -> ArrayRef {
    let from = column.data_type();
    let target = match from {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => return column.clone(),
        DataType::Dictionary(_, value) if is_text(value) => DataType::LargeUtf8,
        DataType::Null => return std::sync::Arc::new(StringArray::new_null(column.len())),
        from if from.is_nested() || from.is_binary() || !can_cast_types(from, &DataType::Utf8) => {
            return column.clone();
        }
        _ => DataType::Utf8,
    };
    cast(column, &target).unwrap_or_else(|_| column.clone())
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn map_columns<'a>(
    columns: &'a [(&'a str, ArrayRef)],
    schema: &Schema,
    options: &ReadOptions,
) -> std::result::Result<Mapped<'a>, TailFault> {
    let name = &options.text_field;
    let Some(at) = columns.iter().rposition(|(found, _)| found == name) else {
        let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
        let detail = format!("no column `{name}`; the file has {}", names.join(", "));
        return Err(TailFault { kind: Reason::MissingText, detail });
    };
    // Cast or not, the type of the file decides: a number column is no text.
    let declared = schema.field(at).data_type();
    let is_dictionary = matches!(declared, DataType::Dictionary(_, value) if is_text(value));
    let text = match Strings::of(columns[at].1.as_ref()) {
        Some(text) if is_text(declared) || is_dictionary => text,
        _ => {
            let detail = format!("column `{name}` is {declared}, not text");
            return Err(TailFault { kind: Reason::TextNotString, detail });
        }
    };
    let mut mapped =
        Mapped { text, id: None, source: None, lang: None, url: None, others: Vec::new() };
    for (place, (name, column)) in columns.iter().enumerate() {
        if place == at {
            continue;
        }
        let slot = if *name == options.id_field {
            &mut mapped.id
        } else if *name == options.source_field {
            &mut mapped.source
        } else if *name == options.lang_field {
            &mut mapped.lang
        } else if *name == options.url_field {
            &mut mapped.url
        } else {
            mapped
                .others
                .push((name, CellWriter::new(column.as_ref()).map_err(TailFault::corrupt)?));
            continue;
        };
        if let Some(strings) = Strings::of(column.as_ref()) {
            *slot = Some(strings);
        } else {
            let cell = CellWriter::new(column.as_ref()).map_err(TailFault::corrupt)?;
            mapped.others.push((name, cell));
        }
    }
    Ok(mapped)
}
