//! CSV and TSV: rows under a header become documents. csv-core finds the fields, in bounded memory.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use glmdata_base::{Cancel, Result};

use crate::collect::{Collector, Document, Text};
use crate::decode::{ByteSource, Stop};
use crate::input::{Format, InputFile};
use crate::jsonl::BOM;
use crate::options::ReadOptions;
use crate::quarantine::{Reason, SAMPLE_BYTES};
use crate::record::HAS;

const BLOCK_BYTES: usize = 1 << 18;
/// A row of more fields is no row.
const MAX_FIELDS: usize = 1 << 16;

/// Read the rows of `file` into `collector`.
pub(crate) fn read_csv(
    file: &InputFile,
    options: &ReadOptions,
    cancel: &Cancel,
    collector: &mut Collector<'_>,
) -> Result<()> {
    collector.summary.bytes_read += file.bytes;
    let mut source = ByteSource::open(file, 0, options.zst_window)?;
    let delimiter = if file.format == Format::Tsv { b'\t' } else { b',' };
    let mut rows = Rows {
        reader: ReaderBuilder::new().delimiter(delimiter).build(),
        fields: vec![0; BLOCK_BYTES],
        ends: vec![0; 256],
        filled: 0,
        ended: 0,
        began: 0,
        quotes: Quotes::new(delimiter),
        too_long: false,
        too_many: false,
        header: None,
        options,
    };
    let (mut block, mut at) = (vec![0; BLOCK_BYTES], 0);
    loop {
        cancel.check()?;
        match source.read(&mut block) {
            Ok(read) => {
                let bytes = &block[..read];
                let bytes = if at == 0 { bytes.strip_prefix(BOM).unwrap_or(bytes) } else { bytes };
                let start = at + (read - bytes.len()) as u64;
                at += read as u64;
                if !rows.feed(bytes, start, read == 0, collector)? || read == 0 {
                    break;
                }
            }
            Err(Stop::Error(error)) => return Err(error),
            Err(Stop::Damage(fault)) => {
                collector.summary.decoded_bytes += at;
                let lost = source.unread().max(1);
                return collector.bad_rest(fault, Some(at), &rows.fields[..rows.filled], lost);
            }
        }
    }
    collector.summary.decoded_bytes += at;
    source.check_unchanged()
}

struct Rows<'a> {
    reader: Reader,
    /// The fields of the row so far, one behind the other, and where each ends.
    fields: Vec<u8>,
    ends: Vec<usize>,
    filled: usize,
    ended: usize,
    /// Where the row began.
    began: u64,
    quotes: Quotes,
    too_long: bool,
    too_many: bool,
    header: Option<Header>,
    options: &'a ReadOptions,
}

/// Where the quotes of a row stand, which csv-core does not tell.
struct Quotes {
    delimiter: u8,
    at: At,
    /// A quote was closed, and neither a delimiter nor the end of the row came.
    stray: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// The start of a field.
    Start,
    Plain,
    Quoted,
    /// Behind a quote in a quoted field: it closes it, or is the first of two that stand for one.
    Closed,
}

impl Quotes {
    fn new(delimiter: u8) -> Self {
        Self { delimiter, at: At::Start, stray: false }
    }

    /// Take the next bytes of the row, as csv-core reads them.
    fn follow(&mut self, bytes: &[u8]) {
        if matches!(self.at, At::Start | At::Plain) && memchr::memchr(b'"', bytes).is_none() {
            if let Some(&last) = bytes.last() {
                self.at = if last == self.delimiter { At::Start } else { At::Plain };
            }
            return;
        }
        for &byte in bytes {
            let is_end = byte == self.delimiter || matches!(byte, b'\r' | b'\n');
            self.at = match self.at {
                At::Quoted if byte == b'"' => At::Closed,
                At::Start | At::Closed if byte == b'"' => At::Quoted,
                At::Quoted => At::Quoted,
                _ if is_end => At::Start,
                at => {
                    self.stray |= at == At::Closed;
                    At::Plain
                }
            };
        }
    }
}

struct Header {
    names: Vec<String>,
    /// Column of text, id, source, language and URL.
    roles: [Option<usize>; 5],
}

