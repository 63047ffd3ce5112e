//! The finished scan of one unit on disk, so that a run that was interrupted does not repeat it.
//!
//! A file is 16 bytes of checksum and an Arrow IPC stream: the table of the unit with the band keys
//! beside it, what was read and what was quarantined as JSON in the schema's metadata. It is not
//! fsynced: a file that a power cut tore fails its checksum and the unit is scanned again.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, FixedSizeBinaryArray, RecordBatch};
use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema};
use glmdata_base::{Error, Result, hash128};
use glmdata_io::{QuarantineEvent, UnitSummary};

use crate::table::{Table, table_schema};

/// What a scan leaves of a unit, apart from its texts.
#[derive(Debug, Default)]
pub(crate) struct UnitScan {
    pub(crate) table: Table,
    /// `bands` keys a document, zero for documents that are not compared.
    pub(crate) keys: Vec<u64>,
    pub(crate) summary: UnitSummary,
    pub(crate) events: Vec<QuarantineEvent>,
}

fn path_of(folder: &Path, unit: usize) -> PathBuf {
    folder.join(format!("unit-{unit:06}.scan"))
}

/// Write the scan of unit number `unit`; `fingerprint` says what it belongs to.
pub(crate) fn save(folder: &Path, unit: usize, fingerprint: &str, scan: &UnitScan) -> Result<()> {
    let documents = scan.table.len();
    let width = 8 * scan.keys.len().checked_div(documents).unwrap_or(1);
    let keys = Buffer::from_vec(scan.keys.clone());
    let keys = FixedSizeBinaryArray::try_new(width as i32, keys, None).map_err(Error::internal)?;
    let facts = serde_json::to_string(&(&scan.summary, &scan.events)).map_err(Error::internal)?;
    let mut fields: Vec<_> = table_schema().fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new("keys", DataType::FixedSizeBinary(width as i32), false)));
    let metadata = HashMap::from([
        ("fingerprint".to_owned(), fingerprint.to_owned()),
        ("facts".to_owned(), facts),
    ]);
    let schema = Arc::new(Schema::new(fields).with_metadata(metadata));
    let mut columns = scan.table.to_batch()?.columns().to_vec();
    columns.push(Arc::new(keys) as ArrayRef);
    let batch = RecordBatch::try_new(schema.clone(), columns).map_err(Error::internal)?;
    let mut stream = StreamWriter::try_new(Vec::new(), &schema).map_err(Error::internal)?;
    stream.write(&batch).map_err(Error::internal)?;
    let bytes = stream.into_inner().map_err(Error::internal)?;

    let path = path_of(folder, unit);
    let temporary = path.with_extension("tmp");
    std::fs::File::create(&temporary)
        .and_then(|mut file| {
            file.write_all(&hash128(&bytes).to_le_bytes())?;
            file.write_all(&bytes)
        })
        .map_err(|e| Error::storage("write", &temporary, e))?;
    std::fs::rename(&temporary, &path).map_err(|e| Error::storage("rename", &path, e))
}

/// The scan of unit number `unit` if it is there, whole, and of the same `fingerprint`.
pub(crate) fn load(folder: &Path, unit: usize, fingerprint: &str) -> Option<UnitScan> {
    let file = std::fs::read(path_of(folder, unit)).ok()?;
    let (checksum, bytes) = file.split_first_chunk::<16>()?;
    if u128::from_le_bytes(*checksum) != hash128(bytes) {
        return None;
    }
    let mut reader = StreamReader::try_new(bytes, None).ok()?;
    let batch = reader.next()?.ok()?;
    let schema = batch.schema();
    if schema.metadata().get("fingerprint").map(String::as_str) != Some(fingerprint) {
        return None;
    }
    let (summary, events) = serde_json::from_str(schema.metadata().get("facts")?).ok()?;
    let columns = batch.num_columns() - 1;
    let keys = batch.column(columns).as_fixed_size_binary_opt()?;
    let keys = keys.value_data().as_chunks::<8>().0.iter().map(|key| u64::from_le_bytes(*key));
    let mut scan = UnitScan { summary, events, keys: keys.collect(), ..UnitScan::default() };
    let table = batch.project(&(0..columns).collect::<Vec<_>>()).ok()?;
    scan.table.append_batch(&table)?.ok()?;
    Some(scan)
}

/// Only the band keys of unit number `unit`.
pub(crate) fn load_keys(folder: &Path, unit: usize, fingerprint: &str) -> Result<Vec<u64>> {
    let scan = load(folder, unit, fingerprint);
    scan.map(|scan| scan.keys)
        .ok_or_else(|| Error::corrupt(&path_of(folder, unit), "changed since it was written"))
}
