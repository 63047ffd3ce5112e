//! What the first bytes of a file say where they contradict its name.

use std::io::Read;

use crate::decode::ByteSource;
use crate::input::{Compression, Format, InputFile};
use crate::jsonl::BOM;
use crate::options::ZST_WINDOW;

/// Bytes that are looked at.
pub(crate) const HEAD_BYTES: usize = 4096;

/// What a file is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sniffed {
    /// As its name says, or as its first bytes do; with a note in the second case.
    As(Format, Compression, Option<String>),
    /// Something that nothing here reads.
    Foreign(String),
}

/// Starts of packed files.
const PACKED: [(&[u8], Compression, &str); 5] = [
    (b"\x1f\x8b", Compression::Gzip, "gzip"),
    (b"\x28\xb5\x2f\xfd", Compression::Zstd, "zstd"),
    (b"BZh", Compression::Bzip2, "bzip2"),
    (b"\xfd7zXZ\0", Compression::Xz, "xz"),
    (b"\x04\x22\x4d\x18", Compression::Lz4, "lz4"),
];

/// What stands behind the start of bzip2 and a digit: a block, or the end of an empty stream.
const BZIP2: [&[u8]; 2] = [b"1AY&SY", b"\x17\x72\x45\x38\x50\x90"];

/// Starts of column files.
const COLUMNAR: [(&[u8], Format, &str); 2] =
    [(b"PAR1", Format::Parquet, "Parquet"), (b"ARROW1", Format::ArrowFile, "Arrow")];

/// Starts of what has no reader, with what helps.
const FOREIGN: [(&[u8], &str); 9] = [
    (b"PK\x03\x04", "a zip archive: unpack it first"),
    (b"%PDF-", "PDF"),
    (b"\xff\xfe", "UTF-16: convert it to UTF-8 first"),
    (b"\xfe\xff", "UTF-16: convert it to UTF-8 first"),
    (b"\x89PNG", "a picture"),
    (b"SQLite format 3", "an SQLite database"),
    (b"ORC", "ORC"),
    (b"Obj\x01", "Avro"),
    (b"Rar!", "a rar archive: unpack it first"),
];

/// Judge a file by its name and its first bytes, which are all of it if fewer than [`HEAD_BYTES`].
pub(crate) fn sniff(named: Option<(Format, Compression)>, head: &[u8]) -> Sniffed {
    let starts = |start: &[u8]| head.starts_with(start);
    let packed = PACKED.iter().find(|(start, ..)| starts(start));
    let columnar = COLUMNAR.iter().find(|(start, ..)| starts(start));
    let Some((format, compression)) = named else {
        return unnamed(packed, columnar, head);
    };
    if let Some(&(_, found, name)) = packed {
        // bzip2's start is three letters that a text may begin with; the block behind it is none.
        let is_text = found == Compression::Bzip2
            && !BZIP2.iter().any(|six| head[4.min(head.len())..].starts_with(six));
        if compression == found || (is_text && compression == Compression::None) {
            return Sniffed::As(format, compression, None);
        }
        if format.is_packable() {
            return Sniffed::As(format, found, Some(format!("looks like {name}, read as such")));
        }
        return Sniffed::Foreign(format!("looks like {name}"));
    }
    if let Some(&(_, found, name)) = columnar {
        let agrees = matches!(
            (format, found),
            (Format::Parquet, Format::Parquet)
                | (Format::ArrowFile | Format::ArrowStream, Format::ArrowFile)
        );
        let note = (!agrees).then(|| format!("looks like {name}, read as such"));
        return Sniffed::As(found, Compression::None, note);
    }
    if compression != Compression::None {
        // zstd and lz4 may begin with a skippable frame, which is no text; the others with their mark.
        let could_be = match format {
            Format::Jsonl => matches!(first_of(head), Some(b'{' | b'[')),
            _ => head.len() > 2,
        };
        if could_be && is_text(head) {
            let note = "is not packed, read as it is".to_owned();
            return plain(format, head, Some(note));
        }
        return Sniffed::As(format, compression, None);
    }
    match format {
        Format::ArrowFile => Sniffed::As(Format::ArrowStream, Compression::None, None),
        Format::ArrowStream => Sniffed::As(format, compression, None),
        Format::Parquet => match first_of(head) {
            Some(b'{' | b'[') if is_text(head) => {
                plain(Format::Jsonl, head, Some("looks like JSON, read as such".to_owned()))
            }
            _ => Sniffed::As(format, compression, None),
        },
        _ => {
            let foreign = FOREIGN.iter().find(|(start, _)| starts(start));
            if let Some((_, name)) = foreign {
                return Sniffed::Foreign(format!("looks like {name}"));
            }
            if format == Format::Jsonl && first_of(head) == Some(b'<') {
                return Sniffed::Foreign("looks like HTML or XML".to_owned());
            }
            plain(format, head, None)
        }
    }
}

/// A file that the user named, with an ending that no reader claims.
fn unnamed(
    packed: Option<&(&[u8], Compression, &str)>,
    columnar: Option<&(&[u8], Format, &str)>,
    head: &[u8],
) -> Sniffed {
    if let Some(&(_, format, name)) = columnar {
        return Sniffed::As(
            format,
            Compression::None,
            Some(format!("looks like {name}, read as such")),
        );
    }
    let json = || "looks like JSON lines, read as such".to_owned();
    if let Some(&(_, compression, name)) = packed {
        let note = format!("looks like {name}, read as JSON lines in it");
        return Sniffed::As(Format::Jsonl, compression, Some(note));
    }
    match first_of(head) {
        Some(b'{' | b'[') if is_text(head) => plain(Format::Jsonl, head, Some(json())),
        _ => Sniffed::Foreign("no reader for this ending".to_owned()),
    }
}

