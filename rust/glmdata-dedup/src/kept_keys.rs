//! Band keys in memory: of all units, or of none where tables need the room.
//!
//! Keys take three times what a table does and lie on the disk as well; tables do not. Those of some units
//! alone would be of no use: lonely keys are found by looking at all of them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use glmdata_base::{MemoryBudget, Reservation};

/// The keys of units that are scanned or are being scanned.
#[derive(Debug)]
pub(crate) struct KeptKeys(Mutex<Option<HeldKeys>>);

/// Keys by unit, charged for.
#[derive(Debug)]
pub(crate) struct HeldKeys {
    of_unit: BTreeMap<usize, Vec<u64>>,
    held: Reservation,
}

impl KeptKeys {
    /// None yet, charged to what tables are charged to.
    pub(crate) fn new(budget: &MemoryBudget) -> Self {
        let (of_unit, held) = (BTreeMap::new(), budget.nothing());
        Self(Mutex::new(Some(HeldKeys { of_unit, held })))
    }

    /// None, and none is taken.
    pub(crate) fn nowhere() -> Self {
        Self(Mutex::new(None))
    }

    fn lock(&self) -> MutexGuard<'_, Option<HeldKeys>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keep `more` of a unit; if there is no room, forget all.
    pub(crate) fn add(&self, unit: usize, more: &[u64]) {
        let mut kept = self.lock();
        let Some(HeldKeys { of_unit, held }) = &mut *kept else { return };
        if held.try_resize(held.bytes() + size_of_val(more) as u64) {
            of_unit.entry(unit).or_default().extend_from_slice(more);
        } else {
            *kept = None;
        }
    }

    /// Hold `bytes` in `table`, if need be in the place of all keys; `false` if there is no room even so.
    pub(crate) fn give_way(&self, table: &mut Reservation, bytes: u64) -> bool {
        table.try_resize(bytes) || {
            *self.lock() = None;
            table.try_resize(bytes)
        }
    }

    /// All keys, if they are there.
    pub(crate) fn finish(self) -> Option<HeldKeys> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HeldKeys {
    /// Those of a unit.
    pub(crate) fn of_unit(&self, unit: usize) -> &[u64] {
        self.of_unit.get(&unit).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_give_way_to_tables() {
        let budget = MemoryBudget::new(100);
        let kept = KeptKeys::new(&budget);
        kept.add(1, &[1, 2]);
        kept.add(0, &[3]);
        kept.add(1, &[4]);
        let mut table = budget.nothing();
        assert!(kept.give_way(&mut table, 60));
        assert_eq!(kept.lock().as_ref().unwrap().of_unit(1), [1, 2, 4]);
        assert!(kept.give_way(&mut table, 90));
        assert_eq!(budget.used(), 90);
        assert!(!kept.give_way(&mut table, 101));
        kept.add(2, &[5]);
        assert!(kept.finish().is_none());
        assert_eq!(budget.used(), 90);
    }
}
