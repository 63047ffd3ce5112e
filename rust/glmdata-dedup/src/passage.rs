//! The lines and paragraphs of a text that may be cut if many documents have them.
//!
//! What is left out here is never cut, because a text without it would be damaged and not cleaned:
//!
//! - code, between fences or indented, and the fences;
//! - headings, list items, articles of a statute, rows of tables, tags, targets of links: parts of
//!   a structure that other lines rely on;
//! - what introduces the next passage: it ends in a colon or is a heading;
//! - single lines of a hard-wrapped paragraph, which would leave half a sentence (the paragraph as a
//!   whole may go);
//! - short lines, of less than five words or eight Han characters.

use glmdata_base::hash64;
use glmdata_text::{Found, Kind, Normaliser, Simd, UnitScanner};

/// Weights of units and of the shortest passage: five words say as much as eight characters.
pub(crate) const WORD: usize = 8;
pub(crate) const CHARACTER: usize = 5;
pub(crate) const SHORTEST: usize = 40;

/// What a passage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    Line,
    Paragraph,
    /// A passage that stands elsewhere too, whatever its lines (`substring.rs`).
    Substring,
    /// What the template of a site prints on its pages (`template.rs`).
    Template,
}

/// Bytes `start..end` of a text, whole lines with their line ends; a paragraph takes the blank
/// lines behind it along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Passage {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// xxh3-64 of the line's normal form; of its lines' hashes for a paragraph.
    pub(crate) hash: u64,
    pub(crate) form: Form,
}

/// A line of a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) blank: bool,
    /// Between fences, a fence, or indented.
    pub(crate) code: bool,
    pub(crate) structure: bool,
    introduces: bool,
    /// Stands behind a line without an end.
    pub(crate) behind_open: bool,
    /// Begins in small letters there.
    pub(crate) continues: bool,
}

/// Finds passages; holds the buffers of one worker.
#[derive(Debug)]
pub(crate) struct PassageFinder {
    normaliser: Normaliser,
    scanner: UnitScanner,
    lines: Vec<Line>,
    hashes: Vec<u8>,
    found: Vec<Passage>,
}

impl PassageFinder {
    pub(crate) fn new() -> Self {
        Self {
            normaliser: Normaliser::new(),
            scanner: UnitScanner::new(Simd::detect()),
            lines: Vec::new(),
            hashes: Vec::new(),
            found: Vec::new(),
        }
    }

    /// The passages of `text` by their start; a paragraph comes before its lines.
    pub(crate) fn of(&mut self, text: &str) -> &[Passage] {
        self.found.clear();
        read_lines(text, &mut self.lines);
        let mut at = 0;
        while at < self.lines.len() {
            let size = self.lines[at..].iter().take_while(|line| !line.blank).count();
            let blanks = self.lines[at + size..].iter().take_while(|line| line.blank).count();
            if size > 0 {
                self.add_paragraph(text, at, at + size, at + size + blanks);
            }
            at += size + blanks;
        }
        &self.found
    }

    /// The paragraph of the lines from `first` to `end`; blank ones follow up to `next`.
    fn add_paragraph(&mut self, text: &str, first: usize, end: usize, next: usize) {
        self.hashes.clear();
        let place = self.found.len();
        let wrapped = self.lines[first..end].iter().any(|line| line.continues);
        let (mut whole, mut weight) = (true, 0);
        let mut all_structure = true;
        for at in first..end {
            let line = self.lines[at];
            if line.code {
                whole = false;
                continue;
            }
            let normal = self.normaliser.run(&text[line.start..line.end]);
            let hash = hash64(normal.as_bytes());
            let own = weight_of(&mut self.scanner, normal);
            self.hashes.extend(hash.to_le_bytes());
            weight += own;
            all_structure &= line.structure;
            if own >= SHORTEST && !line.structure && !line.introduces && !wrapped {
                let Line { start, end, .. } = line;
                self.found.push(Passage { start, end, hash, form: Form::Line });
            }
        }
        whole &= !all_structure && !self.lines[end - 1].introduces;
        if whole && weight >= SHORTEST {
            let (start, end) = (self.lines[first].start, self.lines[next - 1].end);
            let hash = hash64(&self.hashes);
            self.found.insert(place, Passage { start, end, hash, form: Form::Paragraph });
        }
    }
}

fn weight_of(scanner: &mut UnitScanner, normal: &str) -> usize {
    let mut weight = 0;
    scanner.for_each(normal, |found| {
        weight += match found {
            Found::HanBlock { beginnings, .. } => CHARACTER * beginnings.count_ones() as usize,
            Found::Unit(unit) if unit.kind == Kind::Word => WORD,
            Found::Unit(_) => CHARACTER,
        };
    });
    weight
}

