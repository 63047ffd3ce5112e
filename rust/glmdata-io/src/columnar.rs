//! Parquet and Arrow files: batches of columns become documents.
//!
//! The decoders are other people's code over crawled bytes: their panics are caught and count as
//! damage, and what they delivered before is kept.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray, StructArray};
use arrow_cast::{can_cast_types, cast};
use arrow_schema::{DataType, Fields};
use glmdata_base::{Cancel, Result};

use crate::arrow_file::open_arrow;
use crate::cell::{CellWriter, push_cell};
use crate::collect::{Collector, Document, Text};
use crate::decode::{Stop, TailFault};
use crate::delivery::Delivered;
use crate::input::{Format, InputFile};
use crate::options::ReadOptions;
use crate::parquet_file::{by_owner, open_parquet};
use crate::quarantine::{Reason, SAMPLE_BYTES};
use crate::record::HAS;
use crate::text_column::{TextCell, TextColumn};

/// Batches of a file, and how it ends.
pub(crate) type Batches = Box<dyn Iterator<Item = std::result::Result<RecordBatch, Stop>>>;

/// An open file: its batches, and how many rows its footer tells.
pub(crate) struct Opened {
    pub(crate) batches: Batches,
    pub(crate) rows: Option<u64>,
    /// Bytes behind a fault that was found beforehand, where no footer tells the rows.
    pub(crate) lost: Option<u64>,
}

/// Columns by which a stage names a document; `identity.rs` finds them again when they come first.
const IDENTITY: [&str; 3] = ["doc", "meta", "origin"];

/// Read `file` into `collector`.
pub(crate) fn read_columnar(
    file: &InputFile,
    options: &ReadOptions,
    cancel: &Cancel,
    collector: &mut Collector<'_>,
) -> Result<()> {
    collector.summary.bytes_read += file.bytes;
    let source = Delivered::open(file, 0)?;
    let opened = guarded(|| match file.format {
        Format::Parquet => open_parquet(source.clone(), &collector.hold),
        _ => open_arrow(source.clone(), file.format, &collector.hold),
    });
    let Opened { mut batches, rows, lost } = match opened {
        Ok(opened) => opened,
        Err(stop) => {
            let fault = by_owner(&source, stop)?;
            return collector.bad_file(fault.kind, fault.detail, None, b"");
        }
    };
    let mut row = 0;
    loop {
        cancel.check()?;
        let next = guarded(|| batches.next().transpose());
        match next {
            Ok(None) => break,
            Ok(Some(batch)) => {
                collector.summary.decoded_bytes += batch
                    .columns()
                    .iter()
                    .map(|column| column.to_data().get_slice_memory_size().unwrap_or(0) as u64)
                    .sum::<u64>();
                match read_batch(&batch, row, options, collector)? {
                    Ok(()) => row += batch.num_rows() as u64,
                    Err(fault) if row == 0 => {
                        return collector.bad_file(fault.kind, fault.detail, rows, b"");
                    }
                    Err(fault) => return collector.bad_rows(fault, row, rows, lost),
                }
            }
            Err(stop) => return collector.bad_rows(by_owner(&source, stop)?, row, rows, lost),
        }
    }
    // A footer that tells of more rows than its batches hold is a damaged one.
    if let Some(told) = rows.filter(|told| *told > row) {
        let detail = format!("the footer tells of {told} rows, the file holds {row}");
        return collector.bad_rows(TailFault::corrupt(detail), row, rows, lost);
    }
    source.check_unchanged()
}

/// Run a decoder; a panic in it is a fault of the file.
pub(crate) fn guarded<T>(
    decode: impl FnOnce() -> std::result::Result<T, Stop>,
) -> std::result::Result<T, Stop> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|payload| {
        let detail = format!("the decoder gave up: {}", panic_text(payload.as_ref()));
        Err(Stop::Damage(TailFault::corrupt(detail)))
    })
}

fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let owned = payload.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("without a word")
}

type Checked<T> = std::result::Result<T, TailFault>;

/// The columns of a batch by their meaning.
struct Mapped<'a> {
    /// Texts; the first that has one in a row counts.
    texts: Vec<TextColumn<'a>>,
    /// Id, source, language and URL, likewise.
    scalars: [Vec<TextColumn<'a>>; 4],
    others: Vec<Other<'a>>,
}

/// A column for `meta`.
struct Other<'a> {
    name: &'a str,
    cell: CellWriter<'a>,
    /// The role it plays where it is the first of its role that has a value: then it is not in `meta`.
    stands_in: Option<(usize, usize)>,
}

