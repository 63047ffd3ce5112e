//! The one door to reading: [`read_unit`] hands the records of a unit to a [`UnitSink`].

use arrow_array::RecordBatch;
use glmdata_base::{Cancel, Result};
use serde::{Deserialize, Serialize};

use crate::collect::Collector;
use crate::columnar::read_columnar;
use crate::input::{Format, InputFile};
use crate::jsonl::read_jsonl;
use crate::options::ReadOptions;
use crate::quarantine::QuarantineEvent;
use crate::text::read_text;
use crate::unit::Unit;

/// Takes what a unit holds, in the order of its records.
pub trait UnitSink {
    /// The next documents, in the columns of [`raw_schema`](crate::raw_schema).
    fn batch(&mut self, batch: RecordBatch) -> Result<()>;
    /// The next thing that could not be read.
    fn quarantine(&mut self, event: QuarantineEvent) -> Result<()>;
}

/// What a unit held.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitSummary {
    /// Records seen; those quarantined with a row included.
    pub rows: u64,
    /// Records given as documents.
    pub documents: u64,
    /// Bytes of the file that belong to the unit; the units of a file add up to its size.
    pub bytes_read: u64,
    /// Bytes after decompression.
    pub decoded_bytes: u64,
    /// Bytes of text in the documents.
    pub text_bytes: u64,
}

/// Read `unit` of `file`: documents and quarantine events go to `sink`.
///
/// A bad record or a damaged file is an event and never an error; errors are the sink's own,
/// cancellation, and broken promises.
pub fn read_unit(
    file: &InputFile,
    unit: &Unit,
    options: &ReadOptions,
    cancel: &Cancel,
    sink: &mut dyn UnitSink,
) -> Result<UnitSummary> {
    cancel.check()?;
    let mut collector = Collector::new(file, options, sink);
    match file.format {
        Format::Jsonl => read_jsonl(file, unit, options, cancel, &mut collector)?,
        Format::Text => read_text(file, options, cancel, &mut collector)?,
        Format::Parquet | Format::ArrowFile | Format::ArrowStream => {
            read_columnar(file, options, cancel, &mut collector)?;
        }
    }
    collector.finish()
}
