//! Texts whose form is their content: verse, dialogues, lists of amounts. Known by their lines.
//!
//! Asked of texts of short lines alone, so that it costs a text in paragraphs nothing.

use std::collections::{HashMap, HashSet};

use memchr::memmem;

use super::class::{Class, FLAGS, LETTER, class_of};
use super::prose::ProseLine;
use super::small::{Small, is_han, is_in};

/// Lines that are looked at: the form of a text shows at its beginning.
const MOST_LINES: usize = 128;
/// Characters of a speaker's name.
const LONGEST_NAME: usize = 20;
/// Bytes of a line that says how much is to one's taste.
const LONGEST_TASTE: usize = 60;
/// Fewer lines have no form.
const LEAST_LINES: usize = 4;
/// Lines of more than this on average are paragraphs (width).
const SHORT_MEAN: u32 = 60;

/// Units, sorted: of weights, volumes, pieces and times, in lower case.
const UNITS: [&str; 42] = [
    "c",
    "can",
    "cans",
    "clove",
    "cloves",
    "cm",
    "cup",
    "cups",
    "dl",
    "egg",
    "eggs",
    "g",
    "gram",
    "grams",
    "hour",
    "hours",
    "kg",
    "l",
    "large",
    "lb",
    "lbs",
    "min",
    "minutes",
    "ml",
    "onion",
    "onions",
    "ounce",
    "ounces",
    "oz",
    "pinch",
    "pound",
    "pounds",
    "slice",
    "slices",
    "small",
    "stick",
    "tablespoon",
    "tablespoons",
    "tbsp",
    "teaspoon",
    "teaspoons",
    "tsp",
];

/// How Chinese units begin.
const UNIT_CHARACTERS: [char; 26] = [
    '克', '斤', '升', '勺', '匙', '杯', '个', '只', '根', '片', '瓣', '颗', '块', '把', '滴', '粒',
    '毫', '公', '千', '分', '小', '汤', '茶', '大', '℃', '度',
];

/// As much as one likes is an amount without a number.
const TASTES: [&str; 2] = ["适量", "少许"];

/// Prices are no amounts.
const CURRENCIES: [char; 6] = ['$', '¥', '￥', '€', '£', '元'];

/// Shares of the lines of prose that a form explains.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Form {
    pub(super) verse: f64,
    pub(super) speakers: f64,
    pub(super) amounts: f64,
    /// Of Han characters or words, those that hold sentences together; 1 where sentences end.
    pub(super) small: f64,
}

/// The form of the lines of `text`.
pub(super) fn form_of(text: &str, lines: &[ProseLine], digits: u32) -> Form {
    let lines = &lines[..lines.len().min(MOST_LINES)];
    let width: u32 = lines.iter().map(|line| line.width).sum();
    let closed = lines.iter().filter(|line| line.closed).count();
    let open = 5 * closed < lines.len();
    let short = (lines.len() >= LEAST_LINES || may_be_couplets(lines))
        && width <= SHORT_MEAN * lines.len() as u32;
    if !open && !short {
        return Form { small: 1.0, ..Form::default() };
    }
    let of = |line: &ProseLine| &text[(line.start + line.signs) as usize..line.end as usize];
    let texts: Vec<&str> = lines.iter().map(of).collect();
    let words = open.then(|| Small::of(&texts));
    let small = words.as_ref().map_or(1.0, Small::share);
    if !short {
        return Form { small, ..Form::default() };
    }
    let share = |count: usize| count as f64 / lines.len() as f64;
    Form {
        verse: share(even_lines(&texts, lines).max(free_lines(&texts, lines, words))),
        speakers: share(speaker_lines(&texts, lines)),
        amounts: if digits == 0 { 0.0 } else { share(amount_lines(text, &texts)) },
        small,
    }
}

/// A poem of four lines may stand in two, below its title.
fn may_be_couplets(lines: &[ProseLine]) -> bool {
    (2..LEAST_LINES).contains(&lines.len()) && lines.iter().any(|line| line.closed)
}

/// Lines of a poem of even lines, of five or seven Han characters each, or of four with marks
/// between; those above the first are title and poet.
fn even_lines(texts: &[&str], lines: &[ProseLine]) -> usize {
    let lengths: Vec<Option<(usize, usize)>> = texts.iter().map(|text| clauses(text)).collect();
    if lengths.iter().all(Option::is_none) {
        return 0;
    }
    let mut most = 0;
    for length in [5, 7, 4] {
        let even = |place: usize| match lengths[place] {
            Some((found, _)) => found == length && (length != 4 || lines[place].closed),
            None => false,
        };
        let Some(first) = (0..texts.len()).find(|&place| even(place)) else { continue };
        let poem: Vec<usize> = (first..texts.len()).filter(|&place| even(place)).collect();
        let count: usize = poem.iter().filter_map(|&place| lengths[place]).map(|(_, n)| n).sum();
        let marks = poem.iter().any(|&place| lines[place].closed);
        if count < 4 || !count.is_multiple_of(2) || first > 3 || first == 0 && !marks {
            continue;
        }
        // Goods of one kind have names of one length as well, and one word in all of them.
        let mut pairs = Vec::new();
        for &place in &poem {
            let mut before = None;
            for c in texts[place].chars() {
                let now = is_han(c).then_some(u64::from(c));
                if let (Some(before), Some(now)) = (before, now) {
                    pairs.push(before << 32 | now);
                }
                before = now;
            }
        }
        let all = pairs.len();
        pairs.sort_unstable();
        pairs.dedup();
        if 20 * pairs.len() >= 17 * all {
            most = most.max(first + poem.len());
        }
    }
    most
}

