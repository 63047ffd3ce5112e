//! Bytes of a JSONL or text file after decompression, and what exactly went wrong when they stop.
//!
//! The decoders are driven by hand instead of through `Read` adapters because of what happens at a
//! fault: an adapter answers an error and drops the bytes it decoded in the same call, here they
//! are delivered first. Records before the fault are kept.

use std::io::{ErrorKind, Read};

use flate2::{Decompress, FlushDecompress, Status};
use glmdata_base::Error;
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

use crate::adapted::Adapted;
use crate::delivery::Delivered;
use crate::input::{Compression, InputFile};
use crate::quarantine::Reason;

const INPUT_BYTES: usize = 128 << 10;
/// Bytes that libzstd wants first: magic and the start of the frame header.
const ZSTD_FIRST_HINT: usize = 5;

/// Why a file ends before its end: it is damaged.
#[derive(Clone, Debug)]
pub(crate) struct TailFault {
    pub(crate) kind: Reason,
    pub(crate) detail: String,
}

impl TailFault {
    #[expect(clippy::needless_pass_by_value, reason = "`map_err` hands errors over by value")]
    pub(crate) fn new(kind: Reason, detail: impl ToString) -> Self {
        Self { kind, detail: detail.to_string() }
    }

    pub(crate) fn corrupt(detail: impl ToString) -> Self {
        Self::new(Reason::CorruptFile, detail)
    }
}

