//! Units of work: which bytes of which file one worker reads at a time.
//!
//! Cut by file sizes only, so that the units, and everything that is numbered by them, are the
//! same for any number of threads.

use crate::input::{Compression, Format, InputFile};

/// A stretch of one input file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Index into the list of files.
    pub file: usize,
    /// First byte. For everything but uncompressed JSONL: 0.
    pub start: u64,
    /// One past the last byte. For everything but uncompressed JSONL: the size of the file.
    pub end: u64,
}

/// Size of a unit of uncompressed JSONL.
///
/// Large enough that finding the first line costs nothing, small enough that a resume redoes
/// little and that the last units of a run keep all cores busy.
pub const UNIT_BYTES: u64 = 8 << 20;

/// Cut `files` into units, in canonical order: by file, then by byte.
///
/// Only uncompressed JSONL is cut. A record belongs to the unit in which its first byte lies.
/// Parquet and Arrow files are one unit each: the size of a file does not tell its row groups.
pub fn plan_units(files: &[InputFile]) -> Vec<Unit> {
    plan_units_of(files, UNIT_BYTES)
}

fn plan_units_of(files: &[InputFile], unit_bytes: u64) -> Vec<Unit> {
    let mut units = Vec::with_capacity(files.len());
    for (file, input) in files.iter().enumerate() {
        // What is checked against a hash is read as a whole.
        let whole = input.format != Format::Jsonl
            || input.compression != Compression::None
            || input.vouched.is_some();
        let step = if whole { input.bytes.max(1) } else { unit_bytes.max(1) };
        let mut start = 0;
        while start < input.bytes {
            let end = start.saturating_add(step).min(input.bytes);
            units.push(Unit { file, start, end });
            start = end;
        }
    }
    units
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn file(format: Format, compression: Compression, bytes: u64) -> InputFile {
        InputFile {
            root: "r".into(),
            relative: "f".into(),
            path: PathBuf::from("f"),
            format,
            compression,
            bytes,
            modified_ns: 0,
            vouched: None,
        }
    }

    #[test]
    fn only_plain_jsonl_is_cut() {
        let files = [
            file(Format::Jsonl, Compression::None, 25),
            file(Format::Jsonl, Compression::Gzip, 25),
            file(Format::Parquet, Compression::None, 25),
            file(Format::Jsonl, Compression::None, 0),
            file(Format::Jsonl, Compression::None, 10),
        ];
        let found: Vec<_> =
            plan_units_of(&files, 10).into_iter().map(|u| (u.file, u.start, u.end)).collect();
        assert_eq!(
            found,
            [(0, 0, 10), (0, 10, 20), (0, 20, 25), (1, 0, 25), (2, 0, 25), (4, 0, 10)]
        );
    }
}
