//! What a good record becomes, and that neither units nor batches change it.

use proptest::prelude::*;

use super::{Row, file_with, read, read_as, read_units};
use crate::Field;
use crate::{ReadOptions, SourceRule, Unit};

fn row(text: &str, row: u64, offset: u64) -> Row {
    Row {
        id: None,
        text: text.into(),
        source: "crawl".into(),
        lang: None,
        url: None,
        meta: None,
        row,
        offset,
    }
}

#[test]
fn fields_become_columns() {
    let lines = concat!(
        r#"{"id":"a","text":"x\ny","source":"web","lang":"zh","url":"http://h/","n":1.0}"#,
        "\n",
        r#"{"meta":{"k":[1, 2]},"text":"","id":12345678901234567890,"z":1e3,"a":-0.0,"z":null}"#,
        "\n",
        "\n  \t\r\n",
        r#"{"te\u0078t":"first","text":"last \ud83d\ude00","id":true,"id":null,"source":""}"#,
        "\r\n",
        r#"{"text":"t","source":{"deep":1},"lang":["en"],"id":{"x":"\u4f60"},"url":7}"#,
    );
    let found = read("a.jsonl", lines.as_bytes());
    let offsets: Vec<u64> = lines
        .match_indices("{\"")
        .map(|(at, _)| at as u64)
        .filter(|at| *at == 0 || lines.as_bytes()[*at as usize - 1] == b'\n')
        .collect();
    let some = |s: &str| Some(s.to_owned());
    let expected = [
        Row {
            id: some("a"),
            source: "web".into(),
            lang: some("zh"),
            url: some("http://h/"),
            meta: some(r#"{"n":1.0}"#),
            ..row("x\ny", 0, offsets[0])
        },
        Row {
            id: some("12345678901234567890"),
            meta: some(r#"{"meta":{"k":[1, 2]},"z":1e3,"a":-0.0,"z":null}"#),
            ..row("", 1, offsets[1])
        },
        row("last 😀", 2, offsets[2]),
        Row {
            url: some("7"),
            meta: some(r#"{"source":{"deep":1},"lang":["en"],"id":{"x":"\u4f60"}}"#),
            ..row("t", 3, offsets[3])
        },
    ];
    assert_eq!(found.rows, expected);
    assert_eq!(found.events, []);
}

#[test]
fn other_names_and_rules() {
    let options = ReadOptions {
        text_field: Field::named("content"),
        id_field: Field::named("key"),
        url_field: Field::named("link"),
        source_rules: vec![SourceRule::parse("*.gov.cn=gov").unwrap()],
        ..ReadOptions::default()
    };
    let lines = r#"{"content":"c","text":"t","key":1,"link":"https://www.gov.cn:443/a","source":"s"}
{"content":"d","source":"s"}"#;
    let found = read_as("news/a.jsonl", lines.as_bytes(), &options);
    assert_eq!(found.texts(), ["c", "d"]);
    assert_eq!(found.rows[0].source, "gov");
    assert_eq!(found.rows[0].id.as_deref(), Some("1"));
    assert_eq!(found.rows[0].meta.as_deref(), Some(r#"{"text":"t"}"#));
    assert_eq!(found.rows[1].source, "s");
}

#[test]
fn a_text_file_is_one_document() {
    let text = "\u{feff}first\r\nsecond\0\n".as_bytes();
    for (name, bytes) in [
        ("a.txt", text.to_vec()),
        ("a.txt.gz", super::gzip(text)),
        ("a.txt.zst", super::zstd_frame(text)),
    ] {
        let found = read(name, &bytes);
        assert_eq!(found.rows, [row("first\r\nsecond\0\n", 0, 0)], "{name}");
    }
    // 3 MiB pass several reads.
    let long = "长".repeat(1 << 20);
    assert_eq!(read("a.txt", long.as_bytes()).texts(), [long]);
}

#[test]
fn long_lines_pass_block_borders() {
    let texts: Vec<String> =
        [3 << 20, 10, 1 << 20, (1 << 20) - 12, 0].iter().map(|n| "é".repeat(n / 2)).collect();
    let lines: Vec<String> =
        texts.iter().map(|text| format!("{{\"text\":\"{text}\"}}\n")).collect();
    assert_eq!(read("a.jsonl", lines.concat().as_bytes()).texts(), texts);
}

/// Lines of all sorts: good, broken, blank, too long, not UTF-8.
fn any_lines() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        "[a-z你\\n\"]{0,20}".prop_map(|text| {
            serde_json::to_string(&serde_json::json!({"text": text, "n": 1})).unwrap().into_bytes()
        }),
        Just(b"".to_vec()),
        Just(b" \t".to_vec()),
        Just(b"{broken".to_vec()),
        Just(b"{\"text\":\"\xff\"}".to_vec()),
        Just(b"{\"text\":\"tab\there\"}".to_vec()),
        Just(format!("{{\"text\":\"{}\"}}", "long".repeat(20)).into_bytes()),
    ];
    (prop::collection::vec((line, any::<bool>()), 0..30), any::<bool>(), any::<bool>()).prop_map(
        |(lines, bom, newline_at_end)| {
            let mut bytes = if bom { b"\xef\xbb\xbf".to_vec() } else { Vec::new() };
            for (line, crlf) in lines {
                bytes.extend(line);
                bytes.extend(if crlf { &b"\r\n"[..] } else { b"\n" });
            }
            if !newline_at_end {
                bytes.pop();
            }
            bytes
        },
    )
}

proptest! {
    #[test]
    fn units_and_batches_change_nothing(content in any_lines(), batch_bytes in 1_usize..200) {
        prop_assume!(!content.is_empty());
        let options = ReadOptions { max_record: 60, ..ReadOptions::default() };
        let folder = tempfile::tempdir().unwrap();
        let file = file_with(folder.path(), "a.jsonl", &content);
        let end = file.bytes;
        let (whole, summary) = read_units(&file, &[Unit { file: 0, start: 0, end }], &options);
        for step in [1, 2, 3, 7, 20, 64, 1000] {
            let units: Vec<_> = (0..end)
                .step_by(step)
                .map(|start| Unit { file: 0, start, end: (start + step as u64).min(end) })
                .collect();
            let options = ReadOptions { batch_bytes, ..options.clone() };
            let (cut, summaries) = read_units(&file, &units, &options);
            let place = |recorder: &super::Recorder| {
                let rows: Vec<_> = recorder.rows.iter().map(|r| (r.offset, r.text.clone())).collect();
                let events: Vec<_> = recorder
                    .events
                    .iter()
                    .map(|e| (e.offset, e.kind, e.detail.clone(), e.sample.clone()))
                    .collect();
                (rows, events)
            };
            prop_assert_eq!(place(&cut), place(&whole), "units of {} bytes", step);
            let sum = |of: fn(&crate::UnitSummary) -> u64| summaries.iter().map(of).sum::<u64>();
            prop_assert_eq!(sum(|s| s.rows), summary[0].rows);
            prop_assert_eq!(sum(|s| s.bytes_read), end);
            prop_assert_eq!(sum(|s| s.decoded_bytes), end);
        }
    }
}

#[test]
fn a_batch_is_about_as_large_as_asked() {
    let lines = "{\"text\":\"0123456789012345678901234567890123456789\"}\n".repeat(1000);
    let options = ReadOptions { batch_bytes: 10_000, ..ReadOptions::default() };
    let found = read_as("a.jsonl", lines.as_bytes(), &options);
    assert_eq!(found.rows.len(), 1000);
    assert!((8..=15).contains(&found.batches.len()), "{}", found.batches.len());
}
