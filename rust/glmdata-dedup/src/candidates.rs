//! From band keys to candidate pairs: documents that share the key of a band are compared.
//!
//! A bucket of more than [`HOT`] documents is split by the key of the next band. In a group of up to
//! [`DENSE`] documents every pair is a candidate. A denser one is compared in two passes: first all
//! with a few centres; then pair by pair, but for pairs that lie near the same centre (J >= [`NEAR`]
//! and the same text), of which nothing is left to find out: 1 - J is a metric, so their J is at least
//! 2 * [`NEAR`] - 1. A thousand pages that differ in a date therefore cost thousands of comparisons and
//! not half a million, and `follow.rs` compares those with what their centre was removed for.
//!
//! Which pairs are compared depends on the texts alone, not on threshold, keep policy or file names: a
//! ledger of them can answer for other settings.

use std::collections::HashSet;

use glmdata_base::{Cancel, Result};

use crate::sort::{Sorted, Sorter};

/// Largest bucket that is not split.
pub(crate) const HOT: usize = 256;

/// Largest group whose pairs are all compared at once.
const DENSE: usize = 32;

/// Members of a dense group that all others are compared with first.
const CENTRES: usize = 4;

/// Similarity to a centre from which on members of a dense group are no longer told apart.
pub(crate) const NEAR: f64 = 0.85;

/// Counts for the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Buckets {
    /// Band keys of all documents, also of those that share none; counted where they are made.
    pub(crate) band_records: u64,
    pub(crate) buckets: u64,
    pub(crate) largest: u64,
    pub(crate) hot: u64,
    pub(crate) dense: u64,
}

/// The key of a band within a scope.
pub(crate) fn scoped(key: u64, scope: u16) -> u64 {
    key ^ u64::from(scope).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// A document in a band: key, 32 bits of the next band's key, document.
pub(crate) fn band_record(keys: &[u64], band: usize, scope: u16, document: u32) -> u128 {
    let scoped = scoped(keys[band], scope);
    let next = keys[(band + 1) % keys.len()] >> 32;
    u128::from(scoped) << 64 | u128::from(next) << 32 | u128::from(document)
}

/// Two documents as a candidate, the lower first.
pub(crate) fn pack(a: u32, b: u32) -> u64 {
    u64::from(a.min(b)) << 32 | u64::from(a.max(b))
}

/// Buckets of band records, and how their documents are ordered.
pub(crate) struct Groups<'a> {
    pub(crate) records: &'a Sorted<u128>,
    /// Orders documents by what they say.
    pub(crate) by_text: &'a [u128],
    /// Tells documents that earlier crawls kept: two of them are never compared.
    pub(crate) earlier: &'a dyn Fn(u32) -> bool,
    pub(crate) cancel: &'a Cancel,
}

