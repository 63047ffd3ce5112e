//! Which inventory a document is counted in: its language, or, where nothing is said, its script.

use crate::base::is_han;

/// Characters that are looked at to tell the script.
const LOOKED_AT: usize = 2_000;

/// The inventory of Chinese, whatever the variety.
pub const CHINESE: &str = "zh";
/// The inventory of source code.
pub const CODE: &str = "code";

/// `zh`, `code`, the first part of another language tag, or `und-` and a script (ISO 15924).
pub(crate) fn language_of(text: &str, lang: Option<&str>, source: &str) -> String {
    if source == CODE {
        return CODE.to_owned();
    }
    let tag = lang.unwrap_or_default().to_ascii_lowercase();
    let primary = tag.split(['-', '_']).next().unwrap_or_default();
    match primary {
        "zh" | "yue" | "lzh" | "cmn" | "wuu" | "hak" | "nan" => CHINESE.to_owned(),
        CODE => CODE.to_owned(),
        "" | "und" => script_of(text).to_owned(),
        other
            if (2..=3).contains(&other.len()) && other.bytes().all(|b| b.is_ascii_lowercase()) =>
        {
            other.to_owned()
        }
        _ => script_of(text).to_owned(),
    }
}

/// The script that more than half of the letters at the start of `text` have.
fn script_of(text: &str) -> &'static str {
    const NAMES: [&str; 9] = [
        CHINESE, "ja", "ko", "und-Latn", "und-Cyrl", "und-Arab", "und-Deva", "und-Thai", "und-Zyyy",
    ];
    let mut letters = [0_u32; NAMES.len()];
    for character in text.chars().take(LOOKED_AT) {
        let script = match character {
            _ if is_han(character) => 0,
            '\u{3040}'..='\u{30FF}' => 1,
            '\u{1100}'..='\u{11FF}' | '\u{AC00}'..='\u{D7AF}' => 2,
            'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => 3,
            '\u{400}'..='\u{52F}' => 4,
            '\u{600}'..='\u{6FF}' | '\u{750}'..='\u{77F}' => 5,
            '\u{900}'..='\u{97F}' => 6,
            '\u{E00}'..='\u{E7F}' => 7,
            // Signs, punctuation and forms of other characters: they tell no script.
            '\0'..='\u{24F}'
            | '\u{2000}'..='\u{303F}'
            | '\u{FE00}'..='\u{FE6F}'
            | '\u{FF00}'..='\u{FFFF}'
            | '\u{1_F000}'..='\u{1_FFFF}'
            | '\u{E_0000}'.. => continue,
            _ => 8,
        };
        letters[script] += 1;
    }
    // Japanese is written with more kana than this, and Chinese with hardly any.
    let [han, kana, ..] = letters;
    if kana * 10 > han {
        letters[1] += std::mem::take(&mut letters[0]);
    }
    let all: u32 = letters.iter().sum();
    let most = letters.iter().zip(NAMES).max_by_key(|(count, _)| **count);
    most.filter(|(count, _)| **count * 2 > all).map_or("und-Zyyy", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told() {
        let cases = [
            ("渔民在河口修补渔网 ok", None, "zh"),
            ("渔民在河口", Some("und"), "zh"),
            ("a fisherman 渔民", None, "und-Latn"),
            ("a fisherman", Some("zh"), "zh"),
            ("a fisherman", Some("zh-Hans"), "zh"),
            ("a fisherman", Some("zh-Hant"), "zh"),
            ("a fisherman", Some("yue"), "zh"),
            ("a fisherman", Some("lzh"), "zh"),
            ("a fisherman", Some("en_US"), "en"),
            ("a fisherman", Some("not a tag"), "und-Latn"),
            ("рыбак у реки", None, "und-Cyrl"),
            ("これはひらがなとカタカナの文", None, "ja"),
            ("漁師は川で網を直す", None, "ja"),
            ("어부가 강에서", None, "ko"),
            ("ชาวประมง", None, "und-Thai"),
            ("1234 !!", None, "und-Zyyy"),
            ("", None, "und-Zyyy"),
        ];
        for (text, lang, expected) in cases {
            assert_eq!(language_of(text, lang, "web"), expected, "{text:?} {lang:?}");
        }
        assert_eq!(language_of("渔民", Some("zh"), "code"), "code");
    }
}
