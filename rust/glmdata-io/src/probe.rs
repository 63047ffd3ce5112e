//! Whether the field that the user named is there at all, by the first records of some files.
//!
//! A crawl whose text lies in another field would be read to its end and found empty; this says so in
//! the first second.

use std::collections::BTreeSet;

use arrow_array::RecordBatch;
use glmdata_base::{Cancel, Error, Result};

use crate::collect::Collector;
use crate::discover::Discovered;
use crate::input::{Format, InputFile};
use crate::options::ReadOptions;
use crate::quarantine::{QuarantineEvent, Reason};
use crate::read::{UnitSink, read_into};
use crate::record::HAS;
use crate::unit::Unit;

/// Files that are looked at, spread over the input.
const FILES: usize = 16;
/// Records of each.
const RECORDS: u64 = 16;
/// Bytes of a plain file that are looked at.
const BYTES: u64 = 64 << 10;
/// Names that are shown.
const NAMES: usize = 12;

/// Fails if none of the first records of any file looked at has the text field.
///
/// # Errors
/// [`Error::Config`] with the fields that were found, and what reading itself ends with.
pub fn probe(found: &Discovered, options: &ReadOptions) -> Result<()> {
    // A batch a document, so that the first one is seen at once.
    let options = ReadOptions { batch_bytes: 1, ..options.clone() };
    let step = found.files.len().div_ceil(FILES).max(1);
    let (mut missing, mut names) = (0, BTreeSet::new());
    for file in found.files.iter().step_by(step) {
        // Text files have no fields, and what a stage wrote has ours.
        if file.format == Format::Text || file.vouched.is_some() {
            return Ok(());
        }
        let seen = look(file, &options)?;
        if seen.documents > 0 {
            return Ok(());
        }
        missing += seen.missing;
        names.extend(seen.names);
    }
    if missing == 0 {
        return Ok(());
    }
    let names: Vec<String> = names.into_iter().take(NAMES).collect();
    let expected = if names.is_empty() {
        "a field with values; in the first records it is null".to_owned()
    } else {
        format!("a field of the records, which have {}", names.join(", "))
    };
    Err(Error::config("text-field", &expected, format!("`{}`", options.text_field.shown())))
}

fn look(file: &InputFile, options: &ReadOptions) -> Result<Seen> {
    let mut seen = Seen::default();
    // The sink stops the reader as Ctrl-C would.
    let stop = seen.stop.clone();
    let unit = Unit { file: 0, start: 0, end: file.bytes.min(BYTES) };
    let mut collector = Collector::new(file, &unit, options, &mut seen);
    let read = read_into(file, &unit, options, &stop, &mut collector);
    let read = read.and_then(|()| collector.finish().map(|_| ()));
    match read {
        Ok(()) | Err(Error::Cancelled) => Ok(seen),
        Err(error) => Err(error.of(&file.path.display())),
    }
}

/// What the first records were.
#[derive(Default)]
struct Seen {
    documents: u64,
    /// Records and files without the text field.
    missing: u64,
    events: u64,
    names: BTreeSet<String>,
    stop: Cancel,
}

impl UnitSink for Seen {
    fn batch(&mut self, batch: RecordBatch) -> Result<()> {
        self.documents += batch.num_rows() as u64;
        self.stop.cancel();
        Ok(())
    }

    fn quarantine(&mut self, event: QuarantineEvent) -> Result<()> {
        if event.kind == Reason::MissingText {
            self.missing += 1;
            let names = event.detail.split_once(HAS).map_or("", |(_, names)| names);
            self.names.extend(names.split(", ").filter(|name| !name.is_empty()).map(str::to_owned));
        }
        self.events += 1;
        if self.events >= RECORDS {
            self.stop.cancel();
        }
        Ok(())
    }
}
