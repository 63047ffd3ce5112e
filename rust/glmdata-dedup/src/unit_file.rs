//! The finished scan of one unit on disk, so that a run that was interrupted does not repeat it.
//!
//! A file is an Arrow IPC stream and 16 bytes of checksum: the table of the unit with the band keys
//! beside it, what was read and what was quarantined as JSON in the schema's metadata. It is not
//! fsynced: a file that a power cut tore fails its checksum and the unit is scanned again.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, FixedSizeBinaryArray, RecordBatch};
use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema};
use glmdata_base::{Error, Result};
use glmdata_io::{QuarantineEvent, UnitSummary};
use xxhash_rust::xxh3::Xxh3;

use crate::table::{Table, table_schema};

const KEYS: &str = "keys";
const FINGERPRINT: &str = "fingerprint";

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

/// Rows of a batch in the file: what is copied on the way, however large the unit is.
const ROWS: usize = 8_192;

/// Write the scan of unit number `unit`; `fingerprint` says what it belongs to.
pub(crate) fn save(folder: &Path, unit: usize, fingerprint: &str, scan: &UnitScan) -> Result<()> {
    let documents = scan.table.len();
    let bands = scan.keys.len().checked_div(documents).unwrap_or(1);
    let width = 8 * bands as i32;
    let facts = serde_json::to_string(&(&scan.summary, &scan.events)).map_err(Error::internal)?;
    let mut fields: Vec<_> = table_schema().fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new(KEYS, DataType::FixedSizeBinary(width), false)));
    let metadata = HashMap::from([
        (FINGERPRINT.to_owned(), fingerprint.to_owned()),
        ("facts".to_owned(), facts),
    ]);
    let schema = Arc::new(Schema::new(fields).with_metadata(metadata));
    let table = scan.table.to_batch()?;

    let path = path_of(folder, unit);
    let temporary = path.with_extension("tmp");
    let failed = |e| Error::storage("write", &temporary, e);
    let file = File::create(&temporary).map_err(failed)?;
    let out = Hashed { inner: BufWriter::new(file), hash: Xxh3::new() };
    let mut stream = StreamWriter::try_new(out, &schema).map_err(Error::internal)?;
    for start in (0..documents).step_by(ROWS) {
        let rows = ROWS.min(documents - start);
        let mut columns = table.slice(start, rows).columns().to_vec();
        let keys = Buffer::from_vec(scan.keys[start * bands..(start + rows) * bands].to_vec());
        let keys = FixedSizeBinaryArray::try_new(width, keys, None).map_err(Error::internal)?;
        columns.push(Arc::new(keys) as ArrayRef);
        let batch = RecordBatch::try_new(schema.clone(), columns).map_err(Error::internal)?;
        stream.write(&batch).map_err(Error::internal)?;
    }
    let Hashed { mut inner, hash } = stream.into_inner().map_err(Error::internal)?;
    inner
        .write_all(&hash.digest128().to_le_bytes())
        .and_then(|()| inner.flush())
        .map_err(failed)?;
    std::fs::rename(&temporary, &path).map_err(|e| Error::storage("rename", &path, e))
}

/// Hashes what is written through it.
struct Hashed<W> {
    inner: W,
    hash: Xxh3,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.hash.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Whether the file ends with the hash of what is in front of it.
fn is_whole(file: &mut File) -> Option<()> {
    let mut left = file.metadata().ok()?.len().checked_sub(16)?;
    let (mut hash, mut buffer) = (Xxh3::new(), vec![0; 1 << 18]);
    while left > 0 {
        let step = buffer.len().min(left as usize);
        file.read_exact(&mut buffer[..step]).ok()?;
        hash.update(&buffer[..step]);
        left -= step as u64;
    }
    let mut checksum = [0; 16];
    file.read_exact(&mut checksum).ok()?;
    file.rewind().ok()?;
    (u128::from_le_bytes(checksum) == hash.digest128()).then_some(())
}

/// The batches of unit number `unit` if its file is there, whole, and of the same `fingerprint`.
fn open(
    folder: &Path,
    unit: usize,
    fingerprint: &str,
    columns: Option<Vec<usize>>,
) -> Option<StreamReader<BufReader<File>>> {
    let mut file = File::open(path_of(folder, unit)).ok()?;
    is_whole(&mut file)?;
    let reader = StreamReader::try_new(BufReader::new(file), columns).ok()?;
    let found = reader.schema().metadata().get(FINGERPRINT).cloned();
    (found.as_deref() == Some(fingerprint)).then_some(reader)
}

/// The scan of unit number `unit`.
pub(crate) fn load(folder: &Path, unit: usize, fingerprint: &str) -> Option<UnitScan> {
    let reader = open(folder, unit, fingerprint, None)?;
    let (summary, events) = serde_json::from_str(reader.schema().metadata().get("facts")?).ok()?;
    let mut scan = UnitScan { summary, events, ..UnitScan::default() };
    for batch in reader {
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
    let column = table_schema().fields().len();
    let read = || {
        let mut keys = Vec::new();
        for batch in open(folder, unit, fingerprint, Some(vec![column]))? {
            append_keys(&mut keys, batch.ok()?.column(0))?;
        }
        Some(keys)
    };
    read().ok_or_else(|| Error::corrupt(&path_of(folder, unit), "changed since it was written"))
}
