//! Records and files that could not be read: why, where, and how they begin.
//!
//! Readers make the events, the caller makes their rows global and sorts them, and
//! [`write_quarantine`] puts them on disk.

use std::io::Write;
use std::path::Path;

use glmdata_base::{AtomicFile, Error, Result, WrittenFile};
use serde::{Deserialize, Serialize};

/// Why something was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A line that is not JSON, or nests deeper than 128 levels.
    BrokenJson,
    /// JSON, but not an object.
    NotAnObject,
    /// Bytes that are not UTF-8.
    InvalidUtf8,
    /// A `\ud800`-like escape without its other half.
    LoneSurrogate,
    /// No text field, or null in it.
    MissingText,
    /// A text field that holds something else than a string.
    TextNotString,
    /// A field that a stage was told to read holds something else than it expects.
    WrongField,
    /// A row of CSV or TSV that is not of the header's fields.
    BrokenCsv,
    /// A text file full of NULs.
    NotText,
    /// Longer than `max_record`.
    RecordTooLarge,
    /// A page or batch of a column file that does not fit into the memory of the run.
    BlockTooLarge,
    /// The first bytes are of a format that nothing here reads.
    WrongFormat,
    /// The file ends in the middle of its compressed data.
    TruncatedFile,
    /// The file's own structure is damaged.
    CorruptFile,
    /// A zstd frame that asks for a larger window than allowed.
    WindowTooLarge,
    /// The system refused to open or read the file.
    UnreadableFile,
    /// A link to nothing.
    DanglingLink,
    /// A link that leads out of the input root.
    LinkOutsideRoot,
    /// A link that leads to itself or to a folder it lies in.
    LinkLoop,
    /// A FIFO, socket or device.
    SpecialFile,
}

impl Reason {
    /// The word used in files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::BrokenJson => "broken_json",
            Self::NotAnObject => "not_an_object",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::LoneSurrogate => "lone_surrogate",
            Self::MissingText => "missing_text",
            Self::TextNotString => "text_not_string",
            Self::WrongField => "wrong_field",
            Self::BrokenCsv => "broken_csv",
            Self::NotText => "not_text",
            Self::RecordTooLarge => "record_too_large",
            Self::BlockTooLarge => "block_too_large",
            Self::WrongFormat => "wrong_format",
            Self::TruncatedFile => "truncated_file",
            Self::CorruptFile => "corrupt_file",
            Self::WindowTooLarge => "window_too_large",
            Self::UnreadableFile => "unreadable_file",
            Self::DanglingLink => "dangling_link",
            Self::LinkOutsideRoot => "link_outside_root",
            Self::LinkLoop => "link_loop",
            Self::SpecialFile => "special_file",
        }
    }

    /// Whether this kind speaks of a single record rather than of a file.
    ///
    /// A column file without the text column is one `MissingText` event for the whole file: count
    /// records by [`QuarantineEvent::row`], which is set exactly when one record was set aside.
    pub fn is_record(self) -> bool {
        matches!(
            self,
            Self::BrokenJson
                | Self::NotAnObject
                | Self::InvalidUtf8
                | Self::LoneSurrogate
                | Self::MissingText
                | Self::TextNotString
                | Self::WrongField
                | Self::BrokenCsv
                | Self::NotText
                | Self::RecordTooLarge
        )
    }
}

impl QuarantineEvent {
    /// Records that it speaks of, as far as anybody knows.
    pub fn records(&self) -> u64 {
        self.rows.unwrap_or(u64::from(self.row.is_some()))
    }

    /// Bytes that it takes, about.
    pub fn memory(&self) -> u64 {
        let Self { root, relative, detail, sample, .. } = self;
        let texts = [root, relative, detail, sample].map(String::len);
        (size_of::<Self>() + texts.iter().sum::<usize>()) as u64
    }
}

/// One thing that was set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantineEvent {
    /// Label of the input root.
    pub root: String,
    /// Path below it.
    pub relative: String,
    /// Why.
    pub kind: Reason,
    /// Byte offset in the decoded file (row for Parquet and Arrow); none for a whole file.
    pub offset: Option<u64>,
    /// Number of the record inside the unit, or of the first of `rows` records; none where a file or its
    /// rest is meant.
    pub row: Option<u64>,
    /// Records, if more than one: equal ones that follow each other, or of a file or its rest those that
    /// the file itself tells of.
    #[serde(default)]
    pub rows: Option<u64>,
    /// How many bytes are lost: of a file or its rest those on disk, of a record that is larger than a
    /// document usually is its own.
    #[serde(default)]
    pub bytes: Option<u64>,
    /// What exactly was wrong.
    pub detail: String,
    /// The first 80 bytes at most, escaped to printable ASCII.
    pub sample: String,
}

/// How many bytes of a bad record are shown.
pub(crate) const SAMPLE_BYTES: usize = 80;

/// The start of `bytes` as printable ASCII, so that no crawled byte can move a terminal.
pub fn sample(bytes: &[u8]) -> String {
    bytes[..bytes.len().min(SAMPLE_BYTES)].escape_ascii().to_string()
}

/// Write `events`, in the order given, to `<folder>/part-000000.jsonl`.
///
/// The file is written also for no events: its presence says that nothing was set aside.
pub fn write_quarantine(folder: &Path, events: &[QuarantineEvent]) -> Result<Vec<WrittenFile>> {
    let target = folder.join("part-000000.jsonl");
    let file = AtomicFile::create(&target)?;
    let mut out = std::io::BufWriter::with_capacity(1 << 16, file);
    for event in events {
        serde_json::to_writer(&mut out, event)
            .map_err(|e| Error::storage("write", &target, e.into()))?;
        out.write_all(b"\n").map_err(|e| Error::storage("write", &target, e))?;
    }
    let file = out.into_inner().map_err(|e| Error::storage("write", &target, e.into_error()))?;
    Ok(vec![file.commit()?])
}

/// Sort events of many units by file and place.
pub fn in_file_order(events: &mut [QuarantineEvent]) {
    events.sort_by(|a, b| {
        (&a.relative, &a.root, a.offset, a.row).cmp(&(&b.relative, &b.root, b.offset, b.row))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: Reason, relative: &str) -> QuarantineEvent {
        QuarantineEvent {
            root: "crawl".into(),
            relative: relative.into(),
            kind,
            offset: Some(7),
            row: None,
            rows: Some(3),
            bytes: Some(40),
            detail: "a \"quote\"\nand a line".into(),
            sample: sample(b"\x1b[2J\xff\"\\ok"),
        }
    }

    #[test]
    fn one_line_an_event_and_it_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let events = [event(Reason::BrokenJson, "a.jsonl"), event(Reason::LinkLoop, "中")];
        let written = write_quarantine(&folder.path().join("quarantine"), &events).unwrap();
        let text = std::fs::read_to_string(&written[0].path).unwrap();
        let back: Vec<QuarantineEvent> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(back, events);
        assert!(text.contains("\"kind\":\"broken_json\""));
    }

    #[test]
    fn samples_are_short_printable_ascii() {
        let shown = sample(&[0x1b; 500]);
        assert!(shown.bytes().all(|b| (0x20..0x7f).contains(&b)));
        assert_eq!(shown.len(), SAMPLE_BYTES * 4);
    }

    #[test]
    fn names_are_what_serde_writes() {
        for kind in [
            Reason::BrokenJson,
            Reason::InvalidUtf8,
            Reason::LinkOutsideRoot,
            Reason::TextNotString,
        ] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
