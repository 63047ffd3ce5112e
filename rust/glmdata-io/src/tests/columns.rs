//! Parquet and Arrow: what their columns become, and what is left of damaged files.

use std::sync::Arc;

use arrow_array::builder::{Int32Builder, ListBuilder, MapBuilder, StringBuilder};
use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray,
    FixedSizeBinaryArray, Float64Array, Int64Array, LargeStringArray, RecordBatch, StringArray,
    StringViewArray, StructArray,
};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow_schema::Field;
use parquet::arrow::ArrowWriter;

use super::{Recorder, read, read_as};
use crate::{ReadOptions, Reason};

fn options_with(compression: Option<CompressionType>) -> IpcWriteOptions {
    IpcWriteOptions::default().try_with_compression(compression).unwrap()
}

pub(super) fn arrow_file(batches: &[RecordBatch], compression: Option<CompressionType>) -> Vec<u8> {
    let schema = batches[0].schema();
    let mut writer =
        FileWriter::try_new_with_options(Vec::new(), &schema, options_with(compression)).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.into_inner().unwrap()
}

pub(super) fn arrow_stream(
    batches: &[RecordBatch],
    compression: Option<CompressionType>,
) -> Vec<u8> {
    let schema = batches[0].schema();
    let mut writer =
        StreamWriter::try_new_with_options(Vec::new(), &schema, options_with(compression)).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.into_inner().unwrap()
}

pub(super) fn parquet(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = ArrowWriter::try_new(Vec::new(), batches[0].schema(), None).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
        writer.flush().unwrap();
    }
    writer.into_inner().unwrap()
}

/// Every container that can hold `batches`.
pub(super) fn containers(batches: &[RecordBatch]) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("plain.arrow", arrow_file(batches, None)),
        ("zstd.feather", arrow_file(batches, Some(CompressionType::ZSTD))),
        ("lz4.feather", arrow_file(batches, Some(CompressionType::LZ4_FRAME))),
        ("stream.arrows", arrow_stream(batches, None)),
        // By its first bytes, not its name.
        ("stream.arrow", arrow_stream(batches, Some(CompressionType::ZSTD))),
        ("a.parquet", parquet(batches)),
    ]
}

pub(super) fn batch_of(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter(columns).unwrap()
}

/// Three batches of texts `0`, `1`, ... with an id.
pub(super) fn numbered() -> Vec<RecordBatch> {
    (0..3_i64)
        .map(|batch| {
            let texts: Vec<String> = (0..50)
                .map(|row| format!("text {} {}", batch * 50 + row, "x".repeat(40)))
                .collect();
            let ids = Int64Array::from_iter_values((0..50).map(|row| batch * 50 + row));
            batch_of(vec![
                ("id", Arc::new(ids) as ArrayRef),
                ("text", Arc::new(StringArray::from(texts))),
            ])
        })
        .collect()
}

