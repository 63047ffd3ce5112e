//! The hostile-input table of the design, row by row.

use glmdata_base::{Cancel, Error};

use super::{Recorder, gzip, read, read_as, zstd_frame};
use crate::{ReadOptions, Reason};

const GOOD: &[u8] = b"{\"text\":\"good\"}\n";

/// A record between two good ones: they are kept, it is not.
#[test]
fn bad_records_are_set_aside() {
    let cases: &[(&[u8], Reason)] = &[
        (b"{\"text\":\"a\"", Reason::BrokenJson),
        (b"{\"text\":\"a\\q\"}", Reason::BrokenJson),
        (b"{\"text\":\"a\",\"n\":01}", Reason::BrokenJson),
        (b"{\"text\":\"a\",\"n\":\"\\u12\"}", Reason::BrokenJson),
        (b"{\"text\":\"a\",\"n\":\"\\x\"}", Reason::BrokenJson),
        (b"{\"text\":\"raw\ttab\"}", Reason::BrokenJson),
        (b"{\"text\":\"raw\0nul\"}", Reason::BrokenJson),
        (b"not json", Reason::BrokenJson),
        (b"\xef\xbb\xbf{\"text\":\"a BOM in the middle\"}", Reason::BrokenJson),
        (b"[\"text\"]", Reason::NotAnObject),
        (b"\"text\"", Reason::NotAnObject),
        (b"{\"text\":\"\xff\"}", Reason::InvalidUtf8),
        (b"{\"text\":\"\xed\xa0\x80\"}", Reason::InvalidUtf8),
        (b"\x80", Reason::InvalidUtf8),
        (b"{\"text\":\"\\ud800\"}", Reason::LoneSurrogate),
        (b"{}", Reason::MissingText),
        (b"{\"id\":1}", Reason::MissingText),
        (b"{\"text\":null}", Reason::MissingText),
        (b"{\"text\":1}", Reason::TextNotString),
        (b"{\"text\":[\"a\"]}", Reason::TextNotString),
        (b"{\"text\":\"a\",\"text\":false}", Reason::TextNotString),
    ];
    for (line, kind) in cases {
        let content = [GOOD, line, b"\n", GOOD].concat();
        for (name, bytes) in [
            ("a.jsonl", content.clone()),
            ("a.jsonl.gz", gzip(&content)),
            ("a.jsonl.zst", zstd_frame(&content)),
        ] {
            let found = read(name, &bytes);
            let shown = line.escape_ascii();
            assert_eq!(found.texts(), ["good", "good"], "{shown}");
            assert_eq!(found.kinds(), [*kind], "{shown}");
            let event = &found.events[0];
            assert_eq!((event.offset, event.row), (Some(16), Some(1)), "{shown}");
            assert_eq!(event.sample, line.escape_ascii().to_string());
            assert!(!event.detail.is_empty());
            assert_eq!(found.rows[1].row, 2);
        }
    }
}

#[test]
fn deep_nesting_does_not_exhaust_the_stack() {
    let line = format!("{{\"text\":\"a\",\"x\":{}", "[".repeat(8 << 20));
    let found = read("a.jsonl", &[line.as_bytes(), b"\n", GOOD].concat());
    assert_eq!((found.texts(), found.kinds()), (vec!["good"], vec![Reason::BrokenJson]));
}

#[test]
fn what_looks_bad_and_is_text() {
    let cases: &[(&[u8], &str)] = &[
        (b"{\"text\":\"nul \\u0000 bell \\u0007\"}", "nul \0 bell \u{7}"),
        (b"{\"text\":\"\\uFEFFbom\"}", "\u{feff}bom"),
        (b"{\"text\":\"\x7f\xc2\x85\xe2\x80\xa8\"}", "\u{7f}\u{85}\u{2028}"),
        (b"{\"text\":\"z\xcc\x80\xcc\x80\"}", "z\u{300}\u{300}"),
        (b"\t{ \"text\" : \"spaces\" }  \r", "spaces"),
    ];
    for (line, text) in cases {
        let content = [b"\xef\xbb\xbf", GOOD, line, b"\r\n", GOOD].concat();
        let found = read("a.jsonl", &content);
        assert_eq!(found.texts(), ["good", text, "good"]);
        assert_eq!(found.rows[0].offset, 3, "after the BOM");
    }
    // Floods stay linear: a minute would show a quadratic step.
    let flood = format!("{{\"text\":\"a{}\"}}\n", "\u{300}".repeat(8 << 20));
    assert_eq!(read("a.jsonl", flood.as_bytes()).rows[0].text.len(), 1 + (16 << 20));
    let escapes = format!("{{\"text\":\"{}\"}}\n", "\\n".repeat(8 << 20));
    assert_eq!(read("a.jsonl", escapes.as_bytes()).rows[0].text.len(), 8 << 20);
}

