//! JSON lines: a block of lines is checked for UTF-8 once, each line is scanned, and the text goes
//! straight into the column.

use glmdata_base::{Cancel, Result};
use memchr::memchr_iter;

use crate::collect::Collector;
use crate::decode::{ByteSource, TailFault};
use crate::input::{Compression, InputFile};
use crate::json::{Entry, Fault, FaultKind, Marks, scan_object};
use crate::lines::{LineRange, LineSink, read_lines};
use crate::options::ReadOptions;
use crate::quarantine::Reason;
use crate::record::{Place, Records};
use crate::unit::Unit;

pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Read the lines of `unit` into `collector`.
pub(crate) fn read_jsonl(
    file: &InputFile,
    unit: &Unit,
    options: &ReadOptions,
    cancel: &Cancel,
    collector: &mut Collector<'_>,
) -> Result<()> {
    let plain = file.compression == Compression::None;
    let (start, end) = if plain { (unit.start, unit.end) } else { (0, u64::MAX) };
    let mut source = ByteSource::open(file, start.saturating_sub(1), options.zst_window)?;
    let range = LineRange { start, end, max_record: options.max_record };
    let hold = collector.hold.clone();
    let mut reader = JsonReader::new(options, collector);
    let mut blocks = Blocks { reader: &mut reader, marks: Marks::default() };
    let decoded = read_lines(&mut source, range, &hold, cancel, &mut blocks)?;
    collector.summary.decoded_bytes += decoded;
    collector.summary.bytes_read += if plain { decoded } else { file.bytes };
    source.check_unchanged()
}

/// Gives records, however they were found, to the collector.
pub(crate) struct JsonReader<'a, 'b> {
    options: &'a ReadOptions,
    pub(crate) collector: &'a mut Collector<'b>,
    fields: Vec<Entry>,
    records: Records<'a>,
}

/// Marks a block once, then reads its lines.
struct Blocks<'r, 'a, 'b> {
    reader: &'r mut JsonReader<'a, 'b>,
    marks: Marks,
}

impl LineSink for Blocks<'_, '_, '_> {
    fn lines(&mut self, block: &[u8], offset: u64) -> Result<()> {
        let (block, offset) = match block.strip_prefix(BOM) {
            Some(rest) if offset == 0 => (rest, BOM.len() as u64),
            _ => (block, offset),
        };
        self.marks.fill(block);
        let text = simdutf8::basic::from_utf8(block).ok();
        let mut start = 0;
        for end in memchr_iter(b'\n', block).chain(std::iter::once(block.len())) {
            if start < end {
                self.reader.line(&Line {
                    bytes: &block[start..end],
                    text: text.map(|text| &text[start..end]),
                    offset: offset + start as u64,
                    marks: &self.marks,
                    base: start,
                })?;
            }
            start = end + 1;
        }
        Ok(())
    }

    fn too_long(&mut self, offset: u64, start: &[u8]) -> Result<()> {
        let start = if offset == 0 { start.strip_prefix(BOM).unwrap_or(start) } else { start };
        self.reader.too_long(offset, start)
    }

    fn fault(&mut self, fault: TailFault, offset: u64, partial: &[u8], lost: u64) -> Result<()> {
        self.reader.collector.bad_rest(fault, Some(offset), partial, lost)
    }
}

/// A record as it stands in a block.
pub(crate) struct Line<'a> {
    pub(crate) bytes: &'a [u8],
    /// The line as text if its block is UTF-8.
    pub(crate) text: Option<&'a str>,
    pub(crate) offset: u64,
    /// Marks of the block, in which the line begins at byte `base`.
    pub(crate) marks: &'a Marks,
    pub(crate) base: usize,
}

impl<'a, 'b> JsonReader<'a, 'b> {
    pub(crate) fn new(options: &'a ReadOptions, collector: &'a mut Collector<'b>) -> Self {
        Self { options, collector, fields: Vec::new(), records: Records::new(options) }
    }

    pub(crate) fn line(&mut self, line: &Line<'_>) -> Result<()> {
        let bytes = line.bytes.strip_suffix(b"\r").unwrap_or(line.bytes);
        if bytes.len() as u64 > self.options.max_record {
            let shown = bytes.len().min(self.options.max_record as usize);
            return self.too_long(line.offset, &bytes[..shown]);
        }
        if bytes.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r')) {
            return Ok(());
        }
        let text = match line.text {
            Some(text) => &text[..bytes.len()],
            None => match simdutf8::compat::from_utf8(bytes) {
                Ok(text) => text,
                Err(e) => {
                    let detail = format!("not UTF-8 at byte {}", e.valid_up_to());
                    let kind = Reason::InvalidUtf8;
                    return self.collector.bad_record(kind, line.offset, detail, bytes);
                }
            },
        };
        let mut fields = std::mem::take(&mut self.fields);
        let scanned = scan_object(text, line.marks, line.base, &mut fields);
        let result = match scanned {
            Ok(()) => {
                let place = Place { offset: line.offset, marks: line.marks, base: line.base };
                self.records.add(text, &fields, &place, self.collector)
            }
            Err(fault) => self.fault_of_line(fault, text, line.offset),
        };
        self.fields = fields;
        result
    }

    pub(crate) fn too_long(&mut self, offset: u64, start: &[u8]) -> Result<()> {
        let detail = format!("longer than {} bytes", self.options.max_record);
        self.collector.too_large(offset, self.options.max_record, detail, start)
    }

    fn fault_of_line(&mut self, fault: Fault, line: &str, offset: u64) -> Result<()> {
        let kind = match fault.kind {
            FaultKind::Broken => Reason::BrokenJson,
            FaultKind::NotAnObject => Reason::NotAnObject,
        };
        let detail = format!("{} at byte {}", fault.what, fault.at);
        self.collector.bad_record(kind, offset, detail, line.as_bytes())
    }
}
