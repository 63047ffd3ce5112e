//! The scan of one unit: its table with the band keys beside it, in memory and on disk, so that a run
//! that was interrupted does not repeat it.
//!
//! It goes to the disk while it is made. A table must stay in memory; band keys take three times as
//! much and are read again where there is no room for them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use arrow_array::{ArrayRef, FixedSizeBinaryArray, RecordBatch};
use arrow_buffer::Buffer;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use glmdata_base::{Error, MemoryBudget, Reservation, Result};
use glmdata_io::{QuarantineEvent, UnitFacts, UnitFile, UnitFileWriter, UnitSummary};

use crate::kept_keys::KeptKeys;
use crate::table::{Table, table_schema};

const KEYS: &str = "keys";

/// Place of the column that tells which documents have keys.
const SHINGLES: usize = 3;

/// Rows of a batch in the file: what waits to be written, however large the unit is.
const ROWS: usize = 8_192;

/// What is said to need memory.
const TABLE: &str = "the table of documents";

/// What a scan leaves of a unit, apart from its texts.
#[derive(Debug)]
pub(crate) struct UnitScan {
    pub(crate) table: Table,
    pub(crate) summary: UnitSummary,
    pub(crate) events: Vec<QuarantineEvent>,
    /// For table and events.
    pub(crate) held: Reservation,
}

/// A scan that is being made.
pub(crate) struct Scanning<'a> {
    pub(crate) table: Table,
    /// Band keys of the documents that are not written yet.
    pub(crate) fresh: Vec<u64>,
    events: Vec<QuarantineEvent>,
    event_bytes: u64,
    unit: usize,
    kept: &'a KeptKeys,
    held: Reservation,
    bands: usize,
    written: usize,
    schema: SchemaRef,
    file: UnitFileWriter,
}

impl<'a> Scanning<'a> {
    /// The scan of unit number `unit` with so many bands, charged to `budget`.
    pub(crate) fn create(
        folder: &Path,
        unit: usize,
        bands: usize,
        budget: &MemoryBudget,
        kept: &'a KeptKeys,
    ) -> Result<Self> {
        let mut fields: Vec<_> = table_schema().fields().iter().cloned().collect();
        let kind = DataType::FixedSizeBinary(8 * bands as i32);
        fields.push(Arc::new(Field::new(KEYS, kind, false)));
        let schema = Arc::new(Schema::new(fields));
        let file = UnitFileWriter::create(&path_of(folder, unit), &schema)?;
        Ok(Self {
            table: Table::default(),
            fresh: Vec::new(),
            events: Vec::new(),
            event_bytes: 0,
            unit,
            kept,
            held: budget.nothing(),
            bands,
            written: 0,
            schema,
            file,
        })
    }

    /// Charge for what was added, and write it once it is enough for a batch.
    pub(crate) fn settle(&mut self) -> Result<()> {
        charge(&mut self.held, self.table.memory() + self.event_bytes, self.kept)?;
        while self.table.len() - self.written >= ROWS {
            self.write(ROWS)?;
        }
        Ok(())
    }

    /// Something could not be read.
    pub(crate) fn note(&mut self, event: QuarantineEvent) -> Result<()> {
        self.event_bytes += event.memory();
        self.events.push(event);
        if self.events.len().is_multiple_of(ROWS) { self.settle() } else { Ok(()) }
    }

    fn write(&mut self, rows: usize) -> Result<()> {
        let range = self.written..self.written + rows;
        let mut columns = self.table.to_batch(range.clone())?.columns().to_vec();
        // In the file every document has keys; zeros if it is not compared.
        let mut keys = Vec::with_capacity(rows * self.bands);
        let mut fresh = self.fresh.chunks_exact(self.bands);
        for &shingles in &self.table.shingles[range] {
            match (shingles != 0).then(|| fresh.next()).flatten() {
                Some(own) => keys.extend_from_slice(own),
                None => keys.resize(keys.len() + self.bands, 0),
            }
        }
        let taken = self.fresh.len() - fresh.len() * self.bands;
        let keys = Buffer::from_vec(keys);
        let keys = FixedSizeBinaryArray::try_new(8 * self.bands as i32, keys, None);
        columns.push(Arc::new(keys.map_err(Error::internal)?) as ArrayRef);
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns);
        self.file.append(&batch.map_err(Error::internal)?)?;
        self.kept.add(self.unit, &self.fresh[..taken]);
        self.fresh.drain(..taken);
        self.written += rows;
        Ok(())
    }

    /// Write what is left; `fingerprint` says what the scan belongs to.
    pub(crate) fn finish(mut self, fingerprint: &str, summary: UnitSummary) -> Result<UnitScan> {
        self.settle()?;
        if self.table.len() > self.written {
            self.write(self.table.len() - self.written)?;
        }
        let Self { table, events, held, file, .. } = self;
        let facts = UnitFacts { fingerprint: fingerprint.to_owned(), summary, events };
        file.finish(&facts)?;
        let UnitFacts { summary, events, .. } = facts;
        Ok(UnitScan { table, summary, events, held })
    }
}

