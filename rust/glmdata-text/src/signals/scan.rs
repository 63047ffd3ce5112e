//! The pass over a document: classes, words, units, lines.

use xxhash_rust::xxh3::xxh3_64;

use super::class::{
    ALONE, CLASSES, COLON, Class, FLAGS, LETTER, MARK, PLAIN, SPACE, WORD, ascii_classes, class_of,
};
use super::line::{Line, Phrases, Verdict, c4};
use super::measure::Measurer;
use super::part::{ends_with_ellipsis, is_closed};
use super::prose::{Facts, Place};
use super::tally::Tally;
use super::word::{Row, Token, address_end, common_han, counted, may_be_shortened, word_hash};

/// Characters up to which a line is short (FineWeb).
const SHORT_LINE: u32 = 30;

/// Facts of the line that is being read.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    start: usize,
    first_visible: usize,
    visible_end: usize,
    chars: u32,
    classes: [u32; CLASSES],
    words: u32,
    longest_word: u32,
    prose_words: u32,
    words_with_letter: u32,
    plain_words: u32,
    plain_characters: u64,
}

pub(super) struct Pass<'a> {
    text: &'a str,
    measurer: &'a mut Measurer,
    tally: Tally,
    line: Open,
    /// Next of the phrases found.
    phrase: usize,
    in_fence: bool,
    /// Start of the paragraph and the end of its last line so far.
    paragraph: Option<(usize, usize, u32, u32)>,
}

impl<'a> Pass<'a> {
    pub(super) fn new(text: &'a str, measurer: &'a mut Measurer) -> Self {
        measurer.words.clear();
        measurer.lengths.fill(0);
        measurer.lines.clear();
        measurer.paragraphs.clear();
        measurer.prose.begin(text);
        Self {
            text,
            measurer,
            tally: Tally::default(),
            line: Open { first_visible: usize::MAX, ..Open::default() },
            phrase: 0,
            in_fence: false,
            paragraph: None,
        }
    }

