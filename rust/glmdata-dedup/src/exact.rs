//! Equal texts and texts of equal normal form: groups of which the first in keep order stays.
//!
//! Every group also has a representative, chosen by what the texts say and not by the keep policy.
//! Only representatives are compared with other documents, so that the measured pairs hold for any
//! policy: decisions put the group's winner in the representative's place.

use rayon::slice::ParallelSliceMut;

use crate::options::Scope;
use crate::table::Table;

/// Why a document is not compared any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exact {
    /// Its text is that of another document.
    Raw,
    /// Its normal form is that of another document.
    Normalised,
}

/// The groups of equal documents.
#[derive(Debug)]
pub(crate) struct ExactStage {
    /// For every document the one that is compared in its place; itself if it is alone.
    pub(crate) representative: Vec<u32>,
    /// For every document the member of its group that stays.
    pub(crate) winner: Vec<u32>,
    /// `None` for documents that stay.
    pub(crate) reason: Vec<Option<Exact>>,
}

/// The scope a document is compared in, as a number.
pub(crate) fn scope_of(table: &Table, scope: Scope, i: usize) -> u16 {
    match scope {
        Scope::Global => 0,
        Scope::Lang => table.lang[i],
        Scope::Source => table.source[i],
    }
}

/// Group documents by text and the groups by normal form.
pub(crate) fn exact_stage(table: &Table, ranks: &[u32], scope: Scope) -> ExactStage {
    let mut representative: Vec<u32> = (0..table.len() as u32).collect();
    // Equal texts first: one of them speaks for all when normal forms are grouped, because the
    // normal form of source code is the text itself.
    for keys in [&table.raw, &table.normal] {
        let speaks = |&i: &u32| representative[i as usize] == i;
        let mut order: Vec<(u128, u16, u128, u32)> = (0..table.len() as u32)
            .filter(speaks)
            .map(|i| {
                let at = i as usize;
                (keys[at], scope_of(table, scope, at), table.raw[at], i)
            })
            .collect();
        order.par_sort_unstable();
        for group in order.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            for &(.., member) in group {
                representative[member as usize] = group[0].3;
            }
        }
    }
    for i in 0..representative.len() {
        // At most two steps: from a copy to its text's speaker to the normal form's.
        representative[i] = representative[representative[i] as usize];
    }
    let (winner, reason) = winners(table, ranks, &representative);
    ExactStage { representative, winner, reason }
}

/// The first of every group in keep order, and why the others are not it.
fn winners(table: &Table, ranks: &[u32], representative: &[u32]) -> (Vec<u32>, Vec<Option<Exact>>) {
    let mut winner: Vec<u32> = (0..representative.len() as u32).collect();
    let mut reason = vec![None; representative.len()];
    let mut order: Vec<(u32, u32)> =
        representative.iter().zip(0..).map(|(&group, i)| (group, i)).collect();
    order.par_sort_unstable_by_key(|&(group, i)| (group, ranks[i as usize]));
    for group in order.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
        let mut texts: Vec<u128> = Vec::with_capacity(group.len());
        for &(_, member) in group {
            let text = table.raw[member as usize];
            winner[member as usize] = group[0].1;
            if texts.last() == Some(&text) || texts.contains(&text) {
                reason[member as usize] = Some(Exact::Raw);
            } else {
                let first = texts.is_empty();
                reason[member as usize] = (!first).then_some(Exact::Normalised);
                texts.push(text);
            }
        }
    }
    (winner, reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Card;

    fn stage(documents: &[(u128, u128)], ranks: &[u32]) -> ExactStage {
        let mut table = Table::default();
        for &(raw, normal) in documents {
            let (bytes, shingles, keep, row, offset) = (1, 1, 0, 0, 0);
            let (source, lang, id) = ("s", "", "");
            let card = Card { raw, normal, bytes, shingles, keep, source, lang, row, offset, id };
            table.push(&card).unwrap();
        }
        exact_stage(&table, ranks, Scope::Global)
    }

    #[test]
    fn groups_by_text_then_by_normal_form() {
        let documents = [(5, 1), (5, 1), (4, 1), (9, 2), (5, 1)];
        let found = stage(&documents, &[3, 1, 2, 0, 4]);
        assert_eq!(found.winner, [1, 1, 1, 3, 1]);
        let (raw, normal) = (Some(Exact::Raw), Some(Exact::Normalised));
        assert_eq!(found.reason, [raw, None, normal, None, raw]);
        // The same whoever wins.
        assert_eq!(found.representative, [2, 2, 2, 3, 2]);
        let other = stage(&documents, &[0, 1, 2, 3, 4]);
        assert_eq!(other.representative, found.representative);
        assert_eq!(other.winner, [0, 0, 0, 3, 0]);
    }
}
