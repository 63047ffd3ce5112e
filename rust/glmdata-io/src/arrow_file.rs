//! Arrow IPC files and streams, looked over before they are decoded.
//!
//! arrow-ipc allocates what a message claims before it reads; a claim of 2^60 bytes ends the
//! process, and no `catch_unwind` helps. So every claim is compared with the size of the file
//! first, and reading stops before the first message that lies.

use std::io::{BufReader, Read};

use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_ipc::{Block, root_as_footer};
use arrow_schema::SchemaRef;

use crate::arrow_message::{
    CONTINUATION, Checked, Message, check_block, check_message, read_at, truncated,
};
use crate::blocks::UnitHold;
use crate::columnar::{Batches, Opened};
use crate::decode::{Stop, TailFault};
use crate::delivery::Delivered;
use crate::input::Format;
use crate::quarantine::Reason;

const MAGIC: &[u8; 6] = b"ARROW1";
/// The largest padding of the magic that writers use.
const MAX_HEADER_BYTES: u64 = 64;
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
    let (mut rows, mut largest, mut fault) = (0, 0, fault);
    // Streams that were put together are read one after the other.
    let mut parts = vec![(start, start)];
    for number in 0.. {
        let (end, survey) = check_stream(&mut handle, parts[number].0)?;
        parts[number].1 = end;
        rows += survey.rows;
        largest = largest.max(survey.largest);
        fault = fault.or(survey.fault);
        let next =
            if fault.is_none() { behind_the_end(&mut handle, end)? } else { Behind::Nothing };
        match next {
            Behind::Nothing => break,
            Behind::Stream => parts.push((end, end)),
            Behind::Bytes(detail) => fault = Some(TailFault::corrupt(detail)),
        }
        if fault.is_some() {
            break;
        }
    }
    hold.block(largest)?;
    let lost = fault.is_some().then(|| handle.size() - parts.last().map_or(0, |part| part.1));
    let open = move |(start, end): (u64, u64)| {
        StreamReader::try_new(BufReader::new(handle.from(start).take(end - start)), None)
    };
    let first = match open(parts[0]) {
        Ok(reader) => reader,
        Err(e) => return Err(fault.unwrap_or_else(|| TailFault::corrupt(e)).into()),
    };
    let others = parts.into_iter().skip(1).flat_map(move |part| {
        let (reader, refused) = match open(part) {
            Ok(reader) => (Some(reader), None),
            Err(e) => (None, Some(Err(e))),
        };
        reader.into_iter().flatten().chain(refused)
    });
    // No footer tells how many rows stood behind the fault of a stream.
    let rows = fault.is_none().then_some(rows);
    let lost = lost.map(|lost| lost.max(1));
    Ok(Opened { batches: then_fault(first.chain(others), fault), rows, lost })
}

/// What stands behind the end mark of a stream.
enum Behind {
    Nothing,
    Stream,
    Bytes(String),
}

fn behind_the_end(handle: &mut Delivered, end: u64) -> Checked<Behind> {
    let mut head = [0; MAX_HEADER_BYTES as usize];
    let read = read_at(handle, end, &mut head)?;
    let left = handle.size() - end;
    Ok(match &head[..read] {
        padding if padding.len() as u64 == left && padding.iter().all(|byte| *byte == 0) => {
            Behind::Nothing
        }
        next if next.starts_with(&CONTINUATION) => Behind::Stream,
        _ => Behind::Bytes(format!("{left} bytes behind the end of the stream")),
    })
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
    // Of two files behind one another the footer tells of the second alone, and its places lie in the first.
    let end = |block: &Block| {
        let metadata = i64::from(block.metaDataLength());
        block.offset().saturating_add(metadata).saturating_add(block.bodyLength())
    };
    let ends = footer.recordBatches().iter().flatten().map(end).max();
    let ends = ends.max(footer.dictionaries().iter().flatten().map(end).max());
    let last = match ends.and_then(|end| u64::try_from(end).ok()) {
        Some(end) => Some(end),
        None => match stream_start(handle)? {
            Some(start) => Some(check_stream(handle, start)?.0),
            None => None,
        },
    };
    let between = last.map_or(0, |end| footer_at.saturating_sub(end));
    if survey.fault.is_none() && between > MAX_HEADER_BYTES {
        let detail = format!("{between} bytes before the footer are none of its batches");
        return Err(TailFault::corrupt(detail).into());
    }
    Ok(survey)
}
