//! What one character is to the pattern: letter, number, white space, line end or other.

use std::sync::LazyLock;

use regex_syntax::hir::{Class as HirClass, HirKind};

/// The Unicode version that decides what letters and numbers are: that of regex-syntax, which
/// tiktoken's engine reads too.
pub const UNICODE_VERSION: (u8, u8, u8) = (16, 0, 0);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Class {
    /// `[^\s\p{L}\p{N}]`
    Other = 0,
    Letter = 1,
    Number = 2,
    /// U+0020, which alone may precede punctuation.
    Blank = 3,
    /// Any other white space.
    Space = 4,
    /// CR or LF.
    Newline = 5,
    /// Behind the text.
    End = 6,
}

const CODES: [Class; 8] = [
    Class::Other,
    Class::Letter,
    Class::Number,
    Class::Blank,
    Class::Space,
    Class::Newline,
    Class::End,
    Class::Other,
];

/// ASCII needs no Unicode table and is what most bytes are.
pub(super) const ASCII: [Class; 128] = {
    let mut table = [Class::Other; 128];
    let mut at = 0;
    while at < 128 {
        table[at] = match at as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
            b'0'..=b'9' => Class::Number,
            b' ' => Class::Blank,
            b'\r' | b'\n' => Class::Newline,
            0x09 | 0x0B | 0x0C => Class::Space,
            _ => Class::Other,
        };
        at += 1;
    }
    table
};

/// Pages of 256 code points; equal pages are stored once.
struct Table {
    page_of: Vec<u16>,
    pages: Vec<[u8; 256]>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut flat = vec![Class::Other as u8; 0x11_0000];
    for (pattern, class) in
        [(r"\p{L}", Class::Letter), (r"\p{N}", Class::Number), (r"\s", Class::Space)]
    {
        for (first, last) in ranges(pattern) {
            flat[first..=last].fill(class as u8);
        }
    }
    for (byte, &class) in ASCII.iter().enumerate() {
        flat[byte] = class as u8;
    }
    let mut table = Table { page_of: Vec::new(), pages: Vec::new() };
    for page in flat.as_chunks::<256>().0 {
        let known = table.pages.iter().position(|known| known == page);
        table.page_of.push(known.unwrap_or(table.pages.len()) as u16);
        if known.is_none() {
            table.pages.push(*page);
        }
    }
    table
});

/// The code points of a class; a pattern that is no class has none, which the tests would show.
fn ranges(pattern: &str) -> Vec<(usize, usize)> {
    match regex_syntax::parse(pattern).map(regex_syntax::hir::Hir::into_kind) {
        Ok(HirKind::Class(HirClass::Unicode(class))) => {
            class.iter().map(|range| (range.start() as usize, range.end() as usize)).collect()
        }
        _ => Vec::new(),
    }
}

/// The class and width of the character at `at`.
#[inline(always)]
pub(super) fn class_of(bytes: &[u8], at: usize) -> (Class, usize) {
    match bytes.get(at) {
        None => (Class::End, 0),
        Some(&byte) if byte < 0x80 => (ASCII[byte as usize], 1),
        Some(&byte) => wide_class(bytes, at, byte),
    }
}

#[inline]
fn wide_class(bytes: &[u8], at: usize, first: u8) -> (Class, usize) {
    let tail = |offset: usize| usize::from(bytes.get(at + offset).copied().unwrap_or(0) & 0x3F);
    let first = usize::from(first);
    let (point, width) = if first < 0xE0 {
        ((first & 0x1F) << 6 | tail(1), 2)
    } else if first < 0xF0 {
        ((first & 0x0F) << 12 | tail(1) << 6 | tail(2), 3)
    } else {
        ((first & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4)
    };
    let table = &*TABLE;
    let code = table
        .page_of
        .get(point >> 8)
        .and_then(|&page| table.pages.get(usize::from(page)))
        .map_or(0, |page| page[point & 0xFF]);
    (CODES[usize::from(code & 7)], width)
}
