//! From band keys to measured pairs: sort, group, compare, and compare again where groups are dense.

use glmdata_base::{Reservation, Result};

use crate::candidates::{Buckets, Groups, band_record};
use crate::corpus::Corpus;
use crate::exact::{ExactStage, scope_of};
use crate::report::Traffic;
use crate::run::Scan;
use crate::scan::fingerprint;
use crate::sort::{Sorted, Sorter};
use crate::unit_file::load_keys;
use crate::verify::{Compared, Verifier};

impl Scan<'_> {
    /// The band keys of the representatives of the exact stage.
    pub(crate) fn band_records(
        &self,
        corpus: &Corpus<'_>,
        exact: &ExactStage,
        keys: Vec<Option<(Vec<u64>, Reservation)>>,
    ) -> Result<Sorted<u128>> {
        let bands = self.options.banding.bands;
        let mut records = Sorter::new(self.work, "bands", self.options.memory / 16);
        for (number, keys) in keys.into_iter().enumerate() {
            self.job.cancel.check()?;
            let keys = if let Some((keys, _)) = keys { keys } else { self.keys_of(number)? };
            let first = corpus.first_of_unit[number];
            for (at, keys) in keys.chunks_exact(bands).enumerate() {
                let document = first + at as u32;
                let i = document as usize;
                if corpus.table.shingles[i] == 0 || exact.representative[i] != document {
                    continue;
                }
                let scope = scope_of(&corpus.table, self.options.scope, i);
                for band in 0..bands {
                    records.push(band_record(keys, band, scope, document))?;
                }
            }
        }
        Ok(records.finish())
    }

    /// The band keys of unit number `unit`, from where its scan was left.
    pub(crate) fn keys_of(&self, unit: usize) -> Result<Vec<u64>> {
        if let Some(earlier) = unit.checked_sub(self.new_units()) {
            return Ok(self.earlier.scan(earlier)?.keys);
        }
        let file = &self.files[self.units[unit].file];
        load_keys(self.work, unit, &fingerprint(self.options, file, &self.units[unit]))
    }

    /// Compare what shares a band, dense groups in two passes.
    pub(crate) fn compare(
        &self,
        records: &Sorted<u128>,
        verifier: &Verifier<'_>,
        earlier: &dyn Fn(u32) -> bool,
        traffic: &mut Traffic,
    ) -> Result<(Compared, Buckets)> {
        let memory = self.options.memory / 16;
        let by_text = &verifier.table.raw;
        let groups = Groups { records, by_text, earlier, cancel: self.job.cancel };
        let mut pairs = Sorter::new(self.work, "pairs", memory);
        let buckets = groups.first_pass(&mut pairs)?;
        let first = pairs.finish();
        let mut compared = verifier.run(&first)?;
        traffic.runs_spilled = records.runs_spilled() + first.runs_spilled();
        if buckets.dense > 0 {
            let mut pairs = Sorter::new(self.work, "pairs-of-dense", memory);
            groups.second_pass(&compared.near, &mut pairs)?;
            let second = pairs.finish().without(&first, self.work, memory)?;
            let more = verifier.run(&second)?;
            traffic.runs_spilled += second.runs_spilled();
            compared.pairs.extend(more.pairs);
            compared.counts.add(&more.counts);
        }
        Ok((compared, buckets))
    }
}