#[test]
fn columns_become_fields() {
    let tags = {
        let mut tags = ListBuilder::new(StringBuilder::new());
        tags.append_value([Some("a\"b"), None]);
        tags.append_null();
        tags.append_value([] as [Option<&str>; 0]);
        tags.finish()
    };
    let map = {
        let mut map = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
        map.keys().append_value("k");
        map.values().append_value(1);
        map.append(true).unwrap();
        map.append(true).unwrap();
        map.append(false).unwrap();
        map.finish()
    };
    let point = StructArray::from(vec![
        (
            Arc::new(Field::new("x", arrow_schema::DataType::Float64, true)),
            Arc::new(Float64Array::from(vec![Some(1.0), Some(f64::NAN), None])) as ArrayRef,
        ),
        (
            Arc::new(Field::new("y", arrow_schema::DataType::Boolean, true)),
            Arc::new(BooleanArray::from(vec![true, false, true])) as ArrayRef,
        ),
    ]);
    let batch = batch_of(vec![
        ("z", Arc::new(Int64Array::from(vec![Some(i64::MAX), None, Some(-1)])) as ArrayRef),
        ("id", Arc::new(Int64Array::from(vec![Some(7), None, Some(9)]))),
        ("text", Arc::new(StringArray::from(vec![Some("一"), None, Some("")]))),
        ("tags", Arc::new(tags)),
        ("map", Arc::new(map)),
        ("point", Arc::new(point)),
        ("day", Arc::new(Date32Array::from(vec![Some(19_000), None, None]))),
        (
            "price",
            Arc::new(
                Decimal128Array::from(vec![Some(1250), None, Some(-5)])
                    .with_precision_and_scale(10, 2)
                    .unwrap(),
            ),
        ),
        ("raw", Arc::new(BinaryArray::from_opt_vec(vec![Some(b"\xff\x00"), None, None]))),
        ("source", Arc::new(StringViewArray::from(vec![Some("web"), None, None]))),
        ("lang", Arc::new(DictionaryArray::<Int8Type>::from_iter([Some("zh"), None, Some("en")]))),
        ("url", Arc::new(LargeStringArray::from(vec![None::<&str>; 3]))),
    ]);
    let tables: Vec<_> = containers(std::slice::from_ref(&batch));
    for (name, bytes) in tables {
        let found = read(name, &bytes);
        let first = &found.rows[0];
        assert_eq!(first.text, "一", "{name}");
        assert_eq!(first.id.as_deref(), Some("7"));
        assert_eq!((first.source.as_str(), first.lang.as_deref()), ("web", Some("zh")));
        assert_eq!(
            first.meta.as_deref(),
            Some(concat!(
                r#"{"z":9223372036854775807,"tags":["a\"b",null],"map":{"k":1},"#,
                r#""point":{"x":1.0,"y":true},"day":"2022-01-08","price":12.50,"raw":"ff00"}"#
            )),
            "{name}"
        );
        let second = &found.rows[1];
        assert_eq!((second.text.as_str(), second.row, second.offset), ("", 2, 2));
        assert_eq!((second.source.as_str(), second.lang.as_deref()), ("crawl", Some("en")));
        assert_eq!(
            second.meta.as_deref(),
            Some(r#"{"z":-1,"tags":[],"point":{"x":null,"y":true},"price":-0.05}"#)
        );
        assert_eq!(found.kinds(), [Reason::MissingText]);
        assert_eq!((found.events[0].row, found.events[0].offset), (Some(1), Some(1)));
    }
}

#[test]
fn text_columns_of_all_widths() {
    let texts = ["a", "b"];
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(texts)),
        Arc::new(LargeStringArray::from_iter_values(texts)),
        Arc::new(StringViewArray::from_iter_values(texts)),
        Arc::new(DictionaryArray::<Int8Type>::from_iter(texts)),
    ];
    for column in columns {
        let kind = column.data_type().clone();
        for (name, bytes) in containers(&[batch_of(vec![("text", column.clone())])]) {
            assert_eq!(read(name, &bytes).texts(), texts, "{name} {kind}");
        }
    }
}

#[test]
fn files_without_text_are_one_event() {
    let number: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let fixed = FixedSizeBinaryArray::try_from_iter([b"a", b"b"].into_iter()).unwrap();
    let fixed: ArrayRef = Arc::new(fixed);
    for (column, kind) in [
        (("body", number.clone()), Reason::MissingText),
        (("text", number), Reason::TextNotString),
        (("text", fixed), Reason::TextNotString),
    ] {
        let batch = batch_of(vec![column]);
        for (name, bytes) in containers(&[batch.clone(), batch.clone()]) {
            let found = read(name, &bytes);
            assert_eq!((found.rows.len(), found.kinds()), (0, vec![kind]), "{name}");
            assert_eq!((found.events[0].row, found.events[0].offset), (None, None));
            assert_eq!(found.events[0].rows, Some(4), "{name}: the footer or the messages tell");
        }
    }
}

