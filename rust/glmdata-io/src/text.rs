//! Text files: a file, a line, or what stands between blank lines is one document.

use glmdata_base::{Cancel, Result};

use crate::collect::{Collector, Document, Text};
use crate::decode::{ByteSource, Stop, TailFault};
use crate::input::InputFile;
use crate::jsonl::BOM;
use crate::lines::{LineRange, LineSink, read_lines};
use crate::options::{ReadOptions, Split};
use crate::quarantine::{Reason, SAMPLE_BYTES};

const BLOCK_BYTES: usize = 1 << 20;

/// What has more than one NUL in so many bytes is no text.
const NUL_SHARE: usize = 10;

/// Read `file` into one document, or into several as `options.split` says.
pub(crate) fn read_text(
    file: &InputFile,
    options: &ReadOptions,
    cancel: &Cancel,
    collector: &mut Collector<'_>,
) -> Result<()> {
    collector.summary.bytes_read += file.bytes;
    let mut source = ByteSource::open(file, 0, options.zst_window)?;
    if options.split == Split::File {
        whole_file(file, &mut source, options, cancel, collector)?;
    } else {
        let range = LineRange { start: 0, end: u64::MAX, max_record: options.max_record };
        let (held, hold) = (Held::default(), collector.hold.clone());
        let mut lines = Lines { options, collector, held };
        let decoded = read_lines(&mut source, range, &hold, cancel, &mut lines)?;
        lines.close()?;
        collector.summary.decoded_bytes += decoded;
    }
    source.check_unchanged()
}

/// A text without any character is a document all the same: its file is not empty, so it is a
/// record, and records are never dropped silently.
fn whole_file(
    file: &InputFile,
    source: &mut ByteSource,
    options: &ReadOptions,
    cancel: &Cancel,
    collector: &mut Collector<'_>,
) -> Result<()> {
    let limit = options.max_record.saturating_add(BOM.len() as u64);
    let mut bytes = Vec::new();
    loop {
        cancel.check()?;
        let held = bytes.len();
        collector.hold.record(held + BLOCK_BYTES, 0)?;
        bytes.resize(held + BLOCK_BYTES, 0);
        match source.read(&mut bytes[held..]) {
            Ok(read) => bytes.truncate(held + read),
            Err(Stop::Error(error)) => return Err(error),
            Err(Stop::Damage(fault)) => {
                // Half a document is no document: its text before the fault is not kept.
                bytes.truncate(held);
                return collector.bad_rest(fault, Some(0), &bytes, file.bytes);
            }
        }
        if bytes.len() == held || bytes.len() as u64 > limit {
            break;
        }
    }
    collector.summary.decoded_bytes += bytes.len() as u64;
    let content = bytes.strip_prefix(BOM).unwrap_or(&bytes);
    if content.len() as u64 > options.max_record {
        return too_long(collector, options, 0, content);
    }
    document(collector, 0, content)
}

fn document(collector: &mut Collector<'_>, offset: u64, content: &[u8]) -> Result<()> {
    // Half of UTF-16 is NULs, and most of an archive of small files; one in a text is an accident.
    let nuls = memchr::memchr_iter(0, content).count();
    if nuls * NUL_SHARE > content.len() {
        let detail = format!("{nuls} NULs in {} bytes: UTF-16, or no text", content.len());
        return collector.bad_record(Reason::NotText, offset, detail, content);
    }
    match simdutf8::compat::from_utf8(content) {
        Ok(text) => collector.document(&Document {
            id: None,
            text: Text::Plain(text),
            source: None,
            lang: None,
            url: None,
            meta: None,
            offset,
        }),
        Err(e) => {
            let detail = format!("not UTF-8 at byte {}", e.valid_up_to());
            collector.bad_record(Reason::InvalidUtf8, offset, detail, content)
        }
    }
}

fn too_long(
    collector: &mut Collector<'_>,
    options: &ReadOptions,
    offset: u64,
    content: &[u8],
) -> Result<()> {
    let shown = content.len().min(SAMPLE_BYTES).min(options.max_record as usize);
    let detail = format!("longer than {} bytes", options.max_record);
    collector.too_large(offset, content.len() as u64, detail, &content[..shown])
}

/// Lines that are gathered up to the next blank one.
#[derive(Default)]
struct Held {
    text: Vec<u8>,
    offset: u64,
    too_long: bool,
}

struct Lines<'a, 'b> {
    options: &'a ReadOptions,
    collector: &'a mut Collector<'b>,
    held: Held,
}

impl Lines<'_, '_> {
    fn line(&mut self, line: &[u8], offset: u64) -> Result<()> {
        let is_blank = line.iter().all(u8::is_ascii_whitespace);
        if self.options.split == Split::Line {
            return match is_blank {
                true => Ok(()),
                false if line.len() as u64 > self.options.max_record => {
                    too_long(self.collector, self.options, offset, line)
                }
                false => document(self.collector, offset, line),
            };
        }
        if is_blank {
            return self.close();
        }
        let Held { text, offset: began, too_long } = &mut self.held;
        if text.is_empty() {
            *began = offset;
        } else {
            text.push(b'\n');
        }
        if (text.len() + line.len()) as u64 > self.options.max_record {
            *too_long = true;
            text.truncate(SAMPLE_BYTES);
            text.extend_from_slice(&line[..line.len().min(SAMPLE_BYTES)]);
        } else {
            self.collector.hold.extend(text, line, *began)?;
        }
        Ok(())
    }

    /// The document that was gathered is whole.
    fn close(&mut self) -> Result<()> {
        let Held { text, offset, too_long: is_too_long } = std::mem::take(&mut self.held);
        match (text.is_empty(), is_too_long) {
            (true, _) => Ok(()),
            (false, true) => too_long(self.collector, self.options, offset, &text),
            (false, false) => document(self.collector, offset, &text),
        }
    }
}

impl LineSink for Lines<'_, '_> {
    fn lines(&mut self, block: &[u8], offset: u64) -> Result<()> {
        let (block, offset) = match block.strip_prefix(BOM) {
            Some(rest) if offset == 0 => (rest, BOM.len() as u64),
            _ => (block, offset),
        };
        let mut at = offset;
        for line in block.split_inclusive(|byte| *byte == b'\n') {
            let whole = line.strip_suffix(b"\n").unwrap_or(line);
            let whole = whole.strip_suffix(b"\r").unwrap_or(whole);
            // A lone carriage return ends a line too, as in Python's text mode.
            let mut start = at;
            for part in whole.split(|byte| *byte == b'\r') {
                self.line(part, start)?;
                start += part.len() as u64 + 1;
            }
            at += line.len() as u64;
        }
        Ok(())
    }

    fn too_long(&mut self, offset: u64, start: &[u8]) -> Result<()> {
        if self.options.split == Split::Line {
            return too_long(self.collector, self.options, offset, start);
        }
        if self.held.text.is_empty() {
            self.held.offset = offset;
        }
        self.held.too_long = true;
        self.held.text.extend_from_slice(start);
        self.held.text.truncate(SAMPLE_BYTES);
        Ok(())
    }

    fn fault(&mut self, fault: TailFault, offset: u64, partial: &[u8], lost: u64) -> Result<()> {
        // What was gathered may go on behind the fault, so it is no whole document.
        self.held = Held::default();
        self.collector.bad_rest(fault, Some(offset), partial, lost)
    }
}
