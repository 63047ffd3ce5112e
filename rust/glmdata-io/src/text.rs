//! Text files: the whole file is one document.

use glmdata_base::{Cancel, Result};

use crate::collect::{Collector, Document, Text};
use crate::decode::ByteSource;
use crate::input::InputFile;
use crate::options::ReadOptions;
use crate::quarantine::{Reason, SAMPLE_BYTES};

const BOM: &[u8] = b"\xef\xbb\xbf";
const BLOCK_BYTES: usize = 1 << 20;

/// Read `file` into one document. A text without any character is a document all the same: its
/// file is not empty, so it is a record, and records are never dropped silently.
pub(crate) fn read_text(
    file: &InputFile,
    options: &ReadOptions,
    cancel: &Cancel,
    collector: &mut Collector<'_>,
) -> Result<()> {
    collector.summary.bytes_read += file.bytes;
    let mut source = match ByteSource::open(file, 0) {
        Ok(source) => source,
        Err(fault) => return collector.bad_file(fault.kind, None, fault.detail, b""),
    };
    let limit = options.max_record.saturating_add(BOM.len() as u64);
    let mut bytes = Vec::new();
    loop {
        cancel.check()?;
        let held = bytes.len();
        bytes.resize(held + BLOCK_BYTES, 0);
        match source.read(&mut bytes[held..]) {
            Ok(read) => bytes.truncate(held + read),
            Err(fault) => {
                // Half a document is no document: its text before the fault is not kept.
                bytes.truncate(held);
                return collector.bad_file(fault.kind, Some(0), fault.detail, &bytes);
            }
        }
        if bytes.len() == held || bytes.len() as u64 > limit {
            break;
        }
    }
    collector.summary.decoded_bytes += bytes.len() as u64;
    let content = bytes.strip_prefix(BOM).unwrap_or(&bytes);
    if content.len() as u64 > options.max_record {
        let shown = content.len().min(SAMPLE_BYTES).min(options.max_record as usize);
        let detail = format!("longer than {} bytes", options.max_record);
        return collector.bad_record(Reason::RecordTooLarge, 0, detail, &content[..shown]);
    }
    match simdutf8::compat::from_utf8(content) {
        Ok(text) => collector.document(&Document {
            id: None,
            text: Text::Plain(text),
            source: None,
            lang: None,
            url: None,
            meta: None,
            offset: 0,
        }),
        Err(e) => {
            let detail = format!("not UTF-8 at byte {}", e.valid_up_to());
            collector.bad_record(Reason::InvalidUtf8, 0, detail, content)
        }
    }
}