/// Why reading stops: by the file's fault, which is set aside, or by another one, which ends the run.
#[derive(Debug)]
pub(crate) enum Stop {
    Damage(TailFault),
    Error(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<TailFault> for Stop {
    fn from(fault: TailFault) -> Self {
        Self::Damage(fault)
    }
}

/// A file, plain or decompressed.
pub(crate) enum ByteSource {
    Plain(Delivered),
    Gzip(Gzip),
    Zstd(Zstd),
    Adapted(Adapted),
}

impl ByteSource {
    /// Open `file`, a plain one at byte `start`; `zst_window` is the largest window of a zstd frame.
    pub(crate) fn open(file: &InputFile, start: u64, zst_window: u64) -> Result<Self, Error> {
        let plain = file.compression == Compression::None;
        let source = Delivered::open(file, if plain { start } else { 0 })?;
        Ok(match file.compression {
            Compression::None => Self::Plain(source),
            Compression::Gzip => Self::Gzip(Gzip::new(source)),
            Compression::Zstd => Self::Zstd(Zstd::new(source, zst_window)?),
            Compression::Bzip2 | Compression::Xz | Compression::Lz4 => {
                Self::Adapted(Adapted::new(source, file.compression))
            }
        })
    }

    /// The next bytes; 0 at the end.
    pub(crate) fn read(&mut self, out: &mut [u8]) -> Result<usize, Stop> {
        match self {
            Self::Plain(file) => {
                file.read(out).map_err(|e| Error::storage("read", file.path(), e).into())
            }
            Self::Gzip(gzip) => gzip.read(out),
            Self::Zstd(zstd) => zstd.read(out),
            Self::Adapted(adapted) => adapted.read(out),
        }
    }

    /// Bytes of the file that were not needed so far.
    pub(crate) fn unread(&self) -> u64 {
        let (source, ahead) = match self {
            Self::Plain(file) => (file, 0),
            Self::Gzip(gzip) => (&gzip.input.file, gzip.input.bytes().len()),
            Self::Zstd(zstd) => (&zstd.input.file, zstd.input.bytes().len()),
            Self::Adapted(adapted) => (adapted.source(), 0),
        };
        source.size().saturating_sub(source.at()) + ahead as u64
    }

    /// Fails if the file changed since it was listed.
    pub(crate) fn check_unchanged(&self) -> Result<(), Error> {
        match self {
            Self::Plain(file) => file.check_unchanged(),
            Self::Gzip(gzip) => gzip.input.file.check_unchanged(),
            Self::Zstd(zstd) => zstd.input.file.check_unchanged(),
            Self::Adapted(adapted) => adapted.source().check_unchanged(),
        }
    }
}

/// Compressed bytes, read ahead.
struct Input {
    file: Delivered,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    at_end: bool,
}

impl Input {
    fn new(file: Delivered) -> Self {
        Self { file, buffer: vec![0; INPUT_BYTES], start: 0, end: 0, at_end: false }
    }

    /// Have at least `wanted` bytes (of at most the buffer), or all that is left.
    fn fill(&mut self, wanted: usize) -> Result<(), Error> {
        if self.end - self.start >= wanted || self.at_end {
            return Ok(());
        }
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        while self.end < wanted {
            match self.file.read(&mut self.buffer[self.end..]) {
                Ok(0) => {
                    self.at_end = true;
                    return Ok(());
                }
                Ok(n) => self.end += n,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(Error::storage("read", self.file.path(), e)),
            }
        }
        Ok(())
    }

    fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    fn is_done(&self) -> bool {
        self.at_end && self.start == self.end
    }
}

/// gzip of one or more members.
pub(crate) struct Gzip {
    input: Input,
    decoder: Decompress,
    /// Members read to their end.
    members: u64,
    inside: bool,
    fault: Option<TailFault>,
}

impl Gzip {
    fn new(file: Delivered) -> Self {
        Self {
            input: Input::new(file),
            decoder: Decompress::new_gzip(15),
            members: 0,
            inside: false,
            fault: None,
        }
    }

    fn read(&mut self, out: &mut [u8]) -> Result<usize, Stop> {
        loop {
            if let Some(fault) = &self.fault {
                return Err(fault.clone().into());
            }
            self.input.fill(1)?;
            if !self.inside {
                if self.members > 0 {
                    self.skip_padding()?;
                }
                if self.input.is_done() {
                    return Ok(0);
                }
                self.decoder = Decompress::new_gzip(15);
                self.inside = true;
            }
            let (in_before, out_before) = (self.decoder.total_in(), self.decoder.total_out());
            let status = self.decoder.decompress(self.input.bytes(), out, FlushDecompress::None);
            let consumed = (self.decoder.total_in() - in_before) as usize;
            let produced = (self.decoder.total_out() - out_before) as usize;
            self.input.start += consumed;
            match status {
                Ok(Status::StreamEnd) => {
                    self.inside = false;
                    self.members += 1;
                }
                Ok(_) if consumed == 0 && produced == 0 && self.input.is_done() => {
                    let member = self.members + 1;
                    self.fault = Some(TailFault::new(
                        Reason::TruncatedFile,
                        format!("gzip member {member} ends too early"),
                    ));
                }
                Ok(_) => {}
                Err(e) => {
                    let member = self.members + 1;
                    let detail = if self.decoder.total_out() == 0 && member > 1 {
                        format!("bytes after gzip member {} that are no further member", member - 1)
                    } else {
                        format!("gzip member {member}: {e}")
                    };
                    self.fault = Some(TailFault::new(Reason::CorruptFile, detail));
                }
            }
            if produced > 0 {
                return Ok(produced);
            }
        }
    }
}

impl Gzip {
    /// Pass over zeros behind a member, as gzip does: tapes and block devices fill the last block so.
    fn skip_padding(&mut self) -> Result<(), Error> {
        while self.input.bytes().first() == Some(&0) {
            let zeros = self.input.bytes().iter().take_while(|byte| **byte == 0).count();
            self.input.start += zeros;
            self.input.fill(1)?;
        }
        Ok(())
    }
}

/// zstd of one or more frames; skippable frames are skipped.
pub(crate) struct Zstd {
    input: Input,
    decoder: Decoder<'static>,
    /// How many bytes libzstd wants next. Feeding exactly these makes it decode block by block, so
    /// that a fault costs no earlier block; 0 between frames.
    hint: usize,
    fault: Option<TailFault>,
}

impl Zstd {
    fn new(file: Delivered, window: u64) -> Result<Self, Error> {
        let mut decoder = Decoder::new().map_err(Error::internal)?;
        // The least power of two that has room for it; libzstd takes 2^31 at most.
        let log = window.max(1).next_power_of_two().ilog2().clamp(10, 31);
        decoder.set_parameter(DParameter::WindowLogMax(log)).map_err(Error::internal)?;
        Ok(Self { input: Input::new(file), decoder, hint: 0, fault: None })
    }

    fn read(&mut self, out: &mut [u8]) -> Result<usize, Stop> {
        loop {
            if let Some(fault) = &self.fault {
                return Err(fault.clone().into());
            }
            let wanted = if self.hint == 0 { ZSTD_FIRST_HINT } else { self.hint };
            self.input.fill(wanted)?;
            if self.hint == 0 && self.input.is_done() {
                return Ok(0);
            }
            let available = self.input.bytes();
            let mut input = InBuffer::around(&available[..available.len().min(wanted)]);
            let mut output = OutBuffer::around(&mut *out);
            let status = self.decoder.run(&mut input, &mut output);
            let (consumed, produced) = (input.pos(), output.pos());
            self.input.start += consumed;
            match status {
                Ok(hint) => {
                    self.hint = hint;
                    if consumed == 0 && produced == 0 && hint != 0 && self.input.is_done() {
                        self.fault = Some(TailFault::new(
                            Reason::TruncatedFile,
                            "zstd frame ends too early",
                        ));
                    }
                }
                Err(e) => {
                    let detail = e.to_string();
                    // libzstd names this error, zstd-rs passes only the name on.
                    let kind = if detail.contains("requires too much memory") {
                        Reason::WindowTooLarge
                    } else {
                        Reason::CorruptFile
                    };
                    self.fault = Some(TailFault::new(kind, format!("zstd: {detail}")));
                }
            }
            if produced > 0 {
                return Ok(produced);
            }
        }
    }
}
