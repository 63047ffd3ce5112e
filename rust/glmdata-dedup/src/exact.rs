//! Equal texts and texts of equal normal form: groups of which the first in keep order stays.
//!
//! Every group also has a representative, chosen by what the texts say and not by the keep policy.
//! Only representatives are compared with other documents, so that the measured pairs hold for any
//! policy: decisions put the group's winner in the representative's place.

use glmdata_text::Shingling;
use rayon::slice::ParallelSliceMut;

use crate::options::{Options, Scope};
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

/// The exact stage under the options of a run.
pub(crate) fn exact_of(table: &Table, ranks: &[u32], options: &Options) -> ExactStage {
    let code = |i: usize| options.is_code(table.source_of(i));
    exact_stage(table, ranks, options.scope, &|i, j| {
        // `--shingle code` looks at texts as they are, so an equal normal form is not enough.
        let raw = options.shingling == Shingling::Code;
        code(i) == code(j) && (!raw || table.raw[i] == table.raw[j])
    })
}

/// Group by text, then what stays of that by normal form. `alike` tells whether two members of
/// a group have the same shingles.
fn exact_stage(
    table: &Table,
    ranks: &[u32],
    scope: Scope,
    alike: &dyn Fn(usize, usize) -> bool,
) -> ExactStage {
    let all = 0..table.len() as u32;
    let (mut winner, mut reason) = (all.clone().collect::<Vec<_>>(), vec![None; table.len()]);
    for (keys, why) in [(&table.raw, Exact::Raw), (&table.normal, Exact::Normalised)] {
        let mut order: Vec<(u128, u16, u32)> = all
            .clone()
            .filter(|&i| reason[i as usize].is_none())
            .map(|i| (keys[i as usize], scope_of(table, scope, i as usize), i))
            .collect();
        order.par_sort_unstable_by_key(|&(key, scope, i)| (key, scope, ranks[i as usize]));
        for group in order.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            for &(.., loser) in &group[1..] {
                winner[loser as usize] = group[0].2;
                reason[loser as usize] = Some(why);
            }
        }
    }
    for i in 0..winner.len() {
        // Two steps at most: from a copy to its text's winner to the normal form's.
        winner[i] = winner[winner[i] as usize];
    }
    let mut members: Vec<(u32, u128, u32)> =
        all.map(|i| (winner[i as usize], table.raw[i as usize], i)).collect();
    members.par_sort_unstable();
    let mut representative = winner.clone();
    for group in members.chunk_by(|a, b| a.0 == b.0) {
        // A text can be prose in one source and code in another.
        let winner = group[0].0 as usize;
        let first = group.iter().find(|&&(.., i)| alike(i as usize, winner));
        for &(.., i) in group {
            representative[i as usize] = first.map_or(i, |&(.., first)| first);
        }
    }
    ExactStage { representative, winner, reason }
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
        exact_stage(&table, ranks, Scope::Global, &|_, _| true)
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
