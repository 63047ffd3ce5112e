//! Who stays. A document is removed only for one that is kept: in keep order, a document leaves if
//! a verified pair leads to an earlier document that was kept (the lexicographically first
//! independent set). A chain A~B~C in which A and C differ therefore keeps C.

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use crate::clean::{Fixed, prefer_clean};
use crate::exact::{Exact, ExactStage};
use crate::ledger::{Pair, Relation};
use crate::options::{Keep, Options};
use crate::removal::{Removal, Rule, Via};

/// The outcome for all documents.
#[derive(Debug)]
pub(crate) struct Decisions {
    /// `None` for kept documents.
    pub(crate) removal: Vec<Option<Removal>>,
    /// For every document of a cluster (duplicates, and kept variants of each other) its cluster:
    /// the member that comes first in keep order. Itself when it is alone.
    pub(crate) cluster: Vec<u32>,
    /// Whether a document is kept and a variant of another kept one.
    is_variant: Vec<bool>,
}

impl Decisions {
    /// How many of the first `documents` are kept and variants of another kept one.
    pub(crate) fn variants(&self, documents: u32) -> u64 {
        self.is_variant.iter().take(documents as usize).filter(|&&variant| variant).count() as u64
    }
}

/// Decide from what was measured; in the end, with `last`, clean and new copies take the places of others.
pub(crate) fn decide(
    exact: &ExactStage,
    pairs: &[Pair],
    ranks: &[u32],
    options: &Options,
    last: Option<&Fixed<'_>>,
) -> Decisions {
    let mut removal: Vec<Option<Removal>> = vec![None; ranks.len()];
    // The pairs speak of representatives; who may stay are the winners of their groups.
    let winner = |document: u32| exact.winner[document as usize];
    let links: Vec<Link<'_>> = pairs
        .par_iter()
        .map(|pair| Link { a: winner(pair.a), b: winner(pair.b), pair })
        // Whose address another document has is gone: nothing leaves for it.
        .filter(|link| [link.a, link.b].into_iter().all(|i| exact.replaced_by(i).is_none()))
        .collect();
    let links = &links[..];
    if options.components {
        remove_components(links, ranks, options, &mut removal);
    } else {
        remove_for_kept(links, ranks, options, &mut removal);
        if let Some(fixed) = last.filter(|_| options.keep == Keep::Longest) {
            prefer_clean(links, ranks, options, fixed, &mut removal);
        }
    }
    inherit_from_winners(exact, &mut removal);
    replace_by_address(exact, &mut removal);
    let (cluster, is_variant) = clusters(&removal, links, ranks, options);
    Decisions { removal, cluster, is_variant }
}

/// The rule by which one of two documents would be removed for the other, if any. `leaving` is how many
/// shingles it has; none: it may not leave for what holds a part of it only.
///
/// The shorter text may well have more shingles than the longer one, where both are as good as equal.
pub(crate) fn rule_of(pair: &Pair, options: &Options, leaving: Option<u32>) -> Option<Rule> {
    let jaccard = pair.jaccard();
    let same = match pair.relation {
        Relation::Same => true,
        Relation::Variant(_) => !options.keep_variants,
        Relation::Related => false,
    };
    if same && jaccard >= options.threshold {
        return Some(Rule::Fuzzy);
    }
    let leaving = leaving?;
    let least = options.contained_from(leaving);
    let contained = least.is_some_and(|least| pair.share_of(leaving) >= least);
    let variant = matches!(pair.relation, Relation::Variant(_)) && options.keep_variants;
    (contained && pair.same_opening && !variant).then_some(Rule::Contained)
}

/// A measured pair and the documents that it decides about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link<'a> {
    pub(crate) a: u32,
    pub(crate) b: u32,
    pub(crate) pair: &'a Pair,
}

impl Link<'_> {
    /// The document that comes first in keep order, and the other.
    fn in_order(&self, ranks: &[u32]) -> (u32, u32) {
        let a_first = ranks[self.a as usize] < ranks[self.b as usize];
        if a_first { (self.a, self.b) } else { (self.b, self.a) }
    }
}

/// Links with the rank of their later document, in its order, then in that of the earlier one.
fn by_later<'a>(links: &[Link<'a>], ranks: &[u32]) -> Vec<(u32, Link<'a>)> {
    // Ranks are looked up once a link and not at each comparison.
    let mut order: Vec<(u64, u32)> = links
        .par_iter()
        .enumerate()
        .map(|(i, link)| {
            let (earlier, later) = link.in_order(ranks);
            let [earlier, later] = [earlier, later].map(|document| ranks[document as usize]);
            (u64::from(later) << 32 | u64::from(earlier), i as u32)
        })
        .collect();
    order.par_sort_unstable();
    order.into_iter().map(|(ranks, i)| ((ranks >> 32) as u32, links[i as usize])).collect()
}