/// The Han characters of each clause of a line, and how many clauses; none if they are not even or
/// if there is anything but Han characters and marks.
fn clauses(text: &str) -> Option<(usize, usize)> {
    let (mut length, mut count, mut now) = (0, 0, 0);
    for c in text.chars().chain(['。']) {
        if is_han(c) {
            now += 1;
            continue;
        }
        match class_of(c) {
            Class::Terminal | Class::Closing | Class::Punctuation | Class::Space => {
                if now > 0 && count > 0 && now != length {
                    return None;
                }
                if now > 0 {
                    (length, count, now) = (now, count + 1, 0);
                }
            }
            _ => return None,
        }
    }
    (count > 0).then_some((length, count))
}

/// Lines of free verse or a song: short, in stanzas or with marks at their ends, and held together as
/// sentences are; 0 if the text is none.
fn free_lines(texts: &[&str], lines: &[ProseLine], words: Option<Small>) -> usize {
    let all = lines.len();
    if all < LEAST_LINES {
        return 0;
    }
    let mut other = 0;
    for (line, text) in lines.iter().zip(texts) {
        other += usize::from(!is_verse(line, text));
        // Most texts are found to be no verse after a few lines.
        if 5 * other > all {
            return 0;
        }
    }
    let stanzas =
        || lines.chunk_by(|a, b| a.block == b.block).filter(|s| (2..=14).contains(&s.len()));
    let in_stanzas: usize = stanzas().map(<[ProseLine]>::len).sum();
    let marked = texts.iter().filter(|text| ends_with_mark(text)).count();
    let shaped = stanzas().count() >= 2 && 10 * in_stanzas >= 7 * all || 10 * marked >= 3 * all;
    // A song has a refrain, spam has nothing else.
    let again = || 5 * repeated(lines) > 3 * all;
    let held = || words.unwrap_or_else(|| Small::of(texts)).hold_together();
    if shaped && held() && !again() { all - other } else { 0 }
}

/// How many lines came before.
fn repeated(lines: &[ProseLine]) -> usize {
    let mut seen = HashSet::new();
    lines.iter().filter(|line| !seen.insert(line.hash)).count()
}

fn is_verse(line: &ProseLine, text: &str) -> bool {
    let mut dots = 0;
    let strange = |c| {
        dots = if c == '.' { dots + 1 } else { 0 };
        let mark = || matches!(class_of(c), Class::CodeMark | Class::Symbol | Class::Digit);
        dots == 3 || c == '…' || !is_han(c) && mark()
    };
    line.width <= 70 && line.signs == 0 && !text.chars().any(strange)
}

fn ends_with_mark(text: &str) -> bool {
    let last = text.chars().next_back().map_or(Class::Control, class_of);
    matches!(
        last,
        Class::Terminal | Class::Closing | Class::Punctuation | Class::Colon | Class::CodeMark
    ) && !text.ends_with("...")
        && !text.ends_with('…')
}

/// Lines that end a sentence behind the name of who speaks, which comes again, or behind a quotation mark.
fn speaker_lines(texts: &[&str], lines: &[ProseLine]) -> usize {
    let mut times: HashMap<&str, u32> = HashMap::new();
    let names: Vec<Option<&str>> = texts.iter().map(|text| speaker(text)).collect();
    for name in names.iter().flatten() {
        *times.entry(name).or_default() += 1;
    }
    let speaks = |place: usize| {
        let quoted = texts[place].starts_with(['"', '“', '「', '『', '—', '–']);
        let named = names[place].is_some_and(|name| times[name] > 1);
        lines[place].closed && (quoted || named)
    };
    (0..lines.len()).filter(|&place| speaks(place)).count()
}

/// What stands before the first colon of a line, if it may be a name and something follows.
fn speaker(text: &str) -> Option<&str> {
    let mut first = text.char_indices().take(LONGEST_NAME + 1);
    let (colon, sign) = first.find(|&(_, c)| matches!(c, ':' | '：'))?;
    let (name, said) = (&text[..colon], &text[colon + sign.len_utf8()..]);
    let letters = |c| {
        FLAGS[class_of(c) as usize] & LETTER != 0
            || matches!(c, ' ' | '.' | '\'' | '(' | ')' | '（' | '）')
    };
    (!name.is_empty() && !said.is_empty() && name.chars().all(letters)).then_some(name)
}

fn amount_lines(text: &str, lines: &[&str]) -> usize {
    let tastes =
        TASTES.iter().any(|taste| memmem::find(text.as_bytes(), taste.as_bytes()).is_some());
    lines.iter().filter(|line| is_amount(line, tastes)).count()
}

/// Whether a number with a unit of weight, volume, pieces or time stands in a line, and no price; where
/// one of [`TASTES`] stands in the text at all, also one of those.
fn is_amount(text: &str, tastes: bool) -> bool {
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let taste =
        tastes && text.len() <= LONGEST_TASTE && TASTES.iter().any(|taste| text.contains(taste));
    if !digits && !taste || text.contains(CURRENCIES) {
        return false;
    }
    if taste {
        return true;
    }
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let behind =
            rest[at..].trim_start_matches(|c: char| c.is_ascii_digit() || ".,/".contains(c));
        let unit = behind.strip_prefix(' ').unwrap_or(behind).trim_start_matches('°');
        let word = unit.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        if is_in(&UNITS, word) || unit.starts_with(UNIT_CHARACTERS) {
            return true;
        }
        rest = behind;
    }
    false
}
