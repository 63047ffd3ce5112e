//! JSON lines in zstd frames: `id`, `text`, `source`, `lang`, `url`, then the fields of `meta`.
//!
//! Other columns (`doc`, `origin`) follow from the file and row and are not written.

use std::io::Write;
use std::path::Path;

use arrow_array::RecordBatch;
use glmdata_base::{AtomicFile, Error, Result, WrittenFile};

use crate::json::{Entry, Marks, scan_object, unescape};
use crate::strings::Strings;

const ZSTD_LEVEL: i32 = 3;
/// Columns that become fields of their own, in this order; nulls are left out.
const COLUMNS: [&str; 5] = ["id", "text", "source", "lang", "url"];

pub(super) fn encode(batch: &RecordBatch) -> Result<Vec<u8>> {
    let mut columns = Vec::with_capacity(COLUMNS.len());
    for name in COLUMNS {
        if let Some(column) = batch.column_by_name(name) {
            let strings = Strings::of(column.as_ref()).ok_or_else(|| {
                Error::internal(format!("column {name} is {}, not text", column.data_type()))
            })?;
            columns.push((name, strings));
        }
    }
    let meta = batch.column_by_name("meta").and_then(|column| Strings::of(column.as_ref()));
    let mut fields = Vec::new();
    let mut lines = Vec::new();
    for row in 0..batch.num_rows() {
        let start = lines.len();
        for (name, column) in &columns {
            if let Some(value) = column.value(row) {
                field(&mut lines, start, name)?;
                string(&mut lines, value)?;
            }
        }
        if let Some(object) = meta.and_then(|meta| meta.value(row)) {
            splice(&mut lines, start, object, &mut fields)?;
        }
        if lines.len() == start {
            lines.push(b'{');
        }
        lines.extend_from_slice(b"}\n");
    }
    zstd::bulk::compress(&lines, ZSTD_LEVEL)
        .map_err(|e| Error::internal(format!("compressing {} bytes: {e}", lines.len())))
}

/// Begin a field of the object that begins at `start`.
fn field(lines: &mut Vec<u8>, start: usize, name: &str) -> Result<()> {
    lines.push(if lines.len() == start { b'{' } else { b',' });
    string(lines, name)?;
    lines.push(b':');
    Ok(())
}

fn string(lines: &mut Vec<u8>, value: &str) -> Result<()> {
    serde_json::to_writer(lines, value).map_err(Error::internal)
}

/// Append the fields of `meta` with their values as spelled.
///
/// A field named like one of ours (possible when `--text-field` maps another one to `text`) would
/// shadow it for the next reader; it becomes `input.<name>`.
fn splice(lines: &mut Vec<u8>, start: usize, meta: &str, fields: &mut Vec<Entry>) -> Result<()> {
    let mut marks = Marks::default();
    marks.fill(meta.as_bytes());
    scan_object(meta, &marks, 0, fields).map_err(|fault| {
        Error::internal(format!("meta is no JSON object: {} at byte {}", fault.what, fault.at))
    })?;
    for entry in fields {
        let mut key = String::new();
        unescape(&meta[entry.key.clone()], |piece| key.push_str(piece))
            .ok_or_else(|| Error::internal("a checked key could not be unescaped"))?;
        if COLUMNS.contains(&key.as_str()) {
            key.insert_str(0, "input.");
        }
        field(lines, start, &key)?;
        lines.extend_from_slice(&meta.as_bytes()[entry.value.clone()]);
    }
    Ok(())
}

/// A compressed JSONL file under construction.
#[derive(Debug)]
pub(super) struct JsonlShard {
    file: AtomicFile,
    empty: bool,
}

impl JsonlShard {
    pub(super) fn create(target: &Path) -> Result<Self> {
        Ok(Self { file: AtomicFile::create(target)?, empty: true })
    }

    pub(super) fn append(&mut self, frame: &[u8]) -> Result<()> {
        self.empty = false;
        let written = self.file.write_all(frame);
        written.map_err(|e| Error::storage("write", self.file.target(), e))
    }

    /// Without any batch the file is one empty frame, which `zstd -d` accepts; no bytes at all it
    /// would not.
    pub(super) fn finish(mut self) -> Result<WrittenFile> {
        if self.empty {
            let frame = zstd::bulk::compress(b"", ZSTD_LEVEL).map_err(Error::internal)?;
            self.append(&frame)?;
        }
        self.file.commit()
    }
}
