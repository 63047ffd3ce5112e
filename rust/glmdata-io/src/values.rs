//! JSON values that are no lines: the elements of an array, or objects over several lines each.
//!
//! Values are cut out by counting brackets outside of strings, in memory bounded by the longest record;
//! whether a value is good JSON is found when it is scanned.

use glmdata_base::{Cancel, Result};

use crate::collect::Collector;
use crate::decode::{ByteSource, Stop, TailFault};
use crate::input::InputFile;
use crate::json::Marks;
use crate::jsonl::{BOM, JsonReader, Line};
use crate::options::ReadOptions;
use crate::quarantine::{Reason, SAMPLE_BYTES};

const BLOCK_BYTES: usize = 1 << 18;

/// Read the values of `file` into `collector`.
pub(crate) fn read_values(
    file: &InputFile,
    options: &ReadOptions,
    cancel: &Cancel,
    collector: &mut Collector<'_>,
) -> Result<()> {
    collector.summary.bytes_read += file.bytes;
    let mut source = ByteSource::open(file, 0, options.zst_window)?;
    let mut values = Values {
        reader: JsonReader::new(options, collector),
        max_record: options.max_record,
        cut: Cut::default(),
        held: Vec::new(),
        began: 0,
        too_long: false,
        marks: Marks::default(),
    };
    let (mut block, mut at) = (vec![0; BLOCK_BYTES], 0);
    loop {
        cancel.check()?;
        match source.read(&mut block) {
            Ok(0) => break,
            Ok(read) => {
                let bytes = &block[..read];
                let bytes = if at == 0 { bytes.strip_prefix(BOM).unwrap_or(bytes) } else { bytes };
                values.feed(bytes, at + (read - bytes.len()) as u64)?;
                at += read as u64;
            }
            Err(Stop::Error(error)) => return Err(error),
            Err(Stop::Damage(fault)) => {
                let lost = source.unread().max(1);
                values.reader.collector.summary.decoded_bytes += at;
                return values.reader.collector.bad_rest(fault, Some(at), &values.held, lost);
            }
        }
    }
    values.end(at)?;
    collector.summary.decoded_bytes += at;
    source.check_unchanged()
}

struct Values<'a, 'b> {
    reader: JsonReader<'a, 'b>,
    max_record: u64,
    cut: Cut,
    /// The value so far.
    held: Vec<u8>,
    /// Where it began.
    began: u64,
    too_long: bool,
    marks: Marks,
}

/// Where the cutter stands.
#[derive(Default)]
struct Cut {
    /// The brackets of the array around all values, if there is one: open, or closed again.
    array: Option<bool>,
    inside: bool,
    /// Open brackets of the kind that the value began with: those of the other kind may be wrong in a
    /// damaged value, which shall end where it ends all the same.
    depth: u64,
    brackets: (u8, u8),
    in_string: bool,
    escaped: bool,
}

impl Values<'_, '_> {
    fn feed(&mut self, bytes: &[u8], offset: u64) -> Result<()> {
        let mut copied = 0;
        for (at, &byte) in bytes.iter().enumerate() {
            if !self.cut.inside {
                match byte {
                    b' ' | b'\t' | b'\r' | b'\n' | b',' => continue,
                    // Behind an array another one may follow, where files were put together.
                    b'[' if self.cut.array == Some(false)
                        || self.cut.array.is_none() && self.reader.collector.summary.rows == 0 =>
                    {
                        self.cut.array = Some(true);
                        continue;
                    }
                    b']' if self.cut.array == Some(true) => {
                        self.cut.array = Some(false);
                        continue;
                    }
                    _ => {}
                }
                let brackets = if byte == b'[' { (b'[', b']') } else { (b'{', b'}') };
                self.cut = Cut { inside: true, array: self.cut.array, brackets, ..Cut::default() };
                (self.began, copied) = (offset + at as u64, at);
            }
            let Cut { in_string, escaped, depth, brackets, .. } = &mut self.cut;
            let mut ends_with = false;
            if *in_string {
                match byte {
                    _ if *escaped => *escaped = false,
                    b'\\' => *escaped = true,
                    b'"' => {
                        *in_string = false;
                        ends_with = *depth == 0;
                    }
                    _ => {}
                }
            } else {
                match byte {
                    b'"' => *in_string = true,
                    open if open == brackets.0 => *depth += 1,
                    close if close == brackets.1 && *depth > 0 => {
                        *depth -= 1;
                        ends_with = *depth == 0;
                    }
                    b',' | b']' | b' ' | b'\t' | b'\r' | b'\n' if *depth == 0 => {
                        // A number or word ends before this byte.
                        self.hold(&bytes[copied..at])?;
                        self.value()?;
                        if byte == b']' && self.cut.array == Some(true) {
                            self.cut.array = Some(false);
                        }
                        continue;
                    }
                    _ => {}
                }
            }
            if ends_with {
                self.hold(&bytes[copied..=at])?;
                self.value()?;
            }
        }
        if self.cut.inside {
            self.hold(&bytes[copied..])?;
        }
        Ok(())
    }

    /// Keep a piece of the value, or only its start once it is longer than allowed.
    fn hold(&mut self, piece: &[u8]) -> Result<()> {
        if !self.too_long {
            self.reader.collector.hold.extend(&mut self.held, piece, self.began)?;
            self.too_long = self.held.len() as u64 > self.max_record;
            if self.too_long {
                self.held.truncate(SAMPLE_BYTES);
                self.held.shrink_to(BLOCK_BYTES);
            }
        }
        Ok(())
    }

    /// The value is whole.
    fn value(&mut self) -> Result<()> {
        self.cut.inside = false;
        let held = std::mem::take(&mut self.held);
        let done = if std::mem::take(&mut self.too_long) {
            self.reader.too_long(self.began, &held)
        } else {
            self.marks.fill(&held);
            self.reader.line(&Line {
                bytes: &held,
                text: None,
                offset: self.began,
                marks: &self.marks,
                base: 0,
            })
        };
        self.held = held;
        self.held.clear();
        done
    }

    /// The stream ends here.
    fn end(&mut self, at: u64) -> Result<()> {
        let in_bare_word = self.cut.inside && self.cut.depth == 0 && !self.cut.in_string;
        if in_bare_word {
            self.value()?;
        }
        let what = match (self.cut.inside, self.cut.array) {
            (true, _) => "the last value ends too early",
            (false, Some(true)) => "the array ends too early",
            _ => return Ok(()),
        };
        let fault = TailFault::new(Reason::TruncatedFile, what);
        let lost = if self.cut.inside { at - self.began } else { 1 };
        self.reader.collector.bad_rest(fault, Some(at), &self.held, lost)
    }
}
