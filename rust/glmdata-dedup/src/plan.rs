//! What a run would take, guessed from names and sizes alone.

use std::path::PathBuf;

use glmdata_base::Result;
use glmdata_io::{Compression, Format, InputFile, discover, plan_units};
use serde_json::{Value, json};

use crate::options::Options;

/// Bytes of text behind a byte of file, about: web text under gzip, zstd and Parquet's zstd.
fn expansion(format: Format, compression: Compression) -> u64 {
    match (compression, format) {
        (Compression::Gzip | Compression::Lz4, _) | (Compression::None, Format::Parquet) => 3,
        (Compression::Zstd | Compression::Bzip2 | Compression::Xz, _) => 4,
        (Compression::None, _) => 1,
    }
}

/// Bytes of text in `files`, about.
pub(crate) fn expected_text(files: &[InputFile]) -> u64 {
    files.iter().map(|file| file.bytes * expansion(file.format, file.compression)).sum()
}

/// The mean length of a crawled document, for guesses.
const DOCUMENT_BYTES: u64 = 4_000;

/// Files, bytes, units, and what they are expected to need.
pub fn plan(inputs: &[PathBuf], options: &Options) -> Result<Value> {
    options.check()?;
    let found = discover(inputs, &options.read)?.refuse_nothing()?;
    let bytes: u64 = found.files.iter().map(|file| file.bytes).sum();
    let text = expected_text(&found.files);
    let documents = text / DOCUMENT_BYTES;
    // The table and the band keys stay; texts and shingle sets go to disk when memory is short.
    let least = 64 * (1 << 20) + documents * (150 + 8 * options.banding.bands as u64);
    let spool = text / 3;
    Ok(json!({
        "files": found.files.len(),
        "bytes": bytes,
        "units": plan_units(&found.files).len(),
        "expected_documents": documents,
        "expected_text_bytes": text,
        "expected_memory_bytes": least + text * 5 / 2,
        "least_memory_bytes": least,
        "expected_disk_bytes": text / 3 + spool,
        "quarantined_files": found.events.len(),
        "notes": found.notes,
    }))
}
