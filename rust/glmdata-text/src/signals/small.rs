//! Small words: what sentences are held together by, and lists do without.

use super::class::{Class, class_of};

/// Bytes of a line whose words are looked at.
const LONGEST_LINE: usize = 4096;

/// English words, sorted, that sentences are held together by, and lists do without.
const WORDS: [&str; 72] = [
    "a", "about", "all", "am", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can",
    "could", "did", "do", "for", "from", "had", "has", "have", "he", "her", "him", "his", "how",
    "i", "if", "in", "into", "is", "it", "its", "like", "me", "my", "never", "no", "nobody", "not",
    "of", "on", "or", "our", "out", "she", "so", "that", "the", "their", "them", "then", "there",
    "they", "this", "to", "up", "upon", "us", "was", "we", "were", "what", "when", "where", "who",
    "will", "with", "would", "you", "your",
];

/// Chinese characters of the same use.
const CHARACTERS: [char; 51] = [
    '一', '上', '下', '不', '与', '么', '也', '了', '什', '从', '他', '们', '你', '像', '再', '到',
    '却', '去', '又', '只', '向', '吗', '吧', '呢', '和', '啊', '在', '她', '它', '就', '很', '怎',
    '我', '把', '是', '有', '来', '没', '的', '着', '给', '被', '让', '说', '谁', '过', '还', '这',
    '那', '都', '里',
];

/// Words and Han characters, and how many of each hold sentences together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Small {
    words: usize,
    small_words: usize,
    han: usize,
    small_han: usize,
    /// Words behind the first of a line, and those of them with a capital.
    inner: usize,
    capitals: usize,
}

impl Small {
    /// Of a long line, its beginning is looked at.
    pub(super) fn of(texts: &[&str]) -> Self {
        let mut found = Self::default();
        for text in texts {
            let boundary = |&at: &usize| text.is_char_boundary(at);
            let end = (0..=LONGEST_LINE.min(text.len())).rev().find(boundary);
            found.add(&text[..end.unwrap_or(0)]);
        }
        found
    }

    fn add(&mut self, text: &str) {
        let (mut begun, mut first) = (None, true);
        for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
            if c.is_ascii_alphabetic() {
                begun = begun.or(Some(at));
                continue;
            }
            if let Some(word) = begun.take().map(|from| &text[from..at]) {
                self.words += 1;
                self.small_words += usize::from(is_in(&WORDS, word));
                if !first && word != "I" {
                    self.inner += 1;
                    self.capitals += usize::from(word.as_bytes()[0].is_ascii_uppercase());
                }
                first = false;
            }
            if is_han(c) {
                self.han += 1;
                self.small_han += usize::from(is_small(c));
            }
        }
    }

    /// Of Han characters, if there are as many as a fourth of the words; of words otherwise.
    pub(super) fn share(&self) -> f64 {
        let (small, all) = if 4 * self.han >= self.words {
            (self.small_han, self.han)
        } else {
            (self.small_words, self.words)
        };
        if all == 0 { 0.0 } else { small as f64 / all as f64 }
    }

    /// Whether those words are frequent, and capitals within lines are not.
    pub(super) fn hold_together(&self) -> bool {
        if self.han >= self.words {
            return 100 * self.small_han >= 8 * self.han && self.han > 0;
        }
        4 * self.small_words >= self.words && 10 * self.capitals <= 3 * self.inner
    }
}

/// A bit for each common Han character, set for those of [`CHARACTERS`].
const SMALL: [u64; (0x9FFF - FIRST_HAN) / 64 + 1] = {
    let mut bits = [0; (0x9FFF - FIRST_HAN) / 64 + 1];
    let mut at = 0;
    while at < CHARACTERS.len() {
        let place = CHARACTERS[at] as usize - FIRST_HAN;
        bits[place / 64] |= 1 << (place % 64);
        at += 1;
    }
    bits
};
const FIRST_HAN: usize = 0x4E00;

/// The common ones without a look at their class.
pub(super) fn is_han(c: char) -> bool {
    !c.is_ascii() && (matches!(c, '\u{4E00}'..='\u{9FFF}') || class_of(c) == Class::Han)
}

fn is_small(han: char) -> bool {
    let place = (han as usize).wrapping_sub(FIRST_HAN);
    SMALL.get(place / 64).is_some_and(|bits| bits >> (place % 64) & 1 > 0)
}

/// Whether a sorted list has an ASCII word, upper case or lower.
pub(super) fn is_in(list: &[&str], word: &str) -> bool {
    let lower = || word.bytes().map(|byte| byte.to_ascii_lowercase());
    list.binary_search_by(|known| known.bytes().cmp(lower())).is_ok()
}
