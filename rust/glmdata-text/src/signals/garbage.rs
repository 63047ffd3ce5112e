//! Phrases of pages that say nothing, and places where characters were lost.
//!
//! What the list holds stands at its head. Only hits in lines of prose count, outside of backticks: a lesson
//! that shows such a page has it in a block of code. The longest term at a place is taken.

use memchr::{memchr_iter, memmem};

use super::offence::{is_inside_word, is_quoted};
use super::prose::ProseLine;
use crate::terms::Hit;

const LIST: &str = include_str!("../../../../glmdata/filter/lexicons/garbage.txt");

/// A name behind a contact begins so near, in characters, and is so long at least.
const NAME_NEAR: usize = 12;
const NAME_LEAST: usize = 5;

/// Kinds of terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Allowed,
    Broken,
    Notice,
    Contact,
    Topic,
    Offer,
    Push,
    Shop,
    Cloze,
    Odd,
}

impl Kind {
    fn of(name: &str) -> Result<Self, String> {
        Ok(match name {
            "allow" => Self::Allowed,
            "broken" => Self::Broken,
            "notice" => Self::Notice,
            "contact" => Self::Contact,
            "topic" => Self::Topic,
            "offer" => Self::Offer,
            "push" => Self::Push,
            "shop" => Self::Shop,
            "cloze" => Self::Cloze,
            "odd" => Self::Odd,
            _ => return Err(format!("no kind of garbage: {name}")),
        })
    }

    fn is_spam(self) -> bool {
        matches!(self, Self::Contact | Self::Topic | Self::Offer | Self::Push)
    }
}

/// What was found in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Garbage {
    /// Places where characters were lost.
    pub(super) broken: u32,
    /// Visible characters of notices, and different ones.
    pub(super) notice_chars: u32,
    pub(super) notices: u32,
    /// Hits of what adverts say, different terms of it, kinds of them, different
    /// topics.
    pub(super) spam_hits: u32,
    pub(super) spam_terms: u32,
    pub(super) spam_kinds: u32,
    pub(super) spam_topics: u32,
    pub(super) shop: u32,
    pub(super) cloze: u32,
    pub(super) odd: u32,
}

/// The list.
#[derive(Debug)]
pub(super) struct GarbageList {
    terms: Vec<&'static str>,
    kinds: Vec<Kind>,
    seen: Vec<u32>,
}

impl GarbageList {
    pub(super) fn new() -> Result<Self, String> {
        let (mut terms, mut kinds) = (Vec::new(), Vec::new());
        for line in LIST.lines().filter(|line| !line.starts_with('#')) {
            let Some((kind, list)) = line.split_once(": ") else {
                return Err(format!("no kind of garbage: {line}"));
            };
            for term in list.split(", ") {
                terms.push(term);
                kinds.push(Kind::of(kind)?);
            }
        }
        Ok(Self { terms, kinds, seen: Vec::new() })
    }

    /// What is looked for, by number.
    pub(super) fn terms(&self) -> &[&'static str] {
        &self.terms
    }

    /// What `hits`, the terms in `text`, come to in its `lines` of prose.
    pub(super) fn weigh(&mut self, text: &str, hits: &[Hit], lines: &[ProseLine]) -> Garbage {
        let mut found = Garbage { broken: lost_places(text), ..Garbage::default() };
        self.seen.clear();
        let mut kinds = 0_u32;
        for &hit in hits {
            let kind = self.kinds[hit.term as usize];
            if kind == Kind::Broken {
                found.broken += 1;
            }
            let spam = kind.is_spam();
            if matches!(kind, Kind::Allowed | Kind::Broken)
                || is_inside_word(text, hit)
                || is_quoted(text, hit, lines)
                || kind == Kind::Contact && !has_name(&text[hit.end as usize..])
            {
                continue;
            }
            let new = (spam || kind == Kind::Notice) && !self.seen.contains(&hit.term);
            if new {
                self.seen.push(hit.term);
            }
            if spam {
                found.spam_hits += 1;
                found.spam_terms += u32::from(new);
                found.spam_topics += u32::from(new && kind == Kind::Topic);
                kinds |= 1 << kind as u32;
            }
            match kind {
                Kind::Notice => {
                    let phrase = &text[hit.start as usize..hit.end as usize];
                    let visible = phrase.chars().filter(|c| !c.is_whitespace()).count();
                    found.notice_chars += visible as u32;
                    found.notices += u32::from(new);
                }
                Kind::Shop => found.shop += 1,
                Kind::Cloze => found.cloze += 1,
                Kind::Odd => found.odd += 1,
                _ => {}
            }
        }
        found.spam_kinds = kinds.count_ones();
        found
    }
}

/// Whether a name with a digit or `@` begins near: an account, a number.
fn has_name(behind: &str) -> bool {
    let near = behind.chars().take(NAME_NEAR).position(|c| c.is_ascii_alphanumeric() || c == '@');
    let Some(at) = near else { return false };
    let name = behind.chars().skip(at).take_while(|&c| {
        c.is_ascii_alphanumeric() || matches!(c, '@' | '_' | '-' | '+' | '.' | '(' | ')' | ' ')
    });
    let (mut digits, mut characters, mut sign) = (0, 0, false);
    for c in name {
        // A second word belongs to a number alone.
        if c == ' ' && digits == 0 {
            break;
        }
        digits += usize::from(c.is_ascii_digit());
        sign |= c == '@';
        characters += 1;
    }
    characters >= NAME_LEAST && (digits >= 2 || sign)
}

/// Runs of U+FFFD, and letters with an accent or marks whose bytes were lost behind the first one:
/// `Ã?`, `â€`.
fn lost_places(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let sign = "\u{FFFD}".as_bytes();
    let runs = memmem::find_iter(bytes, sign).filter(|&at| !bytes[..at].ends_with(sign)).count();
    let led = memchr_iter(0xC3, bytes).filter(|&at| {
        matches!(
            &bytes[at + 1..],
            [0x82 | 0x83, b'?' | 0xC2, ..]
                | [0xA2, 0xE2, 0x82, 0xAC, ..]
                | [0xA2, b'?', b'?', ..]
                | [0xA2, 0xC2, 0x80..=0x9F, ..]
        )
    });
    (runs + led.count()) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_one_before_a_name() {
        for name in [" +44 7700 900123", "：fp8866321", " @lucky", ": bag20188。", "：2873645190"]
        {
            assert!(has_name(name), "{name}");
        }
        for none in ["", "和QQ都是腾讯的", " and Telegram differ", "群里有 12 个人", " 2"]
        {
            assert!(!has_name(none), "{none}");
        }
    }

    #[test]
    fn lost_characters_are_counted_by_place() {
        assert_eq!(lost_places("a\u{FFFD}\u{FFFD}b\u{FFFD} cafÃ? donâ€™t itâ??s Ã© Â "), 6);
        assert_eq!(lost_places("São Ângelo, château? où ? « été »"), 0);
    }
}
