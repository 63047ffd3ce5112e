//! Lines of prose: what is left of a text without code, formulas, tags and tables, and sums over it.
//!
//! The scan hands over each line once it has passed its end; nothing is read a second time but what stands
//! in formulas, behind backticks and in tags.

use super::class::{CLASSES, Class, FLAGS, PLAIN, class_of};
use super::formula::{Display, Kind, Span, spans};
use super::grams::Words;
use super::line::{Line, is_code};
use super::marker::{marker, words_of_sign};
use super::markup::{Said, has_cells, has_tags, words_of_tag};
use super::part::{
    Signs, are_cells, ends_inside, ends_with_ellipsis, has_gaps, is_closed, is_cut_off, visible,
    words_of,
};

/// Visible characters up to which a line is short, Han characters counted twice: FineWeb has 30 with blanks.
const SHORT_LINE: u32 = 25;

/// What a line is, fenced ones aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Program text that reads as such, or is none but for its indentation.
    Code {
        reads: bool,
    },
    Formula,
    /// Tags, rules and brackets alone.
    Bare,
    Table,
    Prose,
}

/// A line as the scan has measured it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    pub(super) line: &'a Line<'a>,
    /// Where its text begins and ends in the document, in bytes.
    pub(super) start: usize,
    pub(super) end: usize,
    /// White space before it, in bytes.
    pub(super) indent: &'a str,
    pub(super) classes: [u32; CLASSES],
    /// Code points, white space included.
    pub(super) characters: u32,
    pub(super) hash: u64,
    /// Number of its first word.
    pub(super) word: u32,
    pub(super) words_with_letter: u32,
    pub(super) plain_words: u32,
    pub(super) plain_characters: u64,
    /// Words of which nothing is seen.
    pub(super) unseen: u32,
    /// Whether its last character, closing ones aside, ends a sentence.
    pub(super) closed: bool,
}

/// What the scan takes from prose in words and Han characters for what stands in formulas and tags.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Unsaid {
    pub(super) words: u32,
    pub(super) han: u32,
}

/// A line of prose.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProseLine {
    /// Without white space at its ends, in bytes of the document.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Visible characters, those of Han, kana and Hangul counted twice.
    pub(super) width: u32,
    pub(super) hash: u64,
    /// Its words, by number.
    pub(super) words: (u32, u32),
    /// Lines without another one or a blank one between them have one number.
    pub(super) block: u32,
    /// Ends a sentence.
    pub(super) closed: bool,
    /// Bytes of a sign of a list, heading or quotation before its text.
    pub(super) signs: u32,
    /// Behind `>`, what somebody else said.
    pub(super) quoted: bool,
}

/// Sums over lines of prose.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    pub(super) width: u32,
    pub(super) visible: u32,
    pub(super) characters: u32,
    pub(super) special: u32,
    pub(super) digits: u32,
    pub(super) hashes: u32,
    pub(super) words: u32,
    pub(super) words_with_letter: u32,
    pub(super) plain_words: u32,
    pub(super) plain_characters: u64,
    pub(super) closed: u32,
    pub(super) short: u32,
    pub(super) bullets: u32,
    pub(super) ellipses: u32,
    /// Behind `>`.
    pub(super) quoted: u32,
    /// Visible characters of formulas.
    pub(super) formula: u32,
    /// Rows of tables.
    pub(super) rows: u32,
    /// Lines, characters of lines and of blocks that came before, in width; of lines of text alone.
    pub(super) repeated_lines: u32,
    pub(super) repeated_width: u32,
    pub(super) repeated_text: u32,
    pub(super) repeated_blocks: u32,
}

/// Reads lines one after the other; holds the buffers.
#[derive(Debug, Default)]
pub(super) struct Prose {
    display: Display,
    in_table: bool,
    /// The line before was blank, or code for its indentation.
    may_indent: bool,
    block: u32,
    pub(super) signs: Signs,
    spans: Vec<Span>,
    said: Said,
    /// Tags or entities stand in the line, and `said` is what it says.
    tagged: bool,
    pub(super) sums: Sums,
    pub(super) lines: Vec<ProseLine>,
    /// Words by number, with the characters that repetition counts of them.
    pub(super) shortened: Vec<(u32, u32)>,
    pub(super) words: Words,
    pub(super) text: String,
}

