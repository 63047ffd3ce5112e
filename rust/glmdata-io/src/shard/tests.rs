use std::fs::File;
use std::sync::Arc;

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use arrow_array::{FixedSizeBinaryArray, LargeStringArray, StringArray};
use arrow_ipc::reader::FileReader;
use arrow_schema::{Field, Schema};

use super::*;
use crate::tests::{file_with, read_units};
use crate::{ReadOptions, Unit};

const FORMATS: [OutputFormat; 3] =
    [OutputFormat::Arrow, OutputFormat::Parquet, OutputFormat::JsonlZst];

fn schema() -> SchemaRef {
    let metadata = [("stage".to_owned(), "dedup".to_owned())].into();
    Arc::new(
        Schema::new(vec![
            Field::new("doc", DataType::FixedSizeBinary(16), false),
            Field::new("id", DataType::Utf8, true),
            Field::new("text", DataType::LargeUtf8, false),
            Field::new("source", DataType::Utf8, false),
            Field::new("meta", DataType::LargeUtf8, true),
        ])
        .with_metadata(metadata),
    )
}

/// A batch of `rows` rows of 100 text bytes each.
fn batch(first: usize, rows: usize) -> RecordBatch {
    let numbers = first..first + rows;
    let docs: Vec<[u8; 16]> = numbers.clone().map(|n| [n as u8; 16]).collect();
    RecordBatch::try_new(
        schema(),
        vec![
            Arc::new(
                FixedSizeBinaryArray::try_from_sparse_iter_with_size(docs.iter().map(Some), 16)
                    .unwrap(),
            ),
            Arc::new(
                numbers
                    .clone()
                    .map(|n| (n % 3 > 0).then(|| format!("id{n}")))
                    .collect::<StringArray>(),
            ),
            Arc::new(LargeStringArray::from_iter_values(
                numbers.clone().map(|n| format!("{n:0>99}\n")),
            )),
            Arc::new(StringArray::from_iter_values(numbers.clone().map(|_| "web"))),
            Arc::new(
                numbers
                    .map(|n| {
                        (n % 2 > 0).then(|| format!(r#"{{"n":{n}.0,"text":"old","k":[1e3]}}"#))
                    })
                    .collect::<LargeStringArray>(),
            ),
        ],
    )
    .unwrap()
}

fn write(
    folder: &Path,
    format: OutputFormat,
    batches: &[RecordBatch],
    limit: u64,
) -> Vec<ShardFile> {
    let mut writer = ShardWriter::new(folder, "part", format, schema(), limit);
    for batch in batches {
        writer.append(encode_batch(format, batch).unwrap()).unwrap();
    }
    writer.finish().unwrap()
}

fn read_back(format: OutputFormat, path: &Path) -> Vec<RecordBatch> {
    match format {
        OutputFormat::Arrow | OutputFormat::ArrowPlain => {
            let reader = FileReader::try_new(File::open(path).unwrap(), None).unwrap();
            assert_eq!(reader.schema(), schema());
            reader.map(|batch| batch.unwrap()).collect()
        }
        OutputFormat::Parquet => {
            let builder =
                ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
            assert_eq!(builder.schema().fields(), schema().fields());
            builder.with_batch_size(1 << 20).build().unwrap().map(|batch| batch.unwrap()).collect()
        }
        OutputFormat::JsonlZst => unreachable!("read as text"),
    }
}

fn names(shards: &[ShardFile]) -> Vec<(String, u64)> {
    shards
        .iter()
        .map(|shard| {
            (shard.file.path.file_name().unwrap().to_string_lossy().into_owned(), shard.rows)
        })
        .collect()
}

#[test]
fn columns_come_back() {
    let batches = [batch(0, 7), batch(7, 0), batch(7, 5).slice(1, 3), batch(12, 1)];
    let whole = arrow_select::concat::concat_batches(&schema(), &batches).unwrap();
    for format in [OutputFormat::Arrow, OutputFormat::ArrowPlain, OutputFormat::Parquet] {
        let folder = tempfile::tempdir().unwrap();
        let shards = write(folder.path(), format, &batches, 1 << 20);
        assert_eq!(names(&shards), [(format!("part-000000.{}", format.extension()), 11)]);
        let back = read_back(format, &shards[0].file.path);
        let back = arrow_select::concat::concat_batches(&back[0].schema(), &back).unwrap();
        assert_eq!(back.columns(), whole.columns());
    }
}

#[test]
fn json_lines_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let shards = write(folder.path(), OutputFormat::JsonlZst, &[batch(0, 2), batch(2, 2)], 1 << 20);
    let bytes = std::fs::read(&shards[0].file.path).unwrap();
    let text = String::from_utf8(zstd::decode_all(&bytes[..]).unwrap()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let zeros = "0".repeat(98);
    assert_eq!(lines[0], format!(r#"{{"text":"{zeros}0\n","source":"web"}}"#));
    assert_eq!(
        lines[1],
        format!(
            r#"{{"id":"id1","text":"{zeros}1\n","source":"web","n":1.0,"input.text":"old","k":[1e3]}}"#
        )
    );
    // And through our own reader.
    let file = file_with(folder.path(), "part.jsonl.zst", &bytes);
    let unit = Unit { file: 0, start: 0, end: file.bytes };
    let (found, _) = read_units(&file, &[unit], &ReadOptions::default());
    assert_eq!(found.rows.len(), 4);
    assert_eq!(found.rows[3].meta.as_deref(), Some(r#"{"n":3.0,"input.text":"old","k":[1e3]}"#));
}

#[test]
fn shards_are_cut_before_the_limit() {
    // 300, 300, 300, 100, 900, 100 text bytes.
    let batches = [batch(0, 3), batch(3, 3), batch(6, 3), batch(9, 1), batch(10, 9), batch(19, 1)];
    for format in FORMATS {
        let folder = tempfile::tempdir().unwrap();
        let shards = write(folder.path(), format, &batches, 600);
        let rows: Vec<u64> = names(&shards).into_iter().map(|(_, rows)| rows).collect();
        assert_eq!(rows, [6, 4, 9, 1], "{format:?}");
        assert_eq!(names(&shards)[3].0, format!("part-000003.{}", format.extension()));
        for shard in &shards {
            assert_eq!(std::fs::metadata(&shard.file.path).unwrap().len(), shard.file.bytes);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4, "no leftovers");
    }
}

#[test]
fn no_rows_are_one_empty_file() {
    for format in FORMATS {
        let folder = tempfile::tempdir().unwrap();
        let shards = write(folder.path(), format, &[batch(0, 0)], 600);
        assert_eq!(names(&shards), [(format!("part-000000.{}", format.extension()), 0)]);
        let path = &shards[0].file.path;
        if format == OutputFormat::JsonlZst {
            assert_eq!(zstd::decode_all(File::open(path).unwrap()).unwrap(), b"");
        } else {
            assert_eq!(read_back(format, path), []);
        }
    }
}

#[test]
fn equal_batches_give_equal_bytes() {
    for format in FORMATS {
        let hashes: Vec<String> = (0..3)
            .map(|_| {
                let folder = tempfile::tempdir().unwrap();
                // On other threads, as callers do.
                let encoded: Vec<EncodedBatch> = std::thread::scope(|scope| {
                    let running: Vec<_> = (0..4)
                        .map(|n| {
                            scope.spawn(move || encode_batch(format, &batch(n * 50, 50)).unwrap())
                        })
                        .collect();
                    running.into_iter().map(|thread| thread.join().unwrap()).collect()
                });
                let mut writer = ShardWriter::new(folder.path(), "part", format, schema(), 1 << 20);
                for batch in encoded {
                    writer.append(batch).unwrap();
                }
                writer.finish().unwrap()[0].file.sha256.clone()
            })
            .collect();
        assert!(hashes.iter().all(|hash| *hash == hashes[0]), "{format:?}");
    }
}

#[test]
fn text_bytes_are_those_of_the_batch() {
    assert_eq!(
        encode_batch(OutputFormat::Arrow, &batch(0, 5).slice(1, 3)).unwrap().text_bytes,
        300
    );
    let without = batch(0, 5).project(&[1]).unwrap();
    assert_eq!(encode_batch(OutputFormat::Arrow, &without).unwrap().text_bytes, 0);
}

#[test]
fn a_dropped_writer_leaves_nothing() {
    for format in FORMATS {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = ShardWriter::new(folder.path(), "part", format, schema(), 600);
        writer.append(encode_batch(format, &batch(0, 3)).unwrap()).unwrap();
        drop(writer);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn wrong_formats_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = ShardWriter::new(folder.path(), "part", OutputFormat::Arrow, schema(), 600);
    assert!(writer.append(encode_batch(OutputFormat::Parquet, &batch(0, 3)).unwrap()).is_err());
    assert_eq!("jsonl.zst".parse::<OutputFormat>().unwrap(), OutputFormat::JsonlZst);
    let error = "csv".parse::<OutputFormat>().unwrap_err().to_string();
    assert_eq!(error, "format: expected arrow, parquet or jsonl.zst, found csv");
}
