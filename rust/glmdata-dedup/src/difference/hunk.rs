//! A stretch of tokens in which two texts differ, and what it amounts to.

use glmdata_base::hash64;

use super::align::gaps;
use super::kind_of_line::is_han_numeral;
use super::operator::are_of_one_group;
use super::opposite::{han_are_opposite, words_are_opposite};
use super::quantity::{are_one_unit, is_han_unit, is_number_word, is_unit, value};
use super::token::{Token, TokenKind};

/// A stretch of tokens that differs, with the last token of both before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hunk<'s, 't> {
    pub(super) a: &'s [Token<'t>],
    pub(super) b: &'s [Token<'t>],
    before: Option<&'s Token<'t>>,
    after: Option<&'s Token<'t>>,
}

/// Where two lists of tokens differ.
pub(super) fn token_hunks<'s, 't>(a: &'s [Token<'t>], b: &'s [Token<'t>]) -> Vec<Hunk<'s, 't>> {
    let keys =
        |side: &[Token<'_>]| side.iter().map(|t| hash64(t.text.as_bytes())).collect::<Vec<_>>();
    let (keys_a, keys_b) = (keys(a), keys(b));
    gaps(&keys_a, &keys_b)
        .into_iter()
        .map(|(range_a, range_b)| Hunk {
            before: range_a.start.checked_sub(1).map(|last| &a[last]),
            after: a.get(range_a.end),
            a: &a[range_a],
            b: &b[range_b],
        })
        .collect()
}

pub(super) fn has_content(side: &[Token<'_>]) -> bool {
    side.iter().any(Token::is_content)
}

impl Hunk<'_, '_> {
    pub(super) fn bears_content(&self) -> bool {
        has_content(self.a) || has_content(self.b)
    }

    pub(super) fn text_a(&self) -> String {
        text_of(self.a)
    }

    pub(super) fn text_b(&self) -> String {
        text_of(self.b)
    }

    /// Both sides, as they are told.
    pub(super) fn names(&self) -> (String, String) {
        (self.text_a(), self.text_b())
    }

    /// Both sides are numbers, in digits or in Chinese.
    pub(super) fn is_number(&self) -> bool {
        let counts = |token: &Token<'_>| {
            token.kind == TokenKind::Number || is_numeral(token) || is_number_word(&token.text)
        };
        let numbers = |side: &[Token<'_>]| {
            let mut content = side.iter().filter(|token| token.is_content()).peekable();
            content.peek().is_some() && content.all(counts)
        };
        // 十二 and 十: what is gone belongs to the numeral beside it.
        let beside = [self.before, self.after].into_iter().flatten().any(is_numeral);
        let part =
            |side: &[Token<'_>], other: &[Token<'_>]| other.is_empty() && beside && numbers(side);
        (numbers(self.a) && numbers(self.b)) || part(self.a, self.b) || part(self.b, self.a)
    }

    /// Digits differ on both sides, be it a date, a term of days or a count.
    pub(super) fn has_figures(&self) -> bool {
        let figures = |side: &[Token<'_>]| {
            side.iter().any(|token| {
                matches!(token.kind, TokenKind::Number | TokenKind::Volatile)
                    && token.text.starts_with(|c: char| c.is_ascii_digit())
            })
        };
        figures(self.a) && figures(self.b)
    }

    /// The same amount in another spelling: "12" and "十二", "450 g" and "450 grams", "2-3" and "2 - 3".
    pub(super) fn is_same_amount(&self) -> bool {
        let joined = |side: &[Token<'_>]| side.iter().map(|t| &*t.text).collect::<String>();
        let (left, right) = (joined(self.a), joined(self.b));
        let counted = self.before.is_some_and(|token| token.kind == TokenKind::Number);
        let equal = value(&left).is_some_and(|found| value(&right) == Some(found));
        let one_range = left == right && left.contains(['-', '–', '~', '～']);
        equal || one_range || (counted && are_one_unit(&left, &right))
    }

    /// A "not" that one side has and the other has not.
    pub(super) fn has_one_negation(&self) -> bool {
        forbids(self.a) != forbids(self.b) && self.a.len() + self.b.len() <= 8
    }

    /// Words for words, and not just a syllable.
    pub(super) fn is_replaced(&self) -> bool {
        let weight = |side: &[Token<'_>]| -> usize {
            let content = side.iter().filter(|token| token.is_content());
            content
                .map(|token| if token.kind == TokenKind::Han { 2 } else { token.text.len() })
                .sum()
        };
        let both_forbid = forbids(self.a) && forbids(self.b) && self.a.len() + self.b.len() <= 8;
        weight(self.a) >= 4 && weight(self.b) >= 4 && !self.is_respelled() && !both_forbid
    }

    /// One word for another that is spelled almost alike, or the same word joined or split.
    pub(super) fn is_respelled(&self) -> bool {
        let joined = |side: &[Token<'_>]| {
            let tokens = side.iter().filter(|token| token.kind != TokenKind::Operator);
            tokens.map(|token| &*token.text).collect::<String>()
        };
        let (left, right) = (joined(self.a), joined(self.b));
        let words = self.a.iter().chain(self.b).all(|token| token.kind == TokenKind::Word);
        left == right || (words && left.len().min(right.len()) > 3 && nearly_equal(&left, &right))
    }

    /// A "not" is all that one side has.
    pub(super) fn is_negation(&self) -> bool {
        let content = |side: &[Token<'_>]| side.iter().filter(|token| token.is_content()).count();
        // "can't" is read as "can" and "t".
        let can = self.before.is_some_and(|token| token.text == "can");
        let is_not = |token: &Token<'_>| token.is_negation() || (can && token.text == "t");
        let all = |side: &[Token<'_>]| side.iter().filter(|t| t.is_content()).all(is_not);
        (content(self.a) == 0) != (content(self.b) == 0) && all(self.a) && all(self.b)
    }

    /// One operator for another of its kind.
    pub(super) fn is_turned(&self) -> bool {
        match (self.a, self.b) {
            ([a], [b]) => {
                let operators = [a, b].into_iter().all(|token| token.kind == TokenKind::Operator);
                operators && are_of_one_group(&a.text, &b.text)
            }
            _ => false,
        }
    }

    /// A word for one that turns round what it says.
    pub(super) fn is_opposite(&self) -> bool {
        let all = |kind| self.a.iter().chain(self.b).all(|token| token.kind == kind);
        let joined = |side: &[Token<'_>]| side.iter().map(|t| &*t.text).collect::<String>();
        if self.a.is_empty() || self.b.is_empty() || self.a.len() + self.b.len() > 8 {
            return false;
        }
        // The page before or behind, in a menu.
        let turned_page =
            self.after.is_some_and(|token| matches!(&*token.text, "一" | "篇" | "页"));
        if all(TokenKind::Han) {
            return !turned_page && han_are_opposite(&joined(self.a), &joined(self.b));
        }
        all(TokenKind::Word)
            && self.a.len().max(self.b.len()) <= 2
            && words_are_opposite(&joined(self.a), &joined(self.b))
    }

    /// A number of another unit, sign or scale.
    pub(super) fn is_unit(&self) -> bool {
        if self.is_number() && self.a.len() == self.b.len() {
            let bare =
                |token: &Token<'_>| token.text.trim_matches(['-', '%', '‰', '％']).to_owned();
            return self.a.iter().zip(self.b).all(|(a, b)| bare(a) == bare(b));
        }
        let counted =
            self.before.is_some_and(|token| token.kind == TokenKind::Number || is_numeral(token));
        let both = || self.a.iter().chain(self.b);
        let han = || {
            let joined = |side: &[Token<'_>]| side.iter().map(|t| &*t.text).collect::<String>();
            both().all(|token| token.kind == TokenKind::Han)
                && self.a.len().max(self.b.len()) <= 3
                && is_han_unit(&joined(self.a))
                && is_han_unit(&joined(self.b))
        };
        let words = || {
            self.a.len() == 1
                && self.b.len() == 1
                && both().all(|token| token.kind == TokenKind::Word && is_unit(&token.text))
        };
        let half_of_day = || match (self.a, self.b) {
            ([a], [b]) => {
                matches!((&*a.text, &*b.text), ("a", "p") | ("p", "a") | ("c", "f") | ("f", "c"))
            }
            _ => false,
        };
        counted && (words() || han() || half_of_day())
    }
}

/// A Han character that counts.
fn is_numeral(token: &Token<'_>) -> bool {
    token.kind == TokenKind::Han && token.text.chars().all(is_han_numeral)
}

/// A "not", or a word that forbids: "不得" and "禁止" say the same, so do "do not" and "never".
fn forbids(side: &[Token<'_>]) -> bool {
    side.iter().any(|token| token.is_negation() || token.text == "禁")
}

/// Two names in each other's place: the parts of a line that differ are `X ... Y` and `Y ... X`.
pub(super) fn swapped(a: &[Token<'_>], b: &[Token<'_>]) -> Option<(String, String)> {
    let head = a.iter().zip(b).take_while(|(x, y)| x.text == y.text).count();
    let (a, b) = (&a[head..], &b[head..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x.text == y.text).count();
    let (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
    let same = |x: &[Token<'_>], y: &[Token<'_>]| {
        x.len() == y.len() && x.iter().zip(y).all(|(x, y)| x.text == y.text)
    };
    if a.len() != b.len() || a.len() > 2 * LONGEST_NAME + LONGEST_LINK {
        return None;
    }
    for first in 1..=LONGEST_NAME.min(a.len()) {
        for second in 1..=LONGEST_NAME.min(a.len() - first) {
            let (x, y) = (&a[..first], &a[a.len() - second..]);
            let middle = &a[first..a.len() - second];
            let swapped = same(y, &b[..second])
                && same(x, &b[b.len() - first..])
                && same(middle, &b[second..b.len() - first]);
            // "A and B" says what "B and A" says, and so do lists.
            let links = middle.iter().filter(|token| token.is_content()).count() > 0
                && !middle.iter().all(|token| LISTING.contains(&&*token.text));
            if swapped && links && has_content(x) && has_content(y) {
                return Some((text_of(x), text_of(y)));
            }
        }
    }
    None
}

const LONGEST_NAME: usize = 6;
const LONGEST_LINK: usize = 8;

const LISTING: &[&str] = &["and", "or", "和", "与", "及", "或", "跟", "同", "以", "以及"];

/// At most two changes of a character, and no more than a fifth of the word.
fn nearly_equal(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let prefix = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[prefix..], &b[prefix..]);
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let changed = (a.len() - suffix).max(b.len() - suffix);
    changed <= 2 && changed * 5 <= prefix + suffix + changed
}

fn text_of(tokens: &[Token<'_>]) -> String {
    let mut text = String::new();
    for token in tokens.iter().take(8) {
        let han = token.kind == TokenKind::Han;
        if !text.is_empty() && !han {
            text.push(' ');
        }
        text.push_str(&token.text);
    }
    text
}