impl Groups<'_> {
    /// Push the pairs of the first pass: all of small groups, those with a centre of dense ones.
    pub(crate) fn first_pass(&self, pairs: &mut Sorter<u64>) -> Result<Buckets> {
        let mut counts = Buckets::default();
        self.each_bucket(&mut counts, &mut |group| {
            let centres = if group.len() <= DENSE { group.len() } else { CENTRES };
            for (i, &a) in group.iter().take(centres).enumerate() {
                for &b in &group[i + 1..] {
                    self.push(a, b, pairs)?;
                }
            }
            Ok(())
        })?;
        Ok(counts)
    }

    /// Push the pairs of dense groups that the first pass left open. `near` holds the pairs that
    /// it found to be nearly equal.
    pub(crate) fn second_pass(&self, near: &HashSet<u64>, pairs: &mut Sorter<u64>) -> Result<()> {
        self.each_bucket(&mut Buckets::default(), &mut |group| {
            if group.len() <= DENSE {
                return Ok(());
            }
            let (centres, rest) = group.split_at(CENTRES);
            let centre_of = |document: u32| {
                centres.iter().position(|&centre| near.contains(&pack(centre, document)))
            };
            let mut rest: Vec<(u32, Option<usize>)> =
                rest.iter().map(|&document| (document, centre_of(document))).collect();
            if group.len() > HOT {
                rest.retain(|(_, centre)| centre.is_none());
                rest.sort_by_key(|&(document, _)| (self.earlier)(document));
                // A million strangers that share two bands: every pair would be too many.
                rest.truncate(HOT);
            }
            for (i, &(a, of_a)) in rest.iter().enumerate() {
                for &(b, of_b) in &rest[i + 1..] {
                    if of_a.is_none() || of_a != of_b {
                        self.push(a, b, pairs)?;
                    }
                }
            }
            Ok(())
        })
    }

    fn push(&self, a: u32, b: u32, pairs: &mut Sorter<u64>) -> Result<()> {
        if (self.earlier)(a) && (self.earlier)(b) { Ok(()) } else { pairs.push(pack(a, b)) }
    }

    /// Visit the groups of all buckets of several documents; members in the order of their texts.
    fn each_bucket(
        &self,
        counts: &mut Buckets,
        visit: &mut dyn FnMut(&[u32]) -> Result<()>,
    ) -> Result<()> {
        let mut merge = self.records.merge()?;
        let mut bucket: Vec<u128> = Vec::new();
        loop {
            let record = merge.next()?;
            let ends =
                |record: u128| bucket.first().is_some_and(|first| first >> 64 != record >> 64);
            if record.is_none_or(ends) {
                if bucket.len() > 1 {
                    self.cancel.check()?;
                    counts.buckets += 1;
                    counts.largest = counts.largest.max(bucket.len() as u64);
                    self.split(&bucket, counts, visit)?;
                }
                bucket.clear();
            }
            let Some(record) = record else { return Ok(()) };
            bucket.push(record);
        }
    }

    fn split(
        &self,
        bucket: &[u128],
        counts: &mut Buckets,
        visit: &mut dyn FnMut(&[u32]) -> Result<()>,
    ) -> Result<()> {
        let hot = bucket.len() > HOT;
        counts.hot += u64::from(hot);
        for part in bucket.chunk_by(|a, b| !hot || a >> 32 == b >> 32) {
            let mut group: Vec<u32> = part.iter().map(|&record| record as u32).collect();
            if group.len() > DENSE {
                counts.dense += 1;
                group.sort_unstable_by_key(|&document| self.by_text[document as usize]);
            }
            visit(&group)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs of both passes, and counts; `near` decides what the first pass found.
    fn run(documents: &[[u64; 2]], near: &dyn Fn(u64) -> bool) -> (Vec<(u32, u32)>, Buckets) {
        let folder = tempfile::tempdir().unwrap();
        let mut records = Sorter::new(folder.path(), "bands", 1 << 20);
        for (document, keys) in documents.iter().enumerate() {
            for band in 0..2 {
                records.push(band_record(keys, band, 0, document as u32)).unwrap();
            }
        }
        let by_text: Vec<u128> = (0..documents.len() as u128).rev().collect();
        let records = records.finish();
        let groups = Groups {
            records: &records,
            by_text: &by_text,
            earlier: &|_| false,
            cancel: &Cancel::new(),
        };
        let mut first = Sorter::new(folder.path(), "first", 1 << 26);
        let counts = groups.first_pass(&mut first).unwrap();
        let mut both = Sorter::new(folder.path(), "both", 1 << 28);
        let mut found = HashSet::new();
        let (first, mut pairs) = (first.finish(), Vec::new());
        let mut merge = first.merge().unwrap();
        while let Some(pair) = merge.next().unwrap() {
            both.push(pair).unwrap();
            if near(pair) {
                found.insert(pair);
            }
        }
        groups.second_pass(&found, &mut both).unwrap();
        let both = both.finish();
        let mut merge = both.merge().unwrap();
        while let Some(pair) = merge.next().unwrap() {
            pairs.push(((pair >> 32) as u32, pair as u32));
        }
        (pairs, counts)
    }

    #[test]
    fn a_shared_band_makes_a_pair() {
        let (pairs, counts) = run(&[[1, 2], [1, 3], [4, 3], [5, 6]], &|_| false);
        assert_eq!(pairs, [(0, 1), (1, 2)]);
        assert_eq!((counts.buckets, counts.dense), (2, 0));
    }

    #[test]
    fn near_members_of_a_dense_group_meet_its_centres_only() {
        let n = 5 * DENSE;
        let documents: Vec<[u64; 2]> = (0..n as u64).map(|i| [7, i << 32]).collect();
        let all = n * (n - 1) / 2;
        let (pairs, counts) = run(&documents, &|_| false);
        assert_eq!((pairs.len(), counts.dense, counts.hot), (all, 1, 0));
        // Texts run backwards, so that the last are the centres.
        let (pairs, _) = run(&documents, &|_| true);
        assert_eq!(pairs.len(), CENTRES * n - CENTRES * (CENTRES + 1) / 2);
        assert!(pairs.iter().all(|&(_, b)| b as usize >= n - CENTRES));
        // The even ones lie near the first centre, which is odd; the others near none.
        let last = n as u64 - 1;
        let (pairs, _) =
            run(&documents, &|pair| pair & 0xFFFF_FFFF == last && (pair >> 32).is_multiple_of(2));
        let even = (n - CENTRES) / 2;
        assert_eq!(pairs.len(), all - even * (even - 1) / 2);
    }

    #[test]
    fn hot_buckets_are_split() {
        let n = 3 * HOT;
        // All share band 0; band 1 puts a third of them apart, one by one.
        let documents: Vec<[u64; 2]> =
            (0..n as u64).map(|i| [7, if i % 3 == 0 { i << 32 } else { u64::MAX }]).collect();
        let (pairs, counts) = run(&documents, &|_| true);
        assert_eq!(counts.hot, 2);
        let rest = n / 3 * 2;
        assert_eq!(pairs.len(), CENTRES * rest - CENTRES * (CENTRES + 1) / 2);
    }
}
