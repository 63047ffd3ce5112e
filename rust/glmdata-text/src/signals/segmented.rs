//! Signals of words as jieba cuts them: what rules tuned on such words ask of a Chinese text.
//!
//! Cutting takes longer than all other signals together, so it is done only for a run whose rules ask.
//! Words are those of jieba's accurate mode with its model of unknown words, without white space;
//! punctuation marks are words too, as FineWeb-2 counts them. The slow twin is
//! `glmdata/reference/segmented.py`.

use jieba_rs::Jieba;

use super::class::{Class, FLAGS, LETTER, PLAIN, class_of};
use super::grams::{Grams, Words};
use super::word::word_hash;

/// Stop words of FineWeb-2's `configs/cmn_Hani.yml`.
const STOP_WORDS: [&str; 22] = [
    "的", "年", "在", "月", "是", "和", "日", "了", "於", "·", "為", "有", "被", "人", "中", "为",
    "他", "與", "後", "也", "而", "由",
];

/// Name of every signal of segmented words, and whether it is a whole number.
pub const SEGMENTED: [(&str, bool); 16] = [
    // Words with a letter, digit or mark, and their mean characters.
    ("jieba_words", true),
    ("jieba_word_length", false),
    // Words with a letter of all words; `#`, ellipses and line feeds by words.
    ("jieba_alpha_share", false),
    ("jieba_hash_per_word", false),
    ("jieba_ellipsis_per_word", false),
    ("jieba_newline_per_word", false),
    // How many of the stop words occur.
    ("jieba_stop_words", true),
    // Characters of the most frequent run of n words, and of runs that occurred before, of all.
    ("jieba_top_2gram", false),
    ("jieba_top_3gram", false),
    ("jieba_top_4gram", false),
    ("jieba_dup_5gram", false),
    ("jieba_dup_6gram", false),
    ("jieba_dup_7gram", false),
    ("jieba_dup_8gram", false),
    ("jieba_dup_9gram", false),
    ("jieba_dup_10gram", false),
];

/// The dictionary; one serves all threads.
#[derive(Debug)]
pub struct Segmenter {
    jieba: Jieba,
    stop_hashes: [u64; STOP_WORDS.len()],
}

impl Default for Segmenter {
    fn default() -> Self {
        let stop_hashes = STOP_WORDS.map(|word| word_hash(word.as_bytes()));
        Self { jieba: Jieba::new(), stop_hashes }
    }
}

/// The buffers of one who measures.
#[derive(Debug, Default)]
pub struct SegmentedMeasurer {
    words: Words,
    grams: Grams,
}

impl Segmenter {
    /// Call `take` with each word of `text`.
    pub fn words<'t>(&self, text: &'t str, mut take: impl FnMut(&'t str)) {
        for token in self.jieba.cut(text, true) {
            let mut rest = token.word;
            while !rest.is_empty() {
                let (word, behind) = rest.split_at(self.first_of(rest));
                // White space as Python's `str.strip` has it.
                let blank = |c| matches!(class_of(c), Class::Space | Class::Newline);
                let word = word.trim_matches(blank);
                if !word.is_empty() {
                    take(word);
                }
                rest = behind;
            }
        }
    }

    /// Bytes of the first word of what the crate takes for one, and jieba 0.42.1 for several: ASCII
    /// with marks inside, and Han characters that were not in its range.
    fn first_of(&self, word: &str) -> usize {
        let bytes = word.as_bytes();
        if bytes.len() == 1 {
            return 1;
        }
        if word.is_ascii() {
            let plain = bytes.iter().all(u8::is_ascii_alphanumeric);
            return if plain || self.jieba.has_word(word) {
                bytes.len()
            } else {
                ascii_word(bytes)
            };
        }
        let mut known = word.char_indices();
        match known.find(|&(_, c)| !c.is_ascii() && !('\u{4E00}'..='\u{9FD5}').contains(&c)) {
            None => bytes.len(),
            Some((0, other)) => other.len_utf8(),
            Some((at, _)) => at,
        }
    }

    /// The signals of `text`, in the order of [`SEGMENTED`].
    pub fn measure(&self, text: &str, measurer: &mut SegmentedMeasurer) -> [f64; SEGMENTED.len()] {
        let SegmentedMeasurer { words, grams } = measurer;
        words.clear();
        let (mut all, mut plain, mut plain_characters, mut alpha) = (0_u32, 0_u32, 0_u64, 0_u32);
        let mut stop_words = 0_u32;
        self.words(text, |word| {
            let (characters, flags) = word
                .chars()
                .fold((0, 0), |(n, flags), c| (n + 1, flags | FLAGS[class_of(c) as usize]));
            all += 1;
            alpha += u32::from(flags & LETTER != 0);
            if flags & PLAIN != 0 {
                plain += 1;
                plain_characters += u64::from(characters);
            }
            let hash = word_hash(word.as_bytes());
            if let Some(stop) = self.stop_hashes.iter().position(|&stop| stop == hash) {
                stop_words |= 1 << stop;
            }
            words.push(hash, characters);
        });
        let share = |part: f64, whole: f64| if whole == 0.0 { 0.0 } else { part / whole };
        let by_words = |count: usize| share(count as f64, all.into());
        let characters = text.chars().count() as f64;
        let repeats = grams.repeats(words);
        let of_text = |part: u32| share(part.into(), characters);
        let [top, duplicate] = [&repeats.top[..], &repeats.duplicate[..]];
        [
            plain.into(),
            share(plain_characters as f64, plain.into()),
            share(alpha.into(), all.into()),
            by_words(text.matches('#').count()),
            by_words(text.matches("...").count() + text.matches('…').count()),
            by_words(text.matches('\n').count()),
            stop_words.count_ones().into(),
            of_text(top[2]),
            of_text(top[3]),
            of_text(top[4]),
            of_text(duplicate[5]),
            of_text(duplicate[6]),
            of_text(duplicate[7]),
            of_text(duplicate[8]),
            of_text(duplicate[9]),
            of_text(duplicate[10]),
        ]
    }
}

/// Bytes of the first of: letters and digits, with a decimal part and a percent sign; other marks.
fn ascii_word(bytes: &[u8]) -> usize {
    let run = |from: usize, inside: fn(&u8) -> bool| {
        bytes[from..].iter().take_while(|byte| inside(byte)).count()
    };
    let letters = run(0, u8::is_ascii_alphanumeric);
    if letters == 0 {
        return run(0, |byte| !byte.is_ascii_alphanumeric());
    }
    let mut end = letters;
    if bytes.get(end) == Some(&b'.')
        && let digits @ 1.. = run(end + 1, u8::is_ascii_digit)
    {
        end += 1 + digits;
    }
    end + usize::from(bytes.get(end) == Some(&b'%'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_jieba() {
        let segmenter = Segmenter::default();
        // As jieba 0.42.1 of PyPI cuts them.
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            (" \n\u{3000}", &[]),
            ("渔民在河口修补渔网。", &["渔民", "在", "河口", "修补", "渔网", "。"]),
            (
                "见docs.rs/a_b-c：v1.2.3，50.5%",
                &[
                    "见", "docs", ".", "rs", "/", "a", "_", "b", "-", "c", "：", "v1.2", ".", "3",
                    "，", "50.5%",
                ],
            ),
            ("虫声𠲌𠲌——", &["虫声", "𠲌", "𠲌", "—", "—"]),
        ];
        for (text, expected) in cases {
            let mut words = Vec::new();
            segmenter.words(text, |word| words.push(word));
            assert_eq!(words, *expected, "{text}");
        }
    }
}
