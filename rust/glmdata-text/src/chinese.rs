//! Which Chinese a text is written in, and whether it is Chinese at all or Japanese.
//!
//! Character sets that were fixed by committees tell what each way of writing uses: GB 2312 of the
//! mainland, Big5 of Taiwan, JIS X 0208 of Japan. A character that only one of them has is a sign of
//! it. `encoding_rs` carries these sets for web pages, so no table of characters is kept here.
//! Cantonese is told by the characters made for its words; classical Chinese by its particles where
//! words of the modern language are absent. The slow twin is `glmdata/reference/chinese.py`.
//!
//! ```
//! use glmdata_text::HanSigns;
//! assert_eq!(HanSigns::of("我們在圖書館").variety(), "zh-Hant");
//! ```

use std::ops::RangeInclusive;
use std::sync::OnceLock;

use encoding_rs::{BIG5, EUC_JP, Encoding, GBK};

use crate::character::{Kind, kind_of};

/// GB 2312 has it, Big5 has not; or it is common there and rare here.
const SIMPLIFIED: u8 = 1;
/// A common character of Big5 that GB 2312 has not.
const TRADITIONAL: u8 = 2;
/// A common character of JIS X 0208 that neither of them has.
const JAPANESE: u8 = 4;
/// Common in GB 2312 or Big5, but not in JIS X 0208.
const CHINESE: u8 = 8;
const CANTONESE: u8 = 16;
const CLASSICAL: u8 = 32;
const MODERN: u8 = 64;

/// Characters that write words of Cantonese and hardly any other.
const CANTONESE_CHARACTERS: &str = "嘅咗唔喺冇佢啲嚟哋嘢咁嗰噉啱瞓攰諗嗌揾嘥㗎喎啩囉";
/// Particles, pronouns and verbs of the classical language that the modern one uses less.
const CLASSICAL_CHARACTERS: &str = "之其而以于於也乎矣焉哉曰吾汝兮乃臣皆亦遂弗孰岂豈欤歟";
/// Words of the modern language.
const MODERN_CHARACTERS: &str =
    "的了们們这這你她吗嗎吧呢很都就个個把没沒着它那哪什么麼被让讓给給还跟";
/// Words of two characters that stand in modern text without those: notices, statutes, news.
const MODERN_PAIRS: &str = "公司方式有关有關进行進行通过通過以及由于由於关于關於对于對於位于位於\
                            问题問題工作发展發展管理情况情況可以因此目前以下以上";

const FIRST: u32 = 0x3400;
const LAST: u32 = 0x9FFF;

/// What the Han characters of a text are signs of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HanSigns {
    /// Han characters.
    pub han: u64,
    /// Kana.
    pub kana: u64,
    /// Characters that only simplified writing uses.
    pub simplified: u64,
    /// Characters that only traditional writing uses.
    pub traditional: u64,
    /// Characters that only Japanese uses.
    pub japanese: u64,
    /// Characters that Japanese does not commonly use.
    pub chinese: u64,
    /// Characters of Cantonese words.
    pub cantonese: u64,
    /// Words of the classical language.
    pub classical: u64,
    /// Words that it has not.
    pub modern: u64,
}

impl HanSigns {
    /// Count them in `text`.
    pub fn of(text: &str) -> Self {
        let table = table();
        let mut found = Self::default();
        let mut before = '\0';
        for character in text.chars() {
            if kind_of(character) == Kind::Han {
                if is_kana(character) {
                    found.kana += 1;
                } else {
                    found.han += 1;
                    let place = (character as usize).wrapping_sub(FIRST as usize);
                    found.add(table.signs.get(place).copied().unwrap_or(0), before, character);
                }
            }
            before = character;
        }
        found
    }

    fn add(&mut self, signs: u8, before: char, character: char) {
        let is = |sign: u8| u64::from(signs & sign != 0);
        self.simplified += is(SIMPLIFIED);
        self.traditional += is(TRADITIONAL);
        self.japanese += is(JAPANESE);
        self.chinese += is(CHINESE);
        self.cantonese += is(CANTONESE);
        if table().pairs.binary_search(&(before, character)).is_ok() {
            self.modern += 1;
        } else if (before, character) != ('分', '之') {
            // A per cent is no particle.
            self.classical += is(CLASSICAL);
            self.modern += is(MODERN);
        }
    }

    /// Whether more speaks for Japanese than for Chinese; `None` if nothing tells.
    pub fn is_japanese(&self) -> Option<bool> {
        let japanese = self.kana + self.japanese;
        if japanese == self.chinese && !self.is_classical() {
            return None;
        }
        Some(japanese > self.chinese)
    }

