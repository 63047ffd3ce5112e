//! Similar is not the same: does what differs between two near-duplicates bear content?
//!
//! The documents are aligned line by line and, where lines differ, token by token. Differences that
//! come with republishing a text (dates, times, versions, counters, links, markup, corrected
//! spelling, sentences added or reworded) leave it the same text. These do not, and make the pair
//! *variants*, which are kept:
//!
//! - `title`: the titles name different things (exercise I and II, two cities' statutes), and the body
//!   says so too: the same names, or numbers, differ there. In a text of a few lines the title is enough;
//! - `enacted`: dates of enactment differ (an old and an amended statute);
//! - `sibling`: one name stands for another throughout and at the top (pages of two functions);
//! - `provision`, `task`, `dose`: an amount, a negation or what is laid down differs in a provision of a
//!   statute, the amounts of an exercise, how much is taken of a medicine or put into a dish;
//! - `numbers`: mostly numbers differ (a form letter, a price list), in a long text on many lines;
//! - `negation`: a "not" is all that a sentence gained or lost;
//! - `defined`: files of source code define other things (a class for a request and one for a response);
//! - `opposite`, `operator`, `unit`, `swapped`: a few words differ, and one of them turns round what is
//!   said (guilty and innocent, `<` and `>`), changes an amount (mg and g, a lost sign) or names who
//!   did it to whom in the other order.

mod align;
mod boilerplate;
mod definition;
mod hunk;
mod kind_of_line;
mod line;
mod opening;
mod operator;
mod opposite;
mod outline;
mod phrases;
mod quantity;
mod side_by_side;
mod title;
mod token;

use std::collections::HashMap;
use std::ops::Range;

use self::align::gaps;
pub(crate) use self::boilerplate::extra;
use self::definition::other_names;
use self::hunk::{Hunk, has_content, swapped, token_hunks};
use self::kind_of_line::{is_furniture, is_measured, is_provision, is_task};
use self::line::{is_heading, without_item_number};
pub(crate) use self::opening::opens_in;
pub(crate) use self::outline::{Outline, Outlined};
pub use self::side_by_side::side_by_side;
use self::title::{looks_like_title, other_symbols, sibling_names};
use self::token::{Token, TokenKind, add_tokens_of, tokens_of};
use crate::ledger::Relation;

/// Aligning more tokens than this tells nothing that a reader would call a small difference.
const MOST_TOKENS: usize = 4_000;

/// Up to as many lines a text is short.
const SHORT_LINES: usize = 16;

/// In a long text numbers must differ in one line of so many.
const MANY_LINES: usize = 7;

/// Provisions, tasks or doses that make a text one of them: so many, and one line of so many.
const LEAST_STRICT: usize = 3;
const STRICT_SHARE: usize = 5;

/// Provisions that differ in an amended statute; copies of one differ in a word here and there.
const MANY_AMENDED: usize = 5;

/// Among more changes a word turned round is part of a revision.
const FEW_CHANGES: usize = 3;

/// Content tokens that a statement has; what is shorter and ends without a mark is a label.
const STATEMENT: usize = 5;

/// Up to as many lines a title alone tells two texts apart.
const LEAST_LINES: usize = 8;

/// How far down a text its name stands, in lines that say something.
const TOP: usize = 4;

/// How two documents above the threshold relate; `code` if both are source code.
pub(crate) fn relation_of(a: Outlined<'_>, b: Outlined<'_>, code: bool) -> Relation {
    let siblings = || code.then(|| other_names(a.text, b.text)).flatten();
    let defined = |(left, right): (String, String)| format!("defined: {left} / {right}");
    match difference(a, b).or_else(|| siblings().map(defined)) {
        Some(what) => Relation::Variant(what),
        None => Relation::Same,
    }
}

/// What of content differs, if anything: rule and both sides.
fn difference(a: Outlined<'_>, b: Outlined<'_>) -> Option<String> {
    let (dates_a, dates_b) = (&a.outline.dates, &b.outline.dates);
    // The last in time: an earlier one may be left out, or stand in another order.
    if let (Some(last_a), Some(last_b)) = (dates_a.iter().max(), dates_b.iter().max())
        && last_a != last_b
    {
        return Some(format!("enacted: {last_a} / {last_b}"));
    }
    let tally = Tally::of(a, b);
    if let (Some(title_a), Some(title_b)) = (a.title(), b.title())
        && title_a != title_b
        && let Some((left, right)) =
            first_content_difference(title_a, title_b).or_else(|| other_symbols(title_a, title_b))
        && tally.bears_out(&left, &right)
    {
        return Some(format!("title: {left} / {right}"));
    }
    if let (Some(left), Some(right)) = (naming_line(a), naming_line(b))
        && left != right
        && let Some((left, right)) = sibling_names(left, right)
    {
        return Some(format!("title: {left} / {right}"));
    }
    tally.verdict()
}

