//! The one door to reading: [`read_unit`] hands the records of a unit to a [`UnitSink`].

use arrow_array::RecordBatch;
use glmdata_base::{Cancel, Result};
use serde::{Deserialize, Serialize};

use crate::collect::Collector;
use crate::columnar::read_columnar;
use crate::csv::read_csv;
use crate::fields::FieldUse;
use crate::input::{Format, InputFile};
use crate::jsonl::read_jsonl;
use crate::options::ReadOptions;
use crate::quarantine::QuarantineEvent;
use crate::text::read_text;
use crate::unit::Unit;
use crate::values::read_values;
use crate::vouch::vouched_read;

/// Takes what a unit holds, in the order of its records.
pub trait UnitSink {
    /// The next documents, in the columns of [`raw_schema`](crate::raw_schema).
    fn batch(&mut self, batch: RecordBatch) -> Result<()>;
    /// The next thing that could not be read.
    fn quarantine(&mut self, event: QuarantineEvent) -> Result<()>;
    /// So many more bytes of the file, as it lies on disk, are read; over a unit they add up to its size.
    fn advanced(&mut self, _bytes: u64) {}
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
    /// Fields that the documents had.
    pub fields: FieldUse,
}

/// Read `unit` of `file`: documents and quarantine events go to `sink`.
///
/// A bad record or a damaged file of a crawl is an event and never an error; errors are the sink's own,
/// cancellation, what the system cannot deliver, and damage to a file that a stage of our own wrote.
pub fn read_unit(
    file: &InputFile,
    unit: &Unit,
    options: &ReadOptions,
    cancel: &Cancel,
    sink: &mut dyn UnitSink,
) -> Result<UnitSummary> {
    cancel.check()?;
    let read = |sink: &mut dyn UnitSink| {
        let mut collector = Collector::new(file, unit, options, sink);
        read_into(file, unit, options, cancel, &mut collector)?;
        collector.finish()
    };
    let summary = match &file.vouched {
        Some(vouched) => vouched_read(file, vouched, sink, read),
        None => read(sink),
    };
    summary.map_err(|error| error.of(&file.path.display()))
}

/// The reader of each format.
pub(crate) fn read_into(
    file: &InputFile,
    unit: &Unit,
    options: &ReadOptions,
    cancel: &Cancel,
    collector: &mut Collector<'_>,
) -> Result<()> {
    match file.format {
        Format::Jsonl => read_jsonl(file, unit, options, cancel, collector),
        Format::Json => read_values(file, options, cancel, collector),
        Format::Csv | Format::Tsv => read_csv(file, options, cancel, collector),
        Format::Text => read_text(file, options, cancel, collector),
        Format::Parquet | Format::ArrowFile | Format::ArrowStream => {
            read_columnar(file, options, cancel, collector)
        }
    }
}