    /// `yue`, `lzh`, `zh-Hans`, `zh-Hant`, or `zh` where nothing tells simplified from traditional.
    pub fn variety(&self) -> &'static str {
        // One such word, or some in a long text, may be spoken of.
        if self.cantonese >= 2 && self.cantonese * 25 >= self.han {
            return "yue";
        }
        if self.is_classical() {
            return "lzh";
        }
        // Names and quotations of the other way of writing are no mixture.
        if self.simplified > 2 * self.traditional {
            "zh-Hans"
        } else if self.traditional > 2 * self.simplified {
            "zh-Hant"
        } else {
            "zh"
        }
    }

    fn is_classical(&self) -> bool {
        self.classical >= 2 && self.classical * 15 >= self.han && self.modern * 60 <= self.han
    }
}

fn is_kana(character: char) -> bool {
    matches!(character, '\u{3041}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}')
}

struct Table {
    /// Signs of the characters from [`FIRST`] to [`LAST`].
    signs: Vec<u8>,
    /// [`MODERN_PAIRS`], sorted.
    pairs: Vec<(char, char)>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(work_out)
}

#[cold]
fn work_out() -> Table {
    // Level 1 is the common characters, level 2 the rest.
    let mainland_common = characters(GBK, 0xB0..=0xD7);
    let mainland = characters(GBK, 0xB0..=0xF7);
    let taiwan_common = characters(BIG5, 0xA4..=0xC6);
    // Beyond are additions of a company.
    let taiwan_rest = characters(BIG5, 0xC9..=0xF9);
    let japan_common = characters(EUC_JP, 0xB0..=0xCF);
    let in_taiwan = |place: usize| taiwan_common[place] || taiwan_rest[place];
    let mut signs: Vec<u8> = (0..mainland.len())
        .map(|place| {
            let mut found = 0;
            // Big5 keeps some old characters that became simplified ones.
            if mainland[place] && !in_taiwan(place)
                || mainland_common[place] && !taiwan_common[place]
            {
                found |= SIMPLIFIED;
            }
            if taiwan_common[place] && !mainland[place] {
                found |= TRADITIONAL;
            }
            if japan_common[place] && !mainland[place] && !in_taiwan(place) {
                found |= JAPANESE;
            }
            if (mainland_common[place] || taiwan_common[place]) && !japan_common[place] {
                found |= CHINESE;
            }
            found
        })
        .collect();
    let words = [
        (CANTONESE_CHARACTERS, CANTONESE),
        (CLASSICAL_CHARACTERS, CLASSICAL),
        (MODERN_CHARACTERS, MODERN),
    ];
    for (characters, sign) in words {
        for character in characters.chars() {
            signs[(character as u32 - FIRST) as usize] |= sign;
        }
    }
    let modern: Vec<char> = MODERN_PAIRS.chars().collect();
    let mut pairs: Vec<(char, char)> = modern.chunks_exact(2).map(|p| (p[0], p[1])).collect();
    pairs.sort_unstable();
    Table { signs, pairs }
}

/// Which characters from [`FIRST`] on an encoding writes with these first bytes and one more.
fn characters(encoding: &'static Encoding, first: RangeInclusive<u8>) -> Vec<bool> {
    let mut found = vec![false; (LAST - FIRST + 1) as usize];
    for bytes in first.flat_map(|first| (0x40..=0xFE).map(move |second| [first, second])) {
        // GBK and the extended Big5 have more in these rows than the standards they extend.
        let beyond = match bytes {
            [_, second] if encoding == GBK => second < 0xA1,
            [0xC6, second] if encoding == BIG5 => second > 0x7E,
            [0xF9, second] if encoding == BIG5 => second > 0xD5,
            _ => false,
        };
        let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes);
        let mut text = text.iter().flat_map(|text| text.chars());
        if let (Some(character), None, false) = (text.next(), text.next(), beyond)
            && (FIRST..=LAST).contains(&(character as u32))
        {
            found[(character as u32 - FIRST) as usize] = true;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_variety() {
        let cases = [
            ("今天天气很好，我想去山上走走。", "zh-Hans"),
            ("今天天氣很好，我想去山上走走。", "zh-Hant"),
            ("小明在公司工作", "zh"),
            ("我唔知佢去咗邊度", "yue"),
            ("粤语里“唔该”的意思是谢谢", "zh-Hans"),
            ("天命之謂性，率性之謂道", "lzh"),
            ("占百分之五，另有百分之三", "zh"),
        ];
        for (text, expected) in cases {
            assert_eq!(HanSigns::of(text).variety(), expected, "{text}");
        }
    }

    #[test]
    fn japanese_of_kanji_only() {
        assert_eq!(HanSigns::of("営業時間変更").is_japanese(), Some(true));
        assert_eq!(HanSigns::of("营业时间变更").is_japanese(), Some(false));
        assert_eq!(HanSigns::of("火山").is_japanese(), None);
    }
}
