//! Pairs that the decisions themselves suggest: two documents that both resemble a third one, which was
//! removed for the first of them. Nobody compared these two if they share no band. Without this step the
//! second would stay, though it most likely says the same as the first.
//!
//! Decisions and comparisons, these and those of `family.rs`, take turns until no pair is left to compare,
//! or [`ROUNDS`] are over.

use std::collections::{HashMap, HashSet};

use glmdata_base::{Phase, Progress, Result};
use rayon::slice::ParallelSliceMut;

use crate::candidates::pack;
use crate::clean::Fixed;
use crate::decide::{Components, Decisions, decide, rule_of};
use crate::exact::ExactStage;
use crate::family::{Deciding, Families};
use crate::ledger::Pair;
use crate::options::Options;
use crate::removal::Rule;
use crate::sort::{Sorted, Sorter};
use crate::verify::{Compared, Verified, Verifier};

/// More rounds than any corpus seen has needed; the documents that are still open then stay.
const ROUNDS: usize = 64;

/// Decide from the pairs in `ledger`, which do not depend on the keep policy, and from those that
/// follow from the decisions; these are added to `ledger`. `dense` are the members of dense buckets,
/// `known` pairs that another run followed: they need no text again.
pub(crate) fn settle(
    verifier: &Verifier<'_>,
    deciding: &Deciding<'_>,
    dense: &Sorted<u64>,
    ledger: &mut Vec<Pair>,
    counts: &mut Verified,
    known: &HashMap<u64, Pair>,
) -> Result<Decisions> {
    let options = verifier.options;
    let &Deciding { exact, ranks, earlier } = deciding;
    let quiet = Progress::new();
    let verifier = &verifier.in_rounds(&quiet);
    verifier.rounds.enter(Phase::Follow, 0);
    let mut families = Families::of(dense, deciding, verifier, ledger)?;
    let mut tried = HashSet::new();
    let mut decisions = decide(exact, ledger, ranks, options, None);
    let mut rounds = 0;
    loop {
        // A component goes as a whole, whatever its members were compared with.
        let open = if options.components || rounds == ROUNDS {
            Vec::new()
        } else {
            open_pairs(&decisions, exact, ledger, ranks, options, &tried, earlier)
        };
        if open.is_empty() {
            if !families.round(verifier, &decisions, ledger, counts)? {
                break;
            }
            rounds = 0;
            decisions = decide(exact, ledger, ranks, options, None);
            continue;
        }
        rounds += 1;
        let mut new = Sorter::new(verifier.folder, "follow", options.memory / 16);
        for &pair in open.iter().filter(|pair| !known.contains_key(pair)) {
            new.push(pair)?;
        }
        let Compared { pairs, counts: round } = verifier.run(&new.finish(), None)?;
        let again = open.iter().filter_map(|pair| known.get(pair).cloned());
        ledger.extend(pairs.into_iter().chain(again).map(|pair| Pair { followed: true, ..pair }));
        let candidates = open.len() as u64;
        counts.add(&Verified { candidates, followed: candidates, ..round });
        tried.extend(open);
        decisions = decide(exact, ledger, ranks, options, None);
    }
    ledger.par_sort_unstable_by_key(|pair| (pair.a, pair.b));
    let table = verifier.table;
    let priority = |document: u32| options.priority(table.source_of(document as usize));
    let date = |document: u32| table.date_of(document as usize);
    let fixed = Fixed { priority: &priority, earlier: &|document| earlier(document), date: &date };
    let decisions = decide(exact, ledger, ranks, options, Some(&fixed));
    families.count_unread(&decisions, counts);
    counts.count(ledger, options.threshold);
    Ok(decisions)
}

/// Documents that stay, with what their likeness to others suggests they equal: two whose duplicates
/// resemble each other, and each with the first document of its component.
fn open_pairs(
    decisions: &Decisions,
    exact: &ExactStage,
    ledger: &[Pair],
    ranks: &[u32],
    options: &Options,
    tried: &HashSet<u64>,
    earlier: &dyn Fn(u32) -> bool,
) -> Vec<u64> {
    let winner = |document: u32| exact.winner[document as usize];
    let stays = |document: u32| {
        let removal = decisions.removal[document as usize];
        removal.and_then(|removal| removal.kept).unwrap_or(document)
    };
    let mut components = Components::new(ranks);
    let mut across = Vec::new();
    for pair in ledger.iter().filter(|pair| rule_of(pair, options, None) == Some(Rule::Fuzzy)) {
        let (a, b) = (stays(winner(pair.a)), stays(winner(pair.b)));
        if a != b {
            components.union(a, b);
            across.push((a, b));
        }
    }
    let staying: HashSet<u32> = across.iter().flat_map(|&(a, b)| [a, b]).collect();
    across.extend(staying.iter().map(|&document| (components.root(document), document)));
    let compared: HashSet<u64> = ledger
        .iter()
        .map(|pair| (winner(pair.a), winner(pair.b)))
        .filter(|(a, b)| staying.contains(a) && staying.contains(b))
        .map(|(a, b)| pack(a, b))
        .collect();
    let representative = |document: u32| exact.representative[document as usize];
    let mut open: Vec<u64> = across
        .into_iter()
        .filter(|&(a, b)| a != b && !(earlier(a) && earlier(b)))
        .filter(|&(a, b)| !compared.contains(&pack(a, b)))
        .map(|(a, b)| pack(representative(a), representative(b)))
        .filter(|pair| !tried.contains(pair))
        .collect();
    open.sort_unstable();
    open.dedup();
    open
}