impl Prose {
    pub(super) fn begin(&mut self, text: &str) {
        self.blank();
        self.signs = Signs::of(text);
        self.block = 0;
        self.sums = Sums::default();
        self.lines.clear();
        self.shortened.clear();
    }

    /// Behind a blank line.
    pub(super) fn blank(&mut self) {
        self.display.close();
        self.in_table = false;
        self.may_indent = true;
        self.block += 1;
    }

    /// Behind a line of a fenced block.
    pub(super) fn fenced(&mut self) {
        self.may_indent = false;
        self.block += 1;
    }

    /// Take a line that lies outside of fences: what it is, and what its formulas and tags hold.
    pub(super) fn take(&mut self, facts: &mut Facts<'_>) -> (Place, Unsaid) {
        let line = facts.line;
        let mut inside = Unsaid::default();
        self.spans.clear();
        self.tagged = false;
        // No formula begins without a mark of program text.
        let marks = line.code_marks > 0;
        let place = if (marks || self.display.is_open()) && self.display.holds(line.text) {
            self.sums.formula += line.visible;
            Place::Formula
        } else {
            if marks {
                spans(line.text, self.signs.markup, &mut self.spans);
            }
            let mut formula = 0;
            for span in &self.spans {
                let text = &line.text[span.start..span.end];
                match span.kind {
                    Kind::Code => continue,
                    Kind::Formula => {
                        inside.words += words_of(text);
                        formula += visible(text);
                    }
                    Kind::Tag { .. } => {
                        inside.words += words_of_tag(text);
                        self.tagged = true;
                    }
                    Kind::Entity(_) => {
                        inside.words += words_of(text);
                        self.tagged = true;
                    }
                }
                inside.han += text.chars().filter(|&c| class_of(c) == Class::Han).count() as u32;
            }
            if self.tagged {
                self.said.read(line.text, 0, &self.spans);
                facts.closed = is_closed(self.said.text());
            }
            self.sums.formula += formula;
            self.place(facts, formula)
        };
        let indented = matches!(place, Place::Code { .. }) && self.may_indent && is_indented(facts);
        self.may_indent = indented;
        match place {
            Place::Prose => self.prose(facts),
            Place::Table => self.sums.rows += 1,
            _ => {}
        }
        if place != Place::Prose {
            self.block += 1;
        }
        (place, inside)
    }

    fn place(&mut self, facts: &Facts<'_>, formula: u32) -> Place {
        let line = facts.line;
        // Formulas have the marks of program text, and no program in them.
        let latex = 4 * formula >= line.visible
            || line
                .text
                .strip_prefix('\\')
                .is_some_and(|c| c.starts_with(|c: char| c.is_ascii_alphabetic()));
        if !latex && self.reads_as_code(line) {
            return Place::Code { reads: true };
        }
        if self.may_indent && is_indented(facts) {
            return Place::Code { reads: false };
        }
        if !self.says_something(facts) {
            self.in_table |= line.text.contains("---") && line.text.contains('|');
            return if formula > 0 { Place::Formula } else { Place::Bare };
        }
        if self.is_row(line, facts.classes[Class::Space as usize]) {
            Place::Table
        } else {
            Place::Prose
        }
    }

    /// A line with tags or entities is judged by what it says, if it says enough.
    fn reads_as_code(&self, line: &Line<'_>) -> bool {
        if self.tagged && self.said.counts(line, &self.spans) {
            return is_code(&self.said.line(line.indented && !has_tags(&self.spans)));
        }
        is_code(line)
    }

    /// Whether a letter or a digit stands outside of formulas, code and, if there is nothing else, tags.
    fn says_something(&self, facts: &Facts<'_>) -> bool {
        let text = facts.line.text;
        let of = |class: Class| facts.classes[class as usize];
        if facts.line.letters + of(Class::Digit) + of(Class::Number) + of(Class::Mark) == 0 {
            return false;
        }
        if self.spans.is_empty() && !(text.starts_with('<') && text.ends_with('>')) {
            return true;
        }
        let tags = text.starts_with('<') && text.ends_with('>');
        let (mut from, mut depth) = (0, 0);
        let mut says = |part: &str| {
            part.chars().any(|c| {
                match c {
                    '<' if tags => depth = 1,
                    '>' if tags => depth = 0,
                    _ => {}
                }
                depth == 0 && FLAGS[class_of(c) as usize] & PLAIN != 0
            })
        };
        for span in &self.spans {
            let is_plain = |c| FLAGS[class_of(c) as usize] & PLAIN != 0;
            if says(&text[from..span.start]) || matches!(span.kind, Kind::Entity(c) if is_plain(c))
            {
                return true;
            }
            from = span.end;
        }
        says(&text[from..])
    }

