use proptest::prelude::*;

use super::*;
use crate::character::joins;

/// What can be seen of a text, and joiners beside what they join.
fn seen(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let is_seen = |&&character: &&char| !entry(character).is_ignorable();
    let mut out = String::new();
    for (i, &character) in characters.iter().enumerate() {
        let before = characters[..i].iter().rev().find(is_seen).copied();
        let after = characters[i..].iter().find(is_seen).copied();
        // One joiner of a run that makes a picture keeps them all.
        let run = characters[..i].iter().rev().take_while(|c| !is_seen(c));
        let run = run.chain(characters[i..].iter().take_while(|c| !is_seen(c)));
        let joiner = run.copied().filter(|&c| is_joiner(c)).max();
        if is_seen(&&character)
            || (is_joiner(character) && joiner.is_some_and(|j| joins(j, before, after)))
        {
            out.push(character);
        }
    }
    out
}

/// The definition, on the whole text at once.
fn by_definition(text: &str) -> String {
    let nfkc: String = seen(text).nfkc().collect();
    let folded = caseless::default_case_fold_str(&nfkc);
    folded.split(char::is_whitespace).filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ")
}

#[test]
fn known_forms() {
    let cases = [
        ("", ""),
        (" \t\n", ""),
        ("A  B\n\nC ", "a b c"),
        ("ＡＢＣ，。　１", "abc,。 1"),
        ("Straße ﬁne", "strasse fine"),
        ("e\u{301}E\u{301}", "éé"),
        ("ｶﾞｷﾞ", "ガギ"),
        ("\u{1100}\u{1161}\u{11a8}가\u{11a8}", "각각"),
        (" \u{301}a", "\u{301}a"),
        ("x \u{301}", "x \u{301}"),
        ("a\u{a8}b", "a \u{308}b"),
        ("中\u{fe00}文\u{3099}", "中文\u{3099}"),
        // Nobody sees these.
        ("so\u{ad}ft\u{200b} hy\u{2060}phen\u{feff}", "soft hyphen"),
        ("中\u{200b}文\u{200d}很\u{200c}好", "中文很好"),
        ("a\u{200d}b\u{200c}c", "abc"),
        (" \u{200b} a \u{feff}\n b", "a b"),
        ("e\u{ad}\u{301}", "é"),
        ("e\u{301}\u{ad}\u{323}\u{200b}\u{302}", "ẹ\u{301}\u{302}"),
        ("\u{1100}\u{200b}\u{1161}", "가"),
        ("\u{3164}\u{ffa0}\u{115f}\u{180e}\u{e0041}x", "x"),
        // These join what they stand between.
        ("می\u{200c}خواهم", "می\u{200c}خواهم"),
        ("क्\u{200d}ष क्\u{200c}ष", "क्\u{200d}ष क्\u{200c}ष"),
        ("👩\u{200d}💻 ❤\u{fe0f}\u{200d}🔥", "👩\u{200d}💻 ❤\u{200d}🔥"),
        ("👩\u{200d} a\u{200d}👩", "👩 a👩"),
        ("=\u{338}", "≠"),
        ("İI", "i\u{307}i"),
    ];
    for (text, expected) in cases {
        assert_eq!(normalised(text), expected, "{text:?}");
        assert_eq!(by_definition(text), expected, "definition of {text:?}");
    }
}

#[test]
fn every_code_point_between_neighbours() {
    for code in (0..=0x10_FFFF).filter_map(char::from_u32) {
        let texts = [
            format!("a{code}b"),
            format!("中{code}\u{301}"),
            format!("{code} {code}"),
            format!("{code}\u{200d}{code}\u{ad}\u{301}"),
        ];
        for text in texts {
            assert_eq!(normalised(&text), by_definition(&text), "{:x}", code as u32);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn equals_the_definition(text in "([a-zA-Z \\n\u{301}\u{338}]|[\u{ad}\u{200b}-\u{200d}\u{fe0f}कم👩]|[中文。，　]|[가-각]|\u{11a8}|[ｦ-ﾟ]|[à-ÿ]|\\PC){0,40}") {
        prop_assert_eq!(normalised(&text), by_definition(&text));
    }

    /// Longer than the blocks of 64 bytes that Han is copied in, at every level.
    #[test]
    fn chinese_equals_the_definition(
        text in "([一-龥㐀-䶿a-zA-Z0-9]{5,40}|[。，、 　\\n\\t\u{b}\u{1c}“”]|[Ａ-Ｚｦ-ﾟ]|[\u{200b}-\u{200d}\u{feff}]|\u{301}|\u{3099}|\\PC){0,30}",
    ) {
        let expected = by_definition(&text);
        for simd in Simd::available() {
            let mut normaliser = Normaliser::with_simd(simd);
            prop_assert_eq!(normaliser.run(&text), &expected, "{:?}", simd);
        }
    }
}
