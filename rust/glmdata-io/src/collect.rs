//! Where all readers end: documents become rows of a batch, faults become events, both in order.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow_array::builder::{LargeStringBuilder, StringBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch};
use glmdata_base::{Error, Result};

use crate::batch::raw_schema;
use crate::blocks::UnitHold;
use crate::decode::TailFault;
use crate::delivery::delivered;
use crate::input::InputFile;
use crate::json::{Marks, unescape_marked};
use crate::language::names_one;
use crate::options::ReadOptions;
use crate::quarantine::{QuarantineEvent, Reason, sample};
use crate::read::{UnitSink, UnitSummary};
use crate::set_aside::SetAside;
use crate::source::SourceResolver;
use crate::unit::Unit;

/// A text as it stands in its file.
#[derive(Clone, Copy)]
pub(crate) enum Text<'a> {
    /// As it is.
    Plain(&'a str),
    /// A JSON string with escapes, without its quotes; it begins at byte `base` of the block that
    /// `marks` were made of.
    Escaped { raw: &'a str, marks: &'a Marks, base: usize },
}

impl Text<'_> {
    /// Bytes that it takes at most.
    fn len(&self) -> usize {
        match self {
            Self::Plain(text) | Self::Escaped { raw: text, .. } => text.len(),
        }
    }
}

/// A record on its way into the batch.
pub(crate) struct Document<'a> {
    pub(crate) id: Option<&'a str>,
    pub(crate) text: Text<'a>,
    pub(crate) source: Option<&'a str>,
    pub(crate) lang: Option<&'a str>,
    pub(crate) url: Option<&'a str>,
    /// A JSON object.
    pub(crate) meta: Option<&'a str>,
    pub(crate) offset: u64,
}

/// What is called one record and is larger may be many: a file without line ends, a quote that is never
/// closed. Its bytes count as lost, which a few bad records of usual size do not.
const LARGE_RECORD: u64 = 16 << 10;

/// Collects the records of one unit.
pub(crate) struct Collector<'a> {
    file: &'a InputFile,
    resolver: SourceResolver<'a>,
    sink: &'a mut dyn UnitSink,
    columns: Columns,
    batch_bytes: usize,
    aside: SetAside,
    read: Share,
    /// Memory for what is large in the unit.
    pub(crate) hold: UnitHold,
    /// What the unit held so far; readers add their bytes.
    pub(crate) summary: UnitSummary,
}

impl<'a> Collector<'a> {
    pub(crate) fn new(
        file: &'a InputFile,
        unit: &Unit,
        options: &'a ReadOptions,
        sink: &'a mut dyn UnitSink,
    ) -> Self {
        Self {
            file,
            read: Share { begun: delivered(), told: 0, all: unit.end - unit.start },
            resolver: SourceResolver::new(file, &options.source_rules),
            sink,
            columns: Columns::new(options.batch_bytes),
            batch_bytes: options.batch_bytes.max(1),
            aside: SetAside::default(),
            hold: options.blocks.of_unit(),
            summary: UnitSummary::default(),
        }
    }

    /// The next record is a document.
    pub(crate) fn document(&mut self, document: &Document<'_>) -> Result<()> {
        let meta = document.meta.map_or(0, str::len);
        self.hold.document(document.text.len() + meta, document.offset)?;
        let source = self.resolver.resolve(document.source, document.url);
        let fields = &mut self.summary.fields;
        fields.id += u64::from(document.id.is_some());
        fields.source += u64::from(document.source.is_some());
        fields.lang += u64::from(document.lang.is_some());
        fields.url += u64::from(document.url.is_some());
        self.columns.append(document, source, self.summary.rows)?;
        self.summary.rows += 1;
        self.summary.documents += 1;
        if self.columns.bytes >= self.batch_bytes { self.flush() } else { Ok(()) }
    }

    /// The next record cannot be read. `bytes` is how it begins.
    pub(crate) fn bad_record(
        &mut self,
        kind: Reason,
        offset: u64,
        detail: String,
        bytes: &[u8],
    ) -> Result<()> {
        self.bad_records(kind, offset, 1, detail, bytes)
    }

