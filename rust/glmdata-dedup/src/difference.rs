//! Similar is not the same: what differs between two near-duplicates.

use crate::ledger::Relation;

pub(crate) fn relation_of(_a: &str, _b: &str, _code: bool) -> Relation {
    Relation::Same
}