#[test]
fn records_over_the_limit_are_passed_over() {
    let options = ReadOptions { max_record: 50, ..ReadOptions::default() };
    let line = |length: usize| format!("{{\"text\":\"{}\"}}", "x".repeat(length - 11));
    let exact = line(50);
    let cases: &[(Vec<u8>, usize, usize)] = &[
        ([exact.as_bytes(), b"\r\n", GOOD].concat(), 2, 0),
        ([line(51).as_bytes(), b"\n", GOOD].concat(), 1, 1),
        ([GOOD, line(51).as_bytes()].concat(), 1, 1),
        ([line(5_000_000).as_bytes(), b"\n", GOOD].concat(), 1, 1),
        ([GOOD, line(5_000_000).as_bytes()].concat(), 1, 1),
        ([&b"\xef\xbb\xbf"[..], exact.as_bytes(), b"\r\n", GOOD].concat(), 2, 0),
        ([&b"\xef\xbb\xbf"[..], line(5_000_000).as_bytes(), b"\r\n", GOOD].concat(), 1, 1),
    ];
    for (content, documents, events) in cases {
        for (name, bytes) in [
            ("a.jsonl", content.clone()),
            ("a.jsonl.gz", gzip(content)),
            ("a.jsonl.zst", zstd_frame(content)),
        ] {
            let found = read_as(name, &bytes, &options);
            assert_eq!(found.rows.len(), *documents, "{name}");
            assert_eq!(found.kinds(), vec![Reason::RecordTooLarge; *events]);
        }
    }
    let found = read_as("a.txt", &[b'x'; 51], &options);
    assert_eq!((found.rows.len(), found.kinds()), (0, vec![Reason::RecordTooLarge]));
    assert_eq!(read_as("a.txt", &[b'x'; 50], &options).rows.len(), 1);
    assert_eq!(read_as("a.txt", b"\xff", &options).kinds(), [Reason::InvalidUtf8]);
}

/// 1 GiB of one letter in a few KiB or MiB: one event, memory as for any file.
#[test]
fn bombs_are_passed_over_in_bounded_memory() {
    let options = ReadOptions { max_record: 1 << 20, ..ReadOptions::default() };
    let zeros = vec![b'x'; 1 << 20];
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..1024 {
        std::io::Write::write_all(&mut encoder, &zeros).unwrap();
    }
    for _ in 0..64 {
        std::io::Write::write_all(&mut gz, &zeros).unwrap();
    }
    for (name, bytes) in
        [("a.jsonl.zst", encoder.finish().unwrap()), ("a.jsonl.gz", gz.finish().unwrap())]
    {
        let found = read_as(name, &bytes, &options);
        assert_eq!((found.rows.len(), found.kinds()), (0, vec![Reason::RecordTooLarge]), "{name}");
        let text = name.replace("jsonl", "txt");
        let found = read_as(&text, &bytes, &options);
        assert_eq!((found.rows.len(), found.kinds()), (0, vec![Reason::RecordTooLarge]), "{text}");
    }
}

#[test]
fn windows_over_the_limit_are_refused() {
    // A frame header by hand (RFC 8878): magic, descriptor without single-segment flag, window
    // descriptor, then one empty raw last block.
    let frame = |window_log: u8| [0x28, 0xb5, 0x2f, 0xfd, 0, (window_log - 10) << 3, 1, 0, 0];
    let found = read("a.jsonl.zst", &[&zstd_frame(GOOD)[..], &frame(28)].concat());
    assert_eq!((found.texts(), found.kinds()), (vec!["good"], vec![Reason::WindowTooLarge]));
    let found = read("a.jsonl.zst", &[&zstd_frame(GOOD)[..], &frame(27)].concat());
    assert_eq!((found.texts(), found.kinds()), (vec!["good"], vec![]));
}

#[test]
fn files_that_are_not_what_their_name_says() {
    let cases: &[(&str, &[u8], Reason)] = &[
        ("a.jsonl.gz", b"plain text, no gzip\n", Reason::CorruptFile),
        ("a.jsonl.zst", b"plain text, no zstd\n", Reason::CorruptFile),
        ("a.parquet", b"PAR1 and nothing PAR1", Reason::CorruptFile),
        ("a.parquet", b"x", Reason::CorruptFile),
        ("a.arrow", b"ARROW1", Reason::CorruptFile),
        ("a.feather", b"no arrow file at all", Reason::TruncatedFile),
        ("a.arrows", b"no arrow stream", Reason::CorruptFile),
        ("a.jsonl.gz", b"\x1f\x8b", Reason::TruncatedFile),
        ("a.jsonl.zst", b"\x28\xb5\x2f\xfd", Reason::TruncatedFile),
        ("a.txt.gz", b"\x01plain", Reason::CorruptFile),
    ];
    for (name, content, kind) in cases {
        let found = read(name, content);
        assert_eq!((found.rows.len(), found.events.len()), (0, 1), "{name} {:?}", found.events);
        let event = &found.events[0];
        assert_eq!(event.row, None, "{event:?}");
        let is_tail = [Reason::CorruptFile, Reason::TruncatedFile].contains(&event.kind);
        assert!(is_tail && (event.kind == *kind || name.starts_with("a.arrow")), "{event:?}");
    }
}

#[test]
fn files_that_vanish_or_shrink_end_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = super::file_with(folder.path(), "a.jsonl", &GOOD.repeat(10));
    let units: Vec<_> =
        (0..160).step_by(40).map(|start| crate::Unit { file: 0, start, end: start + 40 }).collect();
    std::fs::write(&file.path, GOOD.repeat(4)).unwrap();
    let read = |unit: &crate::Unit| {
        let mut found = Recorder::default();
        let read =
            crate::read_unit(&file, unit, &ReadOptions::default(), &Cancel::new(), &mut found);
        (read.unwrap_err(), found.events.len())
    };
    assert!(matches!(read(&units[0]), (Error::Input { .. }, 0)), "it has another size");
    std::fs::write(&file.path, GOOD.repeat(10)).unwrap();
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
    std::fs::File::open(&file.path).unwrap().set_modified(later).unwrap();
    assert!(matches!(read(&units[0]), (Error::Input { .. }, 0)), "it was written again");
    std::fs::remove_file(&file.path).unwrap();
    assert!(matches!(read(&units[0]), (Error::Storage { .. }, 0)));
}
