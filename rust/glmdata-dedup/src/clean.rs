//! Of near copies the cleanest stays: the one without the bars, buttons and notices that another copy has, and
//! the final text rather than a draft; of copies that are as clean the one of the later date, where both have
//! one. Keep order knows nothing of that: it is made before texts are compared, and dates that only some have
//! make no order. So when all is decided, a kept document changes places with a better one that left for
//! it, where every other document that left for it may leave for that one as well.

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;

use crate::candidates::pack;
use crate::decide::{Link, rule_of};
use crate::ledger::Pair;
use crate::options::Options;
use crate::removal::{Removal, Rule};

/// What may not change places: the source that a user prefers, and documents of earlier crawls; and the
/// dates.
pub(crate) struct Fixed<'a> {
    pub(crate) priority: &'a dyn Fn(u32) -> usize,
    pub(crate) earlier: &'a dyn Fn(u32) -> bool,
    pub(crate) date: &'a dyn Fn(u32) -> Option<i64>,
}

/// A document, one that is better, and by how much.
type Better = (u32, u32, i64);

/// Change places in `removal`, which says why documents left by `links`.
pub(crate) fn prefer_clean(
    links: &[Link<'_>],
    ranks: &[u32],
    options: &Options,
    fixed: &Fixed<'_>,
    removal: &mut [Option<Removal>],
) {
    // Dates decide among what is clean by then.
    for better in [&cleaner as &dyn Fn(&Link<'_>) -> Option<Better>, &|link| newer(link, fixed)] {
        let mut found = better_copies(links, better, fixed, removal);
        if found.is_empty() {
            continue;
        }
        found.sort_unstable_by_key(|&(kept, copy, gain)| {
            (ranks[kept as usize], Reverse(gain), ranks[copy as usize])
        });
        let around = Around::of(links, &found, removal);
        for (kept, copy, _) in found {
            if removal[kept as usize].is_none()
                && let Some(others) = around.who_may_follow(kept, copy, options, removal)
            {
                removal[copy as usize] = None;
                for (document, why) in others {
                    removal[document as usize] = Some(why);
                }
            }
        }
    }
}

/// Whether one of the two may leave for the other.
fn may_leave(pair: &Pair, options: &Options) -> bool {
    rule_of(pair, options, Some(pair.shingles_a.min(pair.shingles_b))).is_some()
}

/// Which of two documents has more around its text, and by how many bytes.
fn cleaner(link: &Link<'_>) -> Option<Better> {
    let Pair { extra_a, extra_b, .. } = *link.pair;
    let (a_more, b_more) = (i64::from(extra_a), i64::from(extra_b));
    match extra_a.cmp(&extra_b) {
        Ordering::Greater => Some((link.a, link.b, a_more - b_more)),
        Ordering::Less => Some((link.b, link.a, b_more - a_more)),
        Ordering::Equal => None,
    }
}

/// Which of two documents that are as clean is the older one, and the date of the other.
fn newer(link: &Link<'_>, fixed: &Fixed<'_>) -> Option<Better> {
    let Link { a, b, pair } = *link;
    if pair.extra_a != pair.extra_b {
        return None;
    }
    let (of_a, of_b) = ((fixed.date)(a)?, (fixed.date)(b)?);
    match of_a.cmp(&of_b) {
        Ordering::Less => Some((a, b, of_b)),
        Ordering::Greater => Some((b, a, of_a)),
        Ordering::Equal => None,
    }
}

/// Kept documents, each with one that left for it and is better.
fn better_copies(
    links: &[Link<'_>],
    better: &dyn Fn(&Link<'_>) -> Option<Better>,
    fixed: &Fixed<'_>,
    removal: &[Option<Removal>],
) -> Vec<Better> {
    let may_change = |&(kept, copy, _): &Better| {
        let left = removal[copy as usize];
        let for_it = left.is_some_and(|left| left.kept == Some(kept) && left.rule == Rule::Fuzzy);
        let alike = || (fixed.priority)(kept) == (fixed.priority)(copy);
        for_it && alike() && !(fixed.earlier)(kept)
    };
    links.iter().filter_map(better).filter(may_change).collect()
}

/// The pairs and groups of the documents that may change places.
struct Around<'a> {
    links: HashMap<u64, Link<'a>>,
    /// Documents that a better copy was compared with.
    compared: HashMap<u32, Vec<u32>>,
    /// Documents that left for a kept one.
    left_for: HashMap<u32, Vec<u32>>,
}

impl<'a> Around<'a> {
    fn of(links: &[Link<'a>], better: &[Better], removal: &[Option<Removal>]) -> Self {
        let mut compared: HashMap<u32, Vec<u32>> =
            better.iter().map(|&(_, copy, _)| (copy, Vec::new())).collect();
        let mut left_for: HashMap<u32, Vec<u32>> =
            better.iter().map(|&(kept, ..)| (kept, Vec::new())).collect();
        let mut of_pair = HashMap::new();
        for link in links {
            for (copy, other) in [(link.a, link.b), (link.b, link.a)] {
                if let Some(others) = compared.get_mut(&copy) {
                    others.push(other);
                    of_pair.insert(pack(link.a, link.b), *link);
                }
            }
        }
        for (document, left) in removal.iter().enumerate() {
            if let Some(kept) = left.and_then(|left| left.kept)
                && let Some(group) = left_for.get_mut(&kept)
            {
                group.push(document as u32);
            }
        }
        Self { links: of_pair, compared, left_for }
    }

    /// Why `kept` and those that left for it leave for `copy`; none if one of them may not, or if
    /// another document that stays says the same as `copy`.
    fn who_may_follow(
        &self,
        kept: u32,
        copy: u32,
        options: &Options,
        removal: &[Option<Removal>],
    ) -> Option<Vec<(u32, Removal)>> {
        let stays = |document: u32| removal[document as usize].is_none();
        let alike = |&other: &u32| {
            other != kept && stays(other) && may_leave(self.links[&pack(other, copy)].pair, options)
        };
        if self.compared[&copy].iter().any(alike) {
            return None;
        }
        let group = self.left_for[&kept].iter().copied().filter(|&other| other != copy);
        let mut why = Vec::new();
        for document in group.chain([kept]) {
            // Somebody else may have changed places with it since.
            if document != kept && removal[document as usize]?.kept != Some(kept) {
                continue;
            }
            let Link { a, pair, .. } = *self.links.get(&pack(document, copy))?;
            let own = if a == document { pair.shingles_a } else { pair.shingles_b };
            let rule = rule_of(pair, options, Some(own))?;
            let measured = Some((pair.jaccard(), pair.share_of(own)));
            why.push((document, Removal { rule, kept: Some(copy), via: None, measured }));
        }
        Some(why)
    }
}
