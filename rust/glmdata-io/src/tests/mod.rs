//! Tests that read whole files through the public door.

mod columns;
mod hostile;
mod packed;
mod people;
mod records;
mod together;

use std::io::Write;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{Array, RecordBatch};
use glmdata_base::{Cancel, Result};

use crate::{
    InputFile, QuarantineEvent, ReadOptions, Reason, Unit, UnitSink, UnitSummary, discover,
    plan_units, raw_schema, read_unit,
};

/// One document, in plain Rust.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::struct_field_names, reason = "columns keep their names")]
pub(crate) struct Row {
    pub(crate) id: Option<String>,
    pub(crate) text: String,
    pub(crate) source: String,
    pub(crate) lang: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) meta: Option<String>,
    pub(crate) row: u64,
    pub(crate) offset: u64,
}

/// Keeps all that a reader delivers.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    pub(crate) rows: Vec<Row>,
    pub(crate) events: Vec<QuarantineEvent>,
    pub(crate) batches: Vec<RecordBatch>,
    /// Bytes of files, as they were told.
    pub(crate) advances: Vec<u64>,
}

impl UnitSink for Recorder {
    fn batch(&mut self, batch: RecordBatch) -> Result<()> {
        assert_eq!(batch.schema(), raw_schema());
        self.rows.extend(rows_of(&batch));
        self.batches.push(batch);
        Ok(())
    }

    fn quarantine(&mut self, event: QuarantineEvent) -> Result<()> {
        self.events.push(event);
        Ok(())
    }

    fn advanced(&mut self, bytes: u64) {
        self.advances.push(bytes);
    }
}

impl Recorder {
    pub(crate) fn texts(&self) -> Vec<&str> {
        self.rows.iter().map(|row| row.text.as_str()).collect()
    }

    pub(crate) fn kinds(&self) -> Vec<Reason> {
        self.events.iter().map(|event| event.kind).collect()
    }
}

pub(crate) fn rows_of(batch: &RecordBatch) -> Vec<Row> {
    let small = |name: &str, row: usize| {
        let column = batch.column_by_name(name).unwrap().as_string::<i32>();
        column.is_valid(row).then(|| column.value(row).to_owned())
    };
    let large = |name: &str, row: usize| {
        let column = batch.column_by_name(name).unwrap().as_string::<i64>();
        column.is_valid(row).then(|| column.value(row).to_owned())
    };
    let number = |name: &str, row: usize| {
        batch.column_by_name(name).unwrap().as_primitive::<UInt64Type>().value(row)
    };
    (0..batch.num_rows())
        .map(|row| Row {
            id: small("id", row),
            text: large("text", row).unwrap(),
            source: small("source", row).unwrap(),
            lang: small("lang", row),
            url: small("url", row),
            meta: large("meta", row),
            row: number("row", row),
            offset: number("offset", row),
        })
        .collect()
}

/// A batch of texts that are numbered.
pub(crate) fn texts_of(numbers: std::ops::Range<usize>) -> RecordBatch {
    let texts: Vec<String> = numbers.map(|n| format!("text {n}")).collect();
    let texts: arrow_array::ArrayRef = std::sync::Arc::new(arrow_array::StringArray::from(texts));
    RecordBatch::try_from_iter([("text", texts)]).unwrap()
}

/// A file of this name and content in a fresh folder `crawl`, as discovery finds it.
pub(crate) fn file_with(folder: &Path, name: &str, content: &[u8]) -> InputFile {
    let path = folder.join("crawl").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::File::create(&path).unwrap().write_all(content).unwrap();
    let found = discover(std::slice::from_ref(&path), &ReadOptions::default()).unwrap();
    assert_eq!(found.files.len(), 1, "{found:?}");
    found.files[0].clone()
}

pub(crate) fn read_units(
    file: &InputFile,
    units: &[Unit],
    options: &ReadOptions,
) -> (Recorder, Vec<UnitSummary>) {
    let mut recorder = Recorder::default();
    let summaries = units
        .iter()
        .map(|unit| {
            let before = (recorder.rows.len(), recorder.events.len());
            let summary = read_unit(file, unit, options, &Cancel::new(), &mut recorder).unwrap();
            check_summary(&summary, &recorder, before);
            summary
        })
        .collect();
    (recorder, summaries)
}

/// in = documents + quarantined, and every record has its own row.
fn check_summary(summary: &UnitSummary, recorder: &Recorder, before: (usize, usize)) {
    let rows = &recorder.rows[before.0..];
    let events = &recorder.events[before.1..];
    assert_eq!(summary.documents, rows.len() as u64);
    assert_eq!(summary.text_bytes, rows.iter().map(|row| row.text.len() as u64).sum::<u64>());
    let set_aside = events.iter().filter_map(|e| Some((e.row?, e.records())));
    let set_aside = set_aside.flat_map(|(row, records)| row..row + records);
    let mut numbers: Vec<u64> = rows.iter().map(|row| row.row).chain(set_aside).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..summary.rows).collect::<Vec<_>>());
    let sized = |event: &QuarantineEvent| match event.row {
        None => event.bytes.is_some(),
        Some(_) => event.bytes.is_none_or(|bytes| bytes > 16 << 10),
    };
    assert!(events.iter().all(sized), "{events:?}");
    for event in events {
        assert!(event.sample.bytes().all(|b| (0x20..0x7f).contains(&b)), "{event:?}");
        assert!(event.row.is_none() || event.kind.is_record(), "{event:?}");
    }
}

/// Read a file of this name and content in one go.
pub(crate) fn read_as(name: &str, content: &[u8], options: &ReadOptions) -> Recorder {
    let folder = tempfile::tempdir().unwrap();
    let file = file_with(folder.path(), name, content);
    let units = plan_units(std::slice::from_ref(&file));
    let (recorder, summaries) = read_units(&file, &units, options);
    let bytes: u64 = summaries.iter().map(|summary| summary.bytes_read).sum();
    assert_eq!(bytes, content.len() as u64, "the units add up to the file");
    let told = recorder.advances.iter().sum::<u64>();
    assert_eq!(told, content.len() as u64, "and so does what is told meanwhile");
    recorder
}

pub(crate) fn read(name: &str, content: &[u8]) -> Recorder {
    read_as(name, content, &ReadOptions::default())
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd_frame(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 3).unwrap()
}
