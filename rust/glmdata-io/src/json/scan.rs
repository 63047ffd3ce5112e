//! The grammar of RFC 8259 without building anything but a list of top-level fields.
//!
//! It is strict but for what other programs write all the same: `NaN`, `Infinity` and `-Infinity`
//! (Python's json, pandas), and surrogate escapes without their other half. A field that holds one of
//! them is marked as odd and its spelling is mended before anybody else parses it.

use std::ops::Range;

use super::marks::Marks;

/// Deepest nesting, the record itself included: as deep as serde_json and others read by default,
/// so that whoever parses `meta` later can.
const MAX_DEPTH: u32 = 127;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    String,
    Number,
    Boolean,
    Null,
    Container,
}

/// A field of the record, as ranges of the line.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The key without its quotes, as spelled.
    pub(crate) key: Range<usize>,
    pub(crate) key_escaped: bool,
    /// The value as spelled; a string with its quotes.
    pub(crate) value: Range<usize>,
    pub(crate) value_escaped: bool,
    pub(crate) kind: Kind,
    /// Key or value hold a number that JSON has not, or half a surrogate pair.
    pub(crate) odd: Odd,
}

/// What a field holds that RFC 8259 or Unicode do not allow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Odd {
    /// `NaN`, `Infinity` or `-Infinity`.
    pub(crate) number: bool,
    /// Byte of the line where a surrogate escape without its other half begins.
    pub(crate) surrogate: Option<usize>,
}

impl Odd {
    /// Whether there is anything to mend.
    pub(crate) fn is_any(self) -> bool {
        self.number || self.surrogate.is_some()
    }
}

/// Why a line is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    Broken,
    NotAnObject,
}

/// What is wrong, and at which byte of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) at: usize,
    pub(crate) what: &'static str,
}

/// List the fields of the object that `line` is; `entries` is cleared first.
///
/// `marks` are those of a block in which the line begins at byte `base`.
pub(crate) fn scan_object(
    line: &str,
    marks: &Marks,
    base: usize,
    entries: &mut Vec<Entry>,
) -> Result<(), Fault> {
    entries.clear();
    let mut scan = Scan { bytes: line.as_bytes(), at: 0, marks, base, odd: Odd::default() };
    scan.space();
    if scan.peek() == Some(b'{') {
        scan.at += 1;
        scan.fields(entries)?;
        scan.end()
    } else {
        scan.value()?;
        scan.end()?;
        Err(Fault { kind: FaultKind::NotAnObject, at: 0, what: "not an object" })
    }
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    marks: &'a Marks,
    base: usize,
    /// Of the field that is being scanned.
    odd: Odd,
}

type Scanned<T> = Result<T, Fault>;

