//! Equal addresses, then equal texts, then texts of equal normal form: groups of which the first in keep order stays.
//!
//! Every group also has a representative, chosen by what the texts say and not by the keep policy.
//! Only representatives are compared with other documents, so that the measured pairs hold for any
//! policy: decisions put the group's winner in the representative's place.
//!
//! For the same reason a document whose address another one has is compared as if it were alone:
//! it loses its place in keep order, so that a group of equal texts has a winner that stays if it
//! has one at all.

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
    /// For every document the first one in keep order that has its address; itself if there is no
    /// other. Empty without `--url-dedup`.
    pub(crate) same_url: Vec<u32>,
}

impl ExactStage {
    /// The document that stays instead of `document` for its address.
    pub(crate) fn replaced_by(&self, document: u32) -> Option<u32> {
        let first = self.same_url.get(document as usize).copied();
        first.filter(|&first| first != document)
    }
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
    let same_url =
        if options.url_dedup { same_url(table, ranks, options.scope) } else { Vec::new() };
    let stays = |i: u32| same_url.get(i as usize).is_none_or(|&first| first == i);
    let order = |i: u32| (!stays(i), ranks[i as usize]);
    let stage = exact_stage(table, &order, options.scope, &code);
    ExactStage { same_url, ..stage }
}

/// For every document the first one in keep order that has its address.
fn same_url(table: &Table, ranks: &[u32], scope: Scope) -> Vec<u32> {
    let mut first: Vec<u32> = (0..table.len() as u32).collect();
    let mut order: Vec<(u128, u16, u32)> = (0..table.len())
        .filter(|&i| table.url_of(i) != 0)
        .map(|i| (table.url_of(i), scope_of(table, scope, i), i as u32))
        .collect();
    order.par_sort_unstable_by_key(|&(url, scope, i)| (url, scope, ranks[i as usize]));
    for group in order.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        for &(.., i) in group {
            first[i as usize] = group[0].2;
        }
    }
    first
}

/// Group by text, then what stays of that by normal form. `code` tells which documents are
/// shingled as code, `order` who of a group comes first.
fn exact_stage(
    table: &Table,
    order: &(dyn Fn(u32) -> (bool, u32) + Sync),
    scope: Scope,
    code: &dyn Fn(usize) -> bool,
) -> ExactStage {
    let all = 0..table.len() as u32;
    let (mut winner, mut reason) = (all.clone().collect::<Vec<_>>(), vec![None; table.len()]);
    for (keys, why) in [(&table.raw, Exact::Raw), (&table.normal, Exact::Normalised)] {
        let mut found: Vec<(u128, u16, u32)> = all
            .clone()
            .filter(|&i| reason[i as usize].is_none())
            .map(|i| (keys[i as usize], scope_of(table, scope, i as usize), i))
            .collect();
        found.par_sort_unstable_by_key(|&(key, scope, i)| (key, scope, order(i)));
        for group in found.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
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
        // A text that is prose in one source and code in another is compared as prose, whoever
        // stays: the pairs must not depend on the keep policy.
        let first = group.iter().find(|&&(.., i)| !code(i as usize)).unwrap_or(&group[0]);
        for &(.., i) in group {
            representative[i as usize] = first.2;
        }
    }
    ExactStage { representative, winner, reason, same_url: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Card;

    fn table(documents: &[(u128, u128, u128)]) -> Table {
        let mut table = Table::default();
        for &(raw, normal, url) in documents {
            let (bytes, shingles, keep, row, offset) = (1, 1, 0, 0, 0);
            let (source, lang, id) = ("s", "", "");
            let date = crate::date::NO_DATE;
            let card = Card {
                raw,
                normal,
                bytes,
                shingles,
                keep,
                source,
                lang,
                row,
                offset,
                id,
                url,
                date,
            };
            table.push(&card).unwrap();
        }
        table
    }

    fn stage(documents: &[(u128, u128)], ranks: &[u32]) -> ExactStage {
        let documents: Vec<_> = documents.iter().map(|&(raw, normal)| (raw, normal, 0)).collect();
        let order = |i: u32| (false, ranks[i as usize]);
        exact_stage(&table(&documents), &order, Scope::Global, &|_| false)
    }

    #[test]
    fn an_address_has_one_document() {
        let table = table(&[(1, 1, 0), (2, 2, 7), (3, 3, 7), (4, 4, 0), (5, 5, 8), (6, 6, 7)]);
        assert_eq!(same_url(&table, &[0, 3, 1, 5, 4, 2], Scope::Global), [0, 2, 2, 3, 4, 2]);
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