/// Give the rows of `batch` to `collector`; inside, a fault if there is no text column to be used.
fn read_batch(
    batch: &RecordBatch,
    first_row: u64,
    options: &ReadOptions,
    collector: &mut Collector<'_>,
) -> Result<Checked<()>> {
    let columns = columns_of(batch, options);
    let mapped = match map_columns(&columns, options) {
        Ok(mapped) => mapped,
        Err(fault) => return Ok(Err(fault)),
    };
    let mut meta = String::new();
    let rows = batch.num_rows();
    if rows > 0 && mapped.texts.iter().all(TextColumn::is_empty) {
        // A few bytes of a file may claim any number of such rows.
        let detail = format!("`{}` is null", options.text_field.shown());
        let kind = Reason::MissingText;
        collector.bad_records(kind, first_row, rows as u64, detail, b"")?;
        return Ok(Ok(()));
    }
    for row in 0..rows {
        let offset = first_row + row as u64;
        let texts = mapped.texts.iter().map(|column| column.cell(row)).enumerate();
        let (text_at, text) = match { texts }.find(|(_, cell)| *cell != TextCell::Null) {
            Some((at, TextCell::Text(text))) => (at, text),
            Some((_, TextCell::NotUtf8(bytes, at))) => {
                let detail = format!("not UTF-8 at byte {at}");
                collector.bad_record(Reason::InvalidUtf8, offset, detail, bytes)?;
                continue;
            }
            Some((_, TextCell::Null)) | None => {
                let detail = format!("`{}` is null", options.text_field.shown());
                collector.bad_record(Reason::MissingText, offset, detail, b"")?;
                continue;
            }
        };
        let scalars = mapped.scalars.each_ref().map(|columns| {
            let cells = columns.iter().map(|column| column.cell(row).text()).enumerate();
            { cells }.find_map(|(at, text)| Some((at, text?)))
        });
        let taken = |(role, at): (usize, usize)| match role {
            0 => at == text_at,
            role => scalars[role - 1].is_some_and(|(taken, _)| taken == at),
        };
        meta.clear();
        if text.len() as u64 <= options.max_record {
            for other in &mapped.others {
                if (text.len() + meta.len()) as u64 > options.max_record {
                    break;
                }
                if !other.stands_in.is_some_and(taken) {
                    push_cell(&mut meta, other.name, &other.cell, row);
                    let bytes = text.len() + meta.len();
                    // What is too long is set aside, whatever the memory.
                    if bytes as u64 <= options.max_record {
                        collector.hold.document(bytes, offset)?;
                    }
                }
            }
            if !meta.is_empty() {
                meta.push('}');
            }
        }
        if (text.len() + meta.len()) as u64 > options.max_record {
            let shown = SAMPLE_BYTES.min(options.max_record as usize).min(text.len());
            let detail = format!("longer than {} bytes", options.max_record);
            let (size, sample) = (text.len() + meta.len(), &text.as_bytes()[..shown]);
            collector.too_large(offset, size as u64, detail, sample)?;
            continue;
        }
        let [id, source, lang, url] = scalars.map(|found| found.map(|(_, text)| text));
        collector.document(&Document {
            id,
            text: Text::Plain(text),
            source,
            lang,
            url,
            meta: (!meta.is_empty()).then_some(meta.as_str()),
            offset,
        })?;
    }
    Ok(Ok(()))
}

/// A column of a batch: its name, and the place of that name among those its role may have.
struct Column<'a> {
    name: &'a str,
    /// Text (0), id, source, language or URL, and the rank of the name.
    role: Option<(usize, usize)>,
    declared: DataType,
    array: ArrayRef,
}

/// All columns, those of a stage's own identity first; texts at the end of a path are columns of their
/// own and gone from the struct that holds them.
fn columns_of<'a>(batch: &'a RecordBatch, options: &'a ReadOptions) -> Vec<Column<'a>> {
    let schema = batch.schema_ref();
    let wanted = options.fields();
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (field, array) in schema.fields().iter().zip(batch.columns()) {
        let name = field.name().as_str();
        let role =
            wanted.iter().enumerate().find_map(|(role, names)| Some((role, names.rank(name)?)));
        let array = if role.is_some() { as_text(array) } else { Arc::clone(array) };
        columns.push(Column { name, role, declared: field.data_type().clone(), array });
    }
    for (role, names) in wanted.iter().enumerate() {
        for (rank, path) in names.paths() {
            let (first, rest) = path.split_once('.').unwrap_or((path, ""));
            let held = columns.iter().rposition(|column| column.name == first);
            let Some(at) = held.filter(|_| !names.names().iter().any(|own| own == first)) else {
                continue;
            };
            let Some(found) = child(&columns[at].array, rest) else { continue };
            if role == 0 {
                columns[at].array = without(&columns[at].array, rest);
            }
            let declared = found.data_type().clone();
            let array = as_text(&found);
            columns.push(Column { name: path, role: Some((role, rank)), declared, array });
        }
    }
    let holds = |name: &str| columns.iter().any(|column| column.name == name);
    if IDENTITY.iter().all(|name| holds(name)) {
        let place = |column: &Column<'_>| {
            IDENTITY.iter().position(|name| *name == column.name).unwrap_or(IDENTITY.len())
        };
        columns.sort_by_key(place);
    }
    columns
}