    /// In a function of its own, or what else is measured takes its registers.
    #[inline(never)]
    pub(super) fn run(mut self) -> Tally {
        let bytes = self.text.as_bytes();
        let ascii = ascii_classes();
        let (mut at, mut chars) = (0, 0u32);
        // The word that is open: where it began, flags of its characters.
        let (mut word_start, mut word_chars, mut word_flags) = (0, 0u32, 0u8);
        let mut word_open = false;
        // The unit of letters and digits that is open; no flag: none is.
        let (mut run_flags, mut run_start) = (0u8, 0);
        let (mut token, mut url_end) = (Token::default(), 0);
        let mut row = Row::default();
        while at < bytes.len() {
            let byte = bytes[at];
            // Runs of small letters and of common Han characters: they differ in nothing but whether
            // one repeats.
            let from = at;
            while let Some(&letter @ b'a'..=b'z') = bytes.get(at) {
                row.add(letter.into());
                at += 1;
            }
            if at != from {
                let letters = (at - from) as u32;
                self.tally.classes[Class::LatinLower as usize] += letters;
                if run_flags == 0 {
                    run_start = from;
                }
                run_flags |= FLAGS[Class::LatinLower as usize];
                if !word_open {
                    (word_open, word_start, word_chars, word_flags) = (true, from, chars, 0);
                    self.line.first_visible = self.line.first_visible.min(from);
                }
                word_flags |= FLAGS[Class::LatinLower as usize];
                token.characters += letters;
                self.line.visible_end = at;
                chars += letters;
                continue;
            }
            if byte >= 0xE4 {
                for han in bytes[at..].as_chunks().0.iter().copied().map_while(common_han) {
                    row.add(han);
                    at += 3;
                }
            }
            if at != from {
                let han = ((at - from) / 3) as u32;
                self.tally.classes[Class::Han as usize] += han;
                self.tally.units += han;
                if run_flags != 0 {
                    self.tally.units += 1;
                    let prose = run_flags & LETTER != 0 && run_start >= url_end;
                    self.line.prose_words += u32::from(prose);
                    run_flags = 0;
                }
                if !word_open {
                    (word_open, word_start, word_chars, word_flags) = (true, from, chars, 0);
                    self.line.first_visible = self.line.first_visible.min(from);
                }
                word_flags |= FLAGS[Class::Han as usize];
                self.end_token(&mut token);
                self.line.visible_end = at;
                chars += han;
                continue;
            }
            let (code, class, width) = if byte < 128 {
                (u32::from(byte), ascii[usize::from(byte)], 1)
            } else {
                let character = self.text[at..].chars().next().unwrap_or('\0');
                (character as u32, class_of(character), character.len_utf8())
            };
            let flags = FLAGS[class as usize];
            self.tally.classes[class as usize] += 1;
            if flags & WORD != 0 {
                if run_flags == 0 {
                    run_start = at;
                }
                run_flags |= flags;
            } else if flags & MARK == 0 {
                if run_flags != 0 {
                    self.tally.units += 1;
                    let scheme = flags & COLON != 0
                        && run_start >= url_end
                        && bytes[at..].starts_with(b"://");
                    if scheme {
                        url_end = address_end(bytes, at);
                        let plain = |byte: &&u8| byte.is_ascii_alphanumeric();
                        token.in_address += bytes[at..url_end].iter().filter(plain).count() as u32;
                        let name = self.text[run_start..at].chars().count();
                        self.tally.url_chars += (name + url_end - at) as u32;
                    }
                    if run_flags & LETTER != 0 && run_start >= url_end && !scheme {
                        self.line.prose_words += 1;
                    }
                    run_flags = 0;
                }
                if flags & ALONE != 0 {
                    self.tally.units += 1;
                    self.line.prose_words += u32::from(class != Class::Han);
                }
            }
            if flags & SPACE != 0 {
                row.end();
                if word_open {
                    word_open = false;
                    self.word(word_start, at, chars - word_chars, word_flags);
                }
                self.end_token(&mut token);
                if class == Class::Newline {
                    self.end_line(at, chars);
                    self.line = Open {
                        start: at + 1,
                        first_visible: usize::MAX,
                        chars: chars + 1,
                        classes: self.tally.classes,
                        words: self.tally.words,
                        words_with_letter: self.tally.words_with_letter,
                        plain_words: self.tally.plain_words,
                        plain_characters: self.tally.plain_characters,
                        ..Open::default()
                    };
                }
            } else {
                if !word_open {
                    (word_open, word_start, word_chars, word_flags) = (true, at, chars, 0);
                    self.line.first_visible = self.line.first_visible.min(at);
                }
                word_flags |= flags;
                row.add(code);
                self.line.visible_end = at + width;
                if flags & ALONE != 0 {
                    self.end_token(&mut token);
                } else {
                    token.characters += u32::from(flags & PLAIN != 0);
                }
            }
            chars += 1;
            at += width;
        }
        if run_flags != 0 {
            self.tally.units += 1;
            self.line.prose_words += u32::from(run_flags & LETTER != 0 && run_start >= url_end);
        }
        if word_open {
            self.word(word_start, at, chars - word_chars, word_flags);
        }
        self.end_token(&mut token);
        if at > self.line.start {
            self.end_line(at, chars);
        }
        self.end_paragraph();
        self.tally.in_runs = row.in_long;
        self.tally.chars = chars;
        self.tally.lines = self.measurer.lines.len() as u32;
        self.tally.paragraphs = self.measurer.paragraphs.len() as u32;
        self.tally
    }

    #[inline]
    fn end_token(&mut self, token: &mut Token) {
        let tally = &mut self.tally;
        // Tokens become longer than all before them a few times a text.
        if token.characters > tally.longest_plain_token {
            tally.longest_token = tally.longest_token.max(token.characters);
            let plain = token.characters - token.in_address;
            tally.longest_plain_token = tally.longest_plain_token.max(plain);
        }
        *token = Token::default();
    }

    #[inline]
    fn word(&mut self, start: usize, end: usize, characters: u32, flags: u8) {
        let tally = &mut self.tally;
        tally.words += 1;
        tally.words_with_letter += u32::from(flags & LETTER != 0);
        if flags & PLAIN != 0 {
            tally.plain_words += 1;
            tally.plain_characters += u64::from(characters);
            self.measurer.lengths[characters.min(255) as usize] += 1;
        }
        self.line.longest_word = self.line.longest_word.max(characters);
        let hash = word_hash(&self.text.as_bytes()[start..end]);
        if end - start <= 4 {
            for (i, &stop) in self.measurer.stop_hashes.iter().enumerate() {
                tally.stop_words |= u8::from(stop == hash) << i;
            }
        }
        if may_be_shortened(self.text.as_bytes()[start], characters, flags) {
            self.shorten(start, end, characters, flags);
        }
        self.measurer.words.push(hash, characters);
    }

    /// In a function of its own, for few words come here.
    #[cold]
    #[inline(never)]
    fn shorten(&mut self, start: usize, end: usize, characters: u32, flags: u8) {
        if let Some(counted) = counted(&self.text[start..end], characters, flags) {
            let place = self.measurer.words.hashes.len() as u32;
            self.measurer.prose.shortened.push((place, counted));
        }
    }

