//! gzip and zstd: members and frames, and exactly what is kept when they are damaged.

use super::{gzip, read, read_as, zstd_frame};
use crate::{ReadOptions, Reason};

/// Distinct lines, with enough noise that they do not compress to nothing.
fn lines(count: u64) -> Vec<String> {
    (0..count)
        .map(|n| {
            let noise = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (n << 7);
            format!("{{\"text\":\"{n} {noise:x} {:x}\"}}\n", noise.wrapping_mul(noise))
        })
        .collect()
}

/// A skippable frame (RFC 8878, 3.1.2).
fn skippable(content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u32).to_le_bytes();
    [&0x184d_2a53_u32.to_le_bytes()[..], &length, content].concat()
}

#[test]
fn members_and_frames_are_one_stream() {
    let text = lines(3000).concat();
    let (a, b) = text.as_bytes().split_at(text.len() / 2 + 3);
    let whole = read("a.jsonl", text.as_bytes());
    assert_eq!(whole.rows.len(), 3000);
    let packed: Vec<(&str, Vec<u8>)> = vec![
        ("one.jsonl.gz", gzip(text.as_bytes())),
        ("two.jsonl.gz", [gzip(a), gzip(b)].concat()),
        ("empty.jsonl.gz", [gzip(b""), gzip(a), gzip(b""), gzip(b)].concat()),
        ("many.jsonl.gz", text.as_bytes().chunks(1000).flat_map(gzip).collect()),
        ("one.jsonl.zst", zstd_frame(text.as_bytes())),
        ("two.jsonl.zstd", [zstd_frame(a), zstd_frame(b)].concat()),
        (
            "skip.jsonl.zst",
            [
                skippable(b"head"),
                zstd_frame(a),
                skippable(b""),
                zstd_frame(b),
                skippable(&[7; 300_000]),
            ]
            .concat(),
        ),
        ("many.jsonl.zst", text.as_bytes().chunks(1000).flat_map(zstd_frame).collect()),
    ];
    for (name, bytes) in packed {
        let found = read(name, &bytes);
        assert_eq!(found.rows, whole.rows, "{name}");
        assert_eq!(found.events, [], "{name}");
    }
}

/// Cut at every 7th byte: what is decoded is a prefix of the lines, and one event tells the rest.
#[test]
fn truncated_anywhere() {
    let lines = lines(400);
    let text = lines.concat();
    let third = text.len() / 3;
    let parts = [&text[..third], &text[third..2 * third], &text[2 * third..]];
    let gz: Vec<u8> = parts.iter().flat_map(|part| gzip(part.as_bytes())).collect();
    let zst: Vec<u8> = parts.iter().flat_map(|part| zstd_frame(part.as_bytes())).collect();
    for (name, bytes, member) in
        [("a.jsonl.gz", gz, gzip as fn(&[u8]) -> Vec<u8>), ("a.jsonl.zst", zst, zstd_frame)]
    {
        // At a border between members nothing is missing that one could notice.
        let mut borders = vec![0];
        for part in parts {
            borders.push(borders.last().unwrap() + member(part.as_bytes()).len());
        }
        let mut kept = 0;
        for cut in (1..bytes.len()).step_by(7) {
            let found = read(name, &bytes[..cut]);
            assert!(found.rows.len() >= kept, "more bytes, fewer records: {name} {cut}");
            kept = found.rows.len();
            let at_border = borders.contains(&cut);
            for (row, line) in found.rows.iter().zip(&lines) {
                assert!(line.contains(&row.text));
            }
            if !at_border {
                assert_eq!(found.kinds(), [Reason::TruncatedFile], "{name} {cut}");
                let offset = found.events[0].offset.unwrap() as usize;
                assert_eq!(offset, lines[..kept].concat().len(), "{name} {cut}");
            }
        }
        // A zstd block gives nothing before it is whole, and here a frame is one block.
        assert!(kept > 250, "{name}: {kept}");
    }
}