#[test]
fn limits_hold_and_batches_change_nothing() {
    for (name, bytes) in containers(&numbered()) {
        let whole = read(name, &bytes);
        assert_eq!(whole.rows.len(), 150, "{name}");
        for batch_bytes in [1, 500, 1 << 30] {
            let options = ReadOptions { batch_bytes, ..ReadOptions::default() };
            assert_eq!(read_as(name, &bytes, &options).rows, whole.rows, "{name}");
        }
        let options = ReadOptions { max_record: 47, ..ReadOptions::default() };
        let found = read_as(name, &bytes, &options);
        assert_eq!(found.rows.len(), 10, "{name}: texts of one digit");
        assert_eq!(found.kinds(), vec![Reason::RecordTooLarge; 140]);
    }
}

/// Documents of a damaged file are the first documents of the good one, and an event says so.
fn assert_prefix(found: &Recorder, whole: &Recorder, what: &str) {
    let kept = found.rows.len();
    assert!(kept <= whole.rows.len(), "{what}");
    assert_eq!(found.rows, whole.rows[..kept], "{what}");
    if kept < whole.rows.len() {
        assert_eq!(found.events.len(), 1, "{what}: {:?}", found.events);
        let kind = found.kinds()[0];
        assert!([Reason::CorruptFile, Reason::TruncatedFile].contains(&kind), "{what}: {kind:?}");
    }
}

#[test]
fn truncated_files_keep_their_first_batches() {
    for (name, bytes) in containers(&numbered()) {
        let whole = read(name, &bytes);
        let mut most = 0;
        for cut in (1..bytes.len()).step_by(7) {
            let found = read(name, &bytes[..cut]);
            if name.starts_with("stream") && found.events.is_empty() {
                // A stream may end between two messages without an end mark.
                assert_eq!(found.rows.len() % 50, 0, "{cut}");
                continue;
            }
            assert_prefix(&found, &whole, &format!("{name} cut at {cut}"));
            most = most.max(found.rows.len());
        }
        let expected = if name == "a.parquet" { 0 } else { 100 };
        assert!(most >= expected, "{name}: {most}");
    }
}

/// One byte changed, everywhere: no panic leaves the reader, no claim ends the process. What is
/// read may differ: uncompressed Arrow has no checksum.
#[test]
fn damaged_bytes_never_end_a_run() {
    // Few rows: the structure is what matters.
    let batches: Vec<_> = numbered()[..2].iter().map(|batch| batch.slice(0, 4)).collect();
    for (name, bytes) in containers(&batches) {
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= [0x01, 0x80, 0xff][at % 3];
            let folder = tempfile::tempdir().unwrap();
            let file = super::file_with(folder.path(), name, &bytes);
            let unit = crate::Unit { file: 0, start: 0, end: file.bytes };
            let (found, _) = super::read_units(&file, &[unit], &ReadOptions::default());
            assert!(found.rows.len() <= 300);
        }
    }
}

#[test]
fn claims_are_compared_with_the_file() {
    let bytes = arrow_file(&numbered(), Some(CompressionType::ZSTD));
    // The prefix of each compressed buffer: its decompressed size. Texts of a batch take 2390 and
    // more bytes, so their size is found by value.
    let size = |batch: &RecordBatch| {
        let text = batch.column_by_name("text").unwrap().to_data();
        text.buffers()[1].len() as i64
    };
    let batches = numbered();
    let wanted = size(&batches[1]).to_le_bytes();
    let places: Vec<usize> =
        bytes.windows(8).enumerate().filter(|(_, w)| *w == wanted).map(|(at, _)| at).collect();
    let mut stopped = 0;
    for at in places {
        let mut bytes = bytes.clone();
        bytes[at..at + 8].copy_from_slice(&(1_i64 << 60).to_le_bytes());
        let found = read("a.arrow", &bytes);
        stopped += usize::from(
            found.kinds() == [Reason::BlockTooLarge] && found.rows.len().is_multiple_of(50),
        );
    }
    assert!(stopped > 0);
}
