//! What one input file is: where it lies, how it is packed, how big it is.
//!
//! [`discover`](crate::discover) makes these, [`plan_units`](crate::plan_units) cuts them into
//! work, [`read_unit`](crate::read_unit) reads them.

use std::path::PathBuf;

/// How the records of a file are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC file (Feather v2): batches with a footer.
    ArrowFile,
    /// Arrow IPC stream: batches without a footer.
    ArrowStream,
    /// The whole file is one document.
    Text,
}

/// How the bytes of a JSONL or text file are packed. Parquet and Arrow compress inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not packed.
    None,
    /// gzip, one or more members.
    Gzip,
    /// Zstandard, one or more frames.
    Zstd,
}

/// One file to read.
#[derive(Clone, Debug)]
pub struct InputFile {
    /// Label of the input root: its last path component, made unique with `#2`, `#3`, ...
    pub root: String,
    /// '/'-separated path below the root. A file that was named itself has its folder as root.
    pub relative: String,
    /// Where to open it.
    pub path: PathBuf,
    /// Layout of its records.
    pub format: Format,
    /// Packing of its bytes.
    pub compression: Compression,
    /// Size on disk.
    pub bytes: u64,
    /// Time of the last change, nanoseconds since 1970; 0 if the system does not say.
    pub modified_ns: u128,
}

/// Layout and packing by file name; `None` for a name that no reader claims.
///
/// `.arrow` is taken for the file layout here; its first bytes decide later.
pub(crate) fn classify(name: &str) -> Option<(Format, Compression)> {
    let lower = name.to_ascii_lowercase();
    let (stem, compression) = if let Some(stem) = lower.strip_suffix(".gz") {
        (stem, Compression::Gzip)
    } else if let Some(stem) = lower.strip_suffix(".zst").or_else(|| lower.strip_suffix(".zstd")) {
        (stem, Compression::Zstd)
    } else {
        (lower.as_str(), Compression::None)
    };
    let (_, extension) = stem.rsplit_once('.')?;
    let format = match extension {
        "jsonl" | "ndjson" | "json" | "jsonlines" => Format::Jsonl,
        "txt" => Format::Text,
        "parquet" => Format::Parquet,
        "arrow" | "feather" => Format::ArrowFile,
        "arrows" => Format::ArrowStream,
        _ => return None,
    };
    let packable = matches!(format, Format::Jsonl | Format::Text);
    (packable || compression == Compression::None).then_some((format, compression))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide() {
        let cases = [
            ("a.jsonl", Some((Format::Jsonl, Compression::None))),
            ("a.NDJSON.GZ", Some((Format::Jsonl, Compression::Gzip))),
            ("a.json.zst", Some((Format::Jsonl, Compression::Zstd))),
            ("a.jsonl.zstd", Some((Format::Jsonl, Compression::Zstd))),
            ("a.txt", Some((Format::Text, Compression::None))),
            ("a.txt.gz", Some((Format::Text, Compression::Gzip))),
            ("a.parquet", Some((Format::Parquet, Compression::None))),
            ("a.snappy.parquet", Some((Format::Parquet, Compression::None))),
            ("a.feather", Some((Format::ArrowFile, Compression::None))),
            ("a.arrows", Some((Format::ArrowStream, Compression::None))),
            ("a.parquet.gz", None),
            ("a.csv", None),
            ("jsonl", None),
            ("a.gz", None),
        ];
        for (name, expected) in cases {
            assert_eq!(classify(name), expected, "{name}");
        }
    }
}
