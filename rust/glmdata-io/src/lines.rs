//! Cuts a stream of bytes into blocks of whole lines, in bounded memory.
//!
//! Blocks rather than lines, because the JSONL reader checks UTF-8 once a block. Where blocks end
//! is not visible in any result.

use glmdata_base::{Cancel, Result};
use memchr::{memchr, memrchr};

use crate::blocks::UnitHold;
use crate::decode::{ByteSource, Stop, TailFault};
use crate::quarantine::SAMPLE_BYTES;

/// How much is read at a time; twice as much is held, in the cache next to the core.
const BLOCK_BYTES: usize = 1 << 18;
/// Bytes that a line may have beyond `max_record` without being too long: BOM and CR.
const SLACK: u64 = 4;

/// Takes the lines.
pub(crate) trait LineSink {
    /// Whole lines; the last one may lack its newline at the end of the stream. `offset` is the
    /// place of the first byte.
    fn lines(&mut self, block: &[u8], offset: u64) -> Result<()>;
    /// A line that was not held because it is longer than allowed; `start` is how it begins.
    fn too_long(&mut self, offset: u64, start: &[u8]) -> Result<()>;
    /// The stream ends here by a fault; `partial` is the incomplete line before it, `lost` how many bytes
    /// of the file are lost.
    fn fault(&mut self, fault: TailFault, offset: u64, partial: &[u8], lost: u64) -> Result<()>;
}

/// The lines to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LineRange {
    /// Lines that begin at or after this byte. The source stands one byte earlier unless it is 0.
    pub(crate) start: u64,
    /// Lines that begin before this byte.
    pub(crate) end: u64,
    /// Longest line that is held.
    pub(crate) max_record: u64,
}

/// From here on the buffer grows by a quarter: what it has in reserve is memory all the same.
const DOUBLED_BYTES: usize = 4 << 20;

/// Feed the lines of `range` to `sink`; returns the bytes that they and their newlines take.
pub(crate) fn read_lines(
    source: &mut ByteSource,
    range: LineRange,
    hold: &UnitHold,
    cancel: &Cancel,
    sink: &mut dyn LineSink,
) -> Result<u64> {
    read_lines_by(source, range, BLOCK_BYTES, hold, cancel, sink)
}

fn read_lines_by(
    source: &mut ByteSource,
    range: LineRange,
    block_bytes: usize,
    hold: &UnitHold,
    cancel: &Cancel,
    sink: &mut dyn LineSink,
) -> Result<u64> {
    // The newline at or after this byte ends the last line of the range.
    let last_byte = range.end.saturating_sub(1);
    let mut buffer = vec![0_u8; block_bytes * 2];
    // The bytes held, the part of them known to have no newline, and the place of the first one.
    let (mut head, mut tail, mut searched) = (0, 0, 0);
    let mut base = range.start.saturating_sub(1);
    let mut owned_from = (range.start == 0).then_some(0);
    // Passing over bytes up to the next newline: the end of a line that begins before the range,
    // or the rest of one that is too long.
    let mut skipping = range.start > 0;

    loop {
        cancel.check()?;
        // Lines that are whole.
        while head < tail {
            let held = &buffer[head..tail];
            if skipping {
                let Some(newline) = memchr(b'\n', held) else {
                    base += held.len() as u64;
                    (head, searched) = (tail, 0);
                    break;
                };
                let done = base + newline as u64 >= last_byte;
                head += newline + 1;
                base += newline as u64 + 1;
                (skipping, searched) = (false, 0);
                if done {
                    return Ok(owned_from.map_or(0, |from| base - from));
                }
                owned_from.get_or_insert(base);
                continue;
            }
            let to_last = last_byte.saturating_sub(base);
            let (whole, done) = if to_last < held.len() as u64 {
                let from = searched.max(to_last as usize);
                match memchr(b'\n', &held[from..]) {
                    Some(newline) => (from + newline + 1, true),
                    None => (whole_lines(held, searched), false),
                }
            } else {
                (whole_lines(held, searched), false)
            };
            if whole == 0 {
                searched = held.len();
                break;
            }
            sink.lines(&held[..whole], base)?;
            head += whole;
            base += whole as u64;
            searched = 0;
            if done {
                return Ok(owned_from.map_or(0, |from| base - from));
            }
        }
        if !skipping && (tail - head) as u64 > range.max_record.saturating_add(SLACK) {
            let shown = (range.max_record as usize).min(SAMPLE_BYTES);
            sink.too_long(base, &buffer[head..head + shown])?;
            base += (tail - head) as u64;
            (head, tail, searched, skipping) = (0, 0, 0, true);
        }
        // More bytes: make room, at the front if possible.
        if head > 0 {
            buffer.copy_within(head..tail, 0);
            (head, tail) = (0, tail - head);
        }
        if buffer.len() - tail < block_bytes {
            let more = buffer.len() / if buffer.len() < DOUBLED_BYTES { 1 } else { 4 };
            let bytes = buffer.len() + more.max(block_bytes);
            hold.record(bytes, base)?;
            buffer.reserve_exact(bytes - buffer.len());
            buffer.resize(bytes, 0);
        }
        let room = tail..tail + block_bytes;
        match source.read(&mut buffer[room]) {
            Ok(0) => break,
            Ok(read) => tail += read,
            Err(Stop::Error(error)) => return Err(error),
            Err(Stop::Damage(fault)) => {
                let partial = if skipping { &[][..] } else { &buffer[head..tail] };
                sink.fault(fault, base, partial, source.unread().max(1))?;
                return Ok(owned_from.map_or(0, |from| base - from));
            }
        }
    }
    if !skipping && head < tail {
        sink.lines(&buffer[head..tail], base)?;
        base += (tail - head) as u64;
    }
    Ok(owned_from.map_or(0, |from| base - from))
}

/// Bytes up to the last newline; the first `searched` bytes have none.
fn whole_lines(held: &[u8], searched: usize) -> usize {
    memrchr(b'\n', &held[searched..]).map_or(0, |newline| searched + newline + 1)
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
