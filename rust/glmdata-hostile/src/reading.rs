//! One file through discovery and all its units, with the sums that every reader promises.

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{Array, RecordBatch};
use glmdata_base::{Cancel, Error, Result};
use glmdata_io::{
    InputFile, QuarantineEvent, ReadOptions, Unit, UnitSink, UnitSummary, discover, plan_units,
    raw_schema, read_unit,
};

use crate::place::file_of;

/// A small file can tell of more rows than anybody wants to see; the check stops there.
const MANY: usize = 200_000;
/// The same for bytes of text.
const MANY_BYTES: usize = 64 << 20;

/// A document as a reader gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) text: String,
    pub(crate) meta: Option<String>,
    pub(crate) row: u64,
    pub(crate) offset: u64,
}

/// All that was read.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) rows: Vec<Row>,
    pub(crate) events: Vec<QuarantineEvent>,
    text_bytes: usize,
    /// Bytes of the file, as they were told meanwhile.
    advanced: u64,
    /// The reader was stopped because there was too much.
    pub(crate) stopped: bool,
}

impl Seen {
    fn goes_on(&mut self) -> Result<()> {
        self.stopped = self.rows.len() + self.events.len() > MANY || self.text_bytes > MANY_BYTES;
        if self.stopped { Err(Error::Cancelled) } else { Ok(()) }
    }
}

impl UnitSink for Seen {
    fn batch(&mut self, batch: RecordBatch) -> Result<()> {
        assert_eq!(batch.schema(), raw_schema());
        let (texts, meta) = (batch["text"].as_string::<i64>(), batch["meta"].as_string::<i64>());
        let number = |name: &str, at| batch[name].as_primitive::<UInt64Type>().value(at);
        for at in 0..batch.num_rows() {
            self.text_bytes += texts.value_length(at) as usize;
            self.rows.push(Row {
                text: texts.value(at).to_owned(),
                meta: meta.is_valid(at).then(|| meta.value(at).to_owned()),
                row: number("row", at),
                offset: number("offset", at),
            });
        }
        self.goes_on()
    }

    fn quarantine(&mut self, event: QuarantineEvent) -> Result<()> {
        assert!(event.sample.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{event:?}");
        // Of a record its bytes are told if it may be many.
        let sized = event
            .bytes
            .map_or(event.row.is_some(), |bytes| event.row.is_none() || bytes > 16 << 10);
        assert!(sized, "{event:?}");
        assert!(event.row.is_none() || event.kind.is_record(), "{event:?}");
        self.events.push(event);
        self.goes_on()
    }

    fn advanced(&mut self, bytes: u64) {
        self.advanced += bytes;
    }
}

/// Read a file of this name and content; none if discovery set it aside.
pub(crate) fn read(name: &str, content: &[u8], options: &ReadOptions) -> Option<Seen> {
    let file = found(name, content, options)?;
    let units = plan_units(std::slice::from_ref(&file));
    Some(read_units(&file, &units, options))
}

/// The file of this name and content as discovery finds it.
pub(crate) fn found(name: &str, content: &[u8], options: &ReadOptions) -> Option<InputFile> {
    let path = file_of(name, content);
    // A file that was named and holds nothing to read is refused as a whole.
    match discover(&[path], options) {
        Ok(found) => found.files.into_iter().next(),
        Err(Error::Input { .. } | Error::NothingRead { .. }) => None,
        Err(error) => panic!("discovery: {error}"),
    }
}

/// Read these units of `file`, which make up all of it.
pub(crate) fn read_units(file: &InputFile, units: &[Unit], options: &ReadOptions) -> Seen {
    let mut seen = Seen::default();
    let mut bytes = 0;
    for unit in units {
        let before = (seen.rows.len(), seen.events.len());
        match read_unit(file, unit, options, &Cancel::new(), &mut seen) {
            Ok(summary) => {
                bytes += summary.bytes_read;
                check_sums(&summary, &seen, before);
            }
            Err(Error::Cancelled) if seen.stopped => return seen,
            Err(error) => panic!("a crawled file ended the run: {error}"),
        }
    }
    assert_eq!(bytes, file.bytes, "the units add up to the file");
    assert_eq!(seen.advanced, file.bytes, "and so does what is told meanwhile");
    for row in &seen.rows {
        let meta = row.meta.as_deref().map(serde_json::from_str::<serde_json::Value>);
        // Numbers that serde_json has no room for are kept as they were spelled.
        let sound = meta.is_none_or(|meta| match meta {
            Ok(value) => value.is_object(),
            Err(error) => error.to_string().contains("number out of range"),
        });
        assert!(sound, "meta is no object: {row:?}");
    }
    seen
}

/// What went in is a document or was set aside, and every record has its own row.
fn check_sums(summary: &UnitSummary, seen: &Seen, before: (usize, usize)) {
    let (rows, events) = (&seen.rows[before.0..], &seen.events[before.1..]);
    assert_eq!(summary.documents, rows.len() as u64);
    assert_eq!(summary.text_bytes, rows.iter().map(|row| row.text.len() as u64).sum::<u64>());
    let set_aside = events.iter().filter_map(|e| Some((e.row?, e.records())));
    let set_aside = set_aside.flat_map(|(row, records)| row..row + records);
    let mut numbers: Vec<u64> = rows.iter().map(|row| row.row).chain(set_aside).collect();
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(0..summary.rows), "rows of a unit are numbered without gaps");
}
