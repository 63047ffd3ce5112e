//! Parquet files: pages are looked at before they are decoded, and texts stay where they lie in them.

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_schema::{DataType, Field, Fields, Schema};
use bytes::Bytes;
use glmdata_base::{Error, Result};
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, Length};

use crate::blocks::UnitHold;
use crate::columnar::{Batches, Opened};
use crate::decode::{Stop, TailFault};
use crate::delivery::Delivered;

/// Bytes that a batch of rows should decode to. Not `batch_bytes`: how much is kept before
/// a damaged page depends on it, and `batch_bytes` must not change what is kept.
const DECODE_BYTES: u64 = 4 << 20;
const MAX_BATCH_ROWS: u64 = 8192;
const MAGIC: &[u8; 4] = b"PAR1";
/// The least that the head of a page takes, type and both sizes.
const PAGE_HEAD: usize = 32;

/// The batches of a file.
pub(crate) fn open_parquet(
    source: Delivered,
    hold: &UnitHold,
) -> std::result::Result<Opened, Stop> {
    let corrupt = |e: ParquetError| Stop::Damage(TailFault::corrupt(e));
    let held = Arc::new(Mutex::new(Held { hold: hold.clone(), refused: None }));
    let pages = Pages { source: source.clone(), held: Arc::clone(&held) };
    let plain = ParquetRecordBatchReaderBuilder::try_new(pages.clone()).map_err(corrupt)?;
    // As views: a dictionary of a few long texts and many rows of keys is not written out.
    let views = Schema::new(fields_as_views(plain.schema().fields()));
    let options = ArrowReaderOptions::new().with_schema(Arc::new(views));
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(pages, options);
    let builder = match builder {
        Ok(builder) => builder,
        // A type that cannot be had as views is read as it is.
        Err(_) => plain,
    };
    refuse_two_files(builder.metadata(), source)?;
    let groups = builder.metadata().row_groups();
    let bytes: u64 = groups.iter().map(|group| group.total_byte_size().max(0) as u64).sum();
    let rows: u64 = groups.iter().map(|group| group.num_rows().max(0) as u64).sum();
    let bytes_a_row = bytes.checked_div(rows).unwrap_or(0).max(1);
    let batch_rows = (DECODE_BYTES / bytes_a_row).clamp(1, MAX_BATCH_ROWS) as usize;
    let reader = builder.with_batch_size(batch_rows).build().map_err(corrupt)?;
    let batches: Batches = Box::new(reader.map(move |batch| {
        batch.map_err(|e| {
            match held.lock().unwrap_or_else(PoisonError::into_inner).refused.take() {
                Some(error) => Stop::Error(error),
                None => Stop::Damage(TailFault::corrupt(e)),
            }
        })
    }));
    Ok(Opened { batches, rows: Some(rows), lost: None })
}

/// Of two files behind one another the footer tells of the second alone, and its places lie in the first.
fn refuse_two_files(
    metadata: &ParquetMetaData,
    mut source: Delivered,
) -> std::result::Result<(), Stop> {
    let ends =
        metadata.row_groups().iter().flat_map(RowGroupMetaData::columns).flat_map(|column| {
            let (start, length) = column.byte_range();
            let indexes = [
                (column.column_index_offset(), column.column_index_length()),
                (column.offset_index_offset(), column.offset_index_length()),
                (column.bloom_filter_offset(), column.bloom_filter_length()),
            ];
            let end = |(at, length): (Option<i64>, Option<i32>)| {
                let (at, length) = (u64::try_from(at?).ok()?, u64::try_from(length?).ok()?);
                Some(at.saturating_add(length))
            };
            let data = start.saturating_add(length);
            indexes.into_iter().filter_map(end).chain([data]).collect::<Vec<u64>>()
        });
    let mut tail = [0; 8];
    let Some(tail_at) = source.size().checked_sub(8) else { return Ok(()) };
    let fail = |e| Stop::Damage(TailFault::corrupt(e));
    source
        .seek(SeekFrom::Start(tail_at))
        .and_then(|_| source.read_exact(&mut tail))
        .map_err(fail)?;
    let footer = u64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]));
    let first =
        ends.max().and_then(|end| tail_at.checked_sub(footer)?.checked_sub(end)).unwrap_or(0);
    if first < MAGIC.len() as u64 {
        return Ok(());
    }
    let mut magic = [0; 4];
    source
        .seek(SeekFrom::Start(first))
        .and_then(|_| source.read_exact(&mut magic))
        .map_err(fail)?;
    if magic == *MAGIC {
        let detail = format!("two files behind one another, the first of {first} bytes");
        return Err(TailFault::corrupt(detail).into());
    }
    Ok(())
}