/// The array at the end of a path below a struct.
fn child(array: &ArrayRef, path: &str) -> Option<ArrayRef> {
    let (first, rest) =
        path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let holder = array.as_struct_opt()?;
    let found = holder.column_by_name(first)?;
    // A null struct has null fields.
    let nulls = arrow_buffer::NullBuffer::union(holder.nulls(), found.nulls());
    let found = if holder.null_count() == 0 {
        Arc::clone(found)
    } else {
        let data = found.to_data().into_builder().nulls(nulls).build().ok()?;
        arrow_array::make_array(data)
    };
    rest.map_or(Some(Arc::clone(&found)), |rest| child(&found, rest))
}

/// A struct without the field at the end of a path.
fn without(array: &ArrayRef, path: &str) -> ArrayRef {
    let (first, rest) =
        path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let Some(holder) = array.as_struct_opt() else { return Arc::clone(array) };
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for (field, column) in holder.fields().iter().zip(holder.columns()) {
        match rest {
            None if field.name() == first => {}
            Some(rest) if field.name() == first => {
                let column = without(column, rest);
                let kind = column.data_type().clone();
                fields.push(Arc::new(field.as_ref().clone().with_data_type(kind)));
                columns.push(column);
            }
            _ => {
                fields.push(Arc::clone(field));
                columns.push(Arc::clone(column));
            }
        }
    }
    if fields.is_empty() {
        return Arc::new(StructArray::new_empty_fields(holder.len(), holder.nulls().cloned()));
    }
    match StructArray::try_new(Fields::from(fields), columns, holder.nulls().cloned()) {
        Ok(rest) => Arc::new(rest),
        Err(_) => Arc::clone(array),
    }
}

/// Scalars as text, so that ids of any type can be taken; what cannot be cast stays as it is.
fn as_text(column: &ArrayRef) -> ArrayRef {
    match column.data_type() {
        DataType::Null => Arc::new(StringArray::new_null(column.len())),
        // Written out, a dictionary or a run may take any multiple of what the file holds.
        DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Dictionary(..)
        | DataType::RunEndEncoded(..) => Arc::clone(column),
        from if from.is_nested() || from.is_binary() || !can_cast_types(from, &DataType::Utf8) => {
            Arc::clone(column)
        }
        _ => cast(column, &DataType::Utf8).unwrap_or_else(|_| Arc::clone(column)),
    }
}

fn map_columns<'a>(columns: &'a [Column<'a>], options: &ReadOptions) -> Checked<Mapped<'a>> {
    let mut roles: [Vec<(usize, &Column<'a>, TextColumn<'a>)>; 5] = [const { Vec::new() }; 5];
    let mut others = Vec::new();
    let mut unfit = None;
    let cell_of = |column: &'a Column<'a>, stands_in| {
        let cell = CellWriter::new(column.array.as_ref(), options.max_record);
        let cell = cell.map_err(TailFault::corrupt)?;
        Ok(Other { name: column.name, cell, stands_in })
    };
    for column in columns {
        let found = TextColumn::of(column.array.as_ref());
        match (column.role, found) {
            // Cast or not, the type of the file decides: a number column is no text.
            (Some((0, rank)), Some(text)) if is_text(&column.declared) => {
                roles[0].push((rank, column, text));
            }
            (Some((role @ 1.., rank)), Some(text)) if text.is_declared() => {
                roles[role].push((rank, column, text));
            }
            (role, _) => {
                if role.is_some_and(|(role, _)| role == 0) {
                    unfit = Some(column);
                }
                others.push(cell_of(column, None)?);
            }
        }
    }
    if roles[0].is_empty() {
        if let Some(Column { declared, name, .. }) = unfit {
            let detail = format!("column `{name}` is {declared}, not text");
            return Err(TailFault { kind: Reason::TextNotString, detail });
        }
        let name = options.text_field.shown();
        let names: Vec<_> = columns.iter().map(|column| column.name).collect();
        let detail = format!("no column `{name}`{HAS}{}", names.join(", "));
        return Err(TailFault { kind: Reason::MissingText, detail });
    }
    for (role, found) in roles.iter_mut().enumerate() {
        // By rank; of one name the last column counts.
        found.reverse();
        found.sort_by_key(|(rank, ..)| *rank);
        for (at, (_, column, _)) in found.iter().enumerate().skip(1) {
            others.push(cell_of(column, Some((role, at)))?);
        }
    }
    let [texts, id, source, lang, url] =
        roles.map(|found| found.into_iter().map(|(_, _, column)| column).collect());
    Ok(Mapped { texts, scalars: [id, source, lang, url], others })
}

/// Strings, and bytes that may be UTF-8.
fn is_text(declared: &DataType) -> bool {
    match declared {
        DataType::Dictionary(_, value) => is_text(value),
        DataType::FixedSizeBinary(_) => false,
        kind => kind.is_binary() || kind.is_string() || *kind == DataType::Null,
    }
}
