//! Offensive terms of both lexicons.
//!
//! The longest term or allowed expression at a place is taken. A term of ASCII letters counts as a
//! whole word only, and only in a line of prose, not between quotation marks or backticks: who says what a
//! rule forbids names it so. What the lists hold and why stands at their heads.

use super::prose::ProseLine;
use crate::terms::Hit;

const LEXICONS: [&str; 2] = [
    include_str!("../../../../glmdata/filter/lexicons/offensive-zh.txt"),
    include_str!("../../../../glmdata/filter/lexicons/offensive-en.txt"),
];

/// Weight from which a term is severe.
const SEVERE: u32 = 3;
/// Categories of offers. An essay names what is offered: their terms count from so many different ones on, and
/// so many hits of severe ones.
const DEALS: [&str; 2] = ["gambling", "fraud"];
const DEALS_LEAST: u32 = 3;
const DEALS_SEVERE: u32 = 2;

/// What was found in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offence {
    /// Weights of all hits.
    pub(crate) weight: u32,
    /// Different terms.
    pub(crate) terms: u32,
    /// Hits of severe terms.
    pub(crate) severe: u32,
}

/// Both lexicons.
#[derive(Debug)]
pub(crate) struct Lexicon {
    terms: Vec<&'static str>,
    /// By term; 0 for an allowed expression.
    weights: Vec<u32>,
    deals: Vec<bool>,
    seen: Vec<u32>,
}

impl Lexicon {
    pub(crate) fn new() -> Result<Self, String> {
        let (mut terms, mut weights, mut deals) = (Vec::new(), Vec::new(), Vec::new());
        for line in LEXICONS.iter().flat_map(|text| text.lines()) {
            let Some((head, list)) = line.split_once(": ").filter(|_| !line.starts_with('#'))
            else {
                continue;
            };
            let (weight, category) = head.split_once(' ').unwrap_or(("0", head));
            let weight = weight.parse().map_err(|_| format!("no weight: {head}"))?;
            for term in list.split(", ") {
                terms.push(term);
                weights.push(weight);
                deals.push(DEALS.contains(&category));
            }
        }
        Ok(Self { terms, weights, deals, seen: Vec::new() })
    }

    /// What is looked for, by number.
    pub(crate) fn terms(&self) -> &[&'static str] {
        &self.terms
    }

    /// What `hits`, the terms in `text`, come to.
    pub(super) fn weigh(&mut self, text: &str, hits: &[Hit], lines: &[ProseLine]) -> Offence {
        let (mut found, mut offers) = (Offence::default(), Offence::default());
        self.seen.clear();
        for &hit in hits {
            let weight = self.weights[hit.term as usize];
            if weight == 0 || is_inside_word(text, hit) || is_quoted(text, hit, lines) {
                continue;
            }
            let sum = if self.deals[hit.term as usize] { &mut offers } else { &mut found };
            sum.weight += weight;
            sum.severe += u32::from(weight >= SEVERE);
            if !self.seen.contains(&hit.term) {
                self.seen.push(hit.term);
                sum.terms += 1;
            }
        }
        if offers.terms >= DEALS_LEAST && offers.severe >= DEALS_SEVERE {
            found.weight += offers.weight;
            found.terms += offers.terms;
            found.severe += offers.severe;
        }
        found
    }
}

/// Whether a letter or digit of ASCII goes on before or behind a term.
pub(super) fn is_inside_word(text: &str, hit: Hit) -> bool {
    let bytes = text.as_bytes();
    let (start, end) = (hit.start as usize, hit.end as usize);
    let letter =
        |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    letter(Some(start)) && letter(start.checked_sub(1))
        || letter(Some(end - 1)) && letter(Some(end))
}

/// Whether a hit stands outside of the lines of prose, between backticks, or alone between quotation marks.
pub(super) fn is_quoted(text: &str, hit: Hit, lines: &[ProseLine]) -> bool {
    let behind = lines.partition_point(|line| line.start <= hit.start);
    let Some(line) = behind.checked_sub(1).map(|at| &lines[at]) else { return true };
    if hit.end > line.end {
        return true;
    }
    let before = &text[line.start as usize..hit.start as usize];
    let opens = before.ends_with(['"', '\'', '“', '‘', '「', '『', '《']);
    let closes = text[hit.end as usize..].starts_with(['"', '\'', '”', '’', '」', '』', '》']);
    opens && closes || memchr::memchr_iter(b'`', before.as_bytes()).count() % 2 == 1
}
