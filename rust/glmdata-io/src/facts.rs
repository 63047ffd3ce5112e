//! What manifests say of the files that a stage wrote, and of those it read.

use std::path::Path;

use serde_json::{Value, json};

use crate::input::InputFile;
use crate::shard::ShardFile;

/// `{path, rows, bytes, sha256}` of files below `output`.
pub fn files_json(output: &Path, files: &[ShardFile]) -> Value {
    let entry = |ShardFile { file, rows }: &ShardFile| {
        let path = file.path.strip_prefix(output).unwrap_or(&file.path);
        json!({
            "path": path.to_string_lossy(),
            "rows": rows,
            "bytes": file.bytes,
            "sha256": file.sha256,
        })
    };
    files.iter().map(entry).collect()
}

/// `{root, relative, bytes, modified_ns}`; times as strings, for some JSON readers have no such numbers.
pub fn inputs_json(files: &[InputFile]) -> Value {
    let entry = |file: &InputFile| {
        json!({
            "root": file.root,
            "relative": file.relative,
            "bytes": file.bytes,
            "modified_ns": file.modified_ns.to_string(),
        })
    };
    files.iter().map(entry).collect()
}