/// JSON by its layout; anything else as it is named.
fn plain(format: Format, head: &[u8], note: Option<String>) -> Sniffed {
    let format = if format == Format::Jsonl { layout_of(head) } else { format };
    Sniffed::As(format, Compression::None, note)
}

/// One object a line, or an array, or objects over several lines.
fn layout_of(head: &[u8]) -> Format {
    let head = head.strip_prefix(BOM).unwrap_or(head).trim_ascii_start();
    let (first, rest) = head.split_first().map_or((b' ', head), |(first, rest)| (*first, rest));
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or(rest).trim_ascii();
    let has_more = rest.contains(&b'\n');
    match first {
        // Lines that are arrays are no documents either way; an array of objects is.
        b'[' if line.is_empty() || line.starts_with(b"{") || line.starts_with(b"]") => Format::Json,
        // Programs that indent put nothing, or the first field alone, behind the brace.
        b'{' if has_more && (line.is_empty() || is_open(line)) => Format::Json,
        _ => Format::Jsonl,
    }
}

/// Whether a first line ends inside of its object, behind a whole field: a line that was cut off in the
/// middle of a string is a broken line, and the next one may be good.
fn is_open(line: &[u8]) -> bool {
    let (mut depth, mut in_string, mut escaped) = (1_u32, false, false);
    for &byte in line {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    depth > 0 && !in_string && matches!(line.last(), Some(b',' | b'{' | b'['))
}

/// The layout of packed JSON, by its first bytes once unpacked.
pub(crate) fn packed_layout(file: &InputFile) -> Format {
    let mut head = vec![0; HEAD_BYTES];
    let mut held = 0;
    // Whatever is wrong is told when the file is read.
    if let Ok(mut source) = ByteSource::open(file, 0, ZST_WINDOW) {
        while held < head.len() {
            match source.read(&mut head[held..]) {
                Ok(0) | Err(_) => break,
                Ok(read) => held += read,
            }
        }
    }
    layout_of(&head[..held])
}

fn first_of(head: &[u8]) -> Option<u8> {
    head.strip_prefix(BOM).unwrap_or(head).trim_ascii_start().first().copied()
}

/// Whether the bytes could be text: no control characters but white space.
fn is_text(head: &[u8]) -> bool {
    head.iter().all(|byte| *byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c))
}

/// The first bytes of a file.
pub(crate) fn head_of(mut file: impl Read) -> std::io::Result<Vec<u8>> {
    let mut head = vec![0; HEAD_BYTES];
    let mut held = 0;
    while held < head.len() {
        match file.read(&mut head[held..]) {
            Ok(0) => break,
            Ok(read) => held += read,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    head.truncate(held);
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::classify;

    fn found(name: &str, head: &[u8]) -> Sniffed {
        sniff(classify(name), head)
    }

    #[test]
    fn first_bytes_decide_where_they_contradict_the_ending() {
        use Compression::{Gzip, Zstd};
        use Format::{ArrowStream, Json, Jsonl, Parquet, Text};
        let line = b"{\"text\": \"a\"}\n{\"text\": \"b\"}\n";
        let none = Compression::None;
        let cases: [(&str, &[u8], Format, Compression, bool); 15] = [
            ("a.jsonl", line, Jsonl, none, false),
            ("a.json", line, Jsonl, none, false),
            ("a.jsonl.gz", b"\x1f\x8b\x08\0", Jsonl, Gzip, false),
            ("a.jsonl", b"\x1f\x8b\x08\0", Jsonl, Gzip, true),
            ("a.jsonl.gz", b"\x28\xb5\x2f\xfd....", Jsonl, Zstd, true),
            ("a.jsonl.gz", line, Jsonl, none, true),
            ("a.jsonl", b"PAR1\x15\x04", Parquet, none, true),
            ("a.parquet", b"PAR1\x15\x04", Parquet, none, false),
            ("a.parquet", line, Jsonl, none, true),
            ("a.arrow", b"\xff\xff\xff\xff\0", ArrowStream, none, false),
            ("a.txt", b"BZh is how a page may begin", Text, none, false),
            ("a.json", b"[{\"text\": \"a\"}, {\"text\": \"b\"}]", Json, none, false),
            ("a.json", b"\xef\xbb\xbf[\n {\n  \"text\": \"a\"\n }\n]", Json, none, false),
            ("a.json", b"{\n \"text\": \"a\"\n}\n{\n \"text\": \"b\"\n}\n", Json, none, false),
            ("a.json", b"{\"id\": 1,\n \"text\": \"a\"}\n", Json, none, false),
        ];
        for (name, head, format, compression, noted) in cases {
            let Sniffed::As(f, c, note) = found(name, head) else { panic!("{name}") };
            assert_eq!((f, c, note.is_some()), (format, compression, noted), "{name} {head:?}");
        }
        // A first line that breaks off is one bad record, not another layout.
        let broken = found("a.jsonl", b"{\"text\": \"a\n{\"text\": \"b\"}\n");
        assert_eq!(broken, Sniffed::As(Jsonl, none, None));
        for (name, head) in [
            ("a.jsonl", &b"<!DOCTYPE html>"[..]),
            ("a.jsonl", b"PK\x03\x04rest"),
            ("a.txt", b"%PDF-1.4"),
            ("a.jsonl", b"\xff\xfe{\0"),
            ("a.parquet", b"\x1f\x8b\x08\0"),
            ("part-00000", b"some text"),
        ] {
            assert!(matches!(found(name, head), Sniffed::Foreign(_)), "{name}");
        }
        assert!(matches!(found("part-00000", line), Sniffed::As(Jsonl, _, Some(_))));
        assert!(matches!(found("1f2e3d", b"PAR1\x15"), Sniffed::As(Parquet, _, Some(_))));
    }
}