/// Where the scan of unit number `unit` is kept.
pub(crate) fn path_of(folder: &Path, unit: usize) -> PathBuf {
    folder.join(format!("unit-{unit:06}.scan"))
}

fn charge(held: &mut Reservation, bytes: u64, kept: &KeptKeys) -> Result<()> {
    if kept.give_way(held, bytes) { Ok(()) } else { held.resize(bytes, TABLE) }
}

/// A scan that is on the disk already.
pub(crate) struct Stored<'a> {
    pub(crate) folder: &'a Path,
    /// Its number there.
    pub(crate) number: usize,
    pub(crate) fingerprint: &'a str,
}

/// The scan of unit number `unit` of the run, charged to `budget`, its keys to `kept`; `None` if it is not
/// there.
///
/// # Errors
/// [`Error::Budget`] if there is no room for its table.
pub(crate) fn load(
    Stored { folder, number, fingerprint }: Stored<'_>,
    unit: usize,
    budget: &MemoryBudget,
    kept: &KeptKeys,
) -> Result<Option<UnitScan>> {
    let Some(mut file) = UnitFile::open(&path_of(folder, number), fingerprint, None) else {
        return Ok(None);
    };
    let UnitFacts { summary, events, .. } = std::mem::take(&mut file.facts);
    let event_bytes: u64 = events.iter().map(QuarantineEvent::memory).sum();
    let (mut table, mut held) = (Table::default(), budget.nothing());
    let mut keys = Vec::new();
    for batch in file {
        let Ok(batch) = batch else { return Ok(None) };
        let columns = batch.num_columns() - 1;
        let Some(more) = keys_of(batch.column(SHINGLES), batch.column(columns)) else {
            return Ok(None);
        };
        keys.extend(more);
        let rows = batch.project(&(0..columns).collect::<Vec<_>>()).map_err(Error::internal)?;
        let Some(Ok(())) = table.append_batch(&rows) else { return Ok(None) };
        charge(&mut held, table.memory() + event_bytes, kept)?;
    }
    // Those of a damaged file must not stay.
    kept.add(unit, &keys);
    Ok(Some(UnitScan { table, summary, events, held }))
}

/// The keys of the documents that are compared.
fn keys_of(shingles: &ArrayRef, keys: &ArrayRef) -> Option<Vec<u64>> {
    let shingles = shingles.as_primitive_opt::<UInt32Type>()?;
    let keys = keys.as_fixed_size_binary_opt()?;
    let mut found = Vec::new();
    for (row, _) in shingles.values().iter().enumerate().filter(|(_, shingles)| **shingles != 0) {
        let own = keys.value(row).as_chunks::<8>().0;
        found.extend(own.iter().map(|key| u64::from_le_bytes(*key)));
    }
    Some(found)
}

/// Only the band keys of unit number `unit`.
pub(crate) fn load_keys(folder: &Path, unit: usize, fingerprint: &str) -> Result<Vec<u64>> {
    let path = path_of(folder, unit);
    let column = table_schema().fields().len();
    let mut keys = Vec::new();
    for batch in UnitFile::reopen(&path, fingerprint, Some(vec![SHINGLES, column]))? {
        let batch = batch?;
        let more = keys_of(batch.column(0), batch.column(1));
        keys.extend(more.ok_or_else(|| Error::corrupt(&path, "its last column holds no keys"))?);
    }
    Ok(keys)
}
