//! Arrow IPC files and streams, looked over before they are decoded.
//!
//! arrow-ipc allocates what a message claims before it reads; a claim of 2^60 bytes ends the
//! process, and no `catch_unwind` helps. So every claim is compared with the size of the file
//! first, and reading stops before the first message that lies.

use std::io::{BufReader, Read, Seek, SeekFrom};

use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_ipc::{Block, root_as_footer, root_as_message};
use arrow_schema::SchemaRef;

use crate::blocks::UnitHold;
use crate::columnar::{Batches, Opened};
use crate::decode::{Stop, TailFault};
use crate::delivery::Delivered;
use crate::input::Format;
use crate::quarantine::Reason;

const MAGIC: &[u8; 6] = b"ARROW1";
const CONTINUATION: [u8; 4] = [0xff; 4];
/// The largest padding of the magic that writers use.
const MAX_HEADER_BYTES: u64 = 64;
/// Largest size that the buffers of one batch may claim to decompress to.
const MAX_BATCH_BYTES: u64 = 4 << 30;
/// Bytes that one packed byte can stand for at most: a block of zstd that repeats one byte takes four
/// bytes for 128 KiB. LZ4 packs less tightly.
const MOST_PACKED: u64 = 1 << 15;

type Checked<T> = Result<T, Stop>;

/// What was found of the messages of a file before any is decoded.
struct Survey {
    /// Batches that can be trusted.
    good: usize,
    /// Rows in them, and in those that cannot be trusted where their messages can be read.
    rows: u64,
    /// Bytes that the largest of them takes, packed and unpacked.
    largest: u64,
    /// What is wrong with the next one.
    fault: Option<TailFault>,
}

/// The batches of an Arrow file or stream.
pub(crate) fn open_arrow(
    mut handle: Delivered,
    format: Format,
    hold: &UnitHold,
) -> Checked<Opened> {
    if format == Format::ArrowStream {
        return open_stream(handle, 0, None, hold);
    }
    match check_blocks(&mut handle) {
        Ok(survey) => {
            hold.block(survey.largest)?;
            let reader = FileReader::try_new_buffered(handle, None).map_err(TailFault::corrupt)?;
            let batches = then_fault(reader.take(survey.good), survey.fault);
            Ok(Opened { batches, rows: Some(survey.rows), lost: None })
        }
        Err(Stop::Error(error)) => Err(Stop::Error(error)),
        // Without a footer the file is still a stream behind its magic: what was written before a
        // crash can be read.
        Err(Stop::Damage(fault)) => match stream_start(&mut handle)? {
            Some(start) => open_stream(handle, start, Some(fault), hold),
            None => Err(fault.into()),
        },
    }
}

/// The schema and batches of a file that is to be whole; of its columns those of `projection`, or all.
pub(crate) fn open_whole(
    mut handle: Delivered,
    projection: Option<Vec<usize>>,
) -> Checked<(SchemaRef, Batches)> {
    let survey = check_blocks(&mut handle)?;
    if let Some(fault) = survey.fault {
        return Err(fault.into());
    }
    let reader = FileReader::try_new_buffered(handle, projection).map_err(TailFault::corrupt)?;
    let schema = reader.schema();
    let batches = reader.map(|batch| batch.map_err(|e| Stop::Damage(TailFault::corrupt(e))));
    Ok((schema, Box::new(batches)))
}

/// The batches and, after the last of them, the fault.
fn then_fault<E: ToString + 'static>(
    batches: impl Iterator<Item = Result<arrow_array::RecordBatch, E>> + 'static,
    fault: Option<TailFault>,
) -> Batches {
    let batches = batches.map(|batch| batch.map_err(|e| Stop::Damage(TailFault::corrupt(e))));
    Box::new(batches.chain(fault.map(|fault| Err(Stop::Damage(fault)))))
}

fn open_stream(
    mut handle: Delivered,
    start: u64,
    fault: Option<TailFault>,
    hold: &UnitHold,
) -> Checked<Opened> {
    let (end, survey) = check_stream(&mut handle, start)?;
    let fault = fault.or(survey.fault);
    hold.block(survey.largest)?;
    let stream = BufReader::new(handle.from(start).take(end - start));
    match StreamReader::try_new(stream, None) {
        // No footer tells how many rows stood behind the fault of a stream.
        Ok(reader) => {
            let rows = fault.is_none().then_some(survey.rows);
            let lost = fault.is_some().then_some((handle.size() - end).max(1));
            Ok(Opened { batches: then_fault(reader, fault), rows, lost })
        }
        Err(e) => Err(fault.unwrap_or_else(|| TailFault::corrupt(e)).into()),
    }
}