/// One byte flipped: the lines before the fault are kept, and nothing panics.
#[test]
fn damaged_anywhere() {
    let lines = lines(400);
    let text = lines.concat();
    let mut zstd_checked = zstd::bulk::Compressor::new(3).unwrap();
    zstd_checked.include_checksum(true).unwrap();
    for (name, bytes) in [
        ("a.jsonl.gz", gzip(text.as_bytes())),
        ("a.jsonl.zst", zstd_checked.compress(text.as_bytes()).unwrap()),
    ] {
        for at in (0..bytes.len()).step_by(11) {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x55;
            let found = read(name, &bytes);
            let tails = found.events.iter().filter(|event| event.row.is_none()).count();
            assert!(tails <= 1, "{name} {at}");
            // gzip headers hold a time and a system that nothing checks.
            if !(name.ends_with("gz") && at < 10) {
                assert_eq!(tails, 1, "{name} {at}");
            }
        }
    }
}

/// A fault costs nothing that the same file, cut just before the fault, would have given.
#[test]
fn what_was_decoded_before_a_fault_is_kept() {
    let lines = lines(20_000);
    let text = lines.concat();
    let packed =
        [("a.jsonl.gz", gzip(text.as_bytes())), ("a.jsonl.zst", zstd_frame(text.as_bytes()))];
    for (name, bytes) in &packed {
        for part in 1..8 {
            let at = bytes.len() * part / 8;
            let cut = read(name, &bytes[..at]);
            let mut damaged = bytes.clone();
            damaged[at..at + 64].fill(0xff);
            let found = read(name, &damaged);
            assert_eq!(found.events.last().unwrap().kind, Reason::CorruptFile, "{name} {at}");
            let kept = cut.rows.len();
            assert!(found.rows.len() >= kept, "{name} {at}: {} of {kept}", found.rows.len());
            assert_eq!(found.rows[..kept], cut.rows, "{name} {at}");
            assert!(part < 3 || kept > 0);
        }
    }
}

#[test]
fn garbage_behind_the_end_costs_no_record() {
    let text = lines(2000).concat();
    for tail in [&b"garbage"[..], b"\n", &[0; 512]] {
        for (name, bytes) in
            [("a.jsonl.gz", gzip(text.as_bytes())), ("a.jsonl.zst", zstd_frame(text.as_bytes()))]
        {
            let found = read(name, &[&bytes[..], tail].concat());
            // Zeros fill the last block of a tape or device behind gzip; zstd has no such custom.
            let is_padding = name.ends_with("gz") && tail.iter().all(|byte| *byte == 0);
            let events = usize::from(!is_padding);
            assert_eq!((found.rows.len(), found.events.len()), (2000, events), "{name}");
            assert!(found.events.iter().all(|event| event.offset == Some(text.len() as u64)));
        }
    }
}

/// What is told while a packed file is read is about the file, and comes before its end.
#[test]
fn a_packed_file_is_read_in_steps() {
    let text = lines(60_000).concat();
    let options = ReadOptions { batch_bytes: 1 << 18, ..ReadOptions::default() };
    for (name, bytes) in
        [("a.jsonl.gz", gzip(text.as_bytes())), ("a.jsonl.zst", zstd_frame(text.as_bytes()))]
    {
        let found = read_as(name, &bytes, &options);
        let batches = found.batches.len();
        assert!(batches > 8, "{batches}");
        let (last, before) = found.advances.split_last().unwrap();
        let told: u64 = before.iter().sum();
        assert_eq!(told + last, bytes.len() as u64, "{name}");
        // Blocks are larger than these batches, so that not every one of them advances.
        assert!(before.iter().filter(|&&bytes| bytes > 0).count() >= 3, "{name}: {before:?}");
        assert!(before[..before.len() / 2].iter().sum::<u64>() < bytes.len() as u64 * 7 / 10);
    }
}
