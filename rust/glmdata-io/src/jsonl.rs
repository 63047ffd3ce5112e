//! JSON lines: a block of lines is checked for UTF-8 once, each line is scanned, and the text goes
//! straight into the column.

use std::borrow::Cow;

use glmdata_base::{Cancel, Result};
use memchr::memchr_iter;

use crate::collect::{Collector, Document, Text};
use crate::decode::{ByteSource, TailFault};
use crate::input::{Compression, InputFile};
use crate::json::{Entry, Fault, FaultKind, Kind, Marks, scan_object, unescape};
use crate::lines::{LineRange, LineSink, read_lines};
use crate::options::ReadOptions;
use crate::quarantine::Reason;
use crate::unit::Unit;

const BOM: &[u8] = b"\xef\xbb\xbf";
/// Longest id, source, language or URL. What is longer is none; it stays in `meta`, whose column
/// has no 2 GiB limit.
const MAX_SCALAR_BYTES: usize = 64 << 10;

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
    let mut source = match ByteSource::open(file, start.saturating_sub(1)) {
        Ok(source) => source,
        Err(fault) => return collector.bad_file(fault.kind, None, fault.detail, b""),
    };
    let range = LineRange { start, end, max_record: options.max_record };
    let mut reader = JsonlReader { options, collector, fields: Vec::new(), meta: String::new() };
    let mut reader = Blocks { reader: &mut reader, marks: Marks::default() };
    let decoded = read_lines(&mut source, range, cancel, &mut reader)?;
    collector.summary.decoded_bytes += decoded;
    collector.summary.bytes_read += if plain { decoded } else { file.bytes };
    Ok(())
}

struct JsonlReader<'a, 'b> {
    options: &'a ReadOptions,
    collector: &'a mut Collector<'b>,
    fields: Vec<Entry>,
    meta: String,
}

/// Marks a block once, then reads its lines.
struct Blocks<'r, 'a, 'b> {
    reader: &'r mut JsonlReader<'a, 'b>,
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

    fn fault(&mut self, offset: u64, partial: &[u8], fault: TailFault) -> Result<()> {
        self.reader.collector.bad_file(fault.kind, Some(offset), fault.detail, partial)
    }
}

struct Line<'a> {
    bytes: &'a [u8],
    /// The line as text if its block is UTF-8.
    text: Option<&'a str>,
    offset: u64,
    /// Marks of the block, in which the line begins at byte `base`.
    marks: &'a Marks,
    base: usize,
}

impl JsonlReader<'_, '_> {
    fn line(&mut self, line: &Line<'_>) -> Result<()> {
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
            Ok(()) => self.record(text, &fields, line),
            Err(fault) => self.fault_of_line(fault, text, line.offset),
        };
        self.fields = fields;
        result
    }

    fn too_long(&mut self, offset: u64, start: &[u8]) -> Result<()> {
        let detail = format!("longer than {} bytes", self.options.max_record);
        self.collector.bad_record(Reason::RecordTooLarge, offset, detail, start)
    }

    fn fault_of_line(&mut self, fault: Fault, line: &str, offset: u64) -> Result<()> {
        let kind = match fault.kind {
            FaultKind::Broken => Reason::BrokenJson,
            FaultKind::NotAnObject => Reason::NotAnObject,
            FaultKind::LoneSurrogate => Reason::LoneSurrogate,
        };
        let detail = format!("{} at byte {}", fault.what, fault.at);
        self.collector.bad_record(kind, offset, detail, line.as_bytes())
    }

    /// A line that is a good JSON object.
    fn record(&mut self, line: &str, fields: &[Entry], place: &Line<'_>) -> Result<()> {
        let options = self.options;
        let mut text = None;
        let (mut id, mut source, mut lang, mut url) = (None, None, None, None);
        let mut meta = std::mem::take(&mut self.meta);
        meta.clear();
        for field in fields {
            let key = string(line, field.key.clone(), field.key_escaped);
            if key == options.text_field {
                text = Some(field);
                continue;
            }
            let slot = if key == options.id_field {
                &mut id
            } else if key == options.source_field {
                &mut source
            } else if key == options.lang_field {
                &mut lang
            } else if key == options.url_field {
                &mut url
            } else {
                push_meta(&mut meta, line, field);
                continue;
            };
            // The last of several wins, as in every JSON parser.
            *slot = if field.kind == Kind::Container || field.value.len() > MAX_SCALAR_BYTES {
                push_meta(&mut meta, line, field);
                None
            } else {
                scalar(line, field)
            };
        }
        if !meta.is_empty() {
            meta.push('}');
        }
        let result = match text {
            Some(field) if field.kind == Kind::String => {
                let start = field.value.start + 1;
                let raw = &line[start..field.value.end - 1];
                let text = if field.value_escaped {
                    Text::Escaped { raw, marks: place.marks, base: place.base + start }
                } else {
                    Text::Plain(raw)
                };
                self.collector.document(&Document {
                    id: id.as_deref(),
                    text,
                    source: source.as_deref(),
                    lang: lang.as_deref(),
                    url: url.as_deref(),
                    meta: (!meta.is_empty()).then_some(meta.as_str()),
                    offset: place.offset,
                })
            }
            other => self.no_text(line, other, place.offset),
        };
        self.meta = meta;
        result
    }

    fn no_text(&mut self, line: &str, field: Option<&Entry>, offset: u64) -> Result<()> {
        let name = &self.options.text_field;
        let (kind, detail) = match field.map(|field| field.kind) {
            None => (Reason::MissingText, format!("no field `{name}`")),
            Some(Kind::Null) => (Reason::MissingText, format!("`{name}` is null")),
            Some(Kind::Number) => (Reason::TextNotString, format!("`{name}` is a number")),
            Some(Kind::Boolean) => (Reason::TextNotString, format!("`{name}` is a boolean")),
            Some(Kind::Container | Kind::String) => {
                (Reason::TextNotString, format!("`{name}` is an object or array"))
            }
        };
        self.collector.bad_record(kind, offset, detail, line.as_bytes())
    }
}

/// Append a field, as spelled, to the object under construction.
fn push_meta(meta: &mut String, line: &str, field: &Entry) {
    meta.push(if meta.is_empty() { '{' } else { ',' });
    meta.push_str(&line[field.key.start - 1..field.value.end]);
}

/// A scalar as text; none for null.
fn scalar<'a>(line: &'a str, field: &Entry) -> Option<Cow<'a, str>> {
    match field.kind {
        Kind::Null | Kind::Container => None,
        Kind::String => {
            Some(string(line, field.value.start + 1..field.value.end - 1, field.value_escaped))
        }
        Kind::Number | Kind::Boolean => Some(Cow::Borrowed(&line[field.value.clone()])),
    }
}

/// A checked string without its quotes, unescaped if it must be.
fn string(line: &str, inner: std::ops::Range<usize>, escaped: bool) -> Cow<'_, str> {
    let raw = &line[inner];
    if !escaped {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    match unescape(raw, |piece| out.push_str(piece)) {
        Some(()) => Cow::Owned(out),
        None => Cow::Borrowed(raw),
    }
}