/// Where the stream inside an Arrow file begins.
fn stream_start(handle: &mut Delivered) -> Checked<Option<u64>> {
    let mut start = vec![0; MAX_HEADER_BYTES as usize + CONTINUATION.len()];
    let read = read_at(handle, 0, &mut start)?;
    let begins = |start: &[u8]| {
        let start = start.strip_prefix(MAGIC)?;
        let at = start.windows(4).position(|four| four == CONTINUATION)?;
        start[..at].iter().all(|byte| *byte == 0).then_some((at + MAGIC.len()) as u64)
    };
    Ok(begins(&start[..read]))
}

/// Up to where the messages of a stream can be trusted, and what was found.
fn check_stream(handle: &mut Delivered, start: u64) -> Checked<(u64, Survey)> {
    let size = handle.size();
    let mut survey = Survey { good: 0, rows: 0, largest: 0, fault: None };
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
            return Ok((size.min(at + header), survey));
        }
        if read < header as usize {
            survey.fault = Some(truncated(at));
            return Ok((at, survey));
        }
        let metadata = at + header;
        let Some(body) = u64::try_from(length).ok().and_then(|length| metadata.checked_add(length))
        else {
            let detail = format!("a message of {length} bytes at byte {at}");
            survey.fault = Some(TailFault::corrupt(detail));
            return Ok((at, survey));
        };
        if body > size {
            survey.fault = Some(truncated(at));
            return Ok((at, survey));
        }
        let message = check_message(handle, metadata, body, 0)?;
        survey.rows += message.rows;
        if let Some(fault) = message.fault {
            survey.fault = Some(fault);
            return Ok((at, survey));
        }
        survey.largest = survey.largest.max(message.takes);
        at = message.end;
    }
}

fn truncated(at: u64) -> TailFault {
    let detail = format!("the message at byte {at} ends too early");
    TailFault { kind: Reason::TruncatedFile, detail }
}

/// How many batches of a file can be trusted, and what is wrong with the next one.
fn check_blocks(handle: &mut Delivered) -> Checked<Survey> {
    let size = handle.size();
    let mut trailer = [0; 10];
    let trailer_at = size.checked_sub(10).ok_or_else(|| TailFault::corrupt("too short"))?;
    read_at(handle, trailer_at, &mut trailer)?;
    if &trailer[4..] != MAGIC {
        let detail = "no Arrow footer at the end".to_owned();
        return Err(TailFault { kind: Reason::TruncatedFile, detail }.into());
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
    let mut survey = Survey { good: 0, rows: 0, largest: 0, fault: None };
    // Dictionaries stay until the end of the file.
    let mut dictionaries = 0_u64;
    for block in footer.dictionaries().iter().flatten() {
        let message = check_block(handle, block)?;
        if let Some(fault) = message.fault {
            return Err(fault.into());
        }
        dictionaries = dictionaries.saturating_add(message.takes);
    }
    for block in footer.recordBatches().iter().flatten() {
        let message = match check_block(handle, block) {
            Ok(message) => message,
            Err(Stop::Damage(fault)) => Message { rows: 0, end: 0, takes: 0, fault: Some(fault) },
            Err(error) => return Err(error),
        };
        survey.rows += message.rows;
        if survey.fault.is_some() {
            continue;
        }
        if message.fault.is_some() {
            survey.fault = message.fault;
            continue;
        }
        survey.largest = survey.largest.max(message.takes);
        survey.good += 1;
    }
    survey.largest = survey.largest.saturating_add(dictionaries);
    Ok(survey)
}

fn check_block(handle: &mut Delivered, block: &Block) -> Checked<Message> {
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
struct Message {
    /// Rows of a batch; 0 for anything else.
    rows: u64,
    /// Where its body ends.
    end: u64,
    /// Bytes that its body takes, packed and unpacked.
    takes: u64,
    fault: Option<TailFault>,
}

/// Check a message whose metadata lie at `metadata..body`, and whose body has `told` bytes or more.
///
/// The footer and the message both tell how long a body is. The decoder of a file believes the
/// footer, that of a stream the message: what lies in either of them is looked at.
fn check_message(handle: &mut Delivered, metadata: u64, body: u64, told: u64) -> Checked<Message> {
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
fn read_at(handle: &mut Delivered, at: u64, bytes: &mut [u8]) -> Checked<usize> {
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
