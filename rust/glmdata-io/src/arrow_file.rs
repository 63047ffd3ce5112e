//! Arrow IPC files and streams, looked over before they are decoded.
//!
//! arrow-ipc allocates what a message claims before it reads; a claim of 2^60 bytes ends the
//! process, and no `catch_unwind` helps. So every claim is compared with the size of the file
//! first, and reading stops before the first message that lies.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_ipc::{Block, root_as_footer, root_as_message};

use crate::columnar::Batches;
use crate::decode::TailFault;
use crate::input::Format;
use crate::quarantine::Reason;

const MAGIC: &[u8; 6] = b"ARROW1";
const CONTINUATION: [u8; 4] = [0xff; 4];
/// The largest padding of the magic that writers use.
const MAX_HEADER_BYTES: u64 = 64;
/// Largest size that the buffers of one batch may claim to decompress to.
const MAX_BATCH_BYTES: u64 = 4 << 30;

type Checked<T> = Result<T, TailFault>;

/// The batches of an Arrow file or stream.
pub(crate) fn open_arrow(mut handle: File, format: Format) -> Checked<Batches> {
    let size = handle.metadata().map_err(|e| TailFault::unreadable(&e))?.len();
    if format == Format::ArrowStream {
        return open_stream(handle, 0, size, None);
    }
    match check_blocks(&mut handle, size) {
        Ok((good, fault)) => {
            let reader = FileReader::try_new_buffered(handle, None).map_err(TailFault::corrupt)?;
            Ok(then_fault(reader.take(good), fault))
        }
        // Without a footer the file is still a stream behind its magic: what was written before a
        // crash can be read.
        Err(fault) => match stream_start(&mut handle) {
            Some(start) => open_stream(handle, start, size, Some(fault)),
            None => Err(fault),
        },
    }
}

/// The batches and, after the last of them, the fault.
fn then_fault<E: ToString + 'static>(
    batches: impl Iterator<Item = Result<arrow_array::RecordBatch, E>> + 'static,
    fault: Option<TailFault>,
) -> Batches {
    Box::new(batches.map(|batch| batch.map_err(TailFault::corrupt)).chain(fault.map(Err)))
}

fn open_stream(
    mut handle: File,
    start: u64,
    size: u64,
    fault: Option<TailFault>,
) -> Checked<Batches> {
    let (end, lie) = check_stream(&mut handle, start, size)?;
    handle.seek(SeekFrom::Start(start)).map_err(|e| TailFault::unreadable(&e))?;
    let fault = fault.or(lie);
    let stream = BufReader::new(handle.take(end - start));
    match StreamReader::try_new(stream, None) {
        Ok(reader) => Ok(then_fault(reader, fault)),
        Err(e) => Err(fault.unwrap_or_else(|| TailFault::corrupt(e))),
    }
}

/// Where the stream inside an Arrow file begins.
fn stream_start(handle: &mut File) -> Option<u64> {
    let mut start = vec![0; MAX_HEADER_BYTES as usize + CONTINUATION.len()];
    let read = read_at(handle, 0, &mut start).ok()?;
    let start = start[..read].strip_prefix(MAGIC)?;
    let at = start.windows(4).position(|four| four == CONTINUATION)?;
    start[..at].iter().all(|byte| *byte == 0).then_some((at + MAGIC.len()) as u64)
}

/// Up to where the messages of a stream can be trusted, and what is wrong there.
fn check_stream(handle: &mut File, start: u64, size: u64) -> Checked<(u64, Option<TailFault>)> {
    let mut at = start;
    loop {
        let mut prefix = [0; 8];
        let read = read_at(handle, at, &mut prefix)?;
        let word = |from: usize| {
            i32::from_le_bytes([prefix[from], prefix[from + 1], prefix[from + 2], prefix[from + 3]])
        };
        let (header, length) =
            if prefix[..4] == CONTINUATION { (8, word(4)) } else { (4, word(0)) };
        if read == 0 || (read >= header as usize && length == 0) {
            // End mark, or the end of the file without one, which the format allows.
            return Ok((size.min(at + header), None));
        }
        if read < header as usize {
            return Ok((at, Some(truncated(at))));
        }
        let metadata = at + header;
        let Some(body) = u64::try_from(length).ok().and_then(|length| metadata.checked_add(length))
        else {
            let fault = TailFault::corrupt(format!("a message of {length} bytes at byte {at}"));
            return Ok((at, Some(fault)));
        };
        if body > size {
            return Ok((at, Some(truncated(at))));
        }
        match check_message(handle, metadata, body, size) {
            Ok(end) => at = end,
            Err(fault) => return Ok((at, Some(fault))),
        }
    }
}

fn truncated(at: u64) -> TailFault {
    let detail = format!("the message at byte {at} ends too early");
    TailFault { kind: Reason::TruncatedFile, detail }
}

