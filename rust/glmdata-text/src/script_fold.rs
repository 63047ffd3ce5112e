//! Traditional Chinese characters as simplified ones, for comparing texts of both scripts.
//!
//! The table is that of OpenCC (characters of `t2s`). Character by character is enough to compare: words
//! decide which of several traditional characters a simplified one becomes, and here both texts go the
//! other way, where nearly every character has one answer. Where OpenCC's words would leave a
//! character as it is (乾 of 乾隆), it is folded in both texts alike. Words that differ by region
//! (軟體, 软件) stay different.

use std::sync::LazyLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;

/// Blocks with traditional characters: extension A, the unified ideographs, and the plane of rare ones.
const BLOCKS: [std::ops::Range<u32>; 3] = [0x3400..0x4DC0, 0x4E00..0xA000, 0x2_0000..0x3_2400];

/// What each character of each block is folded to.
static FOLDED: LazyLock<[Box<[char]>; 3]> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the table is part of the program")]
    let converter = OpenCC::from_config(BuiltinConfig::T2s).expect("OpenCC's own table loads");
    let once = |character: char| {
        let folded = converter.convert(character.encode_utf8(&mut [0; 4]));
        let mut characters = folded.chars();
        match (characters.next(), characters.next()) {
            (Some(one), None) => one,
            _ => character,
        }
    };
    // A few lead to a character that is folded itself.
    let fold = |character: char| once(once(character));
    BLOCKS.map(|block| block.filter_map(char::from_u32).map(fold).collect())
});

/// The simplified form of a character; the character itself if it has none or is no Han character.
pub fn script_folded(character: char) -> char {
    let place = u32::from(character);
    for (block, folded) in BLOCKS.iter().zip(FOLDED.iter()) {
        if block.contains(&place) {
            return folded[(place - block.start) as usize];
        }
    }
    character
}

/// `text` in simplified characters.
///
/// ```
/// assert_eq!(glmdata_text::fold_script("臺灣的後裔，发展 GLM"), "台湾的后裔，发展 GLM");
/// ```
pub fn fold_script(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_script_into(text, &mut out);
    out
}

/// The same, appended to `out`.
pub(crate) fn fold_script_into(text: &str, out: &mut String) {
    out.extend(text.chars().map(script_folded));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_again_changes_nothing() {
        let unstable: String = BLOCKS
            .into_iter()
            .flatten()
            .filter_map(char::from_u32)
            .filter(|&c| script_folded(script_folded(c)) != script_folded(c))
            .collect();
        assert_eq!(unstable, "");
    }

    #[test]
    fn both_scripts_become_one() {
        let pairs = [
            ("無罪釋放，證據不足", "无罪释放，证据不足"),
            ("臺北與台北，裡面和裏面", "台北与台北，里面和里面"),
            ("頭髮發展，皇后後裔", "头发发展，皇后后裔"),
            ("乾隆年間，乾燥，幹部", "干隆年间，干燥，干部"),
        ];
        for (traditional, simplified) in pairs {
            assert_eq!(fold_script(traditional), simplified);
            assert_eq!(fold_script(simplified), simplified);
        }
    }

    #[test]
    fn other_scripts_stay() {
        let text = "Kanji: 気 仮名, かな カナ 한국 漢字 ABC é 😀";
        assert_eq!(fold_script(text), text.replace('漢', "汉"));
    }
}
