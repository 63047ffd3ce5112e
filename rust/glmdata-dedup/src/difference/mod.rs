//! Similar is not the same: does what differs between two near-duplicates bear content?
//!
//! The documents are aligned line by line and, where lines differ, token by token. Differences that
//! come with republishing a text (dates, times, versions, counters, links, markup, corrected
//! spelling, sentences added or reworded) leave it the same text. These do not, and make the pair
//! *variants*, which are kept:
//!
//! - `title`: the headings name different things (exercise I and II, two cities' statutes);
//! - `enacted`: dates of enactment differ (an old and an amended statute);
//! - `sibling`: one name stands for another throughout and in a heading (pages of two functions);
//! - `numbers`: mostly numbers differ (the same exercise with other values, a form letter), two of
//!   them or, in a short text, one;
//! - `negation`: a "not" is all that a sentence gained or lost.

mod align;
mod line;
mod outline;
mod title;
mod token;

use std::collections::HashMap;
use std::ops::Range;

use self::align::gaps;
use self::line::is_heading;
pub(crate) use self::outline::{Outline, Outlined};
use self::token::{Token, TokenKind, add_tokens_of, tokens_of};
use crate::ledger::Relation;
use glmdata_base::hash64;

/// Aligning more tokens than this tells nothing that a reader would call a small difference.
const MOST_TOKENS: usize = 4_000;

/// Up to as many lines a text is short.
const SHORT_LINES: usize = 16;

/// How two documents above the threshold relate.
pub(crate) fn relation_of(a: Outlined<'_>, b: Outlined<'_>) -> Relation {
    match difference(a, b) {
        Some(what) => Relation::Variant(what),
        None => Relation::Same,
    }
}

/// What of content differs, if anything: rule and both sides.
fn difference(a: Outlined<'_>, b: Outlined<'_>) -> Option<String> {
    if let (Some(title_a), Some(title_b)) = (a.title(), b.title())
        && title_a != title_b
        && let Some((left, right)) = first_content_difference(title_a, title_b)
    {
        return Some(format!("title: {left} / {right}"));
    }
    let (dates_a, dates_b) = (&a.outline.dates, &b.outline.dates);
    if let (Some(last_a), Some(last_b)) = (dates_a.last(), dates_b.last())
        && dates_a != dates_b
    {
        return Some(format!("enacted: {last_a} / {last_b}"));
    }
    let tally = Tally::of(a, b);
    tally.verdict()
}

/// The first content token in which two short texts differ, corrected spelling aside.
fn first_content_difference(a: &str, b: &str) -> Option<(String, String)> {
    let (left, right) = (tokens_of(a), tokens_of(b));
    // A title may gain or lose a site's name behind a separator; the name of a thing differs when
    // each side says something that the other does not, or an ordinal is all that was added.
    let hunks = token_hunks(&left, &right);
    let content: Vec<&Hunk<'_, '_>> = hunks.iter().filter(|hunk| hunk.bears_content()).collect();
    let ordinal = |token: &Token<'_>| matches!(token.kind, TokenKind::Number | TokenKind::Roman);
    let replaced = content.iter().find(|hunk| {
        let both = has_content(hunk.a) && has_content(hunk.b);
        let one = || hunk.a.iter().chain(hunk.b).filter(|t| t.is_content()).all(ordinal);
        (both && !hunk.is_respelled()) || (!both && one())
    })?;
    Some((replaced.text_a(), replaced.text_b()))
}

/// A stretch of tokens that differs.
#[derive(Clone, Copy, Debug)]
struct Hunk<'s, 't> {
    a: &'s [Token<'t>],
    b: &'s [Token<'t>],
}

