//! From band keys to candidate pairs: documents that share the key of a band are compared.
//!
//! In a bucket of up to [`DENSE`] documents every pair is a candidate. Of a denser one the members are
//! noted, and `family.rs` compares those that decisions leave standing: a thousand pages that
//! differ in a date cost thousands of comparisons and not half a million, and no pair of a bucket is
//! left out.
//!
//! Which pairs and members come out depends on the texts alone, not on threshold, keep policy or file
//! names: a ledger of them can answer for other settings.

use std::collections::HashSet;

use glmdata_base::{Cancel, Error, Result, hash128};

use crate::sort::{Sorted, Sorter};

/// Largest bucket whose pairs are all compared at once.
const DENSE: usize = 32;

/// Counts for the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Buckets {
    /// Band keys of all documents, also of those that share none; counted where they are made.
    pub(crate) band_records: u64,
    pub(crate) buckets: u64,
    pub(crate) largest: u64,
    pub(crate) dense: u64,
}

/// The key of a band within a scope.
pub(crate) fn scoped(key: u64, scope: u16) -> u64 {
    key ^ u64::from(scope).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// A document in a band: key, document.
pub(crate) fn band_record(key: u64, scope: u16, document: u32) -> u128 {
    u128::from(scoped(key, scope)) << 32 | u128::from(document)
}

/// Two documents as a candidate, the lower first.
pub(crate) fn pack(a: u32, b: u32) -> u64 {
    u64::from(a.min(b)) << 32 | u64::from(a.max(b))
}

/// Buckets of band records.
pub(crate) struct Groups<'a> {
    pub(crate) records: &'a Sorted<u128>,
    /// Tells documents that earlier crawls kept: two of them are never compared.
    pub(crate) earlier: &'a dyn Fn(u32) -> bool,
    pub(crate) cancel: &'a Cancel,
}

impl Groups<'_> {
    /// Push all pairs of small buckets, and (number of the bucket, document) of dense ones. Dense
    /// buckets of the same members are one.
    pub(crate) fn push_to(
        &self,
        pairs: &mut Sorter<u64>,
        members: &mut Sorter<u64>,
    ) -> Result<Buckets> {
        let mut counts = Buckets::default();
        let mut seen: HashSet<u128> = HashSet::new();
        let mut merge = self.records.merge()?;
        let mut bucket: Vec<u32> = Vec::new();
        let mut key = None;
        loop {
            let record = merge.next()?;
            let ends = record.is_none_or(|record| key != Some(record >> 32));
            if ends && bucket.len() > 1 {
                self.cancel.check()?;
                counts.buckets += 1;
                counts.largest = counts.largest.max(bucket.len() as u64);
                if bucket.len() <= DENSE {
                    self.push_pairs(&bucket, pairs)?;
                } else {
                    counts.dense += 1;
                    if seen.insert(fingerprint(&bucket)) {
                        let number = u32::try_from(seen.len()).map_err(Error::internal)?;
                        for &document in &bucket {
                            members.push(u64::from(number) << 32 | u64::from(document))?;
                        }
                    }
                }
            }
            let Some(record) = record else { return Ok(counts) };
            if ends {
                bucket.clear();
                key = Some(record >> 32);
            }
            bucket.push(record as u32);
        }
    }

    fn push_pairs(&self, bucket: &[u32], pairs: &mut Sorter<u64>) -> Result<()> {
        for (i, &a) in bucket.iter().enumerate() {
            for &b in &bucket[i + 1..] {
                if !((self.earlier)(a) && (self.earlier)(b)) {
                    pairs.push(pack(a, b))?;
                }
            }
        }
        Ok(())
    }
}

fn fingerprint(bucket: &[u32]) -> u128 {
    hash128(&bucket.iter().flat_map(|document| document.to_le_bytes()).collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs, members of dense buckets, and counts.
    fn run(documents: &[[u64; 2]]) -> (Vec<u64>, Vec<u64>, Buckets) {
        let folder = tempfile::tempdir().unwrap();
        let mut records = Sorter::new(folder.path(), "bands", 1 << 20);
        for (document, keys) in documents.iter().enumerate() {
            for &key in keys {
                records.push(band_record(key, 0, document as u32)).unwrap();
            }
        }
        let records = records.finish();
        let groups = Groups { records: &records, earlier: &|_| false, cancel: &Cancel::new() };
        let mut pairs = Sorter::new(folder.path(), "pairs", 1 << 20);
        let mut members = Sorter::new(folder.path(), "members", 1 << 20);
        let counts = groups.push_to(&mut pairs, &mut members).unwrap();
        let all = |sorter: Sorter<u64>| {
            let (sorted, mut all) = (sorter.finish(), Vec::new());
            let mut merge = sorted.merge().unwrap();
            while let Some(record) = merge.next().unwrap() {
                all.push(record);
            }
            all
        };
        (all(pairs), all(members), counts)
    }

    #[test]
    fn a_shared_band_makes_a_pair() {
        let (pairs, members, counts) = run(&[[1, 2], [1, 3], [4, 3], [5, 6]]);
        assert_eq!((pairs, members), (vec![pack(0, 1), pack(1, 2)], vec![]));
        assert_eq!((counts.buckets, counts.largest, counts.dense), (2, 2, 0));
    }

    #[test]
    fn a_dense_bucket_gives_its_members_once() {
        let n = DENSE as u64 + 1;
        // One bucket of all, twice, and one of all but the first.
        let documents: Vec<[u64; 2]> = (0..n).map(|_| [7, 8]).collect();
        let (pairs, members, counts) = run(&documents);
        assert_eq!((pairs.len(), counts.buckets, counts.dense), (0, 2, 2));
        assert_eq!(members, (0..n).map(|i| 1 << 32 | i).collect::<Vec<u64>>());
        let documents: Vec<[u64; 2]> = (0..=n).map(|i| [7, if i == 0 { 9 } else { 8 }]).collect();
        let (_, members, counts) = run(&documents);
        assert_eq!((members.len() as u64, counts.dense), (2 * n + 1, 2));
    }

    #[test]
    fn a_bucket_at_the_limit_is_compared_at_once() {
        let documents: Vec<[u64; 2]> = (0..DENSE as u64).map(|i| [7, 100 + i]).collect();
        let (pairs, members, _) = run(&documents);
        assert_eq!((pairs.len(), members.len()), (DENSE * (DENSE - 1) / 2, 0));
    }
}
