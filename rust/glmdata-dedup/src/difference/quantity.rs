//! Amounts: units, numbers written in Chinese, and which of them say the same.

use super::kind_of_line::is_han_numeral;

/// Words of scale and measure, as they follow a number.
const UNITS: &[&str] = &[
    "ng",
    "µg",
    "mcg",
    "mg",
    "g",
    "kg",
    "t",
    "oz",
    "lb",
    "lbs",
    "nm",
    "µm",
    "mm",
    "cm",
    "dm",
    "m",
    "km",
    "in",
    "inch",
    "inches",
    "ft",
    "foot",
    "feet",
    "yd",
    "mile",
    "miles",
    "metre",
    "metres",
    "meter",
    "meters",
    "kilometre",
    "kilometres",
    "kilometer",
    "kilometers",
    "gram",
    "grams",
    "kilogram",
    "kilograms",
    "milligram",
    "milligrams",
    "ml",
    "cl",
    "dl",
    "l",
    "litre",
    "litres",
    "liter",
    "liters",
    "ns",
    "µs",
    "ms",
    "s",
    "sec",
    "second",
    "seconds",
    "min",
    "minute",
    "minutes",
    "h",
    "hour",
    "hours",
    "day",
    "days",
    "week",
    "weeks",
    "month",
    "months",
    "year",
    "years",
    "a",
    "ma",
    "v",
    "mv",
    "kv",
    "w",
    "mw",
    "kw",
    "hz",
    "khz",
    "mhz",
    "ghz",
    "b",
    "kb",
    "mb",
    "gb",
    "tb",
    "kib",
    "mib",
    "gib",
    "tib",
    "bit",
    "bits",
    "byte",
    "bytes",
    "thousand",
    "million",
    "billion",
    "trillion",
    "percent",
    "cents",
    "dollars",
    "euros",
    "yuan",
    "usd",
    "eur",
    "pa",
    "kpa",
    "mpa",
    "bar",
    "celsius",
    "fahrenheit",
    "px",
    "pt",
    "em",
    "rem",
];

/// Characters that units behind a number are written with in Chinese.
const HAN_UNITS: &str = "毫微纳厘分千百万亿兆克升米斤吨里秒钟小时天日周月年元角美欧度瓦伏安公寸尺丈亩顷萬億噸錢勺匙片粒滴汤茶";

/// Units that are written in several ways; the last four are mixed up everywhere.
const SAME: &[&[&str]] = &[
    &["g", "gram", "grams", "克"],
    &["mg", "milligram", "milligrams", "毫克"],
    &["mcg", "µg", "microgram", "micrograms", "微克"],
    &["kg", "kilogram", "kilograms", "kilo", "kilos", "千克", "公斤"],
    &["ml", "millilitre", "millilitres", "milliliter", "milliliters", "毫升"],
    &["l", "litre", "litres", "liter", "liters", "升"],
    &["km", "kilometre", "kilometres", "kilometer", "kilometers", "公里", "千米"],
    &["m", "metre", "metres", "meter", "meters", "million", "米"],
    &["cm", "centimetre", "centimetres", "centimeter", "centimeters", "厘米", "公分"],
    &["ms", "millisecond", "milliseconds", "毫秒"],
    &["mm", "毫米"],
    &["s", "sec", "second", "seconds", "秒", "秒钟"],
    &["min", "minute", "minutes", "分钟"],
    &["h", "hour", "hours", "hr", "hrs", "小时"],
    &["bn", "billion"],
    &["%", "percent"],
    &["tsp", "teaspoon", "teaspoons"],
    &["tbsp", "tablespoon", "tablespoons"],
    &["day", "days", "天", "日"],
    &["kb", "kib"],
    &["mb", "mib"],
    &["gb", "gib"],
    &["tb", "tib"],
];

/// English words for numbers; not "one", which is a pronoun as often.
const NUMBER_WORDS: &[&str] = &[
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "thousand",
];

pub(super) fn is_number_word(word: &str) -> bool {
    NUMBER_WORDS.contains(&word)
}

pub(super) fn is_unit(word: &str) -> bool {
    UNITS.contains(&word)
}

pub(super) fn is_han_unit(text: &str) -> bool {
    text.chars().all(|c| HAN_UNITS.contains(c))
}

/// Whether two spellings name one unit.
pub(super) fn are_one_unit(a: &str, b: &str) -> bool {
    SAME.iter().any(|group| group.contains(&a) && group.contains(&b))
}

/// The value of digits, or of Han numerals up to 亿; `None` for anything else.
pub(super) fn value(text: &str) -> Option<u64> {
    let plain: String = text.chars().filter(|&c| c != ',').collect();
    if !plain.is_empty() && plain.len() < 18 && plain.bytes().all(|b| b.is_ascii_digit()) {
        return plain.parse().ok();
    }
    if text.is_empty() || text.chars().count() > 12 || !text.chars().all(is_han_numeral) {
        return None;
    }
    let (mut sum, mut section, mut digit) = (0_u64, 0_u64, 0_u64);
    for c in text.chars() {
        match c {
            '十' | '百' | '千' => {
                let step = match c {
                    '十' => 10,
                    '百' => 100,
                    _ => 1_000,
                };
                section += digit.max(u64::from(c == '十' || digit > 0)) * step;
                digit = 0;
            }
            '万' | '亿' => {
                let step = if c == '万' { 10_000 } else { 100_000_000 };
                sum = (sum + section + digit) * step;
                (section, digit) = (0, 0);
            }
            '两' => digit = 2,
            _ => {
                let place = "零一二三四五六七八九".chars().position(|d| d == c);
                digit = digit * 10 + place.unwrap_or(0) as u64;
            }
        }
    }
    Some(sum + section + digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_two_scripts() {
        for (text, expected) in [
            ("三十", Some(30)),
            ("十五", Some(15)),
            ("二千", Some(2_000)),
            ("一万二千", Some(12_000)),
            ("二〇二一", Some(2_021)),
            ("两百零三", Some(203)),
            ("1,024", Some(1_024)),
            ("三十二亿", Some(3_200_000_000)),
            ("三天", None),
            ("1.5", None),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
    }

    #[test]
    fn units_in_several_spellings() {
        assert!(is_unit("mg") && !is_unit("cat") && is_han_unit("毫克") && !is_han_unit("毫猫"));
        assert!(
            are_one_unit("mg", "毫克") && are_one_unit("g", "grams") && are_one_unit("mib", "mb")
        );
        assert!(!are_one_unit("mg", "g") && !are_one_unit("h", "s"));
    }
}