    /// The line from `self.line.start` to `end`, without its line feed.
    fn end_line(&mut self, end: usize, chars: u32) {
        let line = self.line;
        let tally = &mut self.tally;
        tally.all_lines += 1;
        if end == line.start {
            self.end_paragraph();
            self.measurer.prose.blank();
            return;
        }
        let characters = chars - line.chars;
        let visible = line.first_visible != usize::MAX;
        let hash = xxh3_64(&self.text.as_bytes()[line.start..end]);
        self.measurer.lines.push((hash, characters, visible));
        let (start, _, first, _) = self.paragraph.unwrap_or((line.start, 0, line.chars, 0));
        self.paragraph = Some((start, end, first, chars));
        let mut phrases = Phrases::default();
        while let Some(found) = self.measurer.found.get(self.phrase)
            && (found.start as usize) < end
        {
            phrases.lorem_ipsum |= found.lorem_ipsum;
            phrases.boilerplate |= !found.lorem_ipsum;
            self.phrase += 1;
        }
        if !visible {
            self.measurer.prose.blank();
            return;
        }
        tally.full_lines += 1;
        tally.line_characters += u64::from(characters);
        keep_longest(&mut tally.longest_lines, characters);
        tally.short += u32::from(characters <= SHORT_LINE);
        let mut classes = tally.classes;
        for (now, before) in classes.iter_mut().zip(line.classes) {
            *now -= before;
        }
        classes[Class::Newline as usize] = 0;
        let of = |class: Class| classes[class as usize];
        let letters = [
            Class::LatinLower,
            Class::LatinUpper,
            Class::Han,
            Class::Kana,
            Class::Letter,
            Class::Hangul,
            Class::OtherLower,
            Class::OtherUpper,
        ];
        let text = &self.text[line.first_visible..line.visible_end];
        let indent = &self.text[line.start..line.first_visible];
        let read = Line {
            text,
            indented: indent.starts_with('\t') || indent.starts_with("  "),
            words: tally.words - line.words,
            longest_word: line.longest_word,
            letters: letters.into_iter().map(of).sum(),
            han: of(Class::Han),
            visible: characters - of(Class::Space),
            code_marks: of(Class::CodeMark),
            phrases,
        };
        let mut facts = Facts {
            line: &read,
            start: line.first_visible,
            end: line.visible_end,
            indent,
            classes,
            characters,
            hash,
            word: line.words,
            words_with_letter: tally.words_with_letter - line.words_with_letter,
            plain_words: tally.plain_words - line.plain_words,
            plain_characters: tally.plain_characters - line.plain_characters,
            unseen: self.measurer.prose.unseen_from(line.words),
            closed: is_closed(text),
        };
        self.judge(&mut facts, line.prose_words);
    }

    fn judge(&mut self, facts: &mut Facts<'_>, prose_words: u32) {
        let tally = &mut self.tally;
        let line = facts.line;
        tally.bullets += u32::from(line.is_bullet());
        tally.ellipsis_lines += u32::from(ends_with_ellipsis(line.text));
        let last = line.text.chars().next_back().map_or(Class::Control, class_of);
        tally.punctuated += u32::from(last == Class::Terminal);
        tally.closed += u32::from(facts.closed);
        match c4(line) {
            Verdict::Dropped => {}
            Verdict::LoremIpsum => tally.c4_lorem_ipsum = true,
            Verdict::Curly => tally.c4_curly = true,
            Verdict::Kept(sentences) => {
                tally.c4_lines += 1;
                tally.c4_sentences += sentences;
            }
        }
        let fence = line.is_fence();
        if fence || self.in_fence {
            tally.fenced += 1;
            self.in_fence ^= fence;
            self.measurer.prose.fenced();
            return;
        }
        match self.measurer.prose.take(facts) {
            (Place::Code { reads: true }, _) => {
                tally.code += 1;
                tally.code_characters += u64::from(line.visible);
            }
            (Place::Formula, _) => {}
            (_, unsaid) => {
                // An address hides its words, and may begin within a formula.
                tally.prose_han += line.han - unsaid.han;
                tally.prose_words += prose_words.saturating_sub(unsaid.words);
            }
        }
    }

    fn end_paragraph(&mut self) {
        if let Some((start, end, first, last)) = self.paragraph.take() {
            let hash = xxh3_64(&self.text.as_bytes()[start..end]);
            self.measurer.paragraphs.push((hash, last - first));
        }
    }
}

fn keep_longest(longest: &mut [u32; 3], characters: u32) {
    if characters > longest[2] {
        longest[2] = characters;
        longest.sort_unstable_by(|a, b| b.cmp(a));
    }
}