/// How many batches of a file can be trusted, and what is wrong with the next one.
fn check_blocks(handle: &mut File, size: u64) -> Checked<(usize, Option<TailFault>)> {
    let mut trailer = [0; 10];
    let trailer_at = size.checked_sub(10).ok_or_else(|| TailFault::corrupt("too short"))?;
    read_at(handle, trailer_at, &mut trailer)?;
    if &trailer[4..] != MAGIC {
        let detail = "no Arrow footer at the end".to_owned();
        return Err(TailFault { kind: Reason::TruncatedFile, detail });
    }
    let length = i32::from_le_bytes([trailer[0], trailer[1], trailer[2], trailer[3]]);
    let footer_at = u64::try_from(length)
        .ok()
        .and_then(|length| trailer_at.checked_sub(length))
        .ok_or_else(|| TailFault::corrupt(format!("a footer of {length} bytes")))?;
    let mut bytes = vec![0; (trailer_at - footer_at) as usize];
    read_at(handle, footer_at, &mut bytes)?;
    let footer =
        root_as_footer(&bytes).map_err(|e| TailFault::corrupt(format!("the footer: {e}")))?;
    for block in footer.dictionaries().iter().flatten() {
        check_block(handle, block, size)?;
    }
    let mut good = 0;
    for block in footer.recordBatches().iter().flatten() {
        if let Err(fault) = check_block(handle, block, size) {
            return Ok((good, Some(fault)));
        }
        good += 1;
    }
    Ok((good, None))
}

fn check_block(handle: &mut File, block: &Block, size: u64) -> Checked<()> {
    let (offset, metadata, body) = (block.offset(), block.metaDataLength(), block.bodyLength());
    let outside = || {
        TailFault::corrupt(format!(
            "a block of {metadata} + {body} bytes at byte {offset} of {size} in the footer"
        ))
    };
    let number = |value: i64| u64::try_from(value).map_err(|_| outside());
    let (offset, metadata, body) = (number(offset)?, number(i64::from(metadata))?, number(body)?);
    let body_at = offset.checked_add(metadata).ok_or_else(outside)?;
    if metadata < 8 || body_at.checked_add(body).is_none_or(|end| end > size) {
        return Err(outside());
    }
    let mut prefix = [0; 4];
    read_at(handle, offset, &mut prefix)?;
    let header = if prefix == CONTINUATION { 8 } else { 4 };
    check_message(handle, offset + header, body_at, size).map(|_| ())
}

/// Check a message whose metadata lie at `metadata..body`; returns where its body ends.
fn check_message(handle: &mut File, metadata: u64, body: u64, size: u64) -> Checked<u64> {
    let mut bytes = vec![0; (body - metadata) as usize];
    read_at(handle, metadata, &mut bytes)?;
    let message = root_as_message(&bytes)
        .map_err(|e| TailFault::corrupt(format!("the message at byte {metadata}: {e}")))?;
    let end = u64::try_from(message.bodyLength())
        .ok()
        .and_then(|length| body.checked_add(length))
        .filter(|end| *end <= size);
    let Some(end) = end else { return Err(truncated(metadata)) };
    let batch = message
        .header_as_record_batch()
        .or_else(|| message.header_as_dictionary_batch().and_then(|dictionary| dictionary.data()));
    let Some(batch) = batch.filter(|batch| batch.compression().is_some()) else { return Ok(end) };
    // Compressed buffers begin with the size they decompress to.
    let mut claimed = 0_u64;
    for buffer in batch.buffers().iter().flatten() {
        let (Ok(offset), Ok(length)) =
            (u64::try_from(buffer.offset()), u64::try_from(buffer.length()))
        else {
            return Err(TailFault::corrupt("a buffer of negative size"));
        };
        if length < 8
            || offset.checked_add(8).and_then(|o| o.checked_add(body)).is_none_or(|o| o > end)
        {
            continue;
        }
        let mut prefix = [0; 8];
        read_at(handle, body + offset, &mut prefix)?;
        claimed = claimed.saturating_add(u64::try_from(i64::from_le_bytes(prefix)).unwrap_or(0));
    }
    if claimed > MAX_BATCH_BYTES {
        let detail = format!(
            "a batch claims to decompress to {claimed} bytes, over the limit of {MAX_BATCH_BYTES}"
        );
        return Err(TailFault { kind: Reason::CorruptFile, detail });
    }
    Ok(end)
}

/// Read at most `bytes.len()` bytes at `at`; fewer only at the end of the file.
fn read_at(handle: &mut File, at: u64, bytes: &mut [u8]) -> Checked<usize> {
    let mut read = || -> std::io::Result<usize> {
        handle.seek(SeekFrom::Start(at))?;
        let mut held = 0;
        while held < bytes.len() {
            match handle.read(&mut bytes[held..])? {
                0 => break,
                read => held += read,
            }
        }
        Ok(held)
    };
    read().map_err(|e| TailFault::unreadable(&e))
}
