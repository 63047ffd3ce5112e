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
    /// JSON objects in an array, or one behind the other over several lines each.
    Json,
    /// Rows with a header, between commas.
    Csv,
    /// Rows with a header, between tabs.
    Tsv,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC file (Feather v2): batches with a footer.
    ArrowFile,
    /// Arrow IPC stream: batches without a footer.
    ArrowStream,
    /// Text without fields.
    Text,
}

impl Format {
    /// Whether the bytes may be packed as a whole; Parquet and Arrow compress inside.
    pub(crate) fn is_packable(self) -> bool {
        !matches!(self, Self::Parquet | Self::ArrowFile | Self::ArrowStream)
    }
}

/// How the bytes of a file are packed. Parquet and Arrow compress inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not packed.
    None,
    /// gzip, one or more members.
    Gzip,
    /// Zstandard, one or more frames.
    Zstd,
    /// bzip2, one or more streams.
    Bzip2,
    /// xz, one or more streams.
    Xz,
    /// LZ4 frames, one or more.
    Lz4,
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
    /// What the stage that wrote it says of it; none for a file of a crawl.
    pub vouched: Option<Vouched>,
}

/// What a manifest says of a file of its stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// Name of the stage, such as `dedup`.
    pub stage: String,
    /// sha256 of the content, lower-case hex.
    pub sha256: String,
    /// Records in it, where the manifest tells.
    pub rows: Option<u64>,
}

/// Layout and packing by file name; `None` for a name that no reader claims.
///
/// `.arrow` is taken for the file layout here; its first bytes decide later.
pub(crate) fn classify(name: &str) -> Option<(Format, Compression)> {
    let lower = name.to_ascii_lowercase();
    let packed = PACKED.iter().find_map(|(ending, compression)| {
        Some((lower.strip_suffix(ending)?.strip_suffix('.')?, *compression))
    });
    let (stem, compression) = packed.unwrap_or((lower.as_str(), Compression::None));
    let (_, extension) = stem.rsplit_once('.')?;
    let format = match extension {
        "jsonl" | "ndjson" | "json" | "jsonlines" => Format::Jsonl,
        "csv" => Format::Csv,
        "tsv" => Format::Tsv,
        "txt" => Format::Text,
        "parquet" => Format::Parquet,
        "arrow" | "feather" => Format::ArrowFile,
        "arrows" => Format::ArrowStream,
        _ => return None,
    };
    (format.is_packable() || compression == Compression::None).then_some((format, compression))
}

const PACKED: [(&str, Compression); 7] = [
    ("gz", Compression::Gzip),
    ("gzip", Compression::Gzip),
    ("zst", Compression::Zstd),
    ("zstd", Compression::Zstd),
    ("bz2", Compression::Bzip2),
    ("xz", Compression::Xz),
    ("lz4", Compression::Lz4),
];

/// What can be read, for messages.
pub(crate) const READABLE: &str =
    ".jsonl, .json, .csv, .tsv and .txt (also .gz, .zst, .bz2, .xz, .lz4), .parquet, .arrow";

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
            ("a.csv", Some((Format::Csv, Compression::None))),
            ("a.tsv.bz2", Some((Format::Tsv, Compression::Bzip2))),
            ("a.jsonl.xz", Some((Format::Jsonl, Compression::Xz))),
            ("a.json.lz4", Some((Format::Jsonl, Compression::Lz4))),
            ("a.html", None),
            ("jsonl", None),
            ("a.gz", None),
        ];
        for (name, expected) in cases {
            assert_eq!(classify(name), expected, "{name}");
        }
    }
}
