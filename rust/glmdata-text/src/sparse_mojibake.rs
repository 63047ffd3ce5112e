//! Whether a few sequences in a text are mojibake and no example of it.
//!
//! English has next to nothing but ASCII: broken quotes are nearly all that is left, and still too few by 1,000
//! characters to be dense. They are certain by what they stand for, by where they stand, and by what the text is about.

use crate::character::{Kind, kind_of};

/// So many sequences are enough, and one where it can be nothing else: punctuation of three bytes, a picture.
const LEAST: usize = 3;
/// Sequences are so many times as many as other characters that are no ASCII.
const OTHERS: usize = 4;
/// One sequence in so many may stand by itself, as in a list of examples.
const ALONE: usize = 5;
/// Who writes one of these speaks about encodings.
const TALK: [&str; 15] = [
    "mojibake",
    "encod",
    "charset",
    "utf-8",
    "utf8",
    "unicode",
    "latin-1",
    "latin1",
    "iso-8859",
    "iso8859",
    "windows-125",
    "cp125",
    "codepage",
    "乱码",
    "编码",
];

/// Place of the first character of a sequence, how many it has, and what they stand for.
pub(crate) type Sequence = (usize, usize, char);

/// Whether `found`, all sequences in `text`, are what somebody read wrongly. `others` are no ASCII and in none.
pub(crate) fn are_certain(
    text: &str,
    characters: &[(char, Option<u8>)],
    found: &[Sequence],
    others: usize,
) -> bool {
    let covered: usize = found.iter().map(|&(_, length, _)| length).sum();
    if covered < OTHERS * others || !found.iter().all(|&(_, _, decoded)| is_plausible(decoded)) {
        return false;
    }
    let (mut evidence, mut alone, mut unmistakable) = (0, 0, 0);
    let (mut fences, mut line, mut read) = (0, 0, 0);
    for run in found.chunk_by(|a, b| a.0 + a.1 == b.0) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let end = last.0 + last.1;
        let before = first.0.checked_sub(1).map(|at| characters[at].0);
        let after = characters.get(end).map(|&(character, _)| character);
        while read < first.0 {
            if characters[read].0 == '\n' {
                fences += usize::from(is_fence(&characters[line..read]));
                line = read + 1;
            }
            read += 1;
        }
        let fenced = (fences + usize::from(is_fence(&characters[line..read]))) % 2 == 1;
        if fenced || is_shown(before, after) {
            return false;
        }
        // Read wrongly twice, one character is two sequences or more.
        let joined = run.len() > 1
            || before.is_some_and(|c| ".,!?;:".contains(c))
            || [before, after].into_iter().flatten().any(|c| kind_of(c) != Kind::Separator);
        let control = |&(c, _): &(char, _)| ('\u{80}'..='\u{9F}').contains(&c);
        let certain = joined || characters[first.0..end].iter().any(control);
        for &(_, length, decoded) in run {
            if certain || stands_alone(decoded) {
                evidence += 1;
                unmistakable += usize::from(length >= 3 || is_mark(decoded));
            } else {
                alone += 1;
            }
        }
    }
    (evidence >= LEAST || unmistakable > 0) && ALONE * alone <= evidence && !speaks_of_it(text)
}

/// Letters of European languages, punctuation, pictures: what English, French or German have. A control is half of
/// what was read wrongly twice.
fn is_plausible(decoded: char) -> bool {
    matches!(decoded, '\u{80}'..='\u{17F}' | '\u{200B}'..='\u{203A}' | '\u{20AC}' | '\u{2122}' | '\u{FEFF}')
        || is_picture(decoded)
}

fn is_picture(decoded: char) -> bool {
    matches!(decoded, '\u{1F300}'..='\u{1FAFF}' | '\u{2600}'..='\u{27BF}' | '\u{FE0F}')
}

/// Quotes, dashes and the like: three bytes.
fn is_mark(decoded: char) -> bool {
    ('\u{2010}'..='\u{203A}').contains(&decoded)
}

/// What has blanks on both sides in good text.
fn stands_alone(decoded: char) -> bool {
    matches!(decoded, '\u{2010}'..='\u{2015}' | '\u{2022}' | '\u{2026}' | '\u{A0}' | '\u{FEFF}')
        || is_picture(decoded)
}

/// Between backticks, quotation marks or brackets, as an example is.
fn is_shown(before: Option<char>, after: Option<char>) -> bool {
    let pair = (before.unwrap_or(' '), after.unwrap_or(' '));
    matches!(
        pair,
        ('`', _)
            | (_, '`')
            | ('"', '"')
            | ('\'', '\'')
            | ('“', '”')
            | ('‘', '’')
            | ('«', '»')
            | ('(', ')')
            | ('[', ']')
            | ('（', '）')
            | ('「', '」')
            | ('/', '/')
    )
}

/// Whether a line begins or ends a fenced block.
fn is_fence(line: &[(char, Option<u8>)]) -> bool {
    let visible = line.iter().skip_while(|&&(c, _)| c == ' ').take(3);
    visible.filter(|&&(c, _)| c == '`').count() == 3
}

/// Whether a text is about encodings.
pub(crate) fn speaks_of_it(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    TALK.iter().any(|word| lower.contains(word))
}
