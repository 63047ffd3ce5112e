//! Tags and entities of HTML within a line: where they end, and what a line says without them.

use memchr::{memchr2, memmem};

use super::class::{Class, FLAGS, LETTER, MARK, PLAIN, SPACE, WORD, class_of};
use super::formula::{Kind, Span};
use super::line::{Line, Phrases};
use super::part::words_of;
use super::word::address_end;
use crate::unseen::is_unseen;

/// Characters of `blockquote` and `figcaption`.
const LONGEST_NAME: usize = 10;
/// Elements that stand around or in prose, in order. Frames of pages and what templates call components are none.
const NAMES: [&str; 64] = [
    "a",
    "abbr",
    "article",
    "b",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];

/// So many words, or Han characters, are a sentence between tags and no label of a button.
const SENTENCE: u32 = 4;

/// Behind the tag that begins at `start` and whether it has no attributes, or where to look on.
pub(super) fn tag_end(line: &str, start: usize) -> Result<(usize, bool), usize> {
    let bytes = line.as_bytes();
    let next = start + 1;
    let name = next + usize::from(bytes.get(next) == Some(&b'/'));
    let letters = bytes[name..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let behind = name + letters;
    let mut lower = [0; LONGEST_NAME];
    let Some(known) = lower.get_mut(..letters) else { return Err(next) };
    known.copy_from_slice(&bytes[name..behind]);
    known.make_ascii_lowercase();
    if NAMES.binary_search_by(|name| name.as_bytes().cmp(known)).is_err() {
        return Err(next);
    }
    let blanks = bytes[behind..].iter().take_while(|&&byte| byte == b' ' || byte == b'\t').count();
    let at = behind + blanks;
    match &bytes[at..] {
        [b'>', ..] => Ok((at + 1, true)),
        [b'/', b'>', ..] => Ok((at + 2, true)),
        [letter, attributes @ ..] if blanks > 0 && letter.is_ascii_alphabetic() => {
            match memchr2(b'<', b'>', attributes) {
                Some(found) if attributes[found] == b'>' => Ok((at + found + 2, false)),
                _ => Err(next),
            }
        }
        _ => Err(next),
    }
}

/// Whether tags are among `spans`.
pub(super) fn has_tags(spans: &[Span]) -> bool {
    spans.iter().any(|span| matches!(span.kind, Kind::Tag { .. }))
}

/// Words of a tag as the scan counts them: those of an address in it are none.
pub(super) fn words_of_tag(mut tag: &str) -> u32 {
    let mut words = 0;
    while let Some(colon) = memmem::find(tag.as_bytes(), b"://") {
        let in_word = |c: char| FLAGS[class_of(c) as usize] & (WORD | MARK) != 0;
        let before = tag[..colon].trim_end_matches(in_word);
        let scheme = &tag[before.len()..colon];
        words += words_of(before);
        let is_one = scheme.chars().any(|c| FLAGS[class_of(c) as usize] & WORD != 0);
        tag = &tag[if is_one { address_end(tag.as_bytes(), colon) } else { colon + 3 }..];
    }
    words + words_of(tag)
}

/// Whether a cell of a table is among `spans` of `line`.
pub(super) fn has_cells(line: &str, spans: &[Span]) -> bool {
    spans.iter().filter(|span| matches!(span.kind, Kind::Tag { .. })).any(|span| {
        let name = line[span.start + 1..span.end].trim_start_matches('/').as_bytes();
        let ends = !name.get(2).is_some_and(u8::is_ascii_alphanumeric);
        ends && (name[..2].eq_ignore_ascii_case(b"td") || name[..2].eq_ignore_ascii_case(b"th"))
    })
}

/// What a line with tags and entities says: blanks stand for tags, characters for entities.
#[derive(Debug, Default)]
pub(super) struct Said {
    text: String,
    pub(super) words: u32,
    /// Words of which nothing is seen.
    pub(super) unseen: u32,
    pub(super) words_with_letter: u32,
    pub(super) plain_words: u32,
    pub(super) plain_characters: u64,
    letters: u32,
    plain: u32,
    han: u32,
    wide: u32,
    code_marks: u32,
    visible: u32,
}

impl Said {
    /// Take `line` from the byte `from` on.
    pub(super) fn read(&mut self, line: &str, from: usize, spans: &[Span]) {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        let mut at = from;
        for span in spans.iter().filter(|span| span.start >= from) {
            let character = match span.kind {
                Kind::Tag { .. } => ' ',
                Kind::Entity(character) => character,
                Kind::Formula | Kind::Code => continue,
            };
            text.push_str(&line[at..span.start]);
            text.push(character);
            at = span.end;
        }
        text.push_str(&line[at..]);
        *self = Self { text, ..Self::default() };
        let blank = |c: char| FLAGS[class_of(c) as usize] & SPACE != 0;
        for word in self.text.split(blank).filter(|word| !word.is_empty()) {
            let (mut flags, mut characters) = (0, 0);
            for c in word.chars() {
                let class = class_of(c);
                flags |= FLAGS[class as usize];
                characters += 1;
                self.letters += u32::from(FLAGS[class as usize] & LETTER != 0);
                self.plain += u32::from(FLAGS[class as usize] & PLAIN != 0);
                self.han += u32::from(class == Class::Han);
                self.wide += u32::from(matches!(class, Class::Han | Class::Kana | Class::Hangul));
                self.code_marks += u32::from(class == Class::CodeMark);
            }
            self.visible += characters;
            self.words += 1;
            self.unseen += u32::from(flags & LETTER == 0 && is_unseen(word));
            self.words_with_letter += u32::from(flags & LETTER != 0);
            if flags & PLAIN != 0 {
                self.plain_words += 1;
                self.plain_characters += u64::from(characters);
            }
        }
    }

    /// Whether the line is judged by this: it has a sentence that is no small part of it, or no attributes.
    pub(super) fn counts(&self, line: &Line<'_>, spans: &[Span]) -> bool {
        if !has_tags(spans) {
            return true;
        }
        let sentence = self.words_with_letter.max(self.han) >= SENTENCE;
        let in_tags = line.visible - self.visible;
        sentence && 2 * (self.visible + self.wide) >= in_tags
            || self.plain > 0
                && spans.iter().all(|span| !matches!(span.kind, Kind::Tag { plain: false }))
    }

    /// Without white space at its ends.
    pub(super) fn text(&self) -> &str {
        self.text.trim_matches(|c| FLAGS[class_of(c) as usize] & SPACE != 0)
    }

    /// As a line of its own; how tags were indented says nothing.
    pub(super) fn line(&self, indented: bool) -> Line<'_> {
        Line {
            text: self.text(),
            indented,
            words: self.words,
            longest_word: 0,
            letters: self.letters,
            han: self.han,
            visible: self.visible,
            code_marks: self.code_marks,
            phrases: Phrases::default(),
        }
    }
}