/// The lines of `text`.
pub(crate) fn read_lines(text: &str, lines: &mut Vec<Line>) {
    lines.clear();
    let mut fence: Option<(char, usize)> = None;
    let mut start = 0;
    let mut open = false;
    for piece in text.split_inclusive('\n') {
        let end = start + piece.len();
        let body = piece.trim();
        let mark = fence_of(body);
        let fenced = fence.is_some() || mark.is_some();
        match (fence, mark) {
            (None, Some((sign, length, _))) => fence = Some((sign, length)),
            (Some((sign, length)), Some((other, longer, true)))
                if other == sign && longer >= length =>
            {
                fence = None;
            }
            _ => {}
        }
        // A fenced blank line does not part paragraphs: the block belongs together.
        let blank = body.is_empty() && !fenced;
        let behind_open = open;
        let continues = open && without_quote_mark(body).starts_with(char::is_lowercase);
        open = !blank && !body.ends_with(['.', '。', '!', '！', '?', '？', ':', '：', ';', '；']);
        lines.push(Line {
            start,
            end,
            blank,
            code: fenced || (!blank && (piece.starts_with('\t') || piece.starts_with("    "))),
            structure: is_structure(body),
            introduces: body.starts_with('#') || body.ends_with([':', '：']),
            behind_open,
            continues,
        });
        start = end;
    }
}

/// `body` without the marks of quotations in front of it.
fn without_quote_mark(body: &str) -> &str {
    body.trim_start_matches(['>', ' ', '\t'])
}

/// A code fence: its sign, its length, and whether nothing stands behind it, so that it may close.
pub(crate) fn fence_of(body: &str) -> Option<(char, usize, bool)> {
    let body = without_quote_mark(body);
    let sign = body.chars().next().filter(|&sign| sign == '`' || sign == '~')?;
    let rest = body.trim_start_matches(sign);
    let length = body.len() - rest.len();
    // Three backticks, text and another backtick is code within a line.
    (length >= 3 && !(sign == '`' && rest.contains('`'))).then_some((sign, length, rest.is_empty()))
}

/// A heading, a row of a table, a tag, a directive, the target of a link `[name]: place`, an item.
fn is_structure(body: &str) -> bool {
    let link_target = body.starts_with('[') && body.contains("]:");
    body.starts_with(['#', '|', '<', '{', ':'])
        || body.starts_with("..")
        || link_target
        || is_item(body)
}

fn is_item(body: &str) -> bool {
    is_bullet(body) || is_numbered(body)
}

/// `- item`.
pub(crate) fn is_bullet(body: &str) -> bool {
    let rest = body.strip_prefix(['-', '*', '+', '•', '·', '●']);
    rest.is_some_and(|rest| rest.starts_with(char::is_whitespace))
}

/// `1. item`, `（一）项`, `二、项`, `第三条`.
pub(crate) fn is_numbered(body: &str) -> bool {
    let numbered = body.strip_prefix(['(', '（', '第']).unwrap_or(body);
    let behind =
        numbered.trim_start_matches(|c: char| c.is_ascii_digit() || HAN_DIGITS.contains(c));
    behind.len() < numbered.len() && behind.starts_with(BEHIND_NUMBER)
}

const HAN_DIGITS: &str = "〇零一二三四五六七八九十百千";
const BEHIND_NUMBER: [char; 11] = ['.', '．', ')', '）', '、', '条', '條', '章', '节', '節', '款'];

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(&str, Form)> {
        let mut finder = PassageFinder::new();
        finder.of(text).iter().map(|p| (&text[p.start..p.end], p.form)).collect()
    }

    #[test]
    fn spans_are_whole_lines() {
        use Form::{Line, Paragraph};
        let cases: [(&str, Vec<(&str, Form)>); 10] = [
            ("", vec![]),
            ("too short\n", vec![]),
            (
                "Share this page with friends\r\n\r\nOne two three four five",
                vec![
                    ("Share this page with friends\r\n\r\n", Paragraph),
                    ("Share this page with friends\r\n", Line),
                    ("One two three four five", Paragraph),
                    ("One two three four five", Line),
                ],
            ),
            (
                "版权所有，侵权必究吗\n",
                vec![("版权所有，侵权必究吗\n", Paragraph), ("版权所有，侵权必究吗\n", Line)],
            ),
            ("```\nlet a = one_two three four five six;\n\nb\n```\n", vec![]),
            (
                "- an item of a list of six\n12. twelve of a list of steps\n（三）其他应当依法追究责任的\n",
                vec![],
            ),
            ("The values of this option are:\n", vec![]),
            ("    four_spaces = and, many, more, words, here\n", vec![]),
            ("# A heading of more than five words\n| a b c d e f |\n", vec![]),
            (
                "This sentence goes on behind\nthe end of its own line.\n",
                vec![("This sentence goes on behind\nthe end of its own line.\n", Paragraph)],
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }
}
