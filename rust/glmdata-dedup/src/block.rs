//! The blocks of a page: what its site may print on many of them (`template.rs`).
//!
//! A block is a line, a paragraph that was broken for want of room, or a title with its underline. What
//! says something where it repeats is [`Role::Fixed`], and never part of a template: program text and its
//! comments, rows of tables, numbered items, quoted turns of a dialogue, lines behind a label that
//! the page has twice, numbers alone.

use glmdata_base::hash64;
use glmdata_text::Normaliser;

use crate::passage::{Line, is_bullet, is_numbered, read_lines};

/// Characters of a line that may be broken because a page has no more room.
const WIDE: usize = 60;

/// The same where the next line begins in small letters.
const WIDE_BEFORE_SMALL: usize = 40;

/// Characters of the longest label.
const LONGEST_LABEL: usize = 12;

/// What stands between the digits of one number, date or time.
const WITHIN_NUMBER: [char; 5] = ['.', ',', ':', '/', '-'];

/// Signs that begin a row of a table, a tag, a directive, a comment, a turn of a dialogue.
const FIXED: [char; 12] = ['|', '<', '{', ':', ';', '“', '"', '「', '『', '«', '—', '–'];

/// Signs that open or close something.
const BRACKETS: [char; 11] = ['<', '>', '{', '}', '[', ']', '(', ')', '|', '/', '`'];

/// What a block is to a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Part of it if many pages have it.
    Member,
    /// No part of one.
    Fixed,
    /// No letter or number: goes with what is around it.
    Sign,
}

/// Lines `first..end` of a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    pub(crate) first: usize,
    pub(crate) end: usize,
    pub(crate) role: Role,
    /// Of its normal form, even.
    pub(crate) key: u64,
    /// The same with one digit for every number, odd; none where there is no number.
    pub(crate) masked: Option<u64>,
    /// Of a heading.
    pub(crate) level: Option<u8>,
    /// Ends in a colon.
    pub(crate) introduces: bool,
    /// Of a list or a quotation, whose lines go together or not at all.
    pub(crate) item: Option<Item>,
}

/// What begins a line that belongs to its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Bullet,
    Quotation,
}

/// Finds blocks; holds the buffers of one worker.
#[derive(Debug)]
pub(crate) struct BlockFinder {
    normaliser: Normaliser,
    pub(crate) lines: Vec<Line>,
    comment: Vec<bool>,
    labels: Vec<u64>,
    mask: String,
    pub(crate) found: Vec<Block>,
}

impl BlockFinder {
    pub(crate) fn new() -> Self {
        Self {
            normaliser: Normaliser::new(),
            lines: Vec::new(),
            comment: Vec::new(),
            labels: Vec::new(),
            mask: String::new(),
            found: Vec::new(),
        }
    }

    /// Leaves the blocks of `text` in `found`, and its lines in `lines`.
    pub(crate) fn read(&mut self, text: &str) {
        read_lines(text, &mut self.lines);
        self.read_comments(text);
        let body = |line: &Line| text[line.start..line.end].trim();
        self.labels.clear();
        let labels = self.lines.iter().filter_map(|line| label(body(line)));
        self.labels.extend(labels.map(|label| hash64(label.as_bytes())));
        self.labels.sort_unstable();
        self.found.clear();
        let mut at = 0;
        while at < self.lines.len() {
            if self.lines[at].blank {
                at += 1;
                continue;
            }
            let next = self.lines.get(at + 1).filter(|next| !next.code && !self.lines[at].code);
            let underline = next.and_then(|next| underline(body(next)));
            let end = match underline {
                Some(_) => at + 2,
                None => at + 1 + self.wrapped_behind(text, at),
            };
            let block = self.block(text, at, end, underline);
            self.found.push(block);
            at = end;
        }
    }

    /// Lines of comments: `/* ... */`, and signs `#` in a row.
    fn read_comments(&mut self, text: &str) {
        self.comment.clear();
        let (mut inside, mut above) = (false, false);
        for (at, line) in self.lines.iter().enumerate() {
            let body = text[line.start..line.end].trim();
            inside |= body.starts_with("/*");
            let sign = body.starts_with('#');
            self.comment.push(inside || (sign && above));
            if sign && above {
                self.comment[at - 1] = true;
            }
            above = sign;
            inside &= !body.contains("*/");
        }
    }

    /// Lines behind number `at` that go on with it because there was no more room.
    fn wrapped_behind(&self, text: &str, at: usize) -> usize {
        let goes_on = |pair: &[Line]| {
            let [line, next] = pair else { return false };
            let body = |line: &Line| text[line.start..line.end].trim();
            let begins_anew = next.structure || body(next).starts_with('>');
            let least = match next.continues {
                true => WIDE_BEFORE_SMALL,
                false if next.behind_open && !begins_anew => WIDE,
                false => return false,
            };
            let wide = || body(line).chars().nth(least - 1).is_some();
            !next.blank && !line.blank && !line.code && !next.code && wide()
        };
        self.lines[at..].windows(2).take_while(|pair| goes_on(pair)).count()
    }