    /// Whether a line is a row of a table: of Markdown, or in columns.
    fn is_row(&self, line: &Line<'_>, spaces: u32) -> bool {
        let text = line.text;
        let bars = || text.bytes().filter(|&byte| byte == b'|').take(2).count();
        if text.starts_with('|') && bars() == 2 || self.in_table && bars() > 0 {
            return true;
        }
        if self.tagged && has_cells(text, &self.spans) {
            return true;
        }
        // Two gaps of three are four blanks more than stand between the words anyway.
        self.signs.tabs && are_cells(text.split('\t')) || spaces >= line.words + 3 && has_gaps(text)
    }

    fn prose(&mut self, facts: &Facts<'_>) {
        let line = facts.line;
        let (signs, bullet) = marker(line.text);
        let mut classes = facts.classes;
        let mut visible = line.visible;
        let mut leave_out = |text: &str| {
            for c in text.chars() {
                let class = class_of(c);
                classes[class as usize] -= 1;
                visible -= u32::from(class != Class::Space);
            }
        };
        leave_out(&line.text[..signs]);
        let count = |part: &str| memchr::memchr_iter(b'#', part.as_bytes()).count() as u32;
        let may = self.signs.hashes > 0 && line.code_marks > 0;
        let mut hashes = if may { count(&line.text[signs..]) } else { 0 };
        for span in self.spans.iter().filter(|span| span.start >= signs) {
            let text = &line.text[span.start..span.end];
            leave_out(text);
            hashes -= if may { count(text) } else { 0 };
        }
        for span in self.spans.iter().filter(|span| span.start >= signs) {
            if let Kind::Entity(character) = span.kind {
                let class = class_of(character);
                classes[class as usize] += 1;
                visible += u32::from(class != Class::Space);
                hashes += u32::from(may && character == '#');
            }
        }
        let of = |class: Class| classes[class as usize];
        let width = visible + of(Class::Han) + of(Class::Kana) + of(Class::Hangul);
        let told = if self.tagged { self.said.text() } else { line.text };
        let ellipsis = (self.signs.ellipses > 0 || self.tagged)
            && (ends_with_ellipsis(told) || !facts.closed && is_cut_off(told));
        let ends = classes[Class::Terminal as usize] > 0;
        let closed = facts.closed && !ellipsis;
        let told = if self.tagged {
            self.said.read(line.text, signs, &self.spans);
            self.said.text()
        } else {
            &line.text[signs..]
        };
        let closed = closed || ends && ends_inside(told);
        let sums = &mut self.sums;
        sums.width += width;
        sums.visible += visible;
        sums.characters += facts.characters + 1;
        sums.special += of(Class::CodeMark) + of(Class::Symbol) + of(Class::Control);
        sums.digits += of(Class::Digit);
        sums.hashes += hashes;
        if self.tagged {
            sums.words += self.said.words - self.said.unseen;
            sums.words_with_letter += self.said.words_with_letter;
            sums.plain_words += self.said.plain_words;
            sums.plain_characters += self.said.plain_characters;
        } else {
            sums.words += line.words - facts.unseen - words_of_sign(&line.text[..signs]);
            sums.words_with_letter += facts.words_with_letter;
            sums.plain_words += facts.plain_words;
            sums.plain_characters += facts.plain_characters;
        }
        sums.closed += u32::from(closed);
        sums.short += u32::from(width <= SHORT_LINE);
        sums.bullets += u32::from(bullet);
        sums.ellipses += u32::from(ellipsis);
        let quoted = line.text.starts_with('>');
        sums.quoted += u32::from(quoted);
        self.lines.push(ProseLine {
            start: facts.start as u32,
            end: facts.end as u32,
            width,
            hash: facts.hash,
            words: (facts.word, facts.word + line.words),
            block: self.block,
            closed,
            signs: signs as u32,
            quoted,
        });
    }
}

/// Begins with a tab or four blanks, is not in Han characters and ends no sentence.
fn is_indented(facts: &Facts<'_>) -> bool {
    (facts.indent.starts_with('\t') || facts.indent.starts_with("    "))
        && 4 * facts.line.han <= facts.line.visible
        && !facts.closed
}