    /// The next `records` records cannot be read, all for the same reason.
    pub(crate) fn bad_records(
        &mut self,
        kind: Reason,
        offset: u64,
        records: u64,
        detail: String,
        bytes: &[u8],
    ) -> Result<()> {
        self.set_aside(kind, offset, records, detail, bytes, bytes.len() as u64)
    }

    /// The next record cannot be read and was not held: it has `size` bytes or more, and begins so.
    pub(crate) fn too_large(
        &mut self,
        offset: u64,
        size: u64,
        detail: String,
        bytes: &[u8],
    ) -> Result<()> {
        self.set_aside(Reason::RecordTooLarge, offset, 1, detail, bytes, size)
    }

    fn set_aside(
        &mut self,
        kind: Reason,
        offset: u64,
        records: u64,
        detail: String,
        bytes: &[u8],
        size: u64,
    ) -> Result<()> {
        let row = Some(self.summary.rows);
        self.summary.rows += records;
        let event = self.event(kind, Some(offset), detail, bytes);
        let rows = (records > 1).then_some(records);
        let bytes = (size > LARGE_RECORD).then_some(size);
        match self.aside.add(QuarantineEvent { row, rows, bytes, ..event }) {
            Some(whole) => self.sink.quarantine(whole),
            None => Ok(()),
        }
    }

    /// The next event is of a file or its rest.
    fn of_file(&mut self, event: QuarantineEvent) -> Result<()> {
        if let Some(whole) = self.aside.close() {
            self.sink.quarantine(whole)?;
        }
        self.sink.quarantine(event)
    }

    /// The whole file cannot be read; `rows` is how many records it says it holds.
    pub(crate) fn bad_file(
        &mut self,
        kind: Reason,
        detail: String,
        rows: Option<u64>,
        bytes: &[u8],
    ) -> Result<()> {
        let event = QuarantineEvent { rows, ..self.event(kind, None, detail, bytes) };
        let bytes = Some(self.file.bytes);
        self.of_file(QuarantineEvent { bytes, ..event })
    }

    /// The rest of the file from `offset` on cannot be read: `lost` bytes of it on disk.
    pub(crate) fn bad_rest(
        &mut self,
        fault: TailFault,
        offset: Option<u64>,
        partial: &[u8],
        lost: u64,
    ) -> Result<()> {
        let event = self.event(fault.kind, offset, fault.detail, partial);
        self.of_file(QuarantineEvent { bytes: Some(lost), ..event })
    }

    /// The rest of a column file from row `row` on, of `rows` in all, cannot be read.
    pub(crate) fn bad_rows(
        &mut self,
        fault: TailFault,
        row: u64,
        rows: Option<u64>,
        lost_bytes: Option<u64>,
    ) -> Result<()> {
        let event = self.event(fault.kind, Some(row), fault.detail, b"");
        let lost = rows.map(|rows| rows.saturating_sub(row));
        // Nobody knows where a row lies: the same share of the bytes as of the rows.
        let bytes = match (rows, lost) {
            (Some(rows @ 1..), Some(lost)) => {
                (u128::from(self.file.bytes) * u128::from(lost) / u128::from(rows)) as u64
            }
            _ => lost_bytes.unwrap_or(self.file.bytes),
        };
        self.of_file(QuarantineEvent { rows: lost, bytes: Some(bytes), ..event })
    }

    fn event(
        &self,
        kind: Reason,
        offset: Option<u64>,
        detail: String,
        bytes: &[u8],
    ) -> QuarantineEvent {
        QuarantineEvent {
            root: self.file.root.clone(),
            relative: self.file.relative.clone(),
            kind,
            offset,
            row: None,
            rows: None,
            bytes: None,
            detail,
            sample: sample(bytes),
        }
    }

    /// Hand over what is left.
    pub(crate) fn finish(mut self) -> Result<UnitSummary> {
        self.flush()?;
        let open = self.aside.close();
        for event in open.into_iter().chain(self.aside.finish()) {
            self.sink.quarantine(event)?;
        }
        self.sink.advanced(self.read.rest());
        self.summary.fields.source_rules = self.resolver.used;
        Ok(self.summary)
    }

