//! Files that were put together with `cat`, and single records that may be many.

use super::columns::{arrow_file, arrow_stream, parquet};
use super::{read, read_as, texts_of};
use crate::{Losses, ReadOptions, Reason};

#[test]
fn arrays_behind_one_another_are_read() {
    let text = r#"[{"text": "a"}, {"text": "b"}]
[{"text": "c"}]
{"text": "d"} [{"text": "e"}]"#;
    let found = read("a.json", text.as_bytes());
    assert_eq!(found.texts(), ["a", "b", "c", "d", "e"]);
    assert_eq!(found.events, []);
}

#[test]
fn arrow_streams_behind_one_another_are_read() {
    let one = arrow_stream(&[texts_of(0..3)], None);
    let two = arrow_stream(&[texts_of(3..10), texts_of(10..12)], None);
    let whole: Vec<String> = (0..12).map(|n| format!("text {n}")).collect();
    for many in [[&one[..], &two].concat(), [&one[..], &two, &[0; 40]].concat()] {
        let found = read("a.arrows", &many);
        assert_eq!(found.texts(), whole);
        assert_eq!(found.events, []);
    }
    let small = arrow_stream(&[texts_of(0..1)], None).repeat(20_000);
    assert_eq!(read("a.arrows", &small).rows.len(), 20_000);
}

#[test]
fn bytes_behind_an_end_are_lost_and_told() {
    let stream = arrow_stream(&[texts_of(0..3)], None);
    let found = read("a.arrows", &[&stream[..], &b"junk ".repeat(1000)].concat());
    assert_eq!((found.rows.len(), found.kinds()), (3, vec![Reason::CorruptFile]));
    assert_eq!(found.events[0].bytes, Some(5000));
    assert_eq!(found.events[0].detail, "5000 bytes behind the end of the stream");
    // The footer of the second file has its own places, which lie in the first one.
    for (rows, more) in [(500, 7), (0, 7), (7, 500)] {
        let (first, second) =
            (arrow_file(&[texts_of(0..7)], None), arrow_file(&[texts_of(0..rows)], None));
        let found = read("a.arrow", &[&first[..], &second].concat());
        assert_eq!(found.texts().len(), 7, "{rows} {more}");
        assert_eq!(found.kinds(), [Reason::CorruptFile]);
        assert!(found.events[0].bytes >= Some(second.len() as u64));
    }
    for rows in [7, 500] {
        let (first, second) = (parquet(&[texts_of(0..7)]), parquet(&[texts_of(0..rows)]));
        let found = read("a.parquet", &[&first[..], &second].concat());
        assert_eq!(found.rows.len(), 0);
        assert_eq!(found.kinds(), [Reason::CorruptFile]);
        assert_eq!(found.events[0].bytes, Some((first.len() + second.len()) as u64));
        assert!(found.events[0].detail.contains(&format!("the first of {} bytes", first.len())));
    }
}

#[test]
fn bytes_of_a_large_record_count_as_lost() {
    let record = |n: usize| format!("{{\"text\": \"{n} {}\"}}", "words of a page ".repeat(20));
    let many = |between: &str| (0..1000).map(record).collect::<Vec<_>>().join(between);
    let wrapped = format!("{{\"data\": [{}]}}", many(","));
    for (name, text) in [
        ("a.jsonl", many("")),
        ("a.jsonl", many("\r")),
        ("a.jsonl", many("\u{1e}")),
        ("a.json", format!("[[{}]]", many(","))),
        ("a.json", wrapped),
        ("a.csv", format!("text,n\n\"{}", "a line of a page, 3\n".repeat(2000))),
    ] {
        let found = read(name, text.as_bytes());
        let bad: Vec<_> = found.events.iter().filter(|event| event.row.is_some()).collect();
        assert_eq!(bad.len(), 1, "{:?}", found.events);
        let losses = Losses::of(&[], &found.events).json();
        let lost = losses["bytes"]["lost"].as_u64();
        assert_eq!(bad[0].bytes.is_some(), text.len() > 16 << 10);
        assert!(bad[0].bytes >= Some(text.len() as u64 * 9 / 10), "{name} {:?}", bad[0]);
        // Without the files nobody knows how much there is.
        assert_eq!(lost, Some(0));
    }
    let options = ReadOptions { max_record: 100_000, ..ReadOptions::default() };
    let found = read_as("a.jsonl", &vec![0; 300_000], &options);
    assert_eq!(found.events[0].bytes, Some(100_000));
    let found = read("a.jsonl", b"{\"text\": 1}\n[]\n");
    assert!(found.events.iter().all(|event| event.bytes.is_none()));
}

#[test]
fn a_quote_that_ends_in_another_row_is_told() {
    let row = |n: usize| format!("{n}\tthe text of row {n}\n");
    let mut rows: Vec<String> = (0..600).map(row).collect();
    for at in [50, 550] {
        rows[at] = format!("{at}\t\"the text of row {at}\n");
    }
    let found = read("a.tsv", format!("id\ttext\n{}", rows.concat()).as_bytes());
    assert_eq!(found.rows.len(), 99);
    assert_eq!(found.kinds(), [Reason::BrokenCsv]);
    let detail = "text stands behind a closing quote, on 501 lines";
    assert_eq!(found.events[0].detail, detail);
    // On one line it is a way to write.
    let found =
        read("a.csv", b"id,text\n1,\"so\" called\n2,\"two\nlines, and \"\"one\"\"\"\n3,a \"b\n");
    assert_eq!(found.texts(), ["so called", "two\nlines, and \"one\"", "a \"b"]);
    assert_eq!(found.events, []);
    let found = read("a.csv", b"id,text\n1,whole\n2,\"cut in the mid");
    assert_eq!((found.texts(), found.kinds()), (vec!["whole"], vec![Reason::BrokenCsv]));
    assert_eq!(found.events[0].detail, "a quote that is never closed takes 1 line");
}
