//! Texts whose form is their content: verse, dialogues, lists of amounts. Known by their lines.
//!
//! Asked of texts of short lines alone, so that it costs a text in paragraphs nothing.

use std::collections::{HashMap, HashSet};

use super::class::{Class, FLAGS, LETTER, class_of};
use super::prose::ProseLine;

/// Lines that are looked at: the form of a text shows at its beginning.
const MOST_LINES: usize = 128;
/// Characters of a speaker's name.
const LONGEST_NAME: usize = 20;
/// Bytes of a line that says how much is to one's taste.
const LONGEST_TASTE: usize = 60;
/// Bytes of a line whose words are looked at.
const LONGEST_LINE: usize = 4096;
/// Fewer lines have no form.
const LEAST_LINES: usize = 4;
/// Lines of more than this on average are paragraphs (width).
const SHORT_MEAN: u32 = 60;

/// English words, sorted, that sentences are held together by, and lists do without.
const WORDS: [&str; 72] = [
    "a", "about", "all", "am", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can",
    "could", "did", "do", "for", "from", "had", "has", "have", "he", "her", "him", "his", "how",
    "i", "if", "in", "into", "is", "it", "its", "like", "me", "my", "never", "no", "nobody", "not",
    "of", "on", "or", "our", "out", "she", "so", "that", "the", "their", "them", "then", "there",
    "they", "this", "to", "up", "upon", "us", "was", "we", "were", "what", "when", "where", "who",
    "will", "with", "would", "you", "your",
];

/// Chinese characters of the same use, sorted.
const CHARACTERS: [char; 51] = [
    '一', '上', '下', '不', '与', '么', '也', '了', '什', '从', '他', '们', '你', '像', '再', '到',
    '却', '去', '又', '只', '向', '吗', '吧', '呢', '和', '啊', '在', '她', '它', '就', '很', '怎',
    '我', '把', '是', '有', '来', '没', '的', '着', '给', '被', '让', '说', '谁', '过', '还', '这',
    '那', '都', '里',
];

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
    let texts = || -> Vec<&str> {
        let of = |line: &ProseLine| &text[(line.start + line.signs) as usize..line.end as usize];
        lines.iter().map(of).collect()
    };
    let open = 5 * closed < lines.len();
    let small = if open { Small::of(&texts()).share() } else { 1.0 };
    if lines.len() < LEAST_LINES && !may_be_couplets(lines)
        || width > SHORT_MEAN * lines.len() as u32
    {
        return Form { small, ..Form::default() };
    }
    let texts = texts();
    let share = |count: usize| count as f64 / lines.len() as f64;
    Form {
        verse: share(even_lines(&texts, lines).max(free_lines(&texts, lines))),
        speakers: share(speaker_lines(&texts, lines)),
        amounts: if digits == 0 {
            0.0
        } else {
            share(texts.iter().filter(|text| is_amount(text)).count())
        },
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
            let han: Vec<char> = texts[place].chars().collect();
            for pair in han.windows(2) {
                if pair.iter().all(|&c| class_of(c) == Class::Han) {
                    pairs.push((pair[0], pair[1]));
                }
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
        match class_of(c) {
            Class::Han => now += 1,
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
fn free_lines(texts: &[&str], lines: &[ProseLine]) -> usize {
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
    if !shaped || !Small::of(texts).hold_together() || again() { 0 } else { all - other }
}

/// How many lines came before.
fn repeated(lines: &[ProseLine]) -> usize {
    let mut seen = HashSet::new();
    lines.iter().filter(|line| !seen.insert(line.hash)).count()
}

fn is_verse(line: &ProseLine, text: &str) -> bool {
    let strange =
        |c| c == '…' || matches!(class_of(c), Class::CodeMark | Class::Symbol | Class::Digit);
    let cut_off = || memchr::memmem::find(text.as_bytes(), b"...").is_some();
    line.width <= 70 && line.signs == 0 && !text.chars().any(strange) && !cut_off()
}

fn ends_with_mark(text: &str) -> bool {
    let last = text.chars().next_back().map_or(Class::Control, class_of);
    matches!(
        last,
        Class::Terminal | Class::Closing | Class::Punctuation | Class::Colon | Class::CodeMark
    ) && !text.ends_with("...")
        && !text.ends_with('…')
}

/// Words and Han characters, and how many of each hold sentences together.
#[derive(Clone, Copy, Debug, Default)]
struct Small {
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
    fn of(texts: &[&str]) -> Self {
        let mut found = Self::default();
        for text in texts {
            let end =
                (0..=LONGEST_LINE.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
            let text = &text[..end.unwrap_or(0)];
            for (place, word) in words_in(text).enumerate() {
                found.words += 1;
                found.small_words += usize::from(is_in(&WORDS, word));
                if place > 0 && word != "I" {
                    found.inner += 1;
                    found.capitals += usize::from(word.as_bytes()[0].is_ascii_uppercase());
                }
            }
            for c in text.chars().filter(|&c| class_of(c) == Class::Han) {
                found.han += 1;
                found.small_han += usize::from(CHARACTERS.binary_search(&c).is_ok());
            }
        }
        found
    }

    /// Of Han characters, if there are as many as a fourth of the words; of words otherwise.
    fn share(&self) -> f64 {
        let (small, all) = if 4 * self.han >= self.words {
            (self.small_han, self.han)
        } else {
            (self.small_words, self.words)
        };
        if all == 0 { 0.0 } else { small as f64 / all as f64 }
    }

    /// Whether those words are frequent, and capitals within lines are not.
    fn hold_together(&self) -> bool {
        if self.han >= self.words {
            return 100 * self.small_han >= 8 * self.han && self.han > 0;
        }
        4 * self.small_words >= self.words && 10 * self.capitals <= 3 * self.inner
    }
}

/// Whether a sorted list has an ASCII word, upper case or lower.
fn is_in(list: &[&str], word: &str) -> bool {
    let lower = || word.bytes().map(|byte| byte.to_ascii_lowercase());
    list.binary_search_by(|known| known.bytes().cmp(lower())).is_ok()
}

fn words_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty())
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

/// Whether a number with a unit of weight, volume, pieces or time stands in a line, and no price.
fn is_amount(text: &str) -> bool {
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let taste = text.len() <= LONGEST_TASTE && (text.contains("适量") || text.contains("少许"));
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