impl Scan<'_> {
    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
    }

    fn broken<T>(&self, what: &'static str) -> Scanned<T> {
        let what = if self.at >= self.bytes.len() { "the record ends too early" } else { what };
        Err(Fault { kind: FaultKind::Broken, at: self.at.min(self.bytes.len()), what })
    }

    fn end(&mut self) -> Scanned<()> {
        self.space();
        if self.at < self.bytes.len() {
            return self.broken("more after the end of the record");
        }
        Ok(())
    }

    /// The fields after the opening brace of the record.
    fn fields(&mut self, entries: &mut Vec<Entry>) -> Scanned<()> {
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            let (key, key_escaped) = self.key()?;
            self.space();
            let start = self.at;
            let (kind, value_escaped) = self.value()?;
            let odd = std::mem::take(&mut self.odd);
            let value = start..self.at;
            entries.push(Entry { key, key_escaped, value, value_escaped, kind, odd });
            self.space();
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    self.space();
                }
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return self.broken("expected a comma or the end of the object"),
            }
        }
    }

    /// A key and its colon.
    fn key(&mut self) -> Scanned<(Range<usize>, bool)> {
        if self.peek() != Some(b'"') {
            return self.broken("expected a key");
        }
        let start = self.at + 1;
        let escaped = self.string()?;
        let key = start..self.at - 1;
        self.space();
        if self.peek() != Some(b':') {
            return self.broken("expected a colon");
        }
        self.at += 1;
        Ok((key, escaped))
    }

    /// Any value; the flag says whether it is a string with escapes.
    fn value(&mut self) -> Scanned<(Kind, bool)> {
        match self.peek() {
            Some(b'{' | b'[') => self.container().map(|()| (Kind::Container, false)),
            _ => self.scalar(),
        }
    }

    fn scalar(&mut self) -> Scanned<(Kind, bool)> {
        match self.peek() {
            Some(b'"') => self.string().map(|escaped| (Kind::String, escaped)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal(b"true").map(|()| (Kind::Boolean, false)),
            Some(b'f') => self.literal(b"false").map(|()| (Kind::Boolean, false)),
            Some(b'n') => self.literal(b"null").map(|()| (Kind::Null, false)),
            Some(b'N') => self.no_number(b"NaN"),
            Some(b'I') => self.no_number(b"Infinity"),
            _ => self.broken("expected a value"),
        }
    }

    fn literal(&mut self, word: &'static [u8]) -> Scanned<()> {
        if !self.bytes[self.at..].starts_with(word) {
            return self.broken("expected true, false or null");
        }
        self.at += word.len();
        Ok(())
    }

    /// A number that JSON has not; its value is null.
    #[cold]
    fn no_number(&mut self, word: &'static [u8]) -> Scanned<(Kind, bool)> {
        if !self.bytes[self.at..].starts_with(word) {
            return self.broken("expected a value");
        }
        self.at += word.len();
        self.odd.number = true;
        Ok((Kind::Null, false))
    }

    fn number(&mut self) -> Scanned<(Kind, bool)> {
        if self.peek() == Some(b'-') {
            self.at += 1;
            if self.peek() == Some(b'I') {
                return self.no_number(b"Infinity");
            }
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok((Kind::Number, false))
    }

    fn digits(&mut self) -> Scanned<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { self.broken("expected a digit") } else { Ok(()) }
    }

    /// An object or array, with a stack of bits instead of recursion: 1 for an object.
    fn container(&mut self) -> Scanned<()> {
        let mut stack = 0_u128;
        let mut depth = 1;
        loop {
            self.space();
            if let Some(open @ (b'{' | b'[')) = self.peek() {
                depth += 1;
                if depth > MAX_DEPTH {
                    return self.broken("nested deeper than 127 levels");
                }
                let is_object = open == b'{';
                stack = stack << 1 | u128::from(is_object);
                self.at += 1;
                self.space();
                if self.peek() != Some(if is_object { b'}' } else { b']' }) {
                    if is_object {
                        self.key()?;
                    }
                    continue;
                }
            } else {
                self.scalar()?;
                self.space();
            }
            // After a value, or at the bracket that closes an empty container.
            loop {
                let is_object = stack & 1 == 1;
                match self.peek() {
                    Some(b'}') if is_object => self.at += 1,
                    Some(b']') if !is_object => self.at += 1,
                    Some(b',') => {
                        self.at += 1;
                        if is_object {
                            self.space();
                            self.key()?;
                        }
                        break;
                    }
                    _ => return self.broken("expected a comma or the end of a container"),
                }
                stack >>= 1;
                depth -= 1;
                if depth == 1 {
                    return Ok(());
                }
                self.space();
            }
        }
    }

    /// A string from quote to quote; whether it has escapes.
    fn string(&mut self) -> Scanned<bool> {
        self.at += 1;
        let mut escaped = false;
        loop {
            self.at = self.marks.next(self.base + self.at) - self.base;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return self.broken("a raw control character in a string"),
            }
        }
    }

    /// A backslash and what belongs to it.
    #[inline]
    fn escape(&mut self) -> Scanned<()> {
        match self.bytes.get(self.at + 1) {
            Some(b'n' | b'"' | b'\\' | b't' | b'/' | b'r' | b'b' | b'f') => {
                self.at += 2;
                Ok(())
            }
            Some(b'u') => self.unicode_escape(),
            _ => self.broken("an unknown escape"),
        }
    }

    fn unicode_escape(&mut self) -> Scanned<()> {
        let here = self.at;
        let Some(unit) = hex4(&self.bytes[here..]) else {
            return self.broken("expected four hexadecimal digits");
        };
        self.at += 6;
        match unit {
            0xd800..=0xdbff => {
                if let Some(0xdc00..=0xdfff) = hex4(&self.bytes[self.at..]) {
                    self.at += 6;
                } else {
                    self.odd.surrogate.get_or_insert(here);
                }
            }
            0xdc00..=0xdfff => {
                self.odd.surrogate.get_or_insert(here);
            }
            _ => {}
        }
        Ok(())
    }
}

/// The code unit of a `\uXXXX` at the start of `bytes`.
pub(super) fn hex4(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.get(..6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | (*digit as char).to_digit(16)?))
}
