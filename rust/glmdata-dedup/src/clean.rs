//! Of near copies the cleanest stays: the one without the bars, buttons and notices that another copy has, and
//! the final text rather than a draft. Keep order knows nothing of that: it is made before texts are
//! compared. So when all is decided, a kept document changes places with a cleaner one that left for
//! it, where every other document that left for it may leave for that one as well.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::candidates::pack;
use crate::decide::{Link, rule_of};
use crate::ledger::Pair;
use crate::options::Options;
use crate::removal::{Removal, Rule};

/// What may not change places: the source that a user prefers, and documents of earlier crawls.
pub(crate) struct Fixed<'a> {
    pub(crate) priority: &'a dyn Fn(u32) -> usize,
    pub(crate) earlier: &'a dyn Fn(u32) -> bool,
}

/// Change places in `removal`, which says why documents left by `links`.
pub(crate) fn prefer_clean(
    links: &[Link<'_>],
    ranks: &[u32],
    options: &Options,
    fixed: &Fixed<'_>,
    removal: &mut [Option<Removal>],
) {
    let mut cleaner = cleaner_copies(links, fixed, removal);
    if cleaner.is_empty() {
        return;
    }
    cleaner.sort_unstable_by_key(|&(kept, copy, gain)| {
        (ranks[kept as usize], u32::MAX - gain, ranks[copy as usize])
    });
    let around = Around::of(links, &cleaner, removal);
    for (kept, copy, _) in cleaner {
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

/// Whether one of the two may leave for the other.
fn may_leave(pair: &Pair, options: &Options) -> bool {
    rule_of(pair, options, Some(pair.shingles_a.min(pair.shingles_b))).is_some()
}

/// Kept documents, each with one that left for it and is cleaner, and by how much.
fn cleaner_copies(
    links: &[Link<'_>],
    fixed: &Fixed<'_>,
    removal: &[Option<Removal>],
) -> Vec<(u32, u32, u32)> {
    let mut found = Vec::new();
    for link in links {
        let Pair { extra_a, extra_b, .. } = *link.pair;
        let (kept, copy, gain) = match extra_a.cmp(&extra_b) {
            Ordering::Greater => (link.a, link.b, extra_a - extra_b),
            Ordering::Less => (link.b, link.a, extra_b - extra_a),
            Ordering::Equal => continue,
        };
        let left = removal[copy as usize];
        let for_it = left.is_some_and(|left| left.kept == Some(kept) && left.rule == Rule::Fuzzy);
        let alike = (fixed.priority)(kept) == (fixed.priority)(copy);
        if for_it && alike && !(fixed.earlier)(kept) {
            found.push((kept, copy, gain));
        }
    }
    found
}

/// The pairs and groups of the documents that may change places.
struct Around<'a> {
    links: HashMap<u64, Link<'a>>,
    /// Documents that a cleaner copy was compared with.
    compared: HashMap<u32, Vec<u32>>,
    /// Documents that left for a kept one.
    left_for: HashMap<u32, Vec<u32>>,
}

impl<'a> Around<'a> {
    fn of(links: &[Link<'a>], cleaner: &[(u32, u32, u32)], removal: &[Option<Removal>]) -> Self {
        let mut compared: HashMap<u32, Vec<u32>> =
            cleaner.iter().map(|&(_, copy, _)| (copy, Vec::new())).collect();
        let mut left_for: HashMap<u32, Vec<u32>> =
            cleaner.iter().map(|&(kept, ..)| (kept, Vec::new())).collect();
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
