//! From band keys to measured pairs: drop lonely keys, sort, group, compare.

use glmdata_base::{MemoryBudget, Result};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::candidates::{Buckets, Groups, band_record, scoped};
use crate::corpus::Corpus;
use crate::exact::{ExactStage, scope_of};
use crate::kept_keys::HeldKeys;
use crate::marks::KeyMarks;
use crate::options::Scope;
use crate::report::Traffic;
use crate::run::Scan;
use crate::scan::fingerprint;
use crate::sort::{Sorted, Sorter};
use crate::unit_scan::load_keys;
use crate::verify::{Compared, Verifier};

/// The marks of so many keys, 16 MB, stay in a cache.
const KEYS_A_PART: usize = 16 << 20;

impl Scan<'_> {
    /// The band keys of the representatives of the exact stage, without most of those that only one
    /// of them has; and how many keys there were.
    pub(crate) fn band_records(
        &self,
        corpus: &Corpus<'_>,
        exact: &ExactStage,
        keys: Option<&HeldKeys>,
        budget: &MemoryBudget,
    ) -> Result<(Sorted<u128>, u64)> {
        let representatives = Representatives {
            corpus,
            exact,
            bands: self.options.banding.bands,
            scope: self.options.scope,
        };
        let mut records = Sorter::new(self.work, "bands", self.options.memory / 16);
        let units = self.units.len();
        let in_memory: Option<Vec<&[u64]>> =
            keys.map(|keys| (0..units).map(|unit| keys.of_unit(unit)).collect());
        let count = representatives.count() * self.options.banding.bands;
        if let Some(keys) = in_memory
            && let Some(_held) = budget.try_reserve(KeyMarks::memory(count))
        {
            let parts = rayon::current_num_threads().max(count / KEYS_A_PART);
            let found: Vec<Vec<u128>> = (0..parts)
                .into_par_iter()
                .map(|part| representatives.shared_records(&keys, part, parts, count))
                .collect();
            found.into_iter().flatten().try_for_each(|record| records.push(record))?;
        } else {
            for number in 0..units {
                self.job.cancel.check()?;
                let read_again;
                let keys = if let Some(held) = keys {
                    held.of_unit(number)
                } else {
                    read_again = self.keys_of(number)?;
                    &read_again
                };
                for (scope, document, keys) in representatives.of_unit(number, keys) {
                    for &key in keys {
                        records.push(band_record(key, scope, document))?;
                    }
                }
            }
        }
        self.job.cancel.check()?;
        Ok((records.finish(), count as u64))
    }

    /// The band keys of unit number `unit`, from where its scan was left.
    pub(crate) fn keys_of(&self, unit: usize) -> Result<Vec<u64>> {
        if let Some(earlier) = unit.checked_sub(self.new_units()) {
            return self.earlier.load_keys(earlier);
        }
        let file = &self.files[self.units[unit].file];
        load_keys(self.work, unit, &fingerprint(self.options, file, &self.units[unit]))
    }

    /// Compare what shares one of `count` band keys in small buckets; the members of dense ones come
    /// back, as (number of the bucket, document).
    pub(crate) fn compare(
        &self,
        (records, count): &(Sorted<u128>, u64),
        verifier: &Verifier<'_>,
        earlier: &dyn Fn(u32) -> bool,
        traffic: &mut Traffic,
    ) -> Result<(Compared, Buckets, Sorted<u64>)> {
        let memory = self.options.memory / 16;
        let groups = Groups { records, earlier, cancel: self.job.cancel };
        let mut pairs = Sorter::new(self.work, "pairs", memory);
        let mut members = Sorter::new(self.work, "dense", memory);
        let found = groups.push_to(&mut pairs, &mut members)?;
        let (pairs, members) = (pairs.finish(), members.finish());
        let compared = verifier.run(&pairs, None)?;
        traffic.runs_spilled =
            records.runs_spilled() + pairs.runs_spilled() + members.runs_spilled();
        Ok((compared, Buckets { band_records: *count, ..found }, members))
    }
}

/// The documents whose band keys are looked at.
struct Representatives<'a> {
    corpus: &'a Corpus<'a>,
    exact: &'a ExactStage,
    bands: usize,
    scope: Scope,
}

impl Representatives<'_> {
    fn contains(&self, document: u32) -> bool {
        let i = document as usize;
        self.corpus.table.shingles[i] != 0 && self.exact.representative[i] == document
    }

    fn count(&self) -> usize {
        (0..self.corpus.table.len() as u32).filter(|&document| self.contains(document)).count()
    }

    /// Scope, number and band keys of each of a unit's representatives.
    fn of_unit<'k>(
        &self,
        unit: usize,
        keys: &'k [u64],
    ) -> impl Iterator<Item = (u16, u32, &'k [u64])> {
        let documents = self.corpus.first_of_unit[unit]..self.corpus.first_of_unit[unit + 1];
        let shingles = &self.corpus.table.shingles;
        let compared = documents.filter(|&document| shingles[document as usize] != 0);
        let all = compared.zip(keys.chunks_exact(self.bands));
        all.filter(|&(document, _)| self.contains(document)).map(|(document, keys)| {
            (scope_of(&self.corpus.table, self.scope, document as usize), document, keys)
        })
    }

    /// The records of the keys that several documents share, and some others. Of all keys, `count`
    /// of them, this looks at one of `parts` parts.
    fn shared_records(
        &self,
        keys: &[&[u64]],
        part: usize,
        parts: usize,
        count: usize,
    ) -> Vec<u128> {
        let mut marks = KeyMarks::new(count / parts);
        let is_mine = |key: u64| (u64::from(key as u32) * parts as u64) >> 32 == part as u64;
        for (unit, keys) in keys.iter().enumerate() {
            for (scope, _, keys) in self.of_unit(unit, keys) {
                let scoped = keys.iter().map(|&key| scoped(key, scope));
                scoped.filter(|&key| is_mine(key)).for_each(|key| marks.note(key));
            }
        }
        let mut shared = Vec::new();
        for (unit, keys) in keys.iter().enumerate() {
            for (scope, document, keys) in self.of_unit(unit, keys) {
                for &key in keys {
                    let scoped = scoped(key, scope);
                    if is_mine(scoped) && marks.may_be_shared(scoped) {
                        shared.push(band_record(key, scope, document));
                    }
                }
            }
        }
        shared
    }
}
