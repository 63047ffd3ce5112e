//! What of a page is the template of its site, given the blocks that enough pages of the host have.

use std::collections::HashMap;

use crate::block::{Block, BlockFinder, Role};
use crate::passage::{Form, Line};
use crate::sort::Record;
use crate::span::Span;

/// Blocks, headings not counted, of a run that may stand amid a page, or at an end of few pages.
const LONG: usize = 3;

/// Levels of headings, 0 unused.
const LEVELS: usize = 7;

/// A frequent block of a document: pages that have it, whether half of the host's do, and whether
/// this one is the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Frequent {
    pub(crate) document: u32,
    pub(crate) key: u64,
    pub(crate) pages: u32,
    pub(crate) often: bool,
    pub(crate) first: bool,
}

impl Record for Frequent {
    const BYTES: usize = 17;

    fn store(self, bytes: &mut [u8]) {
        self.document.store(&mut bytes[..4]);
        self.key.store(&mut bytes[4..12]);
        self.pages.store(&mut bytes[12..16]);
        bytes[16] = u8::from(self.often) | u8::from(self.first) << 1;
    }

    fn load(bytes: &[u8]) -> Self {
        Self {
            document: u32::load(&bytes[..4]),
            key: u64::load(&bytes[4..12]),
            pages: u32::load(&bytes[12..16]),
            often: bytes[16] & 1 == 1,
            first: bytes[16] & 2 == 2,
        }
    }
}

/// A block of a page as it is judged; signs are left out.
#[derive(Clone, Copy)]
struct Standing {
    block: Block,
    found: Option<Frequent>,
    /// Frequent as it is.
    strong: bool,
    cut: bool,
}

/// The spans of a page; `frequent` are its frequent blocks, by key.
pub(crate) fn template_of(
    finder: &mut BlockFinder,
    text: &str,
    frequent: &[Frequent],
) -> Vec<Span> {
    finder.read(text);
    let find = |key: u64| {
        let place = frequent.binary_search_by_key(&key, |found| found.key);
        place.ok().map(|place| frequent[place])
    };
    let blocks = finder.found.iter().filter(|block| block.role != Role::Sign);
    let mut standings: Vec<Standing> = blocks
        .map(|&block| {
            let equal = find(block.key);
            let found = equal.or_else(|| block.masked.and_then(find));
            Standing { block, found, strong: equal.is_some(), cut: false }
        })
        .collect();
    judge(&mut standings);
    spans_of(&finder.lines, &standings)
}

/// Mark the blocks of runs that are templates.
fn judge(standings: &mut [Standing]) {
    for at in 0..standings.len() {
        let beside = &standings[at.saturating_sub(1)..standings.len().min(at + 2)];
        if !beside.iter().any(|other| other.strong) {
            standings[at].found = None;
        }
    }
    for standing in &mut *standings {
        standing.cut = standing.found.is_some();
    }
    keep_together(standings);
    for Standing { found, cut, .. } in &mut *standings {
        *found = found.filter(|_| std::mem::take(cut));
    }
    let mut times: HashMap<u64, u32> = HashMap::new();
    for standing in standings.iter().filter(|standing| standing.block.role == Role::Member) {
        *times.entry(standing.block.key).or_default() += 1;
    }
    let all = standings.len();
    let mut at = 0;
    while at < all {
        let size = standings[at..].iter().take_while(|standing| standing.found.is_some()).count();
        let run = &mut standings[at..at + size];
        let at_edge = at == 0 || at + size == all;
        let is_often = |one: &Standing| one.strong && one.found.is_some_and(|found| found.often);
        let is_long = run.iter().filter(|standing| standing.block.level.is_none()).count() >= LONG;
        let goes = if at_edge {
            is_long || run.iter().any(is_often)
        } else {
            // A refrain comes again on its own page.
            is_long && run.iter().all(|standing| times[&standing.block.key] == 1)
        };
        if goes {
            for standing in run {
                standing.cut = standing.found.is_some_and(|found| !found.first);
            }
        }
        at += size.max(1);
    }
    keep_together(standings);
}

/// A list and a quotation go as a whole or not at all, a heading only where nothing of its section stays,
/// a line that ends in a colon only with the next.
fn keep_together(standings: &mut [Standing]) {
    let are_one = |a: &Standing, b: &Standing| {
        let (a, b) = (a.block, b.block);
        a.item.is_some() && a.item == b.item && a.end == b.first
    };
    for group in standings.chunk_by_mut(are_one) {
        if group[0].block.item.is_some() && !group.iter().all(|standing| standing.cut) {
            for standing in group {
                standing.cut = false;
            }
        }
    }
    // From the end: whether a heading stays depends on what follows.
    let mut section_stays = [false; LEVELS];
    let mut next_stays = false;
    for standing in standings.iter_mut().rev() {
        let level = standing.block.level.map(usize::from);
        let torn = level.is_some_and(|level| section_stays[level]);
        if torn || (standing.block.introduces && next_stays) {
            standing.cut = false;
        }
        if let Some(level) = level {
            section_stays[level..].fill(false);
        }
        if !standing.cut {
            section_stays[..level.unwrap_or(LEVELS)].fill(true);
        }
        next_stays = !standing.cut;
    }
}

/// The bytes of what is cut, with signs and blank lines between, and the blank lines behind where
/// none would part what is left otherwise.
fn spans_of(lines: &[Line], standings: &[Standing]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let (mut opens, mut goes_on) = (false, false);
    for (at, standing) in standings.iter().enumerate() {
        let Some(Frequent { document, pages, .. }) = standing.found.filter(|_| standing.cut) else {
            goes_on = false;
            continue;
        };
        let Block { first, end, key, .. } = standing.block;
        if !goes_on {
            opens = first.checked_sub(1).is_none_or(|before| lines[before].blank);
        }
        let next = standings.get(at + 1).filter(|next| next.cut);
        goes_on = next.is_some();
        let last = match next {
            Some(next) => next.block.first,
            None if opens => end + lines[end..].iter().take_while(|line| line.blank).count(),
            None => end,
        };
        spans.push(Span {
            document,
            start: lines[first].start as u32,
            end: lines[last - 1].end as u32,
            count: pages,
            hash: key,
            form: Form::Template,
        });
    }
    spans
}
