//! Equal texts and texts of equal normal form: sorted by key, the first in keep order stays.

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

/// For every document the one that stands for it, and how they are equal.
#[derive(Debug)]
pub(crate) struct ExactStage {
    /// The document that stays, or itself.
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

/// Group by raw key, then the survivors by normalised key.
pub(crate) fn exact_stage(table: &Table, ranks: &[u32], scope: Scope) -> ExactStage {
    let mut stage =
        ExactStage { winner: (0..table.len() as u32).collect(), reason: vec![None; table.len()] };
    for (keys, why) in [(&table.raw, Exact::Raw), (&table.normal, Exact::Normalised)] {
        let mut order: Vec<(u128, u16, u32)> = (0..table.len())
            .filter(|&i| stage.reason[i].is_none())
            .map(|i| (keys[i], scope_of(table, scope, i), i as u32))
            .collect();
        order.par_sort_unstable_by_key(|&(key, scope, i)| (key, scope, ranks[i as usize]));
        for group in order.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            for &(_, _, loser) in &group[1..] {
                stage.winner[loser as usize] = group[0].2;
                stage.reason[loser as usize] = Some(why);
            }
        }
    }
    stage
}
