//! Files of records: JSON lines, JSON values, CSV, TSV and text.
//!
//! The first byte says how the rest is read. Lines of JSON are compared with what serde_json makes of
//! them, and with the same file in two units.

use std::collections::BTreeMap;

use glmdata_io::{Compression, Format, InputFile, ReadOptions, Split, Unit};

use crate::reading::{Seen, found, read_units};

/// Names whose ending says the format; `.json` leaves it to the first bytes.
const NAMES: [&str; 6] = ["a.jsonl", "a.json", "a.csv", "a.tsv", "a.txt", "b.jsonl"];

pub(crate) fn check(data: &[u8]) {
    let Some((&choice, content)) = data.split_first() else { return };
    let name = NAMES[usize::from(choice & 7) % NAMES.len()];
    let options = ReadOptions {
        split: [Split::File, Split::Line, Split::Blank][usize::from(choice >> 3 & 3) % 3],
        max_record: if choice & 0x20 == 0 { 1 << 20 } else { 40 },
        ..ReadOptions::default()
    };
    let Some(file) = found(name, content, &options) else { return };
    let whole = Unit { file: 0, start: 0, end: file.bytes };
    if file.bytes == 0 {
        return;
    }
    let seen = read_units(&file, std::slice::from_ref(&whole), &options);
    // Where batches end changes no value.
    let small = ReadOptions { batch_bytes: 1, ..options.clone() };
    let again = read_units(&file, &[whole], &small);
    assert_eq!((&seen.rows, &seen.events), (&again.rows, &again.events));
    if file.format == Format::Jsonl && file.compression == Compression::None {
        check_cut(&file, &options, &seen);
        check_lines(content, &options, &seen);
    }
}

/// Two units give what one gives, but that rows are counted from the start of each.
fn check_cut(file: &InputFile, options: &ReadOptions, whole: &Seen) {
    let middle = file.bytes / 2;
    if middle == 0 {
        return;
    }
    let units =
        [(0, middle), (middle, file.bytes)].map(|(start, end)| Unit { file: 0, start, end });
    let cut = read_units(file, &units, options);
    let texts = |seen: &Seen| -> Vec<(u64, String)> {
        seen.rows.iter().map(|row| (row.offset, row.text.clone())).collect()
    };
    assert_eq!(texts(whole), texts(&cut));
    let faults = |seen: &Seen| -> Vec<_> {
        seen.events.iter().map(|event| (event.kind, event.offset)).collect()
    };
    assert_eq!(faults(whole), faults(&cut));
}

/// Where serde_json finds a text, that text is the document.
fn check_lines(content: &[u8], options: &ReadOptions, seen: &Seen) {
    let texts: BTreeMap<u64, &str> =
        seen.rows.iter().map(|row| (row.offset, row.text.as_str())).collect();
    let mut at = 0;
    for line in content.split_inclusive(|byte| *byte == b'\n') {
        let offset = at as u64;
        at += line.len();
        if line.len() as u64 > options.max_record {
            continue;
        }
        let Ok(value) = serde_json::from_slice::<serde_json::Value>(line) else { continue };
        let expected = value.get("text").and_then(serde_json::Value::as_str);
        assert_eq!(texts.get(&offset).copied(), expected, "the line at byte {offset}");
    }
}
