//! From band keys to candidate pairs: documents that share the key of a band are compared.
//!
//! In a bucket of up to [`HOT`] documents every pair is a candidate. A hotter bucket is split by
//! the key of the next band; a part that is still hot is near identical and compared with a few of
//! its members only, so that a million pages of one template cost a million comparisons and not
//! their square. Which pairs are compared depends on the texts alone, not on threshold, keep policy
//! or file names: a ledger of them can answer for other settings.

use glmdata_base::{Cancel, Result};

use crate::sort::{Sorted, Sorter};

/// Largest bucket whose pairs are all compared.
pub(crate) const HOT: usize = 1024;

/// Members that the rest of a part that stays hot is compared with.
const CENTRES: usize = 8;

/// Counts for the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Buckets {
    pub(crate) band_records: u64,
    pub(crate) buckets: u64,
    pub(crate) largest: u64,
    pub(crate) hot: u64,
}

/// A document in a band: key, 32 bits of the next band's key, document.
pub(crate) fn band_record(keys: &[u64], band: usize, scope: u16, document: u32) -> u128 {
    let scoped = keys[band] ^ u64::from(scope).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let next = keys[(band + 1) % keys.len()] >> 32;
    u128::from(scoped) << 64 | u128::from(next) << 32 | u128::from(document)
}

/// Push the candidate pairs of all buckets, lower document first. `by_text` orders documents by
/// what they say.
pub(crate) fn candidate_pairs(
    records: &Sorted<u128>,
    by_text: &[u128],
    pairs: &mut Sorter<u64>,
    cancel: &Cancel,
) -> Result<Buckets> {
    let mut counts = Buckets::default();
    let mut merge = records.merge()?;
    let mut bucket: Vec<u128> = Vec::new();
    loop {
        let record = merge.next()?;
        let ends = |record: u128| bucket.first().is_some_and(|first| first >> 64 != record >> 64);
        if record.is_none_or(ends) {
            if bucket.len() > 1 {
                cancel.check()?;
                counts.buckets += 1;
                counts.largest = counts.largest.max(bucket.len() as u64);
                counts.hot += u64::from(bucket.len() > HOT);
                pairs_of_bucket(&bucket, by_text, pairs)?;
            }
            bucket.clear();
        }
        let Some(record) = record else { return Ok(counts) };
        bucket.push(record);
        counts.band_records += 1;
    }
}

fn pairs_of_bucket(bucket: &[u128], by_text: &[u128], pairs: &mut Sorter<u64>) -> Result<()> {
    if bucket.len() <= HOT {
        return all_pairs(bucket, bucket.len(), pairs);
    }
    for part in bucket.chunk_by(|a, b| a >> 32 == b >> 32) {
        if part.len() <= HOT {
            all_pairs(part, part.len(), pairs)?;
        } else {
            let mut part = part.to_vec();
            part.sort_unstable_by_key(|&record| by_text[record as u32 as usize]);
            all_pairs(&part, CENTRES, pairs)?;
        }
    }
    Ok(())
}

/// The pairs of each of the first `centres` records with all behind it.
fn all_pairs(bucket: &[u128], centres: usize, pairs: &mut Sorter<u64>) -> Result<()> {
    for (i, &a) in bucket.iter().take(centres).enumerate() {
        for &b in &bucket[i + 1..] {
            let (a, b) = (a as u32, b as u32);
            pairs.push(u64::from(a.min(b)) << 32 | u64::from(a.max(b)))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(documents: &[[u64; 2]]) -> (Vec<(u32, u32)>, Buckets) {
        let folder = tempfile::tempdir().unwrap();
        let mut records = Sorter::new(folder.path(), "bands", 1 << 20);
        for (document, keys) in documents.iter().enumerate() {
            for band in 0..2 {
                records.push(band_record(keys, band, 0, document as u32)).unwrap();
            }
        }
        let by_text: Vec<u128> = (0..documents.len() as u128).rev().collect();
        let mut pairs = Sorter::new(folder.path(), "pairs", 1 << 20);
        let counts =
            candidate_pairs(&records.finish(), &by_text, &mut pairs, &Cancel::new()).unwrap();
        let (sorted, mut found) = (pairs.finish(), Vec::new());
        let mut merge = sorted.merge().unwrap();
        while let Some(pair) = merge.next().unwrap() {
            found.push(((pair >> 32) as u32, pair as u32));
        }
        (found, counts)
    }

    #[test]
    fn a_shared_band_makes_a_pair() {
        let (pairs, counts) = run(&[[1, 2], [1, 3], [4, 3], [5, 6]]);
        assert_eq!(pairs, [(0, 1), (1, 2)]);
        assert_eq!((counts.buckets, counts.band_records, counts.hot), (2, 8, 0));
    }

    #[test]
    fn hot_buckets_are_split_and_then_compared_with_centres() {
        let n = 3 * HOT;
        // All share band 0; band 1 puts a third of them apart, one by one.
        let documents: Vec<[u64; 2]> =
            (0..n as u64).map(|i| [7, if i % 3 == 0 { i << 32 } else { u64::MAX }]).collect();
        let (pairs, counts) = run(&documents);
        assert_eq!(counts.hot, 2);
        let rest = n / 3 * 2;
        assert_eq!(pairs.len(), CENTRES * rest - CENTRES * (CENTRES + 1) / 2);
        // The centres are the first by text, which runs backwards here.
        assert!(pairs.iter().all(|&(_, b)| b as usize >= n - 2 * CENTRES));
    }
}