fn fields_as_views(fields: &Fields) -> Fields {
    fields.iter().map(|field| Arc::new(as_view(field))).collect()
}

fn as_view(field: &Field) -> Field {
    let kind = match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
        DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
        DataType::Dictionary(_, value) => match value.as_ref() {
            DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
            _ => field.data_type().clone(),
        },
        DataType::Struct(fields) => DataType::Struct(fields_as_views(fields)),
        DataType::List(item) => DataType::List(Arc::new(as_view(item))),
        DataType::LargeList(item) => DataType::LargeList(Arc::new(as_view(item))),
        kind => kind.clone(),
    };
    field.clone().with_data_type(kind)
}

/// Memory for the largest page so far, and why a larger one was not read.
#[derive(Debug)]
struct Held {
    hold: UnitHold,
    refused: Option<Error>,
}

/// A file whose pages are charged before they are read.
#[derive(Clone)]
struct Pages {
    source: Delivered,
    held: Arc<Mutex<Held>>,
}

impl Pages {
    fn charge(&self, bytes: u64) -> ParquetResult<()> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.hold.block(bytes).map_err(|error| {
            let shown = error.to_string();
            held.refused = Some(error);
            ParquetError::General(shown)
        })
    }
}

impl Length for Pages {
    fn len(&self) -> u64 {
        self.source.size()
    }
}

impl ChunkReader for Pages {
    type T = BufReader<Delivered>;

    /// The decoder asks so for the head of each page.
    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        let mut reader = BufReader::with_capacity(1 << 13, self.source.from(start));
        let mut head = [0; PAGE_HEAD];
        let mut read = 0;
        while read < head.len() {
            match reader.read(&mut head[read..])? {
                0 => break,
                more => read += more,
            }
        }
        if let Some(bytes) = page_bytes(&head[..read]) {
            self.charge(bytes)?;
        }
        reader.seek(SeekFrom::Start(start))?;
        Ok(reader)
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        if start.saturating_add(length as u64) > self.source.size() {
            return Err(ParquetError::EOF(format!("{length} bytes at byte {start}")));
        }
        self.charge(length as u64)?;
        let mut bytes = vec![0; length];
        self.source.from(start).read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// What a page takes, packed and unpacked, by the first fields of its head (Thrift's compact form: type,
/// size unpacked and size packed are fields 1 to 3, all i32); `None` for something else.
fn page_bytes(head: &[u8]) -> Option<u64> {
    let mut at = 0;
    let mut field = || {
        // Next field, of type i32.
        if *head.get(at)? != 0x15 {
            return None;
        }
        at += 1;
        let (mut value, mut shift) = (0_u64, 0);
        loop {
            let byte = *head.get(at)?;
            at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value >> 1);
            }
            shift += 7;
            if shift > 35 {
                return None;
            }
        }
    };
    let _kind = field()?;
    Some(field()? + field()?)
}

/// Fails if the system, or the limit of memory, stopped a decoder that says something else.
pub(crate) fn by_owner(source: &Delivered, stop: Stop) -> Result<TailFault> {
    source.failure().check(source.path())?;
    match stop {
        Stop::Error(error) => Err(error),
        Stop::Damage(fault) => Ok(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_page_tells_its_size() {
        // Type 0, 300 bytes unpacked, 150 packed, in zigzag form.
        assert_eq!(page_bytes(&[0x15, 0, 0x15, 0xd8, 0x04, 0x15, 0xac, 0x02, 0x2c]), Some(450));
        assert_eq!(page_bytes(&[0x15, 0, 0x15, 0xd8]), None);
        assert_eq!(page_bytes(b"PAR1"), None);
    }
}
