//! Undo the escapes of a string that [`scan_object`](super::scan_object) has found good.

use memchr::memchr;

use super::marks::Marks;
use super::scan::hex4;

/// Hand the pieces of the unescaped string to `put`, in order; `None` for a string that is not good.
///
/// `raw` is the string without its quotes. Pieces go straight into a column: nothing is copied
/// in between.
pub(crate) fn unescape(raw: &str, put: impl FnMut(&str)) -> Option<()> {
    let find = |from| memchr(b'\\', &raw.as_bytes()[from..]).map_or(raw.len(), |at| from + at);
    unescape_by(raw, find, put)
}

/// The same for a string that begins at byte `base` of the block that `marks` were made of.
pub(crate) fn unescape_marked(
    raw: &str,
    marks: &Marks,
    base: usize,
    put: impl FnMut(&str),
) -> Option<()> {
    // A good string has no raw control characters, and the quotes in it follow a backslash.
    let find = |from| (marks.next(base + from) - base).min(raw.len());
    unescape_by(raw, find, put)
}

/// `find` gives the next backslash at or after a place, or the length.
#[inline]
fn unescape_by(raw: &str, find: impl Fn(usize) -> usize, mut put: impl FnMut(&str)) -> Option<()> {
    let bytes = raw.as_bytes();
    let mut at = 0;
    loop {
        let backslash = find(at);
        if at < backslash {
            put(&raw[at..backslash]);
        }
        if backslash == raw.len() {
            return Some(());
        }
        at = backslash + 2;
        let piece = match bytes.get(backslash + 1)? {
            b'n' => "\n",
            b'"' => "\"",
            b'\\' => "\\",
            b't' => "\t",
            b'/' => "/",
            b'r' => "\r",
            b'b' => "\u{8}",
            b'f' => "\u{c}",
            b'u' => {
                let (character, length) = unicode(&bytes[backslash..])?;
                put(character.encode_utf8(&mut [0; 4]));
                at = backslash + length;
                continue;
            }
            _ => return None,
        };
        put(piece);
    }
}

/// The character of a `\uXXXX` or of a surrogate pair, and the bytes it takes.
fn unicode(bytes: &[u8]) -> Option<(char, usize)> {
    let unit = hex4(bytes)?;
    if !(0xd800..=0xdbff).contains(&unit) {
        return Some((char::from_u32(unit)?, 6));
    }
    let low = hex4(&bytes[6..])?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    Some((char::from_u32(0x1_0000 + ((unit - 0xd800) << 10) + low)?, 12))
}
