//! Inputs as people have them: fields under other names, JSON as programs write it, tables, packed files.

use std::io::Write as _;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, BinaryArray, DictionaryArray, StringArray, StructArray};
use arrow_schema::{DataType, Field as Column};
use glmdata_base::{Cancel, Error};

use super::columns::{arrow_file, batch_of, containers, numbered};
use super::{Recorder, file_with, gzip, read, read_as, zstd_frame};
use crate::{Field, ReadOptions, Reason, Split, Vouched, discover, probe, read_unit};

fn with_text(names: &str) -> ReadOptions {
    ReadOptions { text_field: Field::parse("text-field", names).unwrap(), ..ReadOptions::default() }
}

fn metas(found: &Recorder) -> Vec<Option<&str>> {
    found.rows.iter().map(|row| row.meta.as_deref()).collect()
}

#[test]
fn a_text_field_may_be_a_path_and_have_alternatives() {
    let lines = r#"{"data": {"a": 1, "text": "deep", "b": [2]}, "n": 3}
{"text": "flat", "data": {"text": "other"}}
{"content": "third", "text": null}
{"data.text": "whole name", "data": {"text": "path"}}
{"data": {"text": "only"}}
{"data": {"text": 7}}
{"body": "none of them"}
"#;
    let found = read_as("a.jsonl", lines.as_bytes(), &with_text("text,data.text,content"));
    assert_eq!(found.texts(), ["deep", "flat", "third", "whole name", "only"]);
    assert_eq!(
        metas(&found),
        [
            Some(r#"{"data": {"a": 1, "b": [2]},"n": 3}"#),
            Some(r#"{"data": {"text": "other"}}"#),
            Some(r#"{"text": null}"#),
            Some(r#"{"data": {"text": "path"}}"#),
            Some(r#"{"data": {}}"#),
        ]
    );
    assert_eq!(found.kinds(), [Reason::TextNotString, Reason::MissingText]);
    assert!(found.events[1].detail.ends_with("; it has body"), "{}", found.events[1].detail);
    for wrong in ["", "a,,b", "a.", ".a"] {
        assert!(Field::parse("text-field", wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn language_is_read_beside_lang() {
    let lines = r#"{"text": "a", "language": "en"}
{"text": "b", "language": "en", "lang": "zh"}
{"text": "c", "lang": null, "language": "de"}
"#;
    let found = read("a.jsonl", lines.as_bytes());
    let langs: Vec<_> = found.rows.iter().map(|row| row.lang.as_deref()).collect();
    assert_eq!(langs, [Some("en"), Some("zh"), Some("de")]);
    assert_eq!(metas(&found)[1], Some(r#"{"language": "en"}"#));
}

#[test]
fn what_json_has_not_is_kept_outside_of_the_text() {
    let lines = r#"{"text": "a", "score": NaN, "x": [1, -Infinity]}
{"text": "b", "title": "x \ud83d", "id": "\ud83d\ude00 \udc00"}
{"text": "half \ud83d"}
"#;
    let found = read("a.jsonl", lines.as_bytes());
    assert_eq!(found.texts(), ["a", "b"]);
    let expected = [Some(r#"{"score": null,"x": [1, null]}"#), Some(r#"{"title": "x \ufffd"}"#)];
    assert_eq!(metas(&found), expected);
    assert_eq!(found.rows[1].id.as_deref(), Some("😀 \u{fffd}"));
    assert_eq!(found.kinds(), [Reason::LoneSurrogate]);
    for meta in metas(&found).into_iter().flatten() {
        serde_json::from_str::<serde_json::Value>(meta).unwrap();
    }
}

#[test]
fn arrays_and_indented_objects_are_read() {
    let one = r#"{"text": "a ] } , \" {"}"#;
    let two = "{\n \"text\":\n  \"b\",\n \"n\": [1,\n {}]\n}";
    let array = format!("[{one},\n{two}]\n");
    let a = "a ] } , \" {";
    for (name, content, texts) in [
        ("a.json", array.clone(), vec![a, "b"]),
        ("b.jsonl", array.clone(), vec![a, "b"]),
        ("a.json", format!("\u{feff}[\n{two}\n]"), vec!["b"]),
        ("a.json", format!("{two}\n{one}"), vec!["b", a]),
        ("a.json", "[]".to_owned(), vec![]),
    ] {
        let found = read(name, content.as_bytes());
        assert_eq!((found.texts(), found.kinds()), (texts.clone(), vec![]), "{name} {content}");
        let found = read("a.json.gz", &gzip(content.as_bytes()));
        assert_eq!((found.texts(), found.kinds()), (texts, vec![]), "packed {content}");
    }
    let offsets: Vec<u64> =
        read("a.json", array.as_bytes()).rows.iter().map(|row| row.offset).collect();
    assert_eq!(offsets, [1, one.len() as u64 + 3]);
}

#[test]
fn a_damaged_array_costs_no_good_element() {
    let cases: [(&str, &[Reason]); 5] = [
        (r#"[{"text": "a"}, 7, {"text": "b"}]"#, &[Reason::NotAnObject]),
        (r#"[{"text": "a"}, {"text": ]}, {"text": "b"}]"#, &[Reason::BrokenJson]),
        (r#"[{"text": "a"}, {"text": "b"}"#, &[Reason::TruncatedFile]),
        (r#"[{"text": "a"}, {"text": "b"}, {"text": "c"#, &[Reason::TruncatedFile]),
        (r#"[{"text": "a"}, {"text": "b"}] true"#, &[Reason::NotAnObject]),
    ];
    for (content, kinds) in cases {
        let found = read("a.json", content.as_bytes());
        assert_eq!((found.texts(), found.kinds()), (vec!["a", "b"], kinds.to_vec()), "{content}");
    }
    let options = ReadOptions { max_record: 40, ..ReadOptions::default() };
    let long = format!(r#"[{{"text": "{}"}}, {{"text": "b"}}]"#, "x ] }".repeat(100_000));
    let found = read_as("a.json", long.as_bytes(), &options);
    assert_eq!((found.texts(), found.kinds()), (vec!["b"], vec![Reason::RecordTooLarge]));
}

#[test]
fn tables_with_a_header_are_read() {
    let rows = b"id,text,n\r\n1,\"two\nlines, and \"\"quotes\"\"\",x\r\n2,b,\r\n3,too,many,fields\n4,\xff,y\n5,\"\",z\n";
    let tabs = rows.iter().map(|byte| if *byte == b',' { b'\t' } else { *byte }).collect();
    for (name, content) in [("a.csv", rows.to_vec()), ("a.csv.gz", gzip(rows)), ("a.tsv", tabs)] {
        let found = read(name, &content);
        let comma = if name.ends_with("tsv") { "\t" } else { "," };
        let first = format!("two\nlines{comma} and \"quotes\"");
        assert_eq!(found.texts(), [first.as_str(), "b", ""], "{name}");
        assert_eq!(found.kinds(), [Reason::BrokenCsv, Reason::InvalidUtf8], "{name}");
        let expected = [Some(r#"{"n":"x"}"#), Some(r#"{"n":""}"#), Some(r#"{"n":"z"}"#)];
        assert_eq!(metas(&found), expected);
        assert_eq!(found.rows[1].id.as_deref(), Some("2"));
    }
    let found = read("a.csv", b"id,body\n1,x\n");
    assert_eq!(found.kinds(), [Reason::MissingText]);
    assert!(found.events[0].detail.ends_with("; it has id, body"));
    let options = ReadOptions { max_record: 20, ..ReadOptions::default() };
    let long = format!("text\n{}\nb\n", "x".repeat(1 << 20));
    let found = read_as("a.csv", long.as_bytes(), &options);
    assert_eq!((found.texts(), found.kinds()), (vec!["b"], vec![Reason::RecordTooLarge]));
}

#[test]
fn text_files_are_cut_as_asked() {
    let text = "\u{feff}one\ntwo\r\n\n  \nthree\n\n\nfour";
    let split = |split| ReadOptions { split, ..ReadOptions::default() };
    assert_eq!(read_as("a.txt", text.as_bytes(), &split(Split::File)).texts(), [&text[3..]]);
    let lines = read_as("a.txt", text.as_bytes(), &split(Split::Line));
    assert_eq!(lines.texts(), ["one", "two", "three", "four"]);
    let blocks = read_as("a.txt.gz", &gzip(text.as_bytes()), &split(Split::Blank));
    assert_eq!(blocks.texts(), ["one\ntwo", "three", "four"]);
    assert_eq!(blocks.rows[1].offset, text.find("three").unwrap() as u64);
    let short = ReadOptions { max_record: 6, ..split(Split::Blank) };
    let found = read_as("a.txt", b"seven\nmore\n\nok\n", &short);
    assert_eq!((found.texts(), found.kinds()), (vec!["ok"], vec![Reason::RecordTooLarge]));
}

/// The decoder takes an end in front of a block for the end of the frame.
#[test]
fn lz4_cut_between_two_blocks_is_cut() {
    let line =
        |n: u64| format!("{{\"text\":\"{n} {:x}\"}}\n", n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let text: String = (0..20_000).map(line).collect();
    let info = lz4_flex::frame::FrameInfo::new().block_checksums(true);
    let info = info.block_size(lz4_flex::frame::BlockSize::Max64KB);
    let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(text.as_bytes()).unwrap();
    let whole = encoder.finish().unwrap();
    // Magic, two bytes of flags and their checksum; then blocks, each with its length in front.
    let (mut at, mut borders) = (7, Vec::new());
    loop {
        let length = u32::from_le_bytes(whole[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
        if length == 0 {
            break;
        }
        borders.push(at);
        at += 4 + length as usize + 4;
    }
    assert!(borders.len() > 3);
    for cut in borders.iter().flat_map(|&border| [border, border + 2]).chain([at]) {
        let found = read("a.jsonl.lz4", &whole[..cut]);
        assert_eq!(found.kinds(), [Reason::TruncatedFile], "{cut} of {}", whole.len());
    }
    let twice = [&whole[..], &whole[..]].concat();
    let found = read("a.jsonl.lz4", &twice);
    assert_eq!((found.rows.len(), found.kinds()), (40_000, vec![]));
}

#[test]
fn a_quote_that_is_never_closed_is_told() {
    let found = read("a.csv", b"text,n\n\"a\",1\nb,2\n\"c,3\nd,4\ne,5\n");
    assert_eq!((found.texts(), found.kinds()), (vec!["a", "b"], vec![Reason::BrokenCsv]));
    assert!(found.events[0].detail.contains("a quote that is never closed"), "{:?}", found.events);
    // Inches, in the last row.
    let found = read("a.csv", b"text,n\n\"two\nlines\",1\na 5\" pipe,2");
    assert_eq!((found.texts(), found.kinds()), (vec!["two\nlines", "a 5\" pipe"], vec![]));
}

#[test]
fn what_is_no_text_is_no_document() {
    let wide: Vec<u8> = "one\ntwo".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, content) in [("a.txt", wide.clone()), ("a.txt.gz", gzip(&wide))] {
        let found = read(name, &content);
        assert_eq!((found.rows.len(), found.kinds()), (0, vec![Reason::NotText]), "{name}");
    }
}

fn packed(text: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut bz = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bz.write_all(text).unwrap();
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
    xz.write_all(text).unwrap();
    let info = lz4_flex::frame::FrameInfo::new().content_checksum(true).block_checksums(true);
    let mut lz4 = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    lz4.write_all(text).unwrap();
    vec![
        ("a.jsonl.bz2", bz.finish().unwrap()),
        ("a.jsonl.xz", xz.finish().unwrap()),
        ("a.jsonl.lz4", lz4.finish().unwrap()),
    ]
}

#[test]
fn other_packings_are_read_to_their_end_or_to_the_damage() {
    let pages = (0..5_000).map(|n| format!("{{\"text\":\"page {n}\"}}\n"));
    let text = pages.collect::<Vec<_>>().concat();
    for (name, bytes) in packed(text.as_bytes()) {
        let whole = read(name, &bytes);
        assert_eq!((whole.rows.len(), whole.kinds()), (5_000, vec![]), "{name}");
        let twice = read(name, &bytes.repeat(2));
        assert_eq!((twice.rows.len(), twice.kinds()), (10_000, vec![]), "{name}, twice");
        let cut = read(name, &bytes[..bytes.len() * 3 / 4]);
        assert!(cut.rows.len() < 5_000 && cut.events.len() == 1, "{name}, cut: {:?}", cut.events);
        assert!(cut.events[0].bytes.is_some());
        let mut damaged = bytes.clone();
        damaged[bytes.len() / 2] ^= 0x55;
        let found = read(name, &damaged);
        assert!(found.events.iter().any(|event| event.row.is_none()), "{name}, damaged");
        // Named as if it were not packed.
        assert_eq!(read("a.jsonl.gz", &bytes).rows.len(), 5_000, "{name}");
    }
    assert_eq!(read("a.jsonl.gz", text.as_bytes()).rows.len(), 5_000);
    assert_eq!(read("a.jsonl", &zstd_frame(text.as_bytes())).rows.len(), 5_000);
}

#[test]
fn a_long_window_is_read_if_allowed() {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    encoder.long_distance_matching(true).unwrap();
    encoder.window_log(28).unwrap();
    encoder.write_all(b"{\"text\":\"a\"}\n").unwrap();
    let bytes = encoder.finish().unwrap();
    assert_eq!(read("a.jsonl.zst", &bytes).kinds(), [Reason::WindowTooLarge]);
    let options = ReadOptions { zst_window: 1 << 28, ..ReadOptions::default() };
    assert_eq!(read_as("a.jsonl.zst", &bytes, &options).texts(), ["a"]);
}

fn arrow(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    arrow_file(&[batch_of(columns)], None)
}

#[test]
fn columns_may_hold_texts_as_bytes_or_in_structs() {
    let bytes: ArrayRef = Arc::new(BinaryArray::from_opt_vec(vec![
        Some("中".as_bytes()),
        Some(b"\xff"),
        None,
        Some(b"d"),
    ]));
    let found = read("a.arrow", &arrow(vec![("text", bytes)]));
    assert_eq!(found.texts(), ["中", "d"]);
    assert_eq!(found.kinds(), [Reason::InvalidUtf8, Reason::MissingText]);
    let inner: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
    let other: ArrayRef = Arc::new(StringArray::from(vec!["x", "y"]));
    let holder: ArrayRef = Arc::new(StructArray::from(vec![
        (Arc::new(Column::new("text", DataType::Utf8, true)), inner),
        (Arc::new(Column::new("k", DataType::Utf8, true)), other),
    ]));
    let content: ArrayRef = Arc::new(StringArray::from(vec![Some("c"), None]));
    let bytes = arrow(vec![("data", holder), ("content", content)]);
    let found = read_as("a.arrow", &bytes, &with_text("content,data.text"));
    assert_eq!(found.texts(), ["c", "b"]);
    let expected = [Some(r#"{"data":{"k":"x"},"data.text":"a"}"#), Some(r#"{"data":{"k":"y"}}"#)];
    assert_eq!(metas(&found), expected);
}

/// Stops after a hundred documents.
struct Hundred(u64);

impl crate::UnitSink for Hundred {
    fn batch(&mut self, batch: arrow_array::RecordBatch) -> glmdata_base::Result<()> {
        assert!(batch.get_array_memory_size() < 8 << 20);
        self.0 += batch.num_rows() as u64;
        if self.0 >= 100 { Err(Error::Cancelled) } else { Ok(()) }
    }

    fn quarantine(&mut self, _: crate::QuarantineEvent) -> glmdata_base::Result<()> {
        Ok(())
    }
}

/// A text of 1 MiB and 4,000 rows that name it: 4 GiB written out, read in a few MiB.
#[test]
fn dictionaries_are_not_written_out() {
    let text = "x".repeat(1 << 20);
    let keys = std::iter::repeat_n(Some(text.as_str()), 4_000);
    let column: ArrayRef = Arc::new(keys.collect::<DictionaryArray<Int32Type>>());
    for (name, bytes) in containers(&[batch_of(vec![("text", column)])]) {
        let folder = tempfile::tempdir().unwrap();
        let file = file_with(folder.path(), name, &bytes);
        let unit = crate::Unit { file: 0, start: 0, end: file.bytes };
        let mut count = Hundred(0);
        let read = read_unit(&file, &unit, &ReadOptions::default(), &Cancel::new(), &mut count);
        assert!(matches!(read, Err(Error::Cancelled)) && count.0 >= 100, "{name}");
    }
}

#[test]
fn rows_that_a_footer_knows_are_counted() {
    for (name, whole) in containers(&numbered()) {
        let rows = read(name, &whole).rows.len() as u64;
        let other = read_as(name, &whole, &with_text("body"));
        assert_eq!(other.events[0].rows, Some(rows), "{name}");
        assert_eq!(other.events[0].bytes, Some(whole.len() as u64), "{name}");
        let mut damaged = whole.clone();
        let middle = whole.len() / 2;
        for byte in &mut damaged[middle..middle + 40] {
            *byte ^= 0x5a;
        }
        let found = read(name, &damaged);
        let lost: u64 = found.events.iter().map(|event| event.rows.unwrap_or(0)).sum();
        // A stream has no footer: what stood behind the fault is counted in bytes.
        let is_known = found.events.iter().all(|event| event.rows.is_some());
        assert!(!is_known || found.rows.len() as u64 + lost == rows, "{name}");
        assert!(is_known || name.starts_with("stream"), "{name}: {:?}", found.events);
        assert!(found.events.iter().all(|event| event.bytes > Some(0)), "{name}");
    }
}

#[test]
fn the_wrong_field_is_told_from_the_first_records() {
    let folder = tempfile::tempdir().unwrap();
    let crawl = folder.path().join("crawl");
    let line = "{\"id\": \"1\", \"content\": \"a page\"}\n";
    file_with(folder.path(), "a.jsonl", line.repeat(2_000).as_bytes());
    file_with(folder.path(), "b.jsonl.gz", &gzip(line.repeat(2_000).as_bytes()));
    let options = ReadOptions::default();
    let judge = |options: &ReadOptions| {
        probe(&discover(std::slice::from_ref(&crawl), options).unwrap(), options)
    };
    let error = judge(&options).unwrap_err().to_string();
    assert!(error.contains("text-field") && error.contains("content, id"), "{error}");
    assert!(judge(&with_text("text,content")).is_ok());
    // One file with the field is enough: whoever mixes crawls gets what can be read.
    file_with(folder.path(), "c.jsonl", b"{\"text\": \"a\"}\n");
    assert!(judge(&options).is_ok());
}

#[test]
fn what_a_stage_wrote_may_only_be_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let content = b"{\"text\": \"a\"}\n{\"text\": \"b\"}\n";
    let mut file = file_with(folder.path(), "part-000000.jsonl", content);
    let mut hasher = glmdata_base::Sha256Hasher::default();
    hasher.update(content);
    let good = Vouched { stage: "filter".into(), sha256: hasher.finish(), rows: Some(2) };
    let read_of = |file: &crate::InputFile, content: &[u8]| {
        std::fs::write(&file.path, content).unwrap();
        let mut file = file.clone();
        let metadata = std::fs::metadata(&file.path).unwrap();
        (file.bytes, file.modified_ns) = (metadata.len(), crate::delivery::modified_ns(&metadata));
        let unit = crate::Unit { file: 0, start: 0, end: file.bytes };
        let options = ReadOptions::default();
        read_unit(&file, &unit, &options, &Cancel::new(), &mut Recorder::default())
    };
    file.vouched = Some(good.clone());
    assert_eq!(read_of(&file, content).unwrap().documents, 2);
    let other = b"{\"text\": \"a\"}\n{\"text\": \"c\"}\n";
    for damaged in [&content[..content.len() - 1], other, b"x"] {
        let error = read_of(&file, damaged).unwrap_err();
        assert!(matches!(&error, Error::Corrupt { .. }), "{error}");
        assert!(error.to_string().contains("the filter stage"), "{error}");
    }
    file.vouched = Some(Vouched { rows: Some(3), ..good });
    let error = read_of(&file, content).unwrap_err();
    assert!(error.to_string().contains("expected 3 documents, found 2"), "{error}");
}