fn has_content(side: &[Token<'_>]) -> bool {
    side.iter().any(Token::is_content)
}

impl Hunk<'_, '_> {
    fn bears_content(&self) -> bool {
        has_content(self.a) || has_content(self.b)
    }

    fn text_a(&self) -> String {
        text_of(self.a)
    }

    fn text_b(&self) -> String {
        text_of(self.b)
    }

    /// Both sides are numbers, as many here as there.
    fn is_number(&self) -> bool {
        let numbers = |side: &[Token<'_>]| {
            let mut content = side.iter().filter(|token| token.is_content()).peekable();
            content.peek().is_some() && content.all(|token| token.kind == TokenKind::Number)
        };
        numbers(self.a) && numbers(self.b)
    }

    /// One word for another that is spelled almost alike, or the same word joined or split.
    fn is_respelled(&self) -> bool {
        let joined = |side: &[Token<'_>]| side.iter().map(|token| &*token.text).collect::<String>();
        let (left, right) = (joined(self.a), joined(self.b));
        let words = self.a.iter().chain(self.b).all(|token| token.kind == TokenKind::Word);
        left == right || (words && left.len().min(right.len()) > 3 && nearly_equal(&left, &right))
    }

    fn is_negation(&self) -> bool {
        let content = |side: &[Token<'_>]| side.iter().filter(|token| token.is_content()).count();
        let all =
            |side: &[Token<'_>]| side.iter().filter(|t| t.is_content()).all(Token::is_negation);
        (content(self.a) == 0) != (content(self.b) == 0) && all(self.a) && all(self.b)
    }
}

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

fn token_hunks<'s, 't>(a: &'s [Token<'t>], b: &'s [Token<'t>]) -> Vec<Hunk<'s, 't>> {
    let keys =
        |side: &[Token<'_>]| side.iter().map(|t| hash64(t.text.as_bytes())).collect::<Vec<_>>();
    let (keys_a, keys_b) = (keys(a), keys(b));
    gaps(&keys_a, &keys_b)
        .into_iter()
        .map(|(range_a, range_b)| Hunk { a: &a[range_a], b: &b[range_b] })
        .collect()
}

fn lines_of(of: Outlined<'_>, range: Range<usize>) -> Vec<&str> {
    range.map(|number| of.line(number)).collect()
}

/// The tokens of `lines`, the last ones left out where there are too many to be aligned anyway.
fn tokens_of_all<'t>(lines: &[&'t str]) -> Vec<Token<'t>> {
    let mut tokens = Vec::new();
    for line in lines {
        add_tokens_of(line, &mut tokens);
        if tokens.len() > MOST_TOKENS {
            break;
        }
    }
    tokens
}

/// What the differing lines of a pair amount to.
#[derive(Debug, Default)]
struct Tally {
    /// Hunks that bear content, corrected spelling aside.
    content: usize,
    /// Of these, numbers for numbers.
    numbers: usize,
    first_number: Option<(String, String)>,
    negation: Option<String>,
    /// Names replaced by names: how often, and whether in a heading.
    replaced: HashMap<(String, String), (usize, bool)>,
    /// One number alone decides in a text of a few lines, not in a long one.
    is_short: bool,
}

impl Tally {
    fn of(a: Outlined<'_>, b: Outlined<'_>) -> Self {
        let (keys_a, keys_b) = (&a.outline.keys, &b.outline.keys);
        let is_short = keys_a.len().max(keys_b.len()) <= SHORT_LINES;
        let mut tally = Self { is_short, ..Self::default() };
        for (range_a, range_b) in gaps(keys_a, keys_b) {
            tally.add_lines(&lines_of(a, range_a), &lines_of(b, range_b));
        }
        tally
    }

    fn add_lines(&mut self, a: &[&str], b: &[&str]) {
        if a.len() == b.len() {
            // As many lines as before: each was changed, and a heading is met by a heading.
            for (left, right) in a.iter().zip(b) {
                let heading = is_heading(left) && is_heading(right);
                self.add_tokens(&tokens_of(left), &tokens_of(right), heading);
            }
        } else {
            self.add_tokens(&tokens_of_all(a), &tokens_of_all(b), false);
        }
    }

    fn add_tokens(&mut self, a: &[Token<'_>], b: &[Token<'_>], heading: bool) {
        if a.len() + b.len() > MOST_TOKENS {
            self.content += 1;
            return;
        }
        for hunk in token_hunks(a, b) {
            if !hunk.bears_content() || hunk.is_respelled() {
                continue;
            }
            self.content += 1;
            if hunk.is_number() {
                self.numbers += 1;
                self.first_number.get_or_insert_with(|| (hunk.text_a(), hunk.text_b()));
            } else if hunk.is_negation() {
                self.negation.get_or_insert_with(|| hunk.text_a() + &hunk.text_b());
            } else if (1..=3).contains(&hunk.a.len()) && (1..=3).contains(&hunk.b.len()) {
                let seen = self.replaced.entry((hunk.text_a(), hunk.text_b())).or_default();
                seen.0 += 1;
                seen.1 |= heading;
            }
        }
    }

    fn verdict(&self) -> Option<String> {
        // A word that a revision replaced here and there is one change among others.
        let throughout = |times: usize| times >= 2 && times * 2 >= self.content;
        let siblings = self.replaced.iter().filter(|(_, seen)| throughout(seen.0) && seen.1);
        // By name, so that the order of a hash map never shows.
        if let Some(((left, right), _)) = siblings.max_by_key(|(names, seen)| (seen.0, *names)) {
            return Some(format!("sibling: {left} / {right}"));
        }
        if self.numbers >= if self.is_short { 1 } else { 2 }
            && self.numbers * 2 >= self.content
            && let Some((left, right)) = &self.first_number
        {
            return Some(format!("numbers: {left} / {right}"));
        }
        match &self.negation {
            // Among many changes a "not" more or less is part of a revision.
            Some(word) if self.content <= 3 => Some(format!("negation: {word}")),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