/// The line that names what a text is about: its title, or the heading it begins with.
fn naming_line(of: Outlined<'_>) -> Option<&str> {
    of.title().or_else(|| of.first_line().filter(|line| is_heading(line)))
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

/// Those lines that are no furniture.
fn lines_of(of: Outlined<'_>, range: Range<usize>) -> Vec<&str> {
    range.map(|number| of.line(number)).filter(|line| !is_furniture(line)).collect()
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
    /// Names replaced by names.
    replaced: HashMap<(String, String), Replaced>,
    /// Hunks of content below the top of the text.
    below: usize,
    /// Lines in which numbers differ.
    numbered_lines: usize,
    /// What differs in a line of which every word counts: its rule, and both sides.
    laid_down: Option<(&'static str, String)>,
    /// Provisions in which something of content differs.
    amended: usize,
    /// What kind of text it is, if one of which every word counts.
    strict: Option<&'static str>,
    /// Lines of the longer text.
    lines: usize,
}

/// How often a name stands for another, and whether so at the top and in a heading.
#[derive(Clone, Copy, Debug, Default)]
struct Replaced {
    times: usize,
    top: bool,
    heading: bool,
}

/// Where a difference stands.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    top: bool,
    heading: bool,
    states: bool,
}

/// What kind of text every word of which counts: the rule that it is kept apart by.
fn strict_kind(of: Outlined<'_>) -> Option<&'static str> {
    let (mut provisions, mut tasks, mut measured) = (0, 0, 0);
    let lines = of.outline.keys.len();
    for line in (0..lines).map(|number| of.line(number)) {
        provisions += usize::from(is_provision(line));
        tasks += usize::from(is_task(line));
        measured += usize::from(is_measured(line));
    }
    let many = |found: usize| found >= LEAST_STRICT && found * STRICT_SHARE >= lines;
    [("provision", provisions), ("task", tasks), ("dose", measured)]
        .into_iter()
        .find_map(|(rule, found)| many(found).then_some(rule))
}

impl Tally {
    fn of(a: Outlined<'_>, b: Outlined<'_>) -> Self {
        let (keys_a, keys_b) = (&a.outline.keys, &b.outline.keys);
        let strict = |of: Outlined<'_>| *of.outline.strict.get_or_init(|| strict_kind(of));
        let strict = strict(a).filter(|rule| strict(b) == Some(rule));
        let mut tally = Self { lines: keys_a.len().max(keys_b.len()), strict, ..Self::default() };
        for (range_a, range_b) in gaps(keys_a, keys_b) {
            let first = range_a.start.min(range_b.start);
            tally.add_lines(&lines_of(a, range_a), &lines_of(b, range_b), first);
        }
        tally
    }

    /// Add lines that differ, of which the first is number `first` of the text.
    fn add_lines(&mut self, a: &[&str], b: &[&str], first: usize) {
        let place_of = |lines: &[&str], number: usize| Place {
            top: number < TOP,
            heading: lines
                .iter()
                .all(|line| is_heading(line) || (number == 0 && looks_like_title(line))),
            states: lines.iter().any(|line| is_statement(line)),
        };
        if a.len() == b.len() {
            // As many lines as before: each was changed, and a heading is met by a heading.
            for (number, (left, right)) in a.iter().zip(b).enumerate() {
                let place = place_of(&[left, right], first + number);
                let (left_tokens, right_tokens) =
                    (tokens_of(without_item_number(left)), tokens_of(without_item_number(right)));
                if place.states
                    && !is_list(left)
                    && let Some(names) = swapped(&left_tokens, &right_tokens)
                {
                    self.content += 1;
                    self.turn("swapped", names);
                    continue;
                }
                let before = self.content;
                self.add_tokens(&left_tokens, &right_tokens, place);
                if self.content > before && is_provision(left) && is_provision(right) {
                    self.amend(&left_tokens, &right_tokens);
                }
            }
        } else {
            let both: Vec<&str> = a.iter().chain(b).copied().collect();
            self.add_tokens(&tokens_of_all(a), &tokens_of_all(b), place_of(&both, first));
        }
    }

    fn turn(&mut self, rule: &'static str, (left, right): (String, String)) {
        self.turned.get_or_insert_with(|| (rule, format!("{left} / {right}")));
    }

    /// A provision of both texts says something else; many of them are an amended statute, whatever it is.
    fn amend(&mut self, a: &[Token<'_>], b: &[Token<'_>]) {
        self.amended += 1;
        if self.amended == MANY_AMENDED
            && let Some(hunk) = token_hunks(a, b).iter().find(|hunk| hunk.bears_content())
        {
            self.lay_down("provision", hunk.names());
        }
    }

    fn lay_down(&mut self, rule: &'static str, (left, right): (String, String)) {
        self.laid_down.get_or_insert_with(|| (rule, format!("{left} / {right}")));
    }

    fn add_tokens(&mut self, a: &[Token<'_>], b: &[Token<'_>], place: Place) {
        if a.len() + b.len() > MOST_TOKENS {
            self.content += 1;
            return;
        }
        let numbers = self.numbers;
        for hunk in token_hunks(a, b) {
            if hunk.is_turned() {
                self.content += 1;
                self.turn("operator", hunk.names());
                continue;
            }
            if let Some(rule) = self.strict
                && hunk.has_figures()
                && !hunk.is_same_amount()
            {
                self.lay_down(rule, hunk.names());
            }
            if !hunk.bears_content() {
                continue;
            }
            if hunk.is_same_amount() {
                continue;
            }
            let (opposite, unit) = (place.states && hunk.is_opposite(), hunk.is_unit());
            if !opposite && !unit && hunk.is_respelled() {
                continue;
            }
            self.content += 1;
            self.below += usize::from(!place.top);
            if opposite {
                self.turn("opposite", hunk.names());
            }
            if unit {
                self.turn("unit", hunk.names());
            }
            if let Some(rule) = self.strict
                && (opposite
                    || unit
                    || hunk.has_one_negation()
                    || hunk.is_number()
                    || hunk.is_replaced())
            {
                self.lay_down(rule, hunk.names());
            }
            if hunk.is_number() {
                self.numbers += 1;
                self.first_number.get_or_insert_with(|| hunk.names());
            } else if hunk.is_negation() {
                self.turn("negation", hunk.names());
            } else if (1..=3).contains(&hunk.a.len()) && (1..=3).contains(&hunk.b.len()) {
                let seen = self.replaced.entry(hunk.names()).or_default();
                seen.times += 1;
                seen.top |= place.top;
                seen.heading |= place.heading;
            }
        }
        self.numbered_lines += usize::from(self.numbers > numbers);
    }

    /// Whether the body, too, is about what the titles name differently.
    fn bears_out(&self, left: &str, right: &str) -> bool {
        let names = (left.to_owned(), right.to_owned());
        let again = self.replaced.get(&names).is_some_and(|seen| seen.times >= 2);
        let ordinal = [left, right].iter().any(|side| side.contains(|c: char| c.is_ascii_digit()))
            || [left, right].iter().all(|side| is_roman(side));
        self.lines <= LEAST_LINES || again || self.turned.is_some() || (ordinal && self.below > 0)
    }

    fn verdict(&self) -> Option<String> {
        // A word that a revision replaced here and there is one change among others.
        let throughout = |times: usize| times >= 2 && times * 2 >= self.content;
        let siblings = (self.replaced.iter())
            .filter(|(_, seen)| throughout(seen.times) && seen.top && seen.heading);
        // By name, so that the order of a hash map never shows.
        if let Some(((left, right), _)) = siblings.max_by_key(|(names, seen)| (seen.times, *names))
        {
            return Some(format!("sibling: {left} / {right}"));
        }
        if let Some((rule, what)) = &self.laid_down {
            return Some(format!("{rule}: {what}"));
        }
        // One number alone decides in a text of a few lines, not in a long one.
        let many = self.numbers >= 2 && self.numbered_lines * MANY_LINES >= self.lines;
        if ((self.lines <= SHORT_LINES && self.numbers > 0) || many)
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

/// Whether a title ends in a Roman numeral: folded to lower case by now.
fn is_roman(side: &str) -> bool {
    side.bytes().all(|byte| matches!(byte, b'i' | b'v' | b'x' | b' '))
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