fn remove_for_kept(
    links: &[Link<'_>],
    ranks: &[u32],
    options: &Options,
    removal: &mut [Option<Removal>],
) {
    for group in by_later(links, ranks).chunk_by(|x, y| x.0 == y.0) {
        let (_, later) = group[0].1.in_order(ranks);
        let mut best: Option<Removal> = None;
        for (_, link) in group {
            let (kept, _) = link.in_order(ranks);
            if removal[kept as usize].is_some() {
                continue;
            }
            let pair = link.pair;
            let own = if later == link.a { pair.shingles_a } else { pair.shingles_b };
            let Some(rule) = rule_of(pair, options, Some(own)) else { continue };
            // The nearest kept document; the earlier one where two are equally near.
            let measured = (pair.jaccard(), pair.share_of(own));
            if best.and_then(|best| best.measured).is_none_or(|(jaccard, _)| measured.0 > jaccard) {
                let (kept, measured) = (Some(kept), Some(measured));
                best = Some(Removal { rule, kept, via: None, measured });
            }
        }
        removal[later as usize] = best;
    }
}

fn remove_components(
    links: &[Link<'_>],
    ranks: &[u32],
    options: &Options,
    removal: &mut [Option<Removal>],
) {
    let mut components = Components::new(ranks);
    for link in links.iter().filter(|link| rule_of(link.pair, options, None).is_some()) {
        components.union(link.a, link.b);
    }
    for document in 0..removal.len() as u32 {
        let kept = components.root(document);
        if kept != document {
            let (rule, kept) = (Rule::Fuzzy, Some(kept));
            removal[document as usize] = Some(Removal { rule, kept, via: None, measured: None });
        }
    }
    for &Link { a, b, pair } in links {
        for (document, other) in [(a, b), (b, a)] {
            if let Some(removal) = &mut removal[document as usize]
                && removal.kept == Some(other)
            {
                removal.measured = Some((pair.jaccard(), pair.containment()));
            }
        }
    }
}

/// What an exact copy was removed for may itself have been removed for a third document: the copy
/// then points to that one, to which it is just as similar.
fn inherit_from_winners(exact: &ExactStage, removal: &mut [Option<Removal>]) {
    for document in 0..removal.len() {
        let Some(why) = exact.reason[document] else { continue };
        let winner = exact.winner[document];
        let rule = match why {
            Exact::Raw => Rule::ExactRaw,
            Exact::Normalised => Rule::ExactNormalised,
        };
        removal[document] = Some(match removal[winner as usize] {
            None => Removal { rule, kept: Some(winner), via: None, measured: Some((1.0, 1.0)) },
            Some(further) => {
                let via = Some(Via { document: winner, rule: further.rule });
                Removal { rule, via, ..further }
            }
        });
    }
}

/// The document that stays for an address may itself have been removed for another one, which then
/// stands for both.
fn replace_by_address(exact: &ExactStage, removal: &mut [Option<Removal>]) {
    for document in 0..removal.len() as u32 {
        let Some(first) = exact.replaced_by(document) else { continue };
        let further = removal[first as usize];
        let kept = further.map_or(Some(first), |further| further.kept);
        let via = further.map(|further| Via { document: first, rule: further.rule });
        removal[document as usize] = Some(Removal { rule: Rule::Url, kept, via, measured: None });
    }
}

fn clusters(
    removal: &[Option<Removal>],
    links: &[Link<'_>],
    ranks: &[u32],
    options: &Options,
) -> (Vec<u32>, Vec<bool>) {
    let mut components = Components::new(ranks);
    let mut is_variant = vec![false; removal.len()];
    for (document, removal) in removal.iter().enumerate() {
        if let Some(kept) = removal.and_then(|removal| removal.kept) {
            components.union(document as u32, kept);
        }
    }
    for &Link { a, b, pair } in links {
        let kept = removal[a as usize].is_none() && removal[b as usize].is_none();
        let variant = matches!(pair.relation, Relation::Variant(_));
        if kept && variant && pair.jaccard() >= options.threshold {
            components.union(a, b);
            is_variant[a as usize] = true;
            is_variant[b as usize] = true;
        }
    }
    let cluster = (0..removal.len() as u32).map(|document| components.root(document)).collect();
    (cluster, is_variant)
}

/// Union-find whose root is the member of lowest rank, whatever the order of unions.
pub(crate) struct Components<'a> {
    ranks: &'a [u32],
    parent: Vec<u32>,
}

impl<'a> Components<'a> {
    pub(crate) fn new(ranks: &'a [u32]) -> Self {
        Self { ranks, parent: (0..ranks.len() as u32).collect() }
    }

    pub(crate) fn root(&mut self, mut document: u32) -> u32 {
        while self.parent[document as usize] != document {
            let above = self.parent[document as usize];
            self.parent[document as usize] = self.parent[above as usize];
            document = above;
        }
        document
    }

    pub(crate) fn union(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        let (first, second) =
            if self.ranks[a as usize] <= self.ranks[b as usize] { (a, b) } else { (b, a) };
        self.parent[second as usize] = first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        Options::for_tests()
    }

    /// A pair of documents of 100 shingles each, `shared` of them common.
    fn pair(a: u32, b: u32, shared: u32, relation: Relation) -> Pair {
        let (shingles_a, shingles_b, same_opening, followed) = (100, 100, true, false);
        Pair {
            a,
            b,
            shingles_a,
            shingles_b,
            shared,
            relation,
            same_opening,
            extra_a: 0,
            extra_b: 0,
            followed,
        }
    }

    fn run(pairs: &[Pair], exact: &[Option<(u32, Exact)>], options: &Options) -> Decisions {
        let n = exact.len();
        let stage = ExactStage {
            winner: (0..n).map(|i| exact[i].map_or(i as u32, |(winner, _)| winner)).collect(),
            reason: exact.iter().map(|entry| entry.map(|(_, why)| why)).collect(),
            representative: (0..n as u32).collect(),
            same_url: Vec::new(),
        };
        decide(&stage, pairs, &(0..n as u32).collect::<Vec<_>>(), options, None)
    }

    fn kept_for(decisions: &Decisions) -> Vec<Option<u32>> {
        decisions.removal.iter().map(|removal| removal.and_then(|r| r.kept)).collect()
    }

    #[test]
    fn a_chain_keeps_its_far_end() {
        let chain = [pair(0, 1, 95, Relation::Same), pair(1, 2, 95, Relation::Same)];
        let decisions = run(&chain, &[None; 3], &options());
        assert_eq!(kept_for(&decisions), [None, Some(0), None]);

        let components = Options { components: true, ..options() };
        let decisions = run(&chain, &[None; 3], &components);
        assert_eq!(kept_for(&decisions), [None, Some(0), Some(0)]);
        assert!(decisions.removal[2].is_some_and(|removal| removal.measured.is_none()));
    }

    #[test]
    fn the_nearest_kept_document_is_named() {
        let pairs = [pair(0, 2, 90, Relation::Same), pair(1, 2, 95, Relation::Same)];
        assert_eq!(kept_for(&run(&pairs, &[None; 3], &options())), [None, None, Some(1)]);
    }

    #[test]
    fn below_the_threshold_nothing_leaves() {
        // 88 of 112 is below 0.8, 89 of 111 above.
        let pairs = [pair(0, 1, 88, Relation::Same), pair(2, 3, 89, Relation::Same)];
        assert_eq!(kept_for(&run(&pairs, &[None; 4], &options())), [None, None, None, Some(2)]);
    }

    #[test]
    fn what_leaves_is_held_by_what_stays_whichever_has_more_shingles() {
        let options = Options { containment: Some(0.85), ..options() };
        // The longer text stays, and may have the fewer shingles: of 1,000, the other holds 849 and 850.
        let grown = |shared| Pair {
            shingles_a: 990,
            shingles_b: 1_000,
            ..pair(0, 1, shared, Relation::Related)
        };
        assert_eq!(kept_for(&run(&[grown(849)], &[None; 2], &options)), [None, None]);
        let decisions = run(&[grown(850)], &[None; 2], &options);
        let removal = decisions.removal[1].map(|removal| (removal.rule, removal.measured));
        assert_eq!(removal, Some((Rule::Contained, Some((850.0 / 1_140.0, 0.85)))));
    }

    #[test]
    fn variants_stay_and_share_a_cluster() {
        let variant = || Relation::Variant("title: i / ii".to_owned());
        let pairs = [pair(0, 1, 95, variant()), pair(1, 2, 95, Relation::Same)];
        let decisions = run(&pairs, &[None; 3], &options());
        assert_eq!(kept_for(&decisions), [None, None, Some(1)]);
        assert_eq!(decisions.cluster, [0, 0, 0]);
        assert_eq!(decisions.variants(u32::MAX), 2);

        let remove = Options { keep_variants: false, ..options() };
        assert_eq!(kept_for(&run(&pairs, &[None; 3], &remove)), [None, Some(0), None]);
    }

    #[test]
    fn an_exact_copy_follows_its_winner() {
        let pairs = [pair(0, 1, 95, Relation::Same)];
        let exact = [None, None, Some((1, Exact::Normalised)), Some((1, Exact::Raw))];
        let decisions = run(&pairs, &exact, &options());
        assert_eq!(kept_for(&decisions), [None, Some(0), Some(0), Some(0)]);
        let copy = decisions.removal[3].map(|removal| (removal.rule, removal.measured));
        assert_eq!(copy, Some((Rule::ExactRaw, Some((95.0 / 105.0, 0.95)))));
    }

    #[test]
    fn the_smaller_document_is_contained_in_the_larger() {
        let contained =
            |a: u32, b: u32| Pair { shingles_a: 200, ..pair(a, b, 98, Relation::Related) };
        let options = Options { containment: Some(0.95), ..options() };
        assert_eq!(kept_for(&run(&[contained(0, 1)], &[None; 2], &options)), [None, Some(0)]);
        // The later document is the larger one: nothing may be removed for it.
        assert_eq!(kept_for(&run(&[contained(1, 0)], &[None; 2], &options)), [None, None]);
    }
}