    fn block(&mut self, text: &str, first: usize, end: usize, underline: Option<u8>) -> Block {
        let Self { normaliser, lines, comment, labels, mask, .. } = self;
        let body = |at: usize| text[lines[at].start..lines[at].end].trim();
        let mut block = Block {
            first,
            end,
            role: Role::Fixed,
            key: 0,
            masked: None,
            level: None,
            introduces: false,
            item: match body(first) {
                body if is_bullet(body) => Some(Item::Bullet),
                body => body.starts_with('>').then_some(Item::Quotation),
            },
        };
        let own = if underline.is_some() { first..first + 1 } else { first..end };
        if own.clone().any(|at| lines[at].code || comment[at]) {
            return block;
        }
        let (mut letters, mut numbers, mut has_digits) = (false, false, false);
        let (mut plain, mut masked) = (Vec::new(), Vec::new());
        for line in &lines[first..end] {
            let normal = normaliser.run(&text[line.start..line.end]);
            letters |= normal.chars().any(char::is_alphabetic);
            // Asked for only where there is no letter.
            numbers |= !letters && normal.chars().any(char::is_numeric);
            let hash = hash64(normal.as_bytes());
            plain.extend(hash.to_le_bytes());
            let digits = normal.bytes().any(|byte| byte.is_ascii_digit());
            has_digits |= digits;
            let hash = if digits { hash64(mask_numbers(normal, mask).as_bytes()) } else { hash };
            masked.extend(hash.to_le_bytes());
        }
        if !letters && !numbers {
            if !own.clone().any(|at| body(at).contains(BRACKETS)) {
                block.role = Role::Sign;
            }
        } else if letters && !own.clone().any(|at| is_fixed(body(at), labels)) {
            block.role = Role::Member;
            block.key = (hash64(&plain) & !1).max(2);
            block.masked = has_digits.then(|| hash64(&masked) | 1);
            block.introduces = body(end - 1).ends_with([':', '：']);
            let signs = body(first).bytes().take_while(|&byte| byte == b'#').count();
            block.level = underline.or_else(|| (signs > 0).then_some(signs.min(6) as u8));
        }
        block
    }
}

/// Whether a line says something where it repeats; `labels` are those of the page, sorted.
fn is_fixed(body: &str, labels: &[u64]) -> bool {
    let twice = |label: &str| {
        let hash = hash64(label.as_bytes());
        let place = labels.partition_point(|&known| known < hash);
        labels.get(place + 1) == Some(&hash)
    };
    body.starts_with(FIXED)
        || ["..", "//", "--"].iter().any(|signs| body.starts_with(signs))
        || (body.starts_with('[') && body.contains("]:"))
        || is_numbered(body)
        || label(body).is_some_and(twice)
}

/// `Views` of `Views: 12`, `客服` of `客服：您好`.
fn label(body: &str) -> Option<&str> {
    let within = body.char_indices().nth(LONGEST_LABEL + 1).map_or(body.len(), |(end, _)| end);
    let (label, _) =
        body[..within].split_once([':', '：']).filter(|(label, _)| !label.is_empty())?;
    let behind = body[label.len()..].strip_prefix([':', '：'])?;
    (!behind.starts_with("//")).then_some(label)
}

/// `normal` with one digit for every number, in `mask`.
fn mask_numbers<'m>(normal: &str, mask: &'m mut String) -> &'m str {
    mask.clear();
    let mut rest = normal;
    while let Some(at) = rest.find(|character: char| character.is_ascii_digit()) {
        mask.push_str(&rest[..at]);
        mask.push('0');
        rest = &rest[at..];
        loop {
            rest = rest.trim_start_matches(|character: char| character.is_ascii_digit());
            let more = rest.strip_prefix(WITHIN_NUMBER);
            match more.filter(|more| more.starts_with(|next: char| next.is_ascii_digit())) {
                Some(more) => rest = more,
                None => break,
            }
        }
    }
    mask.push_str(rest);
    mask
}

/// The level of the heading that a line of signs makes of the line above it.
fn underline(body: &str) -> Option<u8> {
    let all = |sign: u8| body.len() >= 3 && body.bytes().all(|byte| byte == sign);
    if all(b'=') { Some(1) } else { all(b'-').then_some(2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_masked_as_a_whole() {
        let cases = [
            ("views: 1,234 of 5", "views: 0 of 0"),
            ("2024-05-01 10:22", "0 0"),
            ("v1.2. and 3-", "v0. and 0-"),
            ("none", "none"),
        ];
        for (normal, expected) in cases {
            assert_eq!(mask_numbers(normal, &mut String::new()), expected);
        }
    }

    #[test]
    fn labels_are_short_and_no_schemes() {
        let cases = [
            ("Views: 1", Some("Views")),
            ("客服：您好", Some("客服")),
            ("https://example.com", None),
            ("a sentence of many words: and more", None),
            (": nothing", None),
            ("twelve chars: x", Some("twelve chars")),
            ("thirteen char: x", None),
        ];
        for (body, expected) in cases {
            assert_eq!(label(body), expected, "{body}");
        }
    }
}
