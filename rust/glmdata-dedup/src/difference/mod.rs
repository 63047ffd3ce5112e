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
//! - `negation`: a "not" is all that a sentence gained or lost;
//! - `opposite`, `operator`, `unit`, `swapped`: a few words differ, and one of them turns round what is
//!   said (guilty and innocent, `<` and `>`), changes an amount (mg and g, a lost sign) or names who
//!   did it to whom in the other order.

mod align;
mod hunk;
mod line;
mod operator;
mod opposite;
mod outline;
mod side_by_side;
mod title;
mod token;

use std::collections::HashMap;
use std::ops::Range;

use self::align::gaps;
use self::hunk::{Hunk, has_content, swapped, token_hunks};
use self::line::is_heading;
pub(crate) use self::outline::{Outline, Outlined};
pub use self::side_by_side::side_by_side;
use self::token::{Token, TokenKind, add_tokens_of, tokens_of};
use crate::ledger::Relation;

/// Aligning more tokens than this tells nothing that a reader would call a small difference.
const MOST_TOKENS: usize = 4_000;

/// Up to as many lines a text is short.
const SHORT_LINES: usize = 16;

/// Among more changes a word turned round is part of a revision.
const FEW_CHANGES: usize = 3;

/// Content tokens that a statement has; what is shorter and ends without a mark is a label.
const STATEMENT: usize = 5;

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
    /// The first hunk that turns round what is said: its rule, and both sides.
    turned: Option<(&'static str, String)>,
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
                let (left_tokens, right_tokens) = (tokens_of(left), tokens_of(right));
                let states = [left, right].into_iter().any(|line| is_statement(line));
                if states
                    && !is_list(left)
                    && let Some(names) = swapped(&left_tokens, &right_tokens)
                {
                    self.content += 1;
                    self.turn("swapped", names);
                    continue;
                }
                self.add_tokens(&left_tokens, &right_tokens, heading, states);
            }
        } else {
            let states = a.iter().chain(b).any(|line| is_statement(line));
            self.add_tokens(&tokens_of_all(a), &tokens_of_all(b), false, states);
        }
    }

    fn turn(&mut self, rule: &'static str, (left, right): (String, String)) {
        self.turned.get_or_insert_with(|| (rule, format!("{left} / {right}")));
    }

    fn add_tokens(&mut self, a: &[Token<'_>], b: &[Token<'_>], heading: bool, states: bool) {
        if a.len() + b.len() > MOST_TOKENS {
            self.content += 1;
            return;
        }
        for hunk in token_hunks(a, b) {
            if hunk.is_turned() {
                self.content += 1;
                self.turn("operator", hunk.names());
                continue;
            }
            if !hunk.bears_content() {
                continue;
            }
            let (opposite, unit) = (states && hunk.is_opposite(), hunk.is_unit());
            if !opposite && !unit && hunk.is_respelled() {
                continue;
            }
            self.content += 1;
            if opposite {
                self.turn("opposite", hunk.names());
            }
            if unit {
                self.turn("unit", hunk.names());
            }
            if hunk.is_number() {
                self.numbers += 1;
                self.first_number.get_or_insert_with(|| hunk.names());
            } else if hunk.is_negation() {
                self.turn("negation", hunk.names());
            } else if (1..=3).contains(&hunk.a.len()) && (1..=3).contains(&hunk.b.len()) {
                let seen = self.replaced.entry(hunk.names()).or_default();
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
        match &self.turned {
            Some((rule, what)) if self.content <= FEW_CHANGES => Some(format!("{rule}: {what}")),
            _ => None,
        }
    }
}

/// Whether a line names things one after the other, in whatever order: "Tags: b a", "大 中 小".
fn is_list(line: &str) -> bool {
    line.contains([':', '：', '、']) || (!line.is_ascii() && line.contains([' ', '\u{3000}']))
}

/// Whether a line says something, and is no label or entry of a menu.
fn is_statement(line: &str) -> bool {
    let ends = line.ends_with(['.', '。', '!', '！', '?', '？', ';', '；', ')', '}', '"', '”']);
    ends || tokens_of(line).iter().filter(|token| token.is_content()).count() >= STATEMENT
}

#[cfg(test)]
mod tests;
