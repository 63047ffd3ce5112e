//! The finished scan of one unit: its table with the band keys beside it, in memory and on disk, so that
//! a run that was interrupted does not repeat it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, FixedSizeBinaryArray, RecordBatch};
use arrow_buffer::Buffer;
use arrow_schema::{DataType, Field, Schema};
use glmdata_base::{Error, Result};
use glmdata_io::{QuarantineEvent, UnitFacts, UnitFile, UnitFileWriter, UnitSummary};

use crate::table::{Table, table_schema};

const KEYS: &str = "keys";

/// What a scan leaves of a unit, apart from its texts.
#[derive(Debug, Default)]
pub(crate) struct UnitScan {
    pub(crate) table: Table,
    /// `bands` keys a document, zero for documents that are not compared.
    pub(crate) keys: Vec<u64>,
    pub(crate) summary: UnitSummary,
    pub(crate) events: Vec<QuarantineEvent>,
}

/// Where the scan of unit number `unit` is kept.
pub(crate) fn path_of(folder: &Path, unit: usize) -> PathBuf {
    folder.join(format!("unit-{unit:06}.scan"))
}

/// Rows of a batch in the file: what is copied on the way, however large the unit is.
const ROWS: usize = 8_192;

/// Write the scan of unit number `unit`; `fingerprint` says what it belongs to.
pub(crate) fn save(folder: &Path, unit: usize, fingerprint: &str, scan: &UnitScan) -> Result<()> {
    let documents = scan.table.len();
    let bands = scan.keys.len().checked_div(documents).unwrap_or(1);
    let width = 8 * bands as i32;
    let mut fields: Vec<_> = table_schema().fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new(KEYS, DataType::FixedSizeBinary(width), false)));
    let schema = Arc::new(Schema::new(fields));
    let table = scan.table.to_batch()?;

    let mut file = UnitFileWriter::create(&path_of(folder, unit), &schema)?;
    for start in (0..documents).step_by(ROWS) {
        let rows = ROWS.min(documents - start);
        let mut columns = table.slice(start, rows).columns().to_vec();
        let keys = Buffer::from_vec(scan.keys[start * bands..(start + rows) * bands].to_vec());
        let keys = FixedSizeBinaryArray::try_new(width, keys, None).map_err(Error::internal)?;
        columns.push(Arc::new(keys) as ArrayRef);
        file.append(&RecordBatch::try_new(schema.clone(), columns).map_err(Error::internal)?)?;
    }
    file.finish(&UnitFacts {
        fingerprint: fingerprint.to_owned(),
        summary: scan.summary.clone(),
        events: scan.events.clone(),
    })
}

/// The scan of unit number `unit`.
pub(crate) fn load(folder: &Path, unit: usize, fingerprint: &str) -> Option<UnitScan> {
    let mut file = UnitFile::open(&path_of(folder, unit), fingerprint, None)?;
    let UnitFacts { summary, events, .. } = std::mem::take(&mut file.facts);
    let mut scan = UnitScan { summary, events, ..UnitScan::default() };
    for batch in file {
        let batch = batch.ok()?;
        let columns = batch.num_columns() - 1;
        append_keys(&mut scan.keys, batch.column(columns))?;
        let table = batch.project(&(0..columns).collect::<Vec<_>>()).ok()?;
        scan.table.append_batch(&table)?.ok()?;
    }
    Some(scan)
}

fn append_keys(keys: &mut Vec<u64>, column: &ArrayRef) -> Option<()> {
    let column = column.as_fixed_size_binary_opt()?;
    let bytes = column.value_data();
    keys.extend(bytes.as_chunks::<8>().0.iter().map(|key| u64::from_le_bytes(*key)));
    Some(())
}

/// Only the band keys of unit number `unit`.
pub(crate) fn load_keys(folder: &Path, unit: usize, fingerprint: &str) -> Result<Vec<u64>> {
    let path = path_of(folder, unit);
    let column = table_schema().fields().len();
    let mut keys = Vec::new();
    for batch in UnitFile::reopen(&path, fingerprint, Some(vec![column]))? {
        append_keys(&mut keys, batch?.column(0))
            .ok_or_else(|| Error::corrupt(&path, "its last column holds no keys"))?;
    }
    Ok(keys)
}
