//! One message of an Arrow file or stream, compared with the size of the file before anything is allocated.

use std::io::{Read, Seek, SeekFrom};

use arrow_ipc::{Block, root_as_message};

use crate::decode::{Stop, TailFault};
use crate::delivery::Delivered;
use crate::quarantine::Reason;

pub(crate) const CONTINUATION: [u8; 4] = [0xff; 4];
/// Largest size that the buffers of one batch may claim to decompress to.
const MAX_BATCH_BYTES: u64 = 4 << 30;
/// Bytes that one packed byte can stand for at most: a block of zstd that repeats one byte takes four
/// bytes for 128 KiB. LZ4 packs less tightly.
const MOST_PACKED: u64 = 1 << 15;

pub(crate) type Checked<T> = Result<T, Stop>;

pub(crate) fn truncated(at: u64) -> TailFault {
    let detail = format!("the message at byte {at} ends too early");
    TailFault { kind: Reason::TruncatedFile, detail }
}

pub(crate) fn check_block(handle: &mut Delivered, block: &Block) -> Checked<Message> {
    let size = handle.size();
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
        return Err(outside().into());
    }
    let mut prefix = [0; 4];
    read_at(handle, offset, &mut prefix)?;
    let header = if prefix == CONTINUATION { 8 } else { 4 };
    check_message(handle, offset + header, body_at, body)
}

/// What the metadata of a message tell.
pub(crate) struct Message {
    /// Rows of a batch; 0 for anything else.
    pub(crate) rows: u64,
    /// Where its body ends.
    pub(crate) end: u64,
    /// Bytes that its body takes, packed and unpacked.
    pub(crate) takes: u64,
    pub(crate) fault: Option<TailFault>,
}

/// Check a message whose metadata lie at `metadata..body`, and whose body has `told` bytes or more.
///
/// The footer and the message both tell how long a body is. The decoder of a file believes the
/// footer, that of a stream the message: what lies in either of them is looked at.
pub(crate) fn check_message(
    handle: &mut Delivered,
    metadata: u64,
    body: u64,
    told: u64,
) -> Checked<Message> {
    let size = handle.size();
    let mut bytes = vec![0; (body - metadata) as usize];
    read_at(handle, metadata, &mut bytes)?;
    let mut found = Message { rows: 0, end: body, takes: 0, fault: None };
    let message = match root_as_message(&bytes) {
        Ok(message) => message,
        Err(e) => {
            let detail = format!("the message at byte {metadata}: {e}");
            found.fault = Some(TailFault::corrupt(detail));
            return Ok(found);
        }
    };
    if let Some(batch) = message.header_as_record_batch() {
        found.rows = u64::try_from(batch.length()).unwrap_or(0);
    }
    let end = u64::try_from(message.bodyLength())
        .ok()
        .and_then(|length| body.checked_add(length.max(told)))
        .filter(|end| *end <= size);
    let Some(end) = end else {
        found.fault = Some(truncated(metadata));
        return Ok(found);
    };
    (found.end, found.takes) = (end, end - body);
    let batch = message
        .header_as_record_batch()
        .or_else(|| message.header_as_dictionary_batch().and_then(|dictionary| dictionary.data()));
    let Some(batch) = batch.filter(|batch| batch.compression().is_some()) else { return Ok(found) };
    // Compressed buffers begin with the size they decompress to.
    let mut claimed = 0_u64;
    for buffer in batch.buffers().iter().flatten() {
        let (Ok(offset), Ok(length)) =
            (u64::try_from(buffer.offset()), u64::try_from(buffer.length()))
        else {
            found.fault = Some(TailFault::corrupt("a buffer of negative size"));
            return Ok(found);
        };
        if length < 8
            || offset.checked_add(8).and_then(|o| o.checked_add(body)).is_none_or(|o| o > end)
        {
            continue;
        }
        let mut prefix = [0; 8];
        read_at(handle, body + offset, &mut prefix)?;
        let claim = u64::try_from(i64::from_le_bytes(prefix)).unwrap_or(0);
        if claim > length.saturating_mul(MOST_PACKED) {
            let detail = format!("a buffer of {length} bytes claims to decompress to {claim}");
            found.fault = Some(TailFault::corrupt(detail));
        }
        claimed = claimed.saturating_add(claim);
    }
    found.takes = found.takes.saturating_add(claimed);
    if claimed > MAX_BATCH_BYTES {
        let detail = format!(
            "a batch claims to decompress to {claimed} bytes, over the limit of {MAX_BATCH_BYTES}"
        );
        found.fault = Some(TailFault { kind: Reason::BlockTooLarge, detail });
    }
    Ok(found)
}

/// Read at most `bytes.len()` bytes at `at`; fewer only at the end of the file.
pub(crate) fn read_at(handle: &mut Delivered, at: u64, bytes: &mut [u8]) -> Checked<usize> {
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
    let read = read();
    // A place that no file can have is a lie of the file.
    read.map_err(|e| match handle.failure().check(handle.path()) {
        Err(error) => Stop::Error(error),
        Ok(()) => Stop::Damage(TailFault::corrupt(e)),
    })
}