impl Rows<'_> {
    /// Take the next bytes, none at the end; `false` if the file cannot be read.
    fn feed(
        &mut self,
        mut input: &[u8],
        mut at: u64,
        is_end: bool,
        collector: &mut Collector<'_>,
    ) -> Result<bool> {
        loop {
            let (result, read, filled, ended) = self.reader.read_record(
                input,
                &mut self.fields[self.filled..],
                &mut self.ends[self.ended..],
            );
            self.quotes.follow(&input[..read]);
            input = &input[read..];
            at += read as u64;
            self.filled += filled;
            self.ended += ended;
            match result {
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return Ok(true),
                ReadRecordResult::OutputFull => {
                    if self.filled as u64 > self.options.max_record {
                        (self.too_long, self.filled) = (true, SAMPLE_BYTES);
                    } else {
                        let bytes = self.fields.len() * 2;
                        collector.hold.record(bytes, self.began)?;
                        self.fields.resize(bytes, 0);
                    }
                }
                ReadRecordResult::OutputEndsFull => {
                    if self.ends.len() >= MAX_FIELDS {
                        (self.too_many, self.ended) = (true, 0);
                    } else {
                        self.ends.resize(self.ends.len() * 2, 0);
                    }
                }
                ReadRecordResult::Record => {
                    if !self.row(is_end, collector)? {
                        return Ok(false);
                    }
                    (self.filled, self.ended, self.began) = (0, 0, at);
                    self.quotes = Quotes::new(self.quotes.delimiter);
                    (self.too_long, self.too_many) = (false, false);
                }
            }
        }
    }

    fn row(&mut self, is_last: bool, collector: &mut Collector<'_>) -> Result<bool> {
        let (offset, limit) = (self.began, self.options.max_record);
        let too_long = self.too_long || self.filled as u64 > limit;
        if too_long || self.too_many {
            let shown = &self.fields[..self.filled.min(SAMPLE_BYTES)];
            let (kind, what) = if too_long {
                (Reason::RecordTooLarge, format!("longer than {limit} bytes"))
            } else {
                (Reason::BrokenCsv, format!("of more than {MAX_FIELDS} fields"))
            };
            if self.header.is_none() {
                // The next row is no header in its place.
                collector.bad_file(kind, format!("its header is {what}"), None, shown)?;
                return Ok(false);
            }
            if too_long {
                collector.too_large(offset, limit, what, shown)?;
            } else {
                collector.bad_record(kind, offset, what, shown)?;
            }
            return Ok(true);
        }
        let bytes = &self.fields[..self.filled];
        let lines = || memchr::memchr_iter(b'\n', bytes).count() + 1;
        let fault = if is_last && self.quotes.at == At::Quoted {
            Some("a quote that is never closed takes")
        } else {
            // On one line it may be `"so" called`; over several a quote ended in another row.
            (self.quotes.stray && lines() > 1).then_some("text stands behind a closing quote, on")
        };
        if let Some(what) = fault {
            let lines = lines();
            let detail = format!("{what} {lines} line{}", if lines == 1 { "" } else { "s" });
            collector.bad_record(Reason::BrokenCsv, offset, detail, bytes)?;
            return Ok(true);
        }
        let text = match simdutf8::compat::from_utf8(bytes) {
            Ok(text) => text,
            Err(e) => {
                let detail = format!("not UTF-8 at byte {} of its fields", e.valid_up_to());
                collector.bad_record(Reason::InvalidUtf8, offset, detail, bytes)?;
                return Ok(true);
            }
        };
        let ends = &self.ends[..self.ended];
        let field =
            |i: usize| text.get(if i == 0 { 0 } else { ends[i - 1] }..ends[i]).unwrap_or("");
        let Some(header) = &self.header else {
            let names: Vec<String> = (0..ends.len()).map(|i| field(i).trim().to_owned()).collect();
            return self.take_header(names, collector);
        };
        if ends.len() != header.names.len() {
            let (expected, found, lines) = (header.names.len(), ends.len(), lines());
            let detail = format!("expected {expected} fields, found {found}, on {lines} lines");
            collector.bad_record(Reason::BrokenCsv, offset, detail, bytes)?;
            return Ok(true);
        }
        let role = |at: usize| header.roles[at].map(field).filter(|value| !value.is_empty());
        let mut meta = String::new();
        for (i, name) in header.names.iter().enumerate() {
            if !header.roles.contains(&Some(i)) {
                meta.push(if meta.is_empty() { '{' } else { ',' });
                meta.push_str(&serde_json::Value::from(name.as_str()).to_string());
                meta.push(':');
                meta.push_str(&serde_json::Value::from(field(i)).to_string());
            }
        }
        if !meta.is_empty() {
            meta.push('}');
        }
        collector.document(&Document {
            id: role(1),
            text: Text::Plain(header.roles[0].map_or("", field)),
            source: role(2),
            lang: role(3),
            url: role(4),
            meta: (!meta.is_empty()).then_some(meta.as_str()),
            offset,
        })?;
        Ok(true)
    }

    fn take_header(&mut self, names: Vec<String>, collector: &mut Collector<'_>) -> Result<bool> {
        let wanted = self.options.fields();
        let roles = wanted.map(|field| {
            field.names().iter().find_map(|own| names.iter().position(|name| name == own))
        });
        if roles[0].is_none() {
            let (name, found) = (self.options.text_field.shown(), names.join(", "));
            let detail = format!("no column `{name}`{HAS}{found}");
            collector.bad_file(Reason::MissingText, detail, None, b"")?;
            return Ok(false);
        }
        self.header = Some(Header { names, roles });
        Ok(true)
    }
}
