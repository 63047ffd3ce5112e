//! The scores of one unit on disk: what an interrupted run does not measure again.
//!
//! 16 bytes of checksum and an Arrow IPC stream; what was read and quarantined stands as JSON in the
//! schema's metadata. Not fsynced: a torn file fails its checksum and its unit is measured again.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{Schema, SchemaRef};
use glmdata_base::{Error, Result, hash128};
use glmdata_io::{QuarantineEvent, UnitSummary};
use serde::{Deserialize, Serialize};

/// What is known of a unit besides its scores.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct UnitFacts {
    pub(crate) summary: UnitSummary,
    pub(crate) events: Vec<QuarantineEvent>,
}

fn path_of(folder: &Path, unit: usize) -> PathBuf {
    folder.join(format!("unit-{unit:06}.scores"))
}

/// Write the scores of unit number `unit`; `fingerprint` says what they belong to.
pub(crate) fn save(
    folder: &Path,
    unit: usize,
    fingerprint: &str,
    facts: &UnitFacts,
    schema: &SchemaRef,
    batches: &[RecordBatch],
) -> Result<()> {
    let facts = serde_json::to_string(facts).map_err(Error::internal)?;
    let metadata = HashMap::from([
        ("fingerprint".to_owned(), fingerprint.to_owned()),
        ("facts".to_owned(), facts),
    ]);
    let schema = Arc::new(Schema::new(schema.fields().clone()).with_metadata(metadata));
    let mut stream = StreamWriter::try_new(Vec::new(), &schema).map_err(Error::internal)?;
    for batch in batches {
        stream.write(batch).map_err(Error::internal)?;
    }
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

/// Facts and scores of unit number `unit`, if they are there, whole, and of this `fingerprint`.
pub(crate) fn load(
    folder: &Path,
    unit: usize,
    fingerprint: &str,
) -> Option<(UnitFacts, Vec<RecordBatch>)> {
    let file = std::fs::read(path_of(folder, unit)).ok()?;
    let (checksum, bytes) = file.split_first_chunk::<16>()?;
    if u128::from_le_bytes(*checksum) != hash128(bytes) {
        return None;
    }
    let reader = StreamReader::try_new(bytes, None).ok()?;
    let schema = reader.schema();
    if schema.metadata().get("fingerprint").map(String::as_str) != Some(fingerprint) {
        return None;
    }
    let facts = serde_json::from_str(schema.metadata().get("facts")?).ok()?;
    Some((facts, reader.collect::<std::result::Result<_, _>>().ok()?))
}

/// The same where they must be there.
pub(crate) fn reload(
    folder: &Path,
    unit: usize,
    fingerprint: &str,
) -> Result<(UnitFacts, Vec<RecordBatch>)> {
    load(folder, unit, fingerprint)
        .ok_or_else(|| Error::corrupt(&path_of(folder, unit), "changed since it was written"))
}