    fn flush(&mut self) -> Result<()> {
        if self.columns.rows == 0 {
            return Ok(());
        }
        self.summary.text_bytes += self.columns.text_bytes as u64;
        let columns = std::mem::replace(&mut self.columns, Columns::new(self.batch_bytes));
        self.sink.advanced(self.read.more());
        self.sink.batch(columns.finish()?)
    }
}

/// How much of a unit was read from its file.
struct Share {
    /// What the thread had read before.
    begun: u64,
    told: u64,
    all: u64,
}

impl Share {
    /// Bytes since it was asked last, never more than the unit has: readers look ahead.
    fn more(&mut self) -> u64 {
        let read = (delivered() - self.begun).min(self.all);
        let more = read.saturating_sub(self.told);
        self.told += more;
        more
    }

    /// All that was not told, once the unit is read.
    fn rest(&mut self) -> u64 {
        let rest = self.all - self.told;
        self.told = self.all;
        rest
    }
}

struct Columns {
    id: StringBuilder,
    text: LargeStringBuilder,
    source: StringBuilder,
    lang: StringBuilder,
    url: StringBuilder,
    meta: LargeStringBuilder,
    row: UInt64Builder,
    offset: UInt64Builder,
    rows: usize,
    text_bytes: usize,
    /// Bytes of all columns, about.
    bytes: usize,
}

impl Columns {
    fn new(batch_bytes: usize) -> Self {
        // A batch ends after the record that passes the limit, so leave room for that one; capped,
        // because the limit is the caller's word and small files should not cost much.
        let text = (batch_bytes.saturating_add(batch_bytes / 8)).min(8 << 20);
        Self {
            id: StringBuilder::new(),
            text: LargeStringBuilder::with_capacity(1024, text),
            source: StringBuilder::new(),
            lang: StringBuilder::new(),
            url: StringBuilder::new(),
            meta: LargeStringBuilder::new(),
            row: UInt64Builder::new(),
            offset: UInt64Builder::new(),
            rows: 0,
            text_bytes: 0,
            bytes: 0,
        }
    }

    fn append(&mut self, document: &Document<'_>, source: &str, row: u64) -> Result<()> {
        let lang = document.lang.filter(|tag| names_one(tag));
        let length = self.append_text(document.text)?;
        self.id.append_option(document.id);
        self.source.append_value(source);
        self.lang.append_option(lang);
        self.url.append_option(document.url);
        self.meta.append_option(document.meta);
        self.row.append_value(row);
        self.offset.append_value(document.offset);
        self.rows += 1;
        self.text_bytes += length;
        let small = [document.id, Some(source), lang, document.url, document.meta];
        self.bytes += length + 64 + small.iter().flatten().map(|value| value.len()).sum::<usize>();
        Ok(())
    }

    fn append_text(&mut self, text: Text<'_>) -> Result<usize> {
        match text {
            Text::Plain(text) => {
                self.text.append_value(text);
                Ok(text.len())
            }
            Text::Escaped { raw, marks, base } => {
                let mut length = 0;
                let mut written = Ok(());
                let good = unescape_marked(raw, marks, base, |piece| {
                    length += piece.len();
                    written = written.and(self.text.write_str(piece));
                });
                // Closes the value that the pieces make up.
                self.text.append_value("");
                match (good, written) {
                    (Some(()), Ok(())) => Ok(length),
                    _ => Err(Error::internal("a checked string could not be unescaped")),
                }
            }
        }
    }

    fn finish(mut self) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.id.finish()),
            Arc::new(self.text.finish()),
            Arc::new(self.source.finish()),
            Arc::new(self.lang.finish()),
            Arc::new(self.url.finish()),
            Arc::new(self.meta.finish()),
            Arc::new(self.row.finish()),
            Arc::new(self.offset.finish()),
        ];
        RecordBatch::try_new(raw_schema(), columns).map_err(Error::internal)
    }
}
